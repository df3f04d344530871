//! Work shared by several threads, each with a connection of its own; the first failure stops all.

use std::sync::Mutex;
use std::sync::atomic::{AtomicBool, Ordering};

use anyhow::{Result, anyhow};

/// Does the work for every entry, `workers` at a time; the results come in the order of entries.
pub fn map<'a, T: Sync, R: Send>(
    workers: usize,
    entries: &'a [T],
    work: impl Fn(&'a T) -> Result<R> + Sync,
) -> Result<Vec<R>> {
    let queue = Mutex::new(entries.iter().enumerate());
    let failed = AtomicBool::new(false);
    let take = || {
        let mut queue = queue.lock().ok()?;
        (!failed.load(Ordering::Relaxed)).then(|| queue.next())?
    };
    let labour = || {
        let mut done = Vec::new();
        while let Some((place, entry)) = take() {
            match work(entry) {
                Ok(result) => done.push((place, result)),
                Err(error) => {
                    failed.store(true, Ordering::Relaxed);
                    return Err(error);
                }
            }
        }
        Ok(done)
    };
    let mut results = Vec::new();
    std::thread::scope(|scope| {
        let crew: Vec<_> = (0..workers).map(|_| scope.spawn(labour)).collect();
        for worker in crew {
            results.extend(
                worker
                    .join()
                    .map_err(|_| anyhow!("a worker of the demo panicked"))??,
            );
        }
        anyhow::Ok(())
    })?;
    results.sort_by_key(|(place, _)| *place);
    Ok(results.into_iter().map(|(_, result)| result).collect())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn results_come_in_the_order_of_entries() {
        let entries: Vec<u32> = (0..100).collect();
        let doubled = map(4, &entries, |n| Ok(n * 2)).unwrap();
        assert_eq!(doubled, (0..100).map(|n| n * 2).collect::<Vec<_>>());
    }

    #[test]
    fn a_failure_ends_the_work() {
        let entries: Vec<u32> = (0..100).collect();
        let outcome = map(4, &entries, |n| {
            if *n == 7 {
                Err(anyhow!("seven"))
            } else {
                Ok(())
            }
        });
        assert_eq!(outcome.unwrap_err().to_string(), "seven");
    }
}
