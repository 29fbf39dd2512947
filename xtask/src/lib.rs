//! The generator and every other developer task of the workspace, as a library so that tests can call it.
//!
//! Start reading at [`generate`]; [`cli`] is what `cargo xtask` runs.

#![forbid(unsafe_code)]

mod bench;
mod cargo;
pub mod cli;
mod demo;
pub mod diagnostic;
pub mod diff;
pub mod generate;
pub mod lint;
pub mod progress;
mod review;
mod soak;
