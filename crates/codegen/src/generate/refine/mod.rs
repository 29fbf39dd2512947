//! Stage 6, refine: passes over the syntax tree that turn what progenitor wrote into what users should see.
//!
//! progenitor's types and the signatures of its positional methods stay; everything else of its output is dropped,
//! because `scorekit-core` holds that logic once. [`refine`] names the passes in order; each stands in a file that
//! opens with the reason for it.

mod alternatives;
mod answers;
mod arguments;
mod bulk;
pub mod calls;
mod choices;
mod client;
mod constructors;
mod deprecations;
mod descriptor;
pub mod documentation;
mod envelopes;
mod fields;
mod layout;
mod leniency;
mod open_enums;
mod pages;
mod requests;
mod resources;
mod security;
mod select;
mod shorten;

use indexmap::IndexMap;
use serde::{Deserialize, Serialize};

use super::model::Domain;
use crate::document::diagnostic::Diagnostic;

/// The generated source of one crate.
#[derive(Clone, Debug, Deserialize, Serialize)]
pub struct Sources {
    /// Each file's path below `src/generated` and its text.
    pub files: IndexMap<String, String>,
    /// How many operations there are.
    pub operations: usize,
    /// How many types there are.
    pub types: usize,
    /// Whether this run made it, rather than found it in the cache.
    #[serde(skip)]
    pub is_fresh: bool,
    /// Calls of every operation, for the workspace's tests.
    #[serde(skip)]
    pub calls: Vec<calls::Calls>,
}

/// Makes the crate of a lowered domain out of what progenitor wrote for it.
///
/// The calls for tests are wanted of the workspace's own document alone: each is as long as everything that its types
/// reach.
pub fn refine(file: syn::File, domain: &Domain, with_calls: bool) -> Result<Sources, Diagnostic> {
    let mut selected = select::select(file, domain)?;
    shorten::shorten(&mut selected);
    choices::restore(&mut selected, domain);
    fields::refine_fields(&mut selected, domain);
    alternatives::rename(&mut selected);
    leniency::read_leniently(&mut selected, domain);
    documentation::document_types(&mut selected, domain);
    let constants = constructors::Constants::of(domain);
    let mut constructors = constructors::constructors(&mut selected, domain, &constants);
    let envelopes = envelopes::envelopes(&selected, domain, &constants);
    for (name, item) in envelopes::conversions(&selected, &envelopes) {
        constructors.entry(name).or_default().push(item);
    }
    alternatives::conversions(&selected, &mut constructors);
    deprecations::deprecate(&mut selected, &mut constructors, domain);
    fields::restore_wire_names(&mut selected, domain);
    // After the passes that would take it for a choice.
    answers::restore(&mut selected, domain);
    let types = open_enums::open_enums(&selected, domain);
    let requests = requests::requests(&selected, domain)?;
    let resources = resources::resources(&selected, domain, &envelopes);
    let client = client::client(domain);
    let calls = match with_calls {
        true => calls::calls(&selected, domain, &envelopes, &constants),
        false => Vec::new(),
    };
    let mut sources = layout::layout(domain, types, &constructors, &requests, &resources, client);
    sources.calls = calls;
    Ok(sources)
}
