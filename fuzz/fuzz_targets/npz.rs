//! Any bytes as arrays of NumPy's: an answer or an error, never a panic.

#![no_main]

use addax_data::{npy, npz};

libfuzzer_sys::fuzz_target!(|bytes: &[u8]| {
    let _ = npz::decode(bytes);
    let _ = npy::decode(bytes);
});
