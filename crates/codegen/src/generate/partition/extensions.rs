//! Reads the extensions of an operation that are a word or two each.

use super::Reader;
use crate::document::node::{Node, NodeValue};

/// Methods whose second request has the effect of one (RFC 9110, section 9.2.2).
const IDEMPOTENT_METHODS: [&str; 6] = ["get", "head", "put", "delete", "options", "trace"];

impl Reader<'_> {
    /// Whether a request may be sent twice: the method says so, or `x-idempotent` where it does not.
    pub(super) fn idempotent(&mut self, node: &Node, method: &str) -> bool {
        let by_method = IDEMPOTENT_METHODS.contains(&method);
        let Some(marked) = node.get("x-idempotent") else {
            return by_method;
        };
        if let (false, NodeValue::Bool(marked)) = (by_method, &marked.value) {
            return *marked;
        }
        let help = if by_method {
            "leave it out: requests of this method may be sent twice anyway"
        } else {
            "write `true` if a second request leaves what one leaves, `false` if it does a thing twice"
        };
        self.error(&marked.location, "`x-idempotent` says nothing here", help);
        by_method
    }

    /// What the operation does to its resource, from `x-verb`.
    pub(super) fn verb(&mut self, node: &Node) -> Option<String> {
        self.verb_at("x-verb", node.get("x-verb")?)
    }

    /// The name of a method that `verb` writes, which belongs to an extension.
    pub(super) fn verb_at(&mut self, extension: &str, verb: &Node) -> Option<String> {
        let is_word = |text: &&str| {
            text.starts_with(|first: char| first.is_ascii_lowercase())
                && text
                    .chars()
                    .all(|c| c.is_ascii_lowercase() || c.is_ascii_digit() || c == '_')
        };
        let text = verb.as_str().filter(is_word);
        if text.is_none() {
            let message = match extension {
                "x-verb" => "`x-verb` is no name of a method".to_owned(),
                _ => format!("the `verb` of `{extension}` is no name of a method"),
            };
            self.error(
                &verb.location,
                message,
                "write it in snake case, as in `x-verb: create`, or leave it out",
            );
        }
        text.map(str::to_owned)
    }

    /// The sites of `x-unavailable-sites`.
    pub(super) fn unavailable_sites(&mut self, node: &Node) -> Vec<String> {
        let Some(list) = node.get("x-unavailable-sites") else {
            return Vec::new();
        };
        let sites: Option<Vec<String>> = list
            .items()
            .iter()
            .map(|site| site.as_str().map(str::to_owned))
            .collect();
        match sites {
            Some(sites) if !sites.is_empty() => sites,
            _ => {
                self.error(
                    &list.location,
                    "`x-unavailable-sites` is no list of host names",
                    "write it as in `x-unavailable-sites: [ddog-gov.com]`, or leave it out",
                );
                Vec::new()
            }
        }
    }
}
