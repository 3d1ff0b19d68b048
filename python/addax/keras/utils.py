"""`keras.utils`."""

import numpy as np

from .. import _addax
from .._data import pack_x_y_sample_weight, unpack_x_y_sample_weight
from .._registry import (
    CustomObjectScope,
    get_custom_objects,
    get_registered_name,
    get_registered_object,
    register_keras_serializable,
)
from .backend import clear_session, is_keras_tensor, standardize_dtype
from .config import disable_interactive_logging, enable_interactive_logging, is_interactive_logging_enabled

custom_object_scope = CustomObjectScope
__all__ = [
    "disable_interactive_logging", "enable_interactive_logging", "is_interactive_logging_enabled", "standardize_dtype",
    "timeseries_dataset_from_array", "Progbar", "get_file", "CustomObjectScope", "PyDataset", "Sequence", "clear_session", "custom_object_scope", "get_custom_objects",
    "get_registered_name", "get_registered_object", "is_keras_tensor", "normalize", "pack_x_y_sample_weight", "pad_sequences",
    "plot_model", "register_keras_serializable", "set_random_seed", "split_dataset", "to_categorical",
    "unpack_x_y_sample_weight",
]  # fmt: skip


def set_random_seed(seed):
    """Sets the seeds of Python, NumPy and the process."""
    import random

    if not isinstance(seed, (int, np.integer)):
        raise ValueError(f"Expected `seed` argument to be an integer. Received: seed={seed} (of type {type(seed)})")
    random.seed(seed)
    np.random.seed(seed)
    _addax.set_random_seed(int(seed))


def to_categorical(x, num_classes=None):
    """Class numbers as rows with one 1."""
    x = np.asarray(x, dtype="int64")
    shape = x.shape[:-1] if x.ndim > 1 and x.shape[-1] == 1 else x.shape
    flat = x.reshape(-1)
    count = int(num_classes or (flat.max() + 1))
    if flat.size and (flat.min() < 0 or flat.max() >= count):
        raise ValueError(f"to_categorical: expected classes from 0 to {count - 1}, got {flat.min()} to {flat.max()}")
    made = np.zeros((flat.size, count))
    made[np.arange(flat.size), flat] = 1
    return made.reshape((*shape, count))


def normalize(x, axis=-1, order=2):
    """Rows of norm 1."""
    x = np.asarray(x)
    norm = np.atleast_1d(np.linalg.norm(x, order, axis))
    norm[norm == 0] = 1
    return x / np.expand_dims(norm, axis)


def pad_sequences(sequences, maxlen=None, dtype="int32", padding="pre", truncating="pre", value=0.0):
    """Lists of numbers as rows of one length."""
    if not hasattr(sequences, "__len__"):
        raise ValueError("`sequences` must be iterable.")
    for name, given in (("padding", padding), ("truncating", truncating)):
        if given not in ("pre", "post"):
            raise ValueError(f'{name.capitalize()} type "{given}" not understood')
    lengths = [len(s) for s in sequences]
    maxlen = max(lengths, default=0) if maxlen is None else maxlen
    inner = next((np.asarray(s).shape[1:] for s in sequences if len(s)), ())
    made = np.full((len(lengths), maxlen, *inner), value, dtype=dtype)
    for i, s in enumerate(sequences):
        if not len(s):
            continue
        part = np.asarray(s[-maxlen:] if truncating == "pre" else s[:maxlen], dtype=dtype)
        if padding == "post":
            made[i, : len(part)] = part
        else:
            made[i, maxlen - len(part) :] = part
    return made


def split_dataset(dataset, left_size=None, right_size=None, shuffle=False, seed=None, **_):
    """Data in two parts."""
    from ..data import Dataset

    rows = list(dataset) if not isinstance(dataset, (np.ndarray, tuple)) else None
    if rows is None:
        dataset = Dataset.from_tensor_slices(dataset)
        rows = list(dataset)
    if shuffle:
        np.random.default_rng(seed).shuffle(rows)
    count = lambda s: None if s is None else int(round(s * len(rows))) if isinstance(s, float) else int(s)  # noqa: E731
    left = count(left_size) if left_size is not None else len(rows) - (count(right_size) or 0)
    right = count(right_size) if right_size is not None else len(rows) - left
    first, second = rows[:left], rows[left : left + right]
    return Dataset(lambda: iter(first), len(first)), Dataset(lambda: iter(second), len(second))


