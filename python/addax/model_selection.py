"""Splits, cross-validation and searches with scikit-learn's names and results.

Fits run side by side on threads, without pickles; each has a seed of its own, so results do not depend on `n_jobs`.

    >>> from addax.model_selection import GridSearchCV
    >>> grid = GridSearchCV(KerasRegressor(build_fn=create_model), {"epochs": [10, 20]}, cv=3, n_jobs=2).fit(X, y)
"""

import copy as _copy
import itertools as _itertools
import math as _math
import os as _os
import time as _time
import warnings as _warnings
from concurrent.futures import ThreadPoolExecutor as _Pool

import numpy as _np

from . import _addax
from .metrics import get_scorer as _get_scorer

__all__ = [
    "GridSearchCV", "GroupKFold", "HalvingGridSearchCV", "HalvingRandomSearchCV", "KFold", "LeaveOneOut",
    "ParameterGrid", "ParameterSampler", "RandomizedSearchCV", "ShuffleSplit", "StratifiedKFold",
    "StratifiedShuffleSplit", "TimeSeriesSplit", "cross_val_predict", "cross_val_score", "cross_validate",
    "learning_curve", "train_test_split", "validation_curve",
]  # fmt: skip


def _places(values):
    """Classes or groups as numbers, in the order of their first letters or sizes."""
    return _np.unique(_np.asarray(values).reshape(len(values), -1)[:, 0], return_inverse=True)[1].tolist()


def _take(a, rows):
    if a is None:
        return None
    if hasattr(a, "iloc"):
        return a.iloc[rows]
    return a[rows] if hasattr(a, "shape") else [a[i] for i in rows]


class _Splitter:
    """A way to split rows."""

    _needs_classes = False

    def _options(self):
        return {k: v for k, v in vars(self).items() if k != "shuffle"}

    def split(self, X, y=None, groups=None):
        """For each split the rows to train on and those to test on."""
        rows = len(y) if X is None else _np.shape(X)[0]
        if self._needs_classes and y is None:
            raise ValueError(f"{type(self).__name__}: expected targets, got none")
        y = _places(y) if self._needs_classes else None
        groups = None if groups is None else _places(groups)
        for train, test in _addax.splits(type(self).__name__, rows, y, groups, self._options()):
            yield _np.array(train, dtype=int), _np.array(test, dtype=int)

    def get_n_splits(self, X=None, y=None, groups=None):
        """How many splits there are."""
        return getattr(self, "n_splits", None) or len(X)

    def __repr__(self):
        return f"{type(self).__name__}({', '.join(f'{k}={v!r}' for k, v in vars(self).items())})"


class _Folds(_Splitter):
    def __init__(self, n_splits=5, *, shuffle=False, random_state=None):
        if random_state is not None and not shuffle:
            raise ValueError(f"random_state: expected None without shuffle, got {random_state}")
        self.n_splits, self.shuffle, self.random_state = n_splits, shuffle, random_state

    def _options(self):
        seed = _addax.fresh_seed() % 2**32 if self.shuffle and self.random_state is None else self.random_state
        return {"n_splits": self.n_splits, "random_state": seed}


class KFold(_Folds):
    """Folds of neighbours, or of rows in a random order."""


class StratifiedKFold(_Folds):
    """Folds in which each class has its share."""

    _needs_classes = True


class GroupKFold(_Folds):
    """Folds that keep the rows of a group together."""


class LeaveOneOut(_Splitter):
    """Every row alone is tested once."""


class ShuffleSplit(_Splitter):
    """So many random splits."""

    def __init__(self, n_splits=10, *, test_size=None, train_size=None, random_state=None):
        self.n_splits, self.test_size, self.train_size, self.random_state = n_splits, test_size, train_size, random_state

    def _options(self):
        seed = _addax.fresh_seed() % 2**32 if self.random_state is None else self.random_state
        return {**vars(self), "random_state": seed}


class StratifiedShuffleSplit(ShuffleSplit):
    """So many random splits in which each class has its share."""

    _needs_classes = True


class TimeSeriesSplit(_Splitter):
    """Tests on what comes after."""

    def __init__(self, n_splits=5, *, max_train_size=None, test_size=None, gap=0):
        self.n_splits, self.max_train_size, self.test_size, self.gap = n_splits, max_train_size, test_size, gap


