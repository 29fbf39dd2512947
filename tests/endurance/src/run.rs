//! One run: the server and the tasks are started, watched and stopped, and what is left is looked at.

use std::collections::BTreeMap;
use std::error::Error;
use std::io::{Read, Write};
use std::net::TcpStream;
use std::sync::Arc;
use std::sync::atomic::Ordering;
use std::time::{Duration, Instant};

use scorekit::scorecards::types::RuleAttributesRequest;
use scorekit::{CallOptions, Client};
use scorekit_sandbox::Credentials;
use tokio::runtime::Runtime;
use tokio::task::JoinSet;
use tokio::time::timeout;
use tracing_subscriber::layer::SubscriberExt;

use crate::attempts::{Account, Accounts};
use crate::checks::Verdict;
use crate::ledger::{Found, Kind, Ledger};
use crate::memory::{self, Samples};
use crate::server::{Count, REMEMBERED, Server, USER_AGENT};
use crate::tasks::{Findings, Shared, Task, take_inventory};
use crate::{Sabotage, Settings, checks, report};

/// How long an attempt and a call may take.
const ATTEMPT_TIMEOUT: Duration = Duration::from_secs(3);
const CALL_TIMEOUT: Duration = Duration::from_secs(10);

/// How often this process is looked at, how often that goes by until the server is asked, and until a line is printed.
const LOOK_INTERVAL: Duration = Duration::from_millis(250);
const LOOKS_PER_COUNT: u32 = 4;
const LOOKS_PER_LINE: u32 = 20;

/// How long listing everything may take at the end.
const INVENTORY_PATIENCE: Duration = Duration::from_secs(120);

/// How long the client's own tasks may take to end when it is gone.
const ENDING_PATIENCE: Duration = Duration::from_secs(5);

/// Everything that is known at the end of a run.
pub(crate) struct Outcome {
    /// How long calls were made.
    pub(crate) elapsed: Duration,
    /// What the client says that it did, and what the server says that it got.
    pub(crate) sent: BTreeMap<String, Account>,
    pub(crate) received: Count,
    pub(crate) ledger: Ledger,
    pub(crate) found: Vec<Found>,
    pub(crate) findings: Findings,
    pub(crate) client_memory: Samples,
    pub(crate) server_memory: Samples,
    /// How many tasks had to be given up, and the longest that one was busy with one thing.
    pub(crate) stuck: usize,
    pub(crate) longest: Duration,
    /// How many tasks of the client live on after it.
    pub(crate) left_over: usize,
}

/// Makes a run and prints what came of it; whether all of it is as it should be.
pub(crate) fn run(settings: &Settings) -> Result<bool, Box<dyn Error>> {
    let accounts = Accounts::default();
    let subscriber = tracing_subscriber::registry().with(accounts.clone());
    tracing::subscriber::set_global_default(subscriber)?;
    let runtime = tokio::runtime::Builder::new_multi_thread()
        .worker_threads(2)
        .enable_all()
        .build()?;
    let outcome = soak(settings, &runtime, &accounts)?;
    let checks = checks::all(&outcome);
    report::print(&outcome, &checks);
    Ok(checks.iter().all(|check| check.verdict != Verdict::Failed))
}

fn soak(
    settings: &Settings,
    runtime: &Runtime,
    accounts: &Accounts,
) -> Result<Outcome, Box<dyn Error>> {
    let mut server = Server::start(settings.seed)?;
    let client = client(&server.url)?;
    let shared = Shared::new(client.clone(), settings.tasks, settings.sabotage);
    let shared = Arc::new(shared);
    let duration = settings.duration();
    println!(
        "{} tasks for {} s against {}",
        settings.tasks,
        duration.as_secs(),
        server.url
    );

    let mut watch = Watch::default();
    let started = Instant::now();
    let mut tasks = JoinSet::new();
    for number in 0..settings.tasks {
        let task = Task::new(number, settings.seed, &shared);
        tasks.spawn_on(task.run(), runtime.handle());
    }
    while started.elapsed() < duration {
        std::thread::sleep(LOOK_INTERVAL.min(duration.saturating_sub(started.elapsed())));
        watch.look(started, &mut server, accounts, &shared)?;
    }
    shared.is_over.store(true, Ordering::Relaxed);
    let elapsed = started.elapsed();

    let (ledger, stuck) = runtime.block_on(end(tasks, settings.patience()));
    let longest = watch.longest.max(shared.busy().max().unwrap_or_default());
    server.calm()?;
    if let Some(sabotage) = settings.sabotage {
        runtime.block_on(do_wrong(sabotage, &client, &ledger, &server.url))?;
    }
    let inventory = async { timeout(INVENTORY_PATIENCE, take_inventory(&client)).await };
    let found = runtime
        .block_on(inventory)
        .map_err(|_| "listing what is there took too long")??;
    let findings = std::mem::take(&mut *shared.findings());
    drop((client, shared));
    Ok(Outcome {
        elapsed,
        left_over: left_over(runtime),
        sent: accounts.read(),
        received: server.count()?,
        ledger,
        found,
        findings,
        client_memory: watch.client_memory,
        server_memory: watch.server_memory,
        stuck,
        longest,
    })
}

