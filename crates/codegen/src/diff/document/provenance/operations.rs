//! The nodes that decided the items of an operation and of its resource.

use serde_json::Value;

use super::super::kinds::Kind;
use super::super::meaning::{Meaning, plain_reference};
use super::records::Records;
use super::{Changed, Decided, EXISTS, ItemPath, Member, TYPE, VALUE};
use crate::diff::nodes::Facet;
use crate::generate::handle_name;
use crate::generate::markers::RESPONSES;
use crate::generate::model::{BodyFormat, Operation, SchemaPath};

impl<'a> Records<'a> {
    /// Adds what decides a method of the client: that of an operation or of a resource.
    pub(super) fn of_client(&self, name: &str, item: &Changed, decided: &mut Decided) {
        for (operation, lowered) in self.operations() {
            if lowered.method_name == name {
                self.existence(operation, decided);
                self.arguments([operation, lowered], item, decided);
            }
            if lowered.verb.is_some() && lowered.accessor == name {
                self.handle(operation, decided);
            }
            // The methods of a resource with the name of the domain.
            self.verb([operation, lowered], name, item, decided);
        }
    }

    pub(super) fn of_resource(&self, path: &ItemPath, item: &Changed, decided: &mut Decided) {
        for (operation, lowered) in self.operations() {
            if lowered.verb.is_none() || handle_name(lowered) != path.name {
                continue;
            }
            match path.member {
                Member::Associated(name) => self.verb([operation, lowered], name, item, decided),
                _ => self.handle(operation, decided),
            }
        }
    }

    pub(super) fn of_request(&self, path: &ItemPath, item: &Changed, decided: &mut Decided) {
        let mut operations = self.operations();
        let Some((operation, lowered)) =
            operations.find(|(_, lowered)| lowered.type_name == path.name)
        else {
            return;
        };
        self.existence(operation, decided);
        let own = SchemaPath::operation(operation);
        let Member::Associated(name) = path.member else {
            self.response(operation, decided);
            return self.opened(operation, decided);
        };
        match name {
            "send" | "stream" => {
                self.response(operation, decided);
                self.opened(operation, decided);
            }
            "data_only" => {
                self.response(operation, decided);
                self.opened(operation, decided);
            }
            "items" | "pages" => {
                decided.add(&own, &[Facet::Paging]);
                self.response(operation, decided);
                let path = operation
                    .pagination
                    .as_ref()
                    .map(|paging| &paging.items[..]);
                self.along(operation.response_body.as_ref(), path, decided);
            }
            "push" => self.pushed(operation, decided),
            "body" => self.body(operation, decided),
            name => {
                for (parameter, lowered) in operation.parameters.iter().zip(&lowered.parameters) {
                    if lowered.rust_name == name {
                        self.parameter(operation, &parameter.name, decided);
                    }
                }
            }
        }
        if item.takes_typed_strings {
            self.string_parameters(operation, decided);
        }
    }

    /// Adds what decides that an operation has a method, and its name.
    fn existence(&self, operation: &Operation, decided: &mut Decided) {
        let path = SchemaPath::operation(operation);
        decided.add(&path, &[Facet::Added, Facet::Removed, Facet::Name]);
        self.clashes(&path, decided);
        self.of_all(operation, &[Facet::Name], decided);
    }

    /// Adds what is compared for the first media type of an operation only.
    fn of_all(&self, operation: &Operation, facets: &[Facet], decided: &mut Decided) {
        for (other, _) in self.operations() {
            if other.id == operation.id {
                decided.add(&SchemaPath::operation(other), facets);
            }
        }
    }

    /// Adds what decides that there is a resource.
    fn handle(&self, operation: &Operation, decided: &mut Decided) {
        self.existence(operation, decided);
        self.of_all(operation, &[Facet::Resource, Facet::Verb], decided);
    }

    /// Adds what decides a method of a resource.
    fn verb(
        &self,
        [operation, lowered]: [&Operation; 2],
        name: &str,
        item: &Changed,
        decided: &mut Decided,
    ) {
        if lowered.verb.as_deref() == Some(name) {
            self.handle(operation, decided);
            self.arguments([operation, lowered], item, decided);
            let body = operation.request_body.as_ref().and_then(plain_reference);
            if let Some(body) = body.filter(|_| operation.body_required && item.loses("body")) {
                self.fixed_body(&SchemaPath::named(&body), decided);
            }
            if item.returns_other() && !item.is_in_one() {
                self.opened(operation, decided);
            }
        }
        let bulk = lowered.bulk.as_ref().and_then(|bulk| bulk.verb.as_deref());
        if bulk == Some(name) {
            self.handle(operation, decided);
            for (other, _) in self.operations().filter(|(it, _)| it.id == operation.id) {
                let path = SchemaPath::operation(other).child("bulk");
                decided.add(&path, &[Facet::Bulk]);
            }
            self.pushed(operation, decided);
            self.arguments([operation, lowered], item, decided);
        }
    }

