from typing import Any

from addax._layers import Layer as Layer
from addax._tensors import KerasTensor

def Input(shape: Any = None, batch_size: Any = None, dtype: Any = None, sparse: Any = None, ragged: Any = None, batch_shape: Any = None, name: Any = None, tensor: Any = None, optional: bool = False) -> KerasTensor: ...

def get(identifier: Any) -> Any: ...
def serialize(obj: Any, **kwargs: Any) -> Any: ...
def deserialize(config: Any, custom_objects: Any = None) -> Any: ...

class InputLayer(Layer):
    """Where a model's input comes in: shape and element type of a batch."""
    def __init__(self, batch_shape: Any = [], dtype: Any = 'float32', sparse: Any = False, ragged: Any = False, optional: Any = False, *, name: Any = None, trainable: Any = True, activity_regularizer: Any = None, autocast: Any = True, input_shape: Any = None, batch_input_shape: Any = None, input_dim: Any = None, batch_size: Any = None, input_dtype: Any = None, weights: Any = None) -> None: ...

class Dense(Layer):
    """`activation(x · kernel + bias)` along the last axis: `[…, in]` to `[…, units]`."""
    def __init__(self, units: Any, activation: Any = None, use_bias: Any = True, kernel_initializer: Any = 'glorot_uniform', bias_initializer: Any = 'zeros', kernel_regularizer: Any = None, bias_regularizer: Any = None, activity_regularizer: Any = None, kernel_constraint: Any = None, bias_constraint: Any = None, lora_rank: Any = None, lora_alpha: Any = None, quantization_config: Any = None, *, name: Any = None, trainable: Any = True, dtype: Any = None, autocast: Any = True, input_shape: Any = None, batch_input_shape: Any = None, batch_shape: Any = None, input_dim: Any = None, batch_size: Any = None, input_dtype: Any = None, weights: Any = None, sparse: Any = None) -> None: ...

class EinsumDense(Layer):
    """`activation(einsum(equation, x, kernel) + bias)`: the equation names the axes of input, kernel and output;"""
    def __init__(self, equation: Any, output_shape: Any, activation: Any = None, bias_axes: Any = None, kernel_initializer: Any = 'glorot_uniform', bias_initializer: Any = 'zeros', kernel_regularizer: Any = None, bias_regularizer: Any = None, activity_regularizer: Any = None, kernel_constraint: Any = None, bias_constraint: Any = None, lora_rank: Any = None, lora_alpha: Any = None, quantization_config: Any = None, *, name: Any = None, trainable: Any = True, dtype: Any = None, autocast: Any = True, input_shape: Any = None, batch_input_shape: Any = None, batch_shape: Any = None, input_dim: Any = None, batch_size: Any = None, input_dtype: Any = None, weights: Any = None, sparse: Any = None) -> None: ...

class Embedding(Layer):
    """The row of a learnt table for each whole number: `[batch, steps]` to `[batch, steps, output_dim]`."""
    def __init__(self, input_dim: Any, output_dim: Any, embeddings_initializer: Any = 'random_uniform', embeddings_regularizer: Any = None, embeddings_constraint: Any = None, mask_zero: Any = False, lora_rank: Any = None, lora_alpha: Any = None, quantization_config: Any = None, activity_regularizer: Any = None, *, name: Any = None, trainable: Any = True, dtype: Any = None, autocast: Any = True, input_shape: Any = None, batch_input_shape: Any = None, batch_shape: Any = None, batch_size: Any = None, input_dtype: Any = None, weights: Any = None, sparse: Any = None) -> None: ...

class Identity(Layer):
    """Passes its input on, with its mask."""
    def __init__(self, *, name: Any = None, trainable: Any = True, dtype: Any = None, activity_regularizer: Any = None, autocast: Any = True, input_shape: Any = None, batch_input_shape: Any = None, batch_shape: Any = None, input_dim: Any = None, batch_size: Any = None, input_dtype: Any = None, weights: Any = None, sparse: Any = None) -> None: ...

class Masking(Layer):
    """Steps whose features are all `mask_value` become 0 and are masked: `[batch, steps, …, features]`."""
    def __init__(self, mask_value: Any = 0.0, *, name: Any = None, trainable: Any = True, dtype: Any = None, activity_regularizer: Any = None, autocast: Any = True, input_shape: Any = None, batch_input_shape: Any = None, batch_shape: Any = None, input_dim: Any = None, batch_size: Any = None, input_dtype: Any = None, weights: Any = None, sparse: Any = None) -> None: ...

class ReversibleEmbedding(Layer):
    """As Embedding; called with `reverse=True` it gives for each vector its product with every row of the table:"""
    def __init__(self, input_dim: Any, output_dim: Any, tie_weights: Any = True, embeddings_initializer: Any = 'random_uniform', embeddings_regularizer: Any = None, embeddings_constraint: Any = None, mask_zero: Any = False, reverse_dtype: Any = None, logit_soft_cap: Any = None, lora_rank: Any = None, lora_alpha: Any = None, quantization_config: Any = None, activity_regularizer: Any = None, *, name: Any = None, trainable: Any = True, dtype: Any = None, autocast: Any = True, input_shape: Any = None, batch_input_shape: Any = None, batch_shape: Any = None, batch_size: Any = None, input_dtype: Any = None, weights: Any = None, sparse: Any = None) -> None: ...

class Activation(Layer):
    """Applies an activation to its input; the shape stays."""
    def __init__(self, activation: Any, *, name: Any = None, trainable: Any = True, dtype: Any = None, activity_regularizer: Any = None, autocast: Any = True, input_shape: Any = None, batch_input_shape: Any = None, batch_shape: Any = None, input_dim: Any = None, batch_size: Any = None, input_dtype: Any = None, weights: Any = None, sparse: Any = None) -> None: ...

class ELU(Layer):
    """`x` if x > 0, else `alpha · (exp(x) - 1)`."""
    def __init__(self, alpha: Any = 1.0, *, name: Any = None, trainable: Any = True, dtype: Any = None, activity_regularizer: Any = None, autocast: Any = True, input_shape: Any = None, batch_input_shape: Any = None, batch_shape: Any = None, input_dim: Any = None, batch_size: Any = None, input_dtype: Any = None, weights: Any = None, sparse: Any = None) -> None: ...

class LeakyReLU(Layer):
    """`x` if x ≥ 0, else `negative_slope · x`."""
    def __init__(self, negative_slope: Any = 0.3, *, name: Any = None, trainable: Any = True, dtype: Any = None, activity_regularizer: Any = None, autocast: Any = True, input_shape: Any = None, batch_input_shape: Any = None, batch_shape: Any = None, input_dim: Any = None, batch_size: Any = None, input_dtype: Any = None, weights: Any = None, sparse: Any = None) -> None: ...

class PReLU(Layer):
    """`x` if x ≥ 0, else `α x`, with an α for each element of a sample."""
    def __init__(self, alpha_initializer: Any = 'zeros', alpha_regularizer: Any = None, alpha_constraint: Any = None, shared_axes: Any = None, *, name: Any = None, trainable: Any = True, dtype: Any = None, activity_regularizer: Any = None, autocast: Any = True, input_shape: Any = None, batch_input_shape: Any = None, batch_shape: Any = None, input_dim: Any = None, batch_size: Any = None, input_dtype: Any = None, weights: Any = None, sparse: Any = None) -> None: ...

class ReLU(Layer):
    """`max_value` from there on, `x` from `threshold` on, `negative_slope · (x - threshold)` below it."""
    def __init__(self, max_value: Any = None, negative_slope: Any = 0.0, threshold: Any = 0.0, *, name: Any = None, trainable: Any = True, dtype: Any = None, activity_regularizer: Any = None, autocast: Any = True, input_shape: Any = None, batch_input_shape: Any = None, batch_shape: Any = None, input_dim: Any = None, batch_size: Any = None, input_dtype: Any = None, weights: Any = None, sparse: Any = None) -> None: ...

class Softmax(Layer):
    """`exp(x) / Σ exp(x)` along `axis`; the shape stays. Places that the call's `mask` leaves out come out as 0."""
    def __init__(self, axis: Any = -1, *, name: Any = None, trainable: Any = True, dtype: Any = None, activity_regularizer: Any = None, autocast: Any = True, input_shape: Any = None, batch_input_shape: Any = None, batch_shape: Any = None, input_dim: Any = None, batch_size: Any = None, input_dtype: Any = None, weights: Any = None, sparse: Any = None) -> None: ...

class Conv1D(Layer):
    """Convolution over steps: `[batch, steps, channels]` to `[batch, positions, filters]`."""
    def __init__(self, filters: Any, kernel_size: Any, strides: Any = [1], padding: Any = 'valid', data_format: Any = 'channels_last', dilation_rate: Any = [1], groups: Any = 1, activation: Any = None, use_bias: Any = True, kernel_initializer: Any = 'glorot_uniform', bias_initializer: Any = 'zeros', kernel_regularizer: Any = None, bias_regularizer: Any = None, activity_regularizer: Any = None, kernel_constraint: Any = None, bias_constraint: Any = None, lora_rank: Any = None, lora_alpha: Any = None, *, name: Any = None, trainable: Any = True, dtype: Any = None, autocast: Any = True, input_shape: Any = None, batch_input_shape: Any = None, batch_shape: Any = None, input_dim: Any = None, batch_size: Any = None, input_dtype: Any = None, weights: Any = None, sparse: Any = None) -> None: ...

class Conv2D(Layer):
    """Convolution over images: `activation(Σ window · kernel + bias)` at every position,"""
    def __init__(self, filters: Any, kernel_size: Any, strides: Any = [1, 1], padding: Any = 'valid', data_format: Any = 'channels_last', dilation_rate: Any = [1, 1], groups: Any = 1, activation: Any = None, use_bias: Any = True, kernel_initializer: Any = 'glorot_uniform', bias_initializer: Any = 'zeros', kernel_regularizer: Any = None, bias_regularizer: Any = None, activity_regularizer: Any = None, kernel_constraint: Any = None, bias_constraint: Any = None, lora_rank: Any = None, lora_alpha: Any = None, *, name: Any = None, trainable: Any = True, dtype: Any = None, autocast: Any = True, input_shape: Any = None, batch_input_shape: Any = None, batch_shape: Any = None, input_dim: Any = None, batch_size: Any = None, input_dtype: Any = None, weights: Any = None, sparse: Any = None) -> None: ...

class Conv3D(Layer):
    """Convolution over volumes: `[batch, depth, height, width, channels]`."""
    def __init__(self, filters: Any, kernel_size: Any, strides: Any = [1, 1, 1], padding: Any = 'valid', data_format: Any = 'channels_last', dilation_rate: Any = [1, 1, 1], groups: Any = 1, activation: Any = None, use_bias: Any = True, kernel_initializer: Any = 'glorot_uniform', bias_initializer: Any = 'zeros', kernel_regularizer: Any = None, bias_regularizer: Any = None, activity_regularizer: Any = None, kernel_constraint: Any = None, bias_constraint: Any = None, lora_rank: Any = None, lora_alpha: Any = None, *, name: Any = None, trainable: Any = True, dtype: Any = None, autocast: Any = True, input_shape: Any = None, batch_input_shape: Any = None, batch_shape: Any = None, input_dim: Any = None, batch_size: Any = None, input_dtype: Any = None, weights: Any = None, sparse: Any = None) -> None: ...

