//! Loads a document: reads its root, follows every `$ref` across files, and returns one tree.
//!
//! In that tree, path items are inline, and every other reference is `#/components/<kind>/<name>`.
//! Components of other files move in under their own name. Targets that are not components become
//! components. Every node keeps the file and line it was written in.

pub(crate) mod bounds;
mod detours;
pub mod diagnostic;
pub(crate) mod edit;
pub mod graph;
mod internalize;
mod lenient;
pub mod node;
pub mod number;
mod openapi31;
mod references;
pub mod surrogates;
mod yaml;

use std::collections::VecDeque;
use std::path::{Component, Path, PathBuf};
use std::sync::Arc;

use percent_encoding::percent_decode_str;

pub use self::lenient::Unreadable;
use self::node::{Node, NodeValue, Property, escape_pointer_token, unescape_pointer_token};
pub use self::references::references;
pub use self::yaml::parse;
use crate::collections::{HashMap, HashSet, IndexMap};
use crate::document::diagnostic::{Diagnostic, Diagnostics, SourceFile};

/// The kinds of component that a reference may name.
const COMPONENT_KINDS: [&str; 8] = [
    "schemas",
    "responses",
    "parameters",
    "requestBodies",
    "headers",
    "links",
    "callbacks",
    "securitySchemes",
];

/// The maximum length of a chain of path items, or of components that are only references.
const LONGEST_CHAIN: usize = 16;

/// A document as one tree, and the files that it came from.
pub struct Loaded {
    /// The tree that every later stage reads.
    pub document: Node,
    /// Each file as it was written, with its references unchanged, in the order of the paths.
    pub files: Vec<Arc<Node>>,
    /// The directories of the files.
    pub directories: Vec<Directory>,
    /// The assumptions about parts that the generator reads differently from what they say.
    pub notes: Vec<Diagnostic>,
    /// The problems of the parts that [`load_leniently`] could not read.
    pub unreadable: Unreadable,
}

/// A directory with files of the document.
#[derive(Clone, Debug, Eq, Ord, PartialEq, PartialOrd)]
pub struct Directory {
    /// The path on disk.
    pub path: PathBuf,
    /// The path that diagnostics show.
    pub shown: PathBuf,
}

impl Directory {
    /// Returns the directory of the file at `path`.
    fn of(path: &Path, base: &Path) -> Self {
        let parent = path.parent().unwrap_or(Path::new(""));
        let shown = parent.strip_prefix(base).unwrap_or(parent).to_path_buf();
        // The operating system does not accept the empty path as a directory.
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

/// Loads the document as [`load`] does, and keeps the parts of its files that no reference names.
pub fn load_with_files(root: &Path, base: &Path) -> Result<Loaded, Diagnostics> {
    load_with_files_below(root, base, None)
}

/// Loads the document as [`load_with_files`] does. References may name files below `directory`,
/// which is that of the root file by default.
pub fn load_with_files_below(
    root: &Path,
    base: &Path,
    directory: Option<&Path>,
) -> Result<Loaded, Diagnostics> {
    load_as(root, base, false, directory, None)
}

/// Loads a third-party document: a part that cannot be read costs only what uses it. References
/// may name files below `directory`, which is that of the root file by default.
pub fn load_leniently(
    root: &Path,
    base: &Path,
    directory: Option<&Path>,
) -> Result<Loaded, Diagnostics> {
    load_as(root, base, true, directory, None)
}

/// Loads a part of a third-party document as [`load_leniently`] does. `select` removes the rest of
/// the root file.
pub(crate) fn load_part(
    root: &Path,
    base: &Path,
    select: &dyn Fn(&mut Node),
) -> Result<Loaded, Diagnostics> {
    load_as(root, base, true, None, Some(select))
}

fn load_as(
    root: &Path,
    base: &Path,
    is_lenient: bool,
    directory: Option<&Path>,
    select: Option<&dyn Fn(&mut Node)>,
) -> Result<Loaded, Diagnostics> {
    let root = normalize(root);
    let directory = directory.map(Path::to_path_buf);
    let mut loader = Loader {
        base,
        directory: directory.unwrap_or_else(|| Directory::of(&root, base).path),
        root: root.clone(),
        files: HashMap::default(),
        components: IndexMap::default(),
        made: HashMap::default(),
        taken: HashSet::default(),
        queue: VecDeque::new(),
        copied: 0,
        errors: Vec::new(),
        is_lenient,
        is_31: false,
        depth: 0,
        notes: Vec::new(),
        unreadable: Unreadable::default(),
        select,
    };
    let Some(tree) = loader.file(&root, None) else {
        return Err(Diagnostics(loader.errors));
    };
    let mut document = loader.document(&root, &tree);
    loader.follow_queue(&root);
    loader.place_components(&mut document);
    loader.leave_out_circles(&mut document);
    if !loader.errors.is_empty() {
        return Err(Diagnostics(loader.errors));
    }
    let mut directories: Vec<_> = loader
        .files
        .keys()
        .map(|path| Directory::of(path, base))
        .collect();
    directories.sort();
    directories.dedup();
    let mut files: Vec<_> = loader.files.into_values().flatten().collect();
    files.sort_by(|left, right| left.location.file.path.cmp(&right.location.file.path));
    Ok(Loaded {
        document,
        files,
        directories,
        notes: loader.notes,
        unreadable: loader.unreadable,
    })
}

/// The target of a reference.
#[derive(Clone, Debug, Eq, Hash, PartialEq)]
struct Place {
    /// The kind of component that the target is or becomes.
    kind: &'static str,
    file: PathBuf,
    /// The JSON pointer to the target in the file.
    pointer: String,
}

struct Loader<'a> {
    base: &'a Path,
    root: PathBuf,
    /// The directory that must contain all files: that of the root file, unless the caller names
    /// another.
    directory: PathBuf,
    /// Each file once. `None` marks a file that could not be read, so that the error is reported
    /// once.
    files: HashMap<PathBuf, Option<Arc<Node>>>,
    /// Components that moved in from other files, by kind and name, with their original place.
    components: IndexMap<(String, String), (PathBuf, Option<Node>)>,
    /// The names of the components that were created from other values, by kind and place.
    made: HashMap<Place, String>,
    /// The names of the root's own components, by kind.
    taken: HashSet<(String, String)>,
    /// Components whose content has not been read yet.
    queue: VecDeque<(String, Place)>,
    /// The number of values that were copied to create components.
    copied: usize,
    errors: Vec<Diagnostic>,
    /// True for a third-party document.
    is_lenient: bool,
    /// True if the root is a document of OpenAPI 3.1.
    is_31: bool,
    /// The number of values around the current one that replace a reference.
    depth: usize,
    notes: Vec<Diagnostic>,
    unreadable: Unreadable,
    /// Removes parts of the root file that are not needed.
    select: Option<&'a dyn Fn(&mut Node)>,
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
            Ok(text) => self.parsed(&Arc::new(SourceFile::new(shown, text))),
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
            .map(|node| Arc::new(self.normalized(node)))
            .map_err(|error| self.errors.push(error))
            .ok();
        self.files.insert(path.to_path_buf(), node.clone());
        node
    }

