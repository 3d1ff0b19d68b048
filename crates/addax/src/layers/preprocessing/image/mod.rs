//! Layers that change images: in training by chance, in inference not at all (or by their fixed part).

mod blur;
mod chance;
mod color;
mod contrast;
mod crop;
mod fixed;
mod geometry;
mod histogram;
mod mixing;
mod policy;
mod tone;
mod warp;

pub use chance::{Factor, ValueRange};
pub use geometry::FlipMode;

use crate::class::Word;
use crate::layers::DataFormat;
use crate::scope::Scope;
use addax_core::{Error, Result, Tensor};

registry! {
    crop::Resizing, crop::CenterCrop, crop::RandomCrop, geometry::RandomFlip, geometry::RandomRotation,
    geometry::RandomTranslation, geometry::RandomZoom, geometry::RandomShear, warp::RandomPerspective,
    warp::RandomElasticTransform, tone::RandomBrightness, tone::RandomContrast, tone::RandomInvert,
    tone::RandomPosterization, tone::Solarization, color::RandomColorDegeneration, color::RandomSaturation,
    color::RandomHue, color::RandomGrayscale, color::RandomColorJitter, blur::RandomGaussianBlur,
    blur::RandomSharpness, mixing::MixUp, mixing::CutMix, mixing::RandomErasing, contrast::AutoContrast,
    histogram::Equalization, histogram::ContrastLimitedAdaptiveHistogramEqualization, fixed::MaxNumBoundingBoxes,
    policy::RandAugment, policy::AugMix,
}

/// A layer that changes images in training.
trait Augmentation {
    /// Whether images leave in the policy's element type in inference too.
    const CASTS: bool;

    /// Where the channels are.
    fn format(&self) -> &Word<DataFormat>;

    /// Changes a batch `[batch, height, width, channels]` in the policy's element type.
    fn change(&self, cx: &mut Scope, x: &Tensor) -> Result<Tensor>;
}

/// Images through a layer: changed in training, else as they are.
fn augmented<A: Augmentation>(layer: &A, cx: &mut Scope, x: &Tensor) -> Result<Tensor> {
    let compute = cx.policy().compute;
    let format = layer.format().get()?;
    if !matches!(x.check()?.rank(), 3 | 4) {
        return Err(Error::value("images").expected("3 axes, or 4 with the batch").got(x.shape()));
    }
    if !cx.training() {
        return Ok(if A::CASTS { x.cast(compute) } else { x.clone() });
    }
    batched(&x.cast(compute), format, |x| Ok(layer.change(cx, x)?.cast(compute)))
}

/// Works on `[batch, height, width, channels]` and puts the result back into the layout that came.
fn batched(x: &Tensor, format: DataFormat, work: impl FnOnce(&Tensor) -> Result<Tensor>) -> Result<Tensor> {
    let single = x.rank() == 3;
    let batch = if single { x.expand_dims(0) } else { x.clone() };
    let done = format.leave(&work(&format.enter(&batch))?);
    Ok(if single { done.squeeze(0) } else { done })
}

