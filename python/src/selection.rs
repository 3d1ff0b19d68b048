//! Splits, scores and draws for `addax.model_selection` and `addax.metrics`; seeds for fits that run side by side.

use crate::array::value_of;
use crate::error::OrRaise;
use addax::data::scores::{
    self, Averaging, ClassScore, Confusion, Disagreement, Fbeta, MultiClass, Normalize, Ranking, Scorer,
};
use addax::data::selection::{
    Distribution, GroupKFold, KFold, LeaveOneOut, Param, Part, Rows, ShuffleSplit, Sides, Space, Split,
    Splitter, StratifiedKFold, TimeSeriesSplit,
};
use addax::{Error, Value};
use pyo3::prelude::*;
use pyo3::types::{PyDict, PyList};

/// Runs a function with a seed and names of its own: nothing that another thread draws changes what it draws.
#[pyfunction]
pub fn seeded<'py>(seed: u64, function: &Bound<'py, PyAny>) -> PyResult<Bound<'py, PyAny>> {
    addax::random::with_seed(seed, || addax::models::names::with_names(|| function.call0()))
}

/// The seed of the n-th fit of a search.
#[pyfunction]
pub fn fit_seed(seed: u64, fit: usize) -> u64 {
    addax::data::selection::fit_seed(seed, fit)
}

fn given<'py>(options: &Bound<'py, PyDict>, name: &str) -> PyResult<Option<Bound<'py, PyAny>>> {
    Ok(options.get_item(name)?.filter(|v| !v.is_none()))
}

fn rows(options: &Bound<'_, PyDict>, name: &str) -> PyResult<Option<usize>> {
    given(options, name)?.map(|v| v.extract()).transpose()
}

fn seed(options: &Bound<'_, PyDict>) -> PyResult<Option<u32>> {
    given(options, "random_state")?.map(|v| v.extract()).transpose()
}

/// A share, a number of rows, or nothing.
fn part(options: &Bound<'_, PyDict>, name: &str) -> PyResult<Option<Part>> {
    let Some(v) = given(options, name)? else { return Ok(None) };
    match v.extract::<usize>() {
        Ok(rows) => Ok(Some(Part::Rows(rows))),
        Err(_) => Ok(Some(Part::Share(v.extract()?))),
    }
}

/// The splits of `count` rows by scikit-learn's name of a splitter and its arguments.
#[pyfunction]
pub fn splits(
    kind: &str,
    count: usize,
    y: Option<Vec<i64>>,
    groups: Option<Vec<i64>>,
    options: &Bound<'_, PyDict>,
) -> PyResult<Vec<Sides>> {
    let (folds, seed) = (rows(options, "n_splits")?.unwrap_or(5), seed(options)?);
    macro_rules! seeded {
        ($s:expr) => {{
            let s = $s;
            Box::new(if let Some(seed) = seed { s.random_state(seed) } else { s })
        }};
    }
    let splitter: Box<dyn Splitter> = match kind {
        "KFold" => seeded!(KFold::new(folds)),
        "StratifiedKFold" => seeded!(StratifiedKFold::new(folds)),
        "GroupKFold" => seeded!(GroupKFold::new(folds)),
        "LeaveOneOut" => Box::new(LeaveOneOut),
        "TimeSeriesSplit" => {
            let mut s = TimeSeriesSplit::new(folds).gap(rows(options, "gap")?.unwrap_or(0));
            if let Some(rows) = rows(options, "test_size")? {
                s = s.test_size(rows);
            }
            if let Some(rows) = rows(options, "max_train_size")? {
                s = s.max_train_size(rows);
            }
            Box::new(s)
        }
        "ShuffleSplit" | "StratifiedShuffleSplit" => {
            let test = part(options, "test_size")?.unwrap_or(Part::Share(0.1));
            let mut s = ShuffleSplit::new(folds).test_size(test);
            if let Some(part) = part(options, "train_size")? {
                s = s.train_size(part);
            }
            s = s.random_state(seed.unwrap_or(0));
            if kind == "ShuffleSplit" { Box::new(s) } else { Box::new(s.stratified()) }
        }
        other => return Err(Error::value("splitter").expected("a known one").got(other)).or_raise(),
    };
    let y = y.map(Value::from);
    splitter.splits(&Rows { count, y: y.as_ref(), groups: groups.as_deref() }).or_raise()
}

/// The rows to train on and to test on.
#[pyfunction]
pub fn split_rows(
    count: usize,
    stratify: Option<Vec<i64>>,
    shuffle: bool,
    options: &Bound<'_, PyDict>,
) -> PyResult<Sides> {
    let mut split = part(options, "test_size")?.map_or_else(Split::default, Split::new).shuffle(shuffle);
    if let Some(part) = part(options, "train_size")? {
        split = split.train_size(part);
    }
    if let Some(classes) = stratify {
        split = split.stratify(&Value::from(classes));
    }
    split.random_state(seed(options)?.unwrap_or(0)).indices(count).or_raise()
}

