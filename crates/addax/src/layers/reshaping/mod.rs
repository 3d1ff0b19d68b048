//! The same numbers in another shape: flattened, permuted, repeated, padded, cut.

mod flatten;
mod permute;
mod repeat_vector;
mod reshape;
mod up_sampling;
mod zero_padding;

registry! {
    flatten::Flatten, permute::Permute, repeat_vector::RepeatVector, reshape::Reshape, up_sampling::UpSampling1D,
    up_sampling::UpSampling2D, up_sampling::UpSampling3D, zero_padding::Cropping1D, zero_padding::Cropping2D,
    zero_padding::Cropping3D, zero_padding::ZeroPadding1D, zero_padding::ZeroPadding2D,
    zero_padding::ZeroPadding3D,
}
