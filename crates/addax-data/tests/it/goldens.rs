//! Splits, folds and scores as scikit-learn has them (`xtask/goldens/splits_and_scores.py`).

use addax_core::Value;
use addax_data::scores::{
    self, Averaging, ClassScore, Confusion, Disagreement, Fbeta, MultiClass, Normalize, Ranking, Scorer,
};
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

/// A null is NaN, a text an infinity.
fn number(json: &Json) -> f64 {
    match json {
        Json::Null => f64::NAN,
        Json::String(text) => text.parse().unwrap(),
        number => number.as_f64().unwrap(),
    }
}

fn all_numbers(json: &Json) -> Vec<f64> {
    json.as_array().unwrap().iter().map(number).collect()
}

fn all_close(got: &[f64], want: &Json, case: &Json) {
    let want = all_numbers(want);
    let same = |(a, b): (&f64, &f64)| {
        a == b || (a.is_nan() && b.is_nan()) || (a - b).abs() < 1e-12 * b.abs().max(1.0)
    };
    assert!(
        got.len() == want.len() && got.iter().zip(&want).all(same),
        "{got:?} instead of {want:?}: {case}"
    );
}

fn weights(case: &Json) -> Option<Vec<f64>> {
    (!case["weights"].is_null()).then(|| numbers(&case["weights"]))
}

#[test]
fn weighted_matrices_and_what_they_tell_are_the_same() {
    for case in cases("confused") {
        let weights = weights(&case);
        let c = Confusion::new(&integers(&case["truth"]), &integers(&case["predicted"]), weights.as_deref())
            .unwrap();
        let matrix =
            |how: Option<Normalize>| how.map_or_else(|| c.counts.clone(), |h| c.normalized(h)).concat();
        for (i, how) in [None, Some(Normalize::Truth), Some(Normalize::Predicted), Some(Normalize::All)]
            .iter()
            .enumerate()
        {
            all_close(&matrix(*how), &case["matrix"][i], &case);
        }
        let kappas =
            [Disagreement::Equal, Disagreement::Linear, Disagreement::Quadratic].map(|d| c.cohen_kappa(d));
        let first = [c.accuracy(), c.balanced_accuracy(false), c.balanced_accuracy(true), c.matthews()];
        all_close(&[&first[..], &kappas].concat(), &case["values"], &case);
        let averages = [Averaging::Macro, Averaging::Micro, Averaging::Weighted];
        let jaccards = averages.map(|a| Fbeta::default().average(&c, a).jaccard);
        all_close(&jaccards, &case["jaccard"], &case);
        let mut want = case["fbeta"].as_array().unwrap().iter();
        for beta in [0.0, 0.5, 1.0, 2.0, f64::INFINITY] {
            for zero in [0.0, 1.0, f64::NAN] {
                let how = Fbeta::new(beta).zero_division(zero);
                let all = averages.map(|a| vec![how.average(&c, a)]);
                for scores in std::iter::once(how.of(&c)).chain(all) {
                    let want = want.next().unwrap();
                    let fields: [fn(&ClassScore) -> f64; 3] = [|s| s.precision, |s| s.recall, |s| s.f];
                    for (i, field) in fields.iter().enumerate() {
                        all_close(&scores.iter().map(field).collect::<Vec<f64>>(), &want[i], &case);
                    }
                }
            }
        }
    }
}

#[test]
fn reports_are_the_same_text() {
    for case in cases("confused") {
        let weights = weights(&case);
        let c = Confusion::new(&integers(&case["truth"]), &integers(&case["predicted"]), weights.as_deref())
            .unwrap();
        assert_eq!(scores::report(&c, &Fbeta::default(), None, 3), case["report"].as_str().unwrap());
        let names: Vec<String> = c.classes.iter().map(|c| format!("class {c}")).collect();
        let names: Vec<&str> = names.iter().map(String::as_str).collect();
        let how = Fbeta::default().zero_division(f64::NAN);
        assert_eq!(scores::report(&c, &how, Some(&names), 2), case["named_report"].as_str().unwrap());
        let some = integers(&case["some"]);
        let how = Fbeta::default().labels(&some);
        assert_eq!(scores::report(&c, &how, None, 2), case["some_report"].as_str().unwrap(), "{case}");
        if !case["some_matrix"].is_null() {
            all_close(&c.of_classes(&some).counts.concat(), &case["some_matrix"], &case);
        }
    }
}

