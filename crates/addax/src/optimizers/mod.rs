//! Optimizers (`keras.optimizers`): what a step does to each weight. What they share — clipping, decay, averages,
//! accumulation — is done once, around any of them, in [`apply`].

mod adadelta;
mod adafactor;
mod adagrad;
mod adam;
mod adamax;
mod apply;
mod ftrl;
mod lamb;
mod layout;
mod lion;
mod loss_scale;
mod multi;
mod muon;
mod nadam;
mod rate;
mod rmsprop;
mod schedule_free;
mod sgd;

pub use adadelta::Adadelta;
pub use adafactor::Adafactor;
pub use adagrad::Adagrad;
pub use adam::{Adam, AdamW};
pub use adamax::Adamax;
pub use apply::{Applied, Variable, apply};
pub use ftrl::Ftrl;
pub use lamb::Lamb;
pub use layout::{Initial, Layout, Slot, StateSpec, WeightInfo, layout};
pub use lion::Lion;
pub use loss_scale::LossScaleOptimizer;
pub use multi::{MultiOptimizer, OptimizerMap};
pub use muon::Muon;
pub use nadam::Nadam;
pub use rate::Rate;
pub use rmsprop::RMSprop;
pub use schedule_free::ScheduleFreeAdamW;
pub use sgd::SGD;

use crate::class::{Class, Def, Handle, Kind};
use crate::fields::{Name, within};
use addax_core::{Error, Result, Tensor};

/// What the arguments that all optimizers share say.
#[derive(Clone, Debug)]
pub struct Base {
    /// The learning rate: a number, or a schedule.
    pub learning_rate: Rate,
    /// Takes this share of each weight away per unit of learning rate.
    pub weight_decay: Option<f64>,
    /// Each gradient's norm at most.
    pub clipnorm: Option<f64>,
    /// Each gradient's elements within ± this.
    pub clipvalue: Option<f64>,
    /// The joint norm of all gradients at most.
    pub global_clipnorm: Option<f64>,
    /// Whether averages of the weights are kept.
    pub use_ema: bool,
    /// How much of the average stays.
    pub ema_momentum: f64,
    /// After how many steps the averages replace the weights.
    pub ema_overwrite_frequency: Option<i64>,
    /// What the loss is multiplied by before the gradients are taken.
    pub loss_scale_factor: Option<f64>,
    /// How many gradients make one step.
    pub gradient_accumulation_steps: Option<i64>,
    /// Its name.
    pub name: Name,
}

/// What an update sees of its step: scalars, the same for all weights.
pub struct Step {
    /// The learning rate.
    pub learning_rate: Tensor,
    /// The number of this step, from 1, as a float.
    pub number: Tensor,
    /// What [`Optimize::prepare`] computed for this step.
    pub shared: Vec<Tensor>,
}

/// An optimizer.
pub trait Optimize: Class {
    /// The arguments that all share.
    fn base(&self) -> Base;

    /// The arrays it keeps for a weight. Groups stand one after another in the state; inside a group, weight by weight.
    fn slots(&self, weight: &WeightInfo) -> Vec<Vec<Slot>>;

    /// Arrays that it keeps for itself, at the end of the state.
    fn own_slots(&self) -> Vec<Slot> {
        Vec::new()
    }

    /// Scalars that are computed once per step, and the new values of its own arrays.
    fn prepare(&self, _step: &Step, _own: &[Tensor]) -> (Vec<Tensor>, Vec<Tensor>) {
        (Vec::new(), Vec::new())
    }

    /// The new weight and slots.
    fn update(&self, w: &Tensor, g: &Tensor, slots: &[Tensor], step: &Step) -> (Tensor, Vec<Tensor>);

    /// The share of a weight that decays.
    fn decay(&self, _weight: &WeightInfo) -> Option<f64> {
        self.base().weight_decay
    }

    /// Finds arguments out of range.
    fn check(&self) -> Result<()> {
        Ok(())
    }

    /// All that it keeps between steps, in the order in which Keras saves it.
    fn layout(&self, weights: &[WeightInfo]) -> Result<Layout> {
        layout(self, weights)
    }

    /// Adds one step to the trace.
    fn apply(&self, variables: &[Variable], state: &[Tensor]) -> Result<Applied> {
        apply(self, variables, state)
    }

    /// What the loss is multiplied by before the gradients are taken.
    fn loss_scale(&self, _state: &[Tensor]) -> Option<Tensor> {
        self.base().loss_scale_factor.map(|f| Tensor::constant(addax_core::DType::F32, f))
    }
}

