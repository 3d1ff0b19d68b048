"""A step run eagerly, op by op, for models with a `train_step` or `test_step` of their own: losses and metrics."""

import numpy as np

from . import _addax, _data, _objects
from ._tensors import leaves


class LossTracker(_objects.Metric):
    """The running mean of the loss."""

    def __init__(self):
        super().__init__(name="loss")
        self.total, self.count = self.add_weight(name="total"), self.add_weight(name="count")

    def update_state(self, values, sample_weight=None):
        """Adds a loss."""
        self.total.assign(self.total.numpy() + float(np.asarray(values)))
        self.count.assign(self.count.numpy() + 1.0)

    def result(self):
        """The mean so far."""
        count = float(self.count.numpy())
        return _addax.tensor(np.float32(float(self.total.numpy()) / count if count else 0.0))


def eager_metrics(model):
    """The metrics of a model as objects: those of `compile`, and its attributes."""
    own = [v for v in model.__dict__.values() if isinstance(v, _objects.Metric)]
    given = model.__dict__.get("_compile_given")
    if given is None:
        return own
    if model.__dict__.get("_eager_metrics") is None:
        made = [m for g in (given[1], given[2]) for m in leaves(g) if m is not None]
        model.__dict__["_eager_metrics"] = [LossTracker()] + [metric_object(model, m) for m in made]
    return model.__dict__["_eager_metrics"] + [m for m in own if not any(m is k for k in model.__dict__["_eager_metrics"])]


def metric_object(model, metric):
    """A metric of `compile` as an object."""
    if isinstance(metric, _objects.Metric):
        return metric
    if isinstance(metric, str):
        name = metric
        if metric.lower() in ("accuracy", "acc"):
            shape = model._core.ends()[1][0].shape if model._core is not None and model._core.built else (None, 1)
            loss = str(getattr(model.loss, "name", model.loss))
            metric = "binary_accuracy" if shape[-1] == 1 else (
                "sparse_categorical_accuracy" if "sparse" in loss.lower() else "categorical_accuracy")  # fmt: skip
        made = _objects.get("metrics", metric)
        made.name = name
        return made
    if isinstance(metric, type):
        return metric()
    return FunctionMetric(metric)


class FunctionMetric(_objects.Metric):
    """The running mean of a function of yours."""

    def __init__(self, function):
        super().__init__(name=getattr(function, "__name__", "metric"))
        self.function, self.values = function, []

    def update_state(self, y_true, y_pred, sample_weight=None):
        """Adds a batch."""
        self.values.append(np.asarray(self.function(y_true, y_pred)))

    def reset_state(self):
        """Begins anew."""
        self.values = []

    def result(self):
        """The mean so far."""
        flat = np.concatenate([np.ravel(v) for v in self.values]) if self.values else np.zeros(1)
        return _addax.tensor(np.float32(flat.mean()))


def loss_object(loss):
    """A loss of `compile` as an object that can be called."""
    if loss is None or isinstance(loss, _objects.Loss):
        return loss
    if isinstance(loss, (str, dict)):
        return _objects.get("losses", loss)
    from ._models import FunctionLoss

    return loss() if isinstance(loss, type) else FunctionLoss(loss)


def compute_loss(model, x, y, y_pred, sample_weight):
    """The loss of outputs as compiled, with what layers add."""
    total = None
    given = model.loss
    outputs = leaves(y_pred)
    if given is not None:
        names = sorted(y_pred) if isinstance(y_pred, dict) else None
        if isinstance(given, dict):
            names = names or model.output_names
            losses = [given.get(n) for n in names]
        else:
            losses = list(given) if isinstance(given, (list, tuple)) else [given] * len(outputs)
        targets = leaves(y) if len(outputs) > 1 else [y]
        scales = leaves(model._compile_given[3]) if model._compile_given[3] is not None else [1.0] * len(outputs)
        for loss, t, p, scale in zip(losses, targets, outputs, scales):
            if loss is None:
                continue
            value = loss_object(loss)(t, p, sample_weight=sample_weight)
            value = value if scale == 1.0 else value * scale
            total = value if total is None else total + value
    for extra in model.losses:
        total = extra if total is None else total + extra
    for layer in model._flatten_layers():
        layer._own_losses.clear()
    if total is None:
        raise ValueError("No loss to compute. Provide a `loss` argument in `compile()`.")
    return total


def compute_metrics(model, y, y_pred, sample_weight):
    """The values of all metrics after a batch."""
    tracked = [m for m in eager_metrics(model) if m.name != "loss"]
    given = model.__dict__.get("_eager_metrics") or []
    for metric in tracked:
        if any(metric is m for m in given):
            metric.update_state(leaves(y)[0], leaves(y_pred)[0])
    return metrics_result(model)


def metrics_result(model):
    """The values of all metrics."""
    out = {}
    for metric in eager_metrics(model):
        result = metric.result()
        out.update(result if isinstance(result, dict) else {metric.name: result})
    return out


def train_step(model, data):
    """One step on a batch by tape and optimizer."""
    from . import GradientTape

    x, y, w = _data.parts(data if isinstance(data, tuple) else (data,))
    with GradientTape() as tape:
        y_pred = model(x, training=True)
        loss = model.compute_loss(x=x, y=y, y_pred=y_pred, sample_weight=w, training=True)
    variables = model.trainable_variables
    model.optimizer.apply(tape.gradient(loss, variables), variables)
    track_loss(model, loss)
    return model.compute_metrics(x, y, y_pred, sample_weight=w)


def test_step(model, data):
    """One batch of an evaluation."""
    x, y, w = _data.parts(data if isinstance(data, tuple) else (data,))
    y_pred = model(x, training=False)
    track_loss(model, model.compute_loss(x=x, y=y, y_pred=y_pred, sample_weight=w, training=False))
    return model.compute_metrics(x, y, y_pred, sample_weight=w)


def track_loss(model, loss):
    """Adds a loss to the running mean."""
    for metric in eager_metrics(model):
        if isinstance(metric, LossTracker):
            metric.update_state(loss)
