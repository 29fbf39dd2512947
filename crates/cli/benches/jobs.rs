//! The time and the memory of `scorekit scorecards plan` for many rules, and the time of `scorekit
//! outcomes push` in comparison with that of the library.
//!
//! The server is a separate process. It accepts every `POST`, and has as many rules as its argument
//! says.

#![forbid(unsafe_code)]

use std::error::Error;
use std::fmt::Write as _;
use std::io::{BufRead as _, BufReader, Read as _, Write as _};
use std::net::{TcpListener, TcpStream};
use std::path::Path;
use std::process::{Child, Command, ExitCode, Stdio};
use std::thread;
use std::time::{Duration, Instant};

use scorekit::Client;
use scorekit::scorecards::types::{State, UpdateOutcomesAsyncRequestItem};

type Outcome<T = ()> = Result<T, Box<dyn Error>>;

/// The number of rules of a plan, and of others to compare its memory with.
const RULES: [usize; 3] = [10_000, 1_000, 50_000];

/// The limit of the time of a plan of as many rules.
const LIMIT: (usize, Duration) = (10_000, Duration::from_secs(5));

/// The number of outcomes of a push.
const OUTCOMES: usize = 1_000_000;

/// The delays of a response to a push.
const DELAYS: [Duration; 2] = [Duration::ZERO, Duration::from_millis(10)];

/// The most time of a push of the command, compared with the library's, if the server takes time.
const RATIO: f64 = 1.1;

/// The measurements of each side.
const ROUNDS: usize = 3;

fn main() -> ExitCode {
    let arguments: Vec<String> = std::env::args().collect();
    let words: Vec<&str> = arguments.iter().skip(1).map(String::as_str).collect();
    let result = match words.as_slice() {
        ["serve", rules, delay] => serve(rules, delay).map(|()| true),
        ["push", url] => push(url).map(|()| true),
        _ => plans().and_then(|is_fast| Ok(pushes()? && is_fast)),
    };
    match result {
        Ok(true) => ExitCode::SUCCESS,
        Ok(false) => ExitCode::from(1),
        Err(error) => {
            eprintln!("error: {error}");
            ExitCode::from(2)
        }
    }
}

/// The process of a server.
struct Server {
    process: Child,
    url: String,
}

impl Drop for Server {
    fn drop(&mut self) {
        let _ = self.process.kill();
        let _ = self.process.wait();
    }
}

impl Server {
    fn start(rules: usize, delay: Duration) -> Outcome<Self> {
        let mut process = Command::new(std::env::current_exe()?)
            .args(["serve", &rules.to_string(), &delay.as_millis().to_string()])
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .spawn()?;
        let output = process.stdout.take().ok_or("the server has no output")?;
        let mut url = String::new();
        BufReader::new(output).read_line(&mut url)?;
        let url = format!("http://{}", url.trim());
        Ok(Self { process, url })
    }
}

/// Runs the command, and returns its time and its peak of memory in bytes.
fn scorekit(directory: &Path, url: &str, arguments: &[&str]) -> Outcome<(Duration, u64)> {
    let mut command = Command::new(env!("CARGO_BIN_EXE_scorekit"));
    command
        .args(arguments)
        .current_dir(directory)
        .env("SCOREKIT_CONFIG", "none")
        .env("SCOREKIT_STATE", directory.join("state"))
        .env("SCOREKIT_BASE_URL", url)
        .env("DD_API_KEY", "0123456789")
        .env("DD_APP_KEY", "0123456789")
        .stdout(Stdio::null());
    let start = Instant::now();
    let mut process = command.spawn()?;
    let mut peak = 0;
    loop {
        // The file is gone when the process has ended.
        if let Ok(status) = std::fs::read_to_string(format!("/proc/{}/status", process.id())) {
            let line = status.lines().find(|line| line.starts_with("VmHWM:"));
            let number = line.and_then(|line| line.split_whitespace().nth(1)?.parse::<u64>().ok());
            peak = number.map_or(peak, |kibibytes| kibibytes * 1024);
        }
        if let Some(status) = process.try_wait()? {
            return match status.success() {
                true => Ok((start.elapsed(), peak)),
                false => Err(format!("scorekit {}: {status}", arguments.join(" ")).into()),
            };
        }
        thread::sleep(Duration::from_millis(2));
    }
}

