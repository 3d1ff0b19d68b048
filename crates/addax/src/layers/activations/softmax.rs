//! Softmax: the activation as a layer, along any axes and under a mask.

use crate::activations::softmax_along;
use crate::constraints::Axes;
use crate::layer;
use crate::layers::Layer;
use crate::scope::Scope;
use addax_core::{DType, Error, Result, Tensor};

layer! {
    /// `exp(x) / Σ exp(x)` along `axis`; the shape stays. Places that the call's `mask` leaves out come out as 0.
    pub struct Softmax () {
        /// The axis or axes along which the sum is 1.
        axis: Axes = Axes::from(-1),
    }
}

impl Softmax {
    /// Softmax where the mask holds; the mask broadcasts to the input.
    pub(in crate::layers) fn masked(&self, x: &Tensor, mask: Option<&Tensor>) -> Tensor {
        Tensor::from_result(|| {
            let axes = self.axis.0.iter().map(|a| x.check()?.axis(*a)).collect::<Result<Vec<usize>>>()?;
            let Some(mask) = mask else { return Ok(softmax_along(x, &axes)) };
            if mask.check()?.rank() > x.rank() {
                let e = Error::value("mask").expected(format_args!("at most the axes of {}", x.shape()));
                return Err(e.got(mask.shape()));
            }
            let mask = if mask.dtype() == DType::Bool { mask.clone() } else { mask.gt_scalar(0.5) };
            let mask = mask.broadcast_to(x.shape());
            let lowest = if x.dtype() == DType::F16 { -3e4 } else { -1e9 };
            let y = softmax_along(&mask.select(x, &x.filled(lowest)), &axes);
            Ok(mask.select(&y, &y.filled(0.0)))
        })
    }
}

impl Layer for Softmax {
    fn call(&self, cx: &mut Scope, x: &Tensor) -> Tensor {
        self.masked(x, cx.mask(0).as_ref())
    }

    fn signature(&self) -> &'static [&'static str] {
        &["inputs", "mask"]
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
        check_layer(Softmax::new(), &[&[2, 3]]);
        check_layer(Softmax::new().axis([1, 2]), &[&[2, 3]]);
    }

    #[test]
    fn what_is_masked_comes_out_as_nothing() {
        let x = Tensor::from(Value::new([2, 2], vec![1f32, 1.0, 5.0, 6.0]).unwrap());
        let mask = Tensor::from(Value::new([2, 2], vec![true, true, false, false]).unwrap());
        let y = Softmax::new().masked(&x, Some(&mask)).to_value().unwrap();
        assert_eq!(y.to_f64(), [0.5, 0.5, 0.0, 0.0]);
        let y = run(Softmax::new(), &[x]).to_f64();
        assert!((y[3] - 1.0 / (1.0 + (-1f64).exp())).abs() < 1e-6);
    }
}
