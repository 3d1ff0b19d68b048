//! LambdaCallback: functions as a callback.

use super::{Callback, Control};
use crate::training::Logs;
use addax_core::Result;

type Plain<'a> = Box<dyn FnMut() + 'a>;
type AtNumber<'a> = Box<dyn FnMut(usize) + 'a>;
type WithLogs<'a> = Box<dyn FnMut(usize, &Logs) + 'a>;
type WithOpenLogs<'a> = Box<dyn FnMut(usize, &mut Logs) + 'a>;

/// Functions that are called in the course of training.
///
/// ```
/// use addax::callbacks::LambdaCallback;
/// let mut losses = Vec::new();
/// let callback = LambdaCallback::new().on_epoch_end(|_, logs| losses.push(logs["loss"].clone()));
/// ```
#[derive(Default)]
pub struct LambdaCallback<'a> {
    train_begin: Option<Plain<'a>>,
    train_end: Option<Plain<'a>>,
    epoch_begin: Option<AtNumber<'a>>,
    epoch_end: Option<WithOpenLogs<'a>>,
    batch_begin: Option<AtNumber<'a>>,
    batch_end: Option<WithLogs<'a>>,
}

impl<'a> LambdaCallback<'a> {
    /// Nothing is called yet.
    pub fn new() -> LambdaCallback<'a> {
        LambdaCallback::default()
    }

    /// Before the first epoch.
    pub fn on_train_begin(mut self, f: impl FnMut() + 'a) -> Self {
        self.train_begin = Some(Box::new(f));
        self
    }

    /// After the last epoch.
    pub fn on_train_end(mut self, f: impl FnMut() + 'a) -> Self {
        self.train_end = Some(Box::new(f));
        self
    }

    /// Before an epoch.
    pub fn on_epoch_begin(mut self, f: impl FnMut(usize) + 'a) -> Self {
        self.epoch_begin = Some(Box::new(f));
        self
    }

    /// After an epoch, with its values.
    pub fn on_epoch_end(mut self, f: impl FnMut(usize, &mut Logs) + 'a) -> Self {
        self.epoch_end = Some(Box::new(f));
        self
    }

    /// Before a batch.
    pub fn on_train_batch_begin(mut self, f: impl FnMut(usize) + 'a) -> Self {
        self.batch_begin = Some(Box::new(f));
        self
    }

    /// After a batch, with the running values.
    pub fn on_train_batch_end(mut self, f: impl FnMut(usize, &Logs) + 'a) -> Self {
        self.batch_end = Some(Box::new(f));
        self
    }
}

impl Callback for LambdaCallback<'_> {
    fn on_train_begin(&mut self, _: &mut Control) -> Result<()> {
        self.train_begin.iter_mut().for_each(|f| f());
        Ok(())
    }

    fn on_train_end(&mut self, _: &Logs, _: &mut Control) -> Result<()> {
        self.train_end.iter_mut().for_each(|f| f());
        Ok(())
    }

    fn on_epoch_begin(&mut self, epoch: usize, _: &mut Control) -> Result<()> {
        self.epoch_begin.iter_mut().for_each(|f| f(epoch));
        Ok(())
    }

    fn on_epoch_end(&mut self, epoch: usize, logs: &mut Logs, _: &mut Control) -> Result<()> {
        self.epoch_end.iter_mut().for_each(|f| f(epoch, logs));
        Ok(())
    }

    fn wants_batches(&self) -> bool {
        self.batch_begin.is_some() || self.batch_end.is_some()
    }

    fn on_train_batch_begin(&mut self, batch: usize, _: &mut Control) -> Result<()> {
        self.batch_begin.iter_mut().for_each(|f| f(batch));
        Ok(())
    }

    fn on_train_batch_end(&mut self, batch: usize, logs: &Logs, _: &mut Control) -> Result<()> {
        self.batch_end.iter_mut().for_each(|f| f(batch, logs));
        Ok(())
    }
}
