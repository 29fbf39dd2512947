//! The file of teams: the team of a service, and the user of a team.
//!
//! The APIs have no list of either. Without an entry, the team is the owner of the rule.

use std::collections::BTreeMap;

use serde::Deserialize;

use crate::exit::Failure;

/// The content of the file.
#[derive(Default, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct Teams {
    /// The user of each team, by UUID.
    #[serde(default)]
    teams: BTreeMap<String, String>,
    /// The team of each service.
    #[serde(default)]
    services: BTreeMap<String, String>,
}

impl Teams {
    /// Reads a file of YAML or JSON.
    pub(super) fn read(file: &str) -> Result<Self, Failure> {
        let bytes = super::body::read_bytes(file)?;
        let text = String::from_utf8_lossy(&bytes);
        let wrong = |cause: String| {
            Failure::usage(format!("cannot read {file}: {cause}")).with_help(
                "write `teams:` with the UUID of a user for each team, and `services:` with a \
                 team for each service",
            )
        };
        let teams: Self = serde_saphyr::from_str(&text).map_err(|error| {
            let cause = error.to_string();
            wrong(cause.lines().next().unwrap_or_default().to_owned())
        })?;
        match teams.teams.iter().find(|(_, user)| !is_uuid(user)) {
            Some((team, user)) => Err(wrong(format!(
                "the user {user:?} of the team {team:?} is not a UUID"
            ))),
            None => Ok(teams),
        }
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

/// Returns true if a text has the form of a UUID
/// ([RFC 9562](https://www.rfc-editor.org/rfc/rfc9562#section-4)).
pub(super) fn is_uuid(text: &str) -> bool {
    let lengths: Vec<usize> = text.split('-').map(str::len).collect();
    let is_hex = |letter: char| letter == '-' || letter.is_ascii_hexdigit();
    lengths == [8, 4, 4, 4, 12] && text.chars().all(is_hex)
}
