//! Finds the schemas that have another name in the new document.
//!
//! A renamed schema has the content that it had. Its references may lead to renamed schemas, too,
//! and in a circle to itself, so the contents are compared by fingerprints that are refined step by
//! step: each contains the fingerprints of the schemas that it refers to.

use std::collections::hash_map::DefaultHasher;
use std::hash::{Hash, Hasher};

use serde_json::Value;

use super::meaning::Schemas;
use crate::collections::{HashMap, HashSet};
use crate::generate::model::{Domain, referenced_schema};

/// The number of refinements: the length of a chain of renamed schemas that are told apart.
const ROUNDS: usize = 4;

/// Returns the schemas of the old document that have another name in the new one.
pub(super) fn renamed(old: &Domain, new: &Domain) -> HashMap<String, String> {
    let removed = names_without(&old.schemas, &new.schemas);
    let added = names_without(&new.schemas, &old.schemas);
    if removed.is_empty() || added.is_empty() {
        return HashMap::default();
    }
    let old_prints = fingerprints(&old.schemas, &removed);
    let new_prints = fingerprints(&new.schemas, &added);
    let by_print = |prints: &HashMap<&str, u64>| {
        let mut names: HashMap<u64, Vec<String>> = HashMap::default();
        for (name, print) in prints {
            names.entry(*print).or_default().push((*name).to_owned());
        }
        names
    };
    let candidates = by_print(&new_prints);
    let mut renamed = HashMap::default();
    for (print, names) in by_print(&old_prints) {
        if let ([old], Some([new])) = (&names[..], candidates.get(&print).map(Vec::as_slice)) {
            renamed.insert(old.clone(), new.clone());
        }
    }
    renamed
}

fn names_without<'a>(schemas: &'a Schemas, others: &Schemas) -> HashSet<&'a str> {
    let names = schemas.keys().filter(|name| !others.contains_key(*name));
    names.map(String::as_str).collect()
}

/// Returns a fingerprint of each schema in `names`. The names themselves are not part of it.
fn fingerprints<'a>(schemas: &'a Schemas, names: &HashSet<&'a str>) -> HashMap<&'a str, u64> {
    let mut prints: HashMap<&str, u64> = names.iter().map(|name| (*name, 0)).collect();
    for _ in 0..ROUNDS {
        let next = names.iter().filter_map(|name| {
            let mut hasher = DefaultHasher::new();
            write(&schemas.get(*name)?.value, &prints, &mut hasher);
            Some((*name, hasher.finish()))
        });
        prints = next.collect();
    }
    prints
}

fn write(schema: &Value, prints: &HashMap<&str, u64>, hasher: &mut DefaultHasher) {
    let target = referenced_schema(schema);
    if let Some(print) = target.and_then(|name| prints.get(name.as_str()).copied()) {
        return ("reference", print).hash(hasher);
    }
    match schema {
        Value::Array(items) => {
            items.len().hash(hasher);
            items.iter().for_each(|item| write(item, prints, hasher));
        }
        Value::Object(members) => {
            members.len().hash(hasher);
            for (name, value) in members {
                name.hash(hasher);
                // A discriminator names schemas in strings.
                if name != "mapping" {
                    write(value, prints, hasher);
                }
            }
        }
        other => other.to_string().hash(hasher),
    }
}