#[test]
fn curves_have_the_same_points() {
    for case in cases("curves") {
        let truth: Vec<bool> = integers(&case["truth"]).iter().map(|t| *t == 1).collect();
        let r = Ranking::new(&truth, &numbers(&case["scores"]), weights(&case).as_deref()).unwrap();
        for (i, drop) in [false, true].into_iter().enumerate() {
            let (roc, pr) = (r.roc(drop), r.precision_recall(drop));
            all_close(&roc.false_positive, &case["roc"][i][0], &case);
            all_close(&roc.true_positive, &case["roc"][i][1], &case);
            all_close(&roc.thresholds, &case["roc"][i][2], &case);
            all_close(&pr.precision, &case["pr"][i][0], &case);
            all_close(&pr.recall, &case["pr"][i][1], &case);
            all_close(&pr.thresholds, &case["pr"][i][2], &case);
        }
        all_close(&[r.average_precision()], &Json::from(vec![case["average_precision"].clone()]), &case);
        // Where scikit-learn warns and gives NaN, there is an error.
        let auc = [1.0, 0.1, 0.5].map(|most| r.partial_roc_auc(most).unwrap_or(f64::NAN));
        all_close(&auc, &case["auc"], &case);
    }
}

#[test]
fn probabilities_score_the_same() {
    for case in cases("probabilities") {
        let (truth, classes) = (integers(&case["truth"]), integers(&case["classes"]));
        let (p, w) = (numbers(&case["probabilities"]), weights(&case));
        let w = w.as_deref();
        close(
            scores::log_loss(&truth, &classes, &p, w, f64::EPSILON).unwrap(),
            case["log_loss"].as_f64().unwrap(),
        );
        close(scores::brier(&truth, &classes, &p, w).unwrap(), case["brier"].as_f64().unwrap());
        if classes.len() > 2 {
            close(
                scores::top_k_accuracy(&truth, &classes, &p, 2, w).unwrap(),
                case["top_k"].as_f64().unwrap(),
            );
            let (rest, pairs) = (MultiClass::OneVsRest, MultiClass::OneVsOne);
            let mut kinds =
                vec![(rest, Averaging::Macro), (rest, Averaging::Weighted), (rest, Averaging::Micro)];
            if w.is_none() {
                kinds.extend([(pairs, Averaging::Macro), (pairs, Averaging::Weighted)]);
            }
            let got = kinds
                .iter()
                .map(|(how, by)| scores::multiclass_roc_auc(&truth, &classes, &p, *how, *by, w).unwrap());
            all_close(&got.collect::<Vec<f64>>(), &case["auc"], &case);
        }
    }
}

#[test]
fn numbers_score_the_same_by_name() {
    for case in cases("residuals") {
        let width = case["columns"].as_u64().unwrap() as usize;
        let table = |name: &str| {
            let v = numbers(&case[name]);
            Value::new(if width == 1 { vec![v.len()] } else { vec![v.len() / width, width] }, v).unwrap()
        };
        for (name, want) in case["scores"].as_object().unwrap() {
            let score = Scorer::named(name).unwrap();
            match score.score(&table("truth"), &table("predicted"), &[], weights(&case).as_deref()) {
                Ok(got) => {
                    all_close(&[got], &Json::from(vec![want.clone()]), &Json::from(format!("{name}: {case}")))
                }
                Err(e) => assert_eq!(want, "refused", "{e}"),
            }
        }
    }
}
