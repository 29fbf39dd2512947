//! Rewrites `allOf` so that its parts agree. A part that narrows a field or a value wins over the
//! parts before it, because a value must match all parts.

use super::{Adapter, DEEPEST};
use crate::document::bounds;
use crate::document::edit::{mapping, sequence, set, take, widen};
use crate::document::node::{Node, NodeValue, Property};
use crate::generate::desugar::referenced;
use crate::generate::partition::ANNOTATIONS;

/// The kind of value that a schema describes.
#[derive(Clone, Copy, Debug, PartialEq)]
enum Shape {
    /// An object, or a map.
    Object,
    /// A list.
    List,
    /// A string, number or boolean.
    Scalar,
    /// One of several schemas.
    Union,
    /// Only constraints of a type that another part states, or nothing.
    Open,
}

/// Keywords of an object.
const OBJECT: [&str; 5] = [
    "additionalProperties",
    "maxProperties",
    "minProperties",
    "properties",
    "required",
];
const UNIONS: [&str; 2] = ["oneOf", "anyOf"];

/// The maximum number of schemas behind a part of an `allOf` whose bounds are kept.
const MOST_LEVELS: usize = 256;

impl Adapter {
    /// Rewrites the `allOf` of a schema.
    pub(super) fn all_of(&mut self, node: &mut Node, _is_part: bool) {
        if node.get("allOf").is_none() {
            return;
        }
        self.all_of_within(node, 0);
    }

    fn all_of_within(&mut self, node: &mut Node, depth: usize) {
        let parts = node
            .get("allOf")
            .map(Node::items)
            .unwrap_or_default()
            .to_vec();
        let location = node.key_location("allOf").clone();
        let meant: Vec<Node> = parts
            .iter()
            .filter(|part| is_constraint(part))
            .cloned()
            .collect();
        let shapes: Vec<Shape> = meant.iter().map(|part| self.shape(part, 0)).collect();
        let has_union = UNIONS.iter().any(|keyword| node.get(keyword).is_some());
        let stated = |shape: Shape| shapes.contains(&shape);
        let own = node
            .get("type")
            .and_then(Node::as_str)
            .map(|kind| match kind {
                "object" => Shape::Object,
                "array" => Shape::List,
                _ => Shape::Scalar,
            });
        let is = |shape| own == Some(shape) || stated(shape);
        if has_union || (stated(Shape::Union) && !(is(Shape::List) || is(Shape::Scalar))) {
            let unions = shapes
                .iter()
                .filter(|shape| **shape == Shape::Union)
                .count();
            if unions + usize::from(has_union) > 1 {
                self.widen_all_of(node, "an `allOf` combines two unions");
            } else if !has_union && meant.len() == 1 {
                self.strip(node, &[], "allOf");
            }
            return;
        }
        match (is(Shape::Object), is(Shape::List), is(Shape::Scalar)) {
            (true, false, false) | (false, false, false) => self.objects(node, &meant, depth),
            (false, true, false) => self.one_of_kind(node, &meant, &shapes, Shape::List),
            (false, false, true) => self.one_of_kind(node, &meant, &shapes, Shape::Scalar),
            _ => {
                let _ = location;
                self.widen_all_of(node, "the parts of an `allOf` have different types");
            }
        }
    }

    /// Reads an `allOf` that no type can express as any JSON value.
    fn widen_all_of(&mut self, node: &mut Node, message: &str) {
        let location = node.key_location("allOf").clone();
        self.note(&location, message, "it is read as any JSON value");
        widen(node);
    }

    /// Rewrites an `allOf` of objects.
    fn objects(&mut self, node: &mut Node, meant: &[Node], depth: usize) {
        let has_own = OBJECT.iter().any(|keyword| node.get(keyword).is_some());
        if meant.len() == 1 && !has_own {
            // An `allOf` that only describes a schema.
            self.strip(node, &[], "allOf");
            return;
        }
        if meant.len() == 1 && node.get("properties").is_none() {
            // `required` of the fields of the one part: a part of its own.
            let mut part = mapping(&node.location, []);
            for keyword in OBJECT {
                if let Some(property) = take(node, keyword) {
                    set(&mut part, keyword, property.node);
                }
            }
            let mut parts = meant.to_vec();
            parts.push(part);
            let location = node.key_location("allOf").clone();
            set(node, "allOf", sequence(&location, parts));
        }
        self.strip(node, &OBJECT, "allOf");
        self.narrow_fields(node, depth);
        self.drop_undeclared(node);
    }

