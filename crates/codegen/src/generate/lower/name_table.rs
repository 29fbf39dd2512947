//! The Rust names of a lowered domain, by what the document calls things.

use std::collections::BTreeMap;

use super::fields;
use crate::generate::model::{Domain, Schema, SchemaPath};

/// The names that lowering chose for the types of a domain and their fields.
pub struct NameTable<'a> {
    types: BTreeMap<&'a SchemaPath, (&'a str, &'a Schema)>,
}

impl<'a> NameTable<'a> {
    /// Reads the names of a lowered domain.
    pub fn new(domain: &'a Domain) -> Self {
        let schemas = domain.schemas.iter();
        Self {
            types: schemas
                .map(|(name, schema)| (&schema.path, (name.as_str(), schema)))
                .collect(),
        }
    }

    /// Returns the name of the type of a schema; `None` where the schema has no type of its own.
    pub fn type_name(&self, path: &SchemaPath) -> Option<&'a str> {
        self.types.get(path).map(|(name, _)| *name)
    }

    /// Returns the names of the types that are written inside a schema, without its own.
    pub fn inner_types(&self, path: &SchemaPath) -> Vec<&'a str> {
        let types = self.types.range::<SchemaPath, _>(path..);
        let types = types.take_while(|(known, _)| known.begins_like(path));
        let types = types.filter(|(known, _)| known.is_inside(path));
        let mut names: Vec<&str> = types.map(|(_, (name, _))| *name).collect();
        names.sort_unstable();
        names
    }

    /// Returns the name of a field, of a type that is an object.
    pub fn field_name(&self, owner: &SchemaPath, wire_name: &str) -> Option<String> {
        let (_, schema) = self.types.get(owner)?;
        fields::rust_name(&schema.value, wire_name)
    }
}
