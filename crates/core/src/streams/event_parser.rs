//! The format of event streams
//! (<https://html.spec.whatwg.org/multipage/server-sent-events.html#parsing-an-event-stream>).
//!
//! The published parsers hold an event of any size, so a server could fill the memory. This one
//! rejects an event that is longer than a limit.

use std::time::Duration;

use bytes::{Buf, Bytes};

/// The type of an event that names none.
const MESSAGE: &str = "message";

/// An event as the server sent it.
#[derive(Debug, PartialEq, Eq)]
pub(super) struct RawEvent {
    pub(super) event: String,
    pub(super) id: Option<String>,
    pub(super) data: Bytes,
}

/// An event has more bytes than the limit.
#[derive(Debug, PartialEq, Eq)]
pub(super) struct TooLong;

/// The state of a stream between the pieces in which it arrives.
#[derive(Debug)]
pub(super) struct EventParser {
    /// The maximum size of an event, in bytes.
    limit: usize,
    /// The id of the latest event, which a new connection names.
    last_id: Option<String>,
    /// The wait before a new connection.
    retry: Option<Duration>,
    partial: Partial,
}

/// The part of an event that has arrived.
#[derive(Debug, Default)]
struct Partial {
    /// The begin of a line.
    line: Vec<u8>,
    /// The lines of `data`, each with a line break.
    data: Vec<u8>,
    event: String,
    /// The id to use from this event on.
    id: Option<String>,
    /// True if a line was read. A byte order mark may come before the first one.
    has_begun: bool,
    /// True if the latest byte was the first one of a line break that may have two.
    after_return: bool,
}

impl EventParser {
    pub(super) fn new(limit: usize) -> Self {
        Self {
            limit,
            last_id: None,
            retry: None,
            partial: Partial::default(),
        }
    }

    /// Returns the id of the latest event that had one.
    pub(super) fn last_id(&self) -> Option<&str> {
        self.last_id.as_deref()
    }

    /// Returns the wait before a new connection that the server asks for.
    pub(super) fn retry(&self) -> Option<Duration> {
        self.retry
    }

    /// Drops an event that has not arrived completely, before a new connection.
    pub(super) fn restart(&mut self) {
        self.partial = Partial {
            id: self.last_id.clone(),
            ..Partial::default()
        };
    }

    /// Reads the next event from `piece` and removes what was read. Without a whole event, `piece`
    /// is empty afterwards.
    pub(super) fn next(&mut self, piece: &mut Bytes) -> Result<Option<RawEvent>, TooLong> {
        loop {
            let partial = &mut self.partial;
            if partial.after_return && !piece.is_empty() {
                partial.after_return = false;
                if piece.first() == Some(&b'\n') {
                    piece.advance(1);
                }
            }
            let Some(end) = memchr::memchr2(b'\n', b'\r', piece) else {
                partial.line.extend_from_slice(piece);
                piece.clear();
                let length = partial.line.len() + partial.data.len();
                return if length > self.limit {
                    Err(TooLong)
                } else {
                    Ok(None)
                };
            };
            let mut line = piece.split_to(end);
            partial.after_return = piece.first() == Some(&b'\r');
            piece.advance(1);
            if !partial.line.is_empty() {
                partial.line.extend_from_slice(&line);
                line = std::mem::take(&mut partial.line).into();
            }
            if !std::mem::replace(&mut partial.has_begun, true) && line.starts_with(b"\xef\xbb\xbf")
            {
                line.advance(3);
            }
            if line.is_empty() {
                if let Some(event) = self.dispatch() {
                    return Ok(Some(event));
                }
            } else {
                self.field(&line);
                if self.partial.data.len() > self.limit {
                    return Err(TooLong);
                }
            }
        }
    }

    /// Reads a line that is not empty.
    fn field(&mut self, line: &[u8]) {
        let end = memchr::memchr(b':', line).unwrap_or(line.len());
        let (name, rest) = line.split_at(end);
        let value = rest.strip_prefix(b":").unwrap_or(rest);
        let value = value.strip_prefix(b" ").unwrap_or(value);
        let partial = &mut self.partial;
        match name {
            b"data" => {
                partial.data.extend_from_slice(value);
                partial.data.push(b'\n');
            }
            b"event" => partial.event = String::from_utf8_lossy(value).into_owned(),
            b"id" if !value.contains(&0) => {
                partial.id = Some(String::from_utf8_lossy(value).into_owned());
            }
            b"retry" if value.iter().all(u8::is_ascii_digit) => {
                let milliseconds = std::str::from_utf8(value).unwrap_or_default();
                // A number that is too large for the type is larger than every wait.
                if !milliseconds.is_empty() {
                    let milliseconds = milliseconds.parse().unwrap_or(u64::MAX);
                    self.retry = Some(Duration::from_millis(milliseconds));
                }
            }
            // Others are comments, whose name is empty, and fields of later versions.
            _ => {}
        }
    }

    /// Ends an event. Returns `None` if it has no data.
    fn dispatch(&mut self) -> Option<RawEvent> {
        let partial = &mut self.partial;
        self.last_id.clone_from(&partial.id);
        let mut data = std::mem::take(&mut partial.data);
        let event = std::mem::take(&mut partial.event);
        // The line break after the last line.
        data.pop()?;
        Some(RawEvent {
            event: match event.is_empty() {
                true => MESSAGE.to_owned(),
                false => event,
            },
            id: self.last_id.clone().filter(|id| !id.is_empty()),
            data: data.into(),
        })
    }
}

