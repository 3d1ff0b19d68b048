//! Classes as data: a struct whose fields are Keras's arguments, and the tables that list them.
//!
//! [`class!`](macro@crate::class) declares the struct once. From it come the constructor with Keras's defaults, setters, the
//! config and its reading, and a [`Def`]: name, module, arguments with defaults and docs. Tables of `Def`s serve
//! loading by class name, string identifiers, documentation and the tests that every class must pass.

use crate::foreign;
use addax_core::{DType, Error, Result};
use serde_json::{Map, Value as Json};
use std::any::Any;
use std::fmt;
use std::sync::Arc;

/// A config: Keras's keys in Keras's order.
pub type Config = Map<String, Json>;

/// One argument of a class.
#[derive(Clone, Debug)]
pub struct Arg {
    /// Its name.
    pub name: &'static str,
    /// Its default as it stands in a config; `None` if it must be given.
    pub default: Option<Json>,
    /// What it means.
    pub doc: &'static str,
}

/// A class as data.
pub struct Def<T: ?Sized + 'static> {
    /// Keras's class name.
    pub name: &'static str,
    /// Keras's module.
    pub module: &'static str,
    /// What it is.
    pub doc: &'static str,
    /// Strings that stand for it with its defaults, beside the class name.
    pub identifiers: &'static [&'static str],
    /// Its arguments in order.
    pub args: fn() -> Vec<Arg>,
    /// Builds one from a config.
    pub from_config: fn(&Config) -> Result<Arc<T>>,
}

/// What every class knows of itself.
pub trait Class: Any + Send + Sync + fmt::Debug {
    /// Keras's class name.
    fn class_name(&self) -> &'static str;
    /// Keras's module.
    fn module(&self) -> &'static str;
    /// Its arguments as a config.
    fn config(&self) -> Config;
    /// The name under which it was registered, if it is none of Keras's own: `"package>Name"`.
    fn registered_name(&self) -> Option<String> {
        None
    }
}

/// A kind of class, with the table of all there are: initializers, losses, layers, …
pub trait Kind: Class + 'static {
    /// What one is called in messages.
    const WHAT: &'static str;
    /// Whether names are found whatever the size of their letters.
    const IGNORES_CASE: bool = false;
    /// All classes of this kind.
    fn defs() -> &'static [&'static Def<Self>];
}

/// Finds the class of a name or identifier.
pub fn find<T: Kind + ?Sized>(name: &str) -> Result<&'static Def<T>> {
    let same = |known: &str| if T::IGNORES_CASE { known.eq_ignore_ascii_case(name) } else { known == name };
    let found = T::defs().iter().find(|d| same(d.name) || d.identifiers.iter().any(|i| same(i)));
    found.copied().ok_or_else(|| {
        let known = T::defs().iter().flat_map(|d| d.identifiers.iter().copied().chain([d.name]));
        Error::unknown(T::WHAT, name, known)
    })
}

/// Reads an object in Keras's form: `{"module", "class_name", "config"}`, or a bare string.
pub fn from_json<T: Kind + ?Sized>(json: &Json) -> Result<Arc<T>> {
    if let Some(foreign) = foreign::find::<Arc<T>>(T::WHAT, json) {
        return foreign;
    }
    match json {
        Json::String(name) => (find::<T>(name)?.from_config)(&Config::new()),
        Json::Object(object) => {
            let name = object.get("class_name").and_then(Json::as_str);
            let name = name.ok_or_else(|| Error::value(T::WHAT).expected("an object with class_name"))?;
            let empty = Config::new();
            match object.get("config") {
                // A function object names itself in its config.
                Some(Json::String(function)) => (find::<T>(function)?.from_config)(&empty),
                Some(Json::Object(config)) => (find::<T>(name)?.from_config)(config).map_err(|e| e.at(name)),
                _ => (find::<T>(name)?.from_config)(&empty),
            }
        }
        other => Err(Error::type_(T::WHAT).expected("a name or an object").got(other)),
    }
}

/// Writes an object in Keras's form.
pub fn to_json<T: Class + ?Sized>(object: &T) -> Json {
    serde_json::json!({
        "module": object.module(), "class_name": object.class_name(), "config": object.config(),
        "registered_name": object.registered_name()
    })
}

