//! Hooks, traces, and the limit of concurrent requests.

use std::sync::{Arc, Mutex};
use std::time::Duration;

use scorekit_core::test_hooks::Stage;
use scorekit_core::{
    Attempt, AttemptHook, AttemptResult, AttributeValue, ErrorKind, EventStream, RetryPolicy,
    TraceContext,
};
use tokio::task::JoinSet;

use super::script::{End, Script, ScriptedResponse, Step, success};
use super::*;

const SECOND: Duration = Duration::from_secs(1);

static WATCH: Operation = Operation::new("Watch", Method::GET, "/events", &DATADOG)
    .security(&[&[&API_KEY_AUTH, &APP_KEY_AUTH]])
    .response(BodyKind::Events);

/// A hook that writes down what it sees, with its name.
#[derive(Clone)]
struct Recorder {
    name: &'static str,
    lines: Arc<Mutex<Vec<String>>>,
}

impl Recorder {
    fn new() -> Self {
        let lines = Arc::default();
        Self { name: "", lines }
    }

    fn named(&self, name: &'static str) -> Self {
        let lines = Arc::clone(&self.lines);
        Self { name, lines }
    }

    fn add(&self, line: String) {
        self.lines
            .lock()
            .unwrap()
            .push(self.name.to_owned() + &line);
    }

    fn take(&self) -> Vec<String> {
        std::mem::take(&mut self.lines.lock().unwrap())
    }
}

fn listed<'a>(attributes: impl Iterator<Item = (&'static str, AttributeValue<'a>)>) -> String {
    let listed: Vec<_> = attributes
        .map(|(name, value)| format!("{name}={value}"))
        .collect();
    listed.join(" ")
}

impl AttemptHook for Recorder {
    fn before(&self, attempt: &Attempt<'_>) {
        let (resends, wait) = (attempt.resend_count(), attempt.wait());
        self.add(format!(
            "before {} {resends} {wait:?}",
            attempt.operation_id()
        ));
        if resends == 0 {
            self.add(listed(attempt.attributes()));
        }
    }

    fn after(&self, attempt: &Attempt<'_>, result: &AttemptResult<'_>) {
        let id = attempt.operation_id();
        self.add(format!(
            "after {id} {:?} {}",
            result.duration(),
            listed(result.attributes())
        ));
    }
}

#[tokio::test(start_paused = true)]
async fn hooks_see_every_attempt() {
    let script = Script::new([
        Step::After(
            SECOND,
            Box::new(ScriptedResponse::new(503).header("retry-after", 2).step()),
        ),
        Step::Fail(Stage::Connect),
        Step::After(SECOND * 3, Box::new(success())),
    ]);
    let recorder = Recorder::new();
    let config = keys()
        .hook(recorder.clone())
        .retry(RetryPolicy::new().base_delay(SECOND));
    get_rule(&script.client(config)).send().await.unwrap();
    let request = "http.request.method=GET server.address=api.datadoghq.com server.port=443 \
                   url.scheme=https url.template=/api/v2/rules/{rule_id}";
    assert_eq!(
        recorder.take(),
        [
            "before GetRule 0 0ns",
            request,
            "after GetRule 1s http.response.status_code=503 error.type=503 \
             network.protocol.version=1.1",
            "before GetRule 1 2s",
            "after GetRule 0ns error.type=connection",
            "before GetRule 2 2s",
            "after GetRule 3s http.response.status_code=200 network.protocol.version=1.1",
        ]
    );
}

/// Checks that `after` runs for an attempt whose call was dropped, so that gauges stay right.
#[tokio::test(start_paused = true)]
async fn dropped_call_is_cancelled() {
    let script = Script::new([Step::Silence]);
    let recorder = Recorder::new();
    let client = script.client(keys().hook(recorder.clone()));
    let call = get_rule(&client).send();
    assert!(tokio::time::timeout(SECOND * 5, call).await.is_err());
    let lines = recorder.take();
    assert_eq!(
        lines.last().unwrap(),
        "after GetRule 5s error.type=cancelled"
    );
    assert_eq!(lines.len(), 3);
}

#[tokio::test(start_paused = true)]
async fn hooks_run_in_order_and_fallback_first() {
    let script = Script::new([success()]);
    let recorder = Recorder::new();
    let fallback = Config::new().hook(recorder.named("1 "));
    let config = keys()
        .hook(recorder.named("2 "))
        .hook(recorder.named("3 "))
        .or(fallback);
    get_rule(&script.client(config)).send().await.unwrap();
    let order: Vec<String> = recorder
        .take()
        .iter()
        .map(|line| line[..3].to_owned())
        .collect();
    let names = "1 b 1 h 2 b 2 h 3 b 3 h 3 a 2 a 1 a"
        .split(' ')
        .collect::<Vec<_>>();
    let names: Vec<String> = names.chunks(2).map(|pair| pair.join(" ")).collect();
    assert_eq!(order, names);
}

