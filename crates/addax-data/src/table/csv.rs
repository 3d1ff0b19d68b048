//! CSV: RFC 4180, read into columns of numbers and written from them.

use super::{Table, distinct};
use crate::files;
use addax_core::{Error, Result};
use csv::{Reader, ReaderBuilder, StringRecord};
use std::collections::HashMap;
use std::fmt::Debug;
use std::path::Path;

/// Cells that stand for a missing number, as in pandas.
const MISSING: [&str; 11] = ["", "NA", "N/A", "n/a", "<NA>", "#N/A", "NaN", "nan", "NULL", "null", "None"];
const TRUTHS: [(&str, f64); 6] =
    [("True", 1.0), ("true", 1.0), ("TRUE", 1.0), ("False", 0.0), ("false", 0.0), ("FALSE", 0.0)];

/// How a CSV file is read.
///
/// ```
/// let t = addax_data::table::Csv::new().delimiter(b';').header(false).parse(b"1;2\n3;4\n")?;
/// assert_eq!((t.names[1].as_str(), &t.columns[1]), ("column_1", &vec![2.0, 4.0]));
/// # Ok::<(), addax_core::Error>(())
/// ```
#[derive(Clone, Debug)]
pub struct Csv {
    delimiter: u8,
    header: Option<bool>,
}

impl Default for Csv {
    fn default() -> Self {
        Csv::new()
    }
}

impl Csv {
    /// Commas; the first line is a header if it has text and no number.
    pub fn new() -> Csv {
        Csv { delimiter: b',', header: None }
    }

    /// What stands between cells.
    pub fn delimiter(mut self, delimiter: u8) -> Self {
        self.delimiter = delimiter;
        self
    }

    /// Whether the first line is a header; without one, columns are called `column_0`, `column_1`, …
    pub fn header(mut self, header: bool) -> Self {
        self.header = Some(header);
        self
    }

    /// Reads a file; `-` is the standard input.
    pub fn read(&self, path: &Path) -> Result<Table> {
        self.parse(&files::bytes(path)?).map_err(|e| e.at(path.display()))
    }

    /// Reads bytes. A column whose cells are all numbers (or missing: NaN) is one of numbers, `true` and `false` are 1
    /// and 0; any other is text and told by the numbers of its classes. Errors: no row, rows of other lengths, bytes
    /// that are not UTF-8, column names that repeat.
    pub fn parse(&self, bytes: &[u8]) -> Result<Table> {
        let first = self.reader(bytes).records().next().transpose().map_err(wrong_line)?;
        let first = first.ok_or_else(|| Error::value("table").expected("at least one row").got("none"))?;
        let header = self.header.unwrap_or_else(|| is_header(&first));
        let names: Vec<String> = first.iter().enumerate().map(|(i, n)| name(i, n, header)).collect();
        distinct(&names)?;
        let mut columns = vec![Column::default(); names.len()];
        self.each(bytes, header, |c, cell| columns[c].push(cell))?;
        if columns.iter().all(|c| c.numbers.is_empty()) {
            return Err(Error::value("table").expected("at least one row of cells").got("only a header"));
        }
        let mut texts: Vec<Option<Classes>> =
            columns.iter().map(|c| (!c.plain && !c.truths).then(Classes::default)).collect();
        if texts.iter().any(Option::is_some) {
            self.each(bytes, header, |c, cell| texts[c].iter_mut().for_each(|t| t.push(cell)))?;
        }
        let (mut numbers, mut classes) = (Vec::new(), Vec::new());
        for (column, text) in columns.into_iter().zip(texts) {
            let (values, names) = match text {
                None => (column.numbers, None),
                Some(text) => text.sorted(),
            };
            numbers.push(values);
            classes.push(names);
        }
        Ok(Table { names, columns: numbers, classes })
    }

    fn reader<'a>(&self, bytes: &'a [u8]) -> Reader<&'a [u8]> {
        ReaderBuilder::new().has_headers(false).delimiter(self.delimiter).from_reader(bytes)
    }

    /// Visits every cell with the number of its column, row by row.
    fn each(&self, bytes: &[u8], header: bool, mut visit: impl FnMut(usize, &str)) -> Result<()> {
        let (mut reader, mut record) = (self.reader(bytes), StringRecord::new());
        let mut skip = header;
        while reader.read_record(&mut record).map_err(wrong_line)? {
            if !std::mem::take(&mut skip) {
                record.iter().enumerate().for_each(|(c, cell)| visit(c, cell.trim()));
            }
        }
        Ok(())
    }
}

fn wrong_line(e: csv::Error) -> Error {
    let line = e.position().map_or(0, csv::Position::line);
    let error = Error::value(format!("line {line}"));
    match e.kind() {
        csv::ErrorKind::UnequalLengths { expected_len, len, .. } => {
            error.expected(format_args!("{expected_len} cells as in the first line")).got(len)
        }
        csv::ErrorKind::Utf8 { .. } => {
            error.expected("UTF-8").got("other bytes").hint("Save the table as UTF-8.")
        }
        _ => error.expected("cells of a table").got(&e),
    }
}

fn name(place: usize, cell: &str, header: bool) -> String {
    match cell.trim() {
        name if header && !name.is_empty() => name.to_string(),
        _ => format!("column_{place}"),
    }
}

fn is_missing(cell: &str) -> bool {
    MISSING.contains(&cell)
}

/// Text, and no number: data without a header begin with at least one number, unless all of it is text.
fn is_header(first: &StringRecord) -> bool {
    let mut known = first.iter().map(str::trim).filter(|c| !is_missing(c)).peekable();
    known.peek().is_some() && known.all(|c| c.parse::<f64>().is_err())
}

