//! Arrays of text as bytes along one more axis.

use addax_core::{DType, Error, Result, Value, element_count};

/// The texts of an array, without the zeros behind them, and its shape.
pub(super) fn texts(x: &Value) -> Result<(Vec<usize>, Vec<&[u8]>)> {
    let wrong = || Error::type_("inputs").expected("text").got(x.dtype());
    if x.dtype() != DType::U8 || x.rank() == 0 {
        return Err(wrong());
    }
    let (shape, width) = (&x.shape()[..x.rank() - 1], x.shape()[x.rank() - 1]);
    let bytes = x.as_slice::<u8>()?;
    let count = element_count(shape).ok_or_else(wrong)?;
    let text = |i: usize| {
        let own = &bytes[i * width..(i + 1) * width];
        let length = own.iter().rposition(|b| *b != 0).map_or(0, |last| last + 1);
        &own[..length]
    };
    Ok((shape.to_vec(), (0..count).map(text).collect()))
}

/// An array of texts.
pub(super) fn array(shape: &[usize], texts: &[&[u8]]) -> Result<Value> {
    let width = texts.iter().map(|t| t.len()).max().unwrap_or(0).max(1);
    let size = texts.len().checked_mul(width);
    let size = size.ok_or_else(|| Error::value("text").expected("less of it").got(texts.len()))?;
    let mut bytes = Vec::with_capacity(size);
    for t in texts {
        bytes.extend_from_slice(t);
        bytes.resize(bytes.len() + width - t.len(), 0u8);
    }
    Value::new([shape, &[width]].concat(), bytes)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn texts_come_back() {
        let list = ["a", "", "été"].map(str::as_bytes);
        let x = array(&[3], &list).unwrap();
        assert_eq!((x.shape(), texts(&x).unwrap()), (&[3, 5][..], (vec![3], list.to_vec())));
        assert!(texts(&Value::from(vec![1f32])).unwrap_err().to_string().contains("expected text"));
    }
}
