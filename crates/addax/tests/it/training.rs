//! Training as its users see it.

use addax::data::synthetic;
use addax::prelude::*;

fn lesson() -> Model {
    let layers = Sequential::new()
        .add(Dense::new(64usize).activation("relu").input_shape([10]))
        .add(Dense::new(64usize).activation("relu"))
        .add(Dense::new(1usize));
    let mut model = Model::sequential(layers).unwrap();
    model.compile(Compile::new("adam").loss("mse").metrics(["mae"])).unwrap();
    model
}

#[test]
fn the_lesson_learns_and_tells_its_history() {
    set_random_seed(3);
    let (x, y) = synthetic::sums(1000, 3).unwrap();
    let fit = Fit::new().epochs(50).batch_size(32).validation_split(0.2).verbose(0).seed(1);
    let history = lesson().fit(&x, &y, fit).unwrap();
    let keys: Vec<&str> = history.history.keys().map(String::as_str).collect();
    assert_eq!(keys, ["loss", "mae", "val_loss", "val_mae"]);
    assert_eq!(history.epoch.len(), 50);
    assert!(history.last("val_loss").unwrap() < 0.1, "{:?}", history.last("val_loss"));
}

#[test]
fn shares_layers_and_joins_inputs() {
    set_random_seed(1);
    let (a, b) = (Input([3]).unwrap(), Input([3]).unwrap());
    let shared = LayerRef::from(Dense::new(4usize).activation("relu"));
    let (left, right) = (shared.on(&a).unwrap(), shared.on(&b).unwrap());
    let sum = Add::new().on_all(&[&left, &right]).unwrap();
    let both = Concatenate::new().on_all(&[&sum, &left]).unwrap();
    let first = Dense::new(1usize).named("first").on(&both).unwrap();
    let second = Dense::new(1usize).activation("sigmoid").named("second").on(&sum).unwrap();
    let mut model = Model::new(Network::new(&[&a, &b], &[&first, &second]).unwrap());
    // Shared weights count once: 3·4+4, 8+1, 4+1.
    assert_eq!(model.count_params(), 16 + 9 + 5);
    let compile = Compile::new("sgd").loss_for("first", "mse").loss_for("second", "binary_crossentropy");
    model.compile(compile.loss_weights([1.0, 0.5]).metrics_for("second", ["accuracy"])).unwrap();
    let x = Value::new([8, 3], (0..24).map(|i| (i % 5) as f32 / 5.0).collect::<Vec<f32>>()).unwrap();
    let y = Value::from((0..8).map(|i| (i % 2) as f32).collect::<Vec<f32>>());
    let history = model.fit([&x, &x], [&y, &y], Fit::new().epochs(2).batch_size(3).verbose(0)).unwrap();
    let keys: Vec<&str> = history.history.keys().map(String::as_str).collect();
    assert_eq!(keys, ["first_loss", "loss", "second_accuracy", "second_loss"]);
    let (total, parts) = (
        history.last("loss").unwrap(),
        [history.last("first_loss").unwrap(), history.last("second_loss").unwrap()],
    );
    assert!((total - parts[0] - 0.5 * parts[1]).abs() < 1e-5);
}

#[test]
fn models_nest() {
    set_random_seed(1);
    let x = Input([4]).unwrap();
    let inner = Network::new(&[&x], &[&Dense::new(3usize).on(&x).unwrap()]).unwrap();
    let inner = LayerRef::new(inner);
    let z = Input([4]).unwrap();
    let y = inner.on(&inner_scaled(&z)).unwrap();
    let mut outer = Model::new(Network::new(&[&z], &[&y]).unwrap());
    assert_eq!(outer.count_params(), 4 * 4 + 4 + 4 * 3 + 3);
    let x = Value::new([2, 4], vec![1f32; 8]).unwrap();
    assert_eq!(outer.predict(&x).unwrap().shape(), [2, 3]);
}

fn inner_scaled(z: &Symbolic) -> Symbolic {
    Dense::new(4usize).on(z).unwrap()
}

#[test]
fn a_model_without_an_input_is_built_for_its_first_data() {
    let mut model =
        Model::sequential(Sequential::new().add(Dense::new(2usize)).add(Dense::new(1usize))).unwrap();
    let hint = "Sequential: expected the shape of its input, got none. Give the first layer an input_shape, or the model data.";
    assert_eq!(model.network().unwrap_err().to_string(), hint);
    assert!(model.summary().contains("0 (unbuilt)") && model.count_params() == 0);
    model.compile(Compile::new("sgd").loss("mse")).unwrap();
    let (x, y) = synthetic::sums(8, 1).unwrap();
    model.fit(&x, &y, Fit::new().verbose(0)).unwrap();
    assert_eq!(model.count_params(), 10 * 2 + 2 + 2 + 1);
}

