//! `.npz`: named arrays, each an `.npy` file in a zip archive.

use crate::archive::{Archive, Writer};
use crate::arrays::Arrays;
use crate::npy;
use addax_core::Result;
use std::io::Write;

/// Whether bytes begin as zip archives do; an empty one begins with its end record.
pub fn is_npz(bytes: &[u8]) -> bool {
    bytes.starts_with(b"PK\x03\x04") || bytes.starts_with(b"PK\x05\x06")
}

/// Reads all arrays. Errors: those of the archive and of each array, which is named.
///
/// ```
/// use addax_data::{Arrays, npz};
/// let mut arrays = Arrays::new();
/// arrays.insert("x", addax_core::Value::from(vec![1f32, 2.0]))?;
/// let bytes = npz::write(&arrays, Vec::new())?;
/// assert_eq!(npz::decode(&bytes)?, arrays);
/// # Ok::<(), addax_core::Error>(())
/// ```
pub fn decode(bytes: &[u8]) -> Result<Arrays> {
    let archive = Archive::open(bytes)?;
    let mut arrays = Arrays::new();
    for entry in archive.names() {
        let name = entry.strip_suffix(".npy").unwrap_or(entry);
        let array = archive
            .read(entry)
            .and_then(|bytes| npy::decode(&bytes).map_err(|e| e.at(format_args!("array \"{name}\""))))?;
        arrays.insert(name, array)?;
    }
    Ok(arrays)
}

/// Writes arrays as `numpy.savez` does, stored, and hands the stream back.
pub fn write<W: Write>(arrays: &Arrays, out: W) -> Result<W> {
    let mut archive = Writer::new(out);
    for (name, array) in arrays.iter() {
        let (header, body) = npy::parts(array).map_err(|e| e.at(format_args!("array \"{name}\"")))?;
        archive.add(&format!("{name}.npy"), &[&header, &body])?;
    }
    archive.finish()
}

#[cfg(test)]
mod tests {
    use super::*;
    use addax_core::Value;

    #[test]
    fn a_bad_array_is_named() {
        let mut writer = Writer::new(Vec::new());
        writer.add("x.npy", &[b"\x93NUMPY\x01\0\x02\0{}"]).unwrap();
        let e = decode(&writer.finish().unwrap()).unwrap_err().to_string();
        assert!(e.starts_with("array \"x\" > npy header: expected a dict of"), "{e}");
    }

    #[test]
    fn names_are_taken_without_their_ending() {
        let file = npy::encode(&Value::scalar(1f32).into()).unwrap();
        let mut writer = Writer::new(Vec::new());
        writer.add("a/b.npy", &[&file]).unwrap();
        writer.add("c", &[&file]).unwrap();
        assert_eq!(decode(&writer.finish().unwrap()).unwrap().names().collect::<Vec<_>>(), ["a/b", "c"]);
        let mut writer = Writer::new(Vec::new());
        writer.add("c", &[&file]).unwrap();
        writer.add("c.npy", &[&file]).unwrap();
        assert!(decode(&writer.finish().unwrap()).unwrap_err().to_string().contains("\"c\" twice"));
    }
}
