//! A document as large as the vendor's whole API, or a multiple of it: about 1,000 operations, 5,200 schemas and 108
//! tags. It is made up, and the same bytes every time.
//!
//! Each resource is listed page by page, created, read, changed and deleted; its schemas are the envelopes of JSON:API
//! around attributes, with enums, lists, maps and objects of several parts, and some that all resources share. A few
//! tags hold many resources and most hold one, as it is in the world.

use std::collections::BTreeMap;
use std::fmt::Write as _;

use serde_json::{Map, Value, json};

/// The tags of a document of size 1.
const TAGS: usize = 108;
/// The resources of a document of size 1, five operations each.
const RESOURCES: usize = 200;
/// How many schemas a resource has of its own.
const OWN_SCHEMAS: usize = 25;
/// The schemas that resources share, in a document of size 1.
const SHARED: usize = 200;
/// How many shared schemas refer to one another.
const SHARED_GROUP: usize = 8;

const ADJECTIVES: [&str; 12] = [
    "Active",
    "Archived",
    "Custom",
    "Daily",
    "External",
    "Global",
    "Internal",
    "Linked",
    "Managed",
    "Public",
    "Scheduled",
    "Synthetic",
];
const NOUNS: [&str; 17] = [
    "Alert",
    "Budget",
    "Catalog",
    "Dashboard",
    "Event",
    "Finding",
    "Gateway",
    "Host",
    "Incident",
    "Log",
    "Monitor",
    "Notebook",
    "Policy",
    "Query",
    "Role",
    "Suppression",
    "Team",
];

/// How large a document is.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Size {
    /// How often the tags of the vendor's API stand in it.
    pub(crate) copies: usize,
    /// How many times as many resources each tag has.
    pub(crate) per_tag: usize,
}

impl Size {
    /// The vendor's whole API.
    pub(crate) const ONE: Self = Self {
        copies: 1,
        per_tag: 1,
    };

    fn resources(self) -> usize {
        RESOURCES * self.copies * self.per_tag
    }

    fn shared(self) -> usize {
        SHARED * self.copies * self.per_tag
    }

    /// How many operations the document has.
    pub(crate) fn operations(self) -> usize {
        5 * self.resources()
    }

    /// How many schemas have a name.
    pub(crate) fn schemas(self) -> usize {
        OWN_SCHEMAS * self.resources() + self.shared()
    }

    /// How many tags have operations.
    pub(crate) fn tags(self) -> usize {
        TAGS * self.copies
    }
}

/// The document as YAML, with or without one field more in one schema: the settings of the first resource.
pub(crate) fn document(size: Size, is_changed: bool) -> String {
    let mut schemas = Map::new();
    let mut paths = Map::new();
    for number in 0..size.resources() {
        let resource = Resource::new(number, size);
        resource.operations(&mut paths);
        resource.schemas(&mut schemas);
    }
    for number in 0..size.shared() {
        schemas.insert(shared_name(number), shared(number));
    }
    if is_changed
        && let Some(fields) = schemas
            .get_mut(&format!("{}Settings", Resource::new(0, size).name))
            .and_then(|schema| schema.get_mut("properties")?.as_object_mut())
    {
        let field = json!({"type": "string", "description": "What was added since."});
        fields.insert("added_since".to_owned(), field);
    }
    let tags: Vec<Value> = (0..size.tags())
        .map(|tag| json!({"name": tag_name(tag), "description": format!("Everything that belongs to area {tag}.")}))
        .collect();
    let document = json!({
        "openapi": "3.0.3",
        "info": {"title": "Synthetic", "version": "1", "description": "Made up to measure the generator."},
        "servers": [{"url": "https://api.example.com"}],
        "security": [{"apiKeyAuth": [], "appKeyAuth": []}],
        "tags": tags,
        "paths": paths,
        "components": {
            "securitySchemes": {
                "apiKeyAuth": {"type": "apiKey", "in": "header", "name": "x-api-key"},
                "appKeyAuth": {"type": "apiKey", "in": "header", "name": "x-application-key"},
            },
            "responses": {
                "Refused": {
                    "description": "The server refuses the request.",
                    "content": {"application/json": {"schema": to(&shared_name(0))}},
                },
            },
            "schemas": schemas,
        },
    });
    let mut text = String::new();
    write_yaml(&mut text, &document, 0);
    text
}

