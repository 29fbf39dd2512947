//! The allocations of a call, compared with those of a call that is written by hand.

use std::error::Error;

use scorekit_benches::list_call::{bare, by_client, by_hand, client};
use scorekit_benches::{pages, server};

/// The calls of each side. The lowest count is compared, because a response that arrives in more
/// parts takes more allocations.
const CALLS: usize = 20;

/// The limit of the ratio of the client's allocations to those by hand.
const LIMIT: f64 = 0.75;

fn fewest(call: impl AsyncFn() -> Result<(), Box<dyn Error>>) -> u64 {
    let runtime = tokio::runtime::Builder::new_current_thread()
        .enable_all()
        .build()
        .expect("a runtime");
    let count = |_| {
        let mut result = Ok(());
        let counted = allocation_counter::measure(|| result = runtime.block_on(call()));
        result.expect("a page");
        counted.count_total
    };
    // The first call opens the connection.
    (0..CALLS).map(count).skip(1).min().expect("a count")
}

#[test]
fn call_takes_no_more_allocations_than_by_hand() {
    let address = server::spawn(&pages::outcomes()).expect("a server");
    let url = format!("http://{address}");
    let client = client(&url).expect("a client");
    let bare = bare().expect("a client");
    let ours = fewest(async || by_client(&client).await);
    let theirs = fewest(async || by_hand(&bare, &url).await);
    #[allow(clippy::cast_precision_loss, reason = "small numbers")]
    let ratio = ours as f64 / theirs as f64;
    assert!(
        ratio <= LIMIT,
        "{ours} allocations, {theirs} by hand: {ratio:.3}"
    );
}
