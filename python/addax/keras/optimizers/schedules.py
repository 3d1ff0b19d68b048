"""`keras.optimizers.schedules`: learning rates that depend on the step."""

from ... import _names, _objects
from ..._objects import LearningRateSchedule

__all__ = ["LearningRateSchedule"]


def serialize(schedule):
    """A schedule in Keras's form."""
    return _objects.serialize(schedule)


def deserialize(config, custom_objects=None):
    """A schedule out of Keras's form."""
    return _names.deserialize("schedules", config, custom_objects)


def __getattr__(name):
    return _names.of_kind(__name__, "schedules", name)


def __dir__():
    return _names.listed("schedules", globals())
