//! Differences between a response and the document that decoding tolerates.
//!
//! Decoding notes each difference where it finds it, without a path. Each property and element
//! around it adds its own name once its value is read, so a response without differences costs one
//! comparison per value.

use std::borrow::Cow;
use std::cell::{Cell, RefCell};
use std::fmt;

use crate::response::json_path::push_name;

/// The largest number of deviations of a response that are listed. All are counted.
const MAX_LISTED: usize = 1000;

/// The largest number of paths in a message or an event.
const MAX_SHOWN: usize = 10;

/// A place where a response differs from the document, and how it was read nevertheless.
///
/// [`Response::deviations`](crate::Response::deviations) lists them.
/// [`CallOptions::strict_decoding`](crate::CallOptions::strict_decoding) turns them into errors.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Deviation {
    kind: DeviationKind,
    path: String,
}

impl Deviation {
    /// Returns the kind of difference.
    pub fn kind(&self) -> DeviationKind {
        self.kind
    }

    /// Changes the path.
    pub(crate) fn change_path(&mut self, change: impl FnOnce(String) -> String) {
        self.path = change(std::mem::take(&mut self.path));
    }

    /// Returns the path of the value in the body, such as `data[3].attributes.score`. It is empty
    /// for the whole body.
    pub fn path(&self) -> &str {
        &self.path
    }
}

impl fmt::Display for Deviation {
    /// Writes the path and the difference.
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        let place = match &*self.path {
            "" => "top level",
            path => path,
        };
        write!(formatter, "{place}: {}", self.kind)
    }
}

/// A kind of difference between a response and the document.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum DeviationKind {
    /// A required property is missing. It reads as the default of its type.
    Missing,
    /// A value that must not be `null` is. It reads as the default of its type.
    Null,
    /// An element of a list is `null` and must not be. The list lacks it.
    NullElement,
    /// A value of a map is `null` and must not be. The map lacks it.
    NullValue,
    /// An integer is written with a fraction of zero, such as `1.0`.
    Fraction,
    /// A map is an empty array.
    EmptyArray,
    /// The document does not allow a property of this name. It is ignored.
    UnknownProperty,
    /// The body begins with a byte order mark.
    ByteOrderMark,
    /// The body is empty.
    EmptyBody,
}

impl fmt::Display for DeviationKind {
    /// Writes a phrase in English.
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str(match self {
            Self::Missing => "the required property is missing",
            Self::Null => "null where a value is required",
            Self::NullElement => "null in a list of values",
            Self::NullValue => "null in a map of values",
            Self::Fraction => "an integer with a fraction",
            Self::EmptyArray => "an array instead of a map",
            Self::UnknownProperty => "a property that the document does not allow",
            Self::ByteOrderMark => "a byte order mark",
            Self::EmptyBody => "an empty body",
        })
    }
}

/// The deviations of a response, up to a limit, and their number.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(crate) struct Deviations {
    pub(crate) listed: Vec<Deviation>,
    pub(crate) total: usize,
}

impl Deviations {
    /// Returns the deviations of a response that has one, at the top level.
    pub(crate) fn of_body(kind: DeviationKind) -> Self {
        let path = String::new();
        Self {
            listed: vec![Deviation { kind, path }],
            total: 1,
        }
    }

    /// Adds a deviation of the whole body, before all others.
    pub(crate) fn add_first(&mut self, kind: DeviationKind) {
        let path = String::new();
        self.listed.insert(0, Deviation { kind, path });
        self.listed.truncate(MAX_LISTED);
        self.total += 1;
    }
}

impl fmt::Display for Deviations {
    /// Writes the first deviations and the number of the others.
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        for (position, deviation) in self.listed.iter().take(MAX_SHOWN).enumerate() {
            let before = if position == 0 { "" } else { "; " };
            write!(formatter, "{before}{deviation}")?;
        }
        match self.total.saturating_sub(MAX_SHOWN) {
            0 => Ok(()),
            more => write!(formatter, "; and {more} more"),
        }
    }
}

