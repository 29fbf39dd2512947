#![doc = include_str!("../README.md")]
#![forbid(unsafe_code)]

mod changes;
#[doc(hidden)]
pub mod collections;
pub mod diff;
#[doc(hidden)]
pub mod document;
#[doc(hidden)]
pub mod gate;
#[doc(hidden)]
pub mod generate;
mod generator;
pub mod lint;
pub mod new;
pub mod progress;
#[doc(hidden)]
pub mod release;
#[doc(hidden)]
pub mod review;
pub mod vendor;

pub use crate::changes::{Changes, OutputError};
#[doc(hidden)]
pub use crate::document::diagnostic::counted;
pub use crate::document::diagnostic::{Diagnostic, Diagnostics, Location, Severity, SourceFile};
pub use crate::generate::LeftOut;
pub use crate::generate::write::Change;
pub use crate::generator::{CrateSummary, Generation, Generator, WORKER_THREAD, diff, lint};
