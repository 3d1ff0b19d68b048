//! Draws: how strongly each image is changed, and whether at all.

use crate::class::Field;
use crate::scope::Scope;
use addax_core::{DType, Dim, Error, Result, Shape, Tensor};
use serde_json::{Value as Json, json};

/// How strongly something is changed: a number, or the ends of the range that it is drawn from.
#[derive(Clone, Copy, Debug, PartialEq)]
pub enum Factor {
    /// A number; what range it stands for depends on the layer.
    Number(f64),
    /// From the first to the second.
    Range(f64, f64),
}

impl From<f64> for Factor {
    fn from(x: f64) -> Self {
        Factor::Number(x)
    }
}

impl From<(f64, f64)> for Factor {
    fn from((low, high): (f64, f64)) -> Self {
        Factor::Range(low, high)
    }
}

impl Field for Factor {
    fn to_json(&self) -> Json {
        match self {
            Factor::Number(x) => x.to_json(),
            Factor::Range(low, high) => json!([low, high]),
        }
    }

    fn from_json(json: &Json) -> Result<Self> {
        match json {
            Json::Array(_) => {
                let pair: [f64; 2] = Vec::<f64>::from_json(json)?
                    .try_into()
                    .map_err(|_| Error::type_("factor").expected("one or two numbers").got(json))?;
                Ok(Factor::Range(pair[0], pair[1]))
            }
            one => f64::from_json(one).map(Factor::Number),
        }
    }
}

impl Factor {
    /// The range: a number stands for `-number` to `number`, cut off at `least`.
    pub(super) fn range(self, name: &str, least: f64, most: f64) -> Result<[f64; 2]> {
        let [low, high] = match self {
            Factor::Number(x) => [(-x.abs()).max(least), x.abs()],
            Factor::Range(a, b) => [a.min(b), a.max(b)],
        };
        let given = match self {
            Factor::Number(x) => [x, x],
            Factor::Range(..) => [low, high],
        };
        match given.iter().all(|x| (least..=most).contains(x)) {
            true => Ok([low, high]),
            false => Err(Error::value(name)
                .expected(format_args!("numbers from {least} to {most}"))
                .got(format_args!("{self:?}"))),
        }
    }

    /// As [`Factor::range`], but a number stands for both directions even where only positive ones may be given.
    pub(super) fn mirrored(self, name: &str, least: f64, most: f64) -> Result<[f64; 2]> {
        let range = self.range(name, least, most)?;
        Ok(if let Factor::Number(x) = self { [-x.abs(), x.abs()] } else { range })
    }

    /// As [`Factor::range`], but a number stands for 0 to itself.
    pub(super) fn up_to(self, name: &str, most: f64) -> Result<[f64; 2]> {
        self.range(name, 0.0, most)
    }
}

/// The values that images have, smallest and largest.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct ValueRange(pub [f64; 2]);

impl From<(f64, f64)> for ValueRange {
    fn from((low, high): (f64, f64)) -> Self {
        ValueRange([low, high])
    }
}

impl Field for ValueRange {
    fn to_json(&self) -> Json {
        json!(self.0)
    }

    fn from_json(json: &Json) -> Result<Self> {
        let wrong = |_: Vec<f64>| Error::type_("value_range").expected("two numbers").got(json);
        Vec::<f64>::from_json(json)?.try_into().map(ValueRange).map_err(wrong)
    }
}

impl ValueRange {
    /// Cuts off what lies outside.
    pub(super) fn clip(self, x: &Tensor) -> Tensor {
        x.clip(self.0[0], self.0[1])
    }
}

/// What a layer draws for a batch of images.
pub(super) struct Draw<'s> {
    cx: &'s mut Scope,
    seed: Option<i64>,
    batch: Dim,
    dtype: DType,
}

impl<'s> Draw<'s> {
    /// For a batch, from the seed of the layer if it has one.
    pub fn new(cx: &'s mut Scope, seed: Option<i64>, x: &Tensor) -> Self {
        Draw { cx, seed, batch: x.dim(0), dtype: x.dtype() }
    }

    /// Numbers in a shape from a range.
    pub fn numbers(&mut self, shape: impl Into<Shape>, [low, high]: [f64; 2]) -> Tensor {
        (self.cx.uniform_from(self.seed, shape) * (high - low) + low).cast(self.dtype)
    }

    /// A number for each image, `[batch, 1, 1, 1]`.
    pub fn each(&mut self, range: [f64; 2]) -> Tensor {
        self.numbers([self.batch, Dim::new(1), Dim::new(1), Dim::new(1)], range)
    }

    /// One number for all.
    pub fn one(&mut self, range: [f64; 2]) -> Tensor {
        self.numbers(Shape::scalar(), range)
    }

    /// Which images are changed, the probability itself being drawn from a range.
    pub fn whether(&mut self, range: [f64; 2]) -> Tensor {
        let probability = self.each(range);
        self.each([0.0, 1.0]).lt(&probability)
    }

    /// 1 or -1 for each image.
    pub fn signs(&mut self) -> Tensor {
        let up = self.each([0.0, 1.0]);
        up.gt_scalar(0.5).select(&up.filled(-1.0), &up.filled(1.0))
    }

    /// Normal numbers by the method of Box and Muller.
    pub fn normal(&mut self, shape: impl Into<Shape>) -> Tensor {
        let shape = shape.into();
        let (u, v) = (self.cx.uniform_from(self.seed, shape.clone()), self.cx.uniform_from(self.seed, shape));
        let radius = ((1.0 - u).log() * -2.0).sqrt();
        (radius * (v * std::f64::consts::TAU).cos()).cast(self.dtype)
    }

    /// The logarithm of a number from the gamma distribution for each place, by the method of Marsaglia and Tsang
    /// (2000). A try succeeds in 19 of 20 cases at least; eight are made.
    pub fn log_gamma(&mut self, shape: impl Into<Shape>, alpha: &Tensor) -> Tensor {
        let shape = shape.into();
        let d = alpha + (1.0 - 1.0 / 3.0);
        let c = (&d * 9.0).rsqrt();
        let mut found = Tensor::full(self.dtype, shape.clone(), 0.0);
        for _ in 0..8 {
            let x = self.normal(shape.clone());
            let cube = &x * &c + 1.0;
            let v = &cube * &cube * &cube;
            let positive = v.gt_scalar(0.0);
            let log = positive.select(&v, &v.filled(1.0)).log();
            let u = (1.0 - self.numbers(shape.clone(), [0.0, 1.0])).log();
            let bound = x.square() * 0.5 + &d - &d * &v + &d * &log;
            let accepted = positive.and(&u.lt(&bound)).and(&found.equal(&found.filled(0.0)));
            found = accepted.select(&(log + d.log()), &found);
        }
        // A draw for α + 1 becomes one for α.
        let u = 1.0 - self.numbers(shape, [0.0, 1.0]);
        found + u.log() / alpha
    }

    /// Numbers from the beta distribution with two equal parameters.
    pub fn beta(&mut self, shape: impl Into<Shape>, alpha: &Tensor) -> Tensor {
        let shape = shape.into();
        let (a, b) = (self.log_gamma(shape.clone(), alpha), self.log_gamma(shape, alpha));
        ((b - a).exp() + 1.0).reciprocal()
    }

    /// The images of the batch in another order.
    pub fn shuffled(&mut self, x: &Tensor) -> Tensor {
        let order = self.numbers([self.batch], [0.0, 1.0]).argsort(0, false);
        x.take(&order, 0)
    }
}