    /// Rewrites an `allOf` of strings, numbers or lists: the last part that states the values wins.
    fn one_of_kind(&mut self, node: &mut Node, meant: &[Node], shapes: &[Shape], shape: Shape) {
        let location = node.key_location("allOf").clone();
        let mut all: Vec<Node> = meant.to_vec();
        let mut own = mapping(&node.location, []);
        let keywords: Vec<String> = node
            .properties()
            .into_iter()
            .flatten()
            .map(|(name, _)| name.clone())
            .collect();
        for keyword in keywords {
            let is_kept = keyword == "allOf" || is_annotation(&keyword);
            if !is_kept && let Some(property) = take(node, &keyword) {
                set(&mut own, &keyword, property.node);
            }
        }
        if is_constraint(&own) {
            all.push(own);
        }
        let says_most = |part: &Node| {
            let part = self.resolve(part);
            let has_items = part.get("items").is_some_and(|items| {
                items
                    .properties()
                    .is_some_and(|properties| !properties.is_empty())
            });
            (part.get("enum").is_some() || has_items) as usize * 2
                + part.get("type").is_some() as usize
        };
        let best = all
            .iter()
            .enumerate()
            .max_by_key(|(at, part)| (says_most(part), *at));
        let Some((chosen, best)) = best else { return };
        let mut best = best.clone();
        let others = all.iter().enumerate().filter(|(at, _)| *at != chosen);
        let parts = node.get("allOf").map(Node::items).unwrap_or_default();
        let unmeant = parts.iter().filter(|part| !is_constraint(part));
        let others: Vec<Node> = others
            .map(|(_, part)| part)
            .chain(unmeant)
            .cloned()
            .collect();
        for part in &others {
            for level in self.levels_of_value(part) {
                bounds::carry(node, level);
            }
        }
        if all.len() > 1 {
            let message = "the parts of an `allOf` narrow one value";
            self.note(&location, message, "the client does not check the bounds");
        }
        if best.reference().is_none() && best.get("type").is_none() {
            // The type stands in another part.
            let first = all.iter().find(|part| self.shape(part, 0) == shape);
            let resolved = first.map(|first| self.innermost(first, 0));
            for keyword in ["type", "format"] {
                if let Some(value) = resolved.and_then(|resolved| resolved.get(keyword)).cloned()
                    && best.get(keyword).is_none()
                {
                    set(&mut best, keyword, value);
                }
            }
        }
        let _ = shapes;
        set(node, "allOf", sequence(&location, vec![best]));
    }

    /// Removes keywords next to `allOf` or a union that its parts state, and notes the others.
    pub(super) fn strip(&mut self, node: &mut Node, kept: &[&str], keyword: &str) {
        let names: Vec<String> = node
            .properties()
            .into_iter()
            .flatten()
            .map(|(name, _)| name.clone())
            .collect();
        let known = bounds::of(node).into_iter();
        let known: Vec<_> = known
            .filter(|(name, _)| !kept.contains(name))
            .map(|(name, property)| (name.to_owned(), property))
            .collect();
        for name in names {
            let is_kept = name == keyword
                || name == "discriminator"
                || kept.contains(&name.as_str())
                || is_annotation(&name)
                || UNIONS.contains(&name.as_str());
            if is_kept {
                continue;
            }
            if let Some(property) = take(node, &name)
                && name != "type"
            {
                let message = format!("`{name}` next to `{keyword}` is not checked by the client");
                self.note(&property.key, message, "the server checks it");
            }
        }
        for (name, property) in known {
            bounds::keep_together(node, &name, &property);
        }
    }

