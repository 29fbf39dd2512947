//! Arguments of setters: values, `Option`s of them, and `null`; and values from the command line.

use std::borrow::Cow;
use std::collections::BTreeMap;

use scorekit_core::{
    IntoNullable, IntoOptional, IntoOptionalList, IntoOptionalMap, Nullable, UnlistedValue,
    json_object, open_enum,
};

#[derive(Clone, Debug, Default, PartialEq)]
struct Patch {
    title: Nullable<String>,
    tags: Nullable<Vec<String>>,
    level: Nullable<i64>,
    owner: Option<String>,
}

json_object! {
    Patch {
        title = "title" optional,
        tags = "tags" optional,
        level = "level" optional,
        owner = "owner" optional,
    }
    unknown properties rejected
}

fn text<Kind>(value: impl IntoOptional<String, Kind>) -> Option<String> {
    value.into_optional()
}

fn texts<Kind>(value: impl IntoOptionalList<String, Kind>) -> Option<Vec<String>> {
    value.into_optional_list()
}

fn nullable<Kind>(value: impl IntoNullable<String, Kind>) -> Nullable<String> {
    value.into_nullable()
}

#[test]
fn three_states_are_written_and_read_back() {
    for (title, tags, level, json) in [
        (Nullable::Absent, Nullable::Absent, Nullable::Absent, "{}"),
        (
            Nullable::Null,
            Nullable::Null,
            Nullable::Null,
            r#"{"title":null,"tags":null,"level":null}"#,
        ),
        (
            Nullable::Value("a".to_owned()),
            Nullable::Value(vec![]),
            Nullable::Value(0),
            r#"{"title":"a","tags":[],"level":0}"#,
        ),
    ] {
        let patch = Patch {
            title,
            tags,
            level,
            owner: None,
        };
        assert_eq!(serde_json::to_string(&patch).unwrap(), json);
        assert_eq!(serde_json::from_str::<Patch>(json).unwrap(), patch);
    }
}

#[test]
fn arguments_are_values_or_options() {
    let owned = "a".to_owned();
    for set in [
        text("a"),
        text(&owned),
        text(owned.clone()),
        text(Cow::Borrowed("a")),
        text('a'),
        text(Some("a")),
        text(Some(&owned)),
        text(Some(owned.clone())),
    ] {
        assert_eq!(set.as_deref(), Some("a"));
    }
    assert_eq!(text(None::<&str>), None);
    let list = vec!["a".to_owned()];
    for set in [
        texts(["a"]),
        texts(&list),
        texts(list.clone()),
        texts(Some(["a"])),
        texts(Some(list.clone())),
    ] {
        assert_eq!(set.as_ref(), Some(&list));
    }
    assert_eq!(texts(None::<Vec<String>>), None);
    assert_eq!(texts([] as [&str; 0]), Some(vec![]));
}

fn map<Kind>(value: impl IntoOptionalMap<u8, Kind>) -> Option<usize> {
    value.into_optional_map().map(|map| map.len())
}

#[test]
fn maps_are_entries_or_options() {
    let owned = BTreeMap::from([("a".to_owned(), 1)]);
    assert_eq!(map([("a", 1), ("b", 2)]), Some(2));
    assert_eq!(map(owned.clone()), Some(1));
    assert_eq!(map(Some(owned)), Some(1));
    assert_eq!(map(None::<[(&str, u8); 1]>), None);
}

#[test]
fn only_null_is_null() {
    assert_eq!(nullable("a"), Nullable::Value("a".to_owned()));
    assert_eq!(nullable(Some("a")), Nullable::Value("a".to_owned()));
    assert_eq!(nullable(None::<String>), Nullable::Absent);
    assert_eq!(nullable(Nullable::<&str>::Null), Nullable::Null);
    assert_eq!(nullable(Nullable::Value("a")).as_deref(), Some("a"));
    let mut level = Nullable::from(5_000_000_000_i64);
    if let Some(level) = level.as_mut() {
        *level += 1;
    }
    assert_eq!(
        level.map(|level| level - 5_000_000_000).into_option(),
        Some(1)
    );
}

open_enum! {
    /// A state.
    pub enum State {
        /// It holds.
        Pass = "pass",
        /// It does not hold.
        Fail = "fail",
        /// It was not evaluated.
        NotEvaluated = "NOT_EVALUATED",
    }
}

#[test]
fn typed_values_must_be_listed() {
    assert_eq!("pass".parse(), Ok(State::Pass));
    let error = |text: &str| text.parse::<State>().unwrap_err();
    // (what was typed, what is suggested)
    for (typed, meant) in [
        ("passs", Some("pass")),
        ("Fail", Some("fail")),
        ("psas", Some("pass")),
        ("not_evaluated", Some("NOT_EVALUATED")),
        ("skip", None),
        ("", None),
    ] {
        let error = error(typed);
        assert_eq!((error.value(), error.suggestion()), (typed, meant));
        assert_eq!(error.listed(), State::VALUES);
    }
    assert_eq!(
        error("passs").to_string(),
        "\"passs\" is not a listed value (\"pass\", \"fail\", \"NOT_EVALUATED\"); did you mean \
         \"pass\"?"
    );
    // One line without control characters, however long the text is.
    let shown = error(&format!("a\n\u{202e}{}", "x".repeat(10_000))).to_string();
    assert!(
        shown.len() < 400 && !shown.contains(['\n', '\u{202e}']),
        "{shown}"
    );
    // A server may send it nevertheless.
    assert_eq!(State::from("skip").as_str(), "skip");
    let _: &dyn std::error::Error = &error("skip") as &UnlistedValue;
}
