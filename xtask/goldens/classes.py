"""Records what Keras's losses, metrics, optimizers and schedules compute, what `compile` makes of its arguments, and the
signatures of their classes: run by `record.py`. The output is the same on every run."""
import inspect
import json
import os
import sys

os.environ["KERAS_BACKEND"] = "jax"
import keras
import numpy as np
from keras import constraints, initializers, layers, losses, metrics, optimizers, regularizers
from keras.src import backend

S = optimizers.schedules


def short(x):
    """Float32 as the shortest text that reads back to the same bits."""
    x = np.asarray(x)
    if x.dtype == bool:
        return x.tolist()
    if x.dtype.kind in "iu":
        return x.tolist()
    return x.tolist() if x.ndim == 0 and np.isnan(x) else json.loads(json.dumps(tree(x.astype("float32"))))


def tree(x):
    return float(str(x)) if x.ndim == 0 else [tree(e) for e in x]


def array(x):
    x = np.asarray(x)
    return {"shape": list(x.shape), "int": x.dtype.kind in "iub", "values": [short(e) for e in x.ravel()]}


# Arrays, by name: targets, outputs, weights, a mask.
def data():
    rng = np.random.RandomState(11)
    f = lambda *s: np.round(rng.rand(*s), 3).astype("float32")
    g = lambda *s: np.round(2 * rng.randn(*s), 3).astype("float32")
    one_hot = lambda labels, n: np.eye(n, dtype="float32")[labels]
    labels = np.array([0, 3, 1, 1, 2])
    steps = np.array([[0, 2, 1, 1], [2, 2, 0, 1], [1, 0, 0, 2]])
    unit = g(6, 3)
    unit = (unit / np.linalg.norm(unit, axis=1, keepdims=True)).astype("float32")
    mask = np.array([[1, 1, 1, 0], [1, 0, 0, 0], [1, 1, 1, 1]], dtype=bool)
    w, ws = f(5), f(3, 4)
    return {
        "dist": {"t": one_hot(labels, 4), "p": f(5, 4), "w": w},
        "logit": {"t": one_hot(labels, 4), "p": g(5, 4), "w": w},
        "real": {"t": g(5, 3), "p": g(5, 3), "w": w},
        "positive": {"t": f(5, 3), "p": f(5, 3), "w": w},
        "multi": {"t": np.array([[0, 1, 1], [1, 0, 0], [0, 0, 1], [1, 1, 0], [0, 1, 0]], dtype="float32"), "p": f(5, 3), "w": w},
        "sign": {"t": np.sign(g(5, 3)), "p": g(5, 3), "w": w},
        "binary": {"t": np.array([0, 1, 1, 0, 1], dtype="float32"), "p": f(5, 1), "w": w},
        "column": {"t": f(5), "p": f(5, 1), "w": w},
        "classes": {"t": labels.astype("int32"), "p": f(5, 4), "w": w},
        "classes1": {"t": labels.astype("int32")[:, None], "p": f(5, 4), "w": w},
        "ties": {"t": np.array([1, 0, 2, 2, 3], dtype="int32"), "p": np.round(f(5, 4), 1), "w": w},
        "ids": {"t": np.array([1, 0, 2, 2, 3], dtype="int32"), "p": np.argsort(f(5, 4), axis=1).astype("float32"), "w": w},
        "steps": {"t": g(3, 4, 2), "p": g(3, 4, 2), "w": ws, "m": mask},
        "stepclasses": {"t": steps.astype("int32"), "p": f(3, 4, 3), "w": ws, "m": mask},
        "stepdist": {"t": one_hot(steps, 3), "p": f(3, 4, 3), "w": ws, "m": mask},
        "stepbinary": {"t": (steps > 1).astype("float32")[..., None], "p": f(3, 4, 1), "w": ws, "m": mask},
        "first": {"t": np.moveaxis(one_hot(steps, 3), 2, 1), "p": f(3, 3, 4), "w": ws},
        "groups": {"t": np.array([0, 1, 0, 1, 1, 2], dtype="int32"), "p": unit, "w": f(6)},
        "sequences": {"t": np.array([[1, 2, 0], [3, 3, 1], [2, 0, 0]], dtype="int32"), "p": g(3, 6, 4), "w": f(3)},
        "numbers": {"t": np.array([0, 2, 1, 1, 2, 0], dtype="int32"), "p": np.array([0, 2, 2, 1, 0, 0], dtype="float32"), "w": np.array([1, 2, 1, 0, 3, 1], dtype="float32")},
        "pixels": {"t": steps.astype("int32"), "p": np.array([[0, 2, 1, 0], [2, 1, 0, 1], [1, 0, 2, 2]], dtype="float32"), "w": np.array([[1, 2, 0, 1]] * 3, dtype="float32")},
    }


