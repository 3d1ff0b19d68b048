//! What is minimized and what is shown: requests of `compile` against the outputs of a model.

use super::asked::{Asked, per_output};
use super::compile::{Compile, LossRequest, MetricRequest};
use crate::losses::{Labels, LossHandle, crossentropy_for};
use crate::metrics::{Direction, MetricHandle, accuracy_for};
use crate::models::Network;
use addax_core::{DType, Error, Result, Shape};

/// One loss of one output.
pub(crate) struct Term {
    pub output: usize,
    pub loss: LossHandle,
    /// How much it counts.
    pub weight: f64,
}

/// A value that is shown: its key, what it is, and the shapes of its totals.
pub(crate) struct Shown {
    pub key: String,
    pub what: What,
    pub totals: Vec<Shape>,
    /// The name of the metric itself, without the output's.
    pub name: String,
}

/// What a shown value is.
pub(crate) enum What {
    Loss,
    Term(usize),
    Metric { output: usize, metric: MetricHandle, weighted: bool },
}

impl Shown {
    /// Which way it gets better, where that is known.
    pub fn direction(&self) -> Option<Direction> {
        match &self.what {
            What::Metric { metric, .. } => metric.get().ok().and_then(|m| m.direction()),
            _ => Some(Direction::Down),
        }
    }
}

/// The shapes of the outputs and, where they are known, of their targets.
pub(crate) struct Outputs<'a> {
    pub names: Vec<String>,
    pub shapes: Vec<&'a Shape>,
    pub targets: &'a [Option<Shape>],
}

impl<'a> Outputs<'a> {
    pub fn new(network: &'a Network, targets: &'a [Option<Shape>]) -> Outputs<'a> {
        let shapes = network.outputs().iter().map(|o| o.shape()).collect();
        Outputs { names: network.output_names(), shapes, targets }
    }

    fn target(&self, i: usize) -> Shape {
        self.targets.get(i).cloned().flatten().unwrap_or_default()
    }
}

/// The losses of all outputs, in order.
pub(crate) fn terms(compile: &Compile, outputs: &Outputs) -> Result<Vec<Term>> {
    let names = &outputs.names;
    let asked = per_output("loss", &compile.loss, names, true)?;
    if let (Asked::Named(named), true) = (&compile.loss, names.len() > 1) {
        // Nothing is left out by mistake: `None` says that an output has no loss.
        if let Some(missing) = names.iter().find(|n| !named.iter().any(|(k, _)| k == *n)) {
            let known: Vec<&str> = named.iter().map(|(k, _)| k.as_str()).collect();
            let e = Error::value("loss").expected(format_args!("a loss or None for output \"{missing}\""));
            return Err(e.got(known.join(", ")));
        }
    }
    let mut terms = Vec::new();
    for (output, asked) in asked.into_iter().enumerate() {
        let requests: Vec<&LossRequest> = asked.leaves();
        if names.len() == 1 && requests.len() > 1 {
            return Err(Error::value("loss").expected("one loss for the only output").got(requests.len()));
        }
        for request in requests {
            let fitting = crossentropy_for(outputs.shapes[output], &outputs.target(output));
            terms.push(Term { output, loss: request.resolve(fitting)?, weight: 1.0 });
        }
    }
    weigh(compile, outputs, &mut terms)?;
    Ok(terms)
}

/// Gives each term its weight: by output name, or one per loss in order.
fn weigh(compile: &Compile, outputs: &Outputs, terms: &mut [Term]) -> Result<()> {
    // Named weights come in the order of their names.
    let list: Vec<f64> = compile.loss_weights.leaves().into_iter().copied().collect();
    if let Asked::Named(named) = &compile.loss_weights {
        let known = || outputs.names.iter().map(String::as_str);
        if let Some((unknown, _)) = named.iter().find(|(n, _)| !outputs.names.contains(n)) {
            return Err(Error::unknown("output", unknown, known()).at("loss_weights"));
        }
        // As Keras does it, and hardly what was meant.
        if !matches!(compile.loss, Asked::Named(_)) && !outputs.names.is_sorted() {
            let order = known().collect::<Vec<_>>().join(", ");
            eprintln!(
                "warning: loss_weights by name beside losses that have none are taken in the order of their names for {order}"
            );
        }
    }
    match &compile.loss_weights {
        Asked::Nothing => {}
        Asked::Named(named) if matches!(compile.loss, Asked::Named(_)) => {
            for term in terms {
                let name = &outputs.names[term.output];
                let found = named.iter().find(|(n, _)| n == name).map(|(_, w)| w.leaves());
                let Some([weight]) = found.as_deref() else {
                    return Err(
                        Error::value("loss_weights").expected(format_args!("a weight for \"{name}\""))
                    );
                };
                term.weight = **weight;
            }
        }
        // What is left speaks of the losses, or of all outputs, those without a loss among them.
        _ if list.len() == terms.len() => terms.iter_mut().zip(list).for_each(|(t, w)| t.weight = w),
        _ if list.len() == outputs.names.len() => terms.iter_mut().for_each(|t| t.weight = list[t.output]),
        _ => {
            let e =
                Error::value("loss_weights").expected(format_args!("{} weights, one per loss", terms.len()));
            return Err(e.got(list.len()));
        }
    }
    Ok(())
}

