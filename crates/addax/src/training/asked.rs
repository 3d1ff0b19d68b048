//! What `compile` is asked for, in the form in which it was asked: it is written back as it was.

use addax_core::{Error, Result};
use serde_json::{Map, Value as Json};

/// Nothing, one thing, a list, or things by output name.
#[derive(Clone, Debug, PartialEq)]
pub enum Asked<T> {
    /// Nothing.
    Nothing,
    /// One thing.
    One(T),
    /// A list, of lists perhaps.
    Many(Vec<Asked<T>>),
    /// By output name.
    Named(Vec<(String, Asked<T>)>),
}

impl<T> Asked<T> {
    /// Whether nothing at all was asked for.
    pub fn is_nothing(&self) -> bool {
        match self {
            Asked::Nothing => true,
            Asked::One(_) => false,
            Asked::Many(list) => list.iter().all(Asked::is_nothing),
            Asked::Named(named) => named.iter().all(|(_, a)| a.is_nothing()),
        }
    }

    /// All things in order; names in the order of their letters, as Keras flattens them.
    pub fn leaves(&self) -> Vec<&T> {
        match self {
            Asked::Nothing => Vec::new(),
            Asked::One(x) => vec![x],
            Asked::Many(list) => list.iter().flat_map(Asked::leaves).collect(),
            Asked::Named(named) => {
                let mut sorted: Vec<&(String, Asked<T>)> = named.iter().collect();
                sorted.sort_by(|a, b| a.0.cmp(&b.0));
                sorted.into_iter().flat_map(|(_, a)| a.leaves()).collect()
            }
        }
    }

    /// Adds one more thing for an output, beside what was asked for other outputs by name.
    pub(crate) fn name(&mut self, output: &str, thing: Asked<T>) {
        let entry = (output.to_string(), thing);
        match self {
            Asked::Named(named) => match named.iter_mut().find(|(n, _)| n == output) {
                Some((_, old)) => old.append(entry.1),
                None => named.push(entry),
            },
            _ => *self = Asked::Named(vec![entry]),
        }
    }

    /// Adds to what was asked for in order.
    pub(crate) fn append(&mut self, more: Asked<T>) {
        let own = std::mem::replace(self, Asked::Nothing);
        *self = match (own, more) {
            (Asked::Nothing, more) => more,
            (own, Asked::Nothing) => own,
            (own, more) => {
                let list = |a| if let Asked::Many(list) = a { list } else { vec![a] };
                Asked::Many(list(own).into_iter().chain(list(more)).collect())
            }
        };
    }

    /// As it stands in a config.
    pub fn to_json(&self, leaf: &dyn Fn(&T) -> Json) -> Json {
        match self {
            Asked::Nothing => Json::Null,
            Asked::One(x) => leaf(x),
            Asked::Many(list) => Json::Array(list.iter().map(|a| a.to_json(leaf)).collect()),
            Asked::Named(named) => {
                let entries = named.iter().map(|(n, a)| (n.clone(), a.to_json(leaf)));
                Json::Object(entries.collect::<Map<_, _>>())
            }
        }
    }

    /// Read from a config. An object with a class name is a thing; `depth` bounds how far lists may nest.
    pub fn from_json(json: &Json, leaf: &dyn Fn(&Json) -> Result<T>, depth: usize) -> Result<Asked<T>> {
        if depth == 0 {
            return Err(Error::value("compile_config").expected("lists that nest less deep"));
        }
        match json {
            Json::Null => Ok(Asked::Nothing),
            Json::Array(list) => list
                .iter()
                .map(|j| Asked::from_json(j, leaf, depth - 1))
                .collect::<Result<_>>()
                .map(Asked::Many),
            Json::Object(named) if !named.contains_key("class_name") => {
                let read = |(n, j): (&String, &Json)| {
                    Ok((n.clone(), Asked::from_json(j, leaf, depth - 1).map_err(|e: Error| e.at(n))?))
                };
                named.iter().map(read).collect::<Result<_>>().map(Asked::Named)
            }
            one => leaf(one).map(Asked::One),
        }
    }
}

/// One entry per output: by name, in order, or one for the only output. `common` says whether one thing (and not a list)
/// is meant for every output.
pub(crate) fn per_output<'a, T>(
    what: &str,
    asked: &'a Asked<T>,
    names: &[String],
    common: bool,
) -> Result<Vec<&'a Asked<T>>> {
    let wrong = |expected: String, got: String| Err(Error::value(what).expected(expected).got(got));
    match asked {
        Asked::Nothing => Ok(vec![&Asked::Nothing; names.len()]),
        Asked::One(_) if common || names.len() == 1 => Ok(vec![asked; names.len()]),
        Asked::One(_) => {
            wrong(format!("a list with an entry for each of {}, or a dict", names.join(", ")), "one".into())
        }
        Asked::Many(list) if names.len() > 1 && list.len() == names.len() => Ok(list.iter().collect()),
        Asked::Many(_) if names.len() == 1 => Ok(vec![asked]),
        Asked::Many(list) => wrong(
            format!("an entry for each of the {} outputs ({})", names.len(), names.join(", ")),
            list.len().to_string(),
        ),
        Asked::Named(named) => {
            if let Some((unknown, _)) = named.iter().find(|(n, _)| !names.contains(n)) {
                return Err(Error::unknown("output", unknown, names.iter().map(String::as_str)).at(what));
            }
            let find = |n: &String| named.iter().find(|(k, _)| k == n).map_or(&Asked::Nothing, |(_, a)| a);
            Ok(names.iter().map(find).collect())
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    fn read(json: &Json) -> Asked<String> {
        let text = |j: &Json| Ok(j.as_str().unwrap_or_default().to_string());
        Asked::from_json(json, &text, 8).unwrap()
    }

    #[test]
    fn every_form_is_written_as_it_was_read() {
        for json in [json!(null), json!("mse"), json!(["mse", null]), json!({"b": ["x"], "a": "y"})] {
            assert_eq!(read(&json).to_json(&|s| Json::String(s.clone())), json);
        }
        assert_eq!(read(&json!({"b": "x", "a": ["y", "z"]})).leaves(), ["y", "z", "x"]);
    }

    #[test]
    fn outputs_find_what_was_asked_for_them() {
        let names = ["a".to_string(), "b".to_string()];
        let of = |json: Json| {
            let asked = read(&json);
            per_output("metrics", &asked, &names, false).map(|l| l.into_iter().cloned().collect::<Vec<_>>())
        };
        assert_eq!(of(json!({"b": "x"})).unwrap(), [Asked::Nothing, Asked::One("x".to_string())]);
        let e = of(json!(["x"])).unwrap_err().to_string();
        assert_eq!(e, "metrics: expected an entry for each of the 2 outputs (a, b), got 1");
        let e = of(json!({"c": "x"})).unwrap_err().to_string();
        assert!(e.starts_with("metrics > unknown output \"c\""), "{e}");
    }

    #[test]
    fn nesting_is_bounded() {
        let mut json = json!("mse");
        for _ in 0..40 {
            json = json!([json]);
        }
        assert!(Asked::from_json(&json, &|_| Ok(()), 8).is_err());
    }
}
