//! The table of precision, recall and F1 by class.

use super::{Averaging, ClassScore, Confusion, Fbeta};

/// The lines of the report: classes under their names (or numbers), then the averages. `accuracy` stands in the place of
/// the micro average unless classes that occur are left out.
pub fn report_rows(c: &Confusion, how: &Fbeta, names: Option<&[&str]>) -> Vec<(String, ClassScore)> {
    let classes = how.classes(c);
    let name = |i: usize| {
        names.and_then(|n| n.get(i)).map_or_else(|| classes[i].to_string(), |name| name.to_string())
    };
    let mut rows: Vec<(String, ClassScore)> =
        how.of(c).into_iter().enumerate().map(|(i, s)| (name(i), s)).collect();
    let support: f64 = rows.iter().map(|r| r.1.support).sum();
    let all = c.classes.iter().all(|class| classes.contains(class));
    let micro = if all { "accuracy" } else { "micro avg" };
    let averages =
        [(micro, Averaging::Micro), ("macro avg", Averaging::Macro), ("weighted avg", Averaging::Weighted)];
    rows.extend(averages.map(|(name, by)| (name.to_string(), ClassScore { support, ..how.average(c, by) })));
    rows
}

/// The report as text, laid out as scikit-learn's.
///
/// ```
/// use addax_data::scores::{report, Confusion, Fbeta};
/// let c = Confusion::new(&[0, 1, 1], &[0, 1, 0], None)?;
/// assert!(report(&c, &Fbeta::default(), Some(&["low", "high"]), 2).contains("         low       0.50      1.00      0.67         1\n"));
/// # Ok::<(), addax_core::Error>(())
/// ```
pub fn report(c: &Confusion, how: &Fbeta, names: Option<&[&str]>, digits: usize) -> String {
    let rows = report_rows(c, how, names);
    let classes = rows.len() - 3;
    let longest = rows[..classes].iter().map(|r| r.0.chars().count()).max().unwrap_or(0);
    let width = longest.max("weighted avg".len()).max(digits);
    let support = |s: f64| if c.plain { format!("{s}") } else { format!("{s:?}") };
    let number = |v: f64| if v.is_nan() { "nan".to_string() } else { format!("{v:.digits$}") };
    let heads = ["precision", "recall", "f1-score", "support"].map(|h| format!(" {h:>9}")).concat();
    let mut text = format!("{:>width$} {heads}\n\n", "");
    for (i, (name, s)) in rows.iter().enumerate() {
        if i == classes {
            text.push('\n');
        }
        let (p, r) = if name == "accuracy" && i == classes {
            (String::new(), String::new())
        } else {
            (number(s.precision), number(s.recall))
        };
        text += &format!("{name:>width$}  {p:>9} {r:>9} {:>9} {:>9}\n", number(s.f), support(s.support));
    }
    text
}
