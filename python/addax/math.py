"""As `tensorflow.math`: functions of `keras.ops` under TensorFlow's names."""

from . import _OPS
from ._eager import op as _op

_NAMES = {**_OPS, "l2_normalize": "normalize", "softmax_cross_entropy_with_logits": "categorical_crossentropy", "log": "log"}


def __getattr__(name):
    if name.startswith("__"):
        raise AttributeError(name)
    from .keras import ops

    if name in _NAMES:
        return _op(name, _NAMES[name])
    return getattr(ops, name)