def train_test_split(*arrays, test_size=None, train_size=None, random_state=None, shuffle=True, stratify=None):
    """Each array's rows to train on and to test on."""
    if not arrays:
        raise ValueError("train_test_split: expected at least one array, got none")
    rows = [_np.shape(a)[0] for a in arrays]
    if len(set(rows)) > 1:
        raise ValueError(f"train_test_split: expected arrays with the same number of rows, got {rows}")
    seed = _addax.fresh_seed() % 2**32 if random_state is None else random_state
    options = {"test_size": test_size, "train_size": train_size, "random_state": seed}
    classes = None if stratify is None else _places(stratify)
    sides = [_np.array(side, dtype=int) for side in _addax.split_rows(rows[0], classes, shuffle, options)]
    return [_take(a, side) for a in arrays for side in sides]


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


class ParameterGrid:
    """All combinations of a grid, or of several: names sorted, the last one varies fastest."""

    def __init__(self, param_grid):
        self.param_grid = [param_grid] if isinstance(param_grid, dict) else list(param_grid)
        for grid in self.param_grid:
            for name, values in grid.items():
                if isinstance(values, str) or not hasattr(values, "__len__") or len(values) == 0:
                    raise ValueError(f"parameter {name!r}: expected a list of values, got {values!r}")

    def __iter__(self):
        for grid in self.param_grid:
            names = sorted(grid)
            for values in _itertools.product(*(grid[n] for n in names)):
                yield dict(zip(names, values))

    def __len__(self):
        return sum(_math.prod(map(len, grid.values())) for grid in self.param_grid)


class ParameterSampler:
    """So many combinations drawn from lists, or from anything with `rvs` (SciPy's distributions)."""

    def __init__(self, param_distributions, n_iter, *, random_state=None):
        self.param_distributions, self.n_iter, self.random_state = param_distributions, n_iter, random_state

    def __len__(self):
        return self.n_iter

    def __iter__(self):
        seed, space = self.random_state, self.param_distributions
        seed = _addax.fresh_seed() % 2**32 if seed is None else seed
        if not any(hasattr(v, "rvs") for v in space.values()):
            for places in _addax.draws({n: len(v) for n, v in space.items()}, self.n_iter, seed):
                yield {n: space[n][i] for n, i in sorted(places.items())}
            return
        rng = _np.random.RandomState(seed)
        for _ in range(self.n_iter):
            draw = lambda v: v.rvs(random_state=rng) if hasattr(v, "rvs") else v[rng.randint(len(v))]  # noqa: E731
            yield {n: draw(v) for n, v in sorted(space.items())}


