//! The arguments of a layer's call: tensors, plain values and structures of both, as Keras lets them be given.

use serde_json::Value as Json;

/// One argument: a tensor of some kind (symbolic, traced), a plain value, or a structure of both.
#[derive(Clone, Debug, PartialEq)]
pub enum Argument<T> {
    /// A tensor.
    Tensor(T),
    /// Anything that is no tensor, as it stands in a config.
    Plain(Json),
    /// A list or tuple.
    List(Vec<Argument<T>>),
    /// A dictionary, in the order in which it was written.
    Dict(Vec<(String, Argument<T>)>),
}

impl<T> Argument<T> {
    /// Its tensors in Keras's order: lists as they stand, dictionaries by sorted keys.
    pub fn leaves(&self) -> Vec<&T> {
        let mut out = Vec::new();
        self.collect(&mut out);
        out
    }

    fn collect<'a>(&'a self, out: &mut Vec<&'a T>) {
        match self {
            Argument::Tensor(t) => out.push(t),
            Argument::Plain(_) => {}
            Argument::List(list) => list.iter().for_each(|a| a.collect(out)),
            Argument::Dict(entries) => {
                let mut sorted: Vec<&(String, Argument<T>)> = entries.iter().collect();
                sorted.sort_by(|a, b| a.0.cmp(&b.0));
                sorted.into_iter().for_each(|(_, a)| a.collect(out));
            }
        }
    }

    /// The same structure over other tensors; `f` sees them in the order of [`Argument::leaves`].
    pub fn map<U>(&self, f: &mut dyn FnMut(&T) -> U) -> Argument<U> {
        match self {
            Argument::Tensor(t) => Argument::Tensor(f(t)),
            Argument::Plain(json) => Argument::Plain(json.clone()),
            Argument::List(list) => Argument::List(list.iter().map(|a| a.map(f)).collect()),
            Argument::Dict(entries) => {
                let mut order: Vec<usize> = (0..entries.len()).collect();
                order.sort_by(|a, b| entries[*a].0.cmp(&entries[*b].0));
                let mut made: Vec<(usize, (String, Argument<U>))> =
                    order.into_iter().map(|i| (i, (entries[i].0.clone(), entries[i].1.map(f)))).collect();
                made.sort_by_key(|(i, _)| *i);
                Argument::Dict(made.into_iter().map(|(_, e)| e).collect())
            }
        }
    }

    /// Whether it is Python's `None`.
    pub fn is_none(&self) -> bool {
        matches!(self, Argument::Plain(Json::Null))
    }
}

/// The arguments of one call.
#[derive(Clone, Debug, PartialEq)]
pub struct Arguments<T> {
    /// Those given by their place.
    pub positional: Vec<Argument<T>>,
    /// Those given by name.
    pub named: Vec<(String, Argument<T>)>,
}

impl<T> Arguments<T> {
    /// A call on one tensor, or on a list of several.
    pub fn of(mut tensors: Vec<T>) -> Self {
        let all = match tensors.len() {
            1 => tensors.pop().map(Argument::Tensor),
            _ => Some(Argument::List(tensors.into_iter().map(Argument::Tensor).collect())),
        };
        Arguments { positional: all.into_iter().collect(), named: Vec::new() }
    }

    /// A call on tensors one after another: `layer(a, b)`.
    pub fn each(tensors: Vec<T>) -> Self {
        Arguments { positional: tensors.into_iter().map(Argument::Tensor).collect(), named: Vec::new() }
    }

    /// With one more argument by name.
    pub fn with(mut self, name: &str, argument: Argument<T>) -> Self {
        self.named.push((name.to_string(), argument));
        self
    }

    /// All tensors, those given by place first.
    pub fn leaves(&self) -> Vec<&T> {
        self.positional.iter().chain(self.named.iter().map(|(_, a)| a)).flat_map(Argument::leaves).collect()
    }

    /// The same arguments over other tensors.
    pub fn map<U>(&self, f: &mut dyn FnMut(&T) -> U) -> Arguments<U> {
        Arguments {
            positional: self.positional.iter().map(|a| a.map(f)).collect(),
            named: self.named.iter().map(|(n, a)| (n.clone(), a.map(f))).collect(),
        }
    }

    /// An argument by its name, or by its place in the signature; `None` where it was left out or is `None`.
    pub fn get(&self, signature: &[&str], name: &str) -> Option<&Argument<T>> {
        let by_place = || signature.iter().position(|s| *s == name).and_then(|i| self.positional.get(i));
        let named = self.named.iter().find(|(n, _)| n == name).map(|(_, a)| a);
        named.or_else(by_place).filter(|a| !a.is_none())
    }

    /// What the layer is called on: the tensors given by place, or, if there are none, those of the signature's first
    /// argument.
    pub fn inputs(&self, signature: &[&str]) -> Vec<&T> {
        if self.positional.is_empty() {
            let first = signature.first().and_then(|name| self.get(&[], name));
            return first.map(Argument::leaves).unwrap_or_default();
        }
        self.positional.iter().flat_map(Argument::leaves).collect()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn dict() -> Argument<i32> {
        let entry = |k: &str, v| (k.to_string(), Argument::Tensor(v));
        Argument::Dict(vec![entry("z", 1), entry("a", 2)])
    }

    #[test]
    fn dictionaries_are_flattened_by_sorted_keys_and_keep_their_order() {
        assert_eq!(dict().leaves(), [&2, &1]);
        let mut seen = Vec::new();
        let doubled = dict().map(&mut |x| {
            seen.push(*x);
            x * 2
        });
        assert_eq!(seen, [2, 1]);
        assert_eq!(doubled.leaves(), [&4, &2]);
        assert!(matches!(&doubled, Argument::Dict(e) if e[0].0 == "z"));
    }

    #[test]
    fn arguments_are_found_by_place_and_name() {
        let call = Arguments::each(vec![1, 2])
            .with("key", Argument::Tensor(3))
            .with("mask", Argument::Plain(Json::Null));
        let signature = ["query", "value", "key", "mask"];
        assert_eq!(call.get(&signature, "value"), Some(&Argument::Tensor(2)));
        assert_eq!(call.get(&signature, "key"), Some(&Argument::Tensor(3)));
        assert_eq!(call.get(&signature, "mask"), None);
        assert_eq!((call.inputs(&signature), call.leaves()), (vec![&1, &2], vec![&1, &2, &3]));
    }
}
