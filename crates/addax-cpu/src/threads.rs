//! A small team of threads for fork and join. Workers spin for a moment after their work, then sleep.
//!
//! A fork publishes one number: its generation and the next unclaimed task. A worker claims a task by exchanging that
//! number, so it can never run a task of a fork that has ended; the caller works too and waits only for claimed tasks.

use crate::kernels::parallel::Parallel;
use std::cell::UnsafeCell;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::sync::atomic::{AtomicBool, AtomicU64, AtomicUsize, Ordering};
use std::sync::{Arc, Condvar, Mutex, OnceLock, PoisonError};
use std::thread::JoinHandle;

type Work = dyn Fn(usize) + Sync;

/// How often a worker looks for work before it sleeps: some tens of microseconds.
const SPINS: usize = 4_000;

/// A team of threads, the caller among them.
pub struct Pool {
    shared: Arc<Shared>,
    workers: Vec<JoinHandle<()>>,
}

struct Shared {
    /// Generation in the upper half, next task in the lower.
    ticket: AtomicU64,
    tasks: AtomicUsize,
    done: AtomicUsize,
    work: UnsafeCell<Option<*const Work>>,
    failed: AtomicBool,
    busy: AtomicBool,
    closing: AtomicBool,
    sleepers: AtomicUsize,
    gate: Mutex<()>,
    bell: Condvar,
}

// SAFETY: `work` is written only by the one caller that holds `busy`, before the ticket is published, and read only
// after a task of that ticket was claimed, while the caller waits.
unsafe impl Sync for Shared {}
// SAFETY: as above.
unsafe impl Send for Shared {}

impl Pool {
    /// A team of `threads` threads, at least the caller.
    pub fn new(threads: usize) -> Pool {
        let shared = Arc::new(Shared {
            ticket: AtomicU64::new(0),
            tasks: AtomicUsize::new(0),
            done: AtomicUsize::new(0),
            work: UnsafeCell::new(None),
            failed: AtomicBool::new(false),
            busy: AtomicBool::new(false),
            closing: AtomicBool::new(false),
            sleepers: AtomicUsize::new(0),
            gate: Mutex::new(()),
            bell: Condvar::new(),
        });
        let start = |_| {
            let shared = shared.clone();
            // A thread that the system refuses only makes the team smaller.
            std::thread::Builder::new().name("addax".into()).spawn(move || shared.serve()).ok()
        };
        let workers = (1..threads).filter_map(start).collect();
        Pool { shared, workers }
    }

    /// The process's team: as many threads as [`Pool::ask`] said, else `ADDAX_THREADS`, else as there are processors.
    pub fn global() -> &'static Pool {
        POOL.get_or_init(|| {
            let asked = std::env::var("ADDAX_THREADS").ok().and_then(|n| n.parse::<usize>().ok());
            let asked = Some(ASKED.load(Ordering::Relaxed)).filter(|n| *n > 0).or(asked);
            let all = || std::thread::available_parallelism().map_or(1, usize::from);
            Pool::new(asked.unwrap_or_else(all).clamp(1, 256))
        })
    }

    /// Asks for a number of threads before the process's team is made; false if it is there already.
    pub fn ask(threads: usize) -> bool {
        ASKED.store(threads, Ordering::Relaxed);
        POOL.get().is_none()
    }
}

static POOL: OnceLock<Pool> = OnceLock::new();
static ASKED: AtomicUsize = AtomicUsize::new(0);

impl Shared {
    /// Claims tasks of the ticket at hand until there are none; whether there was one.
    fn take_part(&self) -> bool {
        let mut any = false;
        loop {
            let ticket = self.ticket.load(Ordering::Acquire);
            let task = (ticket & 0xffff_ffff) as usize;
            if task >= self.tasks.load(Ordering::Acquire) {
                return any;
            }
            if self
                .ticket
                .compare_exchange_weak(ticket, ticket + 1, Ordering::AcqRel, Ordering::Relaxed)
                .is_err()
            {
                continue;
            }
            any = true;
            // SAFETY: the task was claimed, so the caller of this generation waits and its work is alive.
            let work = unsafe { (*self.work.get()).map(|w| &*w) };
            let run = AssertUnwindSafe(|| work.iter().for_each(|w| w(task)));
            if catch_unwind(run).is_err() {
                self.failed.store(true, Ordering::Release);
            }
            self.done.fetch_add(1, Ordering::Release);
        }
    }

