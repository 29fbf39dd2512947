//! The rows of the matrix about compressed responses and decompression bombs.

use std::io::Write;

use scorekit_core::ErrorKind::{Connection, Decode, TooLarge};

use super::row::{Outcome, Row};
use super::rows::{PAGE, RULE, failed, ok, raw_response};
use super::server::{Act, Body, End};

/// An encoding of responses. Only gzip has an encoder here, because the libraries of the others
/// take long to compile. Their bytes were written by Google's `brotli` 1.2 (quality 5, a window of
/// 22 bits) and Facebook's `zstd` 1.5 (level 3).
struct Encoding {
    /// The name on the wire.
    name: &'static str,
    feature: &'static str,
    /// [`RULE`], compressed.
    rule: fn() -> Vec<u8>,
}

const ENCODINGS: [Encoding; 3] = [
    Encoding {
        name: "gzip",
        feature: "gzip",
        rule: || gzip(RULE.as_bytes()),
    },
    Encoding {
        name: "br",
        feature: "brotli",
        rule: || b"\x0b\x06\x80{\"id\": \"r-1\"}\x03".to_vec(),
    },
    Encoding {
        name: "zstd",
        feature: "zstd",
        rule: || b"(\xb5/\xfd \ri\x00\x00{\"id\": \"r-1\"}".to_vec(),
    },
];

pub(crate) fn gzip(content: &[u8]) -> Vec<u8> {
    let mut encoder = flate2::write::GzEncoder::new(Vec::new(), flate2::Compression::fast());
    encoder.write_all(content).unwrap();
    encoder.finish().unwrap()
}

/// Returns a body that decompresses to this many MiB of spaces. It takes at most a few kilobytes
/// for each MiB.
pub(crate) fn bomb(encoding: &str, size: usize) -> Vec<u8> {
    let [first, others] = match encoding {
        "gzip" => mebibytes_of_gzip(),
        "br" => [
            b"\xab\xff\xff\x07@\x02$\x1e\x0b$\xf7\xfe\xc1\x00".to_vec(),
            b"\xfa\xff\x7f\x00$\x00\xe2\xb0\x00t\xef\x1f\x0c".to_vec(),
        ],
        // Frames may be concatenated.
        _ => {
            let frame = [
                &b"(\xb5/\xfd\xa0\x00\x00\x10\x00T\x00\x00\x10  \x01\x00\xfb\xff9\xc0\x02"[..],
                &b"\x02\x00\x10 ".repeat(6),
                b"\x03\x00\x10 ",
            ];
            [frame.concat(), frame.concat()]
        }
    };
    [first, others.repeat(size - 1)].concat()
}

/// Compresses two times a MiB of spaces. The second output can be repeated, because all data that
/// it may refer to are spaces.
fn mebibytes_of_gzip() -> [Vec<u8>; 2] {
    let mut encoder = flate2::write::GzEncoder::new(Vec::new(), flate2::Compression::fast());
    let mut compress = || {
        encoder.write_all(&vec![b' '; 1024 * 1024]).unwrap();
        encoder.flush().unwrap();
        std::mem::take(encoder.get_mut())
    };
    [compress(), compress()]
}

/// Creates a response that declares an encoding.
pub(crate) fn encoded(encoding: &'static str, bytes: Vec<u8>, end: End) -> Act {
    let raw = raw_response("200 OK", Body::Bytes(bytes)).end(end);
    raw.header("content-encoding", encoding).act()
}

/// Returns the rows of compressed responses.
pub(crate) fn compressed() -> Vec<Row> {
    let mut rows = Vec::new();
    for Encoding {
        name: encoding,
        feature,
        rule,
    } in ENCODINGS
    {
        let mut row = |name: &str, bytes: &[u8], end, outcome: Outcome| {
            let name = name.replace('%', feature);
            let act = encoded(encoding, bytes.to_vec(), end);
            let row = Row::new("Compression", name, act, outcome.clone())
                // The DELETE ignores any body.
                .delete(ok(200))
                .post(outcome.tries(1));
            rows.push(row.feature(feature));
        };
        let whole = rule();
        let part = &whole[..whole.len() - 9];
        let broken = || failed(Connection, 200).tries(4);
        row(
            "compresses its response with %",
            &whole,
            End::KeepAlive,
            ok(200),
        );
        row(
            "sends a bomb of %",
            &bomb(encoding, 8),
            End::KeepAlive,
            failed(TooLarge, 200),
        );
        row(
            "announces %, and sends HTML",
            PAGE.as_bytes(),
            End::KeepAlive,
            failed(Decode, 200),
        );
        row(
            "sends % that was cut off before",
            part,
            End::KeepAlive,
            broken(),
        );
        row("closes the connection within %", part, End::Close, broken());
    }
    rows
}
