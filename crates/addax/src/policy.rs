//! Dtype policies (`keras.DTypePolicy`): in which element type a layer computes and keeps its weights.

use addax_core::{DType, Error, Result};
use serde_json::{Value as Json, json};

/// A policy by its name: an element type for both, or `mixed_float16` and `mixed_bfloat16`, which compute in half
/// precision and keep weights in float32.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Policy {
    name: String,
    /// The element type of computation.
    pub compute: DType,
    /// The element type of weights.
    pub variable: DType,
}

impl Default for Policy {
    fn default() -> Self {
        Policy { name: "float32".to_string(), compute: DType::F32, variable: DType::F32 }
    }
}

impl Policy {
    /// A policy by name.
    ///
    /// ```
    /// use addax::{DType, policy::Policy};
    /// let policy = Policy::named("mixed_bfloat16")?;
    /// assert_eq!((policy.compute, policy.variable), (DType::BF16, DType::F32));
    /// # Ok::<(), addax::Error>(())
    /// ```
    pub fn named(name: &str) -> Result<Policy> {
        let (compute, variable) = match name {
            "mixed_float16" => (DType::F16, DType::F32),
            "mixed_bfloat16" => (DType::BF16, DType::F32),
            other => {
                let dtype = DType::parse(other).map_err(|e| e.at("dtype"))?;
                (dtype, dtype)
            }
        };
        Ok(Policy { name: name.to_string(), compute, variable })
    }

    /// Its name.
    pub fn name(&self) -> &str {
        &self.name
    }

    /// As it stands in a layer's config.
    pub fn to_json(&self) -> Json {
        json!({"module": "keras", "class_name": "DTypePolicy", "config": {"name": self.name}, "registered_name": null})
    }

    /// Reads a policy: an object, or a plain name.
    pub fn from_json(json: &Json) -> Result<Policy> {
        let name = match json {
            Json::Null => return Ok(Policy::default()),
            Json::String(name) => Some(name.as_str()),
            Json::Object(object) => {
                let class = object.get("class_name").and_then(Json::as_str).unwrap_or_default();
                if !matches!(class, "DTypePolicy" | "FloatDTypePolicy" | "Policy" | "PolicyV1") {
                    return Err(Error::unsupported(format!("dtype policy \"{class}\"")));
                }
                object.get("config").and_then(|c| c.get("name")).and_then(Json::as_str)
            }
            _ => None,
        };
        Policy::named(name.ok_or_else(|| Error::type_("dtype").expected("a policy or its name").got(json))?)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn is_read_in_every_form() {
        let mixed = Policy::named("mixed_float16").unwrap();
        assert_eq!(Policy::from_json(&mixed.to_json()).unwrap(), mixed);
        assert_eq!(Policy::from_json(&json!("float32")).unwrap(), Policy::default());
        assert_eq!(Policy::from_json(&Json::Null).unwrap(), Policy::default());
        let quantized = json!({"class_name": "QuantizedDTypePolicy", "config": {"mode": "int8"}});
        assert!(Policy::from_json(&quantized).unwrap_err().to_string().contains("QuantizedDTypePolicy"));
    }
}
