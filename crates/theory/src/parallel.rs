use std::sync::Mutex;
use std::sync::atomic::{AtomicUsize, Ordering};

use crate::Result;

/// Called after each item, from any worker.
pub type Done<'a> = dyn Fn() + Sync + 'a;

/// Does `n` items on single-threaded workers; results in the order of the items.
///
/// # Errors
/// The first of the errors by the order of the items among those done; no item is begun after an error.
pub fn in_order<T: Send>(n: usize, workers: usize, done: &Done<'_>, work: impl Fn(usize) -> Result<T> + Sync) -> Result<Vec<T>> {
    let (next, results) = (AtomicUsize::new(0), Mutex::new(Vec::with_capacity(n)));
    let worker = || {
        // libtorch's number of threads belongs to the calling thread.
        tch::set_num_threads(1);
        loop {
            let item = next.fetch_add(1, Ordering::Relaxed);
            if item >= n {
                return;
            }
            let result = work(item);
            if result.is_err() {
                next.store(n, Ordering::Relaxed);
            }
            results.lock().expect("no worker panics while it holds the lock").push((item, result));
            done();
        }
    };
    std::thread::scope(|scope| {
        for _ in 0..workers.clamp(1, n.max(1)) {
            scope.spawn(worker);
        }
    });
    let mut results = results.into_inner().expect("no worker panics while it holds the lock");
    results.sort_unstable_by_key(|(item, _)| *item);
    results.into_iter().map(|(_, result)| result).collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::Error;

    #[test]
    fn results_come_in_the_order_of_the_items_whatever_the_workers() {
        for workers in [0, 1, 3, 99] {
            let count = AtomicUsize::new(0);
            let squares = in_order(
                20,
                workers,
                &|| {
                    count.fetch_add(1, Ordering::Relaxed);
                },
                |k| Ok(k * k),
            )
            .unwrap();
            assert!(squares.into_iter().eq((0..20).map(|k| k * k)));
            assert_eq!(count.into_inner(), 20);
        }
        assert!(in_order(0, 2, &|| {}, Ok).unwrap().is_empty());
    }

    #[test]
    fn an_error_ends_the_work() {
        let fails = |k: usize| if k == 3 { Err(Error::Diverged { what: "item 3".into(), learning_rate: 1.0 }) } else { Ok(k) };
        assert!(in_order(1000, 2, &|| {}, fails).unwrap_err().to_string().starts_with("item 3 diverged"));
    }
}
