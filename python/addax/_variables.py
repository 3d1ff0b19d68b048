"""Variables: those of layers and metrics, and those that stand alone."""

import numpy as np

from . import _addax, _objects
from ._tensors import dtype_name


def make_variable(name, shape, dtype, initializer, trainable=True, regularizer=None, constraint=None):
    """A variable whose first values an initializer makes."""
    if initializer is None:
        initializer = "glorot_uniform" if str(dtype).startswith(("float", "bfloat")) else "zeros"
    first = _objects.get("initializers", initializer)
    handle = lambda kind, x: None if x is None else _objects.encoded(kind, _objects.get(kind + "s", x))  # noqa: E731
    return _addax.Variable(
        name,
        [int(d) for d in shape],
        dtype_name(dtype) or "float32",
        _objects.encoded("initializer", first),
        bool(trainable),
        handle("regularizer", regularizer),
        handle("constraint", constraint),
    )


def variable(initial_value=None, trainable=True, name=None, dtype=None, shape=None, initializer=None, **_):
    """A variable that stands alone: `tf.Variable(value)`, or Keras's `Variable(initializer, shape, dtype)`."""
    first = initializer if initial_value is None else initial_value
    if callable(first) and shape is not None:
        return make_variable(name or "variable", shape, dtype or "float32", first, trainable)
    if isinstance(first, str):
        return make_variable(name or "variable", shape or (), dtype or "float32", first, trainable)
    value = _addax.tensor(first() if callable(first) else first, dtype_name(dtype))
    return _addax.Variable.of(name or "variable", value, bool(trainable))


class Rate(float):
    """A learning rate that can be read as a number, as a variable's value, and set by `assign`."""

    def __new__(cls, optimizer):
        made = float.__new__(cls, optimizer._rate())
        made._optimizer = optimizer
        return made

    def numpy(self):
        """The number."""
        return np.float32(self)

    def assign(self, value):
        """Sets it from the next step on."""
        self._optimizer.learning_rate = value

    @property
    def value(self):
        """The number."""
        return float(self)

    dtype = "float32"
    shape = ()

    def __array__(self, dtype=None, copy=None):
        return np.asarray(float(self), dtype or "float32")
