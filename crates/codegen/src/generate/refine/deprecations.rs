//! Marks deprecated items of the document with `#[deprecated]`. The reason is the document's
//! description.
//!
//! The type's own constructor and setters have to use such a field, so only they allow it.

use super::attributes::wire_name;
use super::source::ProgenitorOutput;
use crate::collections::IndexMap;
use crate::generate::markers::DEPRECATED_PROPERTIES;
use serde_json::Value;
use syn::{Attribute, Fields, ImplItem, Item, parse_quote};

use crate::generate::model::Domain;

pub(super) fn deprecate(
    output: &mut ProgenitorOutput,
    constructors: &mut IndexMap<String, Vec<Item>>,
    domain: &Domain,
) {
    for (name, item) in &mut output.types {
        let schema = domain.schemas.get(name).map(|schema| &schema.value);
        let reasons = schema
            .and_then(|schema| schema.get(DEPRECATED_PROPERTIES))
            .and_then(Value::as_object);
        let (Some(reasons), Item::Struct(item)) = (reasons, item) else {
            continue;
        };
        let Fields::Named(fields) = &mut item.fields else {
            continue;
        };
        for field in &mut fields.named {
            let Some(reason) = reasons.get(&wire_name(field)) else {
                continue;
            };
            let attribute = attribute(reason.as_str().unwrap_or_default());
            let place = field
                .attrs
                .iter()
                .take_while(|attribute| attribute.path().is_ident("doc"))
                .count();
            field.attrs.insert(place, attribute.clone());
            for item in constructors.get_mut(name).into_iter().flatten() {
                let Item::Impl(item) = item else { continue };
                for item in &mut item.items {
                    if let ImplItem::Fn(function) = item
                        && (function.sig.ident == "new"
                            || Some(&function.sig.ident) == field.ident.as_ref())
                    {
                        if function.sig.ident != "new" {
                            function.attrs.push(attribute.clone());
                        }
                        let allow: Attribute = parse_quote!(#[allow(deprecated)]);
                        if !function.attrs.contains(&allow) {
                            function.attrs.push(allow);
                        }
                    }
                }
            }
        }
    }
}

/// Creates the compiler's own attribute. The reason is one line.
fn attribute(reason: &str) -> Attribute {
    let words: Vec<_> = reason.split_whitespace().collect();
    let reason = if words.is_empty() {
        "the vendor advises against this field".to_owned()
    } else {
        words.join(" ")
    };
    parse_quote!(#[deprecated = #reason])
}
