//! Architectures as Keras's configs: Sequential and Functional models, read and written.

use super::architecture::Architecture;
use super::network::Network;
use super::sequential::{Sequential, input_type};
use super::symbolic::{Call, Symbolic, address, input_of};
use crate::arguments::{Argument, Arguments};
use crate::class::Config;
use crate::layers::LayerRef;
use addax_core::{Dim, Error, Result, Shape};
use serde_json::{Value as Json, json};
use std::collections::{BinaryHeap, HashMap};
use std::sync::Arc;

/// Whether a class is a model made of layers.
pub(crate) fn is_network(class: &str, config: &Config) -> bool {
    match class {
        "Sequential" | "Functional" => true,
        "Model" => config.contains_key("layers"),
        _ => false,
    }
}

/// Reads the architecture of a model.
pub(crate) fn read(class: &str, config: &Config) -> Result<Architecture> {
    if class == "Sequential" {
        read_sequential(config)
    } else {
        Ok(Architecture::Built(Arc::new(read_functional(config)?)))
    }
}

fn layer_list(config: &Config) -> Result<&Vec<Json>> {
    let layers = config.get("layers").and_then(Json::as_array);
    layers.ok_or_else(|| Error::value("config").expected("a list \"layers\""))
}

fn read_sequential(config: &Config) -> Result<Architecture> {
    let mut stack = Sequential::new();
    for layer in layer_list(config)? {
        stack = stack.add(LayerRef::from_json(layer)?);
    }
    match config.get("build_input_shape").and_then(Json::as_array) {
        Some(dims) if !stack.knows_input() => {
            let dims = dims.iter().map(|d| Dim::from(d.as_u64().and_then(|n| usize::try_from(n).ok())));
            let network = stack.build_for_batch(Shape::from(dims.collect::<Vec<_>>()))?;
            Ok(Architecture::Built(Arc::new(network)))
        }
        _ => Architecture::of(stack),
    }
}

/// A call that waits for what it is called on.
struct Waiting<'a> {
    layer: usize,
    node: &'a Json,
    /// How many calls it still waits for.
    open: usize,
    /// Calls that wait for it.
    followers: Vec<usize>,
}

/// The layers of a functional model with the calls that were made so far.
struct Reader<'a> {
    layers: Vec<LayerRef>,
    names: HashMap<&'a str, usize>,
    calls: Vec<Vec<Vec<Symbolic>>>,
}

fn read_functional(config: &Config) -> Result<Network> {
    let list = layer_list(config)?;
    let mut reader = Reader { layers: Vec::new(), names: HashMap::new(), calls: Vec::new() };
    for (i, json) in list.iter().enumerate() {
        let layer = LayerRef::from_json(json)?;
        let name = json.get("name").or_else(|| json.get("config").and_then(|c| c.get("name")));
        let name =
            name.and_then(Json::as_str).ok_or_else(|| Error::value(layer.title()).expected("a name"))?;
        if reader.names.insert(name, i).is_some() {
            return Err(Error::value("layer names")
                .expected("all different")
                .got(format!("\"{name}\" twice")));
        }
        reader.calls.push(input_type(&layer).map(|ty| vec![input_of(&layer, ty)]).into_iter().collect());
        reader.layers.push(layer);
    }
    reader.run(list)?;
    let structure = |key: &str| -> Result<Argument<Symbolic>> {
        let json =
            config.get(key).ok_or_else(|| Error::value("config").expected(format_args!("\"{key}\"")))?;
        reader.structure(json).map_err(|e| e.at(key))
    };
    Network::structured(structure("input_layers")?, structure("output_layers")?)
}

