//! Names that a process gives: the class in snake case, then `_1`, `_2`, …

use crate::class::snake_case;
use std::collections::HashMap;
use std::sync::{Mutex, PoisonError};

static COUNTERS: Mutex<Option<HashMap<String, usize>>> = Mutex::new(None);

/// A name that no object of this class had since the last [`clear_session`].
pub fn unique(class: &str) -> String {
    let base = snake_case(class);
    let mut counters = COUNTERS.lock().unwrap_or_else(PoisonError::into_inner);
    let count = counters.get_or_insert_with(HashMap::new).entry(base.clone()).or_insert(0);
    *count += 1;
    if *count == 1 { base } else { format!("{base}_{}", *count - 1) }
}

/// Begins counting names anew.
pub fn clear_session() {
    *COUNTERS.lock().unwrap_or_else(PoisonError::into_inner) = None;
}
