//! What the tasks were told by the server: what was acknowledged, what nobody knows, and how that compares with what is
//! found at the end.

use std::collections::BTreeMap;
use std::fmt;

/// What is created, changed and deleted.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) enum Kind {
    Rule,
    Outcome,
    Campaign,
    Project,
    Case,
    Comment,
}

/// What one thing is called: which task made it, and as which of its things.
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

    /// The text that the server keeps: the name, and which change was the last; 0 is the creation.
    pub(crate) fn label(self, version: u64) -> String {
        format!("{self} v{version}")
    }
}

/// What a label says; the version is left out where the server keeps only the name.
pub(crate) fn read_label(label: &str) -> Option<(Name, Option<u64>)> {
    match label.split_once(" v") {
        Some((name, version)) => Some((Name::parse(name)?, Some(version.parse().ok()?))),
        None => Some((Name::parse(label)?, None)),
    }
}

/// A thing whose creation was acknowledged.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Known {
    pub(crate) id: String,
    /// Which change was acknowledged last; nothing after one that failed, which may or may not have happened.
    pub(crate) version: Option<u64>,
    /// The thing that takes this one along when it is deleted.
    pub(crate) parent: Option<Name>,
}

/// What the server said about all things.
#[derive(Debug, Default)]
pub(crate) struct Ledger {
    live: BTreeMap<(Kind, Name), Known>,
    /// Things that may exist or not, with their parents.
    uncertain: BTreeMap<(Kind, Name), Option<Name>>,
    /// How many creations and deletions were acknowledged, and how many creations were not.
    pub(crate) created: u64,
    pub(crate) deleted: u64,
    pub(crate) unacknowledged: u64,
}

impl Ledger {
    /// The server says that it created this.
    pub(crate) fn created(&mut self, kind: Kind, name: Name, known: Known) {
        self.created += 1;
        self.live.insert((kind, name), known);
    }

    /// The server did not say whether it created this.
    pub(crate) fn not_acknowledged(&mut self, kind: Kind, name: Name, parent: Option<Name>) {
        self.unacknowledged += 1;
        self.uncertain.insert((kind, name), parent);
    }

    /// The server says that it made this change, or did not say so.
    pub(crate) fn changed(&mut self, kind: Kind, name: Name, version: Option<u64>) {
        if let Some(known) = self.live.get_mut(&(kind, name)) {
            known.version = version;
        }
    }

    /// The server says that this is gone, and with it what belongs to it.
    pub(crate) fn deleted(&mut self, kind: Kind, name: Name) {
        self.deleted += 1;
        self.live.remove(&(kind, name));
        self.live.retain(|_, known| known.parent != Some(name));
        self.uncertain.retain(|_, parent| *parent != Some(name));
    }

    /// The server did not say whether this is gone.
    pub(crate) fn perhaps_deleted(&mut self, kind: Kind, name: Name) {
        self.uncertain.insert((kind, name), None);
        self.live.remove(&(kind, name));
        let uncertain = &mut self.uncertain;
        self.live.retain(|key, known| {
            let stays = known.parent != Some(name);
            if !stays {
                uncertain.insert(*key, known.parent);
            }
            stays
        });
    }

    pub(crate) fn get(&self, kind: Kind, name: Name) -> Option<&Known> {
        self.live.get(&(kind, name))
    }

    /// The things of a kind that exist, by the server's word.
    pub(crate) fn all(&self, kind: Kind) -> impl Iterator<Item = (Name, &Known)> {
        let first = Name { task: 0, number: 0 };
        self.live
            .range((kind, first)..)
            .take_while(move |((its, _), _)| *its == kind)
            .map(|((_, name), known)| (*name, known))
    }

    /// Adds what another task was told.
    pub(crate) fn merge(&mut self, other: Self) {
        self.live.extend(other.live);
        self.uncertain.extend(other.uncertain);
        self.created += other.created;
        self.deleted += other.deleted;
        self.unacknowledged += other.unacknowledged;
    }

    /// Holds what was found on the server against what it said.
    pub(crate) fn judge(&self, found: &[Found]) -> Verdict {
        let mut counts: BTreeMap<(Kind, Name), u64> = BTreeMap::new();
        let mut verdict = Verdict {
            acknowledged: self.live.len(),
            uncertain: self.uncertain.len(),
            ..Verdict::default()
        };
        for thing in found {
            let Some((name, version)) = read_label(&thing.label) else {
                verdict.unexplained.push(thing.to_string());
                continue;
            };
            let key = (thing.kind, name);
            *counts.entry(key).or_default() += 1;
            match self.live.get(&key) {
                Some(Known {
                    version: Some(acknowledged),
                    ..
                }) if version.is_some_and(|version| version != *acknowledged) => {
                    let problem = format!("{thing}, but v{acknowledged} was acknowledged");
                    verdict.outdated.push(problem);
                }
                Some(_) => {}
                None if self.uncertain.contains_key(&key) => verdict.uncertain_found += 1,
                None => verdict.unexplained.push(thing.to_string()),
            }
        }
        for ((kind, name), count) in &counts {
            if *count > 1 {
                let problem = format!("{kind:?} {name} exists {count} times");
                verdict.repeated.push(problem);
            }
        }
        for (kind, name) in self.live.keys() {
            if !counts.contains_key(&(*kind, *name)) {
                verdict.missing.push(format!("{kind:?} {name} is gone"));
            }
        }
        verdict
    }
}

