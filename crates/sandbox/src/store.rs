//! The file that a sandbox keeps its memory in: an embedded database, written by a thread of its own.
//!
//! What a request changes is in the file, and the file on the disk, before the request is answered. Requests that come
//! at the same time share a transaction, for each costs a wait for the disk.

use std::path::{Path, PathBuf};
use std::sync::{Mutex, mpsc};
use std::thread::JoinHandle;

use redb::{Database, ReadableTable as _, TableDefinition};
use tokio::sync::oneshot;

use crate::server::lock;
use crate::state::Changes;

const TABLE: TableDefinition<'_, &str, &str> = TableDefinition::new("sandbox");

/// The way to the thread that writes.
pub(crate) struct Store {
    path: PathBuf,
    sender: Mutex<Option<mpsc::Sender<Batch>>>,
    thread: Mutex<Option<JoinHandle<()>>>,
}

/// What one request changed, and who waits for it to be stored.
struct Batch {
    changes: Changes,
    done: oneshot::Sender<Result<(), String>>,
}

/// The news of what one request changed.
pub(crate) type Stored = oneshot::Receiver<Result<(), String>>;

impl Store {
    /// Opens the file, or makes it; gives all that is in it.
    pub(crate) fn open(path: &Path) -> Result<(Self, Vec<(String, String)>), String> {
        let database = Database::create(path).map_err(|error| match error {
            redb::DatabaseError::DatabaseAlreadyOpen => {
                "another sandbox has it open; stop that one or choose another file".to_owned()
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
            .map_err(told)?;
        let store = Self {
            path: path.to_owned(),
            sender: Mutex::new(Some(sender)),
            thread: Mutex::new(Some(thread)),
        };
        Ok((store, entries))
    }

    /// Hands over what changed; the receiver tells when it is on the disk. Changes have to be handed over in their order.
    pub(crate) fn keep(&self, changes: Changes) -> Stored {
        let (done, stored) = oneshot::channel();
        if let Some(sender) = &*lock(&self.sender) {
            // Without the thread, `done` is dropped, which the receiver tells.
            let _ = sender.send(Batch { changes, done });
        }
        stored
    }

    /// Waits until something is stored.
    pub(crate) async fn wait(&self, stored: Stored) -> Result<(), String> {
        let outcome = stored.await;
        let problem = match outcome {
            Ok(Ok(())) => return Ok(()),
            Ok(Err(problem)) => problem,
            Err(_) => "the sandbox is stopping".to_owned(),
        };
        Err(format!(
            "The change could not be written to {}: {problem}. It may be there, and may be gone after a restart.",
            self.path.display()
        ))
    }

    /// Writes what is left and closes the file. Blocks for as long as that takes.
    pub(crate) fn close(&self) {
        drop(lock(&self.sender).take());
        let thread = lock(&self.thread).take();
        if let Some(thread) = thread {
            // Its panic would have been reported when it happened.
            let _ = thread.join();
        }
    }
}

fn read(database: &Database) -> Result<Vec<(String, String)>, String> {
    let transaction = database.begin_read().map_err(told)?;
    let table = match transaction.open_table(TABLE) {
        Ok(table) => table,
        // The file is new.
        Err(redb::TableError::TableDoesNotExist(_)) => return Ok(Vec::new()),
        Err(error) => return Err(told(error)),
    };
    let entries = table.iter().map_err(told)?.map(|entry| {
        let (key, text) = entry.map_err(told)?;
        Ok((key.value().to_owned(), text.value().to_owned()))
    });
    entries.collect()
}

fn told(error: impl std::fmt::Display) -> String {
    error.to_string()
}

/// The thread: writes what is there, tells those who wait, and so on until the sender goes.
fn run(database: &Database, batches: &mpsc::Receiver<Batch>) {
    let mut pending = Changes::new();
    while let Ok(first) = batches.recv() {
        let mut waiting = Vec::new();
        for batch in std::iter::once(first).chain(batches.try_iter()) {
            pending.extend(batch.changes);
            waiting.push(batch.done);
        }
        let outcome = write(database, &pending);
        if outcome.is_ok() {
            // Otherwise the next transaction tries these again, for memory has them already.
            pending.clear();
        }
        for done in waiting {
            // The client may be gone.
            let _ = done.send(outcome.clone());
        }
    }
}

fn write(database: &Database, changes: &Changes) -> Result<(), String> {
    let transaction = database.begin_write().map_err(told)?;
    {
        let mut table = transaction.open_table(TABLE).map_err(told)?;
        for (key, text) in changes {
            match text {
                Some(text) => drop(table.insert(key.as_str(), text.as_str()).map_err(told)?),
                None => drop(table.remove(key.as_str()).map_err(told)?),
            }
        }
    }
    // Durable when it returns: that is the default of a transaction.
    transaction.commit().map_err(told)
}
