//! The file of teams: the team of a service, and the user of a team.
//!
//! The APIs have no list of either. Without an entry, the team is the owner of the rule.

use std::collections::BTreeMap;
use std::sync::Arc;

use serde_json::Value;

use crate::compact::Compact;
use crate::exit::Failure;
use crate::yaml::{Content, Node, Position, parse};

/// The content of the file.
#[derive(Default)]
pub(super) struct Teams {
    /// The user of each team, by UUID.
    teams: BTreeMap<String, String>,
    /// The team of each service.
    services: BTreeMap<String, String>,
}

impl Teams {
    /// Reads a file of YAML or JSON.
    pub(super) fn read(file: &str) -> Result<Self, Failure> {
        let bytes = super::body::read_bytes(file)?;
        let text = String::from_utf8_lossy(&bytes);
        Self::parse(&text).map_err(|(position, cause)| {
            let Position { line, column } = position;
            Failure::usage(format!("cannot read {file}:{line}:{column}: {cause}")).with_help(
                "write `teams:` with the UUID of a user for each team, and `services:` with a \
                 team for each service",
            )
        })
    }

    fn parse(text: &str) -> Result<Self, Wrong> {
        let mut teams = Self::default();
        let documents = parse(text).map_err(|error| (error.position, error.message))?;
        for document in documents {
            for (name, position, node) in entries("the file", document)? {
                match &*name {
                    "teams" => teams.teams.extend(texts("teams", node, is_uuid, "a UUID")?),
                    "services" => {
                        teams
                            .services
                            .extend(texts("services", node, |_| true, "a string")?);
                    }
                    _ => return Err((position, format!("unknown property {name:?}"))),
                }
            }
        }
        Ok(teams)
    }

    /// Returns the team of an outcome.
    pub(super) fn team<'a>(&'a self, service: &str, owner: &'a str) -> &'a str {
        self.services.get(service).map_or(owner, String::as_str)
    }

    /// Returns the user of a team.
    pub(super) fn user(&self, team: &str) -> Option<&str> {
        self.teams.get(team).map(String::as_str)
    }
}

/// A mistake in the file: its position, and what is wrong.
type Wrong = (Position, String);

/// Returns the entries of a mapping; none for an empty value.
fn entries(what: &str, node: Node) -> Result<Vec<(Arc<str>, Position, Node)>, Wrong> {
    match node.content {
        Content::Mapping(entries) => {
            let entries = entries.into_iter();
            let entries = entries.map(|(key, node)| (key.name, key.position, node));
            Ok(entries.collect())
        }
        Content::Scalar(Compact::Null) => Ok(Vec::new()),
        _ => Err((node.position, format!("{what} must be a mapping"))),
    }
}

/// Returns the entries of a mapping to strings, each of which must be what is `expected`.
fn texts(
    what: &str,
    node: Node,
    is_right: impl Fn(&str) -> bool,
    expected: &str,
) -> Result<Vec<(String, String)>, Wrong> {
    let entries = entries(what, node)?.into_iter();
    let texts = entries.map(|(name, _, node)| match node.to_value() {
        Value::String(text) if is_right(&text) => Ok((name.to_string(), text)),
        other => {
            let message = format!("{what}: the value of {name:?} must be {expected}, not {other}");
            Err((node.position, message))
        }
    });
    texts.collect()
}

/// Returns true if a text has the form of a UUID
/// ([RFC 9562](https://www.rfc-editor.org/rfc/rfc9562#section-4)).
pub(super) fn is_uuid(text: &str) -> bool {
    let lengths: Vec<usize> = text.split('-').map(str::len).collect();
    let is_hex = |letter: char| letter == '-' || letter.is_ascii_hexdigit();
    lengths == [8, 4, 4, 4, 12] && text.chars().all(is_hex)
}
