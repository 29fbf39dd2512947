//! Stage 1, load: reads the document's root, follows every `$ref` across files, and gives back one tree.
//!
//! In the tree that comes out, path items stand in place, and every other reference is
//! `#/components/<kind>/<name>`: components of other files have moved in under their own name. Every node still
//! knows the file and line it was written in.

pub mod node;
mod referring;
mod yaml;

use std::collections::{HashMap, VecDeque};
use std::path::{Component, Path, PathBuf};
use std::sync::Arc;

use indexmap::IndexMap;

use self::node::{Member, Node, NodeValue, escape_pointer_token, unescape_pointer_token};
use self::referring::circular_components;
pub use self::referring::references;
pub(crate) use self::yaml::parse;
use crate::diagnostic::{Diagnostic, Diagnostics, SourceFile};

/// The kinds of component that may be referred to.
const COMPONENT_KINDS: [&str; 4] = ["schemas", "responses", "parameters", "requestBodies"];

/// How many path items, or components that say nothing else, may refer to one another in a row.
const LONGEST_CHAIN: usize = 16;

/// A document as one tree, and the files it was made of.
pub struct Loaded {
    /// The tree that every later stage reads.
    pub document: Node,
    /// Each file as it was written, its references untouched, in the order of their paths.
    pub files: Vec<Arc<Node>>,
    /// The folders that they stand in.
    pub folders: Vec<Folder>,
}

/// A folder with files of the document.
#[derive(Clone, Debug, Eq, Ord, PartialEq, PartialOrd)]
pub struct Folder {
    /// Where it is on disk.
    pub path: PathBuf,
    /// What diagnostics call it.
    pub shown: PathBuf,
}

impl Folder {
    /// The folder of the file at `path`.
    fn of(path: &Path, base: &Path) -> Self {
        let parent = path.parent().unwrap_or(Path::new(""));
        let shown = parent.strip_prefix(base).unwrap_or(parent).to_path_buf();
        // The empty path is no folder to the operating system.
        let path = if parent.as_os_str().is_empty() {
            Path::new(".")
        } else {
            parent
        };
        Self {
            path: path.to_path_buf(),
            shown,
        }
    }
}

/// Loads the document whose root file is `root`. Paths in diagnostics are relative to `base`.
pub fn load(root: &Path, base: &Path) -> Result<Node, Diagnostics> {
    load_with_files(root, base).map(|loaded| loaded.document)
}

/// Loads the document as [`load`] does, and keeps what its files say that nothing refers to.
pub fn load_with_files(root: &Path, base: &Path) -> Result<Loaded, Diagnostics> {
    let root = normalize(root);
    let mut loader = Loader {
        base,
        folder: Folder::of(&root, base).path,
        files: HashMap::new(),
        components: IndexMap::new(),
        queue: VecDeque::new(),
        errors: Vec::new(),
    };
    let Some(tree) = loader.file(&root, None) else {
        return Err(Diagnostics(loader.errors));
    };
    let mut document = loader.document(&root, &tree);
    loader.follow_queue(&root);
    loader.place_components(&mut document);
    loader.errors.extend(circular_components(&document));
    if !loader.errors.is_empty() {
        return Err(Diagnostics(loader.errors));
    }
    let mut folders: Vec<_> = loader
        .files
        .keys()
        .map(|path| Folder::of(path, base))
        .collect();
    folders.sort();
    folders.dedup();
    let mut files: Vec<_> = loader.files.into_values().flatten().collect();
    files.sort_by(|left, right| left.location.file.path.cmp(&right.location.file.path));
    Ok(Loaded {
        document,
        files,
        folders,
    })
}

struct Loader<'a> {
    base: &'a Path,
    /// The folder of the root file, in which all files have to be.
    folder: PathBuf,
    /// Each file once; `None` for one that could not be read, so that it is reported once.
    files: HashMap<PathBuf, Option<Arc<Node>>>,
    /// Components that moved in from other files, by kind and name, with the place they came from.
    components: IndexMap<(String, String), (PathBuf, Option<Node>)>,
    queue: VecDeque<(String, String, PathBuf, String)>,
    errors: Vec<Diagnostic>,
}

