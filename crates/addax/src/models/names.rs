//! Names that a process gives: the class in snake case, then `_1`, `_2`, …

use crate::class::snake_case;
use std::cell::RefCell;
use std::collections::HashMap;
use std::sync::{Mutex, PoisonError};

type Counters = HashMap<String, usize>;

static COUNTERS: Mutex<Option<Counters>> = Mutex::new(None);

thread_local! {
    /// The counters of what runs under [`with_names`] on this thread.
    static OWN: RefCell<Option<Counters>> = const { RefCell::new(None) };
}

/// Runs `f` with names of its own, counted from the beginning; those of the process go on afterwards where they were.
pub fn with_names<T>(f: impl FnOnce() -> T) -> T {
    /// Puts the counters back that were there before, also after a panic.
    struct Restore(Option<Counters>);
    impl Drop for Restore {
        fn drop(&mut self) {
            OWN.set(self.0.take());
        }
    }
    let _restore = Restore(OWN.replace(Some(Counters::new())));
    f()
}

fn count(counters: &mut Counters, base: String) -> String {
    let count = counters.entry(base.clone()).or_insert(0);
    *count += 1;
    if *count == 1 { base } else { format!("{base}_{}", *count - 1) }
}

/// A name that no object of this class had since the last [`clear_session`].
pub fn unique(class: &str) -> String {
    let base = snake_case(class);
    OWN.with_borrow_mut(|own| match own {
        Some(own) => count(own, base),
        None => {
            let mut counters = COUNTERS.lock().unwrap_or_else(PoisonError::into_inner);
            count(counters.get_or_insert_with(Counters::new), base)
        }
    })
}

/// Begins counting names anew.
pub fn clear_session() {
    *COUNTERS.lock().unwrap_or_else(PoisonError::into_inner) = None;
}
