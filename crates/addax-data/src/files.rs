//! Data files: `.npz`, `.npy` and CSV as named arrays, told apart by their names or by how they begin.

use crate::arrays::{Array, Arrays, Strings};
use crate::table::{Cells, Csv, Table, number, write_rows};
use crate::{atomic, npy, npz};
use addax_core::{DType, Error, Result, with_data};
use std::io::Read;
use std::path::Path;

/// A file's bytes; `-` is the standard input.
pub fn bytes(path: &Path) -> Result<Vec<u8>> {
    if path != Path::new("-") {
        return std::fs::read(path).map_err(|e| Error::io(path.display(), e));
    }
    let mut bytes = Vec::new();
    std::io::stdin().lock().read_to_end(&mut bytes).map_err(|e| Error::io("standard input", e))?;
    Ok(bytes)
}

/// What a data file is.
#[derive(Clone, Copy, PartialEq)]
enum Format {
    Npz,
    Npy,
    Csv,
    Tsv,
}

impl Format {
    /// By the ending of the name.
    fn named(path: &Path) -> Option<Format> {
        match path.extension()?.to_str()? {
            "npz" => Some(Format::Npz),
            "npy" => Some(Format::Npy),
            "csv" | "txt" => Some(Format::Csv),
            "tsv" => Some(Format::Tsv),
            _ => None,
        }
    }

    /// By the first bytes.
    fn begins(bytes: &[u8]) -> Format {
        match bytes {
            _ if npz::is_npz(bytes) => Format::Npz,
            _ if npy::is_npy(bytes) => Format::Npy,
            _ => Format::Csv,
        }
    }
}

/// Reads a data file; `-` is the standard input. An `.npy` file has one array, `x`. A table has the column `target` as
/// `y` (class numbers if it is text) and all others as `x`; without a target, all as `x`. Errors: those of the formats,
/// after the path; a target for a file that is no table.
pub fn read(path: &Path, target: Option<&str>) -> Result<Arrays> {
    let bytes = bytes(path)?;
    decode(&bytes, Format::named(path), target).map_err(|e| e.at(path.display()))
}

fn decode(bytes: &[u8], format: Option<Format>, target: Option<&str>) -> Result<Arrays> {
    let format = format.unwrap_or_else(|| Format::begins(bytes));
    if let (Some(target), Format::Npz | Format::Npy) = (target, format) {
        let e = Error::value(format!("target \"{target}\"")).expected("a table, which has columns");
        return Err(e.got("arrays").hint("Name the target array `y`."));
    }
    let mut arrays = Arrays::new();
    match format {
        Format::Npz => return npz::decode(bytes),
        Format::Npy => arrays.insert("x", npy::decode(bytes)?)?,
        Format::Csv => from_table(&Csv::new().parse(bytes)?, target, &mut arrays)?,
        Format::Tsv => from_table(&Csv::new().delimiter(b'\t').parse(bytes)?, target, &mut arrays)?,
    }
    Ok(arrays)
}

fn from_table(table: &Table, target: Option<&str>, arrays: &mut Arrays) -> Result<()> {
    let Some(target) = target else {
        let all: Vec<usize> = (0..table.names.len()).collect();
        return arrays.insert("x", table.features(&all)?);
    };
    let (x, y) = table.split(target)?;
    if let Some(row) = y.to_f64().iter().position(|v| v.is_nan()) {
        return Err(Error::value(format!("column \"{target}\""))
            .expected("a target in every row")
            .got(format_args!("none in row {row}")));
    }
    let is_class = table.classes[table.column(target)?].is_some();
    arrays.insert("x", x)?;
    arrays.insert("y", if is_class { y.cast(DType::I64) } else { y })
}

/// Writes arrays by the ending of the name: `.npz` all of them, `.npy` the only one, `.csv` and `.tsv` columns of the
/// same length, an array of two axes as one column for each place. `-` is the standard output, as `.npz`.
pub fn write(path: &Path, arrays: &Arrays) -> Result<()> {
    let dash = path == Path::new("-");
    match Format::named(path).or(dash.then_some(Format::Npz)) {
        Some(Format::Npz) => atomic::with_writer(path, |out| npz::write(arrays, out).map(|_| ())),
        Some(Format::Npy) => match arrays.iter().next() {
            Some((_, array)) if arrays.len() == 1 => atomic::write(path, &npy::encode(array)?),
            _ => Err(Error::value(path.display().to_string())
                .expected("one array for an .npy file")
                .got(arrays.len())
                .hint("Write an .npz file.")),
        },
        Some(Format::Csv) => atomic::write(path, columns(arrays, b',')?.as_bytes()),
        Some(Format::Tsv) => atomic::write(path, columns(arrays, b'\t')?.as_bytes()),
        None => Err(Error::value(path.display().to_string())
            .expected("a file ending in .npz, .npy, .csv or .tsv")
            .got("another ending")),
    }
}