fn client(url: &str) -> Result<Client, scorekit::Error> {
    let keys = Credentials::SANDBOX;
    let options = CallOptions::new()
        .attempt_timeout(ATTEMPT_TIMEOUT)
        .timeout(CALL_TIMEOUT);
    Client::builder()
        .base_url(url)
        .api_key(keys.api_key)
        .application_key(keys.application_key)
        .dcycle_api_key(keys.dcycle_api_key)
        .user_agent(USER_AGENT)
        .options(options)
        .build()
}

/// What is seen of a run while it goes on.
#[derive(Default)]
struct Watch {
    looks: u32,
    client_memory: Samples,
    server_memory: Samples,
    longest: Duration,
}

impl Watch {
    fn look(
        &mut self,
        started: Instant,
        server: &mut Server,
        accounts: &Accounts,
        shared: &Shared,
    ) -> Result<(), Box<dyn Error>> {
        let mine = memory::resident();
        self.client_memory.add(mine);
        self.longest = self.longest.max(shared.busy().max().unwrap_or_default());
        self.looks += 1;
        if !self.looks.is_multiple_of(LOOKS_PER_COUNT) {
            return Ok(());
        }
        let count = server.count()?;
        if count.requests() > REMEMBERED.into() {
            self.server_memory.add(count.resident);
        }
        if self.looks.is_multiple_of(LOOKS_PER_LINE) {
            let findings = shared.findings().count;
            let seconds = started.elapsed().as_secs();
            report::progress(seconds, &accounts.read(), findings, mine, count.resident);
        }
        Ok(())
    }
}

/// Waits for the tasks to end what they are at; gives back what they were told, and how many did not end.
async fn end(mut tasks: JoinSet<Ledger>, patience: Duration) -> (Ledger, usize) {
    let mut all = Ledger::default();
    let deadline = tokio::time::Instant::now() + patience;
    while let Ok(Some(ended)) = tokio::time::timeout_at(deadline, tasks.join_next()).await {
        match ended {
            Ok(ledger) => all.merge(ledger),
            Err(error) if error.is_panic() => std::panic::resume_unwind(error.into_panic()),
            Err(_) => {}
        }
    }
    let stuck = tasks.len();
    tasks.shutdown().await;
    (all, stuck)
}

/// How many tasks are alive when the client is gone; they get some time.
fn left_over(runtime: &Runtime) -> usize {
    let started = Instant::now();
    loop {
        let alive = runtime.metrics().num_alive_tasks();
        if alive == 0 || started.elapsed() > ENDING_PATIENCE {
            return alive;
        }
        std::thread::sleep(Duration::from_millis(20));
    }
}

/// Does what the tasks know nothing of.
async fn do_wrong(
    sabotage: Sabotage,
    client: &Client,
    ledger: &Ledger,
    url: &str,
) -> Result<(), Box<dyn Error>> {
    let rules = client.scorecards().rules();
    let mut all = ledger.all(Kind::Rule);
    let rule = all.find(|(_, known)| known.version.is_some());
    let (name, known) = rule.ok_or("there is no rule left to do anything wrong with")?;
    let label = |version| {
        let attributes = RuleAttributesRequest::new().name(name.label(version));
        attributes.scorecard_name("Soak")
    };
    match sabotage {
        Sabotage::LostWrite => drop(rules.delete(&known.id).send().await?),
        Sabotage::SecondWrite => {
            let version = known.version.unwrap_or_default();
            drop(rules.create(label(version)).send().await?);
        }
        Sabotage::LostUpdate => {
            let version = known.version.unwrap_or_default() + 1;
            drop(rules.update(&known.id, label(version)).send().await?);
        }
        // No task calls this operation, so no abandoned attempt can take the place of this request.
        Sabotage::UncountedRequest => request_alone(url, "/api/v2/cases/views", USER_AGENT)?,
        Sabotage::ForeignRequest => request_alone(url, "/api/v2/scorecard/rules", "other")?,
        Sabotage::AssumedWrite | Sabotage::StuckTask | Sabotage::Leak => {}
    }
    Ok(())
}

/// Sends a request that no client counts, and waits for the end of the answer.
fn request_alone(url: &str, path: &str, user_agent: &str) -> std::io::Result<()> {
    let address = url.trim_start_matches("http://");
    let mut stream = TcpStream::connect(address)?;
    write!(
        stream,
        "GET {path} HTTP/1.1\r\nhost: {address}\r\nuser-agent: {user_agent}\r\n\
         connection: close\r\n\r\n"
    )?;
    std::io::copy(&mut stream.take(1_000_000), &mut std::io::sink())?;
    Ok(())
}
