//! Nothing trains silently wrong: one line before the first step.

use addax::prelude::*;

fn model(outputs: usize, activation: &str, loss: &str) -> Model {
    addax::models::names::clear_session();
    let layers =
        Sequential::new().add(Dense::new(outputs).activation(activation).named("out").input_shape([3]));
    let mut model = Model::sequential(layers).unwrap();
    model.compile(Compile::new("sgd").loss(loss)).unwrap();
    model
}

fn rows(n: usize, width: usize) -> Value {
    Value::new([n, width], vec![0.5f32; n * width]).unwrap()
}

#[test]
fn every_mistake_has_its_line() {
    let mse = || model(1, "linear", "mse");
    let cases: Vec<(Result<History>, &str)> = vec![
        (
            mse().fit(&rows(4, 2), &rows(4, 1), Fit::new()),
            "x: expected (None, 3), got (4, 2). The model's input \"input_layer\" takes 3 numbers per row.",
        ),
        (
            mse().fit(&Value::new([4, 3, 1], vec![0f32; 12]).unwrap(), &rows(4, 1), Fit::new()),
            "x: expected (None, 3), got (4, 3, 1). The model's input \"input_layer\" takes 3 numbers per row.",
        ),
        (mse().fit(&rows(0, 3), &rows(0, 1), Fit::new()), "x: expected at least one row, got (0, 3)"),
        (mse().fit(&rows(4, 3), &rows(5, 1), Fit::new()), "y: expected 4 rows, as x has, got 5"),
        (
            mse().fit(&rows(4, 3), &rows(4, 2), Fit::new()),
            "y > MeanSquaredError: expected targets of shape (None, 1), got (4, 2). The shapes would broadcast or not fit at all; reshape y to the output's shape.",
        ),
        (
            model(3, "linear", "mse").fit(&rows(4, 3), &rows(4, 1), Fit::new()),
            "y > MeanSquaredError: expected targets of shape (None, 3), got (4, 1). The shapes would broadcast or not fit at all; reshape y to the output's shape.",
        ),
        (
            model(3, "softmax", "categorical_crossentropy").fit(
                &rows(4, 3),
                &Value::from(vec![0i32, 1, 2, 0]),
                Fit::new(),
            ),
            "y > CategoricalCrossentropy: expected targets of shape (None, 3), got (4,). For class numbers use sparse_categorical_crossentropy.",
        ),
        (
            model(3, "softmax", "sparse_categorical_crossentropy").fit(&rows(4, 3), &rows(4, 3), Fit::new()),
            "y > SparseCategoricalCrossentropy: expected a class number per row for output (None, 3), got (4, 3). For one-hot targets use categorical_crossentropy.",
        ),
        (
            model(3, "softmax", "sparse_categorical_crossentropy").fit(
                &rows(3, 3),
                &Value::from(vec![0i32, 1, 3]),
                Fit::new(),
            ),
            "y > SparseCategoricalCrossentropy: expected class numbers from 0 to 2, got 3 in row 2. The output has 3 classes.",
        ),
        (
            model(3, "softmax", "sparse_categorical_crossentropy").fit(
                &rows(3, 3),
                &Value::from(vec![0i32, -1, 2]),
                Fit::new(),
            ),
            "y > SparseCategoricalCrossentropy: expected class numbers from 0 to 2, got -1 in row 1. The output has 3 classes.",
        ),
        (
            model(1, "sigmoid", "binary_crossentropy").fit(
                &rows(3, 3),
                &Value::from(vec![0f32, 1.0, 2.0]),
                Fit::new(),
            ),
            "y > BinaryCrossentropy: expected targets from 0 to 1, got 2 in row 2",
        ),
        (
            mse().fit(&rows(4, 3), &rows(4, 1), Fit::new().batch_size(0)),
            "batch_size: expected at least 1, got 0",
        ),
        (
            mse().fit(&rows(4, 3), &rows(4, 1), Fit::new().validation_split(1.5)),
            "validation_split: expected a share that leaves rows on both sides, got 1.5 of 4 rows",
        ),
        (
            mse().fit(&rows(4, 3), &rows(4, 1), Fit::new().sample_weight(&rows(3, 1))),
            "sample_weight: expected one weight for each of 4 rows, got (3, 1)",
        ),
        (
            mse().fit(&rows(4, 3), &rows(4, 1), Fit::new().validation_data(&rows(2, 2), &rows(2, 1))),
            "validation data > x: expected (None, 3), got (2, 2). The model's input \"input_layer\" takes 3 numbers per row.",
        ),
        (
            mse().fit(vec![rows(4, 3), rows(4, 3)], &rows(4, 1), Fit::new()),
            "x: expected 1 arrays (input_layer), got 2",
        ),
    ];
    for (i, (result, line)) in cases.into_iter().enumerate() {
        assert_eq!(result.unwrap_err().to_string(), line, "case {i}");
    }
}

#[test]
fn names_that_are_unknown_have_near_ones() {
    let mut model = model(1, "linear", "mse");
    let e = |c: Compile, m: &mut Model| m.compile(c).unwrap_err().to_string();
    assert_eq!(
        e(Compile::new("adamm"), &mut model),
        "unknown optimizer \"adamm\". Did you mean \"Adam\" or \"AdamW\" or \"adam\"?"
    );
    assert_eq!(
        e(Compile::new("sgd").loss("mze"), &mut model).split('.').next(),
        Some("unknown loss \"mze\"")
    );
    assert_eq!(
        e(Compile::new("sgd").loss("mse").metrics(["acuracy"]), &mut model).split('.').next(),
        Some("unknown metric \"acuracy\"")
    );
}

#[test]
fn a_model_must_be_compiled() {
    let layers = Sequential::new().add(Dense::new(1usize).input_shape([3]));
    let mut model = Model::sequential(layers).unwrap();
    let e = model.fit(&rows(4, 3), &rows(4, 1), Fit::new()).unwrap_err().to_string();
    assert_eq!(e, "model: expected a compiled one, got none. Call compile() before fit() or evaluate().");
}

#[test]
fn names_of_layers_must_differ() {
    let layers = Sequential::new()
        .add(Dense::new(1usize).named("a").input_shape([3]))
        .add(Dense::new(1usize).named("a"));
    let e = layers.build().unwrap_err().to_string();
    assert!(e.starts_with("layer names: expected all different"), "{e}");
}
