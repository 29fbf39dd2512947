//! A TCP server that imitates faults of networks and gateways. It writes raw bytes because an HTTP
//! library would not allow such faults. It records the requests that it receives.

use std::collections::VecDeque;
use std::io;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Arc, Mutex};
use std::time::Duration;

use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::{TcpListener, TcpSocket, TcpStream};
use tokio::task::{AbortHandle, JoinSet};

/// An action of the server after it has read a request.
#[derive(Clone, Debug)]
pub(crate) enum Act {
    /// It does not listen.
    Closed,
    /// It sends nothing and ends as given.
    Nothing(End),
    /// It responds.
    Respond(RawResponse),
    /// It sends these bytes, all at once or one by one, and ends as given.
    Raw(Vec<u8>, Option<Duration>, End),
    /// It sends the first bytes once, then repeats the second ones for ever.
    Forever(&'static str, &'static str, Duration),
}

/// A response. In its headers and its body, `{echo}` stands for all secrets of the request. `{key}`
/// stands for the first secret, and `{half}` for most of that.
#[derive(Clone, Debug)]
pub(crate) struct RawResponse {
    pub(crate) status: &'static str,
    pub(crate) headers: Vec<(&'static str, String)>,
    pub(crate) body: Body,
    pub(crate) end: End,
}

#[derive(Clone, Debug)]
pub(crate) enum Body {
    /// An empty body, announced as such.
    Empty,
    /// An empty body that is not announced.
    Unsaid,
    Text(String),
    Bytes(Vec<u8>),
    /// One byte at a time.
    Drip(usize, Duration),
    /// An announced number of spaces.
    Announced(usize),
    /// Spaces, in chunks.
    Chunked(usize),
}

/// The server's behavior after it has sent its bytes.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum End {
    /// It waits for the next request.
    KeepAlive,
    /// It closes the connection after a whole response.
    CloseAfter,
    /// It closes the connection though more was announced.
    Close,
    /// It resets the connection though more was announced.
    Reset,
    /// It sends nothing more though more was announced, and leaves the connection open.
    Silent,
}

/// A received request.
#[derive(Clone, Debug)]
pub(crate) struct Seen {
    pub(crate) head: String,
    pub(crate) body: Vec<u8>,
}

/// The headers that carry secrets.
const SECRET_HEADERS: [&str; 4] = [
    "dd-api-key",
    "dd-application-key",
    "authorization",
    "x-api-key",
];

impl Seen {
    /// Returns the method, path and query.
    pub(crate) fn target(&self) -> &str {
        let line = self.head.lines().next().unwrap_or_default();
        line.strip_suffix(" HTTP/1.1").unwrap_or(line)
    }

    /// Returns the secrets that the request carries.
    pub(crate) fn secrets(&self) -> Vec<&str> {
        let lines = self.head.lines().filter_map(|line| line.split_once(": "));
        lines
            .filter(|(name, _)| SECRET_HEADERS.contains(name))
            .map(|(_, value)| value.strip_prefix("Bearer ").unwrap_or(value))
            .collect()
    }
}

#[derive(Default)]
struct State {
    /// The factor by which its pauses are longer.
    patience: u32,
    acts: Mutex<VecDeque<Act>>,
    seen: Mutex<Vec<Seen>>,
    connections: AtomicUsize,
    closed: AtomicUsize,
    written: AtomicUsize,
}

/// A running server. It stops when it is dropped.
pub(crate) struct Faulty {
    pub(crate) url: String,
    state: Arc<State>,
    runs: Runs,
}

enum Runs {
    Deaf(#[allow(dead_code, reason = "kept, not used")] TcpSocket),
    Task(AbortHandle),
}

impl Drop for Faulty {
    fn drop(&mut self) {
        if let Runs::Task(task) = &self.runs {
            task.abort();
        }
    }
}

impl Faulty {
    /// Starts a server that performs `acts` in order and repeats the last one for ever.
    pub(crate) async fn new(acts: &[Act]) -> Self {
        Self::slower(acts, 1).await
    }

    /// Starts a server whose pauses are longer by the factor `patience`.
    pub(crate) async fn slower(acts: &[Act], patience: u32) -> Self {
        let socket = TcpSocket::new_v4().unwrap();
        socket.bind("127.0.0.1:0".parse().unwrap()).unwrap();
        let url = format!("http://{}", socket.local_addr().unwrap());
        let state = Arc::new(State {
            patience,
            acts: Mutex::new(acts.iter().cloned().collect()),
            ..State::default()
        });
        let runs = match acts {
            // No other process gets the port meanwhile.
            [Act::Closed] => Runs::Deaf(socket),
            _ => {
                let listener = socket.listen(64).unwrap();
                Runs::Task(tokio::spawn(accept(listener, Arc::clone(&state))).abort_handle())
            }
        };
        Self { url, state, runs }
    }

    /// Returns the received requests.
    pub(crate) fn seen(&self) -> Vec<Seen> {
        self.state.seen.lock().unwrap().clone()
    }

    /// Returns the number of accepted connections.
    pub(crate) fn connections(&self) -> usize {
        self.state.connections.load(Ordering::SeqCst)
    }

    /// Returns the number of connections that the server has closed.
    pub(crate) fn closed(&self) -> usize {
        self.state.closed.load(Ordering::SeqCst)
    }

