//! The crate's client, and the servers and security schemes that its operations name.

use indexmap::IndexMap;
use proc_macro2::Ident;
use quote::{format_ident, quote};
use syn::{Item, parse_quote};

use super::documentation;
use crate::generate::identifiers::shouty_snake_case;
use crate::generate::model::{Domain, SecurityLocation, SecurityScheme, Server};

pub(super) fn client(domain: &Domain) -> Vec<Item> {
    let mut imports = vec!["Config", "Error"];
    let mut items = Vec::<Item>::new();
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
    for (identifier, server) in &servers {
        let (name, url) = (&server.name, &server.url);
        let variables = server
            .variables
            .iter()
            .map(|(name, default)| quote!(ServerVariable { name: #name, default: #default }));
        items.push(parse_quote! {
            pub(super) static #identifier: Server = Server { name: #name, url: #url, variables: &[#(#variables),*] };
        });
    }
    for (identifier, scheme) in &schemes {
        let name = &scheme.name;
        let location = match &scheme.location {
            SecurityLocation::Header(header) => quote!(Header(#header)),
            SecurityLocation::Query(parameter) => quote!(Query(#parameter)),
            SecurityLocation::Cookie(cookie) => quote!(Cookie(#cookie)),
            SecurityLocation::Bearer => quote!(Bearer),
            SecurityLocation::Basic => quote!(Basic),
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
    imports.extend(if schemes.is_empty() {
        &[][..]
    } else {
        &["SecurityLocation", "SecurityScheme"]
    });
    imports.push("Server");
    imports.extend(
        domain
            .operations
            .iter()
            .any(|operation| !operation.server.variables.is_empty())
            .then_some("ServerVariable"),
    );
    let imports = imports.into_iter().map(|name| format_ident!("{name}"));
    items.insert(0, parse_quote!(use scorekit_core::{#(#imports),*};));
    items
}

/// The static that describes a server.
pub(super) fn server_name(server: &Server) -> Ident {
    format_ident!("{}_SERVER", shouty_snake_case(&server.name))
}

/// The static that describes a security scheme.
pub(super) fn scheme_name(scheme: &SecurityScheme) -> Ident {
    format_ident!("{}_SCHEME", shouty_snake_case(&scheme.name))
}
