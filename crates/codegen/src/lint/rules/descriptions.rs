//! Descriptions. They become the documentation of the crates, so a missing or copied description
//! leaves it incomplete or wrong.

use super::{Rule, Warning};
use crate::collections::HashMap;
use crate::document::diagnostic::Location;
use crate::document::node::Node;
use crate::lint::Findings;
use crate::lint::document::{Document, Role, properties, says};

pub(super) static MISSING: Rule = Rule {
    id: "missing-description",
    severity: Warning,
    summary: "a tag, operation, parameter, schema, field or enum value without a description",
    help: "add a `description` with its meaning, its unit, and when it is missing",
    check: Some(missing),
};

pub(super) static COPIED: Rule = Rule {
    id: "copied-description",
    severity: Warning,
    summary: "two things with the same description, which does not distinguish them",
    help: "describe the difference; if there is none, use one schema for both",
    check: Some(copied),
};

fn missing(document: &Document<'_>, findings: &mut Findings) {
    missing_on_tags(document, findings);
    for operation in &document.operations {
        if !says(operation.node, "description") {
            let message = format!("the operation {} has no description", operation.name());
            findings.add(operation.place(), message);
        }
    }
    for parameter in &document.parameters {
        if !says(parameter.node, "description") {
            let message = format!("the parameter `{}` has no description", parameter.name);
            findings.add(parameter.place, message);
        }
    }
    missing_on_schemas(document, findings);
}

fn missing_on_tags(document: &Document<'_>, findings: &mut Findings) {
    for tag in document
        .root
        .get("tags")
        .map(Node::items)
        .unwrap_or_default()
    {
        if let Some(name) = tag.get("name").filter(|_| !says(tag, "description")) {
            let shown = name.as_str().unwrap_or_default();
            findings.add(
                &name.location,
                format!("the tag `{shown}` has no description"),
            );
        }
    }
}

fn missing_on_schemas(document: &Document<'_>, findings: &mut Findings) {
    for schema in &document.schemas {
        let (kind, name) = match schema.role {
            Role::Component(name) => ("schema", name),
            Role::Field(name) => ("field", name),
            Role::Merged | Role::Part => {
                enum_values(schema.place, schema.node, findings);
                continue;
            }
        };
        // The schema that it refers to has the description.
        let borrowed = schema.node.reference().is_some()
            || match schema.node.get("allOf").map(Node::items) {
                Some([only]) => only.reference().is_some(),
                _ => false,
            };
        if !borrowed && !says(schema.node, "description") {
            findings.add(
                schema.place,
                format!("the {kind} `{name}` has no description"),
            );
        }
        enum_values(schema.place, schema.node, findings);
    }
}

/// Reports the values of a string enum that are not in `x-enum-descriptions`.
fn enum_values(place: &Location, schema: &Node, findings: &mut Findings) {
    let described = schema.get("x-enum-descriptions");
    let values = schema.get("enum").map(Node::items).unwrap_or_default();
    let undescribed: Vec<String> = values
        .iter()
        .filter_map(Node::as_str)
        .filter(|value| !described.is_some_and(|described| says(described, value)))
        .map(|value| format!("`{value}`"))
        .collect();
    if undescribed.is_empty() {
        return;
    }
    let (verb, values) = match undescribed.len() {
        1 => ("has", "value"),
        _ => ("have", "values"),
    };
    findings.add_with_help(
        schema.get("enum").map_or(place, |node| &node.location),
        format!(
            "the {values} {} of this enum {verb} no description",
            undescribed.join(", ")
        ),
        "add the meaning of each value as `x-enum-descriptions: {value: description}`",
    );
}

fn copied(document: &Document<'_>, findings: &mut Findings) {
    let mut operations = Known::new("operation");
    let mut summaries = Known::new("operation");
    for operation in &document.operations {
        // Operations of different crates may have the same description.
        operations.group = operation.tag().unwrap_or_default();
        summaries.group = operations.group;
        let name = operation.name();
        operations.add(&name, operation.node.get("description"), findings);
        summaries.add(&name, operation.node.get("summary"), findings);
    }
    let mut parameters = Known::new("parameter");
    for parameter in &document.parameters {
        let description = parameter.node.get("description");
        parameters.add(parameter.name, description, findings);
    }
    let (mut schemas, mut fields) = (Known::new("schema"), Known::new("field"));
    let mut values = Known::new("enum value");
    for schema in &document.schemas {
        let description = schema.node.get("description");
        match schema.role {
            Role::Component(name) => schemas.add(name, description, findings),
            Role::Field(name) => fields.add(name, description, findings),
            Role::Merged | Role::Part => {}
        }
        for (value, property) in properties(schema.node.get("x-enum-descriptions")) {
            values.add(value, Some(&property.node), findings);
        }
    }
}

/// The descriptions of one kind of thing, each with the name and location of its first use.
struct Known<'a> {
    kind: &'static str,
    /// The group: only texts of the same group are compared.
    group: &'a str,
    texts: HashMap<(&'a str, String), (String, &'a Location)>,
}

impl<'a> Known<'a> {
    fn new(kind: &'static str) -> Self {
        Self {
            kind,
            group: "",
            texts: HashMap::default(),
        }
    }

    /// Adds a description and reports it if a thing of another name has it. Things of one name,
    /// such as the `name` in a request and in its response, are the same.
    fn add(&mut self, name: &str, text: Option<&'a Node>, findings: &mut Findings) {
        let Some((node, text)) = text.and_then(|node| Some((node, node.as_str()?))) else {
            return;
        };
        let words = text.split_whitespace();
        let normal = words.collect::<Vec<_>>().join(" ").to_lowercase();
        // A text that is not written yet has a rule of its own.
        if normal.is_empty() || super::unwritten::is_unwritten(text) {
            return;
        }
        let entry = self.texts.entry((self.group, normal));
        let (first, place) = entry.or_insert_with(|| (name.to_owned(), &node.location));
        if thing(first) != thing(name) {
            let kind = self.kind;
            let message =
                format!("the {kind} `{name}` has the same description as the {kind} `{first}`");
            findings.add_with_related(&node.location, message, place, "first used here");
        }
    }
}

/// Returns the thing that a name means: `order_id` and `id` are the same number.
fn thing(name: &str) -> &str {
    match name.rsplit_once('_') {
        Some((_, "id")) => "id",
        _ => name,
    }
}
