//! Ctrl-C: the first one asks the command to stop, the second one ends the process.

use std::sync::OnceLock;
use std::sync::atomic::{AtomicBool, Ordering};

use tokio::sync::Notify;

use crate::exit::Exit;

static IS_INTERRUPTED: AtomicBool = AtomicBool::new(false);

fn notify() -> &'static Notify {
    static NOTIFY: OnceLock<Notify> = OnceLock::new();
    NOTIFY.get_or_init(Notify::new)
}

/// Waits for Ctrl-C, for as long as the process runs. It needs a thread of its own, because a
/// command may be busy without a pause.
pub(crate) async fn listen() {
    if tokio::signal::ctrl_c().await.is_err() {
        return;
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
