//! What must hold of every graph; run after each pass in debug builds.
//!
//! 1. Every input of a node is made by an earlier node. 2. The types of a node's results are those its op infers.
//! 3. Parameters are numbered in order. 4. Outputs exist.

use super::{Graph, TensorType};
use crate::error::{Error, Result};
use crate::ops::Op;

impl Graph {
    /// Checks the rules of this module.
    pub fn verify(&self) -> Result<()> {
        let mut parameters = 0;
        for (i, node) in self.nodes.iter().enumerate() {
            let at = |e: Error| e.at(format_args!("node {i} {}", node.op.name()));
            if let Some(late) = node.inputs.iter().find(|v| **v >= node.first) {
                return Err(at(Error::value("order")
                    .expected("inputs made before")
                    .got(format_args!("{late:?}"))));
            }
            if let Op::Parameter(p) = &node.op {
                if p.index != parameters {
                    return Err(at(Error::value("parameter").expected(parameters).got(p.index)));
                }
                parameters += 1;
                continue;
            }
            let inputs: Vec<&TensorType> = node.inputs.iter().map(|v| self.ty(*v)).collect();
            let types = node.op.infer(&inputs).map_err(at)?;
            let stored: Vec<&TensorType> = node.outputs().map(|v| self.ty(v)).collect();
            let fits = |(a, b): (&TensorType, &&TensorType)| a.dtype == b.dtype && a.shape.fits(&b.shape);
            if types.len() != stored.len() || !types.iter().zip(&stored).all(fits) {
                return Err(at(Error::value("types")
                    .expected(format_args!("{types:?}"))
                    .got(format_args!("{stored:?}"))));
            }
        }
        match self.outputs.iter().find(|v| v.index() >= self.values.len()) {
            Some(v) => {
                Err(Error::value("output").expected("a value of the graph").got(format_args!("{v:?}")))
            }
            None => Ok(()),
        }
    }
}
