//! Numbers hold: huge logits, a million samples, far from zero.

use addax::losses::*;
use addax::prelude::*;
use std::sync::Arc;

/// A model that hands its inputs on to the loss: weights of 1, learning rate 0.
fn passing(width: usize, loss: impl Into<addax::training::LossRequest>, shown: &[&str]) -> Model {
    let layers = Sequential::new().add(Dense::new(width).use_bias(false).input_shape([width]));
    let mut model = Model::sequential(layers).unwrap();
    let one = |i: usize| if i.is_multiple_of(width + 1) { 1f32 } else { 0.0 };
    let kernel = Value::new([width, width], (0..width * width).map(one).collect::<Vec<f32>>()).unwrap();
    model.set_weights(&[kernel]).unwrap();
    let still = SGD::new().learning_rate(1e-6);
    model.compile(Compile::new(still).loss(loss).metrics(shown.to_vec())).unwrap();
    model
}

#[test]
fn losses_of_huge_logits_are_finite_and_so_are_their_gradients() {
    let x = Value::new([4, 3], [1e4f32, -1e4, 0.0, -1e4, 1e4, 1e4, 0.0, 0.0, 1e4, -1e4, -1e4, -1e4].to_vec());
    let (x, hot) = (x.unwrap(), [0f32, 1.0, 0.0, 1.0, 0.0, 0.0, 0.0, 0.0, 1.0, 0.0, 1.0, 0.0]);
    let hot = Value::new([4, 3], hot.to_vec()).unwrap();
    let numbers = Value::from(vec![1i32, 0, 2, 1]);
    let losses: Vec<(Arc<dyn Loss>, &Value)> = vec![
        (Arc::new(BinaryCrossentropy::new().from_logits(true)), &hot),
        (Arc::new(BinaryFocalCrossentropy::new().from_logits(true)), &hot),
        (Arc::new(CategoricalCrossentropy::new().from_logits(true)), &hot),
        (Arc::new(CategoricalFocalCrossentropy::new().from_logits(true)), &hot),
        (Arc::new(SparseCategoricalCrossentropy::new().from_logits(true)), &numbers),
        (Arc::new(LogCosh::new()), &hot),
    ];
    for (loss, y) in losses {
        let name = loss.class_name();
        let mut model = passing(3, LossHandle::shared(loss), &[]);
        let history = model.fit(&x, y, Fit::new().epochs(2).batch_size(4).verbose(0)).unwrap();
        assert!(history.get("loss").unwrap().iter().all(|l| l.is_finite()), "{name}");
        let weights = model.get_weights().unwrap()[0].to_f64();
        assert!(weights.iter().all(|w| w.is_finite()), "{name}: {weights:?}");
    }
}

#[test]
fn crossentropy_of_huge_logits_is_their_distance() {
    let x = Value::new([2, 2], vec![1e4f32, -1e4, -1e4, 1e4]).unwrap();
    let y = Value::from(vec![1i32, 1]);
    let loss = SparseCategoricalCrossentropy::new().from_logits(true);
    let logs = passing(2, loss, &[]).evaluate(&x, &y, 2).unwrap();
    assert_eq!(logs["loss"].number(), Some(1e4));
}

#[test]
fn means_of_a_million_samples_hold_six_digits() {
    let n = 1_000_000usize;
    let at = |i: usize| 1.0 + ((i * 7919) % 1009) as f32 / 4096.0;
    let numbers: Vec<f32> = (0..n).map(at).collect();
    let exact = numbers.iter().map(|x| f64::from(*x)).sum::<f64>() / n as f64;
    let x = Value::new([n, 1], numbers).unwrap();
    let y = Value::new([n, 1], vec![0f32; n]).unwrap();
    let logs = passing(1, "mae", &["mae"]).evaluate(&x, &y, 4099).unwrap();
    for key in ["loss", "mae"] {
        let got = logs[key].number().unwrap();
        assert!((got - exact).abs() < 1e-6 * exact, "{key}: {got}, not {exact}");
    }
}

#[test]
fn normalization_far_from_zero_is_right() {
    let layers = Sequential::new().add(BatchNormalization::new().momentum(0.0).input_shape([1]));
    let mut model = Model::sequential(layers).unwrap();
    model.compile(Compile::new(SGD::new().learning_rate(0.0)).loss("mse")).unwrap();
    let numbers: Vec<f32> = (0..256).map(|i| 1e4 + 0.1 * ((i * 37) % 19 - 9) as f32 / 5.48).collect();
    let mean = numbers.iter().map(|x| f64::from(*x)).sum::<f64>() / 256.0;
    let variance = numbers.iter().map(|x| (f64::from(*x) - mean).powi(2)).sum::<f64>() / 256.0;
    let x = Value::new([256, 1], numbers).unwrap();
    let y = Value::new([256, 1], vec![0f32; 256]).unwrap();
    model.fit(&x, &y, Fit::new().batch_size(256).verbose(0)).unwrap();
    let weights = model.get_weights().unwrap();
    let [got_mean, got_variance] = [2, 3].map(|i: usize| weights[i].to_f64()[0]);
    assert!((got_mean - mean).abs() < 1e-3, "{got_mean}, not {mean}");
    assert!((got_variance - variance).abs() < 1e-2 * variance, "{got_variance}, not {variance}");
    // One sample has no variance: everything stays finite.
    let one = |v: &Value| v.slice_rows(0, 1).unwrap();
    let history = model.fit(&one(&x), &one(&y), Fit::new().batch_size(1).verbose(0)).unwrap();
    assert!(history.last("loss").unwrap().is_finite());
}
