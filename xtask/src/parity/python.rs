//! What needs Keras itself: reading what we wrote. One Python serves all cases; it takes a list of arguments a line and
//! answers with a line each.

use super::case::Case;
use addax_data::{Arrays, npz};
use std::cell::RefCell;
use std::io::{BufRead, BufReader, Write};
use std::process::{Child, ChildStdin, ChildStdout, Command, Stdio};

const READER: &str = include_str!("reader.py");

/// The Python that answers; it ends with its input.
struct Reader {
    child: Child,
    ask: Option<ChildStdin>,
    answer: BufReader<ChildStdout>,
}

thread_local! {
    static RUNNING: RefCell<Option<Reader>> = const { RefCell::new(None) };
}

impl Reader {
    fn start() -> Result<Reader, String> {
        let python = std::env::var_os("ADDAX_PYTHON");
        let python = python.ok_or("skip: needs a Python with Keras, named by ADDAX_PYTHON")?;
        let mut command = Command::new(python);
        command
            .args(["-c", READER, "serve"])
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .stderr(Stdio::null());
        let mut child = command.spawn().map_err(|e| format!("ADDAX_PYTHON: {e}"))?;
        let answer = child.stdout.take().ok_or("no output")?;
        Ok(Reader { ask: child.stdin.take(), answer: BufReader::new(answer), child })
    }

    fn ask(&mut self, arguments: &[&str]) -> Result<(), String> {
        let mut ask = self.ask.as_ref().ok_or("no input")?;
        writeln!(ask, "{}", serde_json::json!(arguments)).map_err(|e| e.to_string())?;
        let mut line = String::new();
        self.answer.read_line(&mut line).map_err(|e| e.to_string())?;
        match line.trim() {
            "ok" => Ok(()),
            "" => Err("the Python with Keras ended".to_string()),
            error => Err(error.to_string()),
        }
    }
}

impl Drop for Reader {
    fn drop(&mut self) {
        self.ask = None;
        // Whatever it says at its end, it has answered.
        let _ = self.child.wait();
    }
}

/// Runs the reader with some arguments; it leaves its answer in `out`.
fn ask(arguments: &[&str], out: &str) -> Result<Arrays, String> {
    RUNNING.with_borrow_mut(|running| {
        if running.is_none() {
            *running = Some(Reader::start()?);
        }
        running.as_mut().map_or(Err("no Python".to_string()), |reader| reader.ask(arguments))
    })?;
    let bytes = std::fs::read(out).map_err(|e| format!("{out}: {e}"))?;
    npz::decode(&bytes).map_err(|e| e.to_string())
}

/// Keras loads a trained model, predicts, trains on and predicts again.
pub(crate) fn continues(case: &Case, model: &str, out: &str) -> Result<Arrays, String> {
    let (epochs, batch) = (case.number("continue_epochs"), case.number("batch_size"));
    let data = case.file("data.npz");
    ask(&["continue", model, &data, &epochs.unwrap_or_default(), &batch.unwrap_or_default(), out], out)
}

/// The reader of a format predicts.
pub(crate) fn reads(case: &Case, target: &str, file: &str, out: &str) -> Result<Arrays, String> {
    ask(&["read", target, &case.file("model.keras"), file, &case.file("in.npz"), out], out)
}
