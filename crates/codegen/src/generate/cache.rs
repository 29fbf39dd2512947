//! Keeps what was generated for each domain, so that a rerun does only what a change of the document asks for.
//!
//! An entry is a file below the `target` folder of the output: which generator made it, the lowered domain it was made
//! from, and the source that came of it, a line each. The first two are compared in full, so that an entry can be out of
//! date, cut off or of another document, and never wrong: it is then as good as none. Whoever deletes the folder pays
//! with one slower run.

use std::io;
use std::path::{Path, PathBuf};

use super::model::Domain;
use super::parallel::parallel;
use super::refine::GeneratedCrate;

/// Names the generator that this program holds; `build.rs` makes it of everything that decides what comes out.
const GENERATOR: &str = env!("GENERATOR");

/// A folder with an entry per domain.
#[derive(Clone, Debug)]
pub struct Cache {
    folder: PathBuf,
}

impl Cache {
    /// The cache of the workspace in the folder `out`, whether or not there is one already.
    pub fn of(out: &Path) -> Self {
        Self {
            folder: out.join("target/scorekit"),
        }
    }

    /// The source of a lowered domain, if it is known.
    pub(super) fn find(&self, domain: &Domain) -> Option<GeneratedCrate> {
        let text = std::fs::read_to_string(self.path(domain)).ok()?;
        let mut lines = text.splitn(3, '\n');
        let is_same = lines.next()? == GENERATOR && lines.next()? == described(domain).ok()?;
        if !is_same {
            return None;
        }
        serde_json::from_str(lines.next()?).ok()
    }

    /// Keeps what this run made.
    pub fn keep(&self, crates: &[(Domain, GeneratedCrate)]) -> io::Result<()> {
        let fresh: Vec<_> = crates
            .iter()
            .filter(|(_, sources)| sources.is_fresh)
            .collect();
        if fresh.is_empty() {
            return Ok(());
        }
        std::fs::create_dir_all(&self.folder)?;
        parallel(fresh, |(domain, sources)| self.write(domain, sources))
            .into_iter()
            .collect()
    }

    fn write(&self, domain: &Domain, sources: &GeneratedCrate) -> io::Result<()> {
        let (domain_line, sources) = (described(domain)?, serde_json::to_string(sources)?);
        let path = self.path(domain);
        // Whoever reads at the same time finds the old entry or the new one.
        let unfinished = path.with_extension(std::process::id().to_string());
        std::fs::write(
            &unfinished,
            format!("{GENERATOR}\n{domain_line}\n{sources}"),
        )?;
        std::fs::rename(&unfinished, &path)
    }

    fn path(&self, domain: &Domain) -> PathBuf {
        self.folder.join(&domain.tag).with_extension("json")
    }
}

/// Everything that the source of a domain depends on, in one line.
fn described(domain: &Domain) -> serde_json::Result<String> {
    serde_json::to_string(domain)
}
