//! Numbers in a config: one, or lists in lists.

use crate::class::{Field, float, number};
use addax_core::{DType, Error, Result, Tensor, Value, element_count};
use serde_json::{Value as Json, json};

/// An array of numbers as an argument: `0.5`, `[1, 2]`, `[[1, 2], [3, 4]]`.
#[derive(Clone, Debug, PartialEq)]
pub struct Numbers {
    shape: Vec<usize>,
    numbers: Vec<f64>,
}

impl Numbers {
    /// The lengths of the axes.
    pub fn shape(&self) -> &[usize] {
        &self.shape
    }

    /// As a tensor.
    pub(super) fn tensor(&self, dtype: DType) -> Result<Tensor> {
        Ok(Tensor::new(Value::new(self.shape.clone(), self.numbers.clone())?.cast(dtype)))
    }

    fn collect(json: &Json, depth: usize, shape: &mut Vec<usize>, out: &mut Vec<f64>) -> Option<()> {
        match json {
            Json::Array(list) => {
                if shape.len() == depth {
                    // Numbers were met at this depth before.
                    if !out.is_empty() {
                        return None;
                    }
                    shape.push(list.len());
                }
                (shape[depth] == list.len()).then_some(())?;
                list.iter().try_for_each(|j| Numbers::collect(j, depth + 1, shape, out))
            }
            one if shape.len() == depth => {
                out.push(number(one)?);
                Some(())
            }
            _ => None,
        }
    }

    fn nested(&self, depth: usize, at: &mut std::slice::Iter<f64>) -> Json {
        match self.shape.get(depth) {
            None => at.next().map_or(Json::Null, |x| float(*x)),
            Some(n) => Json::Array((0..*n).map(|_| self.nested(depth + 1, at)).collect()),
        }
    }
}

impl From<f64> for Numbers {
    fn from(x: f64) -> Numbers {
        Numbers { shape: Vec::new(), numbers: vec![x] }
    }
}

impl From<Vec<f64>> for Numbers {
    fn from(numbers: Vec<f64>) -> Numbers {
        Numbers { shape: vec![numbers.len()], numbers }
    }
}

impl<const N: usize> From<[f64; N]> for Numbers {
    fn from(numbers: [f64; N]) -> Numbers {
        numbers.to_vec().into()
    }
}

impl Field for Numbers {
    fn to_json(&self) -> Json {
        self.nested(0, &mut self.numbers.iter())
    }

    fn from_json(json: &Json) -> Result<Self> {
        let wrong = || Error::type_("argument").expected("numbers in lists of equal lengths").got(json);
        // An array is written as an object with its numbers.
        let plain = match json {
            Json::Object(o) => o.get("config").and_then(|c| c.get("value")).ok_or_else(wrong)?,
            other => other,
        };
        let (mut shape, mut numbers) = (Vec::new(), Vec::new());
        Numbers::collect(plain, 0, &mut shape, &mut numbers).ok_or_else(wrong)?;
        match element_count(&shape) == Some(numbers.len()) {
            true => Ok(Numbers { shape, numbers }),
            false => Err(wrong()),
        }
    }
}

/// An axis, several of them, or none, written as a list.
#[derive(Clone, Debug, PartialEq)]
pub struct AxisList(pub Vec<isize>);

impl From<isize> for AxisList {
    fn from(axis: isize) -> Self {
        AxisList(vec![axis])
    }
}

impl From<Vec<isize>> for AxisList {
    fn from(axes: Vec<isize>) -> Self {
        AxisList(axes)
    }
}

impl Field for AxisList {
    fn to_json(&self) -> Json {
        json!(self.0)
    }

    fn from_json(json: &Json) -> Result<Self> {
        match json {
            Json::Null => Ok(AxisList(Vec::new())),
            Json::Array(_) => Vec::from_json(json).map(AxisList),
            one => isize::from_json(one).map(AxisList::from),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn come_back_as_they_were_written() {
        for json in [json!(0.5), json!([1.0, 2.0]), json!([[1.0, 2.0], [3.0, 4.0]])] {
            assert_eq!(Numbers::from_json(&json).unwrap().to_json(), json);
        }
        let array = json!({"class_name": "__numpy__", "config": {"value": [1, 2], "dtype": "float32"}});
        assert_eq!(Numbers::from_json(&array).unwrap(), Numbers::from([1.0, 2.0]));
        for wrong in [json!([[1, 2], [3]]), json!([1, [2]]), json!([[1], 2]), json!("x"), json!(null)] {
            assert!(Numbers::from_json(&wrong).is_err(), "{wrong}");
        }
        assert_eq!(AxisList::from_json(&json!(null)).unwrap().to_json(), json!([]));
    }
}
