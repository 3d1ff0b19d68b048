"""`keras.metrics`: what is told of a model's quality."""

from .. import _names, _objects
from .._objects import Metric

__all__ = ["Metric", "get", "serialize", "deserialize"]


def get(identifier):
    """An object by name, config or instance."""
    return _objects.get("metrics", identifier)


def serialize(metric, **_):
    """An object in Keras's form."""
    return _objects.serialize(metric)


def deserialize(config, custom_objects=None):
    """An object out of Keras's form."""
    return _names.deserialize("metrics", config, custom_objects)


def __getattr__(name):
    return _names.of_kind(__name__, "metrics", name, functions=True)


def __dir__():
    return _names.listed("metrics", globals(), functions=True)
