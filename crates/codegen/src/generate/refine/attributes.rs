//! Sets the attributes of structures and fields: their derives and their serde options. The pass
//! `objects` replaces the serde options.

use proc_macro2::TokenStream;
use quote::quote;
use syn::{Attribute, Field, Item, ItemStruct, LitStr, parse_quote};

use super::source::ProgenitorOutput;

/// Merges the serde attributes of each field into one.
pub(super) fn merge_serde(output: &mut ProgenitorOutput) {
    for item in output.types.values_mut() {
        let Item::Struct(item) = item else { continue };
        for field in &mut item.fields {
            let is_serde = |attribute: &Attribute| attribute.path().is_ident("serde");
            let Some(first) = field.attrs.iter().position(is_serde) else {
                continue;
            };
            let options: Vec<TokenStream> = field
                .attrs
                .iter()
                .filter(|attribute| is_serde(attribute))
                .filter_map(|attribute| attribute.parse_args().ok())
                .collect();
            field.attrs.retain(|attribute| !is_serde(attribute));
            field
                .attrs
                .insert(first, parse_quote!(#[serde(#(#options),*)]));
        }
    }
}

/// Sets the derives of a structure.
pub(super) fn derive(item: &mut ItemStruct, default: bool) {
    let default = default.then(|| quote!(Default,));
    item.attrs
        .retain(|attribute| !attribute.path().is_ident("derive"));
    let place = item
        .attrs
        .iter()
        .take_while(|attribute| attribute.path().is_ident("doc"))
        .count();
    item.attrs.insert(
        place,
        parse_quote!(#[derive(Clone, Debug, #default PartialEq)]),
    );
}

/// Returns the name of the JSON property that a field stands for.
pub(in crate::generate) fn wire_name(field: &Field) -> String {
    let identifier = field
        .ident
        .as_ref()
        .map(ToString::to_string)
        .unwrap_or_default();
    let renamed = SerdeOptions::of(&field.attrs).rename;
    renamed.map_or_else(
        || identifier.trim_start_matches("r#").to_owned(),
        |name| name.value(),
    )
}

/// Returns true if a field takes all properties that no other field takes.
pub(in crate::generate) fn is_flattened(field: &Field) -> bool {
    SerdeOptions::of(&field.attrs).flatten
}

/// The serde options that progenitor gave a field.
#[derive(Default)]
pub(super) struct SerdeOptions {
    pub(super) rename: Option<LitStr>,
    pub(super) default: bool,
    pub(super) skip_if: bool,
    pub(super) flatten: bool,
    pub(super) is_closed: bool,
}

impl SerdeOptions {
    pub(super) fn of(attributes: &[Attribute]) -> Self {
        let mut options = Self::default();
        for attribute in attributes
            .iter()
            .filter(|attribute| attribute.path().is_ident("serde"))
        {
            // An option that does not parse is not one of those that matter here.
            let _ = attribute.parse_nested_meta(|meta| {
                let value = meta.value().and_then(|value| value.parse::<LitStr>()).ok();
                if meta.path.is_ident("rename") {
                    options.rename = value;
                }
                options.default |= meta.path.is_ident("default");
                options.skip_if |= meta.path.is_ident("skip_serializing_if");
                options.flatten |= meta.path.is_ident("flatten");
                options.is_closed |= meta.path.is_ident("deny_unknown_fields");
                Ok(())
            });
        }
        options
    }
}
