"""Records how scikit-learn splits rows and scores predictions: run by `cargo xtask goldens`."""
import json
import sys

import numpy as np
from sklearn import metrics as M
from sklearn.model_selection import GridSearchCV, KFold, StratifiedKFold, train_test_split

rng = np.random.RandomState(7)
CLASSES = {
    "even": [0, 1] * 10,
    "odd": [0] * 5 + [1] * 7 + [2] * 9,
    "rare": [3] * 2 + [-1] * 11 + [8] * 4,
    "ties": [0, 1, 2, 3] * 3,
    "mixed": rng.randint(0, 4, 53).tolist(),
}
SPLITS = [
    (10, 0.2, None, 0, True, None),
    (10, 0.25, None, 42, True, None),
    (11, 0.2, None, 1, True, None),
    (1000, 0.2, None, 42, True, None),
    (7, 3, None, 5, True, None),
    (7, None, 3, 5, True, None),
    (20, 0.3, 0.5, 9, True, None),
    (20, 4, 0.5, 9, True, None),
    (20, None, None, 4294967295, True, None),
    (10, 0.2, None, 0, False, None),
    (10, 0.35, 0.3, 0, False, None),
    (20, 0.2, None, 0, True, "even"),
    (20, 7, None, 3, True, "even"),
    (21, 0.25, None, 1, True, "odd"),
    (21, 0.3, 0.4, 2, True, "odd"),
    (17, 0.3, None, 11, True, "rare"),
    (12, 0.5, None, 2, True, "ties"),
    (12, 0.4, None, 6, True, "ties"),
    (53, 0.33, None, 100, True, "mixed"),
    (53, 10, 20, 4, True, "mixed"),
    # These are refused.
    (1, 0.2, None, 0, True, None),
    (0, 0.2, None, 0, True, None),
    (10, 1.0, None, 0, True, None),
    (10, 0.0, None, 0, True, None),
    (10, -0.1, None, 0, True, None),
    (10, 10, None, 0, True, None),
    (10, 0, None, 0, True, None),
    (10, 0.6, 0.6, 0, True, None),
    (10, 6, 6, 0, True, None),
    (10, 0.99, None, 0, True, None),
    (20, 0.2, None, 0, False, "even"),
    (12, 0.2, None, 0, True, "ties"),
    (12, None, 3, 0, True, "ties"),
]


def split(n, test, train, seed, shuffle, classes):
    case = {"rows": n, "test_size": test, "train_size": train, "random_state": seed, "shuffle": shuffle}
    y = CLASSES[classes] if classes else None
    case["stratify"] = y
    try:
        a, b = train_test_split(np.arange(n), test_size=test, train_size=train, random_state=seed, shuffle=shuffle,
                                stratify=y)
        case["train"], case["test"] = a.tolist(), b.tolist()
    except ValueError:
        pass
    return case


def folds(n, k, seed, classes):
    make = StratifiedKFold if classes else KFold
    y = CLASSES[classes] if classes else None
    cut = make(k, shuffle=seed is not None, random_state=seed)
    case = {"rows": n, "folds": k, "random_state": seed, "stratify": y}
    case["tests"] = [test.tolist() for _, test in cut.split(np.zeros(n), y)]
    return case


def classified(truth, predicted):
    case = {"truth": truth, "predicted": predicted, "accuracy": M.accuracy_score(truth, predicted)}
    case["balanced_accuracy"] = M.balanced_accuracy_score(truth, predicted)
    case["confusion_matrix"] = M.confusion_matrix(truth, predicted).tolist()
    p, r, f, s = M.precision_recall_fscore_support(truth, predicted, zero_division=0.0)
    case["classes"] = np.unique(truth + predicted).tolist()
    case["per_class"] = [p.tolist(), r.tolist(), f.tolist()]
    for average in ("macro", "micro", "weighted"):
        values = M.precision_recall_fscore_support(truth, predicted, average=average, zero_division=0.0)
        case[average] = [float(v) for v in values[:3]]
    return case


def ranked(truth, scores):
    fpr, tpr, _ = M.roc_curve(truth, scores, drop_intermediate=False)
    return {"truth": truth, "scores": scores, "roc_auc": M.roc_auc_score(truth, scores), "fpr": fpr.tolist(), "tpr": tpr.tolist()}


def regressed(truth, predicted):
    return {"truth": truth, "predicted": predicted, "mse": M.mean_squared_error(truth, predicted),
            "mae": M.mean_absolute_error(truth, predicted), "r2": M.r2_score(truth, predicted)}


def record():
    t, s = rng.randint(0, 2, 40), rng.rand(40)
    scores = (t * 0.4 + s).round(2)
    y = rng.randn(15)
    return {
        "splits": [split(*c) for c in SPLITS],
        "folds": [folds(*c) for c in [(10, 3, None, None), (10, 5, 1, None), (11, 2, 7, None), (20, 4, None, "even"),
                                      (21, 3, None, "odd"), (21, 3, 5, "odd"), (53, 5, 2, "mixed"), (12, 3, 9, "ties")]],
        "classified": [classified([0, 1, 1, 0, 1], [0, 1, 0, 0, 1]), classified([2, 0, 1, 2, 2, 5], [2, 0, 0, 1, 2, 2]),
                       classified([0, 0, 0], [1, 1, 1]), classified([1, 1], [1, 1]),
                       classified(rng.randint(0, 4, 60).tolist(), rng.randint(0, 4, 60).tolist())],
        "ranked": [ranked(t.tolist(), scores.tolist()), ranked([0, 0, 1, 1], [0.1, 0.4, 0.35, 0.8]),
                   ranked([0, 1, 0, 1], [0.5, 0.5, 0.5, 0.5]), ranked([1, 0], [0.1, 0.9])],
        "regressed": [regressed(y.tolist(), (y + 0.3 * rng.randn(15)).tolist()), regressed([1.0, 1.0], [1.0, 1.0]),
                      regressed([1.0, 1.0], [1.0, 2.0])],
    }


if __name__ == "__main__":
    with open(f"{sys.argv[1]}/splits_and_scores.json", "w") as f:
        json.dump(record(), f, separators=(",", ":"))
        f.write("\n")
