//! Secrets in settings and errors: white space around keys, parts of keys that a server echoes, and
//! the size of texts.

use std::fmt::Write;
use std::time::Duration;

use scorekit_core::ErrorKind;

use crate::script::{Script, ScriptedResponse};
use crate::*;

/// A key with letters of both cases, digits and every character that escapes are common for.
const KEY: &str = "pQ7-Zt/x+Mn=4kV&hR\"c.L<dEu8%sJ_w0";

fn with_key() -> Config {
    let config = Config::new().retry(RetryPolicy::none());
    config.credentials(Credentials::datadog_bearer(KEY))
}

/// Returns everything that the error of a response to [`with_key`] shows.
async fn shown(status: u16, header: &str, body: String) -> String {
    let response = ScriptedResponse::new(status).header("x-request-id", header);
    let response = response.header("x-ratelimit-name", header);
    let script = Script::new([response.piece(Duration::ZERO, body).step()]);
    let error = get_rule(&script.client(with_key())).send().await;
    let error = error.unwrap_err();
    let mut text = format!("{error}\n{error:?}\n{:?}", error.headers());
    let source = std::error::Error::source(&error);
    write!(text, "{source:?}\n{:?}", error.json_path()).unwrap();
    text
}

/// Asserts that a text has no eight characters of the key in a row, in any case.
fn assert_no_run(text: &str, what: &str) {
    // `Debug` and JSON escape quotation marks.
    let plain = text.replace("\\\"", "\"").to_lowercase();
    let key = KEY.to_lowercase();
    for start in 0..=key.len() - 8 {
        let run = &key[start..start + 8];
        assert!(!plain.contains(run), "{what}: {run} shows in {text}");
    }
}

#[test]
fn keys_with_white_space_around_them_are_rejected() {
    for (value, problem) in [
        (" key-0123456", "begins or ends with white space; remove it"),
        ("key-0123456 ", "begins or ends with white space; remove it"),
        ("  ", "is blank; supply the secret"),
        (
            "\tkey",
            "contains a line break or another control character",
        ),
        (
            "key\n",
            "contains a line break or another control character",
        ),
    ] {
        for variable in [
            "DD_API_KEY",
            "DD_APP_KEY",
            "DD_BEARER_TOKEN",
            "DCYCLE_API_KEY",
            "DCYCLE_BEARER_TOKEN",
        ] {
            let read = Config::from_variables(|name| (name == variable).then(|| value.to_owned()));
            let text = read.unwrap_err().to_string();
            assert!(text.starts_with(&format!("{variable} {problem}")), "{text}");
        }
        let setters = [
            (Credentials::datadog_keys(value, "fine"), "DD_API_KEY"),
            (Credentials::datadog_keys("fine", value), "DD_APP_KEY"),
            (Credentials::dcycle_key(value), "DCYCLE_API_KEY"),
            (
                Credentials::scheme("own", value),
                "own (Credentials::scheme)",
            ),
        ];
        for (credentials, name) in setters {
            let error = Client::new(Config::new().credentials(credentials)).unwrap_err();
            let text = error.to_string();
            assert_eq!(error.kind(), ErrorKind::Configuration, "{text}");
            assert!(text.contains(name) && text.contains(problem), "{text}");
        }
    }
    let empty = Config::new().credentials(Credentials::datadog_keys("fine", ""));
    let text = Client::new(empty).unwrap_err().to_string();
    assert!(
        text.contains("DD_APP_KEY") && text.contains("is empty"),
        "{text}"
    );
}

/// Returns texts that show a part of the key.
fn echoes() -> Vec<String> {
    let alternating = |odd: usize| {
        let letters = KEY.chars().enumerate();
        let cased = letters.map(|(index, letter)| match index % 2 == odd {
            true => letter.to_ascii_uppercase(),
            false => letter.to_ascii_lowercase(),
        });
        cased.collect::<String>()
    };
    let mut parts = vec![
        KEY.to_lowercase(),
        KEY.to_uppercase(),
        alternating(0),
        alternating(1),
    ];
    for length in [8, 16, KEY.len() - 1] {
        for start in 0..=KEY.len() - length {
            parts.push(KEY[start..start + length].to_owned());
        }
    }
    parts
}

/// Returns the forms in which a server may write a text into JSON.
fn escapes(text: &str) -> [String; 7] {
    let each = |escape: fn(char) -> String| text.chars().map(escape).collect::<String>();
    let entity = |it: char| match it {
        '&' => "&amp;".to_owned(),
        '<' => "&lt;".to_owned(),
        '"' => "&quot;".to_owned(),
        other => other.to_string(),
    };
    let json = |text: String| text.replace('\\', "\\\\").replace('"', "\\\"");
    [
        json(text.to_owned()),
        each(|it| format!("\\u{:04X}", u32::from(it))),
        each(|it| match it.is_ascii_alphanumeric() {
            true => it.to_string(),
            false => format!("%{:02x}", u32::from(it)),
        }),
        each(|it| format!("%{:02X}", u32::from(it))),
        each(entity),
        each(|it| format!("&#x{:X};", u32::from(it))),
        each(|it| format!("&#{};", u32::from(it))),
    ]
}

/// Removes the escapes that a reader of the text would remove.
fn unescaped(text: &str) -> String {
    let mut text = text.to_owned();
    for code in 0x21_u8..0x7f {
        let letter = char::from(code).to_string();
        for escape in [
            format!("\\\\u{code:04X}"),
            format!("\\u{code:04X}"),
            format!("%{code:02x}"),
            format!("%{code:02X}"),
            format!("&#x{code:X};"),
            format!("&#{code};"),
        ] {
            text = text.replace(&escape, &letter);
        }
    }
    for (escape, letter) in [("&lt;", "<"), ("&quot;", "\""), ("&amp;", "&")] {
        text = text.replace(escape, letter);
    }
    text
}