/// A resource with its five operations.
struct Resource {
    number: usize,
    tag: usize,
    /// What the names of its schemas begin with.
    name: String,
    /// What the API calls it.
    slug: String,
}

impl Resource {
    fn new(number: usize, size: Size) -> Self {
        let adjective = ADJECTIVES[number % ADJECTIVES.len()];
        let noun = NOUNS[number % NOUNS.len()];
        Self {
            number,
            tag: tag_of(number, size),
            name: format!("{adjective}{noun}{number}"),
            slug: format!(
                "{}_{}_{number}",
                adjective.to_lowercase(),
                noun.to_lowercase()
            ),
        }
    }

    /// A reference to one of its own schemas.
    fn own(&self, suffix: &str) -> Value {
        to(&format!("{}{suffix}", self.name))
    }

    /// A reference to a shared schema; resources near one another share the same ones.
    fn shared(&self, which: usize) -> Value {
        let group = self.number / SHARED_GROUP;
        to(&shared_name(group * SHARED_GROUP + which % SHARED_GROUP))
    }

    fn operations(&self, paths: &mut Map<String, Value>) {
        let (name, slug, tag) = (&self.name, &self.slug, tag_name(self.tag));
        let words = slug.replace('_', " ");
        let page = |name: &str, what: &str| {
            json!({
                "name": name, "in": "query", "description": what,
                "schema": {"type": "integer", "format": "int64", "minimum": 0, "maximum": 100, "default": 10},
            })
        };
        let identifier = json!({
            "name": format!("{slug}_id"), "in": "path", "required": true,
            "description": format!("The id of the {words}."), "schema": {"type": "string"},
        });
        let answers = |status: &str, body: Option<&str>| {
            let success = match body {
                Some(body) => json!({
                    "description": "Fine.",
                    "content": {"application/json": {"schema": self.own(body)}},
                }),
                None => json!({"description": "Done."}),
            };
            json!({
                status: success,
                "400": {"$ref": "#/components/responses/Refused"},
                "403": {"$ref": "#/components/responses/Refused"},
                "404": {"$ref": "#/components/responses/Refused"},
                "429": {"$ref": "#/components/responses/Refused"},
            })
        };
        let body = |schema: &str| {
            json!({
                "required": true,
                "content": {"application/json": {
                    "schema": self.own(schema),
                    "example": {"data": {"type": slug, "attributes": {"name": "The first one", "enabled": true}}},
                }},
            })
        };
        let list = json!({
            "tags": [tag], "operationId": format!("List{name}"), "x-resource": slug, "x-verb": "list",
            "x-pagination": {
                "style": "offset", "position": "page[offset]", "size": "page[limit]", "items": "data",
                "total": "meta.total",
            },
            "summary": format!("List {words}"),
            "description": format!("Gives back the {words} of the organization, page by page.\n\nThe newest one comes first."),
            "parameters": [
                page("page[limit]", "How many a page holds at the most."),
                page("page[offset]", "How many to skip."),
                {"name": "sort", "in": "query", "description": "What to sort by.", "schema": self.own("Sort")},
                {
                    "name": "filter[status]", "in": "query", "description": "Only those with one of these.",
                    "schema": {"type": "array", "items": self.own("Status")},
                },
                {"name": "include", "in": "query", "description": "What to give back as well.", "schema": {"type": "string"}},
            ],
            "responses": answers("200", Some("ListResponse")),
        });
        let create = json!({
            "tags": [tag], "operationId": format!("Create{name}"), "x-resource": slug, "x-verb": "create",
            "summary": format!("Create {words}"), "description": "The name has to be new.",
            "requestBody": body("CreateRequest"), "responses": answers("201", Some("Response")),
        });
        let get = json!({
            "tags": [tag], "operationId": format!("Get{name}"), "x-resource": slug, "x-verb": "get",
            "summary": format!("Get {words}"), "parameters": [identifier],
            "responses": answers("200", Some("Response")),
        });
        let update = json!({
            "tags": [tag], "operationId": format!("Update{name}"), "x-resource": slug, "x-verb": "update",
            "summary": format!("Update {words}"), "description": "What is left out stays as it is.",
            "parameters": [identifier], "requestBody": body("UpdateRequest"),
            "responses": answers("200", Some("Response")),
        });
        let delete = json!({
            "tags": [tag], "operationId": format!("Delete{name}"), "x-resource": slug, "x-verb": "delete",
            "summary": format!("Delete {words}"), "parameters": [identifier], "responses": answers("204", None),
        });
        let path = format!("/api/v2/{slug}");
        paths.insert(
            format!("{path}/{{{slug}_id}}"),
            json!({"get": get, "patch": update, "delete": delete}),
        );
        paths.insert(path, json!({"get": list, "post": create}));
    }