    /// Writes each field that several parts define differently into the schema itself, whose fields
    /// win.
    fn narrow_fields(&mut self, node: &mut Node, depth: usize) {
        let mut fields: Vec<(String, Property)> = Vec::new();
        let mut narrowed: Vec<(String, Property)> = Vec::new();
        let mut levels = Vec::new();
        self.levels(node, 0, &mut levels);
        for level in levels {
            for (name, property) in level {
                match fields.iter_mut().find(|(known, _)| *known == name) {
                    None => fields.push((name, property)),
                    Some((_, known)) if agrees(&known.node, &property.node) => {}
                    Some((_, known)) => {
                        let combined = self.combined(&known.node, &property.node, depth);
                        *known = Property {
                            key: property.key,
                            node: combined,
                        };
                        narrowed.retain(|(narrowed, _)| *narrowed != name);
                        narrowed.push((name, known.clone()));
                    }
                }
            }
        }
        if narrowed.is_empty() {
            return;
        }
        if node.get("properties").is_none() {
            let location = node.location.clone();
            set(node, "properties", mapping(&location, []));
        }
        for (name, property) in narrowed {
            let message = format!("two parts of an `allOf` define the field `{name}` differently");
            self.note(
                &property.key,
                message,
                "the field has the type of the last part",
            );
            if let Some(properties) = node.get_mut("properties") {
                set(properties, &name, property.node);
            }
        }
    }

    /// Collects the fields of each part of an `allOf`, the schema's own last.
    fn levels(&self, node: &Node, depth: usize, levels: &mut Vec<Vec<(String, Property)>>) {
        if depth >= DEEPEST || levels.len() >= 1_000 {
            return;
        }
        for part in node.get("allOf").map(Node::items).unwrap_or_default() {
            self.levels(self.resolve(part), depth + 1, levels);
        }
        let fields = node
            .get("properties")
            .and_then(Node::properties)
            .into_iter()
            .flatten();
        let fields: Vec<_> = fields
            .map(|(name, property)| (name.clone(), property.clone()))
            .collect();
        if !fields.is_empty() {
            levels.push(fields);
        }
    }

    /// Returns the schema of a field that two parts define.
    fn combined(&mut self, one: &Node, other: &Node, depth: usize) -> Node {
        if !is_constraint(other) {
            return one.clone();
        }
        if !is_constraint(one) || depth >= DEEPEST / 4 {
            return other.clone();
        }
        match (self.shape(one, 0), self.shape(other, 0)) {
            (Shape::Object, Shape::Object | Shape::Open) => {
                let parts = vec![one.clone(), other.clone()];
                let mut whole = mapping(
                    &other.location,
                    [("allOf", sequence(&other.location, parts))],
                );
                self.all_of_within(&mut whole, depth + 1);
                whole
            }
            (Shape::Scalar | Shape::List, Shape::Open) => {
                let mut narrowed = self.innermost(one, 0).clone();
                for (name, property) in other.properties().into_iter().flatten() {
                    if !bounds::is_bound(name) || name == "enum" {
                        set(&mut narrowed, name, property.node.clone());
                    }
                }
                for (name, property) in bounds::of(other) {
                    let is_free = narrowed.get(name).is_none() && !name.starts_with("exclusive");
                    match name {
                        "enum" => {}
                        _ if is_free => set(&mut narrowed, name, property.node),
                        _ => bounds::keep_together(&mut narrowed, name, &property),
                    }
                }
                narrowed
            }
            (_, Shape::Open) => one.clone(),
            _ => other.clone(),
        }
    }

