//! The document as a tree in which every value keeps its file, line and column.

use serde_json::{Map, Number, Value};

use crate::collections::{CopyOnWrite, IndexMap};
use crate::document::diagnostic::Location;

/// A key that one stage of the generator leaves for another: the name after [`RESERVED_PREFIX`].
macro_rules! reserved {
    ($name:literal) => {
        concat!("x-scorekit-internal-", $name)
    };
}
pub(crate) use reserved;

/// The prefix of the keys that one stage of the generator leaves for another. The loader rejects it
/// in documents.
pub(crate) const RESERVED_PREFIX: &str = reserved!("");

/// The keywords of a schema that only validate, each with its JSON text. Clients do not check them,
/// so generated code does not depend on them, but a change of one is a change of the document.
pub(crate) const VALIDATION: &str = "x-scorekit-internal-validation";

/// The key in [`VALIDATION`] of a schema that is read as any value: the text of the whole schema.
pub(crate) const WIDENED: &str = "schema";

/// The key of callbacks as they were written. A client cannot serve them, so only a comparison of
/// two documents reads them.
pub(crate) const CALLBACKS: &str = "x-scorekit-internal-callbacks";

/// The key of a part that could not be read. Its value is the number of the reason.
pub(crate) const UNREADABLE: &str = "x-scorekit-internal-unreadable";

/// The number of properties up to which [`Node::get`] compares names.
const COMPARED: usize = 8;

/// A value of the document and its place.
#[derive(Clone, Debug)]
pub struct Node {
    /// The place where the value starts.
    pub location: Location,
    /// The value.
    pub value: NodeValue,
}

/// The value of a [`Node`] in the JSON data model.
#[derive(Clone, Debug)]
pub enum NodeValue {
    /// `null`
    Null,
    /// A boolean.
    Bool(bool),
    /// A number.
    Number(Number),
    /// A string.
    String(String),
    /// A sequence.
    Array(CopyOnWrite<Vec<Node>>),
    /// A mapping, in the order of the file.
    Object(CopyOnWrite<IndexMap<String, Property>>),
}

/// A property of a mapping.
#[derive(Clone, Debug)]
pub struct Property {
    /// The place of the key.
    pub key: Location,
    /// The value.
    pub node: Node,
}

impl Node {
    /// Returns the properties of a mapping, and `None` for any other value.
    pub fn properties(&self) -> Option<&IndexMap<String, Property>> {
        match &self.value {
            NodeValue::Object(properties) => Some(properties),
            _ => None,
        }
    }

    /// Returns the property `name` of a mapping.
    pub fn get(&self, name: &str) -> Option<&Node> {
        let properties = self.properties()?;
        // Most mappings are schemas, whose few names are compared in less time than one is hashed.
        if properties.len() <= COMPARED {
            let mut properties = properties.iter();
            let found = properties.find(|(key, _)| *key == name);
            return found.map(|(_, property)| &property.node);
        }
        properties.get(name).map(|property| &property.node)
    }

    /// Returns a mutable reference to the property `name` of a mapping.
    pub fn get_mut(&mut self, name: &str) -> Option<&mut Node> {
        // A mapping without it stays shared.
        self.get(name)?;
        match &mut self.value {
            NodeValue::Object(properties) => {
                properties.get_mut(name).map(|property| &mut property.node)
            }
            _ => None,
        }
    }

    /// Calls `change` for each value directly inside, with the key if this is a mapping. Parts of
    /// the tree that it leaves unchanged stay shared with other clones.
    pub(crate) fn change_inner(&mut self, change: &mut dyn FnMut(&str, &mut Node)) {
        match &mut self.value {
            NodeValue::Array(items) => match items.unshared() {
                Some(items) => items.iter_mut().for_each(|item| change("", item)),
                None => {
                    for at in 0..items.len() {
                        let mut item = items[at].clone();
                        change("", &mut item);
                        if !item.is_same(&items[at]) {
                            items[at] = item;
                        }
                    }
                }
            },
            NodeValue::Object(properties) => match properties.unshared() {
                Some(properties) => properties
                    .iter_mut()
                    .for_each(|(name, property)| change(name, &mut property.node)),
                None => {
                    for at in 0..properties.len() {
                        let mut node = properties[at].node.clone();
                        if let Some((name, _)) = properties.get_index(at) {
                            change(name, &mut node);
                        }
                        if !node.is_same(&properties[at].node) {
                            properties[at].node = node;
                        }
                    }
                }
            },
            _ => {}
        }
    }

    /// Returns true if both are mappings or lists of the same keys and values, as
    /// [`Node::is_same`] compares them.
    pub(crate) fn holds_the_same(&self, other: &Self) -> bool {
        match (&self.value, &other.value) {
            (NodeValue::Array(left), NodeValue::Array(right)) => {
                let mut pairs = left.iter().zip(right.iter());
                left.len() == right.len() && pairs.all(|(left, right)| left.is_same(right))
            }
            (NodeValue::Object(left), NodeValue::Object(right)) => {
                let mut pairs = left.iter().zip(right.iter());
                left.len() == right.len()
                    && pairs.all(|(left, right)| {
                        left.0 == right.0 && left.1.node.is_same(&right.1.node)
                    })
            }
            _ => false,
        }
    }

