//! Reads the extensions of an operation that hold a single value.

use super::Reader;
use crate::document::node::{Node, NodeValue};

/// Idempotent methods (RFC 9110, section 9.2.2).
const IDEMPOTENT_METHODS: [&str; 6] = ["get", "head", "put", "delete", "options", "trace"];

impl Reader<'_> {
    /// Returns true if a request may be retried: by its method, or else by `x-idempotent`.
    pub(super) fn idempotent(&mut self, node: &Node, method: &str) -> bool {
        let by_method = IDEMPOTENT_METHODS.contains(&method);
        let Some(marked) = node.get("x-idempotent") else {
            return by_method;
        };
        if let (false, NodeValue::Bool(marked)) = (by_method, &marked.value) {
            return *marked;
        }
        let help = if by_method {
            "remove it: requests with this method are always idempotent"
        } else {
            "write `true` if a repeated request has no further effect, else `false`"
        };
        self.error(&marked.location, "`x-idempotent` has no meaning here", help);
        by_method
    }

    /// Reads the name of the method on the resource from `x-verb`.
    pub(super) fn verb(&mut self, node: &Node) -> Option<String> {
        self.verb_at("x-verb", node.get("x-verb")?)
    }

    /// Reads the name of a method from `verb` of an extension.
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
                "x-verb" => "`x-verb` is not a method name".to_owned(),
                _ => format!("the `verb` of `{extension}` is not a method name"),
            };
            self.error(
                &verb.location,
                message,
                "write it in snake case, as in `x-verb: create`, or remove it",
            );
        }
        text.map(str::to_owned)
    }

    /// Reads the words of `x-search-words`.
    pub(super) fn search_words(&mut self, node: &Node) -> Vec<String> {
        let Some(list) = node.get("x-search-words") else {
            return Vec::new();
        };
        let words = search_words(list);
        if words.is_none() {
            self.error(
                &list.location,
                "`x-search-words` is not a list of words in lower case",
                "write it as in `x-search-words: [close, resolve]`, or remove it",
            );
        }
        words.unwrap_or_default()
    }

    /// Reads the sites of `x-unavailable-sites`.
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
                    "`x-unavailable-sites` is not a list of host names",
                    "write it as in `x-unavailable-sites: [ddog-gov.com]`, or remove it",
                );
                Vec::new()
            }
        }
    }
}

/// Returns the words of an `x-search-words`, unless it has another form.
pub(in crate::generate) fn search_words(list: &Node) -> Option<Vec<String>> {
    let is_word = |text: &&str| {
        let mut characters = text.chars();
        !text.is_empty() && characters.all(|c| c.is_ascii_lowercase() || c.is_ascii_digit())
    };
    let items = list.items().iter();
    let words: Option<Vec<_>> = items
        .map(|word| word.as_str().filter(is_word).map(str::to_owned))
        .collect();
    words.filter(|words| !words.is_empty())
}
