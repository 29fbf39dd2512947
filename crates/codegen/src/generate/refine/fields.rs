//! Puts fields in the document's order, makes every optional one an `Option`, and removes redundant
//! attributes. An optional field that takes `null` is a `Nullable` where requests send it: to leave
//! a property out is not to set it to `null`.
//!
//! progenitor does not wrap an optional list or map in `Option` and omits an empty one when it
//! serializes. `[]` would then look like an absent field and could not be sent.

use super::attributes::{SerdeOptions, derive, wire_name};
use super::constructors::sent_types;
use super::rust_type::{NULLABLE, argument, is_called};
use super::source::ProgenitorOutput;
use crate::collections::HashMap;
use crate::generate::markers::{CLOSED, READ_ONLY, WIRE_NAMES};

use proc_macro2::TokenStream;
use quote::{ToTokens, format_ident, quote};
use serde_json::{Map, Value};
use syn::{Attribute, Field, Fields, Item, LitStr, parse_quote};

use crate::generate::model::Domain;

pub(super) fn refine_fields(output: &mut ProgenitorOutput, domain: &Domain) {
    let sent = sent_types(domain);
    for (name, item) in &mut output.types {
        let Item::Struct(item) = item else { continue };

        item.attrs = vec![parse_quote!(#[non_exhaustive])];
        let schema = domain.schemas.get(name).map(|schema| &*schema.value);
        if schema.is_some_and(|schema| schema.get(CLOSED).is_some()) {
            item.attrs.push(parse_quote!(#[serde(deny_unknown_fields)]));
        }
        derive(item, false);
        let properties = schema.and_then(|schema| schema.get("properties"));
        let empty = Map::new();
        let properties = properties.and_then(Value::as_object).unwrap_or(&empty);
        if let Fields::Named(fields) = &mut item.fields {
            let mut ordered: Vec<Field> = std::mem::take(&mut fields.named).into_iter().collect();
            let positions: HashMap<&String, usize> = properties.keys().zip(0..).collect();
            let position = |field: &Field| positions.get(&wire_name(field)).copied();
            ordered.sort_by_cached_key(|field| position(field).unwrap_or(usize::MAX));
            for field in &mut ordered {
                refine_field(field);
                if sent.contains(name) && takes_null(schema, &wire_name(field)) {
                    distinguish_null(field);
                }
            }
            fields.named = ordered.into_iter().collect();
        }
    }
}

fn refine_field(field: &mut Field) {
    let serde = SerdeOptions::of(&field.attrs);
    let mut options = Vec::<TokenStream>::new();
    if serde.flatten {
        options.push(quote!(flatten));
    } else {
        if let Some(name) = &serde.rename {
            options.push(quote!(rename = #name));
        }
        if serde.default && !is_called(&field.ty, "Option") {
            let ty = &field.ty;
            field.ty = parse_quote!(Option<#ty>);
        }
        if serde.skip_if && is_called(&field.ty, "Option") {
            options.push(quote!(skip_serializing_if = "Option::is_none"));
        }
    }
    field.attrs = Vec::new();
    if !options.is_empty() {
        field.attrs.push(parse_quote!(#[serde(#(#options),*)]));
    }
}

/// Returns true if a request may set a property of a schema to `null`.
fn takes_null(schema: Option<&Value>, name: &str) -> bool {
    let property = schema.and_then(|schema| schema.get("properties")?.get(name));
    let read_only = schema.and_then(|schema| schema.get(READ_ONLY)?.as_array());
    let is_name = |known: &Value| known.as_str() == Some(name);
    property.and_then(|property| property.get("nullable")) == Some(&Value::Bool(true))
        && !read_only.is_some_and(|names| names.iter().any(is_name))
}

/// Turns the `Option` of an optional field into a `Nullable`.
fn distinguish_null(field: &mut Field) {
    let is_skipped = SerdeOptions::of(&field.attrs).skip_if;
    if let Some(inner) = argument(&field.ty)
        && is_skipped
        && is_called(&field.ty, "Option")
    {
        let nullable = format_ident!("{NULLABLE}");
        field.ty = parse_quote!(#nullable<#inner>);
    }
}

/// Restores the wire names of the fields that lowering renamed to keep them apart. It runs after
/// every lookup in the lowered document.
pub(super) fn restore_wire_names(output: &mut ProgenitorOutput, domain: &Domain) {
    for (name, item) in &mut output.types {
        let schema = domain.schemas.get(name).map(|schema| &*schema.value);
        let names = schema.and_then(|schema| schema.get(WIRE_NAMES)?.as_object());
        let (Item::Struct(item), Some(names)) = (item, names) else {
            continue;
        };
        for field in &mut item.fields {
            let Some(name) = names.get(&wire_name(field)).and_then(Value::as_str) else {
                continue;
            };
            let is_rename = |attribute: &Attribute| {
                let mut is_rename = false;
                let _ = attribute.parse_nested_meta(|meta| {
                    let _ = meta.value().and_then(|value| value.parse::<LitStr>());
                    is_rename |= meta.path.is_ident("rename");
                    Ok(())
                });
                attribute.path().is_ident("serde") && is_rename
            };
            for attribute in field
                .attrs
                .iter_mut()
                .filter(|attribute| is_rename(attribute))
            {
                // `skip_serializing_if` is the only other option next to it.
                let skips = attribute
                    .meta
                    .to_token_stream()
                    .to_string()
                    .contains("skip_serializing_if")
                    .then(|| quote!(, skip_serializing_if = "Option::is_none"));
                *attribute = parse_quote!(#[serde(rename = #name #skips)]);
            }
            if wire_name(field) != name {
                field.attrs.push(parse_quote!(#[serde(rename = #name)]));
            }
        }
    }
}
