"""Records how scikit-learn splits, searches and cross-validates, with neighbours that vote: run by `cargo xtask goldens`."""
import json
import sys

import numpy as np
from scipy import stats
from sklearn.experimental import enable_halving_search_cv  # noqa: F401
from sklearn import model_selection as S
from sklearn.neighbors import KNeighborsClassifier, KNeighborsRegressor

g = np.random.RandomState(3)
X = g.rand(60, 3)
LABELS = (X.sum(1) + 0.3 * g.randn(60) > 1.5).astype(int)
NUMBERS = X.sum(1) + 0.1 * g.randn(60)
GROUPS = g.randint(0, 7, 60)


def sides(cut):
    return [[a.tolist(), b.tolist()] for a, b in cut.split(X, LABELS, GROUPS)]


SPLITTERS = [
    ("KFold", {"n_splits": 4}),
    ("KFold", {"n_splits": 7, "shuffle": True, "random_state": 3}),
    ("StratifiedKFold", {"n_splits": 3, "shuffle": True, "random_state": 8}),
    ("GroupKFold", {"n_splits": 3}),
    ("GroupKFold", {"n_splits": 4, "shuffle": True, "random_state": 5}),
    ("ShuffleSplit", {"n_splits": 2, "random_state": 1}),
    ("ShuffleSplit", {"n_splits": 2, "test_size": 0.3, "train_size": 11, "random_state": 9}),
    ("StratifiedShuffleSplit", {"n_splits": 2, "test_size": 0.25, "random_state": 4}),
    ("TimeSeriesSplit", {"n_splits": 3}),
    ("TimeSeriesSplit", {"n_splits": 3, "test_size": 5, "gap": 2, "max_train_size": 20}),
]


def plain(params):
    return {k: v.item() if hasattr(v, "item") else v for k, v in params.items()}


def sampled(space, count, seed):
    return [plain(p) for p in S.ParameterSampler(space, count, random_state=seed)]


def searched(search, y):
    search.fit(X, y)
    r = search.cv_results_
    splits = [k for k in r if k.startswith("split") and k.endswith("_test_score")]
    return {
        "params": [plain(p) for p in r["params"]],
        "scores": [[float(r[k][i]) for k in splits] for i in range(len(r["params"]))],
        "ranks": r["rank_test_score"].tolist(),
        "resources": r["n_resources"].tolist() if "n_resources" in r else [0] * len(r["params"]),
        "best": int(search.best_index_),
    }


def record():
    knn, cut = KNeighborsClassifier(), S.StratifiedKFold(3)
    grid = {"n_neighbors": [1, 3, 5, 7], "p": [1, 2]}
    many = {"n_neighbors": [1, 2, 3, 4, 5, 6, 7], "p": [1, 2]}
    lists = {"a": list(range(30)), "b": list(range(40))}
    few = {"a": [1, 2, 3], "b": [True, False]}
    ranges = {"a": stats.uniform(2, 3), "b": stats.loguniform(1e-4, 1e-1), "c": stats.randint(3, 20), "d": ["x", "y", "z"]}
    scorings = ["accuracy", "f1", "roc_auc", "neg_log_loss", "neg_mean_squared_error", "balanced_accuracy"]
    one = S.cross_validate(KNeighborsClassifier(5), X, LABELS, cv=cut, scoring=scorings, return_train_score=True)
    sizes, train, test = S.learning_curve(KNeighborsClassifier(3), X, LABELS, cv=cut, train_sizes=[0.2, 0.5, 1.0])
    values = S.validation_curve(KNeighborsRegressor(), X, NUMBERS, param_name="n_neighbors", param_range=[1, 4, 8], cv=3)
    # Numbers, whose scores are never equal: which of equal candidates stay is NumPy's secret.
    near, halving = KNeighborsRegressor(), dict(cv=3, random_state=2, refit=False)
    H, R = S.HalvingGridSearchCV, S.HalvingRandomSearchCV
    return {
        "x": X.ravel().tolist(), "labels": LABELS.tolist(), "numbers": NUMBERS.tolist(), "groups": GROUPS.tolist(),
        "splitters": [{"kind": k, "arguments": a, "sides": sides(getattr(S, k)(**a))} for k, a in SPLITTERS],
        "samples": {"many": sampled(lists, 5, 1), "some": sampled(few, 4, 2), "all": sampled(few, 6, 3), "ranges": sampled(ranges, 4, 5)},
        "cross": {s: [one[f"train_{s}"].tolist(), one[f"test_{s}"].tolist()] for s in scorings},
        "default": S.cross_val_score(KNeighborsRegressor(4), X, NUMBERS).tolist(),
        "predicted": S.cross_val_predict(KNeighborsClassifier(3), X, LABELS, cv=4, method="predict_proba").ravel().tolist(),
        "learning": {"sizes": sizes.tolist(), "train": train.tolist(), "test": test.tolist()},
        "validation": {"train": values[0].tolist(), "test": values[1].tolist()},
        "grid": searched(S.GridSearchCV(knn, grid, cv=cut), LABELS),
        "random": searched(S.RandomizedSearchCV(knn, many, n_iter=5, cv=cut, random_state=4, scoring="roc_auc"), LABELS),
        "halving": searched(H(near, many, min_resources=12, **halving), NUMBERS),
        "stretched": searched(H(near, {"n_neighbors": [1, 2, 3, 4], "p": [1, 2]}, **halving), NUMBERS),
        "aggressive": searched(H(near, many, min_resources=24, aggressive_elimination=True, **halving), NUMBERS),
        "parameter": searched(H(near, {"p": [1, 2, 3, 4]}, resource="n_neighbors", max_resources=8, factor=2, **halving), NUMBERS),
        "halving_random": searched(R(near, many, min_resources=12, **halving), NUMBERS),
    }


if __name__ == "__main__":
    with open(f"{sys.argv[1]}/selection.json", "w") as f:
        json.dump(record(), f, separators=(",", ":"))
        f.write("\n")
