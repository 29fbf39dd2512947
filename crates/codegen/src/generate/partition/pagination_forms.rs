//! The forms in which documents describe paging, as one structure.
//!
//! Datadog's documents have `x-pagination` with the keys below, which this workspace's document
//! uses, too, with further keys for what they lack. Other documents have extensions of Speakeasy
//! (`x-speakeasy-pagination`) or Fern (`x-fern-pagination`). Any other form is left alone.

use super::Reader;
use super::pagination::listed;
use crate::document::diagnostic::Location;
use crate::document::node::Node;

/// The keys of `x-pagination`.
const KEYS: [&str; 13] = [
    "limitParam",
    "pageOffsetParam",
    "pageParam",
    "pageStart",
    "cursorParam",
    "cursorPath",
    "resultsPath",
    "totalPath",
    "pageCountPath",
    "hasMorePath",
    "nextLinkPath",
    "nextLinkHeader",
    "maxLimit",
];
/// The keys of an earlier form of `x-pagination`, each with what replaces it.
const EARLIER_KEYS: [(&str, &str); 7] = [
    (
        "style",
        "remove it; the style follows from `pageOffsetParam`, `pageParam` or `cursorParam`",
    ),
    ("first", "write `pageStart`"),
    (
        "position",
        "write `pageOffsetParam`, `pageParam` or `cursorParam`",
    ),
    ("size", "write `limitParam`"),
    ("items", "write `resultsPath`"),
    ("total", "write `totalPath`"),
    ("next", "write `cursorPath`"),
];

/// A name or path in an extension, and its place.
#[derive(Clone)]
pub(super) struct Named<'a> {
    pub(super) text: String,
    pub(super) location: &'a Location,
}

/// The number of the first page.
#[derive(Clone, Copy)]
pub(super) enum First {
    Number(i64),
    /// The default or the minimum of the parameter, or else 1.
    OfParameter,
}

/// A description of paging, before its names are looked up.
pub(super) struct Form<'a> {
    pub(super) location: &'a Location,
    /// The name of the extension.
    pub(super) extension: &'static str,
    pub(super) limit: Option<Named<'a>>,
    pub(super) offset: Option<Named<'a>>,
    pub(super) page: Option<Named<'a>>,
    pub(super) first: First,
    pub(super) cursor: Option<Named<'a>>,
    pub(super) cursor_path: Option<Named<'a>>,
    /// The path to the items; `None` if it is not given.
    pub(super) results: Option<Named<'a>>,
    pub(super) total: Option<Named<'a>>,
    pub(super) page_count: Option<Named<'a>>,
    pub(super) has_more: Option<Named<'a>>,
    pub(super) next_link: Option<Named<'a>>,
    pub(super) link_header: bool,
    pub(super) max_limit: Option<i64>,
}

impl<'a> Form<'a> {
    fn new(extension: &'static str, location: &'a Location) -> Self {
        Self {
            location,
            extension,
            limit: None,
            offset: None,
            page: None,
            first: First::Number(0),
            cursor: None,
            cursor_path: None,
            results: None,
            total: None,
            page_count: None,
            has_more: None,
            next_link: None,
            link_header: false,
            max_limit: None,
        }
    }
}

