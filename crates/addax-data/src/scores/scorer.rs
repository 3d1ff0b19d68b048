//! Scores by scikit-learn's names: the higher, the better.

use super::{
    Averaging, Confusion, Fbeta, MultiClass, Ranking, Residuals, brier, log_loss, multiclass_roc_auc,
    per_column, top_k_accuracy,
};
use addax_core::{DType, Error, Result, Value};

/// What a score is taken of.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Response {
    /// What `predict` says: numbers or classes.
    Predict,
    /// What `predict_proba` says: a column per class.
    Probabilities,
}

/// What is judged.
struct Judged<'a> {
    truth: &'a Value,
    said: &'a Value,
    /// The classes that the columns of probabilities stand for.
    classes: &'a [i64],
    weight: Option<&'a [f64]>,
}

/// A score by its name.
pub struct Scorer {
    /// As scikit-learn's `scoring` calls it.
    pub name: &'static str,
    /// What it is taken of.
    pub response: Response,
    score: fn(&Judged) -> Result<f64>,
}

impl std::fmt::Debug for Scorer {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "Scorer({})", self.name)
    }
}

impl Scorer {
    /// The score of a name. Errors: an unknown one, with what it may have meant.
    ///
    /// ```
    /// use addax_core::Value;
    /// let mse = addax_data::scores::Scorer::named("neg_mean_squared_error")?;
    /// let (y, said) = (Value::from(vec![0f32, 2.0]), Value::from(vec![0f32, 1.0]));
    /// assert_eq!(mse.score(&y, &said, &[], None)?, -0.5);
    /// # Ok::<(), addax_core::Error>(())
    /// ```
    pub fn named(name: &str) -> Result<&'static Scorer> {
        let unknown = || Error::unknown("scoring", name, SCORERS.iter().map(|s| s.name));
        SCORERS.iter().find(|s| s.name == name).ok_or_else(unknown)
    }

    /// Judges what was said of the rows: the result of `predict`, or probabilities with a column for each of `classes`.
    /// Errors: those of the score; other shapes; targets that are no classes where classes are scored.
    pub fn score(
        &self,
        truth: &Value,
        said: &Value,
        classes: &[i64],
        sample_weight: Option<&[f64]>,
    ) -> Result<f64> {
        (self.score)(&Judged { truth, said, classes, weight: sample_weight }).map_err(|e| e.at(self.name))
    }
}

/// Whole numbers as classes. Errors: numbers in between.
pub fn class_labels(what: &str, v: &Value) -> Result<Vec<i64>> {
    if v.len() != v.rows() {
        return Err(Error::value(what)
            .expected("one class for each row")
            .got(format_args!("shape {:?}", v.shape())));
    }
    let numbers = v.to_f64();
    match numbers.iter().position(|x| x.fract() != 0.0 || !x.is_finite()) {
        Some(row) => Err(Error::value(what)
            .expected("classes")
            .got(format_args!("{} in row {row}", numbers[row]))
            .hint("Continuous targets want a regressor (KerasRegressor) and a score of numbers.")),
        None => Ok(numbers.into_iter().map(|x| x as i64).collect()),
    }
}

impl Judged<'_> {
    fn truth(&self) -> Result<Vec<i64>> {
        class_labels("targets", self.truth)
    }

    fn confusion(&self) -> Result<Confusion> {
        Confusion::new(&self.truth()?, &class_labels("predictions", self.said)?, self.weight)
    }

    /// Precision, recall and F of class 1: of two classes only.
    fn binary(&self) -> Result<super::ClassScore> {
        let confusion = self.confusion()?;
        if confusion.classes.iter().any(|c| !matches!(c, 0 | 1)) {
            return Err(Error::value("classes")
                .expected("0 and 1")
                .got(format_args!("{:?}", confusion.classes))
                .hint("For more classes add _macro, _micro or _weighted to the name."));
        }
        Ok(Fbeta::default().average(&confusion, Averaging::Binary(1)))
    }

    fn averaged(&self, averaging: Averaging) -> Result<super::ClassScore> {
        Ok(Fbeta::default().average(&self.confusion()?, averaging))
    }

    /// The ranking of the second of two classes.
    fn ranking(&self) -> Result<Ranking> {
        let (n, said) = (self.truth.rows(), self.said.to_f64());
        let scores: Vec<f64> = match (said.len() == n, said.len() == 2 * n) {
            (true, _) => said,
            (_, true) => said.into_iter().skip(1).step_by(2).collect(),
            _ => {
                let e = Error::value("probabilities").expected("those of two classes");
                return Err(e
                    .got(format_args!("shape {:?}", self.said.shape()))
                    .hint("For more classes take roc_auc_ovr or roc_auc_ovo."));
            }
        };
        let positive = self.classes.last().copied().unwrap_or(1);
        let truth: Vec<bool> = self.truth()?.iter().map(|t| *t == positive).collect();
        Ranking::new(&truth, &scores, self.weight)
    }

    fn multiclass(&self, how: MultiClass, averaging: Averaging) -> Result<f64> {
        multiclass_roc_auc(&self.truth()?, self.classes, &self.said.to_f64(), how, averaging, self.weight)
    }

    fn numbers(&self, score: fn(&Residuals) -> Result<f64>) -> Result<f64> {
        per_column(self.truth, self.said, self.weight, score)
    }
}

