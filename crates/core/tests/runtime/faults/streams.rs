//! The outcomes of streams, which `docs/faults.md` lists. A scripted transport plays each row under
//! a paused clock.

use std::time::Duration;

use scorekit_core::test_hooks::Stage;
use scorekit_core::{
    BodyKind, Bytes, CallOptions, Client, Error, Method, Operation, Response, SecurityScheme, Value,
};

use super::secrets::{KINDS, all_of, assert_clean};
use crate::script::{End, Script, ScriptedResponse, Step, status};
use crate::{API_KEY_AUTH, APP_KEY_AUTH, DATADOG};

const NOW: Duration = Duration::ZERO;

/// A key of the first kind of credential, which the server repeats.
const KEY: &str = "canary-api-key-11";

const HEAD: &str = "
## Streams

A call of a stream ends with the head of the response, and so do its deadlines. The cells have what
the program then reads: the number of items (events, lines or pieces), the errors between them, and
the last element if that is an error. They have the number of requests if there are several, and the
time. The events have an id where the row says so.

| the server | events of a `GET` | events of a `POST` | lines | a download |
| --- | --- | --- | --- | --- |
";

static KEYS: &[&[&SecurityScheme]] = &[&[&API_KEY_AUTH, &APP_KEY_AUTH]];

const fn operation(id: &'static str, method: Method, response: BodyKind) -> Operation {
    Operation::new(id, method, "/stream", &DATADOG)
        .security(KEYS)
        .response(response)
}

static WATCH: Operation = operation("Watch", Method::GET, BodyKind::Events);
static CHAT: Operation = operation("Chat", Method::POST, BodyKind::Events);
static ROWS: Operation = operation("Rows", Method::GET, BodyKind::JsonLines);
static REPORT: Operation = operation("Report", Method::GET, BodyKind::Bytes);

static OPERATIONS: [&Operation; 4] = [&WATCH, &CHAT, &ROWS, &REPORT];

/// A row: the server's behavior, its responses, and the outcome of each operation.
struct Row {
    name: &'static str,
    steps: fn(&Operation) -> Vec<Step>,
    cells: [&'static str; 4],
}

/// Returns an item of an operation with this content.
fn item(operation: &Operation, content: &str) -> String {
    match operation.response {
        BodyKind::Events => format!("data: {content}\n\n"),
        BodyKind::JsonLines => format!("{content}\n"),
        _ => content.to_owned(),
    }
}

fn id(operation: &Operation) -> &'static str {
    match operation.response {
        BodyKind::Events => "id: 1\n",
        _ => "",
    }
}

/// Creates the head of a response to an operation, which repeats a secret.
fn head(operation: &Operation) -> ScriptedResponse {
    let media_type = match operation.response {
        BodyKind::Events => "text/event-stream",
        _ => "application/octet-stream",
    };
    let response = ScriptedResponse::new(200).header("content-type", media_type);
    response.header("x-request-id", KEY)
}

/// Creates a response with two items.
fn two(operation: &Operation) -> ScriptedResponse {
    let first = format!("{}{}", id(operation), item(operation, "1"));
    head(operation)
        .piece(NOW, first)
        .piece(NOW, item(operation, "2"))
}

fn without_id(operation: &Operation) -> ScriptedResponse {
    let first = head(operation).piece(NOW, item(operation, "1"));
    first.piece(NOW, item(operation, "2"))
}

/// Adds an item that lacks its end, unless the operation has pieces without an end.
fn half(operation: &Operation, response: ScriptedResponse) -> ScriptedResponse {
    match operation.response {
        BodyKind::Bytes => response,
        BodyKind::Events => response.piece(NOW, format!("id: 3\ndata: \"{KEY}\"")),
        _ => response.piece(NOW, format!("\"{KEY}\"")),
    }
}

/// Returns all rows.
fn rows() -> impl Iterator<Item = Row> {
    connections().into_iter().chain(contents())
}

/// Returns the rows of connections.
fn connections() -> Vec<Row> {
    let row = |name, steps, cells| Row { name, steps, cells };
    vec![
        row(
            "does not accept the first connection",
            |it| vec![Step::Fail(Stage::Connect), without_id(it).step()],
            ["2 items, 2 requests, 500ms"; 4],
        ),
        row(
            "responds with 503, then streams",
            |it| vec![status(503), without_id(it).step()],
            [
                "2 items, 2 requests, 500ms",
                "`Api` 503",
                "2 items, 2 requests, 500ms",
                "2 items, 2 requests, 500ms",
            ],
        ),
        row(
            "never responds",
            |_| vec![Step::Silence],
            [
                "`Timeout`, 2 requests, 120s",
                "`Timeout`, 60s",
                "`Timeout`, 2 requests, 120s",
                "`Timeout`, 2 requests, 120s",
            ],
        ),
        row("ends", |it| vec![without_id(it).step()], ["2 items"; 4]),
        row(
            "ends after an event with an id, and has no more",
            |it| vec![two(it).step(), status(204)],
            ["2 items, 2 requests, 3s", "2 items", "2 items", "2 items"],
        ),
        row(
            "breaks off within an item",
            |it| vec![half(it, without_id(it)).end(End::Broken).step()],
            ["2 items, `Connection` 200"; 4],
        ),
        row(
            "breaks off within an item after an event with an id, then continues",
            |it| {
                let next = half(it, two(it)).end(End::Broken);
                vec![next.step(), two(it).step(), status(204)]
            },
            [
                "4 items, 3 requests, 6s",
                "2 items, `Connection` 200",
                "2 items, `Connection` 200",
                "2 items, `Connection` 200",
            ],
        ),
        row(
            "breaks off after an event with an id, then responds with 401",
            |it| vec![half(it, two(it)).end(End::Broken).step(), status(401)],
            [
                "2 items, `Api` 401, 2 requests, 3s",
                "2 items, `Connection` 200",
                "2 items, `Connection` 200",
                "2 items, `Connection` 200",
            ],
        ),
    ]
}

