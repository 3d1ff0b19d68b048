//! Whether cases stand for every class of the tables: the tables are read from the sources, the classes from the tags.

use super::case::Case;
use std::collections::BTreeSet;
use std::fs;
use std::path::Path;

/// Where the tables are, and what a class of each is called in tags.
const TABLES: [(&str, &str); 4] =
    [("layers", "layer"), ("losses", "loss"), ("metrics", "metric"), ("optimizers", "optimizer")];

/// Classes that no case can be about, and why.
const APART: [(&str, &str); 6] = [
    ("loss:LossFunctionWrapper", "wraps a function that a user wrote"),
    ("metric:MeanMetricWrapper", "wraps a function that a user wrote"),
    ("metric:Mean", "is fed values, not targets and outputs"),
    ("metric:Sum", "is fed values, not targets and outputs"),
    ("optimizer:Optimizer", "is what the others extend"),
    ("layer:Lambda", "is Python code"),
];

/// The classes of the tables that no case has among its tags.
pub(crate) fn missing(root: &Path, cases: &[Case]) -> Vec<String> {
    let told: BTreeSet<String> = cases.iter().flat_map(|c| c.texts("tags")).map(|t| plain(&t)).collect();
    let mut all = Vec::new();
    for (folder, what) in TABLES {
        let mut sources = Vec::new();
        collect(&root.join("crates/addax/src").join(folder), &mut sources);
        all.extend(sources.iter().flat_map(|s| classes(s)).map(|class| format!("{what}:{class}")));
    }
    all.retain(|class| !APART.iter().any(|(a, _)| a == class) && !told.contains(&plain(class)));
    all
}

/// A name whatever its style: `mean_squared_error` is `MeanSquaredError`.
fn plain(name: &str) -> String {
    name.to_lowercase().replace('_', "")
}

/// The texts of all sources below a folder.
fn collect(folder: &Path, out: &mut Vec<String>) {
    for path in fs::read_dir(folder).into_iter().flatten().flatten().map(|e| e.path()) {
        if path.is_dir() {
            collect(&path, out);
        } else if path.extension().is_some_and(|e| e == "rs") {
            out.extend(fs::read_to_string(&path));
        }
    }
}

/// The classes that a source lists: in `registry! { … }`, or as lines `&Name::DEF,`.
fn classes(source: &str) -> Vec<String> {
    let mut found = Vec::new();
    for block in source.split("\nregistry! {").skip(1) {
        let list = block.split('}').next().unwrap_or_default().split(',');
        found.extend(
            list.filter_map(|e| e.trim().rsplit("::").next()).filter(|n| !n.is_empty()).map(String::from),
        );
    }
    let def = |line: &str| line.trim().strip_prefix('&')?.strip_suffix("::DEF,").map(String::from);
    found.extend(source.lines().filter_map(def));
    found
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn tables_are_read_in_both_forms() {
        let source = "\nregistry! {\n    dense::Dense, input::InputLayer,\n}\npub const A: &[&D] = &[\n    &Huber::DEF,\n];";
        assert_eq!(classes(source), ["Dense", "InputLayer", "Huber"]);
    }
}
