//! One run: starts the server and the tasks, watches them, and checks the results.

use std::error::Error;
use std::sync::Arc;
use std::time::{Duration, Instant};

use scorekit::{CallOptions, Client};
use scorekit_sandbox::Credentials;
use tokio::runtime::Runtime;
use tokio::task::JoinSet;
use tokio::time::timeout;
use tracing_subscriber::layer::SubscriberExt;

use crate::checks::Verdict;
use crate::client_counts::SpanCounter;
use crate::ledger::{Ledger, Name, StoredItem};
use crate::monitor::{self, Monitor};
use crate::outcome::Outcome;
use crate::server::{Server, USER_AGENT};
use crate::settings::{Limit, Settings};
use crate::tasks::{Shared, Task, take_inventory};
use crate::{checks, report, sabotage};

/// The time limits of the tasks' attempts and calls. One of the faults is a longer delay.
const ATTEMPT_TIMEOUT: Duration = Duration::from_secs(3);
const CALL_TIMEOUT: Duration = Duration::from_secs(10);

/// The time limit of a call, and of all calls, that read the items of the server at the end.
const INVENTORY_CALL_TIMEOUT: Duration = Duration::from_secs(60);
const INVENTORY_TIMEOUT: Duration = Duration::from_secs(120);

/// The time in which the client's background tasks have to end after the client is dropped.
const BACKGROUND_TIMEOUT: Duration = Duration::from_secs(5);

/// Runs the soak and prints the report. Returns true if no check failed.
pub(crate) fn run(settings: &Settings) -> Result<bool, Box<dyn Error>> {
    let spans = SpanCounter::default();
    let subscriber = tracing_subscriber::registry().with(spans.clone());
    tracing::subscriber::set_global_default(subscriber)?;
    let runtime = tokio::runtime::Builder::new_multi_thread()
        .worker_threads(2)
        .enable_all()
        .build()?;
    let outcome = soak(settings, &runtime, &spans)?;
    let checks = checks::all(&outcome);
    report::print(&outcome, &checks);
    Ok(checks.iter().all(|check| check.verdict != Verdict::Failed))
}

fn soak(
    settings: &Settings,
    runtime: &Runtime,
    spans: &SpanCounter,
) -> Result<Outcome, Box<dyn Error>> {
    let mut server = Server::start(settings.seed, &settings.faults)?;
    let options = CallOptions::new()
        .attempt_timeout(ATTEMPT_TIMEOUT)
        .timeout(CALL_TIMEOUT);
    let client = client(&server.url, options)?;
    let (limit, tasks) = (settings.limit(), settings.tasks);
    match limit {
        Limit::Time(time) => println!("{tasks} tasks for {} s on {}", time.as_secs(), server.url),
        Limit::Actions(count) => println!("{tasks} tasks of {count} actions on {}", server.url),
    }

    let shared = Shared::new(client, tasks, limit, settings.sabotage);
    let started = Instant::now();
    let mut monitor = Monitor::new(started, spans, &shared);
    let driven = drive(settings, &shared, &mut monitor, &mut server);
    let (mut ledger, stuck) = runtime.block_on(driven)?;
    let elapsed = started.elapsed();
    let (server_memory, longest_action) = (monitor.server_memory, monitor.longest_action);

    server.clear_faults()?;
    let stored = runtime.block_on(examine(settings, &server.url, &mut ledger))?;
    let findings = std::mem::take(&mut *shared.findings());
    let client_memory = shared.memory();
    drop(shared);
    Ok(Outcome {
        elapsed,
        // First, because abandoned calls are counted when their background tasks have ended.
        left_over: left_over(runtime),
        sent: spans.counts(),
        received: server.counts()?,
        ledger,
        stored,
        findings,
        client_memory,
        server_memory,
        stuck,
        longest_action,
    })
}

fn client(url: &str, options: CallOptions) -> Result<Client, scorekit::Error> {
    let keys = Credentials::SANDBOX;
    Client::builder()
        .base_url(url)
        .api_key(keys.api_key)
        .application_key(keys.application_key)
        .dcycle_api_key(keys.dcycle_api_key)
        .user_agent(USER_AGENT)
        .options(options)
        .build()
}

/// Runs the tasks until each has ended or is stuck. Returns their ledgers in one, and the number of
/// stuck tasks.
async fn drive(
    settings: &Settings,
    shared: &Arc<Shared>,
    monitor: &mut Monitor<'_>,
    server: &mut Server,
) -> Result<(Ledger, usize), Box<dyn Error>> {
    let mut tasks = JoinSet::new();
    for number in 0..settings.tasks {
        tasks.spawn(Task::new(number, settings.seed, shared).run());
    }
    let mut all = Ledger::default();
    let mut ticks = tokio::time::interval(monitor::INTERVAL);
    loop {
        tokio::select! {
            ended = tasks.join_next() => match ended {
                None => return Ok((all, 0)),
                Some(Ok(ledger)) => all.merge(ledger),
                Some(Err(error)) if error.is_panic() => {
                    std::panic::resume_unwind(error.into_panic());
                }
                Some(Err(_)) => {}
            },
            _ = ticks.tick() => {
                monitor.tick(server)?;
                let stuck = shared.busy().filter(|busy| *busy > settings.stuck_after()).count();
                if stuck > 0 && stuck == tasks.len() {
                    tasks.shutdown().await;
                    return Ok((all, stuck));
                }
            }
        }
    }
}

/// Applies the sabotage, if there is one, and lists the items of the server.
async fn examine(
    settings: &Settings,
    url: &str,
    ledger: &mut Ledger,
) -> Result<Vec<StoredItem>, Box<dyn Error>> {
    let options = CallOptions::new()
        .attempt_timeout(INVENTORY_CALL_TIMEOUT)
        .timeout(INVENTORY_CALL_TIMEOUT);
    let client = client(url, options)?;
    if let Some(kind) = settings.sabotage {
        let unused = Name {
            task: settings.tasks,
            number: 1,
        };
        sabotage::apply(kind, &client, ledger, unused, url).await?;
    }
    let listed = timeout(INVENTORY_TIMEOUT, take_inventory(&client)).await;
    let listed = listed.map_err(|_| "cannot list the stored items: the calls took too long")?;
    Ok(listed?)
}

/// Waits for the background tasks of the client, which is gone. Returns the number of those that
/// are left.
fn left_over(runtime: &Runtime) -> usize {
    let started = Instant::now();
    loop {
        let alive = runtime.metrics().num_alive_tasks();
        if alive == 0 || started.elapsed() > BACKGROUND_TIMEOUT {
            return alive;
        }
        std::thread::sleep(Duration::from_millis(20));
    }
}
