//! Weights: what a layer keeps between calls, and how it asks for them.

use super::Scope;
use crate::constraints::Constraint;
use crate::initializers::Initializer;
use crate::random;
use crate::regularizers::Regularizer;
use addax_core::rng::Rng;
use addax_core::{DType, Error, Result, Shape, Tensor, Value};
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
}

/// First values are made when they are first asked for: a model that is read from a file never needs them.
#[derive(Debug)]
enum Numbers {
    Ready(Value),
    Pending(Initializer, Rng),
}

impl Weight {
    /// Its numbers.
    pub fn value(&self) -> Result<Value> {
        let mut numbers = self.numbers.lock().unwrap_or_else(PoisonError::into_inner);
        if let Numbers::Pending(initializer, rng) = &mut *numbers {
            let data = initializer.get()?.values(&self.shape, rng)?;
            let value = if self.dtype == DType::F32 {
                Value::new(self.shape.clone(), data.into_iter().map(|x| x as f32).collect::<Vec<f32>>())?
            } else {
                Value::new(self.shape.clone(), data)?.cast(self.dtype)
            };
            *numbers = Numbers::Ready(value);
        }
        match &*numbers {
            Numbers::Ready(value) => Ok(value.clone()),
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
        *self.numbers.lock().unwrap_or_else(PoisonError::into_inner) = Numbers::Ready(value.cast(self.dtype));
        Ok(())
    }

    /// How many numbers it has.
    pub fn count(&self) -> usize {
        self.shape.iter().product()
    }
}

/// What a layer says of a weight when it asks for it; made by [`Scope::weight`], ended by `get`.
pub struct WeightRequest<'s, 'a> {
    scope: &'s mut Scope<'a>,
    name: &'static str,
    shape: Shape,
    initializer: Initializer,
    dtype: Option<DType>,
    trainable: bool,
    regularizer: Option<Regularizer>,
    constraint: Option<Constraint>,
    cast: bool,
}

impl<'s, 'a> WeightRequest<'s, 'a> {
    pub(super) fn new(
        scope: &'s mut Scope<'a>,
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
            let object = initializer.get().map_err(|e| e.at(format!("{name}_initializer")))?;
            let rng = object.seed().map_or_else(random::stream, |s| Rng::new(s as u64, 0));
            let numbers = Mutex::new(Numbers::Pending(initializer.clone(), rng));
            let dtype = dtype.unwrap_or(policy.variable);
            Ok(Weight {
                name: name.to_string(),
                shape: dims,
                dtype,
                trainable,
                regularizer,
                constraint,
                numbers,
            })
        };
        Tensor::from_result(|| {
            let weight = scope.weight_named(name, make)?;
            // A policy of mixed precision computes in another element type than it keeps.
            let mixed = cast && policy.compute != policy.variable && weight.dtype() == policy.variable;
            Ok(if mixed { weight.cast(policy.compute) } else { weight })
        })
    }
}
