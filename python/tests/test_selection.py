"""Splits, scores and searches beside scikit-learn's."""

import numpy as np
import pytest

from addax import metrics as A
from addax import model_selection as AS

M = pytest.importorskip("sklearn.metrics")
import sklearn.model_selection as S  # noqa: E402
from sklearn.experimental import enable_halving_search_cv  # noqa: E402, F401
from sklearn.linear_model import Ridge  # noqa: E402
from sklearn.neighbors import KNeighborsClassifier, KNeighborsRegressor  # noqa: E402

g = np.random.RandomState(0)
X = g.rand(60, 3)
NUMBERS = X.sum(1) + 0.1 * g.randn(60)
NAMES = np.where(NUMBERS > 1.5, "hi", "lo")
GROUPS = g.randint(0, 7, 60)
T, P = g.randint(0, 4, 50), g.randint(0, 4, 50)
T2, P2, SCORES, WEIGHTS = g.randint(0, 2, 50), g.randint(0, 2, 50), g.rand(50).round(1), g.rand(50)
SOFT = (lambda e: e / e.sum(1, keepdims=True))(np.exp(g.randn(50, 4)))


@pytest.mark.parametrize("name", ["accuracy_score", "balanced_accuracy_score", "matthews_corrcoef", "cohen_kappa_score", "confusion_matrix"])
@pytest.mark.parametrize("weights", [None, WEIGHTS])
def test_classes_score_the_same(name, weights):
    for t, p in ((T, P), (T.astype(str), P.astype(str)), (T2, P2)):
        np.testing.assert_allclose(getattr(A, name)(t, p, sample_weight=weights), getattr(M, name)(t, p, sample_weight=weights), atol=1e-12)


@pytest.mark.parametrize("name", ["precision_score", "recall_score", "f1_score", "jaccard_score"])
@pytest.mark.parametrize("average", [None, "macro", "micro", "weighted", "binary"])
def test_averages_are_the_same(name, average):
    t, p = (T2, P2) if average == "binary" else (T, P)
    got = getattr(A, name)(t, p, average=average, zero_division=0)
    np.testing.assert_allclose(got, getattr(M, name)(t, p, average=average, zero_division=0), atol=1e-12)


def test_curves_reports_and_probabilities_are_the_same():
    for ours, theirs in zip(A.roc_curve(T2, SCORES), M.roc_curve(T2, SCORES)):
        np.testing.assert_allclose(ours, theirs, atol=1e-12)
    for ours, theirs in zip(A.precision_recall_curve(T2, SCORES), M.precision_recall_curve(T2, SCORES)):
        np.testing.assert_allclose(ours, theirs, atol=1e-12)
    assert A.classification_report(T, P) == M.classification_report(T, P)
    ours, theirs = (m.classification_report(T, P, output_dict=True) for m in (A, M))
    assert ours.keys() == theirs.keys() and all(ours[k] == pytest.approx(theirs[k], abs=1e-12) for k in theirs)
    assert A.fbeta_score(T2, P2, beta=0.5) == pytest.approx(M.fbeta_score(T2, P2, beta=0.5), abs=1e-12)
    assert A.roc_auc_score(T2, SCORES, max_fpr=0.3) == pytest.approx(M.roc_auc_score(T2, SCORES, max_fpr=0.3), abs=1e-12)
    for how in ("ovr", "ovo"):
        ours, theirs = (m.roc_auc_score(T, SOFT, multi_class=how, average="weighted") for m in (A, M))
        assert ours == pytest.approx(theirs, abs=1e-12)
    assert A.log_loss(T, SOFT) == pytest.approx(M.log_loss(T, SOFT), abs=1e-12)
    assert A.brier_score_loss(T2, SCORES) == pytest.approx(M.brier_score_loss(T2, SCORES), abs=1e-12)
    assert A.average_precision_score(T2, SCORES) == pytest.approx(M.average_precision_score(T2, SCORES), abs=1e-12)
    assert A.top_k_accuracy_score(T, SOFT, k=2) == pytest.approx(M.top_k_accuracy_score(T, SOFT, k=2), abs=1e-12)