/// A part of a path.
#[derive(Clone, Debug)]
pub(crate) enum Segment {
    /// The name of a property.
    Name(Cow<'static, str>),
    /// The index of an element.
    Index(usize),
}

/// A deviation, with the innermost segment of its path first.
struct Note {
    kind: DeviationKind,
    path: Vec<Segment>,
}

thread_local! {
    /// True if this thread decodes a response.
    static IS_RESPONSE: Cell<bool> = const { Cell::new(false) };
    /// True if the value that is decoded is an attempt, which may be dropped.
    static IS_ATTEMPT: Cell<bool> = const { Cell::new(false) };
    /// The number of deviations of the response that is being decoded.
    static COUNT: Cell<usize> = const { Cell::new(0) };
    /// The deviations and unknown properties that attempts did not keep.
    static NOT_KEPT: Cell<usize> = const { Cell::new(0) };
    /// True if a list is missing that the response should have.
    static LACKS_LIST: Cell<bool> = const { Cell::new(false) };
    /// The first of the deviations.
    static NOTES: RefCell<Vec<Note>> = const { RefCell::new(Vec::new()) };
}

/// Returns true if this thread decodes a response. Only responses are read leniently, because only
/// a response reports its deviations.
#[inline]
pub(crate) fn is_response() -> bool {
    IS_RESPONSE.get()
}

/// Returns true if unknown properties are kept. If not, it counts one that is not.
pub(crate) fn keeps_unknown() -> bool {
    let keeps = !IS_ATTEMPT.get();
    if !keeps {
        NOT_KEPT.set(NOT_KEPT.get().wrapping_add(1));
    }
    keeps
}

/// Returns the number of deviations so far.
#[inline]
pub(crate) fn mark() -> usize {
    COUNT.get()
}

/// Notes a deviation of the value that is being decoded, or of a part of it.
#[cold]
pub(crate) fn note(kind: DeviationKind, part: Option<Segment>) {
    if !IS_RESPONSE.get() {
        return;
    }
    if IS_ATTEMPT.get() {
        NOT_KEPT.set(NOT_KEPT.get().wrapping_add(1));
        return;
    }
    let count = COUNT.get();
    COUNT.set(count + 1);
    if count < MAX_LISTED {
        let path = part.into_iter().collect();
        NOTES.with_borrow_mut(|notes| notes.push(Note { kind, path }));
    }
}

/// Notes that a list is missing, so that an empty body does not pass for an empty list.
pub(crate) fn note_missing_list() {
    LACKS_LIST.set(true);
}

/// Adds `segment` to the paths of the deviations since `mark`, which are in the value of that name.
#[cold]
pub(crate) fn add_segment(mark: usize, segment: Segment) {
    NOTES.with_borrow_mut(|notes| {
        for note in notes.iter_mut().skip(mark) {
            note.path.push(segment.clone());
        }
    });
}

/// Forgets the deviations since `mark`, because the value with them is not used.
pub(crate) fn forget_since(mark: usize) {
    if COUNT.get() > mark {
        COUNT.set(mark);
        NOTES.with_borrow_mut(|notes| notes.truncate(mark));
    }
}

/// A guard for an attempt to decode a value. Within it, nothing is noted, and unknown properties
/// are not kept.
pub(crate) struct Attempt {
    was_attempt: bool,
}

impl Attempt {
    pub(crate) fn begin() -> Self {
        Self {
            was_attempt: IS_ATTEMPT.replace(true),
        }
    }

    /// Returns true if the attempt is part of another one.
    pub(crate) fn is_within_another(&self) -> bool {
        self.was_attempt
    }

    /// Returns the number of deviations and unknown properties that attempts have not kept so far.
    pub(crate) fn not_kept() -> usize {
        NOT_KEPT.get()
    }

    /// Sets that number to what it was without the attempts that are not used.
    pub(crate) fn set_not_kept(count: usize) {
        NOT_KEPT.set(count);
    }
}

impl Drop for Attempt {
    fn drop(&mut self) {
        IS_ATTEMPT.set(self.was_attempt);
    }
}

/// The recording of the deviations of one response. A type's own `Deserialize` may decode another
/// response meanwhile, so what was recorded before is restored.
pub(crate) struct Recording {
    is_response: bool,
    is_attempt: bool,
    count: usize,
    lacks_list: bool,
    notes: Vec<Note>,
}

impl Recording {
    pub(crate) fn begin() -> Self {
        Self {
            is_response: IS_RESPONSE.replace(true),
            is_attempt: IS_ATTEMPT.replace(false),
            count: COUNT.replace(0),
            lacks_list: LACKS_LIST.replace(false),
            notes: NOTES.take(),
        }
    }

    /// Returns true if a list is missing that the response should have.
    pub(crate) fn lacks_list(&self) -> bool {
        LACKS_LIST.get()
    }

    /// Ends the recording and returns the deviations.
    pub(crate) fn finish(self) -> Deviations {
        let total = COUNT.get();
        if total == 0 {
            return Deviations::default();
        }
        let listed = NOTES.take().into_iter().map(|note| {
            let mut path = String::new();
            for segment in note.path.iter().rev() {
                match segment {
                    Segment::Name(name) => push_name(&mut path, name),
                    Segment::Index(index) => path.push_str(&format!("[{index}]")),
                }
            }
            Deviation {
                kind: note.kind,
                path,
            }
        });
        Deviations {
            listed: listed.collect(),
            total,
        }
    }
}

impl Drop for Recording {
    fn drop(&mut self) {
        IS_RESPONSE.set(self.is_response);
        IS_ATTEMPT.set(self.is_attempt);
        COUNT.set(self.count);
        LACKS_LIST.set(self.lacks_list);
        NOTES.set(std::mem::take(&mut self.notes));
    }
}
