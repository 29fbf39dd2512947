//! Changes of YAML files in place: whole lines are added, replaced and removed, so that comments,
//! order and the rest of the text stay as they are.
//!
//! The places come from the parser: each node of the document has its file, line and column. Only
//! mappings and lists in block style are changed, and lists of scalars in one line.

use std::collections::{BTreeMap, BTreeSet};
use std::path::{Path, PathBuf};

use serde_json::Value;

use super::yaml;
use crate::document::diagnostic::Location;
use crate::document::node::{Node, NodeValue, Property};

/// The files of a document, and their changes since the last [`Files::apply`].
#[derive(Clone, Debug, Default)]
pub(super) struct Files {
    /// The lines of each file by its path relative to the workspace.
    lines: BTreeMap<PathBuf, Vec<String>>,
    edits: BTreeMap<PathBuf, Vec<Edit>>,
    /// The files that were changed.
    pub(super) changed: BTreeSet<PathBuf>,
    /// The files that are no longer needed.
    pub(super) deleted: BTreeSet<PathBuf>,
}

/// A replacement of lines.
#[derive(Clone, Debug, Eq, PartialEq)]
struct Edit {
    /// The first line, from 0.
    from: usize,
    /// The line after the last one.
    to: usize,
    lines: Vec<String>,
}

impl Edit {
    /// Returns the indentation of the new lines.
    fn indent(&self) -> usize {
        let mut lines = self.lines.iter();
        let first = lines.find(|line| !line.trim().is_empty());
        first.map_or(0, |line| line.len() - line.trim_start().len())
    }
}

/// The reason why a place cannot be changed.
pub(super) type Unchangeable = &'static str;

/// The place of a new entry among the entries of a mapping.
#[derive(Clone, Copy)]
pub(super) enum Position<'a> {
    /// After the entry with this name.
    After(&'a str),
    /// Before the first entry.
    First,
    /// After the last entry.
    Last,
}

impl Files {
    /// Adds a file.
    pub(super) fn add(&mut self, path: &Path, text: &str) {
        let lines = text.lines().map(str::to_owned).collect();
        self.lines.insert(path.to_owned(), lines);
    }

    /// Adds a new file.
    pub(super) fn create(&mut self, path: &Path, lines: Vec<String>) {
        self.lines.insert(path.to_owned(), lines);
        self.changed.insert(path.to_owned());
    }

    /// Returns true if a file was changed or removed.
    pub(super) fn is_changed(&self) -> bool {
        !self.changed.is_empty() || !self.deleted.is_empty()
    }

    /// Removes a file.
    pub(super) fn delete(&mut self, path: &Path) {
        self.lines.remove(path);
        self.edits.remove(path);
        self.changed.remove(path);
        self.deleted.insert(path.to_owned());
    }

    /// Removes the files that are not in `used`.
    pub(super) fn keep(&mut self, used: &BTreeSet<PathBuf>) {
        let paths: Vec<_> = self.lines.keys().cloned().collect();
        for path in paths.iter().filter(|path| !used.contains(*path)) {
            self.delete(path);
        }
    }

    /// Returns the text of a file.
    pub(super) fn text(&self, path: &Path) -> String {
        let lines = self.lines.get(path).map(|lines| lines.join("\n"));
        lines.map(|text| text + "\n").unwrap_or_default()
    }

    /// Returns the quotes that a file uses for references.
    pub(super) fn quote(&self, path: &Path) -> char {
        let lines = self.lines.get(path).into_iter().flatten();
        let singles = lines.clone().filter(|line| line.contains("'#/")).count();
        let doubles = lines.filter(|line| line.contains("\"#/")).count();
        if singles > doubles { '\'' } else { '"' }
    }