    /// Returns true if one is a clone of the other, and neither was changed.
    pub(crate) fn is_same(&self, other: &Self) -> bool {
        let is_same = match (&self.value, &other.value) {
            (NodeValue::Null, NodeValue::Null) => true,
            (NodeValue::Bool(left), NodeValue::Bool(right)) => left == right,
            (NodeValue::Number(left), NodeValue::Number(right)) => left == right,
            (NodeValue::String(left), NodeValue::String(right)) => left == right,
            (NodeValue::Array(left), NodeValue::Array(right)) => left.is_same(right),
            (NodeValue::Object(left), NodeValue::Object(right)) => left.is_same(right),
            _ => false,
        };
        is_same && self.location.is_same(&other.location)
    }

    /// Returns the place of the key `name`, or the start of the mapping if the key is absent.
    pub fn key_location(&self, name: &str) -> &Location {
        self.properties()
            .and_then(|properties| properties.get(name))
            .map_or(&self.location, |property| &property.key)
    }

    /// Returns the items of a sequence. Returns an empty slice for any other value.
    pub fn items(&self) -> &[Node] {
        match &self.value {
            NodeValue::Array(items) => items,
            _ => &[],
        }
    }

    /// Returns the content of a string, and `None` for any other value.
    pub fn as_str(&self) -> Option<&str> {
        match &self.value {
            NodeValue::String(text) => Some(text),
            _ => None,
        }
    }

    /// Returns true for the boolean `true`.
    pub fn is_true(&self) -> bool {
        matches!(self.value, NodeValue::Bool(true))
    }

    /// Returns the target of a `{"$ref": …}`, and `None` for any other value.
    pub fn reference(&self) -> Option<&str> {
        self.get("$ref")?.as_str()
    }

    /// Follows a JSON pointer (RFC 6901). `""` is the node itself.
    pub fn pointer(&self, pointer: &str) -> Option<&Node> {
        self.closest(pointer).ok()
    }

    /// Follows a JSON pointer as far as possible. Returns the node that it names, or else the last
    /// node on the path as the error.
    pub fn closest(&self, pointer: &str) -> Result<&Node, &Node> {
        let mut node = self;
        for token in pointer.split('/').skip(1) {
            let token = unescape_pointer_token(token);
            let next = match &node.value {
                NodeValue::Object(properties) => {
                    properties.get(&token).map(|property| &property.node)
                }
                NodeValue::Array(items) => index(&token).and_then(|at| items.get(at)),
                _ => None,
            };
            node = next.ok_or(node)?;
        }
        Ok(node)
    }

    /// Returns the number of values in the tree, including this one.
    pub fn count(&self) -> usize {
        match &self.value {
            NodeValue::Array(items) => 1 + items.iter().map(Self::count).sum::<usize>(),
            NodeValue::Object(properties) => {
                1 + properties
                    .values()
                    .map(|property| property.node.count())
                    .sum::<usize>()
            }
            _ => 1,
        }
    }

    /// Returns the same tree without places.
    pub fn to_value(&self) -> Value {
        match &self.value {
            NodeValue::Null => Value::Null,
            NodeValue::Bool(value) => Value::Bool(*value),
            NodeValue::Number(value) => Value::Number(value.clone()),
            NodeValue::String(value) => Value::String(value.clone()),
            NodeValue::Array(items) => items.iter().map(Node::to_value).collect(),
            NodeValue::Object(properties) => {
                let properties = properties
                    .iter()
                    .map(|(name, property)| (name.clone(), property.node.to_value()));
                Value::Object(properties.collect::<Map<_, _>>())
            }
        }
    }
}

/// Returns the array index that a token names. An index has only digits and no leading zero.
fn index(token: &str) -> Option<usize> {
    let is_index = token.bytes().all(|byte| byte.is_ascii_digit())
        && (token.len() == 1 || !token.starts_with('0'));
    is_index.then(|| token.parse().ok()).flatten()
}

/// Escapes one token of a JSON pointer as RFC 6901 requires.
pub fn escape_pointer_token(token: &str) -> String {
    token.replace('~', "~0").replace('/', "~1")
}

/// Reverses [`escape_pointer_token`].
pub fn unescape_pointer_token(token: &str) -> String {
    // Nearly every token is a plain name.
    match token.contains('~') {
        true => token.replace("~1", "/").replace("~0", "~"),
        false => token.to_owned(),
    }
}

/// Returns true if the value of the OpenAPI keyword `keyword` is the API's own data. A `$ref` in
/// such data is not a reference.
pub fn holds_data(keyword: &str) -> bool {
    matches!(
        keyword,
        "example" | "examples" | "default" | "enum" | "const"
    )
}

/// Returns true if the value of the OpenAPI keyword `keyword` is a mapping from the document's own
/// names. A key there that looks like a keyword (a field called `default`) is not one.
pub fn holds_names(keyword: &str) -> bool {
    matches!(
        keyword,
        "callbacks"
            | "content"
            | "encoding"
            | "headers"
            | "links"
            | "mapping"
            | "parameters"
            | "paths"
            | "properties"
            | "requestBodies"
            | "responses"
            | "schemas"
            | "securitySchemes"
            | "variables"
    )
}
