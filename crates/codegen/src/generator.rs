//! The entry point of the library: a generator, the code that it generates, and the changes to a
//! directory.

use std::collections::BTreeMap;
use std::fmt;
use std::path::{Path, PathBuf};
use std::time::Duration;

use crate::changes::{Changes, OutputError, absolute};
use crate::collections::IndexMap;
use crate::diff::report::Report;
use crate::diff::source::DocumentSource;
use crate::document::diagnostic::{Diagnostic, Diagnostics, counted};
use crate::generate::cache::Cache;
use crate::generate::model::Domain;
use crate::generate::refine::GeneratedCrate;
use crate::generate::write::{self, Change, Plan};
use crate::generate::{self, DOCUMENT, Generated, LeftOut, Options};
use crate::generate::{guard, modules, report, standalone};
use crate::progress::Progress;
use crate::{document, lint as rules};

/// The name of the threads that generate crates. A panic on one of them becomes a diagnostic, so a
/// panic hook can skip its message.
pub const WORKER_THREAD: &str = generate::parallel::THREAD;

/// A generator of client crates for one OpenAPI document.
///
/// ```
/// # fn main() -> Result<(), Box<dyn std::error::Error>> {
/// # let directory = tempfile::tempdir()?;
/// # let document = directory.path().join("api.yaml");
/// # std::fs::write(&document, "openapi: 3.0.3\ninfo: {title: Pets, version: '1'}\n\
/// #     servers: [{url: 'https://api.example.com'}]\n\
/// #     paths: {/pets: {get: {responses: {'204': {description: Done.}}}}}\n")?;
/// use std::path::Path;
///
/// use scorekit_codegen::Generator;
///
/// let generation = Generator::new(&document).skip_unsupported(true).generate()?;
/// for note in generation.notes() {
///     println!("{note}");
/// }
/// assert!(generation.files().contains_key(Path::new("crates/default/src/lib.rs")));
/// # Ok(())
/// # }
/// ```
#[derive(Clone, Debug)]
#[must_use = "a generator does nothing until `generate` is called"]
pub struct Generator {
    source: Source,
    core: Option<PathBuf>,
    options: Options,
}

/// The document of a generator.
#[derive(Clone, Debug)]
enum Source {
    /// The root file of any document.
    File(PathBuf),
    /// The root directory of a scorekit workspace.
    Workspace(PathBuf),
}

impl Generator {
    /// Creates a generator for the OpenAPI 3.0 document whose root file is `document`, YAML or
    /// JSON.
    ///
    /// It generates a workspace with one crate per tag. References to other files are followed
    /// below the directory of the root file.
    pub fn new(document: impl Into<PathBuf>) -> Self {
        Self {
            source: Source::File(document.into()),
            core: None,
            options: Options {
                uses_defaults: true,
                ..Options::default()
            },
        }
    }

    /// Creates a generator for `spec/openapi.yaml` of the scorekit workspace at `root`.
    ///
    /// It generates the domain crates, the facade's part of them, the sandbox's document and the
    /// calls that the tests make. The document must say everything, must break no rule of the level
    /// error, and every operation must be generated.
    pub fn for_workspace(root: impl Into<PathBuf>) -> Self {
        Self {
            source: Source::Workspace(root.into()),
            core: None,
            options: Options::default(),
        }
    }

    /// Leaves out operations that cannot be generated instead of returning an error.
    /// [`Generation::left_out`] lists them.
    pub fn skip_unsupported(mut self, skips: bool) -> Self {
        self.options.skips_unsupported = skips;
        self
    }

    /// Returns an error where the generator would assume what a third-party document means.
    pub fn strict(mut self, is_strict: bool) -> Self {
        self.options.is_strict = is_strict;
        self
    }

    /// Sets the directory below which the document may refer to other files: by default, that of
    /// the root file. A document decides which of them are read. The workspace's own document does
    /// not use it.
    pub fn spec_root(mut self, directory: impl Into<PathBuf>) -> Self {
        self.options.directory = Some(directory.into());
        self
    }

    /// Generates only the operations with these tags. Without tags it generates all of them.
    pub fn only<T: Into<String>>(mut self, tags: impl IntoIterator<Item = T>) -> Self {
        self.options.only = tags.into_iter().map(Into::into).collect();
        self
    }

    /// Sets the directory of `scorekit-core`, the runtime that generated crates depend on. Without
    /// it they depend on the published version that belongs to this generator.
    pub fn core_path(mut self, directory: impl Into<PathBuf>) -> Self {
        self.core = Some(directory.into());
        self
    }

