"""Wrong input: the exception that Keras raises, and one line."""

import numpy as np
import pytest

from addax import keras
from addax.keras import layers

RNG = np.random.default_rng(0)


def N(*shape):
    """Numbers of a shape."""
    return RNG.random(shape).astype("float32")


def M(loss="mse", out=1, act=None, **kwargs):
    """A compiled model of four inputs."""
    model = keras.Sequential([keras.Input((4,)), layers.Dense(3), layers.Dense(out, activation=act)])
    model.compile("adam", loss, **kwargs)
    return model


x, y = N(8, 4), N(8, 1)

CASES = {
    "features": lambda: M().fit(N(8, 3), y, verbose=0),
    "rank": lambda: M().fit(N(8, 4, 2), y, verbose=0),
    "labels out of range": lambda: M("sparse_categorical_crossentropy", 3, "softmax").fit(
        x, np.array([0, 1, 2, 3, 0, 1, 2, 3]), verbose=0
    ),
    "negative labels": lambda: M("sparse_categorical_crossentropy", 3, "softmax").fit(x, np.array([-1] * 8), verbose=0),
    "one-hot for sparse": lambda: M("sparse_categorical_crossentropy", 3, "softmax").fit(
        x, np.eye(3)[[0, 1, 2, 0, 1, 2, 0, 1]], verbose=0
    ),
    "ints for categorical": lambda: M("categorical_crossentropy", 3, "softmax").fit(
        x, np.array([0, 1, 2, 0, 1, 2, 0, 1]), verbose=0
    ),
    "y broadcasts": lambda: M(out=3).fit(x, N(8, 1), verbose=0),
    "empty": lambda: M().fit(x[:0], y[:0], verbose=0),
    "batch 0": lambda: M().fit(x, y, batch_size=0, verbose=0),
    "batch -1": lambda: M().fit(x, y, batch_size=-1, verbose=0),
    "batch 1.5": lambda: M().fit(x, y, batch_size=1.5, verbose=0),
    "epochs str": lambda: M().fit(x, y, epochs="3", verbose=0),
    "rows": lambda: M().fit(x, y[:5], verbose=0),
    "weights rows": lambda: M().fit(x, y, sample_weight=np.ones(5), verbose=0),
    "split 1": lambda: M().fit(x, y, validation_split=1.0, verbose=0),
    "split -": lambda: M().fit(x, y, validation_split=-0.1, verbose=0),
    "val data": lambda: M().fit(x, y, validation_data=(N(3, 2), N(3, 1)), verbose=0),
    "val form": lambda: M().fit(x, y, validation_data=3, verbose=0),
    "no compile": lambda: keras.Sequential([keras.Input((4,)), layers.Dense(1)]).fit(x, y),
    "loss unknown": lambda: M("msee"),
    "optimizer unknown": lambda: keras.Sequential([layers.Dense(1)]).compile("adamm", "mse"),
    "metric unknown": lambda: M(metrics=["maee"]),
    "metrics string": lambda: M(metrics="mae"),
    "no loss": lambda: M(None).fit(x, y, verbose=0),
    "strings": lambda: M().fit(np.array([["a"] * 4] * 8), y, verbose=0),
    "ragged": lambda: M().fit([[1, 2, 3, 4], [1, 2]], [1, 2], verbose=0),
    "none y": lambda: M().fit(x, verbose=0),
    "x none": lambda: M().fit(None, y, verbose=0),
    "unknown arg": lambda: M().fit(x, y, epoch=3),
    "callbacks": lambda: M().fit(x, y, callbacks=[3], verbose=0),
    "predict features": lambda: M().predict(N(2, 5), verbose=0),
    "evaluate rows": lambda: M().evaluate(x, y[:2], verbose=0),
    "units": lambda: layers.Dense("a"),
    "units 0": lambda: keras.Sequential([keras.Input((4,)), layers.Dense(0)]),
    "dropout 2": lambda: keras.Sequential([keras.Input((4,)), layers.Dropout(2.0)]),
    "activation": lambda: layers.Dense(2, activation="relo"),
    "initializer": lambda: layers.Dense(2, kernel_initializer="glort"),
    "regularizer": lambda: layers.Dense(2, kernel_regularizer="l3"),
    "wrong kind": lambda: layers.Dense(2, kernel_regularizer=keras.initializers.Zeros()),
    "padding": lambda: layers.Conv2D(2, 3, padding="sam"),
    "names": lambda: keras.Sequential([layers.Dense(2, name="a"), layers.Dense(2, name="a")]),
    "not layer": lambda: keras.Sequential([3]),
    "conv on vector": lambda: keras.Sequential([keras.Input((4,)), layers.Conv2D(2, 3)]),
    "concat shapes": lambda: layers.Concatenate(axis=1)([keras.Input((2, 3)), keras.Input((2, 4))]),
    "model inputs": lambda: keras.Model(3, 4),
    "disconnected": lambda: keras.Model(keras.Input((2,)), layers.Dense(1)(keras.Input((2,)))),
    "set_weights": lambda: M().set_weights([1, 2]),
    "load missing": lambda: keras.models.load_model("no_such_file.keras"),
    "save name": lambda: M().save("model.foo"),
    "get_layer": lambda: M().get_layer("zz"),
    "input shape": lambda: keras.Input(("a",)),
    "input none": lambda: keras.Input(),
    "lr": lambda: keras.optimizers.Adam(learning_rate="a"),
    "lr -1": lambda: keras.Sequential([keras.Input((4,)), layers.Dense(1)]).compile(
        keras.optimizers.Adam(learning_rate=-1.0), "mse"
    ),
    "class weight": lambda: M().fit(x, y, class_weight={"a": 1}, verbose=0),
    "two inputs": lambda: M().fit([x, x], y, verbose=0),
    "json": lambda: keras.models.model_from_json("{"),
    "verbose": lambda: M().fit(x, y, verbose=7),
    "reshape": lambda: keras.Sequential([keras.Input((4,)), layers.Reshape((3,))]),
}
OTHER_KINDS = {
    "strings": TypeError,
    "unknown arg": TypeError,
    "callbacks": TypeError,
    "lr": (TypeError, ValueError),
    "wrong kind": (TypeError, ValueError),
    "units": (TypeError, ValueError),
    "class weight": (TypeError, ValueError),
}


@pytest.mark.parametrize("name", CASES)
def test_is_told_in_one_line(name):
    with pytest.raises(OTHER_KINDS.get(name, ValueError)) as caught:
        CASES[name]()
    text = str(caught.value)
    assert text and "\n" not in text
