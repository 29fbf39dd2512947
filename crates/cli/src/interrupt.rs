//! Ctrl-C: the first one asks the command to stop, the second one ends the process.
//!
//! While a command waits for standard input, which it cannot stop, the first one ends the process.

use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Mutex, OnceLock, PoisonError};

use tokio::sync::Notify;

use crate::exit::{Exit, Failure};

static IS_INTERRUPTED: AtomicBool = AtomicBool::new(false);

fn notify() -> &'static Notify {
    static NOTIFY: OnceLock<Notify> = OnceLock::new();
    NOTIFY.get_or_init(Notify::new)
}

/// The consequence of Ctrl-C, while the command waits for standard input.
static WAITING: Mutex<Option<&'static str>> = Mutex::new(None);

/// A wait for standard input. It ends when this is dropped.
pub(crate) struct Waiting;

/// Begins a wait for standard input. `consequence` completes the message of Ctrl-C. The caller must
/// not hold the lock of standard error.
pub(crate) fn waiting(consequence: &'static str) -> Waiting {
    *WAITING.lock().unwrap_or_else(PoisonError::into_inner) = Some(consequence);
    Waiting
}

impl Drop for Waiting {
    fn drop(&mut self) {
        *WAITING.lock().unwrap_or_else(PoisonError::into_inner) = None;
    }
}

/// Waits for Ctrl-C, for as long as the process runs, and prints the error of a wait that it ends
/// with `report`. It needs a thread of its own, because a command may be busy without a pause.
pub(crate) async fn listen(report: impl Fn(&Failure)) {
    if tokio::signal::ctrl_c().await.is_err() {
        return;
    }
    let waiting = *WAITING.lock().unwrap_or_else(PoisonError::into_inner);
    if let Some(consequence) = waiting {
        report(&Failure::interrupted(format!("interrupted: {consequence}")));
        std::process::exit(i32::from(Exit::Interrupted.code()));
    }
    IS_INTERRUPTED.store(true, Ordering::SeqCst);
    notify().notify_waiters();
    let _ = tokio::signal::ctrl_c().await;
    std::process::exit(i32::from(Exit::Interrupted.code()));
}

/// Waits until the first Ctrl-C.
pub(crate) async fn interrupted() {
    let notified = notify().notified();
    if !IS_INTERRUPTED.load(Ordering::SeqCst) {
        notified.await;
    }
}

/// Returns true after the first Ctrl-C.
pub(crate) fn is_interrupted() -> bool {
    IS_INTERRUPTED.load(Ordering::SeqCst)
}
