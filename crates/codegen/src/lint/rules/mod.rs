//! The rules, one file for each group.

mod bounds;
mod descriptions;
mod enums;
mod examples;
mod generation;
mod keywords;
mod naming;
mod operations;
mod paging;
mod references;
mod responses;
mod retries;
mod unused;
mod unwritten;

pub(super) use self::generation::REJECTED as NOT_GENERATED;
use super::Findings;
use super::document::Document;
use crate::document::diagnostic::Severity;
use crate::document::diagnostic::Severity::{Error, Warning};

/// A rule of `cargo xtask lint`.
pub struct Rule {
    /// The name in findings, in `x-lint-allow` and in the documentation.
    pub id: &'static str,
    /// The level. An error prevents the generation of code.
    pub severity: Severity,
    /// The finding and its consequence, in one line.
    pub summary: &'static str,
    /// The remedy, unless a finding has its own.
    pub help: &'static str,
    /// Adds the findings; absent for the rules about `x-lint-allow` itself.
    pub(super) check: Option<fn(&Document<'_>, &mut Findings)>,
}

/// The rule for an invalid entry of `x-lint-allow`.
pub(super) static INVALID_ALLOWANCE: Rule = Rule {
    id: "invalid-allowance",
    severity: Error,
    summary: "an `x-lint-allow` without a known rule or without a reason",
    help: "write `x-lint-allow: {rule-id: reason}` with a rule of `cargo xtask lint --rules`",
    check: None,
};

/// The rule for an unused entry of `x-lint-allow`.
pub(super) static UNUSED_ALLOWANCE: Rule = Rule {
    id: "unused-allowance",
    severity: Warning,
    summary: "an entry of `x-lint-allow` without a finding, which would hide the next mistake",
    help: "remove the entry, or move it to the node with the finding or a node around it",
    check: None,
};

/// Every rule, in the order of the documentation.
pub static RULES: &[&Rule] = &[
    &descriptions::MISSING,
    &descriptions::COPIED,
    &unwritten::TEXT,
    &operations::MISSING_ID,
    &operations::MISSING_TAG,
    &operations::MISSING_SUMMARY,
    &operations::MISSING_LINK,
    &operations::MISSING_RESOURCE,
    &operations::MISSING_VERB,
    &operations::MISSING_EXAMPLE,
    &responses::MISSING_SUCCESS,
    &responses::MISSING_FAILURE,
    &responses::MISSING_STATUS,
    &naming::OPERATION_CASING,
    &naming::PATH_CASING,
    &naming::PARAMETER_CASING,
    &naming::SCHEMA_CASING,
    &naming::FIELD_CASING,
    &naming::VERB,
    &paging::MISSING,
    &retries::UNDECIDED,
    &enums::CLOSED,
    &enums::DUPLICATE,
    &references::SIBLINGS,
    &keywords::UNKNOWN,
    &examples::INVALID,
    &examples::UNKNOWN_FIELD,
    &bounds::CONTRADICTING,
    &bounds::DEFAULT,
    &bounds::PATTERN,
    &bounds::REQUIRED,
    &unused::COMPONENT,
    &unused::TAG,
    &unused::PATH,
    &unused::FILE,
    &generation::REJECTED,
    &INVALID_ALLOWANCE,
    &UNUSED_ALLOWANCE,
];
