//! Turns a schema that others inherit from, which has a `discriminator` and no `oneOf`, into a
//! union (<https://spec.openapis.org/oas/v3.0.3#discriminator-object>). Its fields move to a new
//! schema that all variants share, and its name stands for the union.

use std::collections::{HashMap, HashSet};

use indexmap::IndexMap;

use super::{UNION_KEYWORDS, mapping, reference, referenced, schemas, sequence, set, string, take};
use crate::document::node::{Node, NodeValue, Property};
use crate::generate::markers::VARIANT_OF;

pub(super) fn turn_into_unions(document: &mut Node) {
    let Some(schemas) = schemas(document) else {
        return;
    };
    let parents: HashMap<String, Vec<String>> = schemas
        .iter()
        .map(|(name, property)| (name.clone(), parents(&property.node)))
        .collect();
    let has_children = |name: &String| parents.values().any(|parents| parents.contains(name));
    let bases: Vec<String> = schemas
        .iter()
        .filter(|(name, property)| {
            property.node.get("discriminator").is_some() && has_children(name)
        })
        .map(|(name, _)| name.clone())
        .collect();
    if bases.is_empty() {
        return;
    }
    let mut plain: HashMap<String, String> = HashMap::new();
    for name in &bases {
        let mut unique = format!("{name}Base");
        while schemas.contains_key(&unique) {
            unique.push('_');
        }
        plain.insert(name.clone(), unique);
    }
    let children: HashMap<String, Vec<String>> = bases
        .iter()
        .map(|name| (name.clone(), children(name, schemas, &parents)))
        .collect();

    // A schema that inherits from a base inherits only the fields of the base.
    for (name, property) in schemas.iter_mut() {
        let inherited = parents.get(name).map(Vec::as_slice).unwrap_or_default();
        if let Some(NodeValue::Array(parts)) =
            property.node.get_mut("allOf").map(|parts| &mut parts.value)
        {
            for part in parts {
                let base = referenced(part).filter(|base| inherited.contains(base));
                if let Some(plain) = base.and_then(|base| plain.get(&base)) {
                    *part = reference(&part.location, plain);
                }
            }
        }
    }
    for name in &bases {
        let (Some(plain_name), Some(children)) = (plain.get(name), children.get(name)) else {
            continue;
        };
        let Some(property) = schemas.get_mut(name) else {
            continue;
        };
        let key = property.key.clone();
        let mut base = property.node.clone();
        take(&mut base, "discriminator");
        for keyword in UNION_KEYWORDS {
            take(&mut base, keyword);
        }
        let union = union_of(name, children, &plain, &mut property.node);
        property.node = union;
        schemas.insert(plain_name.clone(), Property { key, node: base });
    }
}

/// Returns the union of a base and its children. Moves the annotations of `schema` to the union. A
/// schema that was renamed in `plain` keeps its old name as the name of the variant.
fn union_of(
    name: &String,
    children: &[String],
    plain: &HashMap<String, String>,
    schema: &mut Node,
) -> Node {
    let location = schema.location.clone();
    let variants = std::iter::once(name).chain(children).map(|child| {
        let target = plain.get(child).unwrap_or(child);
        let mut variant = reference(&location, target);
        if target != child {
            set(&mut variant, VARIANT_OF, string(&location, child));
        }
        variant
    });
    let variants = sequence(&location, variants.collect());
    let mut union = mapping(&location, [("oneOf", variants)]);
    for keyword in [
        "description",
        "title",
        "nullable",
        "discriminator",
        "deprecated",
    ] {
        if let Some(kept) = take(schema, keyword)
            && let Some(properties) = super::properties_of(&mut union)
        {
            properties.insert(keyword.to_owned(), kept);
        }
    }
    union
}

/// Returns the schemas that a schema inherits from. An `allOf` that only describes one schema, or
/// makes it nullable, is not inheritance.
fn parents(schema: &Node) -> Vec<String> {
    let parts = schema.get("allOf").map(Node::items).unwrap_or_default();
    if parts.len() < 2 && schema.get("properties").is_none() {
        return Vec::new();
    }
    parts.iter().filter_map(referenced).collect()
}

/// Returns every schema that inherits from `base`, directly or indirectly, in the order of the
/// document.
fn children(
    base: &str,
    schemas: &IndexMap<String, Property>,
    parents: &HashMap<String, Vec<String>>,
) -> Vec<String> {
    let mut found: HashSet<&str> = HashSet::from([base]);
    loop {
        let before = found.len();
        for (name, parents) in parents {
            if parents.iter().any(|parent| found.contains(parent.as_str())) {
                found.insert(name);
            }
        }
        if found.len() == before {
            break;
        }
    }
    let names = schemas.keys().filter(|name| *name != base);
    names
        .filter(|name| found.contains(name.as_str()))
        .cloned()
        .collect()
}
