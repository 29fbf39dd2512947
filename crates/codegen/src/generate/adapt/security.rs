//! Removes security requirements that the generated client cannot meet.

use super::Adapter;
use super::operations::METHODS;
use crate::collections::HashMap;
use crate::document::edit::{properties_of, take};
use crate::document::node::{Node, NodeValue};
use crate::generate::identifiers::shouty_snake_case;

impl Adapter {
    /// Replaces each security scheme that is a reference by its target.
    pub(super) fn schemes(&mut self, document: &mut Node) {
        let schemes = document
            .pointer("/components/securitySchemes")
            .and_then(Node::properties);
        let mut targets = Vec::new();
        for (name, property) in schemes.into_iter().flatten() {
            let target = property
                .node
                .reference()
                .and_then(|reference| document.pointer(reference.strip_prefix('#')?).cloned());
            targets.extend(target.map(|target| (name.clone(), target)));
        }
        let schemes = document.get_mut("components");
        let schemes = schemes.and_then(|components| components.get_mut("securitySchemes"));
        if let Some(properties) = schemes.and_then(properties_of) {
            for (name, target) in targets {
                if let Some(property) = properties.get_mut(&name) {
                    property.node = target;
                }
            }
        }
    }

    /// Removes the requirements of schemes that are not declared or not supported.
    pub(super) fn security(&mut self, document: &mut Node) {
        let mut usable: HashMap<String, bool> = HashMap::default();
        let mut statics: HashMap<String, String> = HashMap::default();
        let schemes = document
            .pointer("/components/securitySchemes")
            .and_then(Node::properties);
        for (name, property) in schemes.into_iter().flatten() {
            let owner = statics
                .entry(shouty_snake_case(name))
                .or_insert_with(|| name.clone());
            usable.insert(name.clone(), is_supported(&property.node) && owner == name);
        }
        self.requirements(document, &usable);
        let paths = document.get_mut("paths").and_then(properties_of);
        for (_, item) in paths.into_iter().flatten() {
            let properties = properties_of(&mut item.node).into_iter().flatten();
            for (method, operation) in properties {
                if METHODS.contains(&method.as_str()) {
                    self.requirements(&mut operation.node, &usable);
                }
            }
        }
    }

    fn requirements(&mut self, holder: &mut Node, usable: &HashMap<String, bool>) {
        let Some(security) = holder.get_mut("security") else {
            return;
        };
        let NodeValue::Array(alternatives) = &mut security.value else {
            take(holder, "security");
            return;
        };
        let had_schemes = |alternative: &Node| {
            alternative
                .properties()
                .is_some_and(|properties| !properties.is_empty())
        };
        let mut dropped = Vec::new();
        let before = alternatives.clone();
        alternatives.retain(|alternative| alternative.properties().is_some());
        for alternative in alternatives.iter_mut() {
            if let Some(properties) = properties_of(alternative) {
                properties.retain(|name, property| {
                    let known = usable.get(name).copied();
                    if known != Some(true) {
                        dropped.push((name.clone(), known.is_some(), property.key.clone()));
                    }
                    known == Some(true)
                });
            }
        }
        // An alternative that lost all of its schemes is not the same as one without credentials,
        // unless it was the only one.
        let emptied: Vec<bool> = before
            .iter()
            .filter(|alternative| alternative.properties().is_some())
            .zip(alternatives.iter())
            .map(|(before, after)| had_schemes(before) && !had_schemes(after))
            .collect();
        if alternatives.iter().any(had_schemes) {
            let mut emptied = emptied.into_iter();
            alternatives.retain(|_| !emptied.next().unwrap_or_default());
        }
        for (name, is_declared, key) in dropped {
            let message = match is_declared {
                true => format!("the security scheme `{name}` is not supported"),
                false => format!("the security scheme `{name}` is not declared"),
            };
            self.note(&key, message, "no credentials are sent for it");
        }
    }
}

/// Returns true if the client can send credentials of a scheme.
fn is_supported(scheme: &Node) -> bool {
    let text = |name: &str| scheme.get(name).and_then(Node::as_str).unwrap_or_default();
    match text("type") {
        "apiKey" => !text("name").is_empty() && matches!(text("in"), "header" | "query" | "cookie"),
        "oauth2" | "openIdConnect" => true,
        "http" => matches!(
            text("scheme").to_ascii_lowercase().as_str(),
            "basic" | "bearer"
        ),
        _ => false,
    }
}
