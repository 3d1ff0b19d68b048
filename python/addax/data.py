"""As `tensorflow.data`: data sets as pipelines of Python iterators."""

import numpy as np

from . import _addax
from ._tensors import leaves, map_structure, pack

AUTOTUNE = -1


def _as_tensor(x):
    return _addax.tensor(x) if isinstance(x, (np.ndarray, np.generic, int, float, bool)) else x


def _array(x):
    return np.asarray(x.numpy() if hasattr(x, "numpy") else x)


def _arrays(x):
    """Arrays in a structure of tuples and dictionaries; a list is one array."""
    if isinstance(x, dict):
        return {k: _arrays(v) for k, v in x.items()}
    return tuple(_arrays(v) for v in x) if isinstance(x, tuple) else _array(x)


class Dataset:
    """Elements one after another, as often as it is iterated."""

    def __init__(self, make, length=None, batched=False):
        self._make, self._length, self._batched = make, length, batched

    def __iter__(self):
        return (map_structure(_as_tensor, e) for e in self._make())

    def __len__(self):
        if self._length is None or self._length < 0:
            raise TypeError("The dataset's length is not known." if self._length is None else "The dataset is infinite.")
        return self._length

    def cardinality(self):
        """How many elements: -1 for endlessly many, -2 if it is not known."""
        return _addax.tensor(np.int64(-2 if self._length is None else self._length))

    @staticmethod
    def from_tensor_slices(tensors):
        """One element per row."""
        arrays = _arrays(tensors)
        flat = leaves(arrays)
        if not flat or flat[0].ndim == 0:
            raise ValueError("from_tensor_slices: expected arrays with at least one axis")
        if len({len(x) for x in flat}) != 1:
            raise ValueError(f"from_tensor_slices: expected as many rows in each array, got {[len(x) for x in flat]}")
        structured = isinstance(arrays, (tuple, dict))

        def make():
            for i in range(len(flat[0])):
                row = [x[i] for x in flat]
                yield pack(arrays, row) if structured else row[0]

        return Dataset(make, len(flat[0]))

    @staticmethod
    def from_tensors(tensors):
        """One element."""
        return Dataset(lambda: iter([_arrays(tensors)]), 1)

    @staticmethod
    def from_generator(generator, output_types=None, output_shapes=None, args=None, output_signature=None, name=None):
        """The elements of a generator."""
        return Dataset(lambda: iter(generator(*(args or ()))))

    @staticmethod
    def range(*args, **_):
        """Whole numbers."""
        return Dataset(lambda: (np.int64(i) for i in range(*args)), len(range(*args)))

    @staticmethod
    def zip(*datasets):
        """Elements of several data sets side by side."""
        sets = datasets[0] if len(datasets) == 1 and isinstance(datasets[0], tuple) else datasets
        lengths = [d._length for d in sets if d._length is None or d._length >= 0]
        known = min(lengths) if lengths and None not in lengths else None
        return Dataset(lambda: zip(*(d._make() for d in sets)), known)

    def batch(self, batch_size, drop_remainder=False, num_parallel_calls=None, deterministic=None, name=None):
        """So many elements together."""
        if batch_size < 1:
            raise ValueError(f"batch: expected at least 1, got {batch_size}")

        def make():
            rows = []
            for element in self._make():
                rows.append(element)
                if len(rows) == batch_size:
                    yield stacked(rows)
                    rows = []
            if rows and not drop_remainder:
                yield stacked(rows)

        n = self._length
        if n is not None and n >= 0:
            n = n // batch_size if drop_remainder else -(-n // batch_size)
        return Dataset(make, n)

    def unbatch(self):
        """Single rows again."""

        def make():
            for element in self._make():
                parts = [_array(x) for x in leaves(element)] if isinstance(element, (tuple, dict)) else [_array(element)]
                for i in range(len(parts[0])):
                    row = [x[i] for x in parts]
                    yield pack(element, row) if isinstance(element, (tuple, dict)) else row[0]

        return Dataset(make)

    def shuffle(self, buffer_size, seed=None, reshuffle_each_iteration=True, name=None):
        """Elements in another order, drawn from a buffer."""
        first = _addax.fresh_seed() if seed is None else int(seed)
        state = {"pass": 0}

        def make():
            rng = np.random.default_rng([first, state["pass"] if reshuffle_each_iteration else 0])
            state["pass"] += 1
            buffer = []
            for element in self._make():
                buffer.append(element)
                if len(buffer) > buffer_size:
                    i = int(rng.integers(len(buffer)))
                    buffer[i], buffer[-1] = buffer[-1], buffer[i]
                    yield buffer.pop()
            rng.shuffle(buffer)
            yield from buffer

        return Dataset(make, self._length)

    def map(self, map_func, num_parallel_calls=None, deterministic=None, name=None):
        """A function of each element."""

        def make():
            for element in self:
                made = map_func(*element) if isinstance(element, tuple) else map_func(element)
                yield map_structure(lambda x: x, made)

        return Dataset(make, self._length)

    def filter(self, predicate, name=None):
        """The elements of which something holds."""

        def make():
            for element in self:
                if bool(predicate(*element) if isinstance(element, tuple) else predicate(element)):
                    yield element

        return Dataset(make)

    def take(self, count, name=None):
        """The first elements."""
        import itertools

        known = None if self._length is None else count if self._length < 0 else min(count, self._length)
        return Dataset(lambda: itertools.islice(self._make(), count), known)

    def skip(self, count, name=None):
        """All but the first elements."""
        import itertools

        known = self._length if self._length is None or self._length < 0 else max(0, self._length - count)
        return Dataset(lambda: itertools.islice(self._make(), count, None), known)

    def repeat(self, count=None, name=None):
        """The elements again and again."""

        def make():
            done = 0
            while count is None or count < 0 or done < count:
                any_ = False
                for element in self._make():
                    any_ = True
                    yield element
                if not any_:
                    return
                done += 1

        endless = count is None or count < 0
        known = -1 if endless else None if self._length is None or self._length < 0 else self._length * count
        return Dataset(make, known)

    def concatenate(self, other):
        """The elements of two data sets."""

        def make():
            yield from self._make()
            yield from other._make()

        both = self._length is not None and other._length is not None and self._length >= 0 and other._length >= 0
        return Dataset(make, self._length + other._length if both else None)

    def enumerate(self, start=0, name=None):
        """The elements with their numbers."""
        return Dataset(lambda: ((np.int64(i), e) for i, e in enumerate(self._make(), start)), self._length)

    def prefetch(self, buffer_size=None, name=None):
        """Itself: batches are gathered while they are needed."""
        return self

    def cache(self, filename="", name=None):
        """The elements kept in memory after the first pass."""
        kept = []

        def make():
            if kept:
                yield from kept[0]
                return
            whole = []
            for element in self._make():
                whole.append(element)
                yield element
            kept.append(whole)

        return Dataset(make, self._length)

    def as_numpy_iterator(self):
        """The elements as arrays."""
        return (map_structure(_array, e) for e in self._make())


def stacked(rows):
    """Elements as one batch."""
    first = rows[0]
    if isinstance(first, (tuple, dict)):
        columns = zip(*(leaves(r) for r in rows))
        return pack(first, [np.stack([_array(x) for x in c]) for c in columns])
    return np.stack([_array(r) for r in rows])
