//! Picking and placing by index.

use super::{Case, one};
use addax_core::ops::{Reduction, ScatterKind};
use addax_core::{DType, GradientTape, Tensor};

fn update(kind: ScatterKind, x: &[Tensor]) -> Vec<Tensor> {
    one(x[0].scatter_at(kind, &x[1], &x[2]))
}

fn segment(kind: Reduction, x: &[Tensor]) -> Vec<Tensor> {
    one(x[0].segment_reduce(kind, &x[1], 4))
}

pub const CASES: &[Case] = &[
    ("take", |x| one(x[0].take(&x[1], 1))),
    ("take outside", |x| one(x[0].take(&x[1], -1))),
    ("take outside gradient", |x| {
        let tape = GradientTape::new();
        tape.watch(&x[0]);
        let y = x[0].take(&x[1], -1) * &x[2];
        let sum = y.is_nan().select(&y.filled(0.0), &y).sum_all();
        one(tape.gradient(&sum, &[&x[0]]).unwrap().remove(0).unwrap())
    }),
    ("take_along_axis", |x| one(x[0].take_along_axis(&x[1], 1))),
    ("one_hot", |x| one(x[0].one_hot(4, 1, DType::F32))),
    ("scatter", |x| one(Tensor::full(DType::F32, [3, 2], 0.0).scatter_at(ScatterKind::Add, &x[0], &x[1]))),
    ("scatter_update None", |x| update(ScatterKind::Replace, x)),
    ("scatter_update add", |x| update(ScatterKind::Add, x)),
    ("scatter_update max", |x| update(ScatterKind::Max, x)),
    ("scatter_update min", |x| update(ScatterKind::Min, x)),
    ("scatter_update mul", |x| update(ScatterKind::Multiply, x)),
    ("segment_sum", |x| segment(Reduction::Sum, x)),
    ("segment_max", |x| segment(Reduction::Max, x)),
    ("segment_min", |x| segment(Reduction::Min, x)),
    ("segment_prod", |x| segment(Reduction::Product, x)),
];
