//! What a client spends on a list call of 100 outcomes over loopback, against hand-written structures on bare reqwest.
//! The server runs in a process of its own, so that only the clients' time counts.

use std::error::Error;
use std::io::{BufRead, BufReader, Read, Write};
use std::net::{TcpListener, TcpStream};
use std::process::{Child, Command, ExitCode, Stdio};

use scorekit::Client;
use scorekit_benches::{Limit, Row, compare, pages};

use crate::plain;

/// The argument that makes this program the server.
pub(crate) const SERVE: &str = "serve-outcomes";
/// How many calls a round makes.
const REPEATS: usize = 40;
const KEY: &str = "0123456789abcdef0123456789abcdef";

/// Answers every request with the same page, until its standard input ends with the process that started it.
pub(crate) fn serve() -> ExitCode {
    match listen() {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            eprintln!("error: the server of outcomes: {error}");
            ExitCode::FAILURE
        }
    }
}

fn listen() -> Result<(), Box<dyn Error>> {
    let listener = TcpListener::bind("127.0.0.1:0")?;
    println!("{}", listener.local_addr()?);
    std::io::stdout().flush()?;
    let body = serde_json::to_vec(&pages::outcomes())?;
    let mut answer = format!(
        "HTTP/1.1 200 OK\r\ncontent-type: application/json\r\ncontent-length: {}\r\n\
         x-ratelimit-limit: 1000\r\nx-ratelimit-period: 60\r\nx-ratelimit-remaining: 999\r\nx-ratelimit-reset: 12\r\n\
         x-ratelimit-name: outcomes\r\n\r\n",
        body.len()
    )
    .into_bytes();
    answer.extend(body);
    std::thread::spawn(move || {
        for stream in listener.incoming().flatten() {
            let answer = answer.clone();
            std::thread::spawn(move || serve_connection(stream, &answer));
        }
    });
    let mut input = Vec::new();
    std::io::stdin().read_to_end(&mut input)?;
    Ok(())
}

fn serve_connection(stream: TcpStream, answer: &[u8]) -> std::io::Result<()> {
    stream.set_nodelay(true)?;
    let mut lines = BufReader::new(stream.try_clone()?);
    let mut stream = stream;
    let mut line = String::new();
    loop {
        line.clear();
        if lines.read_line(&mut line)? == 0 {
            return Ok(());
        }
        // A request without a body ends with an empty line.
        if line == "\r\n" {
            stream.write_all(answer)?;
        }
    }
}

/// The server's process, which ends with this value.
struct Server(Child);

impl Drop for Server {
    fn drop(&mut self) {
        let _ = self.0.kill();
        let _ = self.0.wait();
    }
}

fn start() -> Result<(Server, String), Box<dyn Error>> {
    let child = Command::new(std::env::current_exe()?)
        .arg(SERVE)
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .spawn()?;
    let mut server = Server(child);
    let output = server.0.stdout.take().ok_or("the server has no output")?;
    let mut address = String::new();
    BufReader::new(output).read_line(&mut address)?;
    Ok((server, format!("http://{}", address.trim())))
}

pub(crate) fn run() -> Result<Row, Box<dyn Error>> {
    let (_server, url) = start()?;
    let runtime = tokio::runtime::Builder::new_current_thread()
        .enable_all()
        .build()?;
    let client = Client::builder()
        .base_url(&url)
        .api_key(KEY)
        .application_key(KEY)
        .build()?;
    let bare = reqwest::Client::builder().no_proxy().build()?;
    let ours = async || -> Result<(), Box<dyn Error>> {
        for _ in 0..REPEATS {
            let outcomes = client.scorecards().outcomes();
            let page = outcomes.list().page_size(100).send().await?;
            assert_count(page.data.as_ref().map(Vec::len))?;
        }
        Ok(())
    };
    let theirs = async || -> Result<(), Box<dyn Error>> {
        for _ in 0..REPEATS {
            let request = bare
                .get(format!(
                    "{url}/api/v2/scorecard/outcomes?page%5Bsize%5D=100"
                ))
                .header("accept", "application/json")
                .header("DD-API-KEY", KEY)
                .header("DD-APPLICATION-KEY", KEY);
            let answer = request.send().await?.error_for_status()?;
            let page: plain::Page<plain::Outcome> = serde_json::from_slice(&answer.bytes().await?)?;
            assert_count(page.data.as_ref().map(Vec::len))?;
        }
        Ok(())
    };
    compare(
        "client CPU time, a list call of 100 outcomes",
        Limit::AtMost(1.05),
        || runtime.block_on(ours()),
        || runtime.block_on(theirs()),
    )
}

fn assert_count(count: Option<usize>) -> Result<(), Box<dyn Error>> {
    match count {
        Some(100) => Ok(()),
        other => Err(format!("expected 100 outcomes, got {other:?}").into()),
    }
}
