//! Turns the responses of an operation into an enum if its successful responses differ.
//!
//! Lowering wrote them as an object with a field for each body. The enum is declared with
//! `scorekit_core::response_enum!`, which holds the serde code once.

use super::print::{comment, variant_lines};
use super::rust_type::without_option;
use super::source::{ProgenitorOutput, TypeSource};
use crate::generate::markers::RESPONSES;
use proc_macro2::TokenStream;
use quote::{ToTokens, format_ident};
use serde_json::Value;
use syn::{Field, Fields, Item, ItemEnum, Variant, parse_quote};

use crate::generate::model::{Domain, Schema};

/// The macro that declares the enum.
const MACRO: &str = "response_enum";

/// Turns the objects back into enums.
pub(super) fn restore(output: &mut ProgenitorOutput, domain: &Domain) {
    for (name, item) in &mut output.types {
        let responses = domain
            .schemas
            .get(name)
            .and_then(|schema| schema.value.get(RESPONSES)?.as_array());
        let (Some(responses), Item::Struct(object)) = (responses, &*item) else {
            continue;
        };
        let mut fields: Vec<&Field> = match &object.fields {
            Fields::Named(fields) => fields.named.iter().collect(),
            _ => Vec::new(),
        };
        // progenitor sorts fields by name, and the names begin with numbers.
        fields.reverse();
        let variants = responses.iter().filter_map(|response| {
            let name = format_ident!("{}", response.get("name")?.as_str()?);
            let field = response.get("field").filter(|field| field.is_string());
            let variant: Variant = match field.and_then(|_| fields.pop()) {
                Some(field) => {
                    let ty = without_option(&field.ty);
                    parse_quote!(#name(#ty))
                }
                None => parse_quote!(#name),
            };
            Some(variant)
        });
        let name = &object.ident;
        let mut whole: ItemEnum = parse_quote!(pub enum #name {});
        whole.variants = variants.collect();
        *item = Item::Enum(whole);
    }
}

/// Returns the declaration of an operation's responses; `None` for any other enum.
pub(super) fn declare(item: &ItemEnum, schema: &Schema) -> Option<TypeSource> {
    let responses = schema.value.get(RESPONSES)?.as_array()?;
    let mut text = format!("{MACRO}! {{\n");
    let description = schema.value.get("description").and_then(Value::as_str);
    comment(&mut text, "    ", description.unwrap_or_default());
    text.push_str(&format!("    pub enum {} {{\n", item.ident));
    let mut tokens = TokenStream::new();
    for (variant, response) in item.variants.iter().zip(responses) {
        let status = response.get("status").and_then(Value::as_str)?;
        let description = response.get("description").and_then(Value::as_str);
        let description = format!("{status}: {}", description.unwrap_or_default());
        comment(
            &mut text,
            "        ",
            description.trim_end_matches([':', ' ']),
        );
        let written = variant_lines(&variant.ident, &variant.fields);
        for line in written {
            text.push_str(&format!("    {line}\n"));
        }
        if text.ends_with(",\n") {
            text.truncate(text.len() - 2);
        }
        text.push_str(&format!(" = {status:?},\n"));
        variant.fields.to_tokens(&mut tokens);
    }
    text.push_str("    }\n}\n");
    Some(TypeSource::Macro {
        name: MACRO,
        text,
        tokens,
    })
}
