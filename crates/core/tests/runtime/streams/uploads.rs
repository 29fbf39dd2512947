//! Request bodies that are streams.

use std::sync::Mutex;

use futures_util::{StreamExt, stream};
use scorekit_core::{Bytes, Part, Upload};

use super::*;

static STORE: Operation = Operation::new("Store", Method::PUT, "/files", &DATADOG)
    .security(&[&[&API_KEY_AUTH, &APP_KEY_AUTH]])
    .response(BodyKind::Empty);

/// A server that sends these statuses in order, each on a connection of its own, and keeps the
/// requests.
struct Store {
    url: String,
    seen: Arc<Mutex<Vec<String>>>,
}

impl Store {
    async fn new(statuses: &'static [&'static str]) -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let url = format!("http://{}", listener.local_addr().unwrap());
        let seen = Arc::<Mutex<Vec<String>>>::default();
        let kept = Arc::clone(&seen);
        tokio::spawn(async move {
            for status in statuses {
                let (mut stream, _) = listener.accept().await.unwrap();
                let Some(request) = whole_request(&mut stream).await else {
                    continue;
                };
                kept.lock().unwrap().push(request);
                let response =
                    format!("HTTP/1.1 {status}\r\ncontent-length: 0\r\nconnection: close\r\n\r\n");
                stream.write_all(response.as_bytes()).await.unwrap();
            }
        });
        Self { url, seen }
    }

    fn request(&self) -> Request<()> {
        let policy = RetryPolicy::new().base_delay(Duration::from_millis(1));
        let client = Client::new(keys().base_url(&self.url).retry(policy)).unwrap();
        client.request(&STORE)
    }

    fn seen(&self) -> Vec<String> {
        self.seen.lock().unwrap().clone()
    }
}

/// Reads a request to its end, in chunks or of an announced length; `None` if it breaks off.
async fn whole_request(stream: &mut TcpStream) -> Option<String> {
    let mut request = Vec::new();
    loop {
        let text = String::from_utf8_lossy(&request).into_owned();
        if let Some((head, body)) = text.split_once("\r\n\r\n") {
            let announced = head
                .lines()
                .find_map(|line| line.strip_prefix("content-length: "));
            let is_whole = match announced {
                Some(length) => body.len() >= length.parse().unwrap(),
                None => body.ends_with("0\r\n\r\n"),
            };
            if is_whole {
                return Some(text);
            }
        }
        if stream.read_buf(&mut request).await.ok()? == 0 {
            return None;
        }
    }
}

fn pieces() -> impl futures_util::Stream<Item = Result<&'static str, std::io::Error>> {
    stream::iter(["id,name\n", "", "1,a\n"].map(Ok))
}

#[tokio::test]
async fn stream_is_sent_in_chunks_or_with_its_length() {
    let server = Store::new(&["204 No Content"; 3]).await;
    let request = server
        .request()
        .upload("text/csv", Upload::stream(pieces()));
    assert!(format!("{request:?}").contains("body_length: None"));
    request.send().await.unwrap();
    let request = server.request();
    let upload = Upload::factory(pieces).length(12);
    assert_eq!(
        format!("{upload:?}"),
        "Upload { kind: \"factory\", length: Some(12) }"
    );
    request.upload("text/csv", upload).send().await.unwrap();
    // What is in memory is sent as before.
    server
        .request()
        .upload("text/csv", "id,name\n1,a\n")
        .send()
        .await
        .unwrap();
    let seen = server.seen();
    for request in &seen {
        assert!(request.starts_with("PUT /files HTTP/1.1\r\n"), "{request}");
        assert!(request.contains("content-type: text/csv\r\n"), "{request}");
    }
    assert!(
        seen[0].contains("transfer-encoding: chunked\r\n"),
        "{}",
        seen[0]
    );
    assert!(
        seen[0].ends_with("8\r\nid,name\n\r\n4\r\n1,a\n\r\n0\r\n\r\n"),
        "{}",
        seen[0]
    );
    for request in &seen[1..] {
        assert!(request.contains("content-length: 12\r\n"), "{request}");
        assert!(request.ends_with("\r\n\r\nid,name\n1,a\n"), "{request}");
    }
}

