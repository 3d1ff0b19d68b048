"""Cases for `cargo xtask parity` made by the Keras at hand: models over the classes of the tables, with what Keras itself
predicts, evaluates, trains and, after loading its own file again, trains on.

    exchange.py FOLDER [WORD...]
"""

import json
import os
import sys
import zipfile

os.environ.setdefault("KERAS_BACKEND", "jax")
import io

import h5py
import keras
import numpy as np
from keras import layers as L
from keras import ops

ROWS, EPOCHS, BATCH = 14, 2, 4
SPECS = {}


def spec(name=None, **more):
    """Declares a case: a function that gives a model; `more` are what it is compiled with, and its targets."""

    def declare(f):
        SPECS[name or f.__name__] = (f, more)
        return f

    return declare


def single(name, shape, layer, tail=True, dtype="float32", **more):
    """A case around one layer on one input."""

    def make():
        x = keras.Input(shape, name="x", dtype=dtype)
        y = layer()(x)
        if tail:
            y = L.Dense(2)(L.Flatten()(y) if len(y.shape) > 2 else y)
        return keras.Model(x, y)

    SPECS[name] = (make, more)


def sequential(*parts, **more):
    return lambda: keras.Sequential(list(parts), **more)


# One layer each.
for n in (1, 2, 3):
    shape = (7, 6, 5)[:n] + (4,)
    for padding in ("valid", "same"):
        single(f"Conv{n}D-{padding}", shape, lambda n=n, p=padding: getattr(L, f"Conv{n}D")(3, 2, strides=2, padding=p, activation="relu"))
        single(f"MaxPooling{n}D-{padding}", shape, lambda n=n, p=padding: getattr(L, f"MaxPooling{n}D")(2, padding=p))
        single(f"AveragePooling{n}D-{padding}", shape, lambda n=n, p=padding: getattr(L, f"AveragePooling{n}D")(2, padding=p))
    single(f"Conv{n}DTranspose", shape, lambda n=n: getattr(L, f"Conv{n}DTranspose")(3, 2, strides=2))
    single(f"GlobalMaxPooling{n}D", shape, lambda n=n: getattr(L, f"GlobalMaxPooling{n}D")())
    single(f"GlobalAveragePooling{n}D", shape, lambda n=n: getattr(L, f"GlobalAveragePooling{n}D")())
    single(f"AdaptiveMaxPooling{n}D", shape, lambda n=n: getattr(L, f"AdaptiveMaxPooling{n}D")(2))
    single(f"AdaptiveAveragePooling{n}D", shape, lambda n=n: getattr(L, f"AdaptiveAveragePooling{n}D")(2))
    single(f"UpSampling{n}D", shape, lambda n=n: getattr(L, f"UpSampling{n}D")(2))
    single(f"ZeroPadding{n}D", shape, lambda n=n: getattr(L, f"ZeroPadding{n}D")(1))
    single(f"Cropping{n}D", shape, lambda n=n: getattr(L, f"Cropping{n}D")(1))
    single(f"ConvLSTM{n}D", (3,) + shape, lambda n=n: getattr(L, f"ConvLSTM{n}D")(2, 2))
    if n < 3:
        single(f"DepthwiseConv{n}D", shape, lambda n=n: getattr(L, f"DepthwiseConv{n}D")(2, depth_multiplier=2))
        single(f"SeparableConv{n}D", shape, lambda n=n: getattr(L, f"SeparableConv{n}D")(3, 2))
