//! Runs the same work on many items, with one thread for each core.

use std::sync::Mutex;
use std::thread;

/// The name of the threads. The panic of such a thread becomes a diagnostic and needs no message of
/// its own.
pub const THREAD: &str = "generator";

/// The stack size of the threads. It is large because nested schemas are followed by recursion.
const STACK_SIZE: usize = 64 << 20;

/// Calls `work` for each of `items`. Returns the outcomes in the order of the items.
pub(super) fn parallel<T: Send, R: Send>(items: Vec<T>, work: impl Fn(T) -> R + Sync) -> Vec<R> {
    let count = items.len();
    let threads = thread::available_parallelism()
        .map_or(1, usize::from)
        .min(count);
    let queue = Mutex::new(items.into_iter().enumerate());
    let outcomes = Mutex::new((0..count).map(|_| None).collect::<Vec<Option<R>>>());
    let next = || {
        let mut queue = queue
            .lock()
            .unwrap_or_else(|poisoned| poisoned.into_inner());
        queue.next()
    };
    let run = || {
        while let Some((position, item)) = next() {
            let outcome = work(item);
            let mut outcomes = outcomes
                .lock()
                .unwrap_or_else(|poisoned| poisoned.into_inner());
            outcomes[position] = Some(outcome);
        }
    };
    thread::scope(|scope| {
        for _ in 0..threads {
            let builder = thread::Builder::new()
                .name(THREAD.to_owned())
                .stack_size(STACK_SIZE);
            if builder.spawn_scoped(scope, run).is_err() {
                // The system cannot start another thread, so work on this one.
                run();
            }
        }
    });
    let outcomes = outcomes
        .into_inner()
        .unwrap_or_else(|poisoned| poisoned.into_inner());
    outcomes.into_iter().flatten().collect()
}
