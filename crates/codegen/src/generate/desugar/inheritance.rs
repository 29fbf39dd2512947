//! A schema with a `discriminator` and no `oneOf` stands for every schema that has it in its `allOf`
//! (<https://spec.openapis.org/oas/v3.0.3#discriminator-object>). Its own fields move to a schema that they all share,
//! and the name becomes the choice between them.

use std::collections::{HashMap, HashSet};

use indexmap::IndexMap;

use super::{UNION_KEYWORDS, mapping, reference, referenced, schemas, sequence, set, string, take};
use crate::document::node::{Member, Node, NodeValue};
use crate::generate::markers::VARIANT_OF;

pub(super) fn turn_into_unions(document: &mut Node) {
    let Some(schemas) = schemas(document) else {
        return;
    };
    let parents: HashMap<String, Vec<String>> = schemas
        .iter()
        .map(|(name, member)| (name.clone(), parents(&member.node)))
        .collect();
    let has_children = |name: &String| parents.values().any(|parents| parents.contains(name));
    let bases: Vec<String> = schemas
        .iter()
        .filter(|(name, member)| member.node.get("discriminator").is_some() && has_children(name))
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

    // Whoever inherited from a base inherits its fields alone.
    for (name, member) in schemas.iter_mut() {
        let inherited = parents.get(name).map(Vec::as_slice).unwrap_or_default();
        if let Some(NodeValue::Array(parts)) =
            member.node.get_mut("allOf").map(|parts| &mut parts.value)
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
        let Some(member) = schemas.get_mut(name) else {
            continue;
        };
        let key = member.key.clone();
        let mut base = member.node.clone();
        take(&mut base, "discriminator");
        for keyword in UNION_KEYWORDS {
            take(&mut base, keyword);
        }
        let location = member.node.location.clone();
        let variants = std::iter::once(name).chain(children).map(|child| {
            let target = plain.get(child).unwrap_or(child);
            let mut variant = reference(&location, target);
            if target != child {
                set(&mut variant, VARIANT_OF, string(&location, child));
            }
            variant
        });
        let variants = sequence(&location, variants.collect());
        let mut choice = mapping(&location, [("oneOf", variants)]);
        for keyword in [
            "description",
            "title",
            "nullable",
            "discriminator",
            "deprecated",
        ] {
            if let Some(kept) = take(&mut member.node, keyword)
                && let Some(members) = super::members_of(&mut choice)
            {
                members.insert(keyword.to_owned(), kept);
            }
        }
        member.node = choice;
        schemas.insert(plain_name.clone(), Member { key, node: base });
    }
}

/// What a schema inherits from: not the one schema that an `allOf` describes or makes nullable.
fn parents(schema: &Node) -> Vec<String> {
    let parts = schema.get("allOf").map(Node::items).unwrap_or_default();
    if parts.len() < 2 && schema.get("properties").is_none() {
        return Vec::new();
    }
    parts.iter().filter_map(referenced).collect()
}

/// Every schema that inherits from `base`, directly or through another, in the order of the document.
fn children(
    base: &str,
    schemas: &IndexMap<String, Member>,
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
