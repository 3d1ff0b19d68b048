"""Models of every kind: functional, nested, subclassed; their configs and files."""

import numpy as np
import pytest

import addax as tf
from addax import keras
from addax.keras import layers, ops


def train(model, x, y, epochs=2):
    model.compile("adam", "mse", metrics=["mae"])
    return model.fit(x, y, epochs=epochs, verbose=0)


def numbers(*shape, seed=0):
    return np.random.default_rng(seed).random(shape).astype("float32")


def test_functional_models_take_operators_and_slices():
    inputs = keras.Input(shape=(6,))
    assert inputs.shape == (None, 6)
    h = layers.Dense(4, activation="relu")(inputs)
    h = h * 2.0 + inputs[:, :4] - 1.0
    h = ops.concatenate([h, ops.exp(-h)], axis=-1)
    outputs = layers.Dense(1)(h)
    model = keras.Model(inputs, outputs, name="mine")
    x = numbers(5, 6)
    k, b, k2, b2 = model.get_weights()
    inner = np.maximum(x @ k + b, 0) * 2 + x[:, :4] - 1
    want = np.concatenate([inner, np.exp(-inner)], -1) @ k2 + b2
    assert np.allclose(model.predict(x, verbose=0), want, atol=1e-5)
    assert np.allclose(model(x), want, atol=1e-5)
    train(model, x, numbers(5, 1))
    assert model.name == "mine" and model.get_layer(index=1).units == 4


def test_several_inputs_and_outputs_by_name():
    a, b = keras.Input((3,), name="a"), keras.Input((2,), name="b")
    h = layers.concatenate([a, b])
    model = keras.Model({"a": a, "b": b}, {"p": layers.Dense(1, name="p")(h), "q": layers.Dense(2, name="q")(h)})
    model.compile("sgd", loss={"p": "mse", "q": "mae"}, metrics={"q": ["mse"]})
    x = {"a": numbers(8, 3), "b": numbers(8, 2)}
    history = model.fit(x, {"p": numbers(8, 1), "q": numbers(8, 2)}, verbose=0)
    assert {"loss", "p_loss", "q_loss", "q_mse"} <= set(history.history)
    made = model.predict(x, verbose=0)
    assert set(made) == {"p", "q"} and made["q"].shape == (8, 2)


class Linear(layers.Layer):
    """A layer with weights of its own."""

    def __init__(self, units=3, **kwargs):
        super().__init__(**kwargs)
        self.units = units

    def build(self, input_shape):
        self.w = self.add_weight(shape=(input_shape[-1], self.units), initializer="ones", name="w")
        self.b = self.add_weight(shape=(self.units,), initializer="zeros", name="b")

    def call(self, inputs, training=False):
        return ops.matmul(inputs, self.w) + self.b

    def get_config(self):
        return {**super().get_config(), "units": self.units}


class Net(keras.Model):
    """A model whose call is Python's."""

    def __init__(self):
        super().__init__()
        self.first = Linear(4)
        self.rest = [layers.Dense(3, activation="tanh"), layers.Dropout(0.5)]
        self.last = layers.Dense(1)

    def call(self, inputs, training=False):
        h = self.first(inputs)
        for layer in self.rest:
            h = layer(h, training=training) if isinstance(layer, layers.Dropout) else layer(h)
        return self.last(h)


def test_own_layers_compute_and_train():
    layer = Linear(2)
    x = numbers(4, 3)
    assert np.allclose(layer(x), x.sum(1, keepdims=True).repeat(2, 1), atol=1e-6)
    assert [w.name for w in layer.weights] == ["w", "b"] and len(layer.trainable_weights) == 2
    model = keras.Sequential([keras.Input((3,)), Linear(4), layers.Dense(1)])
    before = model.get_weights()[0].copy()
    train(model, x, numbers(4, 1))
    assert not np.allclose(before, model.layers[0].w.numpy())
    assert np.allclose(model.layers[0].get_weights()[0], model.get_weights()[0])


def test_subclassed_models_train_and_know_their_weights():
    keras.utils.set_random_seed(2)
    model = Net()
    x, y = numbers(16, 5), numbers(16, 1)
    history = train(model, x, y, epochs=100)
    assert np.mean(history.history["loss"][-20:]) < np.mean(history.history["loss"][:20])
    assert [w.shape for w in model.weights] == [(5, 4), (4,), (4, 3), (3,), (3, 1), (1,)]
    assert np.allclose(model.predict(x, verbose=0), model(x), atol=1e-5)
    lines = []
    model.summary(print_fn=lines.append)
    assert "Total params: 43" in "\n".join(lines)


