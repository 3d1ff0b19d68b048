"""`keras.activations`."""

from functools import lru_cache

from .. import _addax, _tables
from .._tensors import KerasTensor, apply

#: Activations whose functions take arguments are the ops of the same names.
_WITH_ARGUMENTS = (
    "relu", "leaky_relu", "elu", "celu", "gelu", "glu", "hard_shrink", "soft_shrink", "softmax", "log_softmax", "squareplus",
    "threshold", "sparsemax",
)  # fmt: skip


@lru_cache(maxsize=None)
def _function(name):
    def activation(x, *args, **kwargs):
        if isinstance(x, KerasTensor) or args or kwargs:
            return apply(name, x, *args, **kwargs)
        return _addax.activate(name, x)

    activation.__name__ = activation.__qualname__ = name
    activation.__module__ = __name__
    activation.__doc__ = f"The activation {name}."
    activation._config_value = name
    return activation


def get(identifier):
    """An activation by name, config or function."""
    if identifier is None:
        return _function("linear")
    if isinstance(identifier, dict):
        config = identifier.get("config")
        if isinstance(config, str):
            identifier = config
        else:
            from .saving import deserialize_keras_object

            return deserialize_keras_object(identifier)
    if isinstance(identifier, str):
        from .. import _registry

        if _registry.knows(identifier):
            return _registry.find(identifier)
        return __getattr__(identifier) if identifier in _names() else _unknown(identifier)
    if callable(identifier):
        return identifier
    raise ValueError(f"Could not interpret activation function identifier: {identifier!r}")


def _names():
    return {**_tables.functions("activations"), "swish": "", "hard_swish": ""}


def _unknown(name):
    raise ValueError(f"Could not interpret activation function identifier: {name}{_tables.near_names(name, list(_names()))}")


def serialize(activation):
    """The name of an activation."""
    return getattr(activation, "_config_value", None) or getattr(activation, "__name__", None)


def deserialize(config, custom_objects=None):
    """An activation by name or config."""
    return get(config)


def __getattr__(name):
    if name.startswith("__"):
        raise AttributeError(name)
    name = {"swish": "silu", "hard_swish": "hard_silu"}.get(name, name)
    if name == "threshold":
        from . import ops

        return ops.threshold
    if name in _names():
        return _function(name)
    raise _tables.missing(__name__, name, list(_names()))


def __dir__():
    return sorted({*_names(), "get", "serialize", "deserialize"})