    /// Returns the number of bytes of too large bodies that were written before the client hung up.
    pub(crate) fn written(&self) -> usize {
        self.state.written.load(Ordering::SeqCst)
    }
}

async fn accept(listener: TcpListener, state: Arc<State>) {
    // They are dropped, and so ended, together with this task.
    let mut connections = JoinSet::new();
    while let Ok((stream, _)) = listener.accept().await {
        state.connections.fetch_add(1, Ordering::SeqCst);
        let state = Arc::clone(&state);
        connections.spawn(async move {
            // The client hangs up once it has read enough, which is not a failure of the server.
            let _ = serve(stream, &state).await;
            state.closed.fetch_add(1, Ordering::SeqCst);
        });
    }
}

async fn serve(mut stream: TcpStream, state: &State) -> io::Result<()> {
    // Bytes that are sent one by one must arrive one by one.
    stream.set_nodelay(true)?;
    while let Some(seen) = read(&mut stream).await? {
        state.seen.lock().unwrap().push(seen.clone());
        let act = {
            let mut acts = state.acts.lock().unwrap();
            match acts.len() {
                1 => acts.front().cloned(),
                _ => acts.pop_front(),
            }
        };
        let end = match act.unwrap() {
            Act::Closed => End::Reset,
            Act::Nothing(end) => end,
            Act::Raw(bytes, None, end) => {
                stream.write_all(&bytes).await?;
                end
            }
            Act::Raw(bytes, Some(pause), end) => {
                drip(&mut stream, bytes.len(), &bytes, pause * state.patience).await?;
                end
            }
            Act::Forever(first, others, pause) => {
                stream.write_all(first.as_bytes()).await?;
                loop {
                    stream.write_all(others.as_bytes()).await?;
                    tokio::time::sleep(pause * state.patience).await;
                }
            }
            Act::Respond(raw) => {
                respond(&mut stream, &raw, &seen, state).await?;
                raw.end
            }
        };
        match end {
            End::KeepAlive => {}
            End::Close | End::CloseAfter => return stream.shutdown().await,
            End::Reset => return stream.set_zero_linger(),
            End::Silent => return std::future::pending().await,
        }
    }
    Ok(())
}

/// Reads the next request of a connection, if there is one.
async fn read(stream: &mut TcpStream) -> io::Result<Option<Seen>> {
    let mut bytes = Vec::new();
    loop {
        let end = bytes.windows(4).position(|window| window == b"\r\n\r\n");
        if let Some(end) = end {
            let head = String::from_utf8_lossy(&bytes[..end]).into_owned();
            let announced = head
                .lines()
                .find_map(|line| line.strip_prefix("content-length: "))
                .map_or(0, |length| length.parse().unwrap());
            let body = bytes[end + 4..].to_vec();
            if body.len() >= announced {
                return Ok(Some(Seen { head, body }));
            }
        }
        if stream.read_buf(&mut bytes).await? == 0 {
            return Ok(None);
        }
    }
}

async fn respond(
    stream: &mut TcpStream,
    raw: &RawResponse,
    seen: &Seen,
    state: &State,
) -> io::Result<()> {
    let secrets = seen.secrets();
    let fill = |text: &str| {
        let first = secrets.first().copied().unwrap_or_default();
        text.replace("{echo}", &secrets.join(" and "))
            .replace("{key}", first)
            .replace("{half}", &first[..first.len() * 2 / 3])
    };
    let body = match &raw.body {
        Body::Text(text) => fill(text).into_bytes(),
        Body::Bytes(bytes) => bytes.clone(),
        Body::Drip(count, _) => vec![b' '; *count],
        Body::Empty | Body::Unsaid | Body::Announced(_) | Body::Chunked(_) => Vec::new(),
    };
    let mut head = format!("HTTP/1.1 {}\r\n", raw.status);
    for (name, value) in &raw.headers {
        head.push_str(&format!("{name}: {}\r\n", fill(value)));
    }
    // The length exceeds the body where the body must break off.
    let missing = match raw.end {
        End::KeepAlive | End::CloseAfter => 0,
        End::Close | End::Reset | End::Silent => 10,
    };
    match raw.body {
        Body::Unsaid => {}
        Body::Chunked(_) => head.push_str("transfer-encoding: chunked\r\n"),
        Body::Announced(length) => head.push_str(&format!("content-length: {length}\r\n")),
        _ => head.push_str(&format!("content-length: {}\r\n", body.len() + missing)),
    }
    head.push_str("\r\n");
    stream.write_all(head.as_bytes()).await?;
    match raw.body {
        Body::Drip(count, pause) => drip(stream, count, &body, pause * state.patience).await,
        Body::Announced(length) => flood(stream, length, &[b' '; 0x4000], 0x4000, state).await,
        Body::Chunked(length) => {
            let mut chunk = b"4000\r\n".to_vec();
            chunk.resize(chunk.len() + 0x4000, b' ');
            chunk.extend_from_slice(b"\r\n");
            flood(stream, length, &chunk, 0x4000, state).await?;
            stream.write_all(b"0\r\n\r\n").await
        }
        _ => stream.write_all(&body).await,
    }
}

async fn drip(
    stream: &mut TcpStream,
    count: usize,
    bytes: &[u8],
    pause: Duration,
) -> io::Result<()> {
    for byte in bytes.iter().take(count) {
        tokio::time::sleep(pause).await;
        stream.write_all(&[*byte]).await?;
    }
    Ok(())
}

/// Writes `piece`, which counts as `step` bytes, until `length` bytes are written.
async fn flood(
    stream: &mut TcpStream,
    length: usize,
    piece: &[u8],
    step: usize,
    state: &State,
) -> io::Result<()> {
    for _ in 0..length / step {
        stream.write_all(piece).await?;
        state.written.fetch_add(step, Ordering::SeqCst);
    }
    Ok(())
}
