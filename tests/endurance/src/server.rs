//! The server of a run: a sandbox in a process of its own that fails in every way it knows, and counts what arrives.
//!
//! It takes a word per line on standard input and answers each with a line of JSON: `calm` ends the faults, `count` says
//! what has arrived so far. It ends when standard input does.

use std::collections::BTreeMap;
use std::error::Error;
use std::io::{BufRead, BufReader, Write};
use std::process::{Child, ChildStdin, ChildStdout, Command, Stdio};
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use scorekit_sandbox::{Fault, RateLimit, RequestRecord, Sandbox};
use serde::{Deserialize, Serialize};

use crate::memory;

/// What goes wrong. The long delay is longer than an attempt may take.
const FAULTS: &[&str] = &[
    "status=503,probability=0.005",
    "status=503,probability=0.001,retry-after=1s",
    "status=429,probability=0.0005,retry-after=1s",
    "status=500,probability=0.003,handled",
    "html=502,probability=0.004",
    "html=502,probability=0.002,handled",
    "reset,probability=0.006",
    "reset,probability=0.006,handled",
    "cut-off,probability=0.006",
    "delay=60ms,probability=0.01",
    "delay=20s,probability=0.0005",
    "GetScorecardCampaign,GetProject,GetCase:drip=1ms,probability=0.005",
];

/// What is limited: the clients have to wait for it now and then.
const RATE_LIMIT: &str = "ListScorecardRules:limit=100,period=1s";

/// How long every answer is held back, as if it came over a network.
const LATENCY: Duration = Duration::from_millis(2);

/// How many requests the sandbox remembers: its memory grows until it has had them.
pub(crate) const REMEMBERED: u32 = 2_000;

/// The name that the client of a run gives in its `User-Agent` header. A request without it comes from elsewhere.
pub(crate) const USER_AGENT: &str = "scorekit-soak";

/// How often the requests that arrived are counted; before as many have come as are remembered.
const INTERVAL: Duration = Duration::from_millis(500);

/// The requests for one operation.
#[derive(Clone, Debug, Default, Deserialize, PartialEq, Eq, Serialize)]
pub(crate) struct Arrived {
    /// Requests that were answered, by status.
    pub(crate) answered: BTreeMap<u16, u64>,
    /// Requests that never were.
    pub(crate) unanswered: u64,
}

impl Arrived {
    pub(crate) fn requests(&self) -> u64 {
        self.answered.values().sum::<u64>() + self.unanswered
    }
}

/// What the server says of itself.
#[derive(Debug, Default, Deserialize, Serialize)]
pub(crate) struct Count {
    pub(crate) operations: BTreeMap<String, Arrived>,
    /// The requests that did not come from the client of the run, by operation.
    pub(crate) foreign: BTreeMap<String, u64>,
    /// How often each fault happened.
    pub(crate) faults: BTreeMap<String, u64>,
    /// The memory that it holds, in KiB.
    pub(crate) resident: Option<u64>,
    /// How many requests were forgotten before they were counted.
    pub(crate) missed: u64,
}

impl Count {
    pub(crate) fn requests(&self) -> u64 {
        self.operations.values().map(Arrived::requests).sum()
    }
}

/// Where the server can be reached.
#[derive(Debug, Deserialize, Serialize)]
struct Address {
    url: String,
}

/// Counts the requests of a sandbox, each once.
#[derive(Default)]
struct Counter {
    count: Count,
    last: u64,
    /// Requests that are not answered yet.
    open: BTreeMap<u64, (String, Option<String>)>,
}

impl Counter {
    fn read(&mut self, records: &[RequestRecord]) {
        let first = records.first().map_or(0, |record| record.number);
        if first > self.last + 1 {
            self.count.missed += first - self.last - 1;
        }
        // What has been forgotten unanswered will not be answered any more.
        let still_open = self.open.split_off(&first);
        for (operation, fault) in std::mem::replace(&mut self.open, still_open).into_values() {
            close(&mut self.count, operation, fault, None);
        }
        for record in records {
            let is_new = record.number > self.last;
            if !is_new && self.open.remove(&record.number).is_none() {
                continue;
            }
            self.last = self.last.max(record.number);
            let operation = record.operation_id.clone().unwrap_or_default();
            let user_agent = record.header("user-agent").unwrap_or_default();
            if !user_agent.ends_with(USER_AGENT) {
                *self.count.foreign.entry(operation).or_default() += 1;
                continue;
            }
            let fault = record.fault.clone();
            match record.status {
                0 => drop(self.open.insert(record.number, (operation, fault))),
                status => close(&mut self.count, operation, fault, Some(status)),
            }
        }
    }

