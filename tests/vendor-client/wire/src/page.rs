//! The page of the documentation that lists the differences, each explained.

use std::collections::{BTreeMap, BTreeSet};
use std::fmt::Write as _;

use crate::compare::Kind;
use crate::{Amount, Comparison, Finding};

/// How wide the text of the page is.
const WIDTH: usize = 120;

/// How many texts of a difference are shown one by one.
const FEW: usize = 3;

/// Why a difference is there.
struct Explanation {
    kind: fn(&Kind) -> bool,
    /// The operations that it is for; all if empty.
    operations: &'static [&'static str],
    title: &'static str,
    text: &'static str,
}

/// All explanations, in the order in which they stand on the page.
const EXPLANATIONS: &[Explanation] = &[
    Explanation {
        kind: |kind| matches!(kind, Kind::Header(name) if name == "user-agent"),
        operations: &[],
        title: "Header `user-agent`",
        text: "Each client says who it is.",
    },
    Explanation {
        kind: |kind| matches!(kind, Kind::Header(name) if name == "accept"),
        operations: &[],
        title: "Header `accept`",
        text: "These operations answer nothing when they succeed, so the vendor's client asks for nothing in particular. Ours \
               asks for JSON, for that is what it reads an error from.",
    },
    Explanation {
        kind: |kind| *kind == Kind::PathSpace,
        operations: &[],
        title: "A space in the path",
        text: "The vendor's client encodes values in the path as if they were a form's and writes a plus for a space, which in a \
               path is a plus and nothing else (RFC 3986, section 3.3). A resource whose name has a space is not found by it. The \
               identifiers that the vendor gives out have none. Ours writes `%20`.",
    },
    Explanation {
        kind: |kind| *kind == Kind::QueryEncoding,
        operations: &[],
        title: "A space in the query",
        text: "In a query, servers read a plus and `%20` alike as a space. The vendor's client writes the one, ours the other, \
               which is right in every part of an address.",
    },
    Explanation {
        kind: |kind| *kind == Kind::NotSent,
        operations: &["UpdateCaseDueDate"],
        title: "Taking away the due date of a case",
        text: "The vendor's documentation says that `null` clears the date, in that client's source as well, but its type takes a \
               text only. Our document lets the member be `null`.",
    },
    Explanation {
        kind: |kind| *kind == Kind::NotDocumented,
        operations: &["CreateCase"],
        title: "Members of a new case that our document does not have",
        text: "The vendor's client can set the custom attributes and the assignee of a case when it creates it. The reference that \
               our document is held against lists neither there, so ours cannot; UpdateCaseCustomAttribute and AssignCase set \
               them afterwards.",
    },
    Explanation {
        kind: |kind| *kind == Kind::NotDocumented,
        operations: &["CreateCaseType", "UpdateCaseType"],
        title: "A member of a case type that our document does not have",
        text: "The vendor's client has one type for what it sends and what it gets, in which the time of deletion is the server's \
               to fill in. The reference that our document is held against does not list it.",
    },
];

/// Writes the page. Fails if a difference has no explanation, or an explanation no difference.
pub(crate) fn write(comparison: &Comparison) -> Result<String, String> {
    let mut rest: Vec<&Finding> = comparison.findings.iter().collect();
    let mut sections = String::new();
    for explanation in EXPLANATIONS {
        let (explained, others): (Vec<_>, Vec<_>) = rest.into_iter().partition(|finding| {
            let operations = explanation.operations;
            (explanation.kind)(&finding.kind)
                && (operations.is_empty() || operations.contains(&finding.operation))
        });
        rest = others;
        if explained.is_empty() {
            let title = explanation.title;
            return Err(format!(
                "there is no difference any more that \"{title}\" explains"
            ));
        }
        section(&mut sections, explanation, &explained, comparison);
    }
    if !rest.is_empty() {
        let mut text = "differences without an explanation in `EXPLANATIONS`:".to_owned();
        for finding in rest {
            let (operation, kind, detail) = (finding.operation, &finding.kind, &finding.detail);
            let _ = write!(text, "\n  {operation}: {kind:?}: {detail}");
        }
        return Err(text);
    }
    let compared = comparison.compared.len();
    Ok(format!(
        "# Beside the vendor's client

Datadog publishes a client of its own, the crate `datadog-api-client` (here {version}). For the {compared} operations that both
clients have, each is given the same input, once the least and once the most that can be set, and what arrives at the
sandbox is compared byte by byte: method, path, query, headers and body. The input holds what needs encoding: spaces,
slashes, letters beyond ASCII. The order and the case of header names are left out, for they mean nothing.

It is also noticed where a type of the vendor does not know a member or a value that ours sends, which happens nowhere,
and where it has one that ours, with everything set, does not send.

{summary}
All differences follow. The program that finds them writes this page, and fails as long as one has no explanation;
[CONTRIBUTING.md](../CONTRIBUTING.md) has the command.

`accept-encoding` is the same because both share one build of `reqwest` here; alone, the vendor's client asks for no
compression. Only ours has {only_ours}, which are not Datadog's.
{sections}",
        version = crate::vendor::VERSION,
        summary = summary(comparison),
        only_ours = named(&comparison.only_ours),
    ))
}