class _Search:
    """What all searches have: candidates are judged, the best is fitted on all rows."""

    def _more(self, scoring, n_jobs, refit, cv, verbose, error_score, return_train_score):
        self.scoring, self.n_jobs, self.refit, self.cv, self.verbose = scoring, n_jobs, refit, cv, verbose
        self.error_score, self.return_train_score = error_score, return_train_score

    def get_params(self, deep=True):
        """The arguments."""
        return {k: v for k, v in vars(self).items() if not k.endswith("_")}

    def set_params(self, **params):
        """Sets arguments; those of the estimator after `estimator__`."""
        for name, value in params.items():
            if name.startswith("estimator__"):
                self.estimator.set_params(**{name[len("estimator__") :]: value})
            else:
                setattr(self, name, value)
        return self

    def __sklearn_clone__(self):
        return type(self)(**{**self.get_params(), "estimator": _clone(self.estimator)})

    def __sklearn_tags__(self):
        return self.estimator.__sklearn_tags__()

    def fit(self, X, y=None, *, groups=None, **fit_params):
        """Judges every candidate, then fits the best on all rows."""
        sides = _sides(self.cv, X, y, groups, _is_classifier(self.estimator))
        self.scorer_, self.multimetric_ = _scorers(self.estimator, self.scoring)
        self.multimetric_ = not self.multimetric_
        if self.multimetric_ and self.refit is True:
            raise ValueError(f"refit: expected the name of a score (one of {list(self.scorer_)}) or False, got True")
        self.n_splits_ = len(sides)
        base, number, tried = _addax.fresh_seed(), 0, []
        for candidates, chosen, more in self._rounds(sides, X, y, tried):
            jobs = [
                _Task(number + i, base, params, self.estimator, X, y, side, self.scorer_, self.return_train_score,
                      fit_params, self.error_score)
                for i, (params, side) in enumerate(_itertools.product(candidates, chosen))
            ]  # fmt: skip
            number += len(jobs)
            results = _run(jobs, self.n_jobs, self.verbose)
            for i, params in enumerate(candidates):
                tried.append((params, results[i * len(sides) : (i + 1) * len(sides)], more))
        self.cv_results_ = self._table(tried)
        name = self.refit if isinstance(self.refit, str) else next(iter(self.scorer_))
        if self.refit or not self.multimetric_:
            self.best_index_ = self._best(name)
            self.best_score_ = self.cv_results_[f"mean_test_{name}"][self.best_index_]
            self.best_params_ = tried[self.best_index_][0]
        if self.refit:
            begun = _time.perf_counter()
            estimator = _clone(self.estimator).set_params(**self.best_params_)
            self.best_estimator_ = _addax.seeded(
                _addax.fit_seed(base, number), lambda: estimator.fit(X, y, **fit_params)
            )
            self.refit_time_ = _time.perf_counter() - begun
        return self

    def _best(self, name):
        return int(self.cv_results_[f"rank_test_{name}"].argmin())

    def _table(self, tried):
        judged = [j for _, j, _ in tried]
        table = {}
        for key, kind in (("fit_time", "fit"), ("score_time", "score")):
            times = _np.array([[r[kind] for r in j] for j in judged])
            table[f"mean_{key}"], table[f"std_{key}"] = times.mean(1), times.std(1)
        for name in sorted({n for params, _, _ in tried for n in params}):
            values = _np.ma.MaskedArray(_np.empty(len(tried), object), mask=True)
            for i, (params, _, _) in enumerate(tried):
                if name in params:
                    values[i] = params[name]
            table[f"param_{name}"] = values
        table["params"] = [params for params, _, _ in tried]
        for name in tried[0][2]:
            table[name] = _np.array([more[name] for _, _, more in tried])
        for name in self.scorer_:
            for side in ("test", "train") if self.return_train_score else ("test",):
                scores = _np.array([[r[side][name] for r in j] for j in judged], float)
                for i in range(scores.shape[1]):
                    table[f"split{i}_{side}_{name}"] = scores[:, i]
                table[f"mean_{side}_{name}"], table[f"std_{side}_{name}"] = scores.mean(1), scores.std(1)
            mean = table[f"mean_test_{name}"]
            above = (mean[None] > mean[:, None]) | (_np.isnan(mean)[:, None] & ~_np.isnan(mean)[None])
            table[f"rank_test_{name}"] = (above.sum(1) + 1).astype("int32")
        return table

    @property
    def classes_(self):
        """The classes of the best estimator."""
        return self.best_estimator_.classes_

    def score(self, X, y=None):
        """The score of the best estimator."""
        name = self.refit if isinstance(self.refit, str) else next(iter(self.scorer_))
        return self.scorer_[name](self.best_estimator_, X, y)

    def predict(self, X):
        """What the best estimator predicts."""
        return self.best_estimator_.predict(X)

    def predict_proba(self, X):
        """The probabilities that the best estimator tells."""
        return self.best_estimator_.predict_proba(X)

    def transform(self, X):
        """What the best estimator makes of rows."""
        return self.best_estimator_.transform(X)


class GridSearchCV(_Search):
    """Tries every combination of a grid."""

    def __init__(
        self, estimator, param_grid, *, scoring=None, n_jobs=None, refit=True, cv=None, verbose=0,
        error_score=_np.nan, return_train_score=False,
    ):  # fmt: skip
        self.estimator, self.param_grid = estimator, param_grid
        self._more(scoring, n_jobs, refit, cv, verbose, error_score, return_train_score)

    def _rounds(self, sides, X, y, tried):
        yield list(ParameterGrid(self.param_grid)), sides, {}


class RandomizedSearchCV(_Search):
    """Tries so many combinations that are drawn."""

    def __init__(
        self, estimator, param_distributions, *, n_iter=10, scoring=None, n_jobs=None, refit=True, cv=None, verbose=0,
        random_state=None, error_score=_np.nan, return_train_score=False,
    ):  # fmt: skip
        self.estimator, self.param_distributions, self.n_iter = estimator, param_distributions, n_iter
        self.random_state = random_state
        self._more(scoring, n_jobs, refit, cv, verbose, error_score, return_train_score)

    def _rounds(self, sides, X, y, tried):
        drawn = ParameterSampler(self.param_distributions, self.n_iter, random_state=self.random_state)
        yield list(drawn), sides, {}


