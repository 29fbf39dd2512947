//! Reading 100,000 outcomes from a server that takes 50 ms per page: eight pages ahead against one
//! at a time.

use std::error::Error;
use std::time::Instant;

use scorekit_benches::{Limit, Row, list_call, ratio};

use crate::server::{self, OUTCOMES};

/// The measurements of each side. One page at a time takes almost a minute.
const ROUNDS: usize = 3;
const AHEAD: usize = 8;

pub(crate) fn run() -> Result<Row, Box<dyn Error>> {
    let server = server::start()?;
    let runtime = tokio::runtime::Builder::new_current_thread()
        .enable_all()
        .build()?;
    let client = list_call::client(&server.url)?;
    let read = async |ahead: usize| -> Result<u64, Box<dyn Error>> {
        let begin = Instant::now();
        let list = client.scorecards().outcomes().list();
        let mut items = list.items().prefetch(ahead);
        let mut count = 0;
        while let Some(outcome) = items.next().await {
            outcome?;
            count += 1;
        }
        if count != OUTCOMES {
            return Err(format!("expected {OUTCOMES} outcomes, got {count}").into());
        }
        Ok(u64::try_from(begin.elapsed().as_micros())?)
    };
    let mut ratios = Vec::new();
    for _ in 0..ROUNDS {
        let one_at_a_time = runtime.block_on(read(0))?;
        ratios.push(ratio(one_at_a_time, runtime.block_on(read(AHEAD))?));
    }
    let what =
        "speed, reading 100,000 outcomes at 50 ms a page, `prefetch(8)`, to one page at a time";
    Ok(Row::new(what, Limit::AtLeast(7.0), ratios))
}