class Conv1DTranspose(Layer):
    """Transposed convolution over steps: `[batch, steps, channels]` to longer sequences."""
    def __init__(self, filters: Any, kernel_size: Any, strides: Any = [1], padding: Any = 'valid', output_padding: Any = None, data_format: Any = 'channels_last', dilation_rate: Any = [1], activation: Any = None, use_bias: Any = True, kernel_initializer: Any = 'glorot_uniform', bias_initializer: Any = 'zeros', kernel_regularizer: Any = None, bias_regularizer: Any = None, activity_regularizer: Any = None, kernel_constraint: Any = None, bias_constraint: Any = None, *, name: Any = None, trainable: Any = True, dtype: Any = None, autocast: Any = True, input_shape: Any = None, batch_input_shape: Any = None, batch_shape: Any = None, input_dim: Any = None, batch_size: Any = None, input_dtype: Any = None, weights: Any = None, sparse: Any = None) -> None: ...

class Conv2DTranspose(Layer):
    """Transposed convolution over images: `[batch, height, width, channels]` to larger ones."""
    def __init__(self, filters: Any, kernel_size: Any, strides: Any = [1, 1], padding: Any = 'valid', output_padding: Any = None, data_format: Any = 'channels_last', dilation_rate: Any = [1, 1], activation: Any = None, use_bias: Any = True, kernel_initializer: Any = 'glorot_uniform', bias_initializer: Any = 'zeros', kernel_regularizer: Any = None, bias_regularizer: Any = None, activity_regularizer: Any = None, kernel_constraint: Any = None, bias_constraint: Any = None, *, name: Any = None, trainable: Any = True, dtype: Any = None, autocast: Any = True, input_shape: Any = None, batch_input_shape: Any = None, batch_shape: Any = None, input_dim: Any = None, batch_size: Any = None, input_dtype: Any = None, weights: Any = None, sparse: Any = None) -> None: ...

class Conv3DTranspose(Layer):
    """Transposed convolution over volumes."""
    def __init__(self, filters: Any, kernel_size: Any, strides: Any = [1, 1, 1], padding: Any = 'valid', data_format: Any = 'channels_last', output_padding: Any = None, dilation_rate: Any = [1, 1, 1], activation: Any = None, use_bias: Any = True, kernel_initializer: Any = 'glorot_uniform', bias_initializer: Any = 'zeros', kernel_regularizer: Any = None, bias_regularizer: Any = None, activity_regularizer: Any = None, kernel_constraint: Any = None, bias_constraint: Any = None, *, name: Any = None, trainable: Any = True, dtype: Any = None, autocast: Any = True, input_shape: Any = None, batch_input_shape: Any = None, batch_shape: Any = None, input_dim: Any = None, batch_size: Any = None, input_dtype: Any = None, weights: Any = None, sparse: Any = None) -> None: ...

class DepthwiseConv1D(Layer):
    """Convolution of each channel of a sequence by itself."""
    def __init__(self, kernel_size: Any, strides: Any = [1], padding: Any = 'valid', depth_multiplier: Any = 1, data_format: Any = 'channels_last', dilation_rate: Any = [1], activation: Any = None, use_bias: Any = True, depthwise_initializer: Any = 'glorot_uniform', bias_initializer: Any = 'zeros', depthwise_regularizer: Any = None, bias_regularizer: Any = None, activity_regularizer: Any = None, depthwise_constraint: Any = None, bias_constraint: Any = None, *, name: Any = None, trainable: Any = True, dtype: Any = None, autocast: Any = True, input_shape: Any = None, batch_input_shape: Any = None, batch_shape: Any = None, input_dim: Any = None, batch_size: Any = None, input_dtype: Any = None, weights: Any = None, sparse: Any = None) -> None: ...

class DepthwiseConv2D(Layer):
    """Convolution of each channel of an image by itself: output channel `c · depth_multiplier + m` sees channel `c`."""
    def __init__(self, kernel_size: Any, strides: Any = [1, 1], padding: Any = 'valid', depth_multiplier: Any = 1, data_format: Any = 'channels_last', dilation_rate: Any = [1, 1], activation: Any = None, use_bias: Any = True, depthwise_initializer: Any = 'glorot_uniform', bias_initializer: Any = 'zeros', depthwise_regularizer: Any = None, bias_regularizer: Any = None, activity_regularizer: Any = None, depthwise_constraint: Any = None, bias_constraint: Any = None, *, name: Any = None, trainable: Any = True, dtype: Any = None, autocast: Any = True, input_shape: Any = None, batch_input_shape: Any = None, batch_shape: Any = None, input_dim: Any = None, batch_size: Any = None, input_dtype: Any = None, weights: Any = None, sparse: Any = None) -> None: ...

class SeparableConv1D(Layer):
    """Separable convolution over steps."""
    def __init__(self, filters: Any, kernel_size: Any, strides: Any = [1], padding: Any = 'valid', data_format: Any = 'channels_last', dilation_rate: Any = [1], depth_multiplier: Any = 1, activation: Any = None, use_bias: Any = True, depthwise_initializer: Any = 'glorot_uniform', pointwise_initializer: Any = 'glorot_uniform', bias_initializer: Any = 'zeros', depthwise_regularizer: Any = None, pointwise_regularizer: Any = None, bias_regularizer: Any = None, activity_regularizer: Any = None, depthwise_constraint: Any = None, pointwise_constraint: Any = None, bias_constraint: Any = None, *, name: Any = None, trainable: Any = True, dtype: Any = None, autocast: Any = True, input_shape: Any = None, batch_input_shape: Any = None, batch_shape: Any = None, input_dim: Any = None, batch_size: Any = None, input_dtype: Any = None, weights: Any = None, sparse: Any = None) -> None: ...

class SeparableConv2D(Layer):
    """Separable convolution over images: far fewer weights than Conv2D."""
    def __init__(self, filters: Any, kernel_size: Any, strides: Any = [1, 1], padding: Any = 'valid', data_format: Any = 'channels_last', dilation_rate: Any = [1, 1], depth_multiplier: Any = 1, activation: Any = None, use_bias: Any = True, depthwise_initializer: Any = 'glorot_uniform', pointwise_initializer: Any = 'glorot_uniform', bias_initializer: Any = 'zeros', depthwise_regularizer: Any = None, pointwise_regularizer: Any = None, bias_regularizer: Any = None, activity_regularizer: Any = None, depthwise_constraint: Any = None, pointwise_constraint: Any = None, bias_constraint: Any = None, *, name: Any = None, trainable: Any = True, dtype: Any = None, autocast: Any = True, input_shape: Any = None, batch_input_shape: Any = None, batch_shape: Any = None, input_dim: Any = None, batch_size: Any = None, input_dtype: Any = None, weights: Any = None, sparse: Any = None) -> None: ...

class AdaptiveAveragePooling1D(Layer):
    """The mean of each of `output_size` windows of steps."""
    def __init__(self, output_size: Any, data_format: Any = 'channels_last', *, name: Any = None, trainable: Any = True, dtype: Any = None, activity_regularizer: Any = None, autocast: Any = True, input_shape: Any = None, batch_input_shape: Any = None, batch_shape: Any = None, input_dim: Any = None, batch_size: Any = None, input_dtype: Any = None, weights: Any = None, sparse: Any = None) -> None: ...

class AdaptiveAveragePooling2D(Layer):
    """The mean of each window of an image."""
    def __init__(self, output_size: Any, data_format: Any = 'channels_last', *, name: Any = None, trainable: Any = True, dtype: Any = None, activity_regularizer: Any = None, autocast: Any = True, input_shape: Any = None, batch_input_shape: Any = None, batch_shape: Any = None, input_dim: Any = None, batch_size: Any = None, input_dtype: Any = None, weights: Any = None, sparse: Any = None) -> None: ...

class AdaptiveAveragePooling3D(Layer):
    """The mean of each window of a volume."""
    def __init__(self, output_size: Any, data_format: Any = 'channels_last', *, name: Any = None, trainable: Any = True, dtype: Any = None, activity_regularizer: Any = None, autocast: Any = True, input_shape: Any = None, batch_input_shape: Any = None, batch_shape: Any = None, input_dim: Any = None, batch_size: Any = None, input_dtype: Any = None, weights: Any = None, sparse: Any = None) -> None: ...

class AdaptiveMaxPooling1D(Layer):
    """The largest of each of `output_size` windows of steps."""
    def __init__(self, output_size: Any, data_format: Any = 'channels_last', *, name: Any = None, trainable: Any = True, dtype: Any = None, activity_regularizer: Any = None, autocast: Any = True, input_shape: Any = None, batch_input_shape: Any = None, batch_shape: Any = None, input_dim: Any = None, batch_size: Any = None, input_dtype: Any = None, weights: Any = None, sparse: Any = None) -> None: ...

class AdaptiveMaxPooling2D(Layer):
    """The largest of each window of an image."""
    def __init__(self, output_size: Any, data_format: Any = 'channels_last', *, name: Any = None, trainable: Any = True, dtype: Any = None, activity_regularizer: Any = None, autocast: Any = True, input_shape: Any = None, batch_input_shape: Any = None, batch_shape: Any = None, input_dim: Any = None, batch_size: Any = None, input_dtype: Any = None, weights: Any = None, sparse: Any = None) -> None: ...

class AdaptiveMaxPooling3D(Layer):
    """The largest of each window of a volume."""
    def __init__(self, output_size: Any, data_format: Any = 'channels_last', *, name: Any = None, trainable: Any = True, dtype: Any = None, activity_regularizer: Any = None, autocast: Any = True, input_shape: Any = None, batch_input_shape: Any = None, batch_shape: Any = None, input_dim: Any = None, batch_size: Any = None, input_dtype: Any = None, weights: Any = None, sparse: Any = None) -> None: ...

class MaxPooling1D(Layer):
    """The largest of every window of steps."""
    def __init__(self, pool_size: Any = [2], strides: Any = None, padding: Any = 'valid', data_format: Any = 'channels_last', *, name: Any = None, trainable: Any = True, dtype: Any = None, activity_regularizer: Any = None, autocast: Any = True, input_shape: Any = None, batch_input_shape: Any = None, batch_shape: Any = None, input_dim: Any = None, batch_size: Any = None, input_dtype: Any = None, weights: Any = None, sparse: Any = None) -> None: ...

class MaxPooling2D(Layer):
    """The largest of every window of an image."""
    def __init__(self, pool_size: Any = [2, 2], strides: Any = None, padding: Any = 'valid', data_format: Any = 'channels_last', *, name: Any = None, trainable: Any = True, dtype: Any = None, activity_regularizer: Any = None, autocast: Any = True, input_shape: Any = None, batch_input_shape: Any = None, batch_shape: Any = None, input_dim: Any = None, batch_size: Any = None, input_dtype: Any = None, weights: Any = None, sparse: Any = None) -> None: ...

