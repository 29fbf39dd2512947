//! The cost of a list call of 100 outcomes over loopback, against hand-written structures on bare
//! reqwest. The server is a separate process, so that only the clients' time counts.

use std::error::Error;

use scorekit_benches::{Limit, Row, list_call, server};

/// The calls per round.
const REPEATS: usize = 40;

pub(crate) fn run() -> Result<Row, Box<dyn Error>> {
    let (_server, url) = server::start()?;
    let bare = list_call::bare()?;
    list_call::compare_with(
        "client CPU time, a list call of 100 outcomes",
        Limit::AtMost(0.95),
        &url,
        REPEATS,
        async || list_call::by_hand(&bare, &url).await,
    )
}
