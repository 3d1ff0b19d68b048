//! The subset of HDF5 that Keras files need, read and written without `unsafe` and without C.
//!
//! The reader works on bytes that the caller has read or mapped and hands contiguous datasets out as slices of them.
//! A file is hostile until read: every declared size, offset and count is checked against the bytes that are there
//! before anything is allocated, structures that overlap run out of a budget the size of the file, nothing recurses on
//! the input's depth, and nothing outside the bytes is ever opened. The writer lays a tree out in two passes, offsets
//! first, and then streams borrowed data.
//!
//! Why not one of the HDF5 libraries: the C library opens other files, runs plug-ins and has a long history of memory
//! errors on damaged input; the pure Rust ones copy what can be borrowed and do not bound what a file may claim. What
//! Keras and h5py write is small enough to be read by code that can be read.
//!
//! Read: superblocks 0 to 3; object headers 1 and 2; groups as symbol tables, link messages or fractal heaps; compact,
//! contiguous and chunked layouts with every chunk index; deflate, shuffle, fletcher32; fill values; IEEE floats,
//! bfloat16, integers, booleans and enumerations of either byte order, opaque bytes, texts of fixed and variable length.
//!
//! Refused by name: soft, external and user-defined links, external storage, virtual datasets, other filters, committed
//! types, references, compound and array types, second links to a group.
//!
//! ```
//! use addax_h5::{Dtype, File, Tree};
//! let mut tree = Tree::new();
//! tree.dataset("layers/dense/vars/0", Dtype::F32, &[2], 1.5f32.to_le_bytes().repeat(2))?;
//! tree.attribute("layers/dense/vars", "name", "dense")?;
//! let bytes = tree.to_vec()?;
//!
//! let file = File::open(&bytes)?;
//! let vars = file.group("layers/dense/vars")?;
//! assert_eq!(vars.attribute("name")?.unwrap().text()?, "dense");
//! assert_eq!(vars.dataset("0")?.read()?.floats()?, [1.5, 1.5]);
//! # Ok::<(), addax_h5::Error>(())
//! ```

#![forbid(unsafe_code)]

mod array;
mod attribute;
mod btree1;
mod btree2;
mod bytes;
mod checksum;
mod chunks;
mod dataset;
mod dtype;
mod error;
mod file;
mod filters;
mod fractal_heap;
mod global_heap;
mod header;
mod layout;
mod limits;
mod links;
mod space;
mod write;

pub use array::Array;
pub use dataset::Dataset;
pub use dtype::Dtype;
pub use error::{Error, ErrorKind, Result};
pub use file::{File, Group, Kind};
pub use write::{Tree, Value};
