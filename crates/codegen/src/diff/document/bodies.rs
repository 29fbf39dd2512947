//! What differs in what an operation sends and answers.

use std::collections::HashMap;

use super::body::{At, Walk};
use super::operation::{callers, found, touches};
use super::place::Use;
use super::{Changes, Named, Wire, schema};
use crate::diff::change::Touch;
use crate::generate::identifiers::pascal_case;
use crate::generate::model::{Operation, StatusResponse};

pub(super) fn compare(before: Named, after: Named, changes: &mut Changes) {
    let (old, new) = (before.operation, after.operation);
    let both = || [touches(before), touches(after)].concat();
    let arguments = || {
        let callers = [callers(before), callers(after)].concat();
        let mut touches = both();
        for (body, domain) in [
            (&old.request_body, before.domain),
            (&new.request_body, after.domain),
        ] {
            let bodies = body.iter();
            touches.extend(bodies.flat_map(|body| schema::of_body(body, domain)));
        }
        touches.extend(
            callers
                .into_iter()
                .map(|path| Touch::argument(path, "body")),
        );
        touches
    };
    match (&old.request_body, &new.request_body) {
        (None, Some(_)) => {
            let wire = if new.body_required {
                Wire::breaks(
                    "the server refuses a request without it, which is what an old client sends",
                )
            } else {
                Wire::keeps("an old client leaves it out")
            };
            let found = found(after, "request-body-added", "takes a body");
            changes.add(found, wire, arguments());
        }
        (Some(_), None) => {
            let found = found(after, "request-body-removed", "takes no body any more");
            let why = "what an old client sends there is ignored or refused";
            changes.add(found, Wire::breaks(why), arguments());
        }
        (Some(old), Some(new)) => {
            body(
                "request body of",
                "Body",
                [old, new],
                before,
                after,
                changes,
                arguments(),
            );
        }
        (None, None) => {}
    }
    formats(before, after, changes, &arguments());
    answers(before, after, changes);
}

/// What an operation answers: one body whatever the status of the success, or one for each.
fn answers(before: Named, after: Named, changes: &mut Changes) {
    let (old, new) = (before.operation, after.operation);
    let both = || [touches(before), touches(after)].concat();
    match (old.responses.is_empty(), new.responses.is_empty()) {
        (true, true) => {}
        (false, false) => return by_status(before, after, changes),
        (true, false) => {
            let found = found(
                after,
                "answers-changed",
                "answers each status with a body of its own",
            );
            let why = "an old client expects one kind of body, whatever the status";
            return changes.add(found, Wire::breaks(why), answer_touches(before, after));
        }
        (false, true) => {
            let what = "answers every status with one kind of body";
            let found = found(after, "answers-changed", what);
            let wire = if one_of(old, new) {
                Wire::keeps("an old client waits for a status that no longer comes")
            } else {
                Wire::breaks("an old client expects another body with a status that it knows")
            };
            return changes.add(found, wire, answer_touches(before, after));
        }
    }
    match (&old.response_body, &new.response_body) {
        (None, Some(_)) => {
            let found = found(after, "response-body-added", "answers with a body");
            let why = "a client that expects no body does not look at it";
            changes.add(found, Wire::keeps(why), both());
        }
        (Some(_), None) => {
            let found = found(after, "response-body-removed", "answers without a body");
            let why = "an old client reads nothing where it expects a value";
            changes.add(found, Wire::breaks(why), both());
        }
        (Some(_), Some(_)) if old.response_format != new.response_format => {
            let found = found(after, "answer-format-changed", "answers in another format");
            let why = "an old client cannot read the answer";
            changes.add(found, Wire::breaks(why), both());
        }
        (Some(old), Some(new)) => {
            body(
                "answer of",
                "Response",
                [old, new],
                before,
                after,
                changes,
                both(),
            );
        }
        (None, None) => {}
    }
}

/// Whether every success that is left has the body that it had.
fn one_of(old: &Operation, new: &Operation) -> bool {
    let left = new
        .statuses
        .iter()
        .filter(|(status, _)| status.starts_with('2'));
    let mut left =
        left.map(|(status, _)| old.responses.iter().find(|answer| answer.status == *status));
    left.all(|known| {
        known.is_some_and(|known| {
            known.schema == new.response_body && known.format == new.response_format
        })
    })
}

