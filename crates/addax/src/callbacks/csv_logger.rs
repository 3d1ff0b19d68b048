//! CSVLogger: the values of the epochs as a table.

use super::{Callback, Control, Memory};
use crate::metrics::Reading;
use crate::training::Logs;
use addax_core::{Error, Result, Value};
use std::fs::{File, OpenOptions};
use std::io::{Seek, SeekFrom, Write};
use std::path::{Path, PathBuf};

/// Writes a line per epoch: its number from 0, then the values sorted by name, as Python's `csv` writes them.
#[derive(Debug)]
pub struct CSVLogger {
    path: PathBuf,
    separator: char,
    append: bool,
    file: Option<File>,
    keys: Option<Vec<String>>,
    header: bool,
    /// How long the file is; before the first line of a training, how much of it is kept.
    length: u64,
}

impl CSVLogger {
    /// Into a file.
    pub fn new(path: impl AsRef<Path>) -> CSVLogger {
        let path = path.as_ref().to_path_buf();
        CSVLogger { path, separator: ',', append: false, file: None, keys: None, header: true, length: 0 }
    }

    /// What stands between the values.
    pub fn separator(mut self, separator: char) -> Self {
        self.separator = separator;
        self
    }

    /// Whether lines are added to those that the file has.
    pub fn append(mut self, append: bool) -> Self {
        self.append = append;
        self
    }

    fn line(&self, fields: &[String]) -> String {
        let special = |f: &str| f.contains([self.separator, '"', '\n', '\r']);
        let quoted =
            |f: &String| if special(f) { format!("\"{}\"", f.replace('"', "\"\"")) } else { f.clone() };
        let fields: Vec<String> = fields.iter().map(quoted).collect();
        format!("{}\r\n", fields.join(&self.separator.to_string()))
    }
}

/// Lets a file end after so many bytes; a pipe or device stays as it is.
fn cut(file: &mut File, length: u64) -> std::io::Result<()> {
    if file.metadata()?.is_file() {
        file.set_len(length)?;
        file.seek(SeekFrom::Start(length))?;
    }
    Ok(())
}

/// Writes text after so many bytes, where the file then ends.
fn add(file: &mut File, length: u64, text: &str) -> std::io::Result<()> {
    cut(file, length)?;
    file.write_all(text.as_bytes())
}

/// The columns for the values of the first epoch; without validation there, its columns stay free for later ones.
fn columns(logs: &Logs) -> Vec<String> {
    let mut keys: Vec<String> = logs.keys().cloned().collect();
    if !keys.iter().any(|k| k.starts_with("val_")) {
        keys.extend(logs.keys().map(|k| format!("val_{k}")));
    }
    keys
}

/// A value as Keras writes it.
fn field(value: Option<&Reading>) -> String {
    match value {
        None => "NA".into(),
        Some(Reading::Number(x)) => python(*x),
        Some(Reading::List(list)) => {
            format!("\"[{}]\"", list.iter().map(|x| python(*x)).collect::<Vec<_>>().join(", "))
        }
    }
}

/// A number as Python writes it: the shortest text that reads back, with an exponent outside 1e-4 to 1e16.
fn python(x: f64) -> String {
    if x.is_nan() {
        return "nan".into();
    }
    if x.is_infinite() {
        return if x > 0.0 { "inf".into() } else { "-inf".into() };
    }
    if x == 0.0 || (1e-4..1e16).contains(&x.abs()) {
        return format!("{x:?}");
    }
    let text = format!("{x:e}");
    match text.split_once('e') {
        Some((digits, exponent)) => {
            let n: i32 = exponent.parse().unwrap_or(0);
            format!("{digits}e{}{:02}", if n < 0 { '-' } else { '+' }, n.abs())
        }
        None => text,
    }
}

impl Callback for CSVLogger {
    fn on_train_begin(&mut self, _: &mut Control) -> Result<()> {
        let io = |e: std::io::Error| Error::io(self.path.display(), e);
        let old = std::fs::metadata(&self.path).map_or(0, |m| m.len());
        self.header = !self.append || old == 0;
        self.length = if self.append { old } else { 0 };
        // What a run that goes on has written stays; everything else goes with the first line.
        let options = OpenOptions::new().create(true).write(true).truncate(false).open(&self.path);
        self.file = Some(options.map_err(io)?);
        self.keys = None;
        Ok(())
    }

    fn on_epoch_end(&mut self, epoch: usize, logs: &mut Logs, _: &mut Control) -> Result<()> {
        let keys = self.keys.clone().unwrap_or_else(|| columns(logs));
        let mut text = String::new();
        if self.keys.is_none() && self.header {
            text = self.line(&[&["epoch".to_string()], &keys[..]].concat());
        }
        let values = keys.iter().map(|k| field(logs.get(k)));
        text += &self.line(&[epoch.to_string()].into_iter().chain(values).collect::<Vec<_>>());
        self.keys = Some(keys);
        let file = self
            .file
            .as_mut()
            .ok_or_else(|| Error::value("CSVLogger").expected("a training that has begun"))?;
        add(file, self.length, &text).map_err(|e| Error::io(self.path.display(), e))?;
        self.length += text.len() as u64;
        Ok(())
    }

    fn memory(&self) -> Option<Memory> {
        let memory = Memory::new("CSVLogger").with_count("length", self.length as usize);
        let keys = self.keys.as_ref().map(|k| k.join("\n").into_bytes());
        Some(
            memory
                .with_count("columns", self.keys.as_ref().map(Vec::len))
                .with("keys", Value::from(keys.unwrap_or_default())),
        )
    }

    fn recall(&mut self, memory: &Memory) -> Result<()> {
        self.length = memory.count("length")? as u64;
        let keys: Vec<u8> = memory.get("keys")?.as_slice::<u8>()?.to_vec();
        let keys = String::from_utf8_lossy(&keys).into_owned();
        self.keys = memory.maybe_count("columns")?.map(|_| keys.split('\n').map(str::to_string).collect());
        Ok(())
    }

    fn on_train_end(&mut self, _: &Logs, _: &mut Control) -> Result<()> {
        // A training without an epoch leaves what it would have begun with.
        let end = |mut file: File| cut(&mut file, self.length);
        self.file.take().map_or(Ok(()), end).map_err(|e| Error::io(self.path.display(), e))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn numbers_are_python_s() {
        assert_eq!(
            [0.5, 1.0, 1e-5, 2.5e-7, 1e16, f64::NAN].map(python),
            ["0.5", "1.0", "1e-05", "2.5e-07", "1e+16", "nan"]
        );
    }

    #[test]
    fn lists_are_quoted_and_columns_kept_for_validation() {
        let logs =
            Logs::from([("f1".to_string(), Reading::from(vec![0.0, 0.5])), ("loss".to_string(), 1.0.into())]);
        assert_eq!(columns(&logs), ["f1", "loss", "val_f1", "val_loss"]);
        let logger = CSVLogger::new("x.csv");
        let fields: Vec<String> = columns(&logs).iter().map(|k| field(logs.get(k))).collect();
        assert_eq!(logger.line(&fields), "\"\"\"[0.0, 0.5]\"\"\",1.0,NA,NA\r\n");
    }
}
