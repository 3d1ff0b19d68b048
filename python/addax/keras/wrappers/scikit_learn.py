"""`KerasClassifier` and `KerasRegressor`: a function that builds a compiled model, as an estimator of scikit-learn.

    >>> def create_model(units=64):
    ...     model = Sequential([Dense(units, activation="relu"), Dense(1)])
    ...     model.compile(optimizer="adam", loss="mse")
    ...     return model
    >>> grid = GridSearchCV(KerasRegressor(build_fn=create_model), {"units": [32, 64], "epochs": [10, 20]}, cv=3)
"""

import inspect as _inspect

import numpy as _np

from ..._addax import seeded as _seeded
from ._sklearn import (
    BaseEstimator,
    ClassifierMixin,
    RegressorMixin,
    check_is_fitted,
    check_weight,
    classes_of,
    column,
    numbers,
    twin,
    validate_data,
)

__all__ = ["KerasClassifier", "KerasRegressor"]

#: Parameters that are arguments of `fit`.
_FIT = (
    "epochs", "batch_size", "verbose", "callbacks", "validation_split", "validation_data", "shuffle", "class_weight",
    "initial_epoch", "steps_per_epoch", "validation_steps", "validation_batch_size", "validation_freq",
)  # fmt: skip


class _Wrapper(BaseEstimator):
    """What both have: parameters, building, fitting."""

    def __init__(
        self,
        model=None,
        *,
        build_fn=None,
        random_state=None,
        epochs=1,
        batch_size=None,
        verbose=0,
        callbacks=None,
        validation_split=0.0,
        shuffle=True,
        class_weight=None,
        **kwargs,
    ):
        self.model = model
        self.build_fn = build_fn
        self.random_state = random_state
        self.epochs = epochs
        self.batch_size = batch_size
        self.verbose = verbose
        self.callbacks = callbacks
        self.validation_split = validation_split
        self.shuffle = shuffle
        self.class_weight = class_weight
        for name in kwargs:
            self._check_name(name)
        self.__dict__.update(kwargs)
        self._own = tuple(kwargs)

    @classmethod
    def _declared(cls):
        own = _inspect.signature(_Wrapper.__init__).parameters.values()
        return [p.name for p in own if p.name not in ("self", "kwargs")]

    def _builder(self):
        """The function that builds, or None where a model was given."""
        if self.build_fn is not None:
            return self.build_fn
        return None if self.model is None or hasattr(self.model, "fit") else self.model

    def _arguments(self):
        """The names that the builder takes, and whether it takes any."""
        builder = self._builder()
        if not callable(builder):
            return [], True
        parameters = _inspect.signature(builder).parameters.values()
        plain = [p.name for p in parameters if p.kind not in (p.VAR_KEYWORD, p.VAR_POSITIONAL)]
        return plain, any(p.kind == p.VAR_KEYWORD for p in parameters)

    def _check_name(self, name):
        names, anything = self._arguments()
        if anything or name in names or name in _FIT or name in self._declared():
            return
        known = sorted({*names, *_FIT, "random_state", "model", "build_fn"})
        raise ValueError(f"Invalid parameter {name!r} for estimator {type(self).__name__}: expected one of {known}")

    def get_params(self, deep=True):
        """All parameters: those of `fit`, and the builder's that were given."""
        return {name: getattr(self, name) for name in (*self._declared(), *getattr(self, "_own", ()))}

    def set_params(self, **params):
        """Sets parameters: arguments of `fit`, or of the builder."""
        for name in ("model", "build_fn"):
            if name in params:
                setattr(self, name, params.pop(name))
        for name in params:
            self._check_name(name)
        for name, value in params.items():
            setattr(self, name, value)
            if name not in self._declared() and name not in self._own:
                self._own = (*self._own, name)
        return self

    def __sklearn_clone__(self):
        return type(self)(**self.get_params(deep=False))

    def __repr__(self, **_):
        names = [n for n in self.get_params() if getattr(self, n) not in (None,)]
        return f"{type(self).__name__}({', '.join(f'{n}={getattr(self, n)!r}' for n in names)})"

    def __sklearn_tags__(self):
        tags = super().__sklearn_tags__()
        tags.non_deterministic = self.random_state is None
        return tags

    def _seeded(self, work):
        """Builds and trains under the seed, which changes nothing for others."""
        seed = self.random_state
        if seed is None:
            return work()
        return _seeded(int(seed if isinstance(seed, (int, _np.integer)) else seed.randint(2**31)), work)

    def _build(self, X, y):
        builder = self._builder()
        if builder is not None and not callable(builder):
            raise TypeError(f"{type(self).__name__}: expected a function that builds a model, got {builder!r}")
        if builder is not None:
            names, anything = self._arguments()
            given = {n: getattr(self, n) for n in self._own if n in names or (anything and n not in _FIT)}
            given.update({n: getattr(self, n) for n in names if n in self._declared()})
            if "meta" in names:
                meta = {n: v for n, v in vars(self).items() if n.endswith("_") and not n.startswith("_")}
                given["meta"] = {**meta, "X_shape_": X.shape, "y_shape_": _np.shape(y)}
            model = builder(**given)
        elif self.model is not None:
            model = twin(self.model)
        else:
            raise ValueError(f"{type(self).__name__}: expected build_fn (or model), got none")
        if not getattr(model, "built", True):
            model.build((None, *X.shape[1:]))
        if getattr(model, "optimizer", None) is None or not getattr(model, "loss", None):
            raise ValueError(
                f"{type(self).__name__}: expected a model that is compiled with an optimizer and a loss. Call compile()."
            )
        return model

    def _train(self, X, y, sample_weight, kwargs):
        given = {n: getattr(self, n) for n in (*self._declared(), *self._own) if n in _FIT}
        given.update(kwargs)
        given.pop("class_weight", None)
        if sample_weight is not None:
            given["sample_weight"] = check_weight(sample_weight, X, dtype="float32")
        self.history_ = self.model_.fit(X, y, **given)
        return self

    @property
    def history(self):
        """What the last fit told, by epoch."""
        return self.history_.history

    def _rows(self, X):
        check_is_fitted(self, "model_")
        return numbers(validate_data(self, X, reset=False, allow_nd=True))

    def _raw(self, X, **kwargs):
        X = self._rows(X)
        return _np.asarray(self.model_.predict(X, **{"verbose": 0, **kwargs}))


