"""`keras.datasets`: the data sets of lessons, read from the folder in which Keras keeps them.

Nothing is downloaded: a file that is not there is asked for by its name and place.
"""

import importlib

_NAMES = ("boston_housing", "california_housing", "fashion_mnist", "mnist")


def __getattr__(name):
    if name in _NAMES:
        return importlib.import_module(f"{__name__}.{name}")
    if name.startswith("__"):
        raise AttributeError(name)
    from ..._tables import missing

    raise missing(__name__, name, _NAMES)
