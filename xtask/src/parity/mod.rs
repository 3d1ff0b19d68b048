//! `cargo xtask parity [--cover] DIR [WORD…]`: the command against Keras's own answers.
//!
//! DIR holds cases in the folders P, E, T, F and R, as its README tells; words choose those cases whose name holds one
//! of them. The release binary is run on each. Cases of R need a Python with Keras, named by `ADDAX_PYTHON`. With
//! `--cover` a class of the tables that no case is about counts as a failure.

mod case;
mod compare;
mod coverage;
mod examine;
mod process;
mod python;

use case::Case;
use std::collections::BTreeMap;
use std::path::{Path, PathBuf};

/// What became of a case.
pub(crate) enum Outcome {
    /// As Keras has it.
    Passed,
    /// Not examined, and why.
    Skipped(String),
    /// Otherwise, and how.
    Failed(String),
}

/// Runs the cases and prints what does not pass; whether all did.
pub fn run(root: &Path, arguments: &[String]) -> bool {
    let (cover, arguments) = match arguments {
        [first, rest @ ..] if first == "--cover" => (true, rest),
        all => (false, all),
    };
    let Some(folder) = arguments.first().map(PathBuf::from) else {
        println!("name the folder of cases: cargo xtask parity [--cover] DIR [WORD…]");
        return false;
    };
    let words = arguments.get(1..).unwrap_or_default();
    let binary = root.join("target/release/addax");
    if !binary.exists() {
        println!("build first: cargo build --release -p addax-cli");
        return false;
    }
    let mut counts: BTreeMap<String, [usize; 3]> = BTreeMap::new();
    let mut unknown: BTreeMap<String, usize> = BTreeMap::new();
    let cases = Case::all(&folder);
    let uncovered = if cover { coverage::missing(root, &cases) } else { Vec::new() };
    uncovered.iter().for_each(|class| println!("FAIL no case is about {class}"));
    for case in cases.into_iter().filter(|c| chosen(c, words)) {
        let outcome = examine::examine(&case, &binary);
        let count = counts.entry(case.kind().to_string()).or_default();
        match outcome {
            Outcome::Passed => count[0] += 1,
            Outcome::Skipped(why) => {
                count[1] += 1;
                println!("skip {}/{}: {why}", case.kind(), case.name);
            }
            Outcome::Failed(why) => {
                count[2] += 1;
                missing(&why).into_iter().for_each(|m| *unknown.entry(m).or_default() += 1);
                println!("FAIL {}/{}: {why}", case.kind(), case.name);
            }
        }
    }
    for (kind, [passed, skipped, failed]) in &counts {
        println!("{kind}: {passed} passed, {skipped} skipped, {failed} failed");
    }
    for (what, times) in &unknown {
        println!("missing: {what} ({times})");
    }
    let ran = counts.values().map(|c| c[0] + c[2]).sum::<usize>();
    ran > 0 && uncovered.is_empty() && counts.values().all(|c| c[2] == 0)
}

fn chosen(case: &Case, words: &[String]) -> bool {
    words.is_empty() || words.iter().any(|w| format!("{}/{}", case.kind(), case.name).contains(w.as_str()))
}

/// The classes that a message calls unknown.
fn missing(message: &str) -> Option<String> {
    let (_, rest) = message.split_once("unknown ")?;
    let end = rest.match_indices('"').nth(1)?.0;
    Some(rest[..=end].to_string())
}