/// Checks what the hook of a program can see of secrets: nothing but what the server sent.
#[tokio::test]
async fn hooks_see_no_credential() {
    struct Shown(Arc<Mutex<String>>);
    impl AttemptHook for Shown {
        fn after(&self, attempt: &Attempt<'_>, result: &AttemptResult<'_>) {
            let error = result.error().unwrap();
            assert_eq!(result.status(), error.status());
            let headers = result.headers().unwrap();
            *self.0.lock().unwrap() += &format!("{attempt:?} {result:?} {error} {headers:?}");
        }
    }
    let shown = Arc::new(Mutex::new(String::new()));
    let echo = format!("x-echo: {API_KEY}\r\n");
    let server = Canned::new(http_response("403 Forbidden", &echo, APPLICATION_KEY)).await;
    let client = server.client(keys().hook(Shown(Arc::clone(&shown))));
    let error = get_rule(&client).send().await.unwrap_err();
    assert_eq!(error.kind(), ErrorKind::Api);
    let shown = shown.lock().unwrap();
    assert!(shown.contains("403") && shown.contains("x-echo"), "{shown}");
    assert_no_canary(&shown);
}

#[tokio::test(start_paused = true)]
async fn every_attempt_continues_its_own_trace() {
    let script = Script::new([
        ScriptedResponse::new(503).header("retry-after", 1).step(),
        success(),
    ]);
    let count = Mutex::new(0);
    let config = keys().trace_context(move || {
        let mut count = count.lock().unwrap();
        *count += 1;
        let context = TraceContext::new([1; 16], [*count; 8], 1)?;
        Some(context.with_state("vendor=value"))
    });
    let client = script.client(config);
    get_rule(&client).send().await.unwrap();
    let own = "00-0102030405060708090a0b0c0d0e0f10-0102030405060708-00";
    let request = client.request::<Value>(&GET_RULE).path("rule_id", &"r-1");
    request
        .header_unchecked("traceparent", own)
        .send()
        .await
        .unwrap();
    let sent: Vec<_> = script
        .asked()
        .into_iter()
        .map(|asked| {
            let text = |name| {
                asked
                    .headers
                    .get(name)
                    .map(|it| it.to_str().unwrap().to_owned())
            };
            (text("traceparent").unwrap(), text("tracestate"))
        })
        .collect();
    let trace = "00-01010101010101010101010101010101";
    let state = Some("vendor=value".to_owned());
    assert_eq!(
        sent,
        [
            (format!("{trace}-0101010101010101-01"), state.clone()),
            (format!("{trace}-0202020202020202-01"), state),
            (own.to_owned(), None),
        ]
    );
}

/// The examples of the recommendation, section 3.2.
#[test]
fn trace_context_is_checked() {
    let good = "00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01";
    assert_eq!(TraceContext::parse(good).unwrap().traceparent(), good);
    let later = "cc-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01-more";
    assert_eq!(TraceContext::parse(later).unwrap().traceparent(), later);
    for bad in [
        "",
        "00",
        "ff-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01",
        "00-00000000000000000000000000000000-00f067aa0ba902b7-01",
        "00-4bf92f3577b34da6a3ce929d0e0e4736-0000000000000000-01",
        "00-4BF92F3577B34DA6A3CE929D0E0E4736-00f067aa0ba902b7-01",
        "00-4bf92f3577b34da6a3ce929d0e0e473-00f067aa0ba902b7-01",
        "00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-1",
        "00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01-more",
        "00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01\r\n",
    ] {
        assert_eq!(TraceContext::parse(bad), None, "{bad:?}");
    }
    assert_eq!(TraceContext::new([0; 16], [1; 8], 1), None);
    let plain = TraceContext::parse(good).unwrap();
    for bad in ["", "a=b\r\nx: y", &"a".repeat(513)] {
        assert_eq!(plain.clone().with_state(bad), plain, "{bad:?}");
    }
}

/// Makes this many calls at once and returns the time of each request in seconds.
async fn at_once(script: &Arc<Script>, client: &Client, count: usize) -> Vec<u128> {
    let calls: JoinSet<_> = (0..count).map(|_| get_rule(client).send()).collect();
    for outcome in calls.join_all().await {
        outcome.unwrap();
    }
    script.times().into_iter().map(|time| time / 1000).collect()
}

#[tokio::test(start_paused = true)]
async fn further_calls_wait_for_those_in_flight() {
    let slow = Step::After(SECOND, Box::new(success()));
    let script = Script::new([slow.clone()]);
    let client = script.client(keys());
    assert_eq!(at_once(&script, &client, 5).await, [0, 0, 0, 0, 0]);

    let script = Script::new([slow]);
    let client = script.client(keys().max_concurrent_requests(2));
    assert_eq!(at_once(&script, &client, 5).await, [0, 0, 1, 1, 2]);
}

