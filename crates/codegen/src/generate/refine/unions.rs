//! Turns each union into an enum. Lowering wrote it as an object with a field for every variant.
//!
//! The enum is declared with `scorekit_core::open_union!`, which keeps a value of an unknown type
//! and holds the serde code once.

use super::print::enum_lines;
use super::rust_type::without_option;
use super::source::{ProgenitorOutput, TypeSource};
use crate::generate::markers::UNION;
use quote::{ToTokens, format_ident};
use serde_json::Value;
use syn::{Fields, Item, ItemEnum, Variant, parse_quote};

use crate::generate::model::{Domain, Schema};

/// The macro that declares the enum.
pub(super) const MACRO: &str = "open_union";

/// Turns the objects back into unions.
pub(super) fn restore(output: &mut ProgenitorOutput, domain: &Domain) {
    for (name, item) in &mut output.types {
        let is_union = domain
            .schemas
            .get(name)
            .is_some_and(|schema| schema.value.get(UNION).is_some());
        let Item::Struct(object) = &*item else {
            continue;
        };
        let Fields::Named(fields) = &object.fields else {
            continue;
        };
        if !is_union {
            continue;
        }
        // progenitor sorts fields by name, and the names are numbers.
        let variants = fields.named.iter().enumerate().map(|(number, field)| {
            let name = format_ident!("Variant{}", number + 1);
            let ty = without_option(&field.ty);
            let variant: Variant = parse_quote!(#name(#ty));
            variant
        });
        let name = &object.ident;
        let mut choice: ItemEnum = parse_quote!(pub enum #name {});
        choice.variants = variants.collect();
        *item = Item::Enum(choice);
    }
}

/// Returns the declaration of a union; `None` for any other enum.
pub(super) fn declare(item: &ItemEnum, schema: &Schema) -> Option<TypeSource> {
    let choice = schema.value.get(UNION)?;
    let values = choice.get("values").and_then(Value::as_array);
    let kinds = choice.get("kinds").and_then(Value::as_array);
    let by = match choice.get("property").and_then(Value::as_str) {
        Some(pointer) => format!("property {pointer:?}"),
        None if kinds.is_some() => "kind".to_owned(),
        None => "best_match".to_owned(),
    };
    // A number without a fraction is both an integer and a float, so the narrower type is tried
    // first.
    let mut order: Vec<usize> = (0..item.variants.len()).collect();
    let kind = |number: &usize| kinds.and_then(|kinds| kinds.get(*number)?.as_str());
    if order.iter().any(|number| kind(number) == Some("Integer")) {
        order.sort_by_key(|number| kind(number) == Some("Number"));
    }

    let mut whole = item.clone();
    whole.variants.clear();
    // The attributes and the empty enum, whose brackets share a line.
    let mut lines: Vec<String> = enum_lines(whole.clone());
    lines.pop();
    lines.push(format!("pub enum {} by {by} {{", item.ident));
    for number in order {
        let Some(variant) = item.variants.get(number) else {
            continue;
        };
        let told_by = values
            .and_then(|values| values.get(number)?.as_array())
            .map(|values| {
                // Rust and JSON do not escape every string in the same way; these are Rust
                // literals.
                let values = values.iter().filter_map(Value::as_str);
                let values: Vec<String> = values.map(|value| format!("{value:?}")).collect();
                format!(" = [{}]", values.join(", "))
            })
            .or_else(|| kind(&number).map(|kind| format!(" = {kind}")))
            .unwrap_or_default();
        whole.variants = std::iter::once(variant.clone()).collect();
        let mut variant = enum_lines(whole.clone());
        variant.pop();
        let start = variant.iter().position(|line| line.ends_with('{'));
        let mut variant = variant.split_off(start.map_or(0, |start| start + 1));
        if let Some(last) = variant.last_mut() {
            *last = format!("{}{told_by},", last.trim_end_matches(','));
        }
        lines.extend(variant);
    }
    lines.push("}".to_owned());
    let mut text = format!("{MACRO}! {{\n");
    for line in lines {
        text.push_str(format!("    {line}").trim_end());
        text.push('\n');
    }
    text.push_str("}\n");
    Some(TypeSource::Macro {
        name: MACRO,
        text,
        tokens: item.to_token_stream(),
    })
}
