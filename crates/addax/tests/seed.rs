//! The seed belongs to the process, so this test has one of its own.

// Arrays are handed over borrowed, as a program that goes on using them does.
#![allow(clippy::needless_borrows_for_generic_args)]

use addax::data::synthetic;
use addax::prelude::*;

#[test]
fn the_same_seed_gives_the_same_bits() {
    let train = || {
        set_random_seed(5);
        let layers = Sequential::new()
            .add(Dense::new(16usize).activation("relu").input_shape([10]))
            .add(Dropout::new(0.5))
            .add(Dense::new(1usize));
        let mut model = Model::sequential(layers).unwrap();
        model.compile(Compile::new("adam").loss("mse")).unwrap();
        let (x, y) = synthetic::sums(100, 1).unwrap();
        model.fit(&x, &y, Fit::new().epochs(3).verbose(0).seed(9)).unwrap();
        model.get_weights().unwrap()
    };
    assert_eq!(train(), train());
}
