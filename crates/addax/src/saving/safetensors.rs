//! `.safetensors`: a tensor for each weight of each layer, `<layer name>/<variable name>`.
//!
//! The format: 8 bytes of length, a JSON header with the places of all tensors, their bytes one after another.

use super::arrays::bytes;
use crate::layers::LayerRef;
use crate::scope::Weight;
use crate::training::Model;
use addax_core::{DType, Error, Result, Value};
use serde_json::{Map, json};
use std::collections::HashSet;
use std::io::Write;
use std::sync::Arc;

/// The format's name of an element type.
fn name(dtype: DType) -> &'static str {
    match dtype {
        DType::Bool => "BOOL",
        DType::U8 => "U8",
        DType::I8 => "I8",
        DType::U32 => "U32",
        DType::I32 => "I32",
        DType::I64 => "I64",
        DType::F16 => "F16",
        DType::BF16 => "BF16",
        DType::F32 => "F32",
        DType::F64 => "F64",
    }
}

/// The weights of a model under their names. Those of layers inside a layer are called as if they were its own
/// (`lstm/kernel`) unless that would be two of a name (`bidirectional/forward_lstm/lstm_cell/kernel`); the layers of a
/// model inside a model stand in its path. A weight that is shared stands once.
pub(crate) fn collect(model: &Model) -> Result<Vec<(String, Value)>> {
    let (mut found, mut seen) = (Vec::new(), HashSet::new());
    let layers = model.architecture().layers();
    layers.iter().try_for_each(|layer| one(layer, "", &mut seen, &mut found))?;
    let mut names = HashSet::new();
    if let Some((twice, _)) = found.iter().find(|(n, _)| !names.insert(n.as_str())) {
        return Err(Error::value("names of weights")
            .expected("all different")
            .got(format!("\"{twice}\" twice")));
    }
    Ok(found)
}

fn one(
    layer: &LayerRef,
    above: &str,
    seen: &mut HashSet<usize>,
    found: &mut Vec<(String, Value)>,
) -> Result<()> {
    if !seen.insert(layer.address()) {
        return Ok(());
    }
    let path = format!("{above}{}/", layer.name());
    let sublayers = layer.layer().sublayers();
    if !sublayers.is_empty() {
        return sublayers.iter().try_for_each(|inner| one(inner, &path, seen, found));
    }
    let mut weights = Vec::new();
    inside(layer, &path, &mut weights);
    let mut names = HashSet::new();
    let differ = weights.iter().all(|(_, w)| names.insert(w.name.clone()));
    for (place, weight) in weights {
        let above = if differ { &path } else { &place };
        found.push((format!("{above}{}", weight.name), weight.value()?));
    }
    Ok(())
}

/// The weights of a layer and of those inside it, each with the path of its layer.
fn inside(layer: &LayerRef, path: &str, out: &mut Vec<(String, Arc<Weight>)>) {
    out.extend(layer.own_weights().into_iter().map(|w| (path.to_string(), w)));
    for (_, child) in layer.children() {
        inside(&child, &format!("{path}{}/", child.name()), out);
    }
}

/// Writes tensors.
pub(crate) fn write(tensors: &[(String, Value)], out: &mut dyn Write) -> Result<()> {
    let (mut header, mut at) = (Map::new(), 0);
    header.insert("__metadata__".to_string(), json!({"format": "keras"}));
    for (path, value) in tensors {
        let end = at + bytes(value).1.len();
        let entry = json!({"dtype": name(value.dtype()), "shape": value.shape(), "data_offsets": [at, end]});
        header.insert(path.clone(), entry);
        at = end;
    }
    let mut text = json!(header).to_string().into_bytes();
    // The tensors begin on a multiple of eight.
    text.resize(text.len().next_multiple_of(8), b' ');
    let failed = |e: std::io::Error| Error::value(e.to_string());
    out.write_all(&(text.len() as u64).to_le_bytes()).map_err(failed)?;
    out.write_all(&text).map_err(failed)?;
    tensors.iter().try_for_each(|(_, value)| out.write_all(bytes(value).1)).map_err(failed)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn tensors_follow_their_header() {
        let tensors =
            [("d/kernel".to_string(), Value::from(vec![1f32, 2.0])), ("n".into(), Value::scalar(7i32))];
        let mut file = Vec::new();
        write(&tensors, &mut file).unwrap();
        let length = u64::from_le_bytes(file[..8].try_into().unwrap()) as usize;
        let header: serde_json::Value = serde_json::from_slice(&file[8..8 + length]).unwrap();
        assert_eq!(header["n"], json!({"dtype": "I32", "shape": [], "data_offsets": [8, 12]}));
        assert_eq!((length % 8, file.len()), (0, 8 + length + 12));
        assert_eq!(file[file.len() - 4..], 7i32.to_le_bytes());
    }
}
