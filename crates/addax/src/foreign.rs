//! Objects that no table lists: instances handed over as they are, and classes written in another language.
//!
//! Whoever reads a config may lend a source for as long as it takes: it is asked about every object before the tables are.
//!
//! ```
//! use addax::class::{Config, find, from_json};
//! use addax::{foreign, losses::Loss};
//! use std::sync::Arc;
//! let mine: Arc<dyn Loss> = (find::<dyn Loss>("mse")?.from_config)(&Config::new())?;
//! let own = mine.clone();
//! let source = move |json: &serde_json::Value| {
//!     (json["class_name"] == "Mine").then(|| Ok(Box::new(own.clone()) as Box<dyn std::any::Any>))
//! };
//! let json = serde_json::json!({"class_name": "Mine", "config": {}});
//! let read = foreign::with(source, || from_json::<dyn Loss>(&json))?;
//! assert!(Arc::ptr_eq(&read, &mine));
//! # Ok::<(), addax::Error>(())
//! ```

use addax_core::{Error, Result};
use serde_json::Value as Json;
use std::any::Any;
use std::cell::RefCell;
use std::rc::Rc;

/// What a source answers: nothing, the object (an `Arc<dyn Loss>`, a `LayerRef`, …), or why it cannot be made.
pub type Found = Option<Result<Box<dyn Any>>>;

type Source = Rc<dyn Fn(&Json) -> Found>;

thread_local! {
    static SOURCES: RefCell<Vec<Source>> = const { RefCell::new(Vec::new()) };
}

/// Takes the source back, also when the reader unwinds.
struct Lent;

impl Drop for Lent {
    fn drop(&mut self) {
        SOURCES.with_borrow_mut(Vec::pop);
    }
}

/// Runs `read` with a source of foreign objects on this thread; inside another one it takes its place.
pub fn with<R>(source: impl Fn(&Json) -> Found + 'static, read: impl FnOnce() -> R) -> R {
    SOURCES.with_borrow_mut(|sources| sources.push(Rc::new(source)));
    let _lent = Lent;
    read()
}

/// The foreign object that a config means, if it means one; `what` names what is wanted in the error of another kind.
pub(crate) fn find<T: 'static>(what: &str, json: &Json) -> Option<Result<T>> {
    let source = SOURCES.with_borrow(|sources| sources.last().cloned())?;
    let wrong = |_| {
        Error::type_("argument").expected(format_args!("one of kind {what}")).got("another kind of object")
    };
    source(json).map(|found| found.and_then(|object| object.downcast::<T>().map(|o| *o).map_err(wrong)))
}
