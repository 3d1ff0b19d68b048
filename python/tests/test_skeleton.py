"""A model from its first line to its last: built, compiled, trained, asked, shown."""

import io
import re
from contextlib import redirect_stdout

import numpy as np
import pytest

import addax as tf
from addax.keras import layers
from addax.keras.layers import Dense, Dropout
from addax.keras.models import Sequential

CLASSIC = re.compile(
    r"25/25 \[={30}\] - \d+s \d+(us|ms|s)/step - loss: [\d.e+-]+ - mae: [\d.e+-]+ - val_loss: [\d.e+-]+ - val_mae: [\d.e+-]+"
)


def data(rows=1000):
    rng = np.random.default_rng(0)
    x = rng.random((rows, 10))
    return x, x.sum(axis=1) + rng.normal(0, 0.1, rows)


def regressor():
    model = Sequential([Dense(64, activation="relu", input_shape=(10,)), Dense(64, activation="relu"), Dense(1)])
    model.compile(optimizer="adam", loss="mse", metrics=["mae"])
    return model


def test_lesson_model_learns_and_tells_the_classic_line():
    x, y = data()
    model = regressor()
    out = io.StringIO()
    with redirect_stdout(out):
        history = model.fit(x[:800], y[:800], epochs=2, batch_size=32, validation_data=(x[800:], y[800:]))
    lines = out.getvalue().splitlines()
    assert lines[0] == "Epoch 1/2" and CLASSIC.fullmatch(lines[1]), lines
    assert list(history.history) == ["loss", "mae", "val_loss", "val_mae"]
    assert history.history["loss"][1] < history.history["loss"][0]
    assert model.history is history and history.epoch == [0, 1]


def test_predict_and_evaluate_agree():
    x, y = data(100)
    model = regressor()
    predicted = model.predict(x)
    assert predicted.shape == (100, 1) and predicted.dtype == np.float32
    loss, mae = model.evaluate(x, y, verbose=0)
    assert np.isclose(loss, np.mean((predicted[:, 0] - y) ** 2), rtol=1e-4)
    assert np.isclose(mae, np.mean(np.abs(predicted[:, 0] - y)), rtol=1e-4)


def test_the_same_seed_gives_the_same_bits():
    def run():
        tf.keras.utils.set_random_seed(3)
        model = Sequential([Dense(8, activation="relu", input_shape=(10,)), Dropout(0.2), Dense(1)])
        model.compile("adam", "mse")
        x, y = data(64)
        model.fit(x, y, epochs=3, verbose=0)
        return model.get_weights()

    for a, b in zip(run(), run()):
        assert np.array_equal(a, b)


def test_summary_goes_where_it_is_told():
    lines = []
    regressor().summary(print_fn=lines.append)
    assert "Total params: 4,929" in "\n".join(lines)


def test_layers_have_their_attributes_and_signatures():
    layer = Dense(4, activation="relu", kernel_initializer="he_normal", name="mine")
    assert layer.units == 4 and layer.name == "mine" and layer.use_bias is True
    assert layer.activation.__name__ == "relu"
    assert type(layer.kernel_initializer).__name__ == "HeNormal"
    assert str(Dense.__signature__).startswith("(units, activation=None, use_bias=True")
    assert "units" in Dense.__doc__
    assert layer(np.ones((2, 3))).shape == (2, 4)
    assert layer.kernel.shape == (3, 4) and len(layer.get_weights()) == 2


def test_a_config_goes_round():
    layer = layers.Conv2D(3, (2, 2), activation="relu", padding="same")
    again = layers.Conv2D.from_config(layer.get_config())
    assert again.get_config() == layer.get_config()


def test_names_that_are_not_there_say_so():
    with pytest.raises(AttributeError, match="addax does not have it yet"):
        tf.keras.layers.Densely
    with pytest.raises(AttributeError, match="Did you mean 'Dense'"):
        tf.keras.layers.Dence


def test_devices_are_listed():
    from addax.python.client import device_lib

    assert any(d.device_type == "CPU" for d in device_lib.list_local_devices())
    assert tf.config.list_physical_devices("CPU")


def test_wrong_input_is_told_in_one_line():
    model = regressor()
    x, y = data(32)
    cases = [
        (lambda: model.fit(x[:, :3], y), ValueError),
        (lambda: model.fit(x, y[:5]), ValueError),
        (lambda: model.fit(x, y, batch_size=0), ValueError),
        (lambda: model.fit(x[:0], y[:0]), ValueError),
        (lambda: Dense(-1), ValueError),
        (lambda: Dense(4, activation="rellu"), ValueError),
        (lambda: Dense(4, unitz=3), TypeError),
        (lambda: Dense(), TypeError),
        (lambda: model.compile(optimizer="adamm"), ValueError),
        (lambda: model.compile(loss="msee"), ValueError),
        (lambda: Sequential([3]), ValueError),
    ]
    for wrong, kind in cases:
        with pytest.raises(kind) as caught:
            wrong()
        assert "\n" not in str(caught.value), str(caught.value)
