//! Any bytes as a table: columns or an error, never a panic.

#![no_main]

use addax_data::table::{Csv, Table};

libfuzzer_sys::fuzz_target!(|bytes: &[u8]| {
    if let Ok(table) = Table::parse(bytes) {
        let _ = table.to_csv();
    }
    let _ = Csv::new().header(false).delimiter(b'\t').parse(bytes);
});
