//! The binary: what it prints, what it refuses, and that nothing acknowledged is lost when it is killed.

use std::net::SocketAddr;
use std::path::Path;
use std::process::Stdio;
use std::time::Duration;

use tokio::io::{AsyncBufReadExt, AsyncReadExt, AsyncWriteExt, BufReader};
use tokio::net::TcpStream;
use tokio::process::{Child, Command};

use crate::fixture::*;
use crate::http::keys;

fn command(arguments: &[&str]) -> Command {
    let mut command = Command::new(env!("CARGO_BIN_EXE_scorekit-sandbox"));
    command
        .args(arguments)
        .stdout(Stdio::piped())
        .stderr(Stdio::piped())
        .kill_on_drop(true);
    command
}

/// Starts the binary on a free port and reads its address from what it prints.
async fn started(arguments: &[&str]) -> (Child, SocketAddr) {
    let mut child = command(&[&["--port", "0"], arguments].concat())
        .spawn()
        .expect("the binary starts");
    let output = child.stdout.take().expect("it has an output");
    let mut lines = BufReader::new(output).lines();
    while let Ok(Some(line)) = lines.next_line().await {
        if let Some(url) = line.strip_prefix("export SCOREKIT_BASE_URL=http://") {
            return (child, url.parse().expect("an address"));
        }
    }
    unreachable!("it prints its address");
}

/// What a command that cannot start says.
async fn refusal(arguments: &[&str]) -> String {
    let output = tokio::time::timeout(Duration::from_secs(20), command(arguments).output());
    let output = output.await.expect("it ends").expect("it ran");
    assert!(!output.status.success());
    String::from_utf8(output.stderr).expect("text")
}

#[tokio::test]
async fn it_serves_on_when_nobody_reads_what_it_prints() {
    let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await;
    let address = listener
        .and_then(|listener| listener.local_addr())
        .expect("a free port");
    let mut child = command(&["--port", &address.port().to_string()])
        .spawn()
        .expect("the binary starts");
    drop(child.stdout.take());
    drop(child.stderr.take());
    let answer = tokio::time::timeout(Duration::from_secs(20), async {
        loop {
            if let Some(answer) = exchange(address, "GET", RULES, "").await {
                break answer;
            }
            tokio::time::sleep(Duration::from_millis(10)).await;
        }
    });
    let answer = answer.await.expect("it answers");
    assert!(answer.starts_with("HTTP/1.1 200"), "{answer}");
    assert!(child.try_wait().expect("its state").is_none(), "it ended");
}

/// Sends a request and reads the whole answer; nothing if the connection breaks before.
async fn exchange(address: SocketAddr, method: &str, target: &str, body: &str) -> Option<String> {
    let mut stream = TcpStream::connect(address).await.ok()?;
    let mut request = format!(
        "{method} {target} HTTP/1.1\r\nhost: sandbox\r\nconnection: close\r\ncontent-length: {}\r\n",
        body.len()
    );
    for (name, value) in keys() {
        request.push_str(&format!("{name}: {value}\r\n"));
    }
    request.push_str(&format!("content-type: application/json\r\n\r\n{body}"));
    stream.write_all(request.as_bytes()).await.ok()?;
    let mut answer = String::new();
    stream.read_to_string(&mut answer).await.ok()?;
    // An answer that was cut off is none.
    let (head, body) = answer.split_once("\r\n\r\n")?;
    let head = head.to_ascii_lowercase();
    let length = head
        .lines()
        .find_map(|line| line.strip_prefix("content-length: "))?;
    (length.parse() == Ok(body.len())).then_some(answer)
}

/// Creates rules until the sandbox is gone, and tells the names of those that were acknowledged.
async fn create_until_killed(address: SocketAddr, worker: usize) -> Vec<String> {
    let mut acknowledged = Vec::new();
    // Bounded, should the kill fail.
    for number in 0..20_000 {
        let name = format!("worker {worker} rule {number}.");
        let body = rule(&name, "Production").to_string();
        match exchange(address, "POST", RULES, &body).await {
            Some(answer) if answer.starts_with("HTTP/1.1 201") => acknowledged.push(name),
            Some(answer) => unreachable!("{answer}"),
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
        let answer = exchange(address, "GET", &target, "").await;
        let answer = answer.expect("the sandbox answers");
        assert!(answer.starts_with("HTTP/1.1 200"), "{answer}");
        if answer.contains("\"data\":[]") {
            break;
        }
        all.push_str(&answer);
    }
    all
}

#[tokio::test]
async fn nothing_acknowledged_is_lost_when_it_is_killed() {
    let folder = tempfile::tempdir().expect("a folder");
    let file = folder.path().join("sandbox.redb");
    let arguments = ["--data", path(&file)];
    let mut acknowledged = Vec::new();
    for round in 0..3 {
        let (mut child, address) = started(&arguments).await;
        let workers =
            (0..4).map(|worker| tokio::spawn(create_until_killed(address, round * 10 + worker)));
        let workers: Vec<_> = workers.collect();
        // Not before several creates of this round came through, and in the middle of others.
        let sixth = format!("\"worker {} rule 5.\"", round * 10);
        while !all_rules(address).await.contains(&sixth) {
            tokio::task::yield_now().await;
        }
        // SIGKILL: the process can do nothing about it.
        child.start_kill().expect("it is killed");
        child.wait().await.expect("it is gone");
        for worker in workers {
            let of_worker = worker.await.expect("the worker ends");
            assert!(of_worker.len() < 20_000, "the sandbox was not killed");
            acknowledged.extend(of_worker);
        }
    }
    // Of each round at least the five before the one that was waited for.
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
async fn every_flag_does_what_it_says() {
    let folder = tempfile::tempdir().expect("a folder");
    let seed = folder.path().join("seed.json");
    let text = r#"{ "rules": [{ "id": "seeded", "attributes": { "name": "A", "scorecard_name": "P" } }] }"#;
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
    ])
    .await;
    let begun = std::time::Instant::now();
    let rules = exchange(address, "GET", RULES, "").await;
    let rules = rules.expect("an answer");
    assert!(begun.elapsed() >= Duration::from_millis(20));
    assert!(rules.contains("\"id\":\"seeded\""), "{rules}");
    assert!(rules.contains("2026-01-31T08:30:30.000Z"), "{rules}");
    let first = exchange(address, "GET", SCORECARDS, "").await;
    assert!(first.expect("an answer").starts_with("HTTP/1.1 503"));
    let second = exchange(address, "GET", SCORECARDS, "").await;
    let second = second.expect("an answer").to_ascii_lowercase();
    assert!(second.starts_with("http/1.1 200"), "{second}");
    assert!(second.contains("x-ratelimit-limit: 7\r\n"), "{second}");
    assert!(second.contains("x-ratelimit-reset: 30\r\n"), "{second}");
}

#[tokio::test]
async fn what_cannot_be_is_refused_with_the_way_out() {
    let folder = tempfile::tempdir().expect("a folder");
    let broken = folder.path().join("broken.json");
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
        let told = refusal(arguments).await;
        assert!(told.contains(expected), "{arguments:?}: {told}");
        assert!(told.starts_with("error: "), "{told}");
    }
}

/// A port that something else listens on.
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
