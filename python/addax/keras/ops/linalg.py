"""`keras.ops.linalg`: functions of matrices."""

import addax.keras.ops as _ops


def __getattr__(name):
    if name.startswith("__"):
        raise AttributeError(name)
    return getattr(_ops, name)


def __dir__():
    return dir(_ops)
