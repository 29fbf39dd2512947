//! Shortens generated code for reviewers. Well-known paths lose their crate, and lifetimes that the
//! compiler infers are omitted.

use syn::visit_mut::{self, VisitMut};
use syn::{Item, Path, TypeReference};

use super::source::ProgenitorOutput;

/// The names in the prelude or in a file's imports. Other paths lose only their leading colons.
const IMPORTED: [&[&str]; 7] = [
    &["std", "option", "Option"],
    &["std", "vec", "Vec"],
    &["std", "string", "String"],
    &["std", "boxed", "Box"],
    &["std", "collections", "BTreeMap"],
    &["scorekit_core", "DateTime"],
    &["scorekit_core", "Date"],
];

pub(super) fn shorten(output: &mut ProgenitorOutput) {
    for item in output.types.values_mut() {
        match item {
            Item::Struct(item) => Shorten.visit_fields_mut(&mut item.fields),
            Item::Enum(item) => item
                .variants
                .iter_mut()
                .for_each(|variant| Shorten.visit_fields_mut(&mut variant.fields)),
            _ => {}
        }
    }
    for signature in output.signatures.values_mut() {
        signature
            .arguments
            .values_mut()
            .for_each(|ty| Shorten.visit_type_mut(ty));
        Shorten.visit_type_mut(&mut signature.response);
    }
}

struct Shorten;

impl VisitMut for Shorten {
    fn visit_path_mut(&mut self, path: &mut Path) {
        visit_mut::visit_path_mut(self, path);
        let segments: Vec<String> = path
            .segments
            .iter()
            .map(|segment| segment.ident.to_string())
            .collect();
        if IMPORTED.iter().any(|known| segments == **known) {
            path.segments = path.segments.last().cloned().into_iter().collect();
        }
        path.leading_colon = None;
    }

    fn visit_type_reference_mut(&mut self, reference: &mut TypeReference) {
        reference.lifetime = None;
        visit_mut::visit_type_reference_mut(self, reference);
    }
}
