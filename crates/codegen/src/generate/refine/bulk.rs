//! Adds `push()` to the requests of operations that take a list. If the request holds nothing else,
//! the resource gets a method that takes only the items.
//!
//! The item's type is read after every other pass, so that a renamed type is found.

use proc_macro2::{Ident, TokenStream};
use quote::{format_ident, quote};
use syn::visit_mut::VisitMut;
use syn::{Fields, Item, Type, parse_quote};

use super::Refined;
use super::attributes::{is_flattened, wire_name};
use super::documentation::{self, own_lines};
use super::envelopes::{Envelope, FromTypes, Inside};
use super::operation_text;
use super::pages::place;
use super::rust_type::{argument, is_called, is_optional, last_segment, without_option};
use super::source::{ProgenitorOutput, Signature};
use crate::collections::IndexMap;
use crate::document::diagnostic::Diagnostic;
use crate::generate::identifiers::shouty_snake_case;
use crate::generate::model::{Bulk, Operation, referenced_schema};

/// The names that the code of this pass imports from `scorekit_core`.
pub(super) const IMPORTS: [&str; 3] = ["Bulk", "IntoItems", "Push"];

/// Creates the static that describes the operation's list.
pub(super) fn descriptor(operation: &Operation) -> Option<Item> {
    let Bulk {
        items,
        max_items,
        max_bytes,
        rejection_statuses,
        identified_by,
        ..
    } = operation.bulk.as_ref()?;
    let name = descriptor_name(operation);
    let number = proc_macro2::Literal::u64_unsuffixed;
    let (max_items, max_bytes) = (number(*max_items), number(*max_bytes));
    let rejection_statuses = (!rejection_statuses.is_empty()).then(|| {
        let statuses = rejection_statuses
            .iter()
            .map(|status| number((*status).into()));
        quote!(.rejection_statuses(&[#(#statuses),*]))
    });
    let identified_by =
        (!identified_by.is_empty()).then(|| quote!(.identified_by(&[#(#identified_by),*])));
    Some(parse_quote! {
        static #name: Bulk =
            Bulk::new(&[#(#items),*], #max_items, #max_bytes) #rejection_statuses #identified_by;
    })
}

fn descriptor_name(operation: &Operation) -> Ident {
    format_ident!("{}_BULK", shouty_snake_case(&operation.type_name))
}

/// Creates the method of the operation's request.
pub(super) fn method(
    operation: &Operation,
    signature: &Signature,
    output: &ProgenitorOutput,
) -> Result<TokenStream, Diagnostic> {
    let Some(bulk) = &operation.bulk else {
        return Ok(TokenStream::new());
    };
    let item = item(bulk, signature, output).ok_or_else(|| {
        Diagnostic::new(
            &bulk.location,
            format!("`{}` of the body must be a list", bulk.items.join(".")),
            "make the body an object in `components/schemas` that declares it under `properties`",
        )
    })?;
    let name = descriptor_name(operation);
    let path = bulk.items.join(".");
    let text = own_lines(&format!(
        "Sends any number of items in as many requests as necessary. See [`Push`] for details. \
         The list `{path}` of this request must be empty."
    ));
    let text = documentation::sections(vec![text]);
    Ok(quote! {
        #(#text)*
        pub fn push<'a, Kind, F>(self, items: F) -> Push<'a>
        where
            F: IntoItems<Kind, Item = #item>,
            F::Stream: Send + 'a,
        {
            self.0.push(&#name, items)
        }
    })
}

/// Creates the method of the operation's resource.
pub(super) fn resource_method(
    operation: &Operation,
    signature: &Signature,
    output: &ProgenitorOutput,
    envelopes: &IndexMap<String, Envelope>,
    arguments: &[TokenStream],
    names: &[Ident],
) -> Option<TokenStream> {
    let bulk = operation.bulk.as_ref()?;
    let verb = format_ident!("{}", bulk.verb.as_deref()?);
    let one = format_ident!("{}", operation.verb.as_deref()?);
    let item = item(bulk, signature, output)?;
    let empty = empty_body(operation, &item, output, envelopes);
    let (max_items, path) = (bulk.max_items, bulk.items.join("."));
    let mut parameters: Vec<TokenStream> = arguments.to_vec();
    let mut passed: Vec<TokenStream> = names.iter().map(|name| quote!(#name)).collect();
    let mut text = vec![own_lines(&format!(
        "Does the same as [`{one}`](Self::{one}) for any number of items, with up to {max_items} \
         in one request. Each item has its own result; see [`Push`](scorekit_core::Push) for \
         details."
    ))];
    match empty {
        Some(empty) => passed.push(empty),
        None => {
            // The method for one request also takes this body, as its last argument.
            parameters.push(body_argument(operation)?);
            passed.push(quote!(body));
            text.push(own_lines(&format!(
                "`body` is common to all requests. Its list `{path}` must be empty."
            )));
        }
    }
    let text = documentation::sections(text);
    let deprecated = operation_text::deprecated(operation);
    let allowed = operation.deprecated.then(|| quote!(#[allow(deprecated)]));
    // rustdoc rejects a word that is the name.
    let mut words = operation.search_words.clone();
    words.retain(|word| verb != word);
    Some(quote! {
        #(#text)*
        #(#[doc(alias = #words)])*
        #deprecated
        #allowed
        pub fn #verb<'a, Kind, F>(&self, #(#parameters,)* items: F) -> scorekit_core::Push<'a>
        where
            F: scorekit_core::IntoItems<Kind, Item = #item>,
            F::Stream: Send + 'a,
        {
            self.#one(#(#passed),*).push(items)
        }
    })
}

fn body_argument(operation: &Operation) -> Option<TokenStream> {
    let whole = format_ident!("{}", referenced_schema(operation.request_body.as_ref()?)?);
    Some(quote!(body: impl Into<types::#whole>))
}

/// Returns a body that lacks only its items, if it needs no values from the caller.
fn empty_body(
    operation: &Operation,
    item: &Type,
    output: &ProgenitorOutput,
    envelopes: &IndexMap<String, Envelope>,
) -> Option<TokenStream> {
    let bulk = operation.bulk.as_ref()?;
    let whole = referenced_schema(operation.request_body.as_ref()?)?;
    let path: Vec<&str> = bulk.items.iter().map(String::as_str).collect();
    match (&path[..], envelopes.get(&whole)) {
        ([list], _) => with_nothing_else(&whole, list, item, output),
        (
            ["data", "attributes", list],
            Some(Envelope {
                inside: Inside::Attributes(ty, false),
                ..
            }),
        ) => with_nothing_else(&last_segment(ty)?, list, item, output),
        _ => None,
    }
}

/// Returns the structure `name` without items, if its list is its only field.
fn with_nothing_else(
    name: &str,
    list: &str,
    item: &Type,
    output: &ProgenitorOutput,
) -> Option<TokenStream> {
    let Item::Struct(structure) = output.types.get(name)? else {
        return None;
    };
    let Fields::Named(fields) = &structure.fields else {
        return None;
    };
    let mut fields = fields.named.iter();
    let (Some(field), None) = (fields.next(), fields.next()) else {
        return None;
    };
    if is_flattened(field) || wire_name(field) != list {
        return None;
    }
    let name = format_ident!("{name}");
    Some(if is_optional(&field.ty) {
        quote!(types::#name::new())
    } else {
        quote!(types::#name::new(Vec::<#item>::new()))
    })
}

/// Returns what an example of [`resource_method`] passes: the type of an item, and whether it also
/// takes the body.
pub(in crate::generate) fn example_arguments(
    operation: &Operation,
    signature: &Signature,
    refined: &Refined,
) -> Option<(Type, bool)> {
    let item = item(operation.bulk.as_ref()?, signature, &refined.output)?;
    let empty = empty_body(operation, &item, &refined.output, &refined.envelopes);
    Some((item, empty.is_none()))
}

/// Returns the type of an item, as a file of requests writes it.
fn item(bulk: &Bulk, signature: &Signature, output: &ProgenitorOutput) -> Option<Type> {
    let body = match signature.arguments.get("body")? {
        Type::Reference(reference) => &*reference.elem,
        other => other,
    };
    let name = last_segment(body)?;
    let (_, list) = place(&bulk.items, &name, output, &TokenStream::new())?;
    let list = without_option(&list);
    let mut item = argument(list).filter(|_| is_called(list, "Vec"))?.clone();
    FromTypes(output).visit_type_mut(&mut item);
    Some(item)
}
