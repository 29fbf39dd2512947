//! The time of `Sandbox::start` after the first one in a process, which reads the document. The
//! tests of a program start a sandbox each.

#![forbid(unsafe_code)]

use std::error::Error;
use std::process::ExitCode;
use std::time::{Duration, Instant};

use scorekit_benches::{Limit, Row, report};
use scorekit_sandbox::Sandbox;

/// The starts that are measured.
const STARTS: usize = 201;

/// The longest median of a start.
const LIMIT: Duration = Duration::from_millis(1);

fn main() -> ExitCode {
    match run() {
        Ok(rows) => report(&rows),
        Err(error) => {
            eprintln!("error: {error}");
            ExitCode::from(2)
        }
    }
}

fn run() -> Result<Vec<Row>, Box<dyn Error>> {
    let runtime = tokio::runtime::Builder::new_current_thread()
        .enable_all()
        .build()?;
    let first = runtime.block_on(start())?;
    let later = (0..STARTS).map(|_| runtime.block_on(start()));
    let later = later.collect::<Result<Vec<_>, _>>()?;
    let ratios = |to: Duration| {
        let ratios = later.iter().map(|it| it.as_secs_f64() / to.as_secs_f64());
        ratios.collect::<Vec<_>>()
    };
    Ok(vec![
        Row::new(
            "time of a start, to 1 ms",
            Limit::AtMost(1.0),
            ratios(LIMIT),
        ),
        Row::new("time of a start, to the first", Limit::None, ratios(first)),
    ])
}

/// Starts a sandbox, and returns the time until it accepts requests.
async fn start() -> Result<Duration, Box<dyn Error>> {
    let start = Instant::now();
    let sandbox = Sandbox::start().await?;
    let time = start.elapsed();
    sandbox.stop().await;
    Ok(time)
}