for name, make in {
    "Dense": lambda: L.Dense(5, activation="gelu", kernel_regularizer="l2", bias_constraint="non_neg"),
    "EinsumDense": lambda: L.EinsumDense("ab,bc->ac", output_shape=5, bias_axes="c"),
    "BatchNormalization": lambda: L.BatchNormalization(momentum=0.8),
    "BatchNormalization-plain": lambda: L.BatchNormalization(scale=False, center=False),
    "LayerNormalization": lambda: L.LayerNormalization(),
    "RMSNormalization": lambda: L.RMSNormalization(),
    "UnitNormalization": lambda: L.UnitNormalization(),
    "GroupNormalization": lambda: L.GroupNormalization(2),
    "SpectralNormalization": lambda: L.SpectralNormalization(L.Dense(3)),
    "Rescaling": lambda: L.Rescaling(0.5, 1.0),
    "Normalization-given": lambda: L.Normalization(mean=[0.1] * 6, variance=[2.0] * 6),
    "Activation": lambda: L.Activation("selu"),
    "ReLU": lambda: L.ReLU(max_value=1.0, negative_slope=0.1, threshold=0.1),
    "LeakyReLU": lambda: L.LeakyReLU(0.2),
    "PReLU": lambda: L.PReLU("ones"),
    "ELU": lambda: L.ELU(0.7),
    "Softmax": lambda: L.Softmax(),
    "Reshape": lambda: L.Reshape((3, 2)),
    "RepeatVector": lambda: L.RepeatVector(3),
    "Flatten": lambda: L.Flatten(),
    "Identity": lambda: L.Identity(),
    "ActivityRegularization": lambda: L.ActivityRegularization(0.01, 0.02),
}.items():
    single(name, (6,), make)
for name, make in {
    "LSTM": lambda: L.LSTM(3),
    "LSTM-sequences": lambda: L.LSTM(3, return_sequences=True, go_backwards=True),
    "GRU": lambda: L.GRU(3),
    "GRU-before": lambda: L.GRU(3, reset_after=False, return_sequences=True),
    "SimpleRNN": lambda: L.SimpleRNN(3, activation="relu"),
    "Bidirectional": lambda: L.Bidirectional(L.LSTM(3, return_sequences=True)),
    "Bidirectional-sum": lambda: L.Bidirectional(L.GRU(2), merge_mode="sum"),
    "TimeDistributed": lambda: L.TimeDistributed(L.Dense(3, activation="tanh")),
    "RNN-cells": lambda: L.RNN([L.LSTMCell(3), L.GRUCell(2)], return_sequences=True),
    "RNN-StackedRNNCells": lambda: L.RNN(L.StackedRNNCells([L.SimpleRNNCell(3), L.SimpleRNNCell(2)])),
    "Masking": lambda: L.Masking(0.0),
    "Permute": lambda: L.Permute((2, 1)),
}.items():
    single(name, (5, 4), make)


def attention(name, make):
    def build():
        a, b = keras.Input((5, 6), name="a"), keras.Input((4, 6), name="b")
        return keras.Model([a, b], L.Dense(2)(L.Flatten()(make()(a, b))))

    SPECS[name] = (build, {})


attention("MultiHeadAttention", lambda: L.MultiHeadAttention(2, 3))
attention("MultiHeadAttention-value", lambda: L.MultiHeadAttention(2, 3, value_dim=5, use_bias=False, output_shape=4))
attention("GroupQueryAttention", lambda: L.GroupQueryAttention(4, 4, 2))
attention("Attention", lambda: (lambda l: lambda a, b: l([a, b]))(L.Attention(use_scale=True)))
attention("AdditiveAttention", lambda: (lambda l: lambda a, b: l([a, b]))(L.AdditiveAttention()))
for name in ("Add", "Subtract", "Multiply", "Average", "Maximum", "Minimum", "Concatenate", "Dot"):
    def merged(name=name):
        a, b = keras.Input((6,), name="a"), keras.Input((6,), name="b")
        layer = L.Dot(1) if name == "Dot" else getattr(L, name)()
        return keras.Model([a, b], L.Dense(2)(layer([L.Dense(6)(a), b])))

    SPECS[name] = (merged, {})


@spec("Embedding", x="tokens")
def embedding():
    return keras.Sequential([keras.Input((5,), name="x", dtype="int32"), L.Embedding(9, 4), L.LSTM(3), L.Dense(2)])


@spec("Embedding-masked", x="tokens")
def embedding_masked():
    x = keras.Input((5,), name="x", dtype="int32")
    y = L.GlobalAveragePooling1D()(L.Embedding(9, 4, mask_zero=True)(x))
    return keras.Model(x, L.Dense(2)(y))


