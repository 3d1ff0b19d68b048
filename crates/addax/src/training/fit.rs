//! The arguments of `fit` and `evaluate`.

use super::arrays::Arrays;
use super::checkpoint::Checkpoints;
use crate::callbacks::Callback;
use addax_core::{Error, Result, Value};
use std::sync::atomic::AtomicBool;

/// How much is told while training.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Verbose {
    /// Nothing.
    Silent,
    /// The progress line.
    Line,
    /// One line per epoch.
    Epochs,
}

impl From<u8> for Verbose {
    fn from(n: u8) -> Verbose {
        match n {
            0 => Verbose::Silent,
            2 => Verbose::Epochs,
            _ => Verbose::Line,
        }
    }
}

/// In which order rows come.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Shuffle {
    /// As they stand.
    Never,
    /// Anew each epoch.
    Rows,
    /// Anew inside each batch of rows that stand together.
    InBatches,
}

impl From<bool> for Shuffle {
    fn from(shuffle: bool) -> Shuffle {
        if shuffle { Shuffle::Rows } else { Shuffle::Never }
    }
}

/// Sample weights, if there are any: one array for all outputs, or one per output, in order or by name. Each has one
/// number per row, or per row and step.
#[derive(Clone, Debug, Default)]
pub struct Weights(pub Option<Arrays>);

impl From<Option<&Value>> for Weights {
    fn from(w: Option<&Value>) -> Weights {
        Weights(w.map(Arrays::from))
    }
}

impl From<&Value> for Weights {
    fn from(w: &Value) -> Weights {
        Weights(Some(w.into()))
    }
}

impl From<Arrays> for Weights {
    fn from(w: Arrays) -> Weights {
        Weights(Some(w))
    }
}

impl From<Vec<Value>> for Weights {
    fn from(w: Vec<Value>) -> Weights {
        Weights(Some(w.into()))
    }
}

/// After which epochs the model is validated.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Frequency {
    /// After every so many.
    Every(usize),
    /// After these, counted from 1.
    After(Vec<usize>),
}

impl From<usize> for Frequency {
    fn from(n: usize) -> Frequency {
        Frequency::Every(n)
    }
}

impl From<Vec<usize>> for Frequency {
    fn from(epochs: Vec<usize>) -> Frequency {
        Frequency::After(epochs)
    }
}

impl Frequency {
    /// Whether the model is validated after an epoch, counted from 0.
    pub fn holds(&self, epoch: usize) -> bool {
        match self {
            Frequency::Every(n) => (epoch + 1).is_multiple_of((*n).max(1)),
            Frequency::After(epochs) => epochs.contains(&(epoch + 1)),
        }
    }
}

/// Data to validate on.
pub(crate) struct Validation {
    pub x: Arrays,
    pub y: Arrays,
    pub weights: Weights,
}

/// The arguments of `fit` beside the data, with Keras's defaults.
///
/// ```
/// use addax::prelude::*;
/// let fit = Fit::new().epochs(10).batch_size(32).verbose(0);
/// ```
pub struct Fit<'a> {
    pub(crate) epochs: usize,
    pub(crate) initial_epoch: usize,
    pub(crate) batch_size: Option<usize>,
    pub(crate) steps_per_epoch: Option<usize>,
    pub(crate) validation: Option<Validation>,
    pub(crate) validation_split: f64,
    pub(crate) validation_batch_size: Option<usize>,
    pub(crate) validation_steps: Option<usize>,
    pub(crate) validation_freq: Frequency,
    pub(crate) shuffle: Shuffle,
    pub(crate) weights: Weights,
    pub(crate) class_weight: Vec<(i64, f64)>,
    pub(crate) verbose: Verbose,
    pub(crate) seed: Option<u64>,
    pub(crate) callbacks: Vec<&'a mut dyn Callback>,
    pub(crate) checkpoints: Option<Checkpoints>,
    pub(crate) stop: Option<&'a AtomicBool>,
}

impl Default for Fit<'_> {
    fn default() -> Self {
        Fit::new()
    }
}

