//! Keras's files in and out: `.keras`, whole-model `.h5`, weights, model JSON; out only: `.safetensors`, `.onnx`.
//!
//! A file is data: no code, module or path in it is ever followed, and every size that it declares is proven before
//! anything is allocated; what is allowed stands in [`limits`].

mod adapted;
mod arrays;
mod contents;
mod format;
mod keras;
mod legacy_config;
mod legacy_h5;
pub mod limits;
mod load_weights;
mod object;
mod onnx;
mod optimizer;
mod python;
mod restore;
mod safetensors;
mod store;
mod tree;
mod weights;

pub use contents::{Contents, contents};
pub use format::Format;

use crate::training::Model;
use addax_core::{Error, Result};
use addax_data::{atomic, files};
use std::path::Path;

impl Model {
    /// Reads a whole model: architecture, weights, and what it was compiled for with the optimizer's state, so that
    /// `fit` goes on where it stood. `-` is the standard input.
    ///
    /// # Errors
    /// A file that is none of Keras's, that is damaged or asks for more than [`limits`] allow, classes that are not
    /// known, code. Each names the file and the place in it.
    ///
    /// ```no_run
    /// use addax::prelude::*;
    /// let mut model = Model::load("model.keras")?;
    /// let y = model.predict(Value::zeros(DType::F32, &[1, 10]))?;
    /// # Ok::<(), addax::Error>(())
    /// ```
    pub fn load(path: impl AsRef<Path>) -> Result<Model> {
        let path = path.as_ref();
        let bytes = files::bytes(path)?;
        let model = Format::of_model(path, &bytes).and_then(|format| match format {
            Format::Keras => keras::read(bytes),
            _ => legacy_h5::read(bytes),
        });
        model.map_err(|e| e.at(path.display()))
    }

    /// Writes the model in the format that the name ends in: `.keras`, `.h5`, `.weights.h5`, `.safetensors` or `.onnx`;
    /// `-` is the standard output, as `.keras`. What was there before stays as it was until the new file is whole.
    ///
    /// # Errors
    /// A name that ends otherwise, a model that the format cannot hold, a disk that fails.
    pub fn save(&self, path: impl AsRef<Path>) -> Result<()> {
        let path = path.as_ref();
        let format = Format::named(path)?;
        let unsaved = |e: Error| e.at(path.display());
        match format {
            Format::Keras => atomic::with_writer(path, |out| keras::save(self, out)),
            Format::H5 => {
                let groups = legacy_h5::collect(self).map_err(unsaved)?;
                atomic::with_writer(path, |out| tree::write(&groups, out))
            }
            Format::Weights => self.save_weights(path),
            Format::Safetensors => {
                let tensors = safetensors::collect(self).map_err(unsaved)?;
                atomic::with_writer(path, |out| safetensors::write(&tensors, out))
            }
            Format::Onnx => {
                let lowered = onnx::collect(self).map_err(unsaved)?;
                atomic::with_writer(path, |out| onnx::write(&lowered, out))
            }
        }
    }

    /// Writes weights alone, and the optimizer's state: `.weights.h5`.
    pub fn save_weights(&self, path: impl AsRef<Path>) -> Result<()> {
        let path = path.as_ref();
        if Format::named(path)? != Format::Weights {
            return Err(Error::value(path.display().to_string()).expected("a name that ends in .weights.h5"));
        }
        let groups = weights::collect(self).map_err(|e| e.at(path.display()))?;
        atomic::with_writer(path, |out| tree::write(&groups, out))
    }
}