class MaxPooling3D(Layer):
    """The largest of every window of a volume."""
    def __init__(self, pool_size: Any = [2, 2, 2], strides: Any = None, padding: Any = 'valid', data_format: Any = 'channels_last', *, name: Any = None, trainable: Any = True, dtype: Any = None, activity_regularizer: Any = None, autocast: Any = True, input_shape: Any = None, batch_input_shape: Any = None, batch_shape: Any = None, input_dim: Any = None, batch_size: Any = None, input_dtype: Any = None, weights: Any = None, sparse: Any = None) -> None: ...

class AveragePooling1D(Layer):
    """The mean of every window of steps; padding does not count."""
    def __init__(self, pool_size: Any, strides: Any = None, padding: Any = 'valid', data_format: Any = 'channels_last', *, name: Any = None, trainable: Any = True, dtype: Any = None, activity_regularizer: Any = None, autocast: Any = True, input_shape: Any = None, batch_input_shape: Any = None, batch_shape: Any = None, input_dim: Any = None, batch_size: Any = None, input_dtype: Any = None, weights: Any = None, sparse: Any = None) -> None: ...

class AveragePooling2D(Layer):
    """The mean of every window of an image; padding does not count."""
    def __init__(self, pool_size: Any, strides: Any = None, padding: Any = 'valid', data_format: Any = 'channels_last', *, name: Any = None, trainable: Any = True, dtype: Any = None, activity_regularizer: Any = None, autocast: Any = True, input_shape: Any = None, batch_input_shape: Any = None, batch_shape: Any = None, input_dim: Any = None, batch_size: Any = None, input_dtype: Any = None, weights: Any = None, sparse: Any = None) -> None: ...

class AveragePooling3D(Layer):
    """The mean of every window of a volume; padding does not count."""
    def __init__(self, pool_size: Any, strides: Any = None, padding: Any = 'valid', data_format: Any = 'channels_last', *, name: Any = None, trainable: Any = True, dtype: Any = None, activity_regularizer: Any = None, autocast: Any = True, input_shape: Any = None, batch_input_shape: Any = None, batch_shape: Any = None, input_dim: Any = None, batch_size: Any = None, input_dtype: Any = None, weights: Any = None, sparse: Any = None) -> None: ...

class GlobalAveragePooling1D(Layer):
    """The mean over all steps; steps that the mask leaves out do not count."""
    def __init__(self, data_format: Any = 'channels_last', keepdims: Any = False, *, name: Any = None, trainable: Any = True, dtype: Any = None, activity_regularizer: Any = None, autocast: Any = True, input_shape: Any = None, batch_input_shape: Any = None, batch_shape: Any = None, input_dim: Any = None, batch_size: Any = None, input_dtype: Any = None, weights: Any = None, sparse: Any = None) -> None: ...

class GlobalAveragePooling2D(Layer):
    """The mean over an image: `[batch, height, width, channels]` to `[batch, channels]`."""
    def __init__(self, data_format: Any = 'channels_last', keepdims: Any = False, *, name: Any = None, trainable: Any = True, dtype: Any = None, activity_regularizer: Any = None, autocast: Any = True, input_shape: Any = None, batch_input_shape: Any = None, batch_shape: Any = None, input_dim: Any = None, batch_size: Any = None, input_dtype: Any = None, weights: Any = None, sparse: Any = None) -> None: ...

class GlobalAveragePooling3D(Layer):
    """The mean over a volume."""
    def __init__(self, data_format: Any = 'channels_last', keepdims: Any = False, *, name: Any = None, trainable: Any = True, dtype: Any = None, activity_regularizer: Any = None, autocast: Any = True, input_shape: Any = None, batch_input_shape: Any = None, batch_shape: Any = None, input_dim: Any = None, batch_size: Any = None, input_dtype: Any = None, weights: Any = None, sparse: Any = None) -> None: ...

class GlobalMaxPooling1D(Layer):
    """The largest of all steps."""
    def __init__(self, data_format: Any = 'channels_last', keepdims: Any = False, *, name: Any = None, trainable: Any = True, dtype: Any = None, activity_regularizer: Any = None, autocast: Any = True, input_shape: Any = None, batch_input_shape: Any = None, batch_shape: Any = None, input_dim: Any = None, batch_size: Any = None, input_dtype: Any = None, weights: Any = None, sparse: Any = None) -> None: ...

class GlobalMaxPooling2D(Layer):
    """The largest of an image."""
    def __init__(self, data_format: Any = 'channels_last', keepdims: Any = False, *, name: Any = None, trainable: Any = True, dtype: Any = None, activity_regularizer: Any = None, autocast: Any = True, input_shape: Any = None, batch_input_shape: Any = None, batch_shape: Any = None, input_dim: Any = None, batch_size: Any = None, input_dtype: Any = None, weights: Any = None, sparse: Any = None) -> None: ...

class GlobalMaxPooling3D(Layer):
    """The largest of a volume."""
    def __init__(self, data_format: Any = 'channels_last', keepdims: Any = False, *, name: Any = None, trainable: Any = True, dtype: Any = None, activity_regularizer: Any = None, autocast: Any = True, input_shape: Any = None, batch_input_shape: Any = None, batch_shape: Any = None, input_dim: Any = None, batch_size: Any = None, input_dtype: Any = None, weights: Any = None, sparse: Any = None) -> None: ...

class BatchNormalization(Layer):
    """`γ (x - μ) / √(σ² + ε) + β` along `axis`: with the batch's mean and (biased) variance in training, with their"""
    def __init__(self, axis: Any = -1, momentum: Any = 0.99, epsilon: Any = 0.001, center: Any = True, scale: Any = True, beta_initializer: Any = 'zeros', gamma_initializer: Any = 'ones', moving_mean_initializer: Any = 'zeros', moving_variance_initializer: Any = 'ones', beta_regularizer: Any = None, gamma_regularizer: Any = None, beta_constraint: Any = None, gamma_constraint: Any = None, renorm: Any = False, renorm_clipping: Any = None, renorm_momentum: Any = 0.99, synchronized: Any = False, *, name: Any = None, trainable: Any = True, dtype: Any = None, activity_regularizer: Any = None, autocast: Any = True, input_shape: Any = None, batch_input_shape: Any = None, batch_shape: Any = None, input_dim: Any = None, batch_size: Any = None, input_dtype: Any = None, weights: Any = None, sparse: Any = None) -> None: ...

class GroupNormalization(Layer):
    """`γ (x - μ) / √(σ² + ε) + β` with the mean and (biased) variance of each sample over a group of channels and all"""
    def __init__(self, groups: Any = 32, axis: Any = -1, epsilon: Any = 0.001, center: Any = True, scale: Any = True, beta_initializer: Any = 'zeros', gamma_initializer: Any = 'ones', beta_regularizer: Any = None, gamma_regularizer: Any = None, beta_constraint: Any = None, gamma_constraint: Any = None, *, name: Any = None, trainable: Any = True, dtype: Any = None, activity_regularizer: Any = None, autocast: Any = True, input_shape: Any = None, batch_input_shape: Any = None, batch_shape: Any = None, input_dim: Any = None, batch_size: Any = None, input_dtype: Any = None, weights: Any = None, sparse: Any = None) -> None: ...

class LayerNormalization(Layer):
    """`γ (x - μ) / √(σ² + ε) + β` with the mean and (biased) variance of each sample along `axis`."""
    def __init__(self, axis: Any = -1, epsilon: Any = 0.001, center: Any = True, scale: Any = True, beta_initializer: Any = 'zeros', gamma_initializer: Any = 'ones', beta_regularizer: Any = None, gamma_regularizer: Any = None, beta_constraint: Any = None, gamma_constraint: Any = None, rms_scaling: Any = False, *, name: Any = None, trainable: Any = True, dtype: Any = None, activity_regularizer: Any = None, autocast: Any = True, input_shape: Any = None, batch_input_shape: Any = None, batch_shape: Any = None, input_dim: Any = None, batch_size: Any = None, input_dtype: Any = None, weights: Any = None, sparse: Any = None) -> None: ...

class RMSNormalization(Layer):
    """`scale · x / √(mean x² + ε)` with the mean along `axis`."""
    def __init__(self, axis: Any = -1, epsilon: Any = 1e-06, *, name: Any = None, trainable: Any = True, dtype: Any = None, activity_regularizer: Any = None, autocast: Any = True, input_shape: Any = None, batch_input_shape: Any = None, batch_shape: Any = None, input_dim: Any = None, batch_size: Any = None, input_dtype: Any = None, weights: Any = None, sparse: Any = None) -> None: ...

class SpectralNormalization(Layer):
    """In training a layer with its kernel divided by the kernel's largest singular value, which power iterations"""
    def __init__(self, layer: Any, power_iterations: Any = 1, *, name: Any = None, trainable: Any = True, dtype: Any = None, activity_regularizer: Any = None, autocast: Any = True, input_shape: Any = None, batch_input_shape: Any = None, batch_shape: Any = None, input_dim: Any = None, batch_size: Any = None, input_dtype: Any = None, weights: Any = None, sparse: Any = None) -> None: ...

class UnitNormalization(Layer):
    """`x / ‖x‖` with the Euclidean norm along `axis`; where everything is 0 it stays 0."""
    def __init__(self, axis: Any = -1, *, name: Any = None, trainable: Any = True, dtype: Any = None, activity_regularizer: Any = None, autocast: Any = True, input_shape: Any = None, batch_input_shape: Any = None, batch_shape: Any = None, input_dim: Any = None, batch_size: Any = None, input_dtype: Any = None, weights: Any = None, sparse: Any = None) -> None: ...

class ActivityRegularization(Layer):
    """Adds `(l1 · Σ |x| + l2 · Σ x²) / rows` to the loss and passes its input on."""
    def __init__(self, l1: Any = 0.0, l2: Any = 0.0, *, name: Any = None, trainable: Any = True, dtype: Any = None, activity_regularizer: Any = None, autocast: Any = True, input_shape: Any = None, batch_input_shape: Any = None, batch_shape: Any = None, input_dim: Any = None, batch_size: Any = None, input_dtype: Any = None, weights: Any = None, sparse: Any = None) -> None: ...

class AlphaDropout(Layer):
    """In training sets each input with probability `rate` to the lowest value of `selu`, and scales and shifts all so"""
    def __init__(self, rate: Any, noise_shape: Any = None, seed: Any = None, *, name: Any = None, trainable: Any = True, dtype: Any = None, activity_regularizer: Any = None, autocast: Any = True, input_shape: Any = None, batch_input_shape: Any = None, batch_shape: Any = None, input_dim: Any = None, batch_size: Any = None, input_dtype: Any = None, weights: Any = None, sparse: Any = None) -> None: ...

class Dropout(Layer):
    """In training sets each input to 0 with probability `rate` and multiplies the others by `1 / (1 - rate)`."""
    def __init__(self, rate: Any, noise_shape: Any = None, seed: Any = None, *, name: Any = None, trainable: Any = True, dtype: Any = None, activity_regularizer: Any = None, autocast: Any = True, input_shape: Any = None, batch_input_shape: Any = None, batch_shape: Any = None, input_dim: Any = None, batch_size: Any = None, input_dtype: Any = None, weights: Any = None, sparse: Any = None) -> None: ...

