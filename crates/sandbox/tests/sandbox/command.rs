//! Tests of the binary: its output, its errors, and its data file after a kill.

use std::net::SocketAddr;
use std::path::Path;
use std::process::Stdio;
use std::time::{Duration, Instant};

use tokio::io::{AsyncBufReadExt, AsyncReadExt, AsyncWriteExt, BufReader};
use tokio::net::TcpStream;
use tokio::process::{Child, Command};

use crate::fixture::*;
use crate::http::keys;

pub(crate) fn command(arguments: &[&str]) -> Command {
    let mut command = Command::new(env!("CARGO_BIN_EXE_scorekit-sandbox"));
    command
        .args(arguments)
        .stdout(Stdio::piped())
        .stderr(Stdio::piped())
        .kill_on_drop(true);
    command
}

/// Starts the binary on a free port, and reads its address from its output.
async fn started(arguments: &[&str]) -> (Child, SocketAddr) {
    started_by(command(&[&["--port", "0"], arguments].concat())).await
}

/// Runs a command that starts a sandbox, and reads its address from its output.
pub(crate) async fn started_by(mut command: Command) -> (Child, SocketAddr) {
    let mut child = command.spawn().expect("the binary starts");
    let output = child.stdout.take().expect("it has an output");
    let mut lines = BufReader::new(output).lines();
    while let Ok(Some(line)) = lines.next_line().await {
        if let Some(url) = line.strip_prefix("export SCOREKIT_BASE_URL=http://") {
            return (child, url.parse().expect("an address"));
        }
    }
    unreachable!("it prints its address");
}

/// Returns the error of a command that cannot start.
async fn start_error(arguments: &[&str]) -> String {
    let output = bounded(command(arguments).output()).await.expect("it ran");
    assert!(!output.status.success());
    String::from_utf8(output.stderr).expect("text")
}

#[tokio::test]
async fn it_prints_its_configuration_as_json() {
    let mut child = command(&["--port", "0", "--json", "--seed", "realistic"])
        .spawn()
        .expect("the binary starts");
    let output = child.stdout.take().expect("it has an output");
    let line = BufReader::new(output).lines().next_line().await;
    let line = line.expect("an output").expect("a line");
    let config: serde_json::Value = serde_json::from_str(&line).expect("JSON");
    let url = config["variables"]["SCOREKIT_BASE_URL"].as_str();
    let address = url.and_then(|url| url.strip_prefix("http://"));
    let address = address.and_then(|address| address.parse().ok());
    let response = exchange(address.expect("an address"), "GET", SCORECARDS, "").await;
    assert!(response.is_some_and(|it| it.contains("Production Readiness")));
}

/// Clients that connect and wait take all descriptors, which are fewer than the connections that
/// the sandbox would allow.
#[cfg(unix)]
#[tokio::test]
async fn it_serves_with_few_descriptors_and_many_idle_connections() {
    let program = env!("CARGO_BIN_EXE_scorekit-sandbox");
    let mut child = Command::new("sh")
        .args(["-c", "ulimit -n 64; exec \"$0\" --port 0 --json", program])
        .stdout(Stdio::piped())
        .kill_on_drop(true)
        .spawn()
        .expect("a shell starts");
    let output = child.stdout.take().expect("it has an output");
    let line = BufReader::new(output).lines().next_line().await;
    let line = line.expect("an output").expect("a line");
    let config: serde_json::Value = serde_json::from_str(&line).expect("JSON");
    let url = config["url"]
        .as_str()
        .and_then(|url| url.strip_prefix("http://"));
    let address: SocketAddr = url.and_then(|url| url.parse().ok()).expect("an address");
    let mut idle = Vec::new();
    for _ in 0..400 {
        idle.push(TcpStream::connect(address).await.expect("a connection"));
    }
    let response = bounded(exchange(address, "GET", RULES, "")).await;
    assert!(response.is_some_and(|it| it.starts_with("HTTP/1.1 200")));
}

#[tokio::test]
async fn it_serves_with_a_closed_standard_output() {
    // With a closed output the test cannot learn the port, so it chooses one. If another process
    // takes the port first, the test chooses another.
    while !serves_on(free_port().await).await {}
}

async fn free_port() -> SocketAddr {
    let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await;
    let address = listener.and_then(|listener| listener.local_addr());
    address.expect("a free port")
}

