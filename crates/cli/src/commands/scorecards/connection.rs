//! The connection to the server: one read of each list.

use std::collections::HashSet;
use std::time::Duration;

use futures_util::future::try_join;
use futures_util::stream::{StreamExt as _, TryStreamExt as _, iter};
use scorekit::runtime::Operation;
use scorekit::{CallOptions, Client, Error};
use serde_json::Value;

use super::files::Declared;
use super::kinds::{Definition, Kind};
use super::memory::Memory;
use super::server::{Actual, Builder, Resource, Server};
use crate::context::Context;
use crate::exit::Failure;
use crate::generated::DOMAINS;
use crate::interrupt;
use crate::settings::Settings;

/// The number of lists that are read at once.
const CONCURRENCY: usize = 4;

/// The number of pages of a list that are read ahead.
const AHEAD: usize = 6;

/// The lists to read.
pub(super) struct Scope {
    kinds: HashSet<Kind>,
    /// The projects whose rules and views are read; `None` for all.
    projects: Option<HashSet<String>>,
}

impl Scope {
    /// Returns the lists of kinds, of what is in them, and of what they refer to.
    pub(super) fn of_kinds(tops: &[Kind]) -> Self {
        let mut kinds: HashSet<Kind> = tops.iter().copied().collect();
        for top in tops {
            kinds.extend(top.children().map(|it| it.kind));
        }
        Self {
            kinds,
            projects: None,
        }
        .with_references()
    }

    fn with_references(mut self) -> Self {
        let kinds = &mut self.kinds;
        if kinds.contains(&Kind::Scorecard) || kinds.contains(&Kind::Campaign) {
            kinds.insert(Kind::Rule);
        }
        if kinds.contains(&Kind::Project) {
            kinds.extend([Kind::CaseType, Kind::NotificationRule]);
        }
        self
    }

    /// Returns the lists that matter to what files declare.
    pub(super) fn of(declared: &Declared) -> Self {
        let kinds = declared.items.iter().map(|it| it.kind);
        let projects = declared.items.iter().filter(|it| it.kind == Kind::Project);
        let names = projects.flat_map(|it| [Some(&it.name), it.id.as_ref()]);
        Self {
            kinds: kinds.collect(),
            projects: Some(names.flatten().cloned().collect()),
        }
        .with_references()
    }

    fn has_project(&self, project: &Actual) -> bool {
        let names = self.projects.as_ref();
        names.is_none_or(|it| it.contains(&project.name) || it.contains(&project.id))
    }
}

/// Returns an operation of the document.
pub(super) fn operation(id: &str) -> Result<&'static Operation, Failure> {
    let resources = DOMAINS.iter().flat_map(|domain| domain.resources);
    let mut commands = resources.flat_map(|resource| resource.commands);
    let found = commands.find(|it| it.operation.id == id);
    found
        .map(|it| it.operation)
        .ok_or_else(|| Failure::failed(format!("the document has no operation {id}")))
}

/// The connection to the server.
#[derive(Clone, Copy)]
pub(super) struct Connection<'a> {
    pub(super) context: &'a Context,
    pub(super) settings: &'a Settings,
    pub(super) client: &'a Client,
}

