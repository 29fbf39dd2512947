//! The part of a review that needs no build (`cargo xtask review`): the comparison with the last
//! commit, the snapshots of the public interface, and the operations whose requests can differ.
//!
//! The snapshots of requests need a build of the clients and of the calls. A change that touches no
//! request, such as one of a response, needs none.

use std::collections::{BTreeMap, BTreeSet};
use std::path::{Path, PathBuf};

use serde_json::{Map, Value, json};

use crate::diff::interface::print;
use crate::diff::report::Report;
use crate::diff::source::{DocumentSource, git};
use crate::diff::{self, Selection};
use crate::document::diagnostic::{Diagnostic, Diagnostics};
use crate::generate::Generated;
use crate::progress::Progress;

/// The directory of the snapshots of the public interface.
const SURFACES: &str = "tests/integration/snapshots/surface";

/// The head of a snapshot, up to its text.
const HEAD: &str = "---\nsource: tests/support/src/snapshots.rs\n---\n";

/// The directories whose changes can touch every request.
const RUNTIME: [&str; 3] = ["crates/codegen", "crates/core", "crates/scorekit/src"];

/// The keywords whose texts are not part of a request.
const TEXTS: [&str; 4] = ["description", "summary", "externalDocs", "title"];

/// The keywords whose values are data, which may have such names, too.
const DATA: [&str; 4] = ["example", "examples", "default", "enum"];

/// What a review has to show.
pub struct Review {
    /// The comparison with the old document.
    pub report: Report,
    /// The operations whose requests can differ.
    pub requests: Vec<String>,
}

/// Compares the document of the workspace at `root` with the revision or file `base`. Each snapshot
/// of the public interface that differs gets a file next to it, for `cargo insta review`.
///
/// # Errors
/// Returns what keeps a document from being read, or a snapshot from being read or written.
pub fn review(root: &Path, base: &str, progress: Progress) -> Result<Review, Diagnostics> {
    let old = DocumentSource::find(base, root)?;
    let new = DocumentSource::of_workspace(root);
    let selection = Selection::default();
    let (report, [before, after]) = diff::compare_and_keep(&old, &new, root, &selection, progress)?;
    surfaces(root, &after)?;
    let [before, after] = [&before, &after].map(requests);
    let touches_all = old.is_external || is_runtime_changed(root, base);
    let ids: BTreeSet<_> = before.keys().chain(after.keys()).collect();
    let touched = ids
        .into_iter()
        .filter(|id| touches_all || before.get(*id) != after.get(*id));
    Ok(Review {
        report,
        requests: touched.cloned().collect(),
    })
}

/// Returns the snapshots that wait to be accepted or rejected, in the order of their names.
pub fn pending(root: &Path) -> Vec<PathBuf> {
    let mut files = Vec::new();
    // A directory that cannot be read has no snapshots.
    let _ = crate::generate::write::collect_files(root, Path::new("tests"), &mut files);
    files.retain(|path| path.extension().is_some_and(|extension| extension == "new"));
    files.sort();
    files
}

/// The message about tests that fail without a snapshot.
pub const BROKEN: &str = "error: cannot compare the snapshots of requests: the tests do not \
                          compile, or fail for another reason; correct that and run `cargo xtask \
                          review` again";

/// Returns the list of the snapshots that wait, and how to accept them. `None` if there are none.
pub fn advice(root: &Path, has_insta: bool) -> Option<(String, String)> {
    let pending = pending(root);
    let lines = pending.iter();
    let lines: String = lines
        .map(|path| format!("    {}\n", path.display()))
        .collect();
    let install = match has_insta {
        true => "",
        false => "cargo install cargo-insta\n    ",
    };
    let advice = format!(
        "review them, and accept those that were meant to change, with\n\n    {install}cargo insta \
         review\n\nor accept all of them with\n\n    INSTA_UPDATE=always cargo test --workspace\n"
    );
    (!pending.is_empty()).then(|| (format!("snapshots that differ:\n{lines}"), advice))
}

/// Returns true if a snapshot of requests waits.
pub fn waits_for_requests(root: &Path) -> bool {
    let pending = pending(root);
    let mut pending = pending.iter();
    pending.any(|path| !path.starts_with(SURFACES))
}

