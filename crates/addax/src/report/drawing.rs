//! A model as a drawing: a box for each layer, an arrow for each tensor.

use crate::models::{Call, Network, Symbolic};
use addax_core::Shape;
use addax_data::plot::{Anchor, Color, Scene, Shape as Mark, text_width};
use std::collections::HashMap;

const TEXT: f32 = 13.0;
const SMALL: f32 = 11.5;
const HEIGHT: f32 = 46.0;
const GAP: (f32, f32) = (26.0, 34.0);
const MARGIN: f32 = 16.0;
const INK: Color = [26, 26, 26];
const PALE: Color = [96, 104, 116];
const EDGE: Color = [150, 160, 175];
const FILL: Color = [234, 241, 250];

/// A layer's call: its text, what it needs, and its row.
struct Node {
    title: String,
    shape: String,
    needs: Vec<usize>,
    row: usize,
}

/// The drawing of a network: inputs above, each layer below what it needs.
///
/// ```
/// use addax::prelude::*;
/// use addax::report::draw_model;
/// let x = Input([4])?;
/// let y = Dense::new(2usize).on(&x)?;
/// assert!(draw_model(&Network::new(&[&x], &[&y])?).svg().starts_with("<svg"));
/// # Ok::<(), addax::Error>(())
/// ```
pub fn draw_model(network: &Network) -> Scene {
    let nodes = nodes(network);
    let mut rows: Vec<Vec<usize>> = Vec::new();
    for (i, node) in nodes.iter().enumerate() {
        rows.resize(rows.len().max(node.row + 1), Vec::new());
        rows[node.row].push(i);
    }
    let wide = |n: &Node| text_width(&n.title, TEXT).max(text_width(&n.shape, SMALL)) + 28.0;
    let row_width = |row: &Vec<usize>| {
        row.iter().map(|i| wide(&nodes[*i])).sum::<f32>() + GAP.0 * row.len().saturating_sub(1) as f32
    };
    let width = rows.iter().map(row_width).fold(0.0, f32::max) + 2.0 * MARGIN;
    // Left edge and width of each box.
    let mut places = vec![(0.0, 0.0); nodes.len()];
    for row in &rows {
        let mut x = (width - row_width(row)) / 2.0;
        for i in row {
            places[*i] = (x, wide(&nodes[*i]));
            x += places[*i].1 + GAP.0;
        }
    }
    let top = |row: usize| MARGIN + row as f32 * (HEIGHT + GAP.1);
    let mut shapes = Vec::new();
    for (i, node) in nodes.iter().enumerate() {
        for need in &node.needs {
            let from = (places[*need].0 + places[*need].1 / 2.0, top(nodes[*need].row) + HEIGHT);
            arrow(from, (places[i].0 + places[i].1 / 2.0, top(node.row)), &mut shapes);
        }
    }
    for (node, (x, w)) in nodes.iter().zip(&places) {
        boxed(node, *x, top(node.row), *w, &mut shapes);
    }
    let height = top(rows.len().saturating_sub(1)) + HEIGHT + MARGIN;
    Scene { width, height, shapes }
}

/// Inputs and calls, each in the row below the last that it needs.
fn nodes(network: &Network) -> Vec<Node> {
    let mut nodes: Vec<Node> = Vec::new();
    let mut place: HashMap<*const Call, usize> = HashMap::new();
    let title = |call: &Call| format!("{} ({})", call.layer.name(), call.layer.layer().class_name());
    let text = |call: &Call| {
        let shapes: Vec<String> = call.outputs.iter().map(|t| Shape::to_string(&t.shape)).collect();
        shapes.join(", ")
    };
    for input in network.inputs() {
        let call: &Call = input.call();
        place.insert(call, nodes.len());
        nodes.push(Node { title: title(call), shape: text(call), needs: Vec::new(), row: 0 });
    }
    for call in network.calls() {
        let of = |s: &&Symbolic| place.get(&std::ptr::from_ref::<Call>(s.call())).copied();
        let mut needs: Vec<usize> = call.inputs().iter().filter_map(of).collect();
        needs.sort_unstable();
        needs.dedup();
        let row = needs.iter().map(|n| nodes[*n].row + 1).max().unwrap_or(0);
        place.insert(&**call, nodes.len());
        nodes.push(Node { title: title(call), shape: text(call), needs, row });
    }
    nodes
}

fn boxed(node: &Node, x: f32, y: f32, w: f32, shapes: &mut Vec<Mark>) {
    shapes.push(Mark::Box { x, y, w, h: HEIGHT, fill: FILL, alpha: 1.0, edge: Some(EDGE) });
    let mut line = |text: &str, down: f32, size: f32, color: Color| {
        let (text, x) = (text.to_string(), x + w / 2.0);
        shapes.push(Mark::Text { x, y: y + down, size, text, color, anchor: Anchor::Middle, up: false });
    };
    line(&node.title, 20.0, TEXT, INK);
    line(&node.shape, 37.0, SMALL, PALE);
}

fn arrow(from: (f32, f32), to: (f32, f32), shapes: &mut Vec<Mark>) {
    let mut line = |points: Vec<(f32, f32)>| {
        shapes.push(Mark::Line { points, color: PALE, width: 1.3, alpha: 1.0, dash: None });
    };
    let (dx, dy) = (to.0 - from.0, to.1 - from.1);
    let long = dx.hypot(dy).max(1.0);
    let (ux, uy) = (dx / long, dy / long);
    let tip = (to.0 - ux, to.1 - uy);
    let back = |side: f32| (tip.0 - 6.0 * ux - side * 3.5 * uy, tip.1 - 6.0 * uy + side * 3.5 * ux);
    line(vec![from, tip]);
    line(vec![back(1.0), tip, back(-1.0)]);
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::prelude::*;

    #[test]
    fn a_layer_stands_below_all_that_it_needs() {
        let x = Input([4]).unwrap();
        let a = Dense::new(4usize).on(&x).unwrap();
        let y = Add::new().on_all(&[&x, &a]).unwrap();
        let nodes = nodes(&Network::new(&[&x], &[&y]).unwrap());
        let rows: Vec<usize> = nodes.iter().map(|n| n.row).collect();
        assert_eq!(rows, [0, 1, 2]);
        assert_eq!(nodes[2].needs, [0, 1]);
        assert_eq!(nodes[1].shape, "(None, 4)");
    }
}
