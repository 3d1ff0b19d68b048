"""`keras.losses`: what is minimized."""

from .. import _names, _objects
from .._objects import Loss

__all__ = ["Loss", "get", "serialize", "deserialize"]


def get(identifier):
    """An object by name, config or instance."""
    return _objects.get("losses", identifier)


def serialize(loss, **_):
    """An object in Keras's form."""
    return _objects.serialize(loss)


def deserialize(config, custom_objects=None):
    """An object out of Keras's form."""
    return _names.deserialize("losses", config, custom_objects)


def __getattr__(name):
    return _names.of_kind(__name__, "losses", name, functions=True)


def __dir__():
    return _names.listed("losses", globals(), functions=True)