class GaussianDropout(Layer):
    """In training multiplies by normal noise with mean 1 and standard deviation `√(rate / (1 - rate))`."""
    def __init__(self, rate: Any, seed: Any = None, *, name: Any = None, trainable: Any = True, dtype: Any = None, activity_regularizer: Any = None, autocast: Any = True, input_shape: Any = None, batch_input_shape: Any = None, batch_shape: Any = None, input_dim: Any = None, batch_size: Any = None, input_dtype: Any = None, weights: Any = None, sparse: Any = None) -> None: ...

class GaussianNoise(Layer):
    """In training adds normal noise with mean 0."""
    def __init__(self, stddev: Any, seed: Any = None, *, name: Any = None, trainable: Any = True, dtype: Any = None, activity_regularizer: Any = None, autocast: Any = True, input_shape: Any = None, batch_input_shape: Any = None, batch_shape: Any = None, input_dim: Any = None, batch_size: Any = None, input_dtype: Any = None, weights: Any = None, sparse: Any = None) -> None: ...

class SpatialDropout1D(Layer):
    """In training drops channels of sequences, at all steps at once."""
    def __init__(self, rate: Any, seed: Any = None, *, name: Any = None, trainable: Any = True, dtype: Any = None, activity_regularizer: Any = None, autocast: Any = True, input_shape: Any = None, batch_input_shape: Any = None, batch_shape: Any = None, input_dim: Any = None, batch_size: Any = None, input_dtype: Any = None, weights: Any = None, sparse: Any = None) -> None: ...

class SpatialDropout2D(Layer):
    """In training drops channels of images, everywhere at once."""
    def __init__(self, rate: Any, data_format: Any = 'channels_last', seed: Any = None, *, name: Any = None, trainable: Any = True, dtype: Any = None, activity_regularizer: Any = None, autocast: Any = True, input_shape: Any = None, batch_input_shape: Any = None, batch_shape: Any = None, input_dim: Any = None, batch_size: Any = None, input_dtype: Any = None, weights: Any = None, sparse: Any = None) -> None: ...

class SpatialDropout3D(Layer):
    """In training drops channels of volumes, everywhere at once."""
    def __init__(self, rate: Any, data_format: Any = 'channels_last', seed: Any = None, *, name: Any = None, trainable: Any = True, dtype: Any = None, activity_regularizer: Any = None, autocast: Any = True, input_shape: Any = None, batch_input_shape: Any = None, batch_shape: Any = None, input_dim: Any = None, batch_size: Any = None, input_dtype: Any = None, weights: Any = None, sparse: Any = None) -> None: ...

class MultiHeadAttention(Layer):
    """Query, key and value are projected to `num_heads` heads; each head's scores `q · k / √key_dim` become weights"""
    def __init__(self, num_heads: Any, key_dim: Any, value_dim: Any = None, dropout: Any = 0.0, use_bias: Any = True, use_gate: Any = False, output_shape: Any = None, attention_axes: Any = None, sliding_window: Any = None, kernel_initializer: Any = 'glorot_uniform', bias_initializer: Any = 'zeros', kernel_regularizer: Any = None, bias_regularizer: Any = None, activity_regularizer: Any = None, kernel_constraint: Any = None, bias_constraint: Any = None, seed: Any = None, *, name: Any = None, trainable: Any = True, dtype: Any = None, autocast: Any = True, input_shape: Any = None, batch_input_shape: Any = None, batch_shape: Any = None, input_dim: Any = None, batch_size: Any = None, input_dtype: Any = None, weights: Any = None, sparse: Any = None) -> None: ...

class GroupQueryAttention(Layer):
    """As MultiHeadAttention, with `num_query_heads` heads of the query and fewer of key and value, each of which serves"""
    def __init__(self, head_dim: Any, num_query_heads: Any, num_key_value_heads: Any, use_bias: Any = True, use_gate: Any = False, sliding_window: Any = None, dropout: Any = 0.0, kernel_initializer: Any = 'glorot_uniform', bias_initializer: Any = 'zeros', kernel_regularizer: Any = None, bias_regularizer: Any = None, activity_regularizer: Any = None, kernel_constraint: Any = None, bias_constraint: Any = None, seed: Any = None, *, name: Any = None, trainable: Any = True, dtype: Any = None, autocast: Any = True, input_shape: Any = None, batch_input_shape: Any = None, batch_shape: Any = None, input_dim: Any = None, batch_size: Any = None, input_dtype: Any = None, weights: Any = None, sparse: Any = None) -> None: ...

class Attention(Layer):
    """`softmax(query · keyᵀ) · value`, called on `[query, value]` or `[query, value, key]`; with `score_mode`"""
    def __init__(self, use_scale: Any = False, score_mode: Any = 'dot', dropout: Any = 0.0, seed: Any = None, *, name: Any = None, trainable: Any = True, dtype: Any = None, activity_regularizer: Any = None, autocast: Any = True, input_shape: Any = None, batch_input_shape: Any = None, batch_shape: Any = None, input_dim: Any = None, batch_size: Any = None, input_dtype: Any = None, weights: Any = None, sparse: Any = None) -> None: ...

class AdditiveAttention(Layer):
    """`softmax(Σ scale · tanh(query + key)) · value`, called on `[query, value]` or `[query, value, key]`."""
    def __init__(self, use_scale: Any = True, dropout: Any = 0.0, seed: Any = None, *, name: Any = None, trainable: Any = True, dtype: Any = None, activity_regularizer: Any = None, autocast: Any = True, input_shape: Any = None, batch_input_shape: Any = None, batch_shape: Any = None, input_dim: Any = None, batch_size: Any = None, input_dtype: Any = None, weights: Any = None, sparse: Any = None) -> None: ...

class SimpleRNN(Layer):
    """`h[t] = activation(x[t] · kernel + bias + h[t-1] · recurrent_kernel)` over `[batch, steps, features]`."""
    def __init__(self, units: Any, return_sequences: Any = False, return_state: Any = False, go_backwards: Any = False, stateful: Any = False, unroll: Any = False, zero_output_for_mask: Any = False, activation: Any = 'tanh', use_bias: Any = True, kernel_initializer: Any = 'glorot_uniform', recurrent_initializer: Any = 'orthogonal', bias_initializer: Any = 'zeros', kernel_regularizer: Any = None, recurrent_regularizer: Any = None, bias_regularizer: Any = None, kernel_constraint: Any = None, recurrent_constraint: Any = None, bias_constraint: Any = None, dropout: Any = 0.0, recurrent_dropout: Any = 0.0, seed: Any = None, activity_regularizer: Any = None, *, name: Any = None, trainable: Any = True, dtype: Any = None, autocast: Any = True, input_shape: Any = None, batch_input_shape: Any = None, batch_shape: Any = None, input_dim: Any = None, batch_size: Any = None, input_dtype: Any = None, weights: Any = None, sparse: Any = None) -> None: ...

class SimpleRNNCell(Layer):
    """One step of the layer of the same name: called on an input and its states."""
    def __init__(self, units: Any, activation: Any = 'tanh', use_bias: Any = True, kernel_initializer: Any = 'glorot_uniform', recurrent_initializer: Any = 'orthogonal', bias_initializer: Any = 'zeros', kernel_regularizer: Any = None, recurrent_regularizer: Any = None, bias_regularizer: Any = None, kernel_constraint: Any = None, recurrent_constraint: Any = None, bias_constraint: Any = None, dropout: Any = 0.0, recurrent_dropout: Any = 0.0, seed: Any = None, *, name: Any = None, trainable: Any = True, dtype: Any = None, activity_regularizer: Any = None, autocast: Any = True, input_shape: Any = None, batch_input_shape: Any = None, batch_shape: Any = None, input_dim: Any = None, batch_size: Any = None, input_dtype: Any = None, weights: Any = None, sparse: Any = None) -> None: ...

class LSTM(Layer):
    """Long short-term memory over `[batch, steps, features]`: with the four gates of"""
    def __init__(self, units: Any, return_sequences: Any = False, return_state: Any = False, go_backwards: Any = False, stateful: Any = False, unroll: Any = False, zero_output_for_mask: Any = False, activation: Any = 'tanh', recurrent_activation: Any = 'sigmoid', use_bias: Any = True, kernel_initializer: Any = 'glorot_uniform', recurrent_initializer: Any = 'orthogonal', bias_initializer: Any = 'zeros', unit_forget_bias: Any = True, kernel_regularizer: Any = None, recurrent_regularizer: Any = None, bias_regularizer: Any = None, kernel_constraint: Any = None, recurrent_constraint: Any = None, bias_constraint: Any = None, dropout: Any = 0.0, recurrent_dropout: Any = 0.0, seed: Any = None, activity_regularizer: Any = None, *, name: Any = None, trainable: Any = True, dtype: Any = None, autocast: Any = True, input_shape: Any = None, batch_input_shape: Any = None, batch_shape: Any = None, input_dim: Any = None, batch_size: Any = None, input_dtype: Any = None, weights: Any = None, sparse: Any = None) -> None: ...

class LSTMCell(Layer):
    """One step of the layer of the same name: called on an input and its states."""
    def __init__(self, units: Any, activation: Any = 'tanh', recurrent_activation: Any = 'sigmoid', use_bias: Any = True, kernel_initializer: Any = 'glorot_uniform', recurrent_initializer: Any = 'orthogonal', bias_initializer: Any = 'zeros', unit_forget_bias: Any = True, kernel_regularizer: Any = None, recurrent_regularizer: Any = None, bias_regularizer: Any = None, kernel_constraint: Any = None, recurrent_constraint: Any = None, bias_constraint: Any = None, dropout: Any = 0.0, recurrent_dropout: Any = 0.0, seed: Any = None, *, name: Any = None, trainable: Any = True, dtype: Any = None, activity_regularizer: Any = None, autocast: Any = True, input_shape: Any = None, batch_input_shape: Any = None, batch_shape: Any = None, input_dim: Any = None, batch_size: Any = None, input_dtype: Any = None, weights: Any = None, sparse: Any = None) -> None: ...

class GRU(Layer):
    """Gated recurrent unit over `[batch, steps, features]`: with `z` and `r` through the gates,"""
    def __init__(self, units: Any, return_sequences: Any = False, return_state: Any = False, go_backwards: Any = False, stateful: Any = False, unroll: Any = False, zero_output_for_mask: Any = False, activation: Any = 'tanh', recurrent_activation: Any = 'sigmoid', use_bias: Any = True, kernel_initializer: Any = 'glorot_uniform', recurrent_initializer: Any = 'orthogonal', bias_initializer: Any = 'zeros', kernel_regularizer: Any = None, recurrent_regularizer: Any = None, bias_regularizer: Any = None, kernel_constraint: Any = None, recurrent_constraint: Any = None, bias_constraint: Any = None, dropout: Any = 0.0, recurrent_dropout: Any = 0.0, reset_after: Any = True, seed: Any = None, activity_regularizer: Any = None, *, name: Any = None, trainable: Any = True, dtype: Any = None, autocast: Any = True, input_shape: Any = None, batch_input_shape: Any = None, batch_shape: Any = None, input_dim: Any = None, batch_size: Any = None, input_dtype: Any = None, weights: Any = None, sparse: Any = None) -> None: ...

