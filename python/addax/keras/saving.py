"""`keras.saving`: own classes in files, and objects in Keras's form."""

from .. import _addax, _objects, _registry, _tables
from .._layers import Layer, layer_of
from .._registry import (
    CustomObjectScope,
    get_custom_objects,
    get_registered_name,
    get_registered_object,
    register_keras_serializable,
)
from .models import load_model, save_model

custom_object_scope = CustomObjectScope
__all__ = [
    "CustomObjectScope", "custom_object_scope", "deserialize_keras_object", "get_custom_objects", "get_registered_name",
    "get_registered_object", "load_model", "load_weights", "register_keras_serializable", "save_model", "save_weights",
    "serialize_keras_object",
]  # fmt: skip


def save_weights(model, filepath, overwrite=True, **_):
    """Writes the weights of a model."""
    model.save_weights(filepath, overwrite=overwrite)


def load_weights(model, filepath, skip_mismatch=False, **_):
    """Reads the weights of a model."""
    model.load_weights(filepath, skip_mismatch=skip_mismatch)


class KerasSaveable:
    """What files can hold."""


def serialize_keras_object(obj):
    """An object in Keras's form."""
    if obj is None or isinstance(obj, (str, int, float, bool)):
        return obj
    if isinstance(obj, (list, tuple)):
        return [serialize_keras_object(o) for o in obj]
    if isinstance(obj, dict):
        return {k: serialize_keras_object(v) for k, v in obj.items()}
    if isinstance(obj, Layer):
        return obj._handle.to_json()
    return _objects.serialize(obj)


def deserialize_keras_object(config, custom_objects=None, safe_mode=True, **_):
    """An object out of Keras's form."""
    with CustomObjectScope(custom_objects):
        return _made(config)


def _made(config):
    if isinstance(config, (list, tuple)):
        return [_made(c) for c in config]
    if not isinstance(config, dict) or "class_name" not in config:
        return config
    name, inner = config["class_name"], config.get("config") or {}
    if name == "__lambda__":
        raise ValueError("Python code in a file is never run")
    own = _registry.get_registered_object(config.get("registered_name") or name)
    if own is None and _registry.knows(name):
        own = _registry.find(name)
    if name == "function" or isinstance(inner, str):
        if own is not None or _registry.knows(inner):
            return own or _registry.find(inner)
        from . import activations, losses, metrics

        for module in (activations, losses, metrics):
            try:
                return getattr(module, inner)
            except AttributeError:
                continue
        raise ValueError(f"Could not find the function {inner!r}")
    if own is not None:
        return own.from_config(inner) if hasattr(own, "from_config") else own
    if name == "DTypePolicy":
        from .dtype_policies import DTypePolicy

        return DTypePolicy(**inner)
    module = str(config.get("module") or "")
    for kind in ("initializers", "regularizers", "constraints", "losses", "metrics", "optimizers", "schedules"):
        if name in _tables.names(kind) and (kind in module or not module.endswith("layers")):
            if kind in ("losses", "metrics") and kind not in module and module:
                continue
            return _objects.get(kind, config)
    return layer_of(_addax.Handle.read("layers", config))
