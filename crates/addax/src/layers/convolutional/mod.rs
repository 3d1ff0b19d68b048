//! Convolutions: windows with a learnt kernel that slide over space.

mod conv;

registry! {
    conv::Conv1D, conv::Conv2D, conv::Conv3D,
}