/// An object of some kind, given as an instance or by name; a name that is unknown is told when the object is used.
pub struct Handle<T: ?Sized>(Result<Arc<T>>);

impl<T: ?Sized> Handle<T> {
    /// The object, or why there is none.
    pub fn get(&self) -> Result<&Arc<T>> {
        self.0.as_ref().map_err(Clone::clone)
    }

    /// A handle of a shared object.
    pub fn shared(object: Arc<T>) -> Self {
        Handle(Ok(object))
    }
}

impl<T: ?Sized> Clone for Handle<T> {
    fn clone(&self) -> Self {
        Handle(self.0.clone())
    }
}

impl<T: Class + ?Sized> fmt::Debug for Handle<T> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match &self.0 {
            Ok(object) => write!(f, "{object:?}"),
            Err(e) => write!(f, "{e:?}"),
        }
    }
}

impl<T: Kind + ?Sized> From<&str> for Handle<T> {
    fn from(name: &str) -> Self {
        Handle(find::<T>(name).and_then(|def| (def.from_config)(&Config::new())))
    }
}

/// A type that an argument can have: written to a config and read from one.
pub trait Field: Sized {
    /// As it stands in a config.
    fn to_json(&self) -> Json;
    /// Read back.
    fn from_json(json: &Json) -> Result<Self>;
}

fn wrong(expected: &str, got: &Json) -> Error {
    Error::type_("argument").expected(expected).got(got)
}

macro_rules! plain_field {
    ($($t:ty: $what:literal, $to:expr, $from:expr;)*) => {$(
        impl Field for $t {
            fn to_json(&self) -> Json { ($to)(self) }
            fn from_json(json: &Json) -> Result<Self> { ($from)(json).ok_or_else(|| wrong($what, json)) }
        }
    )*};
}
plain_field! {
    bool: "true or false", |x: &bool| Json::Bool(*x), Json::as_bool;
    usize: "a whole number", |x: &usize| Json::from(*x), |j: &Json| whole(j).and_then(|x| usize::try_from(x).ok());
    i64: "an integer", |x: &i64| Json::from(*x), whole;
    isize: "an integer", |x: &isize| Json::from(*x as i64), |j: &Json| whole(j).and_then(|x| isize::try_from(x).ok());
    f64: "a number", |x: &f64| float(*x), number;
    String: "a string", |x: &String| Json::String(x.clone()), |j: &Json| j.as_str().map(str::to_string);
    DType: "a dtype", |x: &DType| Json::String(x.name().to_string()), |j: &Json| j.as_str().and_then(|s| DType::parse(s).ok());
}

/// How numbers that JSON cannot write stand in a config: as strings that no name in a file can be.
pub const NOT_FINITE: [(&str, f64); 3] =
    [("\u{0}NaN", f64::NAN), ("\u{0}Infinity", f64::INFINITY), ("\u{0}-Infinity", f64::NEG_INFINITY)];

/// A number as it stands in a config.
pub fn float(x: f64) -> Json {
    let same = |known: f64| known == x || (known.is_nan() && x.is_nan());
    let name = NOT_FINITE.iter().find(|(_, known)| same(*known)).map(|(name, _)| *name);
    name.map_or_else(|| Json::from(x), Json::from)
}

/// A number out of a config, finite or not.
pub fn number(json: &Json) -> Option<f64> {
    let named = |name: &str| NOT_FINITE.iter().find(|(known, _)| *known == name).map(|(_, x)| *x);
    json.as_f64().or_else(|| json.as_str().and_then(named))
}

/// An integer, also when written as a float without fraction.
fn whole(j: &Json) -> Option<i64> {
    j.as_i64().or_else(|| j.as_f64().filter(|x| x.fract() == 0.0 && x.abs() < 9e15).map(|x| x as i64))
}

impl<T: Field> Field for Option<T> {
    fn to_json(&self) -> Json {
        self.as_ref().map_or(Json::Null, T::to_json)
    }
    fn from_json(json: &Json) -> Result<Self> {
        if json.is_null() { Ok(None) } else { T::from_json(json).map(Some) }
    }
}

