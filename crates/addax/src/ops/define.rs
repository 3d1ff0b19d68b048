//! How an op is declared: one row gives the class that stands in models, the function of tensors and the table line.

use crate::arguments::{Argument, Arguments};
use crate::class::{Arg, Config, Def};
use crate::layers::{Layer, LayerRef};
use crate::models::Symbolic;
use addax_core::{Error, Result, Tensor};
use serde_json::Value as Json;

/// An op as data.
pub struct OpDef {
    /// Its class: name, module, constructor arguments, reading from a config.
    pub class: Def<dyn Layer>,
    /// Names of the function in `keras.ops`, the usual one first.
    pub functions: &'static [&'static str],
    /// The arguments of its call.
    pub call: fn() -> Vec<Arg>,
    /// The argument that takes all tensors given by place from its own on (Python's `*operands`).
    pub variadic: Option<&'static str>,
    /// Whether it has several results, however many there are.
    pub several: bool,
    /// The order of the function's arguments where it is another than those of the call before the constructor's.
    pub order: &'static [&'static str],
    /// Computes it from a config and the arguments of a call.
    pub evaluate: fn(&Config, &Arguments<Tensor>) -> Result<Vec<Tensor>>,
}

impl OpDef {
    /// The arguments of the function, in Keras's order.
    pub fn parameters(&self) -> Vec<Arg> {
        let mut all: Vec<Arg> = (self.call)().into_iter().chain((self.class.args)()).collect();
        if !self.order.is_empty() {
            let place = |a: &Arg| self.order.iter().position(|o| *o == a.name).unwrap_or(usize::MAX);
            all.sort_by_key(place);
        }
        all
    }

    /// Calls the function with arguments by place and name, as Python does.
    pub fn apply(&self, arguments: Arguments<Tensor>) -> Result<Vec<Tensor>> {
        let (config, call) = self.split(arguments)?;
        (self.evaluate)(&config, &call).map_err(|e| e.at(self.functions[0]))
    }

    /// Calls the function on tensors of a model that is being written down: a node of it.
    pub fn node(&self, arguments: Arguments<Symbolic>) -> Result<Vec<Symbolic>> {
        let by_place = arguments.positional.len();
        let (config, mut call) = self.split(arguments)?;
        // What was given by place stands in the file by place.
        for arg in (self.call)().iter().take(by_place) {
            match call.named.iter().position(|(n, _)| n == arg.name) {
                Some(i) => call.positional.push(call.named.remove(i).1),
                None => break,
            }
        }
        let layer = LayerRef::shared((self.class.from_config)(&config)?, None);
        layer.on_with(call)
    }

    /// The config that the constructor takes, and what the call takes.
    fn split<T>(&self, arguments: Arguments<T>) -> Result<(Config, Arguments<T>)> {
        let constructor: Vec<&str> = (self.class.args)().iter().map(|a| a.name).collect();
        let names: Vec<&str> = self.parameters().iter().map(|a| a.name).collect();
        let mut config = Config::new();
        let mut call = Arguments { positional: Vec::new(), named: Vec::new() };
        let rest = names.iter().position(|n| self.variadic == Some(n));
        for (i, argument) in arguments.positional.into_iter().enumerate() {
            match names.get(i) {
                _ if rest.is_some_and(|r| i >= r) => call.positional.push(argument),
                Some(name) => call.named.push((name.to_string(), argument)),
                None => {
                    return Err(
                        Error::type_(self.functions[0]).expected(format_args!("{} arguments", names.len()))
                    );
                }
            }
        }
        call.named.extend(arguments.named);
        let (fields, call_named) =
            call.named.into_iter().partition(|(n, _)| constructor.contains(&n.as_str()));
        call.named = call_named;
        for (name, argument) in fields {
            let json = plain(&argument).ok_or_else(|| Error::type_(&name).expected("a plain value"))?;
            config.insert(name, json);
        }
        Ok((config, call))
    }
}

/// An argument without tensors as JSON.
pub(super) fn plain<T>(argument: &Argument<T>) -> Option<Json> {
    match argument {
        Argument::Tensor(_) => None,
        Argument::Plain(json) => Some(json.clone()),
        Argument::List(list) => list.iter().map(plain).collect::<Option<Vec<Json>>>().map(Json::Array),
        Argument::Dict(entries) => {
            let entries = entries.iter().map(|(k, a)| Some((k.clone(), plain(a)?)));
            entries.collect::<Option<Config>>().map(Json::Object)
        }
    }
}

/// What the row of an op may give: a tensor or a result of one, or the results of an op that has several.
pub trait Outcome<T> {
    /// As the function returns it.
    fn outcome(self) -> T;
}

impl Outcome<Tensor> for Tensor {
    fn outcome(self) -> Tensor {
        self
    }
}

impl Outcome<Tensor> for Result<Tensor> {
    fn outcome(self) -> Tensor {
        self.unwrap_or_else(Tensor::failed)
    }
}

impl Outcome<Result<Vec<Tensor>>> for Result<Vec<Tensor>> {
    fn outcome(self) -> Result<Vec<Tensor>> {
        self
    }
}

