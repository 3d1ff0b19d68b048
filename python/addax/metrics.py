"""Scores of predictions with scikit-learn's names, arguments and numbers; computed in Rust.

    >>> from addax.metrics import f1_score
    >>> f1_score([0, 1, 1], [0, 1, 0])
    0.6666666666666666
"""

import numpy as _np

from . import _addax

__all__ = [
    "accuracy_score", "auc", "average_precision_score", "balanced_accuracy_score", "brier_score_loss",
    "classification_report", "cohen_kappa_score", "confusion_matrix", "explained_variance_score", "f1_score",
    "fbeta_score", "get_scorer", "get_scorer_names", "jaccard_score", "log_loss", "matthews_corrcoef", "max_error",
    "mean_absolute_error", "mean_absolute_percentage_error", "mean_squared_error", "mean_squared_log_error",
    "median_absolute_error", "precision_recall_curve", "precision_recall_fscore_support", "precision_score",
    "r2_score", "recall_score", "roc_auc_score", "roc_curve", "root_mean_squared_error", "top_k_accuracy_score",
]  # fmt: skip


def _flat(a, name):
    a = _np.asarray(a)
    if a.ndim == 2 and a.shape[1] == 1:
        a = a[:, 0]
    if a.ndim != 1:
        raise ValueError(f"{name}: expected one value for each row, got shape {a.shape}")
    if a.dtype.kind == "f" and not _np.all(a == _np.round(a)):
        raise ValueError(f"{name}: expected classes, got numbers in between; take a score of numbers, or round them first")
    return a


def _weights(sample_weight):
    return None if sample_weight is None else _np.asarray(sample_weight, float).tolist()


def _coded(y_true, y_pred, labels=None):
    """The classes, and the places of targets, predictions and `labels` among them."""
    truth, said = _flat(y_true, "y_true"), _flat(y_pred, "y_pred")
    if len(truth) != len(said):
        raise ValueError(f"scores: expected as many predictions as targets, got {len(truth)} and {len(said)}")
    extra = _np.asarray([] if labels is None else labels, dtype=truth.dtype if labels is None else None)
    classes, places = _np.unique(_np.concatenate([truth, said, extra]), return_inverse=True)
    n = len(truth)
    coded = None if labels is None else places[2 * n :].tolist()
    return classes, places[:n].tolist(), places[n : 2 * n].tolist(), coded


def _matrix_score(name, y_true, y_pred, sample_weight):
    _, truth, said, _ = _coded(y_true, y_pred)
    return _addax.matrix_score(name, truth, said, _weights(sample_weight))


def accuracy_score(y_true, y_pred, *, normalize=True, sample_weight=None):
    """The share (or the number) of rows that are told rightly."""
    share = _matrix_score("accuracy", y_true, y_pred, sample_weight)
    if normalize:
        return share
    return float(share * (len(y_true) if sample_weight is None else _np.sum(sample_weight)))


def balanced_accuracy_score(y_true, y_pred, *, sample_weight=None, adjusted=False):
    """The mean recall of the classes."""
    return _matrix_score("adjusted" if adjusted else "balanced", y_true, y_pred, sample_weight)


def matthews_corrcoef(y_true, y_pred, *, sample_weight=None):
    """The correlation of truth and prediction."""
    return _matrix_score("matthews", y_true, y_pred, sample_weight)


def cohen_kappa_score(y1, y2, *, labels=None, weights=None, sample_weight=None):
    """Agreement beyond chance; `weights` is None, "linear" or "quadratic"."""
    if labels is not None:
        kept = _np.isin(y1, labels) & _np.isin(y2, labels)
        sample_weight = None if sample_weight is None else _np.asarray(sample_weight)[kept]
        y1, y2 = _np.asarray(y1)[kept], _np.asarray(y2)[kept]
    return _matrix_score(weights or "kappa", y1, y2, sample_weight)


