"""Fits judged on the rows that they did not see, side by side on threads."""

import copy as _copy
import itertools as _itertools
import os as _os
import time as _time
import warnings as _warnings
from concurrent.futures import ThreadPoolExecutor as _Pool

import numpy as _np

from .. import _addax
from ..metrics import get_scorer as _get_scorer
from ._splits import KFold, StratifiedKFold, _take


def _is_classifier(estimator):
    try:
        from sklearn.base import is_classifier
    except ImportError:
        return any("Classifier" in c.__name__ for c in type(estimator).__mro__)
    return is_classifier(estimator)


def _clone(estimator):
    try:
        from sklearn.base import clone
    except ImportError:
        own = getattr(estimator, "__sklearn_clone__", None)
        return own() if own else type(estimator)(**_copy.copy(estimator.get_params()))
    return clone(estimator)


def _sides(cv, X, y, groups, classifier):
    if cv is None or isinstance(cv, (int, _np.integer)):
        folds = 5 if cv is None else int(cv)
        kinds = y is not None and _np.ndim(y) == 1 and _np.asarray(y).dtype.kind in "iubOUS"
        whole = y is not None and _np.asarray(y).dtype.kind == "f" and _np.all(_np.mod(y, 1) == 0)
        cv = StratifiedKFold(folds) if classifier and (kinds or whole) else KFold(folds)
    return list(cv.split(X, y, groups) if hasattr(cv, "split") else cv)


def _scorers(estimator, scoring):
    """Scores by name, and whether there is one only."""
    if scoring is None:
        return {"score": lambda e, X, y: e.score(X, y)}, True
    if isinstance(scoring, str) or callable(scoring):
        return {"score": _get_scorer(scoring)}, True
    if isinstance(scoring, dict):
        return {k: _get_scorer(v) for k, v in scoring.items()}, False
    return {name: _get_scorer(name) for name in scoring}, False


def _judge(estimator, params, X, y, side, scorers, train_scores, seed, fit_params, error_score):
    """Fits and scores one estimator under a seed of its own."""

    def work():
        train, test = side
        begun, fitted, failure = _time.perf_counter(), None, None
        try:
            own = _clone(estimator).set_params(**params) if params else _clone(estimator)
            own.fit(_take(X, train), _take(y, train), **(fit_params or {}))
            fitted = _time.perf_counter()
            scores = {n: s(own, _take(X, test), _take(y, test)) for n, s in scorers.items()}
            on_train = {n: s(own, _take(X, train), _take(y, train)) for n, s in scorers.items()} if train_scores else {}
        except Exception as e:
            if error_score == "raise":
                raise
            own, failure = None, e
            scores = {n: error_score for n in scorers}
            on_train = dict(scores) if train_scores else {}
        ended = _time.perf_counter()
        fitted = ended if fitted is None else fitted
        return {"test": scores, "train": on_train, "fit": fitted - begun, "score": ended - fitted, "estimator": own, "failure": failure}

    return _addax.seeded(seed, work)


def _threads(n_jobs):
    return 1 if n_jobs is None else n_jobs if n_jobs > 0 else max(1, (_os.cpu_count() or 1) + 1 + n_jobs)


def _run(tasks, n_jobs, verbose):
    """The results of tasks in order, on so many threads."""
    done = _itertools.count(1)

    def work(task):
        result = task()
        if verbose:
            score = next(iter(result["test"].values()), float("nan"))
            print(f"[{next(done)}/{len(tasks)}] {task.title}score {score:.4f} ({result['fit']:.1f} s)", flush=True)
        return result

    threads = min(_threads(n_jobs), len(tasks)) or 1
    if threads == 1:
        results = [work(task) for task in tasks]
    else:
        with _Pool(threads) as pool:
            results = list(pool.map(work, tasks))
    failures = [r["failure"] for r in results if r["failure"] is not None]
    if failures and len(failures) == len(results):
        raise ValueError(f"all {len(results)} fits failed, the first: {failures[0]}") from failures[0]
    if failures:
        _warnings.warn(f"{len(failures)} of {len(results)} fits failed and score NaN, the first: {failures[0]}", stacklevel=3)
    return results


class _Task:
    def __init__(self, number, base, params, *rest):
        self.title = "".join(f"{k}={v}, " for k, v in params.items())
        self._call = lambda: _judge(rest[0], params, *rest[1:6], _addax.fit_seed(base, number), *rest[6:])

    def __call__(self):
        return self._call()


