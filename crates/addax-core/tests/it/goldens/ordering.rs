//! Sorting, cumulative ops, places of extremes.

use super::{Case, gradient, one};
use addax_core::Tensor;

fn pair((a, b): (Tensor, Tensor)) -> Vec<Tensor> {
    vec![a, b]
}

pub const CASES: &[Case] = &[
    ("cumsum", |x| one(x[0].cumsum(1))),
    ("cumprod", |x| one(x[0].cumprod(-1))),
    ("cumprod gradient", |x| gradient(|t| t.cumprod(1), x)),
    ("sort", |x| one(x[0].sort(1, false))),
    ("sort gradient", |x| gradient(|t| t.sort(1, false), x)),
    ("argsort", |x| one(x[0].argsort(1, false))),
    ("sort nan", |x| vec![x[0].sort(0, false), x[0].argsort(0, false)]),
    ("top_k", |x| pair(x[0].top_k(3))),
    ("top_k ties", |x| pair(x[0].top_k(4))),
    ("argmax", |x| vec![x[0].argmax(1), x[0].argmin(0)]),
    ("argmax nan", |x| vec![x[0].argmax(0), x[0].argmin(0)]),
    ("logaddexp", |x| one(x[0].logaddexp(&x[1]))),
];
