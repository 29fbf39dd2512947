//! Generates the types that several domains reach once, in a crate that the domains re-export.
//!
//! 1. `unit` collects the schemas that more than one domain reaches, with their uses in requests
//!    and responses. They are lowered as a domain without operations of its own.
//! 2. `substitute` replaces these schemas in each lowered domain by the result.
//! 3. The engine runs for the unit. Its items take the place of those that it generates for a
//!    domain, so that every pass of a domain sees the types as they are in the crate.
//!
//! A type that the unit cannot hold stays in each domain, together with the types that refer to it.

pub(super) mod package;
mod substitute;
mod unit;

use std::collections::{BTreeMap, BTreeSet};
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::sync::Arc;

use serde::{Deserialize, Deserializer, Serialize, Serializer};

use super::cache::Cache;
use super::model::{Domain, SchemaPath};
use super::parallel::parallel;
use super::{Options, engine, lower, refine};
use crate::collections::{HashMap, HashSet, IndexMap};

/// The types that a domain takes from the crate of shared types.
#[derive(Clone, Debug, Default, Serialize)]
pub struct SharedTypes {
    /// The crate, as it is written in Rust code.
    pub krate: String,
    /// Their names.
    pub names: BTreeSet<String>,
    /// Those that a request of any domain holds.
    pub sent: BTreeSet<String>,
    /// Those that a response of any domain holds.
    pub received: BTreeSet<String>,
    /// The item of each, as the engine generated it for the crate.
    #[serde(serialize_with = "texts")]
    pub items: BTreeMap<String, Arc<str>>,
    /// The types of string arguments of their constructors, and the formats that each converts
    /// into.
    pub strings: BTreeMap<String, BTreeSet<String>>,
    /// The types of the string arguments of `new`, by structure and field.
    pub arguments: BTreeMap<String, BTreeMap<String, String>>,
    /// For the crate itself, the names of the domains' own types, which no type of a string
    /// argument may have.
    pub avoided: BTreeSet<String>,
}

impl SharedTypes {
    /// Returns the names of everything that the domain re-exports.
    pub fn exports(&self) -> BTreeSet<&str> {
        let names = self.names.iter().chain(self.strings.keys());
        names.map(String::as_str).collect()
    }

    /// Returns true if the domain takes no types from the crate.
    pub fn is_empty(&self) -> bool {
        self.names.is_empty()
    }

    /// Adds what the generated crate has for these names.
    fn fill(&mut self, sources: &SharedSources) {
        for name in &self.names {
            let item = sources.items.get(name);
            self.items
                .extend(item.map(|item| (name.clone(), Arc::clone(item))));
            let arguments = sources.arguments.get(name);
            self.arguments
                .extend(arguments.map(|fields| (name.clone(), fields.clone())));
        }
        let used = self.arguments.values().flat_map(BTreeMap::values);
        let formats = used.filter_map(|name| Some((name.clone(), sources.strings.get(name)?)));
        self.strings = formats
            .map(|(name, formats)| (name, formats.clone()))
            .collect();
    }
}

fn texts<S: Serializer>(items: &BTreeMap<String, Arc<str>>, to: S) -> Result<S::Ok, S::Error> {
    to.collect_map(items.iter().map(|(name, item)| (name, &**item)))
}

fn shared_texts<'de, D>(from: D) -> Result<BTreeMap<String, Arc<str>>, D::Error>
where
    D: Deserializer<'de>,
{
    let items = BTreeMap::<String, String>::deserialize(from)?.into_iter();
    Ok(items.map(|(name, item)| (name, item.into())).collect())
}

/// The tags that need each type.
pub(super) type Tags = BTreeMap<String, BTreeSet<String>>;

/// The source of the crate of shared types.
#[derive(Clone, Debug, Default, Deserialize, Serialize)]
pub struct SharedSources {
    /// Each file's name in `src/generated` and its text, without `mod.rs`.
    pub files: IndexMap<String, String>,
    /// The tags that need each file, by the name of its module.
    pub modules: Vec<(String, BTreeSet<String>)>,
    /// The number of types.
    pub types: usize,
    /// The item of each type, as the engine generated it.
    #[serde(serialize_with = "texts", deserialize_with = "shared_texts")]
    pub(super) items: BTreeMap<String, Arc<str>>,
    /// The types of string arguments, and the formats that each converts into.
    pub(super) strings: BTreeMap<String, BTreeSet<String>>,
    /// The types of the string arguments of `new`, by structure and field.
    pub(super) arguments: BTreeMap<String, BTreeMap<String, String>>,
}

/// The shared types of a document.
#[derive(Debug)]
pub struct Shared {
    /// The directory of the crate below `crates`, which is also its name after the prefix.
    pub directory: String,
    /// The source of the crate.
    pub sources: SharedSources,
    /// The crate, as it is written in Rust code.
    krate: String,
    /// The lowered types of the crate.
    pub(super) unit: Domain,
    pub(super) tags: Tags,
    /// True if this run generated the crate, false if it came from the cache.
    pub(super) is_fresh: bool,
    /// The names of the types at each path. Types inside the parts of an `allOf` may have the same.
    paths: HashMap<SchemaPath, Vec<String>>,
    sent: BTreeSet<String>,
    received: BTreeSet<String>,
}

