//! `reduce_window`: a window slides over a tensor and puts together what it sees.

use super::select_window::{SelectAndScatter, check_places};
use super::wide::{Wide, with_wide};
use super::window::{Seen, Sliding, Windows};
use super::{Pad, Primitive, Reduce, Reduction, Slice, exactly};
use crate::error::Result;
use crate::graph::TensorType;
use crate::graph::autodiff::Vjp;
use crate::op_struct;
use crate::shape::{Dim, Shape};
use crate::tensor::Tensor;
use crate::value::{Value, strides};

op_struct! {
    /// `result[p] = put together over k: input[p · stride + k · window_dilation - low]`, where the input's elements
    /// stand `base_dilation` apart and places without element count for nothing. One number for every axis.
    pub struct ReduceWindow = "reduce_window" {
        /// How.
        kind: Reduction,
        /// The size of the window.
        window_dimensions: Vec<usize>,
        /// How far it moves.
        window_strides: Vec<usize>,
        /// Places before and after; negative cuts off.
        padding: Vec<(isize, isize)>,
        /// How far apart the input's elements stand.
        base_dilations: Vec<usize>,
        /// How far apart the places of the window stand.
        window_dilations: Vec<usize>,
    }
}

impl ReduceWindow {
    /// A window of the given size with strides of 1, no padding, no dilation.
    pub fn new(kind: Reduction, window: &[usize]) -> ReduceWindow {
        let n = window.len();
        ReduceWindow {
            kind,
            window_dimensions: window.to_vec(),
            window_strides: vec![1; n],
            padding: vec![(0, 0); n],
            base_dilations: vec![1; n],
            window_dilations: vec![1; n],
        }
    }

    fn windows(&self) -> Windows<'_> {
        Windows {
            strides: &self.window_strides,
            padding: &self.padding,
            base_dilation: &self.base_dilations,
            window_dilation: &self.window_dilations,
        }
    }

    fn result(&self, x: &Shape) -> Result<Shape> {
        let axis =
            |(a, d): (usize, &Dim)| self.windows().positions(a, *d, Dim::new(self.window_dimensions[a]));
        x.dims().iter().enumerate().map(axis).collect::<Result<Vec<Dim>>>().map(Shape::from)
    }

    fn dilated(&self) -> bool {
        self.base_dilations.iter().chain(&self.window_dilations).any(|d| *d != 1)
    }
}

/// How many last axes a window leaves as they are, and the number of elements along them: they run side by side.
pub(super) fn untouched(windows: &Windows, window: &[usize], shape: &[usize]) -> (usize, usize) {
    let still = |a: &usize| {
        let dilations = windows.base_dilation[*a].max(windows.window_dilation[*a]);
        window[*a] == 1 && windows.strides[*a] == 1 && windows.padding[*a] == (0, 0) && dilations == 1
    };
    let first = (0..window.len()).rev().take_while(still).last().unwrap_or(window.len());
    (first, shape[first..].iter().product())
}

impl Primitive for ReduceWindow {
    fn infer(&self, inputs: &[&TensorType]) -> Result<Vec<TensorType>> {
        let [x] = exactly(inputs)?;
        self.kind.check(x.dtype)?;
        self.windows().check(x.shape.rank())?;
        check_places(&self.window_dimensions, x.shape.rank())?;
        Ok(vec![x.with_shape(self.result(&x.shape)?)])
    }

    fn eval(&self, inputs: &[&Value]) -> Result<Vec<Value>> {
        let [x] = exactly(inputs)?;
        let shape = self.result(&x.shape().into())?.concrete()?;
        let (moving, inner) = untouched(&self.windows(), &self.window_dimensions, x.shape());
        let sliding = |a: usize| self.windows().along(a, x.shape()[a], self.window_dimensions[a]);
        let axes: Vec<(Sliding, usize)> = (0..moving).map(|a| (sliding(a), shape[a])).collect();
        let seen = Seen::new(&axes, &vec![0; moving], &strides(x.shape()), &vec![false; moving]);
        Ok(vec![with_wide!(x.dtype(), T, W => {
            let (v, mut places) = (x.as_slice::<T>()?, Vec::new());
            let mut out: Vec<T> = Vec::with_capacity(shape.iter().product());
            let mut sums = vec![W::ZERO; inner];
            for position in 0..seen.positions.iter().product() {
                sums.fill(W::identity(self.kind, x.dtype()));
                seen.at(position, &mut places);
                for (_, at) in &places {
                    let run = &v[*at..*at + inner];
                    sums.iter_mut().zip(run).for_each(|(s, x)| *s = W::combine(self.kind, *s, W::of(*x)));
                }
                out.extend(sums.iter().map(|s| s.narrow::<T>()));
            }
            Value::new(shape, out)?
        })])
    }