class _Halving(_Search):
    """Many candidates with few rows (or epochs), then fewer with more."""

    def _set(self, factor, resource, max_resources, min_resources, aggressive_elimination, random_state):
        self.factor, self.resource, self.max_resources = factor, resource, max_resources
        self.min_resources, self.aggressive_elimination, self.random_state = min_resources, aggressive_elimination, random_state

    def _limits(self, sides, y, rows):
        if self.resource == "n_samples":
            most = rows if self.max_resources == "auto" else self.max_resources
            classes = len(_np.unique(y)) if _is_classifier(self.estimator) else 1
            least = 2 * len(sides) * classes
        else:
            if self.max_resources == "auto":
                raise ValueError(f"max_resources: expected how much of {self.resource!r} there is, got auto")
            most, least = self.max_resources, 1
        least = least if isinstance(self.min_resources, str) else self.min_resources
        if not 0 < least <= most:
            raise ValueError(f"min_resources: expected 1 to {most}, got {least}")
        return least, most

    def _rounds(self, sides, X, y, tried):
        rows = _np.shape(X)[0]
        least, most = self._limits(sides, y, rows)
        candidates = self._candidates(least, most)
        needed = 1 + int(_math.log(len(candidates), self.factor) + 1e-12)
        if self.min_resources == "exhaust":
            least = max(least, int(most // self.factor ** (needed - 1)))
        possible = 1 + int(_math.log(most // least, self.factor) + 1e-12)
        seed = _addax.fresh_seed() % 2**32 if self.random_state is None else self.random_state
        self.n_resources_, self.n_candidates_ = [], []
        self.n_iterations_ = needed if self.aggressive_elimination else min(possible, needed)
        for i in range(self.n_iterations_):
            power = max(0, i - needed + possible) if self.aggressive_elimination else i
            amount = min(int(self.factor**power * least), most)
            self.n_resources_.append(amount)
            self.n_candidates_.append(len(candidates))
            chosen = sides
            if self.resource == "n_samples":
                chosen = [tuple(self._fewer(side, amount / rows, seed) for side in pair) for pair in sides]
            else:
                candidates = [{**c, self.resource: amount} for c in candidates]
            yield candidates, chosen, {"iter": i, "n_resources": amount}
            name = self.refit if isinstance(self.refit, str) else next(iter(self.scorer_))
            now = tried[-len(candidates) :]
            means = _np.array([_np.mean([r["test"][name] for r in j]) for _, j, _ in now])
            order = sorted(range(len(now)), key=lambda k: (not _np.isnan(means[k]), means[k]))
            candidates = [now[k][0] for k in order[-_math.ceil(len(now) / self.factor) :]]

    @staticmethod
    def _fewer(rows, share, seed):
        order = _np.random.RandomState(seed).permutation(len(rows))
        return rows[order[: int(share * len(rows))]]

    def _best(self, name):
        table = self.cv_results_
        last = _np.flatnonzero(table["iter"] == table["iter"].max())
        return int(last[table[f"rank_test_{name}"][last].argmin()])


class HalvingGridSearchCV(_Halving):
    """Successive halving of a grid."""

    def __init__(
        self, estimator, param_grid, *, factor=3, resource="n_samples", max_resources="auto", min_resources="exhaust",
        aggressive_elimination=False, cv=5, scoring=None, refit=True, error_score=_np.nan, return_train_score=True,
        random_state=None, n_jobs=None, verbose=0,
    ):  # fmt: skip
        self.estimator, self.param_grid = estimator, param_grid
        self._set(factor, resource, max_resources, min_resources, aggressive_elimination, random_state)
        self._more(scoring, n_jobs, refit, cv, verbose, error_score, return_train_score)

    def _candidates(self, least, most):
        return list(ParameterGrid(self.param_grid))


class HalvingRandomSearchCV(_Halving):
    """Successive halving of candidates that are drawn."""

    def __init__(
        self, estimator, param_distributions, *, n_candidates="exhaust", factor=3, resource="n_samples",
        max_resources="auto", min_resources="smallest", aggressive_elimination=False, cv=5, scoring=None, refit=True,
        error_score=_np.nan, return_train_score=True, random_state=None, n_jobs=None, verbose=0,
    ):  # fmt: skip
        self.estimator, self.param_distributions, self.n_candidates = estimator, param_distributions, n_candidates
        self._set(factor, resource, max_resources, min_resources, aggressive_elimination, random_state)
        self._more(scoring, n_jobs, refit, cv, verbose, error_score, return_train_score)

    def _candidates(self, least, most):
        count = most // least if self.n_candidates == "exhaust" else self.n_candidates
        return list(ParameterSampler(self.param_distributions, count, random_state=self.random_state))
