"""Ways of dividing rows, with scikit-learn's names and rows."""

import numpy as _np

from .. import _addax


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
