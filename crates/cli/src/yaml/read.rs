//! Reads YAML and JSON with the position of each value, for messages that lead to the place.

use std::borrow::Cow;
use std::collections::{HashMap, HashSet};
use std::sync::Arc;

use saphyr::Scalar;
use saphyr_parser::{Event, Marker, Parser, ScalarStyle, Span, Tag};
use serde_json::{Map, Number, Value};

use crate::compact::Compact;

/// The maximum nesting of values.
const DEEPEST: usize = 64;

/// The maximum number of values that aliases stand for, in one file.
const MOST_ALIASED: usize = 100_000;

/// The key whose value is merged into the mapping around it
/// (<https://yaml.org/type/merge.html>).
const MERGE: &str = "<<";

/// A line and a column, from 1.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) struct Position {
    pub(crate) line: u32,
    pub(crate) column: u32,
}

impl Position {
    /// Returns the position of a mark of the parser, whose columns begin at 0.
    fn of(mark: &Marker) -> Self {
        let number = |number: usize| u32::try_from(number).unwrap_or(u32::MAX);
        Self {
            line: number(mark.line()),
            column: number(mark.col()).saturating_add(1),
        }
    }
}

/// A value of a file.
#[derive(Clone, Debug)]
pub(crate) struct Node {
    pub(crate) position: Position,
    pub(crate) content: Content,
}

#[derive(Clone, Debug)]
pub(crate) enum Content {
    /// Null, a boolean, a number or a string.
    Scalar(Compact),
    List(Vec<Node>),
    Mapping(Vec<(Key, Node)>),
}

/// A key of a mapping.
#[derive(Clone, Debug)]
pub(crate) struct Key {
    pub(crate) name: Arc<str>,
    pub(crate) position: Position,
}

/// A syntax error.
#[derive(Debug)]
pub(crate) struct SyntaxError {
    pub(crate) position: Position,
    pub(crate) message: String,
}

impl Node {
    /// Returns the value without positions.
    pub(crate) fn to_value(&self) -> Value {
        match &self.content {
            Content::Scalar(value) => value.to_value(),
            Content::List(items) => items.iter().map(Self::to_value).collect(),
            Content::Mapping(entries) => {
                let entries = entries.iter();
                let entries = entries.map(|(key, node)| (key.name.to_string(), node.to_value()));
                Value::Object(entries.collect::<Map<_, _>>())
            }
        }
    }

    /// Returns the word for the kind of value.
    pub(crate) fn kind(&self) -> &'static str {
        match &self.content {
            Content::Scalar(Compact::Null) => "null",
            Content::Scalar(Compact::Bool(_)) => "a boolean",
            Content::Scalar(Compact::Number(_)) => "a number",
            Content::Scalar(_) => "a string",
            Content::List(_) => "a list",
            Content::Mapping(_) => "a mapping",
        }
    }

    /// Returns the number of values in it.
    fn size(&self) -> usize {
        1 + match &self.content {
            Content::Scalar(_) => 0,
            Content::List(items) => items.iter().map(Self::size).sum(),
            Content::Mapping(entries) => entries.iter().map(|(_, node)| node.size()).sum(),
        }
    }
}

/// Reads the documents of a file.
pub(crate) fn parse(text: &str) -> Result<Vec<Node>, SyntaxError> {
    let text = text.strip_prefix('\u{feff}').unwrap_or(text);
    let mut builder = Builder::default();
    for event in Parser::new_from_str(text) {
        let (event, span) = event.map_err(|error| SyntaxError {
            position: Position::of(error.marker()),
            message: error.info().to_owned(),
        })?;
        builder.take(event, span)?;
    }
    Ok(builder.documents)
}

/// Builds the documents from the events of the parser.
#[derive(Default)]
struct Builder {
    documents: Vec<Node>,
    /// The lists and mappings that have begun and not ended.
    open: Vec<Open>,
    anchors: HashMap<usize, Node>,
    aliased: usize,
    /// The names of keys, which repeat.
    names: HashSet<Arc<str>>,
}

struct Open {
    position: Position,
    anchor: usize,
    content: Partial,
}

enum Partial {
    List(Vec<Node>),
    Mapping {
        entries: Vec<(Key, Node)>,
        /// The key whose value comes next.
        key: Option<Key>,
        merged: Vec<(Key, Node)>,
    },
}

fn fail<T>(position: Position, message: impl Into<String>) -> Result<T, SyntaxError> {
    Err(SyntaxError {
        position,
        message: message.into(),
    })
}

