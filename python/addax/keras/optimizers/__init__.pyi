from typing import Any

from addax._objects import Optimizer as Optimizer
from addax.keras.optimizers import schedules as schedules

def get(identifier: Any) -> Any: ...
def serialize(obj: Any, **kwargs: Any) -> Any: ...
def deserialize(config: Any, custom_objects: Any = None) -> Any: ...

class SGD(Optimizer):
    """`w -= lr · g`; with momentum `m = μ m - lr g, w += m`; Nesterov's `w += μ m - lr g` with the new m."""
    def __init__(self, learning_rate: Any = 0.01, momentum: Any = 0.0, nesterov: Any = False, weight_decay: Any = None, clipnorm: Any = None, clipvalue: Any = None, global_clipnorm: Any = None, use_ema: Any = False, ema_momentum: Any = 0.99, ema_overwrite_frequency: Any = None, loss_scale_factor: Any = None, gradient_accumulation_steps: Any = None, name: Any = None) -> None: ...

class RMSprop(Optimizer):
    """`v = ρ v + (1 - ρ) g²`, `w -= lr · g / √(v + ε)`; centered: `√(v - a² + ε)` with `a = ρ a + (1 - ρ) g`;"""
    def __init__(self, learning_rate: Any = 0.001, rho: Any = 0.9, momentum: Any = 0.0, epsilon: Any = 1e-07, centered: Any = False, weight_decay: Any = None, clipnorm: Any = None, clipvalue: Any = None, global_clipnorm: Any = None, use_ema: Any = False, ema_momentum: Any = 0.99, ema_overwrite_frequency: Any = None, loss_scale_factor: Any = None, gradient_accumulation_steps: Any = None, name: Any = None) -> None: ...

class Adam(Optimizer):
    """`m += (1 - β₁)(g - m)`, `v += (1 - β₂)(g² - v)`, `w -= α m / (√v + ε)` with"""
    def __init__(self, learning_rate: Any = 0.001, beta_1: Any = 0.9, beta_2: Any = 0.999, epsilon: Any = 1e-07, amsgrad: Any = False, weight_decay: Any = None, clipnorm: Any = None, clipvalue: Any = None, global_clipnorm: Any = None, use_ema: Any = False, ema_momentum: Any = 0.99, ema_overwrite_frequency: Any = None, loss_scale_factor: Any = None, gradient_accumulation_steps: Any = None, name: Any = None) -> None: ...

class AdamW(Optimizer):
    """Adam with decay: before each step, weights shrink by `lr · weight_decay`."""
    def __init__(self, learning_rate: Any = 0.001, weight_decay: Any = 0.004, beta_1: Any = 0.9, beta_2: Any = 0.999, epsilon: Any = 1e-07, amsgrad: Any = False, clipnorm: Any = None, clipvalue: Any = None, global_clipnorm: Any = None, use_ema: Any = False, ema_momentum: Any = 0.99, ema_overwrite_frequency: Any = None, loss_scale_factor: Any = None, gradient_accumulation_steps: Any = None, name: Any = None) -> None: ...

class Adadelta(Optimizer):
    """`a = ρ a + (1 - ρ) g²`, `d = -√(D + ε) / √(a + ε) · g`, `D = ρ D + (1 - ρ) d²`, `w += lr · d`"""
    def __init__(self, learning_rate: Any = 0.001, rho: Any = 0.95, epsilon: Any = 1e-07, weight_decay: Any = None, clipnorm: Any = None, clipvalue: Any = None, global_clipnorm: Any = None, use_ema: Any = False, ema_momentum: Any = 0.99, ema_overwrite_frequency: Any = None, loss_scale_factor: Any = None, gradient_accumulation_steps: Any = None, name: Any = None) -> None: ...

class Adagrad(Optimizer):
    """`a += g²`, `w -= lr · g / √(a + ε)`"""
    def __init__(self, learning_rate: Any = 0.001, initial_accumulator_value: Any = 0.1, epsilon: Any = 1e-07, weight_decay: Any = None, clipnorm: Any = None, clipvalue: Any = None, global_clipnorm: Any = None, use_ema: Any = False, ema_momentum: Any = 0.99, ema_overwrite_frequency: Any = None, loss_scale_factor: Any = None, gradient_accumulation_steps: Any = None, name: Any = None) -> None: ...

class Adamax(Optimizer):
    """`m += (1 - β₁)(g - m)`, `u = max(β₂ u, |g|)`, `w -= lr · m / ((1 - β₁ᵗ)(u + ε))`"""
    def __init__(self, learning_rate: Any = 0.001, beta_1: Any = 0.9, beta_2: Any = 0.999, epsilon: Any = 1e-07, weight_decay: Any = None, clipnorm: Any = None, clipvalue: Any = None, global_clipnorm: Any = None, use_ema: Any = False, ema_momentum: Any = 0.99, ema_overwrite_frequency: Any = None, loss_scale_factor: Any = None, gradient_accumulation_steps: Any = None, name: Any = None) -> None: ...

class Adafactor(Optimizer):
    """`ρ = min(lr, 1 / √t)`, `α = max(ε₂, rms w) ρ`, `β₂ = 1 - t^decay`; for matrices `r`, `c` are averages of the"""
    def __init__(self, learning_rate: Any = 0.001, beta_2_decay: Any = -0.8, epsilon_1: Any = 1e-30, epsilon_2: Any = 0.001, clip_threshold: Any = 1.0, relative_step: Any = True, weight_decay: Any = None, clipnorm: Any = None, clipvalue: Any = None, global_clipnorm: Any = None, use_ema: Any = False, ema_momentum: Any = 0.99, ema_overwrite_frequency: Any = None, loss_scale_factor: Any = None, gradient_accumulation_steps: Any = None, name: Any = None) -> None: ...

