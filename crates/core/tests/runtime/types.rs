//! The types that generated code uses.

use scorekit_core::{Date, DateTime, OpenEnum};

scorekit_core::open_enum! {
    /// The state of a rule's evaluation.
    pub enum State {
        /// The rule holds.
        Pass = "pass",
        /// The rule does not hold.
        Fail = "fail",
        /// Gone.
        #[deprecated(note = "use `Fail`")]
        Broken = "broken state",
    }
}

scorekit_core::open_enum! {
    /// The type of a rule.
    pub enum RuleType {
        /// A rule.
        Rule = "rule",
    }
}

#[test]
fn known_values_are_variants() {
    assert_eq!(
        serde_json::from_str::<State>("\"pass\"").unwrap(),
        State::Pass
    );
    assert_eq!(serde_json::to_string(&State::Fail).unwrap(), "\"fail\"");
    assert_eq!(State::VALUES, ["pass", "fail", "broken state"]);
    assert_eq!(<State as OpenEnum>::VALUES, State::VALUES);
    for value in State::VALUES {
        let state = State::from_known(value).unwrap();
        assert_eq!(state.as_str(), *value);
        assert_eq!(state, *value);
    }
    assert!(State::Pass == "pass" && State::Pass == *"pass" && State::Pass != "fail");
    assert_eq!("fail".parse::<State>().unwrap(), State::Fail);
    assert_eq!(State::from("fail".to_owned()).as_ref(), "fail");
    assert_eq!(format!("[{:>6}]", State::Pass), "[  pass]");
    assert!(State::Pass < State::Fail);
    assert_eq!(RuleType::default(), RuleType::Rule);
}

#[test]
fn unknown_values_are_kept() {
    for text in ["skip", "", "PASS", "é\n\"", "null"] {
        let json = serde_json::to_string(text).unwrap();
        let state: State = serde_json::from_str(&json).unwrap();
        assert_eq!(state, State::Unrecognized(text.to_owned()));
        assert_eq!(state, text);
        assert_eq!(serde_json::to_string(&state).unwrap(), json);
        // Decoding from a `Value` passes owned strings.
        let value = serde_json::to_value(&state).unwrap();
        assert_eq!(serde_json::from_value::<State>(value).unwrap(), state);
    }
    let error = serde_json::from_str::<State>("7").unwrap_err().to_string();
    assert!(
        error.contains("expected a string such as \"pass\", \"fail\""),
        "{error}"
    );
}

#[test]
fn values_can_be_map_keys() {
    let map: std::collections::BTreeMap<State, u8> =
        serde_json::from_str(r#"{"new":2,"pass":1}"#).unwrap();
    assert_eq!(
        serde_json::to_string(&map).unwrap(),
        r#"{"pass":1,"new":2}"#
    );
}

#[test]
fn timestamps_keep_their_string() {
    for text in [
        "2026-03-01T09:30:00.250+00:00",
        "2026-03-01 09:30",
        "soon",
        "",
    ] {
        let json = serde_json::to_string(text).unwrap();
        let time: DateTime = serde_json::from_str(&json).unwrap();
        assert_eq!(time, text);
        assert_eq!(serde_json::to_string(&time).unwrap(), json);
        assert_eq!(time.to_string(), text);
        assert_eq!(String::from(time), text);
    }
    let value = serde_json::json!("2026-03-01");
    assert_eq!(
        serde_json::from_value::<Date>(value).unwrap(),
        "2026-03-01".parse::<Date>().unwrap()
    );
    assert_eq!(DateTime::new("12").parse::<u8>(), Ok(12));
    assert!(serde_json::from_str::<DateTime>("7").is_err());
}

/// Short strings are kept in place, and the length at which that ends cannot be seen.
#[test]
fn timestamps_of_every_length_are_equal_to_their_string() {
    for length in 0..70 {
        for unit in ["0", "é", "\u{1f552}"] {
            let text = unit.repeat(length);
            let time = DateTime::from(text.as_str());
            let json = serde_json::to_string(&text).unwrap();
            let decoded: DateTime = serde_json::from_str(&json).unwrap();
            assert_eq!((time.as_str(), &time), (text.as_str(), &decoded));
            assert_eq!(DateTime::new(text.clone()), time);
            assert_eq!(format!("{time:?}"), format!("DateTime({text:?})"));
            let longer = DateTime::new(text.clone() + "0");
            assert!(time < longer && time != longer);
            assert_eq!(String::from(longer), text + "0");
        }
    }
    assert_eq!(size_of::<Option<DateTime>>(), 32);
}

#[cfg(feature = "jiff-1")]
#[test]
fn jiff_converts_timestamps() {
    let time = jiff::Timestamp::try_from(&DateTime::new("2026-03-01T10:30:00.25+01:00")).unwrap();
    assert_eq!(DateTime::from(time), "2026-03-01T09:30:00.25Z");
    let date = jiff::civil::Date::try_from(&Date::new("2026-03-01")).unwrap();
    assert_eq!(Date::from(date), "2026-03-01");
    assert!(jiff::Timestamp::try_from(&DateTime::new("soon")).is_err());
}

#[cfg(feature = "chrono-0.4")]
#[test]
fn chrono_converts_timestamps() {
    use chrono::{NaiveDate, Utc};
    let text = DateTime::new("2026-03-01T10:30:00.25+01:00");
    let time = chrono::DateTime::<Utc>::try_from(&text).unwrap();
    assert_eq!(DateTime::from(time), "2026-03-01T09:30:00.250Z");
    let date = NaiveDate::try_from(&Date::new("2026-03-01")).unwrap();
    assert_eq!(Date::from(date), "2026-03-01");
    assert!(chrono::DateTime::<Utc>::try_from(&DateTime::new("soon")).is_err());
}