#[cfg(test)]
mod tests {
    use std::time::Duration;

    use bytes::Bytes;

    use super::{EventParser, RawEvent, TooLong};

    /// Returns type, id and data of the events of a stream that arrives in pieces of this size.
    fn events(stream: &[u8], size: usize) -> Vec<(String, Option<String>, String)> {
        let mut parser = EventParser::new(1000);
        let mut events = Vec::new();
        for piece in stream.chunks(size) {
            let mut piece = Bytes::copy_from_slice(piece);
            while let Some(RawEvent { event, id, data }) = parser.next(&mut piece).unwrap() {
                events.push((event, id, String::from_utf8(data.to_vec()).unwrap()));
            }
            assert!(piece.is_empty());
        }
        events
    }

    #[test]
    fn events_are_those_of_the_standard_in_pieces_of_any_size() {
        for (stream, expected) in [
            // The examples of the standard.
            (
                "data: YHOO\ndata: +2\ndata: 10\n\n",
                &[("message", None, "YHOO\n+2\n10")][..],
            ),
            (
                ": test stream\n\ndata: first event\nid: 1\n\ndata:second event\nid\n\n\
                 data:  third event\n\n",
                &[
                    ("message", Some("1"), "first event"),
                    ("message", None, "second event"),
                    ("message", None, " third event"),
                ],
            ),
            (
                "data\n\ndata\ndata\n\ndata:",
                &[("message", None, ""), ("message", None, "\n")],
            ),
            (
                "data:test\n\ndata: test\n\n",
                &[("message", None, "test"), ("message", None, "test")],
            ),
            (
                "event: add\ndata: 73857293\n\nevent: remove\n\ndata: a\n\n",
                &[("add", None, "73857293"), ("message", None, "a")],
            ),
            // Every kind of line break, and a byte order mark.
            (
                "\u{feff}data: a\r\ndata: b\r\n\r\ndata: c\r\rdata: d\n\n",
                &[
                    ("message", None, "a\nb"),
                    ("message", None, "c"),
                    ("message", None, "d"),
                ],
            ),
            // An id with a null is ignored, and so are unknown fields. An id without data counts.
            (
                "id: 7\n\nid: a\0b\ndata: x\nodd: y\n data: z\n\n",
                &[("message", Some("7"), "x")],
            ),
            // An event that does not end is none.
            ("data: a\n\ndata: b\n", &[("message", None, "a")]),
            ("data: \u{1f980}é:\n\n", &[("message", None, "\u{1f980}é:")]),
        ] {
            let text = |it: &(&str, Option<&str>, &str)| {
                (it.0.to_owned(), it.1.map(str::to_owned), it.2.to_owned())
            };
            let expected: Vec<_> = expected.iter().map(text).collect();
            for size in 1..=stream.len() {
                assert_eq!(
                    events(stream.as_bytes(), size),
                    expected,
                    "{stream:?}, {size}"
                );
            }
        }
    }

    #[test]
    fn wait_is_a_number_of_milliseconds() {
        for (stream, wait) in [
            ("retry: 1500\n", Some(Duration::from_millis(1500))),
            ("retry:0\n", Some(Duration::ZERO)),
            ("retry: 5s\n", None),
            ("retry: -5\n", None),
            ("retry:\n", None),
            (
                "retry: 99999999999999999999\n",
                Some(Duration::from_millis(u64::MAX)),
            ),
        ] {
            let mut parser = EventParser::new(1000);
            assert_eq!(parser.next(&mut Bytes::from(stream)), Ok(None));
            assert_eq!(parser.retry(), wait, "{stream}");
        }
    }

    #[test]
    fn id_of_an_event_that_broke_off_is_forgotten() {
        let mut parser = EventParser::new(1000);
        let mut piece = Bytes::from("id: 1\ndata: a\n\nid: 2\ndata: b\n");
        assert!(parser.next(&mut piece).unwrap().is_some());
        assert_eq!(parser.next(&mut piece), Ok(None));
        parser.restart();
        let event = parser.next(&mut Bytes::from("data: c\n\n")).unwrap();
        let event = event.unwrap();
        assert_eq!(
            (event.id.as_deref(), parser.last_id()),
            (Some("1"), Some("1"))
        );
        assert_eq!(event.data, "c");
    }

    #[test]
    fn endless_events_are_rejected() {
        for stream in ["data: aaaa\n", "aaaaaaaa", "data: a"] {
            let mut parser = EventParser::new(100);
            let outcomes = (0..200).map(|_| parser.next(&mut Bytes::from(stream)));
            let outcomes: Vec<_> = outcomes.take_while(Result::is_ok).collect();
            assert!(
                (2..60).contains(&outcomes.len()),
                "{stream}: {}",
                outcomes.len()
            );
            assert_eq!(parser.next(&mut Bytes::from(stream)), Err(TooLong));
        }
        // Comments are not kept.
        let mut parser = EventParser::new(100);
        for _ in 0..1000 {
            assert_eq!(parser.next(&mut Bytes::from(": still here\n\n")), Ok(None));
        }
    }
}
