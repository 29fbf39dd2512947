//! Stage 4, lower: small passes that turn what the document says into what progenitor can take.
//!
//! Each pass rewrites a [`Domain`] in place and stands in a file of its own that opens with the reason for it. The
//! order matters where a pass relies on the one before it; [`PASSES`] is that order.

mod aliases;
mod all_of;
pub(super) mod answers;
mod any_values;
pub(super) mod bounds;
pub(super) mod choices;
pub(super) mod deprecations;
mod enums;
pub(super) mod fields;
mod free_form;
mod inline_types;
mod merged_all_of;
pub(super) mod names;
mod nullable;
mod read_only;
mod text_choices;

use serde_json::Value;

use super::model::Domain;
pub(super) use aliases::is_alias;

/// A pass and its name.
pub struct Pass {
    /// What snapshots and diagnostics call it.
    pub name: &'static str,
    /// The rewrite.
    pub run: fn(&mut Domain),
}

/// Every pass, in order.
pub const PASSES: [Pass; 16] = [
    Pass {
        name: "answers",
        run: answers::join_answers,
    },
    Pass {
        name: "deprecations",
        run: deprecations::note_deprecated_properties,
    },
    Pass {
        name: "plain_enums",
        run: enums::plain_enums,
    },
    Pass {
        name: "single_all_of",
        run: all_of::unwrap_single_all_of,
    },
    Pass {
        name: "any_values",
        run: any_values::widen_any_values,
    },
    Pass {
        name: "text_choices",
        run: text_choices::join_text_choices,
    },
    Pass {
        name: "read_only",
        run: read_only::let_requests_leave_out,
    },
    Pass {
        name: "free_form",
        run: free_form::free_objects_without_fields,
    },
    Pass {
        name: "aliases",
        run: aliases::inline_aliases,
    },
    Pass {
        name: "bounds",
        run: bounds::drop_bounds,
    },
    Pass {
        name: "inline_types",
        run: inline_types::name_inline_types,
    },
    Pass {
        name: "merged_all_of",
        run: merged_all_of::merge_all_of,
    },
    Pass {
        name: "choices",
        run: choices::tell_variants_apart,
    },
    Pass {
        name: "fields_of_one_name",
        run: fields::tell_fields_apart,
    },
    Pass {
        name: "nullable",
        run: nullable::move_nullable_to_its_use,
    },
    Pass {
        name: "names",
        run: names::choose_rust_names,
    },
];

/// Runs every pass.
pub fn lower(mut domain: Domain) -> Domain {
    for pass in &PASSES {
        (pass.run)(&mut domain);
    }
    domain
}

/// Calls `visit` for every schema of the domain: named ones, those of parameters and bodies, and, innermost first,
/// the schemas inside them. Examples and defaults are data and not visited.
fn for_each_schema(domain: &mut Domain, mut visit: impl FnMut(&mut Value)) {
    for schema in domain.schemas.values_mut() {
        visit_schema(&mut schema.value, &mut visit);
    }
    for operation in &mut domain.operations {
        let parameters = operation
            .parameters
            .iter_mut()
            .map(|parameter| &mut parameter.schema);
        let bodies = operation
            .request_body
            .iter_mut()
            .chain(operation.response_body.iter_mut());
        for schema in parameters.chain(bodies) {
            visit_schema(schema, &mut visit);
        }
    }
}

fn visit_schema(schema: &mut Value, visit: &mut impl FnMut(&mut Value)) {
    if let Value::Object(members) = schema {
        for (keyword, value) in members.iter_mut() {
            match (keyword.as_str(), value) {
                ("properties", Value::Object(fields)) => {
                    fields
                        .values_mut()
                        .for_each(|field| visit_schema(field, visit));
                }
                ("items" | "additionalProperties", value @ Value::Object(_)) => {
                    visit_schema(value, visit)
                }
                ("allOf" | "oneOf" | "anyOf", Value::Array(variants)) => {
                    variants
                        .iter_mut()
                        .for_each(|variant| visit_schema(variant, visit));
                }
                _ => {}
            }
        }
    }
    visit(schema);
}

/// Whether the schema has `type: kind`.
fn is_type(schema: &Value, kind: &str) -> bool {
    schema.get("type").and_then(Value::as_str) == Some(kind)
}
