//! Decoding a page of 100 items into the generated types, against structures written by hand.

use scorekit_benches::{Limit, Row, compare, pages, plain};
use serde::de::DeserializeOwned;
use serde_json::Value;

/// The pages per round, which take some milliseconds.
const REPEATS: usize = 60;

pub(crate) fn run() -> Result<Vec<Row>, Box<dyn std::error::Error>> {
    use scorekit::cases::types::CasesResponse;
    use scorekit::scorecards::types::{ListRulesResponse, OutcomesResponse};

    Ok(vec![
        pair::<OutcomesResponse, plain::Page<plain::Outcome>>("outcomes", &pages::outcomes())?,
        pair::<ListRulesResponse, plain::Page<plain::Rule>>("rules", &pages::rules())?,
        pair::<CasesResponse, plain::Page<plain::Case>>("cases", &pages::cases())?,
    ])
}

fn pair<Ours: DeserializeOwned, Theirs: DeserializeOwned>(
    name: &str,
    page: &Value,
) -> Result<Row, Box<dyn std::error::Error>> {
    let bytes = serde_json::to_vec(page)?;
    compare(
        &format!("decode throughput, a page of 100 {name}"),
        Limit::AtLeast(1.1),
        || decode(&bytes, scorekit::runtime::test_hooks::decode::<Ours>),
        || decode(&bytes, |bytes| serde_json::from_slice::<Theirs>(bytes)),
    )
}

fn decode<T>(
    bytes: &[u8],
    read: impl Fn(&[u8]) -> Result<T, serde_json::Error>,
) -> Result<(), serde_json::Error> {
    for _ in 0..REPEATS {
        std::hint::black_box(read(std::hint::black_box(bytes))?);
    }
    Ok(())
}