    /// Reports progress to an [`Observer`](crate::progress::Observer).
    pub fn progress(mut self, progress: Progress) -> Self {
        self.options.progress = progress;
        self
    }

    /// Keeps generated crates in `directory`, so that later runs generate only what changed. It
    /// may be deleted at any time. The workspace's own document uses no cache.
    pub fn cache(mut self, directory: impl Into<PathBuf>) -> Self {
        self.options.cache = Some(Cache::new(directory.into()));
        self
    }

    /// Generates every crate in memory. Writes nothing.
    ///
    /// # Errors
    /// Returns everything that is wrong with the document, each with its place and a way to fix it.
    /// For a workspace this includes manifests that cannot be read.
    pub fn generate(self) -> Result<Generation, Diagnostics> {
        let (generated, target) = match self.source {
            Source::Workspace(root) => {
                let (generated, plan) = generate::plan(&root, &self.options)?;
                (generated, Target::Workspace(plan))
            }
            Source::File(document) => {
                let base = document.parent().unwrap_or(Path::new(""));
                let generated = generate::generate_with(&document, base, &self.options)?;
                (generated, Target::Standalone(self.core))
            }
        };
        Ok(Generation {
            generated,
            target,
            cache: self.options.cache,
        })
    }

    /// Checks the document by the rules of [`lint::RULES`](crate::lint::RULES). Returns those
    /// findings that it does not allow (`x-lint-allow`), in the order of files and lines.
    ///
    /// # Errors
    /// Returns what keeps the document from being read.
    pub fn lint(self) -> Result<Vec<Diagnostic>, Diagnostics> {
        let (progress, below) = (self.options.progress, self.options.directory);
        progress.expect(2);
        progress.begin("reading the document");
        let (document, base) = match self.source {
            Source::Workspace(root) => (root.join(DOCUMENT), root),
            Source::File(document) => (document, PathBuf::new()),
        };
        let loaded = document::load_with_files_below(&document, &base, below.as_deref())?;
        progress.done();
        progress.begin("checking the document by each rule");
        Ok(rules::lint(&loaded))
    }

    /// Returns the document as one JSON string without references to other files.
    ///
    /// # Errors
    /// Returns everything that is wrong with the document.
    pub fn bundle(self) -> Result<String, Diagnostics> {
        match self.source {
            Source::Workspace(root) => generate::bundle(&root.join(DOCUMENT), &root, &self.options),
            Source::File(document) => {
                let base = document.parent().unwrap_or(Path::new(""));
                generate::bundle(&document, base, &self.options)
            }
        }
    }
}

/// Checks the document whose root file is `document` by the rules of
/// [`lint::RULES`](crate::lint::RULES).
///
/// ```
/// # fn main() -> Result<(), Box<dyn std::error::Error>> {
/// # let directory = tempfile::tempdir()?;
/// # let document = directory.path().join("api.yaml");
/// # std::fs::write(&document, "openapi: 3.0.3\ninfo: {title: Pets, version: '1'}\npaths: {}\n")?;
/// for finding in scorekit_codegen::lint(&document)? {
///     println!("{finding}");
/// }
/// # Ok(())
/// # }
/// ```
///
/// # Errors
/// Returns what keeps the document from being read.
pub fn lint(document: impl Into<PathBuf>) -> Result<Vec<Diagnostic>, Diagnostics> {
    Generator::new(document).lint()
}

/// Compares two documents by their root files. The report has the breaks on the wire and in the
/// Rust API, and the versions that the crates need after version 0.1.0.
///
/// Both documents must name their operations and tags; [`diff::compare`](crate::diff::compare)
/// compares revisions of a workspace's document.
///
/// # Errors
/// Returns everything that is wrong with either document.
pub fn diff(old: impl AsRef<Path>, new: impl AsRef<Path>) -> Result<Report, Diagnostics> {
    let (old, new) = (
        DocumentSource::file(old.as_ref()),
        DocumentSource::file(new.as_ref()),
    );
    crate::diff::compare(&old, &new, Path::new(""), Progress::default())
}

/// The crates that were generated from a document.
pub struct Generation {
    generated: Generated,
    target: Target,
    cache: Option<Cache>,
}

/// The workspace that the crates belong to.
enum Target {
    /// A scorekit workspace, whose files are planned.
    Workspace(Plan),
    /// A workspace of its own; `scorekit-core` may be in a directory.
    Standalone(Option<PathBuf>),
}

