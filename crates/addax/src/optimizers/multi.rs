//! Several optimizers, each for some of the weights.

use super::layout::name_of;
use super::{Applied, Base, Layout, Optimize, Optimizer, Rate, Slot, Step, Variable, WeightInfo};
use crate::class;
use crate::class::{Config, Field, take};
use addax_core::{DType, Error, Result, Tensor};
use regex_lite::Regex;
use serde_json::{Value as Json, json};

/// Which optimizer a weight gets: by its path, or by a pattern that the whole path matches; else the default one.
#[derive(Clone, Debug)]
pub struct OptimizerMap {
    /// For weights that nothing else is said of.
    pub default_optimizer: Optimizer,
    /// By path or pattern.
    pub optimizer_map: Vec<(String, Optimizer)>,
}

impl OptimizerMap {
    /// One optimizer for all weights; others come by [`OptimizerMap::with`].
    pub fn new(default: impl Into<Optimizer>) -> OptimizerMap {
        OptimizerMap { default_optimizer: default.into(), optimizer_map: Vec::new() }
    }

    /// Another optimizer for weights whose path is, or matches, `pattern`.
    pub fn with(mut self, pattern: &str, optimizer: impl Into<Optimizer>) -> OptimizerMap {
        self.optimizer_map.push((pattern.to_string(), optimizer.into()));
        self
    }

    /// All optimizers, the default one last.
    fn all(&self) -> impl Iterator<Item = &Optimizer> {
        self.optimizer_map.iter().map(|(_, o)| o).chain([&self.default_optimizer])
    }

    /// The place of a weight's optimizer among all.
    fn place(&self, path: &str) -> Result<usize> {
        if let Some(i) = self.optimizer_map.iter().position(|(key, _)| key == path) {
            return Ok(i);
        }
        let matches = |key: &String| pattern(key).is_ok_and(|r| r.is_match(path));
        let found: Vec<usize> =
            (0..self.optimizer_map.len()).filter(|i| matches(&self.optimizer_map[*i].0)).collect();
        match found[..] {
            [] => Ok(self.optimizer_map.len()),
            [one] => Ok(one),
            _ => Err(Error::value(format!("weight \"{path}\"")).expected("one optimizer").got(found.len())),
        }
    }
}

/// A pattern that must match the whole of a path.
fn pattern(key: &str) -> Result<Regex> {
    let error = |e| Error::value("optimizer_map").expected("regular expressions").got(format!("{key}: {e}"));
    Regex::new(&format!("^(?:{key})$")).map_err(error)
}

impl Field for OptimizerMap {
    fn to_json(&self) -> Json {
        let map: Config = self.optimizer_map.iter().map(|(k, o)| (k.clone(), o.to_json())).collect();
        json!({
            "module": "keras.optimizers", "class_name": "OptimizerMap", "registered_name": null,
            "config": {"default_optimizer": self.default_optimizer.to_json(), "optimizer_map": map},
        })
    }

    fn from_json(json: &Json) -> Result<Self> {
        let error = || Error::type_("optimizer_map").expected("an OptimizerMap").got(json);
        let config = json.get("config").and_then(Json::as_object).ok_or_else(error)?;
        let map = config.get("optimizer_map").and_then(Json::as_object).ok_or_else(error)?;
        let read = |(key, o): (&String, &Json)| Ok((key.clone(), Optimizer::from_json(o)?));
        Ok(OptimizerMap {
            default_optimizer: take(config, "default_optimizer", None)?,
            optimizer_map: map.iter().map(read).collect::<Result<_>>()?,
        })
    }
}

class! {
    /// Several optimizers, each for the weights that its pattern matches.
    pub struct MultiOptimizer: dyn Optimize in "keras.optimizers" ["multioptimizer"] keeping [] (
        /// Which optimizer each weight gets.
        optimizer_map: OptimizerMap,
    ) {
        /// What the loss is multiplied by before the gradients are taken.
        loss_scale_factor: Option<f64> = None,
        /// Its name.
        name: crate::fields::Name = crate::fields::Name::default(),
    }
}

/// Its own arrays: calls, and a learning rate that nobody reads.
const OWN: usize = 2;

impl MultiOptimizer {
    /// The numbers of the weights of each optimizer.
    fn divided<'a>(&self, paths: impl Iterator<Item = &'a str>) -> Result<Vec<Vec<usize>>> {
        let mut shares = vec![Vec::new(); self.optimizer_map.optimizer_map.len() + 1];
        for (i, path) in paths.enumerate() {
            shares[self.optimizer_map.place(path)?].push(i);
        }
        Ok(shares)
    }
}