LOSSES = [
    ("MeanSquaredError", {}, "real column steps"), ("MeanAbsoluteError", {}, "real steps"), ("MeanAbsolutePercentageError", {}, "real"),
    ("MeanSquaredLogarithmicError", {}, "real positive"), ("CosineSimilarity", {}, "real"), ("CosineSimilarity", {"axis": 1}, "steps"),
    ("Huber", {}, "real"), ("Huber", {"delta": 0.3}, "real"), ("LogCosh", {}, "real"), ("Hinge", {}, "sign multi"), ("SquaredHinge", {}, "sign multi"),
    ("CategoricalHinge", {}, "logit"), ("KLDivergence", {}, "dist positive"), ("Poisson", {}, "positive"),
    ("BinaryCrossentropy", {}, "multi binary stepbinary"), ("BinaryCrossentropy", {"from_logits": True, "label_smoothing": 0.2}, "logit"),
    ("BinaryCrossentropy", {"axis": 1}, "stepdist"), ("BinaryFocalCrossentropy", {}, "multi"),
    ("BinaryFocalCrossentropy", {"apply_class_balancing": True, "alpha": 0.4, "gamma": 1.5, "label_smoothing": 0.1}, "multi"),
    ("BinaryFocalCrossentropy", {"from_logits": True}, "logit"), ("CategoricalCrossentropy", {}, "dist stepdist"),
    ("CategoricalCrossentropy", {"from_logits": True, "label_smoothing": 0.1}, "logit"), ("CategoricalCrossentropy", {"axis": 1, "label_smoothing": 0.1}, "first"),
    ("CategoricalFocalCrossentropy", {}, "dist"), ("CategoricalFocalCrossentropy", {"from_logits": True, "alpha": 0.5, "gamma": 1.0, "label_smoothing": 0.1}, "logit"),
    ("CategoricalFocalCrossentropy", {"axis": 1}, "first"), ("SparseCategoricalCrossentropy", {}, "classes classes1 stepclasses"),
    ("SparseCategoricalCrossentropy", {"from_logits": True}, "classes"), ("SparseCategoricalCrossentropy", {"ignore_class": 1}, "classes stepclasses"),
    ("CategoricalGeneralizedCrossEntropy", {"q": 0.7}, "classes"), ("CTC", {}, "sequences"), ("Dice", {}, "multi"), ("Dice", {"axis": 1}, "multi"),
    ("Dice", {"axis": [1, 2]}, "steps"), ("Tversky", {}, "multi"), ("Tversky", {"alpha": 0.3, "beta": 0.9, "axis": 1}, "multi"),
    ("Circle", {"gamma": 4.0}, "groups"), ("Circle", {"gamma": 2.0, "margin": 0.1, "remove_diagonal": False}, "groups"),
]
REDUCTIONS = ["sum", "mean", "mean_with_sample_weight", "none", None]


