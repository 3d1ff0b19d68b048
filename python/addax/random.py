"""As `tensorflow.random`."""

from ._addax import set_random_seed as _set
from .keras import random as _random


def set_seed(seed):
    """Sets the seed of the process."""
    _set(int(seed))


def normal(shape, mean=0.0, stddev=1.0, dtype="float32", seed=None, name=None):
    """Normally distributed numbers."""
    return _random.normal(shape, mean, stddev, dtype, seed)


def uniform(shape, minval=0.0, maxval=1.0, dtype="float32", seed=None, name=None):
    """Evenly distributed numbers."""
    return _random.uniform(shape, minval, maxval if maxval is not None else 1.0, dtype, seed)


def truncated_normal(shape, mean=0.0, stddev=1.0, dtype="float32", seed=None, name=None):
    """Normally distributed numbers within two deviations."""
    return _random.truncated_normal(shape, mean, stddev, dtype, seed)


def shuffle(value, seed=None, name=None):
    """The rows in another order."""
    return _random.shuffle(value, seed=seed)
