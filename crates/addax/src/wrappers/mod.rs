//! Models as estimators for searches and cross-validation.

mod scikit_learn;

pub use scikit_learn::{Builder, KerasClassifier, KerasRegressor};
