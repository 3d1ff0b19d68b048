"""What tensors, variables and the tensors of models have in common: operators and conversions."""

import numpy as np

from . import _addax

Tensor, KerasTensor, Variable = _addax.Tensor, _addax.KerasTensor, _addax.Variable

#: Operators and the ops that they are.
OPERATORS = {
    "add": "add",
    "sub": "subtract",
    "mul": "multiply",
    "truediv": "true_divide",
    "floordiv": "floor_divide",
    "mod": "mod",
    "pow": "power",
    "matmul": "matmul",
    "and": "logical_and",
    "or": "logical_or",
    "xor": "logical_xor",
}
COMPARISONS = {
    "lt": "less",
    "le": "less_equal",
    "gt": "greater",
    "ge": "greater_equal",
    "eq": "equal",
    "ne": "not_equal",
}


def unwrapped(x):
    """A value that an op takes."""
    return x


def apply(name, *args, **kwargs):
    """Calls an op."""
    return _addax.op(name, args, kwargs or None)


def _key(key):
    """What stands between the brackets of `x[...]`, as a config."""
    if isinstance(key, slice):
        part = lambda v: None if v is None else int(v)  # noqa: E731
        return {
            "class_name": "__slice__",
            "config": {"start": part(key.start), "stop": part(key.stop), "step": part(key.step)},
        }
    if key is Ellipsis:
        return {"class_name": "__ellipsis__", "config": {}}
    if key is None:
        return None
    return int(key)


def _get_item(self, key):
    parts = key if isinstance(key, tuple) else (key,)
    by_array = [p for p in parts if isinstance(p, (np.ndarray, list, Tensor, Variable)) and np.ndim(p) > 0]
    if by_array:
        if len(parts) == 1 and not getattr(parts[0], "dtype", None) in ("bool", np.bool_):
            return apply("take", self, parts[0], axis=0)
        return _addax.tensor(np.asarray(self)[tuple(np.asarray(p) if p in by_array else p for p in parts)])
    return apply("get_item", self, [_key(p) for p in parts] if isinstance(key, tuple) else _key(key))


def _rank_guard(self):
    if self.ndim == 0:
        raise TypeError("iteration over a 0-d tensor")
    if self.shape[0] is None:
        raise TypeError("a tensor whose first axis is not known cannot be iterated")
    return self.shape[0]


def _iterate(self):
    return (self[i] for i in range(_rank_guard(self)))


def _array(self, dtype=None, copy=None):
    array = self.numpy()
    return array if dtype is None else array.astype(dtype, copy=False)


def _no_truth(self):
    raise TypeError("A symbolic KerasTensor cannot be used as a boolean: use the ops of keras.ops instead.")


def _no_numbers(self, dtype=None, copy=None):
    raise ValueError("A KerasTensor is symbolic: it has no numbers. Use it with keras.ops and layers only.")


def _format(self, spec):
    return format(self.numpy().item() if self.ndim == 0 else str(self.numpy()), spec)


def _repr_tensor(self):
    if self._traced:
        return f"<addax.Tensor shape={self.shape}, dtype={self.dtype} (traced)>"
    return f"<addax.Tensor: shape={self.shape}, dtype={self.dtype}, numpy={np.array2string(self.numpy())}>"


def _repr_variable(self):
    return f"<Variable path={self.path}, shape={self.shape}, dtype={self.dtype}, value={np.array2string(self.numpy())}>"


