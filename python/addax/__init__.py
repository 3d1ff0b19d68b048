"""Deep learning with TensorFlow's and Keras's names, in Rust: `import addax as tf`."""

import importlib as _importlib

from ._addax import __version__

_SUBMODULES = ("keras", "data", "random", "math", "nn", "linalg", "config", "python", "image", "test", "model_selection", "metrics")
#: Where the names of this module are kept.
_HOMES = {
    "constant": "_eager",
    "convert_to_tensor": "_eager",
    "Variable": "_eager",
    "GradientTape": "_eager",
    "function": "_eager",
    "stop_gradient": "_eager",
    "Tensor": "_eager",
    "TensorSpec": "_eager",
    "cast": "_eager",
    "device": "_eager",
    "executing_eagerly": "_eager",
}

#: Functions of TensorFlow's first module under their names in `keras.ops`.
_OPS = {
    "abs": "abs",
    "add": "add",
    "argmax": "argmax",
    "argmin": "argmin",
    "clip_by_value": "clip",
    "concat": "concatenate",
    "cos": "cos",
    "cumsum": "cumsum",
    "divide": "divide",
    "einsum": "einsum",
    "equal": "equal",
    "exp": "exp",
    "expand_dims": "expand_dims",
    "eye": "eye",
    "fill": "full",
    "gather": "take",
    "greater": "greater",
    "less": "less",
    "linspace": "linspace",
    "matmul": "matmul",
    "maximum": "maximum",
    "minimum": "minimum",
    "multiply": "multiply",
    "one_hot": "one_hot",
    "ones": "ones",
    "ones_like": "ones_like",
    "pad": "pad",
    "pow": "power",
    "range": "arange",
    "reduce_max": "max",
    "reduce_mean": "mean",
    "reduce_min": "min",
    "reduce_prod": "prod",
    "reduce_sum": "sum",
    "repeat": "repeat",
    "reshape": "reshape",
    "round": "round",
    "shape": "shape",
    "sigmoid": "sigmoid",
    "sign": "sign",
    "sin": "sin",
    "sort": "sort",
    "split": "split",
    "sqrt": "sqrt",
    "square": "square",
    "squeeze": "squeeze",
    "stack": "stack",
    "subtract": "subtract",
    "tanh": "tanh",
    "tensordot": "tensordot",
    "tile": "tile",
    "transpose": "transpose",
    "where": "where",
    "zeros": "zeros",
    "zeros_like": "zeros_like",
}
_DTYPES = ("float16", "bfloat16", "float32", "float64", "int8", "int32", "int64", "uint8", "uint32", "bool")


def __getattr__(name):
    if name in _SUBMODULES:
        return _importlib.import_module(f"{__name__}.{name}")
    if name in _HOMES:
        return getattr(_importlib.import_module(f"{__name__}.{_HOMES[name]}"), name)
    if name in _OPS:
        return getattr(_importlib.import_module(f"{__name__}._eager"), "op")(name, _OPS[name])
    if name in _DTYPES:
        return getattr(_importlib.import_module(f"{__name__}._eager"), "DType")(name)
    if name == "newaxis":
        return None
    from ._tables import missing

    raise missing(__name__, name, list(_HOMES) + list(_OPS) + list(_SUBMODULES))


def __dir__():
    return sorted([*globals(), *_SUBMODULES, *_HOMES, *_OPS, *_DTYPES])
