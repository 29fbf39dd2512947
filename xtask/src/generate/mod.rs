//! The generator: one OpenAPI document in, one client crate per tag out.
//!
//! ```text
//! load -> partition -> lower -> engine (progenitor) -> refine -> workspace -> write
//! ```
//!
//! Each stage is a module of its own and can be read and tested alone. Nothing is written before every stage of
//! every domain has succeeded.

pub mod engine;
pub mod examples;
pub mod load;
pub mod lower;
pub mod model;
pub mod partition;
pub mod refine;
pub mod workers;
pub mod workspace;
pub mod write;

use std::path::Path;
use std::time::{Duration, Instant};

use self::load::node::Node;
use self::model::Domain;
use self::refine::Sources;
use self::write::Plan;
use crate::diagnostic::{Diagnostic, Diagnostics};

/// Where the document's root stands in a workspace.
pub const DOCUMENT: &str = "spec/openapi.yaml";

/// Everything the generator makes of a document.
pub struct Generated {
    /// The document as one tree.
    pub document: Node,
    /// Each lowered domain and the source of its crate.
    pub crates: Vec<(Domain, Sources)>,
    /// How long it took.
    pub duration: Duration,
}

/// Generates the crates of the document at `root`; paths in diagnostics are relative to `base`.
pub fn generate(root: &Path, base: &Path) -> Result<Generated, Diagnostics> {
    let start = Instant::now();
    let document = load::load(root, base)?;
    let mut crates = Vec::new();
    let mut errors = Vec::new();
    for outcome in workers::run(partition::partition(&document)?) {
        match outcome {
            Ok(generated) => crates.push(generated),
            Err(error) => errors.push(error),
        }
    }
    if crates.is_empty() && errors.is_empty() {
        errors.push(Diagnostic::new(
            &document.location,
            "the document has no operations",
            "declare a tag in `tags` and an operation that carries it in `paths`",
        ));
    }
    if !errors.is_empty() {
        return Err(Diagnostics(errors));
    }
    Ok(Generated {
        document,
        crates,
        duration: start.elapsed(),
    })
}

/// Generates from the workspace's document and plans what that means for the workspace's files.
pub fn plan(workspace: &Path) -> Result<(Generated, Plan), Diagnostics> {
    let generated = generate(&workspace.join(DOCUMENT), workspace)?;
    let plan = workspace::plan(workspace, &generated)?;
    Ok((generated, plan))
}
