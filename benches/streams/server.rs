//! The server of these benchmarks, a separate process, so that only the clients' time and memory
//! count. It accepts every `POST`, and serves outcomes page by page, with 50 ms per page.

use std::error::Error;
use std::fmt::Write as _;
use std::process::ExitCode;
use std::time::Duration;

use scorekit_benches::child;
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::{TcpListener, TcpStream};

/// The argument that makes this program the server.
pub(crate) const SERVE: &str = "serve";

/// The number of outcomes to read.
pub(crate) const OUTCOMES: usize = 100_000;

/// The number of outcomes per page, and per request of a push.
pub(crate) const PAGE: usize = 100;

/// The time per page.
const LATENCY: Duration = Duration::from_millis(50);

/// Serves until its standard input ends with the process that started it.
pub(crate) fn serve() -> ExitCode {
    let runtime = tokio::runtime::Builder::new_multi_thread()
        .worker_threads(2)
        .enable_all()
        .build();
    let served = runtime
        .map_err(Into::into)
        .and_then(|runtime| runtime.block_on(listen()));
    match served {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            eprintln!("error: the server: {error}");
            ExitCode::FAILURE
        }
    }
}

async fn listen() -> Result<(), Box<dyn Error>> {
    let listener = TcpListener::bind("127.0.0.1:0").await?;
    println!("{}", listener.local_addr()?);
    std::thread::spawn(|| {
        // The input has no data; the read returns when it ends.
        let _ = std::io::stdin().read_line(&mut String::new());
        std::process::exit(0);
    });
    loop {
        let (stream, _) = listener.accept().await?;
        stream.set_nodelay(true)?;
        // The client reports a broken connection.
        tokio::spawn(async move { serve_connection(stream).await.ok() });
    }
}

async fn serve_connection(mut stream: TcpStream) -> std::io::Result<()> {
    let mut buffer = Vec::with_capacity(64 * 1024);
    loop {
        let head = loop {
            if let Some(end) = buffer.windows(4).position(|window| window == b"\r\n\r\n") {
                break end + 4;
            }
            if stream.read_buf(&mut buffer).await? == 0 {
                return Ok(());
            }
        };
        let text = String::from_utf8_lossy(buffer.get(..head).unwrap_or_default()).to_lowercase();
        let length: usize = text
            .split("content-length: ")
            .nth(1)
            .and_then(|rest| rest.lines().next()?.parse().ok())
            .unwrap_or(0);
        while buffer.len() < head + length {
            if stream.read_buf(&mut buffer).await? == 0 {
                return Ok(());
            }
        }
        buffer.drain(..head + length);
        let response = if text.starts_with("get ") {
            tokio::time::sleep(LATENCY).await;
            let offset = text
                .split("page%5boffset%5d=")
                .nth(1)
                .map_or("0", |rest| rest.split(['&', ' ']).next().unwrap_or("0"));
            page(offset.parse().unwrap_or(0))
        } else {
            "HTTP/1.1 202 Accepted\r\ncontent-length: 0\r\n\r\n".to_owned()
        };
        stream.write_all(response.as_bytes()).await?;
    }
}

fn page(offset: usize) -> String {
    let mut body = String::from(r#"{"data":["#);
    for number in offset..OUTCOMES.min(offset + PAGE) {
        let comma = if number > offset { "," } else { "" };
        // Writing to a `String` does not fail.
        let _ = write!(
            body,
            r#"{comma}{{"id":"outcome-{number}","type":"outcome","attributes":{{"#,
        );
        let _ = write!(
            body,
            r#""created_at":"2026-01-31T08:30:00.123Z","modified_at":"2026-02-01T09:00:00.654Z","#,
        );
        let _ = write!(
            body,
            r#""service_name":"service-{number}","state":"pass"}},"#
        );
        body.push_str(r#""relationships":{"rule":{"data":{"id":"rule-1","type":"rule"}}}}"#);
    }
    body.push_str("]}");
    format!(
        "HTTP/1.1 200 OK\r\ncontent-type: application/json\r\ncontent-length: {}\r\n\r\n{body}",
        body.len()
    )
}

/// The server's process, which ends when this value is dropped.
pub(crate) struct Server {
    _process: child::Server,
    pub(crate) url: String,
}

pub(crate) fn start() -> Result<Server, Box<dyn Error>> {
    let (process, [address]) = child::serve([SERVE])?;
    Ok(Server {
        _process: process,
        url: format!("http://{address}"),
    })
}
