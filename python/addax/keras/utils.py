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
from .backend import clear_session, is_keras_tensor

custom_object_scope = CustomObjectScope
__all__ = [
    "CustomObjectScope", "PyDataset", "Sequence", "clear_session", "custom_object_scope", "get_custom_objects",
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


def __getattr__(name):
    if name.startswith("__"):
        raise AttributeError(name)
    from .._tables import missing

    raise missing(__name__, name, __all__)
