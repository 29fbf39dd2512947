//! What cannot be brought about from outside: a journal that cannot be written any more.

use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::Duration;

use super::{Bulk, Push};
use crate::seams::{Failure, Seams, Transport};
use crate::{BodyKind, BoxFuture, Client, Config, ErrorKind, Method, Operation, Server};

static SERVER: Server = Server::new("till", "http://127.0.0.1:9");
static PUT_NUMBERS: Operation =
    Operation::new("PutNumbers", Method::PUT, "/numbers", &SERVER).response(BodyKind::Empty);
static NUMBERS: Bulk = Bulk::new(&["numbers"], 10, 1000);

/// Takes everything, and counts the requests.
#[derive(Default)]
struct Kind(Arc<AtomicUsize>);

impl Transport for Kind {
    fn send(
        &self,
        _: reqwest::Request,
        _: Duration,
    ) -> BoxFuture<'static, Result<reqwest::Response, Failure>> {
        self.0.fetch_add(1, Ordering::SeqCst);
        Box::pin(async {
            tokio::time::sleep(Duration::from_millis(50)).await;
            let response = http::Response::builder().status(202);
            Ok(response.body(reqwest::Body::default()).unwrap().into())
        })
    }
}

#[tokio::test(start_paused = true)]
async fn a_journal_that_cannot_be_written_ends_the_sending_and_no_item_is_lost() {
    let sent = Arc::new(AtomicUsize::new(0));
    let seams = Seams {
        transport: Some(Arc::new(Kind(Arc::clone(&sent)))),
        ..Seams::default()
    };
    let client = Client::with_seams(Config::new(), seams).unwrap();
    let mut push: Push<'_> = client.request::<()>(&PUT_NUMBERS).push(&NUMBERS, 0..195);
    push.engine.break_journal();
    let mut texts = vec![String::new(); 195];
    while let Some(pushed) = push.next().await {
        let error = pushed.result.unwrap_err();
        assert_eq!(error.error().kind(), ErrorKind::Journal);
        let text = &mut texts[usize::try_from(pushed.index).unwrap()];
        assert!(text.is_empty(), "{} came twice", pushed.index);
        *text = error.to_string();
    }
    // Those that were on their way are told apart from those that were not.
    let sent = sent.load(Ordering::SeqCst) * 10;
    assert!((10..=80).contains(&sent), "{sent}");
    for (index, text) in texts.iter().enumerate() {
        let taken = "PutNumbers: the server took the item, but the journal broken.journal";
        let unsent = "PutNumbers: nothing was sent";
        let expected = if index < sent { taken } else { unsent };
        assert!(text.contains(expected), "{index} {text}");
    }
}
