//! Responses that differ from the document, the values that are read, and the reported differences.

use std::collections::BTreeMap;

use scorekit_core::UnknownMap;
use scorekit_core::{
    CallOptions, Deviation, DeviationKind, ErrorKind, UnknownProperties, json_object, open_union,
};
use serde_json::json;

use super::*;

/// A rule as generated code declares it.
#[derive(Clone, Debug, Default, PartialEq)]
struct Rule {
    id: String,
    attributes: Attributes,
    owner: Option<Owner>,
    unknown_properties: UnknownMap,
}

json_object! {
    Rule {
        id = "id" or_default,
        attributes = "attributes" or_default,
        owner = "owner" optional,
    }
    unknown properties in unknown_properties
}

#[derive(Clone, Debug, Default, PartialEq)]
struct Attributes {
    score: f64,
    level: i64,
    tags: Vec<String>,
    counts: BTreeMap<String, i64>,
    links: Option<BTreeMap<String, Owner>>,
    measure: Option<Measure>,
    unknown_properties: UnknownMap,
}

json_object! {
    Attributes {
        score = "score" or_default,
        level = "level" or_default,
        tags = "tags" or_default,
        counts = "counts" or_default,
        links = "links" optional,
        measure = "measure" optional,
    }
    unknown properties in unknown_properties
}

/// An object without other properties.
#[derive(Clone, Debug, Default, PartialEq)]
struct Owner {
    name: Option<String>,
}

json_object! {
    Owner { name = "name" optional }
    unknown properties rejected
}

/// An object with a map of other properties.
#[derive(Clone, Debug, Default, PartialEq)]
struct Counts {
    total: Option<i64>,
    counts: BTreeMap<String, i64>,
    unknown_properties: UnknownMap,
}

json_object! {
    Counts { total = "total" optional }
    additional properties in counts, null in unknown_properties
}

#[derive(Clone, Debug, Default, PartialEq)]
struct Amount {
    amount: i64,
    unknown_properties: UnknownMap,
}

json_object! {
    Amount { amount = "amount" or_default }
    unknown properties in unknown_properties
}

open_union! {
    /// A union that selects the type that keeps the most.
    enum Measure by best_match {
        /// An amount.
        Amount(Amount),
        /// An owner.
        Owner(Owner),
        /// Several.
        Amounts(Vec<Amount>),
    }
}

open_union! {
    /// A union by the kind of JSON.
    enum Size by kind {
        /// A number.
        Count(i64) = Integer,
        /// Several amounts.
        Amounts(Vec<Amount>) = Array,
        /// An amount.
        Amount(Amount) = Object,
    }
}

open_union! {
    /// A union by a property.
    enum Item by property "/kind" {
        /// An amount.
        Amount(Amount) = ["amount"],
        /// A rule.
        Rule(Box<Rule>) = ["rule"],
    }
}

/// Requests a `T` from a server that responds with `body`.
async fn responded<T>(body: &str, options: CallOptions) -> Request<T> {
    let server = Canned::json("200 OK", body).await;
    let request = get_rule(&server.client(keys()));
    request.decode_as().options(options)
}

fn paths(deviations: &[Deviation]) -> Vec<(&str, DeviationKind)> {
    deviations
        .iter()
        .map(|deviation| (deviation.path(), deviation.kind()))
        .collect()
}

