//! The block of lines in the description of a case by which `triage` finds the case again.
//!
//! The description is the place for the key, because a case gets it in the request that creates
//! the case. Custom attributes need a definition in the case type first, and labels need a second
//! request, so that an interrupted run would leave a case without a key. People may write before
//! and after the block, and may change the title.

use percent_encoding::{AsciiSet, NON_ALPHANUMERIC, utf8_percent_encode};

use crate::commands::rules::Rule;
use crate::output::clean_line;

/// The start of the line with the key, which begins the block.
const KEY: &str = "Triage key: ";

/// The start of the line with the state, which ends the block.
const STATE: &str = "State: ";

/// The most characters of remarks that a case repeats.
const REMARKS: usize = 500;

/// What a part of a key has instead of itself.
const ESCAPED: &AsciiSet = &NON_ALPHANUMERIC
    .remove(b'-')
    .remove(b'_')
    .remove(b'.')
    .remove(b':');

/// Returns the key of a rule and a service, one word.
pub(super) fn key(rule_id: &str, service: &str) -> String {
    let escaped = |text| utf8_percent_encode(text, ESCAPED);
    format!("{}/{}", escaped(rule_id), escaped(service))
}

/// Returns the key in a description.
pub(super) fn key_of(description: &str) -> Option<&str> {
    let mut lines = description.lines();
    let key = lines.find_map(|line| line.trim().strip_prefix(KEY))?.trim();
    (!key.is_empty()).then_some(key)
}

/// Returns true if the block in a description says that the rule passes.
pub(super) fn is_passed(description: &str) -> bool {
    lines(description).any(|line| line.strip_prefix(STATE) == Some("passing"))
}

/// Creates the block of a case.
pub(super) fn block(rule: &Rule, service: &str, remarks: &str, is_failing: bool) -> String {
    let level = rule.level.map(|level| format!(", level {level}"));
    let state = if is_failing { "failing" } else { "passing" };
    let remarks: String = clean_line(remarks).chars().take(REMARKS).collect();
    let mut block = format!(
        "{KEY}{}\nRule: {} ({}{})\nService: {}\n",
        key(&rule.id, service),
        clean_line(&rule.name),
        clean_line(&rule.scorecard),
        level.unwrap_or_default(),
        clean_line(service)
    );
    if !remarks.trim().is_empty() {
        block.push_str(&format!("Remarks: {}\n", remarks.trim()));
    }
    block.push_str(&format!("{STATE}{state}"));
    block
}

/// Returns a text in which no line begins a block.
pub(super) fn quoted(text: &str) -> String {
    let lines = text.lines().map(|line| match line.trim().starts_with(KEY) {
        true => format!("> {line}"),
        false => line.to_owned(),
    });
    lines.collect::<Vec<_>>().join("\n")
}

/// Returns the lines of the block in a description.
fn lines(description: &str) -> impl Iterator<Item = &str> {
    let lines = description.lines().map(str::trim);
    let mut lines = lines.skip_while(|line| !line.starts_with(KEY));
    let mut is_over = false;
    std::iter::from_fn(move || {
        let line = lines.next().filter(|line| !is_over && !line.is_empty())?;
        is_over = line.starts_with(STATE);
        Some(line)
    })
}

/// Returns the lines of a new block that the description does not have. Empty if it is current.
pub(super) fn changes(description: &str, block: &str) -> Vec<String> {
    let old: Vec<&str> = lines(description).collect();
    let new: Vec<&str> = block.lines().collect();
    let mut changes: Vec<String> = new
        .iter()
        .filter(|line| !old.contains(line))
        .map(|line| (*line).to_owned())
        .collect();
    // Remarks that are gone are a change, too.
    let is_gone = |line: &&&str| {
        let name = line.split(": ").next().unwrap_or_default();
        !new.iter().any(|it| it.starts_with(&format!("{name}: ")))
    };
    changes.extend(
        old.iter()
            .filter(is_gone)
            .map(|line| format!("Removed: {line}")),
    );
    changes
}

/// Replaces the block in a description. The text around it stays.
pub(super) fn replaced(description: &str, block: &str) -> String {
    let count = lines(description).count();
    let mut new: Vec<&str> = Vec::new();
    let mut rest = description.lines();
    for line in rest.by_ref() {
        if line.trim().starts_with(KEY) {
            break;
        }
        new.push(line);
    }
    new.extend(block.lines());
    new.extend(rest.skip(count.saturating_sub(1)));
    new.join("\n")
}
