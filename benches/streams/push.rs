//! Pushing a million outcomes over loopback. The time is compared with hand-written loops with the
//! same batches and concurrency, the memory with that of ten thousand.

use std::error::Error;
use std::future::Future;
use std::ops::Range;
use std::pin::pin;
use std::process::ExitCode;
use std::time::Instant;

use futures_util::{Stream, StreamExt};
use scorekit::Client;
use scorekit::scorecards::types::{EntityReference, RuleId, State, UpdateOutcomesAsyncRequestItem};
use scorekit_benches::list_call::{self, KEY};
use scorekit_benches::{Limit, Row, child, ratio};
use serde::Serialize;

use crate::server::{self, PAGE};

/// The argument that makes this program push and print its peak memory. The address and the number
/// of outcomes follow.
pub(crate) const PUSH: &str = "push-and-print-memory";

const MANY: usize = 1_000_000;
const FEW: usize = 10_000;
/// The measurements of each side of a pair.
const ROUNDS: usize = 15;
const MEMORY_ROUNDS: usize = 7;
const CONCURRENCY: usize = 4;

type Outcome = Result<(), Box<dyn Error>>;

async fn ours(client: &Client, count: usize) -> Outcome {
    let outcomes = (0..count).map(|number| {
        let entity = format!("service:service-{number}");
        UpdateOutcomesAsyncRequestItem::new(
            EntityReference::from(entity),
            RuleId::from("q8MQxk8TCqrHnWkx"),
            State::Pass,
        )
        .remarks(format!("Run {number} of the nightly check"))
    });
    let push = client.scorecards().outcomes().push_all(outcomes);
    let mut push = push.batch_size(PAGE).concurrency(CONCURRENCY);
    let mut accepted = 0;
    while let Some(pushed) = push.next().await {
        pushed.result?;
        accepted += 1;
    }
    expect(accepted, count)
}

#[derive(Serialize)]
struct Body {
    data: Data,
}

#[derive(Serialize)]
struct Data {
    r#type: &'static str,
    attributes: Attributes,
}

#[derive(Serialize)]
struct Attributes {
    results: Vec<Item>,
}

#[derive(Serialize)]
struct Item {
    entity_reference: String,
    remarks: Option<String>,
    rule_id: String,
    state: Verdict,
}

#[derive(Serialize)]
#[serde(rename_all = "lowercase")]
enum Verdict {
    Pass,
}

/// The concurrency of a loop written by hand.
#[derive(Clone, Copy)]
enum Loop {
    /// `buffer_unordered`, in one task.
    OneTask,
    /// A task for each request, so that requests are sent while the next batch is built.
    TaskEach,
}

async fn theirs(how: Loop, client: &reqwest::Client, url: &str, count: usize) -> Outcome {
    let url = format!("{url}/api/v2/scorecard/outcomes");
    let batches = (0..count)
        .step_by(PAGE)
        .map(|first| send(client, &url, first..count.min(first + PAGE)));
    let batches = futures_util::stream::iter(batches);
    match how {
        Loop::OneTask => expect(sum(batches.buffer_unordered(CONCURRENCY)).await?, count),
        Loop::TaskEach => {
            let tasks = batches.map(|batch| async { tokio::spawn(batch).await? });
            expect(sum(tasks.buffer_unordered(CONCURRENCY)).await?, count)
        }
    }
}

/// The result of a batch: the number of its outcomes.
type Sent = Result<usize, Box<dyn Error + Send + Sync>>;

fn send(
    client: &reqwest::Client,
    url: &str,
    numbers: Range<usize>,
) -> impl Future<Output = Sent> + Send + use<> {
    let length = numbers.len();
    let results: Vec<Item> = numbers
        .map(|number| Item {
            entity_reference: format!("service:service-{number}"),
            remarks: Some(format!("Run {number} of the nightly check")),
            rule_id: "q8MQxk8TCqrHnWkx".to_owned(),
            state: Verdict::Pass,
        })
        .collect();
    let body = Body {
        data: Data {
            r#type: "batched-outcome",
            attributes: Attributes { results },
        },
    };
    let body = serde_json::to_vec(&body);
    let request = client
        .post(url)
        .header("accept", "application/json")
        .header("DD-API-KEY", KEY)
        .header("DD-APPLICATION-KEY", KEY)
        .header("content-type", "application/json");
    async move {
        let response = request.body(body?).send().await?.error_for_status()?;
        response.bytes().await?;
        Ok(length)
    }
}

