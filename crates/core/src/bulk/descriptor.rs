//! The description of an operation that takes a list of items.

/// The way an operation takes a list of items in one request.
///
/// It is for operations that take all items of a request or, with an error status, none of them:
/// [`Push`](crate::Push) splits a rejected request and sends its parts.
///
/// ```
/// use scorekit_core::Bulk;
///
/// static ORDERS: Bulk = Bulk::new(&["data", "orders"], 100, 1024 * 1024)
///     .rejection_statuses(&[409])
///     .identified_by(&["number"]);
/// # let _ = &ORDERS;
/// ```
#[derive(Debug)]
#[non_exhaustive]
pub struct Bulk {
    /// The path to the list in the body: a property of it, a property of that, and so on.
    pub items: &'static [&'static str],
    /// The maximum number of items in a request.
    pub max_items: usize,
    /// The maximum size of a request body in bytes. A larger item is sent alone.
    pub max_bytes: usize,
    /// More statuses of a rejected request; see [`rejection_statuses`](Self::rejection_statuses()).
    pub rejection_statuses: &'static [u16],
    /// The properties that identify an item; see [`identified_by`](Self::identified_by()).
    pub identified_by: &'static [&'static str],
}

impl Bulk {
    /// Creates a description of the list at the path `items` of the body.
    pub const fn new(items: &'static [&'static str], max_items: usize, max_bytes: usize) -> Self {
        Self {
            items,
            max_items,
            max_bytes,
            rejection_statuses: &[],
            identified_by: &[],
        }
    }

    /// Sets the statuses, in addition to 400, 413 and 422, by which the server rejects a whole
    /// request because of some of its items.
    #[must_use]
    pub const fn rejection_statuses(mut self, statuses: &'static [u16]) -> Self {
        self.rejection_statuses = statuses;
        self
    }

    /// Sets the properties that identify an item in messages.
    #[must_use]
    pub const fn identified_by(mut self, properties: &'static [&'static str]) -> Self {
        self.identified_by = properties;
        self
    }
}
