"""`keras.initializers`: first values of weights."""

from .. import _names, _objects
from .._objects import Initializer

__all__ = ["Initializer", "get", "serialize", "deserialize"]


def get(identifier):
    """An object by name, config or instance."""
    return _objects.get("initializers", identifier)


def serialize(initializer, **_):
    """An object in Keras's form."""
    return _objects.serialize(initializer)


def deserialize(config, custom_objects=None):
    """An object out of Keras's form."""
    return _names.deserialize("initializers", config, custom_objects)


def __getattr__(name):
    return _names.of_kind(__name__, "initializers", name)


def __dir__():
    return _names.listed("initializers", globals())