/// How many pairs of requests differ, part by part.
fn summary(comparison: &Comparison) -> String {
    type Part = (&'static str, fn(&Kind) -> bool);
    const PARTS: [Part; 5] = [
        ("method", |kind| *kind == Kind::Method),
        ("path", |kind| matches!(kind, Kind::Path | Kind::PathSpace)),
        ("query", |kind| {
            matches!(kind, Kind::Query | Kind::QueryOrder | Kind::QueryEncoding)
        }),
        (
            "headers beside `user-agent`",
            |kind| matches!(kind, Kind::Header(name) if name != "user-agent"),
        ),
        ("body", |kind| {
            matches!(
                kind,
                Kind::MemberOrder
                    | Kind::NumberText
                    | Kind::Timestamp
                    | Kind::MemberLeftOut
                    | Kind::MemberAdded
                    | Kind::Member
            )
        }),
    ];
    let not_sent = findings_of(comparison, |kind| *kind == Kind::NotSent);
    let pairs = 2 * comparison.compared.len() - not_sent;
    let mut text = format!("| of {pairs} pairs of requests | differ |\n| --- | ---: |\n");
    for (part, is_of_it) in PARTS {
        let _ = writeln!(text, "| {part} | {} |", findings_of(comparison, is_of_it));
    }
    text
}

/// In how many pairs something was found.
fn findings_of(comparison: &Comparison, is_of_it: fn(&Kind) -> bool) -> usize {
    let findings = comparison.findings.iter();
    let found = findings.filter(|finding| is_of_it(&finding.kind));
    let pairs: BTreeSet<_> = found
        .map(|finding| (finding.operation, finding.amount))
        .collect();
    pairs.len()
}

fn section(
    page: &mut String,
    explanation: &Explanation,
    findings: &[&Finding],
    comparison: &Comparison,
) {
    let (title, text) = (explanation.title, explanation.text);
    let _ = write!(page, "\n## {title}\n\n{}\n\n", textwrap::fill(text, WIDTH));
    let mut details: BTreeMap<&str, Vec<&Finding>> = BTreeMap::new();
    for finding in findings {
        details.entry(&finding.detail).or_default().push(finding);
    }
    if details.len() <= FEW {
        for (detail, findings) in details {
            let ours = if detail.contains("the vendor's") {
                "ours "
            } else {
                ""
            };
            item(
                page,
                &format!("{ours}{detail}: {}", places(&findings, comparison)),
            );
        }
        return;
    }
    // Each is another text, but all are alike.
    let shortest = findings.iter().min_by_key(|finding| finding.detail.len());
    if let Some(Finding {
        operation, detail, ..
    }) = shortest
    {
        item(page, &format!("such as {operation}: ours {detail}"));
    }
    item(page, &format!("found in: {}", places(findings, comparison)));
}

/// Writes an item of a list.
fn item(page: &mut String, text: &str) {
    let options = textwrap::Options::new(WIDTH)
        .initial_indent("- ")
        .subsequent_indent("  ")
        .break_words(false);
    let _ = writeln!(page, "{}", textwrap::fill(text, options));
}

/// Where something was found.
fn places(findings: &[&Finding], comparison: &Comparison) -> String {
    let mut by_operation: BTreeMap<&str, BTreeSet<Amount>> = BTreeMap::new();
    for finding in findings {
        let amounts = by_operation.entry(finding.operation).or_default();
        amounts.insert(finding.amount);
    }
    let everywhere = by_operation.len() == comparison.compared.len();
    if everywhere {
        return "every operation".to_owned();
    }
    let places = by_operation.iter().map(|(operation, amounts)| {
        let only = match (
            amounts.contains(&Amount::Least),
            amounts.contains(&Amount::Most),
        ) {
            (true, false) => " (with the least)",
            (false, true) => " (with the most)",
            _ => "",
        };
        format!("{operation}{only}")
    });
    places.collect::<Vec<_>>().join(", ")
}

fn named(operations: &[&str]) -> String {
    let names: Vec<_> = operations.iter().map(|name| format!("`{name}`")).collect();
    names.join(", ")
}
