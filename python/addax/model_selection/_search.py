"""Parameters tried one after another: grids, draws, halving."""

import itertools as _itertools
import math as _math
import time as _time

import numpy as _np

from .. import _addax
from ._validation import _Task, _clone, _is_classifier, _run, _scorers, _sides


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
