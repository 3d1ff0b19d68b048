//! The examples on real tables reach what a careful user expects.

#[allow(dead_code)]
#[path = "../examples/breast_cancer.rs"]
mod breast_cancer;
#[allow(dead_code)]
#[path = "../examples/diabetes.rs"]
mod diabetes;
#[allow(dead_code)]
#[path = "../examples/digits.rs"]
mod digits;

// The seed belongs to the process, so one after another.
#[test]
fn the_examples_learn_their_tables() {
    let (_, auc) = breast_cancer::scores(0).unwrap();
    assert!(auc >= 0.99, "ROC-AUC {auc}");
    let accuracy = digits::accuracy(0).unwrap();
    assert!(accuracy >= 0.98, "accuracy {accuracy}");
    let (network, ridge) = diabetes::errors(0).unwrap();
    assert!(network <= 1.03 * ridge, "{network} {ridge}");
}
