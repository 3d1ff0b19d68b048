//! The lesson's data, made by seed.

use addax_core::rng::Rng;
use addax_core::{Result, Value};

/// `n` rows of ten uniform numbers, and their sum with normal noise of deviation 0.1: the lesson's regression.
///
/// ```
/// let (x, y) = addax_data::synthetic::sums(100, 0).unwrap();
/// assert_eq!((x.shape(), y.shape()), (&[100, 10][..], &[100][..]));
/// ```
pub fn sums(n: usize, seed: u64) -> Result<(Value, Value)> {
    let mut rng = Rng::new(seed, 0);
    let x: Vec<f32> = (0..n * 10).map(|_| rng.uniform() as f32).collect();
    let noise = |rng: &mut Rng| (0.1 * rng.normal()) as f32;
    let y: Vec<f32> = x.chunks(10).map(|row| row.iter().sum::<f32>() + noise(&mut rng)).collect();
    Ok((Value::new([n, 10], x)?, Value::from(y)))
}

/// Whether each number lies above the median: two classes of the same size.
pub fn above_median(y: &Value) -> Value {
    let numbers = y.to_f64();
    let mut sorted = numbers.clone();
    sorted.sort_by(f64::total_cmp);
    let median = sorted.get(sorted.len() / 2).copied().unwrap_or(0.0);
    Value::from(numbers.into_iter().map(|v| f32::from(u8::from(v > median))).collect::<Vec<f32>>())
}
