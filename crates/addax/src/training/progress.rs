//! The progress line: the classic one, `25/25 [====…] - 0s 10ms/step - loss: 1.2345`.

use super::history::Logs;
use crate::metrics::Reading;
use std::io::{IsTerminal, Write};
use std::time::{Duration, Instant};

const WIDTH: usize = 30;

/// A value as Keras prints it: four decimals, or an exponent when it is tiny.
pub fn format_value(x: f64) -> String {
    if x.abs() > 1e-3 || x.is_nan() || x.is_infinite() {
        return format!("{x:.4}").replace("NaN", "nan");
    }
    let text = format!("{x:.4e}");
    match text.split_once('e') {
        Some((digits, exponent)) => {
            let n: i32 = exponent.parse().unwrap_or(0);
            format!("{digits}e{}{:02}", if n < 0 { '-' } else { '+' }, n.abs())
        }
        None => text,
    }
}

/// A number, or the mean of a list: Keras's line shows no more of it.
pub fn format_reading(reading: &Reading) -> String {
    let all = reading.all();
    format_value(all.iter().sum::<f64>() / all.len().max(1) as f64)
}

/// The line after `done` of `total` steps.
pub fn line(done: usize, total: usize, elapsed: Duration, logs: &Logs) -> String {
    let digits = total.to_string().len();
    let filled = done * WIDTH / total.max(1);
    let bar = if done >= total {
        "=".repeat(WIDTH)
    } else if filled > 0 {
        format!("{}>{}", "=".repeat(filled - 1), ".".repeat(WIDTH - filled))
    } else {
        ".".repeat(WIDTH)
    };
    let per_step = elapsed.as_secs_f64() / done.max(1) as f64;
    let time = if done >= total {
        format!("{:.0}s {}", elapsed.as_secs_f64().floor(), step_time(per_step))
    } else {
        format!("ETA: {:.0}s", per_step * (total - done) as f64)
    };
    let values: String = ordered(logs).map(|(k, v)| format!(" - {k}: {}", format_reading(v))).collect();
    format!("{done:>digits$}/{total} [{bar}] - {time}{values}")
}

/// Training values first, then those of validation, each sorted.
fn ordered(logs: &Logs) -> impl Iterator<Item = (&String, &Reading)> {
    let own = logs.iter().filter(|(k, _)| !k.starts_with("val_"));
    own.chain(logs.iter().filter(|(k, _)| k.starts_with("val_")))
}

fn step_time(seconds: f64) -> String {
    if seconds >= 1.0 {
        format!("{seconds:.0}s/step")
    } else if seconds >= 1e-3 {
        format!("{:.0}ms/step", seconds * 1e3)
    } else {
        format!("{:.0}us/step", seconds * 1e6)
    }
}

/// Writes progress to standard output.
pub(crate) struct Progress {
    verbose: u8,
    terminal: bool,
    epochs: usize,
    total: usize,
    begun: Instant,
    drawn: Option<Instant>,
    width: usize,
}

impl Progress {
    pub fn new(verbose: u8, epochs: usize) -> Progress {
        let terminal = std::io::stdout().is_terminal();
        Progress { verbose, terminal, epochs, total: 0, begun: Instant::now(), drawn: None, width: 0 }
    }

    /// Whether the line is redrawn while an epoch runs.
    pub fn live(&self) -> bool {
        self.verbose == 1 && self.terminal
    }

    pub fn epoch_begin(&mut self, epoch: usize, total: usize) {
        self.total = total;
        self.begun = Instant::now();
        self.drawn = None;
        if self.verbose > 0 && self.epochs > 1 {
            write(&format!("Epoch {}/{}\n", epoch + 1, self.epochs));
        }
    }

    /// Whether a tenth of a second has passed since the line was drawn.
    pub fn due(&self) -> bool {
        self.drawn.is_none_or(|t| t.elapsed() >= Duration::from_millis(100))
    }

    pub fn redraw(&mut self, done: usize, logs: &Logs) {
        self.drawn = Some(Instant::now());
        let text = line(done, self.total, self.begun.elapsed(), logs);
        self.put(&text);
    }

    pub fn epoch_end(&mut self, done: usize, logs: &Logs) {
        match self.verbose {
            1 => {
                let text = line(done, self.total.min(done), self.begun.elapsed(), logs);
                self.put(&text);
                write("\n");
                self.width = 0;
            }
            2 => {
                let elapsed = self.begun.elapsed().as_secs_f64();
                let values: String =
                    ordered(logs).map(|(k, v)| format!(" - {k}: {}", format_reading(v))).collect();
                let time = format!("{elapsed:.0}s - {}", step_time(elapsed / done.max(1) as f64));
                write(&format!("{done}/{done} - {time}{values}\n"));
            }
            _ => {}
        }
    }

    fn put(&mut self, text: &str) {
        let width = text.chars().count();
        let (back, padding) = if self.terminal { ("\r", self.width.saturating_sub(width)) } else { ("", 0) };
        write(&format!("{back}{text}{}", " ".repeat(padding)));
        self.width = width;
    }
}

/// A closed output is no reason to stop training.
fn write(text: &str) {
    let mut out = std::io::stdout().lock();
    let _ = out.write_all(text.as_bytes()).and_then(|()| out.flush());
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_line_is_the_classic_one() {
        let logs: Logs = [("loss", 1.2345), ("mae", 0.8765), ("val_loss", 1.1111), ("val_mae", 0.7654)]
            .into_iter()
            .map(|(k, v)| (k.to_string(), v.into()))
            .collect();
        assert_eq!(
            line(25, 25, Duration::from_millis(250), &logs),
            "25/25 [==============================] - 0s 10ms/step - loss: 1.2345 - mae: 0.8765 - val_loss: 1.1111 - val_mae: 0.7654"
        );
        assert_eq!(
            line(5, 100, Duration::from_secs(1), &Logs::new()),
            "  5/100 [>.............................] - ETA: 19s"
        );
    }

    #[test]
    fn tiny_values_have_exponents() {
        assert_eq!(format_value(0.0), "0.0000e+00");
        assert_eq!(format_value(1.5e-5), "1.5000e-05");
        assert_eq!(format_value(f64::NAN), "nan");
    }
}