/// Compares the public interface of each resource with its snapshot.
fn surfaces(root: &Path, generated: &Generated) -> Result<(), Diagnostics> {
    let directory = root.join(SURFACES);
    if !directory.is_dir() {
        return Ok(());
    }
    for (domain, sources) in &generated.crates {
        for (resource, text) in print(sources) {
            let path = directory.join(format!("{}.{resource}.snap", domain.tag));
            let pending = path.with_extension("snap.new");
            let known = std::fs::read_to_string(&path).unwrap_or_default();
            let known = known.splitn(3, "---\n").nth(2).unwrap_or_default();
            let outcome = match known.trim() == text.trim() {
                true if pending.exists() => std::fs::remove_file(&pending),
                true => Ok(()),
                false => std::fs::write(&pending, format!("{HEAD}{}\n", text.trim_end())),
            };
            outcome.map_err(|error| {
                Diagnostic::without_location(
                    format!("cannot write {}: {error}", pending.display()),
                    "make the directory writable, or free disk space",
                )
            })?;
        }
    }
    Ok(())
}

/// Returns everything that a request of each operation is made of, by operation id.
fn requests(generated: &Generated) -> BTreeMap<String, Value> {
    let document = generated.document.to_value();
    let mut requests = BTreeMap::new();
    let paths = document["paths"].as_object().into_iter().flatten();
    for (path, item) in paths {
        for (method, operation) in item.as_object().into_iter().flatten() {
            let Some(id) = operation["operationId"].as_str() else {
                continue;
            };
            let mut parts = operation.clone();
            if let Some(parts) = parts.as_object_mut() {
                // Of a response, only the media types are part of the request: its header `accept`.
                if let Some(responses) = parts.get_mut("responses") {
                    *responses = media_types(&document, responses);
                }
                parts.retain(|name, _| name != "x-pagination" && name != "x-lint-allow");
            }
            let parameters = &item["parameters"];
            let mut request = json!([path, method, parts, parameters, item["servers"]]);
            strip(&mut request);
            let mut schemas = Map::new();
            reach(&document, &request, &mut schemas);
            requests.insert(id.to_owned(), json!([request, schemas]));
        }
    }
    let all = json!([
        document["servers"],
        document["security"],
        document["components"]["securitySchemes"]
    ]);
    for request in requests.values_mut() {
        *request = json!([request, all]);
    }
    requests
}

/// Returns the media types of the responses.
fn media_types(document: &Value, responses: &Value) -> Value {
    let responses = responses.as_object().into_iter().flatten();
    let media = responses.map(|(status, response)| {
        let target = response["$ref"]
            .as_str()
            .and_then(|to| to.strip_prefix('#'));
        let response = target
            .and_then(|to| document.pointer(to))
            .unwrap_or(response);
        let content = response["content"].as_object().into_iter().flatten();
        let media: Vec<&String> = content.map(|(media, _)| media).collect();
        (status.clone(), json!(media))
    });
    // Errors are read in any media type.
    let successes = media.filter(|(status, _)| status.starts_with('2'));
    Value::Object(successes.collect())
}

/// Adds the components that a value refers to, without texts.
fn reach(document: &Value, value: &Value, found: &mut Map<String, Value>) {
    let mut pending = vec![value.clone()];
    while let Some(value) = pending.pop() {
        match value {
            Value::Array(items) => pending.extend(items),
            Value::Object(members) => {
                if let Some(target) = members.get("$ref").and_then(Value::as_str)
                    && !found.contains_key(target)
                    && let Some(component) = target
                        .strip_prefix('#')
                        .and_then(|pointer| document.pointer(pointer))
                {
                    let mut component = component.clone();
                    strip(&mut component);
                    found.insert(target.to_owned(), component.clone());
                    pending.push(component);
                }
                pending.extend(members.into_iter().map(|(_, member)| member));
            }
            _ => {}
        }
    }
}

/// Removes the texts of a value: strings under a keyword for texts, outside of data.
fn strip(value: &mut Value) {
    match value {
        Value::Array(items) => items.iter_mut().for_each(strip),
        Value::Object(members) => {
            members.retain(|name, member| {
                !TEXTS.contains(&name.as_str()) || (member.is_object() && name != "externalDocs")
            });
            let members = members
                .iter_mut()
                .filter(|(name, _)| !DATA.contains(&name.as_str()));
            members.for_each(|(_, member)| strip(member));
        }
        _ => {}
    }
}

/// Returns true if the generator or the runtime differ from the revision `base`, or if that cannot
/// be found out.
fn is_runtime_changed(root: &Path, base: &str) -> bool {
    let arguments = ["status", "--porcelain", "--"];
    let uncommitted = git(root, &[&arguments[..], &RUNTIME].concat());
    let committed = git(
        root,
        &[&["diff", "--name-only", base, "--"][..], &RUNTIME].concat(),
    );
    match (uncommitted, committed) {
        (Ok(one), Ok(other)) => {
            let lines = [one, other].concat();
            let lines = String::from_utf8_lossy(&lines).into_owned();
            // The facade has a generated file, which the document alone changes.
            lines
                .lines()
                .any(|line| !line.contains("generated.rs") && !line.contains(".md"))
        }
        _ => true,
    }
}
