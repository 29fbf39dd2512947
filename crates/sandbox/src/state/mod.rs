//! The state of a sandbox: records by kind, their identifiers and the clock, in memory and, with
//! the feature `database`, in a file.

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

#[cfg(feature = "database")]
pub(crate) use database::{Database, PendingWrite};
pub(crate) use kind::Kind;
pub(crate) use memory::State;
pub(crate) use record::Record;
