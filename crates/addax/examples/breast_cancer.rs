//! Breast cancer, malignant or benign, told from measurements of cell nuclei.

use addax::data::{Split, StandardScaler, Table, scores, train_test_split};
use addax::prelude::*;
use std::path::Path;

const TABLE: &str = concat!(env!("CARGO_MANIFEST_DIR"), "/../../examples/data/breast_cancer.csv");

/// Trains on four fifths of the table; accuracy and ROC-AUC on the rest.
pub fn scores(verbose: u8) -> Result<(f64, f64)> {
    set_random_seed(1);
    // The classes in sorted order: 0 is benign, 1 malignant.
    let (x, y) = Table::read(Path::new(TABLE))?.split("diagnosis")?;
    let parts = train_test_split(&[&x, &y], &Split::new(0.2).random_state(0).stratify(&y))?;
    let [(x_train, x_test), (y_train, y_test)] = &parts[..] else { return Err(Error::value("split")) };
    let scaler = StandardScaler::fit(x_train)?;

    let mut model = Model::sequential(
        Sequential::new()
            .add(
                Dense::new(16usize)
                    .activation("relu")
                    .kernel_regularizer(L2::new().l2(1e-3))
                    .input_shape([30]),
            )
            .add(Dropout::new(0.2))
            .add(Dense::new(1usize).activation("sigmoid")),
    )?;
    model.compile(Compile::new("adam").loss("binary_crossentropy").metrics(["accuracy"]))?;
    let fit = Fit::new().epochs(30).batch_size(16).verbose(verbose).seed(1);
    model.fit(scaler.transform(x_train)?, y_train, fit)?;

    let chances = model.predict(scaler.transform(x_test)?)?.to_f64();
    let named: Vec<i64> = chances.iter().map(|p| i64::from(*p > 0.5)).collect();
    let truth = y_test.to_i64();
    Ok((scores::accuracy(&truth, &named)?, scores::roc_auc(&truth, &chances)?))
}

fn main() -> Result<()> {
    let (accuracy, auc) = scores(1)?;
    println!("on the test set: accuracy {accuracy:.4}, ROC-AUC {auc:.4}");
    Ok(())
}
