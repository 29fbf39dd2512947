//! Requests that are sent compressed: to whom, and what becomes of those that are not taken.
#![cfg(feature = "gzip")]

use std::io::{Read, Write};
use std::sync::{Arc, Mutex};
use std::time::Duration;

use scorekit_core::{CallOptions, RetryPolicy};

use super::script::{Answer, Script, Step, status};
use super::*;

static PUT_RULE: Operation = Operation::new("PutRule", Method::PUT, "/api/v2/rules", &DATADOG)
    .security(&[&[&API_KEY_AUTH, &APP_KEY_AUTH]]);

/// What was sent: whether in gzip, and the body, decompressed.
type Sent = Arc<Mutex<Vec<(bool, Vec<u8>)>>>;

fn decompress(body: &[u8]) -> Vec<u8> {
    let mut plain = Vec::new();
    flate2::read::GzDecoder::new(body)
        .read_to_end(&mut plain)
        .unwrap();
    plain
}

/// A server that answers by whether a request is compressed, and how many came before it.
fn server(answer: impl Fn(bool, usize) -> Step + Send + Sync + 'static) -> (Arc<Script>, Sent) {
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
        answer(is_compressed, log.len() - 1)
    });
    (script, sent)
}

fn answer_listing(list: &'static str) -> Step {
    let answer = Answer::new(200).header("accept-encoding", list);
    answer.piece(Duration::ZERO, "{}").step()
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
async fn nothing_is_compressed_before_the_server_says_that_it_takes_it() {
    let lists = ["br, gzip", "gzip;q=0", "*", "identity"];
    let (script, sent) = server(move |_, number| match number {
        0 => super::script::success(),
        number => answer_listing(lists[(number - 1) % lists.len()]),
    });
    let client = script.client(keys());
    for _ in 0..6 {
        send(&client, &PUT_RULE, &long()).await.unwrap();
    }
    // Each goes by what the answer before it said.
    assert_eq!(compressed(&sent), [false, false, true, false, true, false]);
    for (_, body) in sent.lock().unwrap().iter() {
        assert_eq!(serde_json::from_slice::<Value>(body).unwrap(), long());
    }
}

#[tokio::test(start_paused = true)]
async fn what_is_known_of_an_operation_holds_for_it_alone_and_for_all_clones() {
    let (script, sent) = server(|_, _| answer_listing("gzip"));
    let client = script.client(keys());
    send(&client, &PUT_RULE, &long()).await.unwrap();
    send(&client, &CREATE_RULE, &long()).await.unwrap();
    send(&client.clone(), &PUT_RULE, &long()).await.unwrap();
    // A small body stays, and so does one that does not get smaller.
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
    // Whoever has compressed it already says so.
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
async fn what_is_refused_for_it_is_sent_as_it_was_and_the_client_remembers() {
    let (script, sent) = server(|is_compressed, _| match is_compressed {
        true => status(415),
        false => super::script::success(),
    });
    let options = CallOptions::new().compress_requests(true);
    let client = script.client(keys().options(options.clone()).retry(RetryPolicy::none()));
    // Even of what may not be sent twice, since it was not taken.
    for attempts in [2, 1, 1] {
        assert_eq!(
            send(&client, &CREATE_RULE, &long()).await.unwrap(),
            attempts
        );
    }
    assert_eq!(compressed(&sent), [true, false, false, false]);
    assert_eq!(script.elapsed(), 0, "nobody waits for it");
    // What is refused without being compressed is refused.
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
async fn a_call_may_say_so_itself_and_retries_are_the_same_bytes() {
    let (script, sent) = server(|_, number| match number {
        0..2 => status(503),
        _ => answer_listing("gzip"),
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

/// Over a socket: the length is that of what is sent, and a push says it for all its requests.
#[tokio::test]
async fn a_push_is_compressed_over_a_socket() {
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
            .write_all(answer("202 Accepted", "", "").as_bytes())
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
