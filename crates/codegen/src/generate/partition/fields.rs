//! Reads request bodies that consist of named values: forms and `multipart/form-data`.

use serde_json::json;

use super::body::RequestBody;
use super::media_type::{Kind, OCTETS, essence, is_plain_json, is_range, kind};
use super::{Reader, text};
use crate::collections::IndexMap;
use crate::document::node::{Node, Property};
use crate::generate::desugar::UNION_KEYWORDS;
use crate::generate::model::{BodyFormat, Parameter, ParameterPlace, PartFormat};

/// The maximum depth of an `allOf` whose fields a body merges.
const DEEPEST: usize = 32;

/// Properties of an encoding that set the style of a form field, and override its media type.
const STYLES: [&str; 3] = ["style", "explode", "allowReserved"];

/// The boundary of multipart bodies that the caller encodes.
const BOUNDARY: &str = "scorekit-part";

impl<'a> Reader<'a> {
    /// Reads the fields of a form, or the parts of a multipart body, as parameters. A third-party
    /// document may describe none.
    pub(super) fn body_fields(
        &mut self,
        media_type: &str,
        content: &'a Property,
    ) -> Option<Vec<(&'a Node, Parameter)>> {
        let mut levels = Vec::new();
        if let Some(schema) = content.node.get("schema") {
            self.levels(schema, &mut levels, 0);
        }
        // A property of one alternative is not required of all.
        let mut alternatives = Vec::new();
        for level in &levels {
            let variants = UNION_KEYWORDS
                .into_iter()
                .filter_map(|keyword| level.get(keyword));
            for variant in variants.flat_map(Node::items) {
                self.levels(variant, &mut alternatives, 0);
            }
        }
        let mut properties: IndexMap<&String, &'a Property> = IndexMap::default();
        for level in alternatives.iter().chain(&levels) {
            let own = level.get("properties").and_then(Node::properties);
            properties.extend(own.into_iter().flatten());
        }
        if properties.is_empty() && self.options.uses_defaults {
            return Some(Vec::new());
        }
        if properties.is_empty() {
            self.error(
                &content.key,
                format!("the `{media_type}` body is not an object with `properties`"),
                "describe its fields under `properties`",
            );
            return None;
        }
        let required = levels.iter().filter_map(|level| level.get("required"));
        let required: Vec<&Node> = required.flat_map(Node::items).collect();
        let mut fields = Vec::new();
        for (name, property) in properties {
            if property.node.get("readOnly").is_some_and(Node::is_true) {
                continue;
            }
            let encoding = content.node.get("encoding").and_then(|all| all.get(name));
            let (place, media_type, style) = if kind(media_type) == Kind::Form {
                let style = self.field_style(name, &property.node, encoding)?;
                (ParameterPlace::Field, None, Some(style))
            } else {
                let (format, media_type) = self.part(name, &property.node, encoding)?;
                (ParameterPlace::Part(format), media_type, None)
            };
            let parameter = Parameter {
                name: name.clone(),
                rust_name: String::new(),
                place,
                required: required.iter().any(|known| known.as_str() == Some(name)),
                description: text(self.resolve(&property.node), "description"),
                deprecated: property.node.get("deprecated").is_some_and(Node::is_true),
                schema: property.node.to_value(),
                style,
                media_type,
            };
            fields.push((&property.node, parameter));
        }
        // Required fields are arguments, and arguments come first.
        fields.sort_by_key(|(_, parameter)| !parameter.required);
        Some(fields)
    }

    /// Reads a form or a multipart body whose parts are not described, or of a kind that the
    /// runtime does not write: the caller encodes it.
    pub(super) fn encoded_body(
        &mut self,
        media_type: &str,
        media: &'a Property,
        body: &mut RequestBody<'a>,
    ) {
        let message = format!("the parts of the `{media_type}` body are not described");
        let mut assumed = "the caller encodes the body".to_owned();
        body.format = BodyFormat::Text;
        body.schema = Some(json!({ "type": "string" }));
        if kind(media_type) != Kind::Form {
            body.format = BodyFormat::Bytes;
            body.media_type = format!("{}; boundary={BOUNDARY}", essence(media_type));
            assumed.push_str(&format!(" with the boundary `{BOUNDARY}`"));
        }
        self.note("", &media.key, message, assumed);
    }

    /// Collects the objects that the schema of a body merges.
    fn levels(&self, node: &'a Node, levels: &mut Vec<&'a Node>, depth: usize) {
        let node = self.resolve(node);
        if depth < DEEPEST && !levels.iter().any(|known| std::ptr::eq(*known, node)) {
            for part in node.get("allOf").map(Node::items).unwrap_or_default() {
                self.levels(part, levels, depth + 1);
            }
            levels.push(node);
        }
    }

