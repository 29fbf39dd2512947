//! Responses decode as `serde_json` decodes JSON, with the same values and errors.

#![allow(dead_code, reason = "values are compared as they are printed")]

mod types;

use std::collections::BTreeMap;
use std::fmt;

use proptest::prelude::*;
use scorekit_core::test_hooks::decode;
use serde::Deserialize;
use serde::de::{DeserializeOwned, Deserializer, MapAccess, Visitor};
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

/// Asserts that the decoder returns the value of `serde_json`, to the last bit of its numbers, or
/// the same message.
fn agree<T: DeserializeOwned + fmt::Debug>(json: impl AsRef<[u8]>) {
    let json = json.as_ref();
    let expected = serde_json::from_slice::<T>(json);
    let found = decode::<T>(json);
    let show = |result: &serde_json::Result<T>| match result {
        Ok(value) => format!("{value:?}"),
        Err(error) => error.to_string(),
    };
    let text: String = String::from_utf8_lossy(json).chars().take(500).collect();
    assert_eq!(show(&found), show(&expected), "{text}");
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
    agree::<u64>(b"-0");
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

#[test]
fn the_text_of_a_value_is_read_as_serde_json_reads_it() {
    /// The text of a value. It is read like `RawValue` of `serde_json`, whose feature `raw_value`
    /// would apply to all other tests as well.
    #[derive(Debug, PartialEq)]
    struct Raw(String);

    impl<'de> Deserialize<'de> for Raw {
        fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
            struct Marked;

            impl<'de> Visitor<'de> for Marked {
                type Value = Raw;

                fn expecting(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
                    formatter.write_str("any value")
                }

                fn visit_map<A: MapAccess<'de>>(self, mut map: A) -> Result<Raw, A::Error> {
                    let (name, text): (String, String) = map.next_entry()?.unwrap();
                    assert_eq!(name, RAW_VALUE);
                    assert_eq!(map.next_key::<String>()?, None);
                    Ok(Raw(text))
                }
            }

            deserializer.deserialize_newtype_struct(RAW_VALUE, Marked)
        }
    }

    const RAW_VALUE: &str = "$serde_json::private::RawValue";

    let read = decode::<Vec<Raw>>(br#"[ {"a" : [1.10, "\n"]} , 1.50,"b" ]"#).unwrap();
    assert_eq!(
        read,
        [r#"{"a" : [1.10, "\n"]}"#, "1.50", r#""b""#].map(|text| Raw(text.to_owned()))
    );
    assert!(decode::<Vec<Raw>>(b"[01]").is_err());
}

#[test]
fn a_list_holds_no_more_memory_than_a_growing_one() {
    #[derive(Clone, Debug, Default)]
    struct Page {
        data: Vec<String>,
        links: Option<String>,
        unknown: scorekit_core::UnknownMap,
    }

    scorekit_core::json_object! {
        Page { data = "data" or_default, links = "links" optional }
        unknown properties in unknown
    }

    for count in [0, 1, 2, 3, 100, 5000] {
        for rest in [0, 10, 100_000] {
            let (item, rest) = (r#""a""#, "x".repeat(rest));
            let json = format!(
                r#"{{"data":[{}],"links":"{rest}"}}"#,
                vec![item; count].join(",")
            );
            let page = decode::<Page>(json.as_bytes()).unwrap();
            assert_eq!(page.data, vec!["a"; count]);
            assert_eq!(page.links, Some(rest));
            // The standard library reserves the memory of four elements.
            assert!(page.data.capacity() <= (2 * count).max(4), "{count}");
        }
    }
    // An estimate is no promise: a first element may be shorter than all others.
    let long = "b".repeat(1000);
    let json = format!(
        r#"{{"data":["a",{}]}}"#,
        vec![format!("{long:?}"); 2000].join(",")
    );
    let page = decode::<Page>(json.as_bytes()).unwrap();
    assert_eq!(page.data.len(), 2001);
    assert!(page.data.capacity() <= 2 * page.data.len());
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
