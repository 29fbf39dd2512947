//! Unused parts of the document. They look like parts of the API, but are in no client.

use std::path::Path;
use std::sync::Arc;

use super::{Rule, Warning};
use crate::collections::HashSet;
use crate::document::diagnostic::SourceFile;
use crate::document::node::{self, Node, NodeValue};
use crate::document::parse;
use crate::lint::Findings;
use crate::lint::document::{Document, properties};

pub(super) static COMPONENT: Rule = Rule {
    id: "unused-component",
    severity: Warning,
    summary: "a component of any file that no operation uses",
    help: "use it, or remove it",
    check: Some(components),
};

pub(super) static TAG: Rule = Rule {
    id: "unused-tag",
    severity: Warning,
    summary: "a tag that no operation has",
    help: "add it to the operations that belong to it, or remove it",
    check: Some(tags),
};

pub(super) static PATH: Rule = Rule {
    id: "unlisted-path",
    severity: Warning,
    summary: "a path of another file that `paths` of the root file does not list",
    help: "add it to `paths` of the root file with a `$ref`, or remove it",
    check: Some(paths),
};

pub(super) static FILE: Rule = Rule {
    id: "unused-file",
    severity: Warning,
    summary: "a file next to the document with paths or components that the document does not use",
    help: "use its content, or remove it",
    check: Some(files),
};

/// The kinds of component that a `$ref` uses.
const REFERRED_TO: [&str; 4] = ["schemas", "responses", "parameters", "requestBodies"];

fn components(document: &Document<'_>, findings: &mut Findings) {
    let used = reachable(document);
    for file in document.files {
        for kind in REFERRED_TO {
            let written = file.pointer(&format!("/components/{kind}"));
            for (name, property) in properties(written) {
                if !used.contains(&property.node.location.key()) {
                    let message = format!("no operation uses `{name}` of `{kind}`");
                    findings.add(&property.key, message);
                }
            }
        }
    }
    let schemes = document.root.pointer("/components/securitySchemes");
    let required: HashSet<&str> = document
        .operations
        .iter()
        .map(|operation| operation.node)
        .chain([document.root])
        .filter_map(|level| level.get("security"))
        .flat_map(Node::items)
        .flat_map(|alternative| properties(Some(alternative)))
        .map(|(name, _)| name)
        .collect();
    for (name, property) in properties(schemes) {
        if !required.contains(name) {
            findings.add(
                &property.key,
                format!("no operation requires `{name}` of `securitySchemes`"),
            );
        }
    }
}

/// The file, line and column of a node.
type PlaceKey<'a> = (&'a Path, usize, usize);

/// Returns the components that the paths use. Loading copied them, so their locations identify
/// them.
fn reachable<'a>(document: &'a Document<'_>) -> HashSet<PlaceKey<'a>> {
    let mut seen: HashSet<&str> = HashSet::default();
    let mut used = HashSet::default();
    let mut pending: Vec<(&Node, bool)> = document
        .root
        .get("paths")
        .map(|paths| (paths, true))
        .into_iter()
        .collect();
    while let Some((node, keys_are_names)) = pending.pop() {
        if !keys_are_names
            && let Some(pointer) = node
                .reference()
                .and_then(|reference| reference.strip_prefix('#'))
        {
            if seen.insert(pointer)
                && let Some(target) = document.root.pointer(pointer)
            {
                used.insert(target.location.key());
                pending.push((target, false));
            }
            continue;
        }
        match &node.value {
            NodeValue::Array(items) => pending.extend(items.iter().map(|item| (item, false))),
            NodeValue::Object(properties) => pending.extend(
                properties
                    .iter()
                    .filter(|(name, _)| keys_are_names || !node::holds_data(name))
                    .map(|(name, property)| {
                        (&property.node, !keys_are_names && node::holds_names(name))
                    }),
            ),
            _ => {}
        }
    }
    used
}

fn tags(document: &Document<'_>, findings: &mut Findings) {
    let used: HashSet<&str> = document
        .operations
        .iter()
        .filter_map(|operation| operation.node.get("tags"))
        .flat_map(Node::items)
        .filter_map(Node::as_str)
        .collect();
    let declared = document
        .root
        .get("tags")
        .map(Node::items)
        .unwrap_or_default();
    for tag in declared.iter().filter_map(|tag| tag.get("name")) {
        if let Some(name) = tag.as_str().filter(|name| !used.contains(name)) {
            findings.add(&tag.location, format!("no operation has the tag `{name}`"));
        }
    }
}

fn paths(document: &Document<'_>, findings: &mut Findings) {
    let listed: HashSet<PlaceKey<'_>> = properties(document.root.get("paths"))
        .map(|(_, item)| item.node.location.key())
        .collect();
    for file in document.files {
        let written = properties(file.get("paths"));
        for (path, item) in written.filter(|(path, _)| !path.starts_with("x-")) {
            // A path item with a `$ref` stands for its target.
            if item.node.reference().is_none() && !listed.contains(&item.node.location.key()) {
                findings.add(
                    &item.key,
                    format!("the root file does not list the path `{path}`"),
                );
            }
        }
    }
}

fn files(document: &Document<'_>, findings: &mut Findings) {
    let known: HashSet<&Path> = document
        .files
        .iter()
        .map(|file| file.location.file.path.as_path())
        .collect();
    for directory in document.directories {
        let entries = std::fs::read_dir(&directory.path)
            .into_iter()
            .flatten()
            .flatten();
        for path in entries
            .map(|entry| entry.path())
            .filter(|path| is_yaml_or_json(path))
        {
            let Some(name) = path.file_name() else {
                continue;
            };
            let shown = directory.shown.join(name);
            if known.contains(shown.as_path()) {
                continue;
            }
            let Ok(text) = std::fs::read_to_string(&path) else {
                continue;
            };
            // Another document is not parsed.
            if is_document(&text) {
                continue;
            }
            let Ok(tree) = parse(&Arc::new(SourceFile::new(shown, text))) else {
                continue;
            };
            // A file with neither is not part of a document.
            if tree.get("paths").is_some() || tree.get("components").is_some() {
                findings.add(&tree.location, "the document does not use this file");
            }
        }
    }
}

/// Returns true if a file is a whole document.
fn is_document(text: &str) -> bool {
    let names = ["openapi", "swagger", "\"openapi\"", "\"swagger\""];
    text.lines().any(|line| {
        let line = line.trim_start_matches(['{', ' ', '\t']);
        let rest = names.iter().find_map(|name| line.strip_prefix(name));
        rest.is_some_and(|rest| rest.trim_start().starts_with(':'))
    })
}

fn is_yaml_or_json(path: &Path) -> bool {
    let extension = path.extension().and_then(|extension| extension.to_str());
    matches!(extension, Some("yaml" | "yml" | "json"))
}
