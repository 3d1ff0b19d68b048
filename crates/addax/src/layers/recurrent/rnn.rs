//! RNN: the layer that runs any cell, and cells put one on another.

use super::cell::{Cell, Loop, Prepared, call_once, one_step};
use crate::class::snake_case;
use crate::layer;
use crate::layers::{Layer, LayerRef};
use crate::scope::Scope;
use addax_core::{Error, Result, Shape, Tensor};

layer! {
    /// Runs a cell over the steps of `[batch, steps, …]`.
    pub struct RNN (
        /// The cell: LSTMCell, GRUCell, SimpleRNNCell, or several by StackedRNNCells. A list of cells is stacked.
        cell: LayerRef,
    ) {
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
    }
}

impl Layer for RNN {
    fn call_many(&self, cx: &mut Scope, inputs: &[Tensor]) -> Vec<Tensor> {
        let run = Loop {
            return_sequences: self.return_sequences,
            return_state: self.return_state,
            go_backwards: self.go_backwards,
            stateful: self.stateful,
            zero_output_for_mask: self.zero_output_for_mask,
            activity_regularizer: &None,
        };
        match cx.child("cell", || self.cell.clone()) {
            Ok(cell) => run.run(cx, &cell, inputs),
            Err(e) => vec![Tensor::failed(e)],
        }
    }

    fn signature(&self) -> &'static [&'static str] {
        &["sequences", "initial_state", "mask", "training"]
    }

    fn supports_masking(&self) -> bool {
        true
    }
}

layer! {
    /// Cells one on another: each takes the output of the one before; the states are those of all, in order.
    pub struct StackedRNNCells (
        /// The cells, the first next to the input.
        cells: Vec<LayerRef>,
    ) {}
}

impl StackedRNNCells {
    /// The cells under the names by which Keras keeps them: the class in snake case, numbered.
    fn kept(&self, cx: &mut Scope) -> Result<Vec<LayerRef>> {
        let mut kept = Vec::new();
        for (i, cell) in self.cells.iter().enumerate() {
            let class = cell.layer().class_name();
            let before = self.cells[..i].iter().filter(|c| c.layer().class_name() == class).count();
            let number = if before == 0 { String::new() } else { format!("_{before}") };
            kept.push(cx.child(&format!("cells/{}{number}", snake_case(class)), || cell.clone())?);
        }
        Ok(kept)
    }

    fn cell_of(layer: &LayerRef) -> Result<&dyn Cell> {
        layer.layer().cell().ok_or_else(|| Error::value(layer.title()).expected("a recurrent cell"))
    }

    /// How many states each cell has, and all their shapes.
    fn layout(&self, cx: &mut Scope, step: &Shape) -> Result<(Vec<usize>, Vec<Shape>)> {
        let (mut counts, mut all, mut input) = (Vec::new(), Vec::new(), step.clone());
        for layer in self.kept(cx)? {
            let cell = Self::cell_of(&layer)?;
            let shapes = cx.within(&layer, |cx| cell.states(cx, &input))?;
            input = shapes.get(cell.output_state()).cloned().unwrap_or(input);
            counts.push(shapes.len());
            all.extend(shapes);
        }
        Ok((counts, all))
    }
}

impl Cell for StackedRNNCells {
    fn states(&self, cx: &mut Scope, step: &Shape) -> Result<Vec<Shape>> {
        Ok(self.layout(cx, step)?.1)
    }

    /// Only the first cell sees the sequence; the others prepare each step as it comes.
    fn prepare(&self, cx: &mut Scope, xs: &Tensor) -> Result<Prepared> {
        let cells = self.kept(cx)?;
        let first =
            cells.first().ok_or_else(|| Error::value("cells").expected("at least one").got("none"))?;
        let cell = Self::cell_of(first)?;
        cx.within(first, |cx| cell.prepare(cx, xs))
    }

    fn step(&self, cx: &mut Scope, given: &Prepared, states: &[Tensor]) -> Result<(Tensor, Vec<Tensor>)> {
        let mut rest = states;
        let mut output: Option<Tensor> = None;
        let mut all = Vec::new();
        for layer in self.kept(cx)? {
            let cell = Self::cell_of(&layer)?;
            let (y, new) = cx.within(&layer, |cx| {
                let step = output.as_ref().map(|x| one_step(cell, cx, x)).transpose()?;
                let given = step.as_ref().unwrap_or(given);
                let like = output.as_ref().map_or_else(|| given.slices[0].shape(), Tensor::shape);
                let count = cell.states(cx, &like)?.len();
                let (own, after) = rest.split_at(count.min(rest.len()));
                rest = after;
                cell.step(cx, given, own)
            })?;
            output = Some(y);
            all.extend(new);
        }
        let output = output.ok_or_else(|| Error::value("cells").expected("at least one").got("none"))?;
        Ok((output, all))
    }

    fn output_state(&self) -> usize {
        // The first state of the last cell; all cells that Keras has keep their output first.
        let counts = self.cells.iter().map(|c| if c.layer().class_name().contains("LSTM") { 2 } else { 1 });
        let counts: Vec<usize> = counts.collect();
        counts.split_last().map_or(0, |(_, before)| before.iter().sum())
    }
}

impl Layer for StackedRNNCells {
    fn call_many(&self, cx: &mut Scope, inputs: &[Tensor]) -> Vec<Tensor> {
        call_once(self, cx, inputs)
    }

    fn signature(&self) -> &'static [&'static str] {
        &["inputs", "states"]
    }

    fn cell(&self) -> Option<&dyn Cell> {
        Some(self)
    }
}

#[cfg(test)]
mod tests {
    use crate::layers::{LSTM, LayerExt};
    use crate::models::{Input, input};
    use addax_core::{DType, TensorType};

    #[test]
    fn a_stateful_layer_must_know_its_batch_size() {
        let stateful = || LSTM::new(2usize).stateful(true);
        let e = stateful().on(&Input([3, 2]).unwrap()).unwrap_err().to_string();
        assert!(e.contains("stateful=True: expected a batch size that is known, got (None, 3, 2)"), "{e}");
        let fixed = input(TensorType::new(DType::F32, [4, 3, 2]), None);
        assert_eq!(stateful().on(&fixed).unwrap().shape().to_string(), "(4, 2)");
    }
}
