"""`keras.regularizers`: penalties on weights and outputs."""

from .. import _names, _objects
from .._objects import Regularizer

__all__ = ["Regularizer", "get", "serialize", "deserialize"]


def get(identifier):
    """An object by name, config or instance."""
    return _objects.get("regularizers", identifier)


def serialize(regularizer, **_):
    """An object in Keras's form."""
    return _objects.serialize(regularizer)


def deserialize(config, custom_objects=None):
    """An object out of Keras's form."""
    return _names.deserialize("regularizers", config, custom_objects)


def __getattr__(name):
    return _names.of_kind(__name__, "regularizers", name)


def __dir__():
    return _names.listed("regularizers", globals())