def _install():
    for cls in (Tensor, KerasTensor, Variable):
        for dunder, op in OPERATORS.items():
            setattr(cls, f"__{dunder}__", lambda self, other, op=op: apply(op, self, other))
            setattr(cls, f"__r{dunder}__", lambda self, other, op=op: apply(op, other, self))
        for dunder, op in COMPARISONS.items():
            if cls is Variable and dunder in ("eq", "ne"):
                continue
            setattr(cls, f"__{dunder}__", lambda self, other, op=op: apply(op, self, other))
        cls.__neg__ = lambda self: apply("negative", self)
        cls.__abs__ = lambda self: apply("absolute", self)
        cls.__invert__ = lambda self: apply("logical_not", self)
        cls.__getitem__ = _get_item
        cls.__array_priority__ = 100
        cls.__array_ufunc__ = None
        cls.rank = property(lambda self: self.ndim)
        cls.T = property(lambda self: apply("transpose", self))
    for cls in (Tensor, Variable):
        cls.__array__ = _array
        cls.__float__ = lambda self: float(self.numpy())
        cls.__int__ = lambda self: int(self.numpy())
        cls.__index__ = lambda self: int(self.numpy())
        cls.__bool__ = lambda self: bool(self.numpy())
        cls.__len__ = _rank_guard
        cls.__iter__ = _iterate
        cls.__format__ = _format
        cls.size = property(lambda self: int(np.prod(self.shape)))
        cls.item = lambda self: self.numpy().item()
        cls.tolist = lambda self: self.numpy().tolist()
    Tensor.__repr__ = Tensor.__str__ = _repr_tensor
    Tensor.__hash__ = object.__hash__
    KerasTensor.__array__ = _no_numbers
    KerasTensor.__bool__ = _no_truth
    KerasTensor.__iter__ = _iterate
    KerasTensor.size = property(lambda self: None)
    Variable.__repr__ = Variable.__str__ = _repr_variable
    Variable.path = property(lambda self: self.name)
    Variable.value = property(lambda self: self._tensor())
    Variable.read_value = lambda self: self._tensor()
    Variable.assign_add = lambda self, x: self.assign(apply("add", self._tensor(), x))
    Variable.assign_sub = lambda self, x: self.assign(apply("subtract", self._tensor(), x))
    Variable.__eq__ = lambda self, other: self._key == other._key if isinstance(other, Variable) else apply("equal", self, other)
    Variable.__ne__ = lambda self, other: not self == other if isinstance(other, Variable) else apply("not_equal", self, other)


_install()


def convert_to_tensor(x, dtype=None, sparse=None):
    """A tensor of anything."""
    if isinstance(x, KerasTensor):
        return x
    return _addax.tensor(x, dtype_name(dtype))


def convert_to_numpy(x):
    """An array of anything."""
    return np.asarray(x.numpy() if hasattr(x, "numpy") else x)


def dtype_name(dtype):
    """The name of an element type, however it is given."""
    if dtype is None or isinstance(dtype, str):
        return dtype
    if hasattr(dtype, "name") and isinstance(dtype.name, str):
        return dtype.name
    return np.dtype(dtype).name


def is_tensor(x):
    """Whether it is a tensor."""
    return isinstance(x, (Tensor, KerasTensor, Variable))


def map_structure(function, structure):
    """The same structure of other things: lists, tuples and dictionaries stay."""
    if isinstance(structure, dict):
        return {k: map_structure(function, v) for k, v in structure.items()}
    if isinstance(structure, (list, tuple)) and not hasattr(structure, "_fields"):
        return type(structure)(map_structure(function, v) for v in structure)
    return function(structure)


def leaves(structure):
    """All things of a structure, dictionaries by sorted keys."""
    if isinstance(structure, dict):
        return [x for k in sorted(structure) for x in leaves(structure[k])]
    if isinstance(structure, (list, tuple)):
        return [x for v in structure for x in leaves(v)]
    return [structure]


def pack(structure, flat):
    """The structure filled with other things, in the order of `leaves`."""
    things = iter(flat)

    def fill(s):
        if isinstance(s, dict):
            made = {k: fill(s[k]) for k in sorted(s)}
            return {k: made[k] for k in s}
        if isinstance(s, (list, tuple)):
            return type(s)(fill(v) for v in s)
        return next(things)

    return fill(structure)
