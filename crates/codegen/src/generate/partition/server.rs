//! Reads the server of an operation: the nearest `servers` of the operation, its path item or the
//! document.

use super::Reader;
use crate::document::diagnostic::{Diagnostic, Location};
use crate::document::node::Node;
use crate::generate::identifiers::shouty_snake_case;
use crate::generate::model::Server;

impl<'a> Reader<'a> {
    /// Returns the server of an operation: the first of the list. Callers can configure the URL of
    /// another one.
    pub(super) fn server(
        &mut self,
        operation: &'a Node,
        path_item: &'a Node,
        id: &Location,
    ) -> Option<Server> {
        let levels = [operation, path_item, self.document];
        let servers = levels
            .into_iter()
            .find_map(|level| self.list(level, "servers").first());
        let Some(node) = servers else {
            if self.options.uses_defaults {
                return Some(self.named(String::new(), Vec::new(), None, id));
            }
            self.error(
                id,
                "this operation has no server",
                "declare `servers` at the document's root",
            );
            return None;
        };
        let url = node.get("url").and_then(Node::as_str).unwrap_or_default();
        let is_absolute = url.starts_with("https://") || url.starts_with("http://");
        // A relative URL must be configured by the caller.
        if !is_absolute && !self.options.uses_defaults {
            let location = node.key_location("url").clone();
            self.error(
                &location,
                "a server has no absolute URL",
                "write `url: https://…`; `{variables}` are allowed",
            );
            return None;
        }
        let mut variables = Vec::new();
        for name in template_names(url) {
            let default = node
                .pointer(&format!("/variables/{name}/default"))
                .and_then(Node::as_str);
            let Some(default) = default else {
                let location = node.key_location("url").clone();
                self.error(
                    &location,
                    format!("the server variable `{name}` has no default"),
                    format!("declare it: `variables: {{{name}: {{default: …}}}}`"),
                );
                return None;
            };
            variables.push((name.to_owned(), default.to_owned()));
        }
        let name = node.get("x-server-name").and_then(Node::as_str);
        let url = url.trim_end_matches('/').to_owned();
        Some(self.named(url, variables, name, &node.location))
    }

    /// Returns the server of this URL with the name that configuration and generated code use: the
    /// name in the document, or `default`.
    fn named(
        &mut self,
        url: String,
        variables: Vec<(String, String)>,
        name: Option<&str>,
        location: &Location,
    ) -> Server {
        let is_named = name.is_some();
        let mut server = Server {
            name: name.unwrap_or("default").to_owned(),
            url,
            variables,
        };
        let host = server.url.split_once("://").map_or("", |(_, host)| host);
        let short = if host.is_empty() { "other" } else { host }.to_owned();
        let mut count = 1;
        loop {
            let known = self.servers.entry(shouty_snake_case(&server.name));
            let (first, place) = known
                .or_insert_with(|| (server.clone(), location.clone()))
                .clone();
            if first == server {
                return server;
            }
            if self.options.uses_defaults && !is_named {
                server.name = match count {
                    1 => short.clone(),
                    count => format!("{short}-{count}"),
                };
                count += 1;
                continue;
            }
            self.errors.push(
                Diagnostic::new(
                    location,
                    format!("two servers have the name `{}`", server.name),
                    "give each server its own `x-server-name`",
                )
                .with_related(&place, "the other server"),
            );
            return server;
        }
    }
}

/// Returns the names in braces, in order.
pub(in crate::generate) fn template_names(template: &str) -> impl Iterator<Item = &str> {
    template
        .split('{')
        .skip(1)
        .filter_map(|part| part.split_once('}').map(|(name, _)| name))
}
