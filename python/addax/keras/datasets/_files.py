"""Where the files of data sets are, and how they are read: arrays only, no pickles but lists of numbers."""

import os

import numpy as np


def place(path):
    """The place of a file, given by its name or its path."""
    if os.path.isabs(path) or os.path.exists(path):
        found = path
    else:
        home = os.environ.get("KERAS_HOME", os.path.join(os.path.expanduser("~"), ".keras"))
        found = os.path.join(home, "datasets", path)
    if not os.path.exists(found):
        raise OSError(f"{found}: no such file. addax downloads nothing: put the file of Keras's data set there.")
    return found


def arrays(path, *names):
    """Arrays of a file by name."""
    with np.load(place(path), allow_pickle=False) as file:
        return [file[n] for n in names]


def housing(path, test_split, seed):
    """A table of rows and targets in two parts."""
    if not 0 <= test_split < 1:
        raise ValueError(f"test_split: expected a share from 0 to 1, got {test_split}")
    x, y = arrays(path, "x", "y")
    order = np.random.RandomState(seed).permutation(len(x))
    x, y = x[order], y[order]
    kept = int(len(x) * (1 - test_split))
    return (x[:kept], y[:kept]), (x[kept:], y[kept:])
