//! Pictures of how good a model is.

use super::{Figure, Heatmap};
use crate::scores::{Confusion, Roc, area};
use addax_core::Result;

/// The values of a name over the epochs, and those of its validation (`loss` and `val_loss`).
///
/// ```
/// use addax_data::plot::plot_curves;
/// let series = [("loss".to_string(), vec![3.0, 1.0]), ("val_loss".to_string(), vec![3.5, 2.0])];
/// assert!(plot_curves(&series, "loss").svg().starts_with("<svg"));
/// ```
pub fn plot_curves(series: &[(String, Vec<f64>)], name: &str) -> Figure {
    let values = |name: &str| series.iter().find(|(n, _)| n == name).map(|(_, v)| v);
    let figure = Figure::new().title(name).x_label("epoch").y_label(name).grid(true);
    let own = values(name).map(|v| ("training", v));
    let val = values(&format!("val_{name}")).map(|v| ("validation", v));
    own.into_iter().chain(val).fold(figure, |f, (label, v)| f.line(label, v))
}

/// The names that have curves, those of validation left out.
pub fn curve_names(series: &[(String, Vec<f64>)]) -> Vec<&str> {
    let own = series.iter().map(|(n, _)| n.strip_prefix("val_").unwrap_or(n));
    let mut names: Vec<&str> = Vec::new();
    own.for_each(|n| {
        if !names.contains(&n) {
            names.push(n)
        }
    });
    // The loss comes first.
    names.sort_by_key(|n| *n != "loss");
    names
}

/// A confusion matrix with its counts written in; classes under their names, or numbers.
pub fn plot_confusion_matrix(confusion: &Confusion, names: &[&str]) -> Heatmap {
    let numbers: Vec<String> = confusion.classes.iter().map(|c| c.to_string()).collect();
    let numbers: Vec<&str> = numbers.iter().map(String::as_str).collect();
    let labels = if names.len() == numbers.len() { names } else { &numbers };
    Heatmap::new(&confusion.counts).title("Confusion matrix").axes("predicted", "true").labels(labels)
}

/// ROC curves with their areas, and the diagonal of chance. Errors: a curve of one class.
pub fn plot_roc(curves: &[(&str, &Roc)]) -> Result<Figure> {
    let labels = Figure::new().title("ROC").x_label("false positive rate").y_label("true positive rate");
    curves.iter().try_fold(labels.grid(true).diagonal(), |figure, (name, roc)| {
        let auc = area(&roc.false_positive, &roc.true_positive)?;
        let label = if name.is_empty() { format!("AUC {auc:.3}") } else { format!("{name} (AUC {auc:.3})") };
        Ok(figure.line_xy(&label, &roc.false_positive, &roc.true_positive))
    })
}

/// Predictions over the truth, and the diagonal on which they would be equal.
pub fn plot_predictions(truth: &[f64], predicted: &[f64]) -> Figure {
    let figure = Figure::new().title("Predictions").x_label("y_test").y_label("y_pred").grid(true);
    figure.scatter("", truth, predicted).diagonal()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::scores::Ranking;

    #[test]
    fn names_have_one_curve_with_their_validation() {
        let series = ["mae", "loss", "val_loss", "val_mae"].map(|n| (n.to_string(), vec![1.0, 2.0]));
        assert_eq!(curve_names(&series), ["loss", "mae"]);
    }

    #[test]
    fn a_curve_of_one_class_has_no_area() {
        let both = Ranking::new(&[true, false], &[0.9, 0.1], None).unwrap().roc(true);
        assert!(plot_roc(&[("", &both)]).unwrap().svg().contains("<polyline"));
        let one = Ranking::new(&[true, true], &[0.9, 0.1], None).unwrap().roc(true);
        assert!(plot_roc(&[("", &one)]).is_err());
    }
}
