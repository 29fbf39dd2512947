//! Decodes required fields of responses that are missing or `null` as empty values.
//!
//! Servers deviate from their documents, and one missing field must not fail a page of a hundred
//! items. Requests stay strict: the caller has to set the required fields.

use std::collections::HashSet;

use syn::{Fields, Item, Type, parse_quote};

use super::attributes::{derive, is_flattened};
use super::rust_type::{is_called, second_argument, without_option};
use super::source::ProgenitorOutput;
use crate::generate::model::Domain;

/// The runtime functions that the attributes name. A file of types imports those that it needs.
pub(super) const DECODERS: [&str; 4] = [
    "null_as_default",
    "null_values_as_default",
    "optional_null_values_as_default",
    "flattened_null_values_as_default",
];

pub(super) fn read_leniently(output: &mut ProgenitorOutput, domain: &Domain) {
    let answers = domain
        .operations
        .iter()
        .filter_map(|operation| operation.response_body.as_ref());
    let answered = domain.reached_from(answers);
    let strict = strict_types(output);
    for (name, item) in &mut output.types {
        let Item::Struct(item) = item else { continue };
        if !answered.contains(name) {
            continue;
        }
        if !strict.contains(name) {
            derive(item, true);
        }
        for field in &mut item.fields {
            if let Some(decode) = map_decoder(&field.ty, is_flattened(field), &strict) {
                field
                    .attrs
                    .push(parse_quote!(#[serde(default, deserialize_with = #decode)]));
                continue;
            }
            let may_be_missing = is_called(&field.ty, "Option") || is_flattened(field);
            if !may_be_missing && !needs(&field.ty, &strict) {
                field.attrs.push(parse_quote!(
                    #[serde(default, deserialize_with = "null_as_default")]
                ));
            }
        }
    }
}

/// Returns the decoder of a map in which `null` stands for an empty value. The field has to be a
/// map whose values can be empty.
fn map_decoder(ty: &Type, is_flattened: bool, strict: &HashSet<String>) -> Option<&'static str> {
    let map = without_option(ty);
    let value = second_argument(map).filter(|_| is_called(map, "BTreeMap"))?;
    let takes_null = is_called(value, "Option") || is_called(value, "Value");
    if takes_null || needs(value, strict) {
        return None;
    }
    Some(if is_flattened {
        "flattened_null_values_as_default"
    } else if is_called(ty, "Option") {
        "optional_null_values_as_default"
    } else {
        "null_values_as_default"
    })
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