    fn schemas(&self, schemas: &mut Map<String, Value>) {
        let words = self.slug.replace('_', " ");
        let of = |kind: &str, what: &str| json!({"type": kind, "description": format!("The {what} of the {words}.")});
        let data = |attributes: &str, has_id: bool| {
            let mut fields = Map::from_iter([
                ("type".to_owned(), self.own("Type")),
                ("attributes".to_owned(), self.own(attributes)),
            ]);
            let mut required = vec!["type", "attributes"];
            if has_id {
                fields.insert("id".to_owned(), of("string", "id"));
                fields.insert("relationships".to_owned(), self.own("Relationships"));
                required.push("id");
            }
            object(
                &format!("The {words} as it goes over the wire."),
                &required,
                Value::Object(fields),
            )
        };
        let envelope = |content: &str| {
            object(
                &format!("What holds the {words}."),
                &["data"],
                json!({"data": self.own(content)}),
            )
        };
        let written = json!({
            "name": {"type": "string", "description": "What people call it.", "maxLength": 200},
            "description": of("string", "purpose"),
            "enabled": {"type": "boolean", "description": "Whether it does anything.", "default": true},
            "priority": {"type": "integer", "format": "int64", "description": "The lower, the sooner.", "minimum": 0},
            "tags": {"type": "array", "description": "Keys and values.", "items": {"type": "string"}},
            "status": self.own("Status"),
            "settings": self.own("Settings"),
            "labels": self.own("Labels"),
        });
        let mut read = written.clone();
        if let Value::Object(fields) = &mut read {
            let time = json!({"type": "string", "format": "date-time", "description": "When it was made."});
            fields.insert("created_at".to_owned(), time);
            let score = json!({"type": "number", "format": "double", "nullable": true, "description": "From 0 to 1."});
            fields.insert("score".to_owned(), score);
            fields.insert("owner".to_owned(), self.own("Owner"));
            fields.insert(
                "metrics".to_owned(),
                json!({"type": "array", "items": self.own("Metric")}),
            );
            fields.insert("created_by".to_owned(), self.shared(1));
        }
        let choice = |what: &str, values: Value| json!({"type": "string", "description": format!("The {what} of the {words}."), "enum": values});
        let own: [(&str, Value); OWN_SCHEMAS] = [
            ("Type", choice("type", json!([self.slug]))),
            (
                "Status",
                choice(
                    "status",
                    json!(["open", "in_progress", "on_hold", "resolved", "closed"]),
                ),
            ),
            (
                "Sort",
                choice(
                    "order",
                    json!(["name", "-name", "created_at", "-created_at"]),
                ),
            ),
            (
                "Operator",
                choice(
                    "comparison",
                    json!(["equals", "not_equals", "contains", ">", "<"]),
                ),
            ),
            (
                "Attributes",
                object(
                    &format!("What the {words} says."),
                    &["name", "status"],
                    read,
                ),
            ),
            ("Data", data("Attributes", true)),
            ("Response", {
                let fields = json!({
                    "data": self.own("Data"),
                    "included": {"type": "array", "items": self.shared(2)},
                });
                object(&format!("One {words}."), &["data"], fields)
            }),
            ("ListResponse", {
                let fields = json!({
                    "data": {"type": "array", "description": "The page.", "items": self.own("Data")},
                    "meta": self.own("ListMeta"),
                    "links": self.own("Links"),
                });
                object(&format!("A page of {words}."), &["data"], fields)
            }),
            (
                "ListMeta",
                object(
                    "What is said of the list.",
                    &[],
                    json!({"total": of("integer", "number"), "took": of("integer", "duration")}),
                ),
            ),
            (
                "Links",
                object(
                    "Where else to look.",
                    &[],
                    json!({"next": of("string", "next page"), "prev": of("string", "page before")}),
                ),
            ),
            (
                "CreateAttributes",
                object("What a new one says.", &["name"], written.clone()),
            ),
            ("CreateData", data("CreateAttributes", false)),
            ("CreateRequest", envelope("CreateData")),
            (
                "UpdateAttributes",
                object("What is to change.", &[], written),
            ),
            ("UpdateData", data("UpdateAttributes", false)),
            ("UpdateRequest", envelope("UpdateData")),
            (
                "Relationships",
                object(
                    "What it has to do with.",
                    &[],
                    json!({"owner": self.own("Relationship"), "team": self.own("Relationship")}),
                ),
            ),
            (
                "Relationship",
                object(
                    "Something else.",
                    &[],
                    json!({"data": self.own("RelationshipData")}),
                ),
            ),
            (
                "RelationshipData",
                object(
                    "What names it.",
                    &["id"],
                    json!({"id": of("string", "id"), "type": of("string", "type")}),
                ),
            ),
            (
                "Settings",
                object(
                    "How it works.",
                    &[],
                    json!({
                        "schedule": self.own("Schedule"),
                        "rules": {"type": "array", "description": "All of them have to hold.", "items": self.own("Rule")},
                        "timeout": {"type": "integer", "format": "int32", "description": "In seconds."},
                        "notify": self.shared(3),
                    }),
                ),
            ),
            (
                "Schedule",
                object(
                    "When it works.",
                    &["interval"],
                    json!({
                        "interval": {"type": "integer", "format": "int64", "description": "In seconds."},
                        "from": {"type": "string", "format": "date", "description": "The first day."},
                        "days": {"type": "array", "items": {"type": "string", "enum": ["monday", "tuesday", "sunday"]}},
                    }),
                ),
            ),
            (
                "Rule",
                object(
                    "A condition.",
                    &["field", "operator"],
                    json!({
                        "field": of("string", "field"),
                        "operator": self.own("Operator"),
                        "value": {"description": "Anything."},
                        "rules": {"type": "array", "description": "Further ones.", "items": self.own("Rule")},
                    }),
                ),
            ),
            (
                "Metric",
                object(
                    "What is measured.",
                    &[],
                    json!({
                        "name": of("string", "metric"),
                        "points": {"type": "array", "items": {"type": "number", "format": "double"}},
                        "unit": {"type": "object", "properties": {"name": of("string", "unit"), "scale": of("number", "scale")}},
                    }),
                ),
            ),
            (
                "Labels",
                json!({
                    "type": "object", "description": "Keys and values.", "additionalProperties": {"type": "string"},
                }),
            ),
            (
                "Owner",
                json!({
                    "description": "Who looks after it.",
                    "allOf": [
                        self.shared(4),
                        {"type": "object", "properties": {"since": {"type": "string", "format": "date-time"}}},
                    ],
                }),
            ),
        ];
        for (suffix, schema) in own {
            schemas.insert(format!("{}{suffix}", self.name), schema);
        }
    }
}

