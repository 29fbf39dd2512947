//! Reads `x-bulk`: how an operation takes a list of items in one request.
//!
//! Generated code relies on every word of it, so each must name something that is there: the list a member of the
//! body, the statuses those of the operation, and what tells items apart members of an item.

use super::Reader;
use super::pagination::listed;
use crate::document::node::Node;
use crate::generate::model::Bulk;

const MEMBERS: [&str; 6] = [
    "verb",
    "items",
    "max_items",
    "max_bytes",
    "rejection_statuses",
    "identified_by",
];
/// Statuses that are not about what is in a request, whatever an operation says.
const NEVER_REFUSALS: [&str; 5] = ["401", "403", "407", "408", "429"];

impl<'a> Reader<'a> {
    /// The `x-bulk` of an operation with this body and these statuses.
    pub(super) fn bulk(
        &mut self,
        operation: &'a Node,
        request_body: Option<&'a Node>,
        statuses: &[(String, String)],
    ) -> Option<Bulk> {
        let node = operation.get("x-bulk")?;
        let Some(members) = node.members() else {
            self.error(
                &node.location,
                "`x-bulk` is no mapping",
                "write `{verb: …, items: …, max_items: …, max_bytes: …}`",
            );
            return None;
        };
        for (name, member) in members {
            if !MEMBERS.contains(&name.as_str()) {
                self.error(
                    &member.key,
                    format!("`x-bulk` has no member `{name}`"),
                    format!("use {}", listed(&MEMBERS)),
                );
            }
        }
        let Some(body) = request_body else {
            self.error(
                &node.location,
                "an operation without a body takes no list",
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
                "the body that holds the list of `x-bulk` may be left out",
                "add `required: true`",
            );
        }
        // All of it is read before anything is given up, so that one run reports everything.
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
                "`verb` names a method of a resource that the operation has no method on",
                "add `x-verb`, or leave it out",
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

    /// The way to the list in the body, and the schema of the list.
    fn bulk_items(&mut self, node: &'a Node, body: &'a Node) -> Option<(Vec<String>, &'a Node)> {
        let member = node.get("items");
        let Some((member, text)) = member.and_then(|member| Some((member, member.as_str()?)))
        else {
            self.error(
                member.map_or(&node.location, |member| &member.location),
                "`x-bulk` has no text as its `items`",
                "write the way to the list in the body, such as `data.attributes.results`",
            );
            return None;
        };
        let list = self.member_at(&member.location, text, "body", body)?;
        if list.get("type").and_then(Node::as_str) != Some("array") {
            self.error(
                &member.location,
                format!("`{text}` of the body is no list"),
                "name the member that holds the items, with `type: array`",
            );
            return None;
        }
        Some((text.split('.').map(str::to_owned).collect(), list))
    }

    fn bulk_number(&mut self, node: &'a Node, name: &str) -> Option<u64> {
        let member = node.get(name);
        let number = member.and_then(|member| member.to_value().as_u64());
        let number = number.filter(|number| *number > 0);
        if number.is_none() {
            self.error(
                member.map_or(&node.location, |member| &member.location),
                format!("`x-bulk` has no number above zero as its `{name}`"),
                "write how much one request holds at the most",
            );
        }
        number
    }

    fn bulk_refusals(&mut self, node: &'a Node, statuses: &[(String, String)]) -> Option<Vec<u16>> {
        let mut rejection_statuses = Vec::new();
        let mut all = Some(());
        for member in node
            .get("rejection_statuses")
            .map(Node::items)
            .unwrap_or_default()
        {
            let status = member.to_value().as_u64().unwrap_or_default().to_string();
            let is_documented = statuses.iter().any(|(known, _)| *known == status);
            let number = status.parse::<u16>().ok();
            match number.filter(|number| (400..500).contains(number)) {
                Some(number) if is_documented && !NEVER_REFUSALS.contains(&status.as_str()) => {
                    rejection_statuses.push(number);
                }
                _ => {
                    self.error(
                        &member.location,
                        "this is no status by which the operation refuses a request for what is in it",
                        "name statuses from 400 to 499 that stand under its `responses`; 401, 403, 407, 408 and 429 are \
                         about something else",
                    );
                    all = None;
                }
            }
        }
        all.map(|()| rejection_statuses)
    }

    /// The members that tell one item from another.
    fn bulk_names(&mut self, node: &'a Node, list: &'a Node) -> Option<Vec<String>> {
        let item = list.get("items").map(|item| self.meant(item));
        let mut names = Vec::new();
        let mut all = Some(());
        for member in node
            .get("identified_by")
            .map(Node::items)
            .unwrap_or_default()
        {
            let name = member.as_str().unwrap_or_default();
            let properties = item.and_then(|item| item.get("properties"));
            if properties.is_some_and(|properties| properties.get(name).is_some()) {
                names.push(name.to_owned());
                continue;
            }
            let known = properties.and_then(Node::members);
            let known: Vec<&str> = known
                .into_iter()
                .flat_map(|members| members.keys().map(String::as_str))
                .collect();
            self.error(
                &member.location,
                "an item has no such member",
                match known[..] {
                    [] => "leave `identified_by` out: an item has no members".to_owned(),
                    _ => format!("its members are {}", listed(&known)),
                },
            );
            all = None;
        }
        all.map(|()| names)
    }
}