fn median<T: Copy + PartialOrd>(mut values: Vec<T>) -> Option<T> {
    values.sort_by(|left, right| left.partial_cmp(right).unwrap_or(std::cmp::Ordering::Equal));
    values.get(values.len() / 2).copied()
}

/// Measures plans without changes.
fn plans() -> Outcome<bool> {
    println!("{:<42} {:>8} {:>10}", "scorecards plan", "median", "memory");
    let mut is_fast = true;
    for count in RULES {
        let directory = tempfile::tempdir()?;
        let mut file = "scorecards:\n".to_owned();
        for number in 0..count {
            if number % 100 == 0 {
                let _ = write!(file, "  - name: Scorecard {}\n    rules:\n", number / 100);
            }
            let _ = write!(
                file,
                "      - name: Rule {number}\n        level: 1\n        description: A rule.\n"
            );
        }
        std::fs::write(directory.path().join("rules.yaml"), file)?;
        let server = Server::start(count, Duration::ZERO)?;
        let plan = ["scorecards", "plan", "rules.yaml", "--detailed-exitcode"];
        let runs = (0..ROUNDS).map(|_| scorekit(directory.path(), &server.url, &plan));
        let runs = runs.collect::<Outcome<Vec<_>>>()?;
        let (times, peaks): (Vec<Duration>, Vec<u64>) = runs.into_iter().unzip();
        let (time, peak) = (median(times), median(peaks));
        let (time, peak) = (time.unwrap_or_default(), peak.unwrap_or_default());
        is_fast &= count != LIMIT.0 || time < LIMIT.1;
        println!(
            "{:<42} {:>6.2} s {:>7} kB",
            format!("{count} rules, all of them unchanged"),
            time.as_secs_f64(),
            peak / 1000
        );
    }
    Ok(is_fast)
}

/// Measures pushes of the same outcomes by the command and by the library, in turns.
fn pushes() -> Outcome<bool> {
    let directory = tempfile::tempdir()?;
    let mut file = "service,rule,state,remarks\n".to_owned();
    for number in 0..OUTCOMES {
        let _ = writeln!(
            file,
            "service-{number},Rule 1,pass,Run {number} of the check"
        );
    }
    std::fs::write(directory.path().join("outcomes.csv"), file)?;
    println!(
        "{:<42} {:>8} {:>10} {:>8}",
        "outcomes push", "command", "library", "ratio"
    );
    let mut is_fast = true;
    for delay in DELAYS {
        let server = Server::start(10, delay)?;
        let (mut ours, mut library, mut ratios) = (Vec::new(), Vec::new(), Vec::new());
        for _ in 0..ROUNDS {
            let arguments = ["outcomes", "push", "outcomes.csv"];
            let (time, _) = scorekit(directory.path(), &server.url, &arguments)?;
            let start = Instant::now();
            let status = Command::new(std::env::current_exe()?)
                .args(["push", &server.url])
                .status()?;
            let of_library = start.elapsed();
            if !status.success() {
                return Err(format!("the push of the library: {status}").into());
            }
            ratios.push(time.as_secs_f64() / of_library.as_secs_f64());
            ours.push(time);
            library.push(of_library);
        }
        let seconds = |times: Vec<Duration>| median(times).unwrap_or_default().as_secs_f64();
        let ratio = median(ratios).unwrap_or(f64::INFINITY);
        let name = format!("{OUTCOMES} outcomes, {} ms a response", delay.as_millis());
        println!(
            "{name:<42} {:>6.2} s {:>8.2} s {ratio:>8.3}",
            seconds(ours),
            seconds(library)
        );
        is_fast &= delay.is_zero() || ratio <= RATIO;
    }
    Ok(is_fast)
}

