//! Any bytes as an archive: an answer or an error, never a panic.

#![no_main]

use addax_data::archive::Archive;

libfuzzer_sys::fuzz_target!(|bytes: &[u8]| {
    if let Ok(archive) = Archive::open(bytes) {
        for name in archive.names() {
            let _ = archive.read(name);
        }
    }
});