/// Draws from lists (by the places of their values) and ranges `("uniform" | "log" | "int", low, high)`.
#[pyfunction]
pub fn draws<'py>(
    py: Python<'py>,
    space: &Bound<'py, PyDict>,
    count: usize,
    seed: u32,
) -> PyResult<Bound<'py, PyList>> {
    let mut all = Space::new();
    for (name, values) in space.iter() {
        let values = match values.extract::<usize>() {
            Ok(length) => Distribution::one_of(0..length),
            Err(_) => {
                let (kind, low, high): (String, f64, f64) = values.extract()?;
                match kind.as_str() {
                    "int" => Distribution::Integers(low as i64, high as i64),
                    "log" => Distribution::LogUniform(low, high),
                    _ => Distribution::Uniform(low, high),
                }
            }
        };
        all = all.vary(&name.extract::<String>()?, values);
    }
    let list = PyList::empty(py);
    for params in all.sample(count, seed).or_raise()? {
        let dict = PyDict::new(py);
        for (name, param) in params.iter() {
            match param {
                Param::Flag(x) => dict.set_item(name, x)?,
                Param::Int(x) => dict.set_item(name, x)?,
                Param::Number(x) => dict.set_item(name, x)?,
                Param::Text(x) => dict.set_item(name, x)?,
            }
        }
        list.append(dict)?;
    }
    Ok(list)
}

type Weights = Option<Vec<f64>>;

/// The classes and the confusion matrix, as counts or as shares of `"true"`, `"pred"` or `"all"`.
#[pyfunction]
pub fn confusion(
    truth: Vec<i64>,
    predicted: Vec<i64>,
    weights: Weights,
    labels: Option<Vec<i64>>,
    normalize: Option<&str>,
) -> PyResult<(Vec<i64>, Vec<Vec<f64>>)> {
    let mut c = Confusion::new(&truth, &predicted, weights.as_deref()).or_raise()?;
    if let Some(labels) = labels {
        c = c.of_classes(&labels);
    }
    let counts = match normalize {
        None => c.counts,
        Some("true") => c.normalized(Normalize::Truth),
        Some("pred") => c.normalized(Normalize::Predicted),
        Some(_) => c.normalized(Normalize::All),
    };
    Ok((c.classes, counts))
}

/// A score that the confusion matrix tells: `accuracy`, `balanced`, `adjusted`, `matthews`, `kappa`, `linear`,
/// `quadratic`.
#[pyfunction]
pub fn matrix_score(name: &str, truth: Vec<i64>, predicted: Vec<i64>, weights: Weights) -> PyResult<f64> {
    let c = Confusion::new(&truth, &predicted, weights.as_deref()).or_raise()?;
    Ok(match name {
        "accuracy" => c.accuracy(),
        "balanced" => c.balanced_accuracy(false),
        "adjusted" => c.balanced_accuracy(true),
        "matthews" => c.matthews(),
        "linear" => c.cohen_kappa(Disagreement::Linear),
        "quadratic" => c.cohen_kappa(Disagreement::Quadratic),
        _ => c.cohen_kappa(Disagreement::Equal),
    })
}

/// Precision, recall, F, Jaccard index and support: by class, or of all as one row.
#[pyfunction]
#[allow(clippy::too_many_arguments)]
pub fn class_scores(
    truth: Vec<i64>,
    predicted: Vec<i64>,
    weights: Weights,
    labels: Option<Vec<i64>>,
    beta: f64,
    zero_division: f64,
    average: Option<&str>,
    positive: i64,
) -> PyResult<Vec<[f64; 5]>> {
    let c = Confusion::new(&truth, &predicted, weights.as_deref()).or_raise()?;
    let mut how = Fbeta::new(beta).zero_division(zero_division);
    if let Some(labels) = &labels {
        how = how.labels(labels);
    }
    let averaging = match average {
        None => None,
        Some("binary") => Some(Averaging::Binary(positive)),
        Some("macro") => Some(Averaging::Macro),
        Some("micro") => Some(Averaging::Micro),
        Some("weighted") => Some(Averaging::Weighted),
        Some(other) => {
            let known = ["binary", "macro", "micro", "weighted"];
            return Err(Error::unknown("average", other, known)).or_raise();
        }
    };
    let row = |s: ClassScore| [s.precision, s.recall, s.f, s.jaccard, s.support];
    Ok(match averaging {
        None => how.of(&c).into_iter().map(row).collect(),
        Some(averaging) => vec![row(how.average(&c, averaging))],
    })
}

/// A report's row: the name, precision, recall, F1 and support.
type ReportRow = (String, [f64; 4]);

