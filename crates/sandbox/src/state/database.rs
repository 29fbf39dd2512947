//! The file of a sandbox: an embedded database, written by a thread of its own.
//!
//! The changes of a request are on the disk before its response is sent. Concurrent requests share
//! a transaction, because each transaction waits for the disk.

use std::path::{Path, PathBuf};
use std::sync::{Mutex, mpsc};
use std::thread::JoinHandle;

use redb::{ReadableTable as _, TableDefinition};
use tokio::sync::oneshot;

use super::journal::Changes;
use crate::sync::lock;

const TABLE: TableDefinition<'_, &str, &str> = TableDefinition::new("sandbox");

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
    /// Returns an error if the file cannot be opened or read.
    pub(crate) fn open(path: &Path) -> Result<(Self, Vec<(String, String)>), String> {
        let database = redb::Database::create(path).map_err(|error| match error {
            redb::DatabaseError::DatabaseAlreadyOpen => {
                "another sandbox has it open; stop that sandbox or choose another file".to_owned()
            }
            error => {
                format!("{error}; choose a file that a sandbox wrote, or one that does not exist")
            }
        })?;
        let entries = read(&database)?;
        let (sender, batches) = mpsc::channel();
        let thread = std::thread::Builder::new()
            .name("sandbox-store".to_owned())
            .spawn(move || run(&database, &batches))
            .map_err(to_message)?;
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

/// Reads all entries.
fn read(database: &redb::Database) -> Result<Vec<(String, String)>, String> {
    let transaction = database.begin_read().map_err(to_message)?;
    let table = match transaction.open_table(TABLE) {
        Ok(table) => table,
        // The file is new.
        Err(redb::TableError::TableDoesNotExist(_)) => return Ok(Vec::new()),
        Err(error) => return Err(to_message(error)),
    };
    let entries = table.iter().map_err(to_message)?.map(|entry| {
        let (key, text) = entry.map_err(to_message)?;
        Ok((key.value().to_owned(), text.value().to_owned()))
    });
    entries.collect()
}

fn to_message(error: impl std::fmt::Display) -> String {
    error.to_string()
}

/// Writes batches and reports each, until the sender is dropped.
fn run(database: &redb::Database, batches: &mpsc::Receiver<Batch>) {
    let mut pending = Changes::new();
    while let Ok(first) = batches.recv() {
        let mut waiting = Vec::new();
        for batch in std::iter::once(first).chain(batches.try_iter()) {
            pending.extend(batch.changes);
            waiting.push(batch.done);
        }
        let outcome = write(database, &pending);
        if outcome.is_ok() {
            // After a failure the next transaction writes these again, because memory has them.
            pending.clear();
        }
        for done in waiting {
            // The request may have been dropped.
            let _ = done.send(outcome.clone());
        }
    }
}

/// Writes changes in one transaction.
fn write(database: &redb::Database, changes: &Changes) -> Result<(), String> {
    let transaction = database.begin_write().map_err(to_message)?;
    {
        let mut table = transaction.open_table(TABLE).map_err(to_message)?;
        for (key, text) in changes {
            match text {
                Some(text) => drop(
                    table
                        .insert(key.as_str(), text.as_str())
                        .map_err(to_message)?,
                ),
                None => drop(table.remove(key.as_str()).map_err(to_message)?),
            }
        }
    }
    // By default, a commit returns when its changes are durable.
    transaction.commit().map_err(to_message)
}
