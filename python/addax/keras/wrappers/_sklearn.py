"""What the wrappers need of scikit-learn, and what stands for it where it is not installed."""

import numpy as np

try:
    from sklearn.base import BaseEstimator, ClassifierMixin, RegressorMixin, TransformerMixin
    from sklearn.utils.multiclass import type_of_target
    from sklearn.utils.validation import _check_sample_weight, check_is_fitted, column_or_1d, validate_data

    INSTALLED = True
except ImportError:
    INSTALLED = False

    class BaseEstimator:
        """Parameters by the arguments of `__init__`."""

        def __sklearn_tags__(self):
            raise ImportError("scikit-learn is not installed: pip install scikit-learn")

    class ClassifierMixin:
        """Scores by accuracy."""

        def score(self, X, y, sample_weight=None):
            """The share of rows whose class is told rightly."""
            return float(np.average(np.asarray(y) == self.predict(X), weights=sample_weight))

    class RegressorMixin:
        """Scores by R²."""

        def score(self, X, y, sample_weight=None):
            """The share of the variance that is explained."""
            y, weight = np.asarray(y, float), np.ones(len(y)) if sample_weight is None else sample_weight
            mean = np.average(y, weights=weight)
            error, spread = (np.average((y - v) ** 2, weights=weight) for v in (self.predict(X), mean))
            return 1.0 if error == 0 else 0.0 if spread == 0 else float(1 - error / spread)

    class TransformerMixin:
        """Fits and transforms at once."""

        def fit_transform(self, X, y=None, **kwargs):
            """`fit`, then `transform`."""
            return self.fit(X, y, **kwargs).transform(X)

    def type_of_target(y, **_):
        """What kind of target this is."""
        y = np.asarray(y)
        if y.dtype.kind == "f" and np.any(y != np.round(y)):
            return "continuous"
        return "binary" if len(np.unique(y)) <= 2 else "multiclass"

    def check_is_fitted(estimator):
        """Refuses an estimator that is not fitted."""
        if not hasattr(estimator, "model_"):
            raise ValueError(f"This {type(estimator).__name__} is not fitted: call fit() first.")

    def validate_data(estimator, X, y="none", reset=True, **_):
        """Rows as arrays, as many targets as rows."""
        X = np.asarray(X)
        if reset:
            estimator.n_features_in_ = X.shape[1]
        elif X.shape[1] != estimator.n_features_in_:
            raise ValueError(f"X has {X.shape[1]} features, expected {estimator.n_features_in_}")
        if isinstance(y, str):
            return X
        y = np.asarray(y)
        if len(X) != len(y):
            raise ValueError(f"X and y: expected as many targets as rows, got {len(y)} and {len(X)}")
        return X, y

    def _check_sample_weight(weight, X, **_):
        return np.asarray(weight, float)


def column(y):
    """One target for each row; a column of them is taken with a warning."""
    if INSTALLED:
        return column_or_1d(y, warn=True)
    return y[:, 0] if y.ndim == 2 and y.shape[1] == 1 else y


#: As `sklearn.utils.validation._check_sample_weight`.
check_weight = _check_sample_weight


def classes_of(y, name):
    """The classes of targets, and the place of each target among them. Numbers in between are refused."""
    kind = type_of_target(y, input_name="y", raise_unknown=True) if INSTALLED else type_of_target(y)
    if kind not in ("binary", "multiclass"):
        raise ValueError(
            f"Unknown label type: {kind}. {name} wants classes, one for each row; for numbers take "
            f"{name.replace('Classifier', 'Regressor')}."
        )
    return np.unique(y, return_inverse=True)


def numbers(X):
    """Rows in the type that models compute in."""
    return X.astype("float32") if X.dtype.kind in "fiub" and X.dtype != np.float32 else X


def twin(model):
    """A model of the same layers with first weights of its own, compiled in the same way."""
    from ..models import clone_model

    copy = clone_model(model)
    if model.optimizer is not None:
        loss, metrics, weighted_metrics, loss_weights = model._compile_given
        optimizer = type(model.optimizer).from_config(model.optimizer.get_config())
        copy.compile(optimizer, loss, loss_weights=loss_weights, metrics=metrics, weighted_metrics=weighted_metrics)
    return copy
