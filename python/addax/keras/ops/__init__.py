"""`keras.ops`: functions of tensors; on the tensors of a model they are its nodes."""

from functools import lru_cache as _lru_cache

from ... import _addax, _tables
from ..._tensors import KerasTensor, Tensor, apply, convert_to_numpy, convert_to_tensor, dtype_name, is_tensor

__all__ = ["cast", "convert_to_numpy", "convert_to_tensor", "is_tensor", "shape", "stop_gradient"]


@_lru_cache(maxsize=None)
def _function(name):
    doc, args, variadic = _tables.functions("ops")[name]

    def op(*args, **kwargs):
        return apply(name, *args, **{k: v for k, v in kwargs.items() if v is not None or k in _MEANT})

    op.__name__ = op.__qualname__ = name
    op.__module__ = __name__
    op.__doc__ = doc
    if variadic is None:
        op.__signature__ = _tables.signature(args)
    return op


#: Arguments of which None says something else than that they were left out.
_MEANT = {"axis", "axes"}


def shape(x):
    """The shape of a tensor: numbers where they are known."""
    return tuple(x.shape) if hasattr(x, "shape") else tuple(convert_to_tensor(x).shape)


def cast(x, dtype):
    """A tensor of another element type."""
    dtype = dtype_name(dtype)
    if isinstance(x, KerasTensor):
        return apply("cast", x, dtype)
    return _addax.tensor(x, dtype)


def dtype(x):
    """The element type of a tensor."""
    return convert_to_tensor(x).dtype


def stop_gradient(variable):
    """The tensor, through which no gradient goes."""
    return _addax.stop_gradient(variable)


def cond(pred, true_fn, false_fn):
    """One of two branches; of a traced condition both are computed."""
    if isinstance(pred, (Tensor, KerasTensor)) and not (isinstance(pred, Tensor) and not pred._traced):
        return apply("where", pred, true_fn(), false_fn())
    return true_fn() if bool(pred) else false_fn()


def fori_loop(lower, upper, body_fun, init_val):
    """A loop over whole numbers, written out."""
    value = init_val
    for i in range(int(lower), int(upper)):
        value = body_fun(i, value)
    return value


def while_loop(cond, body, loop_vars, maximum_iterations=None):
    """A loop as long as something holds."""
    single = not isinstance(loop_vars, (tuple, list))
    values, done = (loop_vars,) if single else tuple(loop_vars), 0
    while bool(cond(*values)) and (maximum_iterations is None or done < maximum_iterations):
        made = body(*values)
        values = tuple(made) if isinstance(made, (tuple, list)) else (made,)
        done += 1
    return values[0] if single else values


def vectorized_map(function, elements):
    """A function of each row."""
    return apply("stack", [function(e) for e in convert_to_tensor(elements)], axis=0)


def __getattr__(name):
    if name.startswith("__"):
        raise AttributeError(name)
    functions = _tables.functions("ops")
    if name in functions:
        return _function(name)
    if name in ("image", "nn", "numpy", "linalg"):
        import importlib

        return importlib.import_module(f"{__name__}.{name}")
    raise _tables.missing(__name__, name, list(functions))


def __dir__():
    return sorted({*(n for n in globals() if not n.startswith("_")), *_tables.functions("ops")})