impl Builder {
    fn take(&mut self, event: Event<'_>, span: Span) -> Result<(), SyntaxError> {
        let position = Position::of(&span.start);
        match event {
            Event::Scalar(text, style, anchor, tag) => {
                let content = Content::Scalar(scalar(text, style, tag.as_ref(), position)?.into());
                self.complete(Node { position, content }, anchor)
            }
            Event::SequenceStart(anchor, _) => {
                self.open(position, anchor, Partial::List(Vec::new()))
            }
            Event::MappingStart(anchor, _) => {
                let content = Partial::Mapping {
                    entries: Vec::new(),
                    key: None,
                    merged: Vec::new(),
                };
                self.open(position, anchor, content)
            }
            Event::SequenceEnd | Event::MappingEnd => {
                let Some(open) = self.open.pop() else {
                    return Ok(());
                };
                let content = match open.content {
                    Partial::List(items) => Content::List(items),
                    Partial::Mapping {
                        mut entries,
                        merged,
                        ..
                    } => {
                        for (key, node) in merged {
                            if !entries.iter().any(|(known, _)| known.name == key.name) {
                                entries.push((key, node));
                            }
                        }
                        Content::Mapping(entries)
                    }
                };
                let position = open.position;
                self.complete(Node { position, content }, open.anchor)
            }
            Event::Alias(anchor) => {
                let Some(node) = self.anchors.get(&anchor) else {
                    return fail(position, "this alias has no anchor before it");
                };
                self.aliased += node.size();
                if self.aliased > MOST_ALIASED {
                    return fail(position, "the aliases stand for too many values");
                }
                let content = node.content.clone();
                self.complete(Node { position, content }, 0)
            }
            _ => Ok(()),
        }
    }

    fn open(
        &mut self,
        position: Position,
        anchor: usize,
        content: Partial,
    ) -> Result<(), SyntaxError> {
        if self.open.len() >= DEEPEST {
            return fail(position, "values nest too deeply");
        }
        self.open.push(Open {
            position,
            anchor,
            content,
        });
        Ok(())
    }

    /// Adds a value to the list or mapping around it.
    fn complete(&mut self, node: Node, anchor: usize) -> Result<(), SyntaxError> {
        if anchor != 0 {
            self.aliased += node.size();
            if self.aliased > MOST_ALIASED {
                return fail(node.position, "the anchors stand for too many values");
            }
            self.anchors.insert(anchor, node.clone());
        }
        let Some(open) = self.open.last_mut() else {
            self.documents.push(node);
            return Ok(());
        };
        match &mut open.content {
            Partial::List(items) => items.push(node),
            Partial::Mapping {
                entries,
                key,
                merged,
            } => match key.take() {
                None => *key = Some(new_key(node, entries, &mut self.names)?),
                Some(known) if &*known.name == MERGE => match node.content {
                    Content::Mapping(more) => merged.extend(more),
                    _ => return fail(node.position, "only a mapping can be merged with `<<`"),
                },
                Some(known) => entries.push((known, node)),
            },
        }
        Ok(())
    }
}

fn new_key(
    node: Node,
    entries: &[(Key, Node)],
    names: &mut HashSet<Arc<str>>,
) -> Result<Key, SyntaxError> {
    let name = match node.content {
        Content::Scalar(Compact::Text(name)) => name,
        Content::Scalar(value) => value.to_value().to_string().into(),
        _ => return fail(node.position, "a key must be a string"),
    };
    if entries.iter().any(|(known, _)| *known.name == *name) {
        return fail(node.position, format!("the key `{name}` is here twice"));
    }
    let name = match names.get(&*name) {
        Some(known) => Arc::clone(known),
        None => {
            let name = Arc::from(name);
            names.insert(Arc::clone(&name));
            name
        }
    };
    Ok(Key {
        name,
        position: node.position,
    })
}

fn scalar(
    text: Cow<'_, str>,
    style: ScalarStyle,
    tag: Option<&Cow<'_, Tag>>,
    position: Position,
) -> Result<Value, SyntaxError> {
    Ok(
        match Scalar::parse_from_cow_and_metadata(text, style, tag) {
            Some(Scalar::Null) => Value::Null,
            Some(Scalar::Boolean(value)) => Value::Bool(value),
            Some(Scalar::Integer(value)) => Value::from(value),
            Some(Scalar::FloatingPoint(value)) => match Number::from_f64(value.0) {
                Some(number) => Value::Number(number),
                None => return fail(position, "JSON cannot express this number"),
            },
            Some(Scalar::String(value)) => Value::String(value.into_owned()),
            None => return fail(position, "the value does not match its tag"),
        },
    )
}
