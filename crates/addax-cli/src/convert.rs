//! `addax convert`: a model in another format.

use addax::prelude::*;
use std::path::PathBuf;

/// Writes a model in another format.
#[derive(clap::Args)]
pub struct Args {
    /// The model: `.keras` or `.h5`.
    model: PathBuf,
    /// Where it goes; the name says the format: `.keras`, `.h5`, `.weights.h5`, `.safetensors` or
    /// `.onnx`.
    output: PathBuf,
}

pub fn run(args: &Args) -> Result<()> {
    Model::load(&args.model)?.save(&args.output)
}