impl Loader<'_> {
    fn file(&mut self, path: &Path, from: Option<&Node>) -> Option<Arc<Node>> {
        if let Some(known) = self.files.get(path) {
            return known.clone();
        }
        let shown = path.strip_prefix(self.base).unwrap_or(path).to_path_buf();
        if let Some(node) = from
            && let Err(problem) = self.belongs(path, node)
        {
            self.errors.push(problem);
            self.files.insert(path.to_path_buf(), None);
            return None;
        }
        let result = match std::fs::read_to_string(path) {
            Ok(text) => yaml::parse(&Arc::new(SourceFile::new(shown, text))),
            Err(error) => {
                let message = format!("cannot read {}: {error}", shown.display());
                let help = "name a file that exists, relative to the file that refers to it";
                Err(from.map_or_else(
                    || {
                        Diagnostic::without_location(
                            message.clone(),
                            "name the document's root file",
                        )
                    },
                    |node| Diagnostic::new(&node.location, message.clone(), help),
                ))
            }
        };
        let node = result
            .map(Arc::new)
            .map_err(|error| self.errors.push(error))
            .ok();
        self.files.insert(path.to_path_buf(), node.clone());
        node
    }

    /// Whether a file that `node` refers to may be one of the document's: a document decides what is read, and must not
    /// read what is none of its business.
    fn belongs(&self, path: &Path, node: &Node) -> Result<(), Diagnostic> {
        let place = &node.get("$ref").unwrap_or(node).location;
        let is_below = |path: &Path, folder: &Path| {
            path.strip_prefix(folder).is_ok_and(|rest| {
                let mut rest = rest.components();
                rest.all(|part| matches!(part, Component::Normal(_)))
            })
        };
        // A link may lead out again. What does not exist is told by who reads it.
        let leads_out = match (self.folder.canonicalize(), path.canonicalize()) {
            (Ok(folder), Ok(path)) => !path.starts_with(folder),
            _ => false,
        };
        if !is_below(path, &self.folder) || leads_out {
            return Err(Diagnostic::new(
                place,
                "this `$ref` leads out of the document's folder",
                "move the file below the folder of the root file; files are not fetched from elsewhere",
            ));
        }
        if path.exists() && !path.is_file() {
            return Err(Diagnostic::new(
                place,
                "this `$ref` names something that is no file",
                "name a file, relative to the file that refers to it",
            ));
        }
        Ok(())
    }

    /// The root, with path items in place and references pointing inside.
    fn document(&mut self, file: &Path, root: &Node) -> Node {
        let NodeValue::Object(members) = &root.value else {
            self.errors.push(Diagnostic::new(
                &root.location,
                "the document is not a mapping",
                "start it with `openapi: 3.0.3`, `info:` and `paths:`",
            ));
            return root.clone();
        };
        let mut document = IndexMap::with_capacity(members.len());
        for (name, member) in members {
            let node = if name == "paths" {
                self.paths(file, &member.node)
            } else {
                self.internalize(file, &member.node, false)
            };
            document.insert(
                name.clone(),
                Member {
                    key: member.key.clone(),
                    node,
                },
            );
        }
        Node {
            location: root.location.clone(),
            value: NodeValue::Object(document),
        }
    }

    fn paths(&mut self, file: &Path, paths: &Node) -> Node {
        let NodeValue::Object(entries) = &paths.value else {
            return paths.clone();
        };
        let mut resolved = IndexMap::with_capacity(entries.len());
        for (path, entry) in entries {
            if let Some(node) = self.path_item(file, &entry.node, 0) {
                resolved.insert(
                    path.clone(),
                    Member {
                        key: entry.key.clone(),
                        node,
                    },
                );
            }
        }
        Node {
            location: paths.location.clone(),
            value: NodeValue::Object(resolved),
        }
    }

    fn path_item(&mut self, file: &Path, item: &Node, depth: usize) -> Option<Node> {
        let Some(reference) = item.reference() else {
            return Some(self.internalize(file, item, false));
        };
        if depth >= LONGEST_CHAIN {
            self.errors.push(Diagnostic::new(
                &item.location,
                "path items refer to one another in a circle",
                "let the `$ref` name the path item itself",
            ));
            return None;
        }
        let is_about_nothing = |name: &str| name == "$ref" || name.starts_with("x-");
        let sibling = item
            .members()
            .into_iter()
            .flatten()
            .find(|(name, _)| !is_about_nothing(name));
        if let Some((name, member)) = sibling {
            self.errors.push(Diagnostic::new(
                &member.key,
                format!("`{name}` beside the `$ref` of a path item has no defined meaning"),
                "write it in the path item that the `$ref` names",
            ));
        }
        let (target_file, pointer) = self.target(file, reference);
        let tree = self.file(&target_file, Some(item))?;
        let Some(target) = tree.pointer(&pointer) else {
            self.dangling(item, reference, &tree, &pointer);
            return None;
        };
        self.path_item(&target_file, target, depth + 1)
    }

    /// `node` of `file`, its references made to point into the bundled document.
    /// `keys_are_names`: the keys of `node` are the document's own names, not OpenAPI's keywords.
    fn internalize(&mut self, file: &Path, node: &Node, keys_are_names: bool) -> Node {
        let value = match &node.value {
            NodeValue::Array(items) => NodeValue::Array(
                items
                    .iter()
                    .map(|item| self.internalize(file, item, false))
                    .collect(),
            ),
            NodeValue::Object(members) => {
                if let Some(reference) = node.reference() {
                    let reference = self.internal_reference(file, node, reference);
                    let mut members = members.clone();
                    if let Some(member) = members.get_mut("$ref") {
                        member.node.value = NodeValue::String(reference);
                    }
                    NodeValue::Object(members)
                } else {
                    let mut resolved = IndexMap::with_capacity(members.len());
                    for (name, member) in members {
                        let node = if !keys_are_names && node::holds_data(name) {
                            member.node.clone()
                        } else {
                            self.internalize(
                                file,
                                &member.node,
                                !keys_are_names && node::holds_names(name),
                            )
                        };
                        resolved.insert(
                            name.clone(),
                            Member {
                                key: member.key.clone(),
                                node,
                            },
                        );
                    }
                    NodeValue::Object(resolved)
                }
            }
            _ => node.value.clone(),
        };
        Node {
            location: node.location.clone(),
            value,
        }
    }

    fn internal_reference(&mut self, file: &Path, node: &Node, reference: &str) -> String {
        let (target_file, pointer) = self.target(file, reference);
        let parts: Vec<&str> = pointer.split('/').collect();
        let ["", "components", kind, name] = parts.as_slice() else {
            self.errors.push(Diagnostic::new(
                &node.location,
                format!("`$ref: {reference}` does not name a component"),
                "let it point at `#/components/schemas/<Name>` (or responses, parameters, requestBodies) of this or another file",
            ));
            return reference.to_owned();
        };
        if !COMPONENT_KINDS.contains(kind) {
            self.errors.push(Diagnostic::new(
                &node.location,
                format!("`$ref: {reference}` names a component of the kind `{kind}`, which cannot be referred to"),
                format!("use one of {}, or write the value out here", COMPONENT_KINDS.join(", ")),
            ));
            return reference.to_owned();
        }
        let Some(tree) = self.file(&target_file, Some(node)) else {
            return reference.to_owned();
        };
        if tree.pointer(&pointer).is_none() {
            self.dangling(node, reference, &tree, &pointer);
            return reference.to_owned();
        }
        let key = ((*kind).to_owned(), unescape_pointer_token(name));
        match self.components.get(&key) {
            Some((known, _)) if *known != target_file => self.errors.push(Diagnostic::new(
                &node.location,
                format!(
                    "two files define a component named `{}`: {} and {}",
                    key.1,
                    self.shown(known),
                    self.shown(&target_file)
                ),
                "rename one of them, or move the one that both should use to a shared file",
            )),
            Some(_) => {}
            None => {
                self.queue.push_back((
                    key.0.clone(),
                    key.1.clone(),
                    target_file.clone(),
                    pointer.clone(),
                ));
                self.components.insert(key.clone(), (target_file, None));
            }
        }
        format!("#/components/{}/{}", key.0, escape_pointer_token(&key.1))
    }

    /// Internalizes the components that were referred to, and what they refer to in turn.
    fn follow_queue(&mut self, root_file: &Path) {
        while let Some((kind, name, file, pointer)) = self.queue.pop_front() {
            if file == root_file {
                // It has been read with the root, and stands where it was written.
                continue;
            }
            let Some(tree) = self.file(&file, None) else {
                continue;
            };
            let Some(node) = tree.pointer(&pointer) else {
                continue;
            };
            let node = self.internalize(&file, node, false);
            self.components.insert((kind, name), (file, Some(node)));
        }
    }

    /// Puts the components that were referred to under `components`, in the order in which they were reached.
    fn place_components(&mut self, document: &mut Node) {
        let location = document.location.clone();
        let NodeValue::Object(root) = &mut document.value else {
            return;
        };
        let empty = || Node {
            location: location.clone(),
            value: NodeValue::Object(IndexMap::new()),
        };
        let member = root
            .entry("components".to_owned())
            .or_insert_with(|| Member {
                key: location.clone(),
                node: empty(),
            });
        let NodeValue::Object(components) = &mut member.node.value else {
            return;
        };
        for ((kind, name), (_, node)) in self.components.drain(..) {
            let Some(node) = node else { continue };
            let member = components.entry(kind).or_insert_with(|| Member {
                key: location.clone(),
                node: empty(),
            });
            let NodeValue::Object(members) = &mut member.node.value else {
                continue;
            };
            if let Some(known) = members.get(&name) {
                self.errors.push(
                    Diagnostic::new(
                        &node.location,
                        format!("two files define a component named `{name}`"),
                        "rename one of them, or move the one that both should use to a shared file",
                    )
                    .with_related(&known.key, "the other one"),
                );
                continue;
            }
            let key = node.location.clone();
            members.insert(name, Member { key, node });
        }
    }

    fn target(&self, file: &Path, reference: &str) -> (PathBuf, String) {
        let (path, pointer) = reference.split_once('#').unwrap_or((reference, ""));
        let target = if path.is_empty() {
            file.to_path_buf()
        } else {
            normalize(&file.parent().unwrap_or(Path::new("")).join(path))
        };
        (target, pointer.to_owned())
    }

    fn shown(&self, path: &Path) -> String {
        path.strip_prefix(self.base)
            .unwrap_or(path)
            .display()
            .to_string()
    }

    fn dangling(&mut self, node: &Node, reference: &str, tree: &Node, pointer: &str) {
        let parent = pointer.rsplit_once('/').map_or("", |(parent, _)| parent);
        let wanted = pointer.rsplit('/').next().unwrap_or_default();
        let candidates = tree.pointer(parent).and_then(Node::members);
        let nearest = candidates.and_then(|members| {
            members
                .keys()
                .map(|name| (similar::TextDiff::from_chars(wanted, name).ratio(), name))
                .filter(|(ratio, _)| *ratio > 0.6)
                .max_by(|(left, _), (right, _)| left.total_cmp(right))
                .map(|(_, name)| name.clone())
        });
        let help = nearest.map_or_else(
            || "define it there, or let the `$ref` name what is defined".to_owned(),
            |name| format!("did you mean `{name}`? otherwise define `{wanted}` there"),
        );
        self.errors.push(Diagnostic::new(
            &node.get("$ref").unwrap_or(node).location,
            format!("`$ref: {reference}` refers to nothing"),
            help,
        ));
    }
}

/// `path` without `.` and `..` where that can be told from the path alone.
fn normalize(path: &Path) -> PathBuf {
    let mut normal = PathBuf::new();
    for component in path.components() {
        match component {
            Component::CurDir => {}
            Component::ParentDir if normal.file_name().is_some() => {
                normal.pop();
            }
            other => normal.push(other),
        }
    }
    normal
}
