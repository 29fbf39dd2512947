//! Creates the methods that return a response as it arrives: events, lines or bytes.
//!
//! The types are written with their crate, because a document may have an operation or a schema of
//! the same name, such as `Download`.

use proc_macro2::{Ident, TokenStream};
use quote::{format_ident, quote};
use syn::{Type, parse_quote};

use super::rust_type::{argument, is_called};
use super::source::{ProgenitorOutput, Signature};
use crate::generate::model::{BodyFormat, Operation};

/// Returns the type of a stream of events with this data.
pub(super) fn events(data: &Type) -> Type {
    parse_quote!(scorekit_core::EventStream<#data>)
}

/// Returns the runtime's method for events with this data. Data that is a string is not JSON.
pub(super) fn events_method(data: &Type) -> Ident {
    match is_called(data, "String") {
        true => format_ident!("stream_text_events"),
        false => format_ident!("stream_events"),
    }
}

/// Creates the method `stream` of the request of an operation that has one in addition to `send`.
pub(super) fn method(
    operation: &Operation,
    signature: &Signature,
    output: &ProgenitorOutput,
) -> TokenStream {
    if !operation.has_stream_method() {
        return TokenStream::new();
    }
    let beside = operation.stream.as_ref();
    let beside = beside.and_then(|it| Some((it, output.signatures.get(&it.method_name)?)));
    match (beside, operation.response_format) {
        (Some((stream, signature)), _) if stream.format == BodyFormat::Events => {
            let data = &signature.response;
            let (ty, method) = (events(data), events_method(data));
            quote! {
                /// Sends the request, asks for events instead of the usual response, and returns
                /// them as they arrive. Some servers also need a property of the request body, such
                /// as `"stream": true`.
                pub async fn stream(self) -> Result<Response<#ty>, Error> {
                    self.0.#method().await
                }
            }
        }
        (Some((stream, signature)), _) => {
            let media_type = &stream.media_type;
            lines(&signature.response, &quote!(.accept(#media_type)))
        }
        (None, BodyFormat::JsonLines) => match argument(&signature.response) {
            Some(item) => lines(item, &TokenStream::new()),
            None => TokenStream::new(),
        },
        (None, _) => quote! {
            /// Sends the request, and returns the bytes of the response as they arrive.
            pub async fn stream(self) -> Result<Response<scorekit_core::Download>, Error> {
                self.0.stream_bytes().await
            }
        },
    }
}

/// Creates the method for lines. `accept` asks for them where the operation does not.
fn lines(item: &Type, accept: &TokenStream) -> TokenStream {
    quote! {
        /// Sends the request, and returns the values of the lines of the response as they arrive.
        pub async fn stream(self) -> Result<Response<scorekit_core::LineStream<#item>>, Error> {
            self.0 #accept.stream_lines().await
        }
    }
}
