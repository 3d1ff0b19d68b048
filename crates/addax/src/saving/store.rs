//! The weights tree of Keras's files: which object's arrays stand under which path.

use crate::class::snake_case;
use crate::layers::LayerRef;
use crate::models::Architecture;
use std::collections::{HashMap, HashSet};

/// An object of the tree.
#[derive(Debug)]
pub(crate) struct Entry {
    /// Where it stands: `layers/dense_1`, nothing for the model itself.
    pub path: String,
    /// What holds the arrays; nothing for the model itself.
    pub layer: Option<LayerRef>,
}

impl Entry {
    /// The path of the group with its arrays.
    pub fn group(&self) -> String {
        join(&self.path, "vars")
    }
}

/// Everything below a model in Keras's order, the model first. A layer that is met twice stands at its first place.
pub(crate) fn entries(model: &Architecture) -> Vec<Entry> {
    let mut walk = Walk { entries: vec![Entry { path: String::new(), layer: None }], seen: HashSet::new() };
    walk.list("layers", &model.layers());
    walk.entries
}

struct Walk {
    entries: Vec<Entry>,
    seen: HashSet<usize>,
}

impl Walk {
    /// The layers of a list: each by its class, numbered from the second of a class on.
    fn list(&mut self, path: &str, layers: &[LayerRef]) {
        let mut counts: HashMap<String, usize> = HashMap::new();
        for layer in layers {
            let name = group_name(layer.layer().class_name());
            let count = counts.entry(name.clone()).or_insert(0);
            let own = if *count == 0 { name } else { format!("{name}_{count}") };
            *count += 1;
            self.layer(join(path, &own), layer);
        }
    }

    fn layer(&mut self, path: String, layer: &LayerRef) {
        if !self.seen.insert(layer.address()) {
            return;
        }
        self.entries.push(Entry { path: path.clone(), layer: Some(layer.clone()) });
        let sublayers = layer.layer().sublayers();
        if !sublayers.is_empty() {
            self.list(&join(&path, "layers"), &sublayers);
        }
        let mut children = layer.children();
        // Attributes by their names; private ones stand last.
        children.sort_by(|(a, _), (b, _)| (a.starts_with('_'), a).cmp(&(b.starts_with('_'), b)));
        for (attribute, child) in children {
            self.layer(join(&path, &attribute), &child);
        }
    }
}

/// The class in snake case; one class of Keras goes by another name in Python than in configs.
fn group_name(class: &str) -> String {
    if class == "GroupQueryAttention" { "grouped_query_attention".to_string() } else { snake_case(class) }
}

fn join(path: &str, name: &str) -> String {
    if path.is_empty() { name.to_string() } else { format!("{path}/{name}") }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::layers::{Dense, LayerExt, MultiHeadAttention};
    use crate::models::{Input, Network, Sequential};
    use std::sync::Arc;

    #[test]
    fn paths_are_those_of_keras() {
        let inner = Sequential::new().add(Dense::new(3usize).input_shape([4])).add(Dense::new(4usize));
        let inner = LayerRef::new(inner.build().unwrap());
        let x = Input([5, 4]).unwrap();
        let shared = LayerRef::from(Dense::new(4usize)).named("shared");
        let a = shared.on(&x).unwrap();
        let b = MultiHeadAttention::new(2usize, 2usize).on_all(&[&a, &shared.on(&a).unwrap()]).unwrap();
        let y = Dense::new(2usize).on(&b).unwrap();
        let network = Network::new(&[&x], &[&y]).unwrap();
        let paths: Vec<String> =
            entries(&Architecture::Built(Arc::new(network))).iter().map(|e| e.path.clone()).collect();
        let start = ["", "layers/input_layer", "layers/dense", "layers/multi_head_attention"];
        assert_eq!(paths[..4], start);
        assert_eq!(paths[4], "layers/multi_head_attention/key_dense");
        assert_eq!(paths.last().unwrap(), "layers/dense_1");
        let x = Input([4]).unwrap();
        let outer = Network::new(&[&x], &[&inner.on(&x).unwrap()]).unwrap();
        let paths = entries(&Architecture::Built(Arc::new(outer)));
        let paths: Vec<&str> = paths.iter().map(|e| e.path.as_str()).collect();
        assert_eq!(
            paths[2..],
            ["layers/sequential", "layers/sequential/layers/dense", "layers/sequential/layers/dense_1"]
        );
    }
}