    fn vjp(&self, cx: &Vjp) -> Vec<Option<Tensor>> {
        let (x, ct) = (cx.x(0), cx.ct());
        vec![match self.kind {
            Reduction::Sum => Some(self.sum_gradient(x, &ct)),
            Reduction::Max | Reduction::Min if !self.dilated() => Some(x.select_and_scatter(
                &ct,
                SelectAndScatter {
                    kind: self.kind,
                    window_dimensions: self.window_dimensions.clone(),
                    window_strides: self.window_strides.clone(),
                    padding: self.padding.clone(),
                },
            )),
            Reduction::Product | Reduction::Max | Reduction::Min => Some(
                self.place_by_place(x).map_or_else(Tensor::failed, |p| p.gradient(self.kind, cx.y(), &ct)),
            ),
            Reduction::And | Reduction::Or => None,
        }]
    }
}

/// The elements seen by each place of the window, stacked along a new first axis, with the way back.
struct Places {
    padded: Pad,
    slices: Vec<Slice>,
    x: Tensor,
    inside: Tensor,
    stacked: Tensor,
}

impl ReduceWindow {
    /// Every element gives to the windows that saw it, so it gets the sum of their gradients.
    fn sum_gradient(&self, x: &Tensor, ct: &Tensor) -> Tensor {
        let shape = x.shape();
        let padding = |a: usize| {
            let input = shape.dims()[a].known()?;
            self.windows().along(a, input, self.window_dimensions[a]).input_gradient_padding()
        };
        let back = ReduceWindow {
            window_strides: self.base_dilations.clone(),
            base_dilations: self.window_strides.clone(),
            padding: (0..shape.rank()).map(|a| padding(a).unwrap_or((0, 0))).collect(),
            ..self.clone()
        };
        ct.reduce_window(back)
    }

    fn place_by_place(&self, x: &Tensor) -> Result<Places> {
        let rank = x.rank();
        let nothing = self.kind.identity(x.dtype());
        let padded = Pad {
            low: self.padding.iter().map(|p| p.0).collect(),
            high: self.padding.iter().map(|p| p.1).collect(),
            interior: self.base_dilations.iter().map(|d| d - 1).collect(),
        };
        let inside = x.pad_with(padded.clone(), nothing);
        let positions = self.result(&x.shape())?;
        let slice = |place: usize| {
            let mut rest = place;
            let mut start = vec![0; rank];
            for a in (0..rank).rev() {
                start[a] = rest % self.window_dimensions[a] * self.window_dilations[a];
                rest /= self.window_dimensions[a];
            }
            // One past the last position, from which none is left out.
            let last = |a: usize| {
                positions.dims()[a]
                    .map(|p| if p == 0 { start[a] } else { start[a] + (p - 1) * self.window_strides[a] + 1 })
            };
            Slice { limit: (0..rank).map(last).collect(), start, stride: self.window_strides.clone() }
        };
        let slices: Vec<Slice> = (0..self.window_dimensions.iter().product()).map(slice).collect();
        let parts: Vec<Tensor> =
            slices.iter().map(|s| Tensor::apply(s.clone(), &[&inside]).expand_dims(0)).collect();
        let stacked = Tensor::concatenate(&parts.iter().collect::<Vec<_>>(), 0);
        stacked.check()?;
        Ok(Places { padded, slices, x: x.clone(), inside, stacked })
    }
}

impl Places {
    /// Back through the reduction of the stacked places, the slices, and the padding.
    fn gradient(&self, kind: Reduction, y: &Tensor, ct: &Tensor) -> Tensor {
        let pull = |op: &dyn Primitive, x: &[Tensor], y: &Tensor, ct: Tensor| {
            let vjp = Vjp {
                inputs: x,
                outputs: std::slice::from_ref(y),
                cotangents: &[Some(ct)],
                wanted: &[true, false],
            };
            op.vjp(&vjp).into_iter().next().flatten().unwrap_or_else(|| x[0].filled(0.0))
        };
        let reduce = Reduce { kind, axes: vec![0] };
        let stacked = pull(&reduce, std::slice::from_ref(&self.stacked), y, ct.clone());
        let inside = std::slice::from_ref(&self.inside);
        let parts = self.slices.iter().enumerate().map(|(i, slice)| {
            let part = stacked.slice_axis(0, i, i + 1).squeeze(0);
            pull(slice, inside, y, part)
        });
        let sum = parts.reduce(|a, b| a + b).unwrap_or_else(|| self.inside.filled(0.0));
        let number = Tensor::constant(self.x.dtype(), 0.0);
        pull(&self.padded, &[self.x.clone(), number], &self.inside, sum)
    }
}

