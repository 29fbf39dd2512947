//! Chooses every Rust name before progenitor does: Pascal case for schemas, variants and request
//! types, snake case for methods and parameters. No name is a keyword, a duplicate, or used by
//! generated code itself. On the wire, the document's names stay.

use serde_json::Value;

use super::for_each_schema;
use crate::collections::{HashMap, HashSet};
use crate::generate::decisions::Holders;
use crate::generate::identifiers::{pascal_case, snake_case};
use crate::generate::markers::ENUM_VALUES;
use crate::generate::model::{Domain, SchemaPath, reference_to, referenced_schema};

/// Names of the prelude and of what generated files import.
pub(in crate::generate) const RESERVED_TYPES: [&str; 28] = [
    "As",
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
    "IntoNullable",
    "IntoOptional",
    "IntoOptionalList",
    "IntoOptionalMap",
    "None",
    "Nullable",
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
/// Further names that generated files of requests import.
const RESERVED_REQUESTS: [&str; 21] = [
    "BodyKind",
    "Bulk",
    "Bytes",
    "CallOptions",
    "Client",
    "DocumentedResponse",
    "Error",
    "IntoItems",
    "Items",
    "Method",
    "Operation",
    "PageStyle",
    "PageParameter",
    "Pages",
    "Pagination",
    "ParameterStyle",
    "Part",
    "Push",
    "Request",
    "Response",
    "RetrySafety",
];
/// Modules of every generated crate, which a resource must not share a name with.
const RESERVED_MODULES: [&str; 3] = ["requests", "resources", "types"];
/// Methods of every generated client.
pub(in crate::generate) const RESERVED_CLIENT_METHODS: [&str; 3] = ["clone", "from_core", "new"];
/// Methods of every resource handle.
const RESERVED_RESOURCE_METHODS: [&str; 1] = ["clone"];
/// Methods that every generated request type has.
const RESERVED_METHODS: [&str; 4] = ["body", "data_only", "send", "with"];
/// Further methods of request types for paged lists.
const RESERVED_PAGE_METHODS: [&str; 2] = ["items", "pages"];
/// Further methods of request types for responses that can be read as a stream.
const RESERVED_STREAM_METHODS: [&str; 1] = ["stream"];
/// Further methods of request types for bulk operations.
const RESERVED_BULK_METHODS: [&str; 1] = ["push"];
/// The enum variant for unknown values.
pub(in crate::generate) const CATCH_ALL: &str = "Unrecognized";

pub(super) fn choose_rust_names(domain: &mut Domain) {
    schemas(domain);
    variants(domain);
    let mut methods = taken(&RESERVED_CLIENT_METHODS);
    let mut types = taken(&RESERVED_TYPES);
    types.extend(taken(&RESERVED_REQUESTS));
    let [mut method_holders, mut type_holders] = [Holders::default(), Holders::default()];
    accessors(domain, &mut methods, &mut method_holders);
    let decisions = &mut domain.decisions;
    for operation in &mut domain.operations {
        let path = SchemaPath::operation(operation);
        operation.resource = snake_case(&operation.resource, "resource");
        if RESERVED_MODULES.contains(&operation.resource.as_str()) {
            operation.resource.push('_');
        }
        let name = match &operation.variant {
            Some(variant) => format!("{}_as_{variant}", operation.id),
            None => operation.id.clone(),
        };
        let wanted = snake_case(&name, "operation");
        operation.method_name = unique(&mut methods, wanted.clone());
        method_holders.take(&path, [&wanted, &operation.method_name], decisions);
        let wanted = pascal_case(&name, "Operation");
        operation.type_name = unique(&mut types, wanted.clone());
        type_holders.take(&path, [&wanted, &operation.type_name], decisions);
        // Path parameters come first and keep their names, because they are arguments.
        let mut parameters = taken(&RESERVED_METHODS);
        if operation.pagination.is_some() {
            parameters.extend(taken(&RESERVED_PAGE_METHODS));
        }
        if operation.has_stream_method() {
            parameters.extend(taken(&RESERVED_STREAM_METHODS));
        }
        if operation.bulk.is_some() {
            parameters.extend(taken(&RESERVED_BULK_METHODS));
        }
        let mut holders = Holders::default();
        for parameter in &mut operation.parameters {
            let wanted = snake_case(&parameter.name, "parameter");
            parameter.rust_name = unique(&mut parameters, wanted.clone());
            let path = path.child("parameters").child(&parameter.name);
            holders.take(&path, [&wanted, &parameter.rust_name], decisions);
        }
    }
    // No user sees these, so they come last.
    for operation in &mut domain.operations {
        if let Some(stream) = &mut operation.stream {
            let name = format!("{}_stream", operation.method_name);
            stream.method_name = unique(&mut methods, name);
        }
    }
}

/// Names the accessors of resources before the methods of operations, because users write them.
fn accessors(domain: &mut Domain, methods: &mut HashSet<String>, holders: &mut Holders) {
    let mut accessors: HashMap<String, String> = HashMap::default();
    for operation in &mut domain.operations {
        let path = SchemaPath::operation(operation);
        let Some(verb) = &mut operation.verb else {
            continue;
        };
        let bulk = operation.bulk.as_mut().and_then(|bulk| bulk.verb.as_mut());
        for verb in std::iter::once(verb).chain(bulk) {
            *verb = snake_case(verb, "verb");
            if RESERVED_RESOURCE_METHODS.contains(&verb.as_str()) {
                verb.push('_');
            }
        }
        let resource = snake_case(&operation.resource, "resource");
        let accessor = accessors
            .entry(resource.clone())
            .or_insert_with(|| unique(methods, resource.clone()));
        operation.accessor.clone_from(accessor);
        holders.take(&path, [&resource, accessor], &mut domain.decisions);
    }
}

fn schemas(domain: &mut Domain) {
    let mut taken = taken(&RESERVED_TYPES);
    let mut holders = Holders::default();
    let mut renamed: HashMap<String, String> = HashMap::default();
    for (name, schema) in &domain.schemas {
        let mut wanted = pascal_case(name, "Schema");
        if RESERVED_TYPES.contains(&wanted.as_str()) {
            wanted.push_str("Schema");
        }
        let chosen = unique(&mut taken, wanted.clone());
        holders.take(&schema.path, [&wanted, &chosen], &mut domain.decisions);
        renamed.insert(name.clone(), chosen);
    }
    rename_schemas(domain, &renamed);
}

/// Gives schemas other names, by their present ones, and changes the references to them.
pub(in crate::generate) fn rename_schemas(domain: &mut Domain, renamed: &HashMap<String, String>) {
    for_each_schema(domain, |schema| {
        if let Some(new) = referenced_schema(schema).and_then(|name| renamed.get(&name)) {
            let description = schema.get("description").cloned();
            *schema = reference_to(new);
            if let (Some(description), Value::Object(properties)) = (description, schema) {
                properties.insert("description".to_owned(), description);
            }
        }
    });
    domain.schemas = std::mem::take(&mut domain.schemas)
        .into_iter()
        .map(|(name, schema)| (renamed.get(&name).cloned().unwrap_or(name), schema))
        .collect();
}

/// Names the variants of enums. Values may differ only in case or punctuation (`asc`, `ASC`);
/// variants must not.
fn variants(domain: &mut Domain) {
    for schema in domain.schemas.values_mut() {
        let Value::Object(properties) = &mut *schema.value else {
            continue;
        };
        let Some(Value::Array(values)) = properties.get("enum").cloned() else {
            continue;
        };
        let mut names = taken(&[CATCH_ALL]);
        let mut holders = Holders::default();
        let values_path = schema.path.child("enum");
        let name = |value: &Value| {
            let text = value
                .as_str()
                .map_or_else(|| value.to_string(), str::to_owned);
            let wanted = variant(&text);
            let chosen = unique(&mut names, wanted.clone());
            let path = values_path.child(&text);
            holders.take(&path, [&wanted, &chosen], &mut domain.decisions);
            chosen
        };
        let chosen: Vec<Value> = values.iter().map(name).map(Value::String).collect();
        // progenitor generates enums of strings only.
        properties.insert("type".to_owned(), Value::String("string".to_owned()));
        properties.remove("format");
        properties.insert("enum".to_owned(), Value::Array(chosen));
        properties.insert(ENUM_VALUES.to_owned(), Value::Array(values));
    }
}

/// Returns the name of a variant. A leading sign is spelled out.
fn variant(value: &str) -> String {
    let spelt = match value.chars().next() {
        Some('+') => value.replacen('+', "plus_", 1),
        Some('-') => value.replacen('-', "minus_", 1),
        _ => value.to_owned(),
    };
    pascal_case(&spelt, "Value")
}

fn taken(names: &[&str]) -> HashSet<String> {
    names.iter().map(|name| (*name).to_owned()).collect()
}

pub(in crate::generate) fn unique(taken: &mut HashSet<String>, wanted: String) -> String {
    let mut name = wanted.clone();
    let mut count = 2;
    while !taken.insert(name.clone()) {
        // The underscore in `type_` and `Self_` is not needed before a number.
        name = format!("{}{count}", wanted.trim_end_matches('_'));
        count += 1;
    }
    name
}