#[test]
fn frozen_layers_stay_as_they_are() {
    set_random_seed(2);
    let frozen = Dense::new(4usize).input_shape([3]);
    frozen.set_trainable(false);
    let mut model = Model::sequential(
        Sequential::new().add(frozen).add(BatchNormalization::new()).add(Dense::new(1usize)),
    )
    .unwrap();
    model.compile(Compile::new("adam").loss("mse")).unwrap();
    let before = model.get_weights().unwrap();
    let x = Value::new([4, 3], (0..12).map(|i| i as f32).collect::<Vec<f32>>()).unwrap();
    model.fit(&x, &Value::from(vec![1f32, 2.0, 3.0, 4.0]), Fit::new().epochs(3).verbose(0)).unwrap();
    let after = model.get_weights().unwrap();
    assert_eq!(before[0], after[0]);
    let changed = before.iter().zip(&after).filter(|(a, b)| a != b).count();
    // γ, β, both moving statistics, kernel and bias of the last layer.
    assert_eq!(changed, 6);
}

#[test]
fn a_row_does_not_depend_on_its_neighbours() {
    set_random_seed(1);
    let mut model = lesson();
    let (x, _) = synthetic::sums(70, 1).unwrap();
    let all = model.predict(&x).unwrap().to_f64();
    let one = model.predict(&x.slice_rows(41, 42).unwrap()).unwrap().to_f64();
    assert_eq!(all[41], one[0]);
}

#[test]
fn the_last_short_batch_counts_by_its_rows() {
    // Kernel 1 and learning rate 0 on x = 0..6, y = 0, batches of 3: the mean over samples is 13.
    let mut model = Model::sequential(Sequential::new().add(Dense::new(1usize).input_shape([1]))).unwrap();
    model.set_weights(&[Value::new([1, 1], vec![1f32]).unwrap(), Value::from(vec![0f32])]).unwrap();
    model.compile(Compile::new(SGD::new().learning_rate(0.0)).loss("mse")).unwrap();
    let x = Value::new([7, 1], (0..7).map(|i| i as f32).collect::<Vec<f32>>()).unwrap();
    let y = Value::from(vec![0f32; 7]);
    let fit = || Fit::new().batch_size(3).shuffle(false).verbose(0);
    let loss = model.fit(&x, &y, fit()).unwrap().last("loss").unwrap();
    assert!((loss - 13.0).abs() < 1e-5, "{loss}");
    let weight = Value::from(vec![1f32, 0.0, 2.0, 5.0, 0.0, 0.0, 4.0]);
    let loss = model.fit(&x, &y, fit().sample_weight(&weight)).unwrap().last("loss").unwrap();
    // Σ w·x² / rows: the weights do not change the divisor.
    assert!((loss - 197.0 / 7.0).abs() < 1e-4, "{loss}");
}

#[test]
fn callbacks_stop_restore_and_schedule() {
    set_random_seed(1);
    let (x, y) = synthetic::sums(200, 2).unwrap();
    let mut stop = EarlyStopping::new().monitor("loss").patience(1).restore_best_weights(true);
    let mut rate = LearningRateScheduler::new(|epoch, rate| if epoch < 3 { rate } else { 50.0 });
    let mut kept = ModelCheckpoint::new().monitor("loss").save_best_only(true);
    let mut model = lesson();
    let fit = Fit::new().epochs(20).verbose(0).callback(&mut rate).callback(&mut stop).callback(&mut kept);
    let history = model.fit(&x, &y, fit).unwrap();
    assert!(history.epoch.len() < 20 && history.get("learning_rate").is_some());
    let best = kept.saved.last().unwrap();
    assert_eq!(model.get_weights().unwrap(), best.weights);
}

#[test]
fn a_loss_that_is_no_number_ends_the_training() {
    let mut x = synthetic::sums(64, 2).unwrap();
    x.0.as_mut_slice::<f32>().unwrap()[5] = f32::NAN;
    let mut watch = TerminateOnNaN::new();
    let history =
        lesson().fit(&x.0, &x.1, Fit::new().epochs(5).batch_size(8).verbose(0).callback(&mut watch)).unwrap();
    assert!(watch.stopped_batch.is_some());
    assert_eq!(history.epoch.len(), 1);
}
