//! Tests that need no other package of the workspace: runs of the command, and the unit tests of
//! the modules below.
//!
//! These modules do not need the others. So the unit tests are compiled with them alone, and not
//! with the whole command a second time.

#![allow(
    clippy::expect_used,
    clippy::panic,
    reason = "a test stops at the first error"
)]
#![allow(dead_code, unused_imports, reason = "other modules use the rest")]

#[path = "../../src/catalog.rs"]
mod catalog;
mod commands;
#[path = "../../src/compact.rs"]
mod compact;
#[path = "../../src/exit.rs"]
mod exit;
#[path = "../../src/interrupt.rs"]
mod interrupt;
#[path = "../../src/output/mod.rs"]
mod output;
mod runs;
#[path = "../../src/yaml/mod.rs"]
mod yaml;