@spec("ReversibleEmbedding", x="tokens")
def reversible_embedding():
    x = keras.Input((5,), name="x", dtype="int32")
    layer = L.ReversibleEmbedding(9, 4)
    return keras.Model(x, L.Dense(2)(L.Flatten()(layer(L.Dense(4)(layer(x)), reverse=True))))


@spec("SpatialDropout1D", random=True)
def spatial_dropout1d():
    return keras.Sequential([keras.Input((5, 4)), L.SpatialDropout1D(0.3), L.Flatten(), L.Dense(2)])


for layer in ("Dropout", "AlphaDropout", "GaussianDropout", "GaussianNoise"):
    SPECS[layer] = (sequential(keras.Input((6,), name=f"x_{layer.lower()}"), getattr(L, layer)(0.3), L.Dense(2)), {"random": True})
for n in (2, 3):
    SPECS[f"SpatialDropout{n}D"] = (
        sequential(keras.Input((3,) * n + (4,), name=f"x{n}"), getattr(L, f"SpatialDropout{n}D")(0.3), L.Flatten(), L.Dense(2)),
        {"random": True},
    )


# Models of several parts.
@spec("shared-nested", loss={"reg": "mse", "cls": "categorical_crossentropy"}, loss_weights={"reg": 1.0, "cls": 0.5},
      metrics={"reg": ["mae"], "cls": ["accuracy", keras.metrics.AUC(name="auc")]}, optimizer="rmsprop", outputs={"cls": "onehot"})
def shared_nested():
    a, b = keras.Input((4,), name="a"), keras.Input((4,), name="b")
    shared = L.Dense(4, name="shared")
    inner = keras.Sequential([keras.Input((4,)), L.Dense(3, activation="tanh"), L.BatchNormalization()], name="inner")
    u, v = inner(shared(a)), inner(shared(b))
    i = keras.Input((6,), name="fi")
    fn = keras.Model(i, L.Dense(5)(i), name="inner_fn")
    z = fn(L.Concatenate()([u, v]))
    return keras.Model([a, b], [L.Dense(1, name="reg")(z), L.Dense(3, activation="softmax", name="cls")(z)], name="multi")


@spec("ops-as-nodes")
def ops_as_nodes():
    x = keras.Input((6,), name="x")
    y = ops.relu(x * 2.0 - 0.5)
    y = ops.concatenate([y[:, :3], ops.sin(x)[:, 2:]], axis=-1) + ops.expand_dims(ops.mean(x, axis=-1), -1)
    return keras.Model(x, L.Dense(2)(ops.reshape(y, (-1, 7))))


@spec("dict-io", loss={"p": "mse", "q": "mae"})
def dict_io():
    a, b = keras.Input((3,), name="alpha"), keras.Input((3,), name="beta")
    return keras.Model({"alpha": a, "beta": b}, {"q": L.Dense(1, name="q")(a + b), "p": L.Dense(2, name="p")(a * b)})


@spec("deep-nested")
def deep_nested():
    first = keras.Sequential([keras.Input((4,)), L.Dense(4), L.Dense(4)])
    second = keras.Sequential([keras.Input((4,)), first, L.Dense(3)])
    x = keras.Input((4,), name="x")
    return keras.Model(x, L.Dense(2)(second(x)))


@spec("frozen", optimizer="adam")
def frozen():
    model = keras.Sequential([keras.Input((4,)), L.Dense(5), L.BatchNormalization(), L.Dense(2)])
    model.layers[0].trainable = False
    model.layers[1].trainable = False
    return model


@spec("mixed-policy")
def mixed_policy():
    return keras.Sequential([keras.Input((4,)), L.Dense(5, dtype="mixed_bfloat16"), L.Dense(2, dtype="float32")])


@spec("float64")
def float64():
    return keras.Sequential([keras.Input((4,), dtype="float64"), L.Dense(2, dtype="float64")])


