"""`keras.backend`, and tensors and variables."""

from .. import _addax
from .._eager import Variable
from .._tensors import KerasTensor, dtype_name, is_tensor
from .config import epsilon, floatx, image_data_format, set_epsilon, set_floatx, set_image_data_format

__all__ = [
    "KerasTensor", "Variable", "epsilon", "floatx", "image_data_format", "is_tensor", "set_epsilon", "set_floatx",
    "set_image_data_format",
]  # fmt: skip


def backend():
    """The name of the backend."""
    return "addax"


def clear_session(free_memory=True):
    """Begins counting names anew."""
    _addax.forget_names()


def is_keras_tensor(x):
    """Whether it is a tensor of a model."""
    return isinstance(x, KerasTensor)


def is_float_dtype(dtype):
    """Whether an element type is of floating-point numbers."""
    return str(dtype_name(dtype)).startswith(("float", "bfloat"))


def is_int_dtype(dtype):
    """Whether an element type is of whole numbers."""
    return str(dtype_name(dtype)).startswith(("int", "uint"))


def standardize_dtype(dtype):
    """The name of an element type."""
    return dtype_name(dtype) or floatx()


def result_type(*dtypes):
    """The element type that several have together."""
    from .._tensors import apply

    total = None
    for d in dtypes:
        one = apply("zeros", [1], dtype=dtype_name(d))
        total = one if total is None else apply("add", total, one)
    return total.dtype


def get_uid(prefix=""):
    """A number that grows with each call."""
    name = _addax.unique_name(prefix or "object")
    tail = name.rsplit("_", 1)[-1]
    return int(tail) + 1 if tail.isdigit() else 1


def get_value(variable):
    """The numbers of a variable."""
    return variable.numpy() if hasattr(variable, "numpy") else variable


def set_value(variable, value):
    """Sets a variable."""
    variable.assign(value)


class StatelessScope:
    """Keras's scope without state: nothing to enter here."""

    def __enter__(self):
        return self

    def __exit__(self, *_):
        return None
