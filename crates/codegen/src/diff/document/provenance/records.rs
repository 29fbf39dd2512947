//! What the generator read of one version of a domain.

use serde_json::Value;

use super::super::subject::DomainVersion;
use super::{Changed, Decided, ItemPath, Member, Module};
use crate::collections::{HashMap, HashSet};
use crate::diff::nodes::Facet;
use crate::generate::model::{Operation, SchemaPath, referenced_schema};

/// The nodes of a domain, and how they refer to each other.
pub(super) struct Records<'a> {
    pub(super) version: &'a DomainVersion<'a>,
    /// Every schema by its path.
    pub(super) schemas: HashMap<SchemaPath, &'a Value>,
    /// Every reference to a named schema.
    pub(super) references: Vec<Reference>,
    /// The unions of the domain.
    pub(super) unions: Vec<SchemaPath>,
    /// The schemas that requests hold.
    pub(super) sent: HashSet<String>,
}

/// A reference to a named schema.
pub(super) struct Reference {
    /// The named schema that has it; `None` for an operation.
    pub(super) from: Option<String>,
    /// True if it is in a request, for an operation.
    pub(super) is_sent: bool,
    pub(super) at: SchemaPath,
    pub(super) to: String,
}

impl<'a> Records<'a> {
    pub(super) fn new(version: &'a DomainVersion<'a>) -> Self {
        let domain = version.domain;
        let sent = domain.operations.iter().flat_map(|operation| {
            let parameters = operation.parameters.iter();
            parameters
                .map(|parameter| &parameter.schema)
                .chain(&operation.request_body)
        });
        let mut records = Self {
            version,
            schemas: HashMap::default(),
            references: Vec::new(),
            unions: Vec::new(),
            sent: domain.reached_from(sent),
        };
        for (name, schema) in &domain.schemas {
            records.read(&schema.value, &schema.path, Some(name), false);
        }
        for operation in &domain.operations {
            for parameter in &operation.parameters {
                let path = SchemaPath::parameter(operation, &parameter.name);
                records.read(&parameter.schema, &path, None, true);
            }
            if let Some(body) = &operation.request_body {
                records.read(body, &SchemaPath::request_body(operation), None, true);
            }
            let response = SchemaPath::response_body(operation);
            if let Some(body) = &operation.response_body {
                records.read(body, &response, None, false);
            }
            for status in &operation.responses {
                if let Some(body) = &status.schema {
                    records.read(body, &response.status(&status.status), None, false);
                }
            }
            if let Some(stream) = &operation.stream {
                records.read(&stream.schema, &SchemaPath::stream(operation), None, false);
            }
        }
        records
    }

    /// Reads a schema and those inside it, without a stack.
    fn read(&mut self, schema: &'a Value, path: &SchemaPath, from: Option<&str>, is_sent: bool) {
        let mut pending = vec![(schema, path.clone())];
        while let Some((schema, path)) = pending.pop() {
            if let Some(to) = referenced_schema(schema) {
                self.references.push(Reference {
                    from: from.map(str::to_owned),
                    is_sent,
                    at: path.clone(),
                    to,
                });
            }
            let Value::Object(members) = schema else {
                continue;
            };
            for (keyword, value) in members {
                match (keyword.as_str(), value) {
                    ("properties", Value::Object(fields)) => {
                        let fields = fields.iter();
                        pending.extend(fields.map(|(name, field)| (field, path.field(name))));
                    }
                    ("items", Value::Object(_)) => pending.push((value, path.items())),
                    ("additionalProperties", Value::Object(_)) => {
                        pending.push((value, path.values()));
                    }
                    // The parts are one schema.
                    ("allOf", Value::Array(parts)) => {
                        pending.extend(parts.iter().map(|part| (part, path.clone())));
                    }
                    ("oneOf" | "anyOf", Value::Array(alternatives)) => {
                        self.unions.push(path.clone());
                        let all = alternatives.iter().enumerate();
                        pending.extend(all.map(|(at, value)| (value, path.variant(at))));
                    }
                    _ => {}
                }
            }
            // The first schema at a path is the whole one.
            self.schemas.entry(path).or_insert(schema);
        }
    }

    /// Returns true if requests hold the type `name`, or the schema that it is written in.
    pub(super) fn is_sent(&self, name: &str) -> bool {
        let Some(schema) = self.version.lowered.schemas.get(name) else {
            return false;
        };
        match self.root(&schema.path) {
            Some(root) => self.sent.contains(root),
            None => !self.is_response(&schema.path),
        }
    }

    /// Returns the named schema that a path begins with; `None` for the path of an operation.
    pub(super) fn root(&self, path: &SchemaPath) -> Option<&'a str> {
        let names = self.version.domain.schemas.iter();
        let mut found =
            names.filter(|(_, schema)| schema.path == *path || path.is_inside(&schema.path));
        found.next().map(|(name, _)| name.as_str())
    }

    fn is_response(&self, path: &SchemaPath) -> bool {
        let mut operations = self.version.domain.operations.iter();
        operations.any(|operation| {
            let response = SchemaPath::response_body(operation);
            response == *path || path.is_inside(&response)
        })
    }

    /// Returns the operations before and after lowering.
    pub(super) fn operations(&self) -> impl Iterator<Item = (&'a Operation, &'a Operation)> {
        let lowered = self.version.lowered.operations.iter();
        self.version.domain.operations.iter().zip(lowered)
    }

    /// Adds the nodes that made another one get another name.
    pub(super) fn clashes(&self, path: &SchemaPath, decided: &mut Decided) {
        let decisions = self.version.lowered.decisions.iter();
        for decision in decisions.filter(|decision| decision.of == *path) {
            decided.add(&decision.by, &[Facet::Added, Facet::Removed, Facet::Name]);
        }
    }

    /// Adds the nodes that decided an item in this version.
    pub(super) fn collect(&self, path: &ItemPath, item: &Changed, decided: &mut Decided) {
        match (path.module, path.member) {
            (Module::Types, _) => self.of_type(path, item, decided),
            (Module::Requests, _) => self.of_request(path, item, decided),
            (Module::Resources, _) => self.of_resource(path, item, decided),
            (Module::Client, Member::Associated(name)) => self.of_client(name, item, decided),
            // The client is there if the domain is.
            (Module::Client, _) => {
                decided.add(&SchemaPath::root(), &[Facet::Added, Facet::Removed]);
            }
        }
    }
}
