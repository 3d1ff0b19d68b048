//! Who keeps a run: every folder that was asked for, each when it is due.

use super::checkpoint::Checkpoints;
use super::epochs::Validated;
use super::fit::Fit;
use super::run::{Identity, Run};
use super::session::{Data, Session};
use crate::callbacks::{Callback, Memory};
use addax_core::{Error, Result};

/// When a run may be kept.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Moment {
    /// After steps that are not the last of an epoch.
    Steps,
    /// After the last step of an epoch, before its end.
    LastStep,
    /// After an epoch.
    Epoch,
    /// Before the training is left.
    Stop,
}

/// The folders of a run.
pub(crate) struct Keeper(Vec<Kept>);

struct Kept {
    checkpoints: Checkpoints,
    identity: Identity,
    /// Steps since the last checkpoint.
    steps: usize,
    /// Whether the run is kept as it stands.
    fresh: bool,
}

impl Keeper {
    /// Opens the folders that `fit` and its callbacks ask for. The session must stand at the beginning of the run.
    pub fn open(
        session: &Session,
        data: &Data,
        rows: usize,
        validation: Option<&Validated>,
        fit: &Fit,
    ) -> Result<Keeper> {
        let own = fit.checkpoints.clone();
        let asked = own.into_iter().chain(fit.callbacks.iter().filter_map(|c| c.checkpoints()));
        let open = |checkpoints: Checkpoints| {
            checkpoints.open()?;
            let identity = Identity::of(session, data, rows, validation, fit, checkpoints.first)?;
            Ok(Kept { checkpoints, identity, steps: 0, fresh: false })
        };
        asked.map(open).collect::<Result<_>>().map(Keeper)
    }

    /// The run to go on with, if there is one; another run is refused.
    pub fn latest(&self, fit: &Fit) -> Result<Option<Run>> {
        for kept in &self.0 {
            let Some(folder) = &kept.checkpoints.resume else { continue };
            let place = folder.display();
            let Some(run) = Checkpoints::new(folder).latest()? else { continue };
            kept.identity.check(&run.identity).map_err(|e| e.at(&place))?;
            if let Some(seed) = fit.seed.filter(|s| *s != run.seed) {
                return Err(Error::value("seed of the run").expected(run.seed).got(seed).at(&place));
            }
            let least = run.epoch + usize::from(run.begun);
            if fit.epochs < least {
                let e = Error::value("epochs").expected(format_args!("at least {least}, as the run has"));
                return Err(e.got(fit.epochs).at(&place));
            }
            return Ok(Some(run));
        }
        Ok(None)
    }

    /// So many more steps were taken.
    pub fn stepped(&mut self, steps: usize) {
        for kept in &mut self.0 {
            kept.steps += steps;
            kept.fresh = false;
        }
    }

    /// The run has come to its next epoch.
    pub fn turned(&mut self) {
        self.0.iter_mut().for_each(|k| k.fresh = false);
    }

    /// Whether anybody wants to keep the run now.
    pub fn is_due(&self, moment: Moment) -> bool {
        self.0.iter().any(|k| k.is_due(moment))
    }

    /// Keeps the run where it is due.
    pub fn save(&mut self, run: &mut Run, moment: Moment) -> Result<()> {
        for kept in self.0.iter_mut().filter(|k| k.is_due(moment)) {
            run.identity.clone_from(&kept.identity);
            kept.checkpoints.save(run)?;
            (kept.steps, kept.fresh) = (0, true);
        }
        Ok(())
    }

    /// The run is through: what was kept only for its course goes.
    pub fn end(&self) -> Result<()> {
        self.0.iter().filter(|k| k.checkpoints.passing).try_for_each(|k| k.checkpoints.remove())
    }
}

impl Kept {
    fn is_due(&self, moment: Moment) -> bool {
        let steps = self.checkpoints.every.is_some_and(|n| self.steps >= n);
        match moment {
            Moment::Steps => steps,
            Moment::LastStep => steps && !self.checkpoints.epochs,
            Moment::Epoch => self.checkpoints.epochs,
            Moment::Stop => !self.fresh,
        }
    }
}

/// What the callbacks remember.
pub(crate) fn memories(callbacks: &[&mut dyn Callback]) -> Vec<Memory> {
    callbacks.iter().filter_map(|c| c.memory()).collect()
}

/// Lets the callbacks remember; they must be those of the run.
pub(crate) fn recall(callbacks: &mut [&mut dyn Callback], memories: &[Memory]) -> Result<()> {
    let now: Vec<String> = callbacks.iter().filter_map(|c| c.memory()).map(|m| m.of).collect();
    if now.iter().ne(memories.iter().map(|m| &m.of)) {
        let list = |names: Vec<&str>| if names.is_empty() { "none".into() } else { names.join(", ") };
        let wanted = list(memories.iter().map(|m| m.of.as_str()).collect());
        let got = list(now.iter().map(String::as_str).collect());
        return Err(Error::value("callbacks of the run").expected(wanted).got(got));
    }
    let with_memory = callbacks.iter_mut().filter(|c| c.memory().is_some());
    with_memory.zip(memories).try_for_each(|(c, m)| c.recall(m))
}