    /// Adds what decides the arguments that differ, and the result.
    fn arguments(
        &self,
        [operation, lowered]: [&Operation; 2],
        item: &Changed,
        decided: &mut Decided,
    ) {
        if item.is_in_one() {
            return;
        }
        let differing = item.arguments();
        for (parameter, lowered) in operation.parameters.iter().zip(&lowered.parameters) {
            if differing.contains(&lowered.rust_name) {
                self.parameter(operation, &parameter.name, decided);
            }
        }
        if differing.iter().any(|name| name == "body") {
            self.body(operation, decided);
        }
        if item.takes_typed_strings {
            self.string_parameters(operation, decided);
        }
        if item.reorders() {
            self.of_all(operation, &[Facet::Order, Facet::Name], decided);
        }
        if item.returns_other() {
            self.existence(operation, decided);
        }
    }

    fn parameter(&self, operation: &Operation, name: &str, decided: &mut Decided) {
        let path = SchemaPath::parameter(operation, name);
        decided.add(&path, VALUE);
        self.clashes(&path, decided);
        self.value(&path, decided);
    }

    /// Adds the string parameters of an operation, which get types of their own if there are
    /// several.
    pub(super) fn string_parameters(&self, operation: &Operation, decided: &mut Decided) {
        for name in self.strings_of(operation) {
            self.parameter(operation, &name, decided);
        }
        if self.takes_string(operation) {
            self.body(operation, decided);
        }
    }

    /// Returns the required string parameters of an operation.
    pub(super) fn strings_of(&self, operation: &Operation) -> Vec<String> {
        let required = operation.parameters.iter().filter(|it| it.required);
        let strings = required.filter(|it| self.is_string(&it.schema));
        strings.map(|parameter| parameter.name.clone()).collect()
    }

    /// Returns true if a string may stand for the body.
    pub(super) fn takes_string(&self, operation: &Operation) -> bool {
        let Some(body) = operation.request_body.as_ref() else {
            return false;
        };
        let schemas = &self.version.domain.schemas;
        let meaning = Meaning::new(body, schemas);
        let data = meaning
            .properties()
            .get("data")
            .map(|it| Meaning::new(it, schemas));
        // An envelope of nothing but an identifier.
        let is_envelope = data.is_some_and(|it| it.properties().contains_key("id"));
        operation.body_required
            && (operation.request_format != BodyFormat::Json
                || is_envelope
                || matches!(Kind::of(&meaning), Kind::String(_) | Kind::Union))
    }

    fn is_string(&self, schema: &Value) -> bool {
        let meaning = Meaning::new(schema, &self.version.domain.schemas);
        matches!(Kind::of(&meaning), Kind::String(_)) && meaning.values().is_none()
    }

    fn body(&self, operation: &Operation, decided: &mut Decided) {
        let path = SchemaPath::request_body(operation);
        decided.add(&path, VALUE);
        self.value(&path, decided);
    }

    /// Adds what decides the type of the response.
    fn response(&self, operation: &Operation, decided: &mut Decided) {
        let path = SchemaPath::response_body(operation);
        decided.add(&path, TYPE);
        // The bodies of several status codes are inside a type of their own.
        if operation.responses.is_empty() {
            decided.inside(&path.child("statuses"), TYPE);
            self.value(&path, decided);
        }
        self.value(&SchemaPath::stream(operation), decided);
    }

    /// Adds what decides that a response is an envelope.
    fn opened(&self, operation: &Operation, decided: &mut Decided) {
        self.of_all(operation, &[Facet::Paging], decided);
        if let Some(name) = operation.response_body.as_ref().and_then(plain_reference) {
            let body = SchemaPath::named(&name);
            decided.add(&body, TYPE);
            decided.inside(&body.child("properties"), EXISTS);
            self.field(&body, "data", decided);
        }
    }

    /// Adds what decides the methods that take any number of items.
    fn pushed(&self, operation: &Operation, decided: &mut Decided) {
        self.of_all(operation, &[Facet::Bulk], decided);
        let path = operation.bulk.as_ref().map(|bulk| &bulk.items[..]);
        self.along(operation.request_body.as_ref(), path, decided);
        if let Some(name) = operation.request_body.as_ref().and_then(plain_reference) {
            // Only an object of nothing but the list needs no body.
            let body = SchemaPath::named(&name).child("properties");
            decided.inside(&body, &[Facet::Required]);
        }
    }

    /// Adds the properties that lead from a body to the items of a list.
    fn along(&self, body: Option<&Value>, path: Option<&[String]>, decided: &mut Decided) {
        let mut name = body.and_then(plain_reference);
        for property in path.into_iter().flatten() {
            let Some(owner) = name else { return };
            let node = SchemaPath::named(&owner);
            self.field(&node, property, decided);
            let field = self.schemas.get(&node.field(property));
            name = field.and_then(|field| plain_reference(field));
        }
    }

    /// Adds what decides the variant for a status code.
    pub(super) fn response_variant(&self, node: &SchemaPath, name: &str, decided: &mut Decided) {
        for (operation, lowered) in self.operations() {
            if SchemaPath::response_body(operation) != *node {
                continue;
            }
            let joined = lowered.response_body.as_ref().and_then(plain_reference);
            let schema = joined.and_then(|name| self.version.lowered.schemas.get(&name));
            let statuses = schema.and_then(|schema| schema.value.get(RESPONSES)?.as_array());
            for status in statuses.into_iter().flatten() {
                let text = |key: &str| status.get(key).and_then(|it| it.as_str());
                if let (Some(known), Some(status)) = (text("name"), text("status"))
                    && known == name
                {
                    let path = node.status(status);
                    decided.add(&path, TYPE);
                    self.value(&path, decided);
                }
            }
        }
    }
}
