//! Reads how an operation returns a list page by page.
//!
//! Generated code relies on it, so each name must exist: the parameters in the operation, and the
//! paths in the response body. In a document of another vendor, a description that does not hold is
//! noted, and the operation is generated without paging.

use super::Reader;
use super::pagination_forms::{First, Form, Named};
use crate::document::diagnostic::Location;
use crate::document::node::{Node, NodeValue};
use crate::generate::model::{PageParameter, PageStyle, Pagination, Parameter, ParameterPlace};

/// The parts of an operation that its paging may refer to.
#[derive(Clone, Copy)]
pub(super) struct Pageable<'r, 'a> {
    pub(super) parameters: &'r [(&'a Node, Parameter)],
    pub(super) request_body: Option<&'a Node>,
    pub(super) response_body: Option<&'a Node>,
}

impl<'a> Reader<'a> {
    /// Reads the paging of the operation `id`.
    pub(super) fn pagination(
        &mut self,
        id: &str,
        operation: &'a Node,
        pageable: Pageable<'_, 'a>,
    ) -> Option<Pagination> {
        let before = self.errors.len();
        let form = self.pagination_form(operation);
        let pagination = form.and_then(|form| self.pagination_of(&form, pageable));
        if self.options.uses_defaults {
            for problem in self.errors.split_off(before) {
                let message = format!("`{id}` is not paged: {}", problem.message);
                let location = problem
                    .location
                    .unwrap_or_else(|| operation.location.clone());
                self.note(id, &location, message, problem.help);
            }
        }
        pagination
    }

    /// Looks up the names in a description of paging.
    fn pagination_of(&mut self, form: &Form<'a>, it: Pageable<'_, 'a>) -> Option<Pagination> {
        let Some(body) = it.response_body else {
            self.error(
                form.location,
                format!(
                    "an operation with `{}` has no response body",
                    form.extension
                ),
                format!(
                    "remove `{}`, or add the body to the 2xx response",
                    form.extension
                ),
            );
            return None;
        };
        // Everything is read before the first return, so that one run reports all errors.
        let style = self.page_style(form, it, body);
        let limit = form.limit.as_ref();
        let size = limit.map(|limit| self.page_parameter(limit, it, true));
        let results = self.results(form, body);
        let total = self.optional_path(form.total.as_ref(), body, "integer");
        let page_count = self.optional_path(form.page_count.as_ref(), body, "integer");
        let has_more = self.optional_path(form.has_more.as_ref(), body, "boolean");
        let next_link = self.optional_path(form.next_link.as_ref(), body, "");
        let (size, bounds) = match size {
            Some(found) => found.map(|(size, schema)| (Some(size), Some(schema)))?,
            None => (None, None),
        };
        let bound = |name: &str| {
            let number = bounds?.get(name)?.to_value().as_i64();
            number.filter(|number| *number > 0)
        };
        let (items, item) = results?;
        Some(Pagination {
            style: style?,
            size,
            max_size: form.max_limit.or_else(|| bound("maximum")),
            default_size: bound("default"),
            items,
            total: total?,
            page_count: page_count?,
            has_more: has_more?,
            next_link: next_link?,
            link_header: form.link_header,
            properties: item.map_or_else(Vec::new, |item| self.item_properties(item)),
            location: form.location.clone(),
        })
    }

