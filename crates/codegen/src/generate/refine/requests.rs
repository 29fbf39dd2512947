//! Adds a small request type per operation over `scorekit_core::Request`. Required values are
//! arguments of the client's method, optional ones setters. The runtime does everything that
//! happens on `send`.
//!
//! progenitor's positional methods take every optional value at every call. Its builders hold a
//! `Result` per field and repeat the transport in every `send`. The Rust types of the parameters
//! come from the positional methods.

use proc_macro2::{Ident, TokenStream};
use quote::{format_ident, quote};
use syn::{Item, Type, parse_quote};

use super::arguments::{body_call, optional_call, parameter_call};
use super::constructors::kind_parameter;
use super::operation_text::{method_text, parameter_text};
use super::rust_type::{argument, is_called};
use super::security::Requirements;
use super::source::{ProgenitorOutput, RequestSource, Signature};
use super::{
    bulk, descriptor, documentation, envelopes, operation_text, pages, streams, union_variants,
};
use crate::collections::HashSet;
use crate::document::diagnostic::Diagnostic;
use crate::generate::model::{BodyFormat, Domain, Operation, Parameter};

pub(super) fn requests(
    output: &ProgenitorOutput,
    domain: &Domain,
) -> Result<Vec<RequestSource>, Diagnostic> {
    let requirements = Requirements::of(domain);
    let mut requests = Vec::new();
    for operation in &domain.operations {
        let no_method = || {
            let message = format!("the operation `{}` has no Rust method", operation.id);
            let help = "rename the operation or the parameter that clashes";
            Diagnostic::new(&operation.location, message, help)
        };
        let signature = output
            .signatures
            .get(&operation.method_name)
            .ok_or_else(no_method)?;
        let push = bulk::method(operation, signature, output)?;
        let inputs = Inputs::of(operation, signature, output).ok_or_else(no_method)?;
        let mut items = descriptor::descriptors(operation, &requirements);
        items.push(client_method(operation, &inputs));
        let setters = setters(&inputs, &push);
        items.extend(
            match envelopes::opened_response(operation, signature, output) {
                Some(data) => enveloped_request(operation, signature, &setters, &data, output),
                None => plain_request(operation, signature, &setters, output),
            },
        );
        requests.push(RequestSource {
            resource: operation.resource.clone(),
            items,
        });
    }
    Ok(requests)
}

/// The code for the parameters and the body of an operation.
#[derive(Default)]
struct Inputs {
    /// The arguments of the client's method.
    arguments: Vec<TokenStream>,
    /// The runtime calls that pass the arguments on.
    calls: Vec<TokenStream>,
    /// The setters of optional values.
    setters: Vec<TokenStream>,
}

