//! Creates statics for security schemes and constants for the requirements of operations.
//!
//! Most operations of a document have the same requirement, so each names a constant instead of
//! repeating the list.

use proc_macro2::{Ident, TokenStream};
use quote::{format_ident, quote};
use syn::{Item, parse_quote};

use crate::collections::{HashSet, IndexMap};
use crate::generate::identifiers::shouty_snake_case;
use crate::generate::model::{Domain, Operation, SecurityLocation, SecurityScheme};

/// The names of the schemes in each alternative.
type Alternatives = Vec<Vec<String>>;

/// The different requirements of a domain, each with the name of its constant.
pub(super) struct Requirements(IndexMap<Alternatives, Ident>);

impl Requirements {
    pub(super) fn of(domain: &Domain) -> Self {
        let mut names = IndexMap::default();
        let mut taken = HashSet::default();
        for operation in &domain.operations {
            let alternatives = alternatives(operation);
            if alternatives.is_empty() || names.contains_key(&alternatives) {
                continue;
            }
            let base = base_name(&alternatives);
            let numbered = (2..).map(|number| format!("{base}_{number}"));
            let mut candidates = std::iter::once(base.clone()).chain(numbered);
            let free = candidates.find(|name| taken.insert(name.clone()));
            names.insert(alternatives, format_ident!("{}", free.unwrap_or(base)));
        }
        Self(names)
    }

    /// Creates the constants.
    pub(super) fn items(&self) -> impl Iterator<Item = Item> {
        self.0.iter().map(|(alternatives, name)| {
            let alternatives = alternatives.iter().map(|schemes| {
                let schemes = schemes.iter().map(|scheme| static_name(scheme));
                quote!(&[#(&#schemes),*])
            });
            parse_quote! {
                pub(super) const #name: &[&[&SecurityScheme]] = &[#(#alternatives),*];
            }
        })
    }

    /// Returns the constant of an operation's requirement; `None` if the operation requires
    /// nothing.
    pub(super) fn name(&self, operation: &Operation) -> Option<&Ident> {
        self.0.get(&alternatives(operation))
    }
}

fn alternatives(operation: &Operation) -> Alternatives {
    let alternatives = operation.security.iter();
    alternatives
        .map(|requirements| {
            let schemes = requirements.iter();
            schemes
                .map(|requirement| requirement.scheme.name.clone())
                .collect()
        })
        .collect()
}

/// Returns a name such as `KEY_AND_TOKEN_OR_NOTHING_SECURITY`. The suffix keeps it apart from the
/// names of statics.
fn base_name(alternatives: &Alternatives) -> String {
    let alternatives: Vec<_> = alternatives
        .iter()
        .map(|schemes| match &schemes[..] {
            [] => "NOTHING".to_owned(),
            schemes => {
                let names: Vec<_> = schemes.iter().map(|name| shouty_snake_case(name)).collect();
                names.join("_AND_")
            }
        })
        .collect();
    format!("{}_SECURITY", alternatives.join("_OR_"))
}

/// Creates the statics of the schemes that operations of the domain require.
pub(super) fn schemes(domain: &Domain) -> Vec<Item> {
    let operations = domain.operations.iter();
    let schemes: IndexMap<&str, &SecurityScheme> = operations
        .flat_map(|operation| operation.security.iter().flatten())
        .map(|requirement| (requirement.scheme.name.as_str(), &requirement.scheme))
        .collect();
    schemes
        .into_iter()
        .map(|(name, scheme)| {
            let (identifier, location) = (static_name(name), location(&scheme.location));
            parse_quote! {
                pub(super) static #identifier: SecurityScheme =
                    SecurityScheme::new(#name, SecurityLocation::#location);
            }
        })
        .collect()
}

fn location(location: &SecurityLocation) -> TokenStream {
    match location {
        SecurityLocation::Header(header) => quote!(Header(#header)),
        SecurityLocation::Query(parameter) => quote!(Query(#parameter)),
        SecurityLocation::Cookie(cookie) => quote!(Cookie(#cookie)),
        SecurityLocation::Bearer => quote!(Bearer),
        SecurityLocation::Basic => quote!(Basic),
    }
}

/// Returns the name of the static of the scheme that the document calls `name`.
fn static_name(name: &str) -> Ident {
    format_ident!("{}_SCHEME", shouty_snake_case(name))
}