/// Checks that the binary serves while nothing reads its output. Returns false if the port is
/// taken.
async fn serves_on(address: SocketAddr) -> bool {
    let (reader, writer) = std::io::pipe().expect("a pipe");
    drop(reader);
    let mut child = command(&["--port", &address.port().to_string()])
        .stdout(writer)
        .spawn()
        .expect("the binary starts");
    let response = bounded(async {
        loop {
            if let Some(status) = child.try_wait().expect("its state") {
                return Err(status);
            }
            if let Some(response) = exchange(address, "GET", RULES, "").await {
                return Ok(response);
            }
            tokio::time::sleep(Duration::from_millis(10)).await;
        }
    });
    let response = response.await;
    let ended = child.try_wait().expect("its state");
    match (response, ended) {
        (Ok(response), None) => {
            assert!(response.starts_with("HTTP/1.1 200"), "{response}");
            true
        }
        _ => {
            let output = bounded(child.wait_with_output()).await.expect("its output");
            let error = String::from_utf8_lossy(&output.stderr).into_owned();
            assert!(error.contains("choose another port"), "{error}");
            false
        }
    }
}

/// Sends a request, and returns the whole response, or `None` if the connection breaks.
pub(crate) async fn exchange(
    address: SocketAddr,
    method: &str,
    target: &str,
    body: &str,
) -> Option<String> {
    let mut stream = TcpStream::connect(address).await.ok()?;
    let mut request = format!(
        "{method} {target} HTTP/1.1\r\nhost: localhost\r\nconnection: close\r\n\
         content-length: {}\r\n",
        body.len()
    );
    for (name, value) in keys() {
        request.push_str(&format!("{name}: {value}\r\n"));
    }
    request.push_str(&format!("content-type: application/json\r\n\r\n{body}"));
    stream.write_all(request.as_bytes()).await.ok()?;
    let mut response = String::new();
    stream.read_to_string(&mut response).await.ok()?;
    // A response that was cut off does not count.
    let (head, body) = response.split_once("\r\n\r\n")?;
    let head = head.to_ascii_lowercase();
    let length = head
        .lines()
        .find_map(|line| line.strip_prefix("content-length: "))?;
    (length.parse() == Ok(body.len())).then_some(response)
}

/// Creates rules until the sandbox is killed, and returns the names of the acknowledged ones.
async fn create_until_killed(address: SocketAddr, worker: usize) -> Vec<String> {
    let mut acknowledged = Vec::new();
    // The bound ends the loop if the kill fails.
    for number in 0..20_000 {
        let name = format!("worker {worker} rule {number}.");
        let body = rule(&name, "Production").to_string();
        match exchange(address, "POST", RULES, &body).await {
            Some(response) if response.starts_with("HTTP/1.1 201") => acknowledged.push(name),
            Some(response) => unreachable!("{response}"),
            None => break,
        }
    }
    acknowledged
}

async fn all_rules(address: SocketAddr) -> String {
    let mut all = String::new();
    for page in 0.. {
        let offset = page * 100;
        let target = format!("{RULES}?page%5Bsize%5D=100&page%5Boffset%5D={offset}");
        let response = exchange(address, "GET", &target, "").await;
        let response = response.expect("the sandbox responses");
        assert!(response.starts_with("HTTP/1.1 200"), "{response}");
        if response.contains("\"data\":[]") {
            break;
        }
        all.push_str(&response);
    }
    all
}

#[tokio::test]
async fn acknowledged_changes_survive_a_kill() {
    let directory = tempfile::tempdir().expect("a directory");
    let file = directory.path().join("sandbox.data");
    let arguments = ["--data", path(&file)];
    let mut acknowledged = Vec::new();
    for round in 0..3 {
        let (mut child, address) = started(&arguments).await;
        let workers =
            (0..4).map(|worker| tokio::spawn(create_until_killed(address, round * 10 + worker)));
        let workers: Vec<_> = workers.collect();
        // The kill comes after several creations of this round, and in the middle of others.
        let sixth = format!("\"worker {} rule 5.\"", round * 10);
        while !all_rules(address).await.contains(&sixth) {
            tokio::task::yield_now().await;
        }
        // SIGKILL, which the process cannot handle.
        child.start_kill().expect("it is killed");
        child.wait().await.expect("it is gone");
        for worker in workers {
            let of_worker = worker.await.expect("the worker ends");
            assert!(of_worker.len() < 20_000, "the sandbox was not killed");
            acknowledged.extend(of_worker);
        }
    }
    // Each round acknowledged at least the five before the sixth.
    assert!(acknowledged.len() >= 15, "{}", acknowledged.len());
    let (_child, address) = started(&arguments).await;
    let all = all_rules(address).await;
    for name in &acknowledged {
        assert_eq!(all.matches(&format!("\"{name}\"")).count(), 1, "{name}");
    }
}

