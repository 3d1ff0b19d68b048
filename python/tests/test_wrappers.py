"""Models as estimators of scikit-learn."""

import pickle

import numpy as np
import pytest

import addax as tf

pytest.importorskip("sklearn")
from sklearn.base import clone  # noqa: E402
from sklearn.model_selection import GridSearchCV, KFold, cross_val_score  # noqa: E402
from sklearn.pipeline import make_pipeline  # noqa: E402
from sklearn.preprocessing import StandardScaler  # noqa: E402
from sklearn.utils.estimator_checks import check_estimator  # noqa: E402

from addax import model_selection  # noqa: E402
from addax.keras.layers import Dense, Input  # noqa: E402
from addax.keras.models import Model, Sequential  # noqa: E402
from addax.keras.wrappers import SKLearnClassifier, SKLearnRegressor, SKLearnTransformer  # noqa: E402
from addax.keras.wrappers.scikit_learn import KerasClassifier, KerasRegressor  # noqa: E402

g = np.random.RandomState(0)
X = g.rand(60, 4).astype("float32")
Y = X.sum(1)
C = (Y > 2).astype(int)


def regression(units=8, meta=None):
    model = Sequential([Dense(units, activation="relu"), Dense(meta["n_outputs_"] if meta else 1)])
    model.compile(optimizer="adam", loss="mse")
    return model


def classification(units=8, meta=None):
    two = meta["n_classes_"] <= 2
    model = Sequential([Dense(units, activation="relu"), Dense(1 if two else meta["n_classes_"], activation="sigmoid" if two else "softmax")])
    model.compile(optimizer="adam", loss="binary_crossentropy" if two else "sparse_categorical_crossentropy")
    return model


def test_a_grid_equals_a_loop_by_hand():
    grid = {"units": [2, 4], "epochs": [1, 2], "batch_size": [8, 16]}
    estimator = KerasRegressor(build_fn=regression, random_state=3)
    found = GridSearchCV(estimator, grid, cv=KFold(3), scoring="neg_mean_squared_error").fit(X, Y)
    for i, params in enumerate(found.cv_results_["params"]):
        for k, (train, test) in enumerate(KFold(3).split(X)):
            tf.keras.utils.set_random_seed(3)
            model = regression(params["units"])
            model.build((None, 4))
            model.fit(X[train], Y[train], epochs=params["epochs"], batch_size=params["batch_size"], verbose=0)
            error = np.mean((model.predict(X[test], verbose=0)[:, 0] - Y[test]) ** 2)
            assert found.cv_results_[f"split{k}_test_score"][i] == pytest.approx(-error, rel=1e-6)


def test_threads_change_nothing():
    grid = {"units": [2, 4], "epochs": [1, 2]}
    scores = []
    for n_jobs in (1, 4):
        tf.keras.utils.set_random_seed(5)
        search = model_selection.GridSearchCV(KerasRegressor(build_fn=regression), grid, cv=3, n_jobs=n_jobs)
        scores.append(search.fit(X, Y).cv_results_["mean_test_score"])
    assert np.array_equal(*scores)


def test_the_lessons_scoring():
    classifier = KerasClassifier(build_fn=classification, epochs=2, random_state=1)
    errors = cross_val_score(classifier, X, C, cv=3, scoring="neg_mean_squared_error")
    assert np.all(errors <= 0) and np.all(errors >= -1)
    with pytest.raises(ValueError, match="KerasRegressor") as e:
        classifier.fit(X, Y)
    assert "\n" not in str(e.value)


def test_probabilities_pipelines_and_names_of_classes():
    names = np.array(["low", "high", "mid"])[g.randint(0, 3, 60)]
    classifier = clone(KerasClassifier(classification, units=4, random_state=1)).set_params(epochs=2)
    assert classifier.get_params()["units"] == 4
    classifier.fit(X, names)
    p = classifier.predict_proba(X)
    assert p.shape == (60, 3) and np.allclose(p.sum(1), 1, atol=1e-5)
    assert np.array_equal(classifier.predict(X), classifier.classes_[p.argmax(1)])
    pipeline = make_pipeline(StandardScaler(), KerasClassifier(classification, random_state=1))
    assert cross_val_score(pipeline, X, C, cv=2, scoring="roc_auc").shape == (2,)


def test_a_model_can_stand_in_the_place_of_a_function():
    model = Sequential([Input((4,)), Dense(1)])
    model.compile("sgd", "mse")
    before = model.get_weights()
    regressor = KerasRegressor(model=model, epochs=1).fit(X, Y)
    assert regressor.predict(X).shape == (60,) and all(map(np.array_equal, before, model.get_weights()))


def test_a_fitted_one_can_be_pickled():
    regressor = KerasRegressor(build_fn=regression, random_state=1).fit(X, Y)
    assert np.array_equal(pickle.loads(pickle.dumps(regressor)).predict(X), regressor.predict(X))


def test_unknown_parameters_are_refused():
    with pytest.raises(ValueError, match="Invalid parameter 'unit'"):
        KerasRegressor(build_fn=regression, unit=3)


UNEQUAL = {
    "check_regressor_multioutput": "predictions are float32, as models compute",
    "check_class_weight_classifiers": "one epoch is too short for that",
    "check_sample_weight_equivalence_on_dense_data": "batches of other rows are other steps",
    "check_sample_weight_equivalence_on_sparse_data": "batches of other rows are other steps",
    "check_classifiers_one_label_sample_weights": "batches of other rows are other steps",
}


@pytest.mark.parametrize(
    "estimator", [KerasRegressor(build_fn=regression, random_state=0), KerasClassifier(build_fn=classification, random_state=0)]
)
def test_they_keep_scikit_learns_contract(estimator):
    check_estimator(estimator, expected_failed_checks=UNEQUAL)


def dynamic(X, y, loss, activation="softmax"):
    x = Input((X.shape[1],))
    out = Dense(y.shape[1] if y.ndim > 1 else 1, activation=activation)(Dense(8, activation="relu")(x))
    model = Model(x, out)
    model.compile(loss=loss, optimizer="rmsprop")
    return model


RANDOM = {name: "every fit begins with other weights" for name in (
    "check_classifiers_classes", "check_classifier_data_not_an_array", "check_regressor_data_not_an_array", "check_supervised_y_2d",
    "check_fit_idempotent", "check_classifiers_train", "check_regressors_int", "check_transformer_data_not_an_array",
    "check_transformer_general", "check_methods_sample_order_invariance", "check_dict_unchanged", "check_classifiers_one_label_sample_weights",
)}  # fmt: skip


@pytest.mark.parametrize(
    "estimator",
    [SKLearnClassifier(dynamic, model_kwargs={"loss": "categorical_crossentropy"}, fit_kwargs={"epochs": 1, "verbose": 0}),
     SKLearnRegressor(dynamic, model_kwargs={"loss": "mse", "activation": "linear"}, fit_kwargs={"epochs": 1, "verbose": 0}),
     SKLearnTransformer(dynamic, model_kwargs={"loss": "mse", "activation": "linear"}, fit_kwargs={"epochs": 1, "verbose": 0})],
)  # fmt: skip
def test_those_of_keras_3_keep_it_too(estimator):
    check_estimator(estimator, expected_failed_checks={**UNEQUAL, **RANDOM})
