//! A synthetic resource: its five operations and its own schemas.

use serde_json::{Map, Value, json};

use crate::schemas::{ADJECTIVES, NOUNS, SHARED_GROUP, object, shared_name, tag_name, to};
use crate::size::{
    ENUMS, READ_SCHEMAS, RELATIONSHIP_SCHEMAS, SETTINGS_SCHEMAS, Size, WRITE_SCHEMAS,
};

/// A resource.
pub(crate) struct Resource {
    number: usize,
    tag: usize,
    /// The prefix of its schemas' names.
    pub(crate) name: String,
    /// Its name in paths.
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

    /// Returns a reference to one of its own schemas.
    fn own(&self, suffix: &str) -> Value {
        to(&format!("{}{suffix}", self.name))
    }

    /// Returns a reference to a shared schema; neighboring resources share the same ones.
    fn shared(&self, which: usize) -> Value {
        let group = self.number / SHARED_GROUP;
        to(&shared_name(group * SHARED_GROUP + which % SHARED_GROUP))
    }

    /// Adds its operations.
    pub(crate) fn operations(&self, paths: &mut Map<String, Value>) {
        let (name, slug, tag) = (&self.name, &self.slug, tag_name(self.tag));
        let words = self.words();
        let identifier = json!({
            "name": format!("{slug}_id"), "in": "path", "required": true,
            "description": format!("The id of the {words}."), "schema": {"type": "string"},
        });
        let create = json!({
            "tags": [tag], "operationId": format!("Create{name}"), "x-resource": slug,
            "x-verb": "create",
            "summary": format!("Create {words}"), "description": "The name has to be new.",
            "requestBody": self.request_body("CreateRequest"),
            "responses": self.responses("201", Some("Response")),
        });
        let get = json!({
            "tags": [tag], "operationId": format!("Get{name}"), "x-resource": slug, "x-verb": "get",
            "summary": format!("Get {words}"), "parameters": [identifier],
            "responses": self.responses("200", Some("Response")),
        });
        let update = json!({
            "tags": [tag], "operationId": format!("Update{name}"), "x-resource": slug,
            "x-verb": "update",
            "summary": format!("Update {words}"), "description": "What is left out stays as it is.",
            "parameters": [identifier], "requestBody": self.request_body("UpdateRequest"),
            "responses": self.responses("200", Some("Response")),
        });
        let delete = json!({
            "tags": [tag], "operationId": format!("Delete{name}"), "x-resource": slug,
            "x-verb": "delete",
            "summary": format!("Delete {words}"), "parameters": [identifier],
            "responses": self.responses("204", None),
        });
        let path = format!("/api/v2/{slug}");
        paths.insert(
            format!("{path}/{{{slug}_id}}"),
            json!({"get": get, "patch": update, "delete": delete}),
        );
        paths.insert(path, json!({"get": self.list(&tag), "post": create}));
    }

    /// Returns the operation that lists the resource.
    fn list(&self, tag: &str) -> Value {
        let (name, slug, words) = (&self.name, &self.slug, self.words());
        let page = |name: &str, what: &str| {
            json!({
                "name": name, "in": "query", "description": what,
                "schema": {
                    "type": "integer", "format": "int64", "minimum": 0, "maximum": 100,
                    "default": 10,
                },
            })
        };
        json!({
            "tags": [tag], "operationId": format!("List{name}"), "x-resource": slug,
            "x-verb": "list",
            "x-pagination": {
                "limitParam": "page[limit]", "pageOffsetParam": "page[offset]",
                "resultsPath": "data", "totalPath": "meta.total",
            },
            "summary": format!("List {words}"),
            "description": format!(
                "Gives back the {words} of the organization, page by page.\n\nThe newest one comes \
                 first."
            ),
            "parameters": [
                page("page[limit]", "How many a page holds at the most."),
                page("page[offset]", "How many to skip."),
                {
                    "name": "sort", "in": "query", "description": "What to sort by.",
                    "schema": self.own("Sort"),
                },
                {
                    "name": "filter[status]", "in": "query",
                    "description": "Only those with one of these.",
                    "schema": {"type": "array", "items": self.own("Status")},
                },
                {
                    "name": "include", "in": "query", "description": "What to give back as well.",
                    "schema": {"type": "string"},
                },
            ],
            "responses": self.responses("200", Some("ListResponse")),
        })
    }

