//! Moves keywords next to a union, or combined with one in an `allOf`, into each of its variants.

use super::{
    UNION_KEYWORDS, for_each_mapping, mapping, properties_of, referenced, schemas, sequence, set,
    string, take,
};
use crate::collections::{HashMap, HashSet};
use crate::document::node::{Node, NodeValue, Property};
use crate::generate::markers::VARIANT_OF;

/// The keywords that describe an object and may appear next to a union.
const OBJECT: [&str; 6] = [
    "additionalProperties",
    "allOf",
    "maxProperties",
    "minProperties",
    "properties",
    "required",
];

/// The maximum number of schemas that extend each other and a union. A later stage rejects more.
const DEEPEST: usize = 32;

/// Rewrites every union of the document.
pub(super) fn stand_alone(mut document: Node) -> Node {
    let named = schemas(&mut document).map(|schemas| schemas.clone());
    let mut known: HashMap<String, Node> = HashMap::default();
    let named: Vec<(String, Property)> = named.into_iter().flatten().collect();
    for (name, property) in &named {
        known.insert(name.clone(), property.node.clone());
    }
    let mut names: Names = Names {
        known,
        done: HashSet::default(),
        open: Vec::new(),
        levels: HashMap::default(),
        level: 0,
    };
    for (name, _) in &named {
        names.simplify(name);
    }
    if let Some(schemas) = schemas(&mut document) {
        for (name, property) in schemas.iter_mut() {
            if let Some(node) = names.known.get(name) {
                property.node = node.clone();
            }
        }
    }
    // Rewrite the schemas in operations and other components.
    for part in ["paths", "components"] {
        let Some(node) = document.get_mut(part) else {
            continue;
        };
        for_each_mapping(node, &mut |schema| names.rewrite(schema));
    }
    document
}

/// The named schemas during the rewrite. Each is rewritten after the schemas that it is composed
/// of.
struct Names {
    known: HashMap<String, Node>,
    done: HashSet<String>,
    open: Vec<String>,
    /// The number of schemas that extend a union and each other, by the name of the last one.
    levels: HashMap<String, usize>,
    /// The same number for the schema that is rewritten.
    level: usize,
}

impl Names {
    fn simplify(&mut self, name: &str) {
        // A later stage rejects a schema that is composed of itself.
        if self.done.contains(name)
            || self.open.len() >= DEEPEST
            || self.open.iter().any(|open| open == name)
        {
            return;
        }
        let Some(mut node) = self.known.get(name).cloned() else {
            return;
        };
        self.open.push(name.to_owned());
        let outer = std::mem::take(&mut self.level);
        for_each_mapping(&mut node, &mut |schema| self.rewrite(schema));
        let level = std::mem::replace(&mut self.level, outer);
        self.levels.insert(name.to_owned(), level);
        self.open.pop();
        self.known.insert(name.to_owned(), node);
        self.done.insert(name.to_owned());
    }

    fn rewrite(&mut self, schema: &mut Node) {
        let said: Vec<&str> = UNION_KEYWORDS
            .into_iter()
            .filter(|keyword| {
                schema
                    .get(keyword)
                    .is_some_and(|node| !node.items().is_empty())
            })
            .collect();
        match said[..] {
            [keyword] => self.union(schema, keyword),
            [] if schema.get("allOf").is_some() => self.combined(schema),
            // A later stage rejects both keywords at once, and names their places.
            _ => {}
        }
    }

    /// Rewrites a union that has other keywords next to it.
    fn union(&mut self, schema: &mut Node, keyword: &str) {
        let Some(Property { key, node }) = take(schema, keyword) else {
            return;
        };
        let location = node.location.clone();
        let count = node.items().len();
        let mut variants: Vec<Node> = node
            .items()
            .iter()
            .filter(|one| !is_null(one))
            .cloned()
            .collect();
        if variants.len() < count {
            let value = NodeValue::Bool(true);
            set(
                schema,
                "nullable",
                Node {
                    location: location.clone(),
                    value,
                },
            );
        }
        let has_object = OBJECT.iter().any(|keyword| schema.get(keyword).is_some());
        if variants.is_empty() || (has_object && variants.iter().all(is_condition)) {
            // The server checks which fields must occur together.
            return;
        }
        // A single variant usually means that more may be added later, so it stays a union. It is
        // merged if it only serves to write `nullable` or to extend an object.
        let is_nullable = schema.get("nullable").is_some_and(Node::is_true);
        if variants.len() == 1 && (has_object || is_nullable) {
            take(schema, "discriminator");
            let mut parts = take(schema, "allOf")
                .map(|property| property.node.items().to_vec())
                .unwrap_or_default();
            parts.append(&mut variants);
            set(schema, "allOf", sequence(&location, parts));
            return self.combined(schema);
        }
        if has_object {
            let mut base = mapping(&schema.location, []);
            for name in OBJECT.into_iter().chain(["type"]) {
                if let (Some(property), Some(properties)) =
                    (take(schema, name), properties_of(&mut base))
                {
                    properties.insert(name.to_owned(), property);
                }
            }
            let variants_with_base = variants
                .iter()
                .map(|variant| with(&[base.clone()], variant));
            variants = variants_with_base.collect();
        } else if schema.get("type").and_then(Node::as_str) == Some("object") {
            take(schema, "type");
        }
        if let Some(properties) = properties_of(schema) {
            let node = sequence(&location, variants);
            properties.insert(keyword.to_owned(), Property { key, node });
        }
    }

