//! Splits, cross-validation and searches as scikit-learn has them (`xtask/goldens/selection.py`).

use addax_core::{Result, Value};
use addax_data::scores::Response;
use addax_data::selection::*;
use serde_json::Value as Json;

fn golden() -> Json {
    let path = concat!(env!("CARGO_MANIFEST_DIR"), "/../../goldens/selection.json");
    serde_json::from_str(&std::fs::read_to_string(path).unwrap()).unwrap()
}

fn numbers(json: &Json) -> Vec<f64> {
    json.as_array().unwrap().iter().map(|v| v.as_f64().unwrap()).collect()
}

fn integers(json: &Json) -> Vec<i64> {
    json.as_array().unwrap().iter().map(|v| v.as_i64().unwrap()).collect()
}

fn rows(json: &Json) -> Vec<usize> {
    integers(json).into_iter().map(|i| i as usize).collect()
}

fn close(got: &[f64], want: &Json) {
    let want = numbers(want);
    let same = got.len() == want.len() && got.iter().zip(&want).all(|(a, b)| (a - b).abs() < 1e-12);
    assert!(same, "{got:?} instead of {want:?}");
}

fn table(got: &[Vec<f64>], want: &Json) {
    got.iter().zip(want.as_array().unwrap()).for_each(|(g, w)| close(g, w));
}

/// Neighbours that vote, or give the mean of their numbers.
struct Neighbours {
    count: usize,
    power: i32,
    classifier: bool,
    classes: Vec<i64>,
    x: Vec<Vec<f64>>,
    y: Vec<f64>,
}

impl Neighbours {
    fn make(classifier: bool, p: &Params) -> Result<Neighbours> {
        let (count, power) = (p.int("n_neighbors", 5)?, p.int("p", 2)? as i32);
        Ok(Neighbours { count, power, classifier, classes: Vec::new(), x: Vec::new(), y: Vec::new() })
    }

    /// The targets of the nearest.
    fn nearest(&self, row: &[f64]) -> Vec<f64> {
        let distance =
            |other: &[f64]| row.iter().zip(other).map(|(a, b)| (a - b).abs().powi(self.power)).sum::<f64>();
        let mut order: Vec<(f64, f64)> =
            self.x.iter().map(|o| distance(o)).zip(self.y.iter().copied()).collect();
        order.sort_by(|a, b| a.0.total_cmp(&b.0));
        order.iter().take(self.count).map(|o| o.1).collect()
    }
}

fn table_of(x: &Value) -> Vec<Vec<f64>> {
    x.to_f64().chunks(3).map(<[f64]>::to_vec).collect()
}

impl Estimator for Neighbours {
    fn fit(&mut self, x: &Value, y: &Value) -> Result<()> {
        (self.x, self.y, self.classes) = (table_of(x), y.to_f64(), y.to_i64());
        self.classes.sort_unstable();
        self.classes.dedup();
        Ok(())
    }

    fn predict(&mut self, x: &Value) -> Result<Value> {
        let mean = |row: &Vec<f64>| self.nearest(row).iter().sum::<f64>() / self.count as f64;
        if !self.classifier {
            return Ok(Value::from(table_of(x).iter().map(mean).collect::<Vec<f64>>()));
        }
        // Of equal votes the first class wins.
        Ok(Value::from(table_of(x).iter().map(|row| i64::from(mean(row) > 0.5)).collect::<Vec<i64>>()))
    }

    fn predict_proba(&mut self, x: &Value) -> Result<Value> {
        let of = |row: &Vec<f64>| {
            let near = self.nearest(row);
            let one = near.iter().sum::<f64>() / near.len() as f64;
            [1.0 - one, one]
        };
        Value::new([x.rows(), 2], table_of(x).iter().flat_map(of).collect::<Vec<f64>>())
    }

    fn is_classifier(&self) -> bool {
        self.classifier
    }

    fn classes(&self) -> &[i64] {
        &self.classes
    }
}

fn classifier(p: &Params, _: u64) -> Result<Neighbours> {
    Neighbours::make(true, p)
}

fn regressor(p: &Params, _: u64) -> Result<Neighbours> {
    Neighbours::make(false, p)
}

/// The rows, their classes, their numbers.
fn data(g: &Json) -> (Value, Value, Value) {
    let x = numbers(&g["x"]);
    let x = Value::new([x.len() / 3, 3], x).unwrap();
    (x, Value::from(integers(&g["labels"])), Value::from(numbers(&g["numbers"])))
}