/// A few tags have many resources; each has one at least.
fn tag_of(resource: usize, size: Size) -> usize {
    let resource = resource / size.per_tag;
    let (copy, number) = (resource / RESOURCES, resource % RESOURCES);
    let tag = match number.checked_sub(TAGS) {
        None => number,
        Some(further) => further % (1 + further / 8),
    };
    copy * TAGS + tag
}

fn tag_name(number: usize) -> String {
    let (adjective, noun) = (
        number / NOUNS.len() % ADJECTIVES.len(),
        number % NOUNS.len(),
    );
    let name = format!("{}-{}", ADJECTIVES[adjective], NOUNS[noun]).to_lowercase();
    format!("{name}-{number}")
}

fn shared_name(number: usize) -> String {
    format!("Shared{}{number}", NOUNS[number % NOUNS.len()])
}

/// Shared schemas refer to the next ones of their group.
fn shared(number: usize) -> Value {
    let mut fields = json!({
        "id": {"type": "string", "description": "What names it."},
        "handle": {"type": "string", "description": "What people call it.", "nullable": true},
        "kind": {"type": "string", "description": "What it is.", "enum": ["user", "team", "service"]},
        "created_at": {"type": "string", "format": "date-time", "description": "When it was made."},
        "errors": {"type": "array", "description": "What went wrong.", "items": {"type": "string"}},
    });
    if let Value::Object(fields) = &mut fields
        && !(number + 1).is_multiple_of(SHARED_GROUP)
    {
        fields.insert("next".to_owned(), to(&shared_name(number + 1)));
    }
    object("What several resources have in common.", &["id"], fields)
}

