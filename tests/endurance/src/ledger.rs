//! The items that the server acknowledged to the tasks, and their comparison with the stored items.

use std::collections::BTreeMap;
use std::fmt;

/// The kinds of items that tasks create, change and delete.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) enum Kind {
    Rule,
    Outcome,
    Campaign,
    Project,
    Case,
    Comment,
}

/// The name of an item: the task that creates it, and its number within the task.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) struct Name {
    pub(crate) task: u64,
    pub(crate) number: u64,
}

impl fmt::Display for Name {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(formatter, "soak-{}-{}", self.task, self.number)
    }
}

impl Name {
    fn parse(text: &str) -> Option<Self> {
        let (task, number) = text.strip_prefix("soak-")?.split_once('-')?;
        Some(Self {
            task: task.parse().ok()?,
            number: number.parse().ok()?,
        })
    }

    /// Returns the string that the server stores: the name and a version, 0 when it is created.
    pub(crate) fn label(self, version: u64) -> String {
        format!("{self} v{version}")
    }
}

/// Parses a label. There is no version where the server stores the name only.
pub(crate) fn parse_label(label: &str) -> Option<(Name, Option<u64>)> {
    match label.split_once(" v") {
        Some((name, version)) => Some((Name::parse(name)?, Some(version.parse().ok()?))),
        None => Some((Name::parse(label)?, None)),
    }
}

/// An item whose creation the server acknowledged.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Acknowledged {
    pub(crate) id: String,
    /// The version that was acknowledged last; `None` after a failed change, whose effect is
    /// unknown.
    pub(crate) version: Option<u64>,
    /// The item whose deletion deletes this one.
    pub(crate) parent: Option<Name>,
}

/// The items that a task, or all of them, know of.
#[derive(Debug, Default)]
pub(crate) struct Ledger {
    acknowledged: BTreeMap<(Kind, Name), Acknowledged>,
    /// Items that may exist or not, with their parents.
    uncertain: BTreeMap<(Kind, Name), Option<Name>>,
    /// The numbers of acknowledged creations, acknowledged deletions and other creations.
    pub(crate) created: u64,
    pub(crate) deleted: u64,
    pub(crate) unacknowledged: u64,
}

impl Ledger {
    /// Records an acknowledged creation.
    pub(crate) fn created(&mut self, kind: Kind, name: Name, item: Acknowledged) {
        self.created += 1;
        self.acknowledged.insert((kind, name), item);
    }

    /// Records a creation whose effect is unknown.
    pub(crate) fn not_acknowledged(&mut self, kind: Kind, name: Name, parent: Option<Name>) {
        self.unacknowledged += 1;
        self.uncertain.insert((kind, name), parent);
    }

    /// Records an acknowledged change to a version, or with `None` one whose effect is unknown.
    pub(crate) fn changed(&mut self, kind: Kind, name: Name, version: Option<u64>) {
        if let Some(item) = self.acknowledged.get_mut(&(kind, name)) {
            item.version = version;
        }
    }

    /// Records an acknowledged deletion, also of the item's children.
    pub(crate) fn deleted(&mut self, kind: Kind, name: Name) {
        self.deleted += 1;
        self.acknowledged.remove(&(kind, name));
        self.acknowledged
            .retain(|_, item| item.parent != Some(name));
        self.uncertain.retain(|_, parent| *parent != Some(name));
    }

    /// Records a deletion whose effect is unknown.
    pub(crate) fn maybe_deleted(&mut self, kind: Kind, name: Name) {
        self.uncertain.insert((kind, name), None);
        self.acknowledged.remove(&(kind, name));
        let uncertain = &mut self.uncertain;
        self.acknowledged.retain(|key, item| {
            let stays = item.parent != Some(name);
            if !stays {
                uncertain.insert(*key, item.parent);
            }
            stays
        });
    }

    pub(crate) fn get(&self, kind: Kind, name: Name) -> Option<&Acknowledged> {
        self.acknowledged.get(&(kind, name))
    }

    /// Iterates over the acknowledged items of a kind.
    pub(crate) fn all(&self, kind: Kind) -> impl Iterator<Item = (Name, &Acknowledged)> {
        let first = Name { task: 0, number: 0 };
        self.acknowledged
            .range((kind, first)..)
            .take_while(move |((its, _), _)| *its == kind)
            .map(|((_, name), item)| (*name, item))
    }

    /// Adds the records of another task.
    pub(crate) fn merge(&mut self, other: Self) {
        self.acknowledged.extend(other.acknowledged);
        self.uncertain.extend(other.uncertain);
        self.created += other.created;
        self.deleted += other.deleted;
        self.unacknowledged += other.unacknowledged;
    }

