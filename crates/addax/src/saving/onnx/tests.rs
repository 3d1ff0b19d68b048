//! Claims about exported models that need no other runtime: the file's form, names, refusals.

use super::*;
use crate::layers::{Dense, Flatten, LayerExt};
use crate::models::Sequential;

fn lowered(layers: Sequential) -> Lowered {
    collect(&Model::sequential(layers).unwrap()).unwrap()
}

fn kinds(lowered: &Lowered) -> Vec<&'static str> {
    lowered.graph.nodes.iter().map(|n| n.kind).collect()
}

#[test]
fn a_dense_layer_is_a_product_a_sum_and_its_activation() {
    let dense = Dense::new(3usize).activation("relu").input_shape([4]).named("first");
    let lowered = lowered(Sequential::new().add(dense));
    assert_eq!(kinds(&lowered), ["MatMul", "Add", "Relu", "Identity"]);
    let names: Vec<&str> = lowered.constants.iter().map(|c| c.0.as_str()).collect();
    assert_eq!(names, ["first/kernel", "first/bias"]);
    assert_eq!(lowered.graph.outputs[0].name, "first");
    assert_eq!(lowered.graph.inputs[0].shape[0], proto::Axis::Named("batch".into()));
}

#[test]
fn a_reshape_leaves_the_rows_open() {
    let lowered = lowered(Sequential::new().add(Flatten::new().input_shape([2, 3])));
    assert_eq!(kinds(&lowered), ["Reshape", "Identity"]);
    let shape = lowered.constants[0].1.to_i64();
    assert_eq!(shape, [0, 6]);
}

#[test]
fn outputs_of_one_name_are_told_apart() {
    let names = |list: &[&str]| list.iter().map(|n| n.to_string()).collect::<Vec<_>>();
    assert_eq!(distinct(names(&["a", "a", "x"]), &names(&["x"])), ["a", "a_1", "x_1"]);
}