# Optimizers.
O = keras.optimizers
for name, make in {
    "SGD": lambda: O.SGD(0.05), "SGD-momentum": lambda: O.SGD(0.05, momentum=0.9, nesterov=True),
    "RMSprop": lambda: O.RMSprop(0.01), "RMSprop-all": lambda: O.RMSprop(0.01, momentum=0.5, centered=True),
    "Adam": lambda: O.Adam(0.01), "Adam-amsgrad": lambda: O.Adam(0.01, amsgrad=True, clipnorm=0.5),
    "AdamW": lambda: O.AdamW(0.01), "Adadelta": lambda: O.Adadelta(0.5), "Adagrad": lambda: O.Adagrad(0.05),
    "Adamax": lambda: O.Adamax(0.01), "Adafactor": lambda: O.Adafactor(0.01), "Nadam": lambda: O.Nadam(0.01),
    "Ftrl": lambda: O.Ftrl(0.05), "Lion": lambda: O.Lion(0.005), "Lamb": lambda: O.Lamb(0.01), "Muon": lambda: O.Muon(0.01),
    "ScheduleFreeAdamW": lambda: O.ScheduleFreeAdamW(0.01), "LossScaleOptimizer": lambda: O.LossScaleOptimizer(O.Adam(0.01)),
    "ema": lambda: O.SGD(0.05, use_ema=True, ema_momentum=0.9), "accumulation": lambda: O.Adam(0.01, gradient_accumulation_steps=2),
    "weight-decay": lambda: O.SGD(0.05, momentum=0.5, weight_decay=0.01), "clipvalue": lambda: O.SGD(0.05, clipvalue=0.01),
    "global-clipnorm": lambda: O.Adam(0.01, global_clipnorm=0.1),
}.items():
    def trained(name=name):
        return keras.Sequential([keras.Input((4,)), L.Dense(5, activation="tanh"), L.Dense(2)])

    SPECS[f"optimizer-{name}"] = (trained, {"optimizer": make})
S = keras.optimizers.schedules
for name, make in {
    "ExponentialDecay": lambda: S.ExponentialDecay(0.05, 3, 0.7), "PiecewiseConstantDecay": lambda: S.PiecewiseConstantDecay([2, 5], [0.05, 0.02, 0.01]),
    "PolynomialDecay": lambda: S.PolynomialDecay(0.05, 6, 0.001, 2.0), "InverseTimeDecay": lambda: S.InverseTimeDecay(0.05, 2, 0.5),
    "CosineDecay": lambda: S.CosineDecay(0.01, 6, warmup_target=0.05, warmup_steps=2), "CosineDecayRestarts": lambda: S.CosineDecayRestarts(0.05, 3),
}.items():
    SPECS[f"schedule-{name}"] = (sequential(keras.Input((4,), name=f"x_{name.lower()}"), L.Dense(2)), {"optimizer": lambda make=make: O.Adam(make())})

# Losses and metrics, as strings and as objects.
for name, kind in {
    "mean_squared_error": "numbers", "mean_absolute_error": "numbers", "mean_squared_logarithmic_error": "numbers", "mean_absolute_percentage_error": "numbers",
    "huber": "numbers", "log_cosh": "numbers", "cosine_similarity": "numbers", "poisson": "positive", "kl_divergence": "probabilities", "hinge": "signs", "squared_hinge": "signs",
    "categorical_hinge": "onehot", "binary_crossentropy": "bits", "binary_focal_crossentropy": "bits", "categorical_crossentropy": "onehot",
    "categorical_focal_crossentropy": "onehot", "sparse_categorical_crossentropy": "classes",
}.items():
    activation = {"positive": "exponential", "bits": "sigmoid", "probabilities": "softmax", "onehot": "softmax", "classes": "softmax"}.get(kind, "linear")
    SPECS[f"loss-{name}"] = (sequential(keras.Input((4,), name=f"x_{name}"), L.Dense(3, activation=activation)), {"loss": name, "y": kind})
K = keras.losses
for name, kind, make in [
    ("Dice", "onehot", lambda: K.Dice()), ("Tversky", "onehot", lambda: K.Tversky(alpha=0.3, beta=0.7)),
    ("CategoricalGeneralizedCrossEntropy", "classes", lambda: K.CategoricalGeneralizedCrossEntropy(q=0.6)), ("Circle", "groups", lambda: K.Circle()),
]:
    tail = [L.UnitNormalization()] if name == "Circle" else [L.Softmax()]
    SPECS[f"loss-{name}"] = (sequential(keras.Input((4,), name=f"x_{name.lower()}"), L.Dense(3), *tail), {"loss": make, "y": kind})