    /// Returns the content of a file in the terms of OpenAPI 3.0.
    fn normalized(&mut self, mut file: Node) -> Node {
        let version = file.get("openapi").and_then(Node::as_str);
        let is_31 = version.map_or(self.is_31, is_31);
        if self.files.is_empty() {
            self.is_31 = is_31;
            if let Some(select) = self.select {
                select(&mut file);
            }
        }
        if self.is_lenient {
            self.notes
                .extend(detours::rewrite_local_definitions(&mut file));
        }
        if is_31 || self.is_lenient {
            self.notes.extend(openapi31::rewrite(&mut file));
        }
        file
    }

    /// Returns an error if `node` refers to a path outside the document's directory, or to one
    /// that is not a file. A document decides which files are read, and must not read unrelated
    /// ones.
    fn belongs(&self, path: &Path, node: &Node) -> Result<(), Diagnostic> {
        let place = &node.get("$ref").unwrap_or(node).location;
        let is_below = |path: &Path, directory: &Path| {
            path.strip_prefix(directory).is_ok_and(|rest| {
                let mut rest = rest.components();
                rest.all(|part| matches!(part, Component::Normal(_)))
            })
        };
        // A symbolic link may lead out of the directory. A missing file is reported when it is
        // read.
        let is_inside = match (self.directory.canonicalize(), path.canonicalize()) {
            (Ok(directory), Ok(path)) => path.starts_with(directory),
            _ => {
                // The paths of files in the working directory do not begin with `.`.
                let directory = self.directory.strip_prefix(".").unwrap_or(&self.directory);
                is_below(path, directory)
            }
        };
        if !is_inside {
            let help = if self.is_lenient {
                "move the file below the directory of the root file, or name a directory that \
                 contains both with `--spec-root`"
            } else {
                "move the file below the directory of the root file; for a third-party document, \
                 `--spec-root` names another directory"
            };
            return Err(Diagnostic::new(
                place,
                "this `$ref` leads out of the document's directory",
                help,
            ));
        }
        if path.exists() && !path.is_file() {
            return Err(Diagnostic::new(
                place,
                "this `$ref` names something that is not a file",
                "name a file, relative to the file that refers to it",
            ));
        }
        Ok(())
    }

