//! Layers that make a model rely less on any single number: noise and dropout.

mod dropout;
mod gaussian;
mod spatial_dropout;

registry! {
    dropout::Dropout, gaussian::GaussianDropout, gaussian::GaussianNoise, spatial_dropout::SpatialDropout1D,
    spatial_dropout::SpatialDropout2D, spatial_dropout::SpatialDropout3D,
}