SPECS["loss-CTC"] = (sequential(keras.Input((6, 4), name="x_ctc"), L.Dense(5)), {"loss": lambda: K.CTC(), "y": "labels"})
M = keras.metrics
for name, kind, make in [
    ("MeanSquaredError", "numbers", lambda: M.MeanSquaredError()), ("RootMeanSquaredError", "numbers", lambda: M.RootMeanSquaredError()),
    ("MeanAbsoluteError", "numbers", lambda: M.MeanAbsoluteError(name="mine")), ("CosineSimilarity", "numbers", lambda: M.CosineSimilarity()),
    ("R2Score", "numbers", lambda: M.R2Score()), ("BinaryAccuracy", "bits", lambda: M.BinaryAccuracy(threshold=0.4)),
    ("Precision", "bits", lambda: M.Precision()), ("Recall", "bits", lambda: M.Recall(thresholds=[0.3, 0.6])), ("AUC", "bits", lambda: M.AUC(num_thresholds=20, curve="PR")),
    ("F1Score", "onehot", lambda: M.F1Score()), ("FBetaScore", "onehot", lambda: M.FBetaScore(average="macro", beta=2.0)), ("CategoricalAccuracy", "onehot", lambda: M.CategoricalAccuracy()),
    ("TopKCategoricalAccuracy", "onehot", lambda: M.TopKCategoricalAccuracy(k=2)), ("SparseCategoricalAccuracy", "classes", lambda: M.SparseCategoricalAccuracy()),
    ("TruePositives", "bits", lambda: M.TruePositives()), ("FalseNegatives", "bits", lambda: M.FalseNegatives()), ("SensitivityAtSpecificity", "bits", lambda: M.SensitivityAtSpecificity(0.5)),
    ("FalsePositives", "bits", lambda: M.FalsePositives()), ("TrueNegatives", "bits", lambda: M.TrueNegatives([0.2, 0.7])),
    ("PrecisionAtRecall", "bits", lambda: M.PrecisionAtRecall(0.4)), ("RecallAtPrecision", "bits", lambda: M.RecallAtPrecision(0.4)),
    ("SpecificityAtSensitivity", "bits", lambda: M.SpecificityAtSensitivity(0.5)), ("LogCoshError", "numbers", lambda: M.LogCoshError()),
    ("ConcordanceCorrelation", "numbers", lambda: M.ConcordanceCorrelation()), ("PearsonCorrelation", "numbers", lambda: M.PearsonCorrelation()),
    ("SparseTopKCategoricalAccuracy", "classes", lambda: M.SparseTopKCategoricalAccuracy(k=2)), ("BinaryIoU", "bits", lambda: M.BinaryIoU([0, 1], 0.4)),
    ("OneHotIoU", "onehot", lambda: M.OneHotIoU(3, [0, 2])), ("OneHotMeanIoU", "onehot", lambda: M.OneHotMeanIoU(3)),
    ("MeanIoU", "classes", lambda: M.MeanIoU(3, sparse_y_pred=False)), ("KLDivergence", "probabilities", lambda: M.KLDivergence()), ("Hinge", "signs", lambda: M.Hinge()),
]:
    activation = {"bits": "sigmoid", "probabilities": "softmax", "onehot": "softmax", "classes": "softmax"}.get(kind, "linear")
    SPECS[f"metric-{name}"] = (
        sequential(keras.Input((4,), name=f"x_{name.lower()}"), L.Dense(3, activation=activation)),
        {"loss": "mse" if kind != "classes" else "sparse_categorical_crossentropy", "metrics": lambda make=make: [make()], "y": kind},
    )

# Initializers, regularizers, constraints.
for name in ("RandomNormal", "RandomUniform", "TruncatedNormal", "VarianceScaling", "HeNormal", "LecunUniform", "OrthogonalInitializer", "Constant", "Ones"):
    def initialized(name=name):
        return keras.Sequential([keras.Input((4,)), L.Dense(3, kernel_initializer=getattr(keras.initializers, name)()), L.Dense(2)])

    SPECS[f"initializer-{name}"] = (initialized, {})
