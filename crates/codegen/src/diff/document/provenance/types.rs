//! The nodes that decided the items of a type.

use serde_json::Value;

use super::super::kinds::Kind;
use super::super::meaning::{Meaning, plain_reference};
use super::super::schemas::ancestors;
use super::records::Records;
use super::{Changed, Decided, EXISTS, ItemPath, Member, TYPE, VALUE};
use crate::collections::HashSet;
use crate::diff::nodes::Facet;
use crate::generate::identifiers::pascal_case;
use crate::generate::markers::ENUM_VALUES;
use crate::generate::model::{Schema, SchemaPath, referenced_schema};

impl<'a> Records<'a> {
    pub(super) fn of_type(&self, path: &ItemPath, item: &Changed, decided: &mut Decided) {
        let Some(schema) = self.version.lowered.schemas.get(path.name) else {
            return self.of_string_type(path.name, item, decided);
        };
        let node = &schema.path;
        match path.member {
            Member::Itself => self.identity(node, decided),
            Member::Field(name) => self.field_called(node, name, decided),
            Member::Associated("new") => self.constructor(node, item, decided),
            Member::Associated("default") => self.values(node, decided),
            Member::Associated(name) if item.has_turned => {
                self.turned(node, decided);
                self.variant(node, schema, name, decided);
            }
            Member::Associated(name) => {
                self.field_called(node, name, decided);
                self.variant(node, schema, name, decided);
            }
            Member::Trait(name) => self.implementation(node, name, item, decided),
        }
    }

    /// Adds what decides the name and the kind of a type.
    pub(super) fn identity(&self, node: &SchemaPath, decided: &mut Decided) {
        decided.add(node, TYPE);
        self.clashes(node, decided);
        self.discriminating(node, decided);
        // The name of a type without a name of its own begins with the names around it.
        let mut around = node.parent();
        while let Some(path) = around {
            decided.add(&path, &[Facet::Name]);
            self.clashes(&path, decided);
            around = path.parent();
        }
        for (operation, _) in self.operations() {
            let response = SchemaPath::response_body(operation);
            if *node == response || node.is_inside(&response) {
                decided.inside(&response.child("statuses"), &[Facet::Added, Facet::Removed]);
                decided.inside(&response.child("statuses"), &[Facet::Type]);
            }
        }
    }

    /// Returns the paths of an object and of the schemas that it inherits from.
    pub(super) fn owners(&self, node: &SchemaPath) -> Vec<SchemaPath> {
        let mut owners = vec![node.clone()];
        if let Some(value) = self.schemas.get(node) {
            let mut schema = *value;
            let schemas = &self.version.domain.schemas;
            if let Some(target) = referenced_schema(schema).and_then(|name| schemas.get(&name)) {
                owners.push(target.path.clone());
                schema = &target.value;
            }
            let names = ancestors(schema, schemas);
            owners.extend(names.iter().map(|name| SchemaPath::named(name)));
        }
        owners
    }

    /// Returns the names of the properties of an object.
    fn properties(&self, node: &SchemaPath) -> Vec<String> {
        let schemas = &self.version.domain.schemas;
        let value = self.schemas.get(node);
        let properties = value.map(|value| Meaning::new(value, schemas).properties());
        let properties = properties.into_iter().flatten();
        properties.map(|(name, _)| name).collect()
    }

    /// Returns the properties whose field or setter has a Rust name.
    fn properties_called(&self, node: &SchemaPath, name: &str) -> Vec<String> {
        let bare = name.strip_prefix("set_").unwrap_or(name);
        let mut properties = self.properties(node);
        properties.retain(|property| {
            let rust_name = self.version.names.field_name(node, property);
            rust_name.is_some_and(|known| known == name || known == bare)
        });
        properties
    }

    /// Adds what decides the field with a Rust name.
    fn field_called(&self, node: &SchemaPath, name: &str, decided: &mut Decided) {
        for property in self.properties_called(node, name) {
            self.field(node, &property, decided);
        }
        // A discriminator may be a property that no alternative lists.
        for property in self.discriminators() {
            let rust_name = self.version.names.field_name(node, &property);
            if property == name || rust_name.as_deref() == Some(name) {
                self.discriminating(&node.field(&property), decided);
            }
        }
        if name == "extra" {
            decided.add(node, &[Facet::Type]);
            self.value(&node.values(), decided);
        }
    }

    /// Adds what decides the field of a property.
    pub(super) fn field(&self, node: &SchemaPath, property: &str, decided: &mut Decided) {
        for owner in self.owners(node) {
            let path = owner.field(property);
            decided.add(&path, VALUE);
            self.clashes(&path, decided);
            self.value(&path, decided);
            self.discriminating(&path, decided);
        }
    }

