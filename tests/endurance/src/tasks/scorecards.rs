//! Rules, their outcomes, and campaigns.

use std::collections::BTreeSet;

use scorekit::Push;
use scorekit::campaigns::types::{
    CreateCampaignRequestAttributes, UpdateCampaignRequestAttributes,
};
use scorekit::scorecards::types::{
    OutcomesBatchRequestItem, RuleAttributesRequest, State, UpdateOutcomesAsyncRequestItem,
};

use super::{Task, next_version};
use crate::ledger::{Kind, Known, Name};

/// How many rules and campaigns a task has at the most, and how many outcomes a rule of them.
const MOST_RULES: usize = 4;
const MOST_CAMPAIGNS: usize = 5;
const MOST_OUTCOMES: usize = 30;

const OWNER: &str = "550e8400-e29b-41d4-a716-446655440000";
const START: &str = "2026-12-01T00:00:00Z";

fn attributes(name: Name, version: u64) -> RuleAttributesRequest {
    RuleAttributesRequest::new()
        .name(name.label(version))
        .scorecard_name("Soak")
        .enabled(true)
}

impl Task {
    pub(super) async fn rules(&mut self) {
        let rules = self.client.scorecards().rules();
        let kind = Kind::Rule;
        let count = self.count(kind);
        let Some((name, known)) = self.any(kind).filter(|_| count >= MOST_RULES / 2) else {
            return self.create_rule().await;
        };
        match self.random.u32(0..20) {
            0..4 if count < MOST_RULES => self.create_rule().await,
            4..9 => {
                let version = next_version(&mut self.random);
                let changed = rules.update(&known.id, attributes(name, version));
                let changed = changed.send().await;
                self.settle_change(kind, name, version, changed);
            }
            9..12 => {
                let deleted = rules.delete(&known.id).send().await;
                self.settle_deletion(kind, name, deleted);
            }
            12..14 => {
                // The walk of a list that changes meanwhile; whatever it shows, it has to end.
                let mut items = rules.list().page_size(20).items().limit(60).prefetch(3);
                let walk = async {
                    while let Some(rule) = items.next().await {
                        rule?;
                    }
                    Ok(())
                };
                if let Some(Err(error)) = self.perhaps_abandon(walk).await {
                    self.check(&error);
                }
            }
            _ => {
                let found = rules.list().filter_rule_id(&known.id).send();
                let Some(found) = self.perhaps_abandon(found).await else {
                    return;
                };
                let label = found.map(|found| {
                    let mut rules = found.into_inner().data.unwrap_or_default();
                    let rule = rules.pop().filter(|_| rules.is_empty());
                    rule.and_then(|rule| rule.attributes?.name)
                });
                self.settle_reading(kind, name, label);
            }
        }
    }

    async fn create_rule(&mut self) {
        let name = self.name();
        let rules = self.client.scorecards().rules();
        let created = rules.create(attributes(name, 0)).send();
        match self.perhaps_abandon(created).await {
            Some(created) => {
                let id = created.map(|rule| rule.into_inner().id);
                self.settle_creation(Kind::Rule, name, None, id);
            }
            None => self.ledger.not_acknowledged(Kind::Rule, name, None),
        }
    }

    pub(super) async fn outcomes(&mut self) {
        let Some((rule, known)) = self.any(Kind::Rule) else {
            return;
        };
        let outcomes = self.client.scorecards().outcomes();
        let of_rule = |known: &Known| known.parent == Some(rule);
        let all = self.ledger.all(Kind::Outcome);
        let have: BTreeSet<Name> = all
            .filter(|(_, known)| of_rule(known))
            .map(|(name, _)| name)
            .collect();
        if have.is_empty() {
            let names: Vec<Name> = (0..MOST_OUTCOMES).map(|_| self.name()).collect();
            let id = known.id.as_str();
            if self.random.bool() {
                let items = names.clone().into_iter().map(|name| {
                    UpdateOutcomesAsyncRequestItem::new(format!("service:{name}"), id, State::Pass)
                });
                self.push(rule, &names, outcomes.push_all(items)).await;
            } else {
                let items = names
                    .clone()
                    .into_iter()
                    .map(|name| OutcomesBatchRequestItem::new(id, name.to_string(), State::Fail));
                self.push(rule, &names, outcomes.create_all(items)).await;
            }
            return;
        }
        let list = outcomes.list().filter_rule_id(&known.id).page_size(12);
        let listed = list.items().prefetch(2).collect_all();
        match self.perhaps_abandon(listed).await {
            None => {}
            Some(Err(error)) => self.check(&error),
            Some(Ok(listed)) => {
                let names = listed.into_iter().filter_map(|outcome| {
                    let name = outcome.attributes?.service_name?;
                    crate::ledger::read_label(&name)
                });
                let names: BTreeSet<Name> = names.map(|(name, _)| name).collect();
                for name in have.difference(&names) {
                    let finding =
                        format!("outcome {name} of {rule} is not in the list of its rule");
                    self.shared.find(finding);
                }
            }
        }
    }

