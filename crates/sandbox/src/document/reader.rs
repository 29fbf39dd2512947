//! The reader of the document's JSON text, which follows references.

use std::collections::BTreeMap;

use http::Method;
use serde_json::Value;

use super::error::{DocumentError, escape};
use super::operation::{
    ErrorShape, Location, Operation, Parameter, RequestBody, Requirement, Response, Scheme,
};
use super::path::PathTemplate;
use super::schema::Schema;

/// The media type of every documented body.
const JSON: &str = "application/json";

/// The properties of a path item that hold operations.
const METHODS: [(&str, Method); 7] = [
    ("get", Method::GET),
    ("put", Method::PUT),
    ("post", Method::POST),
    ("delete", Method::DELETE),
    ("options", Method::OPTIONS),
    ("head", Method::HEAD),
    ("patch", Method::PATCH),
];

/// Reads every operation of a document, in its order.
pub(super) fn operations(root: &Value) -> Result<Vec<Operation>, DocumentError> {
    Reader { root }.operations()
}

/// A reader of one document.
struct Reader<'d> {
    root: &'d Value,
}

/// A value in the document, with its JSON pointer.
#[derive(Clone)]
struct Node<'d> {
    pointer: String,
    value: &'d Value,
}

impl<'d> Node<'d> {
    fn child(&self, key: &str) -> Option<Node<'d>> {
        let value = self.value.get(key)?;
        Some(Node {
            pointer: format!("{}/{}", self.pointer, escape(key)),
            value,
        })
    }

    fn children(&self) -> impl Iterator<Item = (&'d String, Node<'d>)> {
        let pointer = self.pointer.clone();
        let properties = self.value.as_object().into_iter().flatten();
        properties.map(move |(key, value)| {
            (
                key,
                Node {
                    pointer: format!("{pointer}/{}", escape(key)),
                    value,
                },
            )
        })
    }

    fn items(&self) -> impl Iterator<Item = Node<'d>> {
        let pointer = self.pointer.clone();
        let items = self.value.as_array().into_iter().flatten().enumerate();
        items.map(move |(index, value)| Node {
            pointer: format!("{pointer}/{index}"),
            value,
        })
    }

    fn string(&self, key: &str) -> Option<&'d str> {
        self.value.get(key).and_then(Value::as_str)
    }

    fn flag(&self, key: &str) -> Option<bool> {
        self.value.get(key).and_then(Value::as_bool)
    }

    fn required_string(&self, key: &str) -> Result<&'d str, DocumentError> {
        self.string(key)
            .ok_or_else(|| DocumentError::new(&self.pointer, format!("`{key}` is missing")))
    }
}

impl<'d> Reader<'d> {
    fn operations(&self) -> Result<Vec<Operation>, DocumentError> {
        let root = Node {
            pointer: String::new(),
            value: self.root,
        };
        let paths = root
            .child("paths")
            .ok_or_else(|| DocumentError::new("/", "`paths` is missing"))?;
        let mut operations = Vec::new();
        for (path, item) in paths.children() {
            for (key, method) in &METHODS {
                if let Some(node) = item.child(key) {
                    operations.push(self.operation(path, method.clone(), &item, &node)?);
                }
            }
        }
        Ok(operations)
    }

    fn operation(
        &self,
        path: &str,
        method: Method,
        item: &Node<'d>,
        node: &Node<'d>,
    ) -> Result<Operation, DocumentError> {
        let mut parameters: Vec<Parameter> = Vec::new();
        let listed = [item, node]
            .into_iter()
            .filter_map(|owner| owner.child("parameters"));
        for parameter in listed.flat_map(|list| list.items().collect::<Vec<_>>()) {
            let parameter = self.parameter(&self.follow(parameter)?)?;
            // An operation's own parameter replaces the one of its path.
            parameters.retain(|other| {
                (other.location, &other.name) != (parameter.location, &parameter.name)
            });
            parameters.push(parameter);
        }
        let mut responses = BTreeMap::new();
        for (status, response) in node.child("responses").iter().flat_map(Node::children) {
            responses.insert(status.clone(), self.response(&self.follow(response)?)?);
        }
        let body = node
            .child("requestBody")
            .map(|body| self.body(&self.follow(body)?))
            .transpose()?;
        Ok(Operation {
            id: node.required_string("operationId")?.to_owned(),
            method,
            path: PathTemplate::new(path),
            parameters,
            body,
            responses,
            security: self.security(node)?,
        })
    }

    fn parameter(&self, node: &Node<'d>) -> Result<Parameter, DocumentError> {
        let location = match node.required_string("in")? {
            "path" => Location::Path,
            "query" => Location::Query,
            "header" => Location::Header,
            other => {
                return Err(DocumentError::new(
                    &node.pointer,
                    format!("the sandbox does not support `in: {other}`"),
                ));
            }
        };
        let schema = node
            .child("schema")
            .ok_or_else(|| DocumentError::new(&node.pointer, "the parameter has no `schema`"))?;
        let resolved = self.follow(schema.clone())?;
        let item_kind = match resolved.child("items") {
            Some(items) => self
                .follow(items)?
                .string("type")
                .unwrap_or("string")
                .to_owned(),
            None => "string".to_owned(),
        };
        Ok(Parameter {
            name: node.required_string("name")?.to_owned(),
            location,
            required: node.flag("required").unwrap_or(false),
            exploded: node.flag("explode").unwrap_or(location == Location::Query),
            kind: resolved.string("type").unwrap_or("string").to_owned(),
            item_kind,
            default: resolved.value.get("default").cloned(),
            maximum: resolved.value.get("maximum").and_then(Value::as_u64),
            schema: Schema::at(schema.pointer),
        })
    }

