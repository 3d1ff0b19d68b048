//! Any text as a model's config: a model or an error, never a panic.

#![no_main]

use addax::prelude::*;

libfuzzer_sys::fuzz_target!(|text: &str| {
    if let Ok(model) = Model::from_json(text) {
        let _ = model.to_json();
    }
});
