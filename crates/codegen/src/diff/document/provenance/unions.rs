//! The nodes that decided the items of a union.

use std::collections::BTreeSet;

use super::super::kinds::Kind;
use super::super::meaning::Meaning;
use super::super::unions::{name_of, words};
use super::records::Records;
use super::{Decided, EXISTS, TYPE};
use crate::diff::nodes::Facet;
use crate::generate::model::SchemaPath;

impl Records<'_> {
    pub(super) fn is_union(&self, node: &SchemaPath) -> bool {
        self.unions.contains(node)
    }

    /// Adds what decides the variant of an alternative, or the conversion from its type. `item` is
    /// the variant or the trait.
    pub(super) fn alternative(&self, node: &SchemaPath, item: &str, decided: &mut Decided) {
        let Some(value) = self.schemas.get(node).filter(|_| self.is_union(node)) else {
            return;
        };
        let schemas = &self.version.domain.schemas;
        let own = self.version.names.type_name(node).unwrap_or_default();
        let mut words_of_item = item.split(|c: char| !c.is_alphanumeric() && c != '_');
        let alternatives = node.child("alternatives");
        let mut is_found = false;
        let unions = Meaning::new(value, schemas).unions;
        let options = unions.iter().flat_map(|union| &union.alternatives);
        for (at, option) in options.enumerate() {
            let target = name_of(option).map(|name| SchemaPath::named(&name));
            let path = target.unwrap_or_else(|| node.variant(at));
            let meaning = Meaning::new(option, schemas);
            let mut names = rust_names(&Kind::of(&meaning));
            let type_name = self.version.names.type_name(&path).unwrap_or_default();
            // The variants lose what they have in common with the union.
            names.extend([type_name, type_name.strip_prefix(own).unwrap_or(type_name)]);
            let is_meant = words_of_item
                .clone()
                .any(|word| !word.is_empty() && names.contains(&word));
            if is_meant {
                is_found = true;
                let words = words(option, schemas);
                decided.add(&alternatives.child(words.trim_matches('`')), EXISTS);
                decided.add(&node.variant(at), TYPE);
                self.value(&path, decided);
            }
        }
        if !is_found && words_of_item.any(|word| !word.is_empty()) {
            // A variant of a type that has no name.
            decided.add(node, &[Facet::Type]);
        }
    }

    /// Returns the properties that are discriminators.
    pub(super) fn discriminators(&self) -> BTreeSet<String> {
        let schemas = &self.version.domain.schemas;
        let values = self.unions.iter().filter_map(|path| self.schemas.get(path));
        let unions = values.flat_map(|value| Meaning::new(value, schemas).unions);
        let names = unions.filter_map(|union| {
            let discriminator = union.discriminator?;
            Some(discriminator.get("propertyName")?.as_str()?.to_owned())
        });
        names.collect()
    }

    /// Adds the unions that give a schema or a field the value of a discriminator.
    pub(super) fn discriminating(&self, node: &SchemaPath, decided: &mut Decided) {
        let Some(name) = self.root(node) else {
            return;
        };
        let schemas = &self.version.domain.schemas;
        for path in &self.unions {
            let Some(value) = self.schemas.get(path) else {
                continue;
            };
            for union in Meaning::new(value, schemas).unions {
                let Some(discriminator) = &union.discriminator else {
                    continue;
                };
                let property = discriminator.get("propertyName").and_then(|it| it.as_str());
                let field = property.map(|name_of| SchemaPath::named(name).field(name_of));
                let mut options = union.alternatives.iter().filter_map(name_of);
                if field.as_ref() != Some(node) || !options.any(|option| option == name) {
                    continue;
                }
                decided.add(path, &[Facet::Discriminator]);
                decided.add(&path.child("mapping").child(name), &[Facet::Discriminator]);
                decided.add(&path.child("alternatives").child(name), EXISTS);
            }
        }
    }
}

/// Returns the variants and Rust types that stand for a kind of value.
fn rust_names(kind: &Kind) -> Vec<&'static str> {
    match kind {
        Kind::String(_) => vec!["Text", "String", "str", "Date", "DateTime"],
        Kind::Integer(_) => vec!["Integer", "i32", "i64", "u32", "u64"],
        Kind::Number(_) => vec!["Number", "f32", "f64"],
        Kind::Boolean => vec!["Boolean", "bool"],
        Kind::List => vec!["Vec"],
        Kind::Object | Kind::Map => vec!["Object", "Map", "BTreeMap"],
        Kind::Any | Kind::Union => Vec::new(),
    }
}
