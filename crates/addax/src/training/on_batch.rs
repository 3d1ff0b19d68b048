//! One batch at a time: for whoever writes the loop by hand.

use super::arrays::Arrays;
use super::fit::Weights;
use super::history::Logs;
use super::model::Model;
use super::program::Kind;
use crate::random;
use addax_core::{Result, Value};

impl Model {
    /// Begins the values of loss and metrics anew, as each epoch does.
    pub fn reset_metrics(&mut self) -> Result<()> {
        if self.session().is_some() { self.opened()?.reset_totals() } else { Ok(()) }
    }

    fn on_batch(&mut self, kind: Kind, x: Arrays, y: Arrays, weights: Weights) -> Result<Logs> {
        let seed = random::fresh_seed();
        let data = self.data(&x, &y, &weights, seed)?;
        let session = self.opened()?;
        let rows: Vec<usize> = (0..data.rows()).collect();
        let plan = session.plan(kind, &data, rows.len())?;
        session.run(plan, &data, &rows)?;
        session.results()
    }

    /// One step on a batch; loss and metrics since the last [`Model::reset_metrics`], those of this batch taken before the
    /// step.
    pub fn train_on_batch(
        &mut self,
        x: impl Into<Arrays>,
        y: impl Into<Arrays>,
        weights: impl Into<Weights>,
    ) -> Result<Logs> {
        self.on_batch(Kind::Train, x.into(), y.into(), weights.into())
    }

    /// Loss and metrics since the last [`Model::reset_metrics`], a batch more.
    pub fn test_on_batch(
        &mut self,
        x: impl Into<Arrays>,
        y: impl Into<Arrays>,
        weights: impl Into<Weights>,
    ) -> Result<Logs> {
        self.on_batch(Kind::Evaluate, x.into(), y.into(), weights.into())
    }

    /// The outputs for one batch: one array per output.
    pub fn predict_on_batch(&mut self, x: impl Into<Arrays>) -> Result<Vec<Value>> {
        let x = x.into();
        let rows = x.first().map_or(1, Value::rows).max(1);
        self.predict_all(x, rows)
    }
}