class GRUCell(Layer):
    """One step of the layer of the same name: called on an input and its states."""
    def __init__(self, units: Any, activation: Any = 'tanh', recurrent_activation: Any = 'sigmoid', use_bias: Any = True, kernel_initializer: Any = 'glorot_uniform', recurrent_initializer: Any = 'orthogonal', bias_initializer: Any = 'zeros', kernel_regularizer: Any = None, recurrent_regularizer: Any = None, bias_regularizer: Any = None, kernel_constraint: Any = None, recurrent_constraint: Any = None, bias_constraint: Any = None, dropout: Any = 0.0, recurrent_dropout: Any = 0.0, reset_after: Any = True, seed: Any = None, *, name: Any = None, trainable: Any = True, dtype: Any = None, activity_regularizer: Any = None, autocast: Any = True, input_shape: Any = None, batch_input_shape: Any = None, batch_shape: Any = None, input_dim: Any = None, batch_size: Any = None, input_dtype: Any = None, weights: Any = None, sparse: Any = None) -> None: ...

class RNN(Layer):
    """Runs a cell over the steps of `[batch, steps, …]`."""
    def __init__(self, cell: Any, return_sequences: Any = False, return_state: Any = False, go_backwards: Any = False, stateful: Any = False, unroll: Any = False, zero_output_for_mask: Any = False, *, name: Any = None, trainable: Any = True, dtype: Any = None, activity_regularizer: Any = None, autocast: Any = True, input_shape: Any = None, batch_input_shape: Any = None, batch_shape: Any = None, input_dim: Any = None, batch_size: Any = None, input_dtype: Any = None, weights: Any = None, sparse: Any = None) -> None: ...

class StackedRNNCells(Layer):
    """Cells one on another: each takes the output of the one before; the states are those of all, in order."""
    def __init__(self, cells: Any, *, name: Any = None, trainable: Any = True, dtype: Any = None, activity_regularizer: Any = None, autocast: Any = True, input_shape: Any = None, batch_input_shape: Any = None, batch_shape: Any = None, input_dim: Any = None, batch_size: Any = None, input_dtype: Any = None, weights: Any = None, sparse: Any = None) -> None: ...

class Bidirectional(Layer):
    """Runs a recurrent layer forwards and a copy of it backwards, and joins both outputs."""
    def __init__(self, layer: Any, merge_mode: Any = 'concat', backward_layer: Any = None, *, name: Any = None, trainable: Any = True, dtype: Any = None, activity_regularizer: Any = None, autocast: Any = True, input_shape: Any = None, batch_input_shape: Any = None, batch_shape: Any = None, input_dim: Any = None, batch_size: Any = None, input_dtype: Any = None, weights: Any = None, sparse: Any = None) -> None: ...

class TimeDistributed(Layer):
    """Applies a layer to each step of `[batch, steps, …]` as if steps were rows of the batch."""
    def __init__(self, layer: Any, *, name: Any = None, trainable: Any = True, dtype: Any = None, activity_regularizer: Any = None, autocast: Any = True, input_shape: Any = None, batch_input_shape: Any = None, batch_shape: Any = None, input_dim: Any = None, batch_size: Any = None, input_dtype: Any = None, weights: Any = None, sparse: Any = None) -> None: ...

class ConvLSTM1D(Layer):
    """A convolutional LSTM over `[batch, steps, positions, channels]`."""
    def __init__(self, filters: Any, kernel_size: Any, return_sequences: Any = False, return_state: Any = False, go_backwards: Any = False, stateful: Any = False, unroll: Any = False, zero_output_for_mask: Any = False, strides: Any = [1], padding: Any = 'valid', data_format: Any = 'channels_last', dilation_rate: Any = [1], activation: Any = 'tanh', recurrent_activation: Any = 'sigmoid', use_bias: Any = True, kernel_initializer: Any = 'glorot_uniform', recurrent_initializer: Any = 'orthogonal', bias_initializer: Any = 'zeros', unit_forget_bias: Any = True, kernel_regularizer: Any = None, recurrent_regularizer: Any = None, bias_regularizer: Any = None, kernel_constraint: Any = None, recurrent_constraint: Any = None, bias_constraint: Any = None, dropout: Any = 0.0, recurrent_dropout: Any = 0.0, seed: Any = None, activity_regularizer: Any = None, *, name: Any = None, trainable: Any = True, dtype: Any = None, autocast: Any = True, input_shape: Any = None, batch_input_shape: Any = None, batch_shape: Any = None, input_dim: Any = None, batch_size: Any = None, input_dtype: Any = None, weights: Any = None, sparse: Any = None) -> None: ...

class ConvLSTM2D(Layer):
    """A convolutional LSTM over `[batch, steps, height, width, channels]`."""
    def __init__(self, filters: Any, kernel_size: Any, return_sequences: Any = False, return_state: Any = False, go_backwards: Any = False, stateful: Any = False, unroll: Any = False, zero_output_for_mask: Any = False, strides: Any = [1, 1], padding: Any = 'valid', data_format: Any = 'channels_last', dilation_rate: Any = [1, 1], activation: Any = 'tanh', recurrent_activation: Any = 'sigmoid', use_bias: Any = True, kernel_initializer: Any = 'glorot_uniform', recurrent_initializer: Any = 'orthogonal', bias_initializer: Any = 'zeros', unit_forget_bias: Any = True, kernel_regularizer: Any = None, recurrent_regularizer: Any = None, bias_regularizer: Any = None, kernel_constraint: Any = None, recurrent_constraint: Any = None, bias_constraint: Any = None, dropout: Any = 0.0, recurrent_dropout: Any = 0.0, seed: Any = None, activity_regularizer: Any = None, *, name: Any = None, trainable: Any = True, dtype: Any = None, autocast: Any = True, input_shape: Any = None, batch_input_shape: Any = None, batch_shape: Any = None, input_dim: Any = None, batch_size: Any = None, input_dtype: Any = None, weights: Any = None, sparse: Any = None) -> None: ...

class ConvLSTM3D(Layer):
    """A convolutional LSTM over `[batch, steps, depth, height, width, channels]`."""
    def __init__(self, filters: Any, kernel_size: Any, return_sequences: Any = False, return_state: Any = False, go_backwards: Any = False, stateful: Any = False, unroll: Any = False, zero_output_for_mask: Any = False, strides: Any = [1, 1, 1], padding: Any = 'valid', data_format: Any = 'channels_last', dilation_rate: Any = [1, 1, 1], activation: Any = 'tanh', recurrent_activation: Any = 'sigmoid', use_bias: Any = True, kernel_initializer: Any = 'glorot_uniform', recurrent_initializer: Any = 'orthogonal', bias_initializer: Any = 'zeros', unit_forget_bias: Any = True, kernel_regularizer: Any = None, recurrent_regularizer: Any = None, bias_regularizer: Any = None, kernel_constraint: Any = None, recurrent_constraint: Any = None, bias_constraint: Any = None, dropout: Any = 0.0, recurrent_dropout: Any = 0.0, seed: Any = None, activity_regularizer: Any = None, *, name: Any = None, trainable: Any = True, dtype: Any = None, autocast: Any = True, input_shape: Any = None, batch_input_shape: Any = None, batch_shape: Any = None, input_dim: Any = None, batch_size: Any = None, input_dtype: Any = None, weights: Any = None, sparse: Any = None) -> None: ...

class Flatten(Layer):
    """`[batch, a, b, …]` to `[batch, a · b · …]`."""
    def __init__(self, data_format: Any = 'channels_last', *, name: Any = None, trainable: Any = True, dtype: Any = None, activity_regularizer: Any = None, autocast: Any = True, input_shape: Any = None, batch_input_shape: Any = None, batch_shape: Any = None, input_dim: Any = None, batch_size: Any = None, input_dtype: Any = None, weights: Any = None, sparse: Any = None) -> None: ...

class Permute(Layer):
    """The axes of a sample in another order; the batch stays first."""
    def __init__(self, dims: Any, *, name: Any = None, trainable: Any = True, dtype: Any = None, activity_regularizer: Any = None, autocast: Any = True, input_shape: Any = None, batch_input_shape: Any = None, batch_shape: Any = None, input_dim: Any = None, batch_size: Any = None, input_dtype: Any = None, weights: Any = None, sparse: Any = None) -> None: ...

class RepeatVector(Layer):
    """Each vector `n` times: `[batch, features]` to `[batch, n, features]`."""
    def __init__(self, n: Any, *, name: Any = None, trainable: Any = True, dtype: Any = None, activity_regularizer: Any = None, autocast: Any = True, input_shape: Any = None, batch_input_shape: Any = None, batch_shape: Any = None, input_dim: Any = None, batch_size: Any = None, input_dtype: Any = None, weights: Any = None, sparse: Any = None) -> None: ...

class Reshape(Layer):
    """Each sample in another shape; one axis may be -1 and is then found."""
    def __init__(self, target_shape: Any, *, name: Any = None, trainable: Any = True, dtype: Any = None, activity_regularizer: Any = None, autocast: Any = True, input_shape: Any = None, batch_input_shape: Any = None, batch_shape: Any = None, input_dim: Any = None, batch_size: Any = None, input_dtype: Any = None, weights: Any = None, sparse: Any = None) -> None: ...

class UpSampling1D(Layer):
    """Every step `size` times."""
    def __init__(self, size: Any = 2, *, name: Any = None, trainable: Any = True, dtype: Any = None, activity_regularizer: Any = None, autocast: Any = True, input_shape: Any = None, batch_input_shape: Any = None, batch_shape: Any = None, input_dim: Any = None, batch_size: Any = None, input_dtype: Any = None, weights: Any = None, sparse: Any = None) -> None: ...

class UpSampling2D(Layer):
    """Every row and column of an image `size` times."""
    def __init__(self, size: Any = [2, 2], data_format: Any = 'channels_last', interpolation: Any = 'nearest', *, name: Any = None, trainable: Any = True, dtype: Any = None, activity_regularizer: Any = None, autocast: Any = True, input_shape: Any = None, batch_input_shape: Any = None, batch_shape: Any = None, input_dim: Any = None, batch_size: Any = None, input_dtype: Any = None, weights: Any = None, sparse: Any = None) -> None: ...

class UpSampling3D(Layer):
    """Every plane, row and column of a volume `size` times."""
    def __init__(self, size: Any = [2, 2, 2], data_format: Any = 'channels_last', *, name: Any = None, trainable: Any = True, dtype: Any = None, activity_regularizer: Any = None, autocast: Any = True, input_shape: Any = None, batch_input_shape: Any = None, batch_shape: Any = None, input_dim: Any = None, batch_size: Any = None, input_dtype: Any = None, weights: Any = None, sparse: Any = None) -> None: ...

class Cropping1D(Layer):
    """Takes steps away at both ends."""
    def __init__(self, cropping: Any = [1, 1], *, name: Any = None, trainable: Any = True, dtype: Any = None, activity_regularizer: Any = None, autocast: Any = True, input_shape: Any = None, batch_input_shape: Any = None, batch_shape: Any = None, input_dim: Any = None, batch_size: Any = None, input_dtype: Any = None, weights: Any = None, sparse: Any = None) -> None: ...

class Cropping2D(Layer):
    """Takes the rim of images away."""
    def __init__(self, cropping: Any = [[0, 0], [0, 0]], data_format: Any = 'channels_last', *, name: Any = None, trainable: Any = True, dtype: Any = None, activity_regularizer: Any = None, autocast: Any = True, input_shape: Any = None, batch_input_shape: Any = None, batch_shape: Any = None, input_dim: Any = None, batch_size: Any = None, input_dtype: Any = None, weights: Any = None, sparse: Any = None) -> None: ...

