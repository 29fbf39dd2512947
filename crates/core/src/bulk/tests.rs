//! Journals that cannot be written or that a child process has, which a test outside the crate
//! cannot produce.

use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::Duration;

use super::{Bulk, Push};
use crate::test_hooks::{TestHooks, Transport, TransportError};
use crate::{BodyKind, BoxFuture, Client, Config, ErrorKind, Method, Operation, Server};

static SERVER: Server = Server::new("till", "http://127.0.0.1:9");
static PUT_NUMBERS: Operation =
    Operation::new("PutNumbers", Method::PUT, "/numbers", &SERVER).response(BodyKind::Empty);
static NUMBERS: Bulk = Bulk::new(&["numbers"], 10, 1000);

/// A transport that accepts all requests and counts them.
#[derive(Default)]
struct CountingTransport(Arc<AtomicUsize>);

impl Transport for CountingTransport {
    fn send(
        &self,
        _: reqwest::Request,
        _: Duration,
    ) -> BoxFuture<'static, Result<reqwest::Response, TransportError>> {
        self.0.fetch_add(1, Ordering::SeqCst);
        Box::pin(async {
            tokio::time::sleep(Duration::from_millis(50)).await;
            let response = http::Response::builder().status(202);
            Ok(response.body(reqwest::Body::default()).unwrap().into())
        })
    }
}

#[test]
fn a_copy_of_the_file_in_a_child_process_does_not_keep_the_lock() {
    let client = Client::new(Config::new()).unwrap();
    let path = std::env::temp_dir().join(format!("scorekit-{}.journal", std::process::id()));
    let push = || client.request::<()>(&PUT_NUMBERS).push(&NUMBERS, 0..3);
    let first = push().journal(&path).unwrap();
    let error = push().journal(&path).unwrap_err();
    assert_eq!(error.kind(), ErrorKind::Journal);
    let copy = first.engine.journal.as_ref().unwrap().copy_of_file();
    drop(first);
    drop(push().journal(&path).unwrap());
    drop(copy);
    std::fs::remove_file(path).unwrap();
}

#[tokio::test(start_paused = true)]
async fn a_journal_write_error_stops_the_push_and_loses_no_item() {
    let sent = Arc::new(AtomicUsize::new(0));
    let test_hooks = TestHooks {
        transport: Some(Arc::new(CountingTransport(Arc::clone(&sent)))),
        ..TestHooks::default()
    };
    let client = Client::with_test_hooks(Config::new(), test_hooks).unwrap();
    let mut push: Push<'_> = client.request::<()>(&PUT_NUMBERS).push(&NUMBERS, 0..195);
    push.engine.break_journal();
    let mut texts = vec![String::new(); 195];
    while let Some(pushed) = push.next().await {
        let error = pushed.result.unwrap_err();
        assert_eq!(error.error().kind(), ErrorKind::Journal);
        let text = &mut texts[usize::try_from(pushed.index).unwrap()];
        assert!(text.is_empty(), "{} was returned twice", pushed.index);
        *text = error.to_string();
    }
    // The errors distinguish the items that were in flight from the others.
    let sent = sent.load(Ordering::SeqCst) * 10;
    assert!((10..=80).contains(&sent), "{sent}");
    for (index, text) in texts.iter().enumerate() {
        let taken = "PutNumbers: the server accepted the item, but the journal broken.journal";
        let unsent = "PutNumbers: nothing was sent";
        let expected = if index < sent { taken } else { unsent };
        assert!(text.contains(expected), "{index} {text}");
    }
}
