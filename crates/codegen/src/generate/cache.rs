//! A cache of generated crates, so that a run generates only the domains that changed.
//!
//! An entry is a file of three lines: the generator's id, the lowered domain, and the generated
//! source. A run compares the first two in full and ignores an entry that differs or is truncated.
//! The directory may be deleted at any time.

use std::io;
use std::path::PathBuf;

use super::model::Domain;
use super::parallel::parallel;
use super::refine::GeneratedCrate;

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
        let text = std::fs::read_to_string(self.path(domain)).ok()?;
        let mut lines = text.splitn(3, '\n');
        let is_same = lines.next()? == GENERATOR && lines.next()? == described(domain).ok()?;
        if !is_same {
            return None;
        }
        serde_json::from_str(lines.next()?).ok()
    }

    /// Writes an entry for each domain that this run generated.
    pub fn keep(&self, crates: &[(Domain, GeneratedCrate)]) -> io::Result<()> {
        let fresh: Vec<_> = crates
            .iter()
            .filter(|(_, sources)| sources.is_fresh)
            .collect();
        if fresh.is_empty() {
            return Ok(());
        }
        std::fs::create_dir_all(&self.directory)?;
        parallel(fresh, |(domain, sources)| self.write(domain, sources))
            .into_iter()
            .collect()
    }

    fn write(&self, domain: &Domain, sources: &GeneratedCrate) -> io::Result<()> {
        let (domain_line, sources) = (described(domain)?, serde_json::to_string(sources)?);
        let path = self.path(domain);
        // A concurrent run then reads either the old entry or the new one.
        let unfinished = path.with_extension(std::process::id().to_string());
        std::fs::write(
            &unfinished,
            format!("{GENERATOR}\n{domain_line}\n{sources}"),
        )?;
        std::fs::rename(&unfinished, &path)
    }

    fn path(&self, domain: &Domain) -> PathBuf {
        self.directory.join(&domain.tag).with_extension("json")
    }
}

/// Returns everything that the source of a domain depends on, in one line.
fn described(domain: &Domain) -> serde_json::Result<String> {
    serde_json::to_string(domain)
}
