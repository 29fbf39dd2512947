//! Rewrites unions: keywords next to them, discriminators that do not fit, and both keywords at
//! once.

use super::Adapter;
use crate::document::edit::{keep, properties_of, sequence, set, take, widen};
use crate::document::node::{Node, NodeValue};
use crate::generate::desugar::{reference, referenced};
use crate::generate::partition::mapped;

/// Keywords that describe an object and may stand next to a union.
const OBJECT: [&str; 6] = [
    "additionalProperties",
    "allOf",
    "maxProperties",
    "minProperties",
    "properties",
    "required",
];

impl Adapter {
    /// Rewrites a schema that is a union.
    pub(super) fn union(&mut self, node: &mut Node, _is_part: bool) {
        let (one, any) = (node.get("oneOf").is_some(), node.get("anyOf").is_some());
        let keyword = match (one, any) {
            (true, true) => match self.one_keyword(node) {
                Some(keyword) => keyword,
                None => return,
            },
            (true, false) => "oneOf",
            (false, true) => "anyOf",
            (false, false) => return,
        };
        let kind = node.get("type").and_then(Node::as_str).map(str::to_owned);
        let is_scalar = kind.as_deref().is_some_and(|kind| kind != "object");
        if node.get("enum").is_some() || (is_scalar && !self.states_types(node, keyword)) {
            let location = node.key_location(keyword).clone();
            keep_union(node, keyword);
            take(node, "discriminator");
            let message = format!("`{keyword}` only narrows the values next to it");
            self.note(&location, message, "the server checks it");
            return;
        }
        self.strip(node, &OBJECT, keyword);
        if kind.as_deref() == Some("object") {
            let location = node.location.clone();
            set(
                node,
                "type",
                crate::document::edit::string(&location, "object"),
            );
        }
        self.discriminator(node, keyword);
    }

    /// Keeps the one of `oneOf` and `anyOf` that states more types.
    fn one_keyword(&mut self, node: &mut Node) -> Option<&'static str> {
        let says = |keyword: &str| {
            let variants = node.get(keyword).map(Node::items).unwrap_or_default();
            variants.iter().any(|variant| {
                let mut properties = variant.properties().into_iter().flatten();
                properties.any(|(name, _)| !matches!(name.as_str(), "required" | "description"))
            })
        };
        let location = node.key_location("anyOf").clone();
        match (says("oneOf"), says("anyOf")) {
            (true, true) => {
                self.note(
                    &location,
                    "`oneOf` next to `anyOf`",
                    "it is read as any JSON value",
                );
                widen(node);
                None
            }
            (true, false) => {
                keep_union(node, "anyOf");
                Some("oneOf")
            }
            _ => {
                keep_union(node, "oneOf");
                Some("anyOf")
            }
        }
    }

    /// Returns true if the variants of a union have types of their own.
    fn states_types(&self, node: &Node, keyword: &str) -> bool {
        let variants = node.get(keyword).map(Node::items).unwrap_or_default();
        variants.iter().any(|variant| {
            let variant = self.resolve(variant);
            ["type", "enum", "allOf", "oneOf", "anyOf", "properties"]
                .iter()
                .any(|keyword| variant.get(keyword).is_some())
        })
    }

    /// Adds the schemas that only the mapping of a discriminator names, and removes entries that
    /// name none.
    fn discriminator(&mut self, node: &mut Node, keyword: &str) {
        let Some(discriminator) = node.get("discriminator").cloned() else {
            return;
        };
        let mapping = discriminator.get("mapping").and_then(Node::properties);
        let variants = node.get(keyword).map(Node::items).unwrap_or_default();
        let mut variants: Vec<Node> = variants.to_vec();
        let mut names: Vec<String> = variants.iter().filter_map(referenced).collect();
        let mut unknown = Vec::new();
        for (value, property) in mapping.into_iter().flatten() {
            let target = property.node.as_str().map(mapped).unwrap_or_default();
            if names.contains(&target) {
                continue;
            }
            let location = property.node.location.clone();
            let message =
                format!("`{value}` names `{target}`, which is not a variant of this `{keyword}`");
            if self.known.contains_key(&target) {
                self.note(&location, message, "it is read as a further variant");
                variants.push(reference(&location, &target));
                names.push(target);
            } else {
                self.note(&location, message, "the entry is ignored");
                unknown.push(value.clone());
            }
        }
        let location = node.key_location(keyword).clone();
        set(node, keyword, sequence(&location, variants));
        let mapping = node
            .get_mut("discriminator")
            .and_then(|all| all.get_mut("mapping"));
        if let Some(properties) = mapping.and_then(properties_of) {
            properties.retain(|name, property| {
                matches!(property.node.value, NodeValue::String(_)) && !unknown.contains(name)
            });
        }
    }
}

/// Removes a union that only narrows what stands next to it.
fn keep_union(node: &mut Node, keyword: &str) {
    if let Some(property) = take(node, keyword) {
        keep(node, keyword, &property);
    }
}
