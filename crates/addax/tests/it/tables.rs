//! The examples on real tables reach what a careful user expects.

#[allow(dead_code)]
#[path = "../../examples/breast_cancer.rs"]
mod breast_cancer;
#[allow(dead_code)]
#[path = "../../examples/diabetes.rs"]
mod diabetes;
#[allow(dead_code)]
#[path = "../../examples/digits.rs"]
mod digits;

#[test]
fn a_convolutional_network_reads_digits() {
    let accuracy = digits::accuracy(0).unwrap();
    assert!(accuracy >= 0.98, "{accuracy}");
}

#[test]
fn a_classifier_tells_malignant_from_benign() {
    let (accuracy, auc) = breast_cancer::scores(0).unwrap();
    assert!(auc >= 0.99 && accuracy >= 0.94, "{accuracy} {auc}");
}

#[test]
fn a_regressor_is_as_good_as_ridge_regression() {
    let (network, ridge) = diabetes::errors(0).unwrap();
    assert!(network <= 1.03 * ridge, "{network} {ridge}");
}
