//! Events of one response.

use scorekit_core::UnknownMap;

use super::*;

#[tokio::test(start_paused = true)]
async fn events_arrive_one_by_one_after_the_deadlines() {
    let mut response = events().piece(NOW, "event: begin\ndata: {\"n\": 0}\n\n");
    for number in 1..30 {
        // The call may take 120 seconds, and the response 30 bytes.
        response = response.piece(SECOND * 29, format!("id: {number}\ndata: {number}\n\n"));
    }
    let script = Script::new([response.step(), ScriptedResponse::new(204).step()]);
    let options = CallOptions::new().max_response_size(30);
    let call = watch(&script.client(keys().options(options))).stream_events::<Value>();
    let response = call.await.unwrap();
    assert_eq!(response.status(), 200);
    assert_eq!(response.request_id(), Some("r7"));
    assert_eq!(response.attempts(), 1);
    let mut stream = response.into_inner();
    let first = stream.next().await.unwrap().unwrap();
    assert_eq!((first.event.as_str(), first.id), ("begin", None));
    assert_eq!(first.data, serde_json::json!({"n": 0}));
    assert_eq!(script.elapsed(), 0);
    for number in 1..30_u32 {
        let event = stream.next().await.unwrap().unwrap();
        assert_eq!(
            (event.event.as_str(), event.data),
            ("message", number.into())
        );
        assert_eq!(event.id, Some(number.to_string()));
        assert_eq!(script.elapsed(), u128::from(number) * 29_000);
    }
    assert_eq!(stream.last_event_id(), Some("29"));
    assert!(stream.next().await.is_none());
    let asked = script.asked();
    assert_eq!(asked[0].headers["accept"], "text/event-stream");
    assert_eq!(asked[0].headers.get("last-event-id"), None);
    assert_eq!(asked[1].headers["last-event-id"], "29");
}

