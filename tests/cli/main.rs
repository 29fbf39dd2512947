//! End-to-end tests of the binary: real arguments, real HTTP against a sandbox, real exit codes.

#![allow(
    clippy::expect_used,
    clippy::panic,
    reason = "a test stops at the first error"
)]

mod cases;
mod docs;
mod doctor;
mod examples;
mod exits;
mod formats;
mod help;
mod operations;
mod pipelines;
mod platform;
mod push;
mod report;
mod sandbox;
mod scorecards;
mod scores;
mod settings;
mod terminal;
mod triage;
mod values;
mod world;
