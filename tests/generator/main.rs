//! The tests of the generator, in one binary.
//!
//! - [`baseline`]: one document with many features, whose whole code is a snapshot
//! - [`passes`]: the effect of each lowering and refining pass on a small document
//! - [`corpus`]: a document for each construct, the code generated from it, and its requests
//! - [`compiled`]: the compiler on generated code
//! - [`command`]: `cargo xtask generate` as a maintainer uses it
//! - [`bad_input`]: its diagnostics for documents that it cannot use
//! - [`any_document`]: the same for third-party documents
//! - [`shared_types`]: the crate of the types that several tags share
//! - [`untrusted`]: malicious and random documents
//! - [`lint`]: the findings of `cargo xtask lint`, rule by rule
//! - [`diff`]: `cargo xtask diff` against the compiler, over a table of changes
//! - [`engine`]: what progenitor takes of our document without our passes
//! - [`functions`]: functions of the generator, each alone
//! - [`chains`]: the cost of long chains and circles of references
//! - [`memory`]: the memory of a document
//! - [`vendor`]: `cargo xtask vendor` on a small document and a vendor's
//! - [`review`]: `cargo xtask review`, and the progress that commands show

#![forbid(unsafe_code)]
#![allow(
    clippy::expect_used,
    clippy::panic,
    reason = "a test stops at the first thing that is not as it should be"
)]

mod any_document;
mod bad_input;
mod baseline;
mod build_script;
mod chains;
mod command;
mod compiled;
mod corpus;
mod diff;
mod engine;
mod functions;
mod lint;
mod memory;
mod passes;
mod review;
mod shared_types;
mod untrusted;
mod vendor;