def record_losses(arrays):
    rows = []
    for name, config, sets in LOSSES:
        for key in sets.split():
            d = arrays[key]
            for weighted in (False, True):
                for masked in (False, True) if "m" in d else (False,):
                    several = key in ("real", "stepclasses", "stepdist") and name in ("MeanSquaredError", "SparseCategoricalCrossentropy", "CategoricalCrossentropy")
                    for reduction in ["sum_over_batch_size"] + (REDUCTIONS if several else []):
                        loss = getattr(losses, name)(reduction=reduction, **config)
                        p = backend.convert_to_tensor(d["p"])
                        if masked:
                            backend.set_keras_mask(p, backend.convert_to_tensor(d["m"]))
                        try:
                            got = loss(d["t"], p, d["w"] if weighted else None)
                        except (TypeError, ValueError):
                            # Weights of steps, or a mask, for a loss that has none left.
                            continue
                        rows.append([name, {**config, "reduction": reduction}, key, weighted, masked, short(got)])
    return rows


T3 = {"thresholds": [0.0, 0.5, 1.0]}
METRICS = [
    ("MeanSquaredError", {}, "real column steps"), ("RootMeanSquaredError", {}, "real steps"), ("MeanAbsoluteError", {}, "real steps"),
    ("MeanAbsolutePercentageError", {}, "real"), ("MeanSquaredLogarithmicError", {}, "positive"), ("CosineSimilarity", {}, "real steps"),
    ("CosineSimilarity", {"axis": 1}, "steps"), ("LogCoshError", {}, "real"), ("Hinge", {}, "sign"), ("SquaredHinge", {}, "sign"), ("CategoricalHinge", {}, "logit"),
    ("KLDivergence", {}, "dist"), ("Poisson", {}, "positive"), ("BinaryCrossentropy", {}, "multi stepbinary"),
    ("BinaryCrossentropy", {"from_logits": True, "label_smoothing": 0.1}, "logit"), ("CategoricalCrossentropy", {}, "dist stepdist"),
    ("CategoricalCrossentropy", {"from_logits": True, "label_smoothing": 0.1}, "logit"), ("CategoricalCrossentropy", {"axis": 1}, "first"),
    ("SparseCategoricalCrossentropy", {}, "classes stepclasses"), ("SparseCategoricalCrossentropy", {"ignore_class": 1}, "classes stepclasses"),
    ("Accuracy", {}, "numbers"), ("BinaryAccuracy", {}, "multi binary stepbinary"), ("BinaryAccuracy", {"threshold": 0.7}, "multi"),
    ("CategoricalAccuracy", {}, "dist stepdist"), ("SparseCategoricalAccuracy", {}, "classes classes1 ties stepclasses"),
    ("TopKCategoricalAccuracy", {"k": 2}, "dist stepdist"), ("SparseTopKCategoricalAccuracy", {"k": 2}, "classes ties stepclasses"),
    ("SparseTopKCategoricalAccuracy", {"k": 2, "from_sorted_ids": True}, "ids"), ("PearsonCorrelation", {}, "real"), ("PearsonCorrelation", {"axis": 1}, "steps"),
    ("ConcordanceCorrelation", {}, "real"), ("TruePositives", {}, "multi binary"), ("FalsePositives", {"thresholds": [0.2, 0.6]}, "multi"),
    ("TrueNegatives", T3, "multi"), ("FalseNegatives", {"thresholds": 0.3}, "multi stepbinary"), ("Precision", {}, "multi binary"),
    ("Precision", {"thresholds": [0.2, 0.6]}, "multi"), ("Precision", {"top_k": 2}, "multi dist"), ("Precision", {"class_id": 1}, "multi"), ("Precision", T3, "multi"),
    ("Recall", {}, "multi stepbinary"), ("Recall", {"top_k": 2, "class_id": 2}, "multi"), ("Recall", {"thresholds": [0.9]}, "multi"),
    ("SensitivityAtSpecificity", {"specificity": 0.5}, "multi binary"), ("SpecificityAtSensitivity", {"sensitivity": 0.6, "num_thresholds": 5}, "multi"),
    ("PrecisionAtRecall", {"recall": 0.5}, "multi"), ("RecallAtPrecision", {"precision": 0.6, "class_id": 0}, "multi"), ("RecallAtPrecision", {"precision": 0.6, "num_thresholds": 1}, "multi"),
    ("AUC", {}, "multi binary stepbinary"), ("AUC", {"curve": "PR"}, "multi"), ("AUC", {"curve": "PRGAIN", "num_thresholds": 9}, "multi"),
    ("AUC", {"summation_method": "minoring", "num_thresholds": 5}, "multi"), ("AUC", {"curve": "PR", "summation_method": "majoring", "num_thresholds": 7}, "multi"),
    ("AUC", {"thresholds": [0.3, 0.1, 0.8]}, "multi"), ("AUC", {"multi_label": True}, "multi"), ("AUC", {"multi_label": True, "label_weights": [1.0, 2.0, 0.5], "curve": "PR"}, "multi"),
    ("AUC", {"label_weights": [1.0, 2.0, 0.5]}, "multi"), ("AUC", {"from_logits": True}, "logit"), ("F1Score", {}, "dist"), ("F1Score", {"threshold": 0.5}, "multi"),
    ("F1Score", {"average": "micro"}, "dist"), ("F1Score", {"average": "macro", "threshold": 0.4}, "multi"), ("FBetaScore", {"beta": 2.0, "average": "weighted", "threshold": 0.4}, "multi"),
    ("IoU", {"num_classes": 3, "target_class_ids": [0, 2]}, "numbers pixels"), ("IoU", {"num_classes": 4, "target_class_ids": [1, 3], "sparse_y_true": False, "sparse_y_pred": False}, "dist"),
    ("BinaryIoU", {"threshold": 0.6}, "stepbinary"), ("MeanIoU", {"num_classes": 3}, "numbers"), ("MeanIoU", {"num_classes": 3, "ignore_class": 2, "dtype": "float32"}, "numbers"),
    ("OneHotIoU", {"num_classes": 4, "target_class_ids": [0, 1]}, "dist"), ("OneHotMeanIoU", {"num_classes": 3}, "stepdist"),
    ("R2Score", {}, "real column"), ("R2Score", {"class_aggregation": None}, "real"), ("R2Score", {"class_aggregation": "variance_weighted_average", "num_regressors": 2}, "real"),
    ("Mean", {}, "real"), ("Sum", {}, "real"),
]

