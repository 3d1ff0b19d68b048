//! The ONNX graph under construction: names, nodes, constants, and where lengths come from.

use super::probe::{Length, Symbol, fixed};
use super::proto::{Attribute, Axis, Node, Port, code};
use addax_core::ops::{BroadcastInDim, Primitive};
use addax_core::{DType, Error, Result, Shape, Value};
use std::collections::{HashMap, HashSet};
use std::sync::Arc;

/// The largest constant that is written out instead of being computed, in elements.
pub(super) const FOLD: usize = 1 << 16;

/// The element type in which ONNX carries ours: runtimes have few kernels for the small ones.
pub(super) fn carried(dtype: DType) -> DType {
    match dtype {
        DType::F16 | DType::BF16 => DType::F32,
        DType::U8 | DType::I8 => DType::I32,
        DType::U32 => DType::I64,
        other => other,
    }
}

/// A value of our graph in ONNX. Its last `rank` axes are there; an axis that is not `full` has length 1, or is not
/// there at all, and stands for as many equal slices as `lengths` says, as broadcasting reads it.
#[derive(Clone, Debug)]
pub(super) struct Wire {
    pub name: String,
    pub dtype: DType,
    pub lengths: Vec<Length>,
    pub rank: usize,
    pub full: Vec<bool>,
    /// The numbers (of the axes that are there), if they are constant.
    pub value: Option<Value>,
}

impl Wire {
    /// The number of the first axis that is there.
    pub fn first(&self) -> usize {
        self.lengths.len() - self.rank
    }

    /// The full shape, if it is fixed.
    pub fn shape(&self) -> Option<Vec<usize>> {
        self.lengths.iter().map(|l| fixed(l)).collect()
    }

    /// Whether every axis is there in its full length.
    pub fn whole(&self) -> bool {
        let there = |(full, length): (&bool, &Length)| *full || fixed(length) == Some(1);
        self.rank == self.lengths.len() && self.full.iter().zip(&self.lengths).all(there)
    }
}

/// The graph under construction.
pub(super) struct Emitter<'a> {
    symbols: &'a [Symbol],
    inputs: Vec<String>,
    names: HashSet<String>,
    pub constants: Vec<(String, Value)>,
    ints: HashMap<Vec<i64>, String>,
    /// The nodes of the model, then those of the bodies that are open.
    levels: Vec<Vec<Node>>,
    solved: HashMap<Length, String>,
    /// Axes of values of the model that have a length.
    sources: Vec<(Length, String, usize)>,
    axes: HashMap<Length, String>,
    turned: HashMap<String, (Wire, Vec<usize>)>,
    scope: String,
}

