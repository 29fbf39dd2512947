//! The helpers that the tests of several packages share: the workspace and its copies, cargo, the
//! xtask command, snapshots, property tests, and the bundled document.

#![forbid(unsafe_code)]
#![allow(
    clippy::expect_used,
    clippy::panic,
    reason = "a helper of a test stops at the first error"
)]

mod commands;
mod document;
mod snapshots;
mod workspace;

pub use commands::{cargo, cargo_command, cargo_with_built, check, program, xtask, xtask_command};
pub use document::{DocumentedOperation, bundle, documented_operations};
pub use snapshots::assert_snapshots;
pub use workspace::{copy_of_workspace, empty_workspace, files, target, workspace};

use std::collections::BTreeSet;

use proptest::test_runner::{Config, RngAlgorithm, TestRng, TestRunner};

/// Asserts that two sets of names are the same. The message has only what differs, and `help`.
pub fn assert_same_names(found: &BTreeSet<String>, wanted: &BTreeSet<String>, help: &str) {
    let missing: Vec<_> = wanted.difference(found).collect();
    let unexpected: Vec<_> = found.difference(wanted).collect();
    assert!(
        missing.is_empty() && unexpected.is_empty(),
        "missing: {missing:?}, unexpected: {unexpected:?}; {help}"
    );
}

/// Creates a property test runner with the same cases in every run, or with the number of random
/// ones in the environment variable `PROPTEST_CASES`.
pub fn runner(cases: u32) -> TestRunner {
    let config = Config {
        failure_persistence: None,
        ..Config::default()
    };
    if std::env::var_os("PROPTEST_CASES").is_some() {
        return TestRunner::new(config);
    }
    let rng = TestRng::deterministic_rng(RngAlgorithm::ChaCha);
    TestRunner::new_with_rng(Config { cases, ..config }, rng)
}
