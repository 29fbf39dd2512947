//! Turns the parameters of an operation, and the scalar properties of its body, into flags.
//!
//! A JSON:API envelope is looked through: `data.attributes.title` becomes `--title`, and
//! `data.relationships.project.data.id` becomes `--project`. Properties with one possible value
//! are constants. What remains is left to `--body`.

use proc_macro2::TokenStream;
use quote::{ToTokens, format_ident, quote};
use serde_json::Value;

use super::object::{Object, resolve, values};
use super::{kebab, plain};
use crate::document::node::escape_pointer_token;
use crate::generate::model::{Domain, Operation, Parameter, ParameterPlace};

/// The deepest property that becomes a flag: `data.relationships.project.data.id`.
const MAX_DEPTH: usize = 6;

/// The flags of an operation and the constants of its body.
pub(super) struct Flags<'a> {
    domain: &'a Domain,
    pub(super) flags: Vec<Flag>,
    pub(super) constants: Vec<Constant>,
    /// The properties that neither a flag nor a constant can set, although their object needs them.
    pub(super) missing: Vec<String>,
}

/// A flag.
pub(super) struct Flag {
    /// The name, without dashes.
    pub(super) name: String,
    /// The place of the value in the request.
    pub(super) place: Place,
    /// The kind of one value, as the catalog calls it.
    pub(super) kind: &'static str,
    /// True if the flag can be repeated.
    pub(super) is_list: bool,
    /// The serialization of a list or an object.
    style: Option<&'static str>,
    /// The possible values, if they are listed.
    pub(super) values: Vec<String>,
    pub(super) required: bool,
    deprecated: bool,
    help: String,
    /// A value of the document.
    pub(super) example: Option<Value>,
}

/// The place of a value in the request, with its name on the wire.
pub(super) enum Place {
    Path(String),
    Query(String),
    Header(String),
    /// The JSON pointer of a property of the body.
    Body(String),
}

/// A property of the body with one possible value.
pub(super) struct Constant {
    pub(super) pointer: String,
    value: Value,
    /// True if the body needs it; otherwise it is needed if the object around it is there.
    required: bool,
}

impl<'a> Flags<'a> {
    pub(super) fn of(
        domain: &'a Domain,
        operation: &'a Operation,
        lowered: &Operation,
    ) -> Option<Self> {
        let mut flags = Self {
            domain,
            flags: Vec::new(),
            constants: Vec::new(),
            missing: Vec::new(),
        };
        for parameter in &operation.parameters {
            let is_same =
                |it: &&Parameter| it.name == parameter.name && it.place == parameter.place;
            let rust_name = lowered.parameters.iter().find(is_same);
            let name = rust_name.map_or(&parameter.name, |it| &it.rust_name);
            flags.add_parameter(parameter, kebab(name))?;
        }
        if let Some(body) = &operation.request_body {
            let required = operation.body_required;
            flags.add_object(body, "", None, required, 0);
        }
        Some(flags)
    }

    fn add_parameter(&mut self, parameter: &Parameter, name: String) -> Option<()> {
        let wire = parameter.name.clone();
        let place = match parameter.place {
            ParameterPlace::Path => Place::Path(wire),
            ParameterPlace::Query => Place::Query(wire),
            ParameterPlace::Header => Place::Header(wire),
            ParameterPlace::Cookie | ParameterPlace::Field | ParameterPlace::Part(_) => {
                return None;
            }
        };
        let schema = resolve(self.domain, &parameter.schema);
        let (kind, is_list, item) = self.kind(schema).unwrap_or(("Json", false, schema));
        self.flags.push(Flag {
            name,
            place,
            kind,
            is_list,
            style: parameter.style,
            values: values(item).into_iter().map(str::to_owned).collect(),
            required: parameter.required,
            deprecated: parameter.deprecated,
            help: plain(&parameter.description),
            example: schema.get("example").cloned(),
        });
        Some(())
    }