def record_metrics(arrays):
    rows = []
    for name, config, sets in METRICS:
        for key in sets.split():
            d = arrays[key]
            for weighted in (False, True):
                for masked in (False, True) if "m" in d else (False,):
                    metric, results = getattr(metrics, name)(**config), []
                    half = len(d["p"]) // 2
                    for part in (slice(0, half), slice(half, None)):
                        p = backend.convert_to_tensor(d["p"][part])
                        if masked:
                            backend.set_keras_mask(p, backend.convert_to_tensor(d["m"][part]))
                        weight = d["w"][part] if weighted else None
                        values = (p,) if name in ("Mean", "Sum") else (d["t"][part], p)
                        try:
                            metric.update_state(*values, sample_weight=weight)
                        except (TypeError, ValueError):
                            # Weights of steps, or a mask, for values that have none.
                            break
                        results.append(short(metric.result()))
                    if len(results) == 2:
                        rows.append([name, config, key, weighted, masked, results])
    return rows


def decay():
    return S.ExponentialDecay(0.1, 3, 0.5)


COMMON = [
    {}, {"weight_decay": 0.1}, {"clipnorm": 0.3}, {"clipvalue": 0.2}, {"global_clipnorm": 0.5}, {"use_ema": True, "ema_momentum": 0.8},
    {"use_ema": True, "ema_momentum": 0.5, "ema_overwrite_frequency": 3}, {"gradient_accumulation_steps": 3}, {"loss_scale_factor": 4.0},
    {"gradient_accumulation_steps": 2, "use_ema": True, "ema_overwrite_frequency": 2, "clipnorm": 0.2, "weight_decay": 0.05},
]
OPTIMIZERS = [("SGD", {"learning_rate": 0.1, **c}) for c in COMMON] + [("Adam", {"learning_rate": 0.05, **c}) for c in COMMON] + [
    ("SGD", {"learning_rate": 0.1, "momentum": 0.9}), ("SGD", {"learning_rate": 0.1, "momentum": 0.7, "nesterov": True}), ("SGD", {"learning_rate": decay}),
    ("Adam", {}), ("Adam", {"learning_rate": 0.05, "beta_1": 0.7, "beta_2": 0.9, "epsilon": 0.01, "amsgrad": True}), ("Adam", {"learning_rate": decay, "gradient_accumulation_steps": 2}),
    ("AdamW", {"learning_rate": 0.05}), ("AdamW", {"learning_rate": 0.05, "weight_decay": 0.2, "amsgrad": True}),
    ("RMSprop", {"learning_rate": 0.05}), ("RMSprop", {"learning_rate": 0.05, "rho": 0.7, "momentum": 0.5, "epsilon": 0.01, "centered": True}), ("RMSprop", {"learning_rate": 0.05, "centered": True}),
    ("Adadelta", {"learning_rate": 1.0}), ("Adadelta", {"learning_rate": 2.0, "rho": 0.8, "epsilon": 0.001, "weight_decay": 0.01}),
    ("Adagrad", {"learning_rate": 0.1}), ("Adagrad", {"learning_rate": 0.1, "initial_accumulator_value": 0.5, "epsilon": 0.01, "gradient_accumulation_steps": 2}),
    ("Adamax", {"learning_rate": 0.05}), ("Adamax", {"learning_rate": 0.05, "beta_1": 0.7, "beta_2": 0.9, "epsilon": 0.01}),
    ("Adafactor", {"learning_rate": 0.5}), ("Adafactor", {"learning_rate": 0.2, "beta_2_decay": -0.6, "epsilon_2": 0.01, "clip_threshold": 0.7, "relative_step": False}),
    ("Nadam", {"learning_rate": 0.05}), ("Nadam", {"learning_rate": 0.05, "beta_1": 0.7, "beta_2": 0.9, "epsilon": 0.01, "gradient_accumulation_steps": 2}),
    ("Ftrl", {"learning_rate": 0.1}), ("Ftrl", {"learning_rate": 0.1, "learning_rate_power": -0.7, "initial_accumulator_value": 0.2, "l1_regularization_strength": 0.05, "l2_regularization_strength": 0.1, "l2_shrinkage_regularization_strength": 0.02, "beta": 0.1}),
    ("Ftrl", {"learning_rate": 0.1, "learning_rate_power": 0.0}), ("Lion", {"learning_rate": 0.02}), ("Lion", {"learning_rate": 0.02, "beta_1": 0.7, "beta_2": 0.8, "weight_decay": 0.1}),
    ("Lamb", {"learning_rate": 0.05}), ("Lamb", {"learning_rate": 0.05, "beta_1": 0.7, "beta_2": 0.9, "epsilon": 0.01, "weight_decay": 0.1}),
    ("Muon", {"learning_rate": 0.05}), ("Muon", {"learning_rate": 0.05, "nesterov": False, "momentum": 0.8, "ns_steps": 3, "rms_rate": None, "exclude_layers": ["^out"], "adam_lr_ratio": 0.5, "adam_weight_decay": None, "weight_decay": 0.1}),
    ("Muon", {"learning_rate": 0.05, "exclude_embeddings": False, "muon_a": 3.0, "muon_b": -4.0, "muon_c": 2.0}),
    ("ScheduleFreeAdamW", {"learning_rate": 0.05}), ("ScheduleFreeAdamW", {"learning_rate": 0.05, "beta_1": 0.7, "beta_2": 0.9, "epsilon": 0.01, "warmup_steps": 4, "weight_decay": 0.1}),
    ("LossScaleOptimizer", {"inner_optimizer": lambda: optimizers.Adam(0.05), "initial_scale": 4.0, "dynamic_growth_steps": 3}),
    ("MultiOptimizer", {"optimizer_map": lambda: optimizers.OptimizerMap(optimizers.Adam(0.05), {"out.*": optimizers.SGD(0.1, momentum=0.5), "none": optimizers.RMSprop(0.1)})}),
]
WEIGHTS = [("kernel", (3, 2)), ("bias", (2,)), ("embedding_table", (2, 3)), ("out_kernel", (2, 2, 3))]


