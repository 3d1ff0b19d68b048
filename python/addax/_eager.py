"""TensorFlow's own names: constants, variables, the gradient tape, `function` as it stands."""

import numpy as np

from . import _addax
from ._tensors import Tensor, Variable as _Variable, apply, convert_to_tensor, leaves, map_structure, pack
from ._variables import variable

__all__ = ["Tensor"]


class DType(str):
    """The name of an element type, as TensorFlow's `tf.float32`."""

    @property
    def name(self):
        """Its name."""
        return str(self)

    @property
    def as_numpy_dtype(self):
        """NumPy's type of that name."""
        return np.dtype(str(self)).type


def constant(value, dtype=None, shape=None, name=None):
    """A tensor of numbers."""
    made = convert_to_tensor(value, dtype)
    if shape is None:
        return made
    return apply("broadcast_to", made, list(shape)) if made.ndim == 0 else apply("reshape", made, list(shape))


def cast(x, dtype, name=None):
    """A tensor of another element type."""
    return apply("cast", x, str(getattr(dtype, "name", dtype)))


class _VariableType(type):
    def __instancecheck__(cls, instance):
        return isinstance(instance, _Variable)


class Variable(metaclass=_VariableType):
    """A variable: numbers that can be set."""

    def __new__(cls, initial_value=None, trainable=True, name=None, dtype=None, shape=None, initializer=None, **kwargs):
        return variable(initial_value, trainable, name, dtype, shape, initializer)


def function(func=None, **_):
    """The function as it stands: models are traced anyway."""
    if func is None:
        return lambda f: f
    return func


def stop_gradient(x):
    """The tensor, through which no gradient goes."""
    return _addax.stop_gradient(x)


def executing_eagerly():
    """Whether ops compute at once."""
    return not _addax.tracing()


class device:  # noqa: N801
    """A device to compute on: there is one."""

    def __init__(self, name):
        self.name = name

    def __enter__(self):
        return self

    def __exit__(self, *_):
        return None


class TensorSpec:
    """Shape and element type of a tensor."""

    def __init__(self, shape, dtype="float32", name=None):
        self.shape, self.dtype, self.name = tuple(shape), str(dtype), name


class GradientTape:
    """Records the ops on variables and watched tensors while it is entered."""

    def __init__(self, persistent=False, watch_accessed_variables=True):
        self.persistent, self._tape, self._used = persistent, None, False

    def __enter__(self):
        self._tape = _addax.Tape()
        return self

    def __exit__(self, *_):
        if self._tape is not None:
            self._tape.pause()

    def watch(self, tensor):
        """Follows tensors."""
        for one in leaves(tensor):
            self._tape.watch(one)

    def gradient(self, target, sources, output_gradients=None, unconnected_gradients=None):
        """The gradients of a target by the sources, in their structure; None where it does not depend on one."""
        if self._used and not self.persistent:
            raise RuntimeError("A non-persistent GradientTape can only be used to compute one set of gradients (or jacobians)")
        self._used = True
        targets = leaves(target)
        total = targets[0] if len(targets) == 1 else None
        if total is None:
            for one in targets:
                part = apply("sum", one)
                total = part if total is None else total + part
        if output_gradients is not None:
            total = apply("sum", apply("multiply", total, output_gradients))
        found = self._tape.gradient(total, leaves(sources))
        return pack(map_structure(lambda _: None, sources), found)

    def reset(self):
        """Forgets what was recorded."""
        self._tape = _addax.Tape()


#: TensorFlow's names of arguments, and Keras's.
_ARGUMENTS = {"axis": "axis", "input": "x", "tensor": "x", "values": "xs", "name": None, "keepdims": "keepdims"}


def op(name, keras_name):
    """A function of TensorFlow under its name in `keras.ops`."""

    def call(*args, **kwargs):
        from .keras import ops

        kwargs.pop("name", None)
        return getattr(ops, keras_name)(*args, **kwargs)

    call.__name__ = name
    return call
