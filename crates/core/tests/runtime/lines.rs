//! Responses with one JSON value on each line.

use scorekit_core::{DocumentedResponse, ErrorKind};

use super::*;

static LINES: Operation =
    Operation::new("ReadLines", Method::GET, "/lines", &DATADOG).response(BodyKind::JsonLines);

async fn read(body: &str) -> Result<Vec<Value>, Error> {
    let server = Canned::json("200 OK", body).await;
    let call = server.client(keys()).request::<Vec<Value>>(&LINES).send();
    Ok(call.await?.into_inner())
}

#[tokio::test]
async fn each_line_is_a_value() {
    for (body, values) in [
        ("", "[]"),
        ("1\n2", "[1, 2]"),
        (
            "  {\"a\": [1, {\"b\": 2}]} \r\n\n\t[]\r\n",
            r#"[{"a": [1, {"b": 2}]}, []]"#,
        ),
        (r#""a, \"b], c""#, r#"["a, \"b], c"]"#),
        (r#"{"a, {": "\\"}"#, r#"[{"a, {": "\\"}]"#),
        ("null\ntrue\n-1.5e3", "[null, true, -1.5e3]"),
    ] {
        let values: Vec<Value> = serde_json::from_str(values).unwrap();
        assert_eq!(read(body).await.unwrap(), values, "{body}");
    }
}

#[tokio::test]
async fn invalid_line_is_named() {
    for (body, path, cause) in [
        ("1,2\n3\n", "[0]", "trailing characters"),
        ("1\n\n{\"a\": 2}, {}\n3", "[1]", "trailing characters"),
        ("1\n2,\n3", "[1]", "trailing characters"),
        ("1\n,2", "[1]", "expected value"),
        ("1\n2]\n[3", "[1]", "trailing characters"),
        ("1\n[2\n3]", "[1][0]", "EOF while parsing a list"),
        (
            "{\"a\": 1\n\"b\": 2}",
            "[0].a",
            "EOF while parsing an object",
        ),
        ("1\n\"a\n\"", "[1]", "EOF while parsing a string"),
        // This message has not changed.
        ("1\n{} {}", "[1]", "expected `,` or `]`"),
        ("1\n[2}", "[1]", "expected `,` or `]`"),
        ("1\nx", "[1]", "expected value"),
    ] {
        let error = read(body).await.unwrap_err();
        assert_eq!(error.kind(), ErrorKind::Decode, "{body}");
        assert_eq!(error.json_path(), Some(path), "{body}");
        assert_eq!(error.status().unwrap(), 200);
        assert_eq!(error.attempts(), 1);
        let message = format!("ReadLines: 200 OK: cannot decode {path}: {cause}; near `");
        assert!(error.to_string().starts_with(&message), "{error}");
    }
}

#[tokio::test]
async fn echoed_secret_in_a_line_is_hidden() {
    let error = read(&format!("{{\"key\": \"{API_KEY}\"}}, 2"))
        .await
        .unwrap_err();
    assert_eq!(error.json_path(), Some("[0]"));
    assert_no_canary(&everything(&error));
}

static LINES_OR_NOTHING: Operation = Operation::new("ReadLines", Method::GET, "/lines", &DATADOG)
    .response(BodyKind::ByStatus(&[
        DocumentedResponse::new("200", BodyKind::JsonLines),
        DocumentedResponse::new("204", BodyKind::Empty),
    ]));

#[tokio::test]
async fn invalid_line_is_named_with_several_statuses() {
    let server = Canned::json("200 OK", "1\n2,3\n4").await;
    let client = server.client(keys());
    let call = client.request::<Value>(&LINES_OR_NOTHING).send();
    let error = call.await.unwrap_err();
    assert_eq!(error.json_path(), Some("[1]"));
    assert_eq!(error.body_excerpt(), Some("[1, 2,3, 4]"));
}
