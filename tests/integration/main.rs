//! The tests that see the whole workspace, in one binary.
//!
//! - [`surface`]: the public interface of each domain crate
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

mod bundle;
mod documents;
mod end_to_end;
mod examples;
mod facts;
mod fuzzing;
mod properties;
mod surface;
mod vendors;

mod generated {
    //! What `cargo xtask generate` writes for the tests.
    #[rustfmt::skip]
    pub(crate) mod examples;
}
