//! Handwritten digits, 8 × 8 pixels, read by a convolutional network.

use addax::data::{Split, Table, train_test_split};
use addax::prelude::*;
use std::path::Path;

const TABLE: &str = concat!(env!("CARGO_MANIFEST_DIR"), "/../../examples/data/digits.csv");

/// Trains on four fifths of the table; the accuracy on the rest.
pub fn accuracy(verbose: u8) -> Result<f64> {
    set_random_seed(1);
    let (x, y) = Table::read(Path::new(TABLE))?.split("digit")?;
    let pixels: Vec<f32> = x.as_slice::<f32>()?.iter().map(|p| p / 16.0).collect();
    let x = Value::new([x.rows(), 8, 8, 1], pixels)?;
    let parts = train_test_split(&[&x, &y], &Split::new(0.2).random_state(0).stratify(&y))?;
    let [(x_train, x_test), (y_train, y_test)] = &parts[..] else { return Err(Error::value("split")) };

    let mut model = Model::sequential(
        Sequential::new()
            .add(Conv2D::new(16usize, 3).padding("same").activation("relu").input_shape([8, 8, 1]))
            .add(Conv2D::new(32usize, 3).padding("same").activation("relu"))
            .add(MaxPooling2D::new())
            .add(Flatten::new())
            .add(Dropout::new(0.4))
            .add(Dense::new(10usize).activation("softmax")),
    )?;
    let optimizer = Adam::new().learning_rate(0.003);
    model.compile(Compile::new(optimizer).loss("sparse_categorical_crossentropy").metrics(["accuracy"]))?;
    let fit = Fit::new().epochs(15).verbose(verbose).seed(1).validation_data(x_test, y_test);
    let history = model.fit(x_train, y_train, fit)?;
    history.last("val_accuracy").ok_or_else(|| Error::value("history").expected("val_accuracy"))
}

fn main() -> Result<()> {
    println!("accuracy on the test set: {:.4}", accuracy(1)?);
    Ok(())
}