R, C = keras.regularizers, keras.constraints
for name, more in {
    "L1": {"kernel_regularizer": R.L1(0.01)}, "L1L2": {"kernel_regularizer": R.L1L2(0.01, 0.02)}, "L2-activity": {"activity_regularizer": R.L2(0.01)},
    "Orthogonal": {"kernel_regularizer": R.OrthogonalRegularizer(0.01)}, "MaxNorm": {"kernel_constraint": C.MaxNorm(0.5)}, "UnitNorm": {"kernel_constraint": C.UnitNorm()},
    "MinMaxNorm": {"kernel_constraint": C.MinMaxNorm(0.2, 0.6)},
}.items():
    SPECS[f"held-{name}"] = (sequential(keras.Input((4,), name=f"x_{name.lower()}"), L.Dense(3, **more), L.Dense(2)), {})


def numbers(rng, tensor, tokens):
    shape = (ROWS,) + tuple(5 if d is None else d for d in tensor.shape[1:])
    if tokens or "int" in str(tensor.dtype):
        return rng.integers(0, 9, shape).astype("int32")
    return rng.normal(size=shape).astype("float32")


def targets(rng, tensor, kind):
    shape = (ROWS,) + tuple(5 if d is None else d for d in tensor.shape[1:])
    classes = rng.integers(0, shape[-1], shape[:-1])
    return {
        "numbers": lambda: rng.normal(size=shape).astype("float32"), "positive": lambda: rng.uniform(0.1, 2, shape).astype("float32"),
        "bits": lambda: rng.integers(0, 2, shape).astype("float32"), "signs": lambda: rng.choice([-1.0, 1.0], shape).astype("float32"),
        "onehot": lambda: np.eye(shape[-1], dtype="float32")[classes], "classes": lambda: classes.astype("int32"),
        "groups": lambda: rng.integers(0, 3, (ROWS,)).astype("int32"), "labels": lambda: rng.integers(1, 5, (ROWS, 3)).astype("int32"),
        "probabilities": lambda: rng.dirichlet(np.ones(shape[-1]), shape[:-1]).astype("float32"),
    }[kind]()


def flat(y):
    if isinstance(y, dict):
        return [y[k] for k in sorted(y)]
    return list(y) if isinstance(y, (list, tuple)) else [y]


def tree(path):
    with zipfile.ZipFile(path) as archive, h5py.File(io.BytesIO(archive.read("model.weights.h5"))) as file:
        found = {}
        file.visititems(lambda name, o: found.update({f"w/{name}": o[()]}) if isinstance(o, h5py.Dataset) else None)
        return {k: v.astype("float32") if v.dtype.kind == "V" else v for k, v in found.items()}


def tolerance(arrays):
    absolute = {}
    for key, value in arrays.items():
        value = np.asarray(value)
        if value.dtype.kind == "f":
            finite = value[np.isfinite(value)]
            absolute[key] = float(2e-4 * max(np.abs(finite).max(initial=0.0), 1e-3))
    return {"rtol": 2e-3, "atol": absolute}


def classes(config, found):
    """What a config is about, as tags: `layer:Dense`, `loss:mean_squared_error`."""
    if isinstance(config, list):
        for c in config:
            classes(c, found)
    if isinstance(config, dict):
        module = str(config.get("module") or "")
        for part, kind in {"layers": "layer", "losses": "loss", "metrics": "metric", "optimizers": "optimizer"}.items():
            if module.startswith(f"keras.{part}") or module.startswith(f"keras.src.{part}"):
                found.add(f"{kind}:{config.get('class_name')}")
        for key, value in config.items():
            classes(value, found)
            if key in ("loss", "metrics", "weighted_metrics"):
                named = [value] if isinstance(value, str) else list(value.values()) if isinstance(value, dict) else value or []
                found.update(f"{'loss' if key == 'loss' else 'metric'}:{v}" for v in named if isinstance(v, str))
    return sorted(found)


def tags(model):
    with zipfile.ZipFile(io.BytesIO(model)) as archive:
        return classes(json.loads(archive.read("config.json")), set())