    /// Returns the way to the next page.
    fn page_style(
        &mut self,
        form: &Form<'a>,
        it: Pageable<'_, 'a>,
        body: &'a Node,
    ) -> Option<PageStyle> {
        let positions = [&form.offset, &form.page, &form.cursor];
        if positions.into_iter().flatten().count() > 1 {
            self.error(
                form.location,
                format!(
                    "`{}` has several parameters for the position",
                    form.extension
                ),
                "name one: an offset, the number of a page, or a cursor",
            );
            return None;
        }
        if let Some(offset) = &form.offset {
            let (parameter, _) = self.page_parameter(offset, it, true)?;
            return Some(PageStyle::Offset(parameter));
        }
        if let Some(page) = &form.page {
            let (parameter, schema) = self.page_parameter(page, it, true)?;
            let bound = |name: &str| schema.get(name)?.to_value().as_i64();
            let first = match form.first {
                First::Number(first) => first,
                First::OfParameter => bound("default").or_else(|| bound("minimum")).unwrap_or(1),
            };
            return Some(PageStyle::Page { parameter, first });
        }
        if let Some(cursor) = &form.cursor {
            let parameter = self.page_parameter(cursor, it, false);
            let next = match &form.cursor_path {
                Some(path) => self.response_path(path, body, ""),
                None => {
                    self.error(
                        cursor.location,
                        "a cursor needs the path to the next one",
                        "name it with `cursorPath`",
                    );
                    None
                }
            };
            let ((parameter, _), next) = (parameter?, next?);
            return Some(PageStyle::Cursor { parameter, next });
        }
        if form.next_link.is_some() || form.link_header {
            let parameters = queries(it.parameters).map(|(_, it)| it.name.clone());
            return Some(PageStyle::Link {
                parameters: parameters.collect(),
            });
        }
        self.error(
            form.location,
            format!("`{}` names no parameter for the position", form.extension),
            "name an offset, the number of a page, or a cursor, or the link to the next page",
        );
        None
    }

    /// Returns the parameter with this name, and its schema. A name that begins with `body.` is the
    /// path of a property of the request body.
    fn page_parameter(
        &mut self,
        named: &Named<'a>,
        it: Pageable<'_, 'a>,
        is_number: bool,
    ) -> Option<(PageParameter, &'a Node)> {
        let name = &named.text;
        let found = queries(it.parameters).find(|(_, parameter)| parameter.name == *name);
        let (parameter, schema) = if let Some((schema, _)) = found {
            (PageParameter::Query(name.clone()), self.resolved(schema))
        } else if let (Some(path), Some(body)) = (name.strip_prefix("body."), it.request_body) {
            let schema = self.property_at(named.location, path, "request body", body)?;
            (PageParameter::Body(segments(path)), schema)
        } else {
            let known: Vec<&str> = queries(it.parameters)
                .map(|(_, parameter)| parameter.name.as_str())
                .collect();
            let help = match known[..] {
                [] => "declare it under `parameters`, with `in: query`".to_owned(),
                _ => format!("declare it, or name one of {}", listed(&known)),
            };
            let message = format!("the operation has no query parameter `{name}`");
            self.error(named.location, message, help);
            return None;
        };
        let kind = schema.get("type").and_then(Node::as_str);
        let fits = match is_number {
            true => matches!(kind, Some("integer" | "number")),
            false => !matches!(kind, Some("array" | "object" | "boolean")),
        };
        if !fits {
            let wanted = if is_number { "an integer" } else { "a string" };
            self.error(
                named.location,
                format!("the parameter `{name}` is not {wanted}"),
                "declare it with another `type`, or name another parameter",
            );
            return None;
        }
        Some((parameter, schema))
    }

    /// Returns the path to the items in the response body, and the schema of an item.
    fn results(
        &mut self,
        form: &Form<'a>,
        body: &'a Node,
    ) -> Option<(Vec<String>, Option<&'a Node>)> {
        let whole = self.resolved(body);
        let (path, list) = match &form.results {
            Some(path) if !path.text.is_empty() => {
                let found = self.response_path(path, body, "array")?;
                (
                    found,
                    self.property_at(path.location, &path.text, "response body", body)?,
                )
            }
            // Without a path, the body is the list, or has one list.
            _ if is_list(whole) => (Vec::new(), whole),
            _ => {
                let properties = whole.get("properties").and_then(Node::properties);
                let mut lists = properties
                    .into_iter()
                    .flatten()
                    .filter_map(|(name, property)| {
                        let schema = self.resolved(&property.node);
                        is_list(schema).then_some((name, schema))
                    });
                match (lists.next(), lists.next()) {
                    (Some((name, list)), None) if self.options.uses_defaults => {
                        (vec![name.clone()], list)
                    }
                    _ => {
                        self.error(
                            form.location,
                            format!("`{}` does not name the list", form.extension),
                            "write its path in the response body, such as `resultsPath: data`",
                        );
                        return None;
                    }
                }
            }
        };
        Some((path, list.get("items")))
    }