/// Checks that a call gives its place to others while it waits before a retry.
#[tokio::test(start_paused = true)]
async fn waiting_call_does_not_count() {
    let script = Script::new([
        ScriptedResponse::new(503).header("retry-after", 10).step(),
        Step::After(SECOND, Box::new(success())),
    ]);
    let client = script.client(keys().max_concurrent_requests(1));
    assert_eq!(at_once(&script, &client, 3).await, [0, 0, 1, 10]);
}

#[tokio::test(start_paused = true)]
async fn time_of_a_call_counts_while_it_waits_for_others() {
    let script = Script::new([Step::Silence]);
    let recorder = Recorder::new();
    let config = once()
        .attempt_timeout(SECOND * 20)
        .timeout(SECOND * 30)
        .max_concurrent_requests(1)
        .hook(recorder.clone());
    let client = script.client(config);
    let calls: JoinSet<_> = (0..3).map(|_| get_rule(&client).send()).collect();
    let mut errors: Vec<_> = calls
        .join_all()
        .await
        .into_iter()
        .map(Result::unwrap_err)
        .collect();
    errors.sort_by_key(Error::attempts);
    assert_eq!(
        errors[0].to_string(),
        "GetRule (rule_id r-1): cannot send the request within 30s: the client has as many \
         requests in flight as Config::max_concurrent_requests allows; raise it, or \
         CallOptions::timeout"
    );
    assert!(errors[0].is_retryable());
    assert!(
        errors
            .iter()
            .all(|error| error.kind() == ErrorKind::Timeout)
    );
    let attempts: Vec<u32> = errors.iter().map(Error::attempts).collect();
    assert_eq!(attempts, [0, 1, 1]);
    // The second began after the first, with ten seconds left.
    assert_eq!(
        (script.times(), script.elapsed()),
        (vec![0, 20_000], 30_000)
    );
    let lines = recorder.take();
    assert!(
        lines.contains(&"before GetRule 0 20s".to_owned()),
        "{lines:?}"
    );

    // A retry that finds no place keeps its error.
    let script = Script::by(|request| match request.url().path() {
        "/events" => ScriptedResponse::new(200)
            .header("content-type", "text/event-stream")
            .end(End::Silent)
            .step(),
        _ => ScriptedResponse::new(503).header("retry-after", 1).step(),
    });
    let client = script.client(keys().timeout(SECOND * 9).max_concurrent_requests(1));
    let call = tokio::spawn(get_rule(&client).send());
    tokio::time::sleep(SECOND / 2).await;
    let watch = client.request::<Value>(&WATCH).stream_events::<Value>();
    let _stream = watch.await.unwrap();
    let error = call.await.unwrap().unwrap_err();
    assert_eq!(
        (error.status().unwrap().as_u16(), error.attempts()),
        (503, 1)
    );
    assert!(
        error
            .to_string()
            .contains("not retried: the client has as many"),
        "{error}"
    );
    assert_eq!(script.elapsed(), 9_000);
}

#[tokio::test(start_paused = true)]
async fn stream_counts_until_it_ends_or_is_dropped() {
    let script = Script::by(|request| match request.url().path() {
        "/events" => ScriptedResponse::new(200)
            .header("content-type", "text/event-stream")
            .piece(SECOND, "data: 1\n\n")
            .piece(SECOND, "data: 2\n\n")
            .step(),
        _ => success(),
    });
    let client = script.client(keys().max_concurrent_requests(1).timeout(SECOND * 9));
    let watch = || async {
        let watch = client.request::<Value>(&WATCH).stream_events::<Value>();
        watch.await.unwrap().into_inner()
    };
    let mut stream: EventStream<Value> = watch().await;
    let call = tokio::spawn(get_rule(&client).send());
    stream.next().await.unwrap().unwrap();
    assert!(!call.is_finished());
    stream.next().await.unwrap().unwrap();
    assert!(stream.next().await.is_none());
    call.await.unwrap().unwrap();
    assert_eq!(script.elapsed(), 2_000);
    drop(stream);

    let stream = watch().await;
    let call = tokio::spawn(get_rule(&client).send());
    tokio::time::sleep(SECOND).await;
    assert!(!call.is_finished());
    drop(stream);
    call.await.unwrap().unwrap();
    assert_eq!(script.elapsed(), 3_000);
}

#[test]
fn limit_of_concurrent_requests_is_checked() {
    let error = Client::new(keys().max_concurrent_requests(0)).unwrap_err();
    assert_eq!(error.kind(), ErrorKind::Configuration);
    assert!(
        error
            .to_string()
            .contains("Config::max_concurrent_requests"),
        "{error}"
    );
    let most = keys().max_concurrent_requests(usize::MAX);
    assert!(format!("{most:?}").contains("max_concurrent_requests: Some"));
    Client::new(most).unwrap();
    let own = keys()
        .max_concurrent_requests(7)
        .or(Config::new().max_concurrent_requests(0));
    Client::new(own).unwrap();
}
