//! Required fields of answers that are missing or `null` read as empty.
//!
//! Servers do not keep to their documents, and one field that somebody forgot must not cost a page of a hundred
//! items. Requests stay strict: there the caller has to say what is required.

use std::collections::HashSet;

use syn::{Fields, Item, Type, parse_quote};

use super::fields::{derive, is_flattened, without_option};
use super::select::{Selected, is_called, second_argument};
use crate::generate::model::Domain;

pub(super) fn read_leniently(selected: &mut Selected, domain: &Domain) {
    let answers = domain
        .operations
        .iter()
        .filter_map(|operation| operation.response_body.as_ref());
    let answered = domain.reached_from(answers);
    let strict = strict_types(selected, domain);
    for (name, item) in &mut selected.types {
        let Item::Struct(item) = item else { continue };
        if !answered.contains(name) || strict.shapes.contains(name) {
            continue;
        }
        if !strict.types.contains(name) {
            derive(item, true);
        }
        for field in &mut item.fields {
            if let Some(decode) = map_decoder(&field.ty, &strict.types) {
                field
                    .attrs
                    .push(parse_quote!(#[serde(default, deserialize_with = #decode)]));
                continue;
            }
            let may_be_missing = is_called(&field.ty, "Option") || is_flattened(field);
            if !may_be_missing && !needs(&field.ty, &strict.types) {
                field.attrs.push(parse_quote!(
                    #[serde(default, deserialize_with = "scorekit_core::null_as_default")]
                ));
            }
        }
    }
}

/// What decodes a map in which `null` stands for an empty value, if the field is a map whose values can be empty.
fn map_decoder(ty: &Type, strict: &HashSet<String>) -> Option<&'static str> {
    let map = without_option(ty);
    let value = second_argument(map).filter(|_| is_called(map, "BTreeMap"))?;
    let takes_null = is_called(value, "Option") || is_called(value, "Value");
    if takes_null || needs(value, strict) {
        return None;
    }
    Some(if is_called(ty, "Option") {
        "scorekit_core::optional_null_values_as_default"
    } else {
        "scorekit_core::null_values_as_default"
    })
}

/// What stays strict.
struct Strict {
    /// What `oneOf` chooses from, and whatever that reaches: a shape that took anything would be chosen for all.
    shapes: HashSet<String>,
    /// Types that have no empty value: those, the choice itself, and what requires such a type.
    types: HashSet<String>,
}

fn strict_types(selected: &Selected, domain: &Domain) -> Strict {
    let choices: Vec<&String> = selected
        .types
        .iter()
        .filter(|(_, item)| match item {
            Item::Enum(item) => {
                let mut variants = item.variants.iter();
                variants.any(|variant| !variant.fields.is_empty())
            }
            Item::Struct(item) => !matches!(item.fields, Fields::Named(_)),
            _ => true,
        })
        .map(|(name, _)| name)
        .collect();
    let schemas = choices.iter().filter_map(|name| domain.schemas.get(*name));
    let shapes = domain.reached_from(schemas.map(|schema| &schema.value));
    let mut types = shapes.clone();
    types.extend(choices.into_iter().cloned());
    loop {
        let requires = |(name, item): &(&String, &Item)| match item {
            Item::Struct(item) => {
                let mut fields = item.fields.iter();
                !types.contains(*name) && fields.any(|field| needs(&field.ty, &types))
            }
            _ => false,
        };
        let found = selected.types.iter().filter(requires);
        let more: Vec<String> = found.map(|(name, _)| name.clone()).collect();
        if more.is_empty() {
            return Strict { shapes, types };
        }
        types.extend(more);
    }
}

/// Whether every value of `ty` holds one of `types`. A list, a map or an `Option` of it may be empty.
fn needs(ty: &Type, types: &HashSet<String>) -> bool {
    match ty {
        Type::Path(path) => path
            .path
            .segments
            .last()
            .is_some_and(|segment| types.contains(&segment.ident.to_string())),
        // Tuples and the like, which no document of ours leads to.
        _ => true,
    }
}
