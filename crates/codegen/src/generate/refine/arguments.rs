//! Chooses the Rust type that a method takes for a parameter or a body, and the runtime call that
//! sets it.

use proc_macro2::{Ident, TokenStream};
use quote::{format_ident, quote};
use syn::{Type, parse_quote};

use super::constructors::{conversion, optional_argument};
use super::rust_type::{argument, is_called, without_options};
use super::source::Signature;
use crate::collections::HashSet;
use crate::generate::model::{BodyFormat, Operation, Parameter, ParameterPlace, PartFormat};

/// Types that are passed by value.
const SCALARS: [&str; 7] = ["bool", "f32", "f64", "i32", "i64", "u32", "u64"];

/// Returns the type that a method takes for a parameter, and the call that sets it.
pub(super) fn parameter_call(
    parameter: &Parameter,
    signature: &Signature,
    unions: &HashSet<String>,
) -> Option<(TokenStream, TokenStream)> {
    let (wire_name, name) = (&parameter.name, format_ident!("{}", parameter.rust_name));
    let media_type = &parameter.media_type;
    match parameter.place {
        ParameterPlace::Part(PartFormat::File) => {
            return Some((
                quote!(impl Into<Part>),
                quote!(.file(#wire_name, #media_type, #name)),
            ));
        }
        ParameterPlace::Part(PartFormat::Files) => {
            return Some((
                quote!(impl IntoIterator<Item = impl Into<Part>>),
                quote!(.files(#wire_name, #media_type, #name)),
            ));
        }
        _ => {}
    }
    let ty = without_options(signature.arguments.get(&parameter.rust_name)?);
    let is_serialized = matches!(
        parameter.place,
        ParameterPlace::Part(PartFormat::Json | PartFormat::Items)
    );
    if parameter.style.is_none() && !is_serialized {
        let call = match parameter.place {
            ParameterPlace::Path => quote!(.path(#wire_name, &#name)),
            ParameterPlace::Query => quote!(.query(#wire_name, &#name)),
            ParameterPlace::Header => quote!(.header(#wire_name, &#name)),
            ParameterPlace::Cookie => quote!(.cookie(#wire_name, &#name)),
            ParameterPlace::Field | ParameterPlace::Part(_) => {
                let text = quote!(#name.to_string());
                match media_type {
                    Some(said) => quote!(.part(#wire_name, Part::from(#text).media_type(#said))),
                    None => quote!(.part(#wire_name, #text)),
                }
            }
        };
        return Some((quote!(#ty), call));
    }
    // Lists and objects are taken as the fields of types take them, or else by reference.
    let owned = match ty {
        Type::Reference(reference) => &*reference.elem,
        ty => ty,
    };
    let (ty, value) = match (owned, conversion(owned, &name, unions)) {
        (Type::Path(path), _) if path.path.is_ident("str") => (quote!(&str), quote!(#name)),
        (Type::Path(path), _) if SCALARS.iter().any(|name| path.path.is_ident(name)) => {
            (quote!(#owned), quote!(&#name))
        }
        (_, (ty, Some(value))) => (ty, quote!(&{ let value: #owned = #value; value })),
        (owned, (_, None)) => (quote!(&#owned), quote!(#name)),
    };
    let method = match parameter.place {
        ParameterPlace::Path => quote!(path_value),
        ParameterPlace::Query => quote!(query_value),
        ParameterPlace::Header => quote!(header_value),
        ParameterPlace::Cookie => quote!(cookie_value),
        ParameterPlace::Field => quote!(field),
        ParameterPlace::Part(format) => {
            let call = match (format, media_type) {
                (PartFormat::Items, None) => quote!(.item_parts(#wire_name, None, #value)),
                (PartFormat::Items, Some(said)) => {
                    quote!(.item_parts(#wire_name, Some(#said), #value))
                }
                (_, None) => quote!(.json_part(#wire_name, #value)),
                (_, Some(said)) => quote!(.json_part_as(#wire_name, #said, #value)),
            };
            return Some((ty, call));
        }
    };
    let style = format_ident!("{}", parameter.style?);
    let call = quote!(.#method(#wire_name, ParameterStyle::#style, #value));
    Some((ty, call))
}

/// Returns the type that a setter takes for an optional parameter, which may be an `Option`, and
/// the call that sets it. `call` sets the value.
pub(super) fn optional_call(
    parameter: &Parameter,
    signature: &Signature,
    unions: &HashSet<String>,
    call: &TokenStream,
) -> Option<(TokenStream, TokenStream)> {
    let is_serialized = match parameter.place {
        ParameterPlace::Part(PartFormat::File | PartFormat::Files) => return None,
        ParameterPlace::Part(PartFormat::Json | PartFormat::Items) => true,
        _ => parameter.style.is_some(),
    };
    let name = format_ident!("{}", parameter.rust_name);
    let ty = without_options(signature.arguments.get(&parameter.rust_name)?);
    let owned: Type = match ty {
        Type::Reference(reference) => match &*reference.elem {
            Type::Path(path) if path.path.is_ident("str") => parse_quote!(String),
            owned if is_called(owned, "Vec") => owned.clone(),
            _ => return None,
        },
        Type::Path(_) => ty.clone(),
        _ => return None,
    };
    // The call takes the value as a required parameter would be: strings and structures by
    // reference.
    let borrow = if !is_serialized || SCALARS.iter().any(|name| is_called(&owned, name)) {
        None
    } else if is_called(&owned, "String") {
        Some(quote!(let #name = #name.as_str();))
    } else if conversion(&owned, &name, unions).1.is_none() {
        Some(quote!(let #name = &#name;))
    } else {
        None
    };
    let (ty, value) = optional_argument(&owned, &name);
    let wire_name = &parameter.name;
    let plain = match parameter.place {
        _ if parameter.style.is_some() => None,
        ParameterPlace::Query => Some(format_ident!("query_if")),
        ParameterPlace::Header => Some(format_ident!("header_if")),
        ParameterPlace::Cookie => Some(format_ident!("cookie_if")),
        _ => None,
    };
    if let Some(method) = plain {
        return Some((ty, quote!(.#method(#wire_name, #value))));
    }
    let set = match borrow {
        Some(borrow) => quote!({ #borrow request #call }),
        None => quote!(request #call),
    };
    Some((ty, quote!(.if_some(#value, |request, #name| #set))))
}

/// Returns the type that a method takes for a body, and the call that sets it.
pub(super) fn body_call(
    operation: &Operation,
    signature: &Signature,
) -> Option<(TokenStream, TokenStream)> {
    let media_type = &operation.request_media_type;
    let ty = body_type(signature.arguments.get("body")?);
    Some(match operation.request_format {
        BodyFormat::Json => {
            // Nullable bodies, numbers and enums are passed by value.
            let value = match &ty {
                Type::Reference(_) => quote!(body),
                _ => quote!(&body),
            };
            let call = match &operation.json_media_type {
                Some(media_type) => quote!(.json_as(#media_type, #value)),
                None => quote!(.json(#value)),
            };
            (quote!(#ty), call)
        }
        BodyFormat::JsonLines => {
            let item = match &ty {
                Type::Reference(reference) => match &*reference.elem {
                    Type::Slice(slice) => &*slice.elem,
                    other => other,
                },
                other => other,
            };
            (
                quote!(impl IntoIterator<Item = #item>),
                quote!(.json_lines(#media_type, body)),
            )
        }
        BodyFormat::Text | BodyFormat::Events | BodyFormat::Bytes => (
            quote!(impl Into<scorekit_core::Upload>),
            quote!(.upload(#media_type, body)),
        ),
    })
}

/// Returns the type that a body is borrowed as: a slice for a list, else the type itself.
pub(in crate::generate) fn body_type(ty: &Type) -> Type {
    if let Type::Reference(reference) = ty
        && is_called(&reference.elem, "Vec")
        && let Some(item) = argument(&reference.elem)
    {
        return parse_quote!(&[#item]);
    }
    ty.clone()
}

/// Returns the names and types of the required arguments of a request, without the body.
pub(super) fn required_arguments(
    operation: &Operation,
    signature: &Signature,
    unions: &HashSet<String>,
) -> Option<Vec<(Ident, TokenStream)>> {
    let required = operation
        .parameters
        .iter()
        .filter(|parameter| parameter.required);
    required
        .map(|parameter| {
            let (ty, _) = parameter_call(parameter, signature, unions)?;
            Some((format_ident!("{}", parameter.rust_name), ty))
        })
        .collect()
}
