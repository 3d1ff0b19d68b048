//! SpatialDropout: whole channels are dropped (Tompson et al. 2015).

use crate::class::{Config, Word};
use crate::layer;
use crate::layers::spatial::DataFormat;
use crate::layers::{Dropout, Layer};
use crate::scope::Scope;
use addax_core::{Result, Tensor};

macro_rules! spatial_dropout {
    ($($(#[doc = $doc:literal])* $name:ident $n:literal { $($optional:tt)* } $format:expr;)*) => {$(
        layer! {
            $(#[doc = $doc])*
            pub struct $name (
                /// The share of channels that are dropped.
                rate: f64,
            ) {
                $($optional)*
                /// A seed of its own.
                seed: Option<i64> = None,
            }
        }

        impl Layer for $name {
            fn call(&self, cx: &mut Scope, x: &Tensor) -> Tensor {
                Tensor::from_result(|| {
                    let format: fn(&$name) -> Result<DataFormat> = $format;
                    let format = format(self)?;
                    format.check(x, $n)?;
                    let mut noise = vec![None; $n + 2];
                    noise[format.space()..format.space() + $n].fill(Some(1));
                    Ok(Dropout::new(self.rate).seed(self.seed).noise_shape(noise).call(cx, x))
                })
            }

            fn supports_masking(&self) -> bool {
                true
            }

            fn written(&self, config: &mut Config) {
                // Keras's class has no such argument.
                config.shift_remove("trainable");
            }
        }
    )*};
}

spatial_dropout! {
    /// In training drops channels of sequences, at all steps at once.
    SpatialDropout1D 1 {} |_| Ok(DataFormat::ChannelsLast);
    /// In training drops channels of images, everywhere at once.
    ///
    /// ```
    /// use addax::prelude::*;
    /// let x = Input([8, 8, 4])?;
    /// assert_eq!(SpatialDropout2D::new(0.5).on(&x)?.shape().to_string(), "(None, 8, 8, 4)");
    /// # Ok::<(), addax::Error>(())
    /// ```
    SpatialDropout2D 2 {
        /// `channels_last` or `channels_first`.
        data_format: Word<DataFormat> = DataFormat::ChannelsLast.into(),
    } |layer| layer.data_format.get();
    /// In training drops channels of volumes, everywhere at once.
    SpatialDropout3D 3 {
        /// `channels_last` or `channels_first`.
        data_format: Word<DataFormat> = DataFormat::ChannelsLast.into(),
    } |layer| layer.data_format.get();
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::layers::check::check_layer;
    use addax_core::{DType, Trace, Value, evaluate};

    #[test]
    fn behave_like_layers() {
        check_layer(SpatialDropout1D::new(0.4), &[&[3, 2]]);
        check_layer(SpatialDropout2D::new(0.4), &[&[3, 2, 2]]);
        check_layer(SpatialDropout3D::new(0.4).data_format("channels_first"), &[&[2, 2, 1, 2]]);
    }

    #[test]
    fn a_channel_is_dropped_everywhere() {
        let trace = Trace::new();
        let entered = trace.enter();
        let mut scope = Scope::new(&trace, true);
        scope.set_chance(Value::from(vec![1u32, 2]).into(), Tensor::scalar(3u32));
        let x = trace.parameter("x", DType::F32, [1, 5, 64]);
        let y = SpatialDropout1D::new(0.5).call(&mut scope, &x);
        drop(entered);
        let y = evaluate(&trace.finish(&[y]).unwrap(), &[Value::full(DType::F32, &[1, 5, 64], 1.0)]).unwrap();
        let y = y[0].to_f64();
        assert!(y.chunks(64).all(|step| step == &y[..64]));
        assert!(y.contains(&0.0) && y.contains(&2.0));
    }
}
