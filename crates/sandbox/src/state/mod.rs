//! The state of a sandbox: records by kind, their identifiers and the clock, in memory and, with
//! the feature `database`, in a file.

mod contents;
#[cfg(feature = "database")]
mod data_file;
#[cfg(feature = "database")]
mod database;
#[cfg(feature = "database")]
mod journal;
mod kind;
mod memory;
mod record;
#[cfg(feature = "database")]
mod stored;

pub(crate) use contents::{Contents, Differences};
#[cfg(feature = "database")]
pub(crate) use database::{Database, PendingWrite};
pub(crate) use kind::Kind;
pub(crate) use memory::State;
pub(crate) use record::Record;
