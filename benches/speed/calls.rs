//! What a client spends on a list call of 100 outcomes over loopback, against hand-written structures on bare reqwest.
//! The server runs in a process of its own, so that only the clients' time counts.

use std::error::Error;

use scorekit_benches::{Limit, Row, compare, list_call, server};

/// How many calls a round makes.
const REPEATS: usize = 40;

pub(crate) fn run() -> Result<Row, Box<dyn Error>> {
    let (_server, url) = server::start()?;
    let runtime = tokio::runtime::Builder::new_current_thread()
        .enable_all()
        .build()?;
    let client = list_call::client(&url)?;
    let bare = list_call::bare()?;
    let ours = async || -> Result<(), Box<dyn Error>> {
        for _ in 0..REPEATS {
            list_call::by_client(&client).await?;
        }
        Ok(())
    };
    let theirs = async || -> Result<(), Box<dyn Error>> {
        for _ in 0..REPEATS {
            list_call::by_hand(&bare, &url).await?;
        }
        Ok(())
    };
    compare(
        "client CPU time, a list call of 100 outcomes",
        Limit::AtMost(1.00),
        || runtime.block_on(ours()),
        || runtime.block_on(theirs()),
    )
}
