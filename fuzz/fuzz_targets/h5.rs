//! Any bytes as an HDF5 file: an answer or an error, never a panic.

#![no_main]

#[path = "../../crates/addax-h5/tests/it/exhaust.rs"]
mod exhaust;

libfuzzer_sys::fuzz_target!(|bytes: &[u8]| {
    let _ = exhaust::exhaust(bytes);
});