    /// Returns the root with inline path items and internal references.
    fn document(&mut self, file: &Path, root: &Node) -> Node {
        let NodeValue::Object(properties) = &root.value else {
            self.errors.push(Diagnostic::new(
                &root.location,
                "the document is not a mapping",
                "start it with `openapi: 3.0.3`, `info:` and `paths:`",
            ));
            return root.clone();
        };
        self.declare(file, root);
        let mut document = IndexMap::with_capacity_and_hasher(properties.len(), Default::default());
        for (name, property) in properties.iter() {
            if self.leaves_out(name, property) {
                continue;
            }
            let node = match name.as_str() {
                "paths" => self.paths(file, &property.node),
                "components" => self.own_components(file, &property.node),
                _ => self.internalize(file, &property.node, false, ""),
            };
            document.insert(
                name.clone(),
                Property {
                    key: property.key.clone(),
                    node,
                },
            );
        }
        Node {
            location: root.location.clone(),
            value: NodeValue::Object(document.into()),
        }
    }

    /// Returns true if no client needs a property of the root. Notes it.
    fn leaves_out(&mut self, name: &str, property: &Property) -> bool {
        let (message, help) = match name {
            "webhooks" => ("`webhooks` are not generated", "a client cannot serve them"),
            "jsonSchemaDialect" => (
                "`jsonSchemaDialect` is ignored",
                "schemas are read as OpenAPI's",
            ),
            _ => return false,
        };
        if !self.is_lenient && !self.is_31 {
            return false;
        }
        openapi31::note(&mut self.notes, &property.key, message, help);
        true
    }

    fn paths(&mut self, file: &Path, paths: &Node) -> Node {
        let NodeValue::Object(entries) = &paths.value else {
            return paths.clone();
        };
        let mut resolved = IndexMap::with_capacity_and_hasher(entries.len(), Default::default());
        for (path, entry) in entries.iter() {
            let before = self.errors.len();
            let item = self.path_item(file, &entry.node, 0);
            if self.is_lenient
                && item.is_none()
                && let Some(reason) = self.reason(before, &entry.node)
            {
                self.unreadable.paths.push((path.clone(), reason));
            }
            if let Some(node) = item {
                resolved.insert(
                    path.clone(),
                    Property {
                        key: entry.key.clone(),
                        node,
                    },
                );
            }
        }
        Node {
            location: paths.location.clone(),
            value: NodeValue::Object(resolved.into()),
        }
    }

    fn path_item(&mut self, file: &Path, item: &Node, depth: usize) -> Option<Node> {
        let Some(reference) = item.reference() else {
            return Some(self.internalize(file, item, false, ""));
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
            .properties()
            .into_iter()
            .flatten()
            .find(|(name, _)| !is_about_nothing(name));
        if let Some((name, property)) = sibling.filter(|_| !self.is_lenient) {
            self.errors.push(Diagnostic::new(
                &property.key,
                format!("`{name}` next to the `$ref` of a path item has no defined meaning"),
                "write it in the path item that the `$ref` names",
            ));
        }
        if !self.is_local(item, reference) {
            return None;
        }
        let (target_file, pointer) = self.place(file, item, reference);
        let tree = self.file(&target_file, Some(item))?;
        let Some(target) = tree.pointer(&pointer) else {
            self.dangling(item, reference, &tree, &pointer);
            return None;
        };
        self.path_item(&target_file, target, depth + 1)
    }

    fn target(&self, file: &Path, reference: &str) -> (PathBuf, String) {
        let (path, pointer) = reference.split_once('#').unwrap_or((reference, ""));
        // The fragment is part of a URI, in which JSON pointers and paths are percent-encoded (RFC
        // 6901, section 6).
        let decoded = |part| percent_decode_str(part).decode_utf8_lossy().into_owned();
        let target = if path.is_empty() {
            file.to_path_buf()
        } else {
            normalize(&file.parent().unwrap_or(Path::new("")).join(decoded(path)))
        };
        // Each place needs a single spelling.
        let pointer = decoded(pointer);
        let tokens = pointer
            .split('/')
            .map(|token| escape_pointer_token(&unescape_pointer_token(token)));
        (target, tokens.collect::<Vec<_>>().join("/"))
    }

    fn shown(&self, path: &Path) -> String {
        path.strip_prefix(self.base)
            .unwrap_or(path)
            .display()
            .to_string()
    }
}

/// Returns true if a version is 3.1, or 3.2, which adds no keyword that later stages read.
fn is_31(version: &str) -> bool {
    ["3.1", "3.2"].iter().any(|known| {
        let rest = version.strip_prefix(known);
        rest.is_some_and(|rest| rest.is_empty() || rest.starts_with('.'))
    })
}

/// Removes `.` and `..` from `path` where the path alone shows the result.
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
