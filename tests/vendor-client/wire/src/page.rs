//! The page of the documentation that lists the differences, each explained.

use std::collections::{BTreeMap, BTreeSet};
use std::fmt::Write as _;

use crate::compare::Kind;
use crate::{Amount, Comparison, Finding};

/// The width of the page, in characters.
const WIDTH: usize = 100;

/// The number of details of a difference that are shown one by one.
const FEW: usize = 3;

/// The reason of a difference.
struct Explanation {
    kind: fn(&Kind) -> bool,
    /// The operations that it applies to; all if empty.
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
        text: "Each client sends its own name.",
    },
    Explanation {
        kind: |kind| matches!(kind, Kind::Header(name) if name == "accept"),
        operations: &[],
        title: "Header `accept`",
        text: "A success of these operations has no response body, so the vendor's client accepts \
               any media type. Ours asks for JSON, because it reads errors from JSON.",
    },
    Explanation {
        kind: |kind| *kind == Kind::PathSpace,
        operations: &[],
        title: "Spaces in the path",
        text: "The vendor's client encodes values in the path like those of a form and writes a \
               plus for a space. In a path, a plus is a plus (RFC 3986, section 3.3), so a \
               resource whose name has a space is not found. The vendor's identifiers have no \
               spaces. Ours writes `%20`.",
    },
    Explanation {
        kind: |kind| *kind == Kind::QueryEncoding,
        operations: &[],
        title: "Spaces in the query",
        text: "In a query, servers read both a plus and `%20` as a space. The vendor's client \
               writes a plus, ours `%20`, which is right in every part of a URL.",
    },
    Explanation {
        kind: |kind| *kind == Kind::NotSent,
        operations: &["UpdateCaseDueDate"],
        title: "Due date of a case",
        text: "The vendor's documentation says that `null` clears the date, also in the source of \
               its client. The client's type accepts only a string. Our document allows `null`.",
    },
];

/// Writes the page. Returns an error if a difference has no explanation, or an explanation no
/// difference.
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
                "cannot write the page: no difference matches the explanation \"{title}\"; \
                 remove it"
            ));
        }
        section(&mut sections, explanation, &explained, comparison);
    }
    if !rest.is_empty() {
        let mut text =
            "cannot write the page: differences without an explanation in `EXPLANATIONS`:"
                .to_owned();
        for finding in rest {
            let (operation, kind, detail) = (finding.operation, &finding.kind, &finding.detail);
            let _ = write!(text, "\n  {operation}: {kind:?}: {detail}");
        }
        return Err(text);
    }
    let compared = comparison.compared.len();
    Ok(format!(
        "# Comparison with Datadog's client

Datadog publishes its own client, the crate `datadog-api-client` (here {version}). Both clients
have {compared} operations in common. Each operation is called with the same input in both
clients: once with the fewest and once with all parameters. The requests that reach the sandbox
are compared byte by byte: method, path, query, headers and body. The input contains values that
need escaping: spaces, slashes, letters beyond ASCII. The order and the case of header names are
ignored, because they have no meaning.

The comparison also finds properties and values that ours sends and the vendor's types do not
know. There are none. It finds properties of the vendor's types that ours does not send with
everything set.

{summary}
All differences follow. The program that finds them writes this page, and it fails while a
difference has no explanation. [CONTRIBUTING.md] has the command.

[CONTRIBUTING.md]: https://github.com/scorekit/scorekit/blob/main/CONTRIBUTING.md

`accept-encoding` is equal because both clients share one build of `reqwest` here. Alone, the
vendor's client does not ask for compression.

Only ours has {only_ours}: Datadog does not serve them.
{sections}",
        version = crate::vendor::VERSION,
        summary = summary(comparison),
        only_ours = named(&comparison.only_ours),
    ))
}

/// Returns the number of pairs of requests that differ, part by part.
fn summary(comparison: &Comparison) -> String {
    type Part = (&'static str, fn(&Kind) -> bool);
    const PARTS: [Part; 5] = [
        ("method", |kind| *kind == Kind::Method),
        ("path", |kind| matches!(kind, Kind::Path | Kind::PathSpace)),
        ("query", |kind| {
            matches!(kind, Kind::Query | Kind::QueryOrder | Kind::QueryEncoding)
        }),
        (
            "headers except `user-agent`",
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

/// Returns the number of pairs with a kind of difference.
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
    // The details differ from each other, but have one reason.
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

/// Returns the places of findings.
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
            (true, false) => " (fewest parameters)",
            (false, true) => " (all parameters)",
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
