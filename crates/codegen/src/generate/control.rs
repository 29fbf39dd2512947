//! Plans the files that belong to the sandbox's control API, which has a document of its own: the
//! document as JSON, and its client.

use std::path::{Path, PathBuf};

use super::write::Plan;
use super::{Options, generate_with, standalone, workspace_tests};
use crate::document::diagnostic::Diagnostics;

/// The document. A workspace without it gets no files.
const DOCUMENT: &str = "crates/sandbox/control.yaml";

/// The document as the sandbox serves it.
const BUNDLE: &str = "crates/sandbox/control.json";

/// The directory of the generated client.
const CLIENT: &str = "crates/sandbox-client/src/generated";

/// The name of the client's crate.
const PACKAGE: &str = "scorekit-sandbox-client";

/// Plans the files in the workspace at `root`.
pub(super) fn plan(root: &Path, plan: &mut Plan) -> Result<(), Diagnostics> {
    let document = root.join(DOCUMENT);
    if !document.exists() {
        return Ok(());
    }
    // It is read like a third-party document, so it declares nothing for the facade.
    let options = Options {
        uses_defaults: true,
        ..Options::default()
    };
    let generated = generate_with(&document, root, &options)?;
    let bundle = super::bundle(&document, root, &options)?;
    plan.files.insert(BUNDLE.into(), bundle);
    for (path, content) in standalone::files(&generated, None) {
        // The document has one tag, and so one crate.
        let parts = path.components();
        let mut parts = parts.skip_while(|part| part.as_os_str() != "generated");
        if parts.next().is_some() {
            let path: PathBuf = parts.collect();
            plan.files.insert(Path::new(CLIENT).join(path), content);
        }
    }
    for (domain, _) in &generated.crates {
        workspace_tests::add_examples(domain, Path::new(CLIENT), PACKAGE, plan)?;
    }
    plan.owned_directories.push(CLIENT.into());
    Ok(())
}
