//! Reads responses that arrive piece by piece: events, and JSON values on lines next to another
//! body.
//!
//! OpenAPI 3.0 does not say what the schema of `text/event-stream` describes. Most documents
//! describe the data of an event, some the event with its fields, as OpenAPI 3.2 does
//! (<https://spec.openapis.org/oas/v3.2.0#sequential-media-types>).

use serde_json::{Value, json};

use super::Reader;
use super::media_type::Kind;
use crate::document::node::{Node, Property, VALIDATION};
use crate::generate::model::{BodyFormat, Stream};

/// The fields of an event
/// (<https://html.spec.whatwg.org/multipage/server-sent-events.html#event-stream-interpretation>).
const EVENT_FIELDS: [&str; 4] = ["data", "event", "id", "retry"];

impl<'a> Reader<'a> {
    /// Returns the node and the schema of the data of each event. Without a node, the data is a
    /// string.
    pub(super) fn event_data(
        &mut self,
        property: &'a Property,
        id: &str,
    ) -> (Option<&'a Node>, Value) {
        let text = (None, json!({ "type": "string" }));
        let Some(schema) = property.node.get("schema") else {
            return text;
        };
        let resolved = self.resolve(schema);
        let item = resolved.get("items").unwrap_or(schema);
        let data = match self.is_event(item) {
            true => self.resolve(item).pointer("/properties/data"),
            false => Some(item),
        };
        let variants = self.variants(self.resolve(item)).unwrap_or_default();
        if variants.iter().any(|variant| self.is_event(variant)) {
            self.note(
                id,
                &property.key,
                format!("the events of the operation `{id}` have several kinds of data"),
                "the data of an event is read as text".to_owned(),
            );
            return text;
        }
        match data {
            // `{}` describes nothing, and data need not be JSON.
            Some(data)
                if self.kind(data, 0) != Some("string")
                    && data
                        .properties()
                        .is_none_or(|keywords| keywords.keys().any(|name| name != VALIDATION)) =>
            {
                (Some(data), data.to_value())
            }
            _ => text,
        }
    }

    /// Returns true if a schema describes an event with its fields instead of its data.
    fn is_event(&self, schema: &'a Node) -> bool {
        let properties = self.resolve(schema).get("properties");
        let mut names = properties.and_then(Node::properties).into_iter().flatten();
        let has_data = properties.is_some_and(|it| it.get("data").is_some());
        has_data && names.all(|(name, _)| EVENT_FIELDS.contains(&name.as_str()))
    }

    /// Returns the stream that a response offers next to its usual body, with the node of its
    /// schema.
    pub(super) fn stream_beside(
        &mut self,
        others: &[(&'a String, &'a Property)],
        id: &str,
    ) -> Option<(Option<&'a Node>, Stream)> {
        let of_kind = |wanted: Kind| {
            let mut others = others.iter();
            others.find(|(media_type, property)| self.body_kind(media_type, property) == wanted)
        };
        let (format, media_type, node, schema) =
            match (of_kind(Kind::Events), of_kind(Kind::JsonLines)) {
                (Some((media_type, property)), _) => {
                    let (node, schema) = self.event_data(property, id);
                    (BodyFormat::Events, media_type, node, schema)
                }
                (None, Some((media_type, property))) => {
                    let schema = property.node.get("schema")?;
                    let line = self.resolve(schema).get("items").unwrap_or(schema);
                    let value = line.to_value();
                    (BodyFormat::JsonLines, media_type, Some(line), value)
                }
                (None, None) => return None,
            };
        let stream = Stream {
            format,
            media_type: (*media_type).clone(),
            schema,
            method_name: String::new(),
        };
        Some((node, stream))
    }
}
