//! The workspace's tests, in one binary.
//!
//! - [`passes`]: what each lowering and refining pass does to a small document
//! - [`surface`]: the public interface of each domain crate
//! - [`command`]: `cargo xtask generate` as a maintainer uses it
//! - [`bad_input`]: what it says about documents it cannot use
//! - [`any_document`]: the same for documents of somebody else
//! - [`untrusted`]: documents that mean harm, and documents made at random
//! - [`corpus`]: a document for each construct, what is generated from it and what that sends
//! - [`lint`]: what `cargo xtask lint` finds, rule by rule
//! - [`diff`]: `cargo xtask diff` against the compiler, over a table of changes
//! - [`review`]: `cargo xtask review`, and what a command says while it works
//! - [`documents`]: the commands and examples of the README and its neighbours
//! - [`examples`]: the document's example payloads against the Rust types
//! - [`properties`]: payloads made at random from the document against the same types
//! - [`fuzzing`]: the corpus of the fuzz target, and changes of it
//! - [`bundle`]: the document as one file, judged by the schema of OpenAPI and by its own
//! - [`facts`]: the document against what is known of the vendors' APIs
//! - [`end_to_end`]: every operation through the facade against the sandbox
//! - [`vendors`]: the hand-written facts about the vendors against the document

#![forbid(unsafe_code)]
#![allow(
    clippy::expect_used,
    clippy::panic,
    reason = "a test stops at the first thing that is not as it should be"
)]

mod any_document;
mod bad_input;
mod bundle;
mod command;
mod corpus;
mod diff;
mod documents;
mod end_to_end;
mod examples;
mod facts;
mod fuzzing;
mod lint;
mod passes;
mod properties;
mod review;
mod support;
mod surface;
mod untrusted;
mod vendors;

#[path = "../fuzz/decode.rs"]
mod fuzz_decode;

mod generated {
    //! What `cargo xtask generate` writes for the tests.
    #[rustfmt::skip]
    #[allow(deprecated, reason = "they set everything that can be set")]
    pub(crate) mod calls;
    #[rustfmt::skip]
    pub(crate) mod examples;
}
