//! A made-up resource: its five operations, and the schemas that it has of its own.

use serde_json::{Map, Value, json};

use crate::schemas::{ADJECTIVES, NOUNS, SHARED_GROUP, object, shared_name, tag_name, to};
use crate::size::{OWN_SCHEMAS, Size};

/// A resource.
pub(crate) struct Resource {
    number: usize,
    tag: usize,
    /// What the names of its schemas begin with.
    pub(crate) name: String,
    /// What the API calls it.
    slug: String,
}

impl Resource {
    pub(crate) fn new(number: usize, size: Size) -> Self {
        let adjective = ADJECTIVES[number % ADJECTIVES.len()];
        let noun = NOUNS[number % NOUNS.len()];
        Self {
            number,
            tag: size.tag_of(number),
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

    /// Adds its operations.
    pub(crate) fn operations(&self, paths: &mut Map<String, Value>) {
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

    /// Adds its own schemas.
    pub(crate) fn schemas(&self, schemas: &mut Map<String, Value>) {
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