#[tokio::test]
async fn one_shot_stream_is_never_retried() {
    for status in [
        &[
            "503 Service Unavailable\r\nretry-after: 0",
            "204 No Content",
        ],
        &["429 Too Many Requests", "204 No Content"],
        &["401 Unauthorized", "204 No Content"],
        &["415 Unsupported Media Type", "204 No Content"],
    ] {
        let server = Store::new(status).await;
        let request = server
            .request()
            .upload("text/csv", Upload::stream(pieces()));
        let error = request.clone().send().await.unwrap_err();
        assert_eq!(
            (error.kind(), error.attempts()),
            (ErrorKind::Api, 1),
            "{error}"
        );
        let is_noted = error
            .to_string()
            .contains("not retried: the body is a stream");
        assert_eq!(is_noted, error.is_retryable(), "{error}");
        assert_eq!(server.seen().len(), 1);
        // The clone shares the stream.
        let error = request.send().await.unwrap_err();
        assert_eq!(
            (error.kind(), error.attempts()),
            (ErrorKind::InvalidRequest, 0)
        );
        assert!(error.to_string().contains("use Upload::factory"), "{error}");
        assert_eq!(server.seen().len(), 1);
    }
    // Not even where no connection was made.
    let script = Script::new([Step::Fail(scorekit_core::test_hooks::Stage::Connect)]);
    let request = script.client(keys()).request::<()>(&STORE);
    let error = request
        .upload("text/csv", Upload::stream(pieces()))
        .send()
        .await
        .unwrap_err();
    assert_eq!(
        (error.kind(), script.asked().len()),
        (ErrorKind::Connection, 1)
    );
}

#[tokio::test]
async fn factory_creates_a_stream_for_each_attempt() {
    let statuses = &[
        "503 Service Unavailable",
        "429 Too Many Requests",
        "204 No Content",
    ];
    let server = Store::new(statuses).await;
    let opened = Arc::new(Mutex::new(0));
    let count = Arc::clone(&opened);
    let upload = Upload::factory(move || {
        *count.lock().unwrap() += 1;
        pieces()
    });
    let response = server
        .request()
        .upload("text/csv", upload.length(12))
        .send()
        .await
        .unwrap();
    assert_eq!((response.attempts(), *opened.lock().unwrap()), (3, 3));
    let seen = server.seen();
    assert_eq!(seen.len(), 3);
    assert!(
        seen.iter()
            .all(|request| request.ends_with("\r\n\r\nid,name\n1,a\n"))
    );
}

/// Returns the body of a multipart request with its boundary replaced.
fn parts_of(request: &str) -> String {
    let (head, body) = request.split_once("\r\n\r\n").unwrap();
    let (_, rest) = head.split_once("multipart/form-data; boundary=").unwrap();
    let boundary = rest.lines().next().unwrap();
    assert!(boundary.len() > 40, "{boundary}");
    body.replace(boundary, "B")
}

const PARTS: &str = "--B\r\ncontent-disposition: form-data; name=\"note\"\r\n\r\nhi\r\n\
    --B\r\ncontent-disposition: form-data; name=\"file\"; filename=\"a.csv\"\r\n\
    content-type: text/csv\r\n\r\nid,name\n1,a\n\r\n--B--\r\n";

