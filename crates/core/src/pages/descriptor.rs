//! The description of a paged list in generated code: plain data that fits in a `static`.

/// A path in a JSON body: a property of the body, a property of that, and so on. An empty path is
/// the body itself.
pub type JsonPath = &'static [&'static str];

/// The paging of an operation that returns a list.
///
/// [`Request::pages`](crate::Request::pages) and [`Request::items`](crate::Request::items) read the
/// whole list by it. It has a setter for each statement that a response can make about the end of
/// the list. Without any statement, an empty page ends the list.
///
/// ```
/// use scorekit_core::{PageParameter, PageStyle, Pagination};
///
/// static ORDERS: Pagination =
///     Pagination::new(PageStyle::Offset(PageParameter::Query("page[offset]")), &["data"])
///         .size(PageParameter::Query("page[size]"))
///         .max_size(100)
///         .total(&["meta", "total"]);
///
/// assert_eq!(ORDERS.max_size, Some(100));
/// ```
#[derive(Debug)]
#[non_exhaustive]
pub struct Pagination {
    /// The way to the next page.
    pub style: PageStyle,
    /// The path to the items in a response body.
    pub items: JsonPath,
    /// The parameter for the number of items in a page; `None` if the server decides.
    pub size: Option<PageParameter>,
    /// The largest page size that the document allows, in items. It is sent unless the caller sets
    /// a size.
    pub max_size: Option<i64>,
    /// The page size that the document names for a request without one, in items. It is not sent.
    pub default_size: Option<i64>,
    /// The path to the number of items in all pages.
    pub total: Option<JsonPath>,
    /// The path to the number of pages.
    pub page_count: Option<JsonPath>,
    /// The path to a boolean that is `true` while pages remain.
    pub has_more: Option<JsonPath>,
    /// The path to a link to the next page, which the last page lacks.
    pub next_link: Option<JsonPath>,
    /// True if the next page is a link in the header `Link` with the relation `next` ([RFC 8288,
    /// section 3](https://www.rfc-editor.org/rfc/rfc8288#section-3)).
    pub link_header: bool,
    /// The properties that the document lists for an item, as JSON pointers
    /// ([RFC 6901](https://www.rfc-editor.org/rfc/rfc6901)) in the item; array indexes are left
    /// out. Items without an id are compared by them. If it is empty, all properties are compared.
    pub properties: &'static [&'static str],
}

impl Pagination {
    /// Creates the paging of a list whose items are at the path `items` of a response body.
    pub const fn new(style: PageStyle, items: JsonPath) -> Self {
        Self {
            style,
            items,
            size: None,
            max_size: None,
            default_size: None,
            total: None,
            page_count: None,
            has_more: None,
            next_link: None,
            link_header: false,
            properties: &[],
        }
    }

    /// Sets the parameter for the number of items in a page.
    #[must_use]
    pub const fn size(mut self, parameter: PageParameter) -> Self {
        self.size = Some(parameter);
        self
    }

    /// Sets the largest page size that the document allows, in items.
    #[must_use]
    pub const fn max_size(mut self, items: i64) -> Self {
        self.max_size = Some(items);
        self
    }

    /// Sets the page size that the document names for a request without one, in items.
    #[must_use]
    pub const fn default_size(mut self, items: i64) -> Self {
        self.default_size = Some(items);
        self
    }

    /// Sets the path to the number of items in all pages.
    #[must_use]
    pub const fn total(mut self, path: JsonPath) -> Self {
        self.total = Some(path);
        self
    }

    /// Sets the path to the number of pages. It counts only if positions are page numbers.
    #[must_use]
    pub const fn page_count(mut self, path: JsonPath) -> Self {
        self.page_count = Some(path);
        self
    }

    /// Sets the path to a boolean that is `true` while pages remain.
    #[must_use]
    pub const fn has_more(mut self, path: JsonPath) -> Self {
        self.has_more = Some(path);
        self
    }

    /// Sets the path to a link to the next page, which the last page lacks.
    #[must_use]
    pub const fn next_link(mut self, path: JsonPath) -> Self {
        self.next_link = Some(path);
        self
    }

    /// Reads the link to the next page from the header `Link`.
    #[must_use]
    pub const fn link_header(mut self) -> Self {
        self.link_header = true;
        self
    }

    /// Sets the properties by which items without an id are compared, as JSON pointers.
    #[must_use]
    pub const fn properties(mut self, pointers: &'static [&'static str]) -> Self {
        self.properties = pointers;
        self
    }
}

impl Pagination {
    /// Returns the query parameters that lists read and change.
    pub(crate) fn query_parameters(&self) -> impl Iterator<Item = &'static str> {
        let (position, others) = match self.style {
            PageStyle::Offset(parameter)
            | PageStyle::Page { parameter, .. }
            | PageStyle::Cursor { parameter, .. } => (Some(parameter), &[][..]),
            PageStyle::Link { parameters } => (None, parameters),
        };
        let parameters = position.into_iter().chain(self.size);
        let names = parameters.filter_map(|parameter| match parameter {
            PageParameter::Query(name) => Some(name),
            PageParameter::Body(_) => None,
        });
        names.chain(others.iter().copied())
    }
}

/// The way from one page to the next.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum PageStyle {
    /// The parameter is the number of items before the page.
    Offset(PageParameter),
    /// The parameter is the number of the page.
    Page {
        /// The parameter for the number.
        parameter: PageParameter,
        /// The number of the first page, usually 0 or 1.
        first: i64,
    },
    /// The parameter is a value from the response before.
    Cursor {
        /// The parameter for the cursor, which the first request lacks.
        parameter: PageParameter,
        /// The path to the cursor of the next page; the last page lacks it.
        next: JsonPath,
    },
    /// The query parameters come from a link in the response before
    /// ([`next_link`](Pagination::next_link()) or [`link_header`](Pagination::link_header())).
    ///
    /// Only the values of these parameters are taken. The client never follows the link itself, so
    /// a server cannot choose where the credentials go.
    Link {
        /// The query parameters of the operation.
        parameters: &'static [&'static str],
    },
}

/// A parameter that controls paging.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum PageParameter {
    /// The query parameter of this name.
    Query(&'static str),
    /// The property at this path of a JSON request body.
    Body(JsonPath),
}
