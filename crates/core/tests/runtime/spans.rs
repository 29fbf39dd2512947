//! The spans and events of a call that a `tracing` subscriber receives.

use std::collections::BTreeMap;
use std::fmt::Debug;
use std::sync::{Arc, Mutex};

use tracing::field::{Field, Visit};
use tracing::span::{Attributes, Id, Record};
use tracing::subscriber::{DefaultGuard, set_default};
use tracing::{Event, Metadata, Subscriber};

use super::script::{Script, ScriptedResponse, status, success};
use super::*;

type Fields = BTreeMap<&'static str, String>;

/// A subscriber that keeps the fields of every span and event.
#[derive(Clone, Default)]
struct Recorder {
    seen: Arc<Mutex<Vec<(&'static str, Fields)>>>,
}

struct Fill<'a>(&'a mut Fields);

impl Visit for Fill<'_> {
    fn record_debug(&mut self, field: &Field, value: &dyn Debug) {
        self.0.insert(field.name(), format!("{value:?}"));
    }

    fn record_str(&mut self, field: &Field, value: &str) {
        self.0.insert(field.name(), value.to_owned());
    }
}

impl Subscriber for Recorder {
    fn enabled(&self, metadata: &Metadata<'_>) -> bool {
        metadata.target() == "scorekit"
    }

    fn new_span(&self, span: &Attributes<'_>) -> Id {
        let mut fields = Fields::new();
        span.record(&mut Fill(&mut fields));
        let mut seen = self.seen.lock().unwrap();
        seen.push((span.metadata().name(), fields));
        Id::from_u64(seen.len() as u64)
    }

    fn record(&self, span: &Id, values: &Record<'_>) {
        let mut seen = self.seen.lock().unwrap();
        let index = usize::try_from(span.into_u64()).unwrap() - 1;
        values.record(&mut Fill(&mut seen[index].1));
    }

    fn event(&self, event: &Event<'_>) {
        let mut fields = Fields::new();
        event.record(&mut Fill(&mut fields));
        self.seen.lock().unwrap().push(("event", fields));
    }

    fn record_follows_from(&self, _: &Id, _: &Id) {}
    fn enter(&self, _: &Id) {}
    fn exit(&self, _: &Id) {}
}

impl Recorder {
    /// Records the spans and events of this thread until the guard is dropped.
    fn install() -> (Self, DefaultGuard) {
        let recorder = Self::default();
        (recorder.clone(), set_default(recorder))
    }

    fn seen(&self) -> Vec<(&'static str, Fields)> {
        self.seen.lock().unwrap().clone()
    }
}