/// A thing that is on the server at the end.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Found {
    pub(crate) kind: Kind,
    pub(crate) label: String,
}

impl fmt::Display for Found {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(formatter, "{:?} {:?} is there", self.kind, self.label)
    }
}

/// How what was found compares with what was said.
#[derive(Debug, Default, PartialEq, Eq)]
pub(crate) struct Verdict {
    /// How many things were acknowledged and never deleted.
    pub(crate) acknowledged: usize,
    /// Those of them that are not there.
    pub(crate) missing: Vec<String>,
    /// Things that are there more than once, acknowledged or not.
    pub(crate) repeated: Vec<String>,
    /// Things that are not as they were acknowledged last.
    pub(crate) outdated: Vec<String>,
    /// Things that nobody created, or that were deleted.
    pub(crate) unexplained: Vec<String>,
    /// How many things nobody knows about, and how many of them are there.
    pub(crate) uncertain: usize,
    pub(crate) uncertain_found: usize,
}

#[cfg(test)]
mod tests {
    use super::*;

    const RULE: Name = Name { task: 1, number: 1 };
    const OTHER: Name = Name { task: 1, number: 2 };

    fn known(parent: Option<Name>) -> Known {
        Known {
            id: "id".to_owned(),
            version: Some(0),
            parent,
        }
    }

    fn found(kind: Kind, label: &str) -> Found {
        Found {
            kind,
            label: label.to_owned(),
        }
    }

    fn ledger() -> Ledger {
        let mut ledger = Ledger::default();
        ledger.created(Kind::Rule, RULE, known(None));
        ledger.created(Kind::Outcome, OTHER, known(Some(RULE)));
        ledger
    }

    #[test]
    fn labels_are_read_as_they_are_written() {
        assert_eq!(read_label(&RULE.label(7)), Some((RULE, Some(7))));
        assert_eq!(read_label("soak-1-2"), Some((OTHER, None)));
        assert_eq!(read_label("Production Readiness"), None);
    }

    #[test]
    fn what_is_as_it_was_acknowledged_is_no_finding() {
        let all = [
            found(Kind::Rule, "soak-1-1 v0"),
            found(Kind::Outcome, "soak-1-2"),
        ];
        let verdict = Verdict {
            acknowledged: 2,
            ..Verdict::default()
        };
        assert_eq!(ledger().judge(&all), verdict);
    }

    #[test]
    fn what_differs_is_found() {
        let verdict = ledger().judge(&[
            found(Kind::Rule, "soak-1-1 v3"),
            found(Kind::Rule, "soak-1-1 v0"),
            found(Kind::Rule, "soak-1-9 v0"),
        ]);
        assert_eq!(verdict.outdated.len(), 1);
        assert_eq!(verdict.repeated, ["Rule soak-1-1 exists 2 times"]);
        assert_eq!(verdict.unexplained.len(), 1);
        assert_eq!(verdict.missing, ["Outcome soak-1-2 is gone"]);
    }

    #[test]
    fn a_deletion_takes_along_what_belongs_to_it() {
        let mut ledger = ledger();
        ledger.not_acknowledged(Kind::Outcome, Name { task: 1, number: 3 }, Some(RULE));
        ledger.deleted(Kind::Rule, RULE);
        assert_eq!(ledger.judge(&[]), Verdict::default());
        assert_eq!(
            ledger
                .judge(&[found(Kind::Outcome, "soak-1-3")])
                .unexplained
                .len(),
            1
        );
    }

    #[test]
    fn what_nobody_knows_may_be_there_once_or_not_at_all() {
        let mut ledger = ledger();
        ledger.perhaps_deleted(Kind::Rule, RULE);
        let rule = found(Kind::Rule, "soak-1-1 v0");
        let verdict = Verdict {
            uncertain: 2,
            ..Verdict::default()
        };
        assert_eq!(ledger.judge(&[]), verdict);
        let verdict = Verdict {
            uncertain_found: 1,
            ..verdict
        };
        assert_eq!(ledger.judge(std::slice::from_ref(&rule)), verdict);
        assert_eq!(ledger.judge(&[rule.clone(), rule]).repeated.len(), 1);
    }
}
