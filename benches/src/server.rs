//! A server as a child process, so that only the clients' time counts.

use std::error::Error;
use std::io::{BufRead, BufReader, Read, Write};
use std::net::{SocketAddr, TcpListener, TcpStream};
use std::process::ExitCode;

use serde_json::Value;

use crate::child::{self, Server};

/// The argument that makes a program the server.
pub const SERVE: &str = "serve-page";

/// Responds to every request with the same page, until the standard input ends with the parent
/// process.
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
    println!("{}", spawn(page)?);
    std::io::stdout().flush()?;
    let mut input = Vec::new();
    std::io::stdin().read_to_end(&mut input)?;
    Ok(())
}

/// Responds to every request with the same page, in threads that end with this process. Returns
/// the address.
///
/// # Errors
/// Returns an error if no port can be opened.
pub fn spawn(page: &Value) -> std::io::Result<SocketAddr> {
    let listener = TcpListener::bind("127.0.0.1:0")?;
    let address = listener.local_addr()?;
    let body = serde_json::to_vec(page)?;
    let mut response = format!(
        "HTTP/1.1 200 OK\r\ncontent-type: application/json\r\ncontent-length: {}\r\n\
         x-ratelimit-limit: 1000\r\nx-ratelimit-period: 60\r\nx-ratelimit-remaining: 999\r\n\
         x-ratelimit-reset: 12\r\n\
         x-ratelimit-name: outcomes\r\n\r\n",
        body.len()
    )
    .into_bytes();
    response.extend(body);
    std::thread::spawn(move || {
        for stream in listener.incoming().flatten() {
            let response = response.clone();
            std::thread::spawn(move || serve_connection(stream, &response));
        }
    });
    Ok(address)
}

fn serve_connection(stream: TcpStream, response: &[u8]) -> std::io::Result<()> {
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
            stream.write_all(response)?;
        }
    }
}

/// Starts the server, and returns its process and its URL.
pub fn start() -> Result<(Server, String), Box<dyn Error>> {
    let (server, [address]) = child::serve([SERVE])?;
    Ok((server, format!("http://{address}")))
}
