//! The skeleton of a new operation in `spec/`, for `cargo xtask new`. It is planned like an
//! operation of a vendor's document, so that it stands in the right file and place.

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};

use heck::{ToPascalCase, ToSnakeCase};
use serde_json::{Map, Value, json};

use super::adopt::{self, TODO};
use super::draft::{Draft, Ours, operations};
use super::operations::{OurOperation, TheirOperation, in_theirs};
use super::plan::Planner;
use super::text::Position;
use super::yaml;
use crate::document::diagnostic::{Diagnostic, Diagnostics};
use crate::document::node::{Node, escape_pointer_token};
use crate::generate::DOCUMENT;
use crate::new::NewOperation;

/// The status codes of errors that a new operation takes over from one next to it.
const ERRORS: [&str; 8] = ["400", "401", "403", "404", "422", "429", "500", "503"];

/// The result of a new operation in the document.
pub(crate) struct Added {
    /// The changed and new files.
    pub(crate) files: Vec<PathBuf>,
    /// The id of the operation next to it; `None` in a new domain.
    pub(crate) sibling: Option<String>,
}

/// Adds an operation to the document of the workspace at `root`. `is_first` declares its domain,
/// too.
pub(crate) fn add(root: &Path, new: &NewOperation, is_first: bool) -> Result<Added, Diagnostics> {
    let mut draft = Draft::of(root)?;
    let ours = draft.read()?;
    check(&ours, new, is_first)?;
    let sibling = match is_first {
        true => operations(&ours).next(),
        false => super::new::sibling(&ours, &new.tag, &new.path),
    };
    let Some(sibling) = sibling else {
        let message = format!("cannot add an operation: the domain `{}` has none", new.tag);
        let help = "add the domain with its first operation: `cargo xtask new domain TAG`";
        return Err(Diagnostic::without_location(message, help).into());
    };
    let known = sibling.id().map(str::to_owned);
    let theirs = document(&ours, new, sibling);
    match is_first {
        true => domain(&ours, &mut draft, new, &theirs, sibling)?,
        false => {
            let mut planner = Planner::new(&ours, &theirs, &mut draft.files);
            planner.plan(&BTreeMap::from([(new.id.clone(), Default::default())]));
            if let Some((place, reason)) = planner.unchangeable.pop_first() {
                let message = format!("cannot add `{place}`: {reason}");
                let help = "write the operation by hand, as CONTRIBUTING.md describes";
                return Err(Diagnostic::without_location(message, help).into());
            }
        }
    }
    draft.apply()?;
    draft.read()?;
    Ok(Added {
        files: draft.write_to(root)?,
        sibling: known.filter(|_| !is_first),
    })
}

/// Returns an error if the operation or its domain cannot be new.
fn check(ours: &Ours, new: &NewOperation, is_first: bool) -> Result<(), Diagnostics> {
    let error = |message: String, help: &str| -> Result<(), Diagnostics> {
        Err(Diagnostic::without_location(message, help).into())
    };
    let tags = ours.loaded.document.get("tags").map(Node::items);
    let tags = tags.unwrap_or_default().iter();
    let tags: Vec<&str> = tags.filter_map(|tag| tag.get("name")?.as_str()).collect();
    let is_known = tags.contains(&new.tag.as_str());
    if is_known == is_first {
        let (state, help) = match is_first {
            true => ("is declared already", "choose another name".to_owned()),
            false => ("is not declared", format!("use one of {}", tags.join(", "))),
        };
        return error(
            format!("cannot use the tag `{}`: it {state}", new.tag),
            &help,
        );
    }
    for other in operations(ours) {
        if other.id() == Some(&new.id) {
            let message = format!("cannot add `{}`: the document has this operation", new.id);
            return error(message, "choose another id");
        }
        let is_same = super::select::shape(other.path) == super::select::shape(&new.path);
        if is_same && other.method == new.method {
            let id = other.id().unwrap_or_default();
            let message = format!("cannot add `{}`: {id} has this method and path", new.id);
            return error(message, "pass another `--path` or `--method`");
        }
    }
    Ok(())
}