def put(folder, kind, name, case, arrays, data, model):
    path = os.path.join(folder, kind, name)
    os.makedirs(path, exist_ok=True)
    case = {"kind": kind, "id": name, "tags": tags(model), "tol": tolerance(arrays), **case}
    with open(os.path.join(path, "case.json"), "w") as f:
        json.dump(case, f)
    np.savez(os.path.join(path, "expected.npz"), **arrays)
    np.savez(os.path.join(path, "data.npz" if "fit" in case["cmd"] or kind == "E" else "in.npz"), **data)
    with open(os.path.join(path, "model.keras"), "wb") as f:
        f.write(model)


def record(folder, name, seed):
    make, more = SPECS[name]
    keras.utils.clear_session()
    keras.utils.set_random_seed(seed)
    rng = np.random.default_rng(seed)
    model = make()
    option = lambda key, default: (lambda v: v() if callable(v) else v)(more.get(key, default))
    model.compile(option("optimizer", "sgd"), option("loss", "mse"), metrics=option("metrics", None), loss_weights=more.get("loss_weights"))
    for v in model.trainable_variables:
        if "seed" not in v.path and v.name not in ("gamma",):
            v.assign(v + 0.1 * rng.normal(size=v.shape))
    tensors = model.inputs
    x = {t.name: numbers(rng, t, more.get("x") == "tokens") for t in tensors}
    names = list(getattr(model, "output_names", None) or [model.layers[-1].name])
    kinds = more.get("outputs", {})
    y = {n: targets(rng, t, kinds.get(n, more.get("y", "numbers"))) for n, t in zip(names, model.outputs)}
    fed = x if len(x) > 1 or isinstance(getattr(model, "_inputs_struct", None), dict) else next(iter(x.values()))
    aim = y if len(y) > 1 else next(iter(y.values()))
    path = os.path.join(folder, "made.keras")
    model.save(path)
    original = open(path, "rb").read()
    outputs = {f"out/{i}": np.asarray(o, "float32") if "bfloat" in str(np.asarray(o).dtype) else o for i, o in enumerate(flat(model.predict(fed, verbose=0)))}
    put(folder, "P", name, {"cmd": "predict", "outputs": names}, outputs, x, original)
    put(folder, "R", f"{name}-onnx", {"cmd": "convert", "target": "onnx"}, outputs, x, original)
    data = {("x" if len(x) == 1 else f"x_{n}"): v for n, v in x.items()}
    data.update({("y" if len(y) == 1 else f"y_{n}"): v for n, v in y.items()})
    logs = model.evaluate(fed, aim, batch_size=BATCH, verbose=0, return_dict=True)
    put(folder, "E", name, {"cmd": "evaluate", "batch_size": BATCH}, {f"m/{k}": np.asarray(v) for k, v in logs.items()}, data, original)
    if more.get("random"):
        return
    how = {"epochs": EPOCHS, "batch_size": BATCH, "shuffle": False, "verbose": 0}
    history = model.fit(fed, aim, **how).history
    answer = {f"h/{k}": np.asarray(v) for k, v in history.items()}
    model.save(path)
    answer.update(tree(path))
    again = keras.saving.load_model(path)
    answer.update({f"cp/{i}": np.asarray(o) for i, o in enumerate(flat(again.predict(fed, verbose=0)))})
    answer.update({f"ch/{k}": np.asarray(v) for k, v in again.fit(fed, aim, **how).history.items()})
    answer.update({f"cq/{i}": np.asarray(o) for i, o in enumerate(flat(again.predict(fed, verbose=0)))})
    put(folder, "R", name, {"cmd": "fit", "epochs": EPOCHS, "batch_size": BATCH, "continue_epochs": EPOCHS}, answer, data, original)


if __name__ == "__main__":
    folder, words = sys.argv[1], sys.argv[2:]
    os.makedirs(folder, exist_ok=True)
    for i, name in enumerate(SPECS):
        if not words or any(w in name for w in words):
            try:
                record(folder, name, 7 + i)
            except Exception as e:
                print(f"warning: {name}: {str(e).splitlines()[0][:200]}")
