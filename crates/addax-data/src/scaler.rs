//! Columns brought to mean 0 and deviation 1.

use addax_core::{Error, Result, Value};

/// Mean and deviation of each column, found on training rows and applied to any: scikit-learn's `StandardScaler`.
///
/// ```
/// use addax_core::Value;
/// use addax_data::StandardScaler;
/// let scaler = StandardScaler::fit(&Value::new([2, 1], vec![1f32, 3.0])?)?;
/// assert_eq!(scaler.transform(&Value::new([1, 1], vec![5f32])?)?.as_slice::<f32>()?, [3.0]);
/// # Ok::<(), addax_core::Error>(())
/// ```
#[derive(Clone, Debug, PartialEq)]
pub struct StandardScaler {
    means: Vec<f64>,
    deviations: Vec<f64>,
}

impl StandardScaler {
    /// Measures the columns of `[rows, columns]`, or the only one of `[rows]`. NaN is left out; a column without spread
    /// has deviation 1. Errors: another rank, no row.
    pub fn fit(x: &Value) -> Result<StandardScaler> {
        let width = width(x)?;
        if x.rows() == 0 {
            return Err(Error::value("StandardScaler").expected("at least one row").got("none"));
        }
        let cells = x.to_f64();
        let (mut means, mut deviations) = (Vec::new(), Vec::new());
        for c in 0..width {
            let known = cells.iter().skip(c).step_by(width).copied().filter(|v| !v.is_nan());
            let count = known.clone().count().max(1) as f64;
            let mean = known.clone().sum::<f64>() / count;
            let deviation = (known.map(|v| (v - mean).powi(2)).sum::<f64>() / count).sqrt();
            means.push(mean);
            deviations.push(if deviation > 0.0 { deviation } else { 1.0 });
        }
        Ok(StandardScaler { means, deviations })
    }

    /// The means of the columns.
    pub fn means(&self) -> &[f64] {
        &self.means
    }

    /// The deviations of the columns.
    pub fn deviations(&self) -> &[f64] {
        &self.deviations
    }

    /// `(x - mean) / deviation` of each column, as `float32`; NaN stays. Errors: another number of columns.
    pub fn transform(&self, x: &Value) -> Result<Value> {
        self.each(x, |v, mean, deviation| (v - mean) / deviation)
    }

    /// `x · deviation + mean` of each column, as `float32`. Errors: another number of columns.
    pub fn inverse(&self, x: &Value) -> Result<Value> {
        self.each(x, |v, mean, deviation| v * deviation + mean)
    }

    fn each(&self, x: &Value, f: impl Fn(f64, f64, f64) -> f64) -> Result<Value> {
        let width = self.means.len();
        if self::width(x)? != width {
            return Err(Error::value("StandardScaler")
                .expected(format_args!("{width} columns as in the rows it was fitted to"))
                .got(format_args!("shape {:?}", x.shape())));
        }
        let cells = x.to_f64().into_iter().enumerate();
        let scaled = cells.map(|(i, v)| f(v, self.means[i % width], self.deviations[i % width]) as f32);
        Value::new(x.shape(), scaled.collect::<Vec<f32>>())
    }
}

fn width(x: &Value) -> Result<usize> {
    match *x.shape() {
        [_] => Ok(1),
        [_, width] => Ok(width),
        _ => Err(Error::value("StandardScaler")
            .expected("[rows, columns] or [rows]")
            .got(format_args!("{:?}", x.shape()))),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn columns_get_mean_0_and_deviation_1() {
        let x = Value::new([3, 2], vec![1f32, 7.0, 2.0, 7.0, f32::NAN, 7.0]).unwrap();
        let scaler = StandardScaler::fit(&x).unwrap();
        assert_eq!((scaler.means(), scaler.deviations()), (&[1.5, 7.0][..], &[0.5, 1.0][..]));
        let y = scaler.transform(&x).unwrap();
        assert_eq!(y.as_slice::<f32>().unwrap()[..4], [-1.0, 0.0, 1.0, 0.0]);
        assert!(y.as_slice::<f32>().unwrap()[4].is_nan());
        assert_eq!(scaler.inverse(&y).unwrap().as_slice::<f32>().unwrap()[..4], [1.0, 7.0, 2.0, 7.0]);
    }

    #[test]
    fn says_what_it_wanted() {
        assert!(StandardScaler::fit(&Value::scalar(1f32)).is_err());
        assert!(StandardScaler::fit(&Value::new([0, 2], Vec::<f32>::new()).unwrap()).is_err());
        let scaler = StandardScaler::fit(&Value::from(vec![1f32])).unwrap();
        let e = scaler.transform(&Value::new([1, 2], vec![1f32, 2.0]).unwrap()).unwrap_err().to_string();
        assert!(e.contains("expected 1 columns"), "{e}");
    }
}
