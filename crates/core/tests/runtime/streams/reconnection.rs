//! Connections that continue a stream of events.

use super::*;

#[tokio::test(start_paused = true)]
async fn stream_continues_as_the_server_asks() {
    let script = Script::new([
        events()
            .piece(SECOND, "id: 1\nretry: 1500\ndata: 1\n\n")
            .step(),
        // Neither the event that breaks off nor its id counts.
        events()
            .piece(NOW, "id: 2\ndata: 2\n\nid: 3\ndata: 3\n")
            .end(End::Broken)
            .step(),
        events().piece(NOW, "data: 4\n\n").end(End::Silent).step(),
        ScriptedResponse::new(204).step(),
    ]);
    let (data, error) = rest(watched(&script, keys()).await).await;
    assert!(error.is_none(), "{error:?}");
    assert_eq!(data, [1, 2, 4]);
    assert_eq!(script.times(), [0, 2500, 4000, 35_500]);
    let ids: Vec<_> = script
        .asked()
        .iter()
        .map(|it| {
            it.headers
                .get("last-event-id")
                .map(|id| id.to_str().unwrap().to_owned())
        })
        .collect();
    let id = |id: &str| Some(id.to_owned());
    assert_eq!(ids, [None, id("1"), id("2"), id("2")]);
    // Everything else is as in the first request.
    for asked in script.asked() {
        assert_eq!(asked.url.path(), "/events/t-1");
        assert_eq!(asked.headers["accept"], "text/event-stream");
        assert_eq!(asked.headers["dd-api-key"], API_KEY);
    }
}

#[tokio::test(start_paused = true)]
async fn wait_is_three_seconds_unless_the_server_asks_for_another() {
    let script = Script::new([
        events().piece(NOW, "id: a\n\n").step(),
        events().piece(NOW, "retry: 0\ndata: 1\n\n").step(),
        events().piece(NOW, "data: 2\n\n").step(),
        ScriptedResponse::new(204).step(),
    ]);
    assert_eq!(rest(watched(&script, keys()).await).await.0, [1, 2]);
    assert_eq!(script.times(), [0, 3000, 3000, 3000]);
}

#[tokio::test(start_paused = true)]
async fn connections_without_an_event_are_followed_by_longer_waits() {
    let mut steps = vec![events().piece(NOW, "retry: 0\ndata: 1\n\n").step()];
    steps.extend((0..8).map(|_| events().piece(NOW, ": nothing\n\n").step()));
    steps.push(events().piece(NOW, "data: 2\n\n").step());
    steps.push(ScriptedResponse::new(204).step());
    let script = Script::new(steps);
    assert_eq!(rest(watched(&script, keys()).await).await.0, [1, 2]);
    let times = script.times();
    let waits: Vec<u128> = times.windows(2).map(|pair| pair[1] - pair[0]).collect();
    assert_eq!(
        waits,
        [0, 500, 1000, 2000, 4000, 8000, 16_000, 20_000, 20_000, 0]
    );
}

#[tokio::test(start_paused = true)]
async fn server_that_cannot_continue_is_not_asked_again() {
    let plain = || Script::new([events().piece(NOW, "data: 1\n\n").step(), status(204)]);
    let with_id = || {
        Script::new([
            events().piece(NOW, "id: 1\ndata: 1\n\n").step(),
            status(204),
        ])
    };
    for (script, config, choice, requests) in [
        (plain(), keys(), None, 1),
        (plain(), keys(), Some(true), 2),
        (with_id(), keys(), None, 2),
        (with_id(), keys(), Some(false), 1),
        (with_id(), once(), None, 1),
        (with_id(), once(), Some(true), 2),
    ] {
        let mut stream = watched(&script, config).await;
        if let Some(choice) = choice {
            stream = stream.reconnect(choice);
        }
        let (data, error) = rest(stream).await;
        assert_eq!((data.len(), error.is_none()), (1, true));
        assert_eq!(script.asked().len(), requests);
    }
}

#[tokio::test(start_paused = true)]
async fn only_a_get_is_repeated() {
    for (end, kind) in [
        (End::Whole, None),
        (End::Broken, Some(ErrorKind::Connection)),
        (End::Silent, Some(ErrorKind::Timeout)),
    ] {
        let response = events().piece(NOW, "id: 1\nretry: 1\ndata: 1\n\n").end(end);
        let script = Script::new([response.step()]);
        let call = script.client(keys()).request::<Value>(&CHAT).json(&1);
        let stream = call.stream_events::<Value>().await.unwrap().into_inner();
        let (data, error) = rest(stream.reconnect(true)).await;
        assert_eq!((data.len(), error.map(|it| it.kind())), (1, kind));
        assert_eq!(script.asked().len(), 1);
    }
}

#[tokio::test(start_paused = true)]
async fn new_connection_that_fails_ends_the_stream() {
    let first = || {
        events()
            .piece(NOW, "id: 1\ndata: 1\n\n")
            .end(End::Broken)
            .step()
    };
    let html = || {
        ScriptedResponse::new(200)
            .header("content-type", "text/html")
            .step()
    };
    for (second, kind, requests) in [
        (status(401), ErrorKind::Api, 2),
        (html(), ErrorKind::Decode, 2),
        // It is retried like every call.
        (status(503), ErrorKind::Api, 5),
    ] {
        let script = Script::new([first(), second]);
        let (data, error) = rest(watched(&script, keys()).await).await;
        let error = error.unwrap();
        assert_eq!((data.len(), error.kind()), (1, kind), "{error}");
        assert_eq!(script.asked().len(), requests, "{error}");
        assert_eq!(error.arguments(), Some("topic t-1"));
    }

    // A wait that is too long is not made.
    for (end, kind) in [
        (End::Whole, ErrorKind::Timeout),
        (End::Broken, ErrorKind::Connection),
    ] {
        let response = events().piece(NOW, "retry: 60001\ndata: 1\n\n").end(end);
        let script = Script::new([response.step()]);
        let (_, error) = rest(watched(&script, keys()).await).await;
        let error = error.unwrap();
        assert_eq!((error.kind(), script.elapsed()), (kind, 0));
        assert_eq!(error.retry_after(), Some(Duration::from_millis(60_001)));
        assert!(
            error.to_string().contains("RetryPolicy::max_wait (60s)"),
            "{error}"
        );
    }
}
