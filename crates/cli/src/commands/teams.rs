//! The file of teams: the team of each service.
//!
//! The APIs have no list of them. Without an entry, the team is the owner of the rule.

use std::collections::BTreeMap;

use serde::Deserialize;

use crate::exit::Failure;

/// The content of the file.
#[derive(Default, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct Teams {
    /// The team of each service.
    #[serde(default)]
    services: BTreeMap<String, String>,
}

impl Teams {
    /// Reads a file of YAML or JSON.
    pub(super) fn read(file: &str) -> Result<Self, Failure> {
        let bytes = super::body::read_bytes(file)?;
        let text = String::from_utf8_lossy(&bytes);
        serde_saphyr::from_str(&text).map_err(|error| {
            let cause = error.to_string();
            let cause = cause.lines().next().unwrap_or_default().to_owned();
            Failure::usage(format!("cannot read {file}: {cause}"))
                .with_help("write `services:` with a team for each service")
        })
    }

    /// Returns the team of an outcome.
    pub(super) fn team<'a>(&'a self, service: &str, owner: &'a str) -> &'a str {
        self.services.get(service).map_or(owner, String::as_str)
    }
}
