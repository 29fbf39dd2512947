//! The inventory: all items that the server stores at the end of a run.

use scorekit::cases::types::{TimelineCell, TimelineCellContent};
use scorekit::{Client, Error};

use crate::ledger::{Kind, StoredItem};

/// Lists all items of the kinds that the tasks create.
pub(crate) async fn take(client: &Client) -> Result<Vec<StoredItem>, Error> {
    let mut stored = Vec::new();
    let mut add = |kind, label: Option<String>| {
        let label = label.unwrap_or_default();
        stored.push(StoredItem { kind, label });
    };
    let scorecards = client.scorecards();
    for rule in scorecards.rules().list().items().collect_all().await? {
        add(Kind::Rule, rule.attributes.and_then(|rule| rule.name));
    }
    let outcomes = scorecards.outcomes().list().items().prefetch(2);
    for outcome in outcomes.collect_all().await? {
        let attributes = outcome.attributes;
        add(Kind::Outcome, attributes.and_then(|one| one.service_name));
    }
    let campaigns = client.campaigns();
    for campaign in campaigns.list().items().collect_all().await? {
        add(Kind::Campaign, Some(campaign.attributes.name));
    }
    let cases = client.cases();
    for project in cases.projects().list().send().await?.into_inner() {
        add(Kind::Project, project.attributes.name);
    }
    for case in cases.cases().search().items().collect_all().await? {
        for cell in cases
            .timeline()
            .list(&case.id)
            .items()
            .collect_all()
            .await?
        {
            add(Kind::Comment, message(cell.attributes));
        }
        add(Kind::Case, case.attributes.title);
    }
    Ok(stored)
}

/// Returns the message of a comment in a timeline.
pub(super) fn message(cell: TimelineCell) -> Option<String> {
    match cell.cell_content? {
        TimelineCellContent::Comment(comment) => comment.message,
        _ => None,
    }
}
