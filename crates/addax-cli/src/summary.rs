//! `addax summary`: the layers of a model with shapes and parameters.

use super::out::say;
use addax::prelude::*;
use std::path::PathBuf;

/// The layers of a model.
#[derive(clap::Args)]
pub struct Args {
    /// The model: `.keras` or `.h5`.
    model: PathBuf,
}

pub fn run(args: &Args) -> Result<()> {
    say(&Model::load(&args.model)?.summary())
}