/// The results of an op in a list, for a node.
pub trait Outputs {
    /// All results, or why there are none.
    fn outputs(self) -> Result<Vec<Tensor>>;
    /// What is returned when an argument carries an error.
    fn failed(error: Error) -> Self;
}

impl Outputs for Tensor {
    fn outputs(self) -> Result<Vec<Tensor>> {
        Ok(vec![self.check()?.clone()])
    }
    fn failed(error: Error) -> Self {
        Tensor::failed(error)
    }
}

impl Outputs for Result<Vec<Tensor>> {
    fn outputs(self) -> Result<Vec<Tensor>> {
        let all = self?;
        all.iter().try_for_each(|t| t.check().map(|_| ()))?;
        Ok(all)
    }
    fn failed(error: Error) -> Self {
        Err(error)
    }
}

/// Refuses arguments that no parameter has.
pub fn refuse_others(
    arguments: &Arguments<Tensor>,
    signature: &[&str],
    variadic: bool,
    named: bool,
) -> Result<()> {
    if arguments.positional.len() > signature.len() && !variadic {
        return Err(Error::type_("call")
            .expected(format_args!("at most {} arguments", signature.len()))
            .got(arguments.positional.len()));
    }
    match arguments.named.iter().find(|(n, _)| !named && !signature.contains(&n.as_str())) {
        Some((name, _)) => Err(Error::unknown("argument", name, signature.iter().copied())),
        None => Ok(()),
    }
}

