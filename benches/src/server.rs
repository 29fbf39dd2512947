//! A server in a process of its own, so that only the clients' time counts: this program, started once more.

use std::error::Error;
use std::io::{BufRead, BufReader, Read, Write};
use std::net::{TcpListener, TcpStream};
use std::process::ExitCode;

use serde_json::Value;

use crate::child::{self, Server};

/// The argument that makes a program the server.
pub const SERVE: &str = "serve-page";

/// Answers every request with the same page, until its standard input ends with the process that started it.
pub fn serve(page: &Value) -> ExitCode {
    match listen(page) {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            eprintln!("error: the server: {error}");
            ExitCode::FAILURE
        }
    }
}

fn listen(page: &Value) -> Result<(), Box<dyn Error>> {
    let listener = TcpListener::bind("127.0.0.1:0")?;
    println!("{}", listener.local_addr()?);
    std::io::stdout().flush()?;
    let body = serde_json::to_vec(page)?;
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

/// Starts the server; gives back its process and its address.
pub fn start() -> Result<(Server, String), Box<dyn Error>> {
    let (server, [address]) = child::serve([SERVE])?;
    Ok((server, format!("http://{address}")))
}
