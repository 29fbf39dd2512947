//! Decodes required fields of responses that are missing or `null` as empty values.
//!
//! Servers deviate from their documents, and one missing field must not fail a page of a hundred
//! items. The runtime reports them. Requests stay strict: the caller has to set the required
//! fields.

use syn::{Fields, Item, Type, parse_quote};

use super::attributes::{derive, is_flattened};
use super::rust_type::is_optional;
use super::source::ProgenitorOutput;
use crate::collections::HashSet;
use crate::generate::model::Domain;

pub(super) fn read_leniently(output: &mut ProgenitorOutput, domain: &Domain) {
    let received = received_types(domain);
    let strict = strict_types(output);
    for (name, item) in &mut output.types {
        let Item::Struct(item) = item else { continue };
        if !received.contains(name) {
            continue;
        }
        if !strict.contains(name) {
            derive(item, true);
        }
        for field in &mut item.fields {
            let may_be_missing = is_optional(&field.ty) || is_flattened(field);
            if !may_be_missing && !needs(&field.ty, &strict) {
                field.attrs.push(parse_quote!(#[serde(default)]));
            }
        }
    }
}

/// Returns every type that a response reaches, and the shared types that one of another domain
/// reaches.
pub(in crate::generate) fn received_types(domain: &Domain) -> HashSet<String> {
    let responses = domain
        .operations
        .iter()
        .flat_map(|operation| operation.response_schemas());
    let mut received = domain.reached_from(responses);
    received.extend(domain.shared.received.iter().cloned());
    received
}

/// Returns the types without an empty value. These are neither an enum nor an object with fields,
/// or they require such a type.
fn strict_types(output: &ProgenitorOutput) -> HashSet<String> {
    let is_strict = |item: &Item| match item {
        Item::Enum(_) => false,
        Item::Struct(item) => !matches!(item.fields, Fields::Named(_)),
        _ => true,
    };
    let mut types: HashSet<String> = output
        .types
        .iter()
        .filter(|(_, item)| is_strict(item))
        .map(|(name, _)| name.clone())
        .collect();
    loop {
        let requires = |(name, item): &(&String, &Item)| match item {
            Item::Struct(item) => {
                let mut fields = item.fields.iter();
                !types.contains(*name) && fields.any(|field| needs(&field.ty, &types))
            }
            _ => false,
        };
        let found = output.types.iter().filter(requires);
        let more: Vec<String> = found.map(|(name, _)| name.clone()).collect();
        if more.is_empty() {
            return types;
        }
        types.extend(more);
    }
}

/// Returns true if every value of `ty` holds one of `types`. A list, a map or an `Option` may be
/// empty.
fn needs(ty: &Type, types: &HashSet<String>) -> bool {
    match ty {
        Type::Path(path) => path
            .path
            .segments
            .last()
            .is_some_and(|segment| types.contains(&segment.ident.to_string())),
        // Tuples and similar types, which none of our documents lead to.
        _ => true,
    }
}