impl Tensor {
    /// A window slides over this tensor and puts together what it sees; see [`ReduceWindow`].
    ///
    /// ```
    /// use addax_core::{Tensor, Value, ops::{ReduceWindow, Reduction}};
    /// let x = Tensor::from(Value::from(vec![1i32, 5, 2, 3]));
    /// let y = x.reduce_window(ReduceWindow::new(Reduction::Max, &[2])).to_value().unwrap();
    /// assert_eq!(y, Value::from(vec![5i32, 5, 3]));
    /// ```
    pub fn reduce_window(&self, window: ReduceWindow) -> Tensor {
        Tensor::apply(window, &[self])
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::graph::parse;
    use crate::testing::check_gradient;
    use proptest::prelude::*;

    fn odd(kind: Reduction) -> ReduceWindow {
        ReduceWindow {
            window_strides: vec![1, 2, 1],
            padding: vec![(0, 0), (1, 2), (-1, 0)],
            ..ReduceWindow::new(kind, &[1, 3, 2])
        }
    }

    #[test]
    fn gradients_match_finite_differences() {
        for kind in [Reduction::Sum, Reduction::Max, Reduction::Min, Reduction::Product] {
            let check = |name: &str, w: ReduceWindow| {
                check_gradient(
                    &format!("{name} {}", kind.word()),
                    |x| x[0].reduce_window(w.clone()),
                    &[(&[2, 5, 4], (0.5, 2.0))],
                );
            };
            check("odd", odd(kind));
            check(
                "dilated",
                ReduceWindow { window_dilations: vec![1, 2, 1], base_dilations: vec![1, 1, 2], ..odd(kind) },
            );
            check("leading", ReduceWindow::new(kind, &[2, 2, 1]));
        }
    }

    #[test]
    fn text_reads_back() {
        let text = "%0: f32[?,8] = parameter() {index=0; name=x}\n\
            %1: f32[?,4] = reduce_window(%0) {kind=maximum; window_dimensions=[1,3]; window_strides=[1,2]; \
            padding=[[0,0],[0,1]]; base_dilations=[1,1]; window_dilations=[1,1]}\nreturn %1\n";
        assert_eq!(parse(text).unwrap().to_string(), text);
    }

    #[test]
    fn says_what_it_wanted() {
        let x = Tensor::full(crate::DType::F32, [2, 8], 0.0);
        let says = |w: ReduceWindow| x.reduce_window(w).to_value().unwrap_err().to_string();
        let w = ReduceWindow::new(Reduction::Sum, &[3]);
        assert_eq!(
            says(w),
            "reduce_window > window: expected strides, padding and dilations for 2 axes, got [1, 1, 1, 1]"
        );
        let w = ReduceWindow::new(Reduction::Sum, &[1, 0]);
        assert_eq!(says(w), "reduce_window > window: expected 2 sizes of at least 1, got [1, 0]");
    }

    proptest! {
        /// The definition, one position at a time.
        #[test]
        fn agrees_with_the_definition(
            (length, size, stride) in (1usize..8, 1usize..4, 1usize..4),
            (low, high, base, dilation) in (-2isize..4, -2isize..4, 1usize..4, 1usize..4),
            kind in prop::sample::select(vec![Reduction::Sum, Reduction::Product, Reduction::Max, Reduction::Min]),
        ) {
            let w = ReduceWindow {
                window_strides: vec![stride], padding: vec![(low, high)], base_dilations: vec![base],
                window_dilations: vec![dilation], ..ReduceWindow::new(kind, &[size])
            };
            let x: Vec<i64> = (0..length as i64).map(|i| i * 7 % 5 - 2).collect();
            let y = Tensor::from(Value::from(x.clone())).reduce_window(w).to_value().unwrap().to_i64();
            let room = ((length - 1) * base + 1) as isize + low + high - ((size - 1) * dilation + 1) as isize;
            prop_assert_eq!(y.len(), if room < 0 { 0 } else { room as usize / stride + 1 });
            for (p, y) in y.iter().enumerate() {
                let places = (0..size).map(|k| (p * stride + k * dilation) as isize - low);
                let inside = places.filter(|i| *i >= 0 && i % base as isize == 0 && *i / (base as isize) < length as isize);
                let nothing = match kind { Reduction::Max => i64::MIN, Reduction::Min => i64::MAX, Reduction::Product => 1, _ => 0 };
                let want = inside.fold(nothing, |s, i| kind.combine_i64(s, x[i as usize / base]));
                prop_assert_eq!(*y, want);
            }
        }
    }
}
