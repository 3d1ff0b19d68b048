//! Keras's files in and out: `.keras`, whole-model `.h5`, weights, model JSON.
//!
//! A file is data: no code, module or path in it is ever followed, and every size that it declares is proven before
//! anything is allocated; what is allowed stands in [`limits`].

mod arrays;
mod keras;
mod legacy_config;
pub mod limits;
mod object;
mod python;
mod restore;
mod store;
mod weights;

use crate::training::Model;
use addax_core::{Error, Result};
use addax_data::atomic;
use std::path::Path;

/// What is in a file, by its name.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Format {
    /// `.keras`: a whole model.
    Keras,
}

impl Format {
    /// The format that a name ends in.
    pub fn of(path: &Path) -> Result<Format> {
        let name = path.file_name().unwrap_or_default().to_string_lossy();
        if name.ends_with(".keras") {
            return Ok(Format::Keras);
        }
        Err(Error::value(path.display().to_string()).expected("a name that ends in .keras"))
    }
}

impl Model {
    /// Reads a model: architecture, weights, and what it was compiled for with the optimizer's state.
    ///
    /// # Errors
    /// A file that is none of Keras's, that is damaged or asks for more than [`limits`] allow, classes that are not
    /// known, code.
    pub fn load(path: impl AsRef<Path>) -> Result<Model> {
        let path = path.as_ref();
        let read = || {
            let bytes = std::fs::read(path).map_err(|e| Error::value(e.to_string()))?;
            match Format::of(path)? {
                Format::Keras => keras::read(bytes),
            }
        };
        read().map_err(|e| e.at(path.display()))
    }

    /// Writes the model whole or not at all.
    pub fn save(&self, path: impl AsRef<Path>) -> Result<()> {
        let path = path.as_ref();
        match Format::of(path)? {
            Format::Keras => {
                let mut out = Vec::new();
                keras::save(self, &mut out)?;
                atomic::write(path, &out)
            }
        }
    }
}
