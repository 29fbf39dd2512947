//! Property tests: for any server, a call ends in a response or an error that keeps the status.

use std::pin::Pin;
use std::time::Duration;

use proptest::collection::vec;
use proptest::prelude::*;
use proptest::sample::select;
use proptest::test_runner::{Config as Cases, TestRng, TestRunner};
use scorekit_core::UnknownMap;
use scorekit_core::{Date, DateTime, ErrorKind, OpenEnum, RetryPolicy};

use super::pages::shop::{LIST, LIST_BY_NUMBER, LIST_OF_UNKNOWN_SIZE, Orders, ReadOrders};
use super::script::{Script, ScriptedResponse};
use super::*;

/// The number of cases of each property, unless `PROPTEST_CASES` sets it.
const CASES: u32 = 100;

/// The response of a list, with the parts of generated types.
#[derive(Debug, Default)]
struct Rules {
    data: Vec<Rule>,
    meta: Option<Value>,
    unknown: UnknownMap,
}

scorekit_core::json_object! {
    Rules { data = "data" or_default, meta = "meta" optional }
    unknown properties in unknown
}

#[derive(Debug, Default)]
struct Rule {
    id: String,
    created_at: Option<DateTime>,
    level: Option<i32>,
    score: Option<f64>,
    state: Option<State>,
    unknown: UnknownMap,
}

scorekit_core::json_object! {
    Rule {
        id = "id" or_default,
        created_at = "created_at" optional,
        level = "level" optional,
        score = "score" optional,
        state = "state" optional,
    }
    unknown properties in unknown
}

scorekit_core::open_enum! {
    /// A state.
    enum State {
        /// The rule holds.
        Pass = "pass",
        /// The rule does not hold.
        Fail = "fail",
    }
}

/// Returns a runner with the same cases in every run, or the number that `PROPTEST_CASES` sets.
pub(crate) fn runner() -> TestRunner {
    let config = Cases {
        failure_persistence: None,
        ..Cases::default()
    };
    if std::env::var_os("PROPTEST_CASES").is_some() {
        return TestRunner::new(config);
    }
    let cases = Cases {
        cases: CASES,
        ..config
    };
    let rng = TestRng::deterministic_rng(proptest::test_runner::RngAlgorithm::ChaCha);
    TestRunner::new_with_rng(cases, rng)
}

/// Runs a call under a paused clock.
pub(crate) fn paused<T>(call: impl Future<Output = T>) -> T {
    // Boxed, so that the runtime is compiled for each result instead of each call.
    let call: Pin<Box<dyn Future<Output = T>>> = Box::pin(call);
    let runtime = tokio::runtime::Builder::new_current_thread()
        .enable_all()
        .start_paused(true)
        .build()
        .unwrap();
    runtime.block_on(call)
}

/// Generates any JSON, often with the names that errors and lists have.
fn json() -> BoxedStrategy<Value> {
    let names = select(vec![
        "errors",
        "error",
        "detail",
        "title",
        "status",
        "code",
        "source",
        "meta",
        "message",
        "msg",
        "loc",
        "pointer",
        "data",
        "id",
        "created_at",
        "level",
        "score",
        "state",
        "pass",
    ]);
    let text = prop_oneof![names.prop_map(str::to_owned), any::<String>()];
    let leaf = prop_oneof![
        Just(Value::Null),
        any::<bool>().prop_map(Value::from),
        any::<f64>().prop_map(Value::from),
        any::<u64>().prop_map(Value::from),
        text.clone().prop_map(Value::from),
    ];
    leaf.prop_recursive(5, 40, 5, move |inner| {
        prop_oneof![
            vec(inner.clone(), 0..5).prop_map(Value::from),
            vec((text.clone(), inner), 0..5).prop_map(|members| members.into_iter().collect()),
        ]
    })
    .boxed()
}

/// Generates any body: bytes, JSON, truncated JSON, with and without the keys in it.
fn body() -> impl Strategy<Value = Vec<u8>> {
    let text = json()
        .prop_map(|value| value.to_string().into_bytes())
        .boxed();
    let echo = select(vec![API_KEY, APPLICATION_KEY]);
    prop_oneof![
        vec(any::<u8>(), 0..300),
        text.clone(),
        (text.clone(), any::<prop::sample::Index>()).prop_map(|(mut text, at)| {
            text.truncate(at.index(text.len() + 1));
            text
        }),
        (text, any::<prop::sample::Index>(), echo).prop_map(|(mut text, at, echo)| {
            let at = at.index(text.len() + 1);
            text.splice(at..at, echo.bytes());
            text
        }),
    ]
}

