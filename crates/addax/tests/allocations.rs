//! The allocator belongs to the process, so these claims have a binary of their own: whatever training allocates, its
//! steps do not.

// Arrays are handed over borrowed, as a program that goes on using them does.
#![allow(clippy::needless_borrows_for_generic_args)]

use addax::core::rng::Rng;
use addax::layers::LSTM;
use addax::prelude::*;
use std::alloc::{GlobalAlloc, Layout, System};
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Mutex, PoisonError};

/// The system's allocator with a counter.
struct Counting;

static COUNT: AtomicUsize = AtomicUsize::new(0);

// SAFETY: everything is handed on to the system's allocator.
unsafe impl GlobalAlloc for Counting {
    unsafe fn alloc(&self, layout: Layout) -> *mut u8 {
        COUNT.fetch_add(1, Ordering::Relaxed);
        // SAFETY: the caller's contract.
        unsafe { System.alloc(layout) }
    }

    unsafe fn dealloc(&self, pointer: *mut u8, layout: Layout) {
        // SAFETY: the caller's contract.
        unsafe { System.dealloc(pointer, layout) }
    }

    unsafe fn realloc(&self, pointer: *mut u8, layout: Layout, size: usize) -> *mut u8 {
        COUNT.fetch_add(1, Ordering::Relaxed);
        // SAFETY: the caller's contract.
        unsafe { System.realloc(pointer, layout, size) }
    }
}

#[global_allocator]
static ALLOCATOR: Counting = Counting;

/// One test at a time counts.
static TURN: Mutex<()> = Mutex::new(());

fn values(shape: &[usize], of: impl Fn(&mut Rng) -> f32) -> Value {
    let mut rng = Rng::new(1, 0);
    Value::new(shape, (0..shape.iter().product()).map(|_| of(&mut rng)).collect::<Vec<f32>>()).unwrap()
}

/// Allocations of an epoch over the data as it is and over the data twice: the same number, for twice the steps.
fn steps_do_not_allocate(model: &mut Model, x: &Value, y: &Value, batch: usize) {
    let _turn = TURN.lock().unwrap_or_else(PoisonError::into_inner);
    let twice = |v: &Value| {
        let data: Vec<f32> = [v.to_f64(), v.to_f64()].concat().iter().map(|x| *x as f32).collect();
        Value::new([&[2 * v.rows()], &v.shape()[1..]].concat(), data).unwrap()
    };
    let (x2, y2) = (twice(x), twice(y));
    let count = |model: &mut Model, x: &Value, y: &Value, epochs: usize| {
        model.fit(x, y, Fit::new().epochs(1).batch_size(batch).verbose(0)).unwrap();
        let before = COUNT.load(Ordering::Relaxed);
        model.fit(x, y, Fit::new().epochs(epochs).batch_size(batch).verbose(0)).unwrap();
        COUNT.load(Ordering::Relaxed) - before
    };
    for epochs in [1, 3] {
        let (once, twice) = (count(model, x, y, epochs), count(model, &x2, &y2, epochs));
        assert_eq!(once, twice, "allocations of {epochs} epochs grow with their steps: {:?}", plain(model));
    }
}

/// The steps of its plans that run by their plain evaluation, which allocates.
fn plain(model: &Model) -> Vec<String> {
    let reports = model.session().map(|s| s.reports()).unwrap_or_default();
    let names = reports.into_iter().flat_map(|(_, r)| r.steps).map(|s| s.name);
    names.filter(|n| n.ends_with("(plain)")).collect()
}

#[test]
fn steps_of_the_lesson_s_model_allocate_nothing() {
    let layers = Sequential::new()
        .add(Dense::new(64usize).activation("relu").input_shape([10]))
        .add(Dropout::new(0.2))
        .add(Dense::new(64usize).activation("relu"))
        .add(Dense::new(1usize));
    let mut model = Model::sequential(layers).unwrap();
    model.compile(Compile::new("adam").loss("mse").metrics(["mae"])).unwrap();
    let x = values(&[128, 10], |r| r.uniform() as f32);
    steps_do_not_allocate(&mut model, &x, &values(&[128, 1], |r| r.uniform() as f32), 32);
}

#[test]
fn steps_of_a_convolutional_network_allocate_nothing() {
    let layers = Sequential::new()
        .add(Conv2D::new(4usize, 3usize).activation("relu").input_shape([10, 10, 1]))
        .add(BatchNormalization::new())
        .add(MaxPooling2D::new())
        .add(Conv2D::new(6usize, 3usize).activation("relu"))
        .add(GlobalAveragePooling2D::new())
        .add(Dropout::new(0.5))
        .add(Dense::new(10usize).activation("softmax"));
    let mut model = Model::sequential(layers).unwrap();
    model
        .compile(Compile::new("adam").loss("sparse_categorical_crossentropy").metrics(["accuracy"]))
        .unwrap();
    let x = values(&[32, 10, 10, 1], |r| r.uniform() as f32);
    steps_do_not_allocate(&mut model, &x, &values(&[32], |r| r.below(10) as f32), 8);
}

#[test]
fn steps_of_a_recurrent_network_allocate_nothing() {
    let layers = Sequential::new()
        .add(Embedding::new(50usize, 8usize).input_shape([6]))
        .add(LSTM::new(8usize))
        .add(Dense::new(1usize).activation("sigmoid"));
    let mut model = Model::sequential(layers).unwrap();
    model.compile(Compile::new("adam").loss("binary_crossentropy").metrics(["accuracy"])).unwrap();
    let x = values(&[32, 6], |r| r.below(50) as f32);
    steps_do_not_allocate(&mut model, &x, &values(&[32, 1], |r| r.below(2) as f32), 8);
}
