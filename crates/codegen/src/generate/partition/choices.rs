//! Checks `oneOf` and `anyOf`, and the discriminator beside them, once the stage before has made them stand alone.

use super::Reader;
use crate::document::node::{Node, NodeValue};
use crate::generate::desugar::CHOICES;
use crate::generate::markers::VARIANT_OF;

/// What may stand beside a choice, but for annotations.
const BESIDE: [&str; 3] = ["discriminator", "oneOf", "anyOf"];

impl<'a> Reader<'a> {
    /// Checks the choice of a schema, if it is one.
    pub(super) fn choice(&mut self, node: &'a Node) {
        let said: Vec<&str> = CHOICES
            .into_iter()
            .filter(|keyword| node.get(keyword).is_some())
            .collect();
        let keyword = match said[..] {
            [] => return,
            [keyword] => keyword,
            _ => {
                self.error(
                    node.key_location("anyOf"),
                    "`oneOf` and `anyOf` beside one another are not supported",
                    "give one of them a name in `components/schemas` and make it a field or a variant",
                );
                return;
            }
        };
        let variants = self.list(node, keyword);
        if variants.is_empty() {
            self.error(
                node.key_location(keyword),
                format!("this `{keyword}` has no variant"),
                "list its variants, or leave it out",
            );
            return;
        }
        for (name, member) in node.members().into_iter().flatten() {
            let is_known = BESIDE.contains(&name.as_str())
                || super::ANNOTATIONS.contains(&name.as_str())
                || name.starts_with("x-");
            if !is_known {
                self.error(
                    &member.key,
                    format!("`{name}` beside `{keyword}` would be lost"),
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
                "a discriminator does not say which member it is",
                "add `propertyName`",
            );
            return;
        };
        let names: Vec<Option<String>> = variants.iter().map(variant_name).collect();
        for (variant, name) in variants.iter().zip(&names) {
            let resolved = self.resolve(variant);
            if !matches!(self.kind(resolved, 0), None | Some("object")) {
                self.error(
                    &variant.location,
                    format!("this variant of a `{keyword}` with a discriminator is no object"),
                    "move it out of the choice, or leave the discriminator out",
                );
            } else if name.is_none() && !has_values(resolved, property) {
                self.error(
                    &variant.location,
                    format!(
                        "nothing says which value of `{property}` stands for this variant, which has no name"
                    ),
                    format!(
                        "move it to `components/schemas`, or give its `{property}` an `enum`"
                    ),
                );
            }
        }
        let mapping = discriminator.get("mapping").and_then(Node::members);
        for (value, member) in mapping.into_iter().flatten() {
            let target = member.node.as_str().map(mapped).unwrap_or_default();
            if !names.iter().flatten().any(|name| *name == target) {
                self.error(
                    &member.node.location,
                    format!(
                        "`{value}` stands for `{target}`, which is no variant of this `{keyword}`"
                    ),
                    "add the schema to the variants, or remove this line",
                );
            }
        }
    }
}

/// The schema that a variant is, if it has a name.
fn variant_name(variant: &Node) -> Option<String> {
    if let Some(name) = variant.get(VARIANT_OF).and_then(Node::as_str) {
        return Some(name.to_owned());
    }
    Some(mapped(variant.reference()?))
}

/// The name of the schema that a value of a `mapping` leads to: a reference, or the name alone.
pub(in crate::generate) fn mapped(target: &str) -> String {
    let name = target.rsplit('/').next().unwrap_or(target);
    name.replace("~1", "/").replace("~0", "~")
}

/// Whether the values of a property are listed.
fn has_values(variant: &Node, property: &str) -> bool {
    let values = variant
        .get("properties")
        .and_then(|properties| properties.get(property)?.get("enum"));
    values.is_some_and(|values| {
        let mut items = values.items().iter();
        items.any(|value| matches!(value.value, NodeValue::String(_)))
    })
}
