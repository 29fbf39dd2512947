//! Responses decode as `serde_json` decodes them. With `simd`, a faster decoder reads what it can,
//! and the results must not differ.

use std::collections::BTreeMap;

use proptest::prelude::*;
use scorekit_core::test_hooks::decode;
use serde::Deserialize;
use serde_json::Value;

#[derive(Debug, Deserialize)]
struct Page {
    #[serde(default)]
    data: Vec<Item>,
    total: Option<u64>,
}

#[derive(Debug, Deserialize)]
struct Item {
    id: String,
    #[serde(default)]
    number: Option<f64>,
    #[serde(flatten)]
    rest: BTreeMap<String, Value>,
}

/// A value that both decoders must agree about in full, with numbers equal to the last bit. Only
/// -0, written without a fraction, may lose its sign.
trait Agrees {
    fn agrees(&self, other: &Self) -> bool;
}

impl Agrees for f64 {
    fn agrees(&self, other: &Self) -> bool {
        self.to_bits() == other.to_bits() || (*self == 0.0 && *other == 0.0)
    }
}

impl Agrees for String {
    fn agrees(&self, other: &Self) -> bool {
        self == other
    }
}

impl Agrees for Value {
    fn agrees(&self, other: &Self) -> bool {
        match (self, other) {
            (Self::Number(one), Self::Number(other)) if one.is_f64() || other.is_f64() => {
                one.as_f64().unwrap().agrees(&other.as_f64().unwrap())
            }
            (Self::Array(one), Self::Array(other)) => {
                one.len() == other.len()
                    && one.iter().zip(other).all(|(one, other)| one.agrees(other))
            }
            (Self::Object(one), Self::Object(other)) => {
                let mut pairs = one.iter().zip(other);
                one.len() == other.len()
                    && pairs.all(|((name, one), (other_name, other))| {
                        name == other_name && one.agrees(other)
                    })
            }
            _ => self == other,
        }
    }
}

impl Agrees for Page {
    fn agrees(&self, other: &Self) -> bool {
        let agree = |one: &Item, other: &Item| {
            let mut rest = one.rest.iter().zip(&other.rest);
            one.id == other.id
                && one
                    .number
                    .zip(other.number)
                    .is_none_or(|(one, other)| one.agrees(&other))
                && one.number.is_some() == other.number.is_some()
                && one.rest.len() == other.rest.len()
                && rest.all(|((name, one), (other_name, other))| {
                    name == other_name && one.agrees(other)
                })
        };
        let mut items = self.data.iter().zip(&other.data);
        self.total == other.total
            && self.data.len() == other.data.len()
            && items.all(|(one, other)| agree(one, other))
    }
}

/// Asserts that both decoders return the same value or the same error message.
fn agree<T: serde::de::DeserializeOwned + std::fmt::Debug + Agrees>(json: &[u8]) {
    let expected = serde_json::from_slice::<T>(json).map_err(|error| error.to_string());
    let found = decode::<T>(json).map_err(|error| error.to_string());
    let same = match (&found, &expected) {
        (Ok(found), Ok(expected)) => found.agrees(expected),
        (Err(found), Err(expected)) => found == expected,
        _ => false,
    };
    let text: String = String::from_utf8_lossy(json).chars().take(100).collect();
    assert!(same, "{text}: {found:?}, expected {expected:?}");
}

#[test]
fn json_edge_cases_decode_the_same() {
    let nested = |depth: usize| format!("{}1{}", "[".repeat(depth), "]".repeat(depth));
    let texts = [
        "".to_owned(),
        " ".to_owned(),
        "null".to_owned(),
        "0".to_owned(),
        "-0.0".to_owned(),
        "01".to_owned(),
        "1.".to_owned(),
        "1e400".to_owned(),
        "-1e400".to_owned(),
        "1e-400".to_owned(),
        "9007199254740993".to_owned(),
        "9223372036854775808".to_owned(),
        "18446744073709551615".to_owned(),
        "18446744073709551616".to_owned(),
        "-9223372036854775809".to_owned(),
        "123456789012345678901234567890".to_owned(),
        "0.1".to_owned(),
        "2.2250738585072011e-308".to_owned(),
        "1.7976931348623157e308".to_owned(),
        r#""\u0000""#.to_owned(),
        r#""\ud83d\ude00""#.to_owned(),
        r#""\ud83d""#.to_owned(),
        r#""\x""#.to_owned(),
        "\"a\u{7f}\u{2028}\"".to_owned(),
        "\"a\nb\"".to_owned(),
        "\u{feff}1".to_owned(),
        "[1,]".to_owned(),
        "[1 2]".to_owned(),
        "{\"a\":1,\"a\":2}".to_owned(),
        "{\"a\":1,}".to_owned(),
        "{'a':1}".to_owned(),
        "1 2".to_owned(),
        "nul".to_owned(),
        "NaN".to_owned(),
        "// a".to_owned(),
        nested(100),
        nested(126),
        nested(127),
        nested(128),
        nested(100_000),
        "[".repeat(1_000_000),
        "{\"a\":".repeat(1_000_000),
    ];
    for text in &texts {
        agree::<Value>(text.as_bytes());
        agree::<f64>(text.as_bytes());
        agree::<String>(text.as_bytes());
        let page = format!(
            r#"{{"data": [{{"id": "a", "number": {text}, "more": {text}}}], "total": {text}}}"#
        );
        agree::<Page>(page.as_bytes());
    }
    agree::<Value>(b"-0");
    agree::<f64>(b"-0");
    // Where a whole number is expected, only the faster decoder accepts it.
    let taken = decode::<u64>(b"-0");
    assert_eq!(taken.ok(), cfg!(feature = "simd").then_some(0));
    assert!(serde_json::from_slice::<u64>(b"-0").is_err());
    for bytes in [
        &b"\"\xff\""[..],
        b"\xef\xbb\xbf1",
        b"\"\xed\xa0\x80\"",
        b"\"\xc0\x80\"",
        b"\0",
    ] {
        agree::<Value>(bytes);
    }
}

