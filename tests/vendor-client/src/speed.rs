//! The processor time of a list call of 100 outcomes over loopback, with this workspace's client
//! and the vendor's.

use std::error::Error;
use std::process::ExitCode;

use datadog_api_client::datadog::{APIKey, Configuration};
use datadog_api_client::datadogV2::api_scorecards::{
    ListScorecardOutcomesOptionalParams, ScorecardsAPI,
};
use scorekit_benches::list_call::{self, KEY};
use scorekit_benches::{Limit, Row, report, server};

/// The calls per round.
const REPEATS: usize = 20;

/// Measures, and prints the table. The exit code is 1 if the limit is missed.
pub(crate) fn run() -> ExitCode {
    match measure() {
        Ok(row) => report(&[row]),
        Err(error) => {
            eprintln!("error: {error}");
            ExitCode::from(2)
        }
    }
}

fn measure() -> Result<Row, Box<dyn Error>> {
    let (_server, url) = server::start()?;
    let vendor = ScorecardsAPI::with_config(configuration(&url));
    list_call::compare_with(
        "client CPU time, a list call of 100 outcomes, to `datadog-api-client`",
        Limit::AtMost(0.45),
        &url,
        REPEATS,
        async || {
            let options = ListScorecardOutcomesOptionalParams::default().page_size(100);
            let page = vendor.list_scorecard_outcomes(options).await?;
            list_call::expect_all(page.data.as_ref().map(Vec::len))
        },
    )
}

/// Configures the vendor's client with its second server, whose address can be set.
fn configuration(url: &str) -> Configuration {
    let mut configuration = Configuration::new();
    configuration.server_index = 1;
    let address = url.trim_start_matches("http://");
    for (name, value) in [("protocol", "http"), ("name", address)] {
        let variables = &mut configuration.server_variables;
        variables.insert(name.to_owned(), value.to_owned());
    }
    for scheme in ["apiKeyAuth", "appKeyAuth"] {
        let key = APIKey {
            key: KEY.to_owned(),
            prefix: String::new(),
        };
        configuration.set_auth_key(scheme, key);
    }
    configuration
}
