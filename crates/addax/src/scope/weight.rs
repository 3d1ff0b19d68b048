//! Weights: what a layer keeps between calls, and how it asks for them.

use super::Scope;
use crate::constraints::Constraint;
use crate::initializers::Initializer;
use crate::random;
use crate::regularizers::Regularizer;
use addax_core::rng::Rng;
use addax_core::{DType, Error, Result, Shape, Tensor, Value};
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Mutex, PoisonError};

/// A weight of a layer.
#[derive(Debug)]
pub struct Weight {
    /// Its name in the layer: `kernel`, `bias`, …
    pub name: String,
    /// Its shape.
    pub shape: Vec<usize>,
    /// Its element type.
    pub dtype: DType,
    /// Whether training may change it (if its layer may be trained at all).
    pub trainable: bool,
    /// The penalty on it.
    pub regularizer: Option<Regularizer>,
    /// What is done to it after each update.
    pub constraint: Option<Constraint>,
    numbers: Mutex<Numbers>,
    generation: AtomicU64,
}

/// First values are made when they are first asked for: a model that is read from a file never needs them.
#[derive(Debug)]
enum Numbers {
    Ready(Tensor),
    Pending(Initializer, Rng),
}

impl Weight {
    /// A weight whose first values an initializer makes when they are first asked for.
    pub fn new(name: &str, shape: Vec<usize>, dtype: DType, initializer: &Initializer) -> Result<Weight> {
        let object = initializer.get().map_err(|e| e.at(format!("{name}_initializer")))?;
        let rng = object.seed().map_or_else(random::stream, |s| Rng::new(s as u64, 0));
        Ok(Weight {
            name: name.to_string(),
            shape,
            dtype,
            trainable: true,
            regularizer: None,
            constraint: None,
            numbers: Mutex::new(Numbers::Pending(initializer.clone(), rng)),
            generation: AtomicU64::new(0),
        })
    }

    /// Its numbers.
    pub fn value(&self) -> Result<Value> {
        self.tensor()?.to_value()
    }

    /// How often it was set: who keeps a copy of its numbers sees by it whether they are still the same.
    pub fn generation(&self) -> u64 {
        self.generation.load(Ordering::Relaxed)
    }

    /// Its numbers as a tensor: the same one until it is set.
    pub fn tensor(&self) -> Result<Tensor> {
        let mut numbers = self.numbers.lock().unwrap_or_else(PoisonError::into_inner);
        if let Numbers::Pending(initializer, rng) = &mut *numbers {
            let data = initializer.get()?.values(&self.shape, rng)?;
            let value = if self.dtype == DType::F32 {
                Value::new(self.shape.clone(), data.into_iter().map(|x| x as f32).collect::<Vec<f32>>())?
            } else {
                Value::new(self.shape.clone(), data)?.cast(self.dtype)
            };
            *numbers = Numbers::Ready(value.into());
        }
        match &*numbers {
            Numbers::Ready(tensor) => Ok(tensor.clone()),
            Numbers::Pending(..) => Err(Error::value(format!("weight \"{}\" has no numbers", self.name))),
        }
    }

    /// Gives it other numbers of the same shape; they are cast to its element type.
    pub fn set(&self, value: Value) -> Result<()> {
        if value.shape() != self.shape {
            return Err(Error::value(format!("weight \"{}\"", self.name))
                .expected(Shape::of(&self.shape))
                .got(Shape::of(value.shape())));
        }
        let tensor = value.cast(self.dtype).into();
        *self.numbers.lock().unwrap_or_else(PoisonError::into_inner) = Numbers::Ready(tensor);
        self.generation.fetch_add(1, Ordering::Relaxed);
        Ok(())
    }

    /// How many numbers it has.
    pub fn count(&self) -> usize {
        self.shape.iter().product()
    }
}

/// What a layer says of a weight when it asks for it; made by [`Scope::weight`], ended by `get`.
pub struct WeightRequest<'s> {
    scope: &'s mut Scope,
    name: &'static str,
    shape: Shape,
    initializer: Initializer,
    dtype: Option<DType>,
    trainable: bool,
    regularizer: Option<Regularizer>,
    constraint: Option<Constraint>,
    cast: bool,
}

impl<'s> WeightRequest<'s> {
    pub(super) fn new(
        scope: &'s mut Scope,
        name: &'static str,
        shape: Shape,
        initializer: Initializer,
    ) -> Self {
        let (regularizer, constraint) = (None, None);
        WeightRequest {
            scope,
            name,
            shape,
            initializer,
            dtype: None,
            trainable: true,
            regularizer,
            constraint,
            cast: true,
        }
    }

    /// Not changed by the optimizer; the layer itself may [`Scope::update`] it.
    pub fn fixed(mut self) -> Self {
        self.trainable = false;
        self
    }

    /// Changed by the optimizer, or not.
    pub fn trainable(mut self, trainable: bool) -> Self {
        self.trainable = trainable;
        self
    }

    /// Of another element type than the layer's policy says.
    pub fn dtype(mut self, dtype: DType) -> Self {
        self.dtype = Some(dtype);
        self
    }

    /// In the element type in which it is kept, whatever the policy computes in.
    pub fn uncast(mut self) -> Self {
        self.cast = false;
        self
    }

    /// With a penalty.
    pub fn regularizer(mut self, regularizer: &Option<Regularizer>) -> Self {
        self.regularizer = regularizer.clone();
        self
    }

    /// With a constraint.
    pub fn constraint(mut self, constraint: &Option<Constraint>) -> Self {
        self.constraint = constraint.clone();
        self
    }

    /// The weight as a tensor of the trace, in the layer's element type of computation.
    pub fn get(self) -> Tensor {
        let Self { scope, name, shape, initializer, dtype, trainable, regularizer, constraint, cast } = self;
        let policy = scope.policy();
        let make = || {
            let dims = shape.known().ok_or_else(|| {
                let e = Error::value(format!("weight \"{name}\"")).expected("a known shape").got(&shape);
                e.hint("Give the axes of the input that are not the batch a length.")
            })?;
            let dtype = dtype.unwrap_or(policy.variable);
            Ok(Weight { trainable, regularizer, constraint, ..Weight::new(name, dims, dtype, &initializer)? })
        };
        Tensor::from_result(|| {
            let weight = scope.weight_named(name, make)?;
            // A policy of mixed precision computes in another element type than it keeps.
            let mixed = cast && policy.compute != policy.variable && weight.dtype() == policy.variable;
            Ok(if mixed { weight.cast(policy.compute) } else { weight })
        })
    }
}
