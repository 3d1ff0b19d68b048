//! A loss function with its arguments as an object, as Keras writes it.

use super::{LOSSES, Labels, Loss, LossHandle, Reduction};
use crate::class::{Arg, Class, Config, Def, Field, take};
use crate::fields::Name;
use addax_core::{DType, Error, Result, Tensor};
use serde_json::{Value as Json, json};
use std::sync::Arc;

/// The loss class whose formula a function of `keras.losses` is, with arguments of the function in `config`.
pub fn function(name: &str, config: &Config) -> Result<Arc<dyn Loss>> {
    let is_function = |d: &&&Def<dyn Loss>| d.identifiers.contains(&name) && name != d.name;
    let known = || LOSSES.iter().flat_map(|d| d.identifiers.iter().copied());
    let def = LOSSES.iter().find(is_function).ok_or_else(|| Error::unknown("loss", name, known()))?;
    (def.from_config)(config).map_err(|e| e.at(name))
}

/// A function of `keras.losses` as an object: `{"fn": function, arguments…}`.
#[derive(Clone, Debug)]
pub struct LossFunctionWrapper {
    name: Name,
    reduction: Reduction,
    dtype: Option<DType>,
    function: String,
    arguments: Config,
    inner: LossHandle,
}

impl LossFunctionWrapper {
    /// The class as data.
    pub const DEF: Def<dyn Loss> = Def {
        name: "LossFunctionWrapper",
        module: "keras.src.losses.losses",
        doc: "A function of keras.losses as an object.",
        identifiers: &[],
        args: || {
            let arg = |name, default, doc| Arg { name, default, doc };
            vec![
                arg("fn", None, "The function."),
                arg("reduction", Some(json!("sum_over_batch_size")), "How the losses become one number."),
                arg("name", Some(Json::Null), "Its name."),
                arg("dtype", Some(Json::Null), "The element type it computes in."),
            ]
        },
        from_config: |config| Ok(Arc::new(LossFunctionWrapper::from_config(config)?)),
    };

    fn from_config(config: &Config) -> Result<Self> {
        let function = function_name(config.get("fn"))?;
        let mut arguments = config.clone();
        ["fn", "name", "reduction", "dtype"].iter().for_each(|k| drop(arguments.shift_remove(*k)));
        let inner = LossHandle::shared(self::function(&function, &arguments)?);
        Ok(LossFunctionWrapper {
            name: take(config, "name", Some(Name::default()))?,
            reduction: take(config, "reduction", Some(Reduction::SumOverBatchSize))?,
            dtype: take(config, "dtype", Some(None))?,
            function,
            arguments,
            inner,
        })
    }
}

/// The name in a function object: `{"class_name": "function", "config": name}`, or the bare name.
pub(crate) fn function_name(json: Option<&Json>) -> Result<String> {
    let name = match json {
        Some(Json::String(name)) => Some(name.as_str()),
        Some(object) => object.get("config").and_then(Json::as_str),
        None => None,
    };
    let error = || Error::value("fn").expected("a function of Keras").got(json.unwrap_or(&Json::Null));
    name.map(str::to_string).ok_or_else(error)
}

/// A function object as Keras writes it.
pub(crate) fn function_object(name: &str) -> Json {
    json!({"module": "builtins", "class_name": "function", "config": name, "registered_name": "function"})
}

impl Class for LossFunctionWrapper {
    fn class_name(&self) -> &'static str {
        "LossFunctionWrapper"
    }

    fn module(&self) -> &'static str {
        Self::DEF.module
    }

    fn config(&self) -> Config {
        let mut config = Config::new();
        config.insert("name".into(), self.name.to_json());
        config.insert("reduction".into(), self.reduction.to_json());
        config.insert("fn".into(), function_object(&self.function));
        config.extend(self.arguments.clone());
        config
    }
}

impl Loss for LossFunctionWrapper {
    fn per_sample(&self, y_true: &Tensor, y_pred: &Tensor) -> Tensor {
        Tensor::from_result(|| Ok(self.inner.get()?.per_sample(y_true, y_pred)))
    }

    fn counted(&self, y_true: &Tensor, values: &Tensor) -> Option<Tensor> {
        self.inner.get().ok()?.counted(y_true, values)
    }

    fn reduction(&self) -> &Reduction {
        &self.reduction
    }

    fn dtype(&self) -> Option<DType> {
        self.dtype
    }

    fn labels(&self) -> Labels {
        self.inner.get().map_or(Labels::Same, |l| l.labels())
    }

    fn check(&self) -> Result<()> {
        self.inner.get()?.check()
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::class::{from_json, to_json};
    use crate::losses::{Huber, reduced};
    use addax_core::Value;

    #[test]
    fn a_function_with_arguments_is_read_and_written() {
        let json = json!({"module": "keras.src.losses.losses", "class_name": "LossFunctionWrapper", "config": {
            "name": "mine", "reduction": "sum", "fn": function_object("huber"), "delta": 0.25}, "registered_name": null});
        let loss = from_json::<dyn Loss>(&json).unwrap();
        assert_eq!(to_json(&*loss), json);
        let column = |v: Vec<f32>| Tensor::from(Value::new([2, 1], v).unwrap());
        let of = |l: &dyn Loss| reduced(l, &column(vec![0.0, 1.0]), &column(vec![1.0, 1.0]), None, None);
        let plain = of(&Huber::new().delta(0.25).reduction("sum"));
        assert_eq!(of(&*loss).to_value().unwrap(), plain.to_value().unwrap());
    }

    #[test]
    fn unknown_functions_and_arguments_are_told() {
        let e = |config: Json| {
            let json = json!({"class_name": "LossFunctionWrapper", "config": config});
            from_json::<dyn Loss>(&json).unwrap_err().to_string()
        };
        assert!(e(json!({"fn": "hubber"})).contains("unknown loss \"hubber\""));
        assert!(e(json!({"fn": "huber", "delte": 1.0})).contains("delte"));
    }
}
