//! The house keeps its rules.

use std::path::Path;

#[test]
fn the_house_is_tidy() {
    let root = Path::new(env!("CARGO_MANIFEST_DIR")).parent().expect("the workspace");
    let found = xtask::tidy::check(root);
    assert!(found.is_empty(), "{}", found.join("\n"));
}
