//! Reads Rust types as syntax.

use proc_macro2::Ident;
use syn::{GenericArgument, PathArguments, Type};

/// The runtime's type of an optional property that takes `null`.
pub(in crate::generate) const NULLABLE: &str = "Nullable";

/// Returns true if a field of this type may be left out.
pub(in crate::generate) fn is_optional(ty: &Type) -> bool {
    is_called(ty, "Option") || is_called(ty, NULLABLE)
}

/// Returns the type inside an `Option` or a `Nullable`, or the type itself.
pub(in crate::generate) fn without_option(ty: &Type) -> &Type {
    if is_optional(ty) {
        argument(ty).unwrap_or(ty)
    } else {
        ty
    }
}

/// Returns the type inside every `Option` around it. An optional parameter whose schema is nullable
/// has two, and neither can be sent.
pub(in crate::generate) fn without_options(mut ty: &Type) -> &Type {
    while is_optional(ty) {
        match argument(ty) {
            Some(inner) => ty = inner,
            None => break,
        }
    }
    ty
}

/// Returns the type inside a `Box`, or the type itself.
pub(in crate::generate) fn without_box(ty: &Type) -> &Type {
    match argument(ty) {
        Some(inner) if is_called(ty, "Box") => inner,
        _ => ty,
    }
}

/// Returns the first type argument of a type.
pub(in crate::generate) fn argument(ty: &Type) -> Option<&Type> {
    arguments(ty).next()
}

/// Returns the second type argument of a type: the values of a map.
pub(in crate::generate) fn second_argument(ty: &Type) -> Option<&Type> {
    arguments(ty).nth(1)
}

fn arguments(ty: &Type) -> impl Iterator<Item = &Type> {
    let last = match ty {
        Type::Path(path) => path.path.segments.last(),
        _ => None,
    };
    let arguments = last.and_then(|segment| match &segment.arguments {
        PathArguments::AngleBracketed(arguments) => Some(&arguments.args),
        _ => None,
    });
    arguments
        .into_iter()
        .flatten()
        .filter_map(|argument| match argument {
            GenericArgument::Type(ty) => Some(ty),
            _ => None,
        })
}

/// Returns true if the outermost type is called `name`.
pub(in crate::generate) fn is_called(ty: &Type, name: &str) -> bool {
    let Type::Path(path) = ty else {
        return false;
    };
    path.path
        .segments
        .last()
        .is_some_and(|last| last.ident == name)
}

/// Returns the last segment of a path, without its arguments.
pub(in crate::generate) fn last_segment(ty: &Type) -> Option<String> {
    match ty {
        Type::Path(path) => Some(path.path.segments.last()?.ident.to_string()),
        _ => None,
    }
}

/// Returns the name of a type that is a single identifier.
pub(in crate::generate) fn identifier(ty: &Type) -> Option<&Ident> {
    match ty {
        Type::Path(path) => path.path.get_ident(),
        _ => None,
    }
}