impl Inputs {
    fn of(operation: &Operation, signature: &Signature, output: &ProgenitorOutput) -> Option<Self> {
        let mut inputs = Self::default();
        let unions = union_variants::names(output);
        for parameter in &operation.parameters {
            inputs.add_parameter(parameter, signature, &unions)?;
        }
        if operation.request_body.is_some() {
            inputs.add_body(operation, signature)?;
        }
        let media_type = operation.request_media_type.to_ascii_lowercase();
        if operation.request_body.is_none() && operation.body_required && !media_type.is_empty() {
            // A required form is sent even if none of its fields is set.
            inputs.calls.push(if media_type.starts_with("multipart/") {
                quote!(.multipart())
            } else {
                quote!(.form())
            });
        }
        if let Some(accepted) = &operation.accepted {
            inputs.calls.push(quote!(.accept(#accepted)));
        }
        Some(inputs)
    }

    fn add_parameter(
        &mut self,
        parameter: &Parameter,
        signature: &Signature,
        unions: &HashSet<String>,
    ) -> Option<()> {
        let name = format_ident!("{}", parameter.rust_name);
        let (ty, call) = parameter_call(parameter, signature, unions)?;
        if parameter.required {
            self.arguments.push(quote!(#name: #ty));
            self.calls.push(call);
            return Some(());
        }
        let optional = optional_call(parameter, signature, unions, &call);
        let (ty, call) = optional.unwrap_or((ty, call));
        let generics = kind_parameter(&ty);
        let documentation = documentation::attributes(&parameter_text(parameter));
        let deprecated = parameter
            .deprecated
            .then(|| quote!(#[deprecated = "the vendor advises against this parameter"]));
        self.setters.push(quote! {
            #(#documentation)*
            #deprecated
            pub fn #name #generics(self, #name: #ty) -> Self {
                Self(self.0 #call)
            }
        });
        Some(())
    }

    fn add_body(&mut self, operation: &Operation, signature: &Signature) -> Option<()> {
        let (ty, call) = body_call(operation, signature)?;
        if operation.body_required {
            self.arguments.push(quote!(body: #ty));
            self.calls.push(call);
        } else {
            self.setters.push(quote! {
                /// Sets the request body.
                pub fn body(self, body: #ty) -> Self {
                    Self(self.0 #call)
                }
            });
        }
        Some(())
    }
}

/// Creates the client's method that creates the request.
fn client_method(operation: &Operation, inputs: &Inputs) -> Item {
    let descriptor = descriptor::name(operation);
    let method = format_ident!("{}", operation.method_name);
    let request = format_ident!("{}", operation.type_name);
    let documentation = method_text(operation);
    let deprecated = operation_text::deprecated(operation);
    let Inputs {
        arguments, calls, ..
    } = inputs;
    parse_quote! {
        impl Client {
            #(#documentation)*
            #deprecated
            pub fn #method(&self, #(#arguments),*) -> #request {
                #request(self.core.request(&#descriptor) #(#calls)*)
            }
        }
    }
}

/// Creates the methods of a request that do not depend on the type of its response.
fn setters(inputs: &Inputs, push: &TokenStream) -> TokenStream {
    let setters = &inputs.setters;
    quote! {
        #(#setters)*

        /// Sets options for this call only, such as timeouts and retries.
        pub fn with(self, options: CallOptions) -> Self {
            Self(self.0.options(options))
        }

        #push
    }
}

/// Creates the request type of an operation whose response is not an envelope.
fn plain_request(
    operation: &Operation,
    signature: &Signature,
    setters: &TokenStream,
    output: &ProgenitorOutput,
) -> Vec<Item> {
    let request = format_ident!("{}", operation.type_name);
    let documentation = type_text(operation);
    let response = response(operation, signature);
    let send = send(operation, &response);
    let page_methods = pages::methods(operation, &response, output);
    let stream = streams::method(operation, signature, output);
    vec![
        parse_quote! {
            #(#documentation)*
            #[must_use = "a request does nothing until it is sent"]
            #[derive(Clone, Debug)]
            pub struct #request(Request<#response>);
        },
        parse_quote! {
            impl #request {
                #setters

                #send

                #stream

                #page_methods
            }
        },
        shared_trait(
            &parse_quote!(#request),
            &response,
            &send_method(operation, &response),
        ),
    ]
}

/// Creates the request type of an operation whose response is an envelope around `data`.
fn enveloped_request(
    operation: &Operation,
    signature: &Signature,
    setters: &TokenStream,
    data: &Type,
    output: &ProgenitorOutput,
) -> Vec<Item> {
    let request = format_ident!("{}", operation.type_name);
    let documentation = type_text(operation);
    let response = response(operation, signature);
    let send = send(operation, &response);
    let stream = streams::method(operation, signature, output);
    let send_data = match is_called(data, "Vec") {
        true => "send_data_list",
        false => "send_data",
    };
    let send_data = format_ident!("{send_data}");
    vec![
        parse_quote! {
            #(#documentation)*
            #[must_use = "a request does nothing until it is sent"]
            #[derive(Clone, Debug)]
            pub struct #request<T = #response>(Request<T>);
        },
        parse_quote! {
            impl<T> #request<T> {
                #setters
            }
        },
        parse_quote! {
            impl #request {
                /// Reads only `data` of the response, without the envelope around it.
                pub fn data_only(self) -> #request<#data> {
                    #request(self.0.decode_as())
                }

                #send

                #stream
            }
        },
        parse_quote! {
            impl #request<#data> {
                /// Sends the request.
                pub async fn send(self) -> Result<Response<#data>, Error> {
                    self.0.#send_data().await
                }
            }
        },
        shared_trait(
            &parse_quote!(#request),
            &response,
            &send_method(operation, &response),
        ),
        shared_trait(&parse_quote!(#request<#data>), data, &send_data),
    ]
}

fn type_text(operation: &Operation) -> Vec<syn::Attribute> {
    documentation::own_line(&format!(
        "The request of [`Client::{}`].",
        operation.method_name
    ))
}

fn response(operation: &Operation, signature: &Signature) -> Type {
    match operation.response_format {
        BodyFormat::Bytes => parse_quote!(Bytes),
        BodyFormat::Events => streams::events(&signature.response),
        _ => signature.response.clone(),
    }
}

fn send(operation: &Operation, response: &Type) -> TokenStream {
    let method = send_method(operation, response);
    let text = match operation.response_format {
        BodyFormat::Events => "Sends the request, and returns its events as they arrive.",
        _ => "Sends the request.",
    };
    let documentation = documentation::attributes(text);
    quote! {
        #(#documentation)*
        pub async fn send(self) -> Result<Response<#response>, Error> {
            self.0.#method().await
        }
    }
}

/// The types that responses are decoded into more leniently than by serde's traits.
const LENIENT: [&str; 6] = ["Vec", "BTreeMap", "Map", "i32", "i64", "u64"];

/// Returns the runtime's method that sends the request.
fn send_method(operation: &Operation, response: &Type) -> Ident {
    match operation.response_format {
        BodyFormat::Bytes => format_ident!("send_bytes"),
        BodyFormat::Events => streams::events_method(argument(response).unwrap_or(response)),
        // serde's traits of these types are not lenient.
        _ if LENIENT.iter().any(|name| is_called(response, name)) => format_ident!("send_json"),
        _ => format_ident!("send"),
    }
}

/// Implements the trait that all requests share.
fn shared_trait(request: &Type, response: &Type, send: &Ident) -> Item {
    parse_quote! {
        scorekit_core::api_request!(#request, #response, #send);
    }
}
