//! Ops that stand as nodes of functional models (`keras.ops`): one item each, listed in a table as layers are.

mod arithmetic;

pub use arithmetic::{Add, Divide, Multiply, Subtract};

use crate::class::Def;
use crate::layers::Layer;

/// All ops.
pub const OPS: &[&Def<dyn Layer>] = &[&Add::DEF, &Subtract::DEF, &Multiply::DEF, &Divide::DEF];

/// Declares an op: its constructor's arguments as fields, the names of its call's arguments, and how it is computed.
///
/// ```text
/// op! {
///     /// What it computes.
///     pub struct Name in "keras.src.ops.numpy" (required: type) { optional: type = default }
///     call ["x1", "x2"] = |this, cx| expression giving Result<Tensor>;
/// }
/// ```
#[macro_export]
macro_rules! op {
    (
        $(#[doc = $doc:literal])*
        pub struct $name:ident in $module:literal ($($required:tt)*) { $($optional:tt)* }
        call [$($argument:literal),*] = |$this:ident, $cx:ident| $body:expr;
    ) => {
        $crate::class! {
            $(#[doc = $doc])*
            pub struct $name: dyn Layer in $module [] keeping ["name", "dtype"] ($($required)*) { $($optional)* }
        }

        impl $crate::layers::Layer for $name {
            fn call_many(&self, $cx: &mut $crate::scope::Scope, _: &[addax_core::Tensor]) -> Vec<addax_core::Tensor> {
                let $this = self;
                let _ = $this;
                vec![addax_core::Tensor::from_result(|| $body)]
            }

            fn signature(&self) -> &'static [&'static str] {
                &[$($argument),*]
            }

            fn is_layer(&self) -> bool {
                false
            }
        }

        impl From<$name> for $crate::layers::LayerRef {
            fn from(op: $name) -> Self { $crate::layers::LayerRef::new(op) }
        }
    };
}