#[tokio::test]
async fn parts_may_be_streams() {
    let file = |upload: Upload| Part::from(upload).file_name("a.csv");
    let statuses = &["503 Service Unavailable", "204 No Content"];
    let server = Store::new(statuses).await;
    let with = |upload| {
        let request = server.request().part("note", "hi");
        request.file("file", "text/csv", file(upload)).multipart()
    };
    // A factory is opened again for a retry.
    let request = with(Upload::factory(pieces).length(12));
    let response = request.send().await.unwrap();
    assert_eq!(response.attempts(), 2);
    let seen = server.seen();
    assert_eq!(seen.len(), 2);
    for request in &seen {
        assert_eq!(parts_of(request), PARTS);
        let length = request.split_once("\r\n\r\n").unwrap().1.len();
        assert!(
            request.contains(&format!("content-length: {length}\r\n")),
            "{request}"
        );
    }
    // Without a length it is sent in chunks, and a one-shot stream only once.
    let server = Store::new(statuses).await;
    let request = server.request().part("note", "hi");
    let once = file(Upload::stream(pieces()));
    let request = request.file("file", "text/csv", once);
    let error = request.clone().send().await.unwrap_err();
    assert_eq!(
        (error.status().unwrap().as_u16(), error.attempts()),
        (503, 1)
    );
    assert!(error.to_string().contains("can be sent once"), "{error}");
    assert!(server.seen()[0].contains("transfer-encoding: chunked\r\n"));
    let error = request.send().await.unwrap_err();
    assert_eq!(error.kind(), ErrorKind::InvalidRequest);
    assert_eq!(server.seen().len(), 1);
}

#[tokio::test]
async fn stream_that_fails_is_named() {
    let broken = || {
        let pieces = [
            Ok("id,name\n"),
            Err(format!("the disk is gone ({API_KEY})")),
        ];
        stream::iter(pieces)
    };
    for (upload, says) in [
        (Upload::stream(broken()), "the disk is gone"),
        (Upload::factory(broken), "the disk is gone"),
        (
            Upload::factory(pieces).length(11),
            "more bytes than Upload::length",
        ),
        (
            Upload::factory(pieces).length(13),
            "fewer bytes than Upload::length",
        ),
    ] {
        let server = Store::new(&["204 No Content"; 2]).await;
        let request = server.request().upload("text/csv", upload);
        let error = request.send().await.unwrap_err();
        assert_eq!(
            (error.kind(), error.attempts()),
            (ErrorKind::Connection, 1),
            "{error}"
        );
        assert!(!error.is_retryable());
        let text = error.to_string();
        assert!(
            text.starts_with("Store: cannot send the request body to 127.0.0.1:"),
            "{text}"
        );
        assert!(
            text.contains("its stream failed: ") && text.contains(says),
            "{text}"
        );
        assert_no_canary(&everything(&error));
    }
}

#[tokio::test]
async fn body_of_a_stream_has_no_properties() {
    let script = Script::new([success()]);
    let request = script.client(keys()).request::<()>(&STORE);
    let request = request.upload("application/json", Upload::factory(pieces));
    let error = request.body_unchecked("a", &1).send().await.unwrap_err();
    assert_eq!(error.kind(), ErrorKind::InvalidRequest);
    assert!(
        error.to_string().contains("the body is a stream"),
        "{error}"
    );
    assert_eq!(script.asked().len(), 0);
}

/// Sends a long upload, whose stream is read as the server takes it.
#[tokio::test]
async fn pieces_are_not_collected() {
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let url = format!("http://{}", listener.local_addr().unwrap());
    let taken = Arc::new(Mutex::new(0_usize));
    let count = Arc::clone(&taken);
    // Far more than the sockets of a machine hold.
    let pieces = stream::iter(0..4096).map(move |_| {
        *count.lock().unwrap() += 1;
        Ok::<_, std::io::Error>(Bytes::from_static(&[0; 64 * 1024]))
    });
    let client = Client::new(once().base_url(&url)).unwrap();
    let request = client.request::<()>(&STORE);
    let call = request.upload("text/csv", Upload::stream(pieces)).send();
    let server = async {
        let (mut stream, _) = listener.accept().await.unwrap();
        let mut begin = [0; 1024];
        stream.read_exact(&mut begin).await.unwrap();
        for _ in 0..1000 {
            tokio::task::yield_now().await;
        }
        stream
            .write_all(b"HTTP/1.1 413 Too Large\r\ncontent-length: 0\r\n\r\n")
            .await
            .unwrap();
        stream
    };
    let (outcome, _stream) = tokio::join!(call, server);
    assert_eq!(outcome.unwrap_err().status().unwrap(), 413);
    assert!(*taken.lock().unwrap() < 2048, "{}", taken.lock().unwrap());
}
