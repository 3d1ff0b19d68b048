//! The bounds on what a file may claim. Everything else is bounded by the file's own length (see `bytes::Budget`).

/// Groups inside groups.
pub(crate) const DEPTH: usize = 256;

/// Bytes of an object's whole path.
pub(crate) const PATH: usize = 4096;

/// Messages in one object header; the first version of headers cannot count further.
pub(crate) const MESSAGES: usize = 65_535;

/// Axes of a dataset: the format's own bound.
pub(crate) const RANK: usize = 32;

/// Sizes above which a dataset may be at most so many times as large as its stored bytes: deflate ends at 1032, and
/// Keras draws the second line.
pub(crate) const PROPORTION: [(u64, u64); 2] = [(16 << 20, 1032), (4 << 30, 1000)];

/// Texts that one array may hold.
pub(crate) const TEXTS: usize = 1 << 22;