    /// Pushes outcomes of a rule, and writes down what became of each.
    async fn push(&mut self, rule: Name, names: &[Name], push: Push<'_>) {
        let mut push = push.batch_size(10).concurrency(2);
        let mut reported = BTreeSet::new();
        while let Some(pushed) = push.next().await {
            let index = usize::try_from(pushed.index).unwrap_or(usize::MAX);
            let Some(name) = names.get(index).filter(|_| reported.insert(index)) else {
                let finding =
                    format!("a push reported its item {index} twice, or has no such item");
                self.shared.find(finding);
                continue;
            };
            match pushed.result {
                Ok(_) => {
                    let known = Known {
                        id: String::new(),
                        version: None,
                        parent: Some(rule),
                    };
                    self.ledger.created(Kind::Outcome, *name, known);
                }
                Err(error) => {
                    self.check(error.error());
                    self.ledger
                        .not_acknowledged(Kind::Outcome, *name, Some(rule));
                }
            }
        }
        if reported.len() != names.len() {
            let (reported, all) = (reported.len(), names.len());
            self.shared
                .find(format!("a push of {all} items reported {reported}"));
        }
    }

    pub(super) async fn campaigns(&mut self) {
        let campaigns = self.client.campaigns().campaigns();
        let kind = Kind::Campaign;
        let count = self.count(kind);
        let rule = self.any(Kind::Rule).map(|(_, known)| known.id);
        let existing = self.any(kind).filter(|_| count >= MOST_CAMPAIGNS / 2);
        let Some((name, known)) = existing else {
            return self.create_campaign(rule).await;
        };
        match self.random.u32(0..20) {
            0..4 if count < MOST_CAMPAIGNS => self.create_campaign(rule).await,
            4..8 => {
                let version = next_version(&mut self.random);
                let attributes = UpdateCampaignRequestAttributes::new(
                    name.label(version),
                    OWNER,
                    rule,
                    START,
                    "in_progress",
                );
                let changed = campaigns.update(&known.id, attributes).send().await;
                self.settle_change(kind, name, version, changed);
            }
            8..11 => {
                let deleted = campaigns.delete(&known.id).send().await;
                self.settle_deletion(kind, name, deleted);
            }
            11..13 => {
                let listed = campaigns.list().page_limit(10).send();
                if let Some(Err(error)) = self.perhaps_abandon(listed).await {
                    self.check(&error);
                }
            }
            _ => {
                // By the key that it was given, or by the identifier that it got.
                let named = name.to_string();
                let path = if self.random.bool() {
                    &known.id
                } else {
                    &named
                };
                let found = campaigns.get(path).send().await;
                let label = found.map(|campaign| Some(campaign.into_inner().attributes.name));
                self.settle_reading(kind, name, label);
            }
        }
    }

    async fn create_campaign(&mut self, rule: Option<String>) {
        let name = self.name();
        let attributes = CreateCampaignRequestAttributes::new(
            name.to_string(),
            name.label(0),
            OWNER,
            rule,
            START,
        );
        let campaigns = self.client.campaigns().campaigns();
        let created = campaigns.create(attributes).send().await;
        let id = created.map(|campaign| Some(campaign.into_inner().id));
        self.settle_creation(Kind::Campaign, name, None, id);
    }
}
