//! Whole numbers as rows of a given width: how lookups, bins and categories come out.

use crate::class::Words;
use addax_core::{DType, Error, Result, Tensor};

/// What whole numbers become.
#[derive(Clone, Copy, Debug, PartialEq)]
pub enum OutputMode {
    /// The numbers themselves.
    Int,
    /// A row for each number, 1 at its place.
    OneHot,
    /// A row for all numbers of a sample, 1 at their places.
    MultiHot,
    /// A row for all numbers of a sample: how often each is there.
    Count,
    /// As `count`, rare ones weighing more.
    TfIdf,
}

impl Words for OutputMode {
    const WHAT: &'static str = "output_mode";

    fn all() -> &'static [OutputMode] {
        use OutputMode::*;
        &[Int, OneHot, MultiHot, Count, TfIdf]
    }

    fn word(self) -> &'static str {
        match self {
            OutputMode::Int => "int",
            OutputMode::OneHot => "one_hot",
            OutputMode::MultiHot => "multi_hot",
            OutputMode::Count => "count",
            OutputMode::TfIdf => "tf_idf",
        }
    }
}

impl OutputMode {
    /// Refuses what a layer has not.
    pub(super) fn among(self, known: &[OutputMode]) -> Result<OutputMode> {
        match known.contains(&self) {
            true => Ok(self),
            false => Err(Error::unknown(Self::WHAT, self.word(), known.iter().map(|m| m.word()))),
        }
    }

    /// Numbers in this form; those outside `0..depth` are nowhere.
    pub(super) fn encode(
        self,
        numbers: &Tensor,
        depth: usize,
        dtype: DType,
        weights: Option<&Tensor>,
    ) -> Result<Tensor> {
        if depth.saturating_mul(numbers.shape().size().unwrap_or(1)) > MOST {
            return Err(Error::value("depth").expected(format_args!("at most {MOST} numbers")).got(depth));
        }
        let x = if numbers.check()?.rank() == 0 { numbers.expand_dims(0) } else { numbers.clone() };
        let along = [if x.rank() > 1 { 1 } else { 0 }];
        Ok(match self {
            OutputMode::Int => numbers.cast(dtype),
            OutputMode::OneHot => {
                let single = x.rank() > 1 && x.dim(-1) == 1usize;
                let x = if single { x.squeeze(-1) } else { x };
                x.one_hot(depth, -1, dtype)
            }
            OutputMode::MultiHot => whole(&x).one_hot(depth, -1, dtype).max(&along),
            OutputMode::Count | OutputMode::TfIdf => {
                let dtype = weights.map_or(dtype, Tensor::dtype);
                let rows = x.one_hot(depth, -1, dtype);
                let rows = weights.map_or(rows.clone(), |w| rows * w.expand_dims(-1));
                rows.sum(&along)
            }
        })
    }
}

/// More numbers than this come from a mistake, not from data.
const MOST: usize = 1 << 31;

fn whole(x: &Tensor) -> Tensor {
    if x.dtype().is_int() { x.clone() } else { x.cast(DType::I32) }
}
