//! Reading 100,000 outcomes from a server that takes 50 ms per page: eight and sixteen pages
//! ahead against one at a time.

use std::error::Error;
use std::time::Instant;

use scorekit_benches::{Limit, Row, list_call, ratio};

use crate::server::{self, OUTCOMES};

/// The measurements of each side. One page at a time takes almost a minute.
const ROUNDS: usize = 3;

/// The pages ahead, each with the limit of its speed.
const AHEAD: [(usize, f64); 2] = [(8, 7.0), (16, 14.0)];

pub(crate) fn run() -> Result<Vec<Row>, Box<dyn Error>> {
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
    let mut ratios = [const { Vec::new() }; AHEAD.len()];
    for _ in 0..ROUNDS {
        let one_at_a_time = runtime.block_on(read(0))?;
        for ((ahead, _), ratios) in AHEAD.iter().zip(&mut ratios) {
            ratios.push(ratio(one_at_a_time, runtime.block_on(read(*ahead))?));
        }
    }
    let rows = AHEAD.into_iter().zip(ratios);
    Ok(rows
        .map(|((ahead, least), ratios)| {
            let what = format!(
                "speed, reading 100,000 outcomes at 50 ms a page, `prefetch({ahead})`, to one page \
                 at a time"
            );
            Row::new(what, Limit::AtLeast(least), ratios)
        })
        .collect())
}
