//! The statements of a page about the list: its items, and what comes next.
//!
//! They are read from the JSON text, because a decoder leaves out `null` in a list, which counts
//! for the position. One implementation then also serves every type.

use serde_json::Value;

use super::descriptor::{JsonPath, Pagination};
use super::scan::{Scanner, is_name};
use crate::PageStyle;
use crate::response::json;

/// The statements of a page.
#[derive(Default)]
pub(super) struct Page<'a> {
    /// The texts of the items, with those that are `null`.
    pub(super) elements: Vec<&'a [u8]>,
    pub(super) total: Option<i64>,
    pub(super) page_count: Option<i64>,
    pub(super) has_more: Option<bool>,
    /// The cursor of the next page.
    pub(super) cursor: Option<Value>,
    /// The link to the next page.
    pub(super) next_link: Option<String>,
    /// True if the page has the object in which the link to the next page is documented.
    pub(super) has_links: bool,
}

/// A value to find in a page.
#[derive(Clone, Copy)]
enum Target {
    Items,
    Total,
    PageCount,
    HasMore,
    Cursor,
    NextLink,
}

impl<'a> Page<'a> {
    /// Reads a page from its JSON. What cannot be found is missing.
    pub(super) fn read(json: &'a [u8], pagination: &Pagination) -> Self {
        let cursor = match pagination.style {
            PageStyle::Cursor { next, .. } => Some(next),
            _ => None,
        };
        let targets = [
            (Target::Items, Some(pagination.items)),
            (Target::Total, pagination.total),
            (Target::PageCount, pagination.page_count),
            (Target::HasMore, pagination.has_more),
            (Target::Cursor, cursor),
            (Target::NextLink, pagination.next_link),
        ];
        let targets = targets.into_iter();
        let targets: Vec<_> = targets.filter_map(|(it, path)| Some((it, path?))).collect();
        let mut page = Self::default();
        page.find(&mut Scanner::new(json), &targets);
        page
    }

    /// Reads the targets in the value at the position, and moves past it.
    fn find(&mut self, scanner: &mut Scanner<'a>, targets: &[(Target, JsonPath)]) -> Option<()> {
        if let Some((target, _)) = targets.iter().find(|(_, path)| path.is_empty()) {
            return self.take(scanner, *target);
        }
        if scanner.peek()? != b'{' {
            return scanner.value().map(drop);
        }
        let is_link = |(target, path): &(Target, JsonPath)| {
            matches!(target, Target::NextLink) && path.len() == 1
        };
        self.has_links |= targets.iter().any(is_link);
        scanner.object(|scanner, name| {
            let mut inner = Vec::new();
            for (target, path) in targets {
                if let [first, rest @ ..] = *path
                    && is_name(name, first)
                {
                    inner.push((*target, rest));
                }
            }
            if inner.is_empty() {
                scanner.value().map(drop)
            } else {
                self.find(scanner, &inner)
            }
        })
    }

    /// Reads the target at the position, and moves past it.
    fn take(&mut self, scanner: &mut Scanner<'a>, target: Target) -> Option<()> {
        if let Target::Items = target {
            return self.take_items(scanner);
        }
        let text = scanner.value()?;
        let value = || json::read::<Value>(text).ok();
        match target {
            Target::Items => {}
            Target::Total => self.total = value().as_ref().and_then(Value::as_i64),
            Target::PageCount => self.page_count = value().as_ref().and_then(Value::as_i64),
            Target::HasMore => self.has_more = value().as_ref().and_then(Value::as_bool),
            Target::Cursor => {
                let is_cursor = |value: &Value| match value {
                    Value::String(text) => !text.is_empty(),
                    Value::Number(_) => true,
                    _ => false,
                };
                self.cursor = value().filter(is_cursor);
            }
            Target::NextLink => self.next_link = link(value()?),
        }
        Some(())
    }

    fn take_items(&mut self, scanner: &mut Scanner<'a>) -> Option<()> {
        if scanner.peek()? != b'[' {
            return scanner.value().map(drop);
        }
        scanner.array(|scanner| {
            self.elements.push(scanner.value()?);
            Some(())
        })
    }
}

/// Returns true if an element is `null`, which decoders leave out.
pub(super) fn is_null(element: &[u8]) -> bool {
    element == b"null"
}

/// Returns a link, which is a string or an object with `href`
/// ([JSON:API, links](https://jsonapi.org/format/1.1/#document-links)).
fn link(value: Value) -> Option<String> {
    let text = match value {
        Value::String(text) => text,
        Value::Object(link) => link.get("href")?.as_str()?.to_owned(),
        _ => return None,
    };
    (!text.is_empty()).then_some(text)
}
