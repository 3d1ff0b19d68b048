//! Splits, folds and scores as scikit-learn has them (`xtask/goldens/splits_and_scores.py`).

use addax_core::Value;
use addax_data::scores::{self, Averaging};
use addax_data::{Folds, Part, Split};
use serde_json::Value as Json;

fn cases(kind: &str) -> Vec<Json> {
    let path = concat!(env!("CARGO_MANIFEST_DIR"), "/../../goldens/splits_and_scores.json");
    let text = std::fs::read_to_string(path).unwrap();
    let all: Json = serde_json::from_str(&text).unwrap();
    all[kind].as_array().unwrap().clone()
}

fn numbers(json: &Json) -> Vec<f64> {
    json.as_array().unwrap().iter().map(|v| v.as_f64().unwrap()).collect()
}

fn integers(json: &Json) -> Vec<i64> {
    json.as_array().unwrap().iter().map(|v| v.as_i64().unwrap()).collect()
}

fn rows(json: &Json) -> Vec<usize> {
    json.as_array().unwrap().iter().map(|v| v.as_u64().unwrap() as usize).collect()
}

fn close(got: f64, want: f64) {
    assert!((got - want).abs() < 1e-12, "{got} instead of {want}");
}

#[test]
fn rows_are_split_in_the_same_order_or_refused() {
    for case in cases("splits") {
        // A number of rows below zero is one that the type does not have.
        let part = |name: &str| match (case[name].as_u64(), case[name].as_f64()) {
            (Some(rows), _) => Some(Part::Rows(rows as usize)),
            (None, share) => share.map(Part::Share),
        };
        let mut split = part("test_size").map_or_else(Split::default, Split::new);
        split = split.random_state(case["random_state"].as_u64().unwrap() as u32);
        split = split.shuffle(case["shuffle"].as_bool().unwrap());
        if let Some(train) = part("train_size") {
            split = split.train_size(train);
        }
        if !case["stratify"].is_null() {
            split = split.stratify(&Value::from(integers(&case["stratify"])));
        }
        match split.indices(case["rows"].as_u64().unwrap() as usize) {
            Ok((train, test)) => {
                assert_eq!((train, test), (rows(&case["train"]), rows(&case["test"])), "{case}")
            }
            Err(e) => assert!(case.get("train").is_none(), "{case}: {e}"),
        }
    }
}

#[test]
fn folds_hold_the_same_rows() {
    for case in cases("folds") {
        let mut folds = Folds::new(case["folds"].as_u64().unwrap() as usize);
        if let Some(seed) = case["random_state"].as_u64() {
            folds = folds.random_state(seed as u32);
        }
        if !case["stratify"].is_null() {
            folds = folds.stratify(&Value::from(integers(&case["stratify"])));
        }
        let sides = folds.indices(case["rows"].as_u64().unwrap() as usize).unwrap();
        let tests: Vec<Vec<usize>> = sides.into_iter().map(|(_, test)| test).collect();
        let want: Vec<Vec<usize>> = case["tests"].as_array().unwrap().iter().map(rows).collect();
        assert_eq!(tests, want, "{case}");
    }
}

#[test]
fn classes_score_the_same() {
    for case in cases("classified") {
        let (truth, predicted) = (integers(&case["truth"]), integers(&case["predicted"]));
        close(scores::accuracy(&truth, &predicted).unwrap(), case["accuracy"].as_f64().unwrap());
        close(
            scores::balanced_accuracy(&truth, &predicted).unwrap(),
            case["balanced_accuracy"].as_f64().unwrap(),
        );
        let (classes, counts) = scores::confusion_matrix(&truth, &predicted).unwrap();
        let want: Vec<Vec<usize>> = case["confusion_matrix"].as_array().unwrap().iter().map(rows).collect();
        assert_eq!((&classes, counts), (&integers(&case["classes"]), want));
        for (i, class) in classes.iter().enumerate() {
            let (precision, recall, f1) = scores::precision_recall_f1(&truth, &predicted, *class).unwrap();
            let want: Vec<f64> = (0..3).map(|k| case["per_class"][k][i].as_f64().unwrap()).collect();
            [precision, recall, f1].into_iter().zip(want).for_each(|(got, want)| close(got, want));
        }
        for (name, averaging) in
            [("macro", Averaging::Macro), ("micro", Averaging::Micro), ("weighted", Averaging::Weighted)]
        {
            let (precision, recall, f1) = scores::averaged(&truth, &predicted, averaging).unwrap();
            let want = numbers(&case[name]);
            [precision, recall, f1].into_iter().zip(want).for_each(|(got, want)| close(got, want));
        }
    }
}

#[test]
fn ranks_and_regressions_score_the_same() {
    for case in cases("ranked") {
        let (truth, predicted) = (integers(&case["truth"]), numbers(&case["scores"]));
        close(scores::roc_auc(&truth, &predicted).unwrap(), case["roc_auc"].as_f64().unwrap());
        assert_eq!(
            scores::roc_curve(&truth, &predicted).unwrap(),
            (numbers(&case["fpr"]), numbers(&case["tpr"]))
        );
    }
    for case in cases("regressed") {
        let (truth, predicted) = (numbers(&case["truth"]), numbers(&case["predicted"]));
        close(scores::mean_squared_error(&truth, &predicted).unwrap(), case["mse"].as_f64().unwrap());
        close(scores::mean_absolute_error(&truth, &predicted).unwrap(), case["mae"].as_f64().unwrap());
        close(scores::r2(&truth, &predicted).unwrap(), case["r2"].as_f64().unwrap());
    }
}
