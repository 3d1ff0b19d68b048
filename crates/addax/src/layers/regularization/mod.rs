//! Layers that make a model rely less on any single number: noise, dropout, penalties.

mod activity_regularization;
mod alpha_dropout;
mod dropout;
mod gaussian;
mod spatial_dropout;

registry! {
    activity_regularization::ActivityRegularization, alpha_dropout::AlphaDropout, dropout::Dropout,
    gaussian::GaussianDropout, gaussian::GaussianNoise, spatial_dropout::SpatialDropout1D,
    spatial_dropout::SpatialDropout2D, spatial_dropout::SpatialDropout3D,
}
