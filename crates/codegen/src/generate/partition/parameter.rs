//! Reads the parameters of operations and their styles.

use super::server::template_names;
use super::{Reader, text};
use crate::document::node::{Node, Property};
use crate::generate::desugar::UNION_KEYWORDS;
use crate::generate::model::{Parameter, ParameterPlace};

/// Headers that OpenAPI ignores as parameters, because media types and security schemes set them
/// (<https://spec.openapis.org/oas/v3.0.3#parameter-object>, `name`).
const IGNORED_HEADERS: [&str; 3] = ["accept", "authorization", "content-type"];

/// The maximum number of schemas that are visited to find the type of one.
const MOST_VISITED: usize = 1_000;

/// The style of a parameter's values.
#[derive(Clone, Copy)]
pub(super) enum ValueStyle {
    /// A single value, which needs no style.
    Single,
    /// A list or an object, in the `ParameterStyle` of the runtime with this name.
    Named(&'static str),
}

impl ValueStyle {
    /// Returns the name of the style of a list or an object.
    pub(super) fn name(self) -> Option<&'static str> {
        match self {
            Self::Single => None,
            Self::Named(name) => Some(name),
        }
    }
}

impl<'a> Reader<'a> {
    /// Reads the parameters of the path item and of the operation, each with the node of its
    /// schema. Those of the operation override those of the path item.
    pub(super) fn parameters(
        &mut self,
        path: &str,
        path_item: &'a Node,
        operation: &'a Node,
        property: &'a Property,
    ) -> Vec<(&'a Node, Parameter)> {
        let mut parameters: Vec<(&'a Node, Parameter)> = Vec::new();
        for node in [path_item, operation]
            .into_iter()
            .flat_map(|level| self.list(level, "parameters"))
            .collect::<Vec<_>>()
        {
            let node = self.resolve(node);
            if is_ignored(node) || self.is_unreadable(node) {
                continue;
            }
            let Some((schema, parameter)) = self.parameter(node, path) else {
                continue;
            };
            let same = |(_, known): &(&Node, Parameter)| {
                known.name == parameter.name && known.place == parameter.place
            };
            match parameters.iter().position(same) {
                Some(at) => parameters[at] = (schema, parameter),
                None => parameters.push((schema, parameter)),
            }
        }
        for name in template_names(path) {
            let declared = |(_, known): &(&Node, Parameter)| {
                known.name == name && known.place == ParameterPlace::Path
            };
            if !parameters.iter().any(declared) && self.options.uses_defaults {
                let message = format!("the path parameter `{name}` of {path} is not declared");
                self.note(
                    "",
                    &property.key,
                    message,
                    "it is read as a string".to_owned(),
                );
                parameters.push((&property.node, undeclared(name)));
            } else if !parameters.iter().any(declared) {
                self.error(
                    &property.key,
                    format!("the path parameter `{name}` of {path} is not declared"),
                    format!(
                        "add `- {{name: {name}, in: path, required: true, \
                         schema: {{type: string}}}}` to `parameters`"
                    ),
                );
            }
        }
        // The order of the arguments: path parameters in the order of the path, then query
        // parameters, then headers.
        let position = |name: &str| template_names(path).position(|known| known == name);
        parameters.sort_by_key(|(_, parameter)| match parameter.place {
            ParameterPlace::Path => (0, position(&parameter.name)),
            ParameterPlace::Query => (1, None),
            ParameterPlace::Header => (2, None),
            ParameterPlace::Cookie => (3, None),
            ParameterPlace::Field | ParameterPlace::Part(_) => (4, None),
        });
        parameters
    }

    fn parameter(&mut self, node: &'a Node, path: &str) -> Option<(&'a Node, Parameter)> {
        let name = node.get("name").and_then(Node::as_str).unwrap_or_default();
        let place_node = node.get("in").unwrap_or(node);
        let place = match place_node.as_str().unwrap_or_default() {
            "path" => ParameterPlace::Path,
            "query" => ParameterPlace::Query,
            "header" => ParameterPlace::Header,
            "cookie" => ParameterPlace::Cookie,
            other => {
                let message =
                    format!("the parameter `{name}` is in `{other}`, which is not supported");
                self.error(
                    &place_node.location,
                    message,
                    "use `in: path`, `in: query`, `in: header` or `in: cookie`",
                );
                return None;
            }
        };
        let is_token = |c: char| c.is_ascii_alphanumeric() || "!#$%&'*+-.^_`|~".contains(c);
        if name.is_empty() || (place == ParameterPlace::Header && !name.chars().all(is_token)) {
            let message = format!("`{name}` is not a valid name of a parameter");
            self.error(
                node.key_location("name"),
                message,
                "use a name that is not empty; a header needs a token (RFC 9110, section 5.1)",
            );
        }
        let required = node.get("required").is_some_and(Node::is_true);
        if place == ParameterPlace::Path && !required {
            self.error(
                &node.location,
                format!("the path parameter `{name}` is not required"),
                "add `required: true`",
            );
        }
        if place == ParameterPlace::Path && !template_names(path).any(|known| known == name) {
            let message = format!("the path parameter `{name}` is not in {path}");
            let help = "add it to the path in braces, or remove it";
            self.error_or_note(&node.location, message, [help, "it is not sent"]);
            return None;
        }
        let (schema, style) = self.parameter_schema(node, name, place)?;
        let parameter = Parameter {
            name: name.to_owned(),
            rust_name: String::new(),
            place,
            required,
            description: text(node, "description"),
            deprecated: node.get("deprecated").is_some_and(Node::is_true),
            schema: schema.to_value(),
            style: style.name(),
            media_type: None,
        };
        Some((schema, parameter))
    }

    /// Returns the schema of a parameter, and the style of its values.
    fn parameter_schema(
        &mut self,
        node: &'a Node,
        name: &str,
        place: ParameterPlace,
    ) -> Option<(&'a Node, ValueStyle)> {
        if let Some(content) = node.get("content") {
            let media_types = content.properties().into_iter().flatten();
            let [(media_type, property)] = media_types.collect::<Vec<_>>()[..] else {
                self.error(
                    &content.location,
                    format!("the `content` of the parameter `{name}` must have one media type"),
                    "remove the others",
                );
                return None;
            };
            let schema = self.json_schema(media_type, property)?;
            return Some((schema, ValueStyle::Named("Json")));
        }
        let Some(schema) = node.get("schema") else {
            let message = format!("the parameter `{name}` has no schema");
            self.error(
                &node.location,
                message,
                "add `schema`, or `content` with a media type",
            );
            return None;
        };
        let style = node.get("style").and_then(Node::as_str);
        let explode = node.get("explode").map(Node::is_true);
        let style = match self.options.uses_defaults {
            true => self.lenient_style(schema, name, place, style, explode),
            false => self.style(schema, name, place, style, explode)?,
        };
        Some((schema, style))
    }

    /// Returns the style in which values of a schema are written in `place`.
    pub(super) fn style(
        &mut self,
        schema: &'a Node,
        name: &str,
        place: ParameterPlace,
        style: Option<&str>,
        explode: Option<bool>,
    ) -> Option<ValueStyle> {
        let usual = match place {
            ParameterPlace::Path | ParameterPlace::Header => "simple",
            _ => "form",
        };
        let style = style.unwrap_or(usual);
        let explode = explode.unwrap_or(style == "form");
        let kind = self.kind(schema, 0);
        let is_single = matches!(kind, Some("string" | "integer" | "number" | "boolean"));
        let is_deep = style == "deepObject";
        let written = match (place, style, explode) {
            (ParameterPlace::Path | ParameterPlace::Header, "simple", _) if is_single => None,
            (ParameterPlace::Path | ParameterPlace::Header, "simple", false) => Some("Simple"),
            (ParameterPlace::Path | ParameterPlace::Header, "simple", true) => {
                Some("SimpleExploded")
            }
            (ParameterPlace::Path, "label", false) => Some("Label"),
            (ParameterPlace::Path, "label", true) => Some("LabelExploded"),
            (ParameterPlace::Path, "matrix", false) => Some("Matrix"),
            (ParameterPlace::Path, "matrix", true) => Some("MatrixExploded"),
            (ParameterPlace::Query | ParameterPlace::Cookie, _, _) if is_single && !is_deep => None,
            (ParameterPlace::Path | ParameterPlace::Header, _, _) => {
                return self.no_style(schema, name, style);
            }
            (_, "form", false) => Some("Form"),
            (_, "form", true) | (_, "spaceDelimited" | "pipeDelimited", true) => {
                Some("FormExploded")
            }
            (ParameterPlace::Cookie, _, _) => return self.no_style(schema, name, style),
            (_, "spaceDelimited", false) => Some("SpaceDelimited"),
            (_, "pipeDelimited", false) => Some("PipeDelimited"),
            (_, "deepObject", _) if kind == Some("object") => Some("DeepObject"),
            (_, "deepObject", _) if kind == Some("array") && self.options.uses_defaults => {
                return Some(ValueStyle::Named("DeepObject"));
            }
            _ => return self.no_style(schema, name, style),
        };
        let Some(style) = written else {
            return Some(ValueStyle::Single);
        };
        let is_written = match kind {
            Some("array") => self.holds_single(schema, "items"),
            Some("object") => is_deep || self.holds_single(schema, "properties"),
            Some(_) => true,
            // The style must be able to write each variant.
            None => self.variants(schema).is_some_and(|variants| {
                variants.iter().all(|variant| match self.kind(variant, 0) {
                    Some("array") => self.holds_single(variant, "items"),
                    Some("object") | None => false,
                    Some(_) => true,
                })
            }),
        };
        if !is_written {
            let message =
                format!("the values of the parameter `{name}` cannot be written in its style");
            self.error(
                &schema.location,
                message,
                "use `content: {application/json: …}`; a style can only write lists and objects of \
                 single values",
            );
            return None;
        }
        Some(ValueStyle::Named(style))
    }

    /// Returns the style of a parameter of a third-party document. Values that the documented style
    /// cannot write get another form, with a note.
    pub(super) fn lenient_style(
        &mut self,
        schema: &'a Node,
        name: &str,
        place: ParameterPlace,
        style: Option<&str>,
        explode: Option<bool>,
    ) -> ValueStyle {
        let before = self.errors.len();
        let found = self.style(schema, name, place, style, explode);
        let reasons = self.errors.split_off(before);
        if let (Some(found), true) = (found, reasons.is_empty()) {
            return found;
        }
        let is_pairs = matches!(place, ParameterPlace::Query | ParameterPlace::Field);
        let (style, assumed) = match self.kind(schema, 0) {
            Some("object" | "array") if is_pairs => (
                "DeepObject",
                "nested values are sent as `name[property]=value`",
            ),
            Some("object" | "array") => ("Json", "the value is sent as JSON"),
            _ => (
                "TextOrJson",
                "a string is sent as it is, any other value as JSON",
            ),
        };
        for reason in reasons {
            if let Some(location) = &reason.location {
                self.note("", location, reason.message, assumed.to_owned());
            }
        }
        ValueStyle::Named(style)
    }

    fn no_style(&mut self, schema: &'a Node, name: &str, style: &str) -> Option<ValueStyle> {
        self.error(
            &schema.location,
            format!("the style `{style}` is not supported for the parameter `{name}`"),
            "use a style that OpenAPI 3.0 allows for this place and type, or remove `style`",
        );
        None
    }

    /// Returns the type of a schema, behind references and descriptions.
    pub(super) fn kind(&self, node: &'a Node, depth: usize) -> Option<&'a str> {
        self.kind_within(node, depth, &mut { MOST_VISITED })
    }

    /// Returns the type of a schema, or `None` after `left` schemas: variants may refer to one
    /// another.
    fn kind_within(&self, node: &'a Node, depth: usize, left: &mut usize) -> Option<&'a str> {
        *left = left.checked_sub(1)?;
        let node = self.resolve(node);
        if let Some(kind) = node.get("type").and_then(Node::as_str) {
            return Some(kind);
        }
        if node.get("properties").is_some() {
            return Some("object");
        }
        if let Some(value) = node.get("enum").and_then(|values| values.items().first()) {
            return value.as_str().map(|_| "string");
        }
        if depth >= 8 {
            return None;
        }
        if let Some(variants) = self.variants(node) {
            let mut kinds = variants
                .iter()
                .map(|variant| self.kind_within(variant, depth + 1, left));
            let first = kinds.next().flatten();
            // A union of strings is a string. Other unions have no type.
            return first
                .filter(|first| *first == "string" && kinds.all(|kind| kind == Some(first)));
        }
        match node.get("allOf").map(Node::items) {
            Some([first, ..]) => self.kind_within(first, depth + 1, left),
            _ => None,
        }
    }

    /// Returns the variants of a union.
    pub(super) fn variants(&self, node: &'a Node) -> Option<&'a [Node]> {
        let node = self.resolve(node);
        UNION_KEYWORDS
            .into_iter()
            .find_map(|keyword| node.get(keyword).map(Node::items))
    }

    /// Returns true if a list or an object holds only single values.
    fn holds_single(&self, node: &'a Node, keyword: &str) -> bool {
        let node = self.resolve(node);
        let is_single = |node| !matches!(self.kind(node, 0), None | Some("array" | "object"));
        match keyword {
            "items" => node.get("items").is_some_and(is_single),
            _ => {
                let properties = node.get("properties").and_then(Node::properties);
                let extra = node.get("additionalProperties");
                let mut properties = properties.into_iter().flatten();
                properties.all(|(_, property)| is_single(&property.node))
                    && extra.is_none_or(|extra| extra.properties().is_none() || is_single(extra))
            }
        }
    }
}

/// Returns the parameter of a path whose template alone names it.
fn undeclared(name: &str) -> Parameter {
    Parameter {
        name: name.to_owned(),
        rust_name: String::new(),
        place: ParameterPlace::Path,
        required: true,
        description: String::new(),
        deprecated: false,
        schema: serde_json::json!({ "type": "string" }),
        style: None,
        media_type: None,
    }
}

/// Returns true if OpenAPI ignores the parameter.
fn is_ignored(node: &Node) -> bool {
    let text = |name| node.get(name).and_then(Node::as_str).unwrap_or_default();
    text("in") == "header"
        && IGNORED_HEADERS
            .iter()
            .any(|name| name.eq_ignore_ascii_case(text("name")))
}
