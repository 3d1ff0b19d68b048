"""Ends of layers in models, and what the guides of Keras do with them."""

import numpy as np

from addax import keras
from addax.keras import layers, ops


def test_layers_know_their_ends_in_a_model():
    first = keras.Sequential([keras.Input((8,)), layers.Dense(3, name="a"), layers.Dense(2)])
    features = keras.Model(inputs=first.inputs, outputs=[layer.output for layer in first.layers])
    x = ops.ones((1, 8))
    a, b = features(x)
    assert np.allclose(b, first(x)) and a.shape == (1, 3)
    only = keras.Model(inputs=first.inputs, outputs=first.get_layer(name="a").output)
    assert np.allclose(only(x), a)
    assert first.layers[1].input.shape == (None, 3)


def test_a_frozen_model_inside_another_is_not_trained():
    inner = keras.Sequential([keras.Input((4,)), layers.Dense(3), layers.BatchNormalization()])
    inner.trainable = False
    inputs = keras.Input((4,))
    model = keras.Model(inputs, layers.Dense(1)(inner(inputs, training=False)))
    before = [w.copy() for w in inner.get_weights()]
    model.compile("adam", "mse")
    model.fit(np.ones((8, 4)), np.ones((8, 1)), verbose=0)
    assert len(model.trainable_weights) == 2
    assert all(np.array_equal(a, b) for a, b in zip(before, inner.get_weights()))


def test_variables_of_layers_may_change_in_a_call():
    class Sum(layers.Layer):
        def __init__(self):
            super().__init__()
            self.total = self.add_weight(shape=(2,), initializer="zeros", trainable=False)

        def call(self, x):
            self.total.assign_add(ops.sum(x, axis=0))
            return self.total + 0.0

    layer, x = Sum(), np.ones((2, 2), "float32")
    assert layer(x).numpy().tolist() == [2, 2] and layer(x).numpy().tolist() == [4, 4]
    assert len(layer.non_trainable_weights) == 1


def test_masks_go_through_layers():
    embedded = layers.Embedding(5, 3, mask_zero=True)(np.array([[1, 0, 2]]))
    assert embedded._keras_mask.numpy().tolist() == [[True, False, True]]
    assert layers.LSTM(2)(embedded).shape == (1, 2)
