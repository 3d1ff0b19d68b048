from typing import Any

from addax._objects import LearningRateSchedule as LearningRateSchedule

def get(identifier: Any) -> Any: ...
def serialize(obj: Any, **kwargs: Any) -> Any: ...
def deserialize(config: Any, custom_objects: Any = None) -> Any: ...

class ExponentialDecay(LearningRateSchedule):
    """`lr · rate^(step / decay_steps)`"""
    def __init__(self, initial_learning_rate: Any, decay_steps: Any, decay_rate: Any, staircase: Any = False, name: Any = 'ExponentialDecay') -> None: ...

class PiecewiseConstantDecay(LearningRateSchedule):
    """The first value up to and with the first boundary, then the second, and so on."""
    def __init__(self, boundaries: Any, values: Any, name: Any = 'PiecewiseConstant') -> None: ...

class PolynomialDecay(LearningRateSchedule):
    """`(lr - end)(1 - step / decay_steps)^power + end`, then `end`; or cycles, each as long as it takes to come past"""
    def __init__(self, initial_learning_rate: Any, decay_steps: Any, end_learning_rate: Any = 0.0001, power: Any = 1.0, cycle: Any = False, name: Any = 'PolynomialDecay') -> None: ...

class InverseTimeDecay(LearningRateSchedule):
    """`lr / (1 + rate · step / decay_steps)`"""
    def __init__(self, initial_learning_rate: Any, decay_steps: Any, decay_rate: Any, staircase: Any = False, name: Any = 'InverseTimeDecay') -> None: ...

class CosineDecay(LearningRateSchedule):
    """`lr · ((1 - α) ½ (1 + cos(π · step / decay_steps)) + α)`; with a target, first up to it along a line"""
    def __init__(self, initial_learning_rate: Any, decay_steps: Any, alpha: Any = 0.0, name: Any = 'CosineDecay', warmup_target: Any = None, warmup_steps: Any = 0.0) -> None: ...

class CosineDecayRestarts(LearningRateSchedule):
    """Cosines one after another: period n lasts `first_decay_steps · t_mulⁿ` and begins at `lr · m_mulⁿ`"""
    def __init__(self, initial_learning_rate: Any, first_decay_steps: Any, t_mul: Any = 2.0, m_mul: Any = 1.0, alpha: Any = 0.0, name: Any = 'SGDRDecay') -> None: ...
