"""`keras.random`."""

import numpy as np

from .. import _addax
from .._tensors import dtype_name


class SeedGenerator:
    """Seeds one after another."""

    def __init__(self, seed=None, name=None, **_):
        self._first = _addax.fresh_seed() if seed is None else int(seed)
        self._initial_seed, self._count = seed, 0

    def next(self, ordered=True):
        """The next seed."""
        self._count += 1
        return np.asarray([self._first & 0xFFFFFFFF, self._count], "uint32")

    def get_config(self):
        """Its arguments."""
        return {"seed": self._initial_seed}

    @classmethod
    def from_config(cls, config):
        """One with these arguments."""
        return cls(**config)


def _rng(seed):
    if isinstance(seed, SeedGenerator):
        return np.random.Generator(np.random.Philox(key=[int(seed._first), int(seed.next()[1])]))
    if seed is None:
        return np.random.Generator(np.random.Philox(key=_addax.fresh_seed()))
    return np.random.Generator(np.random.Philox(key=int(np.asarray(seed).ravel()[0])))


def _made(values, dtype):
    return _addax.tensor(np.asarray(values, "float32" if dtype is None else None), dtype_name(dtype))


def _shape(shape):
    return tuple(int(d) for d in shape)


def normal(shape, mean=0.0, stddev=1.0, dtype=None, seed=None):
    """Normally distributed numbers."""
    return _made(_rng(seed).normal(mean, stddev, _shape(shape)).astype("float32"), dtype)


def uniform(shape, minval=0.0, maxval=1.0, dtype=None, seed=None):
    """Evenly distributed numbers."""
    if dtype is not None and str(dtype_name(dtype)).startswith("int"):
        return randint(shape, minval, maxval, dtype, seed)
    return _made(_rng(seed).uniform(minval, maxval, _shape(shape)).astype("float32"), dtype)


def randint(shape, minval, maxval, dtype="int32", seed=None):
    """Evenly distributed whole numbers."""
    return _made(_rng(seed).integers(int(minval), int(maxval), _shape(shape)), dtype)


def truncated_normal(shape, mean=0.0, stddev=1.0, dtype=None, seed=None):
    """Normally distributed numbers within two deviations."""
    rng, count = _rng(seed), int(np.prod(_shape(shape)))
    values = rng.normal(size=count)
    while True:
        wrong = np.abs(values) > 2
        if not wrong.any():
            break
        values[wrong] = rng.normal(size=int(wrong.sum()))
    return _made((mean + stddev * values).reshape(_shape(shape)).astype("float32"), dtype)


def categorical(logits, num_samples, dtype="int32", seed=None):
    """Class numbers drawn by their logits."""
    logits = np.asarray(logits)
    noise = _rng(seed).gumbel(size=(num_samples,) + logits.shape)
    return _made(np.argmax(noise + logits, -1).T, dtype)


def shuffle(x, axis=0, seed=None):
    """The parts along an axis in another order."""
    array = np.asarray(x)
    return _addax.tensor(np.take(array, _rng(seed).permutation(array.shape[axis]), axis))


def dropout(inputs, rate, noise_shape=None, seed=None):
    """Sets a share of the numbers to zero, and scales the rest."""
    array = np.asarray(inputs)
    kept = _rng(seed).uniform(size=noise_shape or array.shape) >= rate
    return _addax.tensor((array * kept / (1.0 - rate)).astype(array.dtype))


def gamma(shape, alpha, dtype=None, seed=None):
    """Numbers of the gamma distribution."""
    return _made(_rng(seed).gamma(alpha, size=_shape(shape)).astype("float32"), dtype)


def beta(shape, alpha, beta, dtype=None, seed=None):
    """Numbers of the beta distribution."""
    return _made(_rng(seed).beta(alpha, beta, size=_shape(shape)).astype("float32"), dtype)


def binomial(shape, counts, probabilities, dtype=None, seed=None):
    """Numbers of the binomial distribution."""
    return _made(_rng(seed).binomial(np.asarray(counts).astype(int), probabilities, _shape(shape)).astype("float32"), dtype)