def confusion_matrix(y_true, y_pred, *, labels=None, sample_weight=None, normalize=None):
    """Rows true, columns predicted."""
    _, truth, said, chosen = _coded(y_true, y_pred, labels)
    counts = _np.array(_addax.confusion(truth, said, _weights(sample_weight), chosen, normalize)[1])
    return counts if normalize is not None or sample_weight is not None else counts.astype(int)


def _zero(zero_division):
    return 0.0 if isinstance(zero_division, str) else float(zero_division)


def _by_class(y_true, y_pred, beta, labels, pos_label, average, sample_weight, zero_division):
    classes, truth, said, chosen = _coded(y_true, y_pred, labels)
    positive = 0
    if average == "binary":
        if len(classes) > 2:
            raise ValueError("average: expected macro, micro, weighted or None for more than two classes, got binary")
        found = _np.flatnonzero(classes == pos_label)
        if len(found) == 0 and len(classes) == 2:
            raise ValueError(f"pos_label={pos_label} is not a valid label: expected one of {classes.tolist()}")
        positive = int(found[0]) if len(found) else -1
    rows = _addax.class_scores(
        truth, said, _weights(sample_weight), chosen, float(beta), _zero(zero_division), average, positive
    )
    return _np.array(rows) if average is None else rows[0]


def precision_recall_fscore_support(
    y_true, y_pred, *, beta=1.0, labels=None, pos_label=1, average=None, warn_for=(), sample_weight=None, zero_division="warn"
):
    """Precision, recall, F and support by class, or averaged."""
    rows = _by_class(y_true, y_pred, beta, labels, pos_label, average, sample_weight, zero_division)
    if average is None:
        support = rows[:, 4] if sample_weight is not None else rows[:, 4].astype(int)
        return rows[:, 0], rows[:, 1], rows[:, 2], support
    return rows[0], rows[1], rows[2], None


def _class_score(place, doc):
    def score(y_true, y_pred, *, labels=None, pos_label=1, average="binary", sample_weight=None, zero_division="warn"):
        rows = _by_class(y_true, y_pred, 1.0, labels, pos_label, average, sample_weight, zero_division)
        return rows[:, place] if average is None else rows[place]

    score.__doc__ = doc
    return score


precision_score = _class_score(0, "The share of what was called so that is so.")
recall_score = _class_score(1, "The share of what is so that was called so.")
f1_score = _class_score(2, "The harmonic mean of precision and recall.")
jaccard_score = _class_score(3, "What is and was called so, of what is or was called so.")
for _name in ("precision_score", "recall_score", "f1_score", "jaccard_score"):
    globals()[_name].__name__ = globals()[_name].__qualname__ = _name


def fbeta_score(
    y_true, y_pred, *, beta, labels=None, pos_label=1, average="binary", sample_weight=None, zero_division="warn"
):
    """The mean of precision and recall in which recall counts `beta` times as much."""
    rows = _by_class(y_true, y_pred, beta, labels, pos_label, average, sample_weight, zero_division)
    return rows[:, 2] if average is None else rows[2]


def classification_report(
    y_true, y_pred, *, labels=None, target_names=None, sample_weight=None, digits=2, output_dict=False, zero_division="warn"
):
    """Precision, recall and F1 by class, as text or as a dict."""
    classes, truth, said, chosen = _coded(y_true, y_pred, labels)
    shown = classes.tolist() if labels is None else list(labels)
    names = [str(n) for n in (shown if target_names is None else target_names)]
    if labels is None and len(names) != len(shown):
        raise ValueError(f"target_names: expected a name for each of {len(shown)} classes, got {len(names)}")
    text, rows = _addax.class_report(
        truth, said, _weights(sample_weight), chosen, names, digits, _zero(zero_division)
    )
    if not output_dict:
        return text
    heads = ("precision", "recall", "f1-score", "support")
    report = {name: dict(zip(heads, row)) for name, row in rows}
    if "accuracy" in report:
        report["accuracy"] = report["accuracy"]["precision"]
    return report


