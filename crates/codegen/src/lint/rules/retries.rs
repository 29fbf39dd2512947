//! Retries.

use super::{Rule, Warning};
use crate::lint::Findings;
use crate::lint::document::Document;

pub(super) static UNDECIDED: Rule = Rule {
    id: "undecided-retry",
    severity: Warning,
    summary: "a `post` or `patch` without `x-idempotent`, so that its retries are undecided",
    help: "add `x-idempotent: true` if a repeated request has the effect of one; \
           otherwise, or if the vendor does not document it, add `x-idempotent: false`",
    check: Some(undecided),
};

fn undecided(document: &Document<'_>, findings: &mut Findings) {
    for operation in &document.operations {
        if matches!(operation.method, "post" | "patch")
            && operation.node.get("x-idempotent").is_none()
        {
            let (name, method) = (operation.name(), operation.method.to_uppercase());
            let message = format!("the {method} {name} has no `x-idempotent`");
            findings.add(operation.key, message);
        }
    }
}
