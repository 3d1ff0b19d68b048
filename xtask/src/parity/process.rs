//! Running a command: its output, how it ended, and the most memory it took.

use std::io::Read;
use std::path::Path;
use std::process::{Command, Stdio};
use std::time::{Duration, Instant};

/// How long a command may run.
const PATIENCE: Duration = Duration::from_secs(120);

/// How a command ended.
pub(crate) struct Ended {
    /// The exit status; nothing if a signal ended it, or patience did.
    pub code: Option<i32>,
    /// What it wrote.
    pub stdout: String,
    /// What it complained of.
    pub stderr: String,
    /// The most memory that it was seen to hold, in MB.
    pub memory: u64,
}

impl Ended {
    /// An error unless it succeeded, with what it says.
    pub fn succeeded(self) -> Result<Ended, String> {
        if self.code == Some(0) { Ok(self) } else { Err(self.story()) }
    }

    /// How it ended and its last words.
    pub fn story(&self) -> String {
        let end = self.code.map_or("killed".to_string(), |c| format!("status {c}"));
        format!("{end}: {}", self.stderr.trim().lines().last().unwrap_or_default())
    }
}

/// Runs a command to its end.
pub(crate) fn run(binary: &Path, arguments: &[String]) -> Result<Ended, String> {
    let mut command = Command::new(binary);
    command.args(arguments).stdin(Stdio::null()).stdout(Stdio::piped()).stderr(Stdio::piped());
    let mut child = command.spawn().map_err(|e| format!("{}: {e}", binary.display()))?;
    let read = |pipe: Option<Box<dyn Read + Send>>| {
        std::thread::spawn(move || {
            let mut text = Vec::new();
            // What was read before an error is all that can be said.
            let _ = pipe.map(|mut p| p.read_to_end(&mut text));
            String::from_utf8_lossy(&text).into_owned()
        })
    };
    let stdout = read(child.stdout.take().map(|p| Box::new(p) as Box<dyn Read + Send>));
    let stderr = read(child.stderr.take().map(|p| Box::new(p) as Box<dyn Read + Send>));
    let (begun, mut memory) = (Instant::now(), 0);
    let code = loop {
        memory = memory.max(peak(child.id()));
        match child.try_wait().map_err(|e| e.to_string())? {
            Some(status) => break status.code(),
            None if begun.elapsed() > PATIENCE => {
                child.kill().map_err(|e| e.to_string())?;
                child.wait().map_err(|e| e.to_string())?;
                break None;
            }
            None => std::thread::sleep(Duration::from_millis(2)),
        }
    };
    let text = |t: std::thread::JoinHandle<String>| t.join().unwrap_or_default();
    Ok(Ended { code, stdout: text(stdout), stderr: text(stderr), memory })
}

/// The most memory that a running process had, in MB, where the system tells it.
fn peak(process: u32) -> u64 {
    let status = std::fs::read_to_string(format!("/proc/{process}/status")).unwrap_or_default();
    let line = status.lines().find_map(|l| l.strip_prefix("VmHWM:"));
    let kilobytes = line.and_then(|l| l.split_whitespace().next()?.parse::<u64>().ok());
    kilobytes.unwrap_or(0) / 1024
}
