//! The page at `/`: the API reference, from which calls can be sent, and the requests as they
//! arrive. All files are part of the crate, and the page loads nothing from other hosts.

use std::sync::{Arc, Mutex, OnceLock};
use std::time::Duration;

use bytes::Bytes;
use http::{HeaderMap, HeaderName, HeaderValue, Method, Response, header};
use serde_json::{Value, json};
use tokio::sync::mpsc;

use super::body::Body;
use super::record_json::record_json;
use super::request_log::RequestLog;
use crate::document;
use crate::request::Credentials;
use crate::sync::lock;

const HTML: &str = include_str!("../../assets/page.html");
const CSS: &str = include_str!("../../assets/page.css");
const SCRIPT: &str = include_str!("../../assets/page.js");
const REQUESTS: &str = include_str!("../../assets/requests.js");
const STEER: &str = include_str!("../../assets/steer.js");
const RAPIDOC: &[u8] = include_bytes!("../../assets/rapidoc-min.js.gz");

const JAVASCRIPT: &str = "text/javascript; charset=utf-8";
const JSON: &str = "application/json";

/// The content security policy: only this server. RapiDoc needs inline styles.
const POLICY: &str = "default-src 'none'; script-src 'self'; style-src 'self' 'unsafe-inline'; \
                      img-src 'self' data:; connect-src 'self'; base-uri 'none'; \
                      form-action 'none'; frame-ancestors 'none'";

/// The time for which events are collected and then sent together. A browser cannot show thousands
/// per second one by one.
const EVENT_INTERVAL: Duration = Duration::from_millis(50);

/// The number of earlier requests that a new page shows.
const EARLIER_REQUESTS: usize = 200;

/// Returns the response for a path of the page, or `None` for all other paths.
pub(crate) fn respond(
    log: &Arc<Mutex<RequestLog>>,
    method: &Method,
    path: &str,
) -> Option<Response<Body>> {
    if *method != Method::GET {
        return None;
    }
    let (media_type, body) = match path {
        "/" => ("text/html; charset=utf-8", Body::whole(page())),
        "/_sandbox/page.css" => ("text/css; charset=utf-8", Body::whole(CSS)),
        "/_sandbox/page.js" => (JAVASCRIPT, Body::whole(SCRIPT)),
        "/_sandbox/requests.js" => (JAVASCRIPT, Body::whole(REQUESTS)),
        "/_sandbox/steer.js" => (JAVASCRIPT, Body::whole(STEER)),
        "/_sandbox/rapidoc-min.js" => (JAVASCRIPT, Body::whole(RAPIDOC)),
        "/openapi.json" => (JSON, Body::whole(description())),
        "/_sandbox/events" => ("text/event-stream", events(log)),
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

/// Adds the headers that protect a browser.
fn protect(headers: &mut HeaderMap) {
    let protection: [(HeaderName, &str); 4] = [
        (header::CONTENT_SECURITY_POLICY, POLICY),
        (header::X_CONTENT_TYPE_OPTIONS, "nosniff"),
        (header::REFERRER_POLICY, "no-referrer"),
        // Another version of the sandbox may use the same port later.
        (header::CACHE_CONTROL, "no-store"),
    ];
    for (name, value) in protection {
        headers.insert(name, HeaderValue::from_static(value));
    }
}

/// Returns the page, with the sandbox's keys for calls. The keys are not secrets.
fn page() -> String {
    let keys = Credentials::SANDBOX;
    let keys = json!({
        "dd-api-key": keys.api_key,
        "dd-application-key": keys.application_key,
        "x-api-key": keys.dcycle_api_key,
    });
    HTML.replace("KEYS", &keys.to_string())
}

/// Returns the document, with this sandbox in place of the vendors' servers.
fn description() -> Bytes {
    static DESCRIPTION: OnceLock<Bytes> = OnceLock::new();
    let described = DESCRIPTION.get_or_init(|| {
        // The text is valid: the sandbox parsed it at its start.
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

/// Streams server-sent events: each request when it arrives, and again with its response.
fn events(log: &Arc<Mutex<RequestLog>>) -> Body {
    let (sender, pieces) = mpsc::channel(1);
    let mut changes = lock(log).subscribe();
    // The stream ends with the sandbox.
    let log = Arc::downgrade(log);
    tokio::spawn(async move {
        let mut seen = None;
        loop {
            let text = match log.upgrade() {
                Some(shared) => {
                    let log = lock(&shared);
                    let changed = match seen {
                        None => log.latest(EARLIER_REQUESTS),
                        Some(seen) => log.since(seen),
                    };
                    seen = Some(log.revision());
                    let events = changed.map(|record| format!("data: {}\n\n", record_json(record)));
                    // A comment opens the stream in the browser at once.
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
                () = tokio::time::sleep(EVENT_INTERVAL) => {}
            }
            tokio::select! {
                () = sender.closed() => return,
                change = changes.changed() => if change.is_err() { return },
            }
        }
    });
    Body::pieces(pieces, None)
}
