//! The things of the server: one read of each list.

use std::collections::{HashMap, HashSet};
use std::fmt;
use std::time::Duration;

use futures_util::future::try_join;
use futures_util::stream::{StreamExt as _, TryStreamExt as _, iter};
use scorekit::runtime::Operation;
use scorekit::{CallOptions, Client, Error};
use serde_json::Value;

use super::files::Declared;
use super::kinds::{Definition, Kind};
use super::memory::Memory;
use super::values;
use crate::compact::Compact;
use crate::context::Context;
use crate::exit::Failure;
use crate::generated::DOMAINS;
use crate::interrupt;
use crate::settings::Settings;

/// The number of lists that are read at once.
const CONCURRENCY: usize = 4;

/// The number of pages of a list that are read ahead.
const AHEAD: usize = 6;

/// A thing of the server.
#[derive(Debug)]
pub(super) struct Actual {
    pub(super) kind: Kind,
    pub(super) id: String,
    pub(super) parent: Option<usize>,
    pub(super) name: String,
    /// False for a rule of the vendor.
    pub(super) is_custom: bool,
    /// The reported properties, and what an earlier apply knows about the others.
    pub(super) values: Vec<(&'static str, Compact)>,
    /// A hash of the whole resource.
    pub(super) fingerprint: Fingerprint,
}

impl Actual {
    pub(super) fn value(&self, name: &str) -> Option<&Compact> {
        let mut values = self.values.iter();
        Some(&values.find(|(known, _)| *known == name)?.1)
    }
}

/// The things of the server, parents before the things in them.
#[derive(Debug, Default)]
pub(super) struct Server {
    pub(super) things: Vec<Actual>,
}

impl Server {
    /// Returns the kind of the outermost thing that a thing is in.
    pub(super) fn top(&self, index: usize) -> Kind {
        match self.things[index].parent {
            Some(parent) => self.top(parent),
            None => self.things[index].kind,
        }
    }
}

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

/// A resource of a list. It keeps only what is compared.
pub(super) struct Resource {
    id: String,
    name: String,
    /// The name of the scorecard of a rule, or the id of the type of a custom attribute.
    parent: String,
    is_custom: bool,
    values: Vec<(&'static str, Compact)>,
    fingerprint: Fingerprint,
}

impl Resource {
    /// Reads a resource; `None` if it was deleted.
    pub(super) fn of(definition: &Definition, mut resource: Value) -> Option<Self> {
        let fingerprint = fingerprint(&resource);
        let mut attributes = resource["attributes"].take();
        if !attributes["deleted_at"].is_null() {
            return None;
        }
        let text = |name: &str| attributes[name].as_str().unwrap_or_default().to_owned();
        let parent = match definition.kind {
            Kind::Rule => match text("scorecard_name") {
                name if name.is_empty() => text("category"),
                name => name,
            },
            Kind::CustomAttribute => text("case_type_id"),
            _ => String::new(),
        };
        let name = definition.identity.wire.map_or_else(String::new, text);
        let is_custom = attributes["custom"] != false;
        let properties = definition.properties.iter();
        let mut values = Vec::with_capacity(definition.properties.len());
        values.extend(properties.filter_map(|property| {
            let value = attributes.get_mut(property.read?)?.take();
            let value = values::reported(property.shape, value);
            (!value.is_null()).then(|| (property.name, Compact::from(value)))
        }));
        values.shrink_to_fit();
        Some(Self {
            values,
            id: resource["id"].as_str().unwrap_or_default().to_owned(),
            name,
            parent,
            is_custom,
            fingerprint,
        })
    }
}

impl Resource {
    /// Returns true if a thing of the server was read from an equal resource.
    pub(super) fn is(&self, server: &Server, thing: &Actual) -> bool {
        let parent = thing.parent.map(|it| server.things[it].name.as_str());
        self.name == thing.name
            && parent == Some(self.parent.as_str())
            && self.values == thing.values
    }
}

/// Builds the things from resources.
#[derive(Default)]
pub(super) struct Builder {
    pub(super) server: Server,
    scorecards: HashMap<String, usize>,
    types: HashMap<String, usize>,
}

impl Builder {
    /// Adds a resource of a list.
    pub(super) fn add(&mut self, kind: Kind, parent: Option<usize>, resource: Resource) {
        let parent = match kind {
            Kind::Rule => Some(self.scorecard(&resource.parent)),
            Kind::CustomAttribute => match self.types.get(&resource.parent) {
                Some(index) => Some(*index),
                None => return,
            },
            _ => parent,
        };
        let index = self.server.things.len();
        if kind == Kind::CaseType {
            self.types.insert(resource.id.clone(), index);
        }
        self.server.things.push(Actual {
            kind,
            id: resource.id,
            parent,
            name: resource.name,
            is_custom: resource.is_custom,
            values: resource.values,
            fingerprint: resource.fingerprint,
        });
    }

    /// Returns the index of a scorecard, which the first rule adds.
    fn scorecard(&mut self, name: &str) -> usize {
        if let Some(index) = self.scorecards.get(name) {
            return *index;
        }
        let index = self.server.things.len();
        self.scorecards.insert(name.to_owned(), index);
        self.server.things.push(Actual {
            kind: Kind::Scorecard,
            id: String::new(),
            parent: None,
            name: name.to_owned(),
            is_custom: true,
            values: Vec::new(),
            fingerprint: Fingerprint::default(),
        });
        index
    }
}

/// A hash of a resource.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(super) struct Fingerprint(u64);

impl fmt::Display for Fingerprint {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(formatter, "{:016x}", self.0)
    }
}

/// Returns a hash of a value that is the same in every run: FNV-1a with 64 bits
/// (<https://datatracker.ietf.org/doc/html/draft-eastlake-fnv>).
pub(super) fn fingerprint(value: &Value) -> Fingerprint {
    let bytes = value.to_string();
    let hash = bytes.bytes().fold(0xcbf2_9ce4_8422_2325_u64, |hash, byte| {
        (hash ^ u64::from(byte)).wrapping_mul(0x0100_0000_01b3)
    });
    Fingerprint(hash)
}
