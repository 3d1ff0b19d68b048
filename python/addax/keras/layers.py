"""`keras.layers`."""

from .. import _addax, _tables
from .._layers import Layer, Operation, layer_class
from .._tensors import dtype_name

__all__ = ["Input", "InputSpec", "Layer", "Operation", "serialize", "deserialize"]


def Input(shape=None, batch_size=None, dtype=None, sparse=None, ragged=None, batch_shape=None, name=None, tensor=None, optional=False):
    """The symbolic input of a model: the shape of one sample."""
    if shape is None and batch_shape is None:
        raise ValueError("You must pass a `shape` argument.")
    if shape is not None and batch_shape is not None:
        raise ValueError("You cannot pass both `shape` and `batch_shape` at the same time.")
    if batch_shape is None:
        shape = (shape,) if isinstance(shape, int) else shape
        batch_shape = (batch_size, *shape)
    for d in batch_shape:
        if d is not None and (isinstance(d, bool) or not hasattr(d, "__index__") or d < 0):
            raise ValueError(f"Cannot convert '{batch_shape}' to a shape. Every axis is a whole number or None, got {d!r}.")
    dims = [None if d is None else int(d) for d in batch_shape]
    return _addax.input(dims, dtype_name(dtype) or "float32", name)


class InputSpec:
    """What a layer says of its inputs."""

    def __init__(self, dtype=None, shape=None, ndim=None, max_ndim=None, min_ndim=None, axes=None, allow_last_axis_squeeze=False, name=None, optional=False):
        self.dtype, self.shape, self.ndim = dtype, shape, len(shape) if shape is not None else ndim
        self.max_ndim, self.min_ndim, self.axes, self.name = max_ndim, min_ndim, axes or {}, name


def serialize(layer):
    """A layer in Keras's form."""
    return layer._handle.to_json()


def deserialize(config, custom_objects=None):
    """A layer out of Keras's form."""
    from .saving import deserialize_keras_object

    return deserialize_keras_object(config, custom_objects)


#: Layers of Keras as functions: `add([a, b])`.
_FUNCTIONS = {
    "add": "Add", "subtract": "Subtract", "multiply": "Multiply", "average": "Average", "maximum": "Maximum",
    "minimum": "Minimum", "concatenate": "Concatenate", "dot": "Dot",
}  # fmt: skip


def __getattr__(name):
    if name.startswith("__"):
        raise AttributeError(name)
    if name in _FUNCTIONS:
        return lambda inputs, **kwargs: layer_class(_FUNCTIONS[name])(**kwargs)(inputs)
    if name in _tables.names("layers"):
        return layer_class(name)
    for known in _tables.names("layers"):
        if name in _tables.describe("layers", known)["identifiers"]:
            return layer_class(known)
    if name == "Lambda":
        from .._layers import Lambda

        return Lambda
    raise _tables.missing(__name__, name, _tables.names("layers"))


def __dir__():
    return sorted({n for n in [*globals(), *_tables.names("layers"), *_FUNCTIONS] if not n.startswith("_")})


