//! What every recurrent layer is made of: a cell, and the loop that runs it over the steps of a sequence.

use crate::initializers::{Initialize, Initializer};
use crate::layers::{Layer, LayerRef};
use crate::regularizers::Regularizer;
use crate::scope::Scope;
use crate::{arguments::Argument, class};
use addax_core::rng::Rng;
use addax_core::{DType, Error, Result, Shape, Tensor};

/// One step of a recurrence.
pub trait Cell: Layer {
    /// The shapes of the states, batch first, for one step's input.
    fn states(&self, cx: &mut Scope, step: &Shape) -> Result<Vec<Shape>>;

    /// What can be done for all steps at once, `[steps, batch, …]`: projections of the input. Asks for all weights.
    fn prepare(&self, cx: &mut Scope, xs: &Tensor) -> Result<Prepared>;

    /// Output and new states from one step's slices.
    fn step(&self, cx: &mut Scope, given: &Prepared, states: &[Tensor]) -> Result<(Tensor, Vec<Tensor>)>;

    /// Which state is the last output.
    fn output_state(&self) -> usize {
        0
    }
}

/// What a cell works on beside its states.
#[derive(Clone, Debug, Default)]
pub struct Prepared {
    /// What differs from step to step: for all steps, or for the one at hand.
    pub slices: Vec<Tensor>,
    /// What is the same at every step: weights, masks of dropout.
    pub fixed: Vec<Tensor>,
}

/// A cell called as a layer of its own: `cell(x, states)`.
pub(super) fn call_once(cell: &dyn Cell, cx: &mut Scope, inputs: &[Tensor]) -> Vec<Tensor> {
    let mut run = || {
        let [x, states @ ..] = inputs else {
            return Err(Error::value("inputs").expected("an input and its states").got(inputs.len()));
        };
        let given: Vec<Tensor> = match cx.argument("states") {
            Some(argument) => argument.leaves().into_iter().map(|t| t.tensor.clone()).collect(),
            None => states.to_vec(),
        };
        let prepared = one_step(cell, cx, x)?;
        let (y, new) = cell.step(cx, &prepared, &given)?;
        Ok([&[y][..], &new].concat())
    };
    run().unwrap_or_else(|e| vec![Tensor::failed(e)])
}

/// Prepares a cell for a single step.
pub(super) fn one_step(cell: &dyn Cell, cx: &mut Scope, x: &Tensor) -> Result<Prepared> {
    let all = cell.prepare(cx, &x.expand_dims(0))?;
    Ok(Prepared { slices: all.slices.iter().map(|t| t.squeeze(0)).collect(), fixed: all.fixed })
}

/// How a recurrent layer runs its cell.
pub(super) struct Loop<'a> {
    pub return_sequences: bool,
    pub return_state: bool,
    pub go_backwards: bool,
    pub stateful: bool,
    pub zero_output_for_mask: bool,
    pub activity_regularizer: &'a Option<Regularizer>,
}