def apply(optimizer, grads, weights):
    """One call; the branches of the loss scale need one without side effects."""
    if not isinstance(optimizer, optimizers.LossScaleOptimizer):
        return optimizer.apply(grads, weights)
    own = optimizer.variables
    found = optimizer.stateless_apply([v.value for v in own], grads, [v.value for v in weights])
    for variables, values in zip((weights, own), found):
        for variable, value in zip(variables, values):
            variable.assign(value)


def record_optimizers():
    """Ten calls; the gradient of weight i at call t is w · 0.3 + sin(t + i + place) (Muon's kernel: no ties), times the scale."""
    rows = []
    for name, config in OPTIMIZERS:
        config = {k: v() if callable(v) else v for k, v in config.items()}
        optimizer = getattr(optimizers, name)(**config)
        first = [np.cos(np.arange(np.prod(s)) + i).reshape(s).astype("float32") for i, (_, s) in enumerate(WEIGHTS)]
        weights = [keras.Variable(w, name=n) for w, (n, _) in zip(first, WEIGHTS)]
        optimizer.build(weights)
        object = keras.saving.serialize_keras_object(optimizer)
        third = None
        for t in range(10):
            scale = float(optimizer.scale_loss(1.0))
            grads = []
            for i, w in enumerate(weights):
                w = np.asarray(w)
                wave = np.sin(t + i + np.arange(w.size)).reshape(w.shape)
                grads.append(((w * np.float32(0.3) + wave.astype("float32")) * np.float32(scale)).astype("float32"))
            if name == "LossScaleOptimizer" and t == 5:
                grads[0][0, 0] = np.inf
            apply(optimizer, grads, weights)
            if t == 2:
                third = [array(w)["values"] for w in weights]
        state = [[str(v.dtype), array(v)["shape"], array(v)["values"]] for v in optimizer.variables]
        rows.append({"object": object, "third": third, "weights": [array(w)["values"] for w in weights], "state": state})
    return rows


