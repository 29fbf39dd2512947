//! Counts outcomes as they arrive. Memory holds the counts of the groups.

use std::collections::{BTreeMap, HashSet};

use scorekit::Client;
use scorekit::scorecards::types::State;

use super::entry::{Dimension, Entry, Tally};
use crate::commands::lists;
use crate::commands::rules::Rules;
use crate::commands::teams::Teams;
use crate::context::Context;
use crate::exit::Failure;

/// The pages that are requested before they are needed.
const PREFETCH: usize = 2;

/// The counts of all outcomes.
#[derive(Default)]
pub(super) struct Counts {
    pub(super) total: Entry,
    pub(super) scorecards: BTreeMap<Vec<String>, Tally>,
    pub(super) teams: BTreeMap<Vec<String>, Tally>,
    pub(super) groups: BTreeMap<Vec<String>, Tally>,
    /// The number of services with outcomes.
    pub(super) services: usize,
    /// The number of enabled rules.
    pub(super) rules: usize,
}

/// Reads and counts the outcomes of enabled rules.
pub(super) async fn count(
    context: &Context,
    client: &Client,
    rules: &Rules,
    teams: &Teams,
    dimensions: &[Dimension],
) -> Result<Counts, Failure> {
    let mut counts = Counts {
        rules: rules.all().iter().filter(|rule| rule.is_enabled).count(),
        ..Counts::default()
    };
    let mut services: HashSet<String> = HashSet::new();
    let bar = lists::counter(context, "outcomes");
    let list = client.scorecards().outcomes().list();
    let items = list.items().prefetch(PREFETCH);
    let read = lists::each(items, "interrupted: nothing was reported", |outcome| {
        bar.inc(1);
        let rule = outcome.rule_id().and_then(|id| rules.get(id));
        let Some(rule) = rule.filter(|rule| rule.is_enabled) else {
            return Ok(());
        };
        let service = outcome.service_name().unwrap_or_default();
        let state = outcome.attributes.as_ref().and_then(|it| it.state.as_ref());
        let name = |dimension: &Dimension| dimension.of(rule, service, teams);
        let keys = |dimensions: &[Dimension]| dimensions.iter().map(name).collect::<Vec<_>>();
        let scorecards = counts.scorecards.entry(keys(&[Dimension::Scorecard]));
        add(scorecards.or_default(), state);
        let team = counts.teams.entry(keys(&[Dimension::Team]));
        add(team.or_default(), state);
        add(counts.groups.entry(keys(dimensions)).or_default(), state);
        add(&mut counts.total.now, state);
        if !services.contains(service) {
            services.insert(service.to_owned());
        }
        Ok(())
    });
    read.await?;
    bar.finish_and_clear();
    counts.services = services.len();
    Ok(counts)
}

fn add(tally: &mut Tally, state: Option<&State>) {
    match state {
        Some(State::Pass) => tally.pass += 1,
        Some(State::Fail) => tally.fail += 1,
        Some(State::Skip) => tally.skip += 1,
        // A state that the document does not list counts nowhere.
        _ => {}
    }
}