    /// Compares the records with the items that the server stores.
    pub(crate) fn compare(&self, stored: &[StoredItem]) -> Comparison {
        let mut counts: BTreeMap<(Kind, Name), u64> = BTreeMap::new();
        let mut comparison = Comparison {
            acknowledged: self.acknowledged.len(),
            uncertain: self.uncertain.len(),
            ..Comparison::default()
        };
        for item in stored {
            let Some((name, version)) = parse_label(&item.label) else {
                comparison.unexpected.push(format!("{item} exists"));
                continue;
            };
            let key = (item.kind, name);
            *counts.entry(key).or_default() += 1;
            match self.acknowledged.get(&key) {
                Some(Acknowledged {
                    version: Some(acknowledged),
                    ..
                }) if version.is_some_and(|version| version != *acknowledged) => {
                    let problem = format!("{item} exists, but v{acknowledged} was acknowledged");
                    comparison.outdated.push(problem);
                }
                Some(_) => {}
                None if self.uncertain.contains_key(&key) => comparison.uncertain_present += 1,
                None => comparison.unexpected.push(format!("{item} exists")),
            }
        }
        for ((kind, name), count) in &counts {
            if *count > 1 {
                let problem = format!("{kind:?} {name} exists {count} times");
                comparison.duplicates.push(problem);
            }
        }
        for (kind, name) in self.acknowledged.keys() {
            if !counts.contains_key(&(*kind, *name)) {
                let problem = format!("{kind:?} {name} does not exist");
                comparison.missing.push(problem);
            }
        }
        comparison
    }
}

/// An item that the server stores at the end.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct StoredItem {
    pub(crate) kind: Kind,
    pub(crate) label: String,
}

impl fmt::Display for StoredItem {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(formatter, "{:?} {:?}", self.kind, self.label)
    }
}

/// The differences between the acknowledged and the stored items.
#[derive(Debug, Default, PartialEq, Eq)]
pub(crate) struct Comparison {
    /// The number of items that were acknowledged and not deleted.
    pub(crate) acknowledged: usize,
    /// The acknowledged items that do not exist.
    pub(crate) missing: Vec<String>,
    /// Items that exist more than once, acknowledged or not.
    pub(crate) duplicates: Vec<String>,
    /// Items whose version is not the last acknowledged one.
    pub(crate) outdated: Vec<String>,
    /// Items that no task created, or that were deleted.
    pub(crate) unexpected: Vec<String>,
    /// The number of items that may exist or not, and of those that do.
    pub(crate) uncertain: usize,
    pub(crate) uncertain_present: usize,
}

#[cfg(test)]
mod tests {
    use super::*;

    const RULE: Name = Name { task: 1, number: 1 };
    const OUTCOME: Name = Name { task: 1, number: 2 };

    fn acknowledged(parent: Option<Name>) -> Acknowledged {
        Acknowledged {
            id: "id".to_owned(),
            version: Some(0),
            parent,
        }
    }

    fn stored(kind: Kind, label: &str) -> StoredItem {
        StoredItem {
            kind,
            label: label.to_owned(),
        }
    }

    fn ledger() -> Ledger {
        let mut ledger = Ledger::default();
        ledger.created(Kind::Rule, RULE, acknowledged(None));
        ledger.created(Kind::Outcome, OUTCOME, acknowledged(Some(RULE)));
        ledger
    }

    #[test]
    fn labels_round_trip() {
        assert_eq!(parse_label(&RULE.label(7)), Some((RULE, Some(7))));
        assert_eq!(parse_label("soak-1-2"), Some((OUTCOME, None)));
        assert_eq!(parse_label("Production Readiness"), None);
    }

    #[test]
    fn items_in_their_acknowledged_state_are_accepted() {
        let all = [
            stored(Kind::Rule, "soak-1-1 v0"),
            stored(Kind::Outcome, "soak-1-2"),
        ];
        let comparison = Comparison {
            acknowledged: 2,
            ..Comparison::default()
        };
        assert_eq!(ledger().compare(&all), comparison);
    }

    #[test]
    fn every_difference_is_listed() {
        let comparison = ledger().compare(&[
            stored(Kind::Rule, "soak-1-1 v3"),
            stored(Kind::Rule, "soak-1-1 v0"),
            stored(Kind::Rule, "soak-1-9 v0"),
        ]);
        assert_eq!(comparison.outdated.len(), 1);
        assert_eq!(comparison.duplicates, ["Rule soak-1-1 exists 2 times"]);
        assert_eq!(comparison.unexpected.len(), 1);
        assert_eq!(comparison.missing, ["Outcome soak-1-2 does not exist"]);
    }

    #[test]
    fn a_deletion_includes_the_children() {
        let mut ledger = ledger();
        ledger.not_acknowledged(Kind::Outcome, Name { task: 1, number: 3 }, Some(RULE));
        ledger.deleted(Kind::Rule, RULE);
        assert_eq!(ledger.compare(&[]), Comparison::default());
        let comparison = ledger.compare(&[stored(Kind::Outcome, "soak-1-3")]);
        assert_eq!(comparison.unexpected.len(), 1);
    }

    #[test]
    fn uncertain_items_may_exist_once_or_not_at_all() {
        let mut ledger = ledger();
        ledger.maybe_deleted(Kind::Rule, RULE);
        let rule = stored(Kind::Rule, "soak-1-1 v0");
        let comparison = Comparison {
            uncertain: 2,
            ..Comparison::default()
        };
        assert_eq!(ledger.compare(&[]), comparison);
        let comparison = Comparison {
            uncertain_present: 1,
            ..comparison
        };
        assert_eq!(ledger.compare(std::slice::from_ref(&rule)), comparison);
        assert_eq!(ledger.compare(&[rule.clone(), rule]).duplicates.len(), 1);
    }
}