fn fields<const N: usize>(pairs: [(&'static str, &str); N]) -> Fields {
    pairs.map(|(name, value)| (name, value.to_owned())).into()
}

/// Runs in a process of its own because `tracing` caches interest in a span for the whole process.
/// It decides when it first meets a span or a subscriber arrives, so concurrent tests would
/// interfere.
#[test]
fn spans_in_a_process_of_their_own() {
    let output = std::process::Command::new(std::env::current_exe().unwrap())
        .args(["--ignored", "--test-threads=1", "spans::"])
        .output()
        .unwrap();
    let text = String::from_utf8_lossy(&output.stdout);
    assert!(
        output.status.success() && text.contains("4 passed"),
        "{text}"
    );
}

#[tokio::test(start_paused = true)]
#[ignore = "run by the test above"]
async fn call_and_each_attempt_have_a_span() {
    let (recorder, _guard) = Recorder::install();
    let script = Script::new([
        ScriptedResponse::new(503).header("retry-after", 2).step(),
        success(),
    ]);
    get_rule(&script.client(keys())).send().await.unwrap();
    let call = fields([
        ("otel.name", "GetRule"),
        ("otel.kind", "internal"),
        ("scorekit.operation_id", "GetRule"),
        ("http.request.method", "GET"),
        ("url.template", "/api/v2/rules/{rule_id}"),
        ("http.response.status_code", "200"),
        ("scorekit.attempts", "2"),
    ]);
    let mut first = fields([
        ("otel.name", "GET /api/v2/rules/{rule_id}"),
        ("otel.kind", "client"),
        ("scorekit.operation_id", "GetRule"),
        ("http.request.method", "GET"),
        ("url.template", "/api/v2/rules/{rule_id}"),
        ("server.address", "api.datadoghq.com"),
        ("server.port", "443"),
        ("http.response.status_code", "503"),
        ("error.type", "503"),
        ("scorekit.wait_seconds", "0.0"),
    ]);
    let wait = fields([
        ("message", "waiting before the next attempt"),
        ("scorekit.wait_seconds", "2.0"),
    ]);
    let expected_first = first.clone();
    first.remove("error.type");
    first.extend(fields([
        ("http.response.status_code", "200"),
        ("http.request.resend_count", "1"),
        ("scorekit.wait_seconds", "2.0"),
    ]));
    assert_eq!(
        recorder.seen(),
        [
            ("call", call),
            ("attempt", expected_first),
            ("event", wait),
            ("attempt", first),
        ]
    );
}

#[tokio::test(start_paused = true)]
#[ignore = "run by a test above"]
async fn spans_name_the_error_kind_and_hide_secrets() {
    let cases = [
        (success(), "decode"),
        (status(404), "404"),
        (super::script::Step::Silence, "timeout"),
        (
            super::script::Step::Fail(scorekit_core::test_hooks::Stage::Sent),
            "connection",
        ),
    ];
    for (step, kind) in cases {
        let (recorder, _guard) = Recorder::install();
        let script = Script::new([step]);
        let request = script.client(once()).request::<Vec<u8>>(&GET_RULE);
        let error = request.path("rule_id", &TOKEN).send().await.unwrap_err();
        let seen = recorder.seen();
        assert_eq!(seen[0].1["error.type"], kind, "{error}");
        assert_eq!(seen[0].1["scorekit.attempts"], "1");
        // The arguments are absent as well.
        assert_no_canary(&format!("{seen:?}"));
    }
    let (recorder, _guard) = Recorder::install();
    let client = Client::new(Config::new()).unwrap();
    get_rule(&client).send().await.unwrap_err();
    let seen = recorder.seen();
    assert_eq!(seen.len(), 1);
    assert_eq!(seen[0].1["error.type"], "configuration");
    assert_eq!(seen[0].1["scorekit.attempts"], "0");
}

#[tokio::test(start_paused = true)]
#[ignore = "run by a test above"]
async fn preview_operation_warns_once_per_client() {
    static PREVIEW: Operation =
        Operation::new("TryRule", Method::GET, "/api/v2/rules/{rule_id}", &DATADOG).preview();
    let (recorder, _guard) = Recorder::install();
    let script = Script::new([success(), success(), success()]);
    let client = script.client(keys());
    for client in [&client, &client.clone(), &client] {
        let request = client.request::<Value>(&PREVIEW).path("rule_id", &"r-1");
        request.send().await.unwrap();
    }
    let events: Vec<_> = recorder
        .seen()
        .into_iter()
        .filter(|(name, _)| *name == "event")
        .collect();
    let warning = fields([
        (
            "message",
            "TryRule is a preview: the vendor may change or remove it without notice",
        ),
        ("scorekit.operation_id", "TryRule"),
    ]);
    assert_eq!(events, [("event", warning)]);
}

#[tokio::test]
#[ignore = "run by a test above"]
async fn deviations_of_a_response_are_an_event_with_their_paths() {
    #[derive(Default)]
    struct Rule {
        id: String,
        tags: Vec<String>,
    }
    scorekit_core::json_object! {
        Rule { id = "id" or_default, tags = "tags" or_default }
        unknown properties rejected
    }
    let (recorder, _guard) = Recorder::install();
    let server = Canned::json("200 OK", r#"{"tags": ["secret", null]}"#).await;
    let request = get_rule(&server.client(keys())).decode_as::<Rule>();
    let response = request.send().await.unwrap();
    assert_eq!((response.id.as_str(), response.tags.len()), ("", 1));
    let seen = recorder.seen();
    let event = seen
        .iter()
        .find(|(_, fields)| fields.contains_key("scorekit.deviations"));
    let (_, fields) = event.unwrap();
    assert_eq!(fields["scorekit.deviations"], "2");
    let message = &fields["message"];
    assert!(
        message.contains("tags[1]: null in a list of values; id: the required property is missing"),
        "{message}"
    );
    assert!(!format!("{seen:?}").contains("secret"), "{seen:?}");
}