/// Checks the shared arguments and the optimizer's own.
pub fn check(optimizer: &dyn Optimize) -> Result<()> {
    let b = optimizer.base();
    b.learning_rate.check()?;
    let clips = [b.clipnorm, b.clipvalue, b.global_clipnorm];
    if clips.iter().flatten().count() > 1 {
        return Err(Error::value(optimizer.class_name())
            .expected("one of clipnorm, clipvalue, global_clipnorm")
            .got("more"));
    }
    if let Some(k) = b.gradient_accumulation_steps {
        within("gradient_accumulation_steps", k as f64, 2.0, f64::INFINITY)?;
    }
    if b.use_ema {
        within("ema_momentum", b.ema_momentum, 0.0, 1.0)?;
    }
    if let Some(k) = b.ema_overwrite_frequency.filter(|_| b.use_ema) {
        within("ema_overwrite_frequency", k as f64, 1.0, f64::INFINITY)?;
    }
    optimizer.check()
}

/// An optimizer, as an instance or by name.
pub type Optimizer = Handle<dyn Optimize>;

impl Kind for dyn Optimize {
    const WHAT: &'static str = "optimizer";
    const IGNORES_CASE: bool = true;

    fn defs() -> &'static [&'static Def<dyn Optimize>] {
        OPTIMIZERS
    }
}

/// All optimizers.
pub const OPTIMIZERS: &[&Def<dyn Optimize>] = &[
    &SGD::DEF,
    &RMSprop::DEF,
    &Adam::DEF,
    &AdamW::DEF,
    &Adadelta::DEF,
    &Adagrad::DEF,
    &Adamax::DEF,
    &Adafactor::DEF,
    &Nadam::DEF,
    &Ftrl::DEF,
    &Lion::DEF,
    &Lamb::DEF,
    &Muon::DEF,
    &ScheduleFreeAdamW::DEF,
    &LossScaleOptimizer::DEF,
    &MultiOptimizer::DEF,
];

/// Declares the struct of an optimizer: its own arguments where Keras has them, among those that all share.
macro_rules! optimizer_class {
    (
        $(#[doc = $doc:literal])*
        $name:ident [$($id:literal),*] learning_rate = $rate:literal
        { $($(#[doc = $d1:literal])* $f1:ident: $t1:ty = $v1:expr),* $(,)? }
        weight_decay = $decay:expr;
        { $($(#[doc = $d2:literal])* $f2:ident: $t2:ty = $v2:expr),* $(,)? }
        { $($(#[doc = $d3:literal])* $f3:ident: $t3:ty = $v3:expr),* $(,)? }
    ) => {
        $crate::class! {
            $(#[doc = $doc])*
            pub struct $name: dyn Optimize in "keras.optimizers" [$($id),*] keeping ["is_legacy_optimizer", "jit_compile", "decay"] () {
                /// The learning rate: a number, or a schedule.
                learning_rate: $crate::optimizers::Rate = $rate.into(),
                $($(#[doc = $d1])* $f1: $t1 = $v1,)*
                /// Takes this share of each weight away per unit of learning rate.
                weight_decay: Option<f64> = $decay,
                $($(#[doc = $d2])* $f2: $t2 = $v2,)*
                /// Each gradient's norm at most.
                clipnorm: Option<f64> = None,
                /// Each gradient's elements within ± this.
                clipvalue: Option<f64> = None,
                /// The joint norm of all gradients at most.
                global_clipnorm: Option<f64> = None,
                /// Whether averages of the weights are kept.
                use_ema: bool = false,
                /// How much of the average stays.
                ema_momentum: f64 = 0.99,
                /// After how many steps the averages replace the weights.
                ema_overwrite_frequency: Option<i64> = None,
                /// What the loss is multiplied by before the gradients are taken.
                loss_scale_factor: Option<f64> = None,
                /// How many gradients make one step.
                gradient_accumulation_steps: Option<i64> = None,
                /// Its name.
                name: $crate::fields::Name = $crate::fields::Name::default(),
                $($(#[doc = $d3])* $f3: $t3 = $v3,)*
            }
        }

        impl $name {
            fn shared_arguments(&self) -> $crate::optimizers::Base {
                $crate::optimizers::Base {
                    learning_rate: self.learning_rate.clone(),
                    weight_decay: self.weight_decay,
                    clipnorm: self.clipnorm,
                    clipvalue: self.clipvalue,
                    global_clipnorm: self.global_clipnorm,
                    use_ema: self.use_ema,
                    ema_momentum: self.ema_momentum,
                    ema_overwrite_frequency: self.ema_overwrite_frequency,
                    loss_scale_factor: self.loss_scale_factor,
                    gradient_accumulation_steps: self.gradient_accumulation_steps,
                    name: self.name.clone(),
                }
            }
        }
    };
}
use optimizer_class;

/// Declares an optimizer whose arguments stand before those that all share.
macro_rules! optimizer {
    ($(#[doc = $doc:literal])* $name:ident [$($id:literal),*] learning_rate = $rate:literal { $($own:tt)* }) => {
        $crate::optimizers::optimizer_class! {
            $(#[doc = $doc])* $name [$($id),*] learning_rate = $rate { $($own)* } weight_decay = None; {} {}
        }
    };
}
use optimizer;