/// Returns the rows of streams that do not break off.
fn contents() -> Vec<Row> {
    let row = |name, steps, cells| Row { name, steps, cells };
    vec![
        row(
            "goes silent",
            |it| vec![half(it, without_id(it)).end(End::Silent).step()],
            ["2 items, `Timeout` 200, 30s"; 4],
        ),
        row(
            "sends an item every 29 seconds for ten minutes",
            |it| {
                let piece = |response: ScriptedResponse, _| {
                    response.piece(Duration::from_secs(29), item(it, "1"))
                };
                vec![(0..20).fold(head(it), piece).step()]
            },
            ["20 items, 580s"; 4],
        ),
        row(
            "sends an item that cannot be decoded between two others",
            |it| {
                let bad = format!("{{\"{KEY}\": nil}}");
                let response = head(it).piece(NOW, item(it, "1"));
                let response = response.piece(NOW, item(it, &bad));
                vec![response.piece(NOW, item(it, "2")).step()]
            },
            [
                "1 item, `Decode` 200, 1 item",
                "1 item, `Decode` 200, 1 item",
                "1 item, `Decode` 200, 1 item",
                "3 items",
            ],
        ),
        row(
            "sends an item without an end",
            |it| {
                let begin = head(it).piece(NOW, item(it, "1")).piece(NOW, "data: ");
                let piece = |response: ScriptedResponse, _| response.piece(NOW, vec![b'['; 1000]);
                vec![(0..200).fold(begin, piece).step()]
            },
            [
                "1 item, `TooLarge` 200",
                "1 item, `TooLarge` 200",
                "1 item, `TooLarge` 200",
                "202 items",
            ],
        ),
        row(
            "sends HTML with status 200",
            |_| {
                let html = format!("<html>\n<p>{KEY}</p>\n");
                let response = ScriptedResponse::new(200).header("content-type", "text/html");
                vec![response.piece(NOW, html).step()]
            },
            [
                "`Decode` 200",
                "`Decode` 200",
                "`Decode` 200, `Decode` 200",
                "1 item",
            ],
        ),
    ]
}

/// The elements of a stream as a cell shows them.
#[derive(Default)]
struct Seen {
    parts: Vec<String>,
    items: usize,
}

impl Seen {
    fn add(&mut self, element: Option<Error>) {
        let Some(error) = element else {
            self.items += 1;
            return;
        };
        self.end_items();
        let status = error.status().map(|status| format!(" {}", status.as_u16()));
        let status = status.unwrap_or_default();
        self.parts.push(format!("`{:?}`{status}", error.kind()));
        assert_clean(&all_of(error), &"a stream");
    }

    fn end_items(&mut self) {
        match std::mem::take(&mut self.items) {
            0 => {}
            1 => self.parts.push("1 item".to_owned()),
            count => self.parts.push(format!("{count} items")),
        }
    }
}

/// Adds the elements of a stream, or the error of its call.
macro_rules! note {
    ($seen:ident, $call:expr) => {
        match $call.await.map(Response::into_inner) {
            Err(error) => $seen.add(Some(error)),
            Ok(mut stream) => {
                while let Some(element) = stream.next().await {
                    $seen.add(element.err());
                }
            }
        }
    };
}

async fn outcome(client: &Client, operation: &'static Operation) -> Seen {
    let mut seen = Seen::default();
    match operation.id {
        "Rows" => note!(
            seen,
            client.request::<Value>(operation).stream_lines::<Value>()
        ),
        "Report" => note!(seen, client.request::<Bytes>(operation).stream_bytes()),
        _ => note!(
            seen,
            client.request::<Value>(operation).stream_events::<Value>()
        ),
    }
    seen.end_items();
    seen
}

/// Returns the section of the page.
pub(super) fn section() -> String {
    let rows = rows().map(|row| {
        let cells = row.cells.join(" | ");
        format!("| {} | {cells} |\n", row.name)
    });
    format!("{HEAD}{}", rows.collect::<String>())
}

#[tokio::test(start_paused = true)]
async fn every_stream_has_the_documented_outcome() {
    for row in rows() {
        for (operation, expected) in OPERATIONS.into_iter().zip(row.cells) {
            let script = Script::new((row.steps)(operation));
            let options = CallOptions::new().max_response_size(100_000);
            let config = (KINDS[0].config)().options(options);
            let mut seen = outcome(&script.client(config), operation).await;
            if script.asked().len() > 1 {
                seen.parts
                    .push(format!("{} requests", script.asked().len()));
            }
            let took = Duration::from_millis(u64::try_from(script.elapsed()).unwrap());
            if !took.is_zero() {
                seen.parts.push(format!("{took:?}"));
            }
            assert_eq!(
                seen.parts.join(", "),
                expected,
                "{}, {}",
                operation.id,
                row.name
            );
        }
    }
}
