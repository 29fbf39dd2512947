//! Creates the crate of shared types, and takes their items into the domains that re-export them.
//!
//! A file holds the types that the same domains need. A feature for each tag selects the files, so
//! that a domain compiles only its own types.

use std::collections::{BTreeMap, BTreeSet};

use heck::ToSnakeCase;
use proc_macro2::TokenStream;
use quote::{ToTokens, format_ident};
use syn::{Attribute, Item, parse_quote};

use super::source::ProgenitorOutput;
use super::{layout, open_enums, print, refine_output, select};
use crate::collections::{HashMap, HashSet};
use crate::document::diagnostic::Diagnostic;
use crate::generate::lower::names::unique;
use crate::generate::model::Domain;
use crate::generate::shared::{SharedSources, Tags};

/// The longest name of a file that lists its tags.
const LONGEST: usize = 40;

/// Replaces the items of shared types by those that the engine generated for their crate. The two
/// may differ in the fields that are boxed.
pub(super) fn take_items(output: &mut ProgenitorOutput, domain: &Domain) -> Result<(), Diagnostic> {
    for (name, text) in &domain.shared.items {
        let item = syn::parse_str(text).map_err(|error| {
            let message = format!("the shared type `{name}` cannot be read: {error}");
            let help = "this is a bug in the generator: report it with the document";
            Diagnostic::without_location(message, help)
        })?;
        output.types.insert(name.clone(), item);
    }
    Ok(())
}

/// Creates the crate of shared types from progenitor's output. `tags` has the tags that need each
/// type.
pub(in crate::generate) fn refine_shared(
    tokens: TokenStream,
    unit: &Domain,
    tags: &Tags,
) -> Result<SharedSources, Diagnostic> {
    let output = select::select(tokens, unit)?;
    let items = output.types.iter();
    let items = items.map(|(name, item)| (name.clone(), item.to_token_stream().to_string().into()));
    let items = items.collect();
    let refined = refine_output(output, unit)?;
    let mut types = open_enums::open_enums(&refined.output, unit);
    types.extend(refined.strings.declarations());
    let mut tags = tags.clone();
    for (name, _, structures) in refined.strings.uses() {
        let users = structures
            .iter()
            .filter_map(|structure| tags.get(structure));
        let users = users.flatten().cloned().collect();
        tags.insert(name.clone(), users);
    }
    let modules = modules(&tags);
    let module_of = |(name, tags): (&String, &BTreeSet<String>)| {
        Some((name.clone(), modules.get(tags)?.clone()))
    };
    let by_type: HashMap<String, String> = tags.iter().filter_map(module_of).collect();
    let tags_of: HashMap<&String, &BTreeSet<String>> = modules
        .iter()
        .map(|(tags, module)| (module, tags))
        .collect();
    let about = |module: &str| {
        let tags = tags_of.get(&module.to_owned()).into_iter();
        let tags: Vec<&str> = tags
            .flat_map(|tags| tags.iter().map(String::as_str))
            .collect();
        format!("Types of the tags `{}`.", tags.join("`, `"))
    };
    let count = types.len();
    let (files, _) = layout::type_files(&by_type, types, &refined.constructors, about);
    let mut modules: Vec<_> = modules
        .into_iter()
        .map(|(tags, module)| (module, tags))
        .collect();
    modules.sort();
    Ok(SharedSources {
        files,
        modules,
        types: count,
        items,
        strings: refined.strings.formats(),
        arguments: refined.strings.arguments_of_new(),
    })
}

/// Returns the module of the types that the same tags need.
fn modules(tags: &Tags) -> BTreeMap<BTreeSet<String>, String> {
    let groups: BTreeSet<&BTreeSet<String>> = tags.values().collect();
    let mut taken = HashSet::default();
    let named = groups.into_iter().map(|tags| {
        let names: Vec<String> = tags.iter().map(|tag| tag.to_snake_case()).collect();
        let all = names.join("_and_");
        let name = match &names[..] {
            [first, rest @ ..] if all.len() > LONGEST => {
                format!("{first}_and_{}_more", rest.len())
            }
            _ => all,
        };
        (tags.clone(), unique(&mut taken, name))
    });
    named.collect()
}

/// Prints the `mod.rs` of the crate of shared types. With features, each selects its types.
pub(in crate::generate) fn index(sources: &SharedSources, has_features: bool) -> String {
    let (mut modules, mut exports) = (Vec::<Item>::new(), Vec::<Item>::new());
    for (name, tags) in &sources.modules {
        let module = format_ident!("{name}");
        let tags: Vec<&String> = tags.iter().collect();
        let condition: Option<Attribute> = match &tags[..] {
            _ if !has_features => None,
            [tag] => Some(parse_quote!(#[cfg(feature = #tag)])),
            tags => Some(parse_quote!(#[cfg(any(#(feature = #tags),*))])),
        };
        modules.push(parse_quote!(#condition mod #module;));
        exports.push(parse_quote!(#condition pub use #module::*;));
    }
    modules.append(&mut exports);
    print::print("The types that several tags share.", &modules)
}
