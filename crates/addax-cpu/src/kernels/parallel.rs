//! What a kernel needs of threads: fork and join.

/// A team that runs numbered tasks. Results must not depend on which thread takes which task.
pub trait Parallel: Sync {
    /// How many threads work together, the caller included.
    fn threads(&self) -> usize;
    /// Runs `f(0)`, …, `f(tasks - 1)`, in any order, and returns when all are done.
    fn run(&self, tasks: usize, f: &(dyn Fn(usize) + Sync));
}

/// The caller alone.
pub struct Serial;

impl Parallel for Serial {
    fn threads(&self) -> usize {
        1
    }

    fn run(&self, tasks: usize, f: &(dyn Fn(usize) + Sync)) {
        (0..tasks).for_each(f);
    }
}
