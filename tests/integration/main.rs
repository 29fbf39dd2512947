//! The tests of the whole workspace, in one binary.
//!
//! - [`surface`]: the public interface of each domain crate
//! - [`allocations`]: the allocations of a call, compared with a call by hand
//! - [`documents`]: the commands and examples in README and other pages
//! - [`payloads`]: examples and random payloads of the document against the generated types
//! - [`bundle`]: the document as one file, against the schema of OpenAPI and its own schemas
//! - [`facts`]: the document against the facts about the vendors' APIs
//! - [`end_to_end`]: every operation through the facade against the sandbox
//! - [`guide`]: the book in `docs`, and the examples of the facade
//! - [`packages`]: the packages that are published
//! - [`release`]: `cargo xtask release`, and the places that name the version
//! - [`runtime_names`]: the names that the runtime takes from the document
//! - [`unlisted`]: what the document does not list, through the generated clients
//! - [`walks`]: the steps of CONTRIBUTING for a new operation and a new domain

#![forbid(unsafe_code)]
#![allow(
    clippy::expect_used,
    clippy::panic,
    reason = "a test stops at the first error"
)]

mod allocations;
mod bundle;
mod documents;
mod end_to_end;
mod facts;
mod guide;
mod layout;
mod packages;
mod payloads;
mod release;
mod runtime_names;
mod surface;
mod unlisted;
mod walks;

mod generated {
    //! The files that `cargo xtask generate` writes for the tests.
    #[rustfmt::skip]
    pub(crate) mod examples;
}