    /// Rewrites an object that is composed of parts, one of which is a union.
    fn combined(&mut self, schema: &mut Node) {
        let parts = schema
            .get("allOf")
            .map(Node::items)
            .unwrap_or_default()
            .to_vec();
        let has_more = parts.len() > 1 || schema.get("properties").is_some();
        if !has_more {
            return;
        }
        let mut found = None;
        for (number, part) in parts.iter().enumerate() {
            let resolved = match referenced(part) {
                Some(name) => {
                    self.simplify(&name);
                    self.known.get(&name)
                }
                None => Some(part),
            };
            let keyword = UNION_KEYWORDS
                .into_iter()
                .find(|keyword| resolved.is_some_and(|part| part.get(keyword).is_some()));
            let Some((keyword, resolved)) = keyword.zip(resolved) else {
                continue;
            };
            if found.is_some() {
                // A later stage rejects two unions, because their variants would have to be
                // combined.
                return;
            }
            let extended = referenced(part).and_then(|name| self.levels.get(&name));
            let level = extended.map_or(1, |level| level + 1);
            found = Some((number, keyword, resolved.clone(), level));
        }
        let Some((number, keyword, union, level)) = found else {
            return;
        };
        if level > DEEPEST {
            return;
        }
        self.level = self.level.max(level);
        let mut others = parts;
        others.remove(number);
        let mut base = mapping(&schema.location, []);
        for name in OBJECT.into_iter().chain(["type"]) {
            if let (Some(property), Some(properties)) =
                (take(schema, name), properties_of(&mut base))
                && name != "allOf"
            {
                properties.insert(name.to_owned(), property);
            }
        }
        if base
            .properties()
            .is_some_and(|properties| !properties.is_empty())
        {
            others.push(base);
        }
        let Some(variants) = union.get(keyword) else {
            return;
        };
        let variants_with_others = variants
            .items()
            .iter()
            .map(|variant| with(&others, variant));
        let variants = sequence(&variants.location, variants_with_others.collect());
        set(schema, keyword, variants);
        if let Some(discriminator) = union.get("discriminator") {
            set(schema, "discriminator", discriminator.clone());
        }
    }
}

/// Returns a variant that also has everything in `others`.
fn with(others: &[Node], variant: &Node) -> Node {
    let name = variant
        .get(VARIANT_OF)
        .and_then(Node::as_str)
        .map(str::to_owned)
        .or_else(|| referenced(variant));
    let mut parts = others.to_vec();
    parts.push(variant.clone());
    let mut whole = mapping(
        &variant.location,
        [("allOf", sequence(&variant.location, parts))],
    );
    if let Some(name) = name {
        set(&mut whole, VARIANT_OF, string(&variant.location, &name));
    }
    whole
}

/// Returns true if a variant is the `null` that documents of newer versions list.
fn is_null(variant: &Node) -> bool {
    let is_null = |node: &Node| matches!(node.value, NodeValue::Null);
    match variant.get("enum").map(Node::items) {
        Some([only]) => is_null(only),
        _ => {
            let kind = variant.get("type");
            kind.is_some_and(|kind| kind.as_str() == Some("null") || is_null(kind))
        }
    }
}

/// Returns true if a variant only states which fields are required.
fn is_condition(variant: &Node) -> bool {
    let mut properties = variant.properties().into_iter().flatten();
    variant.get("required").is_some()
        && properties.all(|(name, property)| {
            matches!(name.as_str(), "required" | "description" | "title")
                || (name == "type" && property.node.as_str() == Some("object"))
        })
}