impl<'a> Emitter<'a> {
    /// A graph with the inputs' names, and names that are taken.
    pub fn new(symbols: &'a [Symbol], inputs: Vec<String>, taken: &[String]) -> Emitter<'a> {
        Emitter {
            symbols,
            names: inputs.iter().chain(taken).cloned().collect(),
            inputs,
            constants: Vec::new(),
            ints: HashMap::new(),
            levels: vec![Vec::new()],
            solved: HashMap::new(),
            sources: Vec::new(),
            axes: HashMap::new(),
            turned: HashMap::new(),
            scope: String::new(),
        }
    }

    /// Names the layer whose nodes follow: `Dense "a" > …` becomes `a/…`.
    pub fn set_scope(&mut self, scope: Option<&Arc<str>>) {
        let name = |part: &str| part.split('"').nth(1).unwrap_or(part).to_string();
        let path = scope.map(|s| s.split(" > ").map(name).collect::<Vec<_>>().join("/"));
        self.scope = path.map_or_else(String::new, |p| p + "/");
    }

    /// A name that nothing has yet.
    pub fn fresh(&mut self, wanted: &str) -> String {
        let mut name = format!("{}{wanted}", self.scope);
        let mut count = 1;
        while !self.names.insert(name.clone()) {
            name = format!("{}{wanted}_{count}", self.scope);
            count += 1;
        }
        name
    }

    /// Begins the nodes of a body.
    pub fn open(&mut self) {
        self.levels.push(Vec::new());
    }

    /// Ends them.
    pub fn close(&mut self) -> Vec<Node> {
        self.levels.pop().unwrap_or_default()
    }

    fn push(
        &mut self,
        level: usize,
        kind: &'static str,
        inputs: &[&str],
        attributes: Vec<(&'static str, Attribute)>,
        outputs: Vec<String>,
    ) {
        let name = outputs.first().cloned().unwrap_or_default();
        let inputs = inputs.iter().map(|i| i.to_string()).collect();
        self.levels[level].push(Node { kind, name, inputs, outputs, attributes });
    }

    /// A node with one result.
    pub fn node(
        &mut self,
        kind: &'static str,
        inputs: &[&str],
        attributes: Vec<(&'static str, Attribute)>,
    ) -> String {
        self.nodes(kind, inputs, attributes, 1).remove(0)
    }

    /// A node with some results.
    pub fn nodes(
        &mut self,
        kind: &'static str,
        inputs: &[&str],
        attributes: Vec<(&'static str, Attribute)>,
        count: usize,
    ) -> Vec<String> {
        let outputs: Vec<String> = (0..count).map(|_| self.fresh(kind)).collect();
        self.push(self.levels.len() - 1, kind, inputs, attributes, outputs.clone());
        outputs
    }

    /// A node whose result has a given name.
    pub fn named(&mut self, kind: &'static str, input: &str, to: Option<DType>, output: &str) {
        let attributes = to.map(|d| ("to", code(d).into())).into_iter().collect();
        self.push(self.levels.len() - 1, kind, &[input], attributes, vec![output.to_string()]);
    }

    /// A node that computes a length: it stands in the model, where bodies see it too.
    fn count(
        &mut self,
        kind: &'static str,
        inputs: &[&str],
        attributes: Vec<(&'static str, Attribute)>,
    ) -> String {
        let output = self.fresh(kind);
        self.push(0, kind, inputs, attributes, vec![output.clone()]);
        output
    }

    /// A node that converts.
    pub fn cast(&mut self, name: &str, to: DType) -> String {
        self.node("Cast", &[name], vec![("to", code(to).into())])
    }

    /// A constant.
    pub fn constant(&mut self, wanted: &str, value: Value) -> String {
        let name = self.fresh(wanted);
        self.constants.push((name.clone(), value));
        name
    }

    /// A constant row of whole numbers.
    pub fn ints(&mut self, numbers: &[i64]) -> String {
        if let Some(name) = self.ints.get(numbers) {
            return name.clone();
        }
        let name = self.constant("ints", Value::from(numbers.to_vec()));
        self.ints.insert(numbers.to_vec(), name.clone());
        name
    }

    /// A constant without axes.
    pub fn number(&mut self, dtype: DType, x: f64) -> String {
        self.constant("number", Value::scalar_of(dtype, x))
    }

    /// A constant as a wire; the axes that are there are the last of `lengths`.
    pub fn constant_wire(&mut self, value: Value, lengths: Vec<Length>, full: Vec<bool>) -> Wire {
        let value = value.cast(carried(value.dtype()));
        let name = self.constant("constant", value.clone());
        Wire { name, dtype: value.dtype(), lengths, rank: value.rank(), full, value: Some(value) }
    }

    /// A whole constant.
    pub fn whole_constant(&mut self, value: Value, probes: usize) -> Wire {
        let lengths: Vec<Length> = value.shape().iter().map(|n| vec![*n; probes]).collect();
        let full = vec![true; lengths.len()];
        self.constant_wire(value, lengths, full)
    }

    /// A name as a wire all of whose axes are there.
    pub fn wire(&mut self, name: String, dtype: DType, lengths: Vec<Length>) -> Wire {
        if self.levels.len() == 1 {
            for (axis, length) in lengths.iter().enumerate().filter(|(_, l)| fixed(l).is_none()) {
                if !self.sources.iter().any(|(l, _, _)| l == length) {
                    self.sources.push((length.clone(), name.clone(), axis));
                }
            }
        }
        let (rank, full) = (lengths.len(), vec![true; lengths.len()]);
        Wire { name, dtype: carried(dtype), lengths, rank, full, value: None }
    }

    /// The name of a value all of whose axes are there in full.
    pub fn full(&mut self, wire: &Wire) -> Result<String> {
        if wire.whole() {
            return Ok(wire.name.clone());
        }
        if let (Some(value), Some(shape)) = (&wire.value, wire.shape())
            && shape.iter().product::<usize>() <= FOLD
        {
            let spread = spread(value, &shape)?;
            return Ok(self.constant("constant", spread));
        }
        // Where an axis is there already, a 1 lets it be.
        let wanted: Vec<Length> = wire
            .lengths
            .iter()
            .zip(&wire.full)
            .map(|(l, full)| if *full { vec![1; l.len()] } else { l.clone() })
            .collect();
        let shape = self.shape(&wanted)?;
        Ok(self.node("Expand", &[&wire.name, &shape], Vec::new()))
    }

    /// A shape as a row of whole numbers.
    pub fn shape(&mut self, lengths: &[Length]) -> Result<String> {
        let all: Option<Vec<i64>> = lengths.iter().map(|l| fixed(l).map(|n| n as i64)).collect();
        if let Some(all) = all {
            return Ok(self.ints(&all));
        }
        let parts = lengths.iter().map(|l| self.length(l)).collect::<Result<Vec<_>>>()?;
        let parts: Vec<&str> = parts.iter().map(String::as_str).collect();
        Ok(match parts[..] {
            [one] => one.to_string(),
            _ => self.count("Concat", &parts, vec![("axis", 0.into())]),
        })
    }

    /// A length as a row of one whole number.
    pub fn length(&mut self, length: &Length) -> Result<String> {
        if let Some(n) = fixed(length) {
            return Ok(self.ints(&[n as i64]));
        }
        if let Some(name) = self.solved.get(length) {
            return Ok(name.clone());
        }
        let name = self.solve(length)?;
        self.solved.insert(length.clone(), name.clone());
        Ok(name)
    }

    fn solve(&mut self, length: &Length) -> Result<String> {
        for symbol in self.symbols {
            if let Some((factor, more)) = line(&symbol.sizes, length) {
                let axis = self.axis_of(&self.inputs[symbol.place.0].clone(), symbol.place.1);
                return Ok(self.times_plus(axis, factor, more));
            }
        }
        if let Some((_, name, axis)) = self.sources.iter().find(|(l, _, _)| l == length).cloned() {
            return Ok(self.axis_of(&name, axis));
        }
        // A product of lengths: one of them, and what is left.
        for (part, name, axis) in self.parts() {
            let divides = length.iter().zip(&part).all(|(l, p)| l % p == 0);
            let rest: Length = length.iter().zip(&part).map(|(l, p)| l / p).collect();
            if divides && let Ok(rest) = self.length(&rest) {
                let axis = self.axis_of(&name, axis);
                return Ok(self.count("Mul", &[&axis, &rest], Vec::new()));
            }
        }
        let near = self.sources.iter().find_map(|(l, name, axis)| Some((line(l, length)?, name, *axis)));
        if let Some(((factor, more), name, axis)) = near {
            let axis = self.axis_of(&name.clone(), axis);
            return Ok(self.times_plus(axis, factor, more));
        }
        Err(Error::unsupported("a length that depends on the number of rows in this way, as ONNX"))
    }

    /// Open lengths that are known when the model runs, with where they are found.
    fn parts(&self) -> Vec<(Length, String, usize)> {
        let symbols =
            self.symbols.iter().map(|s| (s.sizes.clone(), self.inputs[s.place.0].clone(), s.place.1));
        let positive = |part: &(Length, String, usize)| part.0.iter().all(|n| *n > 0);
        symbols.chain(self.sources.iter().cloned()).filter(positive).collect()
    }

    /// The length of an axis when the model runs.
    fn axis_of(&mut self, name: &str, axis: usize) -> String {
        let (start, end) = (axis as i64, axis as i64 + 1);
        self.count("Shape", &[name], vec![("start", start.into()), ("end", end.into())])
    }

    fn times_plus(&mut self, mut name: String, factor: i64, more: i64) -> String {
        if factor != 1 {
            let factor = self.ints(&[factor]);
            name = self.count("Mul", &[&name, &factor], Vec::new());
        }
        if more != 0 {
            let more = self.ints(&[more]);
            name = self.count("Add", &[&name, &more], Vec::new());
        }
        name
    }

    /// A port of a value of the given lengths; lengths that are open have names.
    pub fn port(&mut self, name: &str, dtype: DType, lengths: &[Length]) -> Port {
        let axis = |l: &Length| fixed(l).map_or_else(|| Axis::Named(self.axis_name(l)), Axis::Fixed);
        let shape = lengths.iter().map(axis).collect();
        Port { name: name.to_string(), dtype, shape }
    }

    fn axis_name(&mut self, length: &Length) -> String {
        if let Some(symbol) = self.symbols.iter().find(|s| s.sizes == *length) {
            return symbol.name.clone();
        }
        let next = format!("length_{}", self.axes.len());
        self.axes.entry(length.clone()).or_insert(next).clone()
    }

    /// The axes in another order. What was turned before is turned from where it came.
    pub fn transpose(&mut self, wire: &Wire, permutation: &[usize]) -> Result<Wire> {
        let mut out = wire.clone();
        out.lengths = permutation.iter().map(|a| wire.lengths[*a].clone()).collect();
        out.full = permutation.iter().map(|a| wire.full[*a]).collect();
        if wire.rank == 0 || permutation.is_sorted() {
            return Ok(out);
        }
        if let (Some(value), true) = (&wire.value, wire.whole()) {
            let op = addax_core::ops::Transpose { permutation: permutation.to_vec() };
            let value = op.eval(&[value])?.remove(0);
            return Ok(self.constant_wire(value, out.lengths, out.full));
        }
        let name = self.full(wire)?;
        if let Some((source, before)) = self.turned.get(&name).cloned() {
            let order: Vec<usize> = permutation.iter().map(|a| before[*a]).collect();
            return self.transpose(&source, &order);
        }
        let turned = self.node("Transpose", &[&name], vec![("perm", permutation.into())]);
        out = self.wire(turned.clone(), wire.dtype, out.lengths);
        if self.levels.len() == 1 {
            let source =
                Wire { name, rank: wire.lengths.len(), full: vec![true; wire.full.len()], ..wire.clone() };
            self.turned.insert(turned, (source, permutation.to_vec()));
        }
        Ok(out)
    }

    /// The nodes of the model; constants that nothing uses are left out.
    pub fn finish(&mut self) -> Vec<Node> {
        let nodes = std::mem::take(&mut self.levels).into_iter().next().unwrap_or_default();
        let mut used = HashSet::new();
        uses(&nodes, &mut used);
        self.constants.retain(|(name, _)| used.contains(name.as_str()));
        nodes
    }
}

fn uses<'n>(nodes: &'n [Node], used: &mut HashSet<&'n str>) {
    for node in nodes {
        used.extend(node.inputs.iter().map(String::as_str));
        for (_, attribute) in &node.attributes {
            if let Attribute::Graph(graph) = attribute {
                uses(&graph.nodes, used);
            }
        }
    }
}

/// `factor` and `more`, not both nothing, so that `to = factor · from + more` everywhere.
fn line(from: &[usize], to: &[usize]) -> Option<(i64, i64)> {
    let moved = (1..from.len()).find(|i| from[*i] != from[0])?;
    let (run, rise) = (from[moved] as i64 - from[0] as i64, to[moved] as i64 - to[0] as i64);
    let factor = rise / run;
    let more = to[0] as i64 - factor * from[0] as i64;
    let holds = from.iter().zip(to).all(|(x, y)| factor * *x as i64 + more == *y as i64);
    (holds && factor != 0).then_some((factor, more))
}

/// A value repeated to a larger shape.
pub(super) fn spread(value: &Value, shape: &[usize]) -> Result<Value> {
    let axes = (shape.len() - value.rank()..shape.len()).collect();
    let op = BroadcastInDim { shape: Shape::of(shape), axes };
    Ok(op.eval(&[value])?.remove(0))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_line_goes_through_all_points_or_is_none() {
        assert_eq!(line(&[7, 9, 7], &[15, 19, 15]), Some((2, 1)));
        assert_eq!(line(&[7, 9, 7], &[15, 19, 16]), None);
        assert_eq!(line(&[7, 9], &[4, 5]), None);
        assert_eq!(line(&[7, 7], &[4, 4]), None);
    }
}