/// Declares a layer that is an [`Augmentation`]: it gets the arguments that all of them have.
macro_rules! augmentation {
    (
        $(#[doc = $doc:literal])*
        pub struct $name:ident ($($required:tt)*) { $($optional:tt)* }
        casts $casts:literal
        change |$layer:ident, $cx:ident, $x:ident| $change:expr
    ) => {
        $crate::layer! {
            $(#[doc = $doc])*
            pub struct $name ($($required)*) {
                $($optional)*
                /// Where the channels are.
                data_format: $crate::class::Word<$crate::layers::DataFormat> = $crate::layers::DataFormat::ChannelsLast.into(),
                /// How boxes would be written.
                bounding_box_format: Option<String> = None,
            }
        }

        impl $crate::layers::preprocessing::image::Augmentation for $name {
            const CASTS: bool = $casts;

            fn format(&self) -> &$crate::class::Word<$crate::layers::DataFormat> {
                &self.data_format
            }

            fn change(&self, $cx: &mut $crate::scope::Scope, $x: &addax_core::Tensor) -> addax_core::Result<addax_core::Tensor> {
                let $layer = self;
                $change
            }
        }

        impl $crate::layers::Layer for $name {
            fn call(&self, cx: &mut $crate::scope::Scope, x: &addax_core::Tensor) -> addax_core::Tensor {
                addax_core::Tensor::from_result(|| $crate::layers::preprocessing::image::augmented(self, cx, x))
            }

            fn written(&self, config: &mut $crate::class::Config) {
                $crate::layers::preprocessing::image::without_boxes(config);
            }
        }
    };
}
use augmentation;

/// Keras writes the format of boxes only where there is one.
fn without_boxes(config: &mut crate::class::Config) {
    if config.get("bounding_box_format").is_some_and(serde_json::Value::is_null) {
        config.remove("bounding_box_format");
    }
}

/// Numbers of one range as those of another.
fn ranged(x: &Tensor, from: [f64; 2], to: [f64; 2]) -> Tensor {
    if from == to {
        return x.clone();
    }
    (x - from[0]) / (from[1] - from[0]) * (to[1] - to[0]) + to[0]
}

/// All values of a byte.
const BYTES: [f64; 2] = [0.0, 255.0];

#[cfg(test)]
mod tests {
    use crate::class::Def;
    use crate::layers::{Layer, LayerRef, RandomFlip};
    use crate::scope::Scope;
    use addax_core::{DType, Tensor, Trace, Value, evaluate};

    fn images(channels: usize) -> Value {
        let numbers: Vec<f32> = (0..2 * 6 * 5 * channels).map(|i| (i * 37 % 256) as f32).collect();
        Value::new([2, 6, 5, channels], numbers).unwrap()
    }

    /// The output of a layer for images, with or without training.
    fn run(layer: &LayerRef, training: bool, seed: u32) -> Value {
        let trace = Trace::new();
        let x = trace.parameter("x", DType::F32, [2, 6, 5, 3]);
        let entered = trace.enter();
        let mut scope = Scope::new(&trace, training);
        scope.set_chance(Value::from(vec![seed, 1]).into(), Tensor::scalar(0u32));
        let y = scope.call(layer, &[x]).unwrap_or_else(|e| panic!("{e}"));
        drop(entered);
        evaluate(&trace.finish(&y).unwrap(), &[images(3)]).unwrap().remove(0)
    }

    /// A config with whatever arguments a layer needs.
    fn made(def: &Def<dyn Layer>) -> LayerRef {
        let mut config = crate::class::Config::new();
        for arg in (def.args)().into_iter().filter(|a| a.default.is_none()) {
            let number = match arg.name {
                "height" | "width" | "max_number" => serde_json::json!(4),
                "factor" if def.name == "RandomPosterization" => serde_json::json!(3),
                _ => serde_json::json!(0.3),
            };
            config.insert(arg.name.to_string(), number);
        }
        LayerRef::from_json(&serde_json::json!({"class_name": def.name, "config": config})).unwrap()
    }

    #[test]
    fn every_layer_changes_images_in_training_and_comes_back_from_its_config() {
        for def in super::TABLE {
            let layer = made(def);
            let again = LayerRef::from_json(&layer.to_json()).unwrap();
            assert_eq!(again.to_json(), layer.to_json());
            let (still, moved) = (run(&layer, false, 7), run(&layer, true, 7));
            assert_eq!(moved, run(&again, true, 7), "{}", def.name);
            assert!(moved.to_f64().iter().all(|x| x.is_finite()), "{}", def.name);
            assert_eq!(still.rank(), 4, "{}", def.name);
        }
    }

    #[test]
    fn about_half_of_the_images_are_mirrored() {
        let layer = LayerRef::new(RandomFlip::new().mode("horizontal"));
        let original = images(3).to_f64();
        let same = |seed: u32| run(&layer, true, seed).to_f64()[..90] == original[..90];
        let count = (0..60).filter(|seed| same(*seed)).count();
        assert!((15..45).contains(&count), "{count}");
    }
}
