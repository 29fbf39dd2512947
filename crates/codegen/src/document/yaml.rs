//! Reads one file of the document, YAML or JSON (which YAML 1.2 contains), into a [`Node`] tree.
//!
//! The tree is built from the parser's events, without recursion. Nesting and the expansion of
//! anchors are limited to the sizes that the rest of the generator can handle.

use std::borrow::Cow;
use std::sync::Arc;

use saphyr::Scalar;
use saphyr_parser::{Event, Marker, Parser, ScalarStyle, ScanError, Span, Tag};
use serde_json::Number;

use super::node::{Node, NodeValue, Property, RESERVED_PREFIX};
use super::number::integer;
use super::surrogates::Joined;
use crate::collections::{HashMap, IndexMap};
use crate::document::diagnostic::{Diagnostic, Location, SourceFile};

/// The maximum nesting of values. Real documents need less than 40 levels. The limit is needed
/// because every later stage recurses.
const DEEPEST: usize = 128;
/// The maximum number of values that the anchors of a file name and its aliases stand for, in
/// total.
const MOST_ALIASED: usize = 100_000;

/// The key whose value is merged into the mapping around it
/// (<https://yaml.org/type/merge.html>).
const MERGE: &str = "<<";

/// Reads `file`. Returns an error for a duplicate key and for a value that JSON cannot express.
pub fn parse(file: &Arc<SourceFile>) -> Result<Node, Diagnostic> {
    read(file, false).map(|(node, _)| node)
}

/// Reads a file of a third-party document. Of duplicate keys, the last one counts, as most parsers
/// have it. Two path items are read as one. Returns the notes, too.
pub(crate) fn parse_leniently(
    file: &Arc<SourceFile>,
) -> Result<(Node, Vec<Diagnostic>), Diagnostic> {
    read(file, true)
}

fn read(file: &Arc<SourceFile>, is_lenient: bool) -> Result<(Node, Vec<Diagnostic>), Diagnostic> {
    let mut joined = Joined::of(&file.text);
    let (documents, notes) = loop {
        match documents(file, &joined, is_lenient) {
            Ok(documents) => break documents,
            Err(Failure::Unusable(problem)) => return Err(problem),
            Err(Failure::Syntax(error)) => {
                let (line, column) = (error.marker().line(), error.marker().col());
                if !joined.correct(error.info(), line, column) {
                    return Err(invalid(&error, file, &joined));
                }
            }
        }
    };
    let mut documents = documents.into_iter();
    let (Some(document), None) = (documents.next(), documents.next()) else {
        let start = Location::new(file, 1, 1, 1);
        return Err(Diagnostic::new(
            &start,
            "the file does not hold exactly one YAML document",
            "put one document in a file, without further `---` lines",
        ));
    };
    Ok((document, notes))
}

/// The reason why a file cannot be read.
enum Failure {
    Syntax(ScanError),
    Unusable(Diagnostic),
}

/// Reads the documents of a file. Returns the notes, too.
fn documents(
    file: &Arc<SourceFile>,
    joined: &Joined<'_>,
    is_lenient: bool,
) -> Result<(Vec<Node>, Vec<Diagnostic>), Failure> {
    let mut builder = Builder {
        file,
        joined,
        documents: Vec::new(),
        open: Vec::new(),
        anchors: HashMap::default(),
        aliased: 0,
        notes: is_lenient.then(Vec::new),
    };
    for event in Parser::new_from_str(&joined.text) {
        let (event, span) = event.map_err(Failure::Syntax)?;
        builder.take(event, span).map_err(Failure::Unusable)?;
    }
    Ok((builder.documents, builder.notes.unwrap_or_default()))
}

fn invalid(error: &ScanError, file: &Arc<SourceFile>, joined: &Joined<'_>) -> Diagnostic {
    let marker = error.marker();
    let column = joined.column(marker.line(), marker.col()) + 1;
    let location = Location::new(file, marker.line(), column, 1);
    Diagnostic::new(
        &location,
        format!("the file is not valid YAML: {}", error.info()),
        "correct the syntax here or on the line above; a wrong indentation and an unquoted `: ` or `#` are the usual causes",
    )
}

/// A builder of the tree of a file.
struct Builder<'a> {
    file: &'a Arc<SourceFile>,
    joined: &'a Joined<'a>,
    /// The complete documents.
    documents: Vec<Node>,
    /// The lists and mappings that have started but not ended, the innermost last.
    open: Vec<Open>,
    /// The values that an alias may stand for, by the parser's number for the anchor.
    anchors: HashMap<usize, Node>,
    aliased: usize,
    /// The notes about a third-party document, and `None` for another.
    notes: Option<Vec<Diagnostic>>,
}

/// A list or mapping that has started.
struct Open {
    start: Marker,
    /// The parser's number for its anchor, or 0 without one.
    anchor: usize,
    content: Content,
}

enum Content {
    List(Vec<Node>),
    /// The properties so far, the key whose value is next, and the mappings to merge.
    Mapping(
        IndexMap<String, Property>,
        Option<(String, Location)>,
        Vec<Node>,
    ),
}

