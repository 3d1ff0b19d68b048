//! `select_and_scatter` and `select_and_gather`: each window picks its largest (or smallest) element, the first among
//! equals; one adds a number there, the other takes the number that another tensor has there. They are each other's
//! gradients, and the first is that of pooling by extremes.

use super::reduce_window::untouched;
use super::wide::{Wide, with_wide};
use super::window::{Seen, Sliding, Windows};
use super::{Primitive, Reduction, exactly, same_dtype};
use crate::error::{Error, Result};
use crate::graph::TensorType;
use crate::graph::autodiff::Vjp;
use crate::shape::{Dim, Shape};
use crate::tensor::Tensor;
use crate::value::{Value, strides};
use crate::{op_struct, with_element};

op_struct! {
    /// Zeros of the shape of the first input, to which each window's number (second input) is added where the window
    /// picked. One size, stride and padding for every axis.
    pub struct SelectAndScatter = "select_and_scatter" {
        /// What is picked: the largest or the smallest.
        kind: Reduction,
        /// The size of the window.
        window_dimensions: Vec<usize>,
        /// How far it moves.
        window_strides: Vec<usize>,
        /// Places before and after; negative cuts off.
        padding: Vec<(isize, isize)>,
    }
}

op_struct! {
    /// For each window over the first input, the number of the second where the window picked; 0 for a window that
    /// sees nothing. One size, stride and padding for every axis.
    pub struct SelectAndGather = "select_and_gather" {
        /// What is picked: the largest or the smallest.
        kind: Reduction,
        /// The size of the window.
        window_dimensions: Vec<usize>,
        /// How far it moves.
        window_strides: Vec<usize>,
        /// Places before and after; negative cuts off.
        padding: Vec<(isize, isize)>,
    }
}

/// Checks that a window has a size of at least 1 for every axis.
pub(super) fn check_places(window: &[usize], rank: usize) -> Result<()> {
    if window.len() == rank && !window.contains(&0) {
        return Ok(());
    }
    let error = Error::value("window").expected(format_args!("{rank} sizes of at least 1"));
    Err(error.got(format_args!("{window:?}")))
}

impl SelectAndScatter {
    fn ones(&self) -> Vec<usize> {
        vec![1; self.window_dimensions.len()]
    }

    fn twin(&self) -> SelectAndGather {
        SelectAndGather {
            kind: self.kind,
            window_dimensions: self.window_dimensions.clone(),
            window_strides: self.window_strides.clone(),
            padding: self.padding.clone(),
        }
    }

    /// The shape that has one element for each window over `x`.
    fn positions(&self, x: &TensorType) -> Result<Shape> {
        if !matches!(self.kind, Reduction::Max | Reduction::Min) {
            return Err(Error::value("kind").expected("maximum or minimum").got(self.kind.word()));
        }
        let ones = self.ones();
        let windows = Windows {
            strides: &self.window_strides,
            padding: &self.padding,
            base_dilation: &ones,
            window_dilation: &ones,
        };
        windows.check(x.shape.rank())?;
        check_places(&self.window_dimensions, x.shape.rank())?;
        let axis = |(a, d): (usize, &Dim)| windows.positions(a, *d, Dim::new(self.window_dimensions[a]));
        x.shape.dims().iter().enumerate().map(axis).collect::<Result<Vec<Dim>>>().map(Shape::from)
    }

    /// For each window over `x`, the offset of what it picks; `None` if it sees nothing.
    fn picks(&self, x: &Value) -> Result<Vec<Option<usize>>> {
        let shape = self.positions(&TensorType::new(x.dtype(), x.shape()))?.concrete()?;
        let ones = self.ones();
        let windows = Windows {
            strides: &self.window_strides,
            padding: &self.padding,
            base_dilation: &ones,
            window_dilation: &ones,
        };
        let (moving, inner) = untouched(&windows, &self.window_dimensions, x.shape());
        let sliding = |a: usize| windows.along(a, x.shape()[a], self.window_dimensions[a]);
        let axes: Vec<(Sliding, usize)> = (0..moving).map(|a| (sliding(a), shape[a])).collect();
        let seen = Seen::new(&axes, &vec![0; moving], &strides(x.shape()), &vec![false; moving]);
        with_wide!(x.dtype(), T, W => {
            let (v, mut places) = (x.as_slice::<T>()?, Vec::new());
            let mut out = Vec::with_capacity(shape.iter().product());
            for position in 0..seen.positions.iter().product() {
                seen.at(position, &mut places);
                let better = |best: usize, at: usize| {
                    if W::beats(self.kind, W::of(v[at]), W::of(v[best])) { at } else { best }
                };
                for i in 0..inner {
                    let offsets = places.iter().map(|(_, at)| at + i);
                    out.push(offsets.reduce(better));
                }
            }
            Ok(out)
        })
    }
}

impl Primitive for SelectAndScatter {
    fn infer(&self, inputs: &[&TensorType]) -> Result<Vec<TensorType>> {
        let [x, source] = exactly(inputs)?;
        same_dtype(x, source)?;
        let wanted = self.positions(x)?;
        if !wanted.fits(&source.shape) {
            return Err(Error::value("numbers to add").expected(wanted).got(&source.shape));
        }
        Ok(vec![x.clone()])
    }