    fn body(&self, node: &Node<'d>) -> Result<RequestBody, DocumentError> {
        let content = node
            .child("content")
            .ok_or_else(|| DocumentError::new(&node.pointer, "`content` is missing"))?;
        let schemas = content.children().filter_map(|(media_type, media)| {
            let schema = media.child("schema")?;
            Some((media_type.clone(), Schema::at(schema.pointer)))
        });
        Ok(RequestBody {
            required: node.flag("required").unwrap_or(false),
            media_types: schemas.collect(),
        })
    }

    fn response(&self, node: &Node<'d>) -> Result<Response, DocumentError> {
        let media = node
            .child("content")
            .and_then(|content| content.child(JSON));
        let Some((media, schema)) = media.and_then(|media| {
            let schema = media.child("schema")?;
            Some((media, schema))
        }) else {
            return Ok(Response {
                schema: None,
                error_shape: None,
                example: None,
            });
        };
        let error_shape = self.error_shape(&schema)?;
        let example = self.example(&media)?;
        let example = example.or_else(|| scorekit_schema::example(self.root, schema.value));
        Ok(Response {
            schema: Some(Schema::at(schema.pointer)),
            error_shape,
            example,
        })
    }

    /// Returns the first example of a body.
    fn example(&self, media: &Node<'d>) -> Result<Option<Value>, DocumentError> {
        let named = media.child("examples");
        let named = named.and_then(|examples| examples.children().next().map(|(_, node)| node));
        let named = named.map(|node| self.follow(node)).transpose()?;
        let example = media
            .child("example")
            .or_else(|| named.and_then(|node| node.child("value")));
        Ok(example.map(|node| node.value.clone()))
    }

    /// Recognizes an error body by its structure, so that a schema can be renamed. A union counts
    /// as its first alternative that is an error body.
    fn error_shape(&self, schema: &Node<'d>) -> Result<Option<ErrorShape>, DocumentError> {
        let schema = self.follow(schema.clone())?;
        for union in ["oneOf", "anyOf"]
            .iter()
            .filter_map(|key| schema.child(key))
        {
            for alternative in union.items() {
                if let Some(shape) = self.error_shape(&alternative)? {
                    return Ok(Some(shape));
                }
            }
        }
        let Some(properties) = schema.child("properties") else {
            return Ok(None);
        };
        if properties.child("detail").is_some() {
            return Ok(Some(ErrorShape::Detail));
        }
        let Some(items) = properties
            .child("errors")
            .and_then(|errors| errors.child("items"))
        else {
            return Ok(None);
        };
        let items = self.follow(items)?;
        Ok(Some(if items.string("type") == Some("string") {
            ErrorShape::Strings
        } else {
            ErrorShape::Objects
        }))
    }

    fn security(&self, node: &Node<'d>) -> Result<Vec<Requirement>, DocumentError> {
        let Some(alternatives) = node
            .value
            .get("security")
            .or_else(|| self.root.get("security"))
        else {
            return Ok(Vec::new());
        };
        let mut requirements = Vec::new();
        for alternative in alternatives.as_array().into_iter().flatten() {
            let names = alternative
                .as_object()
                .into_iter()
                .flatten()
                .map(|(name, _)| name);
            let schemes = names
                .map(|name| self.scheme(node, name))
                .collect::<Result<_, _>>()?;
            requirements.push(Requirement { schemes });
        }
        Ok(requirements)
    }

    fn scheme(&self, node: &Node<'d>, name: &str) -> Result<Scheme, DocumentError> {
        let pointer = format!("/components/securitySchemes/{}", escape(name));
        let unknown = |problem: &str| {
            DocumentError::new(
                &node.pointer,
                format!("security scheme `{name}`: {problem}"),
            )
        };
        let value = self
            .root
            .pointer(&pointer)
            .ok_or_else(|| unknown("it is not among the components"))?;
        let scheme = Node { pointer, value };
        match (
            scheme.string("type"),
            scheme.string("in"),
            scheme.string("scheme"),
        ) {
            (Some("apiKey"), Some("header"), _) => {
                Ok(Scheme::Header(scheme.required_string("name")?.to_owned()))
            }
            (Some("http"), _, Some("bearer")) | (Some("oauth2"), _, _) => Ok(Scheme::Bearer),
            _ => Err(unknown(
                "the sandbox supports only header keys, bearer tokens and OAuth",
            )),
        }
    }

    /// Follows `$ref`s to their target.
    fn follow(&self, mut node: Node<'d>) -> Result<Node<'d>, DocumentError> {
        // A longer chain is a cycle.
        for _ in 0..32 {
            let Some(reference) = node.string("$ref") else {
                return Ok(node);
            };
            let value = reference
                .strip_prefix('#')
                .and_then(|pointer| self.root.pointer(pointer));
            let value = value.ok_or_else(|| {
                DocumentError::new(
                    &node.pointer,
                    format!("the document has no value at `{reference}`"),
                )
            })?;
            node = Node {
                pointer: reference.trim_start_matches('#').to_owned(),
                value,
            };
        }
        Err(DocumentError::new(
            &node.pointer,
            "the `$ref`s form a cycle",
        ))
    }
}
