//! Adds `items()` and `pages()` to the requests of lists. The runtime does the paging. Generated
//! code names the fields of the items and their total in the typed response.
//!
//! The fields are read after every other pass, so that an optional list or a renamed field is
//! found.

use std::collections::HashMap;

use proc_macro2::{Ident, Literal, TokenStream};
use quote::{format_ident, quote};
use syn::visit_mut::VisitMut;
use syn::{Field, Fields, Item, Type, parse_quote};

use super::attributes::{is_flattened, wire_name};
use super::envelopes::FromTypes;
use super::rust_type::{argument, is_called, last_segment, without_option};
use super::source::ProgenitorOutput;
use crate::document::diagnostic::Diagnostic;
use crate::generate::identifiers::shouty_snake_case;
use crate::generate::model::{Operation, PageStyle, Pagination};

/// The names that the code of this pass imports from `scorekit_core`.
pub(super) const IMPORTS: [&str; 5] = ["Items", "PageStyle", "Paged", "Pages", "Pagination"];

/// The response types that implement `Paged`. Each has the operation whose `x-pagination` the
/// implementation follows.
pub(super) type Told<'a> = HashMap<String, &'a Operation>;

/// Creates the static that describes the paging of the operation.
pub(super) fn descriptor(operation: &Operation) -> Option<Item> {
    let pagination = operation.pagination.as_ref()?;
    let name = descriptor_name(operation);
    let Pagination {
        position,
        size,
        items,
        ..
    } = pagination;
    let style = match pagination.style {
        PageStyle::Offset => quote!(Offset),
        PageStyle::Page { first } => {
            let first = Literal::i64_unsuffixed(first);
            quote!(Page { first: #first })
        }
    };
    let max_size = pagination.max_size.map(|maximum| {
        let maximum = Literal::i64_unsuffixed(maximum);
        quote!(.max_size(#maximum))
    });
    Some(parse_quote! {
        static #name: Pagination =
            Pagination::new(PageStyle::#style, #position, #size, &[#(#items),*]) #max_size;
    })
}

/// Returns the name of the static that describes the paging of the operation.
pub(super) fn descriptor_name(operation: &Operation) -> Ident {
    format_ident!("{}_PAGES", shouty_snake_case(&operation.type_name))
}

/// Creates the methods of the request of an operation that returns `response`.
pub(super) fn methods(operation: &Operation, response: &Type) -> TokenStream {
    if operation.pagination.is_none() {
        return TokenStream::new();
    }
    quote! {
        /// Reads the items of this page and of all pages after it, with one request per page. See
        /// [`Items`] for details.
        pub fn items(self) -> Items<#response> {
            self.0.items()
        }

        /// Reads this page and all pages after it, with one request per page. See [`Pages`] for
        /// details.
        pub fn pages(self) -> Pages<#response> {
            self.0.pages()
        }
    }
}

/// Implements `Paged` for the type `response`; `None` if it is implemented already.
pub(super) fn answer<'a>(
    operation: &'a Operation,
    response: &Type,
    output: &ProgenitorOutput,
    told: &mut Told<'a>,
) -> Result<Option<Item>, Diagnostic> {
    let Some(pagination) = &operation.pagination else {
        return Ok(None);
    };
    let name = last_segment(response).unwrap_or_default();
    if let Some(first) = told.insert(name.clone(), operation) {
        let same =
            |first: &Pagination| first.items == pagination.items && first.total == pagination.total;
        return match &first.pagination {
            Some(first) if !same(first) => Err(Diagnostic::new(
                &pagination.location,
                format!("cannot read pages of `{name}`: two operations find the items or the total in different places"),
                "give both `x-pagination` the same `items` and `total`, or each operation its own response type",
            )
            .with_related(&first.location, "the first `x-pagination`")),
            _ => Ok(None),
        };
    }
    let refused = |path: &[String], problem: &str| {
        Diagnostic::new(
            &pagination.location,
            format!("`{}` of `{name}` {problem}", path.join(".")),
            "make the response an object in `components/schemas` that declares it under `properties`",
        )
    };
    let Some((items, list)) = place(&pagination.items, &name, output, &quote!(.as_mut()?)) else {
        return Err(refused(&pagination.items, "became no field"));
    };
    let item = argument(without_option(&list))
        .filter(|_| is_called(without_option(&list), "Vec"))
        .ok_or_else(|| refused(&pagination.items, "became no list"))?;
    let mut item = item.clone();
    FromTypes(output).visit_type_mut(&mut item);
    let items = match is_called(&list, "Option") {
        true => quote!(#items.as_mut()),
        false => quote!(Some(&mut #items)),
    };
    let total = match &pagination.total {
        None => TokenStream::new(),
        Some(path) => {
            let found = place(path, &name, output, &quote!(.as_ref()?));
            let (total, ty) = found.ok_or_else(|| refused(path, "became no field"))?;
            let total = match (
                is_called(&ty, "Option"),
                is_called(without_option(&ty), "i64"),
            ) {
                (true, true) => total,
                (false, true) => quote!(Some(#total)),
                (true, false) => quote!(#total.map(i64::from)),
                (false, false) => quote!(Some(i64::from(#total))),
            };
            quote! {
                fn total(&self) -> Option<i64> {
                    #total
                }
            }
        }
    };
    Ok(Some(parse_quote! {
        impl Paged for #response {
            type Item = #item;

            fn items(&mut self) -> Option<&mut Vec<Self::Item>> {
                #items
            }

            #total
        }
    }))
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
        let Item::Struct(structure) = output.types.get(&name)? else {
            return None;
        };
        let Fields::Named(fields) = &structure.fields else {
            return None;
        };
        let is_meant = |field: &&Field| !is_flattened(field) && wire_name(field) == *segment;
        let field = fields.named.iter().find(is_meant)?;
        let identifier = field.ident.as_ref()?;
        place.extend(quote!(.#identifier));
        ty = Some(field.ty.clone());
    }
    Some((place, ty?))
}