async fn sum(batches: impl Stream<Item = Sent>) -> Result<usize, Box<dyn Error>> {
    let mut batches = pin!(batches);
    let mut accepted = 0;
    while let Some(batch) = batches.next().await {
        accepted += batch.map_err(|error| -> Box<dyn Error> { error })?;
    }
    Ok(accepted)
}

fn expect(accepted: usize, count: usize) -> Outcome {
    if accepted == count {
        Ok(())
    } else {
        Err(format!("{accepted} of {count} outcomes were accepted").into())
    }
}

fn runtime() -> std::io::Result<tokio::runtime::Runtime> {
    tokio::runtime::Builder::new_multi_thread()
        .worker_threads(2)
        .enable_all()
        .build()
}

pub(crate) fn time_against_one_task() -> Result<Vec<Row>, Box<dyn Error>> {
    let what = "wall time, pushing 1,000,000 outcomes, to `buffer_unordered` in one task";
    time(what, Loop::OneTask)
}

pub(crate) fn time_against_a_task_each() -> Result<Vec<Row>, Box<dyn Error>> {
    let what = "wall time, pushing 1,000,000 outcomes, to a task for each request";
    time(what, Loop::TaskEach)
}

fn time(what: &str, how: Loop) -> Result<Vec<Row>, Box<dyn Error>> {
    let server = server::start()?;
    let runtime = runtime()?;
    let client = list_call::client(&server.url)?;
    let bare = list_call::bare()?;
    let mut ratios = Vec::new();
    for round in 0..=ROUNDS {
        let measure = |ours_now: bool| -> Result<u64, Box<dyn Error>> {
            let begin = Instant::now();
            if ours_now {
                runtime.block_on(ours(&client, MANY))?;
            } else {
                runtime.block_on(theirs(how, &bare, &server.url, MANY))?;
            }
            Ok(u64::try_from(begin.elapsed().as_micros())?)
        };
        let ours_first = round % 2 == 0;
        let (first, second) = (measure(ours_first)?, measure(!ours_first)?);
        // The first round warms up.
        match (round, ours_first) {
            (0, _) => {}
            (_, true) => ratios.push(ratio(first, second)),
            (_, false) => ratios.push(ratio(second, first)),
        }
    }
    Ok(vec![Row::new(what, Limit::AtMost(1.05), ratios)])
}

pub(crate) fn memory() -> Result<Vec<Row>, Box<dyn Error>> {
    let server = server::start()?;
    let peak = |count: usize| -> Result<u64, Box<dyn Error>> {
        let [peak] = child::figures([PUSH, &server.url, &count.to_string()])?;
        Ok(peak)
    };
    let mut ratios = Vec::new();
    for _ in 0..MEMORY_ROUNDS {
        let few = peak(FEW)?;
        ratios.push(ratio(peak(MANY)?, few));
    }
    let what = "peak memory, pushing 1,000,000 outcomes, to 10,000";
    Ok(vec![Row::new(what, Limit::AtMost(1.1), ratios)])
}

/// Returns the peak memory of this process, in KiB. The figure of `getrusage` includes that of the
/// parent process.
fn peak_memory() -> Result<u64, Box<dyn Error>> {
    let status = std::fs::read_to_string("/proc/self/status")?;
    let line = status.lines().find_map(|line| line.strip_prefix("VmHWM:"));
    let number = line.and_then(|line| line.split_whitespace().next());
    Ok(number.ok_or("/proc/self/status has no VmHWM")?.parse()?)
}

/// Pushes, and prints the peak memory of this process, in KiB.
pub(crate) fn push_and_print_memory(arguments: &[String]) -> ExitCode {
    let pushed = || -> Outcome {
        let [url, count] = arguments else {
            return Err("expected an address and a number".into());
        };
        runtime()?.block_on(ours(&list_call::client(url)?, count.parse()?))?;
        println!("{}", peak_memory()?);
        Ok(())
    };
    match pushed() {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            eprintln!("error: {error}");
            ExitCode::FAILURE
        }
    }
}