/// The report by class as text, and its rows.
#[pyfunction]
pub fn class_report(
    truth: Vec<i64>,
    predicted: Vec<i64>,
    weights: Weights,
    labels: Option<Vec<i64>>,
    names: Vec<String>,
    digits: usize,
    zero_division: f64,
) -> PyResult<(String, Vec<ReportRow>)> {
    let c = Confusion::new(&truth, &predicted, weights.as_deref()).or_raise()?;
    let mut how = Fbeta::default().zero_division(zero_division);
    if let Some(labels) = &labels {
        how = how.labels(labels);
    }
    let names: Vec<&str> = names.iter().map(String::as_str).collect();
    let rows = scores::report_rows(&c, &how, Some(&names));
    let row = |(name, s): (String, ClassScore)| (name, [s.precision, s.recall, s.f, s.support]);
    Ok((scores::report(&c, &how, Some(&names), digits), rows.into_iter().map(row).collect()))
}

type Curve = (Vec<f64>, Vec<f64>, Vec<f64>);

/// The ROC curve: false positive rates, true positive rates, thresholds.
#[pyfunction]
pub fn roc(truth: Vec<bool>, scores: Vec<f64>, weights: Weights, drop_intermediate: bool) -> PyResult<Curve> {
    let roc = Ranking::new(&truth, &scores, weights.as_deref()).or_raise()?.roc(drop_intermediate);
    Ok((roc.false_positive, roc.true_positive, roc.thresholds))
}

/// Precisions, recalls, thresholds.
#[pyfunction]
pub fn precision_recall(
    truth: Vec<bool>,
    scores: Vec<f64>,
    weights: Weights,
    drop_intermediate: bool,
) -> PyResult<Curve> {
    let ranking = Ranking::new(&truth, &scores, weights.as_deref()).or_raise()?;
    let curve = ranking.precision_recall(drop_intermediate);
    Ok((curve.precision, curve.recall, curve.thresholds))
}

/// The area under the ROC curve (up to a false positive rate), or the average precision for `"precision"`.
#[pyfunction]
pub fn ranked(kind: &str, truth: Vec<bool>, scores: Vec<f64>, weights: Weights, most: f64) -> PyResult<f64> {
    let ranking = Ranking::new(&truth, &scores, weights.as_deref()).or_raise()?;
    if kind == "precision" {
        Ok(ranking.average_precision())
    } else {
        ranking.partial_roc_auc(most).or_raise()
    }
}

/// ROC-AUC of several classes, `"ovr"` or `"ovo"`.
#[pyfunction]
pub fn multiclass_auc(
    truth: Vec<i64>,
    classes: Vec<i64>,
    probabilities: Vec<f64>,
    how: &str,
    average: &str,
    weights: Weights,
) -> PyResult<f64> {
    let how = if how == "ovo" { MultiClass::OneVsOne } else { MultiClass::OneVsRest };
    let average = match average {
        "weighted" => Averaging::Weighted,
        "micro" => Averaging::Micro,
        _ => Averaging::Macro,
    };
    let auc = scores::multiclass_roc_auc(&truth, &classes, &probabilities, how, average, weights.as_deref());
    auc.or_raise()
}

/// The area under a line through points.
#[pyfunction]
pub fn area(x: Vec<f64>, y: Vec<f64>) -> PyResult<f64> {
    scores::area(&x, &y).or_raise()
}

/// A score of probabilities: `log_loss` (with its epsilon), `brier`, `top_k` (with its k).
#[pyfunction]
pub fn probability_score(
    kind: &str,
    truth: Vec<i64>,
    classes: Vec<i64>,
    probabilities: Vec<f64>,
    weights: Weights,
    option: f64,
) -> PyResult<f64> {
    let w = weights.as_deref();
    match kind {
        "log_loss" => scores::log_loss(&truth, &classes, &probabilities, w, option),
        "brier" => scores::brier(&truth, &classes, &probabilities, w),
        _ => scores::top_k_accuracy(&truth, &classes, &probabilities, option as usize, w),
    }
    .or_raise()
}

/// A score by its name in `scoring`, of what was said of the rows.
#[pyfunction]
pub fn score(
    name: &str,
    truth: &Bound<'_, PyAny>,
    said: &Bound<'_, PyAny>,
    classes: Vec<i64>,
    weights: Weights,
) -> PyResult<f64> {
    let (truth, said) = (value_of(truth)?, value_of(said)?);
    Scorer::named(name).and_then(|s| s.score(&truth, &said, &classes, weights.as_deref())).or_raise()
}

/// The names of all scores, and whether each is taken of probabilities.
#[pyfunction]
pub fn scorings() -> Vec<(&'static str, bool)> {
    scores::SCORERS.iter().map(|s| (s.name, s.response == scores::Response::Probabilities)).collect()
}
