//! Our arrays against Keras's.

use super::case::Case;
use addax_data::{Array, Arrays};

/// Compares an array with `expected[key]`, or with `expected["alt_" + key]` where there is one.
pub(crate) fn compare(case: &Case, expected: &Arrays, key: &str, got: &Array) -> Result<(), String> {
    let one = |name: &str| {
        let want = expected.get(name).ok_or_else(|| format!("{name}: nothing to compare with"))?;
        near(want, got, case.tolerance(key)).map_err(|e| format!("{key}: {e}"))
    };
    let alternative = format!("alt_{key}");
    match one(key) {
        Err(_) if expected.get(&alternative).is_some() => one(&alternative),
        told => told,
    }
}

fn near(want: &Array, got: &Array, (relative, absolute): (f64, f64)) -> Result<(), String> {
    if want.shape() != got.shape() {
        return Err(format!("shape {:?}, Keras has {:?}", got.shape(), want.shape()));
    }
    let (want, got) = match (want, got) {
        (Array::Numbers(want), Array::Numbers(got)) => (want, got),
        (Array::Strings(want), Array::Strings(got)) => {
            let differ = want.iter().zip(got.iter()).position(|(a, b)| a != b);
            return differ.map_or(Ok(()), |i| Err(format!("another text at place {i}")));
        }
        _ => return Err("numbers for text or text for numbers".to_string()),
    };
    let exact = !want.dtype().is_float();
    if exact == got.dtype().is_float() {
        return Err(format!("{}, Keras has {}", got.dtype(), want.dtype()));
    }
    let mut worst = (0.0, 0);
    for (i, (w, g)) in want.to_f64().into_iter().zip(got.to_f64()).enumerate() {
        let allowed = if exact { 0.0 } else { absolute + relative * w.abs() };
        let same = w == g || (w.is_nan() && g.is_nan());
        let excess = if same { 0.0 } else { (w - g).abs() / allowed };
        if excess.is_nan() || excess > worst.0 {
            worst = (if excess.is_nan() { f64::INFINITY } else { excess }, i);
        }
    }
    if worst.0 <= 1.0 {
        return Ok(());
    }
    let at = worst.1;
    let (w, g) = (want.to_f64()[at], got.to_f64()[at]);
    Err(format!("{g} at place {at}, Keras has {w} ({:.1} times what is allowed)", worst.0))
}
