"""Splits, cross-validation and searches with scikit-learn's names and results.

Fits run side by side on threads, without pickles; each has a seed of its own, so results do not depend on `n_jobs`.

    >>> from addax.model_selection import GridSearchCV
    >>> grid = GridSearchCV(KerasRegressor(build_fn=create_model), {"epochs": [10, 20]}, cv=3, n_jobs=2).fit(X, y)
"""

from ._search import (
    GridSearchCV,
    HalvingGridSearchCV,
    HalvingRandomSearchCV,
    ParameterGrid,
    ParameterSampler,
    RandomizedSearchCV,
)
from ._splits import (
    GroupKFold,
    KFold,
    LeaveOneOut,
    ShuffleSplit,
    StratifiedKFold,
    StratifiedShuffleSplit,
    TimeSeriesSplit,
    train_test_split,
)
from ._validation import (
    cross_val_predict,
    cross_val_score,
    cross_validate,
    learning_curve,
    validation_curve,
)

__all__ = [
    "GridSearchCV", "GroupKFold", "HalvingGridSearchCV", "HalvingRandomSearchCV", "KFold", "LeaveOneOut",
    "ParameterGrid", "ParameterSampler", "RandomizedSearchCV", "ShuffleSplit", "StratifiedKFold",
    "StratifiedShuffleSplit", "TimeSeriesSplit", "cross_val_predict", "cross_val_score", "cross_validate",
    "learning_curve", "train_test_split", "validation_curve",
]  # fmt: skip
