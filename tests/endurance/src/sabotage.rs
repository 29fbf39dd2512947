//! The errors that `--sabotage` makes between the calls and the checks.

use std::error::Error;
use std::io::{Read, Write};
use std::net::TcpStream;

use scorekit::Client;
use scorekit::scorecards::types::RuleAttributesRequest;

use crate::ledger::{Acknowledged, Kind, Ledger, Name};
use crate::server::USER_AGENT;
use crate::settings::Sabotage;

/// Makes an error that the ledger does not know of. Where it needs a rule, it creates one as
/// `name`, which no task uses. So the error does not depend on the rules of the tasks.
pub(crate) async fn apply(
    sabotage: Sabotage,
    client: &Client,
    ledger: &mut Ledger,
    name: Name,
    url: &str,
) -> Result<(), Box<dyn Error>> {
    let rules = client.scorecards().rules();
    let rule = |version| {
        let attributes = RuleAttributesRequest::new().name(name.label(version));
        attributes.scorecard_name("Soak")
    };
    match sabotage {
        Sabotage::LostWrite | Sabotage::DuplicateWrite | Sabotage::LostUpdate => {
            let created = rules.create(rule(0)).send().await?;
            let id = created
                .into_inner()
                .id
                .ok_or("the created rule has no id")?;
            let known = Acknowledged {
                id: id.clone(),
                version: Some(0),
                parent: None,
            };
            ledger.created(Kind::Rule, name, known);
            match sabotage {
                Sabotage::LostWrite => drop(rules.delete(&id).send().await?),
                Sabotage::DuplicateWrite => drop(rules.create(rule(0)).send().await?),
                _ => drop(rules.update(&id, rule(1)).send().await?),
            }
        }
        // No task calls this operation, so no abandoned attempt can hide the request.
        Sabotage::UncountedRequest => send_request(url, "/api/v2/cases/views", USER_AGENT)?,
        // Tasks abandon calls of this operation: the sender alone gives the request away.
        Sabotage::ForeignRequest => send_request(url, "/api/v2/scorecard/rules", "other")?,
        Sabotage::AssumedWrite | Sabotage::StuckTask | Sabotage::Leak => {}
    }
    Ok(())
}

/// Sends a request over a plain socket, and reads the response to its end.
fn send_request(url: &str, path: &str, user_agent: &str) -> std::io::Result<()> {
    let address = url.trim_start_matches("http://");
    let mut stream = TcpStream::connect(address)?;
    write!(
        stream,
        "GET {path} HTTP/1.1\r\nhost: {address}\r\nuser-agent: {user_agent}\r\n\
         connection: close\r\n\r\n"
    )?;
    std::io::copy(&mut stream.take(1_000_000), &mut std::io::sink())?;
    Ok(())
}