SCHEDULES = [
    decay(), S.ExponentialDecay(0.5, 4, 0.3, staircase=True), S.InverseTimeDecay(0.1, 3, 0.5), S.InverseTimeDecay(0.1, 3, 2.0, staircase=True),
    S.PiecewiseConstantDecay([2, 5], [0.3, 0.1, 0.02]), S.PiecewiseConstantDecay([2.5], [1.0, 0.5]), S.PolynomialDecay(0.3, 6, 0.01, 0.885), S.PolynomialDecay(0.3, 4, 0.01, 2.0, cycle=True),
    S.CosineDecay(0.2, 7), S.CosineDecay(0.0, 5, alpha=0.1, warmup_target=0.3, warmup_steps=3), S.CosineDecay(0.1, 5, warmup_target=0.2), S.CosineDecayRestarts(0.2, 3),
    S.CosineDecayRestarts(0.2, 4, t_mul=1.0, m_mul=0.7, alpha=0.05), S.CosineDecayRestarts(0.2, 2, t_mul=1.5, m_mul=0.9),
]


def record_schedules():
    with_steps = lambda s: [short(np.float32(s(np.int32(i)))) for i in range(14)]
    return [[keras.saving.serialize_keras_object(s), with_steps(s)] for s in SCHEDULES]


