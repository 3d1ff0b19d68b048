//! Training piece by piece, for whoever drives the loop of epochs from outside.

use super::arrays::Arrays;
use super::batches::Batches;
use super::epochs::{Validated, evaluate};
use super::fit::{Evaluate, Fit, batch_size};
use super::history::Logs;
use super::model::Model;
use super::program::Kind;
use super::session::Data;
use crate::callbacks::Control;
use crate::random;
use addax_core::Result;
use std::time::{Duration, Instant};

/// The data of one `fit`, checked and cast, and how far its batches are.
///
/// ```
/// use addax::prelude::*;
/// use std::time::Duration;
/// let mut model = Model::sequential(Sequential::new().add(Dense::new(1usize).input_shape([2])))?;
/// model.compile(Compile::new("sgd").loss("mse"))?;
/// let (x, y) = (Value::zeros(DType::F32, &[10, 2]), Value::zeros(DType::F32, &[10, 1]));
/// let mut course = model.course(&x, &y, Fit::new().batch_size(4))?;
/// course.begin_epoch(&mut model)?;
/// assert_eq!(course.run(&mut model, usize::MAX, Duration::MAX)?, 3);
/// assert_eq!(course.results(&mut model)?["loss"], 0.0);
/// # Ok::<(), addax::Error>(())
/// ```
pub struct Course {
    data: Data,
    validation: Option<Validated>,
    batches: Batches,
}

impl Model {
    /// Checks what a `fit` is given, and stands before its first epoch. Epochs, callbacks and output are the caller's.
    pub fn course(&mut self, x: impl Into<Arrays>, y: impl Into<Arrays>, mut fit: Fit) -> Result<Course> {
        let seed = fit.seed.unwrap_or_else(random::fresh_seed);
        let (data, validation) = self.prepare(x.into(), y.into(), &mut fit, seed)?;
        let n = data.rows();
        let size = batch_size(n, fit.batch_size, fit.steps_per_epoch)?;
        let batches = Batches::new(n, size, fit.steps_per_epoch, fit.shuffle, seed, fit.initial_epoch);
        // Whatever cannot be trained is told before anything is.
        let session = self.opened()?;
        session.seed(seed)?;
        session.plan(Kind::Train, &data, size.min(n))?;
        Ok(Course { data, validation, batches })
    }

    /// Stands before an evaluation in the same way.
    pub fn evaluation(
        &mut self,
        x: impl Into<Arrays>,
        y: impl Into<Arrays>,
        asked: Evaluate,
    ) -> Result<Course> {
        batch_size(1, asked.batch_size, asked.steps)?;
        let data = self.data(&x.into(), &y.into(), &asked.weights, 0)?;
        let size = batch_size(data.rows(), asked.batch_size, asked.steps)?;
        let rows = data.rows().min(asked.steps.map_or(usize::MAX, |s| s.saturating_mul(size)));
        let batches = Batches::new(rows, size, None, false.into(), 0, 0);
        Ok(Course { data, validation: None, batches })
    }

    /// The learning rate of the next step, and how many steps were taken; nothing before the first.
    pub fn progress(&self) -> Result<Option<(f64, usize)>> {
        let trained = self.session().filter(|_| self.trains());
        trained.map(|s| Ok((s.learning_rate()?, s.iterations()?))).transpose()
    }

    /// At the end of a `fit`: weights that are averaged become their averages, and layers see the new weights.
    pub fn finish(&mut self) -> Result<()> {
        let session = self.opened()?;
        session.finish_averages()?;
        session.store()
    }
}

impl Course {
    /// Steps of an epoch.
    pub fn steps(&self) -> usize {
        self.batches.steps()
    }

    /// Whether there is data to validate on.
    pub fn validates(&self) -> bool {
        self.validation.is_some()
    }

    /// Begins the values of an epoch, and its pass over the rows, anew.
    pub fn begin_epoch(&mut self, model: &mut Model) -> Result<()> {
        model.opened()?.reset_totals()?;
        self.batches.begin();
        Ok(())
    }

