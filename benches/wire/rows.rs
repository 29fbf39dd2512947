//! The pairs.

use std::error::Error;
use std::path::Path;
use std::process::ExitCode;

use scorekit::scorecards::types::{EntityReference, RuleId, State, UpdateOutcomesAsyncRequestItem};
use scorekit::{CallOptions, Client};
use scorekit_benches::{Limit, Row, compare, list_call, ratio, report};
use tokio::runtime::Runtime;

use crate::server;

/// The calls per side and round.
const CALLS: usize = 20;
/// The number of concurrent calls.
const CONCURRENT: usize = 8;
/// The outcomes per request.
const BATCH: usize = 100;

type Outcome<T> = Result<T, Box<dyn Error>>;

struct Bench {
    runtime: Runtime,
    server: server::Server,
    rows: Vec<Row>,
}

pub(crate) fn run(directory: &Path) -> Outcome<ExitCode> {
    let mut bench = Bench {
        runtime: tokio::runtime::Builder::new_current_thread()
            .enable_all()
            .build()?,
        server: server::start(directory)?,
        rows: Vec::new(),
    };
    bench.responses()?;
    bench.requests()?;
    bench.connections()?;
    bench.versions()?;
    Ok(report(&bench.rows))
}

impl Bench {
    /// Creates a client of a variant that the server has.
    fn client(url: &str, variant: &str) -> Result<Client, scorekit::Error> {
        list_call::client(&format!("{url}/{variant}"))
    }

    /// Returns the bytes of bodies that the server has sent and received since the last call.
    fn bytes(&self) -> Outcome<(u64, u64)> {
        let text = async {
            let http = list_call::bare()?;
            let response = http.get(format!("{}/bytes", self.server.plain)).send();
            response.await?.text().await
        };
        let text = self.runtime.block_on(text)?;
        let (sent, received) = text.split_once(' ').ok_or("the server counts nothing")?;
        Ok((sent.parse()?, received.parse()?))
    }

    /// Adds a row for the processor time of sequential calls.
    fn calls(&mut self, what: &str, ours: &Client, theirs: &Client) -> Outcome<()> {
        let runtime = &self.runtime;
        let row = compare(
            what,
            Limit::None,
            || runtime.block_on(list(ours)),
            || runtime.block_on(list(theirs)),
        )?;
        self.rows.push(row);
        Ok(())
    }

    fn responses(&mut self) -> Outcome<()> {
        let plain = Self::client(&self.server.plain, "identity")?;
        for encoding in ["gzip", "br", "zstd"] {
            let compressed = Self::client(&self.server.plain, encoding)?;
            let mut sent = Vec::new();
            for client in [&compressed, &plain] {
                self.bytes()?;
                self.runtime.block_on(list(client))?;
                sent.push(self.bytes()?.0);
            }
            let what = format!("bytes of a response of 100 outcomes, {encoding} to uncompressed");
            self.rows
                .push(Row::new(what, Limit::None, vec![ratio(sent[0], sent[1])]));
            let what =
                format!("client CPU time, a list call of 100 outcomes, {encoding} to uncompressed");
            self.calls(&what, &compressed, &plain)?;
        }
        Ok(())
    }

    fn requests(&mut self) -> Outcome<()> {
        let client = Self::client(&self.server.plain, "identity")?;
        let mut received = Vec::new();
        for compress in [true, false] {
            self.bytes()?;
            self.runtime.block_on(push(&client, compress))?;
            received.push(self.bytes()?.1);
        }
        let what = "bytes of a request of 100 outcomes, gzip to uncompressed";
        self.rows.push(Row::new(
            what,
            Limit::None,
            vec![ratio(received[0], received[1])],
        ));
        let runtime = &self.runtime;
        let row = compare(
            "client CPU time, a request of 100 outcomes, gzip to uncompressed",
            Limit::None,
            || runtime.block_on(push(&client, true)),
            || runtime.block_on(push(&client, false)),
        )?;
        self.rows.push(row);
        Ok(())
    }

    fn connections(&mut self) -> Outcome<()> {
        for (what, url) in [
            ("without encryption", self.server.plain.clone()),
            ("encrypted", self.server.older.clone()),
        ] {
            let kept = Self::client(&url, "identity")?;
            let closed = Self::client(&url, "close")?;
            let what = format!(
                "client CPU time, a list call of 100 outcomes {what}, kept connection to new ones"
            );
            self.calls(&what, &kept, &closed)?;
        }
        Ok(())
    }

    fn versions(&mut self) -> Outcome<()> {
        let [newer, older] = [self.server.both.clone(), self.server.older.clone()];
        let clients = [
            Self::client(&newer, "identity")?,
            Self::client(&older, "identity")?,
        ];
        let what = "client CPU time, a list call of 100 outcomes, HTTP/2 to HTTP/1.1";
        self.calls(what, &clients[0], &clients[1])?;
        for (what, url) in [("uncompressed", "identity"), ("in gzip", "gzip")] {
            let runtime = &self.runtime;
            let fresh = |server: &str| -> Outcome<()> {
                runtime.block_on(list_concurrently(&Self::client(server, url)?))
            };
            let row = compare(
                &format!(
                    "client CPU time, a new client and {CONCURRENT} concurrent list calls after \
                     the first, {what}, HTTP/2 to HTTP/1.1"
                ),
                Limit::None,
                || fresh(&newer),
                || fresh(&older),
            )?;
            self.rows.push(row);
        }
        Ok(())
    }
}

pub(crate) async fn list_once(client: &Client) -> Outcome<()> {
    let outcomes = client.scorecards().outcomes();
    let page = outcomes.list().page_size(100).send().await?;
    match page.data.as_ref().map(Vec::len) {
        Some(100) => Ok(()),
        other => Err(format!("expected 100 outcomes, got {other:?}").into()),
    }
}

async fn list(client: &Client) -> Outcome<()> {
    for _ in 0..CALLS {
        list_once(client).await?;
    }
    Ok(())
}

async fn list_concurrently(client: &Client) -> Outcome<()> {
    list_once(client).await?;
    let calls = (0..CONCURRENT).map(|_| list_once(client));
    futures_util::future::try_join_all(calls).await?;
    Ok(())
}

async fn push(client: &Client, compress: bool) -> Outcome<()> {
    push_many(client, CALLS * BATCH, compress).await
}

/// Pushes as many outcomes as one request has.
pub(crate) async fn push_batch(client: &Client) -> Outcome<()> {
    push_many(client, BATCH, false).await
}

async fn push_many(client: &Client, count: usize, compress: bool) -> Outcome<()> {
    let outcomes = (0..count).map(|number| {
        let entity = format!("service:service-{number}");
        UpdateOutcomesAsyncRequestItem::new(
            EntityReference::from(entity),
            RuleId::from("q8MQxk8TCqrHnWkx"),
            State::Pass,
        )
        .remarks(format!("Run {number} of the nightly check"))
    });
    let push = client.scorecards().outcomes().push_all(outcomes);
    let push = push.batch_size(BATCH).concurrency(1);
    let push = push.with(CallOptions::new().compress_requests(compress));
    let report = push.finish().await;
    match report.failures.into_iter().next() {
        Some((index, error)) => Err(format!("outcome {index}: {error}").into()),
        None => Ok(()),
    }
}
