from typing import Any

from addax._objects import Initializer as Initializer

def get(identifier: Any) -> Any: ...
def serialize(obj: Any, **kwargs: Any) -> Any: ...
def deserialize(config: Any, custom_objects: Any = None) -> Any: ...

class Zeros(Initializer):
    """All zeros."""
    def __init__(self) -> None: ...

class Ones(Initializer):
    """All ones."""
    def __init__(self) -> None: ...

class Constant(Initializer):
    """One number everywhere."""
    def __init__(self, value: Any = 0.0) -> None: ...

class Identity(Initializer):
    """`gain` on the diagonal of a matrix, 0 elsewhere."""
    def __init__(self, gain: Any = 1.0) -> None: ...

class RandomNormal(Initializer):
    """Normal with the given mean and standard deviation."""
    def __init__(self, mean: Any = 0.0, stddev: Any = 0.05, seed: Any = None) -> None: ...

class RandomUniform(Initializer):
    """Uniform between two limits."""
    def __init__(self, minval: Any = -0.05, maxval: Any = 0.05, seed: Any = None) -> None: ...

class TruncatedNormal(Initializer):
    """Normal, drawn again beyond two standard deviations; not rescaled."""
    def __init__(self, mean: Any = 0.0, stddev: Any = 0.05, seed: Any = None) -> None: ...

class VarianceScaling(Initializer):
    """Spread by fans: variance `scale / n`, n being fan_in, fan_out or their average."""
    def __init__(self, scale: Any = 1.0, mode: Any = 'fan_in', distribution: Any = 'truncated_normal', seed: Any = None, input_axes: Any = None, output_axes: Any = None) -> None: ...

class GlorotNormal(Initializer):
    """Truncated normal with variance `2 / (fan_in + fan_out)` (Glorot and Bengio 2010)."""
    def __init__(self, seed: Any = None, input_axes: Any = None, output_axes: Any = None) -> None: ...

class GlorotUniform(Initializer):
    """Uniform within `√(6 / (fan_in + fan_out))` (Glorot and Bengio 2010)."""
    def __init__(self, seed: Any = None, input_axes: Any = None, output_axes: Any = None) -> None: ...

class HeNormal(Initializer):
    """Truncated normal with variance `2 / fan_in` (He et al. 2015)."""
    def __init__(self, seed: Any = None, input_axes: Any = None, output_axes: Any = None) -> None: ...

class HeUniform(Initializer):
    """Uniform within `√(6 / fan_in)` (He et al. 2015)."""
    def __init__(self, seed: Any = None, input_axes: Any = None, output_axes: Any = None) -> None: ...

class LecunNormal(Initializer):
    """Truncated normal with variance `1 / fan_in` (LeCun et al. 1998)."""
    def __init__(self, seed: Any = None, input_axes: Any = None, output_axes: Any = None) -> None: ...

class LecunUniform(Initializer):
    """Uniform within `√(3 / fan_in)` (LeCun et al. 1998)."""
    def __init__(self, seed: Any = None, input_axes: Any = None, output_axes: Any = None) -> None: ...

class Orthogonal(Initializer):
    """`gain` times a random matrix with orthonormal columns (rows, if it is wide); higher ranks are flattened to"""
    def __init__(self, gain: Any = 1.0, seed: Any = None) -> None: ...

class STFT(Initializer):
    """Cosines or sines of frequencies, under a window: a kernel of shape (frame, 1, frequencies)."""
    def __init__(self, side: Any = 'real', window: Any = 'hann', scaling: Any = 'density', periodic: Any = False) -> None: ...
