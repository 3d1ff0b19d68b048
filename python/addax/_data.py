"""Data in all the forms that `fit` takes: arrays, lists, dictionaries, frames, generators, data sets."""

import inspect

import numpy as np

from ._tensors import Tensor, Variable


def as_array(x):
    """An array of one thing: NumPy's, a tensor, a frame, a list."""
    if x is None or isinstance(x, (np.ndarray, Tensor)):
        return x
    if isinstance(x, Variable) or hasattr(x, "numpy") and not hasattr(x, "to_numpy"):
        return x.numpy()
    if hasattr(x, "to_numpy"):
        array = x.to_numpy()
        return array.astype("float32") if array.dtype == object else array
    return np.asarray(x)


def is_frame(x):
    """Whether it is a frame or series of pandas (or its like)."""
    return hasattr(x, "to_numpy") and hasattr(x, "index")


def arrays(x, several):
    """Arrays in the structure that the core takes; `several` says whether a list is one array each."""
    if x is None:
        return None
    if isinstance(x, dict):
        return {k: as_array(v) for k, v in x.items()}
    if isinstance(x, (list, tuple)):
        parts = list(x)
        is_list = several or any(isinstance(p, (np.ndarray, Tensor)) or is_frame(p) for p in parts)
        if is_list and parts and all(np.ndim(p) > 0 for p in parts):
            return [as_array(p) for p in parts]
        return np.asarray(x)
    return as_array(x)


def rows_of(x):
    """How many rows there are."""
    while isinstance(x, (list, tuple, dict)):
        x = next(iter(x.values() if isinstance(x, dict) else x))
    return int(np.shape(x)[0]) if np.ndim(x) else 1


def is_stream(x):
    """Whether batches come one after another, and not all rows at once."""
    from .data import Dataset
    from .keras.utils import PyDataset

    if isinstance(x, (Dataset, PyDataset)) or inspect.isgenerator(x):
        return True
    if isinstance(x, (np.ndarray, Tensor, list, tuple, dict)) or is_frame(x) or x is None:
        return False
    return hasattr(x, "__next__") or (hasattr(x, "__iter__") and not hasattr(x, "__array__"))


def parts(batch):
    """`x`, `y` and weights of a batch as `fit` takes it."""
    if isinstance(batch, tuple):
        return (tuple(batch) + (None, None))[:3]
    if isinstance(batch, list) and len(batch) in (2, 3):
        return (tuple(batch) + (None, None))[:3]
    return batch, None, None


class Stream:
    """Batches of a data set, a PyDataset, a generator; epoch by epoch."""

    def __init__(self, source, steps=None, shuffle=False):
        from .keras.utils import PyDataset

        self.source, self.steps, self.shuffle = source, steps, shuffle
        self.indexed = isinstance(source, PyDataset)
        self.once = not self.indexed and (inspect.isgenerator(source) or hasattr(source, "__next__"))
        self.iterator = None
        if self.steps is None and hasattr(source, "__len__"):
            try:
                self.steps = len(source)
            except (TypeError, NotImplementedError):
                self.steps = None
        elif self.steps is None and self.indexed:
            self.steps = source.num_batches
        if self.steps is not None and self.steps <= 0:
            raise ValueError("fit: expected at least one batch, got none")

    def epoch(self):
        """The batches of one epoch."""
        if self.indexed:
            if hasattr(self.source, "on_epoch_begin"):
                self.source.on_epoch_begin()
            order = np.arange(self.steps if self.steps is not None else 10**12)
            if self.shuffle and self.steps is not None:
                np.random.shuffle(order)
            for i in order:
                yield self.source[int(i)]
            self.source.on_epoch_end()
            return
        if self.iterator is None or (self.steps is None and not self.once):
            self.iterator = iter(self.source)
        done = 0
        while self.steps is None or done < self.steps:
            try:
                batch = next(self.iterator)
            except StopIteration:
                if self.once or done == 0 and self.steps is None:
                    return
                if self.steps is None:
                    self.iterator = None
                    return
                self.iterator = iter(self.source)
                try:
                    batch = next(self.iterator)
                except StopIteration:
                    return
            done += 1
            yield batch


def batches(x, y, w, size, shuffle, rng):
    """The batches of arrays, for steps that are written in Python."""
    rows = rows_of(x)
    order = rng.permutation(rows) if shuffle else np.arange(rows)
    take = lambda a, at: None if a is None else pick(a, at)  # noqa: E731
    for start in range(0, rows, size):
        at = order[start : start + size]
        batch = (take(x, at), take(y, at), take(w, at))
        yield batch if w is not None else batch[:2] if y is not None else batch[:1]


def pick(a, at):
    """Some rows of arrays in any structure."""
    if isinstance(a, dict):
        return {k: pick(v, at) for k, v in a.items()}
    if isinstance(a, (list, tuple)):
        return type(a)(pick(v, at) for v in a)
    return np.asarray(a)[at]


def split(x, y, w, share):
    """The last rows for validation."""
    rows = rows_of(x)
    kept = int(rows * (1.0 - share))
    if not 0.0 < share < 1.0 or kept == 0 or kept == rows:
        raise ValueError(f"validation_split: expected a share that leaves rows on both sides, got {share} of {rows} rows")
    first, last = np.arange(kept), np.arange(kept, rows)
    own = tuple(None if a is None else pick(a, first) for a in (x, y, w))
    return own, tuple(None if a is None else pick(a, last) for a in (x, y, w))


def unpack_x_y_sample_weight(data):
    """`x`, `y` and weights of what `train_step` is given."""
    return parts(tuple(data) if isinstance(data, (list, tuple)) else (data,))


def pack_x_y_sample_weight(x, y=None, sample_weight=None):
    """One batch as `fit` takes it."""
    if y is None:
        return x if not isinstance(x, (tuple, list)) else (x,)
    return (x, y) if sample_weight is None else (x, y, sample_weight)
