//! Generates Rust clients from an OpenAPI document, checks the document, and compares two versions
//! of it.

#![forbid(unsafe_code)]

pub mod diff;
pub mod document;
pub mod generate;
pub mod lint;
pub mod progress;
