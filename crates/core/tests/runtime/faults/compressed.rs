//! The rows of the matrix about compressed responses and decompression bombs.

use std::io::Write;

use scorekit_core::ErrorKind::{Connection, Decode, TooLarge};

use super::row::{Outcome, Row};
use super::rows::{PAGE, RULE, failed, ok, raw_response};
use super::server::{Act, Body, End};

/// The encodings of responses: the name on the wire, the feature and the function.
type Compression = (&'static str, &'static str, fn(&[u8]) -> Vec<u8>);
const COMPRESSIONS: [Compression; 3] = [
    ("gzip", "gzip", gzip),
    ("br", "brotli", brotli),
    ("zstd", "zstd", zstd),
];

pub(crate) fn gzip(content: &[u8]) -> Vec<u8> {
    let mut encoder = flate2::write::GzEncoder::new(Vec::new(), flate2::Compression::fast());
    encoder.write_all(content).unwrap();
    encoder.finish().unwrap()
}

fn brotli(content: &[u8]) -> Vec<u8> {
    let mut encoder = brotli::CompressorWriter::new(Vec::new(), 4096, 5, 22);
    encoder.write_all(content).unwrap();
    encoder.into_inner()
}

fn zstd(content: &[u8]) -> Vec<u8> {
    zstd::encode_all(content, 3).unwrap()
}

/// Returns a body that decompresses to this many MiB of spaces. It takes at most a few kilobytes
/// for each MiB.
pub(crate) fn bomb(encoding: &str, size: usize) -> Vec<u8> {
    let level = flate2::Compression::fast();
    match encoding {
        "gzip" => {
            let encoder = flate2::write::GzEncoder::new(Vec::new(), level);
            repeated(encoder, |encoder| encoder.get_ref(), size)
        }
        "br" => {
            let encoder = brotli::CompressorWriter::new(Vec::new(), 4096, 5, 22);
            repeated(encoder, |encoder| encoder.get_ref(), size)
        }
        // Frames may be concatenated.
        _ => zstd(&vec![b' '; MIB]).repeat(size),
    }
}

const MIB: usize = 1024 * 1024;

/// Compresses two pieces, and repeats the output of the second one. This works because all data
/// that it may refer to are spaces.
fn repeated<E: Write>(mut encoder: E, written: fn(&E) -> &Vec<u8>, size: usize) -> Vec<u8> {
    let mut compress = || {
        encoder.write_all(&vec![b' '; MIB]).unwrap();
        encoder.flush().unwrap();
        written(&encoder).clone()
    };
    let first = compress().len();
    let mut bomb = compress();
    let piece = bomb[first..].to_vec();
    bomb.extend_from_slice(&piece.repeat(size - 2));
    bomb
}

/// Creates a response that declares an encoding.
pub(crate) fn encoded(encoding: &'static str, bytes: Vec<u8>, end: End) -> Act {
    let raw = raw_response("200 OK", Body::Bytes(bytes)).end(end);
    raw.header("content-encoding", encoding).act()
}

/// Returns the rows of compressed responses.
pub(crate) fn compressed() -> Vec<Row> {
    let mut rows = Vec::new();
    for (encoding, feature, compress) in COMPRESSIONS {
        let mut row = |name: &str, bytes: &[u8], end, outcome: Outcome| {
            let name = name.replace('%', feature);
            let act = encoded(encoding, bytes.to_vec(), end);
            let row = Row::new("Compression", name, act, outcome.clone())
                // The DELETE ignores any body.
                .delete(ok(200))
                .post(outcome.tries(1));
            rows.push(row.feature(feature));
        };
        let whole = compress(RULE.as_bytes());
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