    /// Trains so many steps, fewer where the epoch ends or the time is over; how many there were.
    pub fn run(&mut self, model: &mut Model, steps: usize, time: Duration) -> Result<usize> {
        self.pass(model, Kind::Train, steps, time)
    }

    /// Evaluates so many batches, fewer where the data ends or the time is over; how many there were.
    pub fn test(&mut self, model: &mut Model, steps: usize, time: Duration) -> Result<usize> {
        self.pass(model, Kind::Evaluate, steps, time)
    }

    fn pass(&mut self, model: &mut Model, kind: Kind, steps: usize, time: Duration) -> Result<usize> {
        let begun = (time != Duration::MAX).then(Instant::now);
        let session = model.opened()?;
        let mut done = 0;
        while done < steps {
            let Some(rows) = self.batches.next() else { break };
            let plan = session.plan(kind, &self.data, rows.len())?;
            session.run(plan, &self.data, rows)?;
            done += 1;
            if begun.is_some_and(|t| t.elapsed() >= time) {
                break;
            }
        }
        Ok(done)
    }

    /// Loss and metrics since the epoch began.
    pub fn results(&self, model: &mut Model) -> Result<Logs> {
        model.opened()?.results()
    }

    /// Loss and metrics on the data to validate on; the values of the epoch begin anew.
    pub fn validate(&self, model: &mut Model) -> Result<Logs> {
        let Some(v) = &self.validation else { return Ok(Logs::new()) };
        let mut control = Control { session: model.opened()?, stop_training: false };
        evaluate(&mut control, &v.data, v.size, v.steps, &mut [], None)
    }
}

#[cfg(test)]
mod tests {
    use crate::prelude::*;
    use std::time::Duration;

    fn model() -> Model {
        let layers = Sequential::new().add(Dense::new(1usize).kernel_initializer("ones").input_shape([2]));
        let mut model = Model::sequential(layers).unwrap();
        model.compile(Compile::new("sgd").loss("mse")).unwrap();
        model
    }

    #[test]
    fn piece_by_piece_gives_what_fit_gives() {
        let x = Value::new([5, 2], (0..10).map(|i| i as f32 / 10.0).collect::<Vec<_>>()).unwrap();
        let y = Value::new([5, 1], vec![1f32, 0.0, 2.0, 1.0, 0.5]).unwrap();
        let fit = || Fit::new().batch_size(2).epochs(2).seed(3).verbose(0).validation_split(0.2);
        let (mut whole, mut pieces) = (model(), model());
        let history = whole.fit(&x, &y, fit()).unwrap();
        let mut course = pieces.course(&x, &y, fit()).unwrap();
        for epoch in 0..2 {
            course.begin_epoch(&mut pieces).unwrap();
            while course.run(&mut pieces, 1, Duration::MAX).unwrap() > 0 {}
            let loss = course.results(&mut pieces).unwrap()["loss"].number().unwrap();
            assert_eq!(loss, history.get("loss").unwrap()[epoch]);
            let validated = course.validate(&mut pieces).unwrap()["loss"].number().unwrap();
            assert_eq!(validated, history.get("val_loss").unwrap()[epoch]);
        }
        pieces.finish().unwrap();
        assert_eq!(whole.get_weights().unwrap(), pieces.get_weights().unwrap());
    }

    #[test]
    fn weights_that_a_layer_was_given_meanwhile_are_seen() {
        let (mut model, x) = (model(), Value::new([1, 2], vec![1f32, 2.0]).unwrap());
        assert_eq!(model.predict(&x).unwrap().item().unwrap(), 3.0);
        let kernel = model.architecture().weights()[0].0.clone();
        kernel.set(Value::new([2, 1], vec![1f32, -1.0]).unwrap()).unwrap();
        assert_eq!(model.predict(&x).unwrap().item().unwrap(), -1.0);
    }
}
