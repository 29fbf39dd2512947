//! Responses that are read as they arrive, and requests that are sent so.

mod downloads;
mod events;
mod lines;
mod memory;
mod reconnection;
mod uploads;

use std::sync::Arc;
use std::time::Duration;

use scorekit_core::{CallOptions, ErrorKind, EventStream, Response};

use super::script::{End, Script, ScriptedResponse, Step, status, success};
use super::*;

const SECOND: Duration = Duration::from_secs(1);
const NOW: Duration = Duration::ZERO;

static WATCH: Operation = Operation::new("Watch", Method::GET, "/events/{topic}", &DATADOG)
    .security(&[&[&API_KEY_AUTH, &APP_KEY_AUTH]])
    .response(BodyKind::Events);
static CHAT: Operation = Operation::new("Chat", Method::POST, "/chat", &DATADOG)
    .security(&[&[&API_KEY_AUTH, &APP_KEY_AUTH]]);
static ROWS: Operation = Operation::new("Rows", Method::GET, "/rows", &DATADOG)
    .security(&[&[&API_KEY_AUTH, &APP_KEY_AUTH]])
    .response(BodyKind::JsonLines);
static REPORT: Operation = Operation::new("Report", Method::GET, "/report", &DATADOG)
    .security(&[&[&API_KEY_AUTH, &APP_KEY_AUTH]])
    .response(BodyKind::Bytes);

/// Creates a response of events.
fn events() -> ScriptedResponse {
    ScriptedResponse::new(200)
        .header("content-type", "text/event-stream; charset=utf-8")
        .header("x-request-id", "r7")
}

fn watch(client: &Client) -> Request<Value> {
    client.request(&WATCH).path("topic", &"t-1")
}

/// Returns the stream of events of a script.
async fn watched(script: &Arc<Script>, config: Config) -> EventStream<Value> {
    let call = watch(&script.client(config)).stream_events::<Value>();
    call.await.unwrap().into_inner()
}

/// Returns the data of the events that are left, and the error at the end, if there is one.
async fn rest(mut stream: EventStream<Value>) -> (Vec<Value>, Option<Error>) {
    let mut data = Vec::new();
    while let Some(event) = stream.next().await {
        match event {
            Ok(event) => data.push(event.data),
            Err(error) => {
                assert!(stream.next().await.is_none(), "{error} is not the end");
                return (data, Some(error));
            }
        }
    }
    assert!(stream.next().await.is_none());
    (data, None)
}

/// Starts a server that sends these pieces, each as one chunk, and waits before each until the one
/// before was read.
async fn chunked(
    head: &'static str,
    pieces: Vec<&'static str>,
) -> (String, tokio::sync::mpsc::Sender<()>, JoinHandle<usize>) {
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let url = format!("http://{}", listener.local_addr().unwrap());
    let (read, mut was_read) = tokio::sync::mpsc::channel(1);
    let sent = tokio::spawn(async move {
        let (mut stream, _) = listener.accept().await.unwrap();
        read_request(&mut stream).await;
        let head = format!("HTTP/1.1 200 OK\r\n{head}\r\ntransfer-encoding: chunked\r\n\r\n");
        stream.write_all(head.as_bytes()).await.unwrap();
        let mut sent = 0;
        for piece in pieces {
            let chunk = format!("{:x}\r\n{piece}\r\n", piece.len());
            stream.write_all(chunk.as_bytes()).await.unwrap();
            sent += 1;
            if was_read.recv().await.is_none() {
                // The client has gone: its end of the connection is closed.
                let mut nothing = [0];
                assert_eq!(stream.read(&mut nothing).await.unwrap_or(0), 0);
                return sent;
            }
        }
        stream.write_all(b"0\r\n\r\n").await.unwrap();
        sent
    });
    (url, read, sent)
}
