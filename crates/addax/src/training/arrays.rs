//! Arrays handed to a model: one per input or output, in order or by name.

use addax_core::{Error, Result, Value};

/// One array, one per input or output in order, or by the names of inputs or outputs.
#[derive(Clone, Debug)]
pub enum Arrays {
    /// In order.
    List(Vec<Value>),
    /// By name.
    Named(Vec<(String, Value)>),
}

impl Arrays {
    /// By the names of inputs or outputs.
    pub fn named<S: Into<String>>(arrays: impl IntoIterator<Item = (S, Value)>) -> Arrays {
        Arrays::Named(arrays.into_iter().map(|(n, v)| (n.into(), v)).collect())
    }

    /// All of them.
    pub fn values(&self) -> impl Iterator<Item = &Value> {
        let (list, named) = match self {
            Arrays::List(list) => (&list[..], &[][..]),
            Arrays::Named(named) => (&[][..], &named[..]),
        };
        list.iter().chain(named.iter().map(|(_, v)| v))
    }

    /// The first of them.
    pub(crate) fn first(&self) -> Option<&Value> {
        self.values().next()
    }

    /// How many.
    pub(crate) fn len(&self) -> usize {
        self.values().count()
    }

    /// The same arrays, each changed by `f`.
    pub(crate) fn try_map(&self, mut f: impl FnMut(&Value) -> Result<Value>) -> Result<Arrays> {
        Ok(match self {
            Arrays::List(list) => Arrays::List(list.iter().map(f).collect::<Result<_>>()?),
            Arrays::Named(named) => {
                Arrays::Named(named.iter().map(|(n, v)| Ok((n.clone(), f(v)?))).collect::<Result<_>>()?)
            }
        })
    }

    /// One place per name. A list may leave out those that are not `needed`; so may names.
    pub(crate) fn by_name(
        &self,
        what: &str,
        names: &[String],
        needed: &[bool],
    ) -> Result<Vec<Option<Value>>> {
        match self {
            Arrays::List(list) if list.len() == names.len() => Ok(list.iter().cloned().map(Some).collect()),
            Arrays::List(list) if list.len() == needed.iter().filter(|n| **n).count() => {
                let mut list = list.iter().cloned();
                Ok(needed.iter().map(|n| if *n { list.next() } else { None }).collect())
            }
            Arrays::List(list) => Err(Error::value(what)
                .expected(format_args!("{} arrays ({})", names.len(), names.join(", ")))
                .got(list.len())),
            Arrays::Named(named) => {
                if let Some((name, _)) = named.iter().find(|(n, _)| !names.contains(n)) {
                    return Err(Error::unknown(what, name, names.iter().map(String::as_str)));
                }
                let find = |n: &String| named.iter().find(|(k, _)| k == n).map(|(_, v)| v.clone());
                let found: Vec<Option<Value>> = names.iter().map(find).collect();
                let missing = (0..names.len()).find(|i| needed[*i] && found[*i].is_none());
                match missing {
                    Some(i) => {
                        Err(Error::value(format!("{what} \"{}\"", names[i])).expected("an array").got("none"))
                    }
                    None => Ok(found),
                }
            }
        }
    }
}

impl From<&Value> for Arrays {
    fn from(v: &Value) -> Arrays {
        Arrays::List(vec![v.clone()])
    }
}

impl From<Value> for Arrays {
    fn from(v: Value) -> Arrays {
        Arrays::List(vec![v])
    }
}

impl From<Vec<Value>> for Arrays {
    fn from(v: Vec<Value>) -> Arrays {
        Arrays::List(v)
    }
}

impl<const N: usize> From<[&Value; N]> for Arrays {
    fn from(v: [&Value; N]) -> Arrays {
        Arrays::List(v.into_iter().cloned().collect())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_find_their_place() {
        let names = ["a".to_string(), "b".to_string()];
        let (x, y) = (Value::from(vec![1f32]), Value::from(vec![2f32]));
        let by_name = |a: Arrays, needed: [bool; 2]| a.by_name("y", &names, &needed);
        let swapped = Arrays::named([("b", y.clone()), ("a", x.clone())]);
        assert_eq!(by_name(swapped, [true; 2]).unwrap(), [Some(x.clone()), Some(y.clone())]);
        assert_eq!(by_name(Arrays::from(&y), [false, true]).unwrap(), [None, Some(y.clone())]);
        let e = by_name(Arrays::named([("b", y.clone())]), [true; 2]).unwrap_err().to_string();
        assert_eq!(e, "y \"a\": expected an array, got none");
        let e = by_name(Arrays::named([("c", y)]), [true; 2]).unwrap_err().to_string();
        assert!(e.starts_with("unknown y \"c\""), "{e}");
    }
}
