//! Adds `items()` and `pages()` to the requests of lists. The runtime does the paging. Generated
//! code takes the items out of the typed response.
//!
//! The fields are read after every other pass, so that an optional list or a renamed field is
//! found.

use proc_macro2::{Ident, Literal, TokenStream};
use quote::{format_ident, quote};
use syn::visit_mut::VisitMut;
use syn::{Field, Fields, Item, Type, parse_quote};

use super::attributes::{is_flattened, wire_name};
use super::envelopes::FromTypes;
use super::rust_type::{argument, is_called, last_segment, without_option};
use super::source::ProgenitorOutput;
use crate::generate::identifiers::shouty_snake_case;
use crate::generate::model::{Operation, PageParameter, PageStyle, Pagination};

/// The names that the code of this pass imports from `scorekit_core`.
pub(super) const IMPORTS: [&str; 5] =
    ["Items", "PageParameter", "PageStyle", "Pages", "Pagination"];

/// Creates the static that describes the paging of the operation.
pub(super) fn descriptor(operation: &Operation) -> Option<Item> {
    let pagination = operation.pagination.as_ref()?;
    let name = descriptor_name(operation);
    let style = style(&pagination.style);
    let items = &pagination.items;
    let settings = settings(pagination);
    Some(parse_quote! {
        static #name: Pagination =
            Pagination::new(PageStyle::#style, &[#(#items),*]) #settings;
    })
}

fn style(style: &PageStyle) -> TokenStream {
    match style {
        PageStyle::Offset(it) => {
            let it = parameter(it);
            quote!(Offset(#it))
        }
        PageStyle::Page {
            parameter: it,
            first,
        } => {
            let it = parameter(it);
            let first = Literal::i64_unsuffixed(*first);
            quote!(Page { parameter: #it, first: #first })
        }
        PageStyle::Cursor {
            parameter: it,
            next,
        } => {
            let it = parameter(it);
            quote!(Cursor { parameter: #it, next: &[#(#next),*] })
        }
        PageStyle::Link { parameters } => quote!(Link { parameters: &[#(#parameters),*] }),
    }
}

fn parameter(parameter: &PageParameter) -> TokenStream {
    match parameter {
        PageParameter::Query(name) => quote!(PageParameter::Query(#name)),
        PageParameter::Body(path) => quote!(PageParameter::Body(&[#(#path),*])),
    }
}

/// Returns the calls that set what a list may have.
fn settings(pagination: &Pagination) -> TokenStream {
    let mut settings = TokenStream::new();
    if let Some(size) = &pagination.size {
        let size = parameter(size);
        settings.extend(quote!(.size(#size)));
    }
    let sizes = [
        ("max_size", pagination.max_size),
        ("default_size", pagination.default_size),
    ];
    for (name, size) in sizes {
        if let Some(size) = size {
            let (name, size) = (format_ident!("{name}"), Literal::i64_unsuffixed(size));
            settings.extend(quote!(.#name(#size)));
        }
    }
    let paths = [
        ("total", &pagination.total),
        ("page_count", &pagination.page_count),
        ("has_more", &pagination.has_more),
        ("next_link", &pagination.next_link),
    ];
    for (name, path) in paths {
        if let Some(path) = path {
            let name = format_ident!("{name}");
            settings.extend(quote!(.#name(&[#(#path),*])));
        }
    }
    if pagination.link_header {
        settings.extend(quote!(.link_header()));
    }
    let properties = &pagination.properties;
    if !properties.is_empty() {
        settings.extend(quote!(.properties(&[#(#properties),*])));
    }
    settings
}

/// Returns the name of the static that describes the paging of the operation.
pub(super) fn descriptor_name(operation: &Operation) -> Ident {
    format_ident!("{}_PAGES", shouty_snake_case(&operation.type_name))
}

/// Creates the methods of the request of an operation that returns `response`. If the response has
/// no field for the list, because it is a union or any value, only its pages can be read.
pub(super) fn methods(
    operation: &Operation,
    response: &Type,
    output: &ProgenitorOutput,
) -> TokenStream {
    let Some(pagination) = &operation.pagination else {
        return TokenStream::new();
    };
    let items = list(pagination, response, output).map(|(item, list)| {
        quote! {
            /// Reads the items of this page and of all pages after it, with one request per page.
            /// See [`Items`] for details.
            pub fn items(self) -> Items<#item> {
                self.0.items(|page| #list)
            }
        }
    });
    quote! {
        #items

        /// Reads this page and all pages after it, with one request per page. See [`Pages`] for
        /// details.
        pub fn pages(self) -> Pages<#response> {
            self.0.pages()
        }
    }
}

/// Returns the type of an item, and the expression that takes the items out of `page`.
fn list(
    pagination: &Pagination,
    response: &Type,
    output: &ProgenitorOutput,
) -> Option<(Type, TokenStream)> {
    let mut name = last_segment(response)?;
    let mut ty = response.clone();
    let mut list = quote!(page);
    let mut is_optional = false;
    for segment in &pagination.items {
        let (identifier, inner) = field(segment, &name, output)?;
        list = match (is_optional, is_called(&inner, "Option")) {
            (false, _) => quote!(#list.#identifier),
            (true, false) => quote!(#list.map(|it| it.#identifier)),
            (true, true) => quote!(#list.and_then(|it| it.#identifier)),
        };
        is_optional |= is_called(&inner, "Option");
        name = last_segment(without_option(&inner)).unwrap_or_default();
        ty = inner;
    }
    let ty = without_option(&ty);
    let mut item = argument(ty).filter(|_| is_called(ty, "Vec"))?.clone();
    FromTypes(output).visit_type_mut(&mut item);
    if is_optional {
        list.extend(quote!(.unwrap_or_default()));
    }
    Some((item, list))
}

/// Returns the field of the structure `name` for the property `wire`, and its type.
fn field(wire: &str, name: &str, output: &ProgenitorOutput) -> Option<(Ident, Type)> {
    let Item::Struct(structure) = output.types.get(name)? else {
        return None;
    };
    let Fields::Named(fields) = &structure.fields else {
        return None;
    };
    let is_meant = |field: &&Field| !is_flattened(field) && wire_name(field) == wire;
    let field = fields.named.iter().find(is_meant)?;
    Some((field.ident.clone()?, field.ty.clone()))
}

/// Returns the expression for the field at `path` of the structure `name`, and the field's type.
/// `unwrap` follows each optional field on the way.
pub(super) fn place(
    path: &[String],
    name: &str,
    output: &ProgenitorOutput,
    unwrap: &TokenStream,
) -> Option<(TokenStream, Type)> {
    let mut place = quote!(self);
    let mut name = name.to_owned();
    let mut ty = None::<Type>;
    for segment in path {
        if let Some(ty) = &ty {
            if is_called(ty, "Option") {
                place.extend(unwrap.clone());
            }
            name = last_segment(without_option(ty))?;
        }
        let (identifier, inner) = field(segment, &name, output)?;
        place.extend(quote!(.#identifier));
        ty = Some(inner);
    }
    Some((place, ty?))
}
