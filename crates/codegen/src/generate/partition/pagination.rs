//! Reads `x-pagination`: how an operation returns a list page by page.
//!
//! Generated code relies on it, so each name must exist: the parameters in the operation, and the
//! paths in the response body.

use super::Reader;
use crate::document::diagnostic::Location;
use crate::document::node::{Node, NodeValue};
use crate::generate::model::{PageStyle, Pagination, Parameter, ParameterPlace};

const PROPERTIES: [&str; 6] = ["style", "first", "position", "size", "items", "total"];

impl<'a> Reader<'a> {
    /// Reads the `x-pagination` of an operation with these parameters and this response body.
    pub(super) fn pagination(
        &mut self,
        operation: &'a Node,
        parameters: &[(&'a Node, Parameter)],
        response_body: Option<&'a Node>,
    ) -> Option<Pagination> {
        let node = operation.get("x-pagination")?;
        let Some(members) = node.members() else {
            self.error(
                &node.location,
                "`x-pagination` is not a mapping",
                "write `{style: offset, position: …, size: …, items: …}`",
            );
            return None;
        };
        for (name, member) in members {
            if !PROPERTIES.contains(&name.as_str()) {
                self.error(
                    &member.key,
                    format!("`x-pagination` has no property `{name}`"),
                    format!("use {}", listed(&PROPERTIES)),
                );
            }
        }
        let Some(body) = response_body else {
            self.error(
                &node.location,
                "an operation with `x-pagination` has no response body",
                "remove `x-pagination`, or add the body to the 2xx response",
            );
            return None;
        };
        // Everything is read before the first return, so that one run reports all errors.
        let style = self.page_style(node);
        let position = self.page_parameter(node, "position", parameters);
        let size = self.page_parameter(node, "size", parameters);
        let items = self.response_path(node, "items", body, "array");
        let total = match node.get("total") {
            Some(_) => Some(self.response_path(node, "total", body, "integer")?),
            None => None,
        };
        let (position, _) = position?;
        let (size, size_schema) = size?;
        let max_size = size_schema
            .get("maximum")
            .and_then(|maximum| maximum.to_value().as_i64())
            .filter(|maximum| *maximum > 0);
        Some(Pagination {
            style: style?,
            position,
            size,
            max_size,
            items: items?,
            total,
            location: node.location.clone(),
        })
    }

    /// Reads a required string.
    fn page_text(&mut self, node: &'a Node, name: &str) -> Option<(&'a Node, &'a str)> {
        let member = node.get(name);
        let text = member.and_then(|member| Some((member, member.as_str()?)));
        if text.is_none() {
            let help = match name {
                "style" => "write `offset` if the position counts items, `page` if it counts pages",
                "position" => "name the query parameter for the position of a page",
                "size" => "name the query parameter for the number of items on a page",
                _ => "write its path in the response body, such as `data` or `meta.total`",
            };
            self.error(
                member.map_or(&node.location, |member| &member.location),
                format!("`{name}` of `x-pagination` is not a string"),
                help,
            );
        }
        text
    }

    fn page_style(&mut self, node: &'a Node) -> Option<PageStyle> {
        let (style_node, style) = self.page_text(node, "style")?;
        let first = node.get("first");
        match (style, first.map(|first| first.to_value().as_i64())) {
            ("offset", None) => Some(PageStyle::Offset),
            ("offset", Some(_)) => {
                self.error(
                    node.key_location("first"),
                    "`first` is only allowed with `style: page`",
                    "remove it: offsets count from 0",
                );
                None
            }
            ("page", Some(Some(first @ (0 | 1)))) => Some(PageStyle::Page { first }),
            ("page", _) => {
                self.error(
                    first.map_or(&style_node.location, |first| &first.location),
                    "`style: page` needs the number of the first page",
                    "add `first: 0` or `first: 1`",
                );
                None
            }
            (other, _) => {
                self.error(
                    &style_node.location,
                    format!("`{other}` is not a pagination style"),
                    "write `offset` if the position counts items, `page` if it counts pages",
                );
                None
            }
        }
    }

    /// Returns the integer query parameter that the property `name` names, and its schema.
    fn page_parameter(
        &mut self,
        node: &'a Node,
        name: &str,
        parameters: &[(&'a Node, Parameter)],
    ) -> Option<(String, &'a Node)> {
        let (member, wanted) = self.page_text(node, name)?;
        let in_query =
            |(_, parameter): &&(&Node, Parameter)| parameter.place == ParameterPlace::Query;
        let mut queries = parameters.iter().filter(in_query);
        let Some((schema, _)) = queries.find(|(_, parameter)| parameter.name == wanted) else {
            let known: Vec<&str> = parameters
                .iter()
                .filter(in_query)
                .map(|(_, parameter)| parameter.name.as_str())
                .collect();
            self.error(
                &member.location,
                format!("the operation has no query parameter `{wanted}`"),
                match known[..] {
                    [] => "declare it under `parameters`, with `in: query`".to_owned(),
                    _ => format!("declare it, or name one of {}", listed(&known)),
                },
            );
            return None;
        };
        let schema = self.resolve(schema);
        if schema.get("type").and_then(Node::as_str) != Some("integer") {
            self.error(
                &member.location,
                format!("the query parameter `{wanted}` is not an integer"),
                "declare it with `type: integer`, or name another parameter",
            );
            return None;
        }
        Some((wanted.to_owned(), schema))
    }

    /// Reads the path in the property `name`, which must lead from `body` to a schema of the type
    /// `kind`.
    fn response_path(
        &mut self,
        node: &'a Node,
        name: &str,
        body: &'a Node,
        kind: &str,
    ) -> Option<Vec<String>> {
        let (member, text) = self.page_text(node, name)?;
        let schema = self.property_at(&member.location, text, "response body", body)?;
        if schema.get("type").and_then(Node::as_str) != Some(kind) {
            let wanted = if kind == "array" {
                "a list"
            } else {
                "an integer"
            };
            self.error(
                &member.location,
                format!("`{text}` of the response body must be {wanted}"),
                format!("name the property that holds the {name}, with `type: {kind}`"),
            );
            return None;
        }
        Some(text.split('.').map(str::to_owned).collect())
    }

    /// Returns the schema that the path `text` leads to from `body`, which messages call `whole`.
    pub(super) fn property_at(
        &mut self,
        location: &'a Location,
        text: &str,
        whole: &str,
        body: &'a Node,
    ) -> Option<&'a Node> {
        let mut schema = self.resolved(body);
        let mut reached = String::new();
        for segment in text.split('.') {
            let properties = schema.get("properties");
            let Some(next) = properties.and_then(|properties| properties.get(segment)) else {
                let place = match reached.as_str() {
                    "" => format!("the {whole}"),
                    reached => format!("`{reached}` of the {whole}"),
                };
                let known: Vec<&str> = properties
                    .and_then(Node::members)
                    .into_iter()
                    .flat_map(|members| members.keys().map(String::as_str))
                    .collect();
                let help = match known[..] {
                    [] => "name a property of an object with `properties`".to_owned(),
                    _ => format!("use one of {}", listed(&known)),
                };
                let message = format!("{place} has no property `{segment}`");
                self.error(location, message, help);
                return None;
            };
            if !reached.is_empty() {
                reached.push('.');
            }
            reached.push_str(segment);
            schema = self.resolved(next);
        }
        Some(schema)
    }

    /// Returns the schema behind references and descriptions (an `allOf` of one schema).
    pub(super) fn resolved(&self, node: &'a Node) -> &'a Node {
        let mut node = self.resolve(node);
        // The limit ends circular references.
        for _ in 0..8 {
            match node.get("allOf").map(|schemas| &schemas.value) {
                Some(NodeValue::Array(schemas)) if schemas.len() == 1 => {
                    node = self.resolve(&schemas[0]);
                }
                _ => break,
            }
        }
        node
    }
}

/// Returns the names as `a`, `b` and `c`.
pub(super) fn listed(names: &[&str]) -> String {
    let quoted: Vec<_> = names.iter().map(|name| format!("`{name}`")).collect();
    match &quoted[..] {
        [] => String::new(),
        [one] => one.clone(),
        [most @ .., last] => format!("{} and {last}", most.join(", ")),
    }
}