    /// Adds the properties of an object of the body. `relationship` is the name of the
    /// relationship around it.
    fn add_object(
        &mut self,
        schema: &'a Value,
        pointer: &str,
        relationship: Option<&str>,
        required: bool,
        depth: usize,
    ) {
        let object = Object::of(self.domain, schema);
        for (name, property) in &object.properties {
            let pointer = format!("{pointer}/{}", escape_pointer_token(name));
            let is_required_here = object.required.contains(name);
            let required = required && is_required_here;
            let listed = values(property);
            if let ([only], true) = (&listed[..], *name == "type" || required) {
                let value = Value::from(*only);
                self.constants.push(Constant {
                    pointer,
                    value,
                    required,
                });
            } else if let Some((kind, is_list, item)) = self.kind(property) {
                let name = match (relationship, *name) {
                    (Some(relationship), "id") => relationship,
                    (_, name) => name,
                };
                self.add_property(name, pointer, (kind, is_list, item), property, required);
            } else if depth < MAX_DEPTH && is_envelope(name, &pointer) {
                let in_relationships = pointer.contains("/relationships/");
                let inner = match in_relationships {
                    true => relationship.or(Some(*name)),
                    false => None,
                };
                self.add_object(property, &pointer, inner, required, depth + 1);
            } else if is_required_here {
                self.missing.push(pointer);
            }
        }
    }

    fn add_property(
        &mut self,
        name: &str,
        pointer: String,
        (kind, is_list, item): (&'static str, bool, &Value),
        property: &Value,
        required: bool,
    ) {
        let mut name = kebab(name);
        if self.flags.iter().any(|flag| flag.name == name) {
            name = pointer
                .split('/')
                .map(kebab)
                .filter(|it| !it.is_empty())
                .collect::<Vec<_>>()
                .join("-");
        }
        let description = property.get("description").and_then(Value::as_str);
        self.flags.push(Flag {
            name,
            place: Place::Body(pointer),
            kind,
            is_list,
            style: None,
            values: values(item).into_iter().map(str::to_owned).collect(),
            required,
            deprecated: property.get("deprecated").and_then(Value::as_bool) == Some(true),
            help: plain(description.unwrap_or_default()),
            example: property.get("example").cloned(),
        });
    }

    /// Returns the kind of a scalar or of the items of a list of scalars, and the schema of one
    /// value; `None` for anything else.
    fn kind(&self, schema: &'a Value) -> Option<(&'static str, bool, &'a Value)> {
        if let Some(kind) = scalar(schema) {
            return Some((kind, false, schema));
        }
        if schema.get("type").and_then(Value::as_str) != Some("array") {
            return None;
        }
        let item = resolve(self.domain, schema.get("items")?);
        Some((scalar(item)?, true, item))
    }
}

/// Returns true for the objects around the properties of a resource in JSON:API.
fn is_envelope(name: &str, pointer: &str) -> bool {
    matches!(name, "data" | "attributes" | "relationships") || {
        let outer = pointer.rsplit('/').nth(1);
        outer == Some("relationships")
    }
}

/// Returns the kind of a scalar, as the catalog calls it.
fn scalar(schema: &Value) -> Option<&'static str> {
    let format = schema.get("format").and_then(Value::as_str);
    match schema.get("type")?.as_str()? {
        "string" if format == Some("date") => Some("Date"),
        "string" if format == Some("date-time") => Some("Time"),
        "string" => Some("String"),
        "integer" => Some("Integer"),
        "number" => Some("Number"),
        "boolean" => Some("Boolean"),
        _ => None,
    }
}

impl ToTokens for Flag {
    fn to_tokens(&self, tokens: &mut TokenStream) {
        let (name, help) = (&self.name, &self.help);
        let kind = format_ident!("{}", self.kind);
        let (create, wire) = match &self.place {
            Place::Path(wire) => (quote!(path), wire),
            Place::Query(wire) => (quote!(query), wire),
            Place::Header(wire) => (quote!(header), wire),
            Place::Body(pointer) => (quote!(body), pointer),
        };
        tokens.extend(quote!(Flag::#create(#name, #wire, Kind::#kind, #help)));
        if !self.values.is_empty() {
            let values = &self.values;
            tokens.extend(quote!(.values(&[#(#values),*])));
        }
        if self.is_list {
            tokens.extend(quote!(.list()));
        }
        if let Some(style) = self.style {
            let style = format_ident!("{style}");
            tokens.extend(quote!(.style(ParameterStyle::#style)));
        }
        if self.required {
            tokens.extend(quote!(.required()));
        }
        if self.deprecated {
            tokens.extend(quote!(.deprecated()));
        }
    }
}

impl ToTokens for Constant {
    fn to_tokens(&self, tokens: &mut TokenStream) {
        let (pointer, required) = (&self.pointer, self.required);
        let value = self.value.as_str().unwrap_or_default();
        tokens.extend(quote!(Constant::new(#pointer, #value, #required)));
    }
}
