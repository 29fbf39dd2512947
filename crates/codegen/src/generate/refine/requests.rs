//! One slim request type per operation over `scorekit_core::Request`: required values are arguments of the client's
//! method, optional ones setters, and everything that happens on `send` is the runtime's.
//!
//! progenitor's positional methods take every optional value at every call; its builders hold a `Result` per field
//! and repeat the transport in every `send`. From the former come the Rust types of the parameters; the rest is data.

use proc_macro2::{Ident, TokenStream};
use quote::{format_ident, quote};
use syn::{Attribute, Item, Type, parse_quote};

use super::arguments::{body_call, parameter_call};
use super::documentation::{lines, own_lines};
use super::fields::without_option;
use super::security::Requirements;
use super::select::{Selected, Signature, is_called};
use super::{bulk, descriptor, documentation, pages, resources};
use crate::document::diagnostic::Diagnostic;
use crate::generate::model::{BodyFormat, Domain, Operation, Parameter, ParameterPlace};

/// What an operation becomes.
pub(super) struct RequestSource {
    /// The operation's resource.
    pub(super) resource: String,
    /// The descriptor, the client's method, the request type and its methods.
    pub(super) items: Vec<Item>,
}

pub(super) fn requests(
    selected: &Selected,
    domain: &Domain,
) -> Result<Vec<RequestSource>, Diagnostic> {
    let requirements = Requirements::of(domain);
    let mut told = pages::Told::new();
    let mut requests = Vec::new();
    for operation in &domain.operations {
        let signature = selected.signatures.get(&operation.method_name);
        let push = match signature {
            Some(signature) => bulk::method(operation, signature, selected)?,
            None => TokenStream::new(),
        };
        let items = signature
            .and_then(|signature| request(operation, signature, selected, &requirements, &push));
        let (Some(signature), Some(mut items)) = (signature, items) else {
            let message = format!("the operation `{}` became no Rust method", operation.id);
            return Err(Diagnostic::new(
                &operation.location,
                message,
                "rename the operation or the parameter that clashes",
            ));
        };
        items.extend(pages::answer(
            operation,
            &signature.response,
            selected,
            &mut told,
        )?);
        requests.push(RequestSource {
            resource: operation.resource.clone(),
            items,
        });
    }
    Ok(requests)
}