    /// Adds what decides the Rust type of the values of a schema.
    pub(super) fn value(&self, path: &SchemaPath, decided: &mut Decided) {
        let mut seen = HashSet::default();
        let mut pending = vec![path.clone()];
        while let Some(path) = pending.pop() {
            if !seen.insert(path.clone()) {
                continue;
            }
            decided.add(&path, TYPE);
            let Some(value) = self.schemas.get(&path) else {
                continue;
            };
            if self.version.names.type_name(&path).is_some() {
                self.identity(&path, decided);
                continue;
            }
            pending.extend([path.items(), path.values()]);
            let parts = value.get("allOf").and_then(Value::as_array);
            for part in parts.into_iter().flatten().chain([*value]) {
                if let Some(name) = referenced_schema(part) {
                    pending.push(SchemaPath::named(&name));
                }
            }
        }
    }

    /// Adds what decides the arguments of `new`.
    fn constructor(&self, node: &SchemaPath, item: &Changed, decided: &mut Decided) {
        if item.has_turned {
            return self.turned(node, decided);
        }
        if item.is_in_one() {
            return self.identity(node, decided);
        }
        for argument in item.arguments() {
            self.field_called(node, &argument, decided);
            for owner in self.owners(node) {
                for property in self.properties_called(node, &argument) {
                    self.constant(&owner.field(&property), decided);
                }
            }
        }
        if item.reorders() {
            for owner in self.owners(node) {
                decided.add(&owner, &[Facet::Order]);
            }
        }
        if item.takes_typed_strings {
            self.string_fields(node, decided);
        }
    }

    /// Adds the required strings of an object, whose arguments get types of their own if there are
    /// several.
    fn string_fields(&self, node: &SchemaPath, decided: &mut Decided) {
        for property in self.required_strings(node) {
            self.field(node, &property, decided);
        }
    }

    fn required_strings(&self, node: &SchemaPath) -> Vec<String> {
        let schemas = &self.version.domain.schemas;
        let Some(value) = self.schemas.get(node) else {
            return Vec::new();
        };
        let meaning = Meaning::new(value, schemas);
        let properties = meaning.properties();
        let is_string = |(name, schema): &(&String, &Value)| {
            let field = Meaning::new(schema, schemas);
            let is_union = matches!(Kind::of(&field), Kind::Union);
            meaning.is_required(name)
                && ((matches!(Kind::of(&field), Kind::String(_)) && field.values().is_none())
                    || is_union)
        };
        let strings = properties.iter().filter(is_string);
        strings.map(|(name, _)| name.clone()).collect()
    }

    /// Adds what decides that a string argument has the type `name`.
    fn of_string_type(&self, name: &str, item: &Changed, decided: &mut Decided) {
        if !item.is_typed_string {
            return;
        }
        let is_called = |wire_name: &str| {
            let wanted = pascal_case(wire_name, "Argument");
            let rest = name.strip_prefix(wanted.trim_end_matches('_'));
            rest.is_some_and(|rest| {
                let rest = rest.strip_prefix("Argument").unwrap_or(rest);
                rest.bytes().all(|byte| byte.is_ascii_digit())
            })
        };
        for schema in self.version.lowered.schemas.values() {
            let strings = self.required_strings(&schema.path);
            if strings.len() > 1 && strings.iter().any(|property| is_called(property)) {
                self.string_fields(&schema.path, decided);
                self.turned(&schema.path, decided);
            }
        }
        for (operation, _) in self.operations() {
            let strings = self.strings_of(operation);
            let count = strings.len() + usize::from(self.takes_string(operation));
            if count > 1 && strings.iter().any(|name| is_called(name)) {
                self.string_parameters(operation, decided);
            }
        }
    }

    /// Adds what decides the value of an enum or the alternative of a union.
    fn variant(&self, node: &SchemaPath, schema: &Schema, name: &str, decided: &mut Decided) {
        let list = |keyword: &str| schema.value.get(keyword).and_then(Value::as_array);
        if let (Some(names), Some(values)) = (list("enum"), list(ENUM_VALUES)) {
            let mut pairs = names.iter().zip(values);
            if let Some((_, value)) = pairs.find(|(known, _)| known.as_str() == Some(name)) {
                let text = value.as_str().map_or(value.to_string(), str::to_owned);
                for node in self.enums(node) {
                    let path = node.child("enum").child(&text);
                    decided.add(&path, EXISTS);
                    self.clashes(&path, decided);
                }
                self.discriminating(node, decided);
            }
            return;
        }
        self.alternative(node, name, decided);
        self.response_variant(node, name, decided);
    }

