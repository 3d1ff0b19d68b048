//! The arguments of `fit`.

use super::arrays::Arrays;
use crate::callbacks::Callback;
use addax_core::Value;

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

/// Data to validate on.
pub(crate) struct Validation {
    pub x: Arrays,
    pub y: Arrays,
    pub sample_weight: Option<Value>,
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
    pub(crate) validation_freq: usize,
    pub(crate) shuffle: bool,
    pub(crate) sample_weight: Option<Value>,
    pub(crate) class_weight: Vec<(i64, f64)>,
    pub(crate) verbose: Verbose,
    pub(crate) seed: Option<u64>,
    pub(crate) callbacks: Vec<&'a mut dyn Callback>,
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
            validation_freq: 1,
            shuffle: true,
            sample_weight: None,
            class_weight: Vec::new(),
            verbose: Verbose::Line,
            seed: None,
            callbacks: Vec::new(),
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

    /// Steps per epoch, if not all of the data.
    pub fn steps_per_epoch(mut self, steps: usize) -> Self {
        self.steps_per_epoch = Some(steps);
        self
    }

    /// Data to validate on after each epoch.
    pub fn validation_data(mut self, x: impl Into<Arrays>, y: impl Into<Arrays>) -> Self {
        self.validation = Some(Validation { x: x.into(), y: y.into(), sample_weight: None });
        self
    }

    /// Weights of the rows to validate on.
    pub fn validation_sample_weight(mut self, weight: &Value) -> Self {
        if let Some(v) = &mut self.validation {
            v.sample_weight = Some(weight.clone());
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

    /// Validates after every so many epochs.
    pub fn validation_freq(mut self, epochs: usize) -> Self {
        self.validation_freq = epochs.max(1);
        self
    }

    /// Whether rows come in a new order each epoch.
    pub fn shuffle(mut self, shuffle: bool) -> Self {
        self.shuffle = shuffle;
        self
    }

    /// One weight per row.
    pub fn sample_weight(mut self, weight: &Value) -> Self {
        self.sample_weight = Some(weight.clone());
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
}