#[tokio::test]
async fn parts_of_a_key_are_hidden_in_every_case_and_escape() {
    let parts = echoes();
    assert!(parts.len() > 40, "{}", parts.len());
    let mut count = 0;
    for part in &parts {
        for echo in escapes(part) {
            for (status, body) in [
                (403, format!(r#"{{"errors": ["bad {echo}."]}}"#)),
                (502, format!("<p>{echo}</p>")),
                (200, format!(r#"{{"{echo}": {{"a": [1, nil]}}}}"#)),
                (200, format!(r#"{{"a": "{echo}", "b": nil}}"#)),
            ] {
                let text = shown(status, part, body).await;
                assert_no_run(&text, &echo);
                assert_no_run(&unescaped(&text), &echo);
                count += 1;
            }
        }
    }
    println!("{count} echoes");
}

/// Checks every position of a key relative to the ends of an excerpt.
#[tokio::test]
async fn keys_at_the_ends_of_an_excerpt_are_hidden() {
    for offset in 0..300 {
        let space = "x".repeat(offset);
        let quoted = KEY.replace('"', "\\\"");
        let text = shown(502, "", format!("{space}{KEY} {space}")).await;
        assert_no_run(&text, "the beginning of a body");
        let body = format!(r#"{{"a": "{space}{quoted}", "b": nil, "c": "{space}{quoted}"}}"#);
        let text = shown(200, "", body).await;
        assert_no_run(&text, "the surroundings of a value");
    }
}

#[tokio::test]
async fn own_words_are_not_hidden() {
    let own = [
        "GetRule (rule_id",
        "sent to 127.0.0.1",
        "check DD_BEARER_TOKEN",
        "rule_id r-1",
    ];
    for words in own {
        let config = Config::new().credentials(Credentials::datadog_bearer(words));
        let server = Canned::json("403 Forbidden", "{}").await;
        let error = get_rule(&server.client(config)).send().await.unwrap_err();
        let text = error.to_string();
        for words in own {
            assert!(text.contains(words), "{text}");
        }
    }
}

#[tokio::test]
async fn messages_of_errors_are_short() {
    let secrets = (0..100).map(|number| Credentials::scheme(format!("s{number}"), "0123456789"));
    let config = secrets.fold(once(), Config::credentials);
    let long = "\u{e9}a".repeat(1 << 20);
    let longest = "\u{e9}a".repeat(10 << 20);
    for (status, body, kind) in [
        (200, format!("\"{longest}\""), ErrorKind::Decode),
        (200, format!(r#"{{"{long}": nil}}"#), ErrorKind::Decode),
        (200, format!("[7]{long}"), ErrorKind::Decode),
        (500, format!("<p>{long}"), ErrorKind::Api),
    ] {
        let response = ScriptedResponse::new(status).piece(Duration::ZERO, body);
        let script = Script::new([response.step()]);
        let client = script.client(config.clone());
        let request = client.request::<Vec<u8>>(&GET_RULE);
        let argument = "x".repeat(1 << 20);
        let error = request.path("rule_id", &argument).send().await;
        let error = error.unwrap_err();
        assert_eq!(error.kind(), kind, "{error}");
        let text = everything(&error);
        assert!(text.len() < 20_000, "{} bytes", text.len());
    }
}

#[tokio::test]
async fn control_and_direction_characters_do_not_reach_a_terminal() {
    let signs = "\u{1b}[2J\u{7}\u{7f}\u{9b}31m\u{202e}\u{2066}\u{200f}\u{feff}\u{200b}\u{e0041}";
    let escaped: String = signs
        .encode_utf16()
        .map(|unit| format!("\\u{unit:04x}"))
        .collect();
    for (status, body) in [
        (
            "400 Bad Request",
            format!(r#"{{"errors": ["a{escaped}b"]}}"#),
        ),
        (
            "400 Bad Request",
            format!(
                r#"{{"errors": [{{"title": "{escaped}", "code": "{escaped}",
                    "source": {{"pointer": "/{escaped}"}},
                    "meta": {{"{escaped}": "{escaped}"}}}}]}}"#
            ),
        ),
        ("500 Internal Server Error", format!("<p>{signs}</p>")),
        ("200 OK", format!("\"{signs}\"")),
        (
            "200 OK",
            format!(r#"{{"{escaped}": "{escaped}", "a{signs}": nil}}"#),
        ),
    ] {
        let server = Canned::json(status, &body).await;
        let client = server.client(keys());
        let request = client.request::<Vec<u8>>(&GET_RULE).path("rule_id", &signs);
        let error = request.send().await.unwrap_err();
        let mut text = everything(&error);
        write!(
            text,
            "{}{:?}",
            error.json_path().unwrap_or_default(),
            error.arguments()
        )
        .unwrap();
        for error in error.errors() {
            write!(text, "{error}{}", serde_json::to_string(error).unwrap()).unwrap();
            text.extend(
                [&error.title, &error.detail, &error.code]
                    .into_iter()
                    .flatten()
                    .cloned(),
            );
        }
        let bad = signs.chars().filter(|it| !it.is_ascii_graphic());
        for sign in bad {
            assert!(!text.contains(sign), "{sign:?} shows in {text:?}");
        }
    }
}
