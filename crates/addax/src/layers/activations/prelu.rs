//! PReLU: a rectifier whose slope below zero is learnt (He et al. 2015).

use crate::constraints::{Axes, Constraint};
use crate::initializers::Initializer;
use crate::layer;
use crate::layers::Layer;
use crate::regularizers::Regularizer;
use crate::scope::Scope;
use addax_core::{Dim, Error, Tensor};

layer! {
    /// `x` if x ≥ 0, else `α x`, with an α for each element of a sample.
    ///
    /// ```
    /// use addax::constraints::Axes;
    /// use addax::prelude::*;
    /// let x = Input([28, 28, 8])?;
    /// let layer = PReLU::new().shared_axes(Axes::from([1, 2])).named("p");
    /// layer.on(&x)?;
    /// assert_eq!(layer.own_weights()[0].shape, [1, 1, 8]);
    /// # Ok::<(), addax::Error>(())
    /// ```
    pub struct PReLU () {
        /// First values of α.
        alpha_initializer: Initializer = "zeros".into(),
        /// Penalty on α.
        alpha_regularizer: Option<Regularizer> = None,
        /// Constraint of α.
        alpha_constraint: Option<Constraint> = None,
        /// The axes along which one α serves all; the batch is axis 0.
        shared_axes: Option<Axes> = None,
    }
}

impl Layer for PReLU {
    fn supports_masking(&self) -> bool {
        true
    }

    fn call(&self, cx: &mut Scope, x: &Tensor) -> Tensor {
        let shape = x.shape();
        let shared = self.shared_axes.as_ref().map(|a| &a.0[..]).unwrap_or_default();
        let inside = 1..shape.rank() as isize;
        if let Some(axis) = shared.iter().find(|a| !inside.contains(*a)) {
            let wanted = format!("axes from 1 to {}", shape.rank().saturating_sub(1));
            return Tensor::failed(Error::value("shared_axes").expected(wanted).got(axis));
        }
        let own = |(a, d): (usize, &Dim)| if shared.contains(&(a as isize)) { Dim::new(1) } else { *d };
        let dims: Vec<Dim> = shape.dims().iter().enumerate().skip(1).map(own).collect();
        let alpha = cx.weight("alpha", dims, &self.alpha_initializer);
        let alpha = alpha.regularizer(&self.alpha_regularizer).constraint(&self.alpha_constraint).get();
        x.relu() - alpha * x.negate().relu()
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::layers::check::{check_layer, run};
    use addax_core::Value;

    #[test]
    fn behaves_like_a_layer() {
        check_layer(PReLU::new(), &[&[2, 3]]);
        check_layer(PReLU::new().shared_axes(Axes::from(1)), &[&[2, 3]]);
        let x = Tensor::from(Value::new([1, 2], vec![-2f32, 2.0]).unwrap());
        assert_eq!(run(PReLU::new().alpha_initializer("ones"), &[x]).to_f64(), [-2.0, 2.0]);
    }
}