impl Loop<'_> {
    /// The outputs of a recurrent layer: the output, then the last states if they are asked for.
    pub fn run(&self, cx: &mut Scope, cell: &LayerRef, inputs: &[Tensor]) -> Vec<Tensor> {
        self.outputs(cx, cell, inputs).unwrap_or_else(|e| vec![Tensor::failed(e)])
    }

    fn outputs(&self, cx: &mut Scope, cell: &LayerRef, inputs: &[Tensor]) -> Result<Vec<Tensor>> {
        let x = inputs.first().ok_or_else(|| Error::value("inputs").expected("a sequence").got("none"))?;
        if x.check()?.rank() < 3 {
            let e = Error::value("input").expected("at least 3 axes (batch, steps, features)").got(x.shape());
            return Err(e.hint("A single feature needs an axis of its own."));
        }
        if self.stateful && x.dim(0).known().is_none() {
            let e = Error::value("stateful=True").expected("a batch size that is known").got(x.shape());
            return Err(e.hint("Give Input a batch_shape, or the states by initial_state."));
        }
        let given = states_of(cx, inputs);
        let mask = cx.mask(0).map(|m| m.cast(DType::Bool).transpose(&[1, 0]));
        if self.return_sequences {
            let kept = cx.mask(0);
            cx.set_mask(0, kept);
        } else {
            cx.set_mask(0, None);
        }
        let order: Vec<usize> = [1, 0].into_iter().chain(2..x.rank()).collect();
        let xs = x.transpose(&order);
        let found = cx.within(cell, |cx| self.steps(cx, cell, &xs, given, mask.as_ref()))?;
        let (mut y, states) = found;
        if self.return_sequences {
            let order: Vec<usize> = [1, 0].into_iter().chain(2..y.rank()).collect();
            y = y.transpose(&order);
        }
        cx.penalize(self.activity_regularizer, &y);
        let mut all = vec![y];
        if self.return_state {
            all.extend(states);
        }
        Ok(all)
    }

    /// Runs the cell over `[steps, batch, …]`; the output (all of them, first step first, if sequences are asked for)
    /// and the last states.
    fn steps(
        &self,
        cx: &mut Scope,
        layer: &LayerRef,
        xs: &Tensor,
        given: Vec<Tensor>,
        mask: Option<&Tensor>,
    ) -> Result<(Tensor, Vec<Tensor>)> {
        let cell =
            layer.layer().cell().ok_or_else(|| Error::value(layer.title()).expected("a recurrent cell"))?;
        let step = Shape::from(xs.shape().dims().get(1..).unwrap_or_default().to_vec());
        let shapes = cell.states(cx, &step)?;
        let dtype = layer.policy().compute;
        let states: Vec<Tensor> = match given.len() {
            0 => shapes.iter().map(|s| Tensor::full(dtype, s, 0.0)).collect(),
            n if n == shapes.len() => given.iter().map(|t| t.cast(dtype)).collect(),
            n => {
                return Err(Error::value("initial_state")
                    .expected(format_args!("{} tensors", shapes.len()))
                    .got(n));
            }
        };
        let prepared = cell.prepare(cx, xs)?;
        // With zeros for what is masked the last output is not a state.
        let stacked = self.return_sequences || (mask.is_some() && self.zero_output_for_mask);
        let sequences: Vec<&Tensor> = prepared.slices.iter().chain(mask).collect();
        let carried: Vec<&Tensor> = states.iter().collect();
        let width = prepared.slices.len();
        let (last, ys) = Tensor::scan(&carried, &sequences, None, self.go_backwards, |states, slices| {
            let given = Prepared { slices: slices[..width].to_vec(), fixed: prepared.fixed.clone() };
            let made = cell.step(cx, &given, states);
            let (y, new) = made.unwrap_or_else(|e| {
                let failed = Tensor::failed(e);
                (failed.clone(), vec![failed; states.len()])
            });
            let (y, new) = match slices.get(width) {
                Some(there) => self.masked(there, (&y, &new), states, cell.output_state()),
                None => (y, new),
            };
            (new, if stacked { vec![y] } else { vec![] })
        });
        last.iter().try_for_each(|t| t.check().map(|_| ()))?;
        let y = match ys.first() {
            Some(all) if self.return_sequences && self.go_backwards => all.reverse(&[0]),
            Some(all) if self.return_sequences => all.clone(),
            Some(all) => {
                let steps = all.dim(0).known().unwrap_or(1);
                let at = if self.go_backwards { 0 } else { steps.saturating_sub(1) };
                all.slice_axis(0, at, at + 1).squeeze(0)
            }
            None => last[cell.output_state()].clone(),
        };
        Ok((y, last))
    }

    /// A step that is not there leaves the states as they are; its output is the one before, or zeros.
    fn masked(
        &self,
        there: &Tensor,
        (y, new): (&Tensor, &[Tensor]),
        old: &[Tensor],
        output: usize,
    ) -> (Tensor, Vec<Tensor>) {
        let choose = |a: &Tensor, b: &Tensor| {
            let mut mask = there.clone();
            while mask.rank() < a.rank() {
                mask = mask.expand_dims(-1);
            }
            mask.broadcast_to(a.shape()).select(a, b)
        };
        let before = if self.zero_output_for_mask { y.filled(0.0) } else { old[output].clone() };
        (choose(y, &before), new.iter().zip(old).map(|(n, o)| choose(n, o)).collect())
    }
}

/// First states that a call gives: by name, by place, or behind the sequence in a list.
fn states_of(cx: &Scope, inputs: &[Tensor]) -> Vec<Tensor> {
    match cx.argument("initial_state") {
        Some(argument @ (Argument::Tensor(_) | Argument::List(_))) => {
            argument.leaves().into_iter().map(|t| t.tensor.clone()).collect()
        }
        _ => inputs.get(1..).unwrap_or_default().to_vec(),
    }
}

/// Masks of dropout for a tensor, one for each gate; none outside training. They are drawn once for all steps.
pub(super) fn drops(cx: &mut Scope, rate: f64, like: &Shape, gates: usize, dtype: DType) -> Vec<Tensor> {
    if !cx.training() || rate <= 0.0 || rate >= 1.0 {
        return Vec::new();
    }
    let scale = 1.0 / (1.0 - rate);
    (0..gates)
        .map(|_| {
            let keep = cx.uniform(like).ge(&Tensor::full(DType::F32, like, rate));
            keep.cast(dtype) * scale
        })
        .collect()
}

/// The parts of a tensor along its last axis.
pub(super) fn gates(z: &Tensor, count: usize) -> Vec<Tensor> {
    let last = z.rank().saturating_sub(1);
    let width = z.dim(-1).known().unwrap_or(0) / count.max(1);
    (0..count).map(|i| z.slice_axis(last, i * width, (i + 1) * width)).collect()
}

