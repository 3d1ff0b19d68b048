//! The seed of the process: first values of weights, shuffles and dropout all come from it.

use addax_core::rng::Rng;
use std::cell::RefCell;
use std::sync::{Mutex, PoisonError};

#[derive(Clone, Copy)]
struct Seed {
    seed: u64,
    streams: u64,
}

static SEED: Mutex<Option<Seed>> = Mutex::new(None);

thread_local! {
    /// The seed of what runs under [`with_seed`] on this thread.
    static OWN: RefCell<Option<Seed>> = const { RefCell::new(None) };
}

/// Runs `f` with a seed of its own: nothing it draws depends on, or changes, what the process or another thread draws.
///
/// ```
/// use addax::prelude::*;
/// use addax::random::with_seed;
/// let first = || Model::sequential(Sequential::new().add(Dense::new(2usize).input_shape([3])))?.get_weights();
/// assert_eq!(with_seed(7, first)?, with_seed(7, first)?);
/// # Ok::<(), addax::Error>(())
/// ```
pub fn with_seed<T>(seed: u64, f: impl FnOnce() -> T) -> T {
    /// Puts the seed back that was there before, also after a panic.
    struct Restore(Option<Seed>);
    impl Drop for Restore {
        fn drop(&mut self) {
            OWN.set(self.0.take());
        }
    }
    let _restore = Restore(OWN.replace(Some(Seed { seed, streams: 0 })));
    f()
}

/// Sets the seed of the process; the same seed gives the same weights, shuffles and masks.
pub fn set_random_seed(seed: u64) {
    *SEED.lock().unwrap_or_else(PoisonError::into_inner) = Some(Seed { seed, streams: 0 });
}

/// The seed, drawn from the clock if none was set, and the number of a stream that nobody had before.
fn next() -> (u64, u64) {
    let own = OWN.with_borrow_mut(|own| {
        own.as_mut().map(|own| {
            own.streams += 1;
            (own.seed, own.streams)
        })
    });
    if let Some(own) = own {
        return own;
    }
    let mut state = SEED.lock().unwrap_or_else(PoisonError::into_inner);
    let state = state.get_or_insert_with(|| {
        let now = std::time::SystemTime::now().duration_since(std::time::UNIX_EPOCH);
        let nanos = now.map_or(0, |d| d.as_nanos() as u64);
        Seed { seed: nanos ^ (u64::from(std::process::id()) << 32), streams: 0 }
    });
    state.streams += 1;
    (state.seed, state.streams)
}

/// A stream of random numbers of its own.
pub(crate) fn stream() -> Rng {
    let (seed, stream) = next();
    Rng::new(seed, stream)
}

/// A seed drawn from the process's seed.
pub fn fresh_seed() -> u64 {
    stream().bits64()
}