impl Builder<'_> {
    fn take(&mut self, event: Event<'_>, span: Span) -> Result<(), Diagnostic> {
        match event {
            Event::Scalar(text, style, anchor, tag) => {
                let location = self.location(span.start, span.end);
                let value = scalar(text, style, tag.as_ref(), &location)?;
                self.complete(Node { location, value }, anchor)
            }
            Event::SequenceStart(anchor, tag) => {
                self.open(Content::List(Vec::new()), anchor, tag.as_ref(), span)
            }
            Event::MappingStart(anchor, tag) => {
                let content = Content::Mapping(IndexMap::default(), None, Vec::new());
                self.open(content, anchor, tag.as_ref(), span)
            }
            Event::SequenceEnd | Event::MappingEnd => {
                let Some(open) = self.open.pop() else {
                    return Ok(());
                };
                let value = match open.content {
                    Content::List(mut items) => {
                        items.shrink_to_fit();
                        NodeValue::Array(items.into())
                    }
                    Content::Mapping(properties, _, merged) => {
                        let mut properties = merge(properties, merged);
                        properties.shrink_to_fit();
                        NodeValue::Object(properties.into())
                    }
                };
                let location = self.location(open.start, span.start);
                self.complete(Node { location, value }, open.anchor)
            }
            Event::Alias(anchor) => {
                let location = self.location(span.start, span.end);
                let node = self.aliased(anchor, location)?;
                self.complete(node, 0)
            }
            Event::Nothing
            | Event::StreamStart
            | Event::StreamEnd
            | Event::DocumentStart(_)
            | Event::DocumentEnd => Ok(()),
        }
    }

    fn open(
        &mut self,
        content: Content,
        anchor: usize,
        tag: Option<&Cow<'_, Tag>>,
        span: Span,
    ) -> Result<(), Diagnostic> {
        let location = self.location(span.start, span.end);
        if tag.is_some_and(|tag| !tag.is_yaml_core_schema()) {
            return Err(no_counterpart("this tag", &location));
        }
        if self.open.len() >= DEEPEST {
            return Err(too_deep(&location));
        }
        self.open.push(Open {
            start: span.start,
            anchor,
            content,
        });
        Ok(())
    }

    /// Returns the value that the alias at `location` stands for.
    fn aliased(&mut self, anchor: usize, location: Location) -> Result<Node, Diagnostic> {
        // An alias inside the value that it names would never end.
        let Some(known) = self.anchors.get(&anchor) else {
            return Err(no_counterpart("an alias inside its own value", &location));
        };
        let (count, depth) = measure(known, MOST_ALIASED - self.aliased);
        if self.open.len() + depth > DEEPEST {
            return Err(too_deep(&location));
        }
        self.count(count, &location)?;
        let known = self.anchors.get(&anchor);
        let value = known.map_or(NodeValue::Null, |known| known.value.clone());
        Ok(Node { location, value })
    }

    /// Counts the values that an anchor or an alias copies. Returns an error above the limit.
    fn count(&mut self, values: usize, location: &Location) -> Result<(), Diagnostic> {
        self.aliased += values;
        if self.aliased < MOST_ALIASED {
            return Ok(());
        }
        Err(Diagnostic::new(
            location,
            format!(
                "the anchors and aliases of this file stand for more than {MOST_ALIASED} values"
            ),
            "use `$ref`, which repeats nothing",
        ))
    }

    /// Adds a value to the innermost list or mapping. In a mapping, it becomes a key or a value.
    fn complete(&mut self, node: Node, anchor: usize) -> Result<(), Diagnostic> {
        if anchor != 0 {
            let (values, _) = measure(&node, MOST_ALIASED - self.aliased);
            self.count(values, &node.location)?;
            self.anchors.insert(anchor, node.clone());
        }
        match self.open.last_mut().map(|open| &mut open.content) {
            None => self.documents.push(node),
            Some(Content::List(items)) => items.push(node),
            Some(Content::Mapping(properties, key, merged)) => match key.take() {
                None => *key = Some(name(node, properties, self.notes.as_mut())?),
                Some((name, place)) if name == MERGE => merged.extend(mappings(node, &place)?),
                Some((name, key)) => add(properties, name, Property { key, node }),
            },
        }
        Ok(())
    }

    fn location(&self, start: Marker, end: Marker) -> Location {
        let column = |marker: Marker| self.joined.column(marker.line(), marker.col());
        let (first, last) = (column(start), column(end));
        let one_line = start.line() == end.line() && last > first;
        let length = if one_line { last - first } else { 1 };
        Location::new(self.file, start.line(), first + 1, length)
    }
}

/// Adds a property to a mapping. It takes the place of one with the same name, which only a
/// third-party document may have; methods of two path items stand together.
fn add(properties: &mut IndexMap<String, Property>, name: String, mut property: Property) {
    if let Some(first) = properties.get_mut(&name)
        && name.starts_with('/')
        && let (NodeValue::Object(first), NodeValue::Object(second)) =
            (&mut first.node.value, &mut property.node.value)
    {
        first.extend(std::mem::take(second).into_inner());
        return;
    }
    properties.insert(name, property);
}

