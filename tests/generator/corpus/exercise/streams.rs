//! Calls the clients whose responses and requests are streams.

use std::collections::VecDeque;
use std::convert::Infallible;
use std::pin::Pin;
use std::task::{Context, Poll};

use scorekit_core::{Stream, Upload};

use crate::server::Server;

/// Sends a request; prints the request, and the elements of the stream.
macro_rules! show_stream {
    ($server:expr, $call:expr) => {{
        let outcome = $call.await;
        println!("{}", $server.seen());
        match outcome {
            Ok(response) => {
                println!("-> {}", response.status().as_u16());
                let mut stream = response.into_inner();
                while let Some(element) = stream.next().await {
                    match element {
                        Ok(element) => println!("-> {element:?}"),
                        Err(error) => println!("-> {error}"),
                    }
                }
                println!();
            }
            Err(error) => println!("-> {error}\n"),
        }
    }};
}

/// The pieces of a request body.
struct Pieces(VecDeque<&'static str>);

impl Stream for Pieces {
    type Item = Result<&'static str, Infallible>;

    fn poll_next(mut self: Pin<&mut Self>, _: &mut Context<'_>) -> Poll<Option<Self::Item>> {
        Poll::Ready(self.0.pop_front().map(Ok))
    }
}

pub async fn streams(server: &Server) {
    println!("== streams");
    let client = streams_default::Client::from_core(server.client());
    let events = "text/event-stream";
    let body = "id: 1\ndata: {\"id\": 7,\ndata: \"text\": \"a\"}\n\nevent: end\ndata: 8\n\n";
    server.respond_with("200 OK", events, body);
    show_stream!(server, client.watch().send());
    server.respond_with("204 No Content", "text/plain", "");
    show_stream!(server, client.watch().send());
    server.respond_with(
        "404 Not Found",
        "application/json",
        r#"{"errors": ["gone"]}"#,
    );
    show_stream!(server, client.watch().send());
    server.respond_with(
        "200 OK",
        events,
        ": hello\n\ndata: a\ndata: b\n\ndata: broken off",
    );
    show_stream!(server, client.log().send());
    server.respond_with(
        "200 OK",
        events,
        "event: tick\nid: 4\ndata: {\"tick\": 4}\n\n",
    );
    show_stream!(server, client.ticks().send());
    server.respond_with("200 OK", events, "data: 3\n\ndata: three\n\n");
    show_stream!(server, client.mixed().send());
    {
        use streams_default::types::ChatBody;
        server.json(r#"{"reply": "whole"}"#);
        server.show(client.chat(&ChatBody::new()).send()).await;
        let body = "data: {\"part\": \"one\"}\n\ndata: {}\n\ndata: [DONE]\n\n";
        server.respond_with("200 OK", events, body);
        let call = client.chat(&ChatBody::new().stream(true));
        show_stream!(server, call.stream());
        // The server does not stream.
        server.json(r#"{"reply": "whole"}"#);
        show_stream!(server, client.chat(&ChatBody::new()).stream());
    }
    let text = r#"{"type": "part.text", "text": "a"}"#;
    let begin = r#"{"type": "call.begin", "name": "b"}"#;
    let end = r#"{"type": "call.failed", "code": 3}"#;
    let body = [text, begin, end].map(|data| format!("data: {data}\n\n"));
    server.respond_with("200 OK", events, body.concat());
    show_stream!(server, client.parts().send());
    server.json(r#"[{"id": 1}]"#);
    server.show(client.rows().send()).await;
    server.respond_with(
        "200 OK",
        "application/jsonl",
        "{\"id\": 1}\n\n{\"id\": \"x\"}\n{\"id\": 3}",
    );
    show_stream!(server, client.rows().stream());
    let sequence = "\u{1e}{\"id\":\n1}\n\u{1e}{\"id\": 2}\n";
    server.respond_with("200 OK", "application/json-seq", sequence);
    server.show(client.sequence([1, 2]).send()).await;
    show_stream!(server, client.sequence([]).stream());
    server.respond_with("200 OK", "application/pdf", "%PDF-");
    server.show(client.download().send()).await;
    show_stream!(server, client.download().stream2("s").stream());
    server.respond_with("204 No Content", "text/plain", "");
    let pieces = || Pieces(VecDeque::from(["PK", "12"]));
    let call = client.event_stream(Upload::factory(pieces).length(4));
    server.show(call.send()).await;
    server.show(client.event_stream("PK").send()).await;
    let call = client.event_stream_as_zip(Upload::stream(pieces()).length(4));
    server.show(call.clone().send()).await;
    // The stream is sent.
    server.show(call.send()).await;
}
