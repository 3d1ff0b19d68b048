//! The table of a model's layers, in Keras's shape.

use super::{Architecture, Network};
use crate::layers::LayerRef;
use addax_core::Shape;

/// The rows and totals of a model; `optimizer` is the number of parameters that the optimizer keeps.
///
/// ```
/// use addax::prelude::*;
/// use addax::models::Architecture;
/// let model = Architecture::of(Sequential::new().add(Dense::new(64usize).input_shape([10])))?;
/// let text = addax::models::summary("sequential", &model, 0);
/// assert!(text.contains("(None, 64)") && text.contains("Total params: 704 (2.75 KB)"));
/// # Ok::<(), addax::Error>(())
/// ```
pub fn summary(name: &str, model: &Architecture, optimizer: usize) -> String {
    let header = ["Layer (type)", "Output Shape", "Param #"].map(String::from);
    let rows = match model {
        Architecture::Built(network) => {
            let hidden = |l: &&LayerRef| model.is_sequential() && l.layer().class_name() == "InputLayer";
            network.operations().iter().filter(|l| !hidden(l)).map(|l| row(network, l)).collect()
        }
        Architecture::Open(layers) => layers.layers().iter().map(open_row).collect::<Vec<_>>(),
    };
    let width = |c: usize| {
        let longest = rows.iter().chain([&header]).map(|r| r[c].chars().count()).max().unwrap_or(0);
        longest.max([31, 22, 13][c])
    };
    let widths = [width(0), width(1), width(2)];
    let rule = |left: char, line: char, cross: char, right: char| {
        let parts: Vec<String> = widths.iter().map(|w| line.to_string().repeat(w + 2)).collect();
        format!("{left}{}{right}\n", parts.join(&cross.to_string()))
    };
    let line = |r: &[String; 3], bar: char| {
        format!(
            "{bar} {:<a$} {bar} {:<b$} {bar} {:>c$} {bar}\n",
            r[0],
            r[1],
            r[2],
            a = widths[0],
            b = widths[1],
            c = widths[2]
        )
    };
    let kind = if model.is_sequential() { "sequential" } else { "functional" };
    let mut text = format!("Model: \"{}\"\n", if name.is_empty() { kind } else { name });
    text += &rule('┏', '━', '┳', '┓');
    text += &line(&header, '┃');
    text += &rule('┡', '━', '╇', '┩');
    let body: Vec<String> = rows.iter().map(|r| line(r, '│')).collect();
    text += &body.join(&rule('├', '─', '┼', '┤'));
    text += &rule('└', '─', '┴', '┘');
    let weights = model.weights();
    let sum = |trainable: bool| {
        weights.iter().filter(|(_, t)| *t == trainable).map(|(w, _)| w.count()).sum::<usize>()
    };
    let (open, fixed) = (sum(true), sum(false));
    let mut total =
        |what: &str, n: usize| text += &format!(" {what} params: {} ({})\n", thousands(n), bytes(4 * n));
    total("Total", open + fixed + optimizer);
    total("Trainable", open);
    total("Non-trainable", fixed);
    if optimizer > 0 {
        total("Optimizer", optimizer);
    }
    text
}

fn row(network: &Network, layer: &LayerRef) -> [String; 3] {
    let shapes: Vec<String> = network.outputs_of(layer).iter().map(Shape::to_string).collect();
    let shape = match &shapes[..] {
        [] => "?".to_string(),
        [one] => one.clone(),
        many => format!("[{}]", many.join(", ")),
    };
    let count: usize = layer.weights().iter().map(|(w, _)| w.count()).sum();
    [format!("{} ({})", layer.name(), layer.layer().class_name()), shape, thousands(count)]
}

/// A layer of a model that is not built.
fn open_row(layer: &LayerRef) -> [String; 3] {
    let title = format!("{} ({})", layer.name(), layer.layer().class_name());
    [title, "?".to_string(), "0 (unbuilt)".to_string()]
}

/// 1234567 as 1,234,567.
pub(crate) fn thousands(n: usize) -> String {
    let digits = n.to_string();
    let parts: Vec<&str> =
        digits.as_bytes().rchunks(3).rev().filter_map(|c| std::str::from_utf8(c).ok()).collect();
    parts.join(",")
}

fn bytes(n: usize) -> String {
    let (mut size, mut unit) = (n as f64, "B");
    for next in ["KB", "MB", "GB", "TB"] {
        if size < 1024.0 {
            break;
        }
        size /= 1024.0;
        unit = next;
    }
    format!("{size:.2} {unit}")
}
