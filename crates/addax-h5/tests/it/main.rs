//! The reader against files of h5py, the writer against the reader and h5py, both against damage.

mod damage;
mod exhaust;
mod fixtures;
mod peer;
mod round_trip;
mod samples;
