//! The progression of diabetes within a year, by a network and by ridge regression on the same folds.

use addax::data::{Folds, StandardScaler, Table, scores};
use addax::prelude::*;
use std::path::Path;

const TABLE: &str = concat!(env!("CARGO_MANIFEST_DIR"), "/../../examples/data/diabetes.csv");

/// The mean absolute errors of the network and of ridge regression, each the mean over five folds.
pub fn errors(verbose: u8) -> Result<(f64, f64)> {
    set_random_seed(1);
    let (x, y) = Table::read(Path::new(TABLE))?.split("progression")?;
    let folds = Folds::new(5).random_state(0).indices(x.rows())?;
    let (mut network, mut ridge) = (0.0, 0.0);
    for (train, test) in &folds {
        let (x_train, x_test, y_train, y_test) =
            (x.take_rows(train)?, x.take_rows(test)?, y.take_rows(train)?, y.take_rows(test)?);
        let (xs, ys) = (StandardScaler::fit(&x_train)?, StandardScaler::fit(&y_train)?);
        let (x_train, x_test, y_train) =
            (xs.transform(&x_train)?, xs.transform(&x_test)?, ys.transform(&y_train)?);

        let mut model = Model::sequential(
            Sequential::new()
                .add(
                    Dense::new(32usize)
                        .activation("relu")
                        .kernel_regularizer(L2::new().l2(0.03))
                        .input_shape([10]),
                )
                .add(Dense::new(1usize)),
        )?;
        model.compile(Compile::new("adam").loss("mse").metrics(["mae"]))?;
        model.fit(&x_train, &y_train, Fit::new().epochs(60).verbose(verbose).seed(1))?;

        let error = |predicted: Value| {
            let predicted = ys.inverse(&predicted.reshape(&[predicted.len()])?)?;
            scores::mean_absolute_error(&y_test.to_f64(), &predicted.to_f64())
        };
        network += error(model.predict(&x_test)?)? / folds.len() as f64;
        let weights = ridge_weights(&x_train.to_f64(), &y_train.to_f64(), 1.0);
        let linear = x_test.to_f64().chunks(10).map(|row| dot(row, &weights) as f32).collect::<Vec<f32>>();
        ridge += error(linear.into())? / folds.len() as f64;
    }
    Ok((network, ridge))
}

fn dot(a: &[f64], b: &[f64]) -> f64 {
    a.iter().zip(b).map(|(a, b)| a * b).sum()
}

/// Solves `(xᵀx + alpha·1) w = xᵀy` for columns with mean 0, by elimination; the matrix needs no pivots, being positive.
fn ridge_weights(x: &[f64], y: &[f64], alpha: f64) -> Vec<f64> {
    let n = x.len() / y.len();
    let column = |c: usize| x.iter().skip(c).step_by(n).copied().collect::<Vec<f64>>();
    let columns: Vec<Vec<f64>> = (0..n).map(column).collect();
    let mut rows: Vec<Vec<f64>> =
        columns.iter().map(|a| columns.iter().map(|b| dot(a, b)).chain([dot(a, y)]).collect()).collect();
    (0..n).for_each(|i| rows[i][i] += alpha);
    for i in 0..n {
        let pivot = rows[i].clone();
        for row in rows.iter_mut().skip(i + 1) {
            let factor = row[i] / pivot[i];
            row.iter_mut().zip(&pivot).for_each(|(a, p)| *a -= factor * p);
        }
    }
    let mut weights = vec![0.0; n];
    for i in (0..n).rev() {
        weights[i] = (rows[i][n] - dot(&rows[i][..n], &weights)) / rows[i][i];
    }
    weights
}

fn main() -> Result<()> {
    let (network, ridge) = errors(0)?;
    println!("mean absolute error over five folds: network {network:.2}, ridge regression {ridge:.2}");
    Ok(())
}