#[test]
fn ratios_round_trip_to_the_last_bit() {
    #[derive(Debug, Deserialize, serde::Serialize)]
    struct Outcome {
        score: f64,
        #[serde(flatten)]
        rest: BTreeMap<String, Value>,
    }
    for whole in 1..200_u32 {
        for part in 1..whole {
            let score = f64::from(part) / f64::from(whole);
            let json = format!(r#"{{"score":{score},"other":{score}}}"#);
            for (decoder, outcome) in [
                ("the client's", decode::<Outcome>(json.as_bytes())),
                ("serde_json's", serde_json::from_str(&json)),
            ] {
                let outcome = outcome.unwrap();
                let bits = outcome.score.to_bits();
                assert_eq!(bits, score.to_bits(), "{part}/{whole}, {decoder}");
                assert_eq!(serde_json::to_string(&outcome).unwrap(), json, "{decoder}");
            }
        }
    }
}

#[test]
fn invalid_utf8_is_rejected_anywhere() {
    // JSON between systems is UTF-8, including properties that no type reads.
    for json in [
        &b"{\"data\": [{\"id\": \"a\xff\"}]}"[..],
        b"{\"data\": [], \"unknown\": \"\xff\"}",
        b"{\"data\": [], \"un\xffknown\": 1}",
    ] {
        let error = decode::<Page>(json).expect_err("no text").to_string();
        let place = json.iter().position(|byte| *byte == 0xff).unwrap();
        assert!(error.contains("invalid unicode code point"), "{error}");
        let column = error.rsplit(' ').next().unwrap().parse::<usize>().unwrap();
        assert!(place < column && column <= json.len(), "{error}");
    }
}

#[test]
fn valid_and_invalid_pages_decode_the_same() {
    for text in [
        r#"{"data": [{"id": "a", "number": 1, "x": [true]}], "total": 7, "links": {}}"#,
        r#"{"data": [{"id": 1}]}"#,
        r#"{"data": {}}"#,
        r#"{"data": [{}]}"#,
        r#"{"data": [{"id": "a"}, {"id": "b", "number": "n"}]}"#,
        r#"{"total": -1}"#,
        r#"{"total": 1, "total": 2}"#,
        "[]",
        "7",
    ] {
        agree::<Page>(text.as_bytes());
    }
}

proptest! {
    #![proptest_config(ProptestConfig {
        cases: 500,
        failure_persistence: None,
        rng_seed: proptest::test_runner::RngSeed::Fixed(7),
        ..ProptestConfig::default()
    })]

    #[test]
    fn any_bytes_decode_the_same(bytes in proptest::collection::vec(any::<u8>(), 0..64)) {
        agree::<Value>(&bytes);
    }

    #[test]
    fn json_like_strings_decode_the_same(text in r#"[\[\]{}:,"\\0-9eE.+tfn u\-]{0,40}"#) {
        agree::<Value>(text.as_bytes());
        agree::<Page>(text.as_bytes());
    }

    #[test]
    fn any_numbers_decode_the_same(
        number in any::<f64>(),
        whole in any::<i64>(),
        digits in r"-?[0-9]{1,30}(\.[0-9]{1,30})?([eE][+-]?[0-9]{1,4})?",
    ) {
        agree::<Value>(number.to_string().as_bytes());
        agree::<Value>(whole.to_string().as_bytes());
        agree::<f64>(digits.as_bytes());
        agree::<Value>(digits.as_bytes());
    }

    #[test]
    fn any_strings_decode_the_same(text in any::<String>()) {
        agree::<String>(Value::from(text).to_string().as_bytes());
    }
}
