//! The matrix as a table for people, `docs/faults.md`.

use std::path::PathBuf;

use super::matrix::rows;
use super::row::Row;
use super::server::Act;

const HEAD: &str = "\
# What becomes of a call when something fails

The fault matrix, as the tests in `crates/core/tests/runtime/faults` run it: each row against a TCP server that does what
the first column says, with four operations, and with two of them for every kind of credential. This page is written by
the test that compares it (`table.rs`); change the rows, not the page.

A cell says what the call comes to with the limits and the `RetryPolicy` that hold unless set: the `ErrorKind`, the
status where there was one, the number of attempts where it is more than one, and how long the call takes beside what
the network takes, if every wait is as long as its bound. The times are asserted to the millisecond under a paused
clock, and over sockets with all limits a hundred times shorter. In every row, no part of a secret shows in the error,
its sources, a panic with it or what is traced and logged, though the server repeats the secrets wherever it can; each
attempt sends the whole request; and no host but the configured one is asked.
";

/// The page.
pub(crate) fn page() -> String {
    let rows = rows("https://elsewhere.example");
    let mut page = HEAD.to_owned();
    for section in rows.chunk_by(|one, next| one.section == next.section) {
        page.push_str(&format!(
            "\n## {}\n\n| the server | `GET`, `PUT` | `DELETE`, whose answer has no body of use | `POST` that creates |\n\
             | --- | --- | --- | --- |\n",
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
                    format!("{} to {}", row.name, last.name.replace("answers ", ""))
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
    page
}

/// Whether the statuses `one` and `other` make no difference but their number.
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
            ([Act::Answer(_)], [Act::Answer(_)])
        )
        && key(one) == key(other)
}

/// Compares the page with the file. As with other snapshots, `INSTA_UPDATE=always` accepts the new
/// one.
#[test]
fn the_page_is_up_to_date() {
    let page = page();
    println!("{page}");
    let path = PathBuf::from(env!("CARGO_MANIFEST_DIR")).join("../../docs/faults.md");
    let known = std::fs::read_to_string(&path).unwrap_or_default();
    if known == page {
        return;
    }
    if std::env::var("INSTA_UPDATE").is_ok_and(|update| update == "always") {
        std::fs::create_dir_all(path.parent().unwrap()).unwrap();
        std::fs::write(&path, &page).unwrap();
        return;
    }
    let differs = known
        .lines()
        .zip(page.lines())
        .find(|(known, new)| known != new);
    panic!(
        "docs/faults.md is not what the matrix says, first in {differs:?}; INSTA_UPDATE=always accepts it"
    );
}
