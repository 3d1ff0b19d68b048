//! Masking: steps that hold nothing but a given number are not there.

use crate::class::Field;
use crate::layer;
use crate::layers::Layer;
use crate::scope::Scope;
use addax_core::ops::Reduction;
use addax_core::{Error, Result, Tensor};
use serde_json::Value as Json;

/// A number, also where a file holds it as an array of one.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct MaskValue(pub f64);

impl From<f64> for MaskValue {
    fn from(x: f64) -> Self {
        MaskValue(x)
    }
}

impl Field for MaskValue {
    fn to_json(&self) -> Json {
        self.0.to_json()
    }

    fn from_json(json: &Json) -> Result<Self> {
        let inner = json.get("config").and_then(|c| c.get("value")).unwrap_or(json);
        f64::from_json(inner).map(MaskValue)
    }
}

layer! {
    /// Steps whose features are all `mask_value` become 0 and are masked: `[batch, steps, …, features]`.
    ///
    /// ```
    /// use addax::layers::Masking;
    /// use addax::prelude::*;
    /// let x = Input([5, 3])?;
    /// assert_eq!(Masking::new().mask_value(-1.0).on(&x)?.shape().to_string(), "(None, 5, 3)");
    /// # Ok::<(), addax::Error>(())
    /// ```
    pub struct Masking () {
        /// The number.
        mask_value: MaskValue = MaskValue(0.0),
    }
}

impl Layer for Masking {
    fn call(&self, cx: &mut Scope, x: &Tensor) -> Tensor {
        Tensor::from_result(|| {
            let last = match x.check()?.rank() {
                0 => return Err(Error::value("input").expected("features").got(x.shape())),
                n => n - 1,
            };
            let mask = x.not_equal(&x.filled(self.mask_value.0)).reduce(Reduction::Or, &[last]);
            let there = mask.expand_dims(-1).broadcast_to(x.shape());
            cx.set_mask(0, Some(mask));
            Ok(there.select(x, &x.filled(0.0)))
        })
    }

    fn supports_masking(&self) -> bool {
        true
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::layers::check::check_layer;
    use addax_core::{DType, Trace, Value, evaluate};
    use serde_json::json;

    #[test]
    fn behaves_like_a_layer() {
        check_layer(Masking::new(), &[&[2, 3]]);
    }

    #[test]
    fn steps_that_hold_nothing_are_masked() {
        let trace = Trace::new();
        let x = trace.parameter("x", DType::F32, [1, 2, 2]);
        let entered = trace.enter();
        let arguments = crate::arguments::Arguments::of(vec![x.into()]);
        let layer = Masking::new().mask_value(7.0).into();
        let y = Scope::new(&trace, false).call_with(&layer, arguments).unwrap().remove(0);
        drop(entered);
        let x = Value::new([1, 2, 2], vec![7f32, 7.0, 7.0, 1.0]).unwrap();
        let y = evaluate(&trace.finish(&[y.tensor, y.mask.unwrap()]).unwrap(), &[x]).unwrap();
        assert_eq!((y[0].to_f64(), y[1].to_f64()), (vec![0.0, 0.0, 7.0, 1.0], vec![0.0, 1.0]));
    }

    #[test]
    fn an_array_of_one_is_a_number() {
        let array = json!({"class_name": "__numpy__", "config": {"value": -1.0, "dtype": "float32"}});
        assert_eq!(MaskValue::from_json(&array).unwrap(), MaskValue(-1.0));
    }
}
