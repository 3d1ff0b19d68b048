//! Tables of numbers from CSV, with one column as the target.

use addax_core::{Error, Result, Value};
use std::path::Path;

/// A table: named columns of numbers. Text becomes class numbers in sorted order, empty cells NaN.
#[derive(Clone, Debug)]
pub struct Table {
    /// The names of the columns.
    pub names: Vec<String>,
    /// The columns.
    pub columns: Vec<Vec<f64>>,
    /// For columns of text: the classes in the order of their numbers.
    pub classes: Vec<Option<Vec<String>>>,
}

impl Table {
    /// Reads a file. The first line is the header unless all its cells are numbers.
    pub fn read(path: &Path) -> Result<Table> {
        let text = std::fs::read(path).map_err(|e| Error::io(path.display(), e))?;
        Table::parse(&text).map_err(|e| e.at(path.display()))
    }

    /// Reads bytes.
    ///
    /// ```
    /// let t = addax_data::Table::parse(b"a,b\n1,x\n2,y\n").unwrap();
    /// assert_eq!((t.names[1].as_str(), &t.columns[1]), ("b", &vec![0.0, 1.0]));
    /// ```
    pub fn parse(bytes: &[u8]) -> Result<Table> {
        let mut reader = csv::ReaderBuilder::new().has_headers(false).from_reader(bytes);
        let mut rows: Vec<Vec<String>> = Vec::new();
        for (i, record) in reader.records().enumerate() {
            let record = record.map_err(|e| {
                Error::value(format!("line {}", i + 1)).expected("as many cells as the first line").got(e)
            })?;
            rows.push(record.iter().map(|c| c.trim().to_string()).collect());
        }
        let first = rows
            .first()
            .cloned()
            .ok_or_else(|| Error::value("table").expected("at least one row").got("none"))?;
        let numeric = first.iter().all(|c| c.parse::<f64>().is_ok());
        let names =
            if numeric { (0..first.len()).map(|i| format!("column_{i}")).collect() } else { rows.remove(0) };
        if rows.is_empty() {
            return Err(Error::value("table").expected("at least one row of numbers").got("only a header"));
        }
        let (mut columns, mut classes) = (Vec::new(), Vec::new());
        for c in 0..names.len() {
            let (numbers, names) = column(rows.iter().map(|r| r[c].as_str()));
            columns.push(numbers);
            classes.push(names);
        }
        Ok(Table { names, columns, classes })
    }

    /// How many rows.
    pub fn rows(&self) -> usize {
        self.columns.first().map_or(0, Vec::len)
    }

    /// The number of a column, by name or by number.
    pub fn column(&self, name: &str) -> Result<usize> {
        let by_name = self.names.iter().position(|n| n == name);
        let by_number = name.parse::<usize>().ok().filter(|i| *i < self.names.len());
        by_name
            .or(by_number)
            .ok_or_else(|| Error::unknown("column", name, self.names.iter().map(String::as_str)))
    }

    /// All columns but one as `[rows, features]`, and that one; text among the features is refused by name.
    pub fn split(&self, target: &str) -> Result<(Value, Value)> {
        let target = self.column(target)?;
        let features: Vec<usize> = (0..self.names.len()).filter(|c| *c != target).collect();
        Ok((self.features(&features)?, Value::from(self.columns[target].clone())))
    }

    /// Some columns as `[rows, features]`.
    pub fn features(&self, columns: &[usize]) -> Result<Value> {
        if let Some(c) = columns.iter().find(|c| self.classes[**c].is_some()) {
            return Err(Error::value(format!("column \"{}\"", self.names[*c]))
                .expected("numbers")
                .got("text"));
        }
        let cells = (0..self.rows()).flat_map(|r| columns.iter().map(move |c| self.columns[*c][r] as f32));
        Value::new([self.rows(), columns.len()], cells.collect::<Vec<f32>>())
    }
}

/// Cells as numbers, or as class numbers if one of them is text.
fn column<'a>(cells: impl Iterator<Item = &'a str> + Clone) -> (Vec<f64>, Option<Vec<String>>) {
    let number = |c: &str| if c.is_empty() { Some(f64::NAN) } else { c.parse::<f64>().ok() };
    if let Some(numbers) = cells.clone().map(number).collect::<Option<Vec<f64>>>() {
        return (numbers, None);
    }
    let mut names: Vec<String> = cells.clone().filter(|c| !c.is_empty()).map(str::to_string).collect();
    names.sort();
    names.dedup();
    let class = |c: &str| names.binary_search_by(|n| n.as_str().cmp(c)).map_or(f64::NAN, |i| i as f64);
    (cells.map(class).collect(), Some(names))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn says_which_line_and_which_column() {
        let e = Table::parse(b"a,b\n1,2\n3\n").unwrap_err().to_string();
        assert!(e.starts_with("line 3: expected as many cells as the first line"), "{e}");
        let t = Table::parse(b"age,price\n1,2\n").unwrap();
        assert_eq!(
            t.column("prise").unwrap_err().to_string(),
            "unknown column \"prise\". Did you mean \"price\"?"
        );
    }

    #[test]
    fn empty_cells_are_missing() {
        let t = Table::parse(b"a,b\n1,\n3,4\n").unwrap();
        assert!(t.columns[1][0].is_nan());
    }
}
