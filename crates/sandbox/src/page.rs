//! The page at `/`: the API reference, in which calls can be tried, and the requests as they arrive. All of it ships with
//! the crate; the browser is told to load nothing from elsewhere.

use std::sync::{Arc, OnceLock};
use std::time::Duration;

use bytes::Bytes;
use http::{HeaderMap, HeaderName, HeaderValue, Method, Response, header};
use jiff::Timestamp;
use serde_json::{Value, json};
use tokio::sync::mpsc;

use crate::body::Body;
use crate::document;
use crate::record::RequestRecord;
use crate::security::Credentials;
use crate::server::{Server, lock};

const HTML: &str = include_str!("../assets/page.html");
const CSS: &str = include_str!("../assets/page.css");
const SCRIPT: &str = include_str!("../assets/page.js");
const RAPIDOC: &[u8] = include_bytes!("../assets/rapidoc-min.js.gz");

const JAVASCRIPT: &str = "text/javascript; charset=utf-8";
const JSON: &str = "application/json";

/// Nothing from elsewhere, whatever a file says. RapiDoc styles its elements one by one.
const POLICY: &str = "default-src 'none'; script-src 'self'; style-src 'self' 'unsafe-inline'; img-src 'self' data:; \
                      connect-src 'self'; base-uri 'none'; form-action 'none'; frame-ancestors 'none'";

/// How long events are collected before they are sent together: a browser cannot show thousands in a second one by one.
const COLLECTED: Duration = Duration::from_millis(50);

/// How many requests from before are told to a page that is opened.
const BEFORE: usize = 200;

/// The answer for a path of the page; nothing for all other paths.
pub(crate) fn answer(server: &Arc<Server>, method: &Method, path: &str) -> Option<Response<Body>> {
    if *method != Method::GET {
        return None;
    }
    let (media_type, body) = match path {
        "/" => ("text/html; charset=utf-8", Body::whole(page())),
        "/_sandbox/page.css" => ("text/css; charset=utf-8", Body::whole(CSS)),
        "/_sandbox/page.js" => (JAVASCRIPT, Body::whole(SCRIPT)),
        "/_sandbox/rapidoc-min.js" => (JAVASCRIPT, Body::whole(RAPIDOC)),
        "/_sandbox/openapi.json" => (JSON, Body::whole(description())),
        "/_sandbox/requests" => (JSON, Body::whole(requests(server))),
        "/_sandbox/events" => ("text/event-stream", events(server)),
        _ => return None,
    };
    let mut response = Response::new(body);
    let headers = response.headers_mut();
    headers.insert(header::CONTENT_TYPE, HeaderValue::from_static(media_type));
    if path == "/_sandbox/rapidoc-min.js" {
        headers.insert(header::CONTENT_ENCODING, HeaderValue::from_static("gzip"));
    }
    protect(headers);
    Some(response)
}

fn protect(headers: &mut HeaderMap) {
    let protection: [(HeaderName, &str); 4] = [
        (header::CONTENT_SECURITY_POLICY, POLICY),
        (header::X_CONTENT_TYPE_OPTIONS, "nosniff"),
        (header::REFERRER_POLICY, "no-referrer"),
        // Another version of the sandbox may be on the same port next.
        (header::CACHE_CONTROL, "no-store"),
    ];
    for (name, value) in protection {
        headers.insert(name, HeaderValue::from_static(value));
    }
}

/// The page, with the sandbox's keys for trying calls. They are no secrets.
fn page() -> String {
    let keys = Credentials::SANDBOX;
    let keys = json!({
        "dd-api-key": keys.api_key,
        "dd-application-key": keys.application_key,
        "x-api-key": keys.dcycle_api_key,
    });
    HTML.replace("KEYS", &keys.to_string())
}

/// The document with this sandbox in place of the vendors' servers.
fn description() -> Bytes {
    static DESCRIPTION: OnceLock<Bytes> = OnceLock::new();
    let described = DESCRIPTION.get_or_init(|| {
        // It was parsed before the sandbox started.
        let mut root: Value = serde_json::from_str(document::TEXT).unwrap_or_default();
        if let Some(Value::Object(paths)) = root.get_mut("paths") {
            for item in paths.values_mut().filter_map(Value::as_object_mut) {
                item.remove("servers");
                for operation in item.values_mut().filter_map(Value::as_object_mut) {
                    operation.remove("servers");
                }
            }
        }
        root["servers"] = json!([{ "url": "/", "description": "This sandbox" }]);
        Bytes::from(root.to_string())
    });
    described.clone()
}

/// The requests that are remembered, oldest first.
fn requests(server: &Server) -> String {
    let log = lock(&server.log);
    Value::from_iter(log.all().map(told)).to_string()
}

/// A request as JSON.
fn told(record: &RequestRecord) -> Value {
    let time = Timestamp::try_from(record.time).unwrap_or_default();
    json!({
        "number": record.number,
        "time": format!("{time:.3}"),
        "method": record.method,
        "path": record.path,
        "query": record.query,
        "operation_id": record.operation_id,
        "status": record.status,
        "fault": record.fault,
        "headers": record.headers,
        "body": String::from_utf8_lossy(&record.body),
    })
}

/// Server-sent events: each request when it arrives and again when it is answered.
fn events(server: &Arc<Server>) -> Body {
    let (sender, pieces) = mpsc::channel(1);
    let mut news = lock(&server.log).news();
    // The sandbox may go while a page is open.
    let server = Arc::downgrade(server);
    tokio::spawn(async move {
        let mut seen = None;
        loop {
            let text = match server.upgrade() {
                Some(server) => {
                    let log = lock(&server.log);
                    let fresh = match seen {
                        None => log.latest(BEFORE),
                        Some(seen) => log.since(seen),
                    };
                    seen = Some(log.revision());
                    let events = fresh.map(|record| format!("data: {}\n\n", told(record)));
                    // A comment tells the browser at once that the stream is open.
                    std::iter::once(":\n\n".to_owned())
                        .chain(events)
                        .collect::<String>()
                }
                None => return,
            };
            if sender.send(Ok(Bytes::from(text))).await.is_err() {
                return;
            }
            tokio::select! {
                () = sender.closed() => return,
                () = tokio::time::sleep(COLLECTED) => {}
            }
            tokio::select! {
                () = sender.closed() => return,
                changed = news.changed() => if changed.is_err() { return },
            }
        }
    });
    Body::pieces(pieces, None)
}
