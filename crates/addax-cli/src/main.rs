//! The `addax` command.
fn main() {}