    /// Makes the collected changes. Of changes of the same lines, the first is made. Returns the
    /// number of changes.
    pub(super) fn apply(&mut self) -> usize {
        let mut count = 0;
        for (path, mut edits) in std::mem::take(&mut self.edits) {
            let Some(lines) = self.lines.get_mut(&path) else {
                continue;
            };
            // What belongs to the block that ends here comes before what follows the block.
            edits.sort_by_key(|edit| (edit.from, edit.to, std::cmp::Reverse(edit.indent())));
            let mut kept: Vec<Edit> = Vec::new();
            for edit in edits {
                let is_free = kept.last().is_none_or(|last| {
                    edit.from >= last.to && (edit.from, edit.to) != (last.from, last.to)
                        || (edit.from == edit.to && last.to == edit.from)
                });
                if is_free {
                    kept.push(edit);
                }
            }
            count += kept.len();
            for edit in kept.into_iter().rev() {
                let end = edit.to.min(lines.len());
                lines.splice(edit.from.min(end)..end, edit.lines);
            }
            self.changed.insert(path);
        }
        count
    }

    /// Sets the entry `name` of a mapping in block style. An existing entry keeps its place.
    pub(super) fn set(
        &mut self,
        mapping: &Node,
        name: &str,
        value: &Value,
        position: Position<'_>,
    ) -> Result<(), Unchangeable> {
        let entries = block_entries(mapping)?;
        let path = path_of(&mapping.location);
        let quote = self.quote(&path);
        if let Some(property) = entries.get(name) {
            let (from, to) = self.block(&property.key)?;
            let indent = property.key.column() - 1;
            let mut lines = yaml::entry(name, value, indent, quote);
            self.keep_dash(&path, from, &mut lines);
            self.edit(path, Edit { from, to, lines });
            return Ok(());
        }
        let (first, last) = match (entries.first(), entries.last()) {
            (Some((_, first)), Some((_, last))) => (first, last),
            _ => return Err("the mapping is empty"),
        };
        let sibling = match position {
            Position::After(name) => entries.get(name).unwrap_or(last),
            Position::First => first,
            Position::Last => last,
        };
        let indent = sibling.key.column() - 1;
        let (from, to) = self.block(&sibling.key)?;
        let is_first = matches!(position, Position::First);
        let at = if is_first { from } else { to };
        if is_first && self.is_in_item(&path, from) {
            return Err("the entry would begin an item of a list");
        }
        let mut lines = yaml::entry(name, value, indent, quote);
        if self.is_spaced(&path, entries) {
            match is_first {
                true => lines.push(String::new()),
                false => lines.insert(0, String::new()),
            }
        }
        self.edit(
            path,
            Edit {
                from: at,
                to: at,
                lines,
            },
        );
        Ok(())
    }

    /// Removes the entry `name` of a mapping in block style.
    pub(super) fn remove(&mut self, mapping: &Node, name: &str) -> Result<(), Unchangeable> {
        let entries = block_entries(mapping)?;
        let Some(property) = entries.get(name) else {
            return Ok(());
        };
        if entries.len() == 1 {
            return Err("it is the only entry of its mapping");
        }
        let path = path_of(&mapping.location);
        let (from, to) = self.block(&property.key)?;
        if self.is_in_item(&path, from) {
            return Err("it begins an item of a list");
        }
        self.cut(path, from, to);
        Ok(())
    }

    /// Adds an item to a list.
    pub(super) fn push(&mut self, list: &Node, value: &Value) -> Result<(), Unchangeable> {
        let path = path_of(&list.location);
        let quote = self.quote(&path);
        let last = list.items().last().ok_or("the list is empty")?;
        let dash = self
            .dash(&path, last)
            .ok_or("the list is not in block style")?;
        let to = self.end(&path, last.location.line() - 1, dash);
        let lines = yaml::item(value, dash, quote);
        self.edit(
            path,
            Edit {
                from: to,
                to,
                lines,
            },
        );
        Ok(())
    }

    /// Removes an item from a list in block style.
    pub(super) fn pull(&mut self, list: &Node, item: &Node) -> Result<(), Unchangeable> {
        if list.items().len() == 1 {
            return Err("it is the only item of its list");
        }
        let path = path_of(&list.location);
        let dash = self
            .dash(&path, item)
            .ok_or("the list is not in block style")?;
        let from = item.location.line() - 1;
        let to = self.end(&path, from, dash);
        self.cut(path, from, to);
        Ok(())
    }

