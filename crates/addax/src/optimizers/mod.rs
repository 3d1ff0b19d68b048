//! Optimizers (`keras.optimizers`): what a step does to each weight. What they share — clipping, decay, averages,
//! accumulation — is done once, around any of them, in [`apply`].

mod adam;
mod apply;
mod rmsprop;
mod sgd;

pub use adam::Adam;
pub(crate) use apply::check;
pub use apply::{Applied, StateSpec, Variable, apply, state_specs};
pub use rmsprop::RMSprop;
pub use sgd::SGD;

use crate::class::{Class, Def, Handle, Kind};
use addax_core::Tensor;

/// What the arguments that all optimizers share say.
#[derive(Clone, Debug, PartialEq)]
pub struct Base {
    /// The learning rate to begin with.
    pub learning_rate: f64,
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
    /// What the loss was multiplied by.
    pub loss_scale_factor: Option<f64>,
    /// How many gradients make one step.
    pub gradient_accumulation_steps: Option<i64>,
}

/// What an update sees of its step: scalars, the same for all weights.
pub struct Step {
    /// The learning rate.
    pub learning_rate: Tensor,
    /// The number of this step, from 1, as a float.
    pub number: Tensor,
    /// What [`Optimize::shared`] computed for this step.
    pub shared: Vec<Tensor>,
}

/// An optimizer.
pub trait Optimize: Class {
    /// The arguments that all share.
    fn base(&self) -> Base;

    /// The names of the arrays it keeps for each weight, in Keras's order; each begins at 0.
    fn slots(&self) -> Vec<&'static str>;

    /// Scalars that are computed once per step.
    fn shared(&self, _step: &Step) -> Vec<Tensor> {
        Vec::new()
    }

    /// The new weight and slots.
    fn update(&self, w: &Tensor, g: &Tensor, slots: &[Tensor], step: &Step) -> (Tensor, Vec<Tensor>);
}

/// An optimizer, as an instance or by name.
pub type Optimizer = Handle<dyn Optimize>;

impl Kind for dyn Optimize {
    const WHAT: &'static str = "optimizer";

    fn defs() -> &'static [&'static Def<dyn Optimize>] {
        OPTIMIZERS
    }
}

/// All optimizers.
pub const OPTIMIZERS: &[&Def<dyn Optimize>] = &[&SGD::DEF, &RMSprop::DEF, &Adam::DEF];

/// Declares an optimizer: its own arguments between the learning rate and those that all share.
macro_rules! optimizer {
    (
        $(#[doc = $doc:literal])*
        $name:ident [$($id:literal),*] default $default:literal, learning_rate = $rate:literal {
            $($(#[doc = $fdoc:literal])* $field:ident: $ty:ty = $value:expr),* $(,)?
        }
        slots |$this:ident| $slots:expr;
        shared |$st:ident, $step:ident| $shared:expr;
        update |$ut:ident, $w:ident, $g:ident, $s:ident, $ustep:ident| $update:expr;
    ) => {
        $crate::class! {
            $(#[doc = $doc])*
            pub struct $name: dyn Optimize in "keras.optimizers" [$($id),*] keeping ["is_legacy_optimizer", "jit_compile"] () {
                /// The learning rate.
                learning_rate: f64 = $rate,
                $($(#[doc = $fdoc])* $field: $ty = $value,)*
                /// Takes this share of each weight away per unit of learning rate.
                weight_decay: Option<f64> = None,
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
                /// Its name.
                name: String = $default.to_string(),
                /// What the loss was multiplied by.
                loss_scale_factor: Option<f64> = None,
                /// How many gradients make one step.
                gradient_accumulation_steps: Option<i64> = None,
            }
        }

        impl Optimize for $name {
            fn base(&self) -> $crate::optimizers::Base {
                $crate::optimizers::Base {
                    learning_rate: self.learning_rate,
                    weight_decay: self.weight_decay,
                    clipnorm: self.clipnorm,
                    clipvalue: self.clipvalue,
                    global_clipnorm: self.global_clipnorm,
                    use_ema: self.use_ema,
                    ema_momentum: self.ema_momentum,
                    ema_overwrite_frequency: self.ema_overwrite_frequency,
                    loss_scale_factor: self.loss_scale_factor,
                    gradient_accumulation_steps: self.gradient_accumulation_steps,
                }
            }

            fn slots(&self) -> Vec<&'static str> {
                let $this = self;
                $slots
            }

            fn shared(&self, $step: &Step) -> Vec<Tensor> {
                let $st = self;
                let _ = ($st, $step);
                $shared
            }

            fn update(&self, $w: &Tensor, $g: &Tensor, $s: &[Tensor], $ustep: &Step) -> (Tensor, Vec<Tensor>) {
                let $ut = self;
                $update
            }
        }
    };
}
use optimizer;
