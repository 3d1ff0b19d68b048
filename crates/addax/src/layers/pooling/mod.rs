//! Pooling: the largest or the mean of what a window sees.

mod global;
mod sliding;

registry! {
    sliding::MaxPooling1D, sliding::MaxPooling2D, sliding::MaxPooling3D, sliding::AveragePooling1D,
    sliding::AveragePooling2D, sliding::AveragePooling3D, global::GlobalAveragePooling1D,
    global::GlobalAveragePooling2D, global::GlobalAveragePooling3D, global::GlobalMaxPooling1D,
    global::GlobalMaxPooling2D, global::GlobalMaxPooling3D,
}
