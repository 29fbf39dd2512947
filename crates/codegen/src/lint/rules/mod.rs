//! The rules, one file for each group that looks at the same things.

mod bounds;
mod descriptions;
mod enums;
mod examples;
mod naming;
mod operations;
mod paging;
mod references;
mod responses;
mod retries;
mod unused;

use super::Findings;
use super::document::Document;
use crate::document::diagnostic::Severity;
use crate::document::diagnostic::Severity::{Error, Warning};

/// One thing that `cargo xtask lint` looks for.
pub struct Rule {
    /// What findings, the allow-list and the documentation call it.
    pub id: &'static str,
    /// Whether what it finds keeps code from being generated.
    pub severity: Severity,
    /// What it finds, and why that matters, in one line.
    pub summary: &'static str,
    /// What to do about it, unless a finding knows better.
    pub help: &'static str,
    /// Looks for it; absent for what is found while the allow-list is read.
    pub(super) check: Option<fn(&Document<'_>, &mut Findings)>,
}

/// An entry of the allow-list that cannot be understood.
pub(super) static INVALID_ALLOWANCE: Rule = Rule {
    id: "invalid-allowance",
    severity: Error,
    summary: "an `x-lint-allow` that names no rule or gives no reason",
    help: "write `x-lint-allow: {rule-id: why this is meant}` with a rule of `cargo xtask lint --rules`",
    check: None,
};

/// An entry of the allow-list that nothing needs.
pub(super) static UNUSED_ALLOWANCE: Rule = Rule {
    id: "unused-allowance",
    severity: Warning,
    summary: "an entry of `x-lint-allow` that allows nothing, which would hide the next mistake",
    help: "remove the entry, or move it to the node that it is about or to one around that",
    check: None,
};

/// Every rule, in the order of the documentation.
pub static RULES: &[&Rule] = &[
    &descriptions::MISSING,
    &descriptions::COPIED,
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
    &INVALID_ALLOWANCE,
    &UNUSED_ALLOWANCE,
];
