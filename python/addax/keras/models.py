"""`keras.models`."""

import os

from .. import _addax
from .._models import Functional, History, Model, Sequential, clone_model, model_of
from .._registry import CustomObjectScope

__all__ = ["Functional", "History", "Model", "Sequential", "clone_model", "load_model", "model_from_json", "save_model"]


def save_model(model, filepath, overwrite=True, zipped=None, **kwargs):
    """Writes a whole model."""
    model.save(filepath, overwrite=overwrite)


def load_model(filepath, custom_objects=None, compile=True, safe_mode=True):
    """Reads a whole model."""
    path = os.fspath(filepath)
    if not os.path.exists(path):
        raise ValueError(f"File not found: filepath={path}. Please ensure the file is an accessible `.keras` zip file.")
    with CustomObjectScope(custom_objects):
        made = model_of(_addax.load_model(path))
    if not compile:
        made.__dict__.update(_compiled=None, _optimizer=None, _compile_given=None)
    return made


def model_from_json(json_string, custom_objects=None):
    """A model out of JSON."""
    with CustomObjectScope(custom_objects):
        return model_of(_addax.read_model(json_string))