/// Returns the properties of a mapping with those of the mappings that it merges. Its own
/// properties win, then those of earlier mappings.
fn merge(
    mut properties: IndexMap<String, Property>,
    merged: Vec<Node>,
) -> IndexMap<String, Property> {
    for node in merged {
        let NodeValue::Object(others) = node.value else {
            continue;
        };
        for (name, property) in others.into_inner() {
            properties.entry(name).or_insert(property);
        }
    }
    properties
}

/// Returns the mappings in the value of a merge key: one, or a list of them.
fn mappings(node: Node, key: &Location) -> Result<Vec<Node>, Diagnostic> {
    let nodes = match node.value {
        NodeValue::Array(items) => items.into_inner(),
        _ => vec![node],
    };
    if nodes.iter().all(|node| node.properties().is_some()) {
        return Ok(nodes);
    }
    let help = "write `<<: *anchor` for the anchor of a mapping, or quote a property of that name";
    Err(Diagnostic::new(
        key,
        "the value of the merge key `<<` is not a mapping",
        help,
    ))
}

/// Returns a key as the string that JSON would have. A duplicate is an error, or one of the notes.
fn name(
    node: Node,
    properties: &IndexMap<String, Property>,
    notes: Option<&mut Vec<Diagnostic>>,
) -> Result<(String, Location), Diagnostic> {
    let name = match node.value {
        NodeValue::String(name) => name,
        // A status code without quotes.
        NodeValue::Number(number) if !number.is_f64() => number.to_string(),
        NodeValue::Bool(value) => value.to_string(),
        NodeValue::Null => "null".to_owned(),
        _ => return Err(no_counterpart("this key", &node.location)),
    };
    if name.starts_with(RESERVED_PREFIX) {
        return Err(Diagnostic::new(
            &node.location,
            format!(
                "cannot read the key `{name}`: keys that begin with `{RESERVED_PREFIX}` are reserved"
            ),
            "rename the key",
        ));
    }
    if let Some(first) = properties.get(&name) {
        let message = format!("the key `{name}` stands twice");
        let Some(notes) = notes else {
            let problem = Diagnostic::new(&node.location, message, "remove one of them");
            return Err(problem.with_related(&first.key, "the first one"));
        };
        let help = match name.starts_with('/') {
            true => "both are read as one; of what stands in both, the last one is read",
            false => "the last one is read",
        };
        let note = Diagnostic::new(&node.location, message, help).into_note();
        notes.push(note.with_related(&first.key, "the first one"));
    }
    Ok((name, node.location))
}

fn scalar(
    text: Cow<'_, str>,
    style: ScalarStyle,
    tag: Option<&Cow<'_, Tag>>,
    location: &Location,
) -> Result<NodeValue, Diagnostic> {
    if tag.is_some_and(|tag| !tag.is_yaml_core_schema()) {
        return Err(no_counterpart("this tag", location));
    }
    let is_number = tag.is_none_or(|tag| tag.suffix == "int") && style == ScalarStyle::Plain;
    if let Some(number) = is_number.then(|| integer(&text)).flatten() {
        return Ok(NodeValue::Number(number));
    }
    Ok(
        match Scalar::parse_from_cow_and_metadata(text, style, tag) {
            Some(Scalar::Null) => NodeValue::Null,
            Some(Scalar::Boolean(value)) => NodeValue::Bool(value),
            Some(Scalar::Integer(value)) => NodeValue::Number(Number::from(value)),
            Some(Scalar::FloatingPoint(value)) => NodeValue::Number(
                Number::from_f64(value.0).ok_or_else(|| no_counterpart("this number", location))?,
            ),
            Some(Scalar::String(value)) => {
                let mut text = value.into_owned();
                // The parser reserves much more than most texts need.
                text.shrink_to_fit();
                NodeValue::String(text)
            }
            None => return Err(no_counterpart("a value that is not of its tag", location)),
        },
    )
}

/// Returns the number of values in `node`, including itself, and their nesting depth. Counts up to
/// `most` values.
fn measure(node: &Node, most: usize) -> (usize, usize) {
    let (mut count, mut deepest) = (0, 0);
    let mut pending = vec![(node, 1)];
    while let Some((node, depth)) = pending.pop() {
        count += 1;
        if count >= most {
            break;
        }
        deepest = deepest.max(depth);
        match &node.value {
            NodeValue::Array(items) => pending.extend(items.iter().map(|item| (item, depth + 1))),
            NodeValue::Object(properties) => {
                pending.extend(
                    properties
                        .values()
                        .map(|property| (&property.node, depth + 1)),
                );
            }
            _ => {}
        }
    }
    (count, deepest)
}

fn no_counterpart(what: &str, location: &Location) -> Diagnostic {
    Diagnostic::new(
        location,
        format!("{what} has no JSON counterpart"),
        "write it as a plain JSON or YAML value",
    )
}

fn too_deep(location: &Location) -> Diagnostic {
    Diagnostic::new(
        location,
        format!("values nest more than {DEEPEST} deep"),
        "give inner schemas names under `components/schemas`, and refer to them",
    )
}
