//! `KerasClassifier` and `KerasRegressor`: a function that builds a compiled model, as an estimator.

use crate::models::names::with_names;
use crate::random::with_seed;
use crate::training::{Fit, History, Model};
use addax_core::{DType, Error, Result, Value};
use addax_data::scores::class_labels;
use addax_data::selection::{Estimator, Params};

/// What builds a compiled model: a function of the parameters, or something that also looks at the rows.
pub trait Builder {
    /// A compiled model for these rows and their targets.
    fn build(&self, params: &Params, x: &Value, y: &Value) -> Result<Model>;
}

impl<F: Fn(&Params) -> Result<Model>> Builder for F {
    fn build(&self, params: &Params, _: &Value, _: &Value) -> Result<Model> {
        self(params)
    }
}

/// What both have: the builder, its parameters, and the model once it is fitted.
struct Built<B> {
    builder: B,
    params: Params,
    seed: u64,
    model: Option<Model>,
    history: History,
}

impl<B: Builder> Built<B> {
    fn new(builder: B, params: &Params, seed: u64) -> Built<B> {
        Built { builder, params: params.clone(), seed, model: None, history: History::default() }
    }

    /// Builds the model and trains it on what `targets` makes of the model. Nothing of this depends on, or changes, the
    /// process's seed and names.
    fn fit(&mut self, x: &Value, y: &Value, targets: impl FnOnce(&Model) -> Result<Value>) -> Result<()> {
        let p = &self.params;
        let fit = Fit::new()
            .epochs(p.int("epochs", 1)?)
            .batch_size(p.int("batch_size", 32)?)
            .shuffle(p.flag("shuffle", true)?)
            .validation_split(p.number("validation_split", 0.0)?)
            .verbose(p.int("verbose", 0)?.min(2) as u8)
            .seed(self.seed);
        let (model, history) = with_seed(self.seed, || {
            with_names(|| {
                let mut model = self.builder.build(p, x, y)?;
                if let [_, sample @ ..] = x.shape() {
                    model.build(if sample.is_empty() { &[1][..] } else { sample })?;
                }
                let history = model.fit(x, &targets(&model)?, fit)?;
                Ok::<_, Error>((model, history))
            })
        })?;
        (self.model, self.history) = (Some(model), history);
        Ok(())
    }

    fn predict(&mut self, x: &Value) -> Result<Value> {
        let unfitted = || Error::value("estimator").expected("a fitted one").hint("Call fit() first.");
        self.model.as_mut().ok_or_else(unfitted)?.predict(x)
    }
}

/// Numbers for each output of a model.
fn width(model: &Model) -> Result<usize> {
    let last = model.network()?.outputs().first().and_then(|y| y.shape().get(-1)).and_then(|d| d.known());
    last.ok_or_else(|| Error::value("model").expected("an output of known width"))
}