/// A body with one deviation of every kind that decoding tolerates.
const BODY: &str = "\u{feff}{\"data\": [{\"id\": null, \"attributes\": {\"level\": 2.0,
    \"tags\": [\"a\", null, \"b\"], \"counts\": {\"x\": 1, \"y z\": null}, \"links\": [],
    \"measure\": {\"amount\": 3.0, \"unit\": \"m\"}}, \"owner\": {\"name\": \"o\", \"age\": 3}},
    null, {\"id\": \"r-2\", \"attributes\": {\"score\": 1, \"level\": 1, \"tags\": [],
    \"counts\": {}, \"tier\": \"gold\"}}]}";

const EXPECTED: &[(&str, DeviationKind)] = &[
    ("", DeviationKind::ByteOrderMark),
    ("data[0].id", DeviationKind::Null),
    ("data[0].attributes.level", DeviationKind::Fraction),
    ("data[0].attributes.tags[1]", DeviationKind::NullElement),
    (
        "data[0].attributes.counts[\"y z\"]",
        DeviationKind::NullValue,
    ),
    ("data[0].attributes.links", DeviationKind::EmptyArray),
    ("data[0].attributes.measure.amount", DeviationKind::Fraction),
    ("data[0].attributes.score", DeviationKind::Missing),
    ("data[0].owner.age", DeviationKind::UnknownProperty),
    ("data[1]", DeviationKind::NullElement),
];

#[tokio::test]
async fn deviations_are_read_and_reported_with_their_paths() {
    let request = responded::<Vec<Rule>>(BODY, CallOptions::new()).await;
    let response = request.send_data_list().await.unwrap();
    assert_eq!(paths(response.deviations()), EXPECTED);
    assert_eq!(response.deviation_count(), EXPECTED.len());
    let [first, second] = &response[..] else {
        panic!("{response:?}");
    };
    assert_eq!((first.id.as_str(), first.attributes.level), ("", 2));
    assert_eq!(first.attributes.tags, ["a", "b"]);
    assert_eq!(
        first.attributes.counts,
        BTreeMap::from([("x".to_owned(), 1)])
    );
    assert_eq!(first.attributes.links, Some(BTreeMap::new()));
    let Some(Measure::Amount(amount)) = &first.attributes.measure else {
        panic!("{first:?}");
    };
    assert_eq!(amount.amount, 3);
    assert_eq!(amount.unknown_properties()["unit"], "m");
    assert_eq!(second.attributes.unknown_properties()["tier"], "gold");
    assert_eq!(
        response.deviations()[7].to_string(),
        "data[0].attributes.score: the required property is missing"
    );
}

#[tokio::test]
async fn strict_decoding_fails_with_the_paths() {
    for is_client in [false, true] {
        let strict = CallOptions::new().strict_decoding(true);
        let server = Canned::json("200 OK", BODY).await;
        let request = match is_client {
            true => get_rule(&server.client(keys().options(strict))),
            false => get_rule(&server.client(keys())).options(strict),
        };
        let request = request.decode_as::<Vec<Rule>>();
        let error = request.send_data_list().await.unwrap_err();
        assert_eq!(error.kind(), ErrorKind::Decode);
        assert_eq!(error.status().unwrap(), 200);
        // The byte order mark is not a property.
        assert_eq!(error.json_path(), None);
        let text = error.to_string();
        for path in [
            "top level: a byte order mark",
            "data[0].attributes.score: the required",
        ] {
            assert!(text.contains(path), "{text}");
        }
        assert!(text.contains("strict_decoding(false)"), "{text}");
    }
    let strict = CallOptions::new().strict_decoding(true);
    let body = r#"{"data": {"id": "a", "attributes": {"score": 0}}}"#;
    let error = responded::<Rule>(body, strict.clone()).await;
    let error = error.send_data().await.unwrap_err();
    assert_eq!(error.json_path(), Some("data.attributes.level"));

    // Unknown properties are not deviations.
    let body = r#"{"data": {"amount": 1, "unit": "m"}}"#;
    let response = responded::<Amount>(body, strict).await.send_data().await;
    assert_eq!(response.unwrap().amount, 1);
}

#[tokio::test]
async fn an_object_as_an_array_is_an_error() {
    for data in [
        r#"["positional-id",{},null]"#,
        "[]",
        r#"{"attributes":[1,2,[],{}]}"#,
        r#"{"owner":["a"]}"#,
    ] {
        let request = responded::<Rule>(data, CallOptions::new()).await;
        let error = request.send().await.unwrap_err();
        assert_eq!(error.kind(), ErrorKind::Decode, "{data}: {error}");
        let body = format!(r#"{{"data":{data}}}"#);
        let request = responded::<Rule>(&body, CallOptions::new()).await;
        let error = request.send_data().await.unwrap_err();
        assert_eq!(error.kind(), ErrorKind::Decode, "{body}: {error}");
    }
}

#[tokio::test]
async fn an_empty_body_is_one_result_and_not_a_list() {
    let response = responded::<Rule>("", CallOptions::new()).await.send().await;
    let response = response.unwrap();
    assert_eq!(
        paths(response.deviations()),
        [("", DeviationKind::EmptyBody)]
    );
    assert_eq!(*response.value(), Rule::default());
    let response = responded::<Rule>("", CallOptions::new())
        .await
        .send_data()
        .await;
    let response = response.unwrap();
    assert_eq!(
        paths(response.deviations()),
        [("", DeviationKind::EmptyBody)]
    );

    let lists = responded::<Vec<Rule>>("", CallOptions::new()).await;
    let errors = [
        lists.clone().send_data_list().await.map(|_| ()),
        responded::<Vec<Rule>>("", CallOptions::new())
            .await
            .send_json()
            .await
            .map(|_| ()),
        responded::<Vec<Rule>>("", CallOptions::new())
            .await
            .send()
            .await
            .map(|_| ()),
        // A property is a list that must not be missing.
        responded::<Attributes>("", CallOptions::new())
            .await
            .send()
            .await
            .map(|_| ()),
        responded::<Rule>("", CallOptions::new().strict_decoding(true))
            .await
            .send()
            .await
            .map(|_| ()),
    ];
    for error in errors {
        let error = error.unwrap_err();
        assert_eq!(error.kind(), ErrorKind::Decode);
        assert!(error.to_string().contains("the body is empty"), "{error}");
    }
}

#[tokio::test]
async fn thousands_of_deviations_are_counted_and_bounded() {
    let body = json!({ "data": vec![json!({}); 3000] }).to_string();
    let request = responded::<Vec<Amount>>(&body, CallOptions::new()).await;
    let response = request.send_data_list().await.unwrap();
    assert_eq!(response.len(), 3000);
    assert_eq!(response.deviation_count(), 3000);
    assert_eq!(response.deviations().len(), 1000);
    assert_eq!(response.deviations()[999].path(), "data[999].amount");

    let strict = CallOptions::new().strict_decoding(true);
    let request = responded::<Vec<Amount>>(&body, strict).await;
    let error = request.send_data_list().await.unwrap_err().to_string();
    assert!(error.contains("and 2990 more"), "{error}");
    assert!(error.len() < 2000, "{error}");
}

#[tokio::test]
async fn echoed_secret_in_a_name_is_not_shown() {
    let body = format!(r#"{{"owner": {{"{API_KEY}": 1}}}}"#);
    let request = responded::<Rule>(&body, CallOptions::new()).await;
    let response = request.send().await.unwrap();
    assert!(response.deviation_count() > 0);
    assert_no_canary(&format!("{:?}", response.deviations()));
    let strict = CallOptions::new().strict_decoding(true);
    let error = responded::<Rule>(&body, strict)
        .await
        .send()
        .await
        .unwrap_err();
    assert_no_canary(&everything(&error));
}

#[test]
fn unknown_properties_are_written_back() {
    let text = r#"{"id":"a","attributes":{"score":1.5,"level":1,"tags":[],"counts":{},"beta":[1,{"x":null}]},"new":null,"é\n":"x"}"#;
    let rule: Rule = serde_json::from_str(text).unwrap();
    assert_eq!(serde_json::to_string(&rule).unwrap(), text);
    assert_eq!(rule.unknown_properties().len(), 2);
    assert_ne!(
        rule,
        Rule {
            unknown_properties: UnknownMap::default(),
            ..rule.clone()
        }
    );
    // A property of the document is not written twice.
    let mut rule = Rule::default();
    rule.unknown_properties_mut()
        .insert("id".to_owned(), json!(7));
    rule.unknown_properties_mut()
        .insert("more".to_owned(), json!(7));
    let written = serde_json::to_value(&rule).unwrap();
    assert_eq!((&written["id"], &written["more"]), (&json!(""), &json!(7)));
    rule.unknown_properties_mut().clear();
    assert_eq!(rule, Rule::default());
    // No table is larger than a pointer.
    assert_eq!(size_of::<UnknownMap>(), size_of::<usize>());
}

#[test]
fn null_in_a_map_of_other_properties_stays_null() {
    let text = r#"{"total":1,"a":2,"b":null}"#;
    let counts: Counts = serde_json::from_str(text).unwrap();
    assert_eq!(counts.counts, BTreeMap::from([("a".to_owned(), 2)]));
    assert_eq!(serde_json::to_string(&counts).unwrap(), text);
}

#[test]
fn a_value_outside_of_a_response_is_not_read_leniently() {
    for text in [
        r#"{"tags": ["a", null]}"#,
        r#"{"counts": {"a": null}}"#,
        r#"{"counts": []}"#,
        r#"{"level": 1.0}"#,
        r#"{"links": {"a": {"age": 1}}}"#,
    ] {
        let read = serde_json::from_str::<Attributes>(text);
        assert!(read.is_err(), "{text}: {read:?}");
    }
    // Missing properties read as they always have.
    let read: Rule = serde_json::from_str(r#"{"id": null}"#).unwrap();
    assert_eq!(read, Rule::default());
}

#[test]
fn duplicate_properties_are_an_error() {
    let error = serde_json::from_str::<Rule>(r#"{"id": "a", "id": "b"}"#).unwrap_err();
    assert!(
        error.to_string().starts_with("duplicate field `id`"),
        "{error}"
    );
}

#[tokio::test]
async fn deviations_within_unions_have_the_paths_of_the_chosen_type() {
    let body = json!({ "data": [
        [{ "amount": 1 }, null, { "unit": "m" }],
        // Not an amount after all, so nothing of it is reported.
        [null, { "amount": "many" }],
        { "amount": 2.0 },
        null,
    ] });
    let request = responded::<Vec<Size>>(&body.to_string(), CallOptions::new()).await;
    let response = request.send_data_list().await.unwrap();
    assert_eq!(
        paths(response.deviations()),
        [
            ("data[0][1]", DeviationKind::NullElement),
            ("data[0][2].amount", DeviationKind::Missing),
            ("data[2].amount", DeviationKind::Fraction),
            ("data[3]", DeviationKind::Null),
        ]
    );
    // A union takes any value.
    assert_eq!(response.len(), 4);
    assert!(matches!(&response[1], Size::Unrecognized(value) if value.is_array()));
    assert_eq!(response[3], Size::Unrecognized(Value::Null));

    let body = json!({ "data": { "kind": "rule", "attributes": { "level": 1, "x": [] } } });
    let request = responded::<Item>(&body.to_string(), CallOptions::new()).await;
    let response = request.send_data().await.unwrap();
    let found = paths(response.deviations());
    assert!(
        found.contains(&("data.id", DeviationKind::Missing)),
        "{found:?}"
    );
    assert!(
        found.contains(&("data.attributes.score", DeviationKind::Missing)),
        "{found:?}"
    );
    let Item::Rule(rule) = response.value() else {
        panic!("{response:?}");
    };
    assert_eq!(rule.unknown_properties()["kind"], "rule");
    assert_eq!(rule.attributes.unknown_properties()["x"], json!([]));
}

#[test]
fn unknown_properties_count_nothing_for_the_best_match() {
    // Both types keep one property. The first one would keep more of this value as unknown.
    let value = json!({ "name": "o", "amount": 1, "a": 1, "b": 2 });
    let measure: Measure = serde_json::from_value(value.clone()).unwrap();
    let Measure::Amount(amount) = &measure else {
        panic!("{measure:?}");
    };
    assert_eq!(amount.unknown_properties().len(), 3);
    assert_eq!(serde_json::to_value(&measure).unwrap(), value);
    let value = json!({ "a": 1, "b": 2 });
    let measure: Measure = serde_json::from_value(value.clone()).unwrap();
    assert_eq!(measure, Measure::Unrecognized(value));
}