    /// Reads an optional path; the outer `None` is an error.
    fn optional_path(
        &mut self,
        path: Option<&Named<'a>>,
        body: &'a Node,
        kind: &str,
    ) -> Option<Option<Vec<String>>> {
        match path {
            Some(path) => self.response_path(path, body, kind).map(Some),
            None => Some(None),
        }
    }

    /// Returns a path, which must lead from `body` to a schema of the type `kind`, or of any type
    /// if that is empty.
    fn response_path(
        &mut self,
        path: &Named<'a>,
        body: &'a Node,
        kind: &str,
    ) -> Option<Vec<String>> {
        let text = &path.text;
        let schema = self.property_at(path.location, text, "response body", body)?;
        let found = schema.get("type").and_then(Node::as_str);
        let fits = match kind {
            "" => !matches!(found, Some("array" | "boolean")),
            "integer" => matches!(found, Some("integer" | "number")),
            _ => found == Some(kind),
        };
        if !fits {
            let wanted = match kind {
                "array" => "a list",
                "integer" => "an integer",
                "boolean" => "a boolean",
                _ => "a string",
            };
            self.error(
                path.location,
                format!("`{text}` of the response body must be {wanted}"),
                "name another property, or correct its `type`",
            );
            return None;
        }
        Some(segments(text))
    }

    /// Returns the schema that the path `text` leads to from `body`, which messages call `whole`.
    pub(super) fn property_at(
        &mut self,
        location: &'a Location,
        text: &str,
        whole: &str,
        body: &'a Node,
    ) -> Option<&'a Node> {
        let mut schema = self.resolved(body);
        let mut reached = String::new();
        for segment in text.split('.') {
            let Some(next) = self.property_of(schema, segment) else {
                let place = match reached.as_str() {
                    "" => format!("the {whole}"),
                    reached => format!("`{reached}` of the {whole}"),
                };
                let known: Vec<&str> = schema
                    .get("properties")
                    .and_then(Node::properties)
                    .into_iter()
                    .flat_map(|properties| properties.keys().map(String::as_str))
                    .collect();
                let help = match known[..] {
                    [] => "name a property of an object with `properties`".to_owned(),
                    _ => format!("use one of {}", listed(&known)),
                };
                let message = format!("{place} has no property `{segment}`");
                self.error(location, message, help);
                return None;
            };
            if !reached.is_empty() {
                reached.push('.');
            }
            reached.push_str(segment);
            schema = self.resolved(next);
        }
        Some(schema)
    }

    /// Returns the schema behind references and descriptions (an `allOf` of one schema).
    pub(super) fn resolved(&self, node: &'a Node) -> &'a Node {
        let mut node = self.resolve(node);
        // The limit ends circular references.
        for _ in 0..8 {
            match node.get("allOf").map(|schemas| &schemas.value) {
                Some(NodeValue::Array(schemas)) if schemas.len() == 1 => {
                    node = self.resolve(&schemas[0]);
                }
                _ => break,
            }
        }
        node
    }
}

/// Returns the query parameters, each with its schema.
fn queries<'r, 'a>(
    parameters: &'r [(&'a Node, Parameter)],
) -> impl Iterator<Item = (&'a Node, &'r Parameter)> {
    parameters
        .iter()
        .filter(|(_, parameter)| parameter.place == ParameterPlace::Query)
        .map(|(schema, parameter)| (*schema, parameter))
}

fn is_list(schema: &Node) -> bool {
    schema.get("type").and_then(Node::as_str) == Some("array")
}

fn segments(path: &str) -> Vec<String> {
    path.split('.').map(str::to_owned).collect()
}

/// Returns the names as `a`, `b` and `c`.
pub(super) fn listed(names: &[&str]) -> String {
    let quoted: Vec<_> = names.iter().map(|name| format!("`{name}`")).collect();
    match &quoted[..] {
        [] => String::new(),
        [one] => one.clone(),
        [most @ .., last] => format!("{} and {last}", most.join(", ")),
    }
}