class PyDataset:
    """Batches by number: write `__getitem__` and `__len__` (or `num_batches`)."""

    def __init__(self, workers=1, use_multiprocessing=False, max_queue_size=10):
        self.workers, self.use_multiprocessing, self.max_queue_size = workers, use_multiprocessing, max_queue_size

    @property
    def num_batches(self):
        """How many batches; None for endlessly many."""
        return len(self) if hasattr(self, "__len__") else None

    def __getitem__(self, index):
        raise NotImplementedError(f"{type(self).__name__} must implement `__getitem__`.")

    def on_epoch_begin(self):
        """Before an epoch."""

    def on_epoch_end(self):
        """After an epoch."""


Sequence = PyDataset


def model_to_dot(model, **kwargs):
    """The drawing of a model as SVG: graphviz is not needed."""
    from .. import _pictures

    return _pictures.model_svg(model, **kwargs)


def plot_model(
    model, to_file="model.png", show_shapes=False, show_dtype=False, show_layer_names=False, rankdir="TB", expand_nested=False,
    dpi=200, show_layer_activations=False, show_trainable=False, **kwargs,
):  # fmt: skip
    """Draws a model into a file: SVG or PNG."""
    from .. import _pictures

    return _pictures.plot_model(model, to_file, show_shapes, show_dtype, show_layer_names)


def get_source_inputs(tensor):
    """The inputs that a tensor of a model comes from."""
    seen, todo, found = set(), [tensor], []
    while todo:
        one = todo.pop()
        if one._key in seen:
            continue
        seen.add(one._key)
        parents = one._parents()
        if parents:
            todo.extend(parents)
        else:
            found.append(one)
    return found


def timeseries_dataset_from_array(
    data, targets, sequence_length, sequence_stride=1, sampling_rate=1, batch_size=128, shuffle=False, seed=None,
    start_index=None, end_index=None,
):  # fmt: skip
    """Windows of a series with the targets at their beginnings."""
    from ..data import Dataset

    data = np.asarray(data)
    first, last = start_index or 0, len(data) if end_index is None else end_index
    span = (sequence_length - 1) * sampling_rate + 1
    if sequence_length < 1 or sampling_rate < 1 or sequence_stride < 1 or span > last - first:
        raise ValueError(f"timeseries_dataset_from_array: expected windows that fit into {last - first} rows, got {span}")
    end = last - span + 1 if targets is None else min(last - span + 1, first + len(targets))
    starts = np.arange(first, end, sequence_stride)
    if shuffle:
        np.random.default_rng(seed).shuffle(starts)
    window = np.arange(0, span, sampling_rate)

    def make():
        for s in starts:
            yield data[s + window] if targets is None else (data[s + window], np.asarray(targets)[s - first])

    made = Dataset(make, len(starts))
    return made if batch_size is None else made.batch(batch_size)


class Progbar:
    """The progress line for loops of one's own."""

    def __init__(self, target, width=20, verbose=1, interval=0.05, stateful_metrics=None, unit_name="step"):
        from .._loop import Progress

        self.target, self._sums, self._counts = target, {}, {}
        self.stateful_metrics = set(stateful_metrics or [])
        self._line = Progress(verbose, None)
        self._line.begin(0)
        self._seen = 0

    def update(self, current, values=None, finalize=None):
        """Draws the line after so many steps."""
        grown = max(1, current - self._seen)
        for name, value in values or []:
            weight = 1 if name in self.stateful_metrics else grown
            if name in self.stateful_metrics:
                self._sums[name], self._counts[name] = float(value), 1
            else:
                self._sums[name] = self._sums.get(name, 0.0) + float(value) * weight
                self._counts[name] = self._counts.get(name, 0) + weight
        self._seen = current
        logs = {k: s / self._counts[k] for k, s in self._sums.items()}
        done = finalize if finalize is not None else self.target is not None and current >= self.target
        if done:
            self._line.end(current, logs)
        elif self._line.due():
            self._line.draw(current, self.target, logs)

    def add(self, n, values=None):
        """So many steps more."""
        self.update(self._seen + n, values)


def get_file(fname=None, origin=None, **_):
    """The path of a file that is there already: nothing is downloaded."""
    from .datasets._files import place

    return place(fname or str(origin).rsplit("/", 1)[-1])


def __getattr__(name):
    if name in ("serialize_keras_object", "deserialize_keras_object"):
        from . import saving

        return getattr(saving, name)
    if name in ("img_to_array",):
        from .preprocessing import image

        return getattr(image, name)
    if name.startswith("__"):
        raise AttributeError(name)
    from .._tables import missing

    raise missing(__name__, name, __all__)
