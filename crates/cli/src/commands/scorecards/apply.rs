//! Applies a plan: step by step in the order of dependencies, several changes at once.
//!
//! After the last change, the server is read again and the plan is computed anew. What failed for
//! now is tried again, and what another process has changed meanwhile is reported.

use std::collections::HashMap;
use std::sync::{Mutex, PoisonError};

use futures_util::stream::{StreamExt as _, iter};
use serde_json::{Map, Value, json};

use super::connection::{Connection, Scope, operation};
use super::kinds::Kind;
use super::memory::{Directory, Memory};
use super::plan::{Action, Change, Plan, plan};
use super::progress::Progress;
use super::references::awaited;
use super::saved::key;
use super::server::{Actual, Server};
use crate::compact::Compact;
use crate::exit::{Exit, Failure};
use crate::interrupt;

/// The number of changes at once.
const CONCURRENCY: usize = 6;

/// The number of times that the changes are tried, with a new plan in between.
const ROUNDS: usize = 3;

/// The result of a change.
#[derive(Clone)]
pub(super) enum Outcome {
    Done,
    /// It failed. `is_temporary` is true if it may succeed later, or may have happened.
    Failed {
        message: String,
        is_temporary: bool,
        is_rejected: bool,
    },
    /// It needs something that failed.
    Skipped(String),
    /// The command was interrupted before.
    NotTried,
}

/// The results of an apply.
#[derive(Default)]
pub(super) struct Report {
    /// The outcome of each change of the first plan, by key.
    pub(super) outcomes: HashMap<String, Outcome>,
    /// The changes that a new plan has, although nothing of this apply failed there.
    pub(super) foreign: Vec<String>,
    pub(super) is_interrupted: bool,
    /// The cause if the server could not be read again.
    pub(super) unverified: Option<String>,
}

impl Report {
    pub(super) fn count(&self, is_counted: impl Fn(&Outcome) -> bool) -> usize {
        self.outcomes.values().filter(|it| is_counted(it)).count()
    }

    pub(super) fn exit(&self) -> Exit {
        let failed = self.count(|it| !matches!(it, Outcome::Done));
        let rejected = self.count(|it| {
            matches!(
                it,
                Outcome::Failed {
                    is_rejected: true,
                    ..
                }
            )
        });
        if self.is_interrupted {
            Exit::Interrupted
        } else if failed > 0 && rejected == failed {
            Exit::Credentials
        } else if failed > 0 || !self.foreign.is_empty() {
            Exit::Partial
        } else if self.unverified.is_some() {
            Exit::Failed
        } else {
            Exit::Success
        }
    }
}

/// Makes the changes of a plan.
pub(super) async fn apply(
    connection: Connection<'_>,
    directory: &Directory,
    memory: &mut Memory,
    first: &Plan<'_>,
    prune: bool,
) -> Report {
    let progress = Progress::new(connection.context, first.changes.len());
    let mut report = Report::default();
    let all: Vec<&Change> = first.changes.iter().collect();
    let mut written = run(connection, first, &all, &progress, &mut report).await;
    let scope = Scope::of(first.declared);
    for round in 1..=ROUNDS {
        report.is_interrupted = interrupt::is_interrupted();
        if report.is_interrupted {
            break;
        }
        let mut server = match connection.read(&scope, memory).await {
            Ok(server) => server,
            Err(failure) => {
                report.unverified = Some(failure.to_string());
                break;
            }
        };
        written.remember(&server, memory);
        memory.fill(&mut server);
        if let Err(failure) = memory.write(directory) {
            report.unverified = Some(failure.to_string());
        }
        let again = plan(first.declared, &server, prune);
        report.settle(&again);
        let is_again = |change: &&Change| match report.outcomes.get(&key(&again, change)) {
            Some(Outcome::Failed { is_temporary, .. }) => *is_temporary,
            Some(Outcome::Skipped(_)) => true,
            _ => false,
        };
        let rest: Vec<&Change> = again.changes.iter().filter(is_again).collect();
        if rest.is_empty() || round == ROUNDS {
            report.foreign = foreign(&report, &again);
            break;
        }
        written = run(connection, &again, &rest, &progress, &mut report).await;
    }
    progress.finish();
    report
}

