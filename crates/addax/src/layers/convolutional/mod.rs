//! Convolutions: windows with a learnt kernel that slide over space.

mod conv;
mod conv_transpose;
mod depthwise_conv;
mod separable_conv;

registry! {
    conv::Conv1D, conv::Conv2D, conv::Conv3D, conv_transpose::Conv1DTranspose, conv_transpose::Conv2DTranspose,
    conv_transpose::Conv3DTranspose, depthwise_conv::DepthwiseConv1D, depthwise_conv::DepthwiseConv2D,
    separable_conv::SeparableConv1D, separable_conv::SeparableConv2D,
}
