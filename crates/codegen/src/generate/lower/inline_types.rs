//! A structure or enum that is written inside another schema has no name; progenitor would make one up, and nothing
//! would say which file it belongs to or where its documentation stands. This pass gives it a name of its own, made
//! of what contains it and the field it is in (`Campaign` and `owner`: `CampaignOwner`).

use heck::ToPascalCase;
use serde_json::Value;

use crate::document::diagnostic::Location;
use crate::generate::desugar::CHOICES;
use crate::generate::markers::{INLINE, VARIANT_OF};
use crate::generate::model::{Domain, Schema, reference_to};

pub(super) fn name_inline_types(domain: &mut Domain) {
    let mut named = Named {
        taken: domain.schemas.keys().cloned().collect(),
        added: Vec::new(),
    };
    for (name, schema) in &mut domain.schemas {
        named.inside(&mut schema.value, name, &schema.location);
    }
    for operation in &mut domain.operations {
        let id = match &operation.variant {
            Some(variant) => format!("{}_{variant}", operation.id),
            None => operation.id.clone(),
        };
        let id = id.to_pascal_case();
        for parameter in &mut operation.parameters {
            named.value(
                &mut parameter.schema,
                &format!("{id}{}", parameter.name.to_pascal_case()),
                &operation.location,
            );
        }
        if let Some(body) = &mut operation.request_body {
            named.value(body, &format!("{id}Body"), &operation.location);
        }
        if let Some(body) = &mut operation.response_body {
            named.value(body, &format!("{id}Response"), &operation.location);
        }
    }
    domain.schemas.extend(named.added);
}

struct Named {
    taken: Vec<String>,
    added: Vec<(String, Schema)>,
}

impl Named {
    /// Names `schema` if it needs one, and whatever stands inside it.
    fn value(&mut self, schema: &mut Value, name: &str, location: &Location) {
        if schema.get("$ref").is_some() {
            return;
        }
        let needs_name = schema.get("properties").is_some()
            || schema.get("enum").is_some()
            || CHOICES.iter().any(|keyword| schema.get(keyword).is_some())
            || schema
                .get("allOf")
                .and_then(Value::as_array)
                .is_some_and(|parts| parts.len() > 1);
        if !needs_name {
            return self.inside(schema, name, location);
        }
        let mut unique = name.to_owned();
        let mut count = 2;
        while self.taken.contains(&unique) {
            unique = format!("{name}{count}");
            count += 1;
        }
        self.taken.push(unique.clone());
        // What stands beside the type is about the field, not about the type; see the pass after this one.
        let mut definition = std::mem::replace(schema, reference_to(&unique));
        if let Some(of) = definition.get(VARIANT_OF) {
            schema[VARIANT_OF] = of.clone();
        }
        self.inside(&mut definition, &unique, location);
        self.added.push((
            unique,
            Schema {
                value: definition,
                location: location.clone(),
            },
        ));
    }

    fn inside(&mut self, schema: &mut Value, name: &str, location: &Location) {
        let Value::Object(members) = schema else {
            return;
        };
        for (keyword, value) in members.iter_mut() {
            match (keyword.as_str(), value) {
                ("properties", Value::Object(fields)) => {
                    for (field, schema) in fields {
                        let field = super::answers::shown_name(field).to_pascal_case();
                        self.value(schema, &format!("{name}{field}"), location);
                    }
                }
                ("items", schema @ Value::Object(_)) => {
                    self.value(schema, &format!("{name}Item"), location)
                }
                ("additionalProperties", schema @ Value::Object(_)) => {
                    self.value(schema, &format!("{name}Value"), location);
                }
                // The parts of one object; each is inside it, and none has a name of its own.
                ("allOf", Value::Array(parts)) => {
                    for part in parts.iter_mut().filter(|part| part.get("$ref").is_none()) {
                        self.inside(part, name, location);
                    }
                }
                ("oneOf" | "anyOf", Value::Array(variants)) => {
                    for (number, schema) in variants.iter_mut().enumerate() {
                        let variant = match schema.get(VARIANT_OF).and_then(Value::as_str) {
                            Some(of) => of.to_pascal_case(),
                            None => format!("Variant{}", number + 1),
                        };
                        let is_inline = schema.get("$ref").is_none();
                        self.value(schema, &format!("{name}{variant}"), location);
                        if is_inline && let Value::Object(members) = schema {
                            members.insert(INLINE.to_owned(), Value::Bool(true));
                        }
                    }
                }
                _ => {}
            }
        }
    }
}