impl<'a> Reader<'a> {
    /// Makes all calls, each after those it needs; among those that can be made the first in the file.
    fn run(&mut self, list: &'a [Json]) -> Result<()> {
        let (mut waiting, places) = self.nodes(list)?;
        for i in 0..waiting.len() {
            let (layer, node) = (waiting[i].layer, waiting[i].node);
            let mut needs = Vec::new();
            histories(node, &mut needs);
            let before =
                places[layer].iter().position(|p| *p == i).filter(|k| *k > 0).map(|k| places[layer][k - 1]);
            let title = self.layers[layer].title();
            for history in needs {
                let (producer, node, _) = self.history(history).map_err(|e| e.at(&title))?;
                if input_type(&self.layers[producer]).is_some() {
                    continue;
                }
                let place = places[producer].get(node).ok_or_else(|| {
                    let wanted = format!(
                        "one of the {} calls of \"{}\"",
                        places[producer].len(),
                        self.layers[producer].name()
                    );
                    Error::value(&title).expected(wanted).got(format_args!("call {node}"))
                })?;
                waiting[*place].followers.push(i);
                waiting[i].open += 1;
            }
            if let Some(before) = before {
                waiting[before].followers.push(i);
                waiting[i].open += 1;
            }
        }
        let mut ready: BinaryHeap<std::cmp::Reverse<usize>> =
            (0..waiting.len()).filter(|i| waiting[*i].open == 0).map(std::cmp::Reverse).collect();
        let mut made = 0;
        while let Some(std::cmp::Reverse(i)) = ready.pop() {
            self.call(waiting[i].layer, waiting[i].node)?;
            made += 1;
            for next in std::mem::take(&mut waiting[i].followers) {
                waiting[next].open -= 1;
                if waiting[next].open == 0 {
                    ready.push(std::cmp::Reverse(next));
                }
            }
        }
        match waiting.iter().find(|w| w.open > 0) {
            Some(stuck) if made < waiting.len() => {
                let title = self.layers[stuck.layer].title();
                Err(Error::value(title).expected("calls in some order").got("a cycle of calls"))
            }
            _ => Ok(()),
        }
    }

    /// All calls of the file, and where the calls of each layer stand among them.
    fn nodes(&self, list: &'a [Json]) -> Result<(Vec<Waiting<'a>>, Vec<Vec<usize>>)> {
        let mut waiting = Vec::new();
        let mut places = vec![Vec::new(); list.len()];
        for (layer, json) in list.iter().enumerate() {
            let nodes = json.get("inbound_nodes").and_then(Json::as_array).map_or(&[][..], Vec::as_slice);
            if input_type(&self.layers[layer]).is_some() {
                continue;
            }
            for node in nodes {
                places[layer].push(waiting.len());
                waiting.push(Waiting { layer, node, open: 0, followers: Vec::new() });
            }
        }
        Ok((waiting, places))
    }

    /// `[layer name, call, output]`: which layer, which of its calls, which output.
    fn history(&self, json: &Json) -> Result<(usize, usize, usize)> {
        let list = json.as_array().filter(|l| l.len() >= 3);
        let wrong = || Error::value("tensor").expected("[layer, call, output]").got(json);
        let list = list.ok_or_else(wrong)?;
        let name = list[0].as_str().ok_or_else(wrong)?;
        let layer = self.names.get(name).copied();
        let layer = layer.ok_or_else(|| Error::unknown("layer", name, self.names.keys().copied()))?;
        let number = |j: &Json| j.as_u64().and_then(|n| usize::try_from(n).ok());
        Ok((layer, number(&list[1]).ok_or_else(wrong)?, number(&list[2]).ok_or_else(wrong)?))
    }

    fn tensor(&self, layer: usize, call: usize, output: usize) -> Result<Symbolic> {
        let found = self.calls[layer].get(call).and_then(|outputs| outputs.get(output)).cloned();
        found.ok_or_else(|| {
            Error::value(format!("output {output} of call {call} of \"{}\"", self.layers[layer].name()))
                .expected("one that is made")
        })
    }

