"""The wrappers of Keras 3: a compiled model, or a function of `X` and `y` that makes one."""

import copy

import numpy as np

from ._sklearn import (
    BaseEstimator,
    ClassifierMixin,
    INSTALLED,
    RegressorMixin,
    TransformerMixin,
    check_is_fitted,
    classes_of,
    numbers,
    twin,
    validate_data,
)


class _Wrapper(BaseEstimator):
    """What all three have."""

    def __init__(self, model, warm_start=False, model_kwargs=None, fit_kwargs=None):
        if not INSTALLED:
            raise ImportError(f"{type(self).__name__} wants scikit-learn: pip install scikit-learn")
        self.model = model
        self.warm_start = warm_start
        self.model_kwargs = model_kwargs
        self.fit_kwargs = fit_kwargs

    def __sklearn_tags__(self):
        tags = super().__sklearn_tags__()
        tags.non_deterministic = True
        return tags

    def __sklearn_clone__(self):
        model = self.model if _is_function(self.model) else twin(self.model)
        return type(self)(
            model=model,
            warm_start=self.warm_start,
            model_kwargs=copy.copy(self.model_kwargs),
            fit_kwargs=copy.copy(self.fit_kwargs),
        )

    @property
    def epoch_(self):
        """The epochs that the last fit went through."""
        return getattr(self, "history_", {}).get("epoch", 0)

    def _fit(self, X, y, kwargs):
        if not (self.warm_start and hasattr(self, "model_")):
            if _is_function(self.model):
                self.model_ = self.model(X=X, y=y, **(self.model_kwargs or {}))
            else:
                self.model_ = twin(self.model)
            if getattr(self.model_, "optimizer", None) is None or not getattr(self.model_, "loss", None):
                raise RuntimeError(
                    f"{type(self).__name__}: expected a model that is compiled with an optimizer and a loss"
                )
        self.history_ = self.model_.fit(numbers(X), y, **{**(self.fit_kwargs or {}), **kwargs})
        return self

    def _raw(self, X):
        check_is_fitted(self, "model_")
        X = numbers(validate_data(self, X, reset=False, allow_nd=True))
        return np.asarray(self.model_.predict(X, verbose=0))


def _is_function(model):
    return callable(model) and not hasattr(model, "fit")


class SKLearnClassifier(ClassifierMixin, _Wrapper):
    """A model that predicts classes; its targets are one-hot.

    Args:
        model: a compiled model, or a function of `X`, `y` (one-hot) and `model_kwargs` that returns one.
        warm_start: whether `fit` goes on with the model of the last `fit`.
        model_kwargs: arguments of the function.
        fit_kwargs: arguments of `Model.fit`.
    """

    def fit(self, X, y, **kwargs):
        """Makes the model and trains it."""
        X, y = validate_data(self, X, y, allow_nd=True)
        self.classes_, place = classes_of(y, type(self).__name__)
        if len(self.classes_) == 1:
            raise ValueError("Classifier can't train when only one class is present.")
        return self._fit(X, np.eye(len(self.classes_), dtype="float32")[place], kwargs)

    def decision_function(self, X):
        """What the model says of each class."""
        return self._raw(X)

    def predict(self, X):
        """The class of which the model says most."""
        said = self._raw(X)
        return self.classes_[said.argmax(1)]

    def __sklearn_tags__(self):
        tags = super().__sklearn_tags__()
        tags.classifier_tags.poor_score = True
        return tags


class SKLearnRegressor(RegressorMixin, _Wrapper):
    """A model that predicts numbers.

    Args:
        model: a compiled model, or a function of `X`, `y` and `model_kwargs` that returns one.
        warm_start: whether `fit` goes on with the model of the last `fit`.
        model_kwargs: arguments of the function.
        fit_kwargs: arguments of `Model.fit`.
    """

    def fit(self, X, y, **kwargs):
        """Makes the model and trains it."""
        X, y = validate_data(self, X, y, allow_nd=True, multi_output=True, y_numeric=True)
        self._one = y.ndim == 1
        return self._fit(X, y.reshape(len(y), -1).astype("float32"), kwargs)

    def predict(self, X):
        """Numbers, in the shape of the targets."""
        y = self._raw(X)
        return y[:, 0] if self._one and y.ndim == 2 else y

    def __sklearn_tags__(self):
        tags = super().__sklearn_tags__()
        tags.regressor_tags.poor_score = True
        return tags


class SKLearnTransformer(TransformerMixin, _Wrapper):
    """A model whose output are features.

    Args:
        model: a compiled model, or a function of `X`, `y` and `model_kwargs` that returns one.
        warm_start: whether `fit` goes on with the model of the last `fit`.
        model_kwargs: arguments of the function.
        fit_kwargs: arguments of `Model.fit`.
    """

    def fit(self, X, y, **kwargs):
        """Makes the model and trains it."""
        X, y = validate_data(self, X, y, allow_nd=True, multi_output=True, y_numeric=True)
        return self._fit(X, y.reshape(len(y), -1).astype("float32"), kwargs)

    def transform(self, X):
        """What the model says of each row."""
        return self._raw(X)

    def __sklearn_tags__(self):
        tags = super().__sklearn_tags__()
        tags.transformer_tags.preserves_dtype = []
        return tags
