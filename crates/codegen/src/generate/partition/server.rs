//! Where an operation is sent: the nearest `servers` of the operation, its path item or the document.

use super::Reader;
use crate::document::diagnostic::{Diagnostic, Location};
use crate::document::node::Node;
use crate::generate::identifiers::shouty_snake_case;
use crate::generate::model::Server;

impl<'a> Reader<'a> {
    /// The server of an operation. Later entries of a list are alternatives that configuration can name by URL.
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
            if self.options.completes {
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
        // One that is relative to the place of the document has to come from configuration.
        if !is_absolute && !self.options.completes {
            let location = node.key_location("url").clone();
            self.error(
                &location,
                "a server has no absolute URL",
                "write `url: https://…`, with `{variables}` if need be",
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

    /// The server of this URL, by which configuration and the generated code know it: the name that the document
    /// gives it, or `default`.
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
            if self.options.completes && !is_named {
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
                    format!("two servers are called `{}`", server.name),
                    "give each an `x-server-name` of its own",
                )
                .with_related(&place, "the other one"),
            );
            return server;
        }
    }
}

/// The names between braces, in order.
pub(super) fn template_names(template: &str) -> impl Iterator<Item = &str> {
    template
        .split('{')
        .skip(1)
        .filter_map(|part| part.split_once('}').map(|(name, _)| name))
}
