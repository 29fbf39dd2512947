//! A cache of generated crates, so that a run generates only the domains that changed.
//!
//! An entry is a file of three lines: the generator's id, the lowered domain or the shared types,
//! and the generated source. A run compares the first two in full and ignores an entry that differs
//! or is truncated. The directory may be deleted at any time.

use std::io;
use std::path::PathBuf;

use serde::Serialize;
use serde::de::DeserializeOwned;

use super::Generated;
use super::model::Domain;
use super::parallel::parallel;
use super::refine::GeneratedCrate;
use super::shared::{SharedSources, Tags};

/// The id of this generator: `build.rs` hashes the source and the versions of its dependencies.
const GENERATOR: &str = env!("GENERATOR");

/// A directory with an entry per domain.
#[derive(Clone, Debug)]
pub struct Cache {
    directory: PathBuf,
}

impl Cache {
    /// Creates a cache in `directory`, which need not exist.
    pub fn new(directory: PathBuf) -> Self {
        Self { directory }
    }

    /// Returns the source of a lowered domain, if there is an entry for it.
    pub(super) fn find(&self, domain: &Domain) -> Option<GeneratedCrate> {
        self.read(&domain.tag, &described(domain).ok()?)
    }

    /// Returns the source of the crate of shared types, if there is an entry for its lowered types
    /// and the tags of each.
    pub(super) fn find_shared(&self, unit: &Domain, tags: &Tags) -> Option<SharedSources> {
        self.read(&unit.tag, &serde_json::to_string(&(unit, tags)).ok()?)
    }

    fn read<T: DeserializeOwned>(&self, name: &str, key: &str) -> Option<T> {
        let text = std::fs::read_to_string(self.path(name)).ok()?;
        let mut lines = text.splitn(3, '\n');
        let is_same = lines.next()? == GENERATOR && lines.next()? == key;
        if !is_same {
            return None;
        }
        serde_json::from_str(lines.next()?).ok()
    }

    /// Writes an entry for each domain that this run generated, and one for the shared types.
    pub fn keep(&self, generated: &Generated) -> io::Result<()> {
        let crates = generated.crates.iter();
        let fresh: Vec<_> = crates.filter(|(_, sources)| sources.is_fresh).collect();
        let shared = generated.shared.as_ref().filter(|shared| shared.is_fresh);
        if fresh.is_empty() && shared.is_none() {
            return Ok(());
        }
        std::fs::create_dir_all(&self.directory)?;
        if let Some(shared) = shared {
            let key = serde_json::to_string(&(&shared.unit, &shared.tags))?;
            self.write(&shared.unit.tag, &key, &shared.sources)?;
        }
        parallel(fresh, |(domain, sources)| {
            self.write(&domain.tag, &described(domain)?, sources)
        })
        .into_iter()
        .collect()
    }

    fn write(&self, name: &str, key: &str, sources: &impl Serialize) -> io::Result<()> {
        let sources = serde_json::to_string(sources)?;
        let path = self.path(name);
        // A concurrent run then reads either the old entry or the new one.
        let unfinished = path.with_extension(std::process::id().to_string());
        std::fs::write(&unfinished, format!("{GENERATOR}\n{key}\n{sources}"))?;
        std::fs::rename(&unfinished, &path)
    }

    fn path(&self, name: &str) -> PathBuf {
        self.directory.join(name).with_extension("json")
    }
}

/// Returns everything that the source of a domain depends on, in one line.
fn described(domain: &Domain) -> serde_json::Result<String> {
    serde_json::to_string(domain)
}