macro_rules! wrapper {
    ($(#[$doc:meta])* $name:ident { $($field:ident: $t:ty = $value:expr),* }) => {
        $(#[$doc])*
        pub struct $name<B> {
            built: Built<B>,
            $($field: $t,)*
        }

        impl<B: Builder> $name<B> {
            /// Of a function that builds and compiles a model of its parameters, or another [`Builder`]. `epochs`, `batch_size`, `shuffle`,
            /// `validation_split` and `verbose` among them are arguments of `fit`. Weights, shuffles and dropout come
            /// from the seed.
            pub fn new(builder: B, params: &Params, seed: u64) -> Self {
                $name { built: Built::new(builder, params, seed), $($field: $value,)* }
            }

            /// The model, once it is fitted.
            pub fn model(&self) -> Option<&Model> {
                self.built.model.as_ref()
            }

            /// The model, to go on with.
            pub fn into_model(self) -> Option<Model> {
                self.built.model
            }

            /// What the last fit told.
            pub fn history(&self) -> &History {
                &self.built.history
            }
        }
    };
}

wrapper! {
    /// A model that predicts numbers.
    ///
    /// ```
    /// use addax::data::selection::{GridSearchCV, ParamGrid, Params, Validation};
    /// use addax::prelude::*;
    /// use addax::wrappers::KerasRegressor;
    ///
    /// fn create_model(p: &Params) -> Result<Model> {
    ///     let dense = Dense::new(p.int("units", 8)?).activation("relu").input_shape([10]);
    ///     let mut model = Model::sequential(Sequential::new().add(dense).add(Dense::new(1usize)))?;
    ///     model.compile(Compile::new("adam").loss("mse"))?;
    ///     Ok(model)
    /// }
    ///
    /// let (x, y) = addax::data::synthetic::sums(60, 0)?;
    /// let grid = ParamGrid::new().vary("units", [4, 8]).vary("epochs", [1, 2]);
    /// let judged = Validation::new().folds(3).scoring(&["neg_mean_squared_error"])?;
    /// let found = GridSearchCV::new(grid).fit(&x, &y, &judged, |p, seed| Ok(KerasRegressor::new(create_model, p, seed)))?;
    /// assert_eq!(found.candidates.len(), 4);
    /// # Ok::<(), addax::Error>(())
    /// ```
    KerasRegressor {}
}

wrapper! {
    /// A model that predicts classes: one output with a sigmoid for two, a softmax for more. Targets are whole numbers;
    /// they come to the model as its loss wants them.
    KerasClassifier { classes: Vec<i64> = Vec::new() }
}

impl<B: Builder> Estimator for KerasRegressor<B> {
    fn fit(&mut self, x: &Value, y: &Value) -> Result<()> {
        self.built.fit(x, y, |_| Ok(y.clone()))
    }

    fn predict(&mut self, x: &Value) -> Result<Value> {
        let y = self.built.predict(x)?;
        if y.len() == y.rows() { y.reshape(&[y.rows()]) } else { Ok(y) }
    }
}

impl<B: Builder> KerasClassifier<B> {
    /// The targets as the model's loss wants them: shares of 1 for a sigmoid, places for a sparse loss, else one-hot.
    fn targets(model: &Model, classes: &[i64], y: &[i64]) -> Result<Value> {
        let place = |c: &i64| classes.binary_search(c).unwrap_or(0);
        let width = width(model)?;
        if width == 1 && classes.len() <= 2 {
            return Ok(Value::from(y.iter().map(|c| place(c) as f32).collect::<Vec<f32>>()));
        }
        if width != classes.len() {
            return Err(Error::value("KerasClassifier")
                .expected(format_args!("a model with {} outputs for the classes {classes:?}", classes.len()))
                .got(width));
        }
        if model.compiled().is_some_and(|c| c.loss.leaves().iter().all(|l| l.wants_places())) {
            return Ok(Value::from(y.iter().map(|c| place(c) as i32).collect::<Vec<i32>>()));
        }
        let one_hot = |c: &i64| (0..width).map(|i| f32::from(u8::from(i == place(c)))).collect::<Vec<f32>>();
        Value::new([y.len(), width], y.iter().flat_map(one_hot).collect::<Vec<f32>>())
    }
}

impl<B: Builder> Estimator for KerasClassifier<B> {
    fn fit(&mut self, x: &Value, y: &Value) -> Result<()> {
        let labels = class_labels("targets", y)?;
        let mut classes = labels.clone();
        classes.sort_unstable();
        classes.dedup();
        self.built.fit(x, y, |model| Self::targets(model, &classes, &labels))?;
        self.classes = classes;
        Ok(())
    }

    fn predict(&mut self, x: &Value) -> Result<Value> {
        let said = self.built.predict(x)?;
        let (n, numbers) = (said.rows(), said.to_f64());
        let width = numbers.len() / n.max(1);
        let class = |row: &[f64]| {
            let place = match row {
                [p] => usize::from(*p > 0.5),
                // Of equal ones the first.
                _ => (0..row.len()).rev().max_by(|a, b| row[*a].total_cmp(&row[*b])).unwrap_or(0),
            };
            self.classes.get(place).copied().unwrap_or(place as i64)
        };
        Ok(Value::from(numbers.chunks(width.max(1)).map(class).collect::<Vec<i64>>()))
    }

    fn predict_proba(&mut self, x: &Value) -> Result<Value> {
        let said = self.built.predict(x)?;
        if said.len() != said.rows() {
            return Ok(said);
        }
        let both = said.cast(DType::F32).into_vec::<f32>()?.into_iter().flat_map(|p| [1.0 - p, p]);
        Value::new([said.rows(), 2], both.collect::<Vec<f32>>())
    }

    fn is_classifier(&self) -> bool {
        true
    }

    fn classes(&self) -> &[i64] {
        &self.classes
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::prelude::*;
    use addax_data::selection::{GridSearchCV, KFold, ParamGrid, Rows, Splitter, Validation, fit_seed};
    use addax_data::{scores, synthetic};

    fn regression(p: &Params) -> Result<Model> {
        let dense = Dense::new(p.int("units", 8)?).activation("relu").input_shape([10]);
        let mut model = Model::sequential(Sequential::new().add(dense).add(Dense::new(1usize)))?;
        model.compile(Compile::new("adam").loss("mse"))?;
        Ok(model)
    }

    fn classes(p: &Params) -> Result<Model> {
        let (outputs, activation, loss) = match p.text("loss", "binary_crossentropy")? {
            "binary_crossentropy" => (1usize, "sigmoid", "binary_crossentropy"),
            loss => (3, "softmax", loss),
        };
        let layers = Sequential::new()
            .add(Dense::new(8usize).activation("relu"))
            .add(Dense::new(outputs).activation(activation));
        let mut model = Model::sequential(layers)?;
        model.compile(Compile::new("adam").loss(loss).metrics(["accuracy"]))?;
        Ok(model)
    }

    #[test]
    fn a_grid_equals_a_loop_by_hand_whatever_the_threads() {
        let (x, y) = synthetic::sums(48, 1).unwrap();
        let grid = ParamGrid::new().vary("units", [3, 5]).vary("epochs", [1, 2]).vary("batch_size", [8, 16]);
        let search = |threads| {
            let v = Validation::new().splitter(KFold::new(3)).scoring(&["neg_mean_squared_error"]).unwrap();
            let v = v.seed(9).threads(threads);
            let make = |p: &Params, seed| Ok(KerasRegressor::new(regression, p, seed));
            GridSearchCV::new(grid.clone()).fit(&x, &y, &v, make).unwrap()
        };
        let mut by_hand = Vec::new();
        for (c, p) in grid.combinations().iter().enumerate() {
            for (s, (train, test)) in KFold::new(3).splits(&Rows::new(&y)).unwrap().iter().enumerate() {
                let seed = fit_seed(9, c * 3 + s);
                let error = with_seed(seed, || {
                    let mut model = regression(p).unwrap();
                    let fit = Fit::new().epochs(p.int("epochs", 1).unwrap()).verbose(0).seed(seed);
                    let fit = fit.batch_size(p.int("batch_size", 32).unwrap());
                    model.fit(x.take_rows(train).unwrap(), y.take_rows(train).unwrap(), fit).unwrap();
                    let said = model.predict(x.take_rows(test).unwrap()).unwrap();
                    scores::mean_squared_error(&y.take_rows(test).unwrap().to_f64(), &said.to_f64()).unwrap()
                });
                by_hand.push(-error);
            }
        }
        for threads in [1, 4] {
            let found = search(threads);
            let all: Vec<f64> = found.candidates.iter().flat_map(|c| c.scores.test[0].clone()).collect();
            assert_eq!(all, by_hand, "{threads} threads");
        }
    }

    #[test]
    fn classes_come_to_the_loss_as_it_wants_them() {
        let (x, _) = synthetic::sums(60, 2).unwrap();
        let three = Value::from((0..60).map(|i| [7i64, -2, 30][i % 3]).collect::<Vec<i64>>());
        for loss in ["sparse_categorical_crossentropy", "categorical_crossentropy"] {
            let p = Params::new().with("loss", loss).with("epochs", 2);
            let mut e = KerasClassifier::new(classes, &p, 3);
            e.fit(&x, &three).unwrap();
            assert_eq!(e.classes(), [-2, 7, 30]);
            assert!(e.predict(&x).unwrap().to_i64().iter().all(|c| [-2, 7, 30].contains(c)));
            assert_eq!(e.predict_proba(&x).unwrap().shape(), [60, 3]);
        }
        let two = Value::from((0..60).map(|i| [4i64, 9][i % 2]).collect::<Vec<i64>>());
        let mut e = KerasClassifier::new(classes, &Params::new(), 3);
        assert!(e.predict(&x).unwrap_err().to_string().contains("Call fit() first"));
        e.fit(&x, &two).unwrap();
        let (said, chance) = (e.predict(&x).unwrap().to_i64(), e.predict_proba(&x).unwrap().to_f64());
        assert!(said.iter().zip(chance.chunks(2)).all(|(c, p)| (*c == 9) == (p[1] > 0.5)));
        let e = KerasClassifier::new(classes, &Params::new(), 3).fit(&x, &three).unwrap_err().to_string();
        assert_eq!(e, "KerasClassifier: expected a model with 3 outputs for the classes [-2, 7, 30], got 1");
    }

    #[test]
    fn continuous_targets_want_a_regressor() {
        let (x, y) = synthetic::sums(20, 2).unwrap();
        let e = KerasClassifier::new(classes, &Params::new(), 3).fit(&x, &y).unwrap_err().to_string();
        assert!(e.starts_with("targets: expected classes, got ") && e.contains("KerasRegressor"), "{e}");
    }

    #[test]
    fn a_classifier_can_be_scored_by_squared_errors() {
        let (x, y) = synthetic::sums(40, 2).unwrap();
        let y = synthetic::above_median(&y);
        let v = Validation::new().folds(2).scoring(&["neg_mean_squared_error", "accuracy"]).unwrap();
        let got = v.cross_validate(&x, &y, |s| Ok(KerasClassifier::new(classes, &Params::new(), s))).unwrap();
        let sum: Vec<f64> = got.test[0].iter().zip(&got.test[1]).map(|(e, a)| a - e).collect();
        assert!(sum.iter().all(|s| (s - 1.0).abs() < 1e-12), "{got:?}");
    }
}