impl<'a> Reader<'a> {
    /// Returns the description of the paging of an operation, if it has one in a known form.
    pub(super) fn pagination_form(&mut self, operation: &'a Node) -> Option<Form<'a>> {
        if let Some(node) = operation.get("x-pagination") {
            let is_earlier = self.options.uses_defaults
                && node.get("style").is_some()
                && node.get("position").is_some();
            return match is_earlier {
                true => self.earlier_form(node),
                false => self.vendor_form(node),
            };
        }
        if !self.options.uses_defaults {
            return None;
        }
        if let Some(node) = operation.get("x-speakeasy-pagination") {
            return self.speakeasy_form(node);
        }
        let node = operation.get("x-fern-pagination")?;
        // `true` stands for the description at the root of the document.
        let node = match node.is_true() {
            true => self.document.get("x-fern-pagination")?,
            false => node,
        };
        self.fern_form(node)
    }

    /// Reads `x-pagination` with the vendor's keys.
    fn vendor_form(&mut self, node: &'a Node) -> Option<Form<'a>> {
        let Some(properties) = node.properties() else {
            self.error(
                &node.location,
                "`x-pagination` is not a mapping",
                "write `{limitParam: …, pageOffsetParam: …, resultsPath: …}`",
            );
            return None;
        };
        let is_known = |name: &String| KEYS.contains(&name.as_str());
        let earlier = |name: &String| EARLIER_KEYS.iter().find(|(earlier, _)| earlier == name);
        if !properties
            .keys()
            .any(|name| is_known(name) || earlier(name).is_some())
        {
            let help = format!("use {}", listed(&KEYS));
            self.error(&node.location, "`x-pagination` has an unknown form", help);
            return None;
        }
        for (name, property) in properties.iter().filter(|(name, _)| !is_known(name)) {
            let help = earlier(name).map_or_else(
                || format!("use {}", listed(&KEYS)),
                |(_, help)| (*help).to_owned(),
            );
            let message = format!("`x-pagination` has no property `{name}`");
            self.error(&property.key, message, help);
        }
        if properties.keys().any(|name| earlier(name).is_some()) {
            return None;
        }
        let mut form = Form::new("x-pagination", &node.location);
        form.limit = self.paging_name(node, "limitParam");
        form.offset = self.paging_name(node, "pageOffsetParam");
        form.page = self.paging_name(node, "pageParam");
        form.cursor = self.paging_name(node, "cursorParam");
        form.cursor_path = self.paging_name(node, "cursorPath");
        form.results = self.paging_name(node, "resultsPath");
        form.total = self.paging_name(node, "totalPath");
        form.page_count = self.paging_name(node, "pageCountPath");
        form.has_more = self.paging_name(node, "hasMorePath");
        form.next_link = self.paging_name(node, "nextLinkPath");
        form.link_header = node.get("nextLinkHeader").is_some_and(Node::is_true);
        form.max_limit = self.page_number(node, "maxLimit", 1);
        form.first = First::Number(self.page_number(node, "pageStart", 0).unwrap_or(0));
        if let Some(start) = node.get("pageStart").filter(|_| form.page.is_none()) {
            let help = "remove it, or name the parameter for the number of a page";
            self.error(&start.location, "`pageStart` needs `pageParam`", help);
        }
        Some(form)
    }

    /// Reads the keys of another document that are those of an earlier form of this workspace.
    fn earlier_form(&mut self, node: &'a Node) -> Option<Form<'a>> {
        let mut form = Form::new("x-pagination", &node.location);
        let position = self.paging_name(node, "position");
        match node.get("style").and_then(Node::as_str) {
            Some("offset") => form.offset = position,
            Some("page") => {
                form.page = position;
                form.first = First::Number(self.page_number(node, "first", 0).unwrap_or(0));
            }
            Some("cursor") => {
                form.cursor = position;
                form.cursor_path = self.paging_name(node, "next");
            }
            _ => {
                let help = "write `offset`, `page` or `cursor`";
                self.error(&node.location, "`x-pagination` has an unknown style", help);
                return None;
            }
        }
        form.limit = self.paging_name(node, "size");
        form.results = self.paging_name(node, "items");
        form.total = self.paging_name(node, "total");
        Some(form)
    }

    /// Reads `x-speakeasy-pagination`
    /// (<https://www.speakeasy.com/docs/customize/runtime/pagination>).
    fn speakeasy_form(&mut self, node: &'a Node) -> Option<Form<'a>> {
        let mut form = Form::new("x-speakeasy-pagination", &node.location);
        form.first = First::OfParameter;
        for input in node.get("inputs").map_or(&[][..], Node::items) {
            let Some(mut name) = self.paging_name(input, "name") else {
                continue;
            };
            if input.get("in").and_then(Node::as_str) == Some("requestBody") {
                name.text = format!("body.{}", name.text.trim_start_matches("$."));
            }
            match input.get("type").and_then(Node::as_str) {
                Some("offset") => form.offset = Some(name),
                Some("page") => form.page = Some(name),
                Some("cursor") => form.cursor = Some(name),
                Some("limit") => form.limit = Some(name),
                _ => {}
            }
        }
        if let Some(outputs) = node.get("outputs") {
            form.results = self.path_after(outputs, "results", "$");
            form.page_count = self.path_after(outputs, "numPages", "$");
            form.cursor_path = self.path_after(outputs, "nextCursor", "$");
            form.next_link = self.path_after(outputs, "nextUrl", "$");
        }
        Some(form)
    }

    /// Reads `x-fern-pagination`
    /// (<https://buildwithfern.com/learn/api-definitions/openapi/extensions/pagination>).
    fn fern_form(&mut self, node: &'a Node) -> Option<Form<'a>> {
        let mut form = Form::new("x-fern-pagination", &node.location);
        form.first = First::OfParameter;
        let offset = self.path_after(node, "offset", "$request");
        // With a step, the offset counts items.
        match node.get("step") {
            Some(_) => form.offset = offset,
            None => form.page = offset,
        }
        form.limit = self.path_after(node, "step", "$request");
        form.cursor = self.path_after(node, "cursor", "$request");
        form.cursor_path = self.path_after(node, "next_cursor", "$response");
        form.results = self.path_after(node, "results", "$response");
        form.has_more = self.path_after(node, "has-next-page", "$response");
        let uri = self.path_after(node, "next_uri", "$response");
        form.next_link = uri.or_else(|| self.path_after(node, "next_path", "$response"));
        Some(form)
    }

    /// Reads an optional string.
    fn paging_name(&mut self, node: &'a Node, name: &str) -> Option<Named<'a>> {
        let property = node.get(name)?;
        let location = &property.location;
        match property.as_str() {
            Some(text) => Some(Named {
                text: text.to_owned(),
                location,
            }),
            None => {
                let message = format!("`{name}` is not a string");
                let help = "write the name of a parameter, or a path such as `meta.total`";
                self.error(location, message, help);
                None
            }
        }
    }

    /// Reads an optional path after `root`, such as `$response.data`.
    fn path_after(&mut self, node: &'a Node, name: &str, root: &str) -> Option<Named<'a>> {
        let mut named = self.paging_name(node, name)?;
        let path = named.text.strip_prefix(root);
        let path = path.map(|path| path.strip_prefix('.').unwrap_or(path));
        // Expressions select by index or condition, which no generated code can do.
        let Some(path) = path.filter(|path| !path.contains(['[', '*', '?', '@'])) else {
            let message = format!("`{name}` is not a path of properties");
            let help = format!("write `{root}.` and the names of properties");
            self.error(named.location, message, help);
            return None;
        };
        named.text = path.to_owned();
        Some(named)
    }

    /// Reads an optional integer that is at least `minimum`.
    fn page_number(&mut self, node: &'a Node, name: &str, minimum: i64) -> Option<i64> {
        let property = node.get(name)?;
        let number = property.to_value().as_i64().filter(|it| *it >= minimum);
        if number.is_none() {
            let message = format!("`{name}` of `x-pagination` must be an integer");
            let help = format!("write a number that is at least {minimum}");
            self.error(&property.location, message, help);
        }
        number
    }
}