class KerasRegressor(RegressorMixin, _Wrapper):
    """A model that predicts numbers.

    Args:
        model: a compiled model, or a function that builds one.
        build_fn: the same function under its older name.
        random_state: the seed of weights, shuffles and dropout; None for another one each time.
        epochs, batch_size, verbose, callbacks, validation_split, shuffle, class_weight: arguments of `fit`.
        kwargs: arguments of the function, and others of `fit`.
    """

    def __sklearn_tags__(self):
        tags = super().__sklearn_tags__()
        tags.target_tags.multi_output = True
        tags.regressor_tags.poor_score = True
        return tags

    def fit(self, X, y, sample_weight=None, **kwargs):
        """Builds the model anew and trains it."""
        X, y = validate_data(self, X, y, multi_output=True, allow_nd=True, y_numeric=True)
        self.n_outputs_ = 1 if y.ndim == 1 else y.shape[1]
        X = numbers(X)

        def work():
            self.model_ = self._build(X, y)
            return self._train(X, y.astype("float32"), sample_weight, kwargs)

        return self._seeded(work)

    def predict(self, X, **kwargs):
        """Numbers, one for each row (or a row of them)."""
        y = self._raw(X, **kwargs)
        return y[:, 0] if y.ndim == 2 and y.shape[1] == 1 else y


class KerasClassifier(ClassifierMixin, _Wrapper):
    """A model that predicts classes: one output with a sigmoid for two of them, a softmax for more.

    Args:
        model: a compiled model, or a function that builds one.
        build_fn: the same function under its older name.
        random_state: the seed of weights, shuffles and dropout; None for another one each time.
        epochs, batch_size, verbose, callbacks, validation_split, shuffle, class_weight: arguments of `fit`.
        kwargs: arguments of the function, and others of `fit`.
    """

    def __sklearn_tags__(self):
        tags = super().__sklearn_tags__()
        tags.classifier_tags.poor_score = True
        return tags

    def fit(self, X, y, sample_weight=None, **kwargs):
        """Builds the model anew and trains it; classes come to its loss as it wants them."""
        X, y = validate_data(self, X, y, allow_nd=True)
        y = column(y)
        self.classes_, place = classes_of(y, type(self).__name__)
        self.n_classes_ = len(self.classes_)
        X = numbers(X)
        if sample_weight is not None:
            sample_weight = check_weight(sample_weight, X, dtype="float32")
        weights = kwargs.get("class_weight", self.class_weight)
        if weights is not None:
            each = self._class_weights(weights, place)[place]
            sample_weight = each if sample_weight is None else each * sample_weight

        def work():
            self.model_ = self._build(X, y)
            return self._train(X, self._targets(place), sample_weight, kwargs)

        return self._seeded(work)

    def _class_weights(self, weights, place):
        """The weight of each class: given by class, or `"balanced"` so that all weigh the same."""
        if isinstance(weights, str):
            if weights != "balanced":
                raise ValueError(f'class_weight: expected a dict or "balanced", got {weights!r}')
            return len(place) / (self.n_classes_ * _np.bincount(place))
        return _np.array([weights.get(c, 1.0) for c in self.classes_.tolist()])

    def _targets(self, place):
        width, wanted = self.model_.output_shape[-1], self.n_classes_
        if width == 1 and wanted <= 2:
            return place.astype("float32")
        if width < wanted:
            raise ValueError(f"KerasClassifier: expected a model with {wanted} outputs for {wanted} classes, got {width}")
        loss = self.model_.loss
        name = loss if isinstance(loss, str) else getattr(loss, "__name__", type(loss).__name__)
        if name.lower().startswith("sparse"):
            return place.astype("int32")
        return _np.eye(width, dtype="float32")[place]

    def predict_proba(self, X, **kwargs):
        """A probability for each row and class."""
        p = self._raw(X, **kwargs)
        return _np.column_stack([1 - p, p]) if p.ndim == 1 or p.shape[1] == 1 else p[:, : self.n_classes_]

    def predict(self, X, **kwargs):
        """A class for each row: above one half for a sigmoid, the highest for a softmax."""
        p = self._raw(X, **kwargs)
        place = (p.reshape(-1) > 0.5).astype(int) if p.ndim == 1 or p.shape[1] == 1 else p[:, : self.n_classes_].argmax(1)
        return self.classes_[_np.minimum(place, self.n_classes_ - 1)]
