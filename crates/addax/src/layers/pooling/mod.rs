//! Pooling: the largest or the mean of what a window sees.

mod adaptive;
mod global;
mod sliding;

registry! {
    adaptive::AdaptiveAveragePooling1D, adaptive::AdaptiveAveragePooling2D, adaptive::AdaptiveAveragePooling3D,
    adaptive::AdaptiveMaxPooling1D, adaptive::AdaptiveMaxPooling2D, adaptive::AdaptiveMaxPooling3D,
    sliding::MaxPooling1D, sliding::MaxPooling2D, sliding::MaxPooling3D, sliding::AveragePooling1D,
    sliding::AveragePooling2D, sliding::AveragePooling3D, global::GlobalAveragePooling1D,
    global::GlobalAveragePooling2D, global::GlobalAveragePooling3D, global::GlobalMaxPooling1D,
    global::GlobalMaxPooling2D, global::GlobalMaxPooling3D,
}