def model_of(kind):
    """Small models with fixed weights: one output, several, steps with a mask."""
    if kind == "steps":
        x = keras.Input((4,), dtype="int32", name="x")
        h = layers.Embedding(5, 3, mask_zero=True, name="table")(x)
        return keras.Model(x, layers.Dense(3, activation="softmax", name="out")(h))
    x = keras.Input((3,), name="x")
    dense = lambda n, act, name, **kw: layers.Dense(n, activation=act, name=name, **kw)
    if kind == "one":
        return keras.Sequential([x, dense(4, "tanh", "body", kernel_regularizer="l2"), dense(2, "sigmoid", "out")])
    body = dense(4, "tanh", "body")(x)
    return keras.Model(x, [dense(3, "softmax", "kind")(body), dense(1, None, "price")(body), dense(1, "sigmoid", "flag")(body)])


L, M = losses, metrics
AUC = lambda: M.AUC(name="auc")
THREE = {"kind": "sparse_categorical_crossentropy", "price": "mse", "flag": "binary_crossentropy"}
COMPILES = [
    ("one", lambda: dict(loss="mse", metrics=["mae", "accuracy", "AUC"])),
    ("one", lambda: dict(loss="binary_crossentropy", metrics=["mae", "mean_absolute_error", M.MeanAbsoluteError(name="mean_absolute_error"), L.mean_absolute_error, L.Huber(), L.cosine_similarity, "cosine_similarity", "MSE"], weighted_metrics=["mae", "acc", "mae"])),
    ("one", lambda: dict(loss=L.BinaryCrossentropy(reduction="sum", label_smoothing=0.1), loss_weights=[0.5], metrics=[M.F1Score(threshold=0.5, name="f1"), M.Precision(thresholds=[0.3, 0.6], name="p"), M.R2Score(name="r2")])),
    ("one", lambda: dict(loss=None, metrics=["mse"])), ("one", lambda: dict(loss="crossentropy", loss_weights=2.0, metrics=["acc"])),
    ("one", lambda: dict(loss=L.MeanSquaredError(reduction="mean_with_sample_weight"), weighted_metrics=[M.MeanMetricWrapper(L.huber, name="hh", delta=0.2)])),
    ("many", lambda: dict(loss="mse", loss_weights=None, metrics=[["accuracy", "mae"], None, [AUC()]], y="same")),
    ("many", lambda: dict(loss=THREE, loss_weights={"kind": 0.5, "price": 2.0, "flag": 1.0}, metrics={"kind": ["accuracy"], "price": ["mae", "mape"], "flag": AUC()})),
    ("many", lambda: dict(loss=list(THREE.values()), loss_weights=[1.0, 0.25, 3.0], metrics=["acc", "mse", "acc"], weighted_metrics=["acc", None, "bce"])),
    ("many", lambda: dict(loss=["crossentropy", None, "ce"], metrics={"price": "mae"})), ("many", lambda: dict(loss=[["sparse_categorical_crossentropy"], ["mse", "mae"], "binary_crossentropy"])),
    ("steps", lambda: dict(loss="sparse_categorical_crossentropy", metrics=["accuracy"], weighted_metrics=["accuracy", "sparse_categorical_crossentropy"])),
    ("steps", lambda: dict(loss=L.SparseCategoricalCrossentropy(reduction="sum"), metrics=[M.SparseCategoricalCrossentropy(name="sce")])),
]


def batch_of(kind, same):
    rng = np.random.RandomState(4)
    f = lambda *s: np.round(rng.rand(*s), 3).astype("float32")
    if kind == "steps":
        x = np.array([[1, 2, 0, 0], [3, 0, 0, 0], [4, 1, 2, 3], [2, 2, 1, 0], [1, 4, 4, 0]], dtype="int32")
        return x, [rng.randint(0, 3, (5, 4)).astype("int32")], [f(5, 4)]
    x, w = f(7, 3), f(7)
    if kind == "one":
        return x, [(f(7, 2) > 0.5).astype("float32")], [w]
    kinds = rng.randint(0, 3, 7).astype("int32")
    y = [np.eye(3, dtype="float32")[kinds] if same else kinds, f(7, 1), (f(7, 1) > 0.5).astype("float32")]
    return x, y, [w, f(7), f(7)]