impl<'a> Fit<'a> {
    /// Keras's defaults: one epoch, batches of 32, shuffled.
    pub fn new() -> Fit<'a> {
        Fit {
            epochs: 1,
            initial_epoch: 0,
            batch_size: None,
            steps_per_epoch: None,
            validation: None,
            validation_split: 0.0,
            validation_batch_size: None,
            validation_steps: None,
            validation_freq: Frequency::Every(1),
            shuffle: Shuffle::Rows,
            weights: Weights::default(),
            class_weight: Vec::new(),
            verbose: Verbose::Line,
            seed: None,
            callbacks: Vec::new(),
            checkpoints: None,
            stop: None,
        }
    }

    /// The number of the epoch to stop at.
    pub fn epochs(mut self, epochs: usize) -> Self {
        self.epochs = epochs;
        self
    }

    /// The number of the epoch to begin with.
    pub fn initial_epoch(mut self, epoch: usize) -> Self {
        self.initial_epoch = epoch;
        self
    }

    /// Rows per step.
    pub fn batch_size(mut self, rows: usize) -> Self {
        self.batch_size = Some(rows);
        self
    }

    /// Steps per epoch, if not all of the data; the next epoch goes on where this one stopped.
    pub fn steps_per_epoch(mut self, steps: usize) -> Self {
        self.steps_per_epoch = Some(steps);
        self
    }

    /// Data to validate on after each epoch.
    pub fn validation_data(mut self, x: impl Into<Arrays>, y: impl Into<Arrays>) -> Self {
        self.validation = Some(Validation { x: x.into(), y: y.into(), weights: Weights::default() });
        self
    }

    /// Weights of the rows to validate on.
    pub fn validation_sample_weight(mut self, weights: impl Into<Weights>) -> Self {
        if let Some(v) = &mut self.validation {
            v.weights = weights.into();
        }
        self
    }

    /// The share of the last rows to validate on.
    pub fn validation_split(mut self, share: f64) -> Self {
        self.validation_split = share;
        self
    }

    /// Rows per step of validation.
    pub fn validation_batch_size(mut self, rows: usize) -> Self {
        self.validation_batch_size = Some(rows);
        self
    }

    /// Steps of a validation, if not all of the data.
    pub fn validation_steps(mut self, steps: usize) -> Self {
        self.validation_steps = Some(steps);
        self
    }

    /// Validates after every so many epochs, or after the epochs of a list.
    pub fn validation_freq(mut self, epochs: impl Into<Frequency>) -> Self {
        self.validation_freq = epochs.into();
        self
    }

    /// Whether rows come in a new order each epoch.
    pub fn shuffle(mut self, shuffle: impl Into<Shuffle>) -> Self {
        self.shuffle = shuffle.into();
        self
    }

    /// One weight per row, or per row and step; one array for all outputs, or one each.
    pub fn sample_weight(mut self, weights: impl Into<Weights>) -> Self {
        self.weights = weights.into();
        self
    }

    /// Weights of classes; those not named weigh 1.
    pub fn class_weight(mut self, weights: impl Into<Vec<(i64, f64)>>) -> Self {
        self.class_weight = weights.into();
        self
    }

    /// 0: silent, 1: the progress line, 2: one line per epoch.
    pub fn verbose(mut self, verbose: impl Into<Verbose>) -> Self {
        self.verbose = verbose.into();
        self
    }

    /// The seed of shuffles and dropout.
    pub fn seed(mut self, seed: u64) -> Self {
        self.seed = Some(seed);
        self
    }

    /// Somebody to be told of epochs and batches.
    pub fn callback(mut self, callback: &'a mut dyn Callback) -> Self {
        self.callbacks.push(callback);
        self
    }

    /// Keeps the run in a folder, or goes on with one that was kept.
    pub fn checkpoints(mut self, checkpoints: Checkpoints) -> Self {
        self.checkpoints = Some(checkpoints);
        self
    }

    /// A flag that others may set: the training ends after the step at hand, with a checkpoint if any are kept. The
    /// epoch at hand is not part of History.
    pub fn stop_flag(mut self, flag: &'a AtomicBool) -> Self {
        self.stop = Some(flag);
        self
    }
}

/// The arguments of `evaluate` beside the data, with Keras's defaults.
pub struct Evaluate<'a> {
    pub(crate) batch_size: Option<usize>,
    pub(crate) steps: Option<usize>,
    pub(crate) weights: Weights,
    pub(crate) callbacks: Vec<&'a mut dyn Callback>,
}

impl Default for Evaluate<'_> {
    fn default() -> Self {
        Evaluate::new()
    }
}

impl<'a> Evaluate<'a> {
    /// Batches of 32, all rows.
    pub fn new() -> Evaluate<'a> {
        Evaluate { batch_size: None, steps: None, weights: Weights::default(), callbacks: Vec::new() }
    }

    /// Rows per step.
    pub fn batch_size(mut self, rows: usize) -> Self {
        self.batch_size = Some(rows);
        self
    }

    /// How many steps, if not all of the data.
    pub fn steps(mut self, steps: usize) -> Self {
        self.steps = Some(steps);
        self
    }

    /// One weight per row, or per row and step; one array for all outputs, or one each.
    pub fn sample_weight(mut self, weights: impl Into<Weights>) -> Self {
        self.weights = weights.into();
        self
    }

    /// Somebody to be told of batches.
    pub fn callback(mut self, callback: &'a mut dyn Callback) -> Self {
        self.callbacks.push(callback);
        self
    }
}

/// Rows per step: as given; else so many that the steps take all rows; else 32.
pub(crate) fn batch_size(rows: usize, size: Option<usize>, steps: Option<usize>) -> Result<usize> {
    match (size, steps) {
        (Some(0), _) => Err(Error::value("batch_size").expected("at least 1").got(0)),
        (_, Some(0)) => Err(Error::value("steps").expected("at least 1").got(0)),
        (Some(n), _) => Ok(n),
        (None, Some(steps)) => Ok(rows.div_ceil(steps).max(1)),
        (None, None) => Ok(32),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn batches_have_keras_s_sizes() {
        assert_eq!(batch_size(100, None, None).unwrap(), 32);
        assert_eq!(batch_size(100, None, Some(3)).unwrap(), 34);
        assert_eq!(batch_size(100, Some(8), Some(3)).unwrap(), 8);
        assert!(batch_size(100, Some(0), None).is_err());
    }

    #[test]
    fn epochs_are_validated_as_asked() {
        let of = |f: Frequency| (0..6).filter(|e| f.holds(*e)).collect::<Vec<_>>();
        assert_eq!(of(2.into()), [1, 3, 5]);
        assert_eq!(of(vec![1, 6].into()), [0, 5]);
    }
}