impl<T: Field> Field for Vec<T> {
    fn to_json(&self) -> Json {
        Json::Array(self.iter().map(T::to_json).collect())
    }
    fn from_json(json: &Json) -> Result<Self> {
        json.as_array().ok_or_else(|| wrong("a list", json))?.iter().map(T::from_json).collect()
    }
}

impl<T: Kind + ?Sized> Field for Handle<T> {
    fn to_json(&self) -> Json {
        self.0.as_ref().map_or(Json::Null, |object| to_json(&**object))
    }
    fn from_json(json: &Json) -> Result<Self> {
        from_json::<T>(json).map(Handle::shared)
    }
}

/// The few words that an argument can be.
pub trait Words: Copy + 'static {
    /// The argument's name in messages.
    const WHAT: &'static str;
    /// What Python's `None` stands for, if it may be given.
    const NONE: Option<Self> = None;
    /// All of them.
    fn all() -> &'static [Self];
    /// The word for it.
    fn word(self) -> &'static str;
}

/// One of a few words, given as such or as a value; a word that is unknown is told when it is used.
#[derive(Clone, Debug, PartialEq)]
pub struct Word<T>(Result<T>);

impl<T: Words> Word<T> {
    /// What the word stands for.
    pub fn get(&self) -> Result<T> {
        self.0.clone()
    }
}

impl<T: Words> From<T> for Word<T> {
    fn from(value: T) -> Self {
        Word(Ok(value))
    }
}

impl<T: Words> From<&str> for Word<T> {
    fn from(word: &str) -> Self {
        let lower = word.to_lowercase();
        let found = T::all().iter().copied().find(|v| v.word() == lower);
        Word(found.ok_or_else(|| Error::unknown(T::WHAT, word, T::all().iter().map(|v| v.word()))))
    }
}

impl<T: Words> Field for Word<T> {
    fn to_json(&self) -> Json {
        self.0.as_ref().map_or(Json::Null, |v| Json::from(v.word()))
    }

    fn from_json(json: &Json) -> Result<Self> {
        match (json, T::NONE) {
            (Json::Null, Some(none)) => Ok(none.into()),
            (Json::String(word), _) => Self::from(word.as_str()).0.map(Self::from),
            _ => Err(wrong("a word", json)),
        }
    }
}

/// Takes an argument out of a config, or its default.
pub fn take<T: Field>(config: &Config, name: &str, default: Option<T>) -> Result<T> {
    match (config.get(name), default) {
        (Some(json), _) => T::from_json(json).map_err(|e| e.at(name)),
        (None, Some(default)) => Ok(default),
        (None, None) => Err(Error::value(format!("missing argument \"{name}\""))),
    }
}

/// Refuses keys that no argument has; `also` are keys kept elsewhere (a layer's name, say).
pub fn refuse_unknown(config: &Config, args: &[Arg], also: &[&str]) -> Result<()> {
    match config.keys().find(|k| !args.iter().any(|a| a.name == *k) && !also.contains(&k.as_str())) {
        Some(key) => Err(Error::unknown("argument", key, args.iter().map(|a| a.name))),
        None => Ok(()),
    }
}

/// Snake case as Keras makes names of classes: `Conv2D` → `conv2d`, `MaxPooling2D` → `max_pooling2d`.
pub fn snake_case(class: &str) -> String {
    let letters: Vec<char> = class.chars().filter(|c| c.is_alphanumeric() || *c == '_').collect();
    let mut spaced: Vec<char> = Vec::new();
    for (i, c) in letters.iter().enumerate() {
        let word = c.is_uppercase() && letters.get(i + 1).is_some_and(|n| n.is_lowercase());
        if word && i > 0 {
            spaced.push('_');
        }
        spaced.push(*c);
    }
    let mut out = String::new();
    for (i, c) in spaced.iter().enumerate() {
        if c.is_uppercase() && i > 0 && spaced[i - 1].is_lowercase() {
            out.push('_');
        }
        out.extend(c.to_lowercase());
    }
    out
}

