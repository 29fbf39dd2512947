//! Replaces the shared schemas of a lowered domain by those of the crate of shared types.
//!
//! Schemas are matched by their path in the document, because a domain may have other names for
//! them. A domain's own type with the name of a shared one gets another.

use std::collections::BTreeSet;

use serde_json::{Map, Value};

use super::{Shared, SharedTypes};
use crate::collections::{HashMap, HashSet};
use crate::generate::lower::names;
use crate::generate::markers::ENUM_VALUES;
use crate::generate::model::{Domain, Schema, SchemaPath, reference_to};

/// Returns the names of the types at each path.
pub(super) fn paths(domain: &Domain) -> HashMap<SchemaPath, Vec<String>> {
    let mut paths: HashMap<SchemaPath, Vec<String>> = HashMap::default();
    for (name, schema) in &domain.schemas {
        let names = paths.entry(schema.path.clone()).or_default();
        names.push(name.clone());
    }
    paths
}

impl Shared {
    /// Returns the names in the crate of the types that a lowered domain has.
    pub(super) fn held(&self, domain: &Domain) -> BTreeSet<String> {
        self.closed(self.shared_names(domain).into_values())
    }

    /// Replaces the shared schemas of a lowered domain.
    pub(super) fn substitute(&self, domain: &mut Domain) {
        let mut renamed = self.shared_names(domain);
        renamed.retain(|_, name| self.unit.schemas.contains_key(name));
        let held = self.closed(renamed.values().cloned());
        let own = domain.schemas.keys();
        let own: Vec<&String> = own.filter(|name| !renamed.contains_key(*name)).collect();
        let is_free = |name: &&&String| !held.contains(**name);
        let mut taken: HashSet<String> = own.iter().filter(is_free).copied().cloned().collect();
        taken.extend(held.iter().cloned());
        let clashing: Vec<String> = own
            .into_iter()
            .filter(|name| held.contains(*name))
            .cloned()
            .collect();
        for name in clashing {
            let free = names::unique(&mut taken, name.clone());
            renamed.insert(name, free);
        }
        names::rename_schemas(domain, &renamed);
        for name in &held {
            if let Some(schema) = self.unit.schemas.get(name) {
                domain.schemas.insert(name.clone(), schema.clone());
            }
        }
        let among = |names: &BTreeSet<String>| names.intersection(&held).cloned().collect();
        domain.shared = SharedTypes {
            krate: self.krate.clone(),
            sent: among(&self.sent),
            received: among(&self.received),
            names: held,
            ..SharedTypes::default()
        };
    }

    /// Returns the name in the crate of each shared type of a lowered domain.
    fn shared_names(&self, domain: &Domain) -> HashMap<String, String> {
        let mut shared = HashMap::default();
        for (path, names) in paths(domain) {
            let known = self.paths.get(&path).map_or(&[][..], Vec::as_slice);
            let pairs = || names.iter().zip(known);
            let is_alike = |(name, known): (&String, &String)| {
                let schemas = domain.schemas.get(name).zip(self.unit.schemas.get(known));
                schemas.is_some_and(|(own, known)| has_same_parts(own, known))
            };
            if names.len() == known.len() && pairs().all(is_alike) {
                shared.extend(pairs().map(|(name, known)| (name.clone(), known.clone())));
            }
        }
        shared
    }

    /// Returns `names` and the names of all types of the crate that they refer to.
    fn closed(&self, names: impl Iterator<Item = String>) -> BTreeSet<String> {
        let roots: Vec<Value> = names.map(|name| reference_to(&name)).collect();
        self.unit.reached_from(roots.iter()).into_iter().collect()
    }
}

/// Returns true if two schemas at one path have the same properties and values. What else differs
/// comes from their uses, of which the crate knows all.
fn has_same_parts(left: &Schema, right: &Schema) -> bool {
    let (left, right) = (&left.value, &right.value);
    let properties = |schema: &Value| -> Option<HashSet<String>> {
        let properties = schema.get("properties").and_then(Value::as_object);
        properties.map(|properties: &Map<String, Value>| properties.keys().cloned().collect())
    };
    properties(left) == properties(right) && left.get(ENUM_VALUES) == right.get(ENUM_VALUES)
}
