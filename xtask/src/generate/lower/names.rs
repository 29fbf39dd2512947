//! Chooses every Rust name before progenitor does: schemas and request types in Pascal case, methods and parameters
//! in snake case, none of them a keyword, twice there, or a name that generated code uses itself. What goes on the
//! wire keeps the document's names.

use std::collections::{HashMap, HashSet};

use heck::{ToPascalCase, ToSnakeCase};
use serde_json::Value;

use super::for_each_schema;
use crate::generate::model::{Domain, ParameterPlace, reference_to, referenced_schema};

/// Names of the prelude and of the imports of generated files.
const RESERVED_TYPES: [&str; 22] = [
    "BTreeMap",
    "Box",
    "Clone",
    "Date",
    "DateTime",
    "Debug",
    "Default",
    "Deserialize",
    "Err",
    "From",
    "Into",
    "IntoIterator",
    "None",
    "Ok",
    "Option",
    "PartialEq",
    "Result",
    "Self",
    "Serialize",
    "Some",
    "String",
    "Vec",
];
/// Methods that every generated request type has.
const RESERVED_METHODS: [&str; 3] = ["send", "with", "body"];

pub(super) fn choose_rust_names(domain: &mut Domain) {
    let mut taken = HashSet::new();
    let renamed: HashMap<String, String> = domain
        .schemas
        .keys()
        .map(|name| {
            let mut wanted = identifier(&name.to_pascal_case(), "Schema");
            if RESERVED_TYPES.contains(&wanted.as_str()) {
                wanted.push_str("Schema");
            }
            (name.clone(), unique(&mut taken, wanted))
        })
        .collect();
    for_each_schema(domain, |schema| {
        if let Some(new) = referenced_schema(schema).and_then(|name| renamed.get(&name)) {
            let description = schema.get("description").cloned();
            *schema = reference_to(new);
            if let (Some(description), Value::Object(members)) = (description, schema) {
                members.insert("description".to_owned(), description);
            }
        }
    });
    domain.schemas = std::mem::take(&mut domain.schemas)
        .into_iter()
        .map(|(name, schema)| (renamed.get(&name).cloned().unwrap_or(name), schema))
        .collect();

    let mut methods: HashSet<String> = ["new", "from_core", "clone"].map(str::to_owned).into();
    let mut types = HashSet::new();
    for operation in &mut domain.operations {
        operation.resource = identifier(&operation.resource.to_snake_case(), "resource");
        operation.method_name = unique(
            &mut methods,
            identifier(&operation.id.to_snake_case(), "operation"),
        );
        operation.type_name = unique(
            &mut types,
            identifier(&operation.id.to_pascal_case(), "Operation"),
        );
        // The path's parameters first: they are arguments and have the best claim to their names.
        let mut parameters: HashSet<String> = RESERVED_METHODS.map(str::to_owned).into();
        for wanted_place in [
            ParameterPlace::Path,
            ParameterPlace::Query,
            ParameterPlace::Header,
        ] {
            for parameter in operation
                .parameters
                .iter_mut()
                .filter(|parameter| parameter.place == wanted_place)
            {
                parameter.rust_name = unique(
                    &mut parameters,
                    identifier(&parameter.name.to_snake_case(), "parameter"),
                );
            }
        }
    }
}

/// `name` as a Rust identifier: characters that none may hold are gone, a keyword has an underscore behind it.
fn identifier(name: &str, fallback: &str) -> String {
    let mut name: String = name
        .chars()
        .filter(|c| c.is_ascii_alphanumeric() || *c == '_')
        .collect();
    if name.is_empty() {
        name = fallback.to_owned();
    }
    if name.starts_with(|first: char| first.is_ascii_digit()) {
        name.insert(
            0,
            if fallback.starts_with(char::is_uppercase) {
                'N'
            } else {
                'n'
            },
        );
    }
    if syn::parse_str::<syn::Ident>(&name).is_err() {
        name.push('_');
    }
    name
}

fn unique(taken: &mut HashSet<String>, wanted: String) -> String {
    let mut name = wanted.clone();
    let mut count = 2;
    while !taken.insert(name.clone()) {
        name = format!("{wanted}{count}");
        count += 1;
    }
    name
}
