"""`keras.mixed_precision`."""

from .config import dtype_policy, set_dtype_policy
from .dtype_policies import DTypePolicy

Policy = DTypePolicy
global_policy = dtype_policy
set_global_policy = set_dtype_policy


def __getattr__(name):
    if name == "LossScaleOptimizer":
        from . import optimizers

        return optimizers.LossScaleOptimizer
    from .._tables import missing

    raise missing(__name__, name)