    fn call(&mut self, layer: usize, node: &Json) -> Result<()> {
        let arguments = match node {
            Json::Object(node) => {
                let list = node.get("args").and_then(Json::as_array).map_or(&[][..], Vec::as_slice);
                let positional = list.iter().map(|a| self.argument(a)).collect::<Result<_>>()?;
                let empty = Config::new();
                let named = node.get("kwargs").and_then(Json::as_object).unwrap_or(&empty);
                let named =
                    named.iter().map(|(k, v)| Ok((k.clone(), self.argument(v)?))).collect::<Result<_>>()?;
                Arguments { positional, named }
            }
            // The form of Keras 2: a list of [layer, call, output, keyword arguments].
            Json::Array(list) => {
                let mut tensors = Vec::new();
                let mut named = Vec::new();
                for item in list {
                    let (l, c, o) = self.history(item)?;
                    tensors.push(self.tensor(l, c, o)?);
                    if let Some(Json::Object(more)) = item.get(3) {
                        named.extend(more.iter().map(|(k, v)| (k.clone(), Argument::Plain(v.clone()))));
                    }
                }
                Arguments { named, ..Arguments::of(tensors) }
            }
            other => return Err(Error::type_("inbound_nodes").expected("calls").got(other)),
        };
        let layer_ref = self.layers[layer].clone();
        if arguments.leaves().is_empty() {
            return Err(Error::value(layer_ref.title()).expected("a call on a tensor").got("a call on none"));
        }
        self.calls[layer].push(layer_ref.on_with(arguments)?);
        Ok(())
    }

    fn argument(&self, json: &Json) -> Result<Argument<Symbolic>> {
        if let Some(history) = keras_history(json) {
            let (layer, call, output) = self.history(history)?;
            return Ok(Argument::Tensor(self.tensor(layer, call, output)?));
        }
        let mut inside = Vec::new();
        histories(json, &mut inside);
        if inside.is_empty() {
            return Ok(Argument::Plain(json.clone()));
        }
        match json {
            Json::Array(list) => {
                Ok(Argument::List(list.iter().map(|j| self.argument(j)).collect::<Result<_>>()?))
            }
            Json::Object(o) => {
                let entries = o.iter().map(|(k, v)| Ok((k.clone(), self.argument(v)?)));
                Ok(Argument::Dict(entries.collect::<Result<_>>()?))
            }
            _ => Ok(Argument::Plain(json.clone())),
        }
    }

    /// `input_layers` and `output_layers`: `[name, call, output]` in a structure.
    fn structure(&self, json: &Json) -> Result<Argument<Symbolic>> {
        match json {
            Json::Array(list) if list.len() == 3 && list[0].is_string() => {
                let (layer, mut call, output) = self.history(json)?;
                // Here, and only here, Keras counts the calls of a nested functional model from 1.
                if self.layers[layer].layer().class_name() == "Functional" {
                    call = call.saturating_sub(1);
                }
                Ok(Argument::Tensor(self.tensor(layer, call, output)?))
            }
            Json::Array(list) => {
                Ok(Argument::List(list.iter().map(|j| self.structure(j)).collect::<Result<_>>()?))
            }
            Json::Object(o) => {
                let entries = o.iter().map(|(k, v)| Ok((k.clone(), self.structure(v)?)));
                Ok(Argument::Dict(entries.collect::<Result<_>>()?))
            }
            other => Err(Error::type_("tensors")
                .expected("[layer, call, output] in lists or dictionaries")
                .got(other)),
        }
    }
}

/// The history of a tensor object.
fn keras_history(json: &Json) -> Option<&Json> {
    let object = json.as_object()?;
    let tensor = object.get("class_name").and_then(Json::as_str) == Some("__keras_tensor__");
    if tensor { object.get("config")?.get("keras_history") } else { None }
}

/// All histories inside a call. The depth of JSON that was read is bounded by its reader.
fn histories<'a>(json: &'a Json, out: &mut Vec<&'a Json>) {
    if let Some(history) = keras_history(json) {
        out.push(history);
        return;
    }
    match json {
        // In the form of Keras 2 a call is a list of histories.
        Json::Array(list)
            if list.len() >= 3 && list[0].is_string() && list[1].is_u64() && list[2].is_u64() =>
        {
            out.push(json);
        }
        Json::Array(list) => list.iter().for_each(|j| histories(j, out)),
        Json::Object(o) => o.values().for_each(|j| histories(j, out)),
        _ => {}
    }
}

