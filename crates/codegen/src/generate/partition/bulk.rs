//! Reads `x-bulk`: how an operation sends a list of items in one request.
//!
//! Generated code relies on it, so each name must exist. The body has the list, the operation has
//! the status codes, and the item has the properties that identify it.

use super::Reader;
use super::pagination::listed;
use crate::document::node::Node;
use crate::generate::model::Bulk;

const PROPERTIES: [&str; 6] = [
    "verb",
    "items",
    "max_items",
    "max_bytes",
    "rejection_statuses",
    "identified_by",
];
/// Status codes that are never about the items of a request.
const NEVER_REFUSALS: [&str; 5] = ["401", "403", "407", "408", "429"];

impl<'a> Reader<'a> {
    /// Reads the `x-bulk` of an operation with this body and these status codes.
    pub(super) fn bulk(
        &mut self,
        operation: &'a Node,
        request_body: Option<&'a Node>,
        statuses: &[(String, String)],
    ) -> Option<Bulk> {
        let node = operation.get("x-bulk")?;
        let Some(properties) = node.properties() else {
            self.error(
                &node.location,
                "`x-bulk` is not a mapping",
                "write `{verb: …, items: …, max_items: …, max_bytes: …}`",
            );
            return None;
        };
        for (name, property) in properties {
            if !PROPERTIES.contains(&name.as_str()) {
                self.error(
                    &property.key,
                    format!("`x-bulk` has no property `{name}`"),
                    format!("use {}", listed(&PROPERTIES)),
                );
            }
        }
        let Some(body) = request_body else {
            self.error(
                &node.location,
                "an operation with `x-bulk` has no request body",
                "remove `x-bulk`, or add the `requestBody`",
            );
            return None;
        };
        let content = operation.get("requestBody").map(|body| self.resolve(body));
        if let Some(content) =
            content.filter(|body| !body.get("required").is_some_and(Node::is_true))
        {
            self.error(
                &content.location,
                "the request body that `x-bulk` needs is not required",
                "add `required: true`",
            );
        }
        // Everything is read before the first return, so that one run reports all errors.
        let verb = node.get("verb").map(|verb| self.verb_at("x-bulk", verb));
        let items = self.bulk_items(node, body);
        let max_items = self.bulk_number(node, "max_items");
        let max_bytes = self.bulk_number(node, "max_bytes");
        let rejection_statuses = self.bulk_refusals(node, statuses);
        let (items, list) = items?;
        let identified_by = self.bulk_names(node, list);
        let verb = match verb {
            Some(verb) => Some(verb?),
            None => None,
        };
        if verb.is_some() && operation.get("x-verb").is_none() {
            self.error(
                node.key_location("verb"),
                "`verb` needs a resource method, but the operation has no `x-verb`",
                "add `x-verb`, or remove `verb`",
            );
        }
        Some(Bulk {
            verb,
            items,
            max_items: max_items?,
            max_bytes: max_bytes?,
            rejection_statuses: rejection_statuses?,
            identified_by: identified_by?,
            location: node.location.clone(),
        })
    }

    /// Reads the path to the list in the body, and returns it with the schema of the list.
    fn bulk_items(&mut self, node: &'a Node, body: &'a Node) -> Option<(Vec<String>, &'a Node)> {
        let property = node.get("items");
        let Some((property, text)) =
            property.and_then(|property| Some((property, property.as_str()?)))
        else {
            self.error(
                property.map_or(&node.location, |property| &property.location),
                "`items` of `x-bulk` is not a string",
                "write the path to the list in the body, such as `data.attributes.results`",
            );
            return None;
        };
        let list = self.property_at(&property.location, text, "body", body)?;
        if list.get("type").and_then(Node::as_str) != Some("array") {
            self.error(
                &property.location,
                format!("`{text}` of the body is not a list"),
                "name the property that holds the items, with `type: array`",
            );
            return None;
        }
        Some((text.split('.').map(str::to_owned).collect(), list))
    }

    fn bulk_number(&mut self, node: &'a Node, name: &str) -> Option<u64> {
        let property = node.get(name);
        let number = property.and_then(|property| property.to_value().as_u64());
        let number = number.filter(|number| *number > 0);
        if number.is_none() {
            self.error(
                property.map_or(&node.location, |property| &property.location),
                format!("`{name}` of `x-bulk` is not a positive integer"),
                "write the maximum for one request",
            );
        }
        number
    }

    fn bulk_refusals(&mut self, node: &'a Node, statuses: &[(String, String)]) -> Option<Vec<u16>> {
        let mut rejection_statuses = Vec::new();
        let mut all = Some(());
        for property in node
            .get("rejection_statuses")
            .map(Node::items)
            .unwrap_or_default()
        {
            let status = property.to_value().as_u64().unwrap_or_default().to_string();
            let is_documented = statuses.iter().any(|(known, _)| *known == status);
            let number = status.parse::<u16>().ok();
            match number.filter(|number| (400..500).contains(number)) {
                Some(number) if is_documented && !NEVER_REFUSALS.contains(&status.as_str()) => {
                    rejection_statuses.push(number);
                }
                _ => {
                    self.error(
                        &property.location,
                        "this is not a status code by which the operation rejects items",
                        "use a status code of its `responses` from 400 to 499, except 401, 403, 407, 408 \
                         and 429",
                    );
                    all = None;
                }
            }
        }
        all.map(|()| rejection_statuses)
    }

    /// Reads the properties that identify an item.
    fn bulk_names(&mut self, node: &'a Node, list: &'a Node) -> Option<Vec<String>> {
        let item = list.get("items").map(|item| self.resolved(item));
        let mut names = Vec::new();
        let mut all = Some(());
        for property in node
            .get("identified_by")
            .map(Node::items)
            .unwrap_or_default()
        {
            let name = property.as_str().unwrap_or_default();
            let properties = item.and_then(|item| item.get("properties"));
            if properties.is_some_and(|properties| properties.get(name).is_some()) {
                names.push(name.to_owned());
                continue;
            }
            let known = properties.and_then(Node::properties);
            let known: Vec<&str> = known
                .into_iter()
                .flat_map(|properties| properties.keys().map(String::as_str))
                .collect();
            self.error(
                &property.location,
                "an item has no such property",
                match known[..] {
                    [] => "remove `identified_by`: an item has no properties".to_owned(),
                    _ => format!("use one of {}", listed(&known)),
                },
            );
            all = None;
        }
        all.map(|()| names)
    }
}