    fn eval(&self, inputs: &[&Value]) -> Result<Vec<Value>> {
        let [x, source] = exactly(inputs)?;
        let picks = self.picks(x)?;
        Ok(vec![with_wide!(x.dtype(), T, W => {
            let mut sums = vec![W::ZERO; x.len()];
            for (pick, number) in picks.iter().zip(source.as_slice::<T>()?) {
                if let Some(at) = pick {
                    sums[*at] = W::combine(Reduction::Sum, sums[*at], W::of(*number));
                }
            }
            Value::new(x.shape(), sums.into_iter().map(|s| s.narrow::<T>()).collect())?
        })])
    }

    fn vjp(&self, cx: &Vjp) -> Vec<Option<Tensor>> {
        vec![None, cx.wanted[1].then(|| cx.x(0).select_and_gather(&cx.ct(), self.twin()))]
    }
}

impl SelectAndGather {
    fn twin(&self) -> SelectAndScatter {
        SelectAndScatter {
            kind: self.kind,
            window_dimensions: self.window_dimensions.clone(),
            window_strides: self.window_strides.clone(),
            padding: self.padding.clone(),
        }
    }
}

impl Primitive for SelectAndGather {
    fn infer(&self, inputs: &[&TensorType]) -> Result<Vec<TensorType>> {
        let [x, numbers] = exactly(inputs)?;
        same_dtype(x, numbers)?;
        super::compare::same_shape(x, numbers)?;
        Ok(vec![x.with_shape(self.twin().positions(x)?)])
    }

    fn eval(&self, inputs: &[&Value]) -> Result<Vec<Value>> {
        let [x, numbers] = exactly(inputs)?;
        let picks = self.twin().picks(x)?;
        let shape = self.twin().positions(&TensorType::new(x.dtype(), x.shape()))?.concrete()?;
        Ok(vec![with_element!(x.dtype(), T => {
            let v = numbers.as_slice::<T>()?;
            Value::new(shape, picks.iter().map(|p| p.map_or(T::default(), |at| v[at])).collect())?
        })])
    }

    fn vjp(&self, cx: &Vjp) -> Vec<Option<Tensor>> {
        vec![None, cx.wanted[1].then(|| cx.x(0).select_and_scatter(&cx.ct(), self.twin()))]
    }
}

impl Tensor {
    /// Adds each window's number where the window picked; see [`SelectAndScatter`].
    pub fn select_and_scatter(&self, numbers: &Tensor, window: SelectAndScatter) -> Tensor {
        Tensor::apply(window, &[self, numbers])
    }

    /// The numbers where windows over this tensor picked; see [`SelectAndGather`].
    pub fn select_and_gather(&self, numbers: &Tensor, window: SelectAndGather) -> Tensor {
        Tensor::apply(window, &[self, numbers])
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::testing::check_gradient;

    fn window() -> SelectAndScatter {
        SelectAndScatter {
            kind: Reduction::Max,
            window_dimensions: vec![1, 2],
            window_strides: vec![1, 1],
            padding: vec![(0, 0), (1, 0)],
        }
    }

    #[test]
    fn the_first_among_equals_is_picked() {
        let x = Tensor::from(Value::new([1, 4], vec![3f32, 3.0, 1.0, f32::NAN]).unwrap());
        let numbers = Tensor::from(Value::new([1, 4], vec![1f32, 10.0, 100.0, 1000.0]).unwrap());
        let y = x.select_and_scatter(&numbers, window()).to_value().unwrap();
        assert_eq!(y.to_f64(), [11.0, 100.0, 0.0, 1000.0]);
        let z = x.select_and_gather(&numbers, window().twin()).to_value().unwrap();
        assert_eq!(z.to_f64(), [1.0, 1.0, 10.0, 1000.0]);
    }

    #[test]
    fn gradients_match_finite_differences() {
        let d = (-1.0, 1.0);
        let scatter = |x: &[Tensor]| x[0].select_and_scatter(&x[1], window());
        check_gradient("select_and_scatter", scatter, &[(&[2, 5], d), (&[2, 5], d)]);
        let gather = |x: &[Tensor]| x[0].select_and_gather(&x[1], window().twin());
        check_gradient("select_and_gather", gather, &[(&[2, 5], d), (&[2, 5], d)]);
    }

    #[test]
    fn says_what_it_wanted() {
        let x = Tensor::full(crate::DType::F32, [2, 5], 0.0);
        let says = |t: Tensor| t.to_value().unwrap_err().to_string();
        let few = Tensor::full(crate::DType::F32, [2, 4], 0.0);
        assert_eq!(
            says(x.select_and_scatter(&few, window())),
            "select_and_scatter > numbers to add: expected (2, 5), got (2, 4)"
        );
        let sum = SelectAndScatter { kind: Reduction::Sum, ..window() };
        assert_eq!(
            says(x.select_and_scatter(&x, sum)),
            "select_and_scatter > kind: expected maximum or minimum, got add"
        );
    }
}
