//! The loops of training and evaluation over a session.

use super::batches::Batches;
use super::fit::{Fit, Verbose, batch_size};
use super::history::{History, Logs};
use super::keeper::{Keeper, Moment, memories, recall};
use super::program::Kind;
use super::progress::Progress;
use super::run::Run;
use super::session::{Data, Session};
use crate::callbacks::{Callback, Control};
use addax_core::Result;
use std::sync::atomic::{AtomicBool, Ordering};

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

/// Trains for the epochs asked for, from the beginning or from where the run was kept.
pub(crate) fn train(
    session: &mut Session,
    data: &Data,
    validation: Option<&Validated>,
    fit: &mut Fit,
    seed: u64,
) -> Result<History> {
    let (mut training, saved) = Training::new(session, data, validation, fit, seed)?;
    tell(&mut fit.callbacks, |c| c.on_train_begin(&mut training.control))?;
    if let Some(run) = saved {
        training.go_on(run, fit)?;
    }
    while training.run.epoch < fit.epochs && !training.run.stopped && !training.left {
        training.epoch(fit)?;
    }
    if fit.epochs > 0 {
        training.control.session.finish_averages()?;
    }
    let Training { mut control, logs, keeper, run, left, .. } = training;
    tell(&mut fit.callbacks, |c| c.on_train_end(&logs, &mut control))?;
    if !left {
        keeper.end()?;
    }
    Ok(run.history)
}

/// A training under way.
struct Training<'s, 'd> {
    control: Control<'s>,
    data: &'d Data,
    validation: Option<&'d Validated>,
    batches: Batches,
    /// The plan of full batches and their rows.
    full: (usize, usize),
    /// How many steps callbacks are told of at once.
    per_call: usize,
    progress: Progress,
    keeper: Keeper,
    run: Run,
    /// The values of the last epoch.
    logs: Logs,
    /// Whether it was asked to stop before its end.
    left: bool,
}

impl<'s, 'd> Training<'s, 'd> {
    /// A training at its beginning, and the run that it is to go on with if one was kept.
    fn new(
        session: &'s mut Session,
        data: &'d Data,
        validation: Option<&'d Validated>,
        fit: &Fit,
        seed: u64,
    ) -> Result<(Self, Option<Run>)> {
        let n = data.rows();
        let size = batch_size(n, fit.batch_size, fit.steps_per_epoch)?;
        let per_call = session.job.compile.steps_per_execution.max(1);
        let full = (session.plan(Kind::Train, data, size.min(n))?, size.min(n));
        let keeper = Keeper::open(session, data, size.min(n), validation, fit)?;
        let saved = keeper.latest(fit)?;
        let seed = saved.as_ref().map_or(seed, |run| run.seed);
        session.seed(seed)?;
        let batches = Batches::new(n, size, fit.steps_per_epoch, fit.shuffle, seed, fit.initial_epoch);
        let verbose = match fit.verbose {
            Verbose::Silent => 0,
            Verbose::Line => 1,
            Verbose::Epochs => 2,
        };
        let training = Training {
            control: Control { session, stop_training: false },
            data,
            validation,
            batches,
            full,
            per_call,
            progress: Progress::new(verbose, fit.epochs),
            keeper,
            run: Run { epoch: fit.initial_epoch, seed, ..Run::default() },
            logs: Logs::new(),
            left: false,
        };
        Ok((training, saved))
    }

    /// Stands where a run stood when it was kept.
    fn go_on(&mut self, mut run: Run, fit: &mut Fit) -> Result<()> {
        self.control.session.restore(&std::mem::take(&mut run.state))?;
        self.batches.go(run.place)?;
        recall(&mut fit.callbacks, &run.memories)?;
        self.run = run;
        Ok(())
    }

