"""Records what Keras computes, for the tests: run by `cargo xtask goldens`.

Every case is a Sequential model with fixed data: its layers and optimizer as Keras's own config, the first weights,
predictions, ten training steps (loss and metrics of each batch, taken before its update), the last weights.
Values of activations follow. The output is the same on every run.
"""
import json
import os
import runpy
import sys

os.environ["KERAS_BACKEND"] = "jax"
import keras
import numpy as np
from keras import constraints, layers, optimizers, regularizers

L, R, C, O = layers, regularizers, constraints, optimizers


def numbers(a):
    """Shape and values; float32 as the shortest text that reads back to the same bits."""
    a = np.asarray(a)
    values = [float(str(v)) if a.dtype == np.float32 else v.item() for v in a.ravel()]
    return {"shape": list(a.shape), "values": values}


def regression(rng):
    x = rng.rand(12, 5).astype("float32")
    return x, (x.sum(1, keepdims=True) + 0.1 * rng.randn(12, 1)).astype("float32")


def binary(rng):
    x = rng.randn(12, 5).astype("float32")
    return x, (x.sum(1, keepdims=True) > 0).astype("float32")


def classes(rng):
    return rng.randn(12, 5).astype("float32"), rng.randint(0, 3, 12).astype("int32")


def onehot(rng):
    x, y = classes(rng)
    return x, np.eye(3, dtype="float32")[y]


def dense(out=1, act=None, **kw):
    return lambda: [L.Dense(8, activation="relu", **kw), L.Dense(6, activation="tanh"), L.Dense(out, activation=act)]


def normed(**kw):
    # No bias below: its gradient is 0 but for rounding, which Adam would magnify.
    return lambda: [L.Dense(6, use_bias=False), L.BatchNormalization(**kw), L.Activation("relu"), L.Dense(1)]


MSE, BCE = ("mse", ["mae"]), ("binary_crossentropy", ["accuracy"])
CASES = {
    "lesson": (regression, dense(), MSE, lambda: O.Adam()),
    "adam-amsgrad": (regression, dense(), MSE, lambda: O.Adam(0.01, beta_1=0.8, beta_2=0.99, epsilon=1e-3, amsgrad=True)),
    "adam-weight-decay": (regression, dense(), MSE, lambda: O.Adam(0.01, weight_decay=0.05)),
    "adam-clipnorm": (regression, dense(), MSE, lambda: O.Adam(0.01, clipnorm=0.1)),
    "adam-accumulation": (regression, dense(), MSE, lambda: O.Adam(0.01, gradient_accumulation_steps=3)),
    "adam-ema": (regression, dense(), MSE, lambda: O.Adam(0.01, use_ema=True, ema_momentum=0.9, ema_overwrite_frequency=4)),
    "sgd": (regression, dense(), MSE, lambda: O.SGD(0.05)),
    "sgd-momentum": (regression, dense(), MSE, lambda: O.SGD(0.05, momentum=0.9)),
    "sgd-nesterov": (regression, dense(), MSE, lambda: O.SGD(0.02, momentum=0.9, nesterov=True)),
    "sgd-clipvalue": (regression, dense(), MSE, lambda: O.SGD(0.05, clipvalue=0.05)),
    "sgd-global-clipnorm": (regression, dense(), MSE, lambda: O.SGD(0.05, global_clipnorm=0.3)),
    "rmsprop": (regression, dense(), MSE, lambda: O.RMSprop(0.01)),
    "rmsprop-all": (regression, dense(), MSE, lambda: O.RMSprop(0.01, rho=0.8, momentum=0.7, epsilon=1e-4, centered=True)),
    "binary": (binary, dense(1, "sigmoid"), BCE, lambda: O.Adam(0.01)),
    "sparse": (classes, dense(3, "softmax"), ("sparse_categorical_crossentropy", ["accuracy"]), lambda: O.Adam(0.01)),
    "categorical": (onehot, dense(3, "softmax"), ("categorical_crossentropy", ["accuracy"]), lambda: O.Adam(0.01)),
    "l1-l2": (regression, dense(kernel_regularizer=R.L1L2(0.01, 0.02), bias_regularizer=R.L2(0.1)), MSE, lambda: O.SGD(0.05)),
    "orthogonal": (regression, dense(kernel_regularizer=R.OrthogonalRegularizer(0.1)), MSE, lambda: O.SGD(0.05)),
    "activity": (regression, dense(activity_regularizer=R.L2(0.1)), MSE, lambda: O.SGD(0.05)),
    "max-norm": (regression, dense(kernel_constraint=C.MaxNorm(0.5)), MSE, lambda: O.SGD(0.1)),
    "min-max-norm": (regression, dense(kernel_constraint=C.MinMaxNorm(0.4, 0.6, rate=0.7)), MSE, lambda: O.SGD(0.1)),
    "non-neg": (regression, dense(kernel_constraint=C.NonNeg(), bias_constraint=C.NonNeg()), MSE, lambda: O.SGD(0.1)),
    "unit-norm": (regression, dense(kernel_constraint=C.UnitNorm()), MSE, lambda: O.SGD(0.1)),
    "batch-normalization": (regression, normed(), MSE, lambda: O.Adam(0.01)),
    "batch-normalization-bare": (regression, normed(momentum=0.8, epsilon=0.01, center=False, scale=False), MSE, lambda: O.SGD(0.05)),
    "reshape-flatten": (regression, lambda: [L.Dense(6), L.Reshape((3, 2)), L.Dense(4, activation="selu"), L.Flatten(), L.Dense(1)], MSE, lambda: O.SGD(0.02)),
    "activations": (regression, lambda: [L.Dense(6, activation="gelu"), L.Dense(6, activation="silu"), L.Dense(6, activation="mish"), L.Dense(6, activation="elu"), L.Dense(1, activation="softplus")], MSE, lambda: O.Adam(0.02)),
}