/// Returns a document with the new operation alone, as if it were a vendor's.
fn document(ours: &Ours, new: &NewOperation, sibling: OurOperation<'_>) -> Value {
    let words = new.id.to_snake_case();
    let noun = words
        .split_once('_')
        .map_or(words.as_str(), |(_, noun)| noun);
    let noun = noun.to_pascal_case();
    let mut schemas = ours.value["components"]["schemas"].clone();
    let mut body = |suffix: &str, field: &str| {
        let name = format!("{noun}{suffix}");
        if schemas.get(&name).is_none() {
            schemas[&name] = json!({"type": "object", "properties": {field: {"type": "string"}}});
        }
        let schema = json!({"$ref": format!("#/components/schemas/{name}")});
        json!({"required": true, "content": {"application/json": {"schema": schema}}})
    };
    let mut operation = json!({
        "operationId": new.id,
        "summary": words.replace('_', " "),
        "tags": [new.tag],
    });
    let names = new.path.split('{').skip(1);
    let names = names.filter_map(|rest| rest.split('}').next());
    let parameters: Vec<Value> = names
        .map(|name| json!({"name": name, "in": "path", "required": true, "schema": {"type": "string"}}))
        .collect();
    if !parameters.is_empty() {
        operation["parameters"] = parameters.into();
    }
    if matches!(new.method.as_str(), "post" | "put" | "patch") {
        operation["requestBody"] = body("Request", "name");
    }
    if let Some(security) = sibling.node.get("security") {
        operation["security"] = without_scopes(security.to_value());
    }
    let (status, success) = match new.method.as_str() {
        "delete" => ("204", json!({})),
        "post" => ("201", body("Response", "id")),
        _ => ("200", body("Response", "id")),
    };
    let mut responses = Map::from_iter([(status.to_owned(), success)]);
    let errors = sibling.node.get("responses").and_then(Node::properties);
    for (status, response) in errors.into_iter().flatten() {
        let is_needed = status != "404" || new.path.contains('{');
        if ERRORS.contains(&status.as_str()) && is_needed {
            responses.insert(status.clone(), ours.resolve(&response.node).to_value());
        }
    }
    operation["responses"] = responses.into();
    json!({
        "paths": {&new.path: {&new.method: operation}},
        "components": {"schemas": schemas},
    })
}

/// Returns the security of a new operation: the schemes of the one next to it. Each operation has
/// scopes of its own, which are to be written.
fn without_scopes(mut security: Value) -> Value {
    let alternatives = security.as_array_mut().into_iter().flatten();
    let schemes = alternatives.filter_map(Value::as_object_mut).flatten();
    for (_, scopes) in schemes {
        if scopes.as_array().is_some_and(|scopes| !scopes.is_empty()) {
            *scopes = json!([TODO]);
        }
    }
    security
}

/// Plans a new domain: its tag, its file, and its first operation.
fn domain(
    ours: &Ours,
    draft: &mut Draft,
    new: &NewOperation,
    theirs: &Value,
    sibling: OurOperation<'_>,
) -> Result<(), Diagnostics> {
    let unusable = |reason: &str| {
        let message = format!("cannot add the domain `{}`: {reason}", new.tag);
        Diagnostic::without_location(message, "write it by hand, as CONTRIBUTING.md describes")
    };
    let file = PathBuf::from(format!("spec/{}.yaml", new.tag));
    let root = ours.file(Path::new(DOCUMENT)).cloned();
    let root = root.ok_or_else(|| unusable("spec/openapi.yaml was not read"))?;
    let part = |name: &str| {
        let reason = format!("spec/openapi.yaml has no `{name}`");
        root.get(name).ok_or_else(|| unusable(&reason))
    };
    let (tags, paths) = (part("tags")?, part("paths")?);
    let Some(operation) = in_theirs(theirs, &new.id) else {
        return Err(unusable("its operation is lost").into());
    };
    let mut planner = Planner::new(ours, theirs, &mut draft.files);
    let value = first_operation(&mut planner, new, operation, sibling, &file);
    let schemas = theirs["components"]["schemas"].as_object().into_iter();
    let schemas = schemas
        .flatten()
        .filter(|(name, _)| ours.schema(name).is_none());
    let schemas: Map<_, _> = schemas
        .map(|(name, schema)| (name.clone(), adopt::schema(schema, true)))
        .collect();
    let mut lines = vec![
        format!("# {TODO}: the domain in one sentence. Entry point: openapi.yaml; shared parts:"),
        "# common.yaml.".to_owned(),
        String::new(),
    ];
    let item = json!({&new.path: {&new.method: value}});
    lines.extend(yaml::entry("paths", &item, 0, '"'));
    if !schemas.is_empty() {
        lines.push(String::new());
        lines.extend(yaml::entry(
            "components",
            &json!({"schemas": schemas}),
            0,
            '"',
        ));
    }
    let tag = json!({"name": new.tag, "description": TODO});
    let target = format!(
        "{}.yaml#/paths/{}",
        new.tag,
        escape_pointer_token(&new.path)
    );
    let target = json!({"$ref": target});
    let files = &mut draft.files;
    files.create(&file, lines);
    files
        .push(tags, &tag)
        .and_then(|()| files.set(paths, &new.path, &target, Position::Last))
        .map_err(unusable)?;
    Ok(())
}

/// Returns the first operation of a domain, in the form for its file.
fn first_operation(
    planner: &mut Planner<'_>,
    new: &NewOperation,
    operation: TheirOperation<'_>,
    sibling: OurOperation<'_>,
    file: &Path,
) -> Value {
    let mut value = planner.skeleton(&new.id, operation, sibling);
    if let Some(members) = value.as_object_mut() {
        members.shift_remove("x-unavailable-sites");
        let page = format!("https://docs.datadoghq.com/api/latest/{}/", new.tag);
        members.insert("externalDocs".to_owned(), json!({"url": page}));
    }
    planner.localized_response(value, file)
}