class Cropping3D(Layer):
    """Takes the rim of volumes away."""
    def __init__(self, cropping: Any = [[1, 1], [1, 1], [1, 1]], data_format: Any = 'channels_last', *, name: Any = None, trainable: Any = True, dtype: Any = None, activity_regularizer: Any = None, autocast: Any = True, input_shape: Any = None, batch_input_shape: Any = None, batch_shape: Any = None, input_dim: Any = None, batch_size: Any = None, input_dtype: Any = None, weights: Any = None, sparse: Any = None) -> None: ...

class ZeroPadding1D(Layer):
    """Zeros before and after the steps."""
    def __init__(self, padding: Any = [1, 1], data_format: Any = 'channels_last', *, name: Any = None, trainable: Any = True, dtype: Any = None, activity_regularizer: Any = None, autocast: Any = True, input_shape: Any = None, batch_input_shape: Any = None, batch_shape: Any = None, input_dim: Any = None, batch_size: Any = None, input_dtype: Any = None, weights: Any = None, sparse: Any = None) -> None: ...

class ZeroPadding2D(Layer):
    """Zeros around images."""
    def __init__(self, padding: Any = [[1, 1], [1, 1]], data_format: Any = 'channels_last', *, name: Any = None, trainable: Any = True, dtype: Any = None, activity_regularizer: Any = None, autocast: Any = True, input_shape: Any = None, batch_input_shape: Any = None, batch_shape: Any = None, input_dim: Any = None, batch_size: Any = None, input_dtype: Any = None, weights: Any = None, sparse: Any = None) -> None: ...

class ZeroPadding3D(Layer):
    """Zeros around volumes."""
    def __init__(self, padding: Any = [[1, 1], [1, 1], [1, 1]], data_format: Any = 'channels_last', *, name: Any = None, trainable: Any = True, dtype: Any = None, activity_regularizer: Any = None, autocast: Any = True, input_shape: Any = None, batch_input_shape: Any = None, batch_shape: Any = None, input_dim: Any = None, batch_size: Any = None, input_dtype: Any = None, weights: Any = None, sparse: Any = None) -> None: ...

class Add(Layer):
    """The sum of its inputs."""
    def __init__(self, *, name: Any = None, trainable: Any = True, dtype: Any = None, activity_regularizer: Any = None, autocast: Any = True, input_shape: Any = None, batch_input_shape: Any = None, batch_shape: Any = None, input_dim: Any = None, batch_size: Any = None, input_dtype: Any = None, weights: Any = None, sparse: Any = None) -> None: ...

class Subtract(Layer):
    """The first input minus the second."""
    def __init__(self, *, name: Any = None, trainable: Any = True, dtype: Any = None, activity_regularizer: Any = None, autocast: Any = True, input_shape: Any = None, batch_input_shape: Any = None, batch_shape: Any = None, input_dim: Any = None, batch_size: Any = None, input_dtype: Any = None, weights: Any = None, sparse: Any = None) -> None: ...

class Multiply(Layer):
    """The product of its inputs; steps that a mask leaves out count as 1, and as 0 where all leave them out."""
    def __init__(self, *, name: Any = None, trainable: Any = True, dtype: Any = None, activity_regularizer: Any = None, autocast: Any = True, input_shape: Any = None, batch_input_shape: Any = None, batch_shape: Any = None, input_dim: Any = None, batch_size: Any = None, input_dtype: Any = None, weights: Any = None, sparse: Any = None) -> None: ...

class Average(Layer):
    """The mean of its inputs."""
    def __init__(self, *, name: Any = None, trainable: Any = True, dtype: Any = None, activity_regularizer: Any = None, autocast: Any = True, input_shape: Any = None, batch_input_shape: Any = None, batch_shape: Any = None, input_dim: Any = None, batch_size: Any = None, input_dtype: Any = None, weights: Any = None, sparse: Any = None) -> None: ...

class Maximum(Layer):
    """The largest of its inputs, element by element; steps that a mask leaves out do not count."""
    def __init__(self, *, name: Any = None, trainable: Any = True, dtype: Any = None, activity_regularizer: Any = None, autocast: Any = True, input_shape: Any = None, batch_input_shape: Any = None, batch_shape: Any = None, input_dim: Any = None, batch_size: Any = None, input_dtype: Any = None, weights: Any = None, sparse: Any = None) -> None: ...

class Minimum(Layer):
    """The smallest of its inputs, element by element; steps that a mask leaves out do not count."""
    def __init__(self, *, name: Any = None, trainable: Any = True, dtype: Any = None, activity_regularizer: Any = None, autocast: Any = True, input_shape: Any = None, batch_input_shape: Any = None, batch_shape: Any = None, input_dim: Any = None, batch_size: Any = None, input_dtype: Any = None, weights: Any = None, sparse: Any = None) -> None: ...

class Concatenate(Layer):
    """Its inputs side by side along one axis."""
    def __init__(self, axis: Any = -1, *, name: Any = None, trainable: Any = True, dtype: Any = None, activity_regularizer: Any = None, autocast: Any = True, input_shape: Any = None, batch_input_shape: Any = None, batch_shape: Any = None, input_dim: Any = None, batch_size: Any = None, input_dtype: Any = None, weights: Any = None, sparse: Any = None) -> None: ...

class Dot(Layer):
    """The sums of products of two inputs along one axis of each: `[batch, …]` of the first, then `[…]` of the second."""
    def __init__(self, axes: Any, normalize: Any = False, *, name: Any = None, trainable: Any = True, dtype: Any = None, activity_regularizer: Any = None, autocast: Any = True, input_shape: Any = None, batch_input_shape: Any = None, batch_shape: Any = None, input_dim: Any = None, batch_size: Any = None, input_dtype: Any = None, weights: Any = None, sparse: Any = None) -> None: ...

class Rescaling(Layer):
    """`x · scale + offset`; one number for all, or one for each place along the last axis."""
    def __init__(self, scale: Any, offset: Any = 0.0, *, name: Any = None, trainable: Any = True, dtype: Any = None, activity_regularizer: Any = None, autocast: Any = True, input_shape: Any = None, batch_input_shape: Any = None, batch_shape: Any = None, input_dim: Any = None, batch_size: Any = None, input_dtype: Any = None, weights: Any = None, sparse: Any = None) -> None: ...

class Normalization(Layer):
    """`(x - mean) / √variance` along the kept axes, or back with `invert`. Mean and variance are given, or learnt from"""
    def __init__(self, axis: Any = [-1], mean: Any = None, variance: Any = None, invert: Any = False, *, name: Any = None, trainable: Any = True, dtype: Any = None, activity_regularizer: Any = None, autocast: Any = True, input_shape: Any = None, batch_input_shape: Any = None, batch_shape: Any = None, input_dim: Any = None, batch_size: Any = None, input_dtype: Any = None, weights: Any = None, sparse: Any = None) -> None: ...

class Discretization(Layer):
    """The number of the bin of each number: how many boundaries are not above it. Boundaries are given, or learnt by"""
    def __init__(self, bin_boundaries: Any = None, num_bins: Any = None, epsilon: Any = 0.01, output_mode: Any = 'int', sparse: Any = False, *, name: Any = None, trainable: Any = True, dtype: Any = None, activity_regularizer: Any = None, autocast: Any = True, input_shape: Any = None, batch_input_shape: Any = None, batch_shape: Any = None, input_dim: Any = None, batch_size: Any = None, input_dtype: Any = None, weights: Any = None) -> None: ...

class CategoryEncoding(Layer):
    """Whole numbers below `num_tokens` as rows of that width: `"one_hot"` for each number, `"multi_hot"` or `"count"` for"""
    def __init__(self, num_tokens: Any, output_mode: Any = 'multi_hot', sparse: Any = False, *, name: Any = None, trainable: Any = True, dtype: Any = None, activity_regularizer: Any = None, autocast: Any = True, input_shape: Any = None, batch_input_shape: Any = None, batch_shape: Any = None, input_dim: Any = None, batch_size: Any = None, input_dtype: Any = None, weights: Any = None) -> None: ...

class Pipeline(Layer):
    """Applies layers one after another."""
    def __init__(self, layers: Any, *, name: Any = None, trainable: Any = True, dtype: Any = None, activity_regularizer: Any = None, autocast: Any = True, input_shape: Any = None, batch_input_shape: Any = None, batch_shape: Any = None, input_dim: Any = None, batch_size: Any = None, input_dtype: Any = None, weights: Any = None, sparse: Any = None) -> None: ...

class Resizing(Layer):
    """Images in another height and width, in the element type that they came in."""
    def __init__(self, height: Any, width: Any, interpolation: Any = 'bilinear', crop_to_aspect_ratio: Any = False, pad_to_aspect_ratio: Any = False, fill_mode: Any = 'constant', fill_value: Any = 0.0, antialias: Any = False, data_format: Any = 'channels_last', bounding_box_format: Any = None, *, name: Any = None, trainable: Any = True, dtype: Any = None, activity_regularizer: Any = None, autocast: Any = True, input_shape: Any = None, batch_input_shape: Any = None, batch_shape: Any = None, input_dim: Any = None, batch_size: Any = None, input_dtype: Any = None, weights: Any = None, sparse: Any = None) -> None: ...

class CenterCrop(Layer):
    """The middle of images; smaller ones are first brought to a size that has it."""
    def __init__(self, height: Any, width: Any, data_format: Any = 'channels_last', bounding_box_format: Any = None, *, name: Any = None, trainable: Any = True, dtype: Any = None, activity_regularizer: Any = None, autocast: Any = True, input_shape: Any = None, batch_input_shape: Any = None, batch_shape: Any = None, input_dim: Any = None, batch_size: Any = None, input_dtype: Any = None, weights: Any = None, sparse: Any = None) -> None: ...

class RandomCrop(Layer):
    """In training a part of a batch of images at a place that is drawn, or the middle of images that are not larger; in"""
    def __init__(self, height: Any, width: Any, seed: Any = None, data_format: Any = 'channels_last', bounding_box_format: Any = None, *, name: Any = None, trainable: Any = True, dtype: Any = None, activity_regularizer: Any = None, autocast: Any = True, input_shape: Any = None, batch_input_shape: Any = None, batch_shape: Any = None, input_dim: Any = None, batch_size: Any = None, input_dtype: Any = None, weights: Any = None, sparse: Any = None) -> None: ...

class RandomFlip(Layer):
    """In training mirrors half of the images."""
    def __init__(self, mode: Any = 'horizontal_and_vertical', seed: Any = None, data_format: Any = 'channels_last', bounding_box_format: Any = None, *, name: Any = None, trainable: Any = True, dtype: Any = None, activity_regularizer: Any = None, autocast: Any = True, input_shape: Any = None, batch_input_shape: Any = None, batch_shape: Any = None, input_dim: Any = None, batch_size: Any = None, input_dtype: Any = None, weights: Any = None, sparse: Any = None) -> None: ...

