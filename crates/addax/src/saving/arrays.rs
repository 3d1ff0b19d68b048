//! Arrays between memory and HDF5 files: one copy in, none out.

use addax_core::{Data, Error, Result, Value, bf16, f16};
use addax_h5::Dtype;
use std::borrow::Cow;

// The bytes of files are little-endian.
const _: () =
    assert!(cfg!(target_endian = "little"), "files are read and written on little-endian machines only");

/// An array as a file has it; it has as many bytes as shape and element type say.
#[derive(Clone, Debug)]
pub(crate) struct Stored<'a> {
    pub shape: Vec<usize>,
    pub dtype: Dtype,
    pub bytes: Cow<'a, [u8]>,
}

macro_rules! elements {
    ($($name:ident: $t:ty),*) => {
        /// The numbers of an array, copied once.
        pub(crate) fn value(shape: &[usize], dtype: Dtype, bytes: &[u8]) -> Result<Value> {
            match dtype {
                Dtype::Bool => Value::new(shape, bytes.iter().map(|b| *b != 0).collect::<Vec<bool>>()),
                $(Dtype::$name => Value::new(shape, bytemuck::pod_collect_to_vec::<u8, $t>(bytes)),)*
                other => Err(Error::unsupported(format!("weights of element type {other}"))),
            }
        }

        /// Element type and bytes of an array.
        pub(crate) fn bytes(value: &Value) -> (Dtype, &[u8]) {
            match value.data() {
                Data::Bool(v) => (Dtype::Bool, bytemuck::cast_slice(v)),
                $(Data::$name(v) => (Dtype::$name, bytemuck::cast_slice(v)),)*
            }
        }
    };
}

elements!(U8: u8, I8: i8, U32: u32, I32: i32, I64: i64, F16: f16, BF16: bf16, F32: f32, F64: f64);
