//! The server of a run: a sandbox in its own process that injects faults and counts requests.
//!
//! It reads one command a line on standard input, and writes the counts so far as a line of JSON:
//! `counts` does nothing else, `clear-faults` ends the faults first. It ends with standard input.

use std::collections::BTreeMap;
use std::error::Error;
use std::io::{BufRead, BufReader, Write};
use std::process::{Child, ChildStdin, ChildStdout, Command, Stdio};
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use scorekit_sandbox::{Fault, RateLimit, RequestRecord, Sandbox};
use serde::{Deserialize, Serialize};

use crate::memory;

/// The faults of every run. The long delay exceeds the time limit of an attempt.
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

/// A rate limit low enough that the tasks reach it.
const RATE_LIMIT: &str = "ListScorecardRules:limit=100,period=1s";

/// The delay of every response, in place of a network.
const LATENCY: Duration = Duration::from_millis(2);

/// The number of requests that the sandbox remembers; its memory grows until it has received them.
pub(crate) const REMEMBERED_REQUESTS: u32 = 2_000;

/// The end of the client's `User-Agent` header. A request with another one is not the client's.
pub(crate) const USER_AGENT: &str = "scorekit-soak";

/// The interval between two counts, in which fewer requests arrive than the sandbox remembers.
const COUNT_INTERVAL: Duration = Duration::from_millis(500);

/// The requests for one operation.
#[derive(Clone, Debug, Default, Deserialize, PartialEq, Eq, Serialize)]
pub(crate) struct Received {
    /// Requests with a response, by status code.
    pub(crate) responses: BTreeMap<u16, u64>,
    pub(crate) without_response: u64,
}

impl Received {
    pub(crate) fn requests(&self) -> u64 {
        self.responses.values().sum::<u64>() + self.without_response
    }
}

/// The counts of the server.
#[derive(Clone, Debug, Default, Deserialize, Serialize)]
pub(crate) struct ServerCounts {
    /// The requests of the client, by operation.
    pub(crate) operations: BTreeMap<String, Received>,
    /// The number of requests that other programs sent, by operation.
    pub(crate) foreign: BTreeMap<String, u64>,
    /// The number of times that each fault happened.
    pub(crate) faults: BTreeMap<String, u64>,
    /// The memory of the server, in KiB.
    pub(crate) resident: Option<u64>,
    /// The number of requests that the sandbox forgot before they were counted.
    pub(crate) missed: u64,
}

impl ServerCounts {
    pub(crate) fn requests(&self) -> u64 {
        self.operations.values().map(Received::requests).sum()
    }

    /// Counts a request that has ended.
    fn add(&mut self, request: OpenRequest, status: Option<u16>) {
        let received = self.operations.entry(request.operation).or_default();
        match status {
            Some(status) => *received.responses.entry(status).or_default() += 1,
            None => received.without_response += 1,
        }
        if let Some(fault) = request.fault {
            *self.faults.entry(fault).or_default() += 1;
        }
    }
}

/// The first line that the server writes.
#[derive(Debug, Deserialize, Serialize)]
struct Address {
    url: String,
}

/// A request of the client that has no response yet.
#[derive(Clone)]
struct OpenRequest {
    operation: String,
    fault: Option<String>,
}

/// Counts each request of a sandbox once.
#[derive(Default)]
struct RequestCounter {
    counts: ServerCounts,
    /// The number of the last request that was read.
    last: u64,
    open: BTreeMap<u64, OpenRequest>,
}

impl RequestCounter {
    fn read(&mut self, records: &[RequestRecord]) {
        let first = records.first().map_or(0, |record| record.number);
        if first > self.last + 1 {
            self.counts.missed += first - self.last - 1;
        }
        // The sandbox has forgotten these, so a response cannot be seen.
        let still_open = self.open.split_off(&first);
        for request in std::mem::replace(&mut self.open, still_open).into_values() {
            self.counts.add(request, None);
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
                *self.counts.foreign.entry(operation).or_default() += 1;
                continue;
            }
            let request = OpenRequest {
                operation,
                fault: record.fault.clone(),
            };
            match record.status {
                0 => drop(self.open.insert(record.number, request)),
                status => self.counts.add(request, Some(status)),
            }
        }
    }

    /// Returns the counts so far, in which open requests have no response.
    fn so_far(&self) -> ServerCounts {
        let mut counts = self.counts.clone();
        counts.resident = memory::resident();
        for request in self.open.values() {
            counts.add(request.clone(), None);
        }
        counts
    }
}

