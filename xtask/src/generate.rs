//! `cargo xtask generate` and `cargo xtask bundle`: their output and exit statuses.

use std::path::{Path, PathBuf};
use std::time::Instant;

use clap::Args;
use scorekit_codegen::progress::{Progress, shown};
use scorekit_codegen::{Changes, Diagnostics, Generation, Generator, OutputError};

use crate::output::{FAILURE, Format, SUCCESS, UNUSABLE, failed, print, takes_colours, unusable};

/// A third-party document.
#[derive(Debug, Args)]
pub(crate) struct ExternalDocument {
    /// The root file of another document, YAML or JSON
    #[arg(long, value_name = "FILE", requires = "out", required = false)]
    spec: PathBuf,
    /// The directory for the workspace with its crates, one per tag
    #[arg(long, value_name = "DIRECTORY", requires = "spec", required = false)]
    out: PathBuf,
    /// The directory below which the document may refer to files [default: that of the document]
    #[arg(long, value_name = "DIRECTORY", requires = "spec")]
    spec_root: Option<PathBuf>,
    /// The directory of scorekit-core, which the crates depend on [default: that of this workspace]
    #[arg(long, value_name = "DIRECTORY", requires = "spec")]
    core_path: Option<PathBuf>,
    /// Only the operations with these tags
    #[arg(long, value_name = "TAG", value_delimiter = ',', requires = "spec")]
    only: Vec<String>,
    /// Exit with 0 even if operations cannot be generated; they are listed
    #[arg(long, requires = "spec")]
    skip_unsupported: bool,
    /// Exit with 1 if anything was assumed, and write nothing
    #[arg(long, requires = "spec", conflicts_with = "skip_unsupported")]
    strict: bool,
    /// Format of notes, of the operations that are left out, and of errors
    #[arg(long, requires = "spec", value_enum, default_value_t = Format::Text)]
    format: Format,
}

/// Generates from the workspace's document, or from the external one.
pub(crate) fn generate(root: &Path, external: Option<ExternalDocument>, check: bool) -> u8 {
    let start = Instant::now();
    let is_own = external.is_none();
    let (mut skips, mut format) = (true, Format::Text);
    let (generator, out) = match external {
        None => (Generator::for_workspace(root), root.to_path_buf()),
        Some(external) => {
            (skips, format) = (external.skip_unsupported, external.format);
            let core = external.core_path;
            let core = core.unwrap_or_else(|| root.join("crates/core"));
            let spec_root = external.spec_root.into_iter();
            let generator = spec_root
                .fold(Generator::new(external.spec), Generator::spec_root)
                .only(external.only)
                .skip_unsupported(!external.strict)
                .strict(external.strict)
                .core_path(core)
                .cache(external.out.join("target/scorekit"));
            (generator, external.out)
        }
    };
    let (generation, changes) = match produce(generator, &out, check, format) {
        Ok(outcome) => outcome,
        Err(status) => return status,
    };
    if let (Some(note), Format::Text) = (changes.link_note(), format) {
        eprintln!("{note}");
    }
    let printed = match format {
        Format::Text => Ok(generation.messages(takes_colours(&std::io::stderr()))),
        Format::Json => generation.messages_as_json(),
    };
    match printed {
        Ok(text) => eprint!("{text}"),
        Err(error) => return failed(&error),
    }
    let status = if check {
        check_changes(&changes, is_own)
    } else {
        print(&generation.summary(&changes, start.elapsed()));
        if let Some(error) = changes.cache_error() {
            eprintln!("warning: the next run will not be faster: cannot write the cache: {error}");
        }
        match generation.left_out() {
            [_, ..] if !skips => FAILURE,
            _ => SUCCESS,
        }
    };
    // The process ends here, so a large tree need not be taken apart.
    std::mem::forget(generation);
    status
}

/// Generates, and writes what differs in `out` or only compares; an error is an exit status.
fn produce(
    generator: Generator,
    out: &Path,
    check: bool,
    format: Format,
) -> Result<(Generation, Changes), u8> {
    // Programs read one JSON object from standard error.
    let progress = match format {
        Format::Text => shown(),
        Format::Json => Progress::default(),
    };
    let generation = generator.progress(progress.clone()).generate();
    let outcome = generation
        .map_err(OutputError::Rejected)
        .and_then(|generation| {
            progress.begin("comparing with the files on disk");
            let changes = match check {
                true => generation.check(out)?,
                false => generation.write_to(out)?,
            };
            Ok((generation, changes))
        });
    // The progress bar has to be gone before anything is printed.
    drop(progress);
    outcome.map_err(|error| match error {
        OutputError::Rejected(diagnostics) => rejected(&diagnostics, format),
        error => failed(&error),
    })
}

/// Prints the stale files as a unified diff.
fn check_changes(changes: &Changes, is_own: bool) -> u8 {
    if changes.is_empty() {
        return SUCCESS;
    }
    print(&changes.unified_diff());
    let advice = changes.advice(match is_own {
        true => "run `cargo xtask generate` and commit what it changes",
        false => "run the same command without `--check`",
    });
    eprintln!("{advice}");
    FAILURE
}

/// Writes the workspace's document as one JSON file to `out`, or to standard output.
pub(crate) fn bundle(root: &Path, out: &Path) -> u8 {
    let text = match Generator::for_workspace(root).bundle() {
        Ok(text) => text,
        Err(diagnostics) => return rejected(&diagnostics, Format::Text),
    };
    if out == Path::new("-") {
        print(&text);
        return SUCCESS;
    }
    if let Err(error) = std::fs::write(out, text) {
        return failed(&format!("cannot write {}: {error}", out.display()));
    }
    println!("wrote {}", out.display());
    SUCCESS
}

fn rejected(diagnostics: &Diagnostics, format: Format) -> u8 {
    let status = match (format, diagnostics.to_json()) {
        (Format::Text, _) => unusable(diagnostics),
        (Format::Json, Err(error)) => failed(&error),
        (Format::Json, Ok(text)) => {
            eprint!("{text}");
            UNUSABLE
        }
    };
    match status {
        _ if diagnostics.are_findings() => FAILURE,
        status => status,
    }
}
