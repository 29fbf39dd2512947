//! Lines of a response.

use scorekit_core::LineStream;

use super::*;

async fn rows(response: ScriptedResponse, config: Config) -> LineStream<Value> {
    let script = Script::new([response.header("x-request-id", "r7").step()]);
    let call = script.client(config).request::<Vec<Value>>(&ROWS);
    let response = call.stream_lines::<Value>().await.unwrap();
    assert_eq!(response.request_id(), Some("r7"));
    let accept = &script.asked()[0].headers["accept"];
    assert_eq!(accept, "application/x-ndjson, application/jsonl, */*;q=0.5");
    response.into_inner()
}

/// Returns the values of a body that arrives in pieces of this size.
async fn values(body: &[u8], size: usize) -> Vec<Value> {
    let response = body
        .chunks(size)
        .fold(ScriptedResponse::new(200), |response, piece| {
            response.piece(NOW, piece.to_vec())
        });
    let mut rows = rows(response, once()).await;
    let mut values = Vec::new();
    while let Some(row) = rows.next().await {
        values.push(row.unwrap());
    }
    assert!(rows.next().await.is_none());
    values
}

#[tokio::test(start_paused = true)]
async fn lines_are_values_in_pieces_of_any_size() {
    for (body, expected) in [
        ("", "[]"),
        ("1\n2", "[1, 2]"),
        (
            "  {\"a\": [1, {\"b\": 2}]} \r\n\n\t[]\r\n",
            r#"[{"a": [1, {"b": 2}]}, []]"#,
        ),
        (
            "\u{feff}\"a, \\\"b], c\"\nnull\n",
            r#"["a, \"b], c", null]"#,
        ),
        // A JSON text sequence, whose values may have line breaks.
        (
            "\u{1e}{\"a\":\n 1}\n\u{1e}2\n\u{1e}[]\n",
            r#"[{"a": 1}, 2, []]"#,
        ),
    ] {
        let expected: Vec<Value> = serde_json::from_str(expected).unwrap();
        for size in 1..=body.len().max(1) {
            assert_eq!(
                values(body.as_bytes(), size).await,
                expected,
                "{body}, {size}"
            );
        }
        // The whole list is the same.
        let server = Canned::json("200 OK", body).await;
        let call = server.client(keys()).request::<Vec<Value>>(&ROWS).send();
        if !body.starts_with('\u{feff}') {
            assert_eq!(call.await.unwrap().into_inner(), expected, "{body}");
        }
    }
}

#[tokio::test(start_paused = true)]
async fn line_that_is_not_a_value_is_one_error() {
    let body = format!("1\n{{\"key\": \"{API_KEY}\"}} 2\n\n3,4\n5\n");
    let mut rows = rows(ScriptedResponse::new(200).piece(NOW, body), once()).await;
    assert_eq!(rows.next().await.unwrap().unwrap(), 1);
    for line in [2, 3] {
        let error = rows.next().await.unwrap().unwrap_err();
        assert_eq!(error.kind(), ErrorKind::Decode);
        assert_no_canary(&everything(&error));
        let end = format!("; this is line {line}; request id r7");
        assert!(error.to_string().ends_with(&end), "{error}");
    }
    assert_eq!(rows.next().await.unwrap().unwrap(), 5);
    assert!(rows.next().await.is_none());
}

#[tokio::test(start_paused = true)]
async fn line_that_breaks_off_is_an_error() {
    for (end, kind) in [
        (End::Broken, ErrorKind::Connection),
        (End::Silent, ErrorKind::Timeout),
    ] {
        // The rest of the number may be missing.
        let response = ScriptedResponse::new(200)
            .piece(SECOND * 29, "1\n")
            .piece(SECOND * 29, "23");
        let mut rows = rows(response.end(end), keys()).await;
        assert_eq!(rows.next().await.unwrap().unwrap(), 1);
        let error = rows.next().await.unwrap().unwrap_err();
        assert_eq!((error.kind(), error.request_id()), (kind, Some("r7")));
        assert!(rows.next().await.is_none());
    }
    let mut response = ScriptedResponse::new(200).piece(NOW, "1\n");
    for _ in 0..100 {
        response = response.piece(NOW, "[".repeat(1000));
    }
    let options = CallOptions::new().max_response_size(50_000);
    let mut rows = rows(response.end(End::Silent), keys().options(options)).await;
    assert_eq!(rows.next().await.unwrap().unwrap(), 1);
    let error = rows.next().await.unwrap().unwrap_err();
    assert_eq!(error.kind(), ErrorKind::TooLarge);
    assert!(
        error
            .to_string()
            .contains("a line has more than 50000 bytes"),
        "{error}"
    );
    assert!(rows.next().await.is_none());
}

#[tokio::test]
async fn lines_are_read_from_a_socket_before_the_next_is_sent() {
    let (url, read, sent) = chunked("x-a: b", vec!["1\n", "[2,\r", "3]\n4\n"]).await;
    let client = Client::new(once().base_url(&url)).unwrap();
    let call = client.request::<Vec<Value>>(&ROWS).stream_lines::<Value>();
    let mut rows = call.await.unwrap().into_inner();
    assert_eq!(rows.next().await.unwrap().unwrap(), 1);
    for _ in 0..2 {
        read.send(()).await.unwrap();
    }
    assert_eq!(
        rows.next().await.unwrap().unwrap(),
        serde_json::json!([2, 3])
    );
    assert_eq!(rows.next().await.unwrap().unwrap(), 4);
    read.send(()).await.unwrap();
    assert!(rows.next().await.is_none());
    assert_eq!(sent.await.unwrap(), 3);
}

#[tokio::test]
async fn sequence_is_sent_with_its_separators() {
    for (media_type, body) in [
        ("application/json-seq", "\u{1e}1\n\u{1e}[2]\n"),
        ("application/x-ndjson", "1\n[2]\n"),
    ] {
        let server = Canned::json("200 OK", "").await;
        let values = [serde_json::json!(1), serde_json::json!([2])];
        let call = server.client(keys()).request::<Vec<Value>>(&ROWS);
        call.json_lines(media_type, values).send().await.unwrap();
        let seen = server.seen().await;
        assert!(seen.ends_with(&format!("\r\n\r\n{body}")), "{seen}");
        assert!(
            seen.contains(&format!("content-type: {media_type}\r\n")),
            "{seen}"
        );
    }
}
