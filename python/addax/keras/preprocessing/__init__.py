"""`keras.preprocessing`: texts, sequences and images as arrays."""

import importlib


def __getattr__(name):
    if name in ("sequence", "image"):
        return importlib.import_module(f"{__name__}.{name}")
    if name == "timeseries_dataset_from_array":
        from ..utils import timeseries_dataset_from_array

        return timeseries_dataset_from_array
    if name.startswith("__"):
        raise AttributeError(name)
    from ..._tables import missing

    raise missing(__name__, name, ("sequence", "image"))
