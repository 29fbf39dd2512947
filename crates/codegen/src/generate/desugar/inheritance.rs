//! Turns a schema that others inherit from, which has a `discriminator` and no `oneOf`, into a
//! union (<https://spec.openapis.org/oas/v3.0.3#discriminator-object>). Its fields move to a new
//! schema that all variants share, and its name stands for the union.

use super::{UNION_KEYWORDS, mapping, reference, referenced, schemas, sequence, set, string, take};
use crate::collections::{HashMap, HashSet, IndexMap};
use crate::document::node::{Node, NodeValue, Property};
use crate::generate::markers::VARIANT_OF;

/// The maximum depth of inheritance. A later stage rejects more.
const DEEPEST: usize = 32;

pub(super) fn turn_into_unions(document: &mut Node) {
    let Some(schemas) = schemas(document) else {
        return;
    };
    let parents: HashMap<String, Vec<String>> = schemas
        .iter()
        .map(|(name, property)| (name.clone(), parents(&property.node)))
        .collect();
    let heirs = Heirs::new(&parents);
    let children: IndexMap<String, Vec<String>> = schemas
        .iter()
        .filter(|(_, property)| property.node.get("discriminator").is_some())
        .filter_map(|(name, _)| Some((name.clone(), heirs.of(name, schemas)?)))
        .collect();
    let bases: Vec<String> = children.keys().cloned().collect();
    if bases.is_empty() {
        return;
    }
    let mut plain: HashMap<String, String> = HashMap::default();
    for name in &bases {
        let mut unique = format!("{name}Base");
        while schemas.contains_key(&unique) {
            unique.push('_');
        }
        plain.insert(name.clone(), unique);
    }

    // A schema that inherits from a base inherits only the fields of the base.
    for (name, property) in schemas.iter_mut() {
        let inherited = parents.get(name).map(Vec::as_slice).unwrap_or_default();
        if let Some(NodeValue::Array(parts)) =
            property.node.get_mut("allOf").map(|parts| &mut parts.value)
        {
            for part in parts.iter_mut() {
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

/// The schemas that inherit from each schema directly.
struct Heirs<'a>(HashMap<&'a str, Vec<&'a str>>);

impl<'a> Heirs<'a> {
    fn new(parents: &'a HashMap<String, Vec<String>>) -> Self {
        let mut heirs: HashMap<&str, Vec<&str>> = HashMap::default();
        for (name, parents) in parents {
            for parent in parents {
                heirs.entry(parent).or_default().push(name);
            }
        }
        Self(heirs)
    }

    /// Returns every schema that inherits from `base`, directly or indirectly, in the order of the
    /// document; `None` if there is none, or if the inheritance is too deep for a later stage.
    fn of(&self, base: &str, schemas: &IndexMap<String, Property>) -> Option<Vec<String>> {
        let mut found: HashSet<&str> = HashSet::from_iter([base]);
        let mut level = vec![base];
        for _ in 0..DEEPEST {
            let heirs = level.iter().filter_map(|name| self.0.get(name)).flatten();
            let heirs = heirs.copied();
            level = heirs.filter(|heir| found.insert(heir)).collect();
        }
        found.remove(base);
        if found.is_empty() || !level.is_empty() {
            return None;
        }
        let mut numbers: Vec<usize> = found
            .iter()
            .filter_map(|name| schemas.get_index_of(*name))
            .collect();
        numbers.sort_unstable();
        let names = numbers.iter().filter_map(|at| schemas.get_index(*at));
        Some(names.map(|(name, _)| name.clone()).collect())
    }
}