/// A column as numbers, as far as it is one.
#[derive(Clone)]
struct Column {
    numbers: Vec<f64>,
    /// Every cell so far is a number or missing.
    plain: bool,
    /// Every cell so far is a truth value or missing.
    truths: bool,
}

impl Default for Column {
    fn default() -> Self {
        Column { numbers: Vec::new(), plain: true, truths: true }
    }
}

impl Column {
    fn push(&mut self, cell: &str) {
        let truth = TRUTHS.iter().find(|(word, _)| *word == cell).map(|(_, v)| *v);
        let number = cell.parse::<f64>().ok();
        if !is_missing(cell) {
            self.plain &= number.is_some();
            self.truths &= truth.is_some();
        }
        self.numbers.push(number.or(truth).unwrap_or(f64::NAN));
    }
}

/// A column of text: different texts by the order in which they came.
#[derive(Default)]
struct Classes {
    numbers: HashMap<String, usize>,
    rows: Vec<Option<usize>>,
}

impl Classes {
    fn push(&mut self, cell: &str) {
        let next = self.numbers.len();
        let number = match self.numbers.get(cell) {
            _ if is_missing(cell) => None,
            Some(number) => Some(*number),
            None => Some(*self.numbers.entry(cell.to_string()).or_insert(next)),
        };
        self.rows.push(number);
    }

    /// The rows as class numbers, missing ones NaN, and the classes, both in sorted order.
    fn sorted(self) -> (Vec<f64>, Option<Vec<String>>) {
        let mut names: Vec<(String, usize)> = self.numbers.into_iter().collect();
        names.sort();
        let mut places = vec![0.0; names.len()];
        names.iter().enumerate().for_each(|(place, (_, number))| places[*number] = place as f64);
        let rows = self.rows.into_iter().map(|r| r.map_or(f64::NAN, |n| places[n])).collect();
        (rows, Some(names.into_iter().map(|(name, _)| name).collect()))
    }
}

/// The cells of a column, by row.
pub(crate) type Cells<'a> = Box<dyn Fn(usize) -> String + 'a>;

/// A number as short as it reads back; nothing for NaN.
pub(crate) fn number(x: impl Debug) -> String {
    let text = format!("{x:?}");
    let text = text.strip_suffix(".0").unwrap_or(&text);
    if text == "NaN" { String::new() } else { text.to_string() }
}

/// A table as CSV, quoted where needed.
pub(crate) fn write_rows(names: &[String], rows: usize, columns: &[Cells], delimiter: u8) -> Result<String> {
    let failed = |e: &dyn std::fmt::Display| Error::value("CSV").got(e);
    let mut out = csv::WriterBuilder::new().delimiter(delimiter).from_writer(Vec::new());
    out.write_record(names).map_err(|e| failed(&e))?;
    for row in 0..rows {
        out.write_record(columns.iter().map(|cell| cell(row))).map_err(|e| failed(&e))?;
    }
    let bytes = out.into_inner().map_err(|e| failed(&e))?;
    String::from_utf8(bytes).map_err(|e| failed(&e))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn refusal(bytes: &[u8]) -> String {
        Table::parse(bytes).unwrap_err().to_string()
    }

    #[test]
    fn says_which_line_and_what_it_wanted() {
        assert_eq!(refusal(b"a,b\n1,2\n3\n"), "line 3: expected 2 cells as in the first line, got 1");
        assert!(refusal(b"a,b\n\xff,2\n").starts_with("line 2: expected UTF-8"));
        assert_eq!(refusal(b""), "table: expected at least one row, got none");
        assert_eq!(refusal(b"a,b\n"), "table: expected at least one row of cells, got only a header");
        assert!(refusal(b"a,a\n1,2\n").contains("\"a\" twice"));
    }

    #[test]
    fn missing_cells_are_nan_in_numbers_and_in_text() {
        let t = Table::parse(b"a,b,c\n1,,NA\n3,4,red\nn/a,5,blue\n").unwrap();
        assert!(t.columns[0][2].is_nan() && t.columns[1][0].is_nan() && t.columns[2][0].is_nan());
        assert_eq!(t.columns[2][1..], [1.0, 0.0]);
        assert_eq!(t.classes[2].as_deref().unwrap(), ["blue", "red"]);
    }

    #[test]
    fn a_first_line_with_a_number_is_no_header() {
        let t = Table::parse(b"5.1,3.5,setosa\n4.9,3.0,virginica\n").unwrap();
        assert_eq!((t.names[2].as_str(), t.rows()), ("column_2", 2));
        let t = Csv::new().header(true).parse(b"2019,2020\n1,2\n").unwrap();
        assert_eq!((t.names[0].as_str(), t.rows()), ("2019", 1));
        assert_eq!(Table::parse(b",x\n0,1\n").unwrap().names, ["column_0", "x"]);
    }

    #[test]
    fn quotes_truths_and_a_mark_of_byte_order_are_understood() {
        let t =
            Table::parse(b"\xef\xbb\xbf\"a, \"\"b\"\"\",t,m\r\n\"1\",True,true\r\n 2 ,False,3\r\n").unwrap();
        assert_eq!(t.names[0], "a, \"b\"");
        assert_eq!((&t.columns[0][..], &t.columns[1][..]), (&[1.0, 2.0][..], &[1.0, 0.0][..]));
        assert_eq!(t.classes[2].as_deref().unwrap(), ["3", "true"]);
    }

    #[test]
    fn what_is_written_reads_back() {
        let text = "n,\"quoted, name\",c\n0.1,1e-300,\"a\nb\"\n,-5,\"say \"\"x\"\"\"\ninf,123456789012,z\n";
        let t = Table::parse(text.as_bytes()).unwrap();
        assert_eq!(t.to_csv().unwrap(), text);
    }
}
