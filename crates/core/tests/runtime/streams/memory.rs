//! The memory of streams: how many pieces of a body are held at once.

use std::pin::Pin;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::task::{Context, Poll};

use http_body::{Body, Frame};
use scorekit_core::test_hooks::{TestHooks, Transport, TransportError};
use scorekit_core::{BoxFuture, Bytes};

use super::*;

/// The number of pieces of each body.
const PIECES: usize = 10_000;

/// The memory of a piece, which is counted while it is held.
struct Piece(&'static [u8], Arc<Held>);

impl AsRef<[u8]> for Piece {
    fn as_ref(&self) -> &[u8] {
        self.0
    }
}

impl Drop for Piece {
    fn drop(&mut self) {
        self.1.now.fetch_sub(1, Ordering::SeqCst);
    }
}

#[derive(Default)]
struct Held {
    now: AtomicUsize,
    most: AtomicUsize,
}

/// A transport whose responses have many pieces of this text.
struct Long(&'static [u8], Arc<Held>);

struct LongBody(&'static [u8], Arc<Held>, usize);

impl Body for LongBody {
    type Data = Bytes;
    type Error = std::io::Error;

    fn poll_frame(
        mut self: Pin<&mut Self>,
        _: &mut Context<'_>,
    ) -> Poll<Option<Result<Frame<Bytes>, std::io::Error>>> {
        let Some(left) = self.2.checked_sub(1) else {
            return Poll::Ready(None);
        };
        self.2 = left;
        let now = self.1.now.fetch_add(1, Ordering::SeqCst) + 1;
        self.1.most.fetch_max(now, Ordering::SeqCst);
        let piece = Piece(self.0, Arc::clone(&self.1));
        Poll::Ready(Some(Ok(Frame::data(Bytes::from_owner(piece)))))
    }
}

impl Transport for Long {
    fn send(
        &self,
        _: reqwest::Request,
        _: Duration,
    ) -> BoxFuture<'static, Result<reqwest::Response, TransportError>> {
        let body = LongBody(self.0, Arc::clone(&self.1), PIECES);
        let response = http::Response::new(reqwest::Body::wrap(body));
        Box::pin(std::future::ready(Ok(response.into())))
    }
}

/// Returns a client whose responses have many pieces of this text, and the pieces held.
fn long(text: &'static [u8]) -> (Client, Arc<Held>) {
    let held = Arc::<Held>::default();
    let transport: Arc<dyn Transport> = Arc::new(Long(text, Arc::clone(&held)));
    let test_hooks = TestHooks {
        transport: Some(transport),
        ..TestHooks::default()
    };
    let options = CallOptions::new().max_response_size(10_000);
    let config = keys().options(options);
    (Client::with_test_hooks(config, test_hooks).unwrap(), held)
}

#[tokio::test]
async fn streams_hold_two_pieces_of_a_body_at_most() {
    let (client, held) = long(b"data: 1\n\ndata: 2\n\ndata");
    let call = watch(&client).stream_text_events();
    let mut events = call.await.unwrap().into_inner();
    let mut count = 0;
    while let Some(event) = events.next().await {
        event.unwrap();
        count += 1;
    }
    assert_eq!(count, 2 * PIECES - PIECES + 1);
    assert!(held.most.load(Ordering::SeqCst) <= 2);

    let (client, held) = long(b"[1]\n[2]\n[3, ");
    let call = client.request::<Vec<Value>>(&ROWS).stream_lines::<Value>();
    let mut rows = call.await.unwrap().into_inner();
    let mut count = 0;
    while rows.next().await.is_some() {
        count += 1;
    }
    assert_eq!(count, 2 * PIECES + 1);
    assert!(held.most.load(Ordering::SeqCst) <= 2);

    let (client, held) = long(&[0; 4096]);
    let call = client.request::<Bytes>(&REPORT).stream_bytes();
    let mut download = call.await.unwrap().into_inner();
    let mut size = 0;
    while let Some(piece) = download.next().await {
        size += piece.unwrap().len();
    }
    assert_eq!(size, 4096 * PIECES);
    assert!(held.most.load(Ordering::SeqCst) <= 2);
    assert_eq!(held.now.load(Ordering::SeqCst), 0);
}

/// Checks that streams can move to another task.
#[test]
fn streams_are_send() {
    fn is_send<T: Send>() {}
    is_send::<EventStream<Value>>();
    is_send::<scorekit_core::LineStream<Value>>();
    is_send::<scorekit_core::Download>();
    is_send::<scorekit_core::Upload>();
}