impl Report {
    /// Marks failed changes as done that a new plan does not have.
    fn settle(&mut self, again: &Plan<'_>) {
        let keys: std::collections::HashSet<String> =
            again.changes.iter().map(|it| key(again, it)).collect();
        for (key, outcome) in &mut self.outcomes {
            if !keys.contains(key) && !matches!(outcome, Outcome::NotTried) {
                *outcome = Outcome::Done;
            }
        }
    }
}

/// Returns the changes of a new plan that no failure explains.
fn foreign(report: &Report, again: &Plan<'_>) -> Vec<String> {
    let changes = again.changes.iter().filter(|change| {
        let outcome = report.outcomes.get(&key(again, change));
        !matches!(outcome, Some(Outcome::Failed { .. } | Outcome::Skipped(_)))
    });
    let changes = changes.map(|it| format!("{} {}", it.kind.noun(), it.address));
    let problems = again.problems.iter().map(ToString::to_string);
    changes.chain(problems).collect()
}

/// The values that were written and that the server does not report, by kind and id.
#[derive(Default)]
struct Written {
    values: Vec<(Kind, String, Map<String, Value>)>,
}

impl Written {
    /// Remembers the values, with the resources as the server has them now.
    fn remember(&self, server: &Server, memory: &mut Memory) {
        let things = server.things.iter();
        let things: HashMap<(Kind, &str), &Actual> =
            things.map(|it| ((it.kind, it.id.as_str()), it)).collect();
        for (kind, id, values) in &self.values {
            if let Some(thing) = things.get(&(*kind, id)) {
                memory.set(id, thing.fingerprint, values.clone());
            }
        }
    }
}

/// Makes changes, in steps, and adds their outcomes to the report.
async fn run(
    connection: Connection<'_>,
    plan: &Plan<'_>,
    changes: &[&Change],
    progress: &Progress<'_>,
    report: &mut Report,
) -> Written {
    let worker = Worker {
        connection,
        plan,
        created: Mutex::default(),
        written: Mutex::default(),
    };
    let step = |change: &Change| match change.action {
        // Rules are deleted when no campaign names them.
        Action::Delete => usize::MAX,
        _ => change.kind.step(),
    };
    let mut steps: Vec<usize> = changes.iter().map(|it| step(it)).collect();
    steps.sort_unstable();
    steps.dedup();
    for number in steps {
        let of_step = changes.iter().filter(|it| step(it) == number);
        let worker = &worker;
        let mut running = iter(of_step)
            .map(|change| async move { (change, worker.change(change).await) })
            .buffer_unordered(CONCURRENCY);
        while let Some((change, outcome)) = running.next().await {
            progress.done(change, &outcome);
            report.outcomes.insert(key(plan, change), outcome);
        }
    }
    let written = worker.written.into_inner();
    written.unwrap_or_else(PoisonError::into_inner)
}

/// Makes single changes.
struct Worker<'a> {
    connection: Connection<'a>,
    plan: &'a Plan<'a>,
    /// The ids of new things, by the index of the declared ones.
    created: Mutex<HashMap<usize, String>>,
    written: Mutex<Written>,
}

/// A request that a change could not send.
enum Cause {
    Needs(String),
    Call(Box<Failure>, bool),
}

impl From<Failure> for Cause {
    fn from(failure: Failure) -> Self {
        Self::Call(Box::new(failure), false)
    }
}

impl From<scorekit::Error> for Cause {
    fn from(error: scorekit::Error) -> Self {
        let is_lost = error.status().is_none() || error.status().is_some_and(|it| it.is_success());
        // The next round reads what the server has, so it does not repeat what took effect.
        let is_of_server = error.status().is_some_and(|it| it.is_server_error());
        let is_temporary = error.is_retryable() || is_lost || is_of_server;
        Self::Call(Box::new(error.into()), is_temporary)
    }
}

