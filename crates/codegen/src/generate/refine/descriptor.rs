//! Creates the static that describes an operation to the runtime. It sets only the values that
//! differ from the runtime's defaults.

use proc_macro2::{Ident, TokenStream};
use quote::{format_ident, quote};
use syn::{Item, parse_quote};

use super::security::Requirements;
use super::{bulk, client, operation_text, pages};
use crate::generate::identifiers::shouty_snake_case;
use crate::generate::model::{BodyFormat, Operation, ParameterPlace};

/// The methods that the runtime treats as idempotent by default.
const IDEMPOTENT: [&str; 6] = ["GET", "HEAD", "OPTIONS", "TRACE", "PUT", "DELETE"];

/// Creates the static of an operation, after the statics that it refers to.
pub(super) fn descriptors(operation: &Operation, requirements: &Requirements) -> Vec<Item> {
    let operation_item = self::operation(operation, requirements);
    let related = [pages::descriptor(operation), bulk::descriptor(operation)];
    related
        .into_iter()
        .flatten()
        .chain([operation_item])
        .collect()
}

/// Creates the static of an operation alone.
pub(super) fn operation(operation: &Operation, requirements: &Requirements) -> Item {
    let name = name(operation);
    let (id, path) = (&operation.id, &operation.path);
    let method = format_ident!("{}", operation.method);
    let server = client::server_name(&operation.server);
    let settings = settings(operation, requirements);
    parse_quote! {
        static #name: Operation =
            Operation::new(#id, Method::#method, #path, &client::#server) #settings;
    }
}

/// Returns the name of the static of an operation.
pub(in crate::generate) fn name(operation: &Operation) -> Ident {
    format_ident!("{}_OPERATION", shouty_snake_case(&operation.type_name))
}

/// Creates the calls that set the values that differ from the defaults.
fn settings(operation: &Operation, requirements: &Requirements) -> TokenStream {
    let mut settings = TokenStream::new();
    if let Some(security) = requirements.name(operation) {
        settings.extend(quote!(.security(client::#security)));
    }
    let scopes = operation_text::scopes(operation);
    if !scopes.is_empty() {
        settings.extend(quote!(.scopes(&[#(#scopes),*])));
    }
    let headers: Vec<_> = operation
        .parameters
        .iter()
        .filter(|parameter| parameter.place == ParameterPlace::Header)
        .map(|parameter| &parameter.name)
        .collect();
    if !headers.is_empty() {
        settings.extend(quote!(.headers(&[#(#headers),*])));
    }
    if let Some(response) = response(operation) {
        settings.extend(quote!(.response(BodyKind::#response)));
    }
    if operation.pagination.is_some() {
        let pagination = pages::descriptor_name(operation);
        settings.extend(quote!(.pagination(&#pagination)));
    }
    if operation.idempotent != IDEMPOTENT.contains(&operation.method.as_str()) {
        let safety = match operation.idempotent {
            true => quote!(Idempotent),
            false => quote!(OnlyUnprocessed),
        };
        settings.extend(quote!(.retry(RetrySafety::#safety)));
    }
    if !operation.unavailable_sites.is_empty() {
        let hosts = &operation.unavailable_sites;
        settings.extend(quote!(.unavailable_sites(&[#(#hosts),*])));
    }
    if operation.preview {
        settings.extend(quote!(.preview()));
    }
    settings
}

/// Returns the body kind of a successful response; `None` for JSON.
fn response(operation: &Operation) -> Option<TokenStream> {
    if !operation.responses.is_empty() {
        let bodies = operation.responses.iter().map(|response| {
            let status = &response.status;
            let body = body_kind(response.schema.is_some(), response.format);
            quote!(DocumentedResponse::new(#status, BodyKind::#body))
        });
        return Some(quote!(ByStatus(&[#(#bodies),*])));
    }
    let has_body = operation.response_body.is_some();
    match operation.response_format {
        BodyFormat::Json if has_body => None,
        format => Some(body_kind(has_body, format)),
    }
}

/// Returns the runtime's name for a body kind.
fn body_kind(has_body: bool, format: BodyFormat) -> TokenStream {
    match format {
        _ if !has_body => quote!(Empty),
        BodyFormat::Json => quote!(Json),
        BodyFormat::JsonLines => quote!(JsonLines),
        BodyFormat::Events => quote!(Events),
        BodyFormat::Text => quote!(Text),
        BodyFormat::Bytes => quote!(Bytes),
    }
}