impl Connection<'_> {
    /// Returns the address of the server.
    pub(super) fn url(&self) -> Result<String, Failure> {
        let operation = operation("ListScorecardRules")?;
        let request = self.client.request::<Value>(operation).to_http()?;
        let uri = request.uri();
        let scheme = uri.scheme_str().unwrap_or_default();
        let authority = uri.authority().map_or("", |it| it.as_str());
        Ok(format!("{scheme}://{authority}"))
    }

    /// Reads the lists of a scope.
    pub(super) async fn read(&self, scope: &Scope, memory: &Memory) -> Result<Server, Failure> {
        let mut builder = Builder::default();
        let rules = async {
            if !scope.kinds.contains(&Kind::Rule) {
                return Ok(());
            }
            // They may be many, so none waits for the last one.
            let add = |it| builder.add(Kind::Rule, None, it);
            self.list(Kind::Rule.definition(), None, add).await
        };
        let tops = [
            Kind::Campaign,
            Kind::CaseType,
            Kind::CustomAttribute,
            Kind::Project,
            Kind::MaintenanceWindow,
        ];
        let tops = tops.into_iter().filter(|kind| scope.kinds.contains(kind));
        let lists = iter(tops).map(|kind| async move {
            let items = self.all(kind.definition(), None).await?;
            Ok::<_, Failure>((kind, items))
        });
        let lists = lists.buffered(CONCURRENCY - 1).try_collect();
        let lists: Vec<(Kind, Vec<Resource>)> = try_join(rules, lists).await?.1;
        for (kind, items) in lists {
            for item in items {
                builder.add(kind, None, item);
            }
        }
        let projects = builder.server.things.iter().enumerate();
        let projects = projects
            .filter(|(_, it)| it.kind == Kind::Project && scope.has_project(it))
            .map(|(index, it)| (index, it.id.clone()));
        let kinds = [Kind::NotificationRule, Kind::AutomationRule, Kind::View];
        let kinds = kinds.into_iter().filter(|it| scope.kinds.contains(it));
        let kinds: Vec<Kind> = kinds.collect();
        let wanted: Vec<_> = projects
            .flat_map(|(index, id)| kinds.iter().map(move |kind| (index, id.clone(), *kind)))
            .collect();
        let lists = iter(wanted).map(|(index, id, kind)| async move {
            let items = self.all(kind.definition(), Some(&id)).await?;
            Ok::<_, Failure>((index, kind, items))
        });
        let lists: Vec<_> = lists.buffered(CONCURRENCY).try_collect().await?;
        for (index, kind, items) in lists {
            for item in items {
                builder.add(kind, Some(index), item);
            }
        }
        memory.fill(&mut builder.server);
        Ok(builder.server)
    }

    /// Reads a rule again; `None` if it is gone. Ctrl-C does not interrupt it.
    pub(super) async fn rule(&self, id: &str) -> Result<Option<Resource>, Error> {
        let definition = Kind::Rule.definition();
        let Ok(operation) = operation(definition.operations.list) else {
            return Ok(None);
        };
        let request = self.client.request::<Value>(operation);
        let request = request.query("filter[rule][id]", &id);
        let items = data(request.send().await?.into_inner(), &["data"]).into_iter();
        let mut rules = items.filter_map(|it| Resource::of(definition, it));
        Ok(rules.find(|it| it.id == id))
    }

    /// Returns a list, of a project or of the organization.
    async fn all(
        &self,
        definition: &Definition,
        project: Option<&str>,
    ) -> Result<Vec<Resource>, Failure> {
        let mut all = Vec::new();
        self.list(definition, project, |it| all.push(it)).await?;
        Ok(all)
    }

    /// Reads a list, of a project or of the organization, and passes each resource to `add`.
    async fn list(
        &self,
        definition: &Definition,
        project: Option<&str>,
        mut add: impl FnMut(Resource),
    ) -> Result<(), Failure> {
        let operation = operation(definition.operations.list)?;
        let mut request = self.client.request::<Value>(operation);
        if let Some(id) = project {
            request = match definition.operations.parent {
                Some(parameter) => request.path(parameter, &id),
                None => request.query("project_id", &id),
            };
        }
        let Some(pagination) = operation.pagination else {
            let response = self.context.send(self.settings, operation, request).await?;
            let items = data(response.into_inner(), &["data"]).into_iter();
            items
                .filter_map(|it| Resource::of(definition, it))
                .for_each(add);
            return Ok(());
        };
        self.settings.check_credentials(operation)?;
        let path = pagination.items;
        // The time limit of a call is for each page.
        let request = request.options(CallOptions::new().read_timeout(Duration::from_secs(60)));
        let mut items = request.items(move |page| data(page, path)).prefetch(AHEAD);
        loop {
            let item = tokio::select! {
                item = items.next() => item,
                () = interrupt::interrupted() => {
                    return Err(Failure::interrupted("interrupted: nothing was changed"));
                }
            };
            match item {
                Some(item) => {
                    if let Some(resource) = Resource::of(definition, item?) {
                        add(resource);
                    }
                }
                None => return Ok(()),
            }
        }
    }
}

/// Returns the list of a response.
fn data(mut document: Value, path: &[&str]) -> Vec<Value> {
    let mut place = &mut document;
    for name in path {
        place = &mut place[*name];
    }
    match place.take() {
        Value::Array(items) => items,
        _ => Vec::new(),
    }
}
