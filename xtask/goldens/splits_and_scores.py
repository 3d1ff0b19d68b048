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


def number(v):
    """A NaN is null, an infinity a text."""
    v = float(v)
    return None if np.isnan(v) else str(v) if np.isinf(v) else v


def numbers(a):
    return [number(v) for v in np.ravel(a)]


def confused(truth, predicted, weights):
    case = {"truth": truth, "predicted": predicted, "weights": weights}
    kw = {"sample_weight": weights}
    case["matrix"] = [numbers(M.confusion_matrix(truth, predicted, normalize=n, **kw)) for n in (None, "true", "pred", "all")]
    case["values"] = numbers(
        [M.accuracy_score(truth, predicted, **kw), M.balanced_accuracy_score(truth, predicted, **kw),
         M.balanced_accuracy_score(truth, predicted, adjusted=True, **kw), M.matthews_corrcoef(truth, predicted, **kw)]
        + [M.cohen_kappa_score(truth, predicted, weights=w, **kw) for w in (None, "linear", "quadratic")])
    case["fbeta"] = []
    for beta in (0.0, 0.5, 1.0, 2.0, np.inf):
        for zero in (0.0, 1.0, np.nan):
            for average in (None, "macro", "micro", "weighted"):
                p, r, f, _ = M.precision_recall_fscore_support(truth, predicted, beta=beta, average=average, zero_division=zero, **kw)
                case["fbeta"].append([numbers(p), numbers(r), numbers(f)])
    case["jaccard"] = [number(M.jaccard_score(truth, predicted, average=a, zero_division=0, **kw)) for a in ("macro", "micro", "weighted")]
    names = [f"class {c}" for c in np.unique(truth + predicted)]
    case["report"] = M.classification_report(truth, predicted, digits=3, zero_division=0.0, **kw)
    case["named_report"] = M.classification_report(truth, predicted, target_names=names, zero_division=np.nan, **kw)
    some = np.unique(truth + predicted)[1:].tolist() + [77]
    case["some"] = some
    case["some_report"] = M.classification_report(truth, predicted, labels=some, zero_division=0.0, **kw)
    case["some_matrix"] = numbers(M.confusion_matrix(truth, predicted, labels=some, **kw)) if set(some) & set(truth) else None
    return case


def curves(truth, scores, weights):
    case = {"truth": truth, "scores": scores, "weights": weights}
    kw = {"sample_weight": weights}
    case["roc"] = [[numbers(a) for a in M.roc_curve(truth, scores, drop_intermediate=d, pos_label=1, **kw)] for d in (False, True)]
    case["pr"] = [[numbers(a) for a in M.precision_recall_curve(truth, scores, drop_intermediate=d, pos_label=1, **kw)] for d in (False, True)]
    case["average_precision"] = number(M.average_precision_score(truth, scores, **kw))
    case["auc"] = [number(M.roc_auc_score(truth, scores, max_fpr=m, **kw)) for m in (None, 0.1, 0.5)]
    return case


def probabilities(truth, p, weights):
    p = np.asarray(p)
    case = {"truth": truth, "classes": np.unique(truth).tolist(), "probabilities": numbers(p), "weights": weights}
    kw = {"sample_weight": weights}
    case["log_loss"] = number(M.log_loss(truth, p, **kw))
    case["brier"] = number(M.brier_score_loss(truth, p if p.ndim > 1 and p.shape[1] > 2 else p if p.ndim == 1 else p[:, 1], **kw))
    if p.ndim > 1 and p.shape[1] > 2:
        case["top_k"] = number(M.top_k_accuracy_score(truth, p, k=2, **kw))
        case["auc"] = [number(M.roc_auc_score(truth, p, multi_class="ovr", average=a, **kw)) for a in ("macro", "weighted", "micro")]
        if weights is None:
            case["auc"] += [number(M.roc_auc_score(truth, p, multi_class="ovo", average=a)) for a in ("macro", "weighted")]
    return case


