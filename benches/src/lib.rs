//! Pairs of measurements, taken in turn, so that a disturbance affects both, and the table of their
//! ratios. Times alone depend on the machine, so they are never printed.

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

/// The measurements of each side of a pair.
const ROUNDS: usize = 41;

/// The rounds before the measurements, which warm caches and connections.
const WARM_UP: usize = 4;

/// The limit of a ratio.
#[derive(Clone, Copy, Debug)]
pub enum Limit {
    /// An upper limit, for the ratio of our cost to theirs.
    AtMost(f64),
    /// A lower limit, for throughput: the ratio of their time to ours.
    AtLeast(f64),
    /// No limit.
    None,
}

/// The ratio of a pair.
#[derive(Debug)]
pub struct Row {
    name: String,
    limit: Limit,
    /// In ascending order, one per round.
    ratios: Vec<f64>,
}

impl Row {
    /// Creates the row of a measurement.
    pub fn new(name: impl Into<String>, limit: Limit, mut ratios: Vec<f64>) -> Self {
        ratios.sort_by(f64::total_cmp);
        Self {
            name: name.into(),
            limit,
            ratios,
        }
    }

    /// Returns a quantile of the ratios, interpolated between two rounds.
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

    /// Returns true if the median is within the limit.
    fn is_within(&self) -> bool {
        match self.limit {
            Limit::AtMost(limit) => self.quantile(0.5) <= limit,
            Limit::AtLeast(limit) => self.quantile(0.5) >= limit,
            Limit::None => true,
        }
    }
}

/// Returns the ratio of two costs.
pub fn ratio(ours: u64, theirs: u64) -> f64 {
    #[allow(
        clippy::cast_precision_loss,
        reason = "no cost has as many digits as an f64"
    )]
    let ratio = ours as f64 / theirs.max(1) as f64;
    ratio
}

/// Returns the processor time used so far, in microseconds.
pub fn cpu_time(who: UsageWho) -> Result<u64, Box<dyn Error>> {
    let usage = getrusage(who)?;
    let time = usage.user_time().num_microseconds() + usage.system_time().num_microseconds();
    Ok(u64::try_from(time)?)
}

/// Measures the processor time of `ours` and `theirs` in turn. The order changes every round.
pub fn compare<E>(
    name: &str,
    limit: Limit,
    mut ours: impl FnMut() -> Result<(), E>,
    mut theirs: impl FnMut() -> Result<(), E>,
) -> Result<Row, Box<dyn Error>>
where
    Box<dyn Error>: From<E>,
{
    let mut ratios = Vec::new();
    for round in 0..ROUNDS + WARM_UP {
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
        if round >= WARM_UP {
            ratios.push(match limit {
                Limit::AtMost(_) | Limit::None => ratio(own, other),
                Limit::AtLeast(_) => ratio(other, own),
            });
        }
    }
    Ok(Row::new(name, limit, ratios))
}

/// Prints the rows as a Markdown table. The exit code is 1 if a limit is missed.
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
            row.name,
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
