//! SIGINT and SIGTERM: the first asks the training to stop, the second ends the process at once.

use addax::Result;
use std::sync::atomic::{AtomicBool, Ordering};

/// The status of a command that a signal ended.
pub const INTERRUPTED: u8 = 130;

/// Set by the first signal.
static STOP: AtomicBool = AtomicBool::new(false);
/// Whether there is a training that will look at it.
static TRAINING: AtomicBool = AtomicBool::new(false);

/// Takes the signals from now on: outside a training they end the process.
#[cfg(unix)]
pub fn watch() -> Result<()> {
    use addax::Error;
    use signal_hook::consts::{SIGINT, SIGTERM};
    use signal_hook::iterator::Signals;
    let mut signals = Signals::new([SIGINT, SIGTERM]).map_err(|e| Error::io("signals", e))?;
    let wait = move || {
        for _ in signals.forever() {
            if !TRAINING.load(Ordering::SeqCst) || STOP.swap(true, Ordering::SeqCst) {
                eprintln!("error: interrupted");
                std::process::exit(i32::from(INTERRUPTED));
            }
        }
    };
    std::thread::Builder::new().name("signals".into()).spawn(wait).map_err(|e| Error::io("signals", e))?;
    Ok(())
}

/// Other systems end the process at once, as they do by themselves.
#[cfg(not(unix))]
pub fn watch() -> Result<()> {
    Ok(())
}

/// The flag for a training, which begins now.
pub fn stop_flag() -> &'static AtomicBool {
    TRAINING.store(true, Ordering::SeqCst);
    &STOP
}