impl Worker<'_> {
    async fn change(&self, change: &Change) -> Outcome {
        if interrupt::is_interrupted() {
            return Outcome::NotTried;
        }
        let result = match change.action {
            Action::Create => self.create(change).await,
            Action::Update => self.update(change).await,
            Action::Delete => self.delete(change).await,
        };
        match result {
            Ok(()) => Outcome::Done,
            Err(Cause::Needs(what)) => Outcome::Skipped(format!("it needs {what}")),
            Err(Cause::Call(failure, is_temporary)) => Outcome::Failed {
                message: failure.message.clone(),
                is_temporary,
                is_rejected: failure.exit == Exit::Credentials,
            },
        }
    }

    /// Returns the id of a declared thing.
    fn id(&self, item: usize) -> Result<String, Cause> {
        if let Some(thing) = self.plan.matches.of[item] {
            return Ok(self.plan.server.things[thing].id.clone());
        }
        let created = self.created.lock().unwrap_or_else(PoisonError::into_inner);
        created.get(&item).cloned().ok_or_else(|| {
            let kind = self.plan.declared.items[item].kind.noun();
            Cause::Needs(format!(
                "the {kind} {}",
                super::plan::address(self.plan.declared, item)
            ))
        })
    }

    /// Keeps the id of a new thing.
    fn add(&self, item: usize, id: String) {
        let mut created = self.created.lock().unwrap_or_else(PoisonError::into_inner);
        created.insert(item, id);
    }

    /// Returns a value with the ids of things that are new.
    fn known(&self, shape: super::kinds::Shape, value: &Value) -> Result<Value, Cause> {
        let mut value = value.clone();
        super::values::map_references(shape, &mut value, |_, token| match awaited(token) {
            Some(item) => self.id(item),
            None => Ok(token.to_owned()),
        })?;
        Ok(value)
    }

    /// Returns the values of a file that a request sets.
    fn declared(
        &self,
        change: &Change,
        name: impl Fn(&super::kinds::Property) -> Option<&'static str>,
    ) -> Result<Map<String, Value>, Cause> {
        let mut attributes = Map::new();
        for (property, value) in &change.values {
            if let (Some(wire), false) = (name(property), value.is_null()) {
                let value = self.known(property.shape, value)?;
                attributes.insert(wire.to_owned(), super::values::sent(property.shape, &value));
            }
        }
        Ok(attributes)
    }

    async fn create(&self, change: &Change) -> Result<(), Cause> {
        let Some(index) = change.item else {
            return Ok(());
        };
        let item = &self.plan.declared.items[index];
        let definition = change.kind.definition();
        let mut attributes = self.declared(change, |it| it.create)?;
        if let Some(wire) = definition.identity.wire {
            attributes.insert(wire.to_owned(), item.name.as_str().into());
        }
        match (change.kind, item.parent) {
            (Kind::Rule, Some(parent)) => {
                let scorecard = &self.plan.declared.items[parent].name;
                attributes.insert("scorecard_name".to_owned(), scorecard.as_str().into());
            }
            (Kind::View, Some(parent)) => {
                attributes.insert("project_id".to_owned(), self.id(parent)?.into());
            }
            _ => {}
        }
        let operations = &definition.operations;
        let response = self
            .send(change, operations.create, None, Some(attributes))
            .await?;
        let id = response["data"]["id"]
            .as_str()
            .unwrap_or_default()
            .to_owned();
        self.add(index, id.clone());
        // Some properties can be set on a thing that exists only.
        let later = |it: &super::kinds::Property| it.update.filter(|_| it.create.is_none());
        let attributes = self.declared(change, later)?;
        if !attributes.is_empty() {
            let update = operations.update;
            self.send(change, update, Some(&id), Some(attributes))
                .await?;
        }
        self.remember(change, id)
    }

    async fn update(&self, change: &Change) -> Result<(), Cause> {
        let (Some(index), Some(thing)) = (change.item, change.thing) else {
            return Ok(());
        };
        let item = &self.plan.declared.items[index];
        let thing = &self.plan.server.things[thing];
        self.check(thing).await?;
        let definition = change.kind.definition();
        let is_renamed = thing.name != item.name;
        let mut attributes = Map::new();
        if definition.is_replaced {
            for property in definition.properties {
                let (Some(wire), Some(value)) = (property.update, thing.value(property.name))
                else {
                    continue;
                };
                let is_declared = item.value(property.name).is_some();
                if !is_declared {
                    let value = super::values::sent(property.shape, &value.to_value());
                    attributes.insert(wire.to_owned(), value);
                }
            }
            attributes.extend(self.declared(change, |it| it.update)?);
            if let (Kind::Rule, Some(parent)) = (change.kind, item.parent) {
                let scorecard = &self.plan.declared.items[parent].name;
                attributes.insert("scorecard_name".to_owned(), scorecard.as_str().into());
            }
        } else {
            let is_changed = |name: &str| change.fields.iter().any(|it| it.name == name);
            let changed = |it: &super::kinds::Property| it.update.filter(|_| is_changed(it.name));
            attributes.extend(self.declared(change, changed)?);
        }
        if let Some(wire) = definition.identity.wire
            && (definition.is_replaced || is_renamed)
        {
            attributes.insert(wire.to_owned(), item.name.as_str().into());
        }
        let update = definition.operations.update;
        self.send(change, update, Some(&thing.id), Some(attributes))
            .await?;
        self.remember(change, thing.id.clone())
    }

    /// Returns an error if a rule is no longer what the plan was made from, because an apply on
    /// another machine has changed it. Only rules can be read one by one as their list has them.
    async fn check(&self, thing: &Actual) -> Result<(), Cause> {
        if thing.kind != Kind::Rule {
            return Ok(());
        }
        let now = self.connection.rule(&thing.id).await?;
        match now.is_some_and(|it| it.is(self.plan.server, thing)) {
            true => Ok(()),
            false => {
                let message = "it was changed since the plan was made; make a new plan";
                Err(Failure::failed(message).into())
            }
        }
    }

    async fn delete(&self, change: &Change) -> Result<(), Cause> {
        let Some(thing) = change.thing.map(|it| &self.plan.server.things[it]) else {
            return Ok(());
        };
        self.check(thing).await?;
        self.send(change, "DeleteScorecardRule", Some(&thing.id), None)
            .await
            .map(|_| ())
    }

    /// Keeps the values that the server does not report.
    fn remember(&self, change: &Change, id: String) -> Result<(), Cause> {
        let thing = change.thing.map(|it| &self.plan.server.things[it]);
        let mut values = Map::new();
        for property in change.kind.definition().properties {
            if property.read.is_some() {
                continue;
            }
            let known = thing.and_then(|it| it.value(property.name));
            let mut declared = change.values.iter();
            let declared = declared.find(|(it, _)| it.name == property.name);
            let value = match declared {
                Some((_, value)) => Some(self.known(property.shape, value)?),
                None => known.map(Compact::to_value),
            };
            if let Some(value) = value {
                values.insert(property.name.to_owned(), value);
            }
        }
        if !values.is_empty() {
            let mut written = self.written.lock().unwrap_or_else(PoisonError::into_inner);
            written.values.push((change.kind, id, values));
        }
        Ok(())
    }

    /// Sends the request of an operation on a thing. It is not interrupted by Ctrl-C, so that its
    /// outcome is known.
    async fn send(
        &self,
        change: &Change,
        operation: &str,
        id: Option<&str>,
        attributes: Option<Map<String, Value>>,
    ) -> Result<Value, Cause> {
        let Connection {
            settings, client, ..
        } = self.connection;
        let operation = self::operation(operation)?;
        settings.check_credentials(operation)?;
        let definition = change.kind.definition();
        let mut request = client.request::<Value>(operation);
        let parent = change
            .item
            .and_then(|it| self.plan.declared.items[it].parent);
        if let (Some(parameter), Some(parent)) = (definition.operations.parent, parent) {
            request = request.path(parameter, &self.id(parent)?);
        }
        if let Some(id) = id {
            request = request.path(definition.operations.id, &id);
        }
        if let Some(attributes) = attributes {
            let resource = definition.operations.resource;
            let body = json!({ "data": { "type": resource, "attributes": attributes } });
            request = request.json(&body);
        }
        Ok(request.send().await?.into_inner())
    }
}
