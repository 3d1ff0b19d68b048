//! Data files as a model wants them: which arrays are whose.

use addax::data::{Array, Arrays, Strings, files};
use addax::prelude::*;
use addax::training::{self, Weights};
use std::path::Path;

/// The arrays of some names, after a prefix, under the names that they have in the file: `x_left` for `left`. If there is
/// one name only, `alone` stands for it too.
pub fn named(names: &[String], arrays: &Arrays, prefix: &str, alone: &str) -> Result<Vec<(String, Array)>> {
    let find = |name: &String| {
        let own = format!("{prefix}{name}");
        let single = (names.len() == 1 && arrays.get(alone).is_some()).then(|| alone.to_string());
        let key = single.unwrap_or(own);
        let array = arrays.get(&key).cloned();
        array.map(|a| (key, a)).ok_or_else(|| missing(names, arrays, prefix, alone))
    };
    names.iter().map(find).collect()
}

/// Which arrays were wanted and which are there.
fn missing(names: &[String], arrays: &Arrays, prefix: &str, alone: &str) -> Error {
    let list = |names: Vec<String>| if names.is_empty() { "none".into() } else { names.join(", ") };
    let wanted = match names {
        [_] => vec![format!("\"{alone}\"")],
        many => many.iter().map(|n| format!("\"{prefix}{n}\"")).collect(),
    };
    let there = arrays.names().map(|n| format!("\"{n}\"")).collect();
    Error::value("arrays").expected(list(wanted)).got(list(there))
}

/// The numbers of an array; an error names it.
pub fn numbers((name, array): (&str, &Array)) -> Result<Value> {
    array.numbers().cloned().map_err(|e| e.at(format_args!("array \"{name}\"")))
}

/// Which inputs of a model take text.
pub fn texts(model: &Model) -> Vec<bool> {
    let network = model.network();
    network.map_or_else(|_| vec![false], |n| n.inputs().iter().map(Symbolic::is_text).collect())
}

/// An array as an input takes it: numbers, or the bytes of text; an error names it.
pub fn input((name, array): (&str, &Array), text: bool) -> Result<Value> {
    match text {
        true => {
            array.strings().and_then(Strings::to_value).map_err(|e| e.at(format_args!("array \"{name}\"")))
        }
        false => numbers((name, array)),
    }
}

/// The features and the target of a table, both numbers.
pub fn table(path: &Path, target: &str) -> Result<(Value, Value)> {
    let arrays = files::read(path, Some(target))?;
    let one = |name: &str| {
        let array = arrays.get(name).ok_or_else(|| missing(&[name.to_string()], &arrays, "", name))?;
        numbers((name, array))
    };
    let both = || Ok((one("x")?, one("y")?));
    both().map_err(|e: Error| e.at(path.display()))
}

/// Rows to train or to be judged on.
pub struct Labelled {
    /// The inputs in the model's order.
    pub x: training::Arrays,
    /// The targets by output.
    pub y: training::Arrays,
    /// The weights of rows, if there are any.
    pub weights: Option<Weights>,
}

impl Labelled {
    /// Reads a data file: `x` and `y`, or `x_<input>` and `y_<output>`, perhaps `sample_weight`; or a table with a
    /// target column.
    pub fn read(path: &Path, target: Option<&str>, model: &Model) -> Result<Labelled> {
        let arrays = files::read(path, target)?;
        Labelled::of(&arrays, model).map_err(|e| e.at(path.display()))
    }

    fn of(arrays: &Arrays, model: &Model) -> Result<Labelled> {
        let (inputs, outputs) = (model.input_names(), model.output_names());
        let x = named(&inputs, arrays, "x_", "x")?;
        let x = x.iter().zip(texts(model)).map(|((n, a), text)| input((n, a), text));
        let x = x.collect::<Result<Vec<_>>>()?;
        let y = by_output(arrays, &outputs, "y", "y_")?;
        let y = y.ok_or_else(|| missing(&outputs, arrays, "y_", "y"))?;
        let weights = by_output(arrays, &outputs, "sample_weight", "sample_weight_")?.map(Weights::from);
        unused(arrays, &inputs, &outputs);
        Ok(Labelled { x: x.into(), y, weights })
    }
}

/// One array for all outputs, or arrays by output; not every output needs one.
fn by_output(
    arrays: &Arrays,
    outputs: &[String],
    alone: &str,
    prefix: &str,
) -> Result<Option<training::Arrays>> {
    if let Some(array) = arrays.get(alone) {
        return numbers((alone, array)).map(|v| Some(v.into()));
    }
    let known = outputs.iter().filter_map(|n| arrays.get(&format!("{prefix}{n}")).map(|a| (n, a)));
    let found = known.map(|(n, a)| Ok((n.clone(), numbers((n, a))?))).collect::<Result<Vec<_>>>()?;
    Ok((!found.is_empty()).then(|| training::Arrays::named(found)))
}

/// Says which arrays of a file nobody asked for: a name may be misspelt.
fn unused(arrays: &Arrays, inputs: &[String], outputs: &[String]) {
    let known = |name: &str| {
        let of = |prefix: &str, names: &[String]| {
            name.strip_prefix(prefix).is_some_and(|rest| names.iter().any(|n| n == rest))
        };
        matches!(name, "x" | "y" | "sample_weight")
            || of("x_", inputs)
            || of("y_", outputs)
            || of("sample_weight_", outputs)
    };
    for name in arrays.names().filter(|n| !known(n)) {
        eprintln!("warning: array \"{name}\" is not used");
    }
}