/// Declares ops, a row each:
///
/// ```text
/// ops! {
///     table TABLE in "keras.src.ops.numpy";
///
///     /// What it computes.
///     Name function | other_name (arguments of the call; those that the function leaves at their default: type = default)
///         [required: type; constructor arguments that the function takes: type = default] { others: type = default }
///         as [order, of, arguments] -> type of several results = body;
/// }
/// ```
///
/// From a row come the class (`Name::new()`, setters, config, [`OpDef`]), `Name::apply` on tensors, the function and
/// its other names. The body sees all arguments by name and gives a tensor, or a result.
#[macro_export]
macro_rules! ops {
    (
        table $table:ident in $module:literal;
        $(
            $(#[doc = $doc:literal])*
            $name:ident $function:ident $(| $alias:ident)* (
                $($arg:ident: $aty:ty $(= $adefault:expr)?),* $(; $($more:ident: $mty:ty = $mdefault:expr),*)?
            )
            $([$($required:ident: $rty:ty),* $(; $($field:ident: $fty:ty = $fdefault:expr),*)?])?
            $({$($other:ident: $oty:ty = $odefault:expr),*})?
            $(as [$($order:ident),*])?
            $(-> $ret:ty)? = $body:expr;
        )*
    ) => {
        #[allow(unused_imports)]
        use $crate::layers::Layer;

        /// The ops of this file.
        pub(super) const $table: &[$crate::ops::OpDef] = &[$($name::OP),*];

        $(
            $crate::class! {
                $(#[doc = $doc])*
                pub struct $name: dyn Layer in $module [] keeping ["name"] (
                    $($(#[doc = $crate::meaning!($required)] $required: $rty,)*)?
                ) {
                    $($($(#[doc = $crate::meaning!($field)] $field: $fty = $fdefault,)*)?)?
                    $($(#[doc = $crate::meaning!($other)] $other: $oty = $odefault,)*)?
                }
            }

            impl $name {
                /// The op as data.
                pub const OP: $crate::ops::OpDef = $crate::ops::OpDef {
                    class: $name::DEF,
                    functions: &[stringify!($function) $(, stringify!($alias))*],
                    call: $name::parameters,
                    variadic: $name::VARIADIC,
                    several: $crate::has_several!($($ret)?),
                    order: &[$($(stringify!($order)),*)?],
                    evaluate: |config, arguments| $name::from_config(config)?.evaluate(arguments),
                };

                const SIGNATURE: &[&str] = &[$(stringify!($arg),)* $($(stringify!($more),)*)?];

                const NAMED: bool = false $(|| <$aty as $crate::ops::CallArgument>::NAMED)*;

                const VARIADIC: Option<&str> = {
                    #[allow(unused_mut)]
                    let mut found = None;
                    $(if <$aty as $crate::ops::CallArgument>::VARIADIC { found = Some(stringify!($arg)); })*
                    found
                };

                /// Applies it to tensors.
                #[allow(clippy::too_many_arguments, unused_variables)]
                pub fn apply(
                    &self,
                    $($arg: impl $crate::ops::Given<$aty>,)* $($($more: impl $crate::ops::Given<$mty>,)*)?
                ) -> $crate::returned!($($ret)?) {
                    #[allow(unused_imports)]
                    use $crate::ops::{Outcome, Outputs};
                    $(let $arg: $aty = $crate::ops::Given::given($arg);)*
                    $($(let $more: $mty = $crate::ops::Given::given($more);)*)?
                    $(if let Err(e) = $crate::ops::CallArgument::check(&$arg) { return Outputs::failed(e); })*
                    $($(if let Err(e) = $crate::ops::CallArgument::check(&$more) { return Outputs::failed(e); })*)?
                    $($(let $required = Clone::clone(&self.$required);)*)?
                    $($($(let $field = Clone::clone(&self.$field);)*)?)?
                    $($(let $other = Clone::clone(&self.$other);)*)?
                    ($body).outcome()
                }

                fn parameters() -> Vec<$crate::class::Arg> {
                    vec![
                        $($crate::class::Arg {
                            name: stringify!($arg),
                            default: $crate::given_default!($aty $(, $adefault)?).map(|d| $crate::ops::CallArgument::json(&d)),
                            doc: $crate::meaning!($arg),
                        },)*
                        $($($crate::class::Arg {
                            name: stringify!($more),
                            default: $crate::given_default!($mty, $mdefault).map(|d| $crate::ops::CallArgument::json(&d)),
                            doc: $crate::meaning!($more),
                        },)*)?
                    ]
                }

                fn evaluate(&self, arguments: &$crate::arguments::Arguments<addax_core::Tensor>) -> addax_core::Result<Vec<addax_core::Tensor>> {
                    #[allow(unused_imports)]
                    use $crate::ops::{CallArgument, Outputs};
                    $crate::ops::refuse_others(arguments, Self::SIGNATURE, Self::VARIADIC.is_some(), Self::NAMED)?;
                    $(let $arg: $aty = CallArgument::take(arguments, Self::SIGNATURE, stringify!($arg), $crate::given_default!($aty $(, $adefault)?))?;)*
                    $($(let $more: $mty = CallArgument::take(arguments, Self::SIGNATURE, stringify!($more), $crate::given_default!($mty, $mdefault))?;)*)?
                    self.apply($($arg,)* $($($more,)*)?).outputs()
                }
            }

            $(#[doc = $doc])*
            #[allow(clippy::too_many_arguments)]
            pub fn $function(
                $($arg: impl $crate::ops::Given<$aty>,)*
                $($($required: impl $crate::ops::Given<$rty>,)* $($($field: impl $crate::ops::Given<$fty>,)*)?)?
            ) -> $crate::returned!($($ret)?) {
                let op = $name {
                    $($($required: $crate::ops::Given::given($required),)* $($($field: $crate::ops::Given::given($field),)*)?)?
                    $($($other: $odefault,)*)?
                };
                op.apply($($arg,)* $($({ let default: $mty = $mdefault; default },)*)?)
            }

            $(
                #[doc = concat!("Another name of [`", stringify!($function), "`].")]
                pub use $function as $alias;
            )*

            impl Layer for $name {
                fn call_many(&self, cx: &mut $crate::scope::Scope, _: &[addax_core::Tensor]) -> Vec<addax_core::Tensor> {
                    let arguments = cx.arguments().map(|a| a.map(&mut |t| t.tensor.clone()));
                    let arguments = arguments.unwrap_or_else(|| $crate::arguments::Arguments::each(Vec::new()));
                    self.evaluate(&arguments).unwrap_or_else(|e| vec![addax_core::Tensor::failed(e)])
                }

                fn signature(&self) -> &'static [&'static str] {
                    Self::SIGNATURE
                }

                fn is_layer(&self) -> bool {
                    false
                }
            }

            impl From<$name> for $crate::layers::LayerRef {
                fn from(op: $name) -> Self { $crate::layers::LayerRef::new(op) }
            }
        )*
    };
}

/// The type that the function of an op returns: a tensor, unless the row says more.
#[macro_export]
#[doc(hidden)]
macro_rules! returned {
    () => {
        addax_core::Tensor
    };
    ($ret:ty) => {
        $ret
    };
}

/// Whether the row of an op says a type of several results.
#[macro_export]
#[doc(hidden)]
macro_rules! has_several {
    () => {
        false
    };
    ($ret:ty) => {
        true
    };
}

/// The default of an argument, if it has one.
#[macro_export]
#[doc(hidden)]
macro_rules! given_default {
    ($ty:ty) => {
        None::<$ty>
    };
    ($ty:ty, $default:expr) => {
        Some::<$ty>($default)
    };
}

/// What an argument of an op means, by its name in Keras.
#[macro_export]
#[doc(hidden)]
macro_rules! meaning {
    (x) => {
        "A tensor."
    };
    (x1) => {
        "The first tensor or number."
    };
    (x2) => {
        "The second tensor or number."
    };
    (axis) => {
        "Along which axis or axes; negative ones count from the end."
    };
    (axes) => {
        "Which axes; negative ones count from the end."
    };
    (keepdims) => {
        "Whether reduced axes stay, with length 1."
    };
    (dtype) => {
        "The element type of the result; the usual one where it is left out."
    };
    (data_format) => {
        "`channels_last` or `channels_first`."
    };
    (strides) => {
        "How far the window moves along each axis."
    };
    (padding) => {
        "`valid` or `same`."
    };
    ($other:ident) => {
        concat!("Keras's `", stringify!($other), "`.")
    };
}
