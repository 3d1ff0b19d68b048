"""Keras 3's public names."""

import importlib as _importlib

from .._addax import __version__ as __addax_version__

#: The Keras that names and numbers are those of.
__version__ = "3.15.1"

_SUBMODULES = (
    "activations", "applications", "backend", "callbacks", "config", "constraints", "datasets", "dtype_policies",
    "initializers", "layers", "losses", "metrics", "mixed_precision", "models", "ops", "optimizers", "preprocessing",
    "random", "regularizers", "saving", "utils", "wrappers", "tree",
)  # fmt: skip
_HOMES = {
    "Model": "models",
    "Sequential": "models",
    "Input": "layers",
    "Layer": "layers",
    "Loss": "losses",
    "Metric": "metrics",
    "Optimizer": "optimizers",
    "Initializer": "initializers",
    "Regularizer": "regularizers",
    "DTypePolicy": "dtype_policies",
    "FloatDTypePolicy": "dtype_policies",
    "KerasTensor": "backend",
    "Variable": "backend",
    "StatelessScope": "backend",
    "InputSpec": "layers",
    "Function": "models",
    "Operation": "layers",
}


class name_scope:  # noqa: N801
    """A prefix of names: layers have names of their own here."""

    def __init__(self, name, **_):
        self.name = name

    def __enter__(self):
        return self

    def __exit__(self, *_):
        return None


def remat(function):
    """The function as it stands: what is kept for the gradients is the core's affair."""
    return function


def version():
    """The version of Keras that names and numbers are those of."""
    return __version__


def device(name):
    """A device to compute on: there is one."""
    from .._eager import device as made

    return made(name)


def __getattr__(name):
    if name in _SUBMODULES:
        try:
            return _importlib.import_module(f"{__name__}.{name}")
        except ModuleNotFoundError as e:
            if e.name != f"{__name__}.{name}":
                raise
    if name in _HOMES:
        return getattr(_importlib.import_module(f"{__name__}.{_HOMES[name]}"), name)
    from .._tables import missing

    raise missing(__name__, name, list(_HOMES) + list(_SUBMODULES))


def __dir__():
    return sorted([*globals(), *_SUBMODULES, *_HOMES])


def _known_dtype(name):
    """Refuses what is no element type."""
    from .._addax import tensor

    try:
        tensor(0, name)
    except (ValueError, TypeError) as e:
        raise ValueError(f"Cannot convert '{name}' to a dtype policy: {e}") from None
