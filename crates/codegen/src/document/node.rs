//! The document as a tree in which every value knows the file, line and column it came from.

use indexmap::IndexMap;
use serde_json::{Map, Number, Value};

use crate::document::diagnostic::Location;

/// The beginning of the keys that the stages of the generator leave for each other. The loader
/// rejects it in documents.
pub(crate) const RESERVED_PREFIX: &str = "x-scorekit-internal-";

/// A value of the document and where it stands.
#[derive(Clone, Debug)]
pub struct Node {
    /// Where the value starts.
    pub location: Location,
    /// The value.
    pub value: NodeValue,
}

/// What a [`Node`] holds: the JSON data model.
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
    Array(Vec<Node>),
    /// A mapping, in the order of the file.
    Object(IndexMap<String, Member>),
}

/// A member of a mapping.
#[derive(Clone, Debug)]
pub struct Member {
    /// Where the key stands.
    pub key: Location,
    /// The value.
    pub node: Node,
}

impl Node {
    /// The members of a mapping; `None` for anything else.
    pub fn members(&self) -> Option<&IndexMap<String, Member>> {
        match &self.value {
            NodeValue::Object(members) => Some(members),
            _ => None,
        }
    }

    /// The member of a mapping by its name.
    pub fn get(&self, name: &str) -> Option<&Node> {
        self.members()?.get(name).map(|member| &member.node)
    }

    /// The member of a mapping by its name, to be changed.
    pub fn get_mut(&mut self, name: &str) -> Option<&mut Node> {
        match &mut self.value {
            NodeValue::Object(members) => members.get_mut(name).map(|member| &mut member.node),
            _ => None,
        }
    }

    /// Where the key `name` stands, or where the mapping starts if there is none.
    pub fn key_location(&self, name: &str) -> &Location {
        self.members()
            .and_then(|members| members.get(name))
            .map_or(&self.location, |member| &member.key)
    }

    /// The items of a sequence; empty for anything else.
    pub fn items(&self) -> &[Node] {
        match &self.value {
            NodeValue::Array(items) => items,
            _ => &[],
        }
    }

    /// The text of a string; `None` for anything else.
    pub fn as_str(&self) -> Option<&str> {
        match &self.value {
            NodeValue::String(text) => Some(text),
            _ => None,
        }
    }

    /// Whether this is the boolean `true`.
    pub fn is_true(&self) -> bool {
        matches!(self.value, NodeValue::Bool(true))
    }

    /// The target of a `{"$ref": …}`; `None` for anything else.
    pub fn reference(&self) -> Option<&str> {
        self.get("$ref")?.as_str()
    }

    /// Follows a JSON pointer (RFC 6901); `""` is the node itself.
    pub fn pointer(&self, pointer: &str) -> Option<&Node> {
        self.closest(pointer).ok()
    }

    /// Follows a JSON pointer as far as it leads: the node it names, or the last one on the way to
    /// it.
    pub fn closest(&self, pointer: &str) -> Result<&Node, &Node> {
        let mut node = self;
        for token in pointer.split('/').skip(1) {
            let token = unescape_pointer_token(token);
            let next = match &node.value {
                NodeValue::Object(members) => members.get(&token).map(|member| &member.node),
                NodeValue::Array(items) => index(&token).and_then(|at| items.get(at)),
                _ => None,
            };
            node = next.ok_or(node)?;
        }
        Ok(node)
    }

    /// How many values there are, this one included.
    pub fn count(&self) -> usize {
        match &self.value {
            NodeValue::Array(items) => 1 + items.iter().map(Self::count).sum::<usize>(),
            NodeValue::Object(members) => {
                1 + members
                    .values()
                    .map(|member| member.node.count())
                    .sum::<usize>()
            }
            _ => 1,
        }
    }

    /// The same tree without places.
    pub fn to_value(&self) -> Value {
        match &self.value {
            NodeValue::Null => Value::Null,
            NodeValue::Bool(value) => Value::Bool(*value),
            NodeValue::Number(value) => Value::Number(value.clone()),
            NodeValue::String(value) => Value::String(value.clone()),
            NodeValue::Array(items) => items.iter().map(Node::to_value).collect(),
            NodeValue::Object(members) => {
                let members = members
                    .iter()
                    .map(|(name, member)| (name.clone(), member.node.to_value()));
                Value::Object(members.collect::<Map<_, _>>())
            }
        }
    }
}

/// The place in an array that a token names: digits without a leading zero.
fn index(token: &str) -> Option<usize> {
    let is_index = token.bytes().all(|byte| byte.is_ascii_digit())
        && (token.len() == 1 || !token.starts_with('0'));
    is_index.then(|| token.parse().ok()).flatten()
}

/// One token of a JSON pointer, escaped as RFC 6901 asks.
pub fn escape_pointer_token(token: &str) -> String {
    token.replace('~', "~0").replace('/', "~1")
}

/// What [`escape_pointer_token`] escaped.
pub fn unescape_pointer_token(token: &str) -> String {
    token.replace("~1", "/").replace("~0", "~")
}

/// Whether the value of the OpenAPI keyword `keyword` is the API's own data, in which a `$ref`
/// refers to nothing.
pub fn holds_data(keyword: &str) -> bool {
    matches!(
        keyword,
        "example" | "examples" | "default" | "enum" | "const"
    )
}

/// Whether the value of the OpenAPI keyword `keyword` is a mapping whose keys are the document's
/// own names, so that a key that reads like a keyword (a field called `default`) is none.
pub fn holds_names(keyword: &str) -> bool {
    matches!(
        keyword,
        "callbacks"
            | "content"
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