def cross_validate(
    estimator, X, y=None, *, groups=None, scoring=None, cv=None, n_jobs=None, verbose=0, params=None,
    return_train_score=False, return_estimator=False, return_indices=False, error_score=_np.nan,
):  # fmt: skip
    """Scores on each split, with times."""
    sides = _sides(cv, X, y, groups, _is_classifier(estimator))
    scorers, single = _scorers(estimator, scoring)
    base = _addax.fresh_seed()
    tasks = [
        _Task(i, base, {}, estimator, X, y, side, scorers, return_train_score, params, error_score)
        for i, side in enumerate(sides)
    ]
    results = _run(tasks, n_jobs, verbose)
    out = {"fit_time": _np.array([r["fit"] for r in results]), "score_time": _np.array([r["score"] for r in results])}
    if return_estimator:
        out["estimator"] = [r["estimator"] for r in results]
    if return_indices:
        out["indices"] = {"train": [s[0] for s in sides], "test": [s[1] for s in sides]}
    for name in scorers:
        out[f"test_{name}"] = _np.array([r["test"][name] for r in results])
        if return_train_score:
            out[f"train_{name}"] = _np.array([r["train"][name] for r in results])
    return out


def cross_val_score(estimator, X, y=None, *, groups=None, scoring=None, cv=None, n_jobs=None, verbose=0, params=None, error_score=_np.nan):
    """The score on each split."""
    return cross_validate(
        estimator, X, y, groups=groups, scoring=scoring, cv=cv, n_jobs=n_jobs, verbose=verbose, params=params,
        error_score=error_score,
    )["test_score"]  # fmt: skip


def cross_val_predict(estimator, X, y=None, *, groups=None, cv=None, n_jobs=None, verbose=0, params=None, method="predict"):
    """What is said of each row by the estimator that was not fitted on it."""
    sides = _sides(cv, X, y, groups, _is_classifier(estimator))
    rows = _np.concatenate([s[1] for s in sides])
    if not _np.array_equal(_np.sort(rows), _np.arange(_np.shape(X)[0])):
        raise ValueError("cross_val_predict: expected splits that test every row once")
    say = {"score": lambda e, X, y: _np.asarray(getattr(e, method)(X))}
    base = _addax.fresh_seed()
    tasks = [_Task(i, base, {}, estimator, X, y, s, say, False, params, "raise") for i, s in enumerate(sides)]
    said = _np.concatenate([r["test"]["score"] for r in _run(tasks, n_jobs, 0)])
    out = _np.empty_like(said)
    out[rows] = said
    return out


def _curve(estimator, X, y, scoring, points, n_jobs, verbose, params, error_score):
    scorers, _ = _scorers(estimator, scoring)
    base, splits = _addax.fresh_seed(), len(points[0][1])
    flat = [(given, side) for given, sides in points for side in sides]
    tasks = [
        _Task(i, base, given, estimator, X, y, side, scorers, True, params, error_score)
        for i, (given, side) in enumerate(flat)
    ]
    results = _run(tasks, n_jobs, verbose)
    name = next(iter(scorers))
    return tuple(_np.array([r[k][name] for r in results]).reshape(-1, splits) for k in ("train", "test"))


def learning_curve(
    estimator, X, y, *, groups=None, train_sizes=_np.linspace(0.1, 1.0, 5), cv=None, scoring=None, n_jobs=None,
    verbose=0, params=None, error_score=_np.nan,
):  # fmt: skip
    """Numbers of rows, and the scores on training and test rows for each."""
    sides = _sides(cv, X, y, groups, _is_classifier(estimator))
    most, sizes = len(sides[0][0]), _np.asarray(train_sizes)
    if sizes.dtype.kind == "f":
        if sizes.min() <= 0 or sizes.max() > 1:
            raise ValueError(f"train_sizes: expected shares above 0, at most 1, got {sizes.tolist()}")
        sizes = _np.clip((sizes * most).astype(int), 1, most)
    elif sizes.min() <= 0 or sizes.max() > most:
        raise ValueError(f"train_sizes: expected 1 to {most} rows, got {sizes.tolist()}")
    sizes = _np.unique(sizes)
    points = [({}, [(train[:n], test) for train, test in sides]) for n in sizes]
    return (sizes, *_curve(estimator, X, y, scoring, points, n_jobs, verbose, params, error_score))


def validation_curve(
    estimator, X, y, *, param_name, param_range, groups=None, cv=None, scoring=None, n_jobs=None, verbose=0,
    params=None, error_score=_np.nan,
):  # fmt: skip
    """The scores on training and test rows for each value of a parameter."""
    sides = _sides(cv, X, y, groups, _is_classifier(estimator))
    points = [({param_name: value}, sides) for value in param_range]
    return _curve(estimator, X, y, scoring, points, n_jobs, verbose, params, error_score)
