//! Compressed request bodies: the servers that receive them, and the handling of rejected ones.
#![cfg(feature = "gzip")]

use std::io::{Read, Write};
use std::sync::{Arc, Mutex};
use std::time::Duration;

use scorekit_core::{CallOptions, RetryPolicy};

use super::script::{Script, ScriptedResponse, Step, status};
use super::*;

static PUT_RULE: Operation = Operation::new("PutRule", Method::PUT, "/api/v2/rules", &DATADOG)
    .security(&[&[&API_KEY_AUTH, &APP_KEY_AUTH]]);

/// The sent bodies: a flag that is true for gzip, and the decompressed bytes.
type Sent = Arc<Mutex<Vec<(bool, Vec<u8>)>>>;

fn decompress(body: &[u8]) -> Vec<u8> {
    let mut plain = Vec::new();
    flate2::read::GzDecoder::new(body)
        .read_to_end(&mut plain)
        .unwrap();
    plain
}

/// Creates a server that decides by the request's compression and the number of requests before it.
fn server(decide: impl Fn(bool, usize) -> Step + Send + Sync + 'static) -> (Arc<Script>, Sent) {
    let sent = Sent::default();
    let log = Arc::clone(&sent);
    let script = Script::by(move |request| {
        let body = request.body().and_then(|body| body.as_bytes());
        let body = body.unwrap_or_default();
        let encoding = request.headers().get("content-encoding");
        let is_compressed = encoding.is_some_and(|encoding| encoding == "gzip");
        assert_eq!(is_compressed, encoding.is_some());
        let plain = if is_compressed {
            assert!(body.len() < 4000);
            decompress(body)
        } else {
            body.to_vec()
        };
        let mut log = log.lock().unwrap();
        log.push((is_compressed, plain));
        decide(is_compressed, log.len() - 1)
    });
    (script, sent)
}

fn response_listing(list: &'static str) -> Step {
    let response = ScriptedResponse::new(200).header("accept-encoding", list);
    response.piece(Duration::ZERO, "{}").step()
}

fn long() -> Value {
    serde_json::json!({"name": "ä".repeat(2000)})
}

async fn send(client: &Client, operation: &'static Operation, body: &Value) -> Result<u32, Error> {
    let request = client.request::<Value>(operation).json(body);
    Ok(request.send().await?.attempts())
}

fn compressed(sent: &Sent) -> Vec<bool> {
    let sent = sent.lock().unwrap();
    sent.iter()
        .map(|(is_compressed, _)| *is_compressed)
        .collect()
}

#[tokio::test(start_paused = true)]
async fn requests_are_compressed_only_after_the_server_accepts_gzip() {
    let lists = ["br, gzip", "gzip;q=0", "*", "identity"];
    let (script, sent) = server(move |_, number| match number {
        0 => super::script::success(),
        number => response_listing(lists[(number - 1) % lists.len()]),
    });
    let client = script.client(keys());
    for _ in 0..6 {
        send(&client, &PUT_RULE, &long()).await.unwrap();
    }
    // Each request follows the response before it.
    assert_eq!(compressed(&sent), [false, false, true, false, true, false]);
    for (_, body) in sent.lock().unwrap().iter() {
        assert_eq!(serde_json::from_slice::<Value>(body).unwrap(), long());
    }
}

#[tokio::test(start_paused = true)]
async fn gzip_support_is_per_operation_and_shared_by_clones() {
    let (script, sent) = server(|_, _| response_listing("gzip"));
    let client = script.client(keys());
    send(&client, &PUT_RULE, &long()).await.unwrap();
    send(&client, &CREATE_RULE, &long()).await.unwrap();
    send(&client.clone(), &PUT_RULE, &long()).await.unwrap();
    // A small body is sent unchanged, and so is one that compression does not shrink.
    send(&client, &PUT_RULE, &serde_json::json!({"name": "x"}))
        .await
        .unwrap();
    let mut random = fastrand::Rng::with_seed(7);
    let noise: Vec<u8> = std::iter::repeat_with(|| random.u8(..))
        .take(2000)
        .collect();
    let request = client.request::<Value>(&PUT_RULE);
    request
        .content("application/octet-stream", noise.clone())
        .send()
        .await
        .unwrap();
    // A caller that has compressed the body already sets the header itself.
    let mut encoder = flate2::write::GzEncoder::new(Vec::new(), flate2::Compression::fast());
    encoder.write_all(&noise).unwrap();
    let request = client.request::<Value>(&PUT_RULE);
    let request = request.content("application/octet-stream", encoder.finish().unwrap());
    let request = request.header("content-encoding", &"gzip");
    request.send().await.unwrap();
    assert_eq!(sent.lock().unwrap()[5].1, noise);
    let expected = [false, false, true, false, false, true];
    assert_eq!(compressed(&sent), expected);
}

