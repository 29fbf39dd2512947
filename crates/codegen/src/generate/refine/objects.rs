//! Implements decoding and encoding of structures with `scorekit_core::json_object!`.
//!
//! serde's derive reads an object that is sent as an array, drops unknown properties, and writes
//! about a hundred lines per structure. The runtime holds that code once.

use proc_macro2::Ident;
use quote::{ToTokens, format_ident};
use syn::{Attribute, Field, Fields, Item, ItemStruct, parse_quote};

use super::attributes::{SerdeOptions, is_flattened, wire_name};
use super::print::unparse;
use super::rust_type::{is_called, second_argument};
use super::source::TypeSource;

/// The macro that implements it.
pub(super) const MACRO: &str = "json_object";

/// The macro that implements it for a structure around one value.
const NEWTYPE_MACRO: &str = "json_newtype";

/// The name of the field with unknown properties, unless a property has it.
const UNKNOWN: &str = "unknown_properties";

/// Returns the field that keeps unknown properties. There is none if the schema forbids them, or
/// if another field takes all of them.
pub(super) fn unknown_field(item: &ItemStruct) -> Option<Ident> {
    let takes_all = |field: &Field| is_flattened(field) && takes_null(field);
    if SerdeOptions::of(&item.attrs).is_closed || item.fields.iter().any(takes_all) {
        return None;
    }
    let mut name = UNKNOWN.to_owned();
    while item
        .fields
        .iter()
        .any(|field| field.ident.as_ref().is_some_and(|known| *known == name))
    {
        name.push('_');
    }
    Some(format_ident!("{name}"))
}

/// Returns true if `null` is a value of a map of other properties.
fn takes_null(field: &Field) -> bool {
    match second_argument(&field.ty) {
        Some(value) => is_called(value, "Option") || is_called(value, "Value"),
        None => true,
    }
}

/// Returns a structure with its implementation.
pub(super) fn declare(mut item: ItemStruct) -> TypeSource {
    if !matches!(item.fields, Fields::Named(_)) {
        return declare_newtype(item);
    }
    let unknown = unknown_field(&item);
    let mut text = format!("{MACRO}! {{\n    {} {{\n", item.ident);
    let mut rest = None;
    for field in &mut item.fields {
        let Some(name) = field.ident.clone() else {
            continue;
        };
        if is_flattened(field) {
            rest = Some(name);
        } else {
            let wire = wire_name(field);
            text.push_str(&format!("        {name} = {wire:?} {},\n", mode(field)));
        }
        field.attrs.retain(is_not_serde);
    }
    item.attrs.retain(is_not_serde);
    text.push_str("    }\n    ");
    text.push_str(&match (rest, &unknown) {
        (Some(rest), Some(unknown)) => {
            format!("additional properties in {rest}, null in {unknown}")
        }
        (Some(rest), None) => format!("additional properties in {rest}"),
        (None, Some(unknown)) => format!("unknown properties in {unknown}"),
        (None, None) => "unknown properties rejected".to_owned(),
    });
    text.push_str("\n}\n");
    if let (Some(unknown), Fields::Named(fields)) = (unknown, &mut item.fields) {
        let field: Field = parse_quote!(#unknown: scorekit_core::UnknownMap);
        fields.named.push(field);
    }
    TypeSource::Object {
        item: Box::new(item),
        implementation: text,
    }
}

/// Returns a structure around one value with its implementation.
fn declare_newtype(mut item: ItemStruct) -> TypeSource {
    item.attrs.retain(is_not_serde);
    for field in &mut item.fields {
        field.attrs.retain(is_not_serde);
    }
    let types = item.fields.iter().map(|field| field.ty.to_token_stream());
    let (name, types) = (&item.ident, types.collect::<Vec<_>>());
    let implementation = parse_quote!(json_newtype!(#name, #(#types),*););
    let tokens = item.to_token_stream();
    let item = unparse(&Item::Struct(item));
    TypeSource::Macro {
        name: NEWTYPE_MACRO,
        text: format!("{item}\n{}", unparse(&Item::Macro(implementation))),
        tokens,
    }
}

fn is_not_serde(attribute: &Attribute) -> bool {
    !attribute.path().is_ident("serde")
}

/// Returns the word for how a field is read and written.
fn mode(field: &Field) -> &'static str {
    let options = SerdeOptions::of(&field.attrs);
    if options.skip_if {
        "optional"
    } else if options.default {
        "or_default"
    } else {
        "required"
    }
}
