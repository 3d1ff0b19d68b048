//! From the losses of the samples to one number, with weights and masks.

use super::{Loss, same_rank};
use crate::class::Field;
use addax_core::{DType, Error, Result, Shape, Tensor};
use serde_json::Value as Json;

/// How the losses of the samples become one number.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Reduction {
    /// Their weighted sum divided by their number, whatever the weights.
    SumOverBatchSize,
    /// The same under its other name.
    Mean,
    /// Their weighted sum.
    Sum,
    /// Their weighted sum divided by the sum of the weights.
    MeanWithSampleWeight,
    /// They stay as they are.
    None,
    /// A name that Keras does not have; told when it is used.
    Unknown(String),
}

/// Keras's names.
const NAMES: &[(&str, Reduction)] = &[
    ("sum_over_batch_size", Reduction::SumOverBatchSize),
    ("mean", Reduction::Mean),
    ("sum", Reduction::Sum),
    ("mean_with_sample_weight", Reduction::MeanWithSampleWeight),
    ("none", Reduction::None),
];

impl Reduction {
    /// Whether it divides by the number of losses: then a mask divides by the number of those that count.
    fn by_count(&self) -> bool {
        matches!(self, Reduction::SumOverBatchSize | Reduction::Mean)
    }

    /// An error if the name is not one of Keras's.
    pub fn check(&self) -> Result<()> {
        match self {
            Reduction::Unknown(name) => Err(Error::unknown("reduction", name, NAMES.iter().map(|n| n.0))),
            _ => Ok(()),
        }
    }
}

impl From<&str> for Reduction {
    fn from(name: &str) -> Reduction {
        let known = NAMES.iter().find(|(n, _)| *n == name).map(|(_, r)| r.clone());
        known.unwrap_or_else(|| Reduction::Unknown(name.to_string()))
    }
}

impl Field for Reduction {
    fn to_json(&self) -> Json {
        let name = NAMES.iter().find(|(_, r)| r == self).map_or("", |(n, _)| n);
        Json::String(name.to_string())
    }

    fn from_json(json: &Json) -> Result<Self> {
        let reduction = match json {
            Json::Null => Reduction::None,
            Json::String(name) => Reduction::from(name.as_str()),
            other => return Err(Error::type_("reduction").expected("a name").got(other)),
        };
        reduction.check().map(|()| reduction)
    }
}

/// The loss of a batch: one number, or the losses themselves where nothing reduces them.
///
/// `weight` has one number per sample, or one per sample and step; `mask` says which samples (and steps) count.
pub fn reduced(
    loss: &dyn Loss,
    y_true: &Tensor,
    y_pred: &Tensor,
    weight: Option<&Tensor>,
    mask: Option<&Tensor>,
) -> Tensor {
    // Half precision is too coarse for a loss, double precision is kept.
    let wide = if y_pred.dtype() == DType::F64 { DType::F64 } else { DType::F32 };
    let (t, p) = same_rank(y_true, &y_pred.cast(loss.dtype().unwrap_or(wide)));
    let values = loss.per_sample(&t, &p);
    let counted = loss.counted(&t, &values);
    let mask = match (mask, counted) {
        (Some(a), Some(b)) => Some(a.and(&b)),
        (one, other) => one.cloned().or(other),
    };
    let reduction = loss.reduction();
    let masked = mask.map(|m| mask_weight(&m, &values, reduction.by_count()));
    let weight = match (weight.map(|w| w.cast(values.dtype())), masked) {
        (Some(w), Some(m)) => Some(spread(&w, &m.shape()) * m),
        (one, other) => one.or(other),
    };
    reduce(&values, weight.as_ref(), reduction)
}

/// A mask as weights: 0 and 1, or 0 and all ÷ valid, so that a mean over all becomes one over the valid.
pub fn mask_weight(mask: &Tensor, like: &Tensor, by_count: bool) -> Tensor {
    let mask = mask.cast(like.dtype());
    if !by_count {
        return mask;
    }
    let axes: Vec<usize> = (0..mask.rank()).collect();
    let valid = mask.sum(&axes);
    let share = mask.count(&axes) / valid.max_scalar(1.0);
    mask * share
}

