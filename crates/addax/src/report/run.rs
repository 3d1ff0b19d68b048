//! The report of a run: curves, table, scores, the model, the machine.

use super::draw_model;
use crate::devices;
use crate::training::{History, Model, Series};
use addax_core::Result;
use addax_data::plot::{Report, curve_names, plot_confusion_matrix, plot_curves, plot_predictions, plot_roc};
use addax_data::scores::{Confusion, Fbeta, Roc, report};
use std::path::Path;

/// A report of a run, put together section by section and written as one HTML file that needs no network.
///
/// ```
/// use addax::prelude::*;
/// use addax::report::RunReport;
/// let model = Model::sequential(Sequential::new().add(Dense::new(1usize).input_shape([2])))?;
/// let page = RunReport::new("Two numbers").model(&model).environment().html();
/// assert!(page.contains("Total params: 3"));
/// # Ok::<(), addax::Error>(())
/// ```
#[derive(Clone, Debug)]
pub struct RunReport(Report);

impl RunReport {
    /// An empty report.
    pub fn new(title: &str) -> RunReport {
        RunReport(Report::new(title))
    }

    /// Curves of loss and metrics, and their values by epoch.
    pub fn history(self, history: &History) -> Self {
        let series = history.series();
        let mut page = self.0.heading("Training");
        for name in curve_names(&series) {
            page = page.drawing(&plot_curves(&series, name).svg());
        }
        let heads: Vec<&str> = ["epoch"].into_iter().chain(series.iter().map(|s| s.0.as_str())).collect();
        let row = |i: usize| {
            let epoch = history.epoch.get(i).map_or(i, |e| *e) + 1;
            let value = |s: &(String, Vec<f64>)| {
                s.1.get(i).map_or(String::new(), |v| crate::training::format_value(*v))
            };
            [epoch.to_string()].into_iter().chain(series.iter().map(value)).collect()
        };
        let epochs = series.iter().map(|s| s.1.len()).max().unwrap_or(0);
        RunReport(page.table(&heads, &(0..epochs).map(row).collect::<Vec<Vec<String>>>()))
    }

    /// The confusion matrix, and precision, recall and F1 by class; classes under their names, or numbers.
    pub fn classes(self, confusion: &Confusion, names: &[&str]) -> Self {
        let named = (names.len() == confusion.classes.len()).then_some(names);
        let page = self.0.heading("Classes").drawing(&plot_confusion_matrix(confusion, names).svg());
        RunReport(page.preformatted(&report(confusion, &Fbeta::default(), named, 3)))
    }

    /// ROC curves by name. Errors: a curve of one class.
    pub fn roc(self, curves: &[(&str, &Roc)]) -> Result<Self> {
        Ok(RunReport(self.0.heading("ROC").drawing(&plot_roc(curves)?.svg())))
    }

    /// Predicted numbers over true ones.
    pub fn predictions(self, truth: &[f64], predicted: &[f64]) -> Self {
        RunReport(self.0.heading("Predictions").drawing(&plot_predictions(truth, predicted).svg()))
    }

    /// A section of one's own.
    pub fn section(self, heading: &str, text: &str) -> Self {
        RunReport(self.0.heading(heading).preformatted(text))
    }

    /// The drawing of the model, if it is built, and its summary.
    pub fn model(self, model: &Model) -> Self {
        let mut page = self.0.heading("Model");
        if let Ok(network) = model.network() {
            page = page.drawing(&draw_model(network).svg());
        }
        RunReport(page.preformatted(&model.summary()))
    }

    /// The version and the machine.
    pub fn environment(self) -> Self {
        let row = |name: &str, value: String| vec![name.to_string(), value];
        let mut rows = vec![
            row("addax", env!("CARGO_PKG_VERSION").to_string()),
            row("system", format!("{} {}", std::env::consts::OS, std::env::consts::ARCH)),
            row("threads", devices::threads().to_string()),
        ];
        rows.extend(devices::list().into_iter().map(|d| row(&d.name, d.description)));
        RunReport(self.0.heading("Environment").table(&["", ""], &rows))
    }

    /// The page.
    pub fn html(&self) -> String {
        self.0.html()
    }

    /// Writes the page to a file that ends in `.html`.
    pub fn save(&self, path: impl AsRef<Path>) -> Result<()> {
        self.0.save(path)
    }
}

impl History {
    /// The numbers by name, in Keras's order; of lists their means.
    pub fn series(&self) -> Vec<(String, Vec<f64>)> {
        let mean = |list: &Vec<f64>| list.iter().sum::<f64>() / list.len().max(1) as f64;
        let numbers = |s: &Series| match s {
            Series::Numbers(v) => v.clone(),
            Series::Lists(lists) => lists.iter().map(mean).collect(),
        };
        self.history.iter().map(|(name, s)| (name.clone(), numbers(s))).collect()
    }

    /// The curve of the loss and of the validation's, or of what comes first where there is no loss.
    pub fn plot(&self) -> addax_data::Figure {
        let series = self.series();
        let first = curve_names(&series).first().map_or("loss", |n| n).to_string();
        plot_curves(&series, &first)
    }

    /// The curve of one name and of its validation.
    pub fn plot_metric(&self, name: &str) -> addax_data::Figure {
        plot_curves(&self.series(), name)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::prelude::*;
    use addax_data::scores::Ranking;

    #[test]
    fn a_report_has_everything_and_asks_for_nothing() {
        let mut model =
            Model::sequential(Sequential::new().add(Dense::new(1usize).input_shape([10]))).unwrap();
        model.compile(Compile::new("sgd").loss("mse").metrics(["mae"])).unwrap();
        let (x, y) = addax_data::synthetic::sums(20, 0).unwrap();
        let fit = Fit::new().epochs(3).verbose(0).validation_split(0.2);
        let history = model.fit(&x, &y, fit).unwrap();
        let roc = Ranking::new(&[true, false], &[0.9, 0.2], None).unwrap().roc(true);
        let confusion = Confusion::new(&[0, 1, 1], &[0, 1, 0], None).unwrap();
        let page = RunReport::new("Run <1>")
            .history(&history)
            .classes(&confusion, &["ниже", "выше"])
            .roc(&[("", &roc)])
            .unwrap()
            .predictions(&y.to_f64(), &model.predict(&x).unwrap().to_f64())
            .section("Grid", "units=8 & more")
            .model(&model)
            .environment();
        let html = page.html();
        for part in
            ["Run &lt;1&gt;", "val_mae", "ниже", "Total params", "units=8 &amp; more", "/device:CPU:0"]
        {
            assert!(html.contains(part), "{part}");
        }
        // Loss, metric, matrix, ROC, predictions, model.
        assert_eq!(html.matches("<svg").count(), 6);
        for outside in ["src=", "href=", "url(", "@import", "<script"] {
            assert!(!html.contains(outside), "{outside}");
        }
        assert!(
            history.plot().svg().contains("<polyline")
                && history.plot_metric("mae").svg().contains("<polyline")
        );
    }
}
