//! `cargo xtask diff`: its output and exit status.

use std::path::Path;

use clap::ValueEnum;
use scorekit_codegen::Diagnostics;
use scorekit_codegen::diff::source::DocumentSource;
use scorekit_codegen::diff::{Selection, compare_only, render};
use scorekit_codegen::progress::shown;

use crate::output::{FAILURE, SUCCESS, print, takes_colours, unusable};

/// The format of a report.
#[derive(Clone, Copy, Debug, Eq, PartialEq, ValueEnum)]
pub(crate) enum Format {
    /// For people: grouped by crate, coloured on a terminal
    Text,
    /// For machines: one object
    Json,
    /// For the comment of a pull request
    Markdown,
}

/// Compares the document of the workspace at `root`, or the one in the file `spec`, with `base`.
/// Documents that are files may refer to files below `spec_root`.
pub(crate) fn run(
    root: &Path,
    base: &str,
    spec: Option<&Path>,
    spec_root: Option<&Path>,
    selection: &Selection,
    format: Format,
) -> u8 {
    let compared = DocumentSource::find(base, root)
        .map_err(Diagnostics::from)
        .and_then(|base| {
            let new = spec.map_or_else(|| DocumentSource::of_workspace(root), DocumentSource::file);
            let below = |source| match spec_root {
                Some(directory) => DocumentSource::with_spec_root(source, directory),
                None => source,
            };
            let (base, new) = (below(base), below(new));
            compare_only(&base, &new, root, selection, shown())
        });
    let report = match compared {
        Ok(report) => report,
        Err(diagnostics) => return unusable(&diagnostics),
    };
    eprint!("{}", report.messages(takes_colours(&std::io::stderr())));
    print(&match format {
        Format::Text => render::text(&report, takes_colours(&std::io::stdout())),
        Format::Markdown => render::markdown(&report),
        Format::Json => render::json(&report),
    });
    if report.breaks() { FAILURE } else { SUCCESS }
}
