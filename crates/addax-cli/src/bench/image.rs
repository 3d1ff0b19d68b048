//! Convolutional networks.

use super::{Measured, epochs, one_hot, random};
use addax::prelude::*;

/// The convnet of Keras's MNIST example.
pub fn w4(quick: bool) -> Result<Measured> {
    let n = if quick { 640 } else { 2560 };
    let layers = Sequential::new()
        .add(Conv2D::new(32usize, 3usize).activation("relu").input_shape([28, 28, 1]))
        .add(MaxPooling2D::new())
        .add(Conv2D::new(64usize, 3usize).activation("relu"))
        .add(MaxPooling2D::new())
        .add(Flatten::new())
        .add(Dropout::new(0.5))
        .add(Dense::new(10usize).activation("softmax"));
    let mut model = Model::sequential(layers)?;
    model.compile(Compile::new("adam").loss("categorical_crossentropy").metrics(["accuracy"]))?;
    epochs(&mut model, &random(&[n, 28, 28, 1], |r| r.uniform() as f32)?, &one_hot(n)?, 128, quick)
}

/// A convolution, normalized.
fn normalized(x: &Symbolic, filters: usize, strides: usize) -> Result<Symbolic> {
    let x = Conv2D::new(filters, 3usize).strides(strides).padding("same").on(x)?;
    BatchNormalization::new().on(&x)
}

fn relu(x: &Symbolic) -> Result<Symbolic> {
    Activation::new("relu").on(x)
}

/// ResNet-20 on 32 × 32 pictures.
pub fn w5(quick: bool) -> Result<Measured> {
    let n = if quick { 256 } else { 640 };
    let input = Input([32, 32, 3])?;
    let mut x = relu(&normalized(&input, 16, 1)?)?;
    for (stage, filters) in [16usize, 32, 64].into_iter().enumerate() {
        for block in 0..3 {
            let strides = if stage > 0 && block == 0 { 2 } else { 1 };
            let z = relu(&normalized(&x, filters, strides)?)?;
            let z = normalized(&z, filters, 1)?;
            if strides == 2 {
                x = Conv2D::new(filters, 1usize).strides(2usize).padding("same").on(&x)?;
            }
            x = relu(&LayerRef::new(Add::new()).on_all(&[&x, &z])?.remove(0))?;
        }
    }
    let y = Dense::new(10usize).activation("softmax").on(&GlobalAveragePooling2D::new().on(&x)?)?;
    let mut model = Model::new(Network::new(&[&input], &[&y])?);
    model.compile(Compile::new("adam").loss("categorical_crossentropy").metrics(["accuracy"]))?;
    epochs(&mut model, &random(&[n, 32, 32, 3], |r| r.uniform() as f32)?, &one_hot(n)?, 128, quick)
}