/// Generates a header value: a typical one, or anything that HTTP allows.
fn header() -> impl Strategy<Value = String> {
    prop_oneof![
        select(vec![
            "0",
            "1",
            "59",
            "61",
            "1e9",
            "-1",
            "784111800",
            "99999999999999999999",
            "0.5",
            "",
            "NaN",
            "inf",
            "Sun, 06 Nov 1994 08:49:50 GMT",
            "Sun, 06 Nov 1994 08:49:37 GMT",
            "Thu, 01 Jan 1970 00:00:00 GMT",
            "Fri, 31 Dec 9999 23:59:59 GMT",
            "rules",
        ])
        .prop_map(str::to_owned),
        "[ -~]{0,40}",
        any::<u64>().prop_map(|number| number.to_string()),
    ]
}

const HEADERS: [&str; 9] = [
    "retry-after",
    "x-ratelimit-limit",
    "x-ratelimit-period",
    "x-ratelimit-remaining",
    "x-ratelimit-reset",
    "x-ratelimit-name",
    "content-type",
    "date",
    "location",
];

fn any_response() -> impl Strategy<Value = (u16, Vec<(&'static str, String)>, Vec<u8>)> {
    let status = prop_oneof![
        select(vec![
            200, 201, 202, 204, 400, 401, 403, 404, 409, 422, 429, 500, 502, 503
        ]),
        200_u16..=599,
    ];
    (
        status,
        vec((select(HEADERS.to_vec()), header()), 0..5),
        body(),
    )
}

#[test]
fn no_response_causes_a_panic_or_loses_the_status() {
    let property = |(status, headers, body): (u16, Vec<(&'static str, String)>, Vec<u8>)| {
        let mut response = ScriptedResponse::new(status).piece(Duration::ZERO, body.clone());
        for (name, value) in headers {
            response = response.header(name, value);
        }
        for operation in [&GET_RULE, &DELETE_RULE] {
            let (outcome, elapsed) = paused(async {
                let script = Script::new([response.clone().step()]);
                // The second call uses the rate limits that the first one has read.
                let client = script.client(keys());
                let call = || client.request::<Rules>(operation).path("rule_id", &"r-1");
                let _ = call().send().await;
                let before = script.elapsed();
                (call().send().await, script.elapsed() - before)
            });
            // The total timeout bounds every call.
            prop_assert!(elapsed <= 120_000, "{elapsed} ms");
            match outcome {
                Ok(response) => {
                    prop_assert!((200..300).contains(&status));
                    prop_assert_eq!(response.status().as_u16(), status);
                }
                Err(error) if error.kind() == ErrorKind::Timeout && error.status().is_none() => {
                    // The call sent nothing, because an earlier response said to wait.
                    prop_assert_eq!(error.attempts(), 0, "{}", error);
                    prop_assert!(error.retry_after().is_some());
                }
                Err(error) => {
                    prop_assert_eq!(error.status().map(|it| it.as_u16()), Some(status));
                    let kind = match status {
                        200..300 => ErrorKind::Decode,
                        _ => ErrorKind::Api,
                    };
                    prop_assert_eq!(error.kind(), kind, "{}", error);
                    let text = error.to_string();
                    prop_assert!(!text.contains(char::is_control), "{:?}", text);
                    prop_assert!(text.chars().count() < 3000, "{}", text);
                    let all = everything(&error);
                    for secret in [API_KEY, APPLICATION_KEY] {
                        prop_assert!(!all.contains(secret), "{}", all);
                    }
                }
            }
        }
        Ok(())
    };
    runner().run(&any_response(), property).unwrap();
}

/// Checks the errors of a body in each shape.
#[test]
fn all_listed_errors_are_read() {
    let objects = vec(("[a-z]{1,8}", "[a-z ]{1,20}", any::<u16>()), 1..5);
    let shapes = (objects, any::<bool>(), any::<bool>());
    let property = |(errors, as_text, bare): (Vec<(String, String, u16)>, bool, bool)| {
        let list: Value = errors
            .iter()
            .map(|(code, detail, status)| match as_text {
                true => Value::from(detail.as_str()),
                false => serde_json::json!({"code": code, "detail": detail, "status": status}),
            })
            .collect();
        let body = match bare {
            true => list,
            false => serde_json::json!({ "errors": list }),
        };
        let error = paused(async {
            let response = ScriptedResponse::new(404).piece(Duration::ZERO, body.to_string());
            let script = Script::new([response.step()]);
            get_rule(&script.client(keys())).send().await.unwrap_err()
        });
        let found: Vec<_> = error
            .errors()
            .iter()
            .map(|error| error.detail.clone().or(error.title.clone()))
            .collect();
        let expected: Vec<_> = errors
            .into_iter()
            .map(|(_, detail, _)| Some(detail))
            .collect();
        prop_assert_eq!(found, expected, "{}", body);
        Ok(())
    };
    runner().run(&shapes, property).unwrap();
}

/// Checks that no wait is longer than the policy allows, for any headers.
#[test]
fn no_header_extends_a_wait_past_the_limit() {
    let responses = vec(
        (
            select(vec![429, 503, 502, 200]),
            vec((select(HEADERS.to_vec()), header()), 0..4),
        ),
        1..5,
    );
    let longest = Duration::from_secs(7);
    let property = |responses: Vec<(u16, Vec<(&'static str, String)>)>| {
        let times = paused(async {
            let steps = responses.into_iter().map(|(status, headers)| {
                let response = ScriptedResponse::new(status).piece(Duration::ZERO, "{}");
                let add = |response: ScriptedResponse, (name, value)| response.header(name, value);
                headers.into_iter().fold(response, add).step()
            });
            let script = Script::new(steps);
            let policy = RetryPolicy::new().max_wait(longest);
            let client = script.client(keys().retry(policy));
            let _ = get_rule(&client).send().await;
            let _ = get_rule(&client).send().await;
            script.times()
        });
        for pair in times.windows(2) {
            prop_assert!(pair[1] - pair[0] <= longest.as_millis(), "{:?}", times);
        }
        Ok(())
    };
    runner().run(&responses, property).unwrap();
}

#[test]
fn strings_round_trip() {
    let property = |text: String| {
        prop_assert_eq!(State::from(text.as_str()), text.as_str());
        prop_assert_eq!(DateTime::new(text.clone()), text.as_str());
        prop_assert_eq!(Date::new(text.clone()), text.as_str());
        let json = serde_json::to_string(&text).unwrap();
        let state: State = serde_json::from_str(&json).unwrap();
        let time: DateTime = serde_json::from_str(&json).unwrap();
        let date: Date = serde_json::from_str(&json).unwrap();
        prop_assert_eq!(serde_json::to_string(&state).unwrap(), json.clone());
        prop_assert_eq!(serde_json::to_string(&time).unwrap(), json.clone());
        prop_assert_eq!(serde_json::to_string(&date).unwrap(), json);
        let known = State::from_known(&text);
        prop_assert_eq!(known.is_some(), State::VALUES.contains(&text.as_str()));
        Ok(())
    };
    let texts = prop_oneof![
        any::<String>(),
        select(State::VALUES).prop_map(str::to_owned)
    ];
    runner().run(&texts, property).unwrap();
}

/// Checks that path and query parameters arrive unchanged and change nothing around them.
#[test]
fn parameters_round_trip() {
    let property = |(segment, value): (String, String)| {
        let target = paused(async {
            let script = Script::new([super::script::success()]);
            let client = script.client(keys());
            let request = client.request::<Value>(&GET_RULE);
            let request = request.path("rule_id", &segment).query("q[]", &value);
            match request.send().await {
                Ok(_) => Some(script.asked()[0].url.clone()),
                Err(error) => {
                    assert_eq!(error.kind(), ErrorKind::InvalidRequest, "{error}");
                    None
                }
            }
        });
        let Some(url) = target else {
            // Those would address another operation.
            prop_assert!(["", ".", ".."].contains(&segment.as_str()));
            return Ok(());
        };
        prop_assert_eq!(url.host_str(), Some("api.datadoghq.com"));
        let path: Vec<&str> = url.path().split('/').collect();
        prop_assert_eq!(&path[..4], ["", "api", "v2", "rules"]);
        prop_assert_eq!(path.len(), 5);
        let decoded = percent_encoding::percent_decode_str(path[4]).decode_utf8();
        prop_assert_eq!(decoded.unwrap(), segment);
        let pairs: Vec<_> = url.query_pairs().collect();
        prop_assert_eq!(pairs, [("q[]".into(), value.into())]);
        prop_assert_eq!(url.fragment(), None);
        Ok(())
    };
    runner()
        .run(&(any::<String>(), any::<String>()), property)
        .unwrap();
}

/// Checks that a list ends for any pages, without an item that repeats an id of an earlier page.
#[test]
fn every_list_ends() {
    let page = (vec(0_usize..4, 0..4), prop::option::of(-1_i64..12));
    type Page = (Vec<usize>, Option<i64>);
    let property = |(pages, limit): (Vec<Page>, usize)| {
        let (read, asked) = paused(async {
            let steps = pages.iter().map(|(ids, total)| {
                let items: Vec<_> = ids.iter().map(|id| serde_json::json!({"id": id})).collect();
                let body = serde_json::json!({"data": items, "total": total}).to_string();
                ScriptedResponse::new(200)
                    .piece(Duration::ZERO, body)
                    .step()
            });
            let script = Script::new(steps);
            let client = script.client(keys());
            let mut read = Vec::new();
            for operation in [&LIST, &LIST_OF_UNKNOWN_SIZE, &LIST_BY_NUMBER] {
                let items = client.request::<Orders>(operation).orders().limit(limit);
                let (ids, error) = super::pages::shop::read(items).await;
                let kind = error.map(|error| error.kind());
                assert!(
                    matches!(kind, None | Some(ErrorKind::Incomplete)),
                    "{kind:?}"
                );
                read.push(ids.len());
            }
            (read, script.asked().len())
        });
        prop_assert!(read.iter().all(|count| *count <= limit), "{read:?}");
        prop_assert!(asked <= pages.len() + 3 * 2, "{asked} requests");
        Ok(())
    };
    runner()
        .run(&(vec(page, 1..6), 0_usize..30), property)
        .unwrap();
}