class Nadam(Optimizer):
    """`uₜ = β₁ (1 - ½ · 0.96ᵗ)`, `Pₜ = Pₜ₋₁ uₜ`, `m̂ = uₜ₊₁ m / (1 - Pₜ uₜ₊₁) + (1 - uₜ) g / (1 - Pₜ)`,"""
    def __init__(self, learning_rate: Any = 0.001, beta_1: Any = 0.9, beta_2: Any = 0.999, epsilon: Any = 1e-07, weight_decay: Any = None, clipnorm: Any = None, clipvalue: Any = None, global_clipnorm: Any = None, use_ema: Any = False, ema_momentum: Any = 0.99, ema_overwrite_frequency: Any = None, loss_scale_factor: Any = None, gradient_accumulation_steps: Any = None, name: Any = None) -> None: ...

class Ftrl(Optimizer):
    """`n' = n + g²`, `z += g' - (n'^-p - n^-p) / lr · w` with `g' = g + 2 s w`,"""
    def __init__(self, learning_rate: Any = 0.001, learning_rate_power: Any = -0.5, initial_accumulator_value: Any = 0.1, l1_regularization_strength: Any = 0.0, l2_regularization_strength: Any = 0.0, l2_shrinkage_regularization_strength: Any = 0.0, beta: Any = 0.0, weight_decay: Any = None, clipnorm: Any = None, clipvalue: Any = None, global_clipnorm: Any = None, use_ema: Any = False, ema_momentum: Any = 0.99, ema_overwrite_frequency: Any = None, loss_scale_factor: Any = None, gradient_accumulation_steps: Any = None, name: Any = None) -> None: ...

class Lion(Optimizer):
    """`w -= lr · sign(β₁ m + (1 - β₁) g)`, then `m = β₂ m + (1 - β₂) g`"""
    def __init__(self, learning_rate: Any = 0.001, beta_1: Any = 0.9, beta_2: Any = 0.99, weight_decay: Any = None, clipnorm: Any = None, clipvalue: Any = None, global_clipnorm: Any = None, use_ema: Any = False, ema_momentum: Any = 0.99, ema_overwrite_frequency: Any = None, loss_scale_factor: Any = None, gradient_accumulation_steps: Any = None, name: Any = None) -> None: ...

class Lamb(Optimizer):
    """`u = m / (1 - β₁ᵗ) / (√(v / (1 - β₂ᵗ)) + ε)`, `w -= lr · ‖w‖ / ‖u‖ · u`"""
    def __init__(self, learning_rate: Any = 0.001, beta_1: Any = 0.9, beta_2: Any = 0.999, epsilon: Any = 1e-07, weight_decay: Any = None, clipnorm: Any = None, clipvalue: Any = None, global_clipnorm: Any = None, use_ema: Any = False, ema_momentum: Any = 0.99, ema_overwrite_frequency: Any = None, loss_scale_factor: Any = None, gradient_accumulation_steps: Any = None, name: Any = None) -> None: ...

class Muon(Optimizer):
    """For matrices `m += g + (μ - 1) m`, `w -= lr · 0.2 √max(rows, columns) · orthogonal(g + μ m)` by Newton-Schulz"""
    def __init__(self, learning_rate: Any = 0.001, adam_beta_1: Any = 0.9, adam_beta_2: Any = 0.999, adam_weight_decay: Any = 0.004, epsilon: Any = 1e-07, weight_decay: Any = 0.004, clipnorm: Any = None, clipvalue: Any = None, global_clipnorm: Any = None, use_ema: Any = False, ema_momentum: Any = 0.99, ema_overwrite_frequency: Any = None, loss_scale_factor: Any = None, gradient_accumulation_steps: Any = None, name: Any = None, exclude_layers: Any = None, exclude_embeddings: Any = True, muon_a: Any = 3.4445, muon_b: Any = -4.775, muon_c: Any = 2.0315, adam_lr_ratio: Any = 1.0, momentum: Any = 0.95, ns_steps: Any = 5, nesterov: Any = True, rms_rate: Any = 0.2) -> None: ...

class ScheduleFreeAdamW(Optimizer):
    """`v += (1 - β₂)(g² - v)`, `z -= lr · g / (√(v / (1 - β₂ᵗ)) + ε)`, `x = (1 - 1/t) x + z / t`,"""
    def __init__(self, learning_rate: Any = 0.0025, beta_1: Any = 0.9, beta_2: Any = 0.999, epsilon: Any = 1e-08, warmup_steps: Any = 0, weight_decay: Any = None, clipnorm: Any = None, clipvalue: Any = None, global_clipnorm: Any = None, use_ema: Any = False, ema_momentum: Any = 0.99, ema_overwrite_frequency: Any = None, loss_scale_factor: Any = None, gradient_accumulation_steps: Any = None, name: Any = None) -> None: ...

class LossScaleOptimizer(Optimizer):
    """Multiplies the loss before the gradients are taken and divides them again. The scale doubles after"""
    def __init__(self, inner_optimizer: Any, initial_scale: Any = 32768.0, dynamic_growth_steps: Any = 2000, name: Any = None) -> None: ...

class MultiOptimizer(Optimizer):
    """Several optimizers, each for the weights that its pattern matches."""
    def __init__(self, optimizer_map: Any, loss_scale_factor: Any = None, name: Any = None) -> None: ...
