//! Rules and their outcomes.

use std::collections::BTreeSet;

use scorekit::Push;
use scorekit::scorecards::types::{
    EntityReference, OutcomesBatchRequestItem, RuleAttributesRequest, RuleId, ServiceName, State,
    UpdateOutcomesAsyncRequestItem,
};

use super::Task;
use crate::ledger::{Acknowledged, Kind, Name, parse_label};

/// The largest number of rules of a task.
const MAX_RULES: usize = 4;

/// The number of outcomes of a rule that has some.
const OUTCOMES_PER_RULE: usize = 30;

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
        let Some((name, item)) = self.pick(kind).filter(|_| count >= MAX_RULES / 2) else {
            return self.create_rule().await;
        };
        match self.random.u32(0..20) {
            0..4 if count < MAX_RULES => self.create_rule().await,
            4..9 => {
                let version = self.next_version();
                let changed = rules.update(&item.id, attributes(name, version));
                let changed = changed.send().await;
                self.record_change(kind, name, version, changed);
            }
            9..12 => {
                let deleted = rules.delete(&item.id).send().await;
                self.record_deletion(kind, name, deleted);
            }
            12..14 => {
                // Other tasks change the list meanwhile. Whatever it contains, it must end.
                let mut items = rules.list().page_size(20).items().limit(60).prefetch(3);
                let walk = async {
                    while let Some(rule) = items.next().await {
                        rule?;
                    }
                    Ok(())
                };
                if let Some(Err(error)) = self.maybe_abandon(walk).await {
                    self.check_list_error(&error);
                }
            }
            _ => {
                let found = rules.list().filter_rule_id(&item.id).send();
                let Some(found) = self.maybe_abandon(found).await else {
                    return;
                };
                let label = found.map(|found| {
                    let mut rules = found.into_inner().data.unwrap_or_default();
                    let rule = rules.pop().filter(|_| rules.is_empty());
                    rule.and_then(|rule| rule.attributes?.name)
                });
                self.check_read(kind, name, label);
            }
        }
    }

    pub(super) async fn create_rule(&mut self) {
        let name = self.name();
        let rules = self.client.scorecards().rules();
        let created = rules.create(attributes(name, 0)).send();
        match self.maybe_abandon(created).await {
            Some(created) => {
                let id = created.map(|rule| rule.into_inner().id);
                self.record_creation(Kind::Rule, name, None, id);
            }
            None => self.ledger.not_acknowledged(Kind::Rule, name, None),
        }
    }

    #[allow(deprecated, reason = "a deprecated operation still works")]
    pub(super) async fn outcomes(&mut self) {
        let Some((rule, item)) = self.pick(Kind::Rule) else {
            return;
        };
        let outcomes = self.client.scorecards().outcomes();
        let of_rule = |item: &Acknowledged| item.parent == Some(rule);
        let all = self.ledger.all(Kind::Outcome);
        let have: BTreeSet<Name> = all
            .filter(|(_, item)| of_rule(item))
            .map(|(name, _)| name)
            .collect();
        if have.is_empty() {
            let names: Vec<Name> = (0..OUTCOMES_PER_RULE).map(|_| self.name()).collect();
            let id = item.id.as_str();
            if self.random.bool() {
                let items = names.clone().into_iter().map(|name| {
                    UpdateOutcomesAsyncRequestItem::new(
                        EntityReference::from(format!("service:{name}")),
                        RuleId::from(id),
                        State::Pass,
                    )
                });
                self.push(rule, &names, outcomes.push_all(items)).await;
            } else {
                let items = names.clone().into_iter().map(|name| {
                    OutcomesBatchRequestItem::new(
                        RuleId::from(id),
                        ServiceName::from(name.to_string()),
                        State::Fail,
                    )
                });
                self.push(rule, &names, outcomes.create_all(items)).await;
            }
            return;
        }
        let list = outcomes.list().filter_rule_id(&item.id).page_size(12);
        let listed = list.items().prefetch(2).collect_all();
        match self.maybe_abandon(listed).await {
            None => {}
            Some(Err(error)) => self.check_error(&error),
            Some(Ok(listed)) => {
                let names = listed.into_iter().filter_map(|outcome| {
                    let name = outcome.attributes?.service_name?;
                    parse_label(&name)
                });
                let names: BTreeSet<Name> = names.map(|(name, _)| name).collect();
                for name in have.difference(&names) {
                    let finding =
                        format!("outcome {name} of {rule} is not in the list of its rule");
                    self.shared.report(finding);
                }
            }
        }
    }

    /// Pushes outcomes of a rule and records the result of each.
    async fn push(&mut self, rule: Name, names: &[Name], push: Push<'_>) {
        let mut push = push.batch_size(10).concurrency(2);
        let mut reported = BTreeSet::new();
        while let Some(pushed) = push.next().await {
            let index = usize::try_from(pushed.index).unwrap_or(usize::MAX);
            let Some(name) = names.get(index).filter(|_| reported.insert(index)) else {
                self.shared.report(format!(
                    "a push reported item {index} twice, or without being given it"
                ));
                continue;
            };
            match pushed.result {
                Ok(_) => {
                    let item = Acknowledged {
                        id: String::new(),
                        version: None,
                        parent: Some(rule),
                    };
                    self.ledger.created(Kind::Outcome, *name, item);
                }
                Err(error) => {
                    self.check_error(error.error());
                    self.ledger
                        .not_acknowledged(Kind::Outcome, *name, Some(rule));
                }
            }
        }
        if reported.len() != names.len() {
            let (reported, all) = (reported.len(), names.len());
            self.shared
                .report(format!("a push of {all} items reported {reported}"));
        }
    }
}
