//! Stage 4, lower: rewrites a domain until progenitor accepts it.
//!
//! Each pass rewrites a [`Domain`] in place and has a file that opens with its reason. The order
//! matters, because passes rely on earlier ones. [`PASSES`] is that order.

mod aliases;
mod all_of;
mod any_values;
pub(super) mod bounds;
pub(super) mod deprecations;
mod enums;
pub(super) mod fields;
mod free_form;
mod inline_types;
mod merged_all_of;
pub mod name_table;
pub(super) mod names;
mod nullable;
mod read_only;
pub(super) mod responses;
mod string_unions;
pub(super) mod unions;

use serde_json::Value;

use super::model::Domain;
use crate::document::node::VALIDATION;
pub(super) use aliases::is_alias;

/// A pass and its name.
pub struct Pass {
    /// The name in snapshots.
    pub name: &'static str,
    /// The rewrite.
    pub run: fn(&mut Domain),
}

/// Every pass, in order.
pub const PASSES: [Pass; 16] = [
    Pass {
        name: "responses",
        run: responses::join_responses,
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
        name: "string_unions",
        run: string_unions::join_string_unions,
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
        name: "unions",
        run: unions::find_discriminators,
    },
    Pass {
        name: "renamed_fields",
        run: fields::rename_fields,
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

/// Runs every pass over a domain.
pub fn lower(mut domain: Domain) -> Domain {
    drop_validation(&mut domain);
    for pass in &PASSES {
        (pass.run)(&mut domain);
    }
    domain
}

/// Removes the keywords that only `diff` reads.
fn drop_validation(domain: &mut Domain) {
    let mut visit = |schema: &mut Value| {
        if let Value::Object(members) = schema {
            members.shift_remove(VALIDATION);
        }
    };
    for_each_schema(domain, &mut visit);
    for operation in &mut domain.operations {
        let schemas = operation.responses.iter_mut();
        for schema in schemas.filter_map(|response| response.schema.as_mut()) {
            visit_schema(schema, &mut visit);
        }
    }
}

/// Calls `visit` for every schema of the domain: named schemas, those of parameters and bodies,
/// and, innermost first, the schemas inside them. Examples and defaults are data and are not
/// visited.
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
            .chain(operation.response_body.iter_mut())
            .chain(operation.stream.iter_mut().map(|it| &mut it.schema));
        for schema in parameters.chain(bodies) {
            visit_schema(schema, &mut visit);
        }
    }
}

fn visit_schema(schema: &mut Value, visit: &mut impl FnMut(&mut Value)) {
    if let Value::Object(properties) = schema {
        for (keyword, value) in properties.iter_mut() {
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

/// Returns true if the schema has `type: kind`.
fn is_type(schema: &Value, kind: &str) -> bool {
    schema.get("type").and_then(Value::as_str) == Some(kind)
}
