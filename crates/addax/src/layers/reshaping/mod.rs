//! The same numbers in another shape: flattened, permuted, repeated, padded, cut.

mod cropping;
mod flatten;
mod permute;
mod repeat_vector;
mod reshape;
mod up_sampling;
mod zero_padding;

pub use reshape::TargetShape;

registry! {
    flatten::Flatten, permute::Permute, repeat_vector::RepeatVector, reshape::Reshape, up_sampling::UpSampling1D,
    up_sampling::UpSampling2D, up_sampling::UpSampling3D, cropping::Cropping1D, cropping::Cropping2D,
    cropping::Cropping3D, zero_padding::ZeroPadding1D, zero_padding::ZeroPadding2D,
    zero_padding::ZeroPadding3D,
}