    /// One epoch, or what is left of it.
    fn epoch(&mut self, fit: &mut Fit) -> Result<()> {
        let epoch = self.run.epoch;
        if !self.run.begun {
            self.control.session.reset_totals()?;
            tell(&mut fit.callbacks, |c| c.on_epoch_begin(epoch, &mut self.control))?;
            self.batches.begin();
            self.run.begun = true;
        }
        self.progress.epoch_begin(epoch, self.batches.steps());
        self.steps(fit)?;
        if !self.control.stop_training && self.is_asked_to_leave(fit)? {
            return Ok(());
        }
        let mut logs = self.control.session.results()?;
        if let Some(v) = self.validation.filter(|_| fit.validation_freq.holds(epoch)) {
            let totals = self.control.session.totals()?;
            let values = evaluate(&mut self.control, &v.data, v.size, v.steps, &mut fit.callbacks, fit.stop)?;
            if is_set(fit.stop) {
                // A validation that was cut short is made anew by the run that goes on.
                self.control.session.set_totals(&totals)?;
                return self.is_asked_to_leave(fit).map(drop);
            }
            logs.extend(values.into_iter().map(|(k, x)| (format!("val_{k}"), x)));
        }
        tell(&mut fit.callbacks, |c| c.on_epoch_end(epoch, &mut logs, &mut self.control))?;
        self.run.history.push(epoch, &logs);
        self.progress.epoch_end(self.batches.place().done, &logs);
        self.logs = logs;
        (self.run.epoch, self.run.begun) = (epoch + 1, false);
        self.run.stopped = self.control.stop_training;
        self.keeper.turned();
        self.keep(fit, Moment::Epoch)?;
        if epoch + 1 < fit.epochs { self.is_asked_to_leave(fit).map(drop) } else { Ok(()) }
    }

    /// The steps of the epoch that are left.
    fn steps(&mut self, fit: &mut Fit) -> Result<()> {
        let telling = fit.callbacks.iter().any(|c| c.wants_batches());
        let total = self.batches.steps();
        let mut done = self.batches.place().done;
        while done < total && !is_set(fit.stop) {
            let first = done;
            if telling {
                tell(&mut fit.callbacks, |c| c.on_train_batch_begin(first, &mut self.control))?;
            }
            done += self.some_steps()?;
            if done == first {
                eprintln!("warning: the data ended before the epoch's {total} steps");
                break;
            }
            if telling {
                let logs = self.control.session.results()?;
                let last = first + self.per_call - 1;
                tell(&mut fit.callbacks, |c| c.on_train_batch_end(last, &logs, &mut self.control))?;
            }
            if self.progress.live() && self.progress.due() && done < total {
                self.progress.redraw(done, &self.control.session.results()?);
            }
            if self.control.stop_training {
                break;
            }
            self.keeper.stepped(done - first);
            self.keep(fit, if done < total { Moment::Steps } else { Moment::LastStep })?;
        }
        Ok(())
    }

    /// As many steps as callbacks are told of at once; how many there were.
    fn some_steps(&mut self) -> Result<usize> {
        let mut done = 0;
        while done < self.per_call {
            let Some(rows) = self.batches.next() else { break };
            let (full, size) = self.full;
            let session = &mut *self.control.session;
            let at =
                if rows.len() == size { full } else { session.plan(Kind::Train, self.data, rows.len())? };
            session.run(at, self.data, rows)?;
            done += 1;
        }
        Ok(done)
    }

    /// Whether the training is to be left now; then the run is kept first.
    fn is_asked_to_leave(&mut self, fit: &Fit) -> Result<bool> {
        self.left = is_set(fit.stop);
        if self.left {
            self.keep(fit, Moment::Stop)?;
        }
        Ok(self.left)
    }

    /// Keeps the run where it is due, unless a callback says that it is spoilt.
    fn keep(&mut self, fit: &Fit, moment: Moment) -> Result<()> {
        if !self.keeper.is_due(moment) {
            return Ok(());
        }
        for callback in &fit.callbacks {
            if !callback.allows_checkpoint(&self.control)? {
                return Ok(());
            }
        }
        self.run.place = self.batches.place();
        self.run.state = self.control.session.snapshot()?;
        self.run.memories = memories(&fit.callbacks);
        self.keeper.save(&mut self.run, moment)?;
        self.run.state.clear();
        Ok(())
    }
}

fn is_set(flag: Option<&AtomicBool>) -> bool {
    flag.is_some_and(|f| f.load(Ordering::Relaxed))
}

/// Loss and metrics on a data set; a flag that is set cuts it short.
pub(crate) fn evaluate(
    control: &mut Control,
    data: &Data,
    size: usize,
    steps: Option<usize>,
    callbacks: &mut [&mut dyn Callback],
    stop: Option<&AtomicBool>,
) -> Result<Logs> {
    let telling = callbacks.iter().any(|c| c.wants_batches());
    control.session.reset_totals()?;
    tell(callbacks, |c| c.on_test_begin(control))?;
    let order: Vec<usize> = (0..data.rows()).collect();
    for (i, rows) in order.chunks(size).take(steps.unwrap_or(usize::MAX)).enumerate() {
        if is_set(stop) {
            break;
        }
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