fn splitter(kind: &str, a: &Json) -> Box<dyn Splitter> {
    let int = |name: &str| a[name].as_u64().map(|n| n as usize);
    let (n, seed) = (int("n_splits").unwrap(), a["random_state"].as_u64().map(|s| s as u32));
    macro_rules! seeded {
        ($s:expr) => {{
            let s = $s;
            Box::new(if let Some(seed) = seed { s.random_state(seed) } else { s })
        }};
    }
    let shuffled = || {
        let mut s = ShuffleSplit::new(n);
        if let Some(share) = a["test_size"].as_f64() {
            s = s.test_size(share);
        }
        if let Some(rows) = int("train_size") {
            s = s.train_size(rows);
        }
        s.random_state(seed.unwrap())
    };
    match kind {
        "KFold" => seeded!(KFold::new(n)),
        "StratifiedKFold" => seeded!(StratifiedKFold::new(n)),
        "GroupKFold" => seeded!(GroupKFold::new(n)),
        "ShuffleSplit" => Box::new(shuffled()),
        "StratifiedShuffleSplit" => Box::new(shuffled().stratified()),
        "TimeSeriesSplit" => {
            let mut s = TimeSeriesSplit::new(n).gap(int("gap").unwrap_or(0));
            if let (Some(test), Some(train)) = (int("test_size"), int("max_train_size")) {
                s = s.test_size(test).max_train_size(train);
            }
            Box::new(s)
        }
        other => panic!("{other}"),
    }
}

#[test]
fn splitters_choose_the_same_rows() {
    let g = golden();
    let (_, labels, _) = data(&g);
    let groups = integers(&g["groups"]);
    for case in g["splitters"].as_array().unwrap() {
        let splitter = splitter(case["kind"].as_str().unwrap(), &case["arguments"]);
        let sides = splitter.splits(&Rows::new(&labels).groups(&groups)).unwrap();
        let want: Vec<Sides> =
            case["sides"].as_array().unwrap().iter().map(|s| (rows(&s[0]), rows(&s[1]))).collect();
        assert_eq!(sides, want, "{} {}", case["kind"], case["arguments"]);
    }
}

fn params(json: &Json) -> Params {
    let param = |v: &Json| match v {
        Json::Bool(x) => Param::from(*x),
        Json::String(x) => Param::from(x.as_str()),
        x => x.as_i64().map_or_else(|| Param::from(x.as_f64().unwrap()), Param::from),
    };
    json.as_object().unwrap().iter().fold(Params::new(), |p, (name, v)| p.with(name, param(v)))
}

#[test]
fn draws_are_the_same() {
    let g = golden();
    let want =
        |name: &str| g["samples"][name].as_array().unwrap().iter().map(params).collect::<Vec<Params>>();
    let lists = Space::new().vary("a", Distribution::one_of(0..30)).vary("b", Distribution::one_of(0..40));
    assert_eq!(lists.sample(5, 1).unwrap(), want("many"));
    let few = Space::new()
        .vary("a", Distribution::one_of([1, 2, 3]))
        .vary("b", Distribution::one_of([true, false]));
    assert_eq!(few.sample(4, 2).unwrap(), want("some"));
    assert_eq!(few.sample(9, 3).unwrap(), want("all"));
    let ranges = Space::new()
        .vary("a", Distribution::Uniform(2.0, 5.0))
        .vary("b", Distribution::LogUniform(1e-4, 1e-1))
        .vary("c", Distribution::Integers(3, 20))
        .vary("d", Distribution::one_of(["x", "y", "z"]));
    for (got, want) in ranges.sample(4, 5).unwrap().iter().zip(want("ranges")) {
        assert_eq!((got.get("c"), got.get("d")), (want.get("c"), want.get("d")));
        for name in ["a", "b"] {
            let (got, want) = (got.number(name, 0.0).unwrap(), want.number(name, 1.0).unwrap());
            assert!((got / want - 1.0).abs() < 1e-12, "{got} instead of {want}");
        }
    }
}

#[test]
fn cross_validation_scores_the_same() {
    let g = golden();
    let (x, labels, y) = data(&g);
    let names: Vec<&str> = g["cross"].as_object().unwrap().keys().map(String::as_str).collect();
    let validation =
        Validation::new().splitter(StratifiedKFold::new(3)).scoring(&names).unwrap().train_scores(true);
    let got = validation.cross_validate(&x, &labels, |seed| classifier(&Params::new(), seed)).unwrap();
    for (i, name) in names.iter().enumerate() {
        table(&[got.train[i].clone(), got.test[i].clone()], &g["cross"][name]);
    }
    let four = Params::new().with("n_neighbors", 4);
    let got = Validation::new().cross_validate(&x, &y, |seed| regressor(&four, seed)).unwrap();
    close(&got.test[0], &g["default"]);
    let three = Params::new().with("n_neighbors", 3);
    let validation = Validation::new().folds(4);
    let said = validation
        .cross_val_predict(&x, &labels, Response::Probabilities, |s| classifier(&three, s))
        .unwrap();
    close(&said.to_f64(), &g["predicted"]);
}

