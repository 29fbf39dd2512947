//! The items of one request: its body, and the place of each item in it.

use std::ops::Range;
use std::time::Duration;

use bytes::Bytes;

use super::template::Template;

/// A batch that is being filled.
pub(super) struct Filling {
    body: Vec<u8>,
    places: Vec<Place>,
}

/// The place of an item in the body.
#[derive(Clone, Copy)]
struct Place {
    /// The item's index in the input.
    index: u64,
    /// The offset of its first byte.
    begin: usize,
    /// The offset after its last byte.
    end: usize,
}

/// A batch that is ready to be sent.
pub(super) struct Batch {
    body: Bytes,
    places: Vec<Place>,
    /// The time that it has waited for a rate limit.
    pub(super) waited: Duration,
}

impl Filling {
    /// Creates an empty batch, with room for a body of `capacity` bytes.
    pub(super) fn new(template: &Template, capacity: usize) -> Self {
        let mut body = Vec::with_capacity(capacity.max(template.len()));
        body.extend_from_slice(&template.before);
        Self {
            body,
            places: Vec::new(),
        }
    }

    pub(super) fn len(&self) -> usize {
        self.places.len()
    }

    pub(super) fn is_empty(&self) -> bool {
        self.places.is_empty()
    }

    /// Returns the size of the body in bytes if it were closed now.
    pub(super) fn bytes(&self, template: &Template) -> usize {
        self.body.len() + template.after.len()
    }

    /// Appends the item that `write` writes. If that fails, the batch does not change.
    pub(super) fn write<E>(
        &mut self,
        index: u64,
        write: impl FnOnce(&mut Vec<u8>) -> Result<(), E>,
    ) -> Result<(), E> {
        let before = self.body.len();
        self.separate();
        let begin = self.body.len();
        let written = write(&mut self.body);
        match &written {
            Ok(()) => {
                let end = self.body.len();
                self.places.push(Place { index, begin, end });
            }
            Err(_) => self.body.truncate(before),
        }
        written
    }

    /// Appends the comma between two items.
    fn separate(&mut self) {
        if !self.places.is_empty() {
            self.body.push(b',');
        }
    }

    /// Returns the JSON text of the last item.
    pub(super) fn last_item(&self) -> &[u8] {
        let range = self.places.last().map(|place| place.begin..place.end);
        range
            .and_then(|range| self.body.get(range))
            .unwrap_or_default()
    }

    /// Removes the last item.
    pub(super) fn drop_last(&mut self, template: &Template) {
        self.places.pop();
        let end = self.places.last().map(|place| place.end);
        self.body.truncate(end.unwrap_or(template.before.len()));
    }

    /// Moves the last item into a batch of its own.
    pub(super) fn split_last(&mut self, template: &Template) -> Option<Self> {
        let index = self.places.last()?.index;
        let mut next = Self::new(template, self.body.capacity());
        next.append(index, self.last_item());
        self.drop_last(template);
        Some(next)
    }

    /// Appends an item by its JSON text.
    pub(super) fn append(&mut self, index: u64, item: &[u8]) {
        self.separate();
        let begin = self.body.len();
        self.body.extend_from_slice(item);
        let end = self.body.len();
        self.places.push(Place { index, begin, end });
    }

    /// Completes the body.
    pub(super) fn close(mut self, template: &Template) -> Batch {
        self.body.extend_from_slice(&template.after);
        Batch {
            body: self.body.into(),
            places: self.places,
            waited: Duration::ZERO,
        }
    }
}

impl Batch {
    /// Creates an empty batch of items without text.
    pub(super) fn without_bodies() -> Self {
        Self {
            body: Bytes::new(),
            places: Vec::new(),
            waited: Duration::ZERO,
        }
    }

    /// Creates a batch of one item without text.
    pub(super) fn without_body(index: u64) -> Self {
        let mut batch = Self::without_bodies();
        batch.add(index);
        batch
    }

    /// Adds an item without text.
    pub(super) fn add(&mut self, index: u64) {
        let (begin, end) = (0, 0);
        self.places.push(Place { index, begin, end });
    }

    pub(super) fn is_empty(&self) -> bool {
        self.places.is_empty()
    }

    pub(super) fn len(&self) -> usize {
        self.places.len()
    }

    /// Returns the body of its request.
    pub(super) fn body(&self) -> Bytes {
        self.body.clone()
    }

    /// Drops the body and keeps the indexes.
    pub(super) fn forget_body(&mut self) {
        self.body = Bytes::new();
    }

    /// Returns the index of the item at this place.
    pub(super) fn index(&self, place: usize) -> Option<u64> {
        self.places.get(place).map(|place| place.index)
    }

    /// Returns the JSON text of the item at this place; empty once the body is dropped.
    pub(super) fn item(&self, place: usize) -> &[u8] {
        let range = self.places.get(place).map(|place| place.begin..place.end);
        range
            .and_then(|range| self.body.get(range))
            .unwrap_or_default()
    }

    /// Returns the places of items with consecutive indexes, run by run.
    pub(super) fn runs(&self) -> impl Iterator<Item = Range<usize>> {
        let mut rest = 0..self.places.len();
        std::iter::from_fn(move || {
            let begin = rest.next()?;
            let follows =
                |place: usize| self.index(place) == self.index(place - 1).map(|it| it + 1);
            let mut end = begin + 1;
            while end < rest.end && follows(end) {
                end += 1;
            }
            rest.start = end;
            Some(begin..end)
        })
    }

    /// Returns batches of the items at the given places.
    pub(super) fn parts(
        &self,
        template: &Template,
        parts: impl IntoIterator<Item = Vec<usize>>,
    ) -> Vec<Self> {
        let part = |places: Vec<usize>| {
            let mut part = Filling::new(template, 0);
            for place in places {
                if let Some(index) = self.index(place) {
                    part.append(index, self.item(place));
                }
            }
            let mut part = part.close(template);
            part.waited = self.waited;
            part
        };
        parts
            .into_iter()
            .filter(|places| !places.is_empty())
            .map(part)
            .collect()
    }
}