    fn serve(&self) {
        let mut idle = 0;
        while !self.closing.load(Ordering::Acquire) {
            if self.take_part() {
                idle = 0;
            } else if idle < SPINS {
                idle += 1;
                std::hint::spin_loop();
            } else {
                self.sleep();
                idle = 0;
            }
        }
    }

    fn sleep(&self) {
        let gate = self.gate.lock().unwrap_or_else(PoisonError::into_inner);
        self.sleepers.fetch_add(1, Ordering::SeqCst);
        let ticket = self.ticket.load(Ordering::SeqCst);
        let waiting = (ticket & 0xffff_ffff) as usize >= self.tasks.load(Ordering::SeqCst);
        if waiting && !self.closing.load(Ordering::SeqCst) {
            drop(self.bell.wait(gate).unwrap_or_else(PoisonError::into_inner));
        }
        self.sleepers.fetch_sub(1, Ordering::SeqCst);
    }

    fn wake(&self) {
        if self.sleepers.load(Ordering::SeqCst) > 0 {
            drop(self.gate.lock().unwrap_or_else(PoisonError::into_inner));
            self.bell.notify_all();
        }
    }
}

impl Parallel for Pool {
    fn threads(&self) -> usize {
        self.workers.len() + 1
    }

    /// A fork inside a fork, or while another thread forks, runs on the caller alone.
    fn run(&self, tasks: usize, f: &(dyn Fn(usize) + Sync)) {
        let s = &*self.shared;
        let alone = tasks < 2 || self.workers.is_empty() || tasks > u32::MAX as usize;
        if alone || s.busy.swap(true, Ordering::AcqRel) {
            (0..tasks).for_each(f);
            return;
        }
        // Nobody can claim while the count is 0, so the rest may be written in peace.
        s.tasks.store(0, Ordering::SeqCst);
        s.done.store(0, Ordering::Relaxed);
        // SAFETY: only the lifetime is forgotten; this call returns after every claimed task has ended.
        let work = unsafe { std::mem::transmute::<*const (dyn Fn(usize) + Sync + '_), *const Work>(f) };
        // SAFETY: `busy` is ours, and no task of an older generation is left to be claimed.
        unsafe { *s.work.get() = Some(work) };
        let generation = (s.ticket.load(Ordering::Relaxed) >> 32) + 1;
        s.ticket.store(generation << 32, Ordering::SeqCst);
        s.tasks.store(tasks, Ordering::SeqCst);
        s.wake();
        s.take_part();
        let mut spins = 0;
        while s.done.load(Ordering::Acquire) < tasks {
            spins += 1;
            if spins > SPINS { std::thread::yield_now() } else { std::hint::spin_loop() }
        }
        let failed = s.failed.swap(false, Ordering::AcqRel);
        s.busy.store(false, Ordering::Release);
        assert!(!failed, "a task of a fork panicked");
    }
}

impl Drop for Pool {
    fn drop(&mut self) {
        self.shared.closing.store(true, Ordering::SeqCst);
        drop(self.shared.gate.lock().unwrap_or_else(PoisonError::into_inner));
        self.shared.bell.notify_all();
        for worker in self.workers.drain(..) {
            // A worker catches what its tasks throw; there is nothing to learn from it here.
            let _ = worker.join();
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_task_runs_once() {
        for threads in [1, 2, 4] {
            let pool = Pool::new(threads);
            for round in 0..2_000 {
                let tasks = round % 7;
                let counts: Vec<AtomicUsize> = (0..tasks).map(|_| AtomicUsize::new(0)).collect();
                pool.run(tasks, &|i| assert_eq!(counts[i].fetch_add(1, Ordering::Relaxed), 0));
                assert!(counts.iter().all(|c| c.load(Ordering::Relaxed) == 1));
            }
        }
    }

    #[test]
    fn sleeping_workers_wake_and_forks_nest() {
        let pool = Pool::new(3);
        for _ in 0..3 {
            std::thread::sleep(std::time::Duration::from_millis(5));
            let sum = AtomicUsize::new(0);
            let add = |j: usize| assert!(sum.fetch_add(j, Ordering::Relaxed) < 12);
            pool.run(4, &|_| pool.run(3, &add));
            assert_eq!(sum.load(Ordering::Relaxed), 12);
        }
    }

    #[test]
    fn a_panic_reaches_the_caller() {
        let pool = Pool::new(2);
        let caught = catch_unwind(AssertUnwindSafe(|| pool.run(4, &|i| assert!(i != 2))));
        assert!(caught.is_err());
        pool.run(4, &|_| ());
    }
}
