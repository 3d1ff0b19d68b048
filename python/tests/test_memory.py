"""Models that are dropped are gone."""

import gc

import numpy as np
import pytest

from addax import keras
from addax.keras import layers, ops

X, Y = np.ones((8, 4), "float32"), np.ones((8, 1), "float32")


def resident():
    """Megabytes in memory."""
    with open("/proc/self/statm") as f:
        return int(f.read().split()[1]) * 4096 / 2**20


class Own(layers.Layer):
    """A layer of Python's."""

    def build(self, shape):
        self.w = self.add_weight((shape[-1], 1))

    def call(self, x):
        return ops.matmul(x, self.w)


class Net(keras.Model):
    """A model of Python's."""

    def __init__(self):
        super().__init__()
        self.inner = Own()

    def call(self, x):
        return self.inner(x)


@pytest.mark.parametrize("layer", [lambda: layers.Dense(1), Own, None])
def test_many_models_need_no_more_than_one(layer):
    def once():
        model = Net() if layer is None else keras.Sequential([keras.Input((4,)), layer()])
        model.compile("adam", "mse")
        model.fit(X, Y, verbose=0)
        model.predict(X, verbose=0)

    for _ in range(10):
        once()
    gc.collect()
    before = resident()
    for _ in range(60):
        once()
    gc.collect()
    assert resident() - before < 4