def _binary(y_true, pos_label):
    y = _flat(y_true, "y_true")
    classes = _np.unique(y)
    if pos_label is None:
        if len(classes) > 2 or not set(classes.tolist()) <= {0, 1, -1}:
            raise ValueError(f"y_true: expected classes 0 and 1 (or pos_label), got {classes.tolist()}")
        pos_label = 1
    return (y == pos_label).tolist()


def _scores(y_score):
    return _np.asarray(y_score, float).ravel().tolist()


def roc_curve(y_true, y_score, *, pos_label=None, sample_weight=None, drop_intermediate=True):
    """False positive rates, true positive rates, thresholds."""
    curve = _addax.roc(_binary(y_true, pos_label), _scores(y_score), _weights(sample_weight), drop_intermediate)
    return tuple(map(_np.array, curve))


def precision_recall_curve(y_true, y_score, *, pos_label=None, sample_weight=None, drop_intermediate=False):
    """Precisions, recalls, thresholds."""
    truth = _binary(y_true, pos_label)
    curve = _addax.precision_recall(truth, _scores(y_score), _weights(sample_weight), drop_intermediate)
    return tuple(map(_np.array, curve))


def auc(x, y):
    """The area under a line through points."""
    return _addax.area(_scores(x), _scores(y))


def average_precision_score(y_true, y_score, *, pos_label=1, sample_weight=None):
    """The sum of precisions, each by the recall that it adds."""
    return _addax.ranked("precision", _binary(y_true, pos_label), _scores(y_score), _weights(sample_weight), 1.0)


def roc_auc_score(
    y_true, y_score, *, average="macro", sample_weight=None, max_fpr=None, multi_class="raise", labels=None
):
    """The area under the ROC curve; of more classes with `multi_class="ovr"` or `"ovo"`."""
    p, classes = _np.asarray(y_score, float), _np.unique(_flat(y_true, "y_true"))
    if p.ndim == 2 and p.shape[1] > 2:
        if multi_class not in ("ovr", "ovo"):
            raise ValueError(f"multi_class: expected ovr or ovo for {p.shape[1]} classes, got {multi_class}")
        classes = classes if labels is None else _np.asarray(labels)
        if len(classes) != p.shape[1]:
            raise ValueError(f"y_score: expected a column for each of {len(classes)} classes, got {p.shape[1]}")
        place = _np.searchsorted(classes, _flat(y_true, "y_true")).tolist()
        names = list(range(len(classes)))
        return _addax.multiclass_auc(place, names, _scores(p), multi_class, average, _weights(sample_weight))
    if p.ndim == 2 and p.shape[1] == 2:
        p = p[:, 1]
    truth = _binary(y_true, classes[-1] if len(classes) == 2 else 1)
    return _addax.ranked("roc", truth, _scores(p), _weights(sample_weight), 1.0 if max_fpr is None else max_fpr)


def _probability_score(kind, y_true, y_proba, sample_weight, labels, option):
    y, p = _flat(y_true, "y_true"), _np.asarray(y_proba)
    classes = _np.unique(y if labels is None else labels)
    places = _np.searchsorted(classes, y).tolist()
    if not _np.isin(y, classes).all():
        raise ValueError(f"y_true: expected one of the labels {classes.tolist()}")
    names = list(range(len(classes)))
    return _addax.probability_score(kind, places, names, _scores(p), _weights(sample_weight), float(option))


def log_loss(y_true, y_proba, *, normalize=True, sample_weight=None, labels=None):
    """The mean (or sum) of `-ln p` of the true class."""
    p = _np.asarray(y_proba)
    epsilon = _np.finfo(p.dtype if p.dtype.kind == "f" else float).eps
    mean = _probability_score("log_loss", y_true, p, sample_weight, labels, epsilon)
    return mean if normalize else mean * float(len(p) if sample_weight is None else _np.sum(sample_weight))


def brier_score_loss(y_true, y_proba, *, sample_weight=None, pos_label=None, labels=None):
    """The mean squared distance of probabilities from the truth."""
    if _np.ndim(y_proba) == 1:
        y_true, labels = _np.array(_binary(y_true, pos_label)).astype(int), [0, 1]
    return _probability_score("brier", y_true, y_proba, sample_weight, labels, 0)


