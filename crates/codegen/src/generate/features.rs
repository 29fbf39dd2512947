//! The features of the runtime that every client passes on. A program then selects them at the
//! client that it uses, and needs no dependency on the runtime.

use std::path::Path;

use toml_edit::{Array, DocumentMut, value};

use super::workspace::table;
use crate::document::diagnostic::Diagnostic;

/// The runtime's crate.
const RUNTIME: &str = "scorekit-core";

/// The features of the runtime, and if they are on by default.
const FEATURES: [(&str, bool); 8] = [
    ("gzip", true),
    ("ring", true),
    ("aws-lc-rs", false),
    ("brotli", false),
    ("zstd", false),
    ("http2", false),
    ("chrono-0.4", false),
    ("jiff-1", false),
];

/// Adds the features that the manifest of a client does not pass on yet. A feature that exists may
/// have been edited by hand, so it stays.
pub(super) fn pass_on(manifest: &mut DocumentMut, path: &Path) -> Result<(), Diagnostic> {
    let features = table(manifest, &["features"], path)?;
    if !features.contains_key("default") {
        let default = FEATURES.iter().filter(|(_, is_default)| *is_default);
        let default: Array = default.map(|(name, _)| *name).collect();
        features.insert("default", value(default));
    }
    for (name, _) in FEATURES {
        if !features.contains_key(name) {
            let enabled: Array = [format!("{RUNTIME}/{name}")].into_iter().collect();
            features.insert(name, value(enabled));
        }
    }
    Ok(())
}

/// Returns the section `[features]` of a new client's manifest.
pub(super) fn section() -> String {
    let default = FEATURES.iter().filter(|(_, is_default)| *is_default);
    let default: Vec<_> = default.map(|(name, _)| format!("\"{name}\"")).collect();
    let mut text = format!(
        "# The features of the runtime: compression, the provider of TLS, and others.\n\
         [features]\ndefault = [{}]\n",
        default.join(", ")
    );
    for (name, _) in FEATURES {
        let key = match name.contains('.') {
            true => format!("\"{name}\""),
            false => name.to_owned(),
        };
        text.push_str(&format!("{key} = [\"{RUNTIME}/{name}\"]\n"));
    }
    text
}
