//! Networks over sequences of words.

use super::{Measured, epochs, random};
use addax::arguments::{Argument, Arguments};
use addax::core as addax_core;
use addax::layer;
use addax::layers::{LSTM, Layer, MultiHeadAttention};
use addax::prelude::*;
use addax::scope::Scope;

layer! {
    /// The sum of a word's row and its place's row, each of a table.
    pub struct Placed (
        /// How many words there are.
        words: usize,
        /// How many places there are.
        places: usize,
        /// The length of a row.
        size: usize,
    ) {}
}

impl Layer for Placed {
    fn call(&self, cx: &mut Scope, x: &Tensor) -> Tensor {
        let places = Tensor::iota(DType::F32, [self.places], 0);
        let mut row = |name: &str, count: usize, x: &Tensor| -> Result<Tensor> {
            let table = cx.child(name, || Embedding::new(count, self.size).into())?;
            Ok(cx.call(&table, std::slice::from_ref(x))?.remove(0))
        };
        let rows = [row("words", self.words, x), row("places", self.places, &places)];
        let [words, places] = rows.map(|r| r.unwrap_or_else(Tensor::failed));
        words + places
    }
}

/// The LSTM of Keras's IMDB example.
pub fn w6(quick: bool) -> Result<Measured> {
    let n = if quick { 320 } else { 1600 };
    let layers = Sequential::new()
        .add(Embedding::new(20_000usize, 128usize).input_shape([80]))
        .add(LSTM::new(128usize))
        .add(Dense::new(1usize).activation("sigmoid"));
    let mut model = Model::sequential(layers)?;
    model.compile(Compile::new("adam").loss("binary_crossentropy").metrics(["accuracy"]))?;
    let (x, y) = (random(&[n, 80], |r| r.below(20_000) as f32)?, random(&[n, 1], |r| r.below(2) as f32)?);
    epochs(&mut model, &x, &y, 32, quick)
}

/// The transformer of Keras's text classification example.
pub fn w7(quick: bool) -> Result<Measured> {
    let (n, steps, size) = (if quick { 320 } else { 1600 }, 200usize, 32usize);
    let words = Input([steps])?;
    let add = |a: &Symbolic, b: &Symbolic| Ok(LayerRef::new(Add::new()).on_all(&[a, b])?.remove(0));
    let norm = |x: &Symbolic| LayerNormalization::new().epsilon(1e-6).on(x);
    let x = Placed::new(20_000usize, steps, size).on(&words)?;
    let both = vec![Argument::Tensor(x.clone()), Argument::Tensor(x.clone())];
    let attention = LayerRef::new(MultiHeadAttention::new(2usize, size));
    let seen = attention.on_with(Arguments { positional: both, named: Vec::new() })?.remove(0);
    let x = norm(&add(&x, &Dropout::new(0.1).on(&seen)?)?)?;
    let hidden = Dense::new(size).activation("relu").on(&x)?;
    let x = norm(&add(&x, &Dropout::new(0.1).on(&Dense::new(size).on(&hidden)?)?)?)?;
    let x = Dropout::new(0.1).on(&GlobalAveragePooling1D::new().on(&x)?)?;
    let x = Dropout::new(0.1).on(&Dense::new(20usize).activation("relu").on(&x)?)?;
    let y = Dense::new(2usize).activation("softmax").on(&x)?;
    let mut model = Model::new(Network::new(&[&words], &[&y])?);
    model.compile(Compile::new("adam").loss("sparse_categorical_crossentropy").metrics(["accuracy"]))?;
    let (x, y) = (random(&[n, steps], |r| r.below(20_000) as f32)?, random(&[n], |r| r.below(2) as f32)?);
    epochs(&mut model, &x, &y, 32, quick)
}
