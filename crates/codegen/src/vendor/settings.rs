//! `spec/vendor.yaml`: the vendor's names of our tags, and the differences on purpose.

use std::collections::BTreeMap;
use std::path::Path;
use std::sync::Arc;

use serde::Deserialize;

use crate::document::diagnostic::{Diagnostic, SourceFile};
use crate::document::parse;

/// The path of the file in the workspace.
pub const SETTINGS: &str = "spec/vendor.yaml";

/// The content of `spec/vendor.yaml`.
#[derive(Clone, Debug, Default, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Settings {
    /// The vendor's names of our tags. The first entry that fits an operation is its domain.
    #[serde(default)]
    pub domains: Vec<DomainOfVendor>,
    /// The differences on purpose.
    #[serde(default)]
    pub differences: Vec<Difference>,
}

/// A tag of the vendor's document and the tag of ours that its operations have.
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct DomainOfVendor {
    /// The tag of our document.
    pub tag: String,
    /// The tag of the vendor's document.
    pub vendor: String,
    /// The start of the paths that the entry is limited to.
    #[serde(default)]
    pub paths: String,
}

/// Facts that differ on purpose.
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Difference {
    /// The reason.
    pub reason: String,
    /// The facts, each with `- ` if only the vendor has it and `+ ` if only our document has it.
    pub facts: Vec<String>,
}

impl Settings {
    /// Reads the file of the workspace at `root`.
    ///
    /// # Errors
    /// Returns an error if the file cannot be read, has another form, gives no reason, or has a
    /// fact twice.
    pub fn read(root: &Path) -> Result<Self, Diagnostic> {
        let path = root.join(SETTINGS);
        let text = std::fs::read_to_string(path).map_err(|error| {
            Diagnostic::without_location(
                format!("cannot read {SETTINGS}: {error}"),
                "write it as docs/vendor.md describes",
            )
        })?;
        Self::parse(text)
    }

    fn parse(text: String) -> Result<Self, Diagnostic> {
        let node = parse(&Arc::new(SourceFile::new(SETTINGS.into(), text)))?;
        let invalid = |message: String| {
            Diagnostic::new(
                &node.location,
                format!("cannot use {SETTINGS}: {message}"),
                "write it as docs/vendor.md describes",
            )
        };
        let settings: Self = serde_path_to_error::deserialize(node.to_value())
            .map_err(|error| invalid(format!("{}: {}", error.path(), error.inner())))?;
        let mut known = BTreeMap::new();
        for Difference { reason, facts } in &settings.differences {
            if reason.trim().is_empty() {
                return Err(invalid(format!("no reason for {facts:?}")));
            }
            for fact in facts {
                if !fact.starts_with("- ") && !fact.starts_with("+ ") {
                    return Err(invalid(format!(
                        "`{fact}` begins with neither `- ` nor `+ `"
                    )));
                }
                if known.insert(fact, ()).is_some() {
                    return Err(invalid(format!("`{fact}` is listed twice")));
                }
            }
        }
        Ok(settings)
    }

    /// Returns the reason of each fact that differs on purpose.
    pub fn reasons(&self) -> BTreeMap<&str, &str> {
        let differences = self.differences.iter();
        let facts = differences.flat_map(|Difference { reason, facts }| {
            facts.iter().map(|fact| (fact.as_str(), reason.as_str()))
        });
        facts.collect()
    }

    /// Returns the tags of our document that the vendor's document describes.
    pub(super) fn tags(&self) -> Vec<String> {
        let mut tags: Vec<_> = self.domains.iter().map(|entry| entry.tag.clone()).collect();
        tags.sort();
        tags.dedup();
        tags
    }

    /// Returns our tag for an operation of the vendor.
    pub(super) fn tag(&self, vendor: &[&str], path: &str) -> Option<&str> {
        let fits = |entry: &&DomainOfVendor| {
            vendor.contains(&entry.vendor.as_str()) && path.starts_with(&entry.paths)
        };
        self.domains
            .iter()
            .find(fits)
            .map(|entry| entry.tag.as_str())
    }
}
