//! Names structures, enums and unions that are written inside another schema, because progenitor
//! would choose names that no file or documentation knows. The name consists of the containing type
//! and the field: `Campaign` and `owner` give `CampaignOwner`.

use heck::ToPascalCase;
use serde_json::Value;

use crate::document::diagnostic::Location;
use crate::generate::decisions::{Decision, Holders};
use crate::generate::desugar::UNION_KEYWORDS;
use crate::generate::markers::{INLINE, VARIANT_OF};
use crate::generate::model::{BodyFormat, Domain, Schema, SchemaPath, reference_to};

pub(super) fn name_inline_types(domain: &mut Domain) {
    let mut named = Named {
        taken: domain.schemas.keys().cloned().collect(),
        added: Vec::new(),
        holders: Holders::default(),
        decisions: Vec::new(),
    };
    for (name, schema) in &domain.schemas {
        let holders = &mut named.holders;
        holders.take(&schema.path, [name, name], &mut named.decisions);
    }
    for (name, schema) in &mut domain.schemas {
        let place = Place {
            name: name.clone(),
            path: schema.path.clone(),
            location: schema.location.clone(),
        };
        named.inside(&mut schema.value, &place);
    }
    for operation in &mut domain.operations {
        let id = match &operation.variant {
            Some(variant) => format!("{}_{variant}", operation.id),
            None => operation.id.clone(),
        };
        let id = id.to_pascal_case();
        let place = |suffix: &str, path: SchemaPath| Place {
            name: format!("{id}{suffix}"),
            path,
            location: operation.location.clone(),
        };
        let parameters = operation.parameters.iter().map(|parameter| {
            let path = SchemaPath::parameter(operation, &parameter.name);
            place(&parameter.name.to_pascal_case(), path)
        });
        let parameters: Vec<Place> = parameters.collect();
        let request = place("Body", SchemaPath::request_body(operation));
        let response = match operation.response_format {
            BodyFormat::Events => "Event",
            _ => "Response",
        };
        let response = place(response, SchemaPath::response_body(operation));
        let item = match &operation.stream {
            Some(stream) if stream.format == BodyFormat::Events => "Event",
            _ => "Line",
        };
        let streamed = place(item, SchemaPath::stream(operation));
        for (parameter, place) in operation.parameters.iter_mut().zip(&parameters) {
            named.value(&mut parameter.schema, place);
        }
        if let Some(body) = &mut operation.request_body {
            named.value(body, &request);
        }
        if let Some(body) = &mut operation.response_body {
            named.value(body, &response);
        }
        if let Some(stream) = &mut operation.stream {
            named.value(&mut stream.schema, &streamed);
        }
    }
    domain.schemas.extend(named.added);
    domain.decisions.extend(named.decisions);
}

/// The place of a schema that may need a name.
struct Place {
    /// The name that it gets, unless that is taken.
    name: String,
    path: SchemaPath,
    location: Location,
}

impl Place {
    /// Returns a place inside this one.
    fn inside(&self, suffix: &str, path: SchemaPath) -> Self {
        Self {
            name: format!("{}{suffix}", self.name),
            path,
            location: self.location.clone(),
        }
    }
}

struct Named {
    taken: Vec<String>,
    added: Vec<(String, Schema)>,
    holders: Holders,
    decisions: Vec<Decision>,
}

impl Named {
    /// Names `schema` if it needs a name, and the schemas inside it.
    fn value(&mut self, schema: &mut Value, place: &Place) {
        if schema.get("$ref").is_some() {
            return;
        }
        let needs_name = schema.get("properties").is_some()
            || schema.get("enum").is_some()
            || UNION_KEYWORDS
                .iter()
                .any(|keyword| schema.get(keyword).is_some())
            || schema
                .get("allOf")
                .and_then(Value::as_array)
                .is_some_and(|parts| parts.len() > 1);
        if !needs_name {
            return self.inside(schema, place);
        }
        let name = &place.name;
        let mut unique = name.clone();
        let mut count = 2;
        while self.taken.contains(&unique) {
            unique = format!("{name}{count}");
            count += 1;
        }
        self.taken.push(unique.clone());
        let (holders, decisions) = (&mut self.holders, &mut self.decisions);
        holders.take(&place.path, [name, &unique], decisions);
        // Keywords next to the type belong to the field; see `merged_all_of`.
        let mut definition = std::mem::replace(schema, reference_to(&unique));
        if let Some(of) = definition.get(VARIANT_OF) {
            schema[VARIANT_OF] = of.clone();
        }
        let inner = Place {
            name: unique.clone(),
            path: place.path.clone(),
            location: place.location.clone(),
        };
        self.inside(&mut definition, &inner);
        self.added.push((
            unique,
            Schema {
                value: definition.into(),
                location: inner.location,
                path: inner.path,
            },
        ));
    }

    fn inside(&mut self, schema: &mut Value, place: &Place) {
        let Value::Object(properties) = schema else {
            return;
        };
        for (keyword, value) in properties.iter_mut() {
            match (keyword.as_str(), value) {
                ("properties", Value::Object(fields)) => {
                    for (field, schema) in fields {
                        let suffix = super::responses::shown_name(field).to_pascal_case();
                        self.value(schema, &place.inside(&suffix, place.path.field(field)));
                    }
                }
                ("items", schema @ Value::Object(_)) => {
                    self.value(schema, &place.inside("Item", place.path.items()));
                }
                ("additionalProperties", schema @ Value::Object(_)) => {
                    self.value(schema, &place.inside("Value", place.path.values()));
                }
                // The parts belong to one object, so they get no names of their own.
                ("allOf", Value::Array(parts)) => {
                    for part in parts.iter_mut().filter(|part| part.get("$ref").is_none()) {
                        self.inside(part, place);
                    }
                }
                ("oneOf" | "anyOf", Value::Array(variants)) => {
                    for (number, schema) in variants.iter_mut().enumerate() {
                        let variant = match schema.get(VARIANT_OF).and_then(Value::as_str) {
                            Some(of) => of.to_pascal_case(),
                            None => format!("Variant{}", number + 1),
                        };
                        let is_inline = schema.get("$ref").is_none();
                        let path = place.path.variant(number);
                        self.value(schema, &place.inside(&variant, path));
                        if is_inline && let Value::Object(properties) = schema {
                            properties.insert(INLINE.to_owned(), Value::Bool(true));
                        }
                    }
                }
                _ => {}
            }
        }
    }
}
