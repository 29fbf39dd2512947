//! The crate's client, and the servers and security schemes that its operations name.

use heck::ToShoutySnakeCase;
use indexmap::IndexMap;
use proc_macro2::Ident;
use quote::{format_ident, quote};
use syn::{Item, parse_quote};

use super::documentation;
use crate::generate::model::{Domain, SecurityLocation, SecurityScheme, Server};

pub(super) fn client(domain: &Domain) -> Vec<Item> {
    let mut items: Vec<Item> = vec![parse_quote!(
        use scorekit_core::{Config, Error, SecurityLocation, SecurityScheme, Server, ServerVariable};
    )];
    let mut servers = IndexMap::new();
    let mut schemes = IndexMap::new();
    for operation in &domain.operations {
        servers
            .entry(server_name(&operation.server))
            .or_insert(&operation.server);
        for requirement in operation.security.iter().flatten() {
            schemes
                .entry(scheme_name(&requirement.scheme))
                .or_insert(&requirement.scheme);
        }
    }
    for (identifier, server) in servers {
        let (name, url) = (&server.name, &server.url);
        let variables = server
            .variables
            .iter()
            .map(|(name, default)| quote!(ServerVariable { name: #name, default: #default }));
        items.push(parse_quote! {
            pub(super) static #identifier: Server = Server { name: #name, url: #url, variables: &[#(#variables),*] };
        });
    }
    for (identifier, scheme) in schemes {
        let name = &scheme.name;
        let location = match &scheme.location {
            SecurityLocation::Header(header) => quote!(Header(#header)),
            SecurityLocation::Query(parameter) => quote!(Query(#parameter)),
            SecurityLocation::Cookie(cookie) => quote!(Cookie(#cookie)),
            SecurityLocation::Bearer => quote!(Bearer),
        };
        items.push(parse_quote! {
            pub(super) static #identifier: SecurityScheme =
                SecurityScheme { name: #name, location: SecurityLocation::#location };
        });
    }
    let about = if domain.description.is_empty() {
        format!("The domain `{}`.", domain.tag)
    } else {
        domain.description.clone()
    };
    let about = documentation::attributes(&format!(
        "{about}\n\nA clone shares the configuration and the connections."
    ));
    let items_of_client: [Item; 3] = [
        parse_quote! {
            #(#about)*
            #[derive(Clone, Debug)]
            pub struct Client {
                pub(super) core: scorekit_core::Client,
            }
        },
        parse_quote! {
            impl Client {
                /// A client with connections of its own.
                ///
                /// # Errors
                /// When the configuration cannot be used; the error names the setting and the way out.
                pub fn new(config: Config) -> Result<Self, Error> {
                    scorekit_core::Client::new(config).map(Self::from_core)
                }

                /// A client that shares the configuration and the connections of `core`.
                pub fn from_core(core: scorekit_core::Client) -> Self {
                    Self { core }
                }
            }
        },
        parse_quote! {
            impl From<scorekit_core::Client> for Client {
                fn from(core: scorekit_core::Client) -> Self {
                    Self::from_core(core)
                }
            }
        },
    ];
    items.extend(items_of_client);
    if domain
        .operations
        .iter()
        .all(|operation| operation.security.iter().all(Vec::is_empty))
    {
        // Without a scheme the import would be unused.
        items[0] = parse_quote!(
            use scorekit_core::{Config, Error, Server, ServerVariable};
        );
    }
    if domain
        .operations
        .iter()
        .all(|operation| operation.server.variables.is_empty())
    {
        remove_import(&mut items[0], "ServerVariable");
    }
    items
}

fn remove_import(item: &mut Item, name: &str) {
    if let Item::Use(item) = item
        && let syn::UseTree::Path(path) = &mut item.tree
        && let syn::UseTree::Group(group) = &mut *path.tree
    {
        let keep = |tree: &syn::UseTree| !matches!(tree, syn::UseTree::Name(import) if import.ident == name);
        group.items = std::mem::take(&mut group.items)
            .into_iter()
            .filter(keep)
            .collect();
    }
}

/// The static that describes a server.
pub(super) fn server_name(server: &Server) -> Ident {
    format_ident!("{}_SERVER", identifier(&server.name))
}

/// The static that describes a security scheme.
pub(super) fn scheme_name(scheme: &SecurityScheme) -> Ident {
    format_ident!("{}_SCHEME", identifier(&scheme.name))
}

fn identifier(name: &str) -> String {
    let name = name.to_shouty_snake_case();
    let name: String = name
        .chars()
        .map(|c| if c.is_ascii_alphanumeric() { c } else { '_' })
        .collect();
    if name.starts_with(|first: char| first.is_ascii_alphabetic()) {
        name
    } else {
        format!("N{name}")
    }
}