impl Optimize for MultiOptimizer {
    fn base(&self) -> Base {
        Base {
            learning_rate: Rate::Number(0.0),
            weight_decay: None,
            clipnorm: None,
            clipvalue: None,
            global_clipnorm: None,
            use_ema: false,
            ema_momentum: 0.99,
            ema_overwrite_frequency: None,
            loss_scale_factor: self.loss_scale_factor,
            gradient_accumulation_steps: None,
            name: self.name.clone(),
        }
    }

    fn slots(&self, _: &WeightInfo) -> Vec<Vec<Slot>> {
        Vec::new()
    }

    fn update(&self, w: &Tensor, _: &Tensor, _: &[Tensor], _: &Step) -> (Tensor, Vec<Tensor>) {
        (w.clone(), Vec::new())
    }

    fn check(&self) -> Result<()> {
        for (key, _) in &self.optimizer_map.optimizer_map {
            pattern(key)?;
        }
        for optimizer in self.optimizer_map.all() {
            let inner = optimizer.get()?;
            if matches!(inner.class_name(), "LossScaleOptimizer" | "MultiOptimizer") {
                return Err(Error::value("optimizer_map")
                    .expected("plain optimizers")
                    .got(inner.class_name()));
            }
            super::check(&**inner)?;
        }
        Ok(())
    }

    fn layout(&self, weights: &[WeightInfo]) -> Result<Layout> {
        let (mut made, name) = (Layout::default(), name_of(self));
        made.scalar(&name, "iteration", DType::I32, 0.0);
        made.scalar(&name, "learning_rate", DType::F32, 0.0);
        let shares = self.divided(weights.iter().map(|w| w.path.as_str()))?;
        for (optimizer, share) in self.optimizer_map.all().zip(&shares) {
            let own: Vec<WeightInfo> = share.iter().map(|i| weights[*i].clone()).collect();
            let mut inner = optimizer.get()?.layout(&own)?;
            if share.is_empty() {
                // An optimizer without weights is never built.
                inner.specs.truncate(1 + inner.rates.len());
            }
            made.extend(inner, share);
        }
        Ok(made)
    }

    fn apply(&self, variables: &[Variable], state: &[Tensor]) -> Result<Applied> {
        let (own, mut rest) = state.split_at_checked(OWN).ok_or_else(|| Error::value("optimizer's state"))?;
        let shares = self.divided(variables.iter().map(|v| v.info.path.as_str()))?;
        let mut values: Vec<Tensor> = variables.iter().map(|v| v.value.clone()).collect();
        let mut new = vec![&own[0] + 1.0, own[1].clone()];
        for (optimizer, share) in self.optimizer_map.all().zip(&shares) {
            let inner = optimizer.get()?;
            let infos: Vec<WeightInfo> = share.iter().map(|i| variables[*i].info.clone()).collect();
            let layout = inner.layout(&infos)?;
            let n = if share.is_empty() { 1 + layout.rates.len() } else { layout.specs.len() };
            let (mine, others) = rest.split_at_checked(n).ok_or_else(|| Error::value("optimizer's state"))?;
            rest = others;
            if share.is_empty() {
                new.extend_from_slice(mine);
                continue;
            }
            let scaled = |g: &Tensor| self.loss_scale_factor.map_or_else(|| g.clone(), |f| g / f);
            let own: Vec<Variable> = share
                .iter()
                .map(|i| &variables[*i])
                .map(|v| Variable {
                    info: v.info.clone(),
                    value: v.value.clone(),
                    gradient: scaled(&v.gradient),
                    constraint: v.constraint.clone(),
                    decays: v.decays,
                })
                .collect();
            let applied = inner.apply(&own, mine)?;
            share.iter().zip(applied.values).for_each(|(i, w)| values[*i] = w);
            new.extend(applied.state);
        }
        Ok(Applied { values, state: new })
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::optimizers::{Adam, SGD};

    #[test]
    fn patterns_divide_the_weights() {
        let map = OptimizerMap::new(Adam::new()).with("head/.*", SGD::new()).with("body/kernel", SGD::new());
        let place = |path: &str| map.place(path).unwrap();
        assert_eq!((place("head/kernel"), place("body/kernel"), place("a/head/kernel")), (0, 1, 2));
        let twice = map.with(".*kernel", SGD::new());
        assert!(twice.place("head/kernel").unwrap_err().to_string().contains("one optimizer"));
    }

    #[test]
    fn it_is_read_as_it_was_written() {
        let multi = MultiOptimizer::new(OptimizerMap::new(Adam::new()).with("k", SGD::new().momentum(0.5)));
        let json = class::to_json(&multi);
        let again = class::from_json::<dyn Optimize>(&json).unwrap();
        assert_eq!(class::to_json(&*again), json);
    }
}
