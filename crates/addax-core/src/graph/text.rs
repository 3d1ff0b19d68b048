//! The text form of graphs: one node a line, written by `Display` and read by [`parse`].
//!
//! ```text
//! %0: f32[2,3] = parameter() {index=0; name=x}
//! %1: f32[2,3] = tanh(%0)
//! return %1
//! ```

use super::{Graph, TensorType, ValueId};
use crate::dtype::DType;
use crate::error::{Error, Result};
use crate::ops::{AttributeValue, Attributes, Op};
use crate::shape::Shape;
use std::collections::HashMap;
use std::fmt;

impl fmt::Display for Graph {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let list = |ids: &[ValueId]| ids.iter().map(|v| format!("{v:?}")).collect::<Vec<_>>().join(", ");
        for node in &self.nodes {
            let results: Vec<String> = node.outputs().map(|v| format!("{v:?}: {}", self.ty(v))).collect();
            write!(f, "{} = {}({})", results.join(", "), node.op.name(), list(&node.inputs))?;
            let attributes: Vec<String> =
                node.op.attributes().iter().map(|(k, v)| format!("{k}={v}")).collect();
            if !attributes.is_empty() {
                write!(f, " {{{}}}", attributes.join("; "))?;
            }
            writeln!(f)?;
        }
        writeln!(f, "return {}", list(&self.outputs))
    }
}

/// Reads a graph from its text form and verifies it. Empty lines and lines beginning with `;` are skipped.
///
/// ```
/// let text = "%0: f32[2] = parameter() {index=0; name=x}\n%1: f32[2] = tanh(%0)\nreturn %1\n";
/// assert_eq!(addax_core::graph::parse(text).unwrap().to_string(), text);
/// ```
pub fn parse(text: &str) -> Result<Graph> {
    let mut graph = Graph::new();
    let mut names: HashMap<String, ValueId> = HashMap::new();
    for (number, line) in text.lines().enumerate() {
        let line = line.trim();
        if line.is_empty() || line.starts_with(';') {
            continue;
        }
        parse_line(line, &mut graph, &mut names).map_err(|e| e.at(format_args!("line {}", number + 1)))?;
    }
    graph.verify()?;
    Ok(graph)
}

fn parse_line(line: &str, graph: &mut Graph, names: &mut HashMap<String, ValueId>) -> Result<()> {
    let bad = |what: &str| Error::value("graph text").expected(what).got(format_args!("\"{line}\""));
    let look = |names: &HashMap<String, ValueId>, list: &str| -> Result<Vec<ValueId>> {
        let parts = list.split(',').map(str::trim).filter(|s| !s.is_empty());
        parts.map(|n| names.get(n).copied().ok_or_else(|| bad("a value that was made before"))).collect()
    };
    if let Some(outputs) = line.strip_prefix("return") {
        graph.outputs = look(names, outputs)?;
        return Ok(());
    }
    let (results, right) = line.split_once(" = ").ok_or_else(|| bad("result = op(inputs)"))?;
    let (op, rest) = right.split_once('(').ok_or_else(|| bad("op(inputs)"))?;
    let (inputs, attributes) = rest.split_once(')').ok_or_else(|| bad("op(inputs)"))?;
    let op = Op::from_text(
        op.trim(),
        &parse_attributes(attributes.trim()).ok_or_else(|| bad("{name=value; …}"))?,
    )?;
    let (mut types, mut made) = (Vec::new(), Vec::new());
    for result in results.split("], ") {
        let (name, ty) = result.split_once(':').ok_or_else(|| bad("%name: type"))?;
        made.push(name.trim().to_string());
        types.push(parse_type(ty.trim().trim_end_matches(']')).ok_or_else(|| bad("dtype[shape]"))??);
    }
    let inputs = look(names, inputs)?;
    let id = graph.push(op, inputs, types, None);
    made.into_iter().zip(graph.node(id).outputs()).for_each(|(name, v)| {
        names.insert(name, v);
    });
    Ok(())
}

fn parse_type(text: &str) -> Option<Result<TensorType>> {
    let (dtype, dims) = text.split_once('[')?;
    let ty = DType::parse(dtype).and_then(|d| Ok(TensorType::new(d, Shape::read(&format!("[{dims}]"))?)));
    Some(ty)
}

fn parse_attributes(text: &str) -> Option<Attributes> {
    if text.is_empty() {
        return Some(Vec::new());
    }
    let inner = text.strip_prefix('{')?.strip_suffix('}')?;
    let mut depth = 0i32;
    // Semicolons inside a body's braces are its own.
    inner
        .split(|c: char| {
            depth += match c {
                '{' => 1,
                '}' => -1,
                _ => 0,
            };
            c == ';' && depth == 0
        })
        .map(|part| part.trim().split_once('=').map(|(k, v)| (k.to_string(), v.to_string())))
        .collect()
}