    /// Returns the paths of the enums whose values an enum has: its own, or those of a union of
    /// strings.
    fn enums(&self, node: &SchemaPath) -> Vec<SchemaPath> {
        let mut enums = vec![node.clone()];
        let value = self.schemas.get(node);
        for keyword in ["oneOf", "anyOf", "allOf"] {
            let alternatives = value.and_then(|value| value.get(keyword)?.as_array());
            for (at, alternative) in alternatives.into_iter().flatten().enumerate() {
                enums.push(node.variant(at));
                enums.extend(plain_reference(alternative).map(|name| SchemaPath::named(&name)));
            }
        }
        enums
    }

    /// Adds the values of an enum.
    pub(super) fn values(&self, node: &SchemaPath, decided: &mut Decided) {
        for node in self.enums(node) {
            decided.inside(&node.child("enum"), EXISTS);
        }
        self.discriminating(node, decided);
    }

    /// Adds what decides that a type implements a trait.
    fn implementation(&self, node: &SchemaPath, name: &str, item: &Changed, decided: &mut Decided) {
        match name.split('<').next() {
            Some("From") if self.is_union(node) => self.alternative(node, name, decided),
            Some("From") => self.envelope(node, name, decided),
            Some("Default") => {
                self.values(node, decided);
                for owner in self.owners(node) {
                    let facets = [Facet::Access, Facet::Nullable, Facet::Required, Facet::Type];
                    decided.inside(&owner.child("properties"), &facets);
                }
                self.constants(node, decided);
                if item.has_turned {
                    self.turned(node, decided);
                }
            }
            _ => {
                decided.add(node, &[Facet::Type]);
                decided.add(&node.values(), TYPE);
            }
        }
    }

    /// Adds the values of the enums that the fields of an object have. A constructor fills in the
    /// only one.
    fn constants(&self, node: &SchemaPath, decided: &mut Decided) {
        for owner in self.owners(node) {
            for property in self.properties(&owner) {
                self.constant(&owner.field(&property), decided);
            }
        }
    }

    fn constant(&self, path: &SchemaPath, decided: &mut Decided) {
        let target = self.schemas.get(path).and_then(|it| plain_reference(it));
        let target = target.map_or_else(|| path.clone(), |name| SchemaPath::named(&name));
        decided.inside(&target.child("enum"), EXISTS);
        decided.add(&target, &[Facet::Type]);
    }

    /// Adds what decides a conversion into the envelope of a request or into its data.
    fn envelope(&self, node: &SchemaPath, conversion: &str, decided: &mut Decided) {
        for (operation, _) in self.operations() {
            let Some(body) = operation.request_body.as_ref().and_then(plain_reference) else {
                continue;
            };
            let body = SchemaPath::named(&body);
            let data = self.data_of(&body);
            if *node != body && *node != data {
                continue;
            }
            decided.add(&SchemaPath::request_body(operation), TYPE);
            decided.inside(&body.child("properties"), EXISTS);
            self.field(&body, "data", decided);
            let name = self.version.names.type_name(&data);
            if name.is_none_or(|name| conversion != format!("From<{name}>")) {
                self.contents(&data, decided);
            }
        }
    }

    /// Returns the path of the data inside an envelope.
    fn data_of(&self, body: &SchemaPath) -> SchemaPath {
        let data = body.field("data");
        let target = self.schemas.get(&data).and_then(|it| plain_reference(it));
        target.map_or(data, |name| SchemaPath::named(&name))
    }

    /// Adds what decides which values the data of an envelope needs.
    fn contents(&self, data: &SchemaPath, decided: &mut Decided) {
        let properties = data.child("properties");
        decided.inside(
            &properties,
            &[Facet::Required, Facet::Type, Facet::Nullable],
        );
        self.constants(data, decided);
        match self.schemas.get(&data.field("attributes")) {
            Some(_) => self.field(data, "attributes", decided),
            // Any other property stands next to the identifier.
            None => decided.inside(&properties, EXISTS),
        }
    }

    /// Adds what decides that a method needs no body, because every value of it is fixed.
    pub(super) fn fixed_body(&self, body: &SchemaPath, decided: &mut Decided) {
        if self.schemas.contains_key(&body.field("data")) {
            decided.inside(&body.child("properties"), EXISTS);
            self.contents(&self.data_of(body), decided);
        }
    }
}
