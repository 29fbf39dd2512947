//! Pairs of measurements, taken in turn: what disturbs one disturbs the other.

use nix::sys::resource::{UsageWho, getrusage};
use nix::sys::time::TimeValLike;

/// How often each side of a pair is measured.
const ROUNDS: usize = 41;

/// The processor time of this process so far, in microseconds.
fn cpu_time() -> Result<i64, Box<dyn std::error::Error>> {
    let usage = getrusage(UsageWho::RUSAGE_SELF)?;
    Ok(usage.user_time().num_microseconds() + usage.system_time().num_microseconds())
}

/// What a ratio has to keep to.
#[derive(Clone, Copy)]
pub(crate) enum Limit {
    AtMost(f64),
    AtLeast(f64),
}

/// The ratio of a pair.
pub(crate) struct Row {
    what: String,
    limit: Limit,
    /// In ascending order, one per round.
    ratios: Vec<f64>,
}

impl Row {
    fn quantile(&self, share: f64) -> f64 {
        let last = self.ratios.len().saturating_sub(1);
        // Exact enough: there are some dozens of rounds.
        #[allow(
            clippy::cast_possible_truncation,
            clippy::cast_sign_loss,
            clippy::cast_precision_loss
        )]
        let index = (share * last as f64).round() as usize;
        self.ratios.get(index).copied().unwrap_or(f64::NAN)
    }

    /// Whether the median keeps to the limit.
    pub(crate) fn is_within(&self) -> bool {
        match self.limit {
            Limit::AtMost(limit) => self.quantile(0.5) <= limit,
            Limit::AtLeast(limit) => self.quantile(0.5) >= limit,
        }
    }
}

/// Measures the processor time of `ours` and `theirs` in turn, each round in the other order. The ratio is ours to
/// theirs, or theirs to ours where the limit is of throughput.
pub(crate) fn compare<E>(
    what: &str,
    limit: Limit,
    mut ours: impl FnMut() -> Result<(), E>,
    mut theirs: impl FnMut() -> Result<(), E>,
) -> Result<Row, Box<dyn std::error::Error>>
where
    Box<dyn std::error::Error>: From<E>,
{
    let mut ratios = Vec::new();
    // The first rounds warm caches and connections.
    for round in 0..ROUNDS + 4 {
        let mut time = |ours_now: bool| -> Result<f64, Box<dyn std::error::Error>> {
            let start = cpu_time()?;
            if ours_now {
                ours()?
            } else {
                theirs()?
            }
            let spent = cpu_time()? - start;
            // A round takes milliseconds: far fewer digits than an `f64` has.
            #[allow(clippy::cast_precision_loss)]
            Ok(spent.max(1) as f64)
        };
        let first_ours = round % 2 == 0;
        let first = time(first_ours)?;
        let second = time(!first_ours)?;
        let (own, other) = if first_ours {
            (first, second)
        } else {
            (second, first)
        };
        if round >= 4 {
            ratios.push(match limit {
                Limit::AtMost(_) => own / other,
                Limit::AtLeast(_) => other / own,
            });
        }
    }
    ratios.sort_by(f64::total_cmp);
    Ok(Row {
        what: what.to_owned(),
        limit,
        ratios,
    })
}

/// Prints the rows as a table that can go into the documentation as it is.
pub(crate) fn print(rows: &[Row]) {
    println!("| what | ratio: median (quartiles) | limit | |\n| --- | --- | --- | --- |");
    for row in rows {
        let limit = match row.limit {
            Limit::AtMost(limit) => format!("at most {limit:.2}"),
            Limit::AtLeast(limit) => format!("at least {limit:.2}"),
        };
        println!(
            "| {} | {:.3} ({:.3} to {:.3}) | {limit} | {} |",
            row.what,
            row.quantile(0.5),
            row.quantile(0.25),
            row.quantile(0.75),
            if row.is_within() { "kept" } else { "missed" },
        );
    }
}
