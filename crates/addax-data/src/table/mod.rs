//! Tables: named columns of numbers, one of them perhaps the target.

mod csv;

pub use csv::Csv;
pub(crate) use csv::{Cells, number, write_rows};

use crate::atomic;
use addax_core::{Error, Result, Value};
use std::path::Path;

/// A table: named columns of numbers. Text becomes class numbers in sorted order, empty cells NaN.
#[derive(Clone, Debug)]
pub struct Table {
    /// The names of the columns.
    pub names: Vec<String>,
    /// The columns, all of the same length.
    pub columns: Vec<Vec<f64>>,
    /// For columns of text: the classes in the order of their numbers.
    pub classes: Vec<Option<Vec<String>>>,
}

impl Table {
    /// A table of numbers. Errors: names that repeat, another number of names, columns of several lengths.
    pub fn new(names: &[&str], columns: Vec<Vec<f64>>) -> Result<Table> {
        let names: Vec<String> = names.iter().map(|n| n.to_string()).collect();
        distinct(&names)?;
        let rows = columns.first().map_or(0, Vec::len);
        if names.len() != columns.len() || columns.iter().any(|c| c.len() != rows) {
            let lengths: Vec<usize> = columns.iter().map(Vec::len).collect();
            return Err(Error::value("table")
                .expected(format_args!("{} columns of the same length", names.len()))
                .got(format_args!("lengths {lengths:?}")));
        }
        let classes = vec![None; names.len()];
        Ok(Table { names, columns, classes })
    }

    /// Reads a CSV file as [`Csv::new`] does; one that ends in `.tsv` has tabs.
    pub fn read(path: &Path) -> Result<Table> {
        let tabs = path.extension().is_some_and(|e| e == "tsv");
        Csv::new().delimiter(if tabs { b'\t' } else { b',' }).read(path)
    }

    /// Reads the bytes of a CSV file as [`Csv::new`] does.
    ///
    /// ```
    /// let t = addax_data::Table::parse(b"a,b\n1,x\n2,y\n")?;
    /// assert_eq!((t.names[1].as_str(), &t.columns[1]), ("b", &vec![0.0, 1.0]));
    /// # Ok::<(), addax_core::Error>(())
    /// ```
    pub fn parse(bytes: &[u8]) -> Result<Table> {
        Csv::new().parse(bytes)
    }

    /// The table as CSV: a header, numbers as short as they read back, text for classes, nothing for NaN.
    ///
    /// ```
    /// let t = addax_data::Table::parse(b"a,b\n1.50,\"x, y\"\n,z\n")?;
    /// assert_eq!(t.to_csv()?, "a,b\n1.5,\"x, y\"\n,z\n");
    /// # Ok::<(), addax_core::Error>(())
    /// ```
    pub fn to_csv(&self) -> Result<String> {
        let cells: Vec<Cells> = (0..self.names.len()).map(|c| self.cells(c)).collect();
        write_rows(&self.names, self.rows(), &cells, b',')
    }

    /// Writes the table as a CSV file.
    pub fn write(&self, path: &Path) -> Result<()> {
        atomic::write(path, self.to_csv()?.as_bytes())
    }

    fn cells(&self, column: usize) -> Cells<'_> {
        let numbers = &self.columns[column];
        match &self.classes[column] {
            None => Box::new(|row| number(numbers[row])),
            Some(names) => Box::new(move |row| {
                let number = numbers[row];
                let name = (number >= 0.0).then(|| names.get(number as usize)).flatten();
                name.cloned().unwrap_or_default()
            }),
        }
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

    /// The columns of these names (or numbers), in this order.
    pub fn select(&self, columns: &[&str]) -> Result<Table> {
        let places = columns.iter().map(|name| self.column(name)).collect::<Result<Vec<usize>>>()?;
        let names: Vec<String> = places.iter().map(|c| self.names[*c].clone()).collect();
        distinct(&names)?;
        let columns = places.iter().map(|c| self.columns[*c].clone()).collect();
        Ok(Table { names, columns, classes: places.iter().map(|c| self.classes[*c].clone()).collect() })
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
                .got("text")
                .hint("Leave it out, or write its classes as numbers."));
        }
        let cells = (0..self.rows()).flat_map(|r| columns.iter().map(move |c| self.columns[*c][r] as f32));
        Value::new([self.rows(), columns.len()], cells.collect::<Vec<f32>>())
    }
}

/// Checks that no name stands twice.
fn distinct(names: &[String]) -> Result<()> {
    let mut sorted: Vec<&String> = names.iter().collect();
    sorted.sort();
    match sorted.windows(2).find(|pair| pair[0] == pair[1]) {
        None => Ok(()),
        Some(pair) => Err(Error::value("columns")
            .expected("names of their own")
            .got(format_args!("\"{}\" twice", pair[0]))),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn columns_are_found_by_name_or_number() {
        let t = Table::parse(b"age,price\n1,2\n").unwrap();
        assert_eq!((t.column("price").unwrap(), t.column("0").unwrap()), (1, 0));
        assert_eq!(
            t.column("prise").unwrap_err().to_string(),
            "unknown column \"prise\". Did you mean \"price\"?"
        );
        let turned = t.select(&["price", "age"]).unwrap();
        assert_eq!(turned.to_csv().unwrap(), "price,age\n2,1\n");
        assert!(t.select(&["age", "0"]).unwrap_err().to_string().contains("\"age\" twice"));
    }

    #[test]
    fn text_is_a_target_but_no_feature() {
        let t = Table::parse(b"a,kind\n1,red\n2,blue\n").unwrap();
        let (x, y) = t.split("kind").unwrap();
        assert_eq!((x.shape(), y.to_f64()), (&[2, 1][..], vec![1.0, 0.0]));
        assert!(
            t.split("a").unwrap_err().to_string().starts_with("column \"kind\": expected numbers, got text")
        );
    }

    #[test]
    fn columns_have_one_length_and_names_of_their_own() {
        assert!(Table::new(&["a", "b"], vec![vec![1.0], vec![2.0, 3.0]]).is_err());
        assert!(Table::new(&["a", "a"], vec![vec![1.0], vec![2.0]]).is_err());
        assert_eq!(Table::new(&["a"], vec![vec![0.1, 1e300]]).unwrap().to_csv().unwrap(), "a\n0.1\n1e300\n");
    }
}
