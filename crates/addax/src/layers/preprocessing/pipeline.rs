//! Pipeline: layers one after another, as one layer.

use crate::arguments::Arguments;
use crate::class::{Config, snake_case};
use crate::layer;
use crate::layers::{Layer, LayerRef};
use crate::scope::{Scope, Traced};
use addax_core::{Result, Tensor};
use std::collections::HashMap;

layer! {
    /// Applies layers one after another.
    pub struct Pipeline (
        /// The layers.
        layers: Vec<LayerRef>,
    ) {}
}

impl Pipeline {
    fn run(&self, cx: &mut Scope, x: &Tensor) -> Result<Tensor> {
        let mut counts: HashMap<String, usize> = HashMap::new();
        let mut traced = Traced { tensor: x.clone(), mask: cx.mask(0) };
        for layer in &self.layers {
            let class = snake_case(layer.layer().class_name());
            let count = counts.entry(class.clone()).or_insert(0);
            let name = if *count == 0 { class } else { format!("{class}_{count}") };
            *count += 1;
            let inside = cx.child(&format!("_pipeline_layers/{name}"), || layer.clone())?;
            let outputs = cx.call_with(&inside, Arguments::of(vec![traced.clone()]))?;
            traced = outputs.into_iter().next().unwrap_or(traced);
        }
        cx.set_mask(0, traced.mask);
        Ok(traced.tensor)
    }
}

impl Layer for Pipeline {
    fn call(&self, cx: &mut Scope, x: &Tensor) -> Tensor {
        Tensor::from_result(|| self.run(cx, x))
    }

    fn autocasts(&self) -> bool {
        false
    }

    fn written(&self, config: &mut Config) {
        // The class takes no such arguments.
        config.remove("trainable");
        config.remove("dtype");
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::layers::Rescaling;
    use crate::layers::check::run;
    use addax_core::Value;

    #[test]
    fn layers_follow_each_other() {
        let layers: Vec<LayerRef> = vec![Rescaling::new(2.0).into(), Rescaling::new(1.0).offset(3.0).into()];
        let pipeline = LayerRef::new(Pipeline::new(layers));
        let again = LayerRef::from_json(&pipeline.to_json()).unwrap();
        let x = || Tensor::from(Value::new([1, 2], vec![1f32, -1.0]).unwrap());
        assert_eq!(run(pipeline, &[x()]).to_f64(), [5.0, 1.0]);
        assert_eq!(run(again, &[x()]).to_f64(), [5.0, 1.0]);
    }
}
