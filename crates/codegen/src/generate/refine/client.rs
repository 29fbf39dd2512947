//! Creates the crate's client, and the statics of the servers that its operations name.

use proc_macro2::Ident;
use quote::{format_ident, quote};
use syn::{Item, parse_quote};

use super::{documentation, security};
use crate::collections::IndexMap;
use crate::generate::identifiers::shouty_snake_case;
use crate::generate::model::{Domain, Server};

pub(super) fn client(domain: &Domain) -> Vec<Item> {
    let mut items = servers(domain);
    let schemes = security::schemes(domain);
    let mut imports = vec!["Config", "Error"];
    let requirements: Vec<Item> = security::Requirements::of(domain).items().collect();
    if !schemes.is_empty() {
        imports.push("SecurityLocation");
    }
    // An alternative without schemes needs the type, too.
    if !requirements.is_empty() {
        imports.push("SecurityScheme");
    }
    if !domain.operations.is_empty() {
        imports.push("Server");
    }
    if domain
        .operations
        .iter()
        .any(|operation| !operation.server.variables.is_empty())
    {
        imports.push("ServerVariable");
    }
    items.extend(schemes);
    items.extend(requirements);
    items.extend(struct_and_impls(domain));
    let imports = imports.into_iter().map(|name| format_ident!("{name}"));
    items.insert(0, parse_quote!(use scorekit_core::{#(#imports),*};));
    items
}

/// Creates the statics that describe the servers of the domain's operations.
pub(super) fn servers(domain: &Domain) -> Vec<Item> {
    let operations = domain.operations.iter();
    let servers: IndexMap<Ident, &Server> = operations
        .map(|operation| (server_name(&operation.server), &operation.server))
        .collect();
    servers
        .into_iter()
        .map(|(identifier, server)| {
            let (name, url) = (&server.name, &server.url);
            let variables = (!server.variables.is_empty()).then(|| {
                let variables = server
                    .variables
                    .iter()
                    .map(|(name, default)| quote!(ServerVariable::new(#name, #default)));
                quote!(.variables(&[#(#variables),*]))
            });
            parse_quote! {
                pub(super) static #identifier: Server = Server::new(#name, #url) #variables;
            }
        })
        .collect()
}

/// Creates the type `Client` and its implementations.
fn struct_and_impls(domain: &Domain) -> [Item; 3] {
    let about = if domain.description.is_empty() {
        format!("The domain `{}`.", domain.tag)
    } else {
        domain.description.clone()
    };
    let about = documentation::attributes(&format!(
        "{about}\n\nClones share the configuration and the connections."
    ));
    let unused = domain
        .operations
        .is_empty()
        .then(|| quote!(#[expect(dead_code, reason = "the document has no operations")]));
    [
        parse_quote! {
            #(#about)*
            #[derive(Clone, Debug)]
            pub struct Client {
                #unused
                pub(super) core: scorekit_core::Client,
            }
        },
        parse_quote! {
            impl Client {
                /// Creates a client with its own connections.
                ///
                /// # Errors
                ///
                /// Returns an error if a setting is invalid. The error names the setting.
                pub fn new(config: Config) -> Result<Self, Error> {
                    scorekit_core::Client::new(config).map(Self::from_core)
                }

                /// Creates a client that shares the configuration and the connections of `core`.
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
    ]
}

/// Returns the name of the static that describes a server.
pub(super) fn server_name(server: &Server) -> Ident {
    format_ident!("{}_SERVER", shouty_snake_case(&server.name))
}