def top_k_accuracy_score(y_true, y_score, *, k=2, normalize=True, sample_weight=None, labels=None):
    """How often the true class is among the `k` most probable."""
    share = _probability_score("top_k", y_true, y_score, sample_weight, labels, k)
    return share if normalize else share * float(len(y_true) if sample_weight is None else _np.sum(sample_weight))


def _of_numbers(scoring, sign, doc):
    def score(y_true, y_pred, *, sample_weight=None, multioutput="uniform_average"):
        truth, said = _np.asarray(y_true, float), _np.asarray(y_pred, float)
        if truth.ndim == 1 and said.shape == (len(truth), 1):
            said = said[:, 0]
        if multioutput == "raw_values":
            columns = zip(_np.atleast_2d(truth.T), _np.atleast_2d(said.T))
            return _np.array([score(t, p, sample_weight=sample_weight) for t, p in columns])
        if multioutput != "uniform_average":
            each = score(truth, said, sample_weight=sample_weight, multioutput="raw_values")
            return float(_np.average(each, weights=multioutput))
        return sign * _addax.score(scoring, truth, said, [], _weights(sample_weight))

    score.__doc__ = doc
    return score


r2_score = _of_numbers("r2", 1, "The share of the variance that is explained.")
explained_variance_score = _of_numbers("explained_variance", 1, "As R², without blame for a constant offset.")
mean_squared_error = _of_numbers("neg_mean_squared_error", -1, "The mean of squared differences.")
root_mean_squared_error = _of_numbers("neg_root_mean_squared_error", -1, "Its root.")
mean_absolute_error = _of_numbers("neg_mean_absolute_error", -1, "The mean of absolute differences.")
mean_absolute_percentage_error = _of_numbers(
    "neg_mean_absolute_percentage_error", -1, "The mean of absolute differences as shares of the truth."
)
median_absolute_error = _of_numbers("neg_median_absolute_error", -1, "The median of absolute differences.")
mean_squared_log_error = _of_numbers("neg_mean_squared_log_error", -1, "The mean of squared differences of ln(1 + x).")
max_error = _of_numbers("neg_max_error", -1, "The largest absolute difference.")
for _name in [n for n in __all__ if n.endswith("_error") or n in ("r2_score", "explained_variance_score")]:
    globals()[_name].__name__ = globals()[_name].__qualname__ = _name


class _Scorer:
    """A score of an estimator by its name: the higher, the better."""

    def __init__(self, name, probabilities):
        self.name, self._probabilities = name, probabilities

    def __call__(self, estimator, X, y, sample_weight=None):
        said = _np.asarray(estimator.predict_proba(X) if self._probabilities else estimator.predict(X))
        y = _np.asarray(y)
        classes = getattr(estimator, "classes_", None)
        if classes is not None and (self._probabilities or y.dtype.kind not in "fiub"):
            # Classes of any kind become their places.
            known = _np.unique(_np.concatenate([_np.asarray(classes), y]))
            places = _np.searchsorted(known, classes).tolist()
            said = said if self._probabilities else _np.searchsorted(known, said)
            return _addax.score(self.name, _np.searchsorted(known, y), said, places, _weights(sample_weight))
        y = y if y.dtype.kind in "iub" else y.astype(float)
        said = said if said.dtype.kind in "iub" else said.astype(float)
        return _addax.score(self.name, y, said, [], _weights(sample_weight))

    def __repr__(self):
        return f"make_scorer({self.name})"


def get_scorer(scoring):
    """The score of a name in `scoring`; what can be called is one already."""
    if callable(scoring):
        return scoring
    known = dict(_addax.scorings())
    if scoring not in known:
        raise ValueError(f"unknown scoring {scoring!r}: expected one of {sorted(known)}")
    return _Scorer(scoring, known[scoring])


def get_scorer_names():
    """The names of all scores."""
    return sorted(name for name, _ in _addax.scorings())