/// Runs the server until standard input ends.
pub(crate) fn serve(seed: u64, faults: &[String]) -> Result<(), Box<dyn Error>> {
    let runtime = tokio::runtime::Builder::new_multi_thread()
        .worker_threads(2)
        .enable_all()
        .build()?;
    let sandbox = runtime.block_on(start(seed, faults))?;
    write_line(&Address { url: sandbox.url() })?;
    let sandbox = Arc::new(sandbox);
    let counter = Arc::new(Mutex::new(RequestCounter::default()));
    let count = {
        let (sandbox, counter) = (Arc::clone(&sandbox), Arc::clone(&counter));
        // The lock is taken first, so that no older list is read after a newer one.
        move || {
            let mut counter = counter.lock().unwrap_or_else(PoisonError::into_inner);
            counter.read(&sandbox.requests());
            counter.so_far()
        }
    };
    let count_regularly = count.clone();
    runtime.spawn(async move {
        loop {
            tokio::time::sleep(COUNT_INTERVAL).await;
            count_regularly();
        }
    });
    for line in std::io::stdin().lines() {
        match line?.as_str() {
            "clear-faults" => sandbox.clear_faults(),
            "counts" => {}
            other => return Err(format!("the server has no command `{other}`").into()),
        }
        write_line(&count())?;
    }
    Ok(())
}

async fn start(seed: u64, faults: &[String]) -> Result<Sandbox, Box<dyn Error>> {
    let mut builder = Sandbox::builder()
        .latency(LATENCY)
        .max_recorded_requests(REMEMBERED_REQUESTS.try_into()?)
        .fault_seed(seed)
        .rate_limit(RATE_LIMIT.parse::<RateLimit>()?);
    for fault in faults
        .iter()
        .map(String::as_str)
        .chain(FAULTS.iter().copied())
    {
        builder = builder.fault(fault.parse::<Fault>()?);
    }
    Ok(builder.start().await?)
}

fn write_line(value: &impl Serialize) -> Result<(), Box<dyn Error>> {
    let mut output = std::io::stdout().lock();
    serde_json::to_writer(&mut output, value)?;
    output.write_all(b"\n")?;
    output.flush()?;
    Ok(())
}

/// The process of the server, which is killed when this value is dropped.
pub(crate) struct Server {
    child: Child,
    input: ChildStdin,
    output: BufReader<ChildStdout>,
    pub(crate) url: String,
}

impl Server {
    pub(crate) fn start(seed: u64, faults: &[String]) -> Result<Self, Box<dyn Error>> {
        let mut command = Command::new(std::env::current_exe()?);
        command.args(["serve", "--seed", &seed.to_string()]);
        for fault in faults {
            command.args(["--fault", fault]);
        }
        let mut child = command
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
        let address: Address = server.read_line()?;
        server.url = address.url;
        Ok(server)
    }

    /// Ends the faults.
    pub(crate) fn clear_faults(&mut self) -> Result<(), Box<dyn Error>> {
        self.ask("clear-faults").map(drop)
    }

    /// Returns the counts so far.
    pub(crate) fn counts(&mut self) -> Result<ServerCounts, Box<dyn Error>> {
        self.ask("counts")
    }

    fn ask(&mut self, command: &str) -> Result<ServerCounts, Box<dyn Error>> {
        writeln!(self.input, "{command}")?;
        self.input.flush()?;
        self.read_line()
    }

    fn read_line<T: for<'a> Deserialize<'a>>(&mut self) -> Result<T, Box<dyn Error>> {
        let mut line = String::new();
        if self.output.read_line(&mut line)? == 0 {
            return Err("the server has ended; its last message is above".into());
        }
        Ok(serde_json::from_str(&line)?)
    }
}

impl Drop for Server {
    fn drop(&mut self) {
        // Both fail if it has ended already.
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[tokio::test]
    async fn requests_are_counted_once_and_by_sender() {
        let sandbox = Sandbox::start().await.expect("a sandbox");
        let request = |user_agent: &str| {
            let address = sandbox.address();
            let text = format!(
                "GET /api/v2/scorecard/rules HTTP/1.1\r\nhost: {address}\r\n\
                 user-agent: {user_agent}\r\nconnection: close\r\n\r\n"
            );
            tokio::task::spawn_blocking(move || {
                let mut stream = std::net::TcpStream::connect(address).expect("a connection");
                stream.write_all(text.as_bytes()).expect("a request");
                std::io::copy(&mut stream, &mut std::io::sink()).expect("a response");
            })
        };
        let mut counter = RequestCounter::default();
        request(&format!("scorekit/1 {USER_AGENT}"))
            .await
            .expect("a thread");
        counter.read(&sandbox.requests());
        request("other").await.expect("a thread");
        counter.read(&sandbox.requests());
        counter.read(&sandbox.requests());
        let counts = counter.so_far();
        assert_eq!(counts.requests(), 1);
        assert_eq!(
            counts.foreign,
            [("ListScorecardRules".to_owned(), 1)].into()
        );
        assert_eq!(counts.missed, 0);
    }
}