impl Generation {
    /// Returns every file of a new workspace, or of the scorekit workspace, by its relative path.
    pub fn files(&self) -> BTreeMap<PathBuf, String> {
        match &self.target {
            Target::Workspace(plan) => plan.files.clone(),
            Target::Standalone(core) => standalone::files(&self.generated, core.as_deref()),
        }
    }

    /// Returns what was assumed about a third-party document, and the parts of its operations that
    /// are not generated.
    pub fn notes(&self) -> &[Diagnostic] {
        &self.generated.notes
    }

    /// Returns the operations that [`Generator::skip_unsupported`] left out.
    pub fn left_out(&self) -> &[LeftOut] {
        &self.generated.left_out
    }

    /// Returns the operations that were left out and the notes for people. The string ends with a
    /// line break unless it is empty. Set `color` for a terminal.
    pub fn messages(&self, color: bool) -> String {
        report::text(&self.generated, color)
    }

    /// Returns the operations that were left out and the notes as one JSON object in a line.
    ///
    /// # Errors
    /// Returns an error if the object cannot be written as JSON.
    pub fn messages_as_json(&self) -> serde_json::Result<String> {
        report::json(&self.generated)
    }

    /// Returns a summary of each crate, in the order of the tags. The last one is the crate of the
    /// types that several tags share, if there are any.
    pub fn crates(&self) -> impl Iterator<Item = CrateSummary> + '_ {
        let lines = |files: &IndexMap<String, String>| {
            let lines = files.values().map(|text| text.lines().count());
            lines.sum()
        };
        let crates = self.generated.crates.iter();
        let crates = crates.map(move |(domain, sources)| CrateSummary {
            name: self.generated.crate_name(&domain.tag),
            tag: domain.tag.clone(),
            operations: sources.operations,
            types: sources.types,
            lines: lines(&sources.files),
        });
        let shared = self.generated.shared.iter();
        crates.chain(shared.map(move |shared| CrateSummary {
            name: self.generated.crate_name(&shared.directory),
            tag: shared.directory.clone(),
            operations: 0,
            types: shared.sources.types,
            lines: lines(&shared.sources.files),
        }))
    }

    /// Compares the generated files with those in `directory`. Writes nothing.
    ///
    /// A crate's `Cargo.toml`, `README.md` and `src/lib.rs` are generated once; where they exist,
    /// they do not count as changes. Generated files that are no longer needed count as removed.
    /// For a scorekit workspace, `directory` must be its root.
    ///
    /// # Errors
    /// Returns an error if `directory` holds links that lead out of it, or files that must not be
    /// replaced or removed. Also returns one if a file cannot be read.
    pub fn check(&self, directory: impl AsRef<Path>) -> Result<Changes, OutputError> {
        let (_, changes) = self.changes(directory.as_ref())?;
        Ok(changes)
    }

    /// Writes the generated files to `directory`, and removes generated files that are no longer
    /// needed. Files that are up to date are not touched, so cargo does not rebuild them.
    ///
    /// [`Generation::check`] says which files stay as they are.
    ///
    /// # Errors
    /// Returns an error if `directory` holds links that lead out of it, or files that must not be
    /// replaced or removed. Also returns one if a file cannot be read or written.
    pub fn write_to(&self, directory: impl AsRef<Path>) -> Result<Changes, OutputError> {
        let (directory, mut changes) = self.changes(directory.as_ref())?;
        write::apply(&directory, &changes.changes)
            .map_err(OutputError::io("write the generated files"))?;
        if let Some(cache) = &self.cache {
            changes.cache_error = cache.keep(&self.generated).err();
        }
        Ok(changes)
    }

    /// Writes a module for each tag to `directory`, and the file `scorekit.rs` that declares them:
    /// the output of a build script, for its `OUT_DIR`. Modules that are no longer needed are
    /// removed, and files that are up to date are not touched.
    ///
    /// A crate includes that file anywhere. It depends on `scorekit-core` and `serde_json`.
    ///
    /// ```no_run
    /// // build.rs
    /// fn main() -> Result<(), Box<dyn std::error::Error>> {
    ///     println!("cargo::rerun-if-changed=petstore.yaml");
    ///     let generation = scorekit_codegen::Generator::new("petstore.yaml").generate()?;
    ///     generation.write_modules(std::env::var("OUT_DIR")?)?;
    ///     Ok(())
    /// }
    /// ```
    ///
    /// The crate has `mod api { include!(concat!(env!("OUT_DIR"), "/scorekit.rs")); }`, and then
    /// `api::pets::Client`, `api::pets::types` and `api::pets::requests` for the tag `pets`.
    ///
    /// # Errors
    /// Returns an error if a file cannot be read or written.
    pub fn write_modules(&self, directory: impl AsRef<Path>) -> Result<Changes, OutputError> {
        let directory = directory.as_ref();
        let changes = modules::plan(&self.generated).changes(directory);
        let changes = changes.map_err(OutputError::io("compare the modules with those on disk"))?;
        write::apply(directory, &changes).map_err(OutputError::io("write the modules"))?;
        Ok(Changes {
            link: None,
            changes,
            cache_error: None,
        })
    }

    /// Returns the directory in full, and the changes to it.
    fn changes(&self, directory: &Path) -> Result<(PathBuf, Changes), OutputError> {
        let locate = OutputError::io("locate the output directory");
        let given = directory;
        let directory = absolute(given).map_err(locate)?;
        let standalone;
        let plan = match &self.target {
            Target::Workspace(plan) => plan,
            Target::Standalone(core) => {
                let core = core.as_deref().map(absolute).transpose();
                let core = core.map_err(OutputError::io("locate scorekit-core"))?;
                let planned = standalone::plan(&directory, core.as_deref(), &self.generated);
                standalone = planned.map_err(OutputError::Rejected)?;
                &standalone
            }
        };
        let links = guard::links_outside(&directory, plan);
        if !links.is_empty() {
            return Err(OutputError::Rejected(Diagnostics(links)));
        }
        let changes = plan.changes(&directory);
        let changes = changes.map_err(OutputError::io(
            "compare the generated files with those on disk",
        ))?;
        let foreign = guard::foreign_files(plan, &changes);
        if !foreign.is_empty() {
            return Err(OutputError::Rejected(Diagnostics(foreign)));
        }
        // With a slash at its end, the path names the target of a link.
        let without_slash: PathBuf = given.components().collect();
        let link = without_slash.read_link().ok().map(|_| {
            let (given, directory) = (given.display(), directory.display());
            format!("note: {given} is a link; the files are in {directory}")
        });
        Ok((
            directory,
            Changes {
                changes,
                link,
                cache_error: None,
            },
        ))
    }

    /// Returns a report: the size and the number of changed files of each crate, the removed files,
    /// and the time of the run.
    pub fn summary(&self, changes: &Changes, elapsed: Duration) -> String {
        let mut lines = Vec::new();
        let mut in_crates = 0;
        for krate in self.crates() {
            let directory = Path::new("crates").join(&krate.tag);
            let is_inside = |change: &&Change| change.path.starts_with(&directory);
            let changed = changes.iter().filter(is_inside).count();
            in_crates += changed;
            lines.push(format!(
                "{:<22} {:>3} operations {:>4} types {:>6} lines {changed:>3} files changed\n",
                krate.name, krate.operations, krate.types, krate.lines
            ));
        }
        let removed = changes.iter().filter(|change| change.after.is_none());
        lines.extend(removed.map(|change| format!("removed {}\n", change.path.display())));
        let crates = counted(self.crates().count(), "crate");
        let others = counted(changes.len() - in_crates, "other file");
        let seconds = elapsed.as_secs_f64();
        lines.push(format!(
            "generated {crates} in {seconds:.2} s, {others} changed\n"
        ));
        let operations: usize = self.crates().map(|krate| krate.operations).sum();
        if cfg!(debug_assertions) && operations > MANY_OPERATIONS {
            lines.push(
                "note: this program is not optimized; `cargo run --release` builds one that takes \
                 a fraction of the time for a document of this size\n"
                    .to_owned(),
            );
        }
        lines.concat()
    }

    /// Returns each lowered domain with the source of its crate.
    #[doc(hidden)]
    pub fn domains(&self) -> &[(Domain, GeneratedCrate)] {
        &self.generated.crates
    }
}

impl fmt::Debug for Generation {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Generation")
            .field("crates", &self.crates().collect::<Vec<_>>())
            .finish_non_exhaustive()
    }
}

/// The number of operations from which on an optimized generator is worth its build.
const MANY_OPERATIONS: usize = 300;

/// The size of a generated crate.
#[derive(Clone, Debug, Eq, PartialEq)]
#[non_exhaustive]
pub struct CrateSummary {
    /// The name of the crate.
    pub name: String,
    /// The tag, which is also the name of the crate's directory. For the crate of shared types,
    /// only the directory.
    pub tag: String,
    /// The number of operations.
    pub operations: usize,
    /// The number of types.
    pub types: usize,
    /// The number of generated lines.
    pub lines: usize,
}