    /// Returns a request body of one of its own schemas.
    fn request_body(&self, schema: &str) -> Value {
        json!({
            "required": true,
            "content": {"application/json": {
                "schema": self.own(schema),
                "example": {"data": {
                    "type": self.slug,
                    "attributes": {"name": "The first one", "enabled": true},
                }},
            }},
        })
    }

    /// Returns the responses of an operation, a success with or without a body among them.
    fn responses(&self, status: &str, body: Option<&str>) -> Value {
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
    }

    /// Adds its own schemas.
    pub(crate) fn schemas(&self, schemas: &mut Map<String, Value>) {
        let own = self
            .enums()
            .into_iter()
            .chain(self.read_schemas())
            .chain(self.write_schemas())
            .chain(self.relationship_schemas())
            .chain(self.settings_schemas());
        for (suffix, schema) in own {
            schemas.insert(format!("{}{suffix}", self.name), schema);
        }
    }

    /// Returns the resource's name in words.
    fn words(&self) -> String {
        self.slug.replace('_', " ")
    }

    /// Returns a schema with a description that names the resource.
    fn of(&self, kind: &str, what: &str) -> Value {
        json!({"type": kind, "description": format!("The {what} of the {}.", self.words())})
    }

    fn enums(&self) -> [(&'static str, Value); ENUMS] {
        let one_of = |what: &str, values: Value| {
            let mut schema = self.of("string", what);
            schema["enum"] = values;
            schema
        };
        let statuses = json!(["open", "in_progress", "on_hold", "resolved", "closed"]);
        let orders = json!(["name", "-name", "created_at", "-created_at"]);
        let operators = json!(["equals", "not_equals", "contains", ">", "<"]);
        [
            ("Type", one_of("type", json!([self.slug]))),
            ("Status", one_of("status", statuses)),
            ("Sort", one_of("order", orders)),
            ("Operator", one_of("comparison", operators)),
        ]
    }

    /// Returns the attributes that clients write.
    fn written(&self) -> Value {
        json!({
            "name": {"type": "string", "description": "What people call it.", "maxLength": 200},
            "description": self.of("string", "purpose"),
            "enabled": {
                "type": "boolean", "description": "Whether it does anything.", "default": true,
            },
            "priority": {
                "type": "integer", "format": "int64", "description": "The lower, the sooner.",
                "minimum": 0,
            },
            "tags": {
                "type": "array", "description": "Keys and values.", "items": {"type": "string"},
            },
            "status": self.own("Status"),
            "settings": self.own("Settings"),
            "labels": self.own("Labels"),
        })
    }

    /// Returns the attributes that clients read.
    fn read(&self) -> Value {
        let mut read = self.written();
        read["created_at"] = json!({
            "type": "string", "format": "date-time", "description": "When it was made.",
        });
        read["score"] = json!({
            "type": "number", "format": "double", "nullable": true, "description": "From 0 to 1.",
        });
        read["owner"] = self.own("Owner");
        read["metrics"] = json!({"type": "array", "items": self.own("Metric")});
        read["created_by"] = self.shared(1);
        read
    }

    /// Returns the `data` of a request or a response.
    fn data(&self, attributes: &str, has_id: bool) -> Value {
        let mut fields = Map::from_iter([
            ("type".to_owned(), self.own("Type")),
            ("attributes".to_owned(), self.own(attributes)),
        ]);
        let mut required = vec!["type", "attributes"];
        if has_id {
            fields.insert("id".to_owned(), self.of("string", "id"));
            fields.insert("relationships".to_owned(), self.own("Relationships"));
            required.push("id");
        }
        object(
            &format!("The {} as it goes over the wire.", self.words()),
            &required,
            Value::Object(fields),
        )
    }

    fn read_schemas(&self) -> [(&'static str, Value); READ_SCHEMAS] {
        let words = self.words();
        let response = json!({
            "data": self.own("Data"),
            "included": {"type": "array", "items": self.shared(2)},
        });
        let list = json!({
            "data": {"type": "array", "description": "The page.", "items": self.own("Data")},
            "meta": self.own("ListMeta"),
            "links": self.own("Links"),
        });
        let meta = json!({
            "total": self.of("integer", "number"),
            "took": self.of("integer", "duration"),
        });
        let links = json!({
            "next": self.of("string", "next page"),
            "prev": self.of("string", "page before"),
        });
        let attributes = format!("What the {words} says.");
        let attributes = object(&attributes, &["name", "status"], self.read());
        [
            ("Attributes", attributes),
            ("Data", self.data("Attributes", true)),
            (
                "Response",
                object(&format!("One {words}."), &["data"], response),
            ),
            (
                "ListResponse",
                object(&format!("A page of {words}."), &["data"], list),
            ),
            ("ListMeta", object("What is said of the list.", &[], meta)),
            ("Links", object("Where else to look.", &[], links)),
        ]
    }

    fn write_schemas(&self) -> [(&'static str, Value); WRITE_SCHEMAS] {
        let description = format!("What holds the {}.", self.words());
        let envelope =
            |content: &str| object(&description, &["data"], json!({"data": self.own(content)}));
        let create = object("What a new one says.", &["name"], self.written());
        let update = object("What is to change.", &[], self.written());
        [
            ("CreateAttributes", create),
            ("CreateData", self.data("CreateAttributes", false)),
            ("CreateRequest", envelope("CreateData")),
            ("UpdateAttributes", update),
            ("UpdateData", self.data("UpdateAttributes", false)),
            ("UpdateRequest", envelope("UpdateData")),
        ]
    }

    fn relationship_schemas(&self) -> [(&'static str, Value); RELATIONSHIP_SCHEMAS] {
        let all = json!({
            "owner": self.own("Relationship"),
            "team": self.own("Relationship"),
        });
        let one = json!({"data": self.own("RelationshipData")});
        let data = json!({"id": self.of("string", "id"), "type": self.of("string", "type")});
        let since = json!({"type": "string", "format": "date-time"});
        let owner = json!({
            "description": "Who looks after it.",
            "allOf": [self.shared(4), {"type": "object", "properties": {"since": since}}],
        });
        [
            ("Relationships", object("What it has to do with.", &[], all)),
            ("Relationship", object("Something else.", &[], one)),
            ("RelationshipData", object("What names it.", &["id"], data)),
            ("Owner", owner),
        ]
    }

    fn settings_schemas(&self) -> [(&'static str, Value); SETTINGS_SCHEMAS] {
        let settings = json!({
            "schedule": self.own("Schedule"),
            "rules": {
                "type": "array", "description": "All of them have to hold.",
                "items": self.own("Rule"),
            },
            "timeout": {"type": "integer", "format": "int32", "description": "In seconds."},
            "notify": self.shared(3),
        });
        let schedule = json!({
            "interval": {"type": "integer", "format": "int64", "description": "In seconds."},
            "from": {"type": "string", "format": "date", "description": "The first day."},
            "days": {
                "type": "array",
                "items": {"type": "string", "enum": ["monday", "tuesday", "sunday"]},
            },
        });
        let rule = json!({
            "field": self.of("string", "field"),
            "operator": self.own("Operator"),
            "value": {"description": "Anything."},
            "rules": {"type": "array", "description": "Further ones.", "items": self.own("Rule")},
        });
        let unit = json!({"name": self.of("string", "unit"), "scale": self.of("number", "scale")});
        let metric = json!({
            "name": self.of("string", "metric"),
            "points": {"type": "array", "items": {"type": "number", "format": "double"}},
            "unit": {"type": "object", "properties": unit},
        });
        let labels = json!({
            "type": "object", "description": "Keys and values.",
            "additionalProperties": {"type": "string"},
        });
        [
            ("Settings", object("How it works.", &[], settings)),
            (
                "Schedule",
                object("When it works.", &["interval"], schedule),
            ),
            ("Rule", object("A condition.", &["field", "operator"], rule)),
            ("Metric", object("What is measured.", &[], metric)),
            ("Labels", labels),
        ]
    }
}
