//! Checks `oneOf` and `anyOf` and their discriminators, which stand alone after desugaring.

use super::Reader;
use crate::document::node::{Node, NodeValue, unescape_pointer_token};
use crate::generate::desugar::UNION_KEYWORDS;
use crate::generate::markers::VARIANT_OF;

/// Keywords of a union, next to which only annotations are allowed.
const KEYWORDS: [&str; 3] = ["discriminator", "oneOf", "anyOf"];

/// The assumption about a discriminator that does not distinguish all variants.
const BY_CONTENT: &str = "the variant is chosen by its content";

impl<'a> Reader<'a> {
    /// Checks a schema that is a union.
    pub(super) fn union(&mut self, node: &'a Node) {
        let found: Vec<&str> = UNION_KEYWORDS
            .into_iter()
            .filter(|keyword| node.get(keyword).is_some())
            .collect();
        let keyword = match found[..] {
            [] => return,
            [keyword] => keyword,
            _ => {
                self.error(
                    node.key_location("anyOf"),
                    "`oneOf` next to `anyOf` is not supported",
                    "move one to `components/schemas`, and refer to it from a property or a variant",
                );
                return;
            }
        };
        let variants = self.list(node, keyword);
        if variants.is_empty() {
            self.error(
                node.key_location(keyword),
                format!("this `{keyword}` has no variants"),
                "list its variants, or remove it",
            );
            return;
        }
        for (name, property) in node.properties().into_iter().flatten() {
            let is_known = KEYWORDS.contains(&name.as_str())
                || super::ANNOTATIONS.contains(&name.as_str())
                || name.starts_with("x-");
            if !is_known {
                self.error(
                    &property.key,
                    format!("`{name}` next to `{keyword}` would be lost"),
                    "move it into each variant",
                );
            }
        }
        if let Some(discriminator) = node.get("discriminator") {
            self.discriminator(discriminator, keyword, variants);
        }
    }

    fn discriminator(&mut self, discriminator: &'a Node, keyword: &str, variants: &'a [Node]) {
        let name = discriminator.get("propertyName").and_then(Node::as_str);
        let Some(property) = name else {
            self.error(
                &discriminator.location,
                "a discriminator has no `propertyName`",
                "add `propertyName` with the name of the property",
            );
            return;
        };
        let names: Vec<Option<String>> = variants.iter().map(variant_name).collect();
        for (variant, name) in variants.iter().zip(&names) {
            let resolved = self.resolve(variant);
            if !matches!(self.kind(resolved, 0), None | Some("object")) {
                let message =
                    format!("a variant of a `{keyword}` with a discriminator is not an object");
                let help = "remove the variant, or remove the discriminator";
                self.error_or_note(&variant.location, message, [help, BY_CONTENT]);
            } else if name.is_none() && !has_values(resolved, property) {
                let message =
                    format!("this inline variant has no value of the discriminator `{property}`");
                let help =
                    format!("move it to `components/schemas`, or give its `{property}` an `enum`");
                self.error_or_note(&variant.location, message, [&help, BY_CONTENT]);
            }
        }
        let mapping = discriminator.get("mapping").and_then(Node::properties);
        for (value, property) in mapping.into_iter().flatten() {
            let target = property.node.as_str().map(mapped).unwrap_or_default();
            if !names.iter().flatten().any(|name| *name == target) {
                let message = format!(
                    "`{value}` names `{target}`, which is not a variant of this `{keyword}`"
                );
                let help = "add the schema to the variants, or remove this entry";
                let assumed = "a value of it is read as an unrecognized one";
                self.error_or_note(&property.node.location, message, [help, assumed]);
            }
        }
    }
}

/// Returns the name of the schema of a variant.
fn variant_name(variant: &Node) -> Option<String> {
    if let Some(name) = variant.get(VARIANT_OF).and_then(Node::as_str) {
        return Some(name.to_owned());
    }
    Some(mapped(variant.reference()?))
}

/// Returns the name of the schema in a value of a `mapping`, which is a reference or a name.
pub(in crate::generate) fn mapped(target: &str) -> String {
    let name = target.rsplit('/').next().unwrap_or(target);
    unescape_pointer_token(name)
}

/// Returns true if a property has an `enum` of strings.
fn has_values(variant: &Node, property: &str) -> bool {
    let values = variant
        .get("properties")
        .and_then(|properties| properties.get(property)?.get("enum"));
    values.is_some_and(|values| {
        let mut items = values.items().iter();
        items.any(|value| matches!(value.value, NodeValue::String(_)))
    })
}