class RandomRotation(Layer):
    """In training turns each image by an angle from `factor · 2π`."""
    def __init__(self, factor: Any, fill_mode: Any = 'reflect', interpolation: Any = 'bilinear', seed: Any = None, fill_value: Any = 0.0, data_format: Any = 'channels_last', bounding_box_format: Any = None, *, name: Any = None, trainable: Any = True, dtype: Any = None, activity_regularizer: Any = None, autocast: Any = True, input_shape: Any = None, batch_input_shape: Any = None, batch_shape: Any = None, input_dim: Any = None, batch_size: Any = None, input_dtype: Any = None, weights: Any = None, sparse: Any = None) -> None: ...

class RandomTranslation(Layer):
    """In training moves each image by a share of its height and width."""
    def __init__(self, height_factor: Any, width_factor: Any, fill_mode: Any = 'reflect', interpolation: Any = 'bilinear', seed: Any = None, fill_value: Any = 0.0, data_format: Any = 'channels_last', bounding_box_format: Any = None, *, name: Any = None, trainable: Any = True, dtype: Any = None, activity_regularizer: Any = None, autocast: Any = True, input_shape: Any = None, batch_input_shape: Any = None, batch_shape: Any = None, input_dim: Any = None, batch_size: Any = None, input_dtype: Any = None, weights: Any = None, sparse: Any = None) -> None: ...

class RandomZoom(Layer):
    """In training makes each image larger or smaller around its middle."""
    def __init__(self, height_factor: Any, width_factor: Any = None, fill_mode: Any = 'reflect', interpolation: Any = 'bilinear', seed: Any = None, fill_value: Any = 0.0, data_format: Any = 'channels_last', bounding_box_format: Any = None, *, name: Any = None, trainable: Any = True, dtype: Any = None, activity_regularizer: Any = None, autocast: Any = True, input_shape: Any = None, batch_input_shape: Any = None, batch_shape: Any = None, input_dim: Any = None, batch_size: Any = None, input_dtype: Any = None, weights: Any = None, sparse: Any = None) -> None: ...

class RandomShear(Layer):
    """In training shears each image along both axes."""
    def __init__(self, x_factor: Any = 0.0, y_factor: Any = 0.0, interpolation: Any = 'bilinear', fill_mode: Any = 'reflect', fill_value: Any = 0.0, seed: Any = None, data_format: Any = 'channels_last', bounding_box_format: Any = None, *, name: Any = None, trainable: Any = True, dtype: Any = None, activity_regularizer: Any = None, autocast: Any = True, input_shape: Any = None, batch_input_shape: Any = None, batch_shape: Any = None, input_dim: Any = None, batch_size: Any = None, input_dtype: Any = None, weights: Any = None, sparse: Any = None) -> None: ...

class RandomPerspective(Layer):
    """In training moves the corners of some images and stretches the images between them."""
    def __init__(self, factor: Any = 1.0, scale: Any = 1.0, interpolation: Any = 'bilinear', fill_value: Any = 0.0, seed: Any = None, data_format: Any = 'channels_last', bounding_box_format: Any = None, *, name: Any = None, trainable: Any = True, dtype: Any = None, activity_regularizer: Any = None, autocast: Any = True, input_shape: Any = None, batch_input_shape: Any = None, batch_shape: Any = None, input_dim: Any = None, batch_size: Any = None, input_dtype: Any = None, weights: Any = None, sparse: Any = None) -> None: ...

class RandomElasticTransform(Layer):
    """In training moves the elements of some images by a smooth field of displacements."""
    def __init__(self, factor: Any = 1.0, scale: Any = 1.0, interpolation: Any = 'bilinear', fill_mode: Any = 'reflect', fill_value: Any = 0.0, value_range: Any = [0.0, 255.0], seed: Any = None, data_format: Any = 'channels_last', bounding_box_format: Any = None, *, name: Any = None, trainable: Any = True, dtype: Any = None, activity_regularizer: Any = None, autocast: Any = True, input_shape: Any = None, batch_input_shape: Any = None, batch_shape: Any = None, input_dim: Any = None, batch_size: Any = None, input_dtype: Any = None, weights: Any = None, sparse: Any = None) -> None: ...

class RandomBrightness(Layer):
    """In training adds a share of the range of values to each image."""
    def __init__(self, factor: Any, value_range: Any = [0.0, 255.0], seed: Any = None, data_format: Any = 'channels_last', bounding_box_format: Any = None, *, name: Any = None, trainable: Any = True, dtype: Any = None, activity_regularizer: Any = None, autocast: Any = True, input_shape: Any = None, batch_input_shape: Any = None, batch_shape: Any = None, input_dim: Any = None, batch_size: Any = None, input_dtype: Any = None, weights: Any = None, sparse: Any = None) -> None: ...

class RandomContrast(Layer):
    """In training brings each image nearer to its mean, or away from it."""
    def __init__(self, factor: Any, value_range: Any = [0.0, 255.0], seed: Any = None, data_format: Any = 'channels_last', bounding_box_format: Any = None, *, name: Any = None, trainable: Any = True, dtype: Any = None, activity_regularizer: Any = None, autocast: Any = True, input_shape: Any = None, batch_input_shape: Any = None, batch_shape: Any = None, input_dim: Any = None, batch_size: Any = None, input_dtype: Any = None, weights: Any = None, sparse: Any = None) -> None: ...

class RandomInvert(Layer):
    """In training inverts the values of some images."""
    def __init__(self, factor: Any = 1.0, value_range: Any = [0.0, 255.0], seed: Any = None, data_format: Any = 'channels_last', bounding_box_format: Any = None, *, name: Any = None, trainable: Any = True, dtype: Any = None, activity_regularizer: Any = None, autocast: Any = True, input_shape: Any = None, batch_input_shape: Any = None, batch_shape: Any = None, input_dim: Any = None, batch_size: Any = None, input_dtype: Any = None, weights: Any = None, sparse: Any = None) -> None: ...

class RandomPosterization(Layer):
    """In training keeps only the upper bits of each image's values."""
    def __init__(self, factor: Any, value_range: Any = [0.0, 255.0], seed: Any = None, data_format: Any = 'channels_last', bounding_box_format: Any = None, *, name: Any = None, trainable: Any = True, dtype: Any = None, activity_regularizer: Any = None, autocast: Any = True, input_shape: Any = None, batch_input_shape: Any = None, batch_shape: Any = None, input_dim: Any = None, batch_size: Any = None, input_dtype: Any = None, weights: Any = None, sparse: Any = None) -> None: ...

class Solarization(Layer):
    """In training adds a number to each image and inverts the values above a threshold."""
    def __init__(self, addition_factor: Any = 0.0, threshold_factor: Any = 0.0, value_range: Any = [0.0, 255.0], seed: Any = None, data_format: Any = 'channels_last', bounding_box_format: Any = None, *, name: Any = None, trainable: Any = True, dtype: Any = None, activity_regularizer: Any = None, autocast: Any = True, input_shape: Any = None, batch_input_shape: Any = None, batch_shape: Any = None, input_dim: Any = None, batch_size: Any = None, input_dtype: Any = None, weights: Any = None, sparse: Any = None) -> None: ...

class RandomColorDegeneration(Layer):
    """In training mixes each image with its shades of grey."""
    def __init__(self, factor: Any, value_range: Any = [0.0, 255.0], seed: Any = None, data_format: Any = 'channels_last', bounding_box_format: Any = None, *, name: Any = None, trainable: Any = True, dtype: Any = None, activity_regularizer: Any = None, autocast: Any = True, input_shape: Any = None, batch_input_shape: Any = None, batch_shape: Any = None, input_dim: Any = None, batch_size: Any = None, input_dtype: Any = None, weights: Any = None, sparse: Any = None) -> None: ...

class RandomSaturation(Layer):
    """In training multiplies the saturation of each image by `f / (1 - f)`."""
    def __init__(self, factor: Any, value_range: Any = [0.0, 255.0], seed: Any = None, data_format: Any = 'channels_last', bounding_box_format: Any = None, *, name: Any = None, trainable: Any = True, dtype: Any = None, activity_regularizer: Any = None, autocast: Any = True, input_shape: Any = None, batch_input_shape: Any = None, batch_shape: Any = None, input_dim: Any = None, batch_size: Any = None, input_dtype: Any = None, weights: Any = None, sparse: Any = None) -> None: ...

class RandomHue(Layer):
    """In training moves the hue of each image around the circle of colours."""
    def __init__(self, factor: Any, value_range: Any = [0.0, 255.0], seed: Any = None, data_format: Any = 'channels_last', bounding_box_format: Any = None, *, name: Any = None, trainable: Any = True, dtype: Any = None, activity_regularizer: Any = None, autocast: Any = True, input_shape: Any = None, batch_input_shape: Any = None, batch_shape: Any = None, input_dim: Any = None, batch_size: Any = None, input_dtype: Any = None, weights: Any = None, sparse: Any = None) -> None: ...

class RandomGrayscale(Layer):
    """In training makes some images grey."""
    def __init__(self, factor: Any = 0.5, seed: Any = None, data_format: Any = 'channels_last', bounding_box_format: Any = None, *, name: Any = None, trainable: Any = True, dtype: Any = None, activity_regularizer: Any = None, autocast: Any = True, input_shape: Any = None, batch_input_shape: Any = None, batch_shape: Any = None, input_dim: Any = None, batch_size: Any = None, input_dtype: Any = None, weights: Any = None, sparse: Any = None) -> None: ...

class RandomColorJitter(Layer):
    """In training changes brightness, contrast, saturation and hue, those that have a factor, in this order."""
    def __init__(self, value_range: Any = [0.0, 255.0], brightness_factor: Any = None, contrast_factor: Any = None, saturation_factor: Any = None, hue_factor: Any = None, seed: Any = None, data_format: Any = 'channels_last', bounding_box_format: Any = None, *, name: Any = None, trainable: Any = True, dtype: Any = None, activity_regularizer: Any = None, autocast: Any = True, input_shape: Any = None, batch_input_shape: Any = None, batch_shape: Any = None, input_dim: Any = None, batch_size: Any = None, input_dtype: Any = None, weights: Any = None, sparse: Any = None) -> None: ...

class RandomGaussianBlur(Layer):
    """In training blurs some images by a bell curve."""
    def __init__(self, factor: Any = 1.0, kernel_size: Any = [3, 3], sigma: Any = 1.0, value_range: Any = [0.0, 255.0], seed: Any = None, data_format: Any = 'channels_last', bounding_box_format: Any = None, *, name: Any = None, trainable: Any = True, dtype: Any = None, activity_regularizer: Any = None, autocast: Any = True, input_shape: Any = None, batch_input_shape: Any = None, batch_shape: Any = None, input_dim: Any = None, batch_size: Any = None, input_dtype: Any = None, weights: Any = None, sparse: Any = None) -> None: ...

class RandomSharpness(Layer):
    """In training mixes each image with a smoother one, or takes some of that away from it."""
    def __init__(self, factor: Any, value_range: Any = [0.0, 255.0], seed: Any = None, data_format: Any = 'channels_last', bounding_box_format: Any = None, *, name: Any = None, trainable: Any = True, dtype: Any = None, activity_regularizer: Any = None, autocast: Any = True, input_shape: Any = None, batch_input_shape: Any = None, batch_shape: Any = None, input_dim: Any = None, batch_size: Any = None, input_dtype: Any = None, weights: Any = None, sparse: Any = None) -> None: ...