macro_rules! scorers {
    ($($name:literal $response:ident |$j:ident| $score:expr;)*) => {
        /// All scores.
        pub static SCORERS: &[Scorer] = &[
            $(Scorer { name: $name, response: Response::$response, score: |$j| $score },)*
        ];
    };
}

use Averaging::{Macro, Micro, Weighted};
use MultiClass::{OneVsOne, OneVsRest};

scorers! {
    "accuracy" Predict |j| Ok(j.confusion()?.accuracy());
    "balanced_accuracy" Predict |j| Ok(j.confusion()?.balanced_accuracy(false));
    "matthews_corrcoef" Predict |j| Ok(j.confusion()?.matthews());
    "precision" Predict |j| Ok(j.binary()?.precision);
    "precision_macro" Predict |j| Ok(j.averaged(Macro)?.precision);
    "precision_micro" Predict |j| Ok(j.averaged(Micro)?.precision);
    "precision_weighted" Predict |j| Ok(j.averaged(Weighted)?.precision);
    "recall" Predict |j| Ok(j.binary()?.recall);
    "recall_macro" Predict |j| Ok(j.averaged(Macro)?.recall);
    "recall_micro" Predict |j| Ok(j.averaged(Micro)?.recall);
    "recall_weighted" Predict |j| Ok(j.averaged(Weighted)?.recall);
    "f1" Predict |j| Ok(j.binary()?.f);
    "f1_macro" Predict |j| Ok(j.averaged(Macro)?.f);
    "f1_micro" Predict |j| Ok(j.averaged(Micro)?.f);
    "f1_weighted" Predict |j| Ok(j.averaged(Weighted)?.f);
    "jaccard" Predict |j| Ok(j.binary()?.jaccard);
    "jaccard_macro" Predict |j| Ok(j.averaged(Macro)?.jaccard);
    "jaccard_micro" Predict |j| Ok(j.averaged(Micro)?.jaccard);
    "jaccard_weighted" Predict |j| Ok(j.averaged(Weighted)?.jaccard);
    "roc_auc" Probabilities |j| j.ranking()?.roc_auc();
    "roc_auc_ovr" Probabilities |j| j.multiclass(OneVsRest, Macro);
    "roc_auc_ovr_weighted" Probabilities |j| j.multiclass(OneVsRest, Weighted);
    "roc_auc_ovo" Probabilities |j| j.multiclass(OneVsOne, Macro);
    "roc_auc_ovo_weighted" Probabilities |j| j.multiclass(OneVsOne, Weighted);
    "average_precision" Probabilities |j| Ok(j.ranking()?.average_precision());
    "top_k_accuracy" Probabilities |j| top_k_accuracy(&j.truth()?, j.classes, &j.said.to_f64(), 2, j.weight);
    "neg_log_loss" Probabilities |j| {
        let epsilon = if j.said.dtype() == DType::F64 { f64::EPSILON } else { f64::from(f32::EPSILON) };
        Ok(-log_loss(&j.truth()?, j.classes, &j.said.to_f64(), j.weight, epsilon)?)
    };
    "neg_brier_score" Probabilities |j| Ok(-brier(&j.truth()?, j.classes, &j.said.to_f64(), j.weight)?);
    "r2" Predict |j| j.numbers(|r| Ok(r.r2()));
    "explained_variance" Predict |j| j.numbers(|r| Ok(r.explained_variance()));
    "d2_absolute_error_score" Predict |j| j.numbers(|r| Ok(r.d2_absolute_error()));
    "neg_mean_squared_error" Predict |j| j.numbers(|r| Ok(-r.mean_squared_error()));
    "neg_root_mean_squared_error" Predict |j| j.numbers(|r| Ok(-r.root_mean_squared_error()));
    "neg_mean_absolute_error" Predict |j| j.numbers(|r| Ok(-r.mean_absolute_error()));
    "neg_median_absolute_error" Predict |j| j.numbers(|r| Ok(-r.median_absolute_error()));
    "neg_mean_absolute_percentage_error" Predict |j| j.numbers(|r| Ok(-r.mean_absolute_percentage_error()));
    "neg_max_error" Predict |j| j.numbers(|r| Ok(-r.max_error()));
    "neg_mean_squared_log_error" Predict |j| j.numbers(|r| Ok(-r.mean_squared_log_error()?));
    "neg_root_mean_squared_log_error" Predict |j| j.numbers(|r| Ok(-r.mean_squared_log_error()?.sqrt()));
    "neg_mean_poisson_deviance" Predict |j| j.numbers(|r| Ok(-r.mean_poisson_deviance()?));
    "neg_mean_gamma_deviance" Predict |j| j.numbers(|r| Ok(-r.mean_gamma_deviance()?));
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_find_their_score_or_a_near_one() {
        assert_eq!(Scorer::named("roc_auc").unwrap().response, Response::Probabilities);
        let e = Scorer::named("neg_mean_square_error").unwrap_err().to_string();
        assert!(
            e.starts_with("unknown scoring \"neg_mean_square_error\"")
                && e.contains("neg_mean_squared_error"),
            "{e}"
        );
    }

    #[test]
    fn continuous_targets_are_no_classes() {
        let y = Value::from(vec![0.5f32, 1.0]);
        let e = Scorer::named("accuracy").unwrap().score(&y, &y, &[], None).unwrap_err().to_string();
        assert_eq!(
            e,
            "accuracy > targets: expected classes, got 0.5 in row 0. Continuous targets want a regressor \
             (KerasRegressor) and a score of numbers."
        );
    }
}
