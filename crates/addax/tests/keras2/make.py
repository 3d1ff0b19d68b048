"""Files of Keras 2 (tf_keras), each with what it predicts: run with a Python that has tensorflow-cpu and tf_keras.

    make.py FOLDER
"""

import json
import os
import sys

os.environ["CUDA_VISIBLE_DEVICES"] = ""
os.environ["TF_CPP_MIN_LOG_LEVEL"] = "3"
import numpy as np
import tf_keras as keras

L = keras.layers
out = sys.argv[1]
rng = np.random.default_rng(3)
answers = {}


def numbers(*shape):
    return rng.normal(size=shape).astype("float32")


def save(name, model, x, more=None):
    for v in model.weights:
        if v.dtype.is_floating:
            v.assign_add(0.2 * np.abs(rng.normal(size=v.shape)).astype("float32"))
    model.save(os.path.join(out, name))
    y = model.predict(x, verbose=0)
    xs, ys = (x if isinstance(x, list) else [x]), (y if isinstance(y, list) else [y])
    pack = lambda a: {"shape": list(a.shape), "values": [float(v) for v in np.asarray(a).ravel()]}
    answers[name] = {"x": [pack(a) for a in xs], "y": [pack(a) for a in ys], **(more or {})}


def sequential():
    model = keras.Sequential(
        [L.Dense(4, activation="relu", input_shape=(8,), kernel_regularizer="l2"), L.BatchNormalization(), L.Dropout(0.5), L.Dense(1, activation="sigmoid")]
    )
    model.compile(keras.optimizers.Adam(0.01), "binary_crossentropy", metrics=["accuracy"])
    model.fit(numbers(8, 8), rng.integers(0, 2, (8, 1)), epochs=2, batch_size=4, shuffle=False, verbose=0)
    return model


def convolutional():
    return keras.Sequential(
        [L.Conv2D(2, 3, activation="relu", input_shape=(6, 6, 1)), L.BatchNormalization(axis=3), L.MaxPooling2D(), L.SeparableConv2D(3, 2, padding="same"), L.Conv2DTranspose(2, 2), L.DepthwiseConv2D(2), L.GlobalAveragePooling2D(), L.LeakyReLU(alpha=0.2), L.Dense(2)]
    )


def recurrent():
    return keras.Sequential(
        [L.Embedding(9, 4, input_length=5), L.Bidirectional(L.LSTM(2, return_sequences=True, recurrent_activation="hard_sigmoid")), L.GRU(3, return_sequences=True), L.TimeDistributed(L.Dense(2)), L.SimpleRNN(2), L.Dense(1)]
    )


def functional():
    a, b = keras.Input((4,), name="a"), keras.Input((4,), name="b")
    shared = L.Dense(3, name="shared")
    inner = keras.Sequential([L.Dense(3, activation="tanh", input_shape=(3,)), L.BatchNormalization()], name="inner")
    i = keras.Input((6,))
    fn = keras.Model(i, L.Dense(5)(i), name="fn")
    z = fn(L.Concatenate()([inner(shared(a)), shared(b)]))
    model = keras.Model([a, b], [L.Dense(1, name="o1")(z), L.Dense(2, activation="softmax", name="o2")(z)], name="multi")
    model.compile("sgd", ["mse", "categorical_crossentropy"])
    return model


def deferred():
    model = keras.Sequential([L.Dense(3, activation="relu"), L.Dense(2)])
    model(numbers(2, 4))
    return model


for ending in ("keras", "h5"):
    model = sequential()
    save(f"seq.{ending}", model, numbers(3, 8), {"steps": 4})
    save(f"cnn.{ending}", convolutional(), numbers(2, 6, 6, 1))
    save(f"rnn.{ending}", recurrent(), rng.integers(0, 9, (3, 5)).astype("float32"))
    save(f"func.{ending}", functional(), [numbers(3, 4), numbers(3, 4)])
    save(f"deferred.{ending}", deferred(), numbers(2, 4))
model = keras.Sequential([L.Dense(2, input_shape=(3,)), L.Lambda(lambda x: x * 2)])
model.save(os.path.join(out, "lambda.h5"))
with open(os.path.join(out, "answers.json"), "w") as f:
    json.dump(answers, f)