/// Writes the architecture of a model, without its name.
pub(super) fn write(network: &Network) -> Config {
    let mut config = Config::new();
    if network.is_sequential() {
        let layers: Vec<Json> = network.operations().iter().map(LayerRef::to_json).collect();
        config.insert("layers".to_string(), Json::Array(layers));
        let shape = network.inputs().first().map(|s| shape_json(&s.shown_shape()));
        config.insert("build_input_shape".to_string(), shape.unwrap_or(Json::Null));
        return config;
    }
    let writer = Writer::new(network);
    let layers = network.operations().iter().map(|l| writer.layer(l, network.calls())).collect();
    config.insert("layers".to_string(), Json::Array(layers));
    let (inputs, outputs) = network.structure();
    config.insert("input_layers".to_string(), writer.structure(inputs));
    config.insert("output_layers".to_string(), writer.structure(outputs));
    config
}

/// Which call of its layer each call is.
struct Writer {
    number: HashMap<usize, usize>,
}

fn shape_json(shape: &Shape) -> Json {
    Json::Array(shape.dims().iter().map(|d| d.known().map_or(Json::Null, |n| json!(n))).collect())
}

impl Writer {
    fn new(network: &Network) -> Writer {
        let mut counts: HashMap<usize, usize> = HashMap::new();
        let mut number = HashMap::new();
        for call in network.calls() {
            let count = counts.entry(call.layer.address()).or_insert(0);
            number.insert(address(call), *count);
            *count += 1;
        }
        Writer { number }
    }

    fn call_number(&self, s: &Symbolic) -> usize {
        self.number.get(&address(s.call())).copied().unwrap_or(0)
    }

    fn layer(&self, layer: &LayerRef, calls: &[Arc<Call>]) -> Json {
        let mut json = layer.to_json();
        let nodes: Vec<Json> = calls.iter().filter(|c| c.layer.is(layer)).map(|c| self.node(c)).collect();
        if let Json::Object(object) = &mut json {
            object.insert("name".to_string(), json!(layer.name()));
            object.insert("inbound_nodes".to_string(), Json::Array(nodes));
        }
        json
    }

    fn node(&self, call: &Call) -> Json {
        let args: Vec<Json> = call.arguments.positional.iter().map(|a| self.argument(a)).collect();
        let kwargs: Config =
            call.arguments.named.iter().map(|(k, a)| (k.clone(), self.argument(a))).collect();
        json!({"args": args, "kwargs": kwargs})
    }

    fn argument(&self, argument: &Argument<Symbolic>) -> Json {
        self.write(argument, &|s| {
            json!({"class_name": "__keras_tensor__", "config": {
                "shape": shape_json(&s.shown_shape()), "dtype": if s.is_text() { "string" } else { s.dtype().name() },
                "keras_history": [s.call().layer.name(), self.call_number(s), s.index()]
            }})
        })
    }

    fn structure(&self, argument: &Argument<Symbolic>) -> Json {
        self.write(argument, &|s| {
            let nested = s.call().layer.layer().class_name() == "Functional";
            json!([s.call().layer.name(), self.call_number(s) + usize::from(nested), s.index()])
        })
    }

    fn write(&self, argument: &Argument<Symbolic>, leaf: &dyn Fn(&Symbolic) -> Json) -> Json {
        match argument {
            Argument::Tensor(s) => leaf(s),
            Argument::Plain(json) => json.clone(),
            Argument::List(list) => Json::Array(list.iter().map(|a| self.write(a, leaf)).collect()),
            Argument::Dict(entries) => {
                Json::Object(entries.iter().map(|(k, a)| (k.clone(), self.write(a, leaf))).collect())
            }
        }
    }
}
