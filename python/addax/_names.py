"""What the modules of `addax.keras` answer for a name: a class of the tables, a function, or that it is not there."""

from functools import lru_cache

from . import _addax, _objects, _registry, _tables

#: Other names of losses and metrics that Keras 3 has as functions.
FUNCTION_ALIASES = {"l1_l2": "L1L2", "MSE": "mse", "MAE": "mae", "MAPE": "mape", "MSLE": "msle", "KLD": "kld"}


#: Losses that are functions of `keras.metrics` too, and no metrics.
METRICS_OF_LOSSES = ("huber", "log_cosh", "binary_focal_crossentropy", "categorical_focal_crossentropy")


def of_kind(module, kind, name, functions=False):
    """A class of a kind, by its name or another one of it, or a function of it."""
    if name.startswith("__"):
        raise AttributeError(name)
    name = FUNCTION_ALIASES.get(name, name)
    if kind == "metrics" and name in METRICS_OF_LOSSES:
        return of_kind("addax.keras.losses", "losses", name, functions=True)
    if name in _tables.names(kind):
        return _objects.table_class(kind, name)
    for known in _tables.names(kind):
        identifiers = _tables.describe(kind, known)["identifiers"]
        if name in identifiers:
            return function(kind, known, name) if functions else _objects.table_class(kind, known)
    raise _tables.missing(module, name, _tables.names(kind))


def listed(kind, module, functions=False):
    """The names of a module."""
    names = {*module, *_tables.names(kind)}
    if functions:
        names |= set(_tables.functions(kind))
    return sorted(n for n in names if not n.startswith("_"))


@lru_cache(maxsize=None)
def function(kind, class_name, name):
    """A function of `keras.losses` or `keras.metrics`: the values of the class's formula."""
    cls = _objects.table_class(kind, class_name)

    def values(y_true, y_pred, **kwargs):
        if kind == "metrics":
            if class_name in _tables.names("losses"):
                return function("losses", class_name, name)(y_true, y_pred, **kwargs)
            metric = cls(**kwargs)
            return _addax.metric_values(metric._handle, y_true, y_pred)
        return _addax.loss_values(cls(**kwargs)._handle, y_true, y_pred)

    values.__name__ = values.__qualname__ = name
    values.__module__ = f"addax.keras.{kind}"
    values.__doc__ = f"{cls.__doc__.splitlines()[0]} One value per sample."
    values._config_value = {"module": "builtins", "class_name": "function", "config": name, "registered_name": "function"}
    return values


def deserialize(kind, config, custom_objects=None):
    """An object out of Keras's form."""
    with _registry.CustomObjectScope(custom_objects):
        return _objects.get(kind, config)
