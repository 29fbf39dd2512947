//! Opens enums to unknown values. progenitor closes them, so one new value from the server would
//! fail the whole response.
//!
//! Every enum of strings is declared with `scorekit_core::open_enum!` instead. It adds a variant
//! that keeps any other value, and holds the serde code once.

use super::print::comment;
use super::source::{ProgenitorOutput, TypeSource};
use super::{objects, responses, unions};
use crate::collections::IndexMap;
use crate::generate::markers::ENUM_VALUES;
use quote::quote;
use serde_json::Value;
use syn::{Item, ItemEnum};

use crate::generate::model::{Domain, Schema};

pub(super) fn open_enums(
    output: &ProgenitorOutput,
    domain: &Domain,
) -> IndexMap<String, TypeSource> {
    let open = |(name, item): (&String, &Item)| {
        let source = match (item, domain.schemas.get(name)) {
            (Item::Enum(item), Some(schema)) if schema.value.get("enum").is_some() => {
                Some(print(item, schema))
            }
            (Item::Enum(item), Some(schema)) => {
                unions::declare(item, schema).or_else(|| responses::declare(item, schema))
            }
            _ => None,
        };
        let source = source.unwrap_or_else(|| match item {
            Item::Struct(item) => objects::declare(item.clone()),
            item => TypeSource::Item(Box::new(item.clone())),
        });
        (name.clone(), source)
    };
    output.types.iter().map(open).collect()
}

/// Returns the names of the variants. Lowering chose a different name for each value.
pub(super) fn variant_names(schema: &Schema) -> Vec<&str> {
    let names = schema.value.get("enum").and_then(Value::as_array);
    let names = names.into_iter().flatten();
    names.filter_map(Value::as_str).collect()
}

fn print(item: &ItemEnum, schema: &Schema) -> TypeSource {
    let description = schema.value.get("description").and_then(Value::as_str);
    let description =
        description.map_or_else(|| format!("The schema `{}`.", item.ident), str::to_owned);
    let values = schema.value.get(ENUM_VALUES).and_then(Value::as_array);
    let is_integers = values.is_some_and(|values| values.iter().all(Value::is_i64));
    let name = if is_integers {
        "open_integer_enum"
    } else {
        "open_enum"
    };
    let mut text = format!("{name}! {{\n");
    comment(&mut text, "    ", &description);
    text.push_str(&format!("    pub enum {} {{\n", item.ident));
    let names = variant_names(schema);
    for (variant, value) in names.iter().zip(values.into_iter().flatten()) {
        let key = value
            .as_str()
            .map_or_else(|| value.to_string(), str::to_owned);
        let description = schema
            .value
            .get("x-enum-descriptions")
            .and_then(|all| all.get(&key))
            .and_then(Value::as_str);
        comment(
            &mut text,
            "        ",
            &description.map_or_else(|| format!("`{key}`"), str::to_owned),
        );
        let literal = match is_integers {
            true => key,
            false => format!("{key:?}"),
        };
        text.push_str(&format!("        {variant} = {literal},\n"));
    }
    text.push_str("    }\n}\n");
    TypeSource::Macro {
        name,
        text,
        tokens: quote!(),
    }
}
