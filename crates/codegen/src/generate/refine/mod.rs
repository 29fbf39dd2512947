//! Refines progenitor's output: passes over the syntax tree turn it into the API that users see.
//!
//! progenitor's types and the signatures of its positional methods stay. Everything else of its
//! output is dropped, because `scorekit-core` holds that logic once. [`refine`] names the passes in
//! order. Each pass has a file that starts with its reason.

pub(super) mod arguments;
pub(super) mod attributes;
pub(super) mod bulk;
mod client;
pub(super) mod constructors;
mod deprecations;
mod descriptor;
pub mod documentation;
pub(super) mod envelopes;
mod fields;
mod layout;
mod leniency;
mod objects;
mod open_enums;
mod operation_text;
mod pages;
mod print;
mod requests;
mod resources;
mod responses;
pub(super) mod rust_type;
mod security;
mod select;
mod shared;
mod shorten;
pub(super) mod source;
mod streams;
pub(super) mod strings;
mod union_variants;
mod unions;

use proc_macro2::TokenStream;
use syn::Item;

use self::constructors::Constants;
pub(super) use self::constructors::sent_types;
pub(super) use self::descriptor::name as descriptor_name;
use self::envelopes::Envelope;
pub(super) use self::layout::used as used_names;
pub(super) use self::leniency::received_types;
pub(crate) use self::operation_text::handle_name;
pub(super) use self::print::print as print_file;
pub(super) use self::shared::{index as shared_index, refine_shared};
pub use self::source::GeneratedCrate;
use self::source::ProgenitorOutput;
use self::strings::StringTypes;
use super::model::{Domain, Operation};
use crate::collections::IndexMap;
use crate::document::diagnostic::Diagnostic;

/// The types and signatures of a crate after every pass.
pub(super) struct Refined {
    /// The types as they are written, and the signatures.
    pub(super) output: ProgenitorOutput,
    /// The enums with one value.
    pub(super) constants: Constants,
    /// The request bodies that are JSON:API envelopes, by the name of their type.
    pub(super) envelopes: IndexMap<String, Envelope>,
    /// The types of string arguments.
    pub(super) strings: StringTypes,
    /// The `impl` blocks of each type.
    constructors: IndexMap<String, Vec<Item>>,
}

/// Runs the passes over progenitor's output for a lowered domain.
pub(super) fn run_passes(tokens: TokenStream, domain: &Domain) -> Result<Refined, Diagnostic> {
    let mut output = select::select(tokens, domain)?;
    shared::take_items(&mut output, domain)?;
    refine_output(output, domain)
}

/// Runs the passes over the items that were selected.
fn refine_output(mut output: ProgenitorOutput, domain: &Domain) -> Result<Refined, Diagnostic> {
    shorten::shorten(&mut output);
    unions::restore(&mut output, domain);
    fields::refine_fields(&mut output, domain);
    union_variants::rename(&mut output);
    leniency::read_leniently(&mut output, domain);
    documentation::document_types(&mut output, domain);
    let constants = Constants::of(domain);
    let mut strings = StringTypes::of_constructors(&output, domain, &constants);
    let mut constructors = constructors::constructors(&mut output, domain, &constants, &strings);
    let envelopes = envelopes::envelopes(&output, domain, &constants);
    strings.add_parameters(&mut output, domain, &envelopes);
    for (name, item) in envelopes::conversions(&output, domain, &envelopes) {
        constructors.entry(name).or_default().push(item);
    }
    union_variants::conversions(&output, &mut constructors);
    deprecations::deprecate(&mut output, &mut constructors, domain);
    fields::restore_wire_names(&mut output, domain);
    attributes::merge_serde(&mut output);
    // This runs late, because other passes would take these enums for unions.
    responses::restore(&mut output, domain);
    Ok(Refined {
        output,
        constants,
        envelopes,
        strings,
        constructors,
    })
}

/// Creates the crate of a lowered domain from progenitor's output.
pub fn refine(tokens: TokenStream, domain: &Domain) -> Result<GeneratedCrate, Diagnostic> {
    let Refined {
        output,
        envelopes,
        strings,
        constructors,
        ..
    } = run_passes(tokens, domain)?;
    let mut types = open_enums::open_enums(&output, domain);
    types.retain(|name, _| !domain.shared.names.contains(name));
    types.extend(strings.declarations());
    let requests = requests::requests(&output, domain)?;
    let resources = resources::resources(&output, domain, &envelopes);
    let client = client::client(domain);
    Ok(layout::layout(
        domain,
        types,
        &strings,
        &constructors,
        &requests,
        &resources,
        client,
    ))
}

/// The statics that describe the operations of a domain to the runtime.
pub(super) struct Descriptors {
    /// The servers and security schemes, which the others name as `client::…`.
    pub(super) client: Vec<Item>,
    /// The operations and their paging.
    pub(super) operations: Vec<Item>,
}

/// Creates the statics of a lowered domain, for code outside of its crate.
pub(super) fn descriptors(domain: &Domain) -> Descriptors {
    let requirements = security::Requirements::of(domain);
    let mut client = client::servers(domain);
    client.extend(security::schemes(domain));
    client.extend(requirements.items());
    let of_operation = |operation: &Operation| {
        let paging = pages::descriptor(operation);
        let operation = descriptor::operation(operation, &requirements);
        paging.into_iter().chain([operation])
    };
    Descriptors {
        client,
        operations: domain.operations.iter().flat_map(of_operation).collect(),
    }
}
