//! The file of a sandbox, written by a thread of its own.
//!
//! The changes of a request are on the disk before its response is sent. Concurrent requests share
//! a write, because each write waits for the disk.

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};
use std::sync::{Mutex, mpsc};
use std::thread::JoinHandle;

use tokio::sync::oneshot;

use super::data_file::DataFile;
use super::journal::Changes;
use crate::sync::lock;

/// A handle to the thread that writes the file.
pub(crate) struct Database {
    path: PathBuf,
    sender: Mutex<Option<mpsc::Sender<Batch>>>,
    thread: Mutex<Option<JoinHandle<()>>>,
}

/// The changes of one request, and the channel that reports when they are stored.
struct Batch {
    changes: Changes,
    done: oneshot::Sender<Result<(), String>>,
}

/// The result of a write, once it is done.
pub(crate) type PendingWrite = oneshot::Receiver<Result<(), String>>;

impl Database {
    /// Opens the file, or creates it, and returns all its entries.
    ///
    /// # Errors
    ///
    /// Returns an error if the file cannot be opened, is empty or damaged, or was not written by a
    /// sandbox.
    pub(crate) fn open(path: &Path) -> Result<(Self, BTreeMap<String, String>), String> {
        let (mut file, entries) = DataFile::open(path)?;
        let (sender, batches) = mpsc::channel();
        let thread = std::thread::Builder::new()
            .name("sandbox-store".to_owned())
            .spawn(move || run(&mut file, &batches))
            .map_err(|error| error.to_string())?;
        let database = Self {
            path: path.to_owned(),
            sender: Mutex::new(Some(sender)),
            thread: Mutex::new(Some(thread)),
        };
        Ok((database, entries))
    }

    /// Sends changes to the thread. Callers must send them in order.
    pub(crate) fn write(&self, changes: Changes) -> PendingWrite {
        let (done, stored) = oneshot::channel();
        if let Some(sender) = &*lock(&self.sender) {
            // If the thread has ended, `done` is dropped, and the receiver reports that.
            let _ = sender.send(Batch { changes, done });
        }
        stored
    }

    /// Waits until changes are on the disk.
    ///
    /// # Errors
    ///
    /// Returns an error if they could not be written.
    pub(crate) async fn wait(&self, pending: PendingWrite) -> Result<(), String> {
        let problem = match pending.await {
            Ok(Ok(())) => return Ok(()),
            Ok(Err(problem)) => problem,
            Err(_) => "the sandbox is stopping".to_owned(),
        };
        Err(format!(
            "cannot write the change to {}: {problem}; the change may be lost after a restart",
            self.path.display()
        ))
    }

    /// Writes the remaining changes and closes the file. Blocks until that is done.
    pub(crate) fn close(&self) {
        drop(lock(&self.sender).take());
        let thread = lock(&self.thread).take();
        if let Some(thread) = thread {
            // A panic of the thread was reported when it happened.
            let _ = thread.join();
        }
    }
}

/// Writes batches and reports each, until the sender is dropped.
fn run(file: &mut DataFile, batches: &mpsc::Receiver<Batch>) {
    let mut pending = Changes::new();
    while let Ok(first) = batches.recv() {
        let mut waiting = Vec::new();
        for batch in std::iter::once(first).chain(batches.try_iter()) {
            pending.extend(batch.changes);
            waiting.push(batch.done);
        }
        let outcome = file.write(&pending);
        if outcome.is_ok() {
            // After a failure the next write has these again, because memory has them.
            pending.clear();
        }
        for done in waiting {
            // The request may have been dropped.
            let _ = done.send(outcome.clone());
        }
    }
}