/// All values that are shown, in Keras's order: the loss, metrics, weighted metrics, the losses of the outputs. Where
/// keys repeat, the last counts.
pub(crate) fn shown(compile: &Compile, outputs: &Outputs, terms: &[Term]) -> Result<Vec<Shown>> {
    let pair = || vec![Shape::scalar(), Shape::scalar()];
    let loss = |key: String, what| Shown { name: key.clone(), key, what, totals: pair() };
    let mut all = vec![loss("loss".into(), What::Loss)];
    let mut keys = Keys::default();
    for (what, asked, weighted) in
        [("metrics", &compile.metrics, false), ("weighted_metrics", &compile.weighted_metrics, true)]
    {
        let single = outputs.names.len() == 1;
        // With one output, whatever structure is flattened.
        let lists: Vec<Vec<&MetricRequest>> = match single {
            true => vec![asked.leaves()],
            false => per_output(what, asked, &outputs.names, false)?.into_iter().map(Asked::leaves).collect(),
        };
        for (output, requests) in lists.into_iter().enumerate() {
            for request in requests {
                let (shape, target) = (outputs.shapes[output], outputs.target(output));
                let (name, metric) = request.resolve(accuracy_for(shape, &target))?;
                let prefix = if single { String::new() } else { format!("{}_", outputs.names[output]) };
                let totals = metric.get()?.totals(&target, shape).map_err(|e| e.at(&name))?;
                let key = keys.key(&prefix, &name, weighted);
                all.push(Shown { key, what: What::Metric { output, metric, weighted }, totals, name });
            }
        }
    }
    if terms.len() > 1 {
        let key = |t: &Term| format!("{}_loss", outputs.names[t.output]);
        all.extend(terms.iter().enumerate().map(|(i, t)| loss(key(t), What::Term(i))));
    }
    Ok(all)
}

/// Names given so far, with how often.
#[derive(Default)]
struct Keys(Vec<(String, usize)>);

impl Keys {
    /// Repeated keys get a number; weighted metrics that repeat another say so first.
    fn key(&mut self, prefix: &str, name: &str, weighted: bool) -> String {
        let plain = format!("{prefix}{name}");
        let wanted = match weighted && self.0.iter().any(|(k, _)| *k == plain) {
            true => format!("{prefix}weighted_{name}"),
            false => plain,
        };
        match self.0.iter_mut().find(|(k, _)| *k == wanted) {
            Some((_, n)) => {
                *n += 1;
                format!("{wanted}_{}", *n - 1)
            }
            None => {
                self.0.push((wanted.clone(), 1));
                wanted
            }
        }
    }
}

/// The element type in which an output's targets are given to its losses.
pub(crate) fn target_dtype(terms: &[Term], output: usize) -> Result<DType> {
    let mut all = terms.iter().filter(|t| t.output == output).map(|t| Ok(t.loss.get()?.labels().dtype()));
    let first = all.next().transpose()?.unwrap_or(DType::F32);
    let same = all.collect::<Result<Vec<DType>>>()?.iter().all(|d| *d == first);
    Ok(if same { first } else { DType::F32 })
}

