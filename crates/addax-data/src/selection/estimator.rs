//! What can be fitted and asked.

use addax_core::{Error, Result, Value};

/// Anything that learns from rows and says something of others. A search makes a fresh one for each fit, on the thread
/// that fits it, so an estimator need not be shared or copied.
pub trait Estimator {
    /// Learns from rows and their targets, forgetting what it learned before.
    fn fit(&mut self, x: &Value, y: &Value) -> Result<()>;

    /// Numbers or classes, one for each row.
    fn predict(&mut self, x: &Value) -> Result<Value>;

    /// A probability for each row and each of [`Estimator::classes`].
    fn predict_proba(&mut self, _x: &Value) -> Result<Value> {
        Err(Error::unsupported("predict_proba")
            .hint("This score wants a classifier that tells probabilities."))
    }

    /// Whether it tells classes apart; known before it is fitted.
    fn is_classifier(&self) -> bool {
        false
    }

    /// The classes that it saw, in increasing order.
    fn classes(&self) -> &[i64] {
        &[]
    }
}
