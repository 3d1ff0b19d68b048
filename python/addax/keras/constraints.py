"""`keras.constraints`: what is done to weights after each update."""

from .. import _names, _objects
from .._objects import Constraint

__all__ = ["Constraint", "get", "serialize", "deserialize"]


def get(identifier):
    """An object by name, config or instance."""
    return _objects.get("constraints", identifier)


def serialize(constraint, **_):
    """An object in Keras's form."""
    return _objects.serialize(constraint)


def deserialize(config, custom_objects=None):
    """An object out of Keras's form."""
    return _names.deserialize("constraints", config, custom_objects)


def __getattr__(name):
    return _names.of_kind(__name__, "constraints", name)


def __dir__():
    return _names.listed("constraints", globals())