/// Products of an input with each gate's part of a kernel, each gate under its own mask, side by side; with no mask one
/// product serves all.
pub(super) fn by_gates(
    x: &Tensor,
    kernel: &Tensor,
    masks: &[Tensor],
    product: impl Fn(&Tensor, &Tensor) -> Tensor,
) -> Tensor {
    match masks {
        [] => product(x, kernel),
        [one] => product(&(x * one), kernel),
        many => {
            let parts: Vec<Tensor> =
                many.iter().zip(gates(kernel, many.len())).map(|(m, k)| product(&(x * m), &k)).collect();
            let last = parts.first().map_or(0, |p| p.rank().saturating_sub(1));
            Tensor::concatenate(&parts.iter().collect::<Vec<_>>(), last)
        }
    }
}

class! {
    /// The first bias of an LSTM: 1 for the forget gate, the second of four.
    pub struct UnitForgetBias: dyn Initialize in "keras.initializers" [] keeping [] (
        /// What the other gates begin with.
        rest: Initializer,
    ) {}
}

impl Initialize for UnitForgetBias {
    fn values(&self, shape: &[usize], rng: &mut Rng) -> Result<Vec<f64>> {
        let mut values = self.rest.get()?.values(shape, rng)?;
        let units = values.len() / 4;
        values[units..2 * units].fill(1.0);
        Ok(values)
    }
}

/// Declares a cell and the layer that runs it, from one list of arguments.
///
/// The cell computes by `impl Cell`; the layer is complete.
macro_rules! recurrent {
    (
        $(#[doc = $doc:literal])*
        $layer:ident runs $cell:ident named $cell_name:literal
        ($($(#[doc = $rdoc:literal])* $required:ident: $rty:ty),* $(,)?)
        { $($(#[doc = $odoc:literal])* $optional:ident: $oty:ty = $default:expr),* $(,)? }
    ) => {
        $crate::layer! {
            /// One step of the layer of the same name: called on an input and its states.
            pub struct $cell ($($(#[doc = $rdoc])* $required: $rty,)*) {
                $($(#[doc = $odoc])* $optional: $oty = $default,)*
            }
        }

        impl $crate::layers::Layer for $cell {
            fn call_many(&self, cx: &mut $crate::scope::Scope, inputs: &[addax_core::Tensor]) -> Vec<addax_core::Tensor> {
                $crate::layers::recurrent::cell::call_once(self, cx, inputs)
            }

            fn signature(&self) -> &'static [&'static str] {
                &["inputs", "states"]
            }

            fn cell(&self) -> Option<&dyn $crate::layers::recurrent::Cell> {
                Some(self)
            }
        }

        $crate::layer! {
            $(#[doc = $doc])*
            pub struct $layer ($($(#[doc = $rdoc])* $required: $rty,)*) {
                /// Whether the output of every step is given, not only that of the last.
                return_sequences: bool = false,
                /// Whether the last states are given too.
                return_state: bool = false,
                /// Whether the last step comes first.
                go_backwards: bool = false,
                /// Taken as Keras on JAX takes it: the batch size must be known, and every batch begins with states of
                /// zero; give `initial_state` to go on.
                stateful: bool = false,
                /// Whether Keras unrolls the loop; the numbers are the same.
                unroll: bool = false,
                /// Whether the output is zero where a step is masked, instead of the one before.
                zero_output_for_mask: bool = false,
                $($(#[doc = $odoc])* $optional: $oty = $default,)*
                /// Penalty on the output, per row.
                activity_regularizer: Option<$crate::regularizers::Regularizer> = None,
            }
        }

        impl $layer {
            /// The cell with this layer's arguments.
            fn own_cell(&self) -> $cell {
                $cell { $($required: self.$required.clone(),)* $($optional: self.$optional.clone(),)* }
            }
        }

        impl $crate::layers::Layer for $layer {
            fn call_many(&self, cx: &mut $crate::scope::Scope, inputs: &[addax_core::Tensor]) -> Vec<addax_core::Tensor> {
                let policy = cx.policy();
                let make = || $crate::layers::LayerRef::new(self.own_cell()).named($cell_name).with_policy(policy);
                let run = $crate::layers::recurrent::cell::Loop {
                    return_sequences: self.return_sequences,
                    return_state: self.return_state,
                    go_backwards: self.go_backwards,
                    stateful: self.stateful,
                    zero_output_for_mask: self.zero_output_for_mask,
                    activity_regularizer: &self.activity_regularizer,
                };
                match cx.child("cell", make) {
                    Ok(cell) => run.run(cx, &cell, inputs),
                    Err(e) => vec![addax_core::Tensor::failed(e)],
                }
            }

            fn signature(&self) -> &'static [&'static str] {
                &["sequences", "initial_state", "mask", "training"]
            }

            fn supports_masking(&self) -> bool {
                true
            }
        }
    };
}
pub(super) use recurrent;
