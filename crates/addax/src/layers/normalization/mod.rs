//! Normalizations: features with the same mean and spread, by batch, sample or weight.

mod batch_normalization;
mod group_normalization;
mod layer_normalization;
mod moments;
mod rms_normalization;
mod spectral_normalization;
pub(super) mod unit_normalization;

pub use batch_normalization::RenormClipping;

registry! {
    batch_normalization::BatchNormalization, group_normalization::GroupNormalization,
    layer_normalization::LayerNormalization, rms_normalization::RMSNormalization,
    spectral_normalization::SpectralNormalization, unit_normalization::UnitNormalization,
}
