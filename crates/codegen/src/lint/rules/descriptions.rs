//! Descriptions: what is generated says what the document says, so what the document leaves out or says of something
//! else, the documentation of the crates leaves out or gets wrong.

use std::collections::HashMap;

use super::{Rule, Warning};
use crate::document::diagnostic::Location;
use crate::document::node::Node;
use crate::lint::Findings;
use crate::lint::document::{Document, Role, members, says};

pub(super) static MISSING: Rule = Rule {
    id: "missing-description",
    severity: Warning,
    summary: "a tag, operation, parameter, schema, field or enum value that says nothing of itself",
    help: "add a `description` that says what it means, in which unit and when it is missing",
    check: Some(missing),
};

pub(super) static COPIED: Rule = Rule {
    id: "copied-description",
    severity: Warning,
    summary: "the same description on two different things, one of which it cannot tell apart from the other",
    help: "say what is special about this one; what is the same thing can be one schema that both refer to",
    check: Some(copied),
};

fn missing(document: &Document<'_>, findings: &mut Findings) {
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
    for schema in &document.schemas {
        let (kind, name) = match schema.role {
            Role::Component(name) => ("schema", name),
            Role::Field(name) => ("field", name),
            Role::Merged | Role::Part => {
                enum_values(schema.place, schema.node, findings);
                continue;
            }
        };
        // What it refers to speaks for it.
        let borrowed = schema.node.reference().is_some()
            || matches!(schema.node.get("allOf").map(Node::items), Some([only]) if only.reference().is_some());
        if !borrowed && !says(schema.node, "description") {
            findings.add(
                schema.place,
                format!("the {kind} `{name}` has no description"),
            );
        }
        enum_values(schema.place, schema.node, findings);
    }
}

/// The values of a string enum that `x-enum-descriptions` leaves out.
fn enum_values(place: &Location, schema: &Node, findings: &mut Findings) {
    let described = schema.get("x-enum-descriptions");
    let values = schema.get("enum").map(Node::items).unwrap_or_default();
    let silent: Vec<String> = values
        .iter()
        .filter_map(Node::as_str)
        .filter(|value| !described.is_some_and(|described| says(described, value)))
        .map(|value| format!("`{value}`"))
        .collect();
    if silent.is_empty() {
        return;
    }
    let (verb, values) = match silent.len() {
        1 => ("has", "value"),
        _ => ("have", "values"),
    };
    findings.add_with_help(
        schema.get("enum").map_or(place, |node| &node.location),
        format!("the {values} {} of this enum {verb} no description", silent.join(", ")),
        "say what each value means in `x-enum-descriptions: {value: description}` beside the `enum`",
    );
}

fn copied(document: &Document<'_>, findings: &mut Findings) {
    let mut operations = Known::new("operation");
    let mut summaries = Known::new("operation");
    for operation in &document.operations {
        // Operations of different crates may well say the same.
        operations.group = operation.tag().unwrap_or_default();
        summaries.group = operations.group;
        let name = operation.name();
        operations.meet(&name, operation.node.get("description"), findings);
        summaries.meet(&name, operation.node.get("summary"), findings);
    }
    let mut parameters = Known::new("parameter");
    for parameter in &document.parameters {
        let description = parameter.node.get("description");
        parameters.meet(parameter.name, description, findings);
    }
    let (mut schemas, mut fields) = (Known::new("schema"), Known::new("field"));
    let mut values = Known::new("enum value");
    for schema in &document.schemas {
        let description = schema.node.get("description");
        match schema.role {
            Role::Component(name) => schemas.meet(name, description, findings),
            Role::Field(name) => fields.meet(name, description, findings),
            Role::Merged | Role::Part => {}
        }
        for (value, member) in members(schema.node.get("x-enum-descriptions")) {
            values.meet(value, Some(&member.node), findings);
        }
    }
}

/// The texts met so far on things of one kind, each with the name and the place of the first that had it.
struct Known<'a> {
    kind: &'static str,
    /// Only texts of one group are compared.
    group: &'a str,
    texts: HashMap<(&'a str, String), (String, &'a Location)>,
}

impl<'a> Known<'a> {
    fn new(kind: &'static str) -> Self {
        Self {
            kind,
            group: "",
            texts: HashMap::new(),
        }
    }

    /// Things of one name are taken for the same thing: the `name` in a request and in its answer.
    fn meet(&mut self, name: &str, text: Option<&'a Node>, findings: &mut Findings) {
        let Some((node, text)) = text.and_then(|node| Some((node, node.as_str()?))) else {
            return;
        };
        let words = text.split_whitespace();
        let normal = words.collect::<Vec<_>>().join(" ").to_lowercase();
        if normal.is_empty() {
            return;
        }
        let entry = self.texts.entry((self.group, normal));
        let (first, place) = entry.or_insert_with(|| (name.to_owned(), &node.location));
        if thing(first) != thing(name) {
            let kind = self.kind;
            let message = format!("the {kind} `{name}` says the same as the {kind} `{first}`");
            findings.add_with_related(&node.location, message, place, "the first one");
        }
    }
}

/// What a name speaks of: `order_id` in one place and `id` in another are the same number.
fn thing(name: &str) -> &str {
    match name.rsplit_once('_') {
        Some((_, "id")) => "id",
        _ => name,
    }
}
