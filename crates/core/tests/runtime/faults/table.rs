//! The matrix as a readable table, `docs/faults.md`.

use std::path::PathBuf;

use super::matrix::rows;
use super::row::Row;
use super::server::Act;
use super::streams;
use crate::networks::rows::ROWS;

const HEAD: &str = "\
# Outcomes of failures

This page lists the outcome of every failure that the tests in `crates/core/tests/runtime/faults`
produce. Each row runs with four operations against a TCP server that behaves as the first column
says. Two of the operations run with every kind of credential. A test writes this page (`table.rs`),
so change the rows and not the page.

A cell has the `ErrorKind`, the status of the response, and the time of the call without the
network. It has the number of attempts if there are several. All settings have their defaults, and
every random wait has its maximum. The paused clock asserts the times to the millisecond. Over
sockets, all limits are fifty times shorter.

In every row, the server repeats the secrets wherever it can, and each attempt sends the whole
request. Only the configured host receives it.

No error, source of an error, panic, trace or log shows eight or more characters of a secret in a
row, in upper or lower case, as they are or escaped for JSON, URLs, forms or HTML. Other tests
(`secrets.rs`) check every part of a key in each of these forms. Not covered are secrets of less
than eight characters, and text that a server escapes twice, encodes in base64 (except as the Basic
scheme does) or breaks up with other characters. `Response` shows what the server sent, unchanged.

Every text of an error is bounded, whatever the server sends: at most the 256 KiB of an error's
body. Control characters, and invisible ones that change the direction of text, are replaced.

The `DELETE` reads as much of an unlisted body as has arrived with the headers, at most 64 KiB, for
`Response::raw`. That never fails, waits or retries.
";

const NETWORKS: &str = "
## Proxies and TLS

The tests in `networks` run these rows with a real proxy and a real TLS server. Each error names the
setting or the variable to change ([Networks and proxies](networks.md)).

| the network | every operation |
| --- | --- |
";

/// Returns the page.
pub(crate) fn page() -> String {
    let rows = rows("https://elsewhere.example");
    let mut page = HEAD.to_owned();
    for section in rows.chunk_by(|one, next| one.section == next.section) {
        page.push_str(&format!(
            "\n## {}\n\n| the server | `GET`, `PUT` | `DELETE` without a body in the response | \
             `POST` that creates |\n| --- | --- | --- | --- |\n",
            section[0].section
        ));
        let mut rest = section;
        while let Some((row, others)) = rest.split_first() {
            let alike = others
                .iter()
                .take_while(|other| is_next(row, other))
                .count();
            let name = match alike.checked_sub(1).map(|last| &others[last]) {
                Some(last) => {
                    format!(
                        "{} to {}",
                        row.name,
                        last.name.replace("responds with ", "")
                    )
                }
                None => row.name.clone(),
            };
            let cell = |outcome: &super::row::Outcome| match alike {
                0 => outcome.cell(),
                // The status is in the first column.
                _ => outcome
                    .cell()
                    .replace(&format!(" {}", outcome.status.unwrap()), ""),
            };
            page.push_str(&format!(
                "| {name} | {} | {} | {} |\n",
                cell(&row.idempotent),
                cell(&row.without_body),
                cell(&row.creating)
            ));
            rest = &others[alike..];
        }
    }
    page.push_str(&streams::section());
    page.push_str(NETWORKS);
    for (name, _, kind, attempts) in ROWS {
        let attempts = match attempts {
            0 => ", nothing sent".to_owned(),
            1 => String::new(),
            more => format!(", {more} attempts"),
        };
        page.push_str(&format!("| {name} | `{kind:?}`{attempts} |\n"));
    }
    page
}

/// Returns true if the statuses `one` and `other` differ only in their number.
fn is_next(one: &Row, other: &Row) -> bool {
    let key = |row: &Row| {
        let mut row = row.clone();
        for outcome in [
            &mut row.idempotent,
            &mut row.without_body,
            &mut row.creating,
        ] {
            outcome.status = None;
        }
        (row.idempotent, row.without_body, row.creating)
    };
    one.section == "Statuses"
        && matches!(
            (&one.acts[..], &other.acts[..]),
            ([Act::Respond(_)], [Act::Respond(_)])
        )
        && key(one) == key(other)
}

/// Compares the page with the file. As with other snapshots, `INSTA_UPDATE=always` accepts the new
/// one.
#[test]
fn faults_page_is_up_to_date() {
    let page = page();
    println!("{page}");
    let path = PathBuf::from(env!("CARGO_MANIFEST_DIR")).join("../../docs/faults.md");
    // A published package does not have the page.
    if path.parent().is_some_and(|docs| !docs.exists()) {
        return;
    }
    let known = std::fs::read_to_string(&path).unwrap_or_default();
    if known == page {
        return;
    }
    if std::env::var("INSTA_UPDATE").is_ok_and(|update| update == "always") {
        std::fs::write(&path, &page).unwrap();
        return;
    }
    let differs = known
        .lines()
        .zip(page.lines())
        .find(|(known, new)| known != new);
    panic!(
        "docs/faults.md differs from the matrix, first in {differs:?}; run the tests with \
         INSTA_UPDATE=always"
    );
}