@pytest.mark.parametrize("name", ["r2_score", "mean_squared_error", "mean_absolute_error", "root_mean_squared_error", "max_error", "explained_variance_score"])
def test_numbers_score_the_same(name):
    t, p = g.rand(20), g.rand(20)
    assert getattr(A, name)(t, p) == pytest.approx(getattr(M, name)(t, p), abs=1e-12)
    if name != "max_error":
        t, p = g.rand(20, 3), g.rand(20, 3)
        np.testing.assert_allclose(getattr(A, name)(t, p, multioutput="raw_values"), getattr(M, name)(t, p, multioutput="raw_values"), atol=1e-12)


@pytest.mark.parametrize(
    "name, arguments",
    [("KFold", {"n_splits": 4}), ("KFold", {"n_splits": 3, "shuffle": True, "random_state": 1}),
     ("StratifiedKFold", {"n_splits": 3, "shuffle": True, "random_state": 2}), ("GroupKFold", {"n_splits": 3}),
     ("ShuffleSplit", {"n_splits": 2, "random_state": 3}), ("StratifiedShuffleSplit", {"n_splits": 2, "random_state": 3}),
     ("TimeSeriesSplit", {"n_splits": 3, "gap": 1}), ("LeaveOneOut", {})],
)  # fmt: skip
def test_splits_are_the_same(name, arguments):
    both = [list(getattr(m, name)(**arguments).split(X, T2.repeat(2)[:60], GROUPS)) for m in (AS, S)]
    assert len(both[0]) == len(both[1])
    for ours, theirs in zip(*both):
        assert all(np.array_equal(a, b) for a, b in zip(ours, theirs))


@pytest.mark.parametrize(
    "name, estimator, space, y, arguments",
    [("GridSearchCV", KNeighborsClassifier(), {"n_neighbors": [1, 3, 5], "p": [1, 2]}, NAMES, {"cv": 3, "scoring": "roc_auc"}),
     ("GridSearchCV", Ridge(), [{"alpha": [0.1, 1]}, {"fit_intercept": [False]}], NUMBERS, {"return_train_score": True}),
     ("RandomizedSearchCV", KNeighborsRegressor(), {"n_neighbors": [1, 2, 3, 4, 5], "p": [1, 2]}, NUMBERS, {"n_iter": 4, "random_state": 3}),
     ("HalvingGridSearchCV", KNeighborsRegressor(), {"n_neighbors": [1, 2, 3, 4], "p": [1, 2]}, NUMBERS, {"factor": 2, "random_state": 1, "cv": 3}),
     ("HalvingRandomSearchCV", KNeighborsRegressor(), {"n_neighbors": [1, 2, 3, 4]}, NUMBERS, {"factor": 2, "random_state": 1, "cv": 3})],
)  # fmt: skip
def test_searches_find_the_same(name, estimator, space, y, arguments):
    ours = getattr(AS, name)(estimator, space, n_jobs=2, **arguments).fit(X, y)
    theirs = getattr(S, name)(estimator, space, **arguments).fit(X, y)
    for key, want in theirs.cv_results_.items():
        if "time" not in key and not key.startswith("param"):
            np.testing.assert_allclose(ours.cv_results_[key], want, err_msg=key)
    assert ours.cv_results_["params"] == theirs.cv_results_["params"]
    assert ours.best_params_ == theirs.best_params_


def test_what_is_wrong_is_said_in_one_line():
    for wrong in (
        lambda: A.accuracy_score([0, 1], [0]),
        lambda: A.f1_score([0.5], [1.0]),
        lambda: A.roc_auc_score([1, 1], [0.1, 0.2]),
        lambda: A.get_scorer("acuracy"),
        lambda: list(AS.KFold(1).split(X)),
        lambda: AS.train_test_split(X, X[:3]),
    ):
        with pytest.raises(ValueError) as e:
            wrong()
        assert "\n" not in str(e.value)