    /// Adds an edit. Two operations may need the same line, such as a new scope; it is added once.
    fn edit(&mut self, path: PathBuf, edit: Edit) {
        let edits = self.edits.entry(path).or_default();
        if !edits.contains(&edit) {
            edits.push(edit);
        }
    }

    /// Removes lines, and an empty line that would be one of two.
    fn cut(&mut self, path: PathBuf, from: usize, to: usize) {
        let is_blank = |at: usize| {
            self.line(&path, at)
                .is_none_or(|line| line.trim().is_empty())
        };
        let from = match from > 0 && is_blank(from - 1) && is_blank(to) {
            true => from - 1,
            false => from,
        };
        let lines = Vec::new();
        self.edit(path, Edit { from, to, lines });
    }

    fn line(&self, path: &Path, at: usize) -> Option<&str> {
        self.lines.get(path)?.get(at).map(String::as_str)
    }

    /// Returns the lines of the entry with the key at `key`.
    fn block(&self, key: &Location) -> Result<(usize, usize), Unchangeable> {
        let path = &key.file.path;
        let from = key.line() - 1;
        if self.line(path, from).is_none() {
            return Err("the file is not part of the document");
        }
        Ok((from, self.end(path, from, key.column() - 1)))
    }

    /// Returns the line after the block that starts at line `from` and is indented by `indent`.
    /// Empty lines and comments after it belong to what follows.
    fn end(&self, path: &Path, from: usize, indent: usize) -> usize {
        let (mut end, mut at) = (from + 1, from + 1);
        while let Some(line) = self.line(path, at) {
            let content = line.trim_start();
            at += 1;
            if content.is_empty() {
                continue;
            }
            if line.len() - content.len() <= indent {
                break;
            }
            if !content.starts_with('#') {
                end = at;
            }
        }
        end
    }

    /// Returns the column of the dash of an item, from 0.
    fn dash(&self, path: &Path, item: &Node) -> Option<usize> {
        let line = self.line(path, item.location.line() - 1)?;
        let dash = line.find(|character: char| character != ' ')?;
        line.get(dash..)?.starts_with("- ").then_some(dash)
    }

    /// Returns true if the line begins an item of a list.
    fn is_in_item(&self, path: &Path, at: usize) -> bool {
        let line = self.line(path, at).unwrap_or_default();
        line.trim_start().starts_with("- ")
    }

    /// Restores the dash of the item that the replaced line begins.
    fn keep_dash(&self, path: &Path, at: usize, lines: &mut [String]) {
        if let Some(first) = lines.first_mut()
            && let Some(old) = self.line(path, at)
            && let Some(dash) = old.find("- ").filter(|_| self.is_in_item(path, at))
            && first.len() > dash
        {
            first.replace_range(dash..=dash, "-");
        }
    }

    /// Returns true if the entries of a mapping have empty lines between them.
    fn is_spaced(
        &self,
        path: &Path,
        entries: &crate::collections::IndexMap<String, Property>,
    ) -> bool {
        let mut blanks = entries.values().skip(1).map(|property| {
            let mut at = property.key.line().saturating_sub(2);
            while at > 0
                && self
                    .line(path, at)
                    .is_some_and(|line| line.trim().starts_with('#'))
            {
                at -= 1;
            }
            self.line(path, at)
                .is_some_and(|line| line.trim().is_empty())
        });
        let count = entries.len().saturating_sub(1);
        count > 0 && blanks.by_ref().filter(|is_blank| *is_blank).count() * 2 > count
    }
}

/// Returns the file of a location.
pub(super) fn path_of(location: &Location) -> PathBuf {
    location.file.path.clone()
}

/// Returns the entries of a mapping in block style.
fn block_entries(
    mapping: &Node,
) -> Result<&crate::collections::IndexMap<String, Property>, Unchangeable> {
    let NodeValue::Object(entries) = &mapping.value else {
        return Err("it is not a mapping");
    };
    let mut lines: Vec<_> = entries.values().map(|entry| entry.key.line()).collect();
    lines.dedup();
    if lines.len() != entries.len() || mapping.location.character() == Some('{') {
        return Err("the mapping is not in block style");
    }
    Ok(entries)
}
