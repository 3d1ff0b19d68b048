"""`keras.optimizers`: what a step does to each weight."""

from ... import _names, _objects
from ..._objects import Optimizer

__all__ = ["Optimizer", "get", "serialize", "deserialize"]


def get(identifier):
    """An optimizer by name, config or instance."""
    made = _objects.get("optimizers", identifier)
    if made is None:
        raise ValueError(f"Could not interpret optimizer identifier: {identifier}")
    return made


def serialize(optimizer, **_):
    """An optimizer in Keras's form."""
    return _objects.serialize(optimizer)


def deserialize(config, custom_objects=None):
    """An optimizer out of Keras's form."""
    return _names.deserialize("optimizers", config, custom_objects)


def __getattr__(name):
    if name in ("schedules", "legacy"):
        import importlib

        return importlib.import_module(f"{__name__}.schedules") if name == "schedules" else __import__(__name__, fromlist=["x"])
    return _names.of_kind(__name__, "optimizers", name)


def __dir__():
    return _names.listed("optimizers", globals())