fn object(description: &str, required: &[&str], fields: Value) -> Value {
    let mut schema = json!({"type": "object", "description": description, "properties": fields});
    if let (Value::Object(schema), false) = (&mut schema, required.is_empty()) {
        schema.insert("required".to_owned(), json!(required));
    }
    schema
}

fn to(name: &str) -> Value {
    json!({"$ref": format!("#/components/schemas/{name}")})
}

/// Block style, as people and their tools write it.
fn write_yaml(text: &mut String, value: &Value, indent: usize) {
    let is_block = |value: &Value| match value {
        Value::Array(items) => !items.is_empty(),
        Value::Object(members) => !members.is_empty(),
        _ => false,
    };
    let pad = " ".repeat(indent);
    match value {
        Value::Array(items) if is_block(value) => {
            for item in items {
                if is_block(item) {
                    let mut nested = String::new();
                    write_yaml(&mut nested, item, indent + 2);
                    let _ = write!(
                        text,
                        "{pad}- {}",
                        nested.get(indent + 2..).unwrap_or_default()
                    );
                } else {
                    let _ = writeln!(text, "{pad}- {}", scalar(item));
                }
            }
        }
        Value::Object(members) if is_block(value) => {
            // Whether a map keeps its order depends on what else is built.
            let members: BTreeMap<&String, &Value> = members.iter().collect();
            for (name, member) in members {
                let name = plain_or_quoted(name);
                if is_block(member) {
                    let _ = writeln!(text, "{pad}{name}:");
                    write_yaml(text, member, indent + 2);
                } else {
                    let _ = writeln!(text, "{pad}{name}: {}", scalar(member));
                }
            }
        }
        _ => text.push_str(&scalar(value)),
    }
}

fn scalar(value: &Value) -> String {
    match value {
        Value::String(string) => plain_or_quoted(string),
        // What JSON writes is YAML as well.
        other => other.to_string(),
    }
}

fn plain_or_quoted(string: &str) -> String {
    let is_plain = string.starts_with(|first: char| first.is_ascii_alphabetic() || first == '/')
        && string
            .ends_with(|last: char| last.is_ascii_alphanumeric() || last == '.' || last == '}')
        && !string.contains(": ")
        && !string.contains(" #")
        && !string.contains('\n')
        && !matches!(
            string,
            "true" | "false" | "null" | "yes" | "no" | "on" | "off"
        );
    if is_plain {
        string.to_owned()
    } else {
        Value::from(string).to_string()
    }
}