impl Shared {
    /// Returns the crate as it is written in Rust code.
    pub(super) fn krate(&self) -> &str {
        &self.krate
    }

    /// Lowers a domain, and replaces the shared schemas by those of the crate.
    pub(super) fn lower(&self, domain: Domain) -> Domain {
        let mut domain = lower::lower(domain);
        self.substitute(&mut domain);
        domain.shared.fill(&self.sources);
        domain
    }
}

/// A domain to generate.
pub(super) struct Task {
    pub(super) domain: Domain,
    /// Its lowered form, unless that is still to be done.
    pub(super) lowered: Option<Domain>,
}

/// Finds and generates the types that several of `domains` share. `prefix` begins the names of the
/// crates. If progenitor fails for one of them, each domain has its own types, and leaves out the
/// operations that need it.
pub(super) fn prepare(
    domains: Vec<Domain>,
    prefix: &str,
    options: &Options,
) -> (Vec<Task>, Option<Shared>) {
    let names = unit::shared_names(&domains);
    let found = if names.is_empty() {
        None
    } else {
        options.progress.begin("generating the shared types");
        generated(&domains, &names, prefix, options.cache.as_ref())
    };
    let (shared, lowered) = match found {
        Some((shared, lowered)) => (Some(shared), lowered),
        None => (None, domains.iter().map(|_| None).collect()),
    };
    let tasks = domains.into_iter().zip(lowered);
    let tasks = tasks.map(|(domain, lowered)| Task { domain, lowered });
    (tasks.collect(), shared)
}

/// Generates the crate of the schemas `names`. Returns it with each domain in its lowered form, or
/// `None` if there is no crate.
fn generated(
    domains: &[Domain],
    names: &HashSet<String>,
    prefix: &str,
    cache: Option<&Cache>,
) -> Option<(Shared, Vec<Option<Domain>>)> {
    let directory = directory(domains);
    let unit = unit::build(domains, names, &directory);
    let mut lowered = parallel(domains.iter().chain([&unit]).collect(), |domain| {
        catch_unwind(AssertUnwindSafe(|| lower::lower(domain.clone()))).ok()
    });
    let unit = lowered.pop()??;
    let mut shared = Shared {
        krate: format!("{prefix}-{directory}").replace('-', "_"),
        directory,
        sources: SharedSources::default(),
        paths: substitute::paths(&unit),
        sent: refine::sent_types(&unit).into_iter().collect(),
        received: refine::received_types(&unit).into_iter().collect(),
        unit,
        tags: Tags::new(),
        is_fresh: true,
    };
    let mut tags = Tags::new();
    for domain in lowered.iter().flatten() {
        for name in shared.held(domain) {
            tags.entry(name).or_default().insert(domain.tag.clone());
        }
    }
    // A domain that holds a type holds those that it refers to, so the rest refers to itself.
    tags.retain(|_, tags| tags.len() > 1);
    if tags.is_empty() {
        return None;
    }
    // Parts of an `allOf` lead to types inside them, but are no types themselves.
    shared.unit.shared.sent.clone_from(&shared.sent);
    shared.unit.shared.received.clone_from(&shared.received);
    let schemas = &mut shared.unit.schemas;
    schemas.retain(|name, _| tags.contains_key(name));
    shared.tags = tags;
    for domain in lowered.iter_mut().flatten() {
        shared.substitute(domain);
        let own = domain.schemas.keys();
        let own = own.filter(|name| !domain.shared.names.contains(*name));
        shared.unit.shared.avoided.extend(own.cloned());
    }
    let known = cache.and_then(|cache| cache.find_shared(&shared.unit, &shared.tags));
    shared.is_fresh = known.is_none();
    shared.sources = match known {
        Some(sources) => sources,
        None => sources(&shared.unit, &shared.tags)?,
    };
    for domain in lowered.iter_mut().flatten() {
        domain.shared.fill(&shared.sources);
    }
    Some((shared, lowered))
}

/// Generates the types of a lowered unit, on a thread with a large stack.
fn sources(unit: &Domain, tags: &Tags) -> Option<SharedSources> {
    let types_only = Domain {
        operations: Vec::new(),
        ..unit.clone()
    };
    let run =
        || engine::run(&types_only).and_then(|tokens| refine::refine_shared(tokens, unit, tags));
    let mut outcomes = parallel(vec![()], |()| catch_unwind(AssertUnwindSafe(run)));
    outcomes.pop()?.ok()?.ok()
}

/// Returns a name for the crate's directory that no tag has.
fn directory(domains: &[Domain]) -> String {
    let is_free = |name: &String| domains.iter().all(|domain| domain.tag != *name);
    let numbered = (2..).map(|number| format!("shared-types-{number}"));
    let mut names = ["types", "shared-types"].map(str::to_owned).into_iter();
    names
        .by_ref()
        .chain(numbered)
        .find(is_free)
        .unwrap_or_default()
}
