//! HashedCrossing: several categories as one.

use super::super::encoding::OutputMode;
use super::characters::texts;
use super::fingerprint::{fingerprint, fingerprints_joined};
use super::hashing::{dtype, integers, shape_of};
use crate::class::{Config, Word};
use crate::layer;
use crate::layers::{Host, Layer};
use crate::scope::Scope;
use addax_core::{DType, Dim, Error, Result, Tensor, Value};

layer! {
    /// The bin of each combination of words or whole numbers, by its hash; called on two inputs or more of one a row.
    pub struct HashedCrossing (
        /// How many bins.
        num_bins: usize,
    ) {
        /// The form of the output: `"int"` or `"one_hot"`.
        output_mode: Word<OutputMode> = OutputMode::Int.into(),
        /// Whether Keras would give a sparse tensor.
        sparse: bool = false,
    }
}

/// With which hash combinations begin.
const FIRST: u64 = 0x00DE_CAFC_AFFE;

impl HashedCrossing {
    fn mode(&self) -> Result<OutputMode> {
        if self.num_bins == 0 {
            return Err(Error::value("num_bins").expected("at least 1").got(0));
        }
        self.output_mode.get()?.among(&[OutputMode::Int, OutputMode::OneHot])
    }
}

impl Layer for HashedCrossing {
    fn call_many(&self, cx: &mut Scope, inputs: &[Tensor]) -> Vec<Tensor> {
        vec![Tensor::from_result(|| {
            let mode = self.mode()?;
            let shapes = inputs.iter().map(shape_of).collect::<Result<Vec<_>>>()?;
            let first = match &shapes[..] {
                [first, more @ ..] if !more.is_empty() => first,
                _ => return Err(Error::value("inputs").expected("at least two").got(shapes.len())),
            };
            let single = first.rank() < 2 || first.rank() == 2 && first.get(1).is_some_and(|d| d == 1usize);
            if !single || shapes.iter().any(|s| !s.fits(first)) {
                return Err(Error::value("inputs").expected("one a row, in one shape").got(first));
            }
            if let Some(float) = inputs.iter().find(|x| x.dtype().is_float()) {
                return Err(Error::type_("inputs").expected("whole numbers or text").got(float.dtype()));
            }
            let mut dims = first.dims().to_vec();
            if mode == OutputMode::OneHot {
                if dims.len() == 2 {
                    dims.pop();
                }
                dims.push(Dim::new(self.num_bins));
            }
            Ok(cx.promised(dtype(mode, &cx.policy()), dims))
        })]
    }

    fn host(&self) -> Option<&dyn Host> {
        Some(self)
    }

    fn autocasts(&self) -> bool {
        false
    }

    fn written(&self, config: &mut Config) {
        config.remove("trainable");
        integers(config);
    }
}

impl Host for HashedCrossing {
    fn run(&self, inputs: &[Value]) -> Result<Value> {
        let mode = self.mode()?;
        let columns = inputs
            .iter()
            .map(|x| match x.dtype() {
                DType::U8 => {
                    let (shape, texts) = texts(x)?;
                    Ok((shape, texts.into_iter().map(fingerprint).collect::<Vec<u64>>()))
                }
                _ => Ok((x.shape().to_vec(), x.to_i64().into_iter().map(|n| n as u64).collect())),
            })
            .collect::<Result<Vec<_>>>()?;
        let shape = columns.first().map(|(s, _)| s.clone()).unwrap_or_default();
        let rows = columns.iter().map(|(_, c)| c.len()).min().unwrap_or(0);
        let crossed = |row: usize| {
            let all = columns.iter().map(|(_, c)| c[row]);
            (all.fold(FIRST, fingerprints_joined) % self.num_bins as u64) as i64
        };
        let numbers = Value::new(shape, (0..rows).map(crossed).collect::<Vec<i64>>())?;
        mode.encode(&Tensor::new(numbers), self.num_bins, DType::I64, None)?.to_value()
    }
}
