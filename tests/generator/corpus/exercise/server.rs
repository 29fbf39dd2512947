//! A server that records its requests and sends the response that it was given.

use std::sync::{Arc, Mutex};

use scorekit_core::{Client, Config, Credentials, Error, Response, RetryPolicy};
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::{TcpListener, TcpStream};

/// Headers that differ from run to run, or that do not depend on the operation.
const UNTOLD: [&str; 4] = ["host", "user-agent", "accept-encoding", "content-length"];

pub struct Server {
    url: String,
    response: Arc<Mutex<(String, Vec<u8>)>>,
    seen: Arc<Mutex<String>>,
}

impl Server {
    pub async fn new() -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").await.expect("a port");
        let server = Self {
            url: format!("http://{}", listener.local_addr().expect("an address")),
            response: Arc::default(),
            seen: Arc::default(),
        };
        let (response, seen) = (Arc::clone(&server.response), Arc::clone(&server.seen));
        tokio::spawn(async move {
            loop {
                let (mut stream, _) = listener.accept().await.expect("a connection");
                let request = read(&mut stream).await;
                *seen.lock().expect("no panic") = request;
                let (head, body) = response.lock().expect("no panic").clone();
                let length = body.len();
                let head = format!(
                    "HTTP/1.1 {head}\r\ncontent-length: {length}\r\nconnection: close\r\n\r\n"
                );
                let response = [head.as_bytes(), &body].concat();
                stream.write_all(&response).await.expect("a reader");
            }
        });
        server
    }

    /// Creates a client with every kind of credential that a document may require.
    pub fn client(&self) -> Client {
        let credentials = ["session", "login", "key", "inQuery"]
            .map(|scheme| Credentials::scheme(scheme, "name:secret"))
            .into_iter()
            .fold(Credentials::new(), Credentials::merge);
        let config = Config::new()
            .base_url(&self.url)
            .credentials(credentials)
            .retry(RetryPolicy::none());
        Client::new(config).expect("a client")
    }

    /// Sets the response to the next requests.
    pub fn respond_with(&self, status: &str, media_type: &str, body: impl AsRef<[u8]>) -> &Self {
        let head = format!("{status}\r\ncontent-type: {media_type}");
        *self.response.lock().expect("no panic") = (head, body.as_ref().to_vec());
        self
    }

    /// Does the same as `respond_with`, for a success that is JSON.
    pub fn json(&self, body: &str) -> &Self {
        self.respond_with("200 OK", "application/json", body)
    }

    /// Takes the latest request.
    pub fn seen(&self) -> String {
        let seen = std::mem::take(&mut *self.seen.lock().expect("no panic"));
        seen.trim_end().to_owned()
    }

    /// Makes a call; prints the request and the result.
    pub async fn show<T: std::fmt::Debug>(
        &self,
        call: impl Future<Output = Result<Response<T>, Error>>,
    ) {
        self.seen.lock().expect("no panic").clear();
        let outcome = call.await;
        println!("{}", self.seen.lock().expect("no panic").trim_end());
        match outcome {
            Ok(response) => println!("-> {} {:?}\n", response.status().as_u16(), response.value()),
            Err(error) => println!("-> {error}\n"),
        }
    }
}

/// Returns a request for printing: the request line, the headers in order of name, the body.
async fn read(stream: &mut TcpStream) -> String {
    let mut request = Vec::new();
    let mut buffer = [0; 4096];
    loop {
        let end = request.windows(4).position(|window| window == b"\r\n\r\n");
        if let Some(end) = end {
            let head = String::from_utf8_lossy(&request[..end]).into_owned();
            let length = head
                .lines()
                .find_map(|line| line.strip_prefix("content-length: "))
                .map_or(0, |length| length.parse().expect("a length"));
            if request.len() >= end + 4 + length {
                let mut lines = head.lines();
                let mut text = lines.next().expect("a request").replace(" HTTP/1.1", "");
                let is_told = |line: &&str| !UNTOLD.iter().any(|name| line.starts_with(name));
                let mut headers: Vec<&str> = lines.filter(is_told).collect();
                headers.sort_unstable();
                for header in headers {
                    text.push_str(&format!("\n{header}"));
                }
                let body = String::from_utf8_lossy(&request[end + 4..]);
                if !body.is_empty() {
                    text.push_str(&format!("\n\n{}", body.replace("\r\n", "\n")));
                }
                return text;
            }
        }
        let count = stream.read(&mut buffer).await.expect("a request");
        assert_ne!(count, 0, "the request broke off");
        request.extend_from_slice(&buffer[..count]);
    }
}