    /// Removes required properties that no part declares.
    fn drop_undeclared(&mut self, node: &mut Node) {
        let mut levels = Vec::new();
        self.levels(node, 0, &mut levels);
        let names: Vec<String> = levels.into_iter().flatten().map(|(name, _)| name).collect();
        let mut dropped = Vec::new();
        let mut visit = |level: &mut Node| {
            if let Some(NodeValue::Array(required)) = level
                .get_mut("required")
                .map(|required| &mut required.value)
            {
                let is_known = |name: &Node| {
                    name.as_str()
                        .is_some_and(|name| names.iter().any(|known| known == name))
                };
                dropped.extend(required.iter().filter(|name| !is_known(name)).cloned());
                required.retain(is_known);
            }
        };
        visit(node);
        if let Some(NodeValue::Array(parts)) = node.get_mut("allOf").map(|parts| &mut parts.value) {
            parts.iter_mut().for_each(visit);
        }
        for name in dropped {
            let shown = name.as_str().unwrap_or_default();
            let message = format!("no part of this `allOf` has the required property `{shown}`");
            self.note(&name.location, message, "it is ignored");
        }
    }

    /// Returns a part of an `allOf`, and the schemas behind its references and in its own parts.
    fn levels_of_value<'a>(&'a self, part: &'a Node) -> Vec<&'a Node> {
        let mut found = Vec::new();
        let mut pending = vec![part];
        while let Some(node) = pending.pop().filter(|_| found.len() < MOST_LEVELS) {
            found.push(node);
            match referenced(node).and_then(|name| self.known.get(&name)) {
                Some(target) => pending.push(target),
                None => pending.extend(node.get("allOf").map(Node::items).unwrap_or_default()),
            }
        }
        found
    }

    /// Returns the schema behind references and an `allOf` of one part.
    fn innermost<'a>(&'a self, node: &'a Node, depth: usize) -> &'a Node {
        let node = self.resolve(node);
        match node.get("allOf").map(Node::items) {
            Some([only]) if depth < DEEPEST && node.get("properties").is_none() => {
                self.innermost(only, depth + 1)
            }
            _ => node,
        }
    }

    /// Returns the kind of value that a schema describes.
    fn shape(&self, node: &Node, depth: usize) -> Shape {
        let node = self.resolve(node);
        let has = |keyword: &str| node.get(keyword).is_some();
        match node.get("type").and_then(Node::as_str) {
            _ if UNIONS.iter().any(|keyword| has(keyword)) && !has("properties") => {
                return match self.union_of_conditions(node) {
                    true => Shape::Object,
                    false => Shape::Union,
                };
            }
            Some("object") => return Shape::Object,
            Some("array") => return Shape::List,
            Some(_) => return Shape::Scalar,
            None => {}
        }
        if OBJECT.iter().any(|keyword| has(keyword)) {
            return Shape::Object;
        }
        if has("items") {
            return Shape::List;
        }
        let parts = node.get("allOf").map(Node::items).unwrap_or_default();
        if depth < DEEPEST / 2 {
            let shapes = parts.iter().map(|part| self.shape(part, depth + 1));
            if let Some(shape) = shapes.into_iter().find(|shape| *shape != Shape::Open) {
                return shape;
            }
        }
        Shape::Open
    }

    /// Returns true if the variants of a union only say which fields are required.
    fn union_of_conditions(&self, node: &Node) -> bool {
        UNIONS
            .iter()
            .filter_map(|keyword| node.get(keyword))
            .all(|variants| {
                variants.items().iter().all(|variant| {
                    let mut properties = variant.properties().into_iter().flatten();
                    properties.all(|(name, _)| {
                        matches!(name.as_str(), "required" | "type" | "description" | "title")
                    })
                })
            })
    }
}

/// Returns true if a part holds more than annotations.
fn is_constraint(part: &Node) -> bool {
    let mut properties = part.properties().into_iter().flatten();
    properties.any(|(name, _)| !is_annotation(name))
}

pub(super) fn is_annotation(name: &str) -> bool {
    ANNOTATIONS.contains(&name) || name.starts_with("x-")
}

/// Returns true if two schemas are equal except for annotations.
fn agrees(one: &Node, other: &Node) -> bool {
    let constraints = |node: &Node| {
        let mut value = node.to_value();
        if let serde_json::Value::Object(properties) = &mut value {
            properties.retain(|name, _| !is_annotation(name));
        }
        value
    };
    constraints(one) == constraints(other)
}
