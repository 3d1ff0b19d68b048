//! Bidirectional (Schuster and Paliwal 1997): a recurrent layer over a sequence in both directions.

use crate::arguments::{Argument, Arguments};
use crate::class::Field;
use crate::layer;
use crate::layers::{Layer, LayerRef};
use crate::scope::{Scope, Traced};
use addax_core::{Error, Result, Tensor};
use serde_json::{Value as Json, json};

layer! {
    /// Runs a recurrent layer forwards and a copy of it backwards, and joins both outputs.
    pub struct Bidirectional (
        /// The layer: LSTM, GRU, SimpleRNN, RNN, ConvLSTM.
        layer: LayerRef,
    ) {
        /// How outputs are joined: `concat`, `sum`, `mul`, `ave`, or `None`: both are given.
        merge_mode: Option<String> = Some("concat".to_string()),
        /// The layer for the way back; made from `layer` unless given.
        backward_layer: Option<LayerRef> = None,
    }
}

/// What of a recurrent layer's config decides how both directions fit together.
struct Shape {
    sequences: bool,
    state: bool,
}

impl Bidirectional {
    /// A copy of a layer with some arguments changed and weights of its own.
    fn copy(layer: &LayerRef, name: &str, changes: &[(&str, Json)]) -> Result<LayerRef> {
        let mut json = Field::to_json(layer);
        let config = json.get_mut("config").and_then(Json::as_object_mut);
        let config = config.ok_or_else(|| Error::value(layer.title()).expected("a config"))?;
        config.insert("name".to_string(), json!(name));
        for (key, value) in changes {
            if config.contains_key(*key) {
                config.insert((*key).to_string(), value.clone());
            }
        }
        LayerRef::from_json(&json)
    }

    fn flag(layer: &LayerRef, key: &str) -> Result<bool> {
        let found = layer.layer().config().get(key).and_then(Json::as_bool);
        found.ok_or_else(|| Error::value(layer.title()).expected("a recurrent layer"))
    }

    /// Both layers, made at the first call. Masked steps give zeros where sequences are asked for, so that the two
    /// directions do not see each other's past.
    fn both(&self, cx: &mut Scope) -> Result<(LayerRef, LayerRef, Shape)> {
        let sequences = Self::flag(&self.layer, "return_sequences")?;
        let state = Self::flag(&self.layer, "return_state")?;
        let backwards = Self::flag(&self.layer, "go_backwards")?;
        let zeros = ("zero_output_for_mask", json!(sequences));
        let bare =
            |prefix: &str| self.layer.name().strip_prefix(prefix).unwrap_or(self.layer.name()).to_string();
        let name = format!("forward_{}", bare("forward_"));
        let forward = Self::copy(&self.layer, &name, std::slice::from_ref(&zeros))?;
        let backward = match &self.backward_layer {
            Some(given) => {
                if Self::flag(given, "go_backwards")? == backwards {
                    return Err(
                        Error::value("backward_layer").expected("go_backwards unlike the forward layer's")
                    );
                }
                Self::copy(given, given.name(), std::slice::from_ref(&zeros))?
            }
            None => {
                let name = format!("backward_{}", bare("backward_"));
                Self::copy(&self.layer, &name, &[zeros, ("go_backwards", json!(!backwards))])?
            }
        };
        let forward = cx.child("forward_layer", || forward)?;
        let backward = cx.child("backward_layer", || backward)?;
        Ok((forward, backward, Shape { sequences, state }))
    }

    fn join(&self, y: &Tensor, back: &Tensor) -> Result<Vec<Tensor>> {
        let last = y.rank().saturating_sub(1);
        Ok(match self.merge_mode.as_deref() {
            Some("concat") => vec![Tensor::concatenate(&[y, back], last)],
            Some("sum") => vec![y + back],
            Some("ave") => vec![(y + back) / 2.0],
            Some("mul") => vec![y * back],
            None => vec![y.clone(), back.clone()],
            Some(other) => return Err(Error::unknown("merge_mode", other, ["concat", "sum", "ave", "mul"])),
        })
    }

    fn outputs(&self, cx: &mut Scope, inputs: &[Tensor]) -> Result<Vec<Tensor>> {
        let x = inputs.first().ok_or_else(|| Error::value("inputs").expected("a sequence").got("none"))?;
        let (forward, backward, shape) = self.both(cx)?;
        let mask = cx.mask(0);
        let given: Vec<Tensor> = match cx.argument("initial_state") {
            Some(states) => states.leaves().into_iter().map(|t| t.tensor.clone()).collect(),
            None => inputs[1..].to_vec(),
        };
        let (first, second) = given.split_at(given.len() / 2);
        let mut run = |layer: &LayerRef, states: &[Tensor]| {
            let x = Traced { tensor: x.clone(), mask: mask.clone() };
            let mut arguments = Arguments::of(vec![x]);
            if !states.is_empty() {
                let list = states.iter().map(|t| Argument::Tensor(Traced::from(t.clone()))).collect();
                arguments = arguments.with("initial_state", Argument::List(list));
            }
            Ok::<_, Error>(cx.call_with(layer, arguments)?.into_iter().map(|t| t.tensor).collect::<Vec<_>>())
        };
        let mut y = run(&forward, first)?;
        let mut back = run(&backward, second)?;
        let (y, states) = (y.remove(0), y);
        let (mut last, more) = (back.remove(0), back);
        if shape.sequences {
            last = last.reverse(&[1]);
        }
        cx.set_mask(0, mask.clone().filter(|_| shape.sequences));
        let mut all = self.join(&y, &last)?;
        if self.merge_mode.is_none() {
            cx.set_mask(1, mask.filter(|_| shape.sequences));
        }
        if shape.state {
            all.extend(states.into_iter().chain(more));
        }
        Ok(all)
    }
}

impl Layer for Bidirectional {
    fn call_many(&self, cx: &mut Scope, inputs: &[Tensor]) -> Vec<Tensor> {
        self.outputs(cx, inputs).unwrap_or_else(|e| vec![Tensor::failed(e)])
    }

    fn signature(&self) -> &'static [&'static str] {
        &["sequences", "initial_state", "mask", "training"]
    }

    fn supports_masking(&self) -> bool {
        true
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::layers::check::check_layer;
    use crate::layers::{GRU, LSTM};
    use crate::policy::Policy;

    #[test]
    fn behaves_like_a_layer() {
        let double = || Policy::named("float64").unwrap();
        let lstm = LayerRef::new(LSTM::new(2usize).return_sequences(true)).with_policy(double());
        check_layer(Bidirectional::new(lstm), &[&[3, 2]]);
        let gru = LayerRef::new(GRU::new(2usize)).with_policy(double());
        check_layer(Bidirectional::new(gru).merge_mode(Some("sum".to_string())), &[&[3, 2]]);
    }
}