/// Pushes the outcomes with the library.
fn push(url: &str) -> Outcome {
    let runtime = tokio::runtime::Builder::new_multi_thread()
        .worker_threads(1)
        .enable_all()
        .build()?;
    runtime.block_on(async {
        let client = Client::builder()
            .base_url(url)
            .api_key("0123456789")
            .application_key("0123456789")
            .build()?;
        let outcomes = (0..OUTCOMES).map(|number| {
            let entity = format!("service:service-{number}");
            UpdateOutcomesAsyncRequestItem::new(entity.into(), "r1".into(), State::Pass)
                .remarks(format!("Run {number} of the check"))
        });
        let push = client.scorecards().outcomes().push_all(outcomes);
        let mut push = push.concurrency(4);
        while let Some(pushed) = push.next().await {
            pushed.result?;
        }
        Ok(())
    })
}

/// Serves until its standard input ends with the process that started it.
fn serve(rules: &str, delay: &str) -> Outcome {
    let (rules, delay) = (rules.parse()?, Duration::from_millis(delay.parse()?));
    let listener = TcpListener::bind("127.0.0.1:0")?;
    println!("{}", listener.local_addr()?);
    thread::spawn(|| {
        // The input has no data; the read returns when it ends.
        let _ = std::io::stdin().read_line(&mut String::new());
        std::process::exit(0);
    });
    for stream in listener.incoming() {
        let stream = stream?;
        // The client reports a broken connection.
        thread::spawn(move || connection(stream, rules, delay).ok());
    }
    Ok(())
}

fn connection(stream: TcpStream, rules: usize, delay: Duration) -> Outcome {
    stream.set_nodelay(true)?;
    let mut output = stream.try_clone()?;
    let mut input = BufReader::new(stream);
    loop {
        let (mut first, mut line, mut length) = (String::new(), String::new(), 0_u64);
        if input.read_line(&mut first)? == 0 {
            return Ok(());
        }
        while input.read_line(&mut line)? > 2 {
            let lower = line.to_lowercase();
            if let Some(number) = lower.strip_prefix("content-length:") {
                length = number.trim().parse()?;
            }
            line.clear();
        }
        std::io::copy(&mut input.by_ref().take(length), &mut std::io::sink())?;
        let (status, body) = match first.starts_with("POST") {
            true => {
                thread::sleep(delay);
                ("202 Accepted", String::new())
            }
            false => ("200 OK", page(&first, rules)),
        };
        write!(
            output,
            "HTTP/1.1 {status}\r\ncontent-type: application/json\r\ncontent-length: {}\r\n\r\n{body}",
            body.len()
        )?;
    }
}

/// Returns a page of rules.
fn page(request: &str, rules: usize) -> String {
    let request = request.replace("%5B", "[").replace("%5D", "]");
    let number = |name: &str, default: usize| {
        let after = request.split(name).nth(1).unwrap_or_default();
        let digits: String = after.chars().take_while(char::is_ascii_digit).collect();
        digits.parse().unwrap_or(default)
    };
    let (offset, size) = (number("page[offset]=", 0), number("page[size]=", 100));
    let end = rules.min(offset + size);
    let mut body = "{\"data\":[".to_owned();
    for number in offset..end {
        if number > offset {
            body.push(',');
        }
        let _ = write!(
            body,
            "{{\"id\":\"r{number}\",\"type\":\"rule\",\"attributes\":{{\"name\":\"Rule {number}\",\
             \"scorecard_name\":\"Scorecard {}\",\"level\":1,\"description\":\"A rule.\",\"enabled\":true,\
             \"custom\":true,\"created_at\":\"2026-01-01T00:00:00Z\"}},\"relationships\":{{\"scorecard\":\
             {{\"data\":{{\"id\":\"s{}\",\"type\":\"scorecard\"}}}}}}}}",
            number / 100,
            number / 100
        );
    }
    body.push(']');
    if end < rules {
        let _ = write!(
            body,
            ",\"links\":{{\"next\":\"/api/v2/scorecard/rules?page%5Boffset%5D={end}&page%5Bsize%5D={size}\"}}"
        );
    }
    body.push('}');
    body
}
