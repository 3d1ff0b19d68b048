//! Formats by the names and beginnings of files.

use addax_core::{Error, Result};
use std::path::Path;

/// A format of files that hold a model or its weights.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Format {
    /// `.keras`: a whole model.
    Keras,
    /// `.h5`: a whole model in one HDF5 file, as Keras 1 and 2 wrote it.
    H5,
    /// `.weights.h5`: weights alone.
    Weights,
    /// `.safetensors`: weights alone, for readers of other frameworks.
    Safetensors,
    /// `.onnx`: the graph that predicts, for other runtimes.
    Onnx,
}

/// Formats by how names end; the longer endings first.
const ENDINGS: [(&str, Format); 6] = [
    (".weights.h5", Format::Weights),
    (".h5", Format::H5),
    (".hdf5", Format::H5),
    (".keras", Format::Keras),
    (".safetensors", Format::Safetensors),
    (".onnx", Format::Onnx),
];

impl Format {
    /// The format that a name ends in; `-` stands for a stream of [`Format::Keras`].
    pub fn named(path: &Path) -> Result<Format> {
        if path == Path::new("-") {
            return Ok(Format::Keras);
        }
        let name = path.file_name().unwrap_or_default().to_string_lossy().to_lowercase();
        let found = ENDINGS.iter().find(|(ending, _)| name.ends_with(ending));
        found.map(|(_, format)| *format).ok_or_else(|| {
            let error = Error::value(path.display().to_string());
            error.expected("a name that ends in .keras, .h5, .weights.h5, .safetensors or .onnx")
        })
    }

    /// The format of a whole model: by its name, else by how the bytes begin.
    pub(crate) fn of_model(path: &Path, bytes: &[u8]) -> Result<Format> {
        let by_name = if path == Path::new("-") { None } else { Format::named(path).ok() };
        match by_name {
            Some(format @ (Format::Keras | Format::H5)) => Ok(format),
            Some(Format::Onnx) => Err(Error::value("file")
                .expected("a whole model (.keras or .h5)")
                .got("a graph for other runtimes")),
            Some(_) => {
                Err(Error::value("file").expected("a whole model (.keras or .h5)").got("weights only"))
            }
            None if bytes.starts_with(b"PK") => Ok(Format::Keras),
            None if bytes.starts_with(b"\x89HDF") => Ok(Format::H5),
            None => Err(Error::value("file").expected("a model (.keras or .h5)").got("something else")),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_say_the_format() {
        let named = |name: &str| Format::named(Path::new(name)).unwrap();
        assert_eq!(named("a/b.weights.h5"), Format::Weights);
        assert_eq!(
            (named("x.H5"), named("-"), named("m.v1.keras")),
            (Format::H5, Format::Keras, Format::Keras)
        );
        let of = |name: &str, bytes: &[u8]| Format::of_model(Path::new(name), bytes);
        assert_eq!(of("-", b"\x89HDF\r\n").unwrap(), Format::H5);
        assert!(of("x.weights.h5", b"").unwrap_err().to_string().contains("weights only"));
        assert!(of("x", b"GIF89a").is_err() && Format::named(Path::new("x.pt")).is_err());
    }
}