#[test]
fn curves_are_the_same() {
    let g = golden();
    let (x, labels, y) = data(&g);
    let three = Params::new().with("n_neighbors", 3);
    let validation = Validation::new().folds(3);
    let curve = validation.learning_curve(&x, &labels, &[0.2, 0.5, 1.0], |s| classifier(&three, s)).unwrap();
    assert_eq!(curve.sizes, rows(&g["learning"]["sizes"]));
    table(&curve.train, &g["learning"]["train"]);
    table(&curve.test, &g["learning"]["test"]);
    let curve = validation.validation_curve(&x, &y, "n_neighbors", [1, 4, 8], regressor).unwrap();
    table(&curve.train, &g["validation"]["train"]);
    table(&curve.test, &g["validation"]["test"]);
}

fn same(found: Result<Found<Neighbours>>, want: &Json) {
    let found = found.unwrap();
    let all: Vec<Params> = want["params"].as_array().unwrap().iter().map(params).collect();
    assert_eq!(found.candidates.iter().map(|c| c.params.clone()).collect::<Vec<_>>(), all);
    for (c, scores) in found.candidates.iter().zip(want["scores"].as_array().unwrap()) {
        close(&c.scores.test[0], scores);
    }
    assert_eq!(found.candidates.iter().map(|c| c.rank).collect::<Vec<_>>(), rows(&want["ranks"]));
    assert_eq!(found.candidates.iter().map(|c| c.resources).collect::<Vec<_>>(), rows(&want["resources"]));
    assert_eq!(found.best, want["best"].as_u64().unwrap() as usize);
}

#[test]
fn searches_find_the_same() {
    let g = golden();
    let (x, labels, y) = data(&g);
    let grid = ParamGrid::new().vary("n_neighbors", [1, 3, 5, 7]).vary("p", [1, 2]);
    let values = [1, 2, 3, 4, 5, 6, 7];
    let many = ParamGrid::new().vary("n_neighbors", values).vary("p", [1, 2]);
    let space = Space::new()
        .vary("n_neighbors", Distribution::one_of(values))
        .vary("p", Distribution::one_of([1, 2]));
    let v = Validation::new().splitter(StratifiedKFold::new(3)).threads(3);
    same(GridSearchCV::new(grid.clone()).fit(&x, &labels, &v, classifier), &g["grid"]);
    let drawn = RandomizedSearchCV::new(space.clone()).n_iter(5).random_state(4);
    let by_rank = Validation::new().splitter(StratifiedKFold::new(3)).scoring(&["roc_auc"]).unwrap();
    same(drawn.fit(&x, &labels, &by_rank, classifier), &g["random"]);
    let (v, halving) = (Validation::new().folds(3).threads(2), Halving::new().random_state(2));
    let halve =
        |grid: &ParamGrid, h: Halving| HalvingGridSearchCV::new(grid.clone(), h).fit(&x, &y, &v, regressor);
    same(halve(&many, halving.clone().min_resources(12)), &g["halving"]);
    let near = ParamGrid::new().vary("n_neighbors", [1, 2, 3, 4]).vary("p", [1, 2]);
    same(halve(&near, halving.clone()), &g["stretched"]);
    same(halve(&many, halving.clone().min_resources(24).aggressive_elimination(true)), &g["aggressive"]);
    let powers = ParamGrid::new().vary("p", [1, 2, 3, 4]);
    same(halve(&powers, halving.clone().factor(2.0).resource("n_neighbors", 8)), &g["parameter"]);
    let drawn = HalvingRandomSearchCV::new(space, halving.min_resources(12));
    same(drawn.fit(&x, &y, &v, regressor), &g["halving_random"]);
}

#[test]
fn a_fit_that_fails_scores_nan_and_all_that_fail_are_an_error() {
    let g = golden();
    let (x, labels, y) = data(&g);
    let v = Validation::new().folds(3).threads(2);
    let picky = |p: &Params, seed| {
        if p.int("n_neighbors", 1)? == 3 {
            Err(addax_core::Error::value("three"))
        } else {
            classifier(p, seed)
        }
    };
    let grid =
        |values: &[i32]| GridSearchCV::new(ParamGrid::new().vary("n_neighbors", values.iter().copied()));
    let found = grid(&[1, 3]).fit(&x, &labels, &v, picky).unwrap();
    assert!(found.candidates[1].scores.mean().is_nan() && found.best == 0);
    assert_eq!(found.candidates[1].scores.failure.as_ref().unwrap().to_string(), "three");
    assert!(found.table().contains("NaN"), "{}", found.table());
    let e = grid(&[1])
        .fit(&x, &y, &Validation::new().splitter(KFold::new(3)), classifier)
        .map(|_| ())
        .unwrap_err();
    assert!(e.to_string().contains("KerasRegressor"), "{e}");
    assert!(grid(&[]).fit(&x, &labels, &v, classifier).is_err());
}