fn reduce(values: &Tensor, weight: Option<&Tensor>, reduction: &Reduction) -> Tensor {
    let weighted = match weight {
        Some(w) => values * spread(w, &values.shape()),
        None => values.clone(),
    };
    match reduction {
        Reduction::None => weighted,
        Reduction::Sum => weighted.sum_all(),
        Reduction::SumOverBatchSize | Reduction::Mean => weighted.mean_all(),
        Reduction::MeanWithSampleWeight => match weight {
            Some(w) => {
                let total = w.sum_all();
                // No weight at all gives no loss rather than NaN.
                let zero = total.equal(&total.filled(0.0));
                zero.select(&total, &(weighted.sum_all() / zero.select(&total.filled(1.0), &total)))
            }
            None => weighted.mean_all(),
        },
        Reduction::Unknown(_) => {
            Tensor::failed(reduction.check().err().unwrap_or_else(|| Error::value("reduction")))
        }
    }
}

/// Weights given for the first axes, for all elements of a shape; a last axis of 1 too many is taken off.
pub fn spread(weight: &Tensor, shape: &Shape) -> Tensor {
    let mut w = weight.clone();
    while w.rank() > shape.rank() && w.dim(-1) == 1usize {
        w = w.squeeze(-1);
    }
    // A loss without axes is weighted by every weight.
    if shape.rank() == 0 || w.shape() == *shape {
        return w;
    }
    while w.rank() < shape.rank() {
        w = w.expand_dims(-1);
    }
    w.broadcast_to(shape)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::losses::{LossHandle, MeanSquaredError, SparseCategoricalCrossentropy};
    use addax_core::Value;

    fn number(t: Tensor) -> f64 {
        t.to_value().unwrap().item().unwrap()
    }

    fn column(values: &[f32]) -> Tensor {
        Tensor::from(Value::new([values.len(), 1], values.to_vec()).unwrap())
    }

    #[test]
    fn weights_do_not_change_the_divisor() {
        let (t, p, w) =
            (column(&[0.0, 0.0]), column(&[1.0, 2.0]), Tensor::from(Value::from(vec![1f32, 0.5])));
        let of = |reduction: &str| {
            number(reduced(&MeanSquaredError::new().reduction(reduction), &t, &p, Some(&w), None))
        };
        assert_eq!((of("mean"), of("sum"), of("mean_with_sample_weight")), (1.5, 3.0, 2.0));
        let each = reduced(&MeanSquaredError::new().reduction("none"), &t, &p, Some(&w), None);
        assert_eq!(each.to_value().unwrap(), Value::from(vec![1f32, 2.0]));
    }

    #[test]
    fn a_mask_divides_by_those_that_count() {
        let (t, p) = (column(&[0.0, 0.0, 0.0]), column(&[1.0, 2.0, 100.0]));
        let mask = Tensor::from(Value::from(vec![true, true, false]));
        let mse = LossHandle::from("mse");
        assert_eq!(number(reduced(&**mse.get().unwrap(), &t, &p, None, Some(&mask))), 2.5);
        let sum = MeanSquaredError::new().reduction("sum");
        assert_eq!(number(reduced(&sum, &t, &p, None, Some(&mask))), 5.0);
    }

    #[test]
    fn an_ignored_class_is_left_out_of_the_mean() {
        let t = Tensor::from(Value::from(vec![0i32, -1]));
        let p = Tensor::from(Value::new([2, 2], vec![0.5f32, 0.5, 0.9, 0.1]).unwrap());
        let loss = SparseCategoricalCrossentropy::new().ignore_class(Some(-1));
        assert!((number(reduced(&loss, &t, &p, None, None)) - 2f64.ln()).abs() < 1e-6);
    }

    #[test]
    fn unknown_reductions_are_told() {
        let e =
            reduced(&MeanSquaredError::new().reduction("avg"), &column(&[0.0]), &column(&[0.0]), None, None);
        let e = e.to_value().unwrap_err().to_string();
        assert!(e.starts_with("unknown reduction \"avg\""), "{e}");
    }
}
