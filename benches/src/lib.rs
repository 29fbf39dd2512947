//! Pairs of measurements, taken in turn, so that what disturbs one disturbs the other; their ratios, and the table that
//! they make. A time alone says more of the machine than of the clients, and is never printed.

#![forbid(unsafe_code)]

pub mod child;
pub mod list_call;
pub mod pages;
pub mod plain;
pub mod server;

use std::error::Error;
use std::process::ExitCode;

use nix::sys::resource::{UsageWho, getrusage};
use nix::sys::time::TimeValLike;

/// How often each side of a pair is measured.
const ROUNDS: usize = 41;

/// How many rounds go before, to warm caches and connections.
const WARMING: usize = 4;

/// What a ratio has to keep to.
#[derive(Clone, Copy, Debug)]
pub enum Limit {
    /// Costs: ours to theirs.
    AtMost(f64),
    /// Throughput, which is theirs to ours where both are times.
    AtLeast(f64),
    /// Nothing: the cost is there to be known.
    None,
}

/// The ratio of a pair.
#[derive(Debug)]
pub struct Row {
    what: String,
    limit: Limit,
    /// In ascending order, one per round.
    ratios: Vec<f64>,
}

impl Row {
    /// The row of what was measured this often.
    pub fn new(what: impl Into<String>, limit: Limit, mut ratios: Vec<f64>) -> Self {
        ratios.sort_by(f64::total_cmp);
        Self {
            what: what.into(),
            limit,
            ratios,
        }
    }

    /// The ratio that this share of the rounds was below, between two of them where it lies between them.
    fn quantile(&self, share: f64) -> f64 {
        let last = self.ratios.len().saturating_sub(1);
        #[allow(
            clippy::cast_possible_truncation,
            clippy::cast_sign_loss,
            clippy::cast_precision_loss,
            reason = "exact for some dozens of rounds"
        )]
        let (place, below) = (share * last as f64, (share * last as f64) as usize);
        let Some(lower) = self.ratios.get(below) else {
            return f64::NAN;
        };
        let upper = self.ratios.get(below + 1).unwrap_or(lower);
        lower + (upper - lower) * place.fract()
    }

    /// Whether the median keeps to the limit.
    fn is_within(&self) -> bool {
        match self.limit {
            Limit::AtMost(limit) => self.quantile(0.5) <= limit,
            Limit::AtLeast(limit) => self.quantile(0.5) >= limit,
            Limit::None => true,
        }
    }
}

/// The ratio of two costs.
pub fn ratio(ours: u64, theirs: u64) -> f64 {
    #[allow(
        clippy::cast_precision_loss,
        reason = "no cost has as many digits as an f64"
    )]
    let ratio = ours as f64 / theirs.max(1) as f64;
    ratio
}

/// The processor time of this process so far, in microseconds.
pub fn cpu_time(who: UsageWho) -> Result<u64, Box<dyn Error>> {
    let usage = getrusage(who)?;
    let time = usage.user_time().num_microseconds() + usage.system_time().num_microseconds();
    Ok(u64::try_from(time)?)
}

/// Measures the processor time of `ours` and `theirs` in turn, each round in the other order.
pub fn compare<E>(
    what: &str,
    limit: Limit,
    mut ours: impl FnMut() -> Result<(), E>,
    mut theirs: impl FnMut() -> Result<(), E>,
) -> Result<Row, Box<dyn Error>>
where
    Box<dyn Error>: From<E>,
{
    let mut ratios = Vec::new();
    for round in 0..ROUNDS + WARMING {
        let mut time = |ours_now: bool| -> Result<u64, Box<dyn Error>> {
            let start = cpu_time(UsageWho::RUSAGE_SELF)?;
            if ours_now {
                ours()?
            } else {
                theirs()?
            }
            Ok(cpu_time(UsageWho::RUSAGE_SELF)? - start)
        };
        let first_ours = round % 2 == 0;
        let (first, second) = (time(first_ours)?, time(!first_ours)?);
        let (own, other) = if first_ours {
            (first, second)
        } else {
            (second, first)
        };
        if round >= WARMING {
            ratios.push(match limit {
                Limit::AtMost(_) | Limit::None => ratio(own, other),
                Limit::AtLeast(_) => ratio(other, own),
            });
        }
    }
    Ok(Row::new(what, limit, ratios))
}

/// Prints the rows as a table that can go into the documentation as it is; fails if a limit is missed.
pub fn report(rows: &[Row]) -> ExitCode {
    println!("| what | ratio: median (quartiles) | limit | |\n| --- | --- | --- | --- |");
    for row in rows {
        let limit = match row.limit {
            Limit::AtMost(limit) => format!("at most {limit:.2}"),
            Limit::AtLeast(limit) => format!("at least {limit:.2}"),
            Limit::None => "none".to_owned(),
        };
        println!(
            "| {} | {:.3} ({:.3} to {:.3}) | {limit} | {} |",
            row.what,
            row.quantile(0.5),
            row.quantile(0.25),
            row.quantile(0.75),
            match (row.limit, row.is_within()) {
                (Limit::None, _) => "",
                (_, true) => "kept",
                (_, false) => "missed",
            },
        );
    }
    if rows.iter().all(Row::is_within) {
        ExitCode::SUCCESS
    } else {
        ExitCode::FAILURE
    }
}