def record_compiles():
    rows = []
    for kind, arguments in COMPILES:
        keras.utils.clear_session()
        arguments = arguments()
        same = arguments.pop("y", None) == "same"
        model = model_of(kind)
        for i, v in enumerate(model.weights):
            v.assign((0.7 * np.cos(np.arange(np.prod(v.shape)) + i)).reshape(v.shape).astype("float32"))
        model.compile(optimizers.SGD(0.2), jit_compile=False, **arguments)
        x, y, w = batch_of(kind, same)
        one = len(y) == 1
        targets, weights = (y[0], w[0]) if one else (y, w)
        row = {"model": json.loads(model.to_json()), "config": model.get_compile_config(), "x": array(x), "y": [array(v) for v in y], "w": [array(v) for v in w]}
        values = lambda logs: {k: short(v) for k, v in logs.items()}
        row["weights"] = [array(v) for v in model.get_weights()]
        row["plain"] = values(model.evaluate(x, targets, batch_size=3, verbose=0, return_dict=True))
        row["weighted"] = values(model.evaluate(x, targets, sample_weight=weights, batch_size=3, verbose=0, return_dict=True))
        row["list"] = [short(v) for v in np.atleast_1d(np.asarray(model.evaluate(x, targets, batch_size=3, verbose=0), dtype=object))]
        if arguments["loss"] is not None:
            history = model.fit(x, targets, sample_weight=weights, batch_size=3, epochs=3, shuffle=False, verbose=0).history
            # On this backend fit loses the masks of metrics.
            row["history"] = {k: [short(e) for e in v] for k, v in history.items() if kind != "steps" or "loss" in k}
            row["trained"] = [array(v) for v in model.get_weights()]
        rows.append(row)
    return rows


def record_signatures():
    plain = lambda v: v is None or isinstance(v, (bool, int, float, str, list, tuple, dict))
    out = {}
    groups = {"loss": losses, "metric": metrics, "optimizer": optimizers, "schedule": S, "initializer": initializers, "regularizer": regularizers, "constraint": constraints}
    for kind, module in groups.items():
        for name, cls in sorted(vars(module).items()):
            if not inspect.isclass(cls) or name in ("Loss", "Metric", "Optimizer", "OptimizerMap", "LearningRateSchedule", "Initializer", "Regularizer", "Constraint"):
                continue
            if name != cls.__name__:
                continue
            args = [p for p in inspect.signature(cls.__init__).parameters.values() if p.name != "self" and p.kind == p.POSITIONAL_OR_KEYWORD]
            out[f"{kind} {name}"] = [[p.name] + ([] if p.default is p.empty else [p.default if plain(p.default) else None]) for p in args]
    return [[k, v] for k, v in out.items()]


RECORDS = {
    "arrays": lambda: [[k, {n: array(a) for n, a in d.items()}] for k, d in data().items()], "losses": lambda: record_losses(data()),
    "metrics": lambda: record_metrics(data()), "optimizers": record_optimizers, "schedules": record_schedules, "compiles": record_compiles,
    "signatures": record_signatures,
}


def main():
    """`classes.py FOLDER [ACTIVATIONS [NAMES]]`: all of the records, or those named."""
    folder, names = sys.argv[1], sys.argv[3].split(",") if len(sys.argv) > 3 else RECORDS
    for name in names:
        rows = ",\n".join(json.dumps(row, separators=(",", ":")) for row in RECORDS[name]())
        with open(os.path.join(folder, name + ".json"), "w") as f:
            f.write("[\n" + rows + "\n]\n")


main()
