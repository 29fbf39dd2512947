//! The rules of the server, by name and by id.

use std::collections::HashMap;

use scorekit::Client;

use super::lists;
use crate::context::Context;
use crate::exit::Failure;
use crate::settings::Settings;

/// A rule, with the properties that jobs need.
#[derive(Clone, Debug, Default)]
pub(super) struct Rule {
    pub(super) id: String,
    pub(super) name: String,
    pub(super) description: String,
    pub(super) scorecard: String,
    pub(super) scorecard_id: String,
    /// The maturity level, from 1 to 3.
    pub(super) level: Option<i32>,
    /// The owner, for instance a team; may be empty.
    pub(super) owner: String,
    /// True if its outcomes count towards scores.
    pub(super) is_enabled: bool,
}

/// The rules of the server.
#[derive(Default)]
pub(super) struct Rules {
    all: Vec<Rule>,
    /// The rules of a name, as indexes.
    by_name: HashMap<String, Vec<usize>>,
    by_id: HashMap<String, usize>,
}

impl Rules {
    /// Reads the list of rules, once.
    pub(super) async fn read(
        context: &Context,
        settings: &Settings,
        client: &Client,
    ) -> Result<Self, Failure> {
        settings.check_datadog()?;
        let mut rules = Self::default();
        let items = client.scorecards().rules().list().items();
        lists::each(items, "interrupted: nothing was changed", |item| {
            let scorecard_id = item.scorecard_id().unwrap_or_default().to_owned();
            let attributes = item.attributes.unwrap_or_default();
            rules.add(Rule {
                id: item.id.unwrap_or_default(),
                name: attributes.name.unwrap_or_default(),
                description: attributes.description.unwrap_or_default(),
                scorecard: attributes.scorecard_name.unwrap_or_default(),
                scorecard_id,
                level: attributes.level,
                owner: attributes.owner.unwrap_or_default(),
                is_enabled: attributes.enabled == Some(true),
            });
            Ok(())
        })
        .await?;
        if context.log.is_on() {
            context.say(&format!("the server has {} rules", rules.all.len()));
        }
        Ok(rules)
    }

    /// Adds a rule, unless it cannot be referred to.
    fn add(&mut self, rule: Rule) {
        if rule.id.is_empty() {
            return;
        }
        let index = self.all.len();
        if !rule.name.is_empty() {
            let same = self.by_name.entry(rule.name.clone());
            same.or_default().push(index);
        }
        self.by_id.insert(rule.id.clone(), index);
        self.all.push(rule);
    }

    /// Returns every rule, in the order of the server.
    pub(super) fn all(&self) -> &[Rule] {
        &self.all
    }

    /// Returns the rule with an id.
    pub(super) fn get(&self, id: &str) -> Option<&Rule> {
        self.all.get(*self.by_id.get(id)?)
    }

    /// Returns the id of a rule by its name or id.
    pub(super) fn id(&self, name: &str) -> Result<&str, String> {
        match self.by_name.get(name).map(Vec::as_slice) {
            Some([index]) => Ok(&self.all[*index].id),
            Some(indexes) => {
                let ids: Vec<&str> = indexes.iter().map(|it| self.all[*it].id.as_str()).collect();
                Err(format!(
                    "{} rules are called {name:?}; use the id of one: {}",
                    ids.len(),
                    ids.join(", ")
                ))
            }
            None => match self.get(name) {
                Some(rule) => Ok(&rule.id),
                None => Err(self.unknown(name)),
            },
        }
    }

    /// Returns the id of a scorecard by its name or id.
    pub(super) fn scorecard_id(&self, name: &str) -> Result<&str, String> {
        let is_it = |rule: &&Rule| rule.scorecard == name || rule.scorecard_id == name;
        match self.all.iter().find(is_it) {
            Some(rule) => Ok(&rule.scorecard_id),
            None => {
                let lower = name.to_lowercase();
                let is_similar = |rule: &&Rule| rule.scorecard.to_lowercase() == lower;
                Err(match self.all.iter().find(is_similar) {
                    Some(rule) => format!(
                        "no scorecard has the name or id {name:?}; did you mean {:?}?",
                        rule.scorecard
                    ),
                    None => format!(
                        "no scorecard with rules has the name or id {name:?}; `scorekit scorecards \
                         list --all` lists them"
                    ),
                })
            }
        }
    }

    fn unknown(&self, name: &str) -> String {
        let lower = name.to_lowercase();
        let mut similar = self.by_name.keys().filter(|it| it.to_lowercase() == lower);
        match similar.next() {
            Some(other) => {
                format!("no rule has the name or id {name:?}; did you mean {other:?}?")
            }
            None => format!(
                "no rule has the name or id {name:?}; `scorekit rules list --all` lists them"
            ),
        }
    }
}