/// How an output's losses want its targets.
pub(crate) fn labels(terms: &[Term], output: usize) -> Result<Vec<(Labels, &'static str)>> {
    let own = terms.iter().filter(|t| t.output == output);
    own.map(|t| t.loss.get().map(|l| (l.labels(), l.class_name()))).collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    const SHAPES: [[usize; 2]; 2] = [[4, 3], [4, 1]];

    fn of(config: serde_json::Value, names: &[&str]) -> Result<(Vec<String>, Vec<f64>)> {
        let shapes: Vec<Shape> = SHAPES.iter().map(|s| Shape::of(s)).collect();
        let targets: Vec<Option<Shape>> = vec![Some(Shape::of(&[4])), Some(Shape::of(&[4, 1]))];
        let outputs = Outputs {
            names: names.iter().map(|n| n.to_string()).collect(),
            shapes: shapes.iter().take(names.len()).collect(),
            targets: &targets[..names.len()],
        };
        let compile = Compile::from_config(&config)?;
        let terms = terms(&compile, &outputs)?;
        let keys = shown(&compile, &outputs, &terms)?.into_iter().map(|s| s.key).collect();
        Ok((keys, terms.into_iter().map(|t| t.weight).collect()))
    }

    fn keys(config: serde_json::Value, names: &[&str]) -> Vec<String> {
        of(config, names).unwrap().0
    }

    #[test]
    fn keys_are_those_of_keras() {
        crate::models::names::clear_session();
        let object = |class: &str, name: serde_json::Value| json!({"module": "keras.metrics", "class_name": class, "config": {"name": name, "dtype": "float32"}});
        let function = |name: &str| json!({"module": "builtins", "class_name": "function", "config": name, "registered_name": "function"});
        let metrics = json!([
            "mae",
            "mean_absolute_error",
            object("MeanAbsoluteError", json!("mean_absolute_error")),
            object("MeanAbsoluteError", json!("zz")),
            function("mean_absolute_error"),
            "mse",
            "MSE",
            object("MeanSquaredError", json!("mean_squared_error")),
            object("MeanSquaredError", json!("mean_squared_error"))
        ]);
        let config = json!({"optimizer": "sgd", "loss": "mse", "metrics": metrics,
            "weighted_metrics": ["mae", object("AUC", json!(null)), "acc"]});
        assert_eq!(
            keys(config, &["out"]),
            [
                "loss",
                "mae",
                "mean_absolute_error",
                "mean_absolute_error_1",
                "zz",
                "mean_absolute_error_2",
                "mse",
                "MSE",
                "mean_squared_error",
                "mean_squared_error_1",
                "weighted_mae",
                "auc",
                "acc"
            ]
        );
        let config = json!({"loss": {"cls": "sparse_categorical_crossentropy", "reg": "mse"},
            "metrics": {"cls": ["accuracy"]}, "weighted_metrics": {"cls": ["accuracy"], "reg": "mae"}});
        assert_eq!(
            keys(config, &["cls", "reg"]),
            ["loss", "cls_accuracy", "cls_weighted_accuracy", "reg_mae", "cls_loss", "reg_loss"]
        );
    }

    #[test]
    fn losses_take_every_form() {
        let names = ["a", "b"];
        let weights = |config| of(config, &names).unwrap().1;
        assert_eq!(weights(json!({"loss": "mse", "loss_weights": [1.0, 0.5]})), [1.0, 0.5]);
        assert_eq!(weights(json!({"loss": [["mse", "mae"], "mse"]})), [1.0; 3]);
        assert_eq!(weights(json!({"loss": [null, "mse"], "loss_weights": {"b": 2.0}})), [2.0]);
        assert_eq!(weights(json!({"loss": {"b": "mse", "a": null}})), [1.0]);
        assert_eq!(of(json!({"loss": "mse", "loss_weights": 0.5}), &["a"]).unwrap().1, [0.5]);
        assert_eq!(keys(json!({"loss": null, "metrics": ["mae"]}), &["a"]), ["loss", "mae"]);
        assert_eq!(keys(json!({"loss": [null, "mse"]}), &names), ["loss"]);
    }

    #[test]
    fn mistakes_have_their_line() {
        let e = |config| of(config, &["a", "b"]).map(|_| ()).unwrap_err().to_string();
        assert_eq!(e(json!({"loss": {"b": "mse"}})), "loss: expected a loss or None for output \"a\", got b");
        assert_eq!(
            e(json!({"loss": ["mse"]})),
            "loss: expected an entry for each of the 2 outputs (a, b), got 1"
        );
        assert_eq!(
            e(json!({"loss": "mse", "metrics": ["mae"]})),
            "metrics: expected an entry for each of the 2 outputs (a, b), got 1"
        );
        assert!(
            e(json!({"loss": "mse", "loss_weights": [1.0, 2.0, 3.0]}))
                .starts_with("loss_weights: expected 2")
        );
        assert!(e(json!({"loss": "msee"})).contains("unknown loss \"msee\""));
        assert!(e(json!({"loss": "mse", "metrics": [["maee"], null]})).contains("unknown metric \"maee\""));
        let e = of(json!({"loss": ["mse", "mae"]}), &["a"]).map(|_| ()).unwrap_err().to_string();
        assert_eq!(e, "loss: expected one loss for the only output, got 2");
    }
}
