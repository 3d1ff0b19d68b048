//! Work done on several threads, the results in order.

use std::sync::atomic::{AtomicUsize, Ordering};

/// The results of `work` for `0..count`, on at most so many threads; `done` hears of each as it ends.
pub(super) fn each<T: Send>(
    count: usize,
    threads: usize,
    work: impl Fn(usize) -> T + Sync,
    done: impl Fn(usize, &T) + Sync,
) -> Vec<T> {
    let next = AtomicUsize::new(0);
    let serve = || {
        let mut results = Vec::new();
        loop {
            let i = next.fetch_add(1, Ordering::Relaxed);
            if i >= count {
                return results;
            }
            let result = work(i);
            done(i, &result);
            results.push((i, result));
        }
    };
    let mut all = std::thread::scope(|scope| {
        let others: Vec<_> = (1..threads.min(count)).map(|_| scope.spawn(serve)).collect();
        let mut all = serve();
        for other in others {
            all.extend(other.join().unwrap_or_else(|panic| std::panic::resume_unwind(panic)));
        }
        all
    });
    all.sort_by_key(|(i, _)| *i);
    all.into_iter().map(|(_, result)| result).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn results_stand_in_order_whatever_the_threads() {
        for threads in [0, 1, 3, 50] {
            let heard = AtomicUsize::new(0);
            let squares = each(
                20,
                threads,
                |i| i * i,
                |_, _| {
                    heard.fetch_add(1, Ordering::Relaxed);
                },
            );
            assert_eq!(squares, (0..20).map(|i| i * i).collect::<Vec<_>>());
            assert_eq!(heard.into_inner(), 20);
        }
        assert!(each(0, 4, |i| i, |_, _| ()).is_empty());
    }
}
