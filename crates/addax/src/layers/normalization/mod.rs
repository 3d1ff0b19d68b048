//! Normalizations: features with the same mean and spread, by batch, sample or weight.

mod batch_normalization;
mod layer_normalization;

registry! {
    batch_normalization::BatchNormalization, layer_normalization::LayerNormalization,
}