SCORINGS = ["r2", "explained_variance", "neg_mean_squared_error", "neg_root_mean_squared_error", "neg_mean_absolute_error",
            "neg_mean_absolute_percentage_error", "neg_mean_squared_log_error", "neg_root_mean_squared_log_error",
            "neg_mean_poisson_deviance", "neg_mean_gamma_deviance"]
UNWEIGHTED = ["neg_median_absolute_error", "neg_max_error", "d2_absolute_error_score"]


def residuals(truth, predicted, weights):
    """Each score by its name, as a scorer gives it."""
    truth, predicted = np.asarray(truth), np.asarray(predicted)
    scores = {}
    for name in SCORINGS + ([] if weights is not None or truth.ndim > 1 else UNWEIGHTED):
        s = M.get_scorer(name)
        try:
            scores[name] = number(s._sign * s._score_func(truth, predicted, **({} if name in UNWEIGHTED else {"sample_weight": weights}), **s._kwargs))
        except ValueError:
            # Deviances are taken of one column only; here of any.
            if truth.ndim == 1:
                scores[name] = "refused"
    return {"truth": numbers(truth), "predicted": numbers(predicted), "weights": weights, "columns": truth[0].size, "scores": scores}


def scored():
    g = np.random.RandomState(11)
    # Eighths add up exactly, in any order.
    w = lambda n: (g.randint(1, 16, n) / 8).tolist()
    ints = lambda k, n: g.randint(0, k, n).tolist()
    few = lambda n: (g.rand(n) * 8).round() / 8
    soft = lambda n, k: (lambda e: e / e.sum(1, keepdims=True))(np.exp(g.randn(n, k)))
    t2, t3 = ints(2, 30), ints(3, 30)
    with0 = w(30)
    with0[3] = with0[17] = 0.0
    return {
        "confused": [confused(ints(4, 40), ints(4, 40), None), confused(ints(3, 25), ints(4, 25), w(25)), confused([0, 1, 1], [0, 1, 1], None),
                     confused([2, 2], [2, 2], None), confused([0, 0, 0], [1, 1, 1], [1.0, 2.0, 0.5]), confused([-3, 5, 5, 5], [5, 5, -3, 5], None)],
        "curves": [curves(t2, few(30).tolist(), None), curves(t2, g.rand(30).tolist(), w(30)), curves(t2, few(30).tolist(), with0),
                   curves([0, 1], [0.5, 0.5], None), curves([1, 0, 1], [0.9, 0.8, 0.7], None), curves([1, 1, 1], [0.9, 0.8, 0.7], None), curves([0, 0], [0.9, 0.8], None)],
        "probabilities": [probabilities(t2, g.rand(30), None), probabilities(t2, soft(30, 2), w(30)), probabilities(t3, soft(30, 3), None),
                          probabilities(t3, soft(30, 3), w(30)), probabilities([0, 1], [0.0, 1.0], None), probabilities([0, 1], [1.0, 0.0], None)],
        "residuals": [residuals(g.rand(12) + 1, g.rand(12) + 1, None), residuals(g.rand(12) + 1, g.rand(12) + 1, w(12)),
                      residuals(g.rand(9, 3) + 1, g.rand(9, 3) + 1, None), residuals(g.rand(9, 3) + 1, g.rand(9, 3) + 1, w(9)),
                      residuals(g.randn(9), g.randn(9), None), residuals([0.0, 1.0, 0.0], [0.1, 0.5, 0.2], None),
                      residuals([2.0, 2.0], [2.0, 2.0], None), residuals([2.0, 2.0], [2.0, 3.0], None), residuals([2.0], [3.0], None)],
    }


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
        **scored(),
        "regressed": [regressed(y.tolist(), (y + 0.3 * rng.randn(15)).tolist()), regressed([1.0, 1.0], [1.0, 1.0]),
                      regressed([1.0, 1.0], [1.0, 2.0])],
    }


if __name__ == "__main__":
    with open(f"{sys.argv[1]}/splits_and_scores.json", "w") as f:
        json.dump(record(), f, separators=(",", ":"))
        f.write("\n")