/// Arrays side by side as a table.
fn columns(arrays: &Arrays, delimiter: u8) -> Result<String> {
    let rows = arrays.iter().next().and_then(|(_, a)| a.shape().first().copied()).unwrap_or(0);
    let (mut names, mut cells) = (Vec::new(), Vec::new());
    for (name, array) in arrays.iter() {
        let width = match array.shape() {
            [n] if *n == rows => 1,
            [n, width] if *n == rows => *width,
            other => {
                return Err(Error::value(format!("array \"{name}\" as columns"))
                    .expected(format_args!("[{rows}] or [{rows}, columns]"))
                    .got(format_args!("{other:?}"))
                    .hint("Write an .npz file."));
            }
        };
        for c in 0..width {
            names.push(if width == 1 { name.to_string() } else { format!("{name}_{c}") });
            cells.push(column(array, width, c));
        }
    }
    write_rows(&names, rows, &cells, delimiter)
}

fn column(array: &Array, width: usize, c: usize) -> Cells<'_> {
    match array {
        Array::Strings(s) => text(s, width, c),
        Array::Numbers(v) => with_data!(v.data(), v => Box::new(move |row| number(v[row * width + c]))),
    }
}

fn text(strings: &Strings, width: usize, c: usize) -> Cells<'_> {
    Box::new(move |row| strings.get(row * width + c).unwrap_or_default().to_string())
}

#[cfg(test)]
mod tests {
    use super::*;
    use addax_core::Value;

    #[test]
    fn formats_are_told_apart_by_their_first_bytes() {
        let x: Array = Value::new([2, 1], vec![1f32, 2.0]).unwrap().into();
        let mut arrays = Arrays::new();
        arrays.insert("x", x.clone()).unwrap();
        for bytes in
            [npz::write(&arrays, Vec::new()).unwrap(), npy::encode(&x).unwrap(), b"x\n1\n2\n".to_vec()]
        {
            assert_eq!(decode(&bytes, None, None).unwrap(), arrays);
        }
        assert!(decode(b"x\n1\n", Some(Format::Npz), None).is_err());
        let e = decode(&npy::encode(&x).unwrap(), None, Some("y")).unwrap_err().to_string();
        assert!(e.starts_with("target \"y\": expected a table"), "{e}");
    }

    #[test]
    fn a_table_gives_features_and_target() {
        let arrays = decode(b"a,b,kind\n1,2,x\n3,4,z\n", None, Some("kind")).unwrap();
        assert_eq!(arrays.numbers("x").unwrap().shape(), [2, 2]);
        assert_eq!(arrays.numbers("y").unwrap().as_slice::<i64>().unwrap(), [0, 1]);
        let e = decode(b"a,y\n1,2\n3,\n", None, Some("y")).unwrap_err().to_string();
        assert_eq!(e, "column \"y\": expected a target in every row, got none in row 1");
    }

    #[test]
    fn arrays_stand_side_by_side_as_columns() {
        let mut arrays = Arrays::new();
        arrays.insert("p", Value::new([2, 2], vec![0.1f32, 1.0, f32::NAN, 1e-9]).unwrap()).unwrap();
        arrays.insert("name", Strings::new([2], ["a,b", ""]).unwrap()).unwrap();
        arrays.insert("n", Value::from(vec![i64::MAX, -1])).unwrap();
        let text = columns(&arrays, b',').unwrap();
        assert_eq!(text, "p_0,p_1,name,n\n0.1,1,\"a,b\",9223372036854775807\n,1e-9,,-1\n");
        arrays.insert("deep", Value::new([2, 1, 1], vec![0f32; 2]).unwrap()).unwrap();
        assert!(columns(&arrays, b',').unwrap_err().to_string().contains("expected [2] or [2, columns]"));
    }
}