def test_an_own_train_step_is_used():
    class Custom(keras.Model):
        def train_step(self, data):
            x, y = data
            with tf.GradientTape() as tape:
                y_pred = self(x, training=True)
                loss = self.compute_loss(y=y, y_pred=y_pred)
            gradients = tape.gradient(loss, self.trainable_variables)
            self.optimizer.apply(gradients, self.trainable_variables)
            for metric in self.metrics:
                if metric.name == "loss":
                    metric.update_state(loss)
                else:
                    metric.update_state(y, y_pred)
            return {m.name: m.result() for m in self.metrics}

    inputs = keras.Input((4,))
    model = Custom(inputs, layers.Dense(1)(inputs))
    model.compile("sgd", "mse", metrics=["mae"])
    x = numbers(32, 4)
    history = model.fit(x, x.sum(1, keepdims=True), epochs=5, verbose=0)
    assert list(history.history) == ["loss", "mae"]
    assert history.history["loss"][-1] < history.history["loss"][0]


def test_steps_in_python_give_what_the_plan_gives():
    x, y = numbers(8, 3), numbers(8, 1)

    def trained(eager):
        keras.utils.set_random_seed(1)
        model = keras.Sequential([keras.Input((3,)), layers.Dense(2, activation="tanh"), layers.Dense(1)])
        model.compile(keras.optimizers.Adam(0.1), "mse", run_eagerly=eager)
        history = model.fit(x, y, epochs=3, batch_size=8, shuffle=False, verbose=0)
        return model.get_weights(), history.history["loss"]

    for a, b in zip(*(sum(map(list, trained(eager)), []) for eager in (False, True))):
        assert np.allclose(a, b, atol=1e-5)


@pytest.mark.parametrize("ending", [".keras", ".h5"])
def test_models_come_back_from_files(tmp_path, ending):
    model = keras.Sequential([keras.Input((4,)), layers.Dense(3, activation="relu"), layers.Dense(1)])
    x = numbers(6, 4)
    train(model, x, numbers(6, 1))
    path = tmp_path / f"model{ending}"
    model.save(path)
    again = keras.models.load_model(path)
    assert np.array_equal(model.predict(x, verbose=0), again.predict(x, verbose=0))
    assert type(again) is keras.Sequential and again.layers[0].units == 3
    again.fit(x, numbers(6, 1), verbose=0)


def test_own_classes_come_back_from_files(tmp_path):
    model = keras.Sequential([keras.Input((3,)), Linear(2), layers.Dense(1)])
    x = numbers(5, 3)
    path = tmp_path / "own.keras"
    model.save(path)
    again = keras.models.load_model(path, custom_objects={"Linear": Linear})
    assert type(again.layers[0]) is Linear and again.layers[0].units == 2
    assert np.array_equal(model.predict(x, verbose=0), again.predict(x, verbose=0))
    with pytest.raises((ValueError, TypeError, NotImplementedError)):
        keras.models.load_model(path)


def test_models_are_cloned_and_described():
    model = keras.Sequential([keras.Input((4,)), layers.Dense(3), layers.Dense(1)])
    again = keras.models.model_from_json(model.to_json())
    assert again.count_params() == model.count_params() == 19
    copy = keras.models.clone_model(model)
    assert copy.count_params() == 19 and copy.layers[0] is not model.layers[0]
    rebuilt = keras.Sequential.from_config(model.get_config())
    assert [l.name for l in rebuilt.layers] == [l.name for l in model.layers]


def test_frozen_layers_keep_their_weights():
    model = keras.Sequential([keras.Input((4,)), layers.Dense(3), layers.Dense(1)])
    model.layers[0].trainable = False
    before = model.layers[0].get_weights()[0].copy()
    train(model, numbers(8, 4), numbers(8, 1))
    assert np.array_equal(before, model.layers[0].get_weights()[0])
    assert len(model.trainable_weights) == 2 and len(model.non_trainable_weights) == 2


def test_weights_that_are_set_are_used():
    model = keras.Sequential([keras.Input((2,)), layers.Dense(1)])
    x = np.ones((1, 2), "float32")
    model.predict(x, verbose=0)
    model.layers[0].set_weights([np.ones((2, 1)), np.zeros(1)])
    assert model.predict(x, verbose=0)[0, 0] == 2.0
    model.set_weights([np.zeros((2, 1)), np.ones(1)])
    assert model.predict(x, verbose=0)[0, 0] == 1.0 and model(x).numpy()[0, 0] == 1.0


def test_models_are_drawn(tmp_path):
    inputs = keras.Input((4,))
    a, b = layers.Dense(2)(inputs), layers.Dense(2)(inputs)
    model = keras.Model(inputs, layers.add([a, b]))
    keras.utils.plot_model(model, tmp_path / "m.svg", show_shapes=True)
    keras.utils.plot_model(model, tmp_path / "m.png", show_layer_names=True)
    assert (tmp_path / "m.svg").read_text().startswith("<svg")
    assert (tmp_path / "m.png").read_bytes()[:4] == b"\x89PNG"
