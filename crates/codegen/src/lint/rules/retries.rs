//! What may be sent twice.

use super::{Rule, Warning};
use crate::lint::Findings;
use crate::lint::document::Document;

pub(super) static UNDECIDED: Rule = Rule {
    id: "undecided-retry",
    severity: Warning,
    summary: "a `post` or `patch` that does not say whether a second request does the thing twice",
    help: "decide: `x-idempotent: true` if a repeated request leaves what one leaves, so that it is sent again after a \
           lost answer; `x-idempotent: false` if it makes, sends or counts a thing once more, or the vendor does not say",
    check: Some(undecided),
};

fn undecided(document: &Document<'_>, findings: &mut Findings) {
    for operation in &document.operations {
        if matches!(operation.method, "post" | "patch")
            && operation.node.get("x-idempotent").is_none()
        {
            let (name, method) = (operation.name(), operation.method.to_uppercase());
            let message = format!("nothing says whether the {method} {name} may be sent twice");
            findings.add(operation.key, message);
        }
    }
}