#[tokio::test(start_paused = true)]
async fn call_is_retried_until_the_head_arrives() {
    let steps = [status(503), events().piece(NOW, "data: 1\n\n").step()];
    let script = Script::new(steps);
    let call = watch(&script.client(keys())).stream_events::<Value>();
    let response = call.await.unwrap();
    assert_eq!((response.attempts(), script.elapsed()), (2, 500));
    assert_eq!(rest(response.into_inner()).await.0, [1]);

    // The deadlines hold until then.
    let script = Script::new([Step::Silence]);
    let call = watch(&script.client(once())).stream_events::<Value>();
    let error = call.await.unwrap_err();
    assert_eq!(
        (error.kind(), script.elapsed()),
        (ErrorKind::Timeout, 60_000)
    );
    let script = Script::new([ScriptedResponse::new(404)
        .piece(NOW, r#"{"errors": ["no topic"]}"#)
        .step()]);
    let call = watch(&script.client(keys())).stream_events::<Value>();
    let error = call.await.unwrap_err();
    assert_eq!(
        error.to_string(),
        "Watch (topic t-1): 404 Not Found: no topic"
    );
}

#[tokio::test(start_paused = true)]
async fn data_that_cannot_be_decoded_is_one_error() {
    let text = format!("data: {{\"a\": x}}\n\ndata: {{\"key\": \"{API_KEY}\", 1}}\n\ndata: 2\n\n");
    let script = Script::new([events().piece(NOW, text).step()]);
    let mut stream = watched(&script, keys()).await;
    let error = stream.next().await.unwrap().unwrap_err();
    assert_eq!(error.kind(), ErrorKind::Decode);
    assert_eq!(error.json_path(), Some("a"));
    assert_eq!(error.request_id(), Some("r7"));
    assert_eq!(
        (error.status().unwrap().as_u16(), error.attempts()),
        (200, 1)
    );
    let text = error.to_string();
    assert!(
        text.starts_with("Watch (topic t-1): 200 OK: cannot decode a: "),
        "{text}"
    );
    assert!(text.ends_with("; request id r7"), "{text}");
    let error = stream.next().await.unwrap().unwrap_err();
    assert_eq!(error.kind(), ErrorKind::Decode);
    assert_no_canary(&everything(&error));
    assert!(everything(&error).contains("*****"));
    // The stream continues.
    assert_eq!(rest(stream).await.0, [2]);
}

#[tokio::test(start_paused = true)]
async fn stream_of_json_ends_at_done() {
    let text = "data: {\"a\": 1}\n\ndata: [DONE]\n\ndata: {}\n\n";
    let script = Script::new([events().piece(NOW, text).end(End::Silent).step()]);
    let call = script.client(keys()).request::<Value>(&CHAT).json(&1);
    let call = call.stream_events::<Value>();
    let (data, error) = rest(call.await.unwrap().into_inner()).await;
    assert_eq!((data.len(), error.is_none()), (1, true));
    assert_eq!(script.elapsed(), 0);

    // In text it is a text.
    let script = Script::new([events().piece(NOW, "data: [DONE]\ndata: é\n\n").step()]);
    let call = watch(&script.client(keys())).stream_text_events();
    let mut stream = call.await.unwrap().into_inner();
    assert_eq!(stream.next().await.unwrap().unwrap().data, "[DONE]\né");
    assert!(stream.next().await.is_none());
}

#[tokio::test(start_paused = true)]
async fn body_that_breaks_off_is_an_error() {
    for (end, kind, says) in [
        (
            End::Broken,
            ErrorKind::Connection,
            "the connection to api.datadoghq.com broke",
        ),
        (
            End::Silent,
            ErrorKind::Timeout,
            "no further part of its response for 30s",
        ),
    ] {
        let response = events().piece(NOW, "data: 1\n\ndata: 2\n").end(end);
        let script = Script::new([response.header("x-key", API_KEY).step()]);
        let (data, error) = rest(watched(&script, keys()).await).await;
        let error = error.unwrap();
        assert_eq!(data, [1], "an event without its end is dropped");
        assert_eq!((error.kind(), error.operation()), (kind, Some("Watch")));
        assert_eq!(error.arguments(), Some("topic t-1"));
        assert_eq!(error.status().unwrap(), 200);
        assert_eq!(error.request_id(), Some("r7"));
        assert!(error.to_string().contains(says), "{error}");
        assert_no_canary(&format!("{}{:?}", everything(&error), error.headers()));
        assert_eq!(script.asked().len(), 1);
    }
}

#[tokio::test(start_paused = true)]
async fn other_response_is_not_read_as_events() {
    let response =
        ScriptedResponse::new(200).header("content-type", "application/json; charset=utf-8");
    let script = Script::new([response
        .header("x-request-id", "r7")
        .piece(NOW, "{}")
        .step()]);
    let call = watch(&script.client(keys())).stream_events::<Value>();
    let error = call.await.unwrap_err();
    assert_eq!(error.kind(), ErrorKind::Decode);
    assert_eq!(
        error.to_string(),
        "Watch (topic t-1): 200 OK: cannot read events: the response has the media type \
         \"application/json\", not text/event-stream; ask for events as the vendor documents, or \
         read the body with another method; request id r7"
    );
    // A server that sends no media type may mean events, and a 204 has none.
    let script = Script::new([ScriptedResponse::new(200).piece(NOW, "data: 1\n\n").step()]);
    assert_eq!(rest(watched(&script, keys()).await).await.0, [1]);
    let script = Script::new([ScriptedResponse::new(204)
        .header("content-type", "text/html")
        .step()]);
    assert_eq!(rest(watched(&script, keys()).await).await.0, [0; 0]);
}

#[tokio::test(start_paused = true)]
async fn endless_event_is_too_large() {
    let mut response = events().piece(NOW, "data: 1\n\ndata: ");
    for _ in 0..100 {
        response = response.piece(NOW, "a".repeat(1000));
    }
    let script = Script::new([response.end(End::Silent).step()]);
    let options = CallOptions::new().max_response_size(50_000);
    let (data, error) = rest(watched(&script, keys().options(options)).await).await;
    let error = error.unwrap();
    assert_eq!((data.len(), error.kind()), (1, ErrorKind::TooLarge));
    assert!(
        error
            .to_string()
            .contains("an event has more than 50000 bytes"),
        "{error}"
    );
    assert_eq!((error.request_id(), script.elapsed()), (Some("r7"), 0));
}

#[tokio::test(start_paused = true)]
async fn time_of_the_program_is_not_a_pause() {
    let response = events()
        .piece(NOW, "data: 1\n\n")
        .piece(SECOND, "data: 2\n\n")
        .piece(SECOND * 29, "data: 3\n\n");
    let script = Script::new([response.step()]);
    let mut stream = watched(&script, keys()).await;
    for number in 1..=3 {
        // Without an event, the wait continues with the next call.
        let event = loop {
            let wait = tokio::time::timeout(Duration::from_millis(1), stream.next());
            match wait.await {
                Ok(event) => break event.unwrap().unwrap(),
                Err(_) => tokio::time::sleep(SECOND * 7).await,
            }
        };
        assert_eq!(event.data, number);
        tokio::time::sleep(SECOND * 600).await;
    }
    assert!(stream.next().await.is_none());
}

#[tokio::test(start_paused = true)]
async fn strict_decoding_rejects_data_with_deviations() {
    #[derive(Debug)]
    struct Row {
        id: String,
        unknown: UnknownMap,
    }
    scorekit_core::json_object! {
        Row { id = "id" or_default }
        unknown properties in unknown
    }

    for (is_strict, kind) in [(false, None), (true, Some(ErrorKind::Decode))] {
        let script = Script::new([events().piece(NOW, "data: {}\n\n").step()]);
        let options = CallOptions::new().strict_decoding(is_strict);
        let call = watch(&script.client(keys())).options(options);
        let mut stream = call.stream_events::<Row>().await.unwrap().into_inner();
        let event = stream.next().await.unwrap();
        assert_eq!(event.as_ref().err().map(Error::kind), kind, "{event:?}");
        if let Ok(event) = event {
            assert!(event.data.id.is_empty() && event.data.unknown.get().is_empty());
        }
    }
}

#[tokio::test]
async fn events_are_read_from_a_socket_before_the_next_is_sent() {
    let pieces = vec!["data: 1\n\nda", "ta: 2\n\n", ": comment\n\ndata: 3\n\n"];
    let (url, read, sent) = chunked("content-type: text/event-stream", pieces).await;
    let client = Client::new(once().base_url(&url)).unwrap();
    let mut stream = watch(&client)
        .stream_events::<Value>()
        .await
        .unwrap()
        .into_inner();
    for number in 1..=3 {
        assert_eq!(stream.next().await.unwrap().unwrap().data, number);
        read.send(()).await.unwrap();
    }
    assert!(stream.next().await.is_none());
    assert_eq!(sent.await.unwrap(), 3);
}

#[tokio::test]
async fn dropping_the_stream_closes_its_connection() {
    let pieces = vec!["data: 1\n\n", "data: 2\n\n"];
    let (url, read, sent) = chunked("content-type: text/event-stream", pieces).await;
    let client = Client::new(once().base_url(&url)).unwrap();
    let mut stream = watch(&client)
        .stream_events::<Value>()
        .await
        .unwrap()
        .into_inner();
    assert_eq!(stream.next().await.unwrap().unwrap().data, 1);
    drop(stream);
    drop(read);
    // The server asserts that the connection is closed.
    assert_eq!(sent.await.unwrap(), 1);
}
