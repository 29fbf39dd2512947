//! Renames the variants of unions. progenitor names the alternatives of a `oneOf` without titles
//! `Variant0`, `Variant1` and so on.
//!
//! The name of the type inside is a better name. A value of that type converts into the union.

use proc_macro2::TokenStream;
use quote::{ToTokens, format_ident, quote};
use syn::{Fields, Item, ItemEnum, Type, parse_quote};

use super::rust_type::{argument, is_called};
use super::source::ProgenitorOutput;
use crate::collections::{HashSet, IndexMap};
use crate::generate::lower::names::CATCH_ALL;

/// Renames the variants of each union, where all the new names differ.
pub(super) fn rename(output: &mut ProgenitorOutput) {
    for item in output.types.values_mut() {
        let Item::Enum(item) = item else { continue };
        let names: Option<Vec<String>> = alternatives(item)
            .map(|types| types.iter().map(|ty| name(ty)).collect())
            .unwrap_or_default();
        let Some(names) = names else { continue };
        let names = shortened(names, &item.ident.to_string());
        let distinct: HashSet<&String> = names.iter().collect();
        if distinct.len() != names.len() || names.iter().any(|name| name == CATCH_ALL) {
            continue;
        }
        for (variant, name) in item.variants.iter_mut().zip(&names) {
            variant.ident = format_ident!("{name}");
        }
    }
}

/// Strips the enum's name from the start of all `names`. Returns them unchanged if one of them
/// would not leave a usable name.
fn shortened(names: Vec<String>, enumeration: &str) -> Vec<String> {
    let short = names.iter().map(|name| {
        let rest = name.strip_prefix(enumeration)?;
        let is_name =
            rest.starts_with(|first: char| first.is_ascii_uppercase()) && rest != CATCH_ALL;
        is_name.then(|| rest.to_owned())
    });
    short.collect::<Option<Vec<_>>>().unwrap_or(names)
}

/// Creates a conversion from each type that exactly one variant holds.
pub(super) fn conversions(output: &ProgenitorOutput, items: &mut IndexMap<String, Vec<Item>>) {
    for (enumeration, item) in &output.types {
        let Item::Enum(item) = item else { continue };
        let Some(types) = alternatives(item) else {
            continue;
        };
        let mut taken = HashSet::default();
        for (variant, ty) in item.variants.iter().zip(types) {
            let (name, variant) = (&item.ident, &variant.ident);
            let mut add = |source: TokenStream, made: TokenStream| {
                if taken.insert(source.to_string()) {
                    items
                        .entry(enumeration.clone())
                        .or_default()
                        .push(parse_quote! {
                            impl From<#source> for #name {
                                fn from(value: #source) -> Self {
                                    Self::#variant(#made)
                                }
                            }
                        });
                }
            };
            if let Some(inner) = argument(ty).filter(|_| is_called(ty, "Box")) {
                add(quote!(#inner), quote!(Box::new(value)));
            } else {
                add(ty.to_token_stream(), quote!(value));
            }
            if is_called(ty, "String") {
                add(quote!(&str), quote!(value.to_owned()));
            }
        }
    }
}

/// Returns the names of the enums that are unions.
pub(super) fn names(output: &ProgenitorOutput) -> HashSet<String> {
    let is_union = |item: &Item| matches!(item, Item::Enum(item) if alternatives(item).is_some());
    let unions = output.types.iter().filter(|(_, item)| is_union(item));
    unions.map(|(name, _)| name.clone()).collect()
}

/// Returns the types of the variants if the enum is a union.
fn alternatives(item: &ItemEnum) -> Option<Vec<&Type>> {
    let types = item.variants.iter().map(|variant| match &variant.fields {
        Fields::Unnamed(fields) if fields.unnamed.len() == 1 => {
            fields.unnamed.first().map(|field| &field.ty)
        }
        _ => None,
    });
    types
        .collect::<Option<Vec<_>>>()
        .filter(|types| !types.is_empty())
}

/// Returns a variant name for the values of a type; `None` for a type without a plain name.
fn name(ty: &Type) -> Option<String> {
    if let Some(item) = argument(ty).filter(|_| is_called(ty, "Vec")) {
        return Some(format!("{}List", name(item)?));
    }
    if let Some(inner) = argument(ty).filter(|_| is_called(ty, "Box")) {
        return name(inner);
    }
    let Type::Path(path) = ty else { return None };
    let last = path.path.segments.last()?;
    Some(match last.ident.to_string().as_str() {
        "bool" => "Boolean".to_owned(),
        "f32" | "f64" => "Number".to_owned(),
        "i8" | "i16" | "i32" | "i64" | "i128" | "isize" => "Integer".to_owned(),
        "u8" | "u16" | "u32" | "u64" | "u128" | "usize" => "UnsignedInteger".to_owned(),
        "String" => "Text".to_owned(),
        "BTreeMap" | "Map" => "Object".to_owned(),
        "Option" => return None,
        // The names of other primitive types are not those of variants.
        other if other.starts_with(|first: char| first.is_lowercase()) => {
            heck::AsPascalCase(other).to_string()
        }
        other => other.to_owned(),
    })
}