/// The promises that hold what an operation answers by status.
fn answer_touches(before: Named, after: Named) -> Vec<Touch> {
    let name = |named: Named| pascal_case(&format!("{}Response", named.operation.id), "Response");
    let mut touched = [touches(before), touches(after)].concat();
    for named in [before, after] {
        touched.push(Touch::below(format!("types::{}", name(named))));
    }
    touched
}

/// Two versions of an operation whose successes differ.
fn by_status(before: Named, after: Named, changes: &mut Changes) {
    let (old, new) = (&before.operation.responses, &after.operation.responses);
    let touched = || answer_touches(before, after);
    let same = |answers: &'_ [StatusResponse], status: &str| {
        answers.iter().position(|answer| answer.status == status)
    };
    for answer in old {
        let status = &answer.status;
        let Some(now) = same(new, status).and_then(|at| new.get(at)) else {
            let found = found(
                after,
                "answer-removed",
                format!("answers no longer with {status}"),
            );
            let why = "an old client waits for a status that no longer comes";
            changes.add(found, Wire::keeps(why), touched());
            continue;
        };
        match (&answer.schema, &now.schema) {
            (None, None) => {}
            (Some(_), Some(_)) if answer.format != now.format => {
                let what = format!("answers {status} in another format");
                let found = found(after, "answer-format-changed", what);
                let why = "an old client cannot read the answer";
                changes.add(found, Wire::breaks(why), touched());
            }
            (Some(old), Some(new)) => {
                body(
                    "answer of",
                    "Answer",
                    [old, new],
                    before,
                    after,
                    changes,
                    touched(),
                );
            }
            (None, Some(_)) => {
                let what = format!("answers {status} with a body");
                let found = found(after, "response-body-added", what);
                let why = "a client that expects no body does not look at it";
                changes.add(found, Wire::keeps(why), touched());
            }
            (Some(_), None) => {
                let what = format!("answers {status} without a body");
                let found = found(after, "response-body-removed", what);
                let why = "an old client reads nothing where it expects a value";
                changes.add(found, Wire::breaks(why), touched());
            }
        }
    }
    for answer in new
        .iter()
        .filter(|answer| same(old, &answer.status).is_none())
    {
        let what = format!("answers with {}, too", answer.status);
        let found = found(after, "answer-added", what);
        let why = "an old client keeps the answer to a status that it does not know";
        changes.add(found, Wire::keeps(why), touched());
    }
}

/// What a body is beside its schema, and whether it may be left out.
fn formats(before: Named, after: Named, changes: &mut Changes, sent: &[Touch]) {
    let (old, new) = (before.operation, after.operation);
    let has_body = |operation: &Operation| !operation.request_media_type.is_empty();
    if !has_body(old) || !has_body(new) {
        // That there is a body now, or none any more, is told by itself.
    } else if old.request_format != new.request_format
        || old.request_media_type != new.request_media_type
    {
        let what = format!(
            "takes {}, not {}",
            new.request_media_type, old.request_media_type
        );
        let why = "the server need not take the media type that an old client sends";
        let found = found(after, "media-type-changed", what);
        changes.add(found, Wire::breaks(why), sent.to_vec());
    }
    match (old.body_required, new.body_required) {
        _ if !has_body(old) || !has_body(new) => {}
        (true, false) => {
            let found = found(
                after,
                "request-body-optional",
                "may be sent without its body",
            );
            let why = "an old client sends the body as before";
            changes.add(found, Wire::keeps(why), sent.to_vec());
        }
        (false, true) => {
            let found = found(after, "request-body-required", "needs its body");
            let why = "the server refuses a request without it, which an old client may send";
            changes.add(found, Wire::breaks(why), sent.to_vec());
        }
        _ => {}
    }
}

fn body(
    noun: &'static str,
    suffix: &str,
    [old, new]: [&serde_json::Value; 2],
    before: Named,
    after: Named,
    changes: &mut Changes,
    touches: Vec<Touch>,
) {
    let (old_schemas, new_schemas) = (before.domain, after.domain);
    let renamed: HashMap<String, String> = schema::renamed(old_schemas, new_schemas);
    let is_request = noun.starts_with("request");
    let at = At {
        noun,
        subject: after.operation.id.clone(),
        owner: format!("{}{suffix}", pascal_case(&after.operation.id, "Operation")),
        place: after.operation.location.clone(),
        touches,
        optional: false,
    };
    let mut walk = Walk {
        old: &old_schemas.schemas,
        new: &new_schemas.schemas,
        renamed: &renamed,
        used: if is_request { Use::SENT } else { Use::READ },
        changes,
    };
    walk.schemas(&at, old, new);
}
