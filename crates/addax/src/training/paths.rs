//! Where the weights of a model stand: `layer/kernel`, `layer/cell/kernel`.

use crate::layers::LayerRef;
use crate::models::Network;
use std::collections::HashMap;

/// How deep layers may stand inside layers.
const DEEPEST: usize = 64;

/// The path of each weight, by its address; a shared weight has its first.
pub(crate) fn paths(network: &Network) -> HashMap<usize, String> {
    let mut found = HashMap::new();
    network.layers().iter().for_each(|layer| walk(layer, "", DEEPEST, &mut found));
    found
}

fn walk(layer: &LayerRef, above: &str, depth: usize, found: &mut HashMap<usize, String>) {
    if depth == 0 {
        return;
    }
    let own = format!("{above}{}/", layer.name());
    for weight in layer.own_weights() {
        let address = std::sync::Arc::as_ptr(&weight) as usize;
        found.entry(address).or_insert_with(|| format!("{own}{}", weight.name));
    }
    layer.children().iter().for_each(|(_, child)| walk(child, &own, depth - 1, found));
    // The layers of a model inside a model stand as if they were its own.
    layer.layer().sublayers().iter().for_each(|inner| walk(inner, above, depth - 1, found));
}