class MixUp(Layer):
    """In training mixes each image with another one of its batch, as much as is drawn from a beta distribution."""
    def __init__(self, alpha: Any = 0.2, seed: Any = None, data_format: Any = 'channels_last', bounding_box_format: Any = None, *, name: Any = None, trainable: Any = True, dtype: Any = None, activity_regularizer: Any = None, autocast: Any = True, input_shape: Any = None, batch_input_shape: Any = None, batch_shape: Any = None, input_dim: Any = None, batch_size: Any = None, input_dtype: Any = None, weights: Any = None, sparse: Any = None) -> None: ...

class CutMix(Layer):
    """In training puts a box of another image of the batch into each image."""
    def __init__(self, factor: Any = 1.0, seed: Any = None, data_format: Any = 'channels_last', bounding_box_format: Any = None, *, name: Any = None, trainable: Any = True, dtype: Any = None, activity_regularizer: Any = None, autocast: Any = True, input_shape: Any = None, batch_input_shape: Any = None, batch_shape: Any = None, input_dim: Any = None, batch_size: Any = None, input_dtype: Any = None, weights: Any = None, sparse: Any = None) -> None: ...

class RandomErasing(Layer):
    """In training fills a box of some images with noise or a number."""
    def __init__(self, factor: Any = 1.0, scale: Any = [0.02, 0.33], fill_value: Any = None, value_range: Any = [0.0, 255.0], seed: Any = None, data_format: Any = 'channels_last', bounding_box_format: Any = None, *, name: Any = None, trainable: Any = True, dtype: Any = None, activity_regularizer: Any = None, autocast: Any = True, input_shape: Any = None, batch_input_shape: Any = None, batch_shape: Any = None, input_dim: Any = None, batch_size: Any = None, input_dtype: Any = None, weights: Any = None, sparse: Any = None) -> None: ...

class AutoContrast(Layer):
    """Stretches the values of each channel of each image over the whole range, in training and in inference."""
    def __init__(self, value_range: Any = [0.0, 255.0], data_format: Any = 'channels_last', bounding_box_format: Any = None, *, name: Any = None, trainable: Any = True, dtype: Any = None, activity_regularizer: Any = None, autocast: Any = True, input_shape: Any = None, batch_input_shape: Any = None, batch_shape: Any = None, input_dim: Any = None, batch_size: Any = None, input_dtype: Any = None, weights: Any = None, sparse: Any = None) -> None: ...

class Equalization(Layer):
    """In training gives each channel of a batch values that are spread evenly."""
    def __init__(self, value_range: Any = [0.0, 255.0], bins: Any = 256, data_format: Any = 'channels_last', bounding_box_format: Any = None, *, name: Any = None, trainable: Any = True, dtype: Any = None, activity_regularizer: Any = None, autocast: Any = True, input_shape: Any = None, batch_input_shape: Any = None, batch_shape: Any = None, input_dim: Any = None, batch_size: Any = None, input_dtype: Any = None, weights: Any = None, sparse: Any = None) -> None: ...

class ContrastLimitedAdaptiveHistogramEqualization(Layer):
    """Gives each part of each image values that are spread evenly, none rising too steeply; between the middles of the"""
    def __init__(self, value_range: Any = [0.0, 255.0], clip_limit: Any = 4.0, tile_grid_size: Any = [8, 8], data_format: Any = 'channels_last', bounding_box_format: Any = None, *, name: Any = None, trainable: Any = True, dtype: Any = None, activity_regularizer: Any = None, autocast: Any = True, input_shape: Any = None, batch_input_shape: Any = None, batch_shape: Any = None, input_dim: Any = None, batch_size: Any = None, input_dtype: Any = None, weights: Any = None, sparse: Any = None) -> None: ...

class MaxNumBoundingBoxes(Layer):
    """Brings lists of boxes to one length; images stay as they are."""
    def __init__(self, max_number: Any, fill_value: Any = -1, data_format: Any = 'channels_last', bounding_box_format: Any = None, *, name: Any = None, trainable: Any = True, dtype: Any = None, activity_regularizer: Any = None, autocast: Any = True, input_shape: Any = None, batch_input_shape: Any = None, batch_shape: Any = None, input_dim: Any = None, batch_size: Any = None, input_dtype: Any = None, weights: Any = None, sparse: Any = None) -> None: ...

class RandAugment(Layer):
    """In training changes each batch in some ways out of eleven: turned, moved, sheared, of other tones and colours."""
    def __init__(self, value_range: Any = [0.0, 255.0], num_ops: Any = 2, factor: Any = 0.5, interpolation: Any = 'bilinear', seed: Any = None, data_format: Any = 'channels_last', bounding_box_format: Any = None, *, name: Any = None, trainable: Any = True, dtype: Any = None, activity_regularizer: Any = None, autocast: Any = True, input_shape: Any = None, batch_input_shape: Any = None, batch_shape: Any = None, input_dim: Any = None, batch_size: Any = None, input_dtype: Any = None, weights: Any = None, sparse: Any = None) -> None: ...

class AugMix(Layer):
    """In training mixes each batch with several chains of changes."""
    def __init__(self, value_range: Any = [0.0, 255.0], num_chains: Any = 3, chain_depth: Any = 3, factor: Any = 0.3, alpha: Any = 1.0, all_ops: Any = True, interpolation: Any = 'bilinear', seed: Any = None, data_format: Any = 'channels_last', bounding_box_format: Any = None, *, name: Any = None, trainable: Any = True, dtype: Any = None, activity_regularizer: Any = None, autocast: Any = True, input_shape: Any = None, batch_input_shape: Any = None, batch_shape: Any = None, input_dim: Any = None, batch_size: Any = None, input_dtype: Any = None, weights: Any = None, sparse: Any = None) -> None: ...

class IntegerLookup(Layer):
    """The place of each whole number in a vocabulary, which is given, or learnt by [`LayerRef::adapt`]; with `invert` the"""
    def __init__(self, max_tokens: Any = None, num_oov_indices: Any = 1, mask_token: Any = None, oov_token: Any = -1, vocabulary: Any = None, vocabulary_dtype: Any = 'int64', idf_weights: Any = None, invert: Any = False, output_mode: Any = 'int', sparse: Any = False, pad_to_max_tokens: Any = False, oov_method: Any = 'floormod', salt: Any = None, vocabulary_size: Any = None, *, name: Any = None, trainable: Any = True, dtype: Any = None, activity_regularizer: Any = None, autocast: Any = True, input_shape: Any = None, batch_input_shape: Any = None, batch_shape: Any = None, input_dim: Any = None, batch_size: Any = None, input_dtype: Any = None, weights: Any = None) -> None: ...

class StringLookup(Layer):
    """The number of each word in a vocabulary, which is given, or learnt by [`LayerRef::adapt`]; with `invert` the word of"""
    def __init__(self, max_tokens: Any = None, num_oov_indices: Any = 1, mask_token: Any = None, oov_token: Any = '[UNK]', vocabulary: Any = None, idf_weights: Any = None, invert: Any = False, output_mode: Any = 'int', pad_to_max_tokens: Any = False, sparse: Any = False, encoding: Any = 'utf-8', salt: Any = None, oov_method: Any = 'floormod', vocabulary_size: Any = None, *, name: Any = None, trainable: Any = True, dtype: Any = None, activity_regularizer: Any = None, autocast: Any = True, input_shape: Any = None, batch_input_shape: Any = None, batch_shape: Any = None, input_dim: Any = None, batch_size: Any = None, input_dtype: Any = None, weights: Any = None) -> None: ...

class TextVectorization(Layer):
    """Sentences cut into words, and these as their numbers in a vocabulary, which is given, or learnt by"""
    def __init__(self, max_tokens: Any = None, standardize: Any = 'lower_and_strip_punctuation', split: Any = 'whitespace', ngrams: Any = None, output_mode: Any = 'int', output_sequence_length: Any = None, pad_to_max_tokens: Any = False, vocabulary: Any = None, idf_weights: Any = None, sparse: Any = False, ragged: Any = False, encoding: Any = 'utf-8', vocabulary_size: Any = None, *, name: Any = None, trainable: Any = True, dtype: Any = None, activity_regularizer: Any = None, autocast: Any = True, input_shape: Any = None, batch_input_shape: Any = None, batch_shape: Any = None, input_dim: Any = None, batch_size: Any = None, input_dtype: Any = None, weights: Any = None) -> None: ...

class Hashing(Layer):
    """The bin of each word or whole number by its hash (FarmHash; with a salt SipHash)."""
    def __init__(self, num_bins: Any, mask_value: Any = None, salt: Any = None, output_mode: Any = 'int', sparse: Any = False, *, name: Any = None, trainable: Any = True, dtype: Any = None, activity_regularizer: Any = None, autocast: Any = True, input_shape: Any = None, batch_input_shape: Any = None, batch_shape: Any = None, input_dim: Any = None, batch_size: Any = None, input_dtype: Any = None, weights: Any = None) -> None: ...

class HashedCrossing(Layer):
    """The bin of each combination of words or whole numbers, by its hash; called on two inputs or more of one a row."""
    def __init__(self, num_bins: Any, output_mode: Any = 'int', sparse: Any = False, *, name: Any = None, trainable: Any = True, dtype: Any = None, activity_regularizer: Any = None, autocast: Any = True, input_shape: Any = None, batch_input_shape: Any = None, batch_shape: Any = None, input_dim: Any = None, batch_size: Any = None, input_dtype: Any = None, weights: Any = None) -> None: ...

class STFTSpectrogram(Layer):
    """The frequencies of stretches of a signal, `[batch, time, channels]`: windows that slide, each through a Fourier"""
    def __init__(self, mode: Any = 'log', frame_length: Any = 256, frame_step: Any = None, fft_length: Any = None, window: Any = 'hann', periodic: Any = False, scaling: Any = 'density', padding: Any = 'valid', expand_dims: Any = False, data_format: Any = 'channels_last', *, name: Any = None, trainable: Any = True, dtype: Any = None, activity_regularizer: Any = None, autocast: Any = True, input_shape: Any = None, batch_input_shape: Any = None, batch_shape: Any = None, input_dim: Any = None, batch_size: Any = None, input_dtype: Any = None, weights: Any = None, sparse: Any = None) -> None: ...

class MelSpectrogram(Layer):
    """The strengths of bands of the mel scale over time: `[batch, samples]` to `[batch, bands, stretches]`."""
    def __init__(self, fft_length: Any = 2048, sequence_stride: Any = 512, sequence_length: Any = None, window: Any = 'hann', sampling_rate: Any = 16000.0, num_mel_bins: Any = 128, min_freq: Any = 20.0, max_freq: Any = None, power_to_db: Any = True, top_db: Any = 80.0, mag_exp: Any = 2.0, min_power: Any = 1e-10, ref_power: Any = 1.0, *, name: Any = None, trainable: Any = True, dtype: Any = None, activity_regularizer: Any = None, autocast: Any = True, input_shape: Any = None, batch_input_shape: Any = None, batch_shape: Any = None, input_dim: Any = None, batch_size: Any = None, input_dtype: Any = None, weights: Any = None, sparse: Any = None) -> None: ...