    /// Reads the style of a form field.
    fn field_style(
        &mut self,
        name: &str,
        schema: &'a Node,
        encoding: Option<&'a Node>,
    ) -> Option<&'static str> {
        let property = |name: &str| encoding.and_then(|encoding| encoding.get(name));
        let place = ParameterPlace::Field;
        if let Some(media_type) = property("contentType")
            && STYLES.into_iter().all(|style| property(style).is_none())
        {
            match media_type.as_str().map(kind) {
                Some(Kind::Json) => return Some("Json"),
                Some(Kind::Text) => {}
                _ => {
                    let help = "use `application/json`, or remove `contentType`";
                    self.error_or_note(
                        &media_type.location,
                        format!("the media type of the form field `{name}` is not supported"),
                        [help, "it is sent like a field without one"],
                    );
                    if !self.options.uses_defaults {
                        return None;
                    }
                }
            }
        }
        let style = property("style").and_then(Node::as_str);
        let explode = property("explode").map(Node::is_true);
        let style = match self.options.uses_defaults {
            true => self.lenient_style(schema, name, place, style, explode),
            false => self.style(schema, name, place, style, explode)?,
        };
        Some(style.name().unwrap_or("Form"))
    }

    /// Returns the format of a part by its schema and the media type in `encoding`, and the media
    /// type that the part declares.
    fn part(
        &mut self,
        name: &str,
        schema: &'a Node,
        encoding: Option<&'a Node>,
    ) -> Option<(PartFormat, Option<String>)> {
        let headers = encoding.and_then(|encoding| encoding.get("headers"));
        let mut described = headers.and_then(Node::properties).into_iter().flatten();
        // `contentType` replaces that header.
        if let Some((_, header)) =
            described.find(|(header, _)| !header.eq_ignore_ascii_case("content-type"))
        {
            let help = "remove `headers` if the server does not need them";
            let message = format!("headers of the part `{name}` are not supported");
            self.error_or_note(
                &header.key,
                message,
                [help, "the part is sent without them"],
            );
            if !self.options.uses_defaults {
                return None;
            }
        }
        let content_type = encoding.and_then(|encoding| encoding.get("contentType"));
        let documented = content_type.and_then(Node::as_str);
        // Of several media types, or of a range, the caller chooses one.
        let media_type = documented.filter(|name| !is_range(name)).map(str::to_owned);
        let documented = documented.and_then(|names| names.split(',').next());
        let documented = documented.map(kind);
        let is_file = |schema: &'a Node| {
            let schema = self.resolve(schema);
            let format = schema.get("format").and_then(Node::as_str);
            self.kind(schema, 0) == Some("string") && matches!(format, Some("binary" | "base64"))
        };
        let resolved = self.resolve(schema);
        let items = resolved.get("items");
        let format = match (self.kind(schema, 0), documented) {
            _ if is_file(schema) => PartFormat::File,
            _ if items.is_some_and(is_file) => PartFormat::Files,
            (_, Some(Kind::Json)) => PartFormat::Json,
            (Some("integer" | "number" | "boolean"), _) => PartFormat::Text,
            (Some("string"), None | Some(Kind::Text)) => PartFormat::Text,
            (Some("string") | None, Some(_)) => PartFormat::File,
            (Some("array"), None) => PartFormat::Items,
            (Some("array"), Some(found)) => {
                match (items.and_then(|items| self.kind(items, 0)), found) {
                    (Some("integer" | "number" | "boolean"), _) => PartFormat::Items,
                    (Some("string"), Kind::Text) => PartFormat::Items,
                    (Some("string"), _) => PartFormat::Files,
                    _ => return self.unwritten_part(name, content_type),
                }
            }
            (_, Some(_)) => return self.unwritten_part(name, content_type),
            (_, None) => PartFormat::Json,
        };
        let media_type = match format {
            PartFormat::File | PartFormat::Files => Some(media_type.unwrap_or(OCTETS.to_owned())),
            PartFormat::Json => media_type.filter(|name| !is_plain_json(name)),
            PartFormat::Text | PartFormat::Items => media_type,
        };
        Some((format, media_type))
    }

    /// Reports a part whose media type cannot represent its value.
    fn unwritten_part(
        &mut self,
        name: &str,
        content_type: Option<&'a Node>,
    ) -> Option<(PartFormat, Option<String>)> {
        if let (Some(content_type), true) = (content_type, self.options.uses_defaults) {
            let message = format!("the media type of the part `{name}` cannot represent objects");
            self.note(
                "",
                &content_type.location,
                message,
                "it is sent as JSON".to_owned(),
            );
            return Some((PartFormat::Json, None));
        }
        if let Some(content_type) = content_type {
            self.error(
                &content_type.location,
                format!("the media type of the part `{name}` cannot represent objects"),
                "use `application/json`, or `type: string` for a value that the caller encodes",
            );
        }
        None
    }
}