#[tokio::test(start_paused = true)]
async fn rejected_gzip_is_retried_uncompressed_and_remembered() {
    let (script, sent) = server(|is_compressed, _| match is_compressed {
        true => status(415),
        false => super::script::success(),
    });
    let options = CallOptions::new().compress_requests(true);
    let client = script.client(keys().options(options.clone()).retry(RetryPolicy::none()));
    // Even a request that must not be sent twice is retried, because the server did not accept it.
    for attempts in [2, 1, 1] {
        assert_eq!(
            send(&client, &CREATE_RULE, &long()).await.unwrap(),
            attempts
        );
    }
    assert_eq!(compressed(&sent), [true, false, false, false]);
    assert_eq!(script.elapsed(), 0, "no call waits for it");
    // A request that was rejected uncompressed stays rejected.
    let (script, sent) = server(|_, _| status(415));
    let client = script.client(keys().options(options));
    for attempts in [2, 1] {
        let error = send(&client, &CREATE_RULE, &long()).await.unwrap_err();
        assert_eq!(error.status().unwrap().as_u16(), 415);
        assert_eq!(error.attempts(), attempts);
    }
    assert_eq!(compressed(&sent), [true, false, false]);
}

#[tokio::test(start_paused = true)]
async fn call_can_enable_compression_and_retries_send_the_same_bytes() {
    let (script, sent) = server(|_, number| match number {
        0..2 => status(503),
        _ => response_listing("gzip"),
    });
    let client = script.client(keys());
    let call = |compress: bool| {
        let request = client.request::<Value>(&PUT_RULE).json(&long());
        request.options(CallOptions::new().compress_requests(compress))
    };
    assert_eq!(call(true).send().await.unwrap().attempts(), 3);
    call(false).send().await.unwrap();
    assert_eq!(compressed(&sent), [true, true, true, false]);
}

/// Runs over a socket. The length is that of the compressed body, and a push sets the option for
/// all its requests.
#[tokio::test]
async fn push_is_compressed_over_a_socket() {
    use super::push::order_server::*;

    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let url = format!("http://{}", listener.local_addr().unwrap());
    let server = tokio::spawn(async move {
        let (mut stream, _) = listener.accept().await.unwrap();
        let mut request = Vec::new();
        let head = loop {
            assert_ne!(stream.read_buf(&mut request).await.unwrap(), 0);
            let end = request.windows(4).position(|window| window == b"\r\n\r\n");
            if let Some(end) = end {
                break end + 4;
            }
        };
        let text = String::from_utf8(request[..head].to_vec()).unwrap();
        assert!(text.contains("content-encoding: gzip\r\n"), "{text}");
        let length = text.split("content-length: ").nth(1).unwrap();
        let length: usize = length.lines().next().unwrap().parse().unwrap();
        while request.len() < head + length {
            assert_ne!(stream.read_buf(&mut request).await.unwrap(), 0);
        }
        stream
            .write_all(http_response("202 Accepted", "", "").as_bytes())
            .await
            .unwrap();
        Load::read(&decompress(&request[head..])).numbers
    });
    let client = Client::new(keys().base_url(&url)).unwrap();
    let request = client.request::<()>(&PUT_ORDERS);
    let body = serde_json::json!({"data": {"type": "orders", "orders": []}});
    let push = request
        .json(&body)
        .push(&ORDERS, orders(200))
        .batch_size(200);
    let push = push.with(CallOptions::new().compress_requests(true));
    let (results, _) = results(push).await;
    assert!(failed(&results).is_empty());
    assert_eq!(server.await.unwrap(), Vec::from_iter(0..200));
}
