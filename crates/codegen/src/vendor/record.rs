//! The vendor's document as facts, for the test that compares ours with them.

use std::collections::{BTreeMap, BTreeSet};
use std::path::Path;

use super::draft::Draft;
use super::facts::subject;
use super::select;
use super::settings::Settings;
use crate::document::diagnostic::{Diagnostic, Diagnostics};

/// The file with the facts about Datadog's API.
const FACTS: &str = "tests/integration/facts/datadog.txt";

/// The statement that no document makes: the vendor's pages say which sites serve an operation.
const OF_PAGES: &str = ": unavailable on ";

/// The origin of a vendor's document.
#[derive(Clone, Debug, Default)]
pub struct Source {
    /// The version, or `None` for the one in the document.
    pub version: Option<String>,
    /// The date of the version.
    pub date: String,
}

/// Writes the facts of the vendor's document in `file` to the workspace at `root`. Lines that stay
/// keep their place. Returns the number of new and removed lines.
///
/// # Errors
/// Returns what keeps a document, `spec/vendor.yaml` or the facts from being read or written.
pub fn record(root: &Path, file: &Path, source: &Source) -> Result<[usize; 2], Diagnostics> {
    let settings = Settings::read(root)?;
    let ours = Draft::of(root)?.read()?;
    let mut settings_of_all = settings;
    // The facts are everything that the vendor says, also what our document lacks on purpose.
    settings_of_all.differences.clear();
    let selection = select::select(file, &ours.value, &settings_of_all)?;
    let path = root.join(FACTS);
    let before = std::fs::read_to_string(&path).map_err(|error| cannot("read", &error))?;
    let mut new = selection.facts.clone();
    let operations: BTreeSet<String> = new.iter().map(|fact| subject(fact).to_owned()).collect();
    let of_pages = before.lines().filter(|line| line.contains(OF_PAGES));
    new.extend(
        of_pages
            .filter(|line| operations.contains(subject(line)))
            .map(str::to_owned),
    );
    let known: BTreeSet<String> = statements(&before).map(str::to_owned).collect();
    let version = source.version.as_deref().unwrap_or(&selection.version);
    let text = header(version, &source.date) + &body(&before, &new);
    std::fs::write(&path, text).map_err(|error| cannot("write", &error))?;
    Ok([
        new.difference(&known).count(),
        known.difference(&new).count(),
    ])
}

/// Iterates over the facts of a file.
fn statements(text: &str) -> impl Iterator<Item = &str> {
    text.lines()
        .filter(|line| !line.trim().is_empty() && !line.starts_with('#'))
}

fn header(version: &str, date: &str) -> String {
    format!(
        "# The facts of Datadog's document about scorecards, campaigns and cases, one a line.\n\
         # `cargo xtask vendor record` writes them; docs/vendor.md has the form of a line.\n\
         # Version: {version}\n\
         # Date: {date}\n"
    )
}

/// Returns the facts in blocks, one for each subject, in the order of the old file.
fn body(before: &str, new: &BTreeSet<String>) -> String {
    let mut order: Vec<&str> = Vec::new();
    let mut blocks: BTreeMap<&str, Vec<&str>> = BTreeMap::new();
    let kept = statements(before).filter(|fact| new.contains(*fact));
    let kept: Vec<&str> = kept.collect();
    let seen: BTreeSet<&str> = kept.iter().copied().collect();
    let added = new.iter().map(String::as_str);
    let added = added.filter(|fact| !seen.contains(fact));
    for fact in kept.into_iter().chain(added) {
        let block = blocks.entry(subject(fact)).or_default();
        if block.is_empty() {
            order.push(subject(fact));
        }
        block.push(fact);
    }
    let blocks = order.iter().filter_map(|subject| blocks.get(subject));
    let blocks = blocks.map(|block| format!("\n{}\n", block.join("\n")));
    blocks.collect()
}

fn cannot(verb: &str, error: &std::io::Error) -> Diagnostics {
    Diagnostic::without_location(
        format!("cannot {verb} {FACTS}: {error}"),
        "run the command in the workspace",
    )
    .into()
}