    /// The count, with what is open as unanswered.
    fn so_far(&self) -> Count {
        let mut count = Count {
            operations: self.count.operations.clone(),
            foreign: self.count.foreign.clone(),
            faults: self.count.faults.clone(),
            resident: memory::resident(),
            missed: self.count.missed,
        };
        for (operation, fault) in self.open.values().cloned() {
            close(&mut count, operation, fault, None);
        }
        count
    }
}

/// Counts a request that is over.
fn close(count: &mut Count, operation: String, fault: Option<String>, status: Option<u16>) {
    let arrived = count.operations.entry(operation).or_default();
    match status {
        Some(status) => *arrived.answered.entry(status).or_default() += 1,
        None => arrived.unanswered += 1,
    }
    if let Some(fault) = fault {
        *count.faults.entry(fault).or_default() += 1;
    }
}

/// Is the server, until standard input ends.
pub(crate) fn serve(seed: u64) -> Result<(), Box<dyn Error>> {
    let runtime = tokio::runtime::Builder::new_multi_thread()
        .worker_threads(2)
        .enable_all()
        .build()?;
    let sandbox = runtime.block_on(start(seed))?;
    say(&Address { url: sandbox.url() })?;
    let sandbox = Arc::new(sandbox);
    let counter = Arc::new(Mutex::new(Counter::default()));
    let read = {
        let (sandbox, counter) = (Arc::clone(&sandbox), Arc::clone(&counter));
        // Under the lock, so that no older list is read after a newer one.
        move || {
            let mut counter = counter.lock().unwrap_or_else(PoisonError::into_inner);
            counter.read(&sandbox.requests());
            counter.so_far()
        }
    };
    let read_often = read.clone();
    runtime.spawn(async move {
        loop {
            tokio::time::sleep(INTERVAL).await;
            read_often();
        }
    });
    for line in std::io::stdin().lines() {
        match line?.as_str() {
            "calm" => sandbox.clear_faults(),
            "count" => {}
            other => return Err(format!("the server knows no word `{other}`").into()),
        }
        say(&read())?;
    }
    Ok(())
}

async fn start(seed: u64) -> Result<Sandbox, Box<dyn Error>> {
    let mut builder = Sandbox::builder()
        .latency(LATENCY)
        .max_recorded_requests(REMEMBERED.try_into()?)
        .fault_seed(seed)
        .rate_limit(RATE_LIMIT.parse::<RateLimit>()?);
    for fault in FAULTS {
        builder = builder.fault(fault.parse::<Fault>()?);
    }
    Ok(builder.start().await?)
}

/// Prints a line of JSON.
fn say(value: &impl Serialize) -> Result<(), Box<dyn Error>> {
    let mut output = std::io::stdout().lock();
    serde_json::to_writer(&mut output, value)?;
    output.write_all(b"\n")?;
    output.flush()?;
    Ok(())
}

/// The server's process, which ends with this value.
pub(crate) struct Server {
    child: Child,
    input: ChildStdin,
    output: BufReader<ChildStdout>,
    pub(crate) url: String,
}

impl Server {
    pub(crate) fn start(seed: u64) -> Result<Self, Box<dyn Error>> {
        let mut child = Command::new(std::env::current_exe()?)
            .args(["serve", "--seed", &seed.to_string()])
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .spawn()?;
        let input = child.stdin.take().ok_or("the server has no input")?;
        let output = child.stdout.take().ok_or("the server has no output")?;
        let mut server = Self {
            child,
            input,
            output: BufReader::new(output),
            url: String::new(),
        };
        let address: Address = server.hear()?;
        server.url = address.url;
        Ok(server)
    }

    /// Ends the faults.
    pub(crate) fn calm(&mut self) -> Result<Count, Box<dyn Error>> {
        self.ask("calm")
    }

    /// What has arrived so far.
    pub(crate) fn count(&mut self) -> Result<Count, Box<dyn Error>> {
        self.ask("count")
    }

    fn ask(&mut self, word: &str) -> Result<Count, Box<dyn Error>> {
        writeln!(self.input, "{word}")?;
        self.input.flush()?;
        self.hear()
    }

    fn hear<T: for<'a> Deserialize<'a>>(&mut self) -> Result<T, Box<dyn Error>> {
        let mut line = String::new();
        if self.output.read_line(&mut line)? == 0 {
            return Err("the server has ended; what it said last stands above".into());
        }
        Ok(serde_json::from_str(&line)?)
    }
}

impl Drop for Server {
    fn drop(&mut self) {
        // It may have ended by itself.
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}