def record_case(name, data, build, compiled, optimizer):
    keras.utils.clear_session()
    keras.utils.set_random_seed(7)
    rng = np.random.RandomState(3)
    x, y = data(rng)
    weight = rng.rand(12).astype("float32") if name in ("lesson", "sparse") else None
    model = keras.Sequential([keras.Input(x.shape[1:])] + build())
    for v in model.weights:
        v.assign(np.asarray(v) + 0.1 * rng.randn(*v.shape).astype("float32") * (0 if "moving" in v.path else 1))
    loss, shown = compiled
    model.compile(optimizer(), loss=loss, metrics=shown)
    out = {
        "name": name, "loss": loss, "metrics": shown, "x": numbers(x), "y": numbers(y),
        "layers": [keras.saving.serialize_keras_object(l) for l in model.layers],
        "optimizer": keras.saving.serialize_keras_object(model.optimizer),
        "weights": [numbers(w) for w in model.get_weights()], "predictions": numbers(model.predict(x, verbose=0)),
    }
    if weight is not None:
        out["sample_weight"] = numbers(weight)
    steps = []
    for _ in range(10):
        model.reset_metrics()
        logs = model.train_on_batch(x, y, sample_weight=weight, return_dict=True)
        steps.append({k: float(str(np.float32(v))) for k, v in sorted(logs.items())})
    out["steps"], out["trained"] = steps, [numbers(w) for w in model.get_weights()]
    return out


def record_activations():
    import jax

    x = np.linspace(-4.1, 3.9, 33).astype("float32").reshape(3, 11)
    rows = []
    names = sys.argv[2].split(",")
    for name in names:
        f = keras.activations.get(name)
        slope = jax.grad(lambda v: (f(v) * np.arange(33).reshape(3, 11)).sum())(x)
        rows.append({"name": name, "x": numbers(x), "y": numbers(np.asarray(f(x))), "slope": numbers(np.asarray(slope))})
    return rows


def main():
    folder = sys.argv[1]
    out = {
        "models": [record_case(name, *case) for name, case in CASES.items()],
        "activations": record_activations(),
    }
    for name, value in out.items():
        with open(os.path.join(folder, name + ".json"), "w") as f:
            f.write("[\n" + ",\n".join(json.dumps(row) for row in value) + "\n]\n")


main()
runpy.run_path(os.path.join(os.path.dirname(__file__), "classes.py"), run_name="__main__")