/// `push` is the method of the request that takes many items.
fn request(
    operation: &Operation,
    signature: &Signature,
    selected: &Selected,
    requirements: &Requirements,
    push: &TokenStream,
) -> Option<Vec<Item>> {
    let descriptor_name = descriptor::name(operation);
    let method_name = format_ident!("{}", operation.method_name);
    let type_name = format_ident!("{}", operation.type_name);
    let response = &match operation.response_format {
        BodyFormat::Bytes => parse_quote!(Bytes),
        _ => signature.response.clone(),
    };
    let choices = super::alternatives::choices(selected);
    let opened = opened(operation, signature, selected);

    let mut arguments = Vec::<TokenStream>::new();
    let mut calls = Vec::<TokenStream>::new();
    let mut setters = Vec::<TokenStream>::new();
    for parameter in &operation.parameters {
        let name = format_ident!("{}", parameter.rust_name);
        let (ty, call) = parameter_call(parameter, signature, &choices)?;
        if parameter.required {
            arguments.push(quote!(#name: #ty));
            calls.push(call);
        } else {
            let documentation = documentation::attributes(&parameter_text(parameter));
            let deprecated = parameter
                .deprecated
                .then(|| quote!(#[deprecated = "the vendor advises against this parameter"]));
            setters.push(quote! {
                #(#documentation)*
                #deprecated
                pub fn #name(self, #name: #ty) -> Self {
                    Self(self.0 #call)
                }
            });
        }
    }
    if operation.request_body.is_some() {
        let (ty, call) = body_call(operation, signature)?;
        if operation.body_required {
            arguments.push(quote!(body: #ty));
            calls.push(call);
        } else {
            setters.push(quote! {
                /// Sets the body, which may be left out.
                pub fn body(self, body: #ty) -> Self {
                    Self(self.0 #call)
                }
            });
        }
    }

    let media_type = operation.request_media_type.to_ascii_lowercase();
    if operation.request_body.is_none() && operation.body_required && !media_type.is_empty() {
        // A body that has to be there is, even if nothing in it is set.
        calls.push(if media_type.starts_with("multipart/") {
            quote!(.multipart())
        } else {
            quote!(.form())
        });
    }
    if let Some(accepted) = &operation.accepted {
        calls.push(quote!(.accept(#accepted)));
    }

    let page_methods = pages::methods(operation, response);
    let method_documentation = method_text(operation);
    let type_documentation =
        documentation::own_line(&format!("The request of [`Client::{method_name}`]."));
    let deprecated = deprecated(operation);
    let mut items = descriptor::descriptors(operation, requirements);
    items.push(parse_quote! {
        impl Client {
            #(#method_documentation)*
            #deprecated
            pub fn #method_name(&self, #(#arguments),*) -> #type_name {
                #type_name(self.core.request(&#descriptor_name) #(#calls)*)
            }
        }
    });
    let common = quote! {
        #(#setters)*

        /// Sets time limits, retries and the like for this call alone.
        pub fn with(self, options: CallOptions) -> Self {
            Self(self.0.options(options))
        }

        #push
    };
    let send_method = match operation.response_format {
        BodyFormat::Bytes => quote!(send_bytes),
        _ => quote!(send),
    };
    let send = quote! {
        /// Sends the request.
        pub async fn send(self) -> Result<Response<#response>, Error> {
            self.0.#send_method().await
        }
    };
    let Some(data) = opened else {
        items.push(parse_quote! {
            #(#type_documentation)*
            #[must_use = "a request does nothing until it is sent"]
            #[derive(Clone, Debug)]
            pub struct #type_name(Request<#response>);
        });
        items.push(parse_quote! {
            impl #type_name {
                #common

                #send

                #page_methods
            }
        });
        return Some(items);
    };
    let send_data = if is_called(&data, "Vec") {
        quote!(send_data_list)
    } else {
        quote!(send_data)
    };
    items.push(parse_quote! {
        #(#type_documentation)*
        #[must_use = "a request does nothing until it is sent"]
        #[derive(Clone, Debug)]
        pub struct #type_name<Answer = #response>(Request<Answer>);
    });
    items.push(parse_quote! {
        impl<Answer> #type_name<Answer> {
            #common
        }
    });
    items.push(parse_quote! {
        impl #type_name {
            /// Asks for the member `data` of the answer alone, without the envelope around it.
            pub fn data_only(self) -> #type_name<#data> {
                #type_name(self.0.answered_with())
            }

            #send
        }
    });
    items.push(parse_quote! {
        impl #type_name<#data> {
            /// Sends the request.
            pub async fn send(self) -> Result<Response<#data>, Error> {
                self.0.#send_data().await
            }
        }
    });
    Some(items)
}

fn parameter_text(parameter: &Parameter) -> String {
    let mut text = parameter.description.clone();
    if text.is_empty() {
        text = format!("The parameter `{}`.", parameter.name);
    }
    let place = match parameter.place {
        ParameterPlace::Path => "path",
        ParameterPlace::Query => "query",
        ParameterPlace::Header => "header",
        ParameterPlace::Cookie => "cookie",
        ParameterPlace::Field => "form",
        ParameterPlace::Part(_) => "body",
    };
    if parameter.deprecated {
        text.push_str("\n\nDeprecated: the vendor advises against it.");
    }
    text + &format!("\n\nSent as the {place} parameter `{}`.", parameter.name)
}

/// What an operation is for, where it goes and which page of the vendor's describes it.
fn outline(operation: &Operation, with_description: bool) -> Vec<Vec<String>> {
    let mut sections = Vec::new();
    if !operation.summary.is_empty() {
        sections.push(lines(&format!(
            "{}.",
            operation.summary.trim_end_matches('.')
        )));
    }
    if with_description && !operation.description.is_empty() {
        sections.push(lines(&operation.description));
    }
    let page = operation
        .documentation
        .as_ref()
        .map(|url| format!(" ([documentation]({url}))"))
        .unwrap_or_default();
    sections.push(lines(&format!(
        "`{} {}`{page}",
        operation.method, operation.path
    )));
    if operation.preview {
        sections.push(lines(
            "**Preview**: the vendor may change or remove this operation without notice. The first call of a \
             client says so in a warning.",
        ));
    }
    sections
}

/// Everything there is to say of an operation; `body` says what its body may be, if that needs saying.
pub(super) fn full_text(operation: &Operation, body: Option<&str>) -> Vec<Vec<String>> {
    let mut sections = outline(operation, true);
    let mut arguments = Vec::new();
    for parameter in operation
        .parameters
        .iter()
        .filter(|parameter| parameter.required)
    {
        let text = parameter.description.replace('\n', " ");
        let text = if text.is_empty() {
            format!("the parameter `{}`", parameter.name)
        } else {
            text
        };
        arguments.extend(lines(&format!("- `{}`: {text}", parameter.rust_name)));
    }
    if let Some(body) = body {
        arguments.extend(own_lines(&format!("- `body`: {body}")));
    }
    if !arguments.is_empty() {
        sections.push(lines("# Arguments"));
        sections.push(arguments);
    }
    let errors: Vec<_> = operation
        .statuses
        .iter()
        .map(|(status, _)| status.as_str())
        .filter(|status| !status.starts_with('2'))
        .collect();
    if !errors.is_empty() {
        sections.push(lines("# Errors"));
        sections.push(lines(&format!(
            "Statuses that the vendor documents: {}.",
            errors.join(", ")
        )));
    }
    let scopes: Vec<_> = operation
        .security
        .iter()
        .flatten()
        .flat_map(|requirement| &requirement.scopes)
        .collect();
    if !scopes.is_empty() {
        let scopes: Vec<_> = scopes.iter().map(|scope| format!("`{scope}`")).collect();
        sections.push(lines(&format!("OAuth scopes: {}.", scopes.join(", "))));
    }
    sections
}

/// What the client's own method says: everything, unless the method of the resource does.
fn method_text(operation: &Operation) -> Vec<Attribute> {
    let Some(verb) = &operation.verb else {
        return documentation::sections(full_text(operation, None));
    };
    let mut sections = outline(operation, false);
    let handle = resources::handle_name(operation);
    sections.push(own_lines(&format!(
        "See [`{handle}::{verb}`](crate::resources::{handle}::{verb}) for details."
    )));
    documentation::sections(sections)
}

/// The arguments that a request cannot do without, the body apart: names and types.
pub(super) fn required_arguments<'a>(
    operation: &'a Operation,
    signature: &'a Signature,
) -> Option<Vec<(Ident, &'a Type)>> {
    let required = operation
        .parameters
        .iter()
        .filter(|parameter| parameter.required);
    required
        .map(|parameter| {
            let ty = without_option(signature.arguments.get(&parameter.rust_name)?);
            Some((format_ident!("{}", parameter.rust_name), ty))
        })
        .collect()
}

/// What the answer holds if it is an envelope and no page of a list.
pub(super) fn opened(
    operation: &Operation,
    signature: &Signature,
    selected: &Selected,
) -> Option<Type> {
    if operation.pagination.is_some() {
        return None;
    }
    super::envelopes::opened(&signature.response, selected)
}

/// What the compiler says of a deprecated operation.
pub(super) fn deprecated(operation: &Operation) -> Option<TokenStream> {
    operation
        .deprecated
        .then(|| quote!(#[deprecated = "the vendor advises against this operation"]))
}
