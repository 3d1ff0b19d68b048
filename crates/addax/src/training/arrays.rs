//! Arrays handed to a model: one per input or output.

use addax_core::Value;

/// One array, or one per input or output.
#[derive(Clone, Debug)]
pub struct Arrays(pub Vec<Value>);

impl From<&Value> for Arrays {
    fn from(v: &Value) -> Arrays {
        Arrays(vec![v.clone()])
    }
}

impl From<Value> for Arrays {
    fn from(v: Value) -> Arrays {
        Arrays(vec![v])
    }
}

impl From<Vec<Value>> for Arrays {
    fn from(v: Vec<Value>) -> Arrays {
        Arrays(v)
    }
}

impl<const N: usize> From<[&Value; N]> for Arrays {
    fn from(v: [&Value; N]) -> Arrays {
        Arrays(v.into_iter().cloned().collect())
    }
}