fn path(file: &Path) -> &str {
    file.to_str().expect("a path that is text")
}

#[tokio::test]
async fn every_flag_takes_effect() {
    let directory = tempfile::tempdir().expect("a directory");
    let seed = directory.path().join("seed.json");
    let text = r#"{ "rules": [{
        "id": "seeded", "attributes": { "name": "A", "scorecard_name": "P" }
    }] }"#;
    std::fs::write(&seed, text).expect("the seed is written");
    let (_child, address) = started(&[
        "--seed-data",
        path(&seed),
        "--clock",
        "2026-01-31T08:30:30Z",
        "--latency",
        "20ms",
        "--rate-limit",
        "ListScorecards:limit=7,period=60s",
        "--fault",
        "ListScorecards:status=503,count=1",
        "--fault",
        "GetProjects:html=502,probability=0.5",
        "--fault-seed",
        "3",
        "--documented-only",
    ])
    .await;
    // The latency is a lower bound, which holds on a machine of any speed.
    let start = Instant::now();
    let rules = exchange(address, "GET", RULES, "").await;
    let rules = rules.expect("a response");
    assert!(start.elapsed() >= Duration::from_millis(20));
    assert!(rules.contains("\"id\":\"seeded\""), "{rules}");
    assert!(rules.contains("2026-01-31T08:30:30.000Z"), "{rules}");
    let first = exchange(address, "GET", SCORECARDS, "").await;
    assert!(first.expect("a response").starts_with("HTTP/1.1 503"));
    let second = exchange(address, "GET", SCORECARDS, "").await;
    let second = second.expect("a response").to_ascii_lowercase();
    assert!(second.starts_with("http/1.1 200"), "{second}");
    assert!(second.contains("x-ratelimit-limit: 7\r\n"), "{second}");
    assert!(second.contains("x-ratelimit-reset: 30\r\n"), "{second}");
    let missing = format!("{PROJECTS}/{UNKNOWN_ID}");
    let missing = exchange(address, "GET", &missing, "").await;
    let missing = missing.expect("a response");
    assert!(missing.contains("{\"errors\":[\"There is"), "{missing}");
}

#[tokio::test]
async fn invalid_arguments_are_reported_with_a_solution() {
    let directory = tempfile::tempdir().expect("a directory");
    let broken = directory.path().join("broken.json");
    std::fs::write(&broken, "{").expect("the seed is written");
    let taken = TakenPort::new().await;
    let cases: [(&[&str], &str); 10] = [
        (&["--port", "65536"], "65536"),
        (&["--port", &taken.port], "choose another port"),
        (
            &["--clock", "noon"],
            "write the time like `2026-01-31T08:30:00Z`",
        ),
        (&["--latency", "fast"], "write a duration such as `200ms`"),
        (
            &["--rate-limit", "5"],
            "`5` is not an option of a rate limit; write `limit=100",
        ),
        (&["--fault", "explode"], "write one of `status=503`"),
        (
            &["--port", "0", "--fault", "Nothing:reset"],
            "the document has no operation `Nothing`",
        ),
        (
            &["--seed-data", "/nowhere"],
            "`--seed-data` takes a JSON file",
        ),
        (&["--seed-data", path(&broken)], "is not valid JSON"),
        (
            &["--port", "0", "--data", path(&broken)],
            "choose a file that a sandbox wrote",
        ),
    ];
    for (arguments, expected) in cases {
        let message = start_error(arguments).await;
        assert!(message.contains(expected), "{arguments:?}: {message}");
        assert!(message.starts_with("error: "), "{message}");
    }
}

/// A port on which another listener listens.
struct TakenPort {
    port: String,
    _listener: tokio::net::TcpListener,
}

impl TakenPort {
    async fn new() -> Self {
        let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await;
        let listener = listener.expect("a free port");
        let port = listener
            .local_addr()
            .expect("an address")
            .port()
            .to_string();
        Self {
            port,
            _listener: listener,
        }
    }
}
