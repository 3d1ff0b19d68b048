"""Models as estimators of scikit-learn.

`SKLearnClassifier`, `SKLearnRegressor` and `SKLearnTransformer` are those of Keras 3; `wrappers.scikit_learn` has
`KerasClassifier` and `KerasRegressor`, whose parameters are those of `fit` and of the function that builds the model.
"""

from . import scikit_learn
from ._keras3 import SKLearnClassifier, SKLearnRegressor, SKLearnTransformer

__all__ = ["SKLearnClassifier", "SKLearnRegressor", "SKLearnTransformer", "scikit_learn"]