/// Declares a class: its struct, constructor, setters, config and [`Def`].
///
/// ```text
/// class! {
///     /// What it is.
///     pub struct Name: dyn Trait in "keras.module" ["identifier"] keeping ["name"] (
///         /// A required argument.
///         units: usize,
///     ) {
///         /// An argument with its default.
///         use_bias: bool = true,
///     }
/// }
/// ```
#[macro_export]
macro_rules! class {
    (
        $(#[doc = $doc:literal])*
        pub struct $name:ident: dyn $kind:ident in $module:literal [$($identifier:literal),*] keeping [$($also:literal),*] (
            $($(#[doc = $rdoc:expr])* $required:ident: $rty:ty),* $(,)?
        ) {
            $($(#[doc = $odoc:expr])* $optional:ident: $oty:ty = $default:expr),* $(,)?
        }
    ) => {
        $(#[doc = $doc])*
        #[derive(Clone, Debug)]
        pub struct $name {
            $($(#[doc = $rdoc])* pub $required: $rty,)*
            $($(#[doc = $odoc])* pub $optional: $oty,)*
        }

        impl $name {
            /// The class as data.
            pub const DEF: $crate::class::Def<dyn $kind> = $crate::class::Def {
                name: stringify!($name),
                module: $module,
                doc: concat!($($doc, "\n"),*),
                identifiers: &[$($identifier),*],
                args: Self::args,
                from_config: |config| Ok(std::sync::Arc::new(Self::from_config(config)?)),
            };

            /// One with Keras's defaults.
            #[allow(clippy::new_without_default)]
            pub fn new($($required: impl Into<$rty>),*) -> Self {
                $name { $($required: $required.into(),)* $($optional: $default,)* }
            }

            $(
                $(#[doc = $odoc])*
                pub fn $optional(mut self, $optional: impl Into<$oty>) -> Self {
                    self.$optional = $optional.into();
                    self
                }
            )*

            fn args() -> Vec<$crate::class::Arg> {
                vec![
                    $($crate::class::Arg { name: stringify!($required), default: None, doc: concat!($($rdoc, "\n"),*) },)*
                    $($crate::class::Arg {
                        name: stringify!($optional),
                        default: Some($crate::class::Field::to_json(&{ let default: $oty = $default; default })),
                        doc: concat!($($odoc, "\n"),*),
                    },)*
                ]
            }

            /// Reads a config; unknown keys are refused by name.
            #[allow(unused_variables)]
            pub fn from_config(config: &$crate::class::Config) -> addax_core::Result<Self> {
                $crate::class::refuse_unknown(config, &Self::args(), &[$($also),*])?;
                Ok($name {
                    $($required: $crate::class::take(config, stringify!($required), None)?,)*
                    $($optional: $crate::class::take(config, stringify!($optional), Some($default))?,)*
                })
            }
        }

        impl $crate::class::Class for $name {
            fn class_name(&self) -> &'static str { stringify!($name) }
            fn module(&self) -> &'static str { $module }
            fn config(&self) -> $crate::class::Config {
                #[allow(unused_mut)]
                let mut config = $crate::class::Config::new();
                $(config.insert(stringify!($required).to_string(), $crate::class::Field::to_json(&self.$required));)*
                $(config.insert(stringify!($optional).to_string(), $crate::class::Field::to_json(&self.$optional));)*
                config
            }
        }

        impl From<$name> for $crate::class::Handle<dyn $kind> {
            fn from(object: $name) -> Self { $crate::class::Handle::shared(std::sync::Arc::new(object)) }
        }

        impl From<$name> for Option<$crate::class::Handle<dyn $kind>> {
            fn from(object: $name) -> Self { Some(object.into()) }
        }
    };
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_are_those_that_keras_makes() {
        let cases = [
            ("Dense", "dense"),
            ("Conv2D", "conv2d"),
            ("MaxPooling2D", "max_pooling2d"),
            ("PReLU", "p_re_lu"),
            ("ReLU", "re_lu"),
            ("LSTM", "lstm"),
            ("ConvLSTM2D", "conv_lstm2d"),
            ("MultiHeadAttention", "multi_head_attention"),
            ("LeakyReLU", "leaky_re_lu"),
            ("RMSprop", "rm_sprop"),
            ("AdamW", "adam_w"),
            ("AUC", "auc"),
            ("ELU", "elu"),
        ];
        for (class, name) in cases {
            assert_eq!(snake_case(class), name);
        }
    }
}
