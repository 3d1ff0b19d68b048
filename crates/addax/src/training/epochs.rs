//! The loops of training and evaluation over a session.

use super::batches::Batches;
use super::fit::{Fit, Verbose, batch_size};
use super::history::{History, Logs};
use super::program::Kind;
use super::progress::Progress;
use super::session::{Data, Session};
use crate::callbacks::{Callback, Control};
use addax_core::Result;

/// What is told to all callbacks in their order.
fn tell(
    callbacks: &mut [&mut dyn Callback],
    mut f: impl FnMut(&mut dyn Callback) -> Result<()>,
) -> Result<()> {
    callbacks.iter_mut().try_for_each(|c| f(*c))
}

/// Data to validate on, with rows per step and the number of steps.
pub(crate) struct Validated {
    pub data: Data,
    pub size: usize,
    pub steps: Option<usize>,
}

/// Trains for the epochs asked for.
pub(crate) fn train(
    session: &mut Session,
    data: &Data,
    validation: Option<&Validated>,
    fit: &mut Fit,
    seed: u64,
) -> Result<History> {
    let n = data.rows();
    let size = batch_size(n, fit.batch_size, fit.steps_per_epoch)?;
    let per_call = session.job.compile.steps_per_execution.max(1);
    let full = session.plan(Kind::Train, data, size.min(n))?;
    let mut batches = Batches::new(n, size, fit.steps_per_epoch, fit.shuffle, seed, fit.initial_epoch);
    let verbose = match fit.verbose {
        Verbose::Silent => 0,
        Verbose::Line => 1,
        Verbose::Epochs => 2,
    };
    let mut progress = Progress::new(verbose, fit.epochs);
    let (mut history, mut logs) = (History::default(), Logs::new());
    let mut control = Control { session, stop_training: false };
    tell(&mut fit.callbacks, |c| c.on_train_begin(&mut control))?;
    for epoch in fit.initial_epoch..fit.epochs {
        control.session.reset_totals()?;
        tell(&mut fit.callbacks, |c| c.on_epoch_begin(epoch, &mut control))?;
        progress.epoch_begin(epoch, batches.steps());
        batches.begin();
        let plan = Plan { full, rows: size.min(n), per_call };
        let done = steps(&mut control, data, &mut batches, &plan, fit, &mut progress)?;
        logs = control.session.results()?;
        if let Some(v) = validation.filter(|_| fit.validation_freq.holds(epoch)) {
            let values = evaluate(&mut control, &v.data, v.size, v.steps, &mut fit.callbacks)?;
            logs.extend(values.into_iter().map(|(k, x)| (format!("val_{k}"), x)));
        }
        tell(&mut fit.callbacks, |c| c.on_epoch_end(epoch, &mut logs, &mut control))?;
        history.push(epoch, &logs);
        progress.epoch_end(done, &logs);
        if control.stop_training {
            break;
        }
    }
    if fit.epochs > 0 {
        control.session.finish_averages()?;
    }
    tell(&mut fit.callbacks, |c| c.on_train_end(&logs, &mut control))?;
    Ok(history)
}

/// The plan of full batches, and how many steps callbacks are told of at once.
struct Plan {
    full: usize,
    rows: usize,
    per_call: usize,
}

/// The steps of one epoch; how many there were.
fn steps(
    control: &mut Control,
    data: &Data,
    batches: &mut Batches,
    plan: &Plan,
    fit: &mut Fit,
    progress: &mut Progress,
) -> Result<usize> {
    let telling = fit.callbacks.iter().any(|c| c.wants_batches());
    let total = batches.steps();
    let mut done = 0;
    while done < total {
        let first = done;
        if telling {
            tell(&mut fit.callbacks, |c| c.on_train_batch_begin(first, control))?;
        }
        while done < first + plan.per_call {
            let Some(rows) = batches.next() else { break };
            let at = if rows.len() == plan.rows {
                plan.full
            } else {
                control.session.plan(Kind::Train, data, rows.len())?
            };
            control.session.run(at, data, rows)?;
            done += 1;
        }
        if done == first {
            eprintln!("warning: the data ended before the epoch's {total} steps");
            break;
        }
        if telling {
            let logs = control.session.results()?;
            let last = first + plan.per_call - 1;
            tell(&mut fit.callbacks, |c| c.on_train_batch_end(last, &logs, control))?;
        }
        if progress.live() && progress.due() && done < total {
            progress.redraw(done, &control.session.results()?);
        }
        if control.stop_training {
            break;
        }
    }
    Ok(done)
}

/// Loss and metrics on a data set.
pub(crate) fn evaluate(
    control: &mut Control,
    data: &Data,
    size: usize,
    steps: Option<usize>,
    callbacks: &mut [&mut dyn Callback],
) -> Result<Logs> {
    let telling = callbacks.iter().any(|c| c.wants_batches());
    control.session.reset_totals()?;
    tell(callbacks, |c| c.on_test_begin(control))?;
    let order: Vec<usize> = (0..data.rows()).collect();
    for (i, rows) in order.chunks(size).take(steps.unwrap_or(usize::MAX)).enumerate() {
        if telling {
            tell(callbacks, |c| c.on_test_batch_begin(i, control))?;
        }
        let plan = control.session.plan(Kind::Evaluate, data, rows.len())?;
        control.session.run(plan, data, rows)?;
        if telling {
            let logs = control.session.results()?;
            tell(callbacks, |c| c.on_test_batch_end(i, &logs, control))?;
        }
    }
    let logs = control.session.results()?;
    tell(callbacks, |c| c.on_test_end(&logs, control))?;
    Ok(logs)
}
