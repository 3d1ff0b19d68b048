//! CategoryEncoding: whole numbers as rows.

use super::encoding::OutputMode;
use crate::class::Word;
use crate::layer;
use crate::layers::Layer;
use crate::scope::Scope;
use addax_core::{Error, Result, Tensor};

layer! {
    /// Whole numbers below `num_tokens` as rows of that width: `"one_hot"` for each number, `"multi_hot"` or `"count"` for
    /// all numbers of a sample.
    ///
    /// ```
    /// use addax::prelude::*;
    /// let x = Input([3])?;
    /// let y = addax::layers::CategoryEncoding::new(5usize).on(&x)?;
    /// assert_eq!(y.shape().to_string(), "(None, 5)");
    /// # Ok::<(), addax::Error>(())
    /// ```
    pub struct CategoryEncoding (
        /// How many numbers there are.
        num_tokens: usize,
    ) {
        /// The form.
        output_mode: Word<OutputMode> = OutputMode::MultiHot.into(),
        /// Whether Keras would give a sparse tensor.
        sparse: bool = false,
    }
}

impl CategoryEncoding {
    fn encoded(&self, cx: &mut Scope, x: &Tensor) -> Result<Tensor> {
        let mode = self.output_mode.get()?;
        let mode = mode.among(&[OutputMode::MultiHot, OutputMode::OneHot, OutputMode::Count])?;
        if self.num_tokens == 0 {
            return Err(Error::value("num_tokens").expected("at least 1").got(0));
        }
        let dtype = cx.policy().compute;
        let weights = cx.tensor("count_weights").map(|w| w.cast(dtype));
        if weights.is_some() && mode != OutputMode::Count {
            let e = Error::value("count_weights").expected("output_mode \"count\"");
            return Err(e.got(format_args!("{mode:?}")));
        }
        mode.encode(x, self.num_tokens, dtype, weights.as_ref())
    }
}

impl Layer for CategoryEncoding {
    fn call_many(&self, cx: &mut Scope, inputs: &[Tensor]) -> Vec<Tensor> {
        // Weights of the numbers may be given as a second input.
        let x = inputs.first().cloned().unwrap_or_else(|| Tensor::failed(Error::value("inputs")));
        vec![Tensor::from_result(|| self.encoded(cx, &x))]
    }

    fn signature(&self) -> &'static [&'static str] {
        &["inputs", "count_weights"]
    }

    fn autocasts(&self) -> bool {
        false
    }

    fn written(&self, config: &mut crate::class::Config) {
        // Keras writes it for no layer of this class.
        config.remove("sparse");
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::layers::check::run;
    use addax_core::Value;

    #[test]
    fn numbers_become_rows() {
        let x = || Tensor::from(Value::new([1, 3], vec![0i64, 2, 2]).unwrap());
        let of = |mode: &str| run(CategoryEncoding::new(3usize).output_mode(mode), &[x()]);
        assert_eq!(of("multi_hot").to_f64(), [1.0, 0.0, 1.0]);
        assert_eq!(of("count").to_f64(), [1.0, 0.0, 2.0]);
        assert_eq!(of("one_hot").shape(), [1, 3, 3]);
        let column = Tensor::from(Value::new([2, 1], vec![1i64, 7]).unwrap());
        let y = run(CategoryEncoding::new(3usize).output_mode("one_hot"), &[column]);
        assert_eq!((y.shape(), y.to_f64()), (&[2, 3][..], vec![0.0, 1.0, 0.0, 0.0, 0.0, 0.0]));
    }
}
