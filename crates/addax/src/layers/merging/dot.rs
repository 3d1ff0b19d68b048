//! Dot: products of two inputs, row by row of the batch.

use super::inputs::Inputs;
use crate::constraints::Axes;
use crate::layer;
use crate::layers::Layer;
use crate::layers::normalization::unit_normalization::normalized;
use crate::scope::Scope;
use addax_core::ops::DotGeneral;
use addax_core::{Error, Result, Tensor};

layer! {
    /// The sums of products of two inputs along one axis of each: `[batch, …]` of the first, then `[…]` of the second.
    ///
    /// ```
    /// use addax::layers::Dot;
    /// use addax::prelude::*;
    /// let (a, b) = (Input([5, 8])?, Input([7, 8])?);
    /// assert_eq!(Dot::new(2).on_all(&[&a, &b])?.shape().to_string(), "(None, 5, 7)");
    /// # Ok::<(), addax::Error>(())
    /// ```
    pub struct Dot (
        /// The axis of both inputs, or one of each; the batch is axis 0.
        axes: Axes,
    ) {
        /// Whether the inputs are divided by their norms along the axes: the products are cosines then.
        normalize: bool = false,
    }
}

impl Dot {
    fn product(&self, cx: &mut Scope, tensors: &[Tensor]) -> Result<Tensor> {
        let xs = Inputs::of(cx, tensors)?;
        let [x, y] = &xs.tensors[..] else {
            return Err(Error::value("inputs").expected("exactly 2").got(tensors.len()));
        };
        let (a, b) = match self.axes.0[..] {
            [both] => (both, both),
            [a, b] => (a, b),
            _ => {
                let e = Error::value("axes").expected("one axis or two");
                return Err(e.got(format_args!("{:?}", self.axes.0)));
            }
        };
        let (a, b) = (x.axis(a)?, y.axis(b)?);
        if a == 0 || b == 0 {
            return Err(Error::value("axes").expected("other axes than the batch").got(0));
        }
        if !x.dim(a as isize).fits(y.dim(b as isize)) {
            let wanted = format!("the same length along axis {a} of the first and {b} of the second");
            let got = format!("{} and {}", x.shape(), y.shape());
            return Err(Error::value("inputs").expected(wanted).got(got));
        }
        let (x, y) = if self.normalize {
            (normalized(x, &[a], 1e-7), normalized(y, &[b], 1e-7))
        } else {
            (x.clone(), y.clone())
        };
        let dot = DotGeneral {
            lhs_batch: vec![0],
            rhs_batch: vec![0],
            lhs_contract: vec![a],
            rhs_contract: vec![b],
        };
        let z = x.dot_general(&y, dot);
        Ok(if z.rank() == 1 { z.expand_dims(1) } else { z })
    }
}

impl Layer for Dot {
    fn call_many(&self, cx: &mut Scope, tensors: &[Tensor]) -> Vec<Tensor> {
        cx.set_mask(0, None);
        vec![Tensor::from_result(|| self.product(cx, tensors))]
    }

    fn supports_masking(&self) -> bool {
        true
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::layers::check::{check_layer, run};
    use addax_core::Value;

    #[test]
    fn behaves_like_a_layer() {
        check_layer(Dot::new(1), &[&[3], &[3]]);
        check_layer(Dot::new([2, 1]), &[&[2, 3], &[3, 4]]);
        check_layer(Dot::new(-1).normalize(true), &[&[2, 3], &[3]]);
        check_layer(Dot::new([3, 1]), &[&[2, 2, 3], &[3, 2]]);
    }

    #[test]
    fn cosines_by_hand() {
        let x = |v: [f32; 2]| Tensor::from(Value::new([1, 2], v.to_vec()).unwrap());
        assert_eq!(run(Dot::new(1), &[x([1.0, 2.0]), x([3.0, 4.0])]).to_f64(), [11.0]);
        let y = run(Dot::new(1).normalize(true), &[x([1.0, 0.0]), x([3.0, 4.0])]).to_f64();
        assert!((y[0] - 0.6).abs() < 1e-6);
    }
}
