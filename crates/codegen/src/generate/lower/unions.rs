//! Finds the way to distinguish the variants of `oneOf` and `anyOf`, and writes each union as an
//! object with a field per variant. From it, progenitor chooses the Rust type of each variant. The
//! refining stage turns the object into an enum (`scorekit_core::open_union!`).
//!
//! Variants are distinguished, in this order:
//!
//! 1. by the discriminator;
//! 2. by a property whose listed values no two variants share, at the top or one level below, such
//!    as `type` in the `data` of JSON:API;
//! 3. by their JSON types;
//! 4. by trying to decode each.
//!
//! A value of an `anyOf` may match several variants. If no property distinguishes them, and all are
//! objects that agree about the fields they share, the union becomes one object with all fields.

use std::collections::BTreeMap;

use serde_json::{Map, Value, json};

use super::merged_all_of::drop_unreached;
use crate::collections::{HashMap, HashSet};
use crate::document::node::escape_pointer_token;
use crate::generate::desugar::UNION_KEYWORDS;
use crate::generate::markers::{INLINE, UNION, VARIANT_OF};
use crate::generate::model::{Domain, Schema, reference_to, referenced_schema};
use crate::generate::partition::mapped;

pub(super) fn find_discriminators(domain: &mut Domain) {
    let names: Vec<String> = domain
        .schemas
        .iter()
        .filter(|(_, schema)| keyword(&schema.value).is_some())
        .map(|(name, _)| name.clone())
        .collect();
    if names.is_empty() {
        return;
    }
    let mut constants: Vec<Constant> = Vec::new();
    for name in &names {
        let Some(schema) = domain.schemas.get(name) else {
            continue;
        };
        let found = Union::of(&schema.value, domain);
        let value = match found.as_merged_object(domain) {
            Some(object) => object,
            None => {
                constants.extend(found.constants());
                found.into_object(domain)
            }
        };
        if let Some(schema) = domain.schemas.get_mut(name) {
            schema.value = value.into();
        }
    }
    fill_in(constants, domain);
    drop_unreached(domain);
}

fn keyword(schema: &Value) -> Option<&'static str> {
    UNION_KEYWORDS
        .into_iter()
        .find(|keyword| schema.get(keyword).is_some())
}

/// The number of unions within one another in which a listed value is looked for.
const MAX_DEPTH: usize = 4;

/// The way to distinguish the variants of a union.
enum Discriminator {
    /// The value of a property: the path to it, and the values of each variant.
    Property(Vec<String>, Vec<Vec<String>>),
    /// The JSON type of each variant.
    Kind(Vec<&'static str>),
    /// The first variant that a value decodes as.
    Fit,
}

struct Union<'a> {
    schema: &'a Value,
    keyword: &'static str,
    variants: Vec<&'a Value>,
    discriminator: Discriminator,
    is_declared: bool,
}

/// A variant that has one value of the discriminating property.
struct Constant {
    schema: String,
    property: String,
    value: String,
}

impl<'a> Union<'a> {
    fn of(schema: &'a Value, domain: &Domain) -> Self {
        let keyword = keyword(schema).unwrap_or(UNION_KEYWORDS[0]);
        let variants: Vec<&Value> = schema
            .get(keyword)
            .and_then(Value::as_array)
            .into_iter()
            .flatten()
            .collect();
        let declared = schema
            .get("discriminator")
            .and_then(|discriminator| declared(discriminator, &variants, domain));
        let is_declared = declared.is_some();
        let discriminator = declared
            .or_else(|| implied(&variants, domain))
            .or_else(|| kinds(&variants, domain))
            .unwrap_or(Discriminator::Fit);
        Self {
            schema,
            keyword,
            variants,
            discriminator,
            is_declared,
        }
    }

    /// Returns an `anyOf` of objects as one object, if its variants agree.
    fn as_merged_object(&self, domain: &Domain) -> Option<Value> {
        if self.keyword != "anyOf"
            || self.variants.len() < 2
            || matches!(self.discriminator, Discriminator::Property(..))
        {
            return None;
        }
        let mut properties: Map<String, Value> = Map::new();
        let mut required: Option<Vec<&Value>> = None;
        for variant in &self.variants {
            let variant = resolve(variant, domain);
            let fields = variant.get("properties")?.as_object()?;
            if variant.get("additionalProperties").is_some() {
                return None;
            }
            for (name, field) in fields {
                let known = properties.entry(name).or_insert_with(|| field.clone());
                if without_description(known) != without_description(field) {
                    return None;
                }
            }
            let needed: Vec<&Value> = variant
                .get("required")
                .and_then(Value::as_array)
                .into_iter()
                .flatten()
                .collect();
            required = Some(match required {
                Some(mut all) => {
                    all.retain(|name| needed.contains(name));
                    all
                }
                None => needed,
            });
        }
        let mut object = json!({
            "type": "object",
            "properties": properties,
            "required": required.unwrap_or_default(),
        });
        for keyword in ["description", "nullable"] {
            if let Some(value) = self.schema.get(keyword) {
                object[keyword] = value.clone();
            }
        }
        Some(object)
    }

    /// Returns the properties that the discriminator makes constant.
    fn constants(&self) -> Vec<Constant> {
        let Discriminator::Property(path, values) = &self.discriminator else {
            return Vec::new();
        };
        let ([property], true) = (&path[..], self.is_declared) else {
            return Vec::new();
        };
        let variants = self.variants.iter().zip(values);
        variants
            .filter_map(|(variant, values)| {
                let ([value], Some(schema)) = (&values[..], referenced_schema(variant)) else {
                    return None;
                };
                Some(Constant {
                    schema,
                    property: property.clone(),
                    value: value.clone(),
                })
            })
            .collect()
    }

    /// Returns an object with a field for each variant, in order.
    fn into_object(self, domain: &Domain) -> Value {
        let mut properties = Map::new();
        let mut nullable = self.schema.get("nullable") == Some(&Value::Bool(true));
        for (number, variant) in self.variants.iter().enumerate() {
            let mut variant = (*variant).clone();
            if let Value::Object(properties) = &mut variant {
                nullable |= properties.remove("nullable") == Some(Value::Bool(true));
                properties.remove(VARIANT_OF);
                properties.remove(INLINE);
            }
            let target = referenced_schema(&variant).and_then(|name| domain.schemas.get(&name));
            nullable |= target.is_some_and(|target| target.value["nullable"] == true);
            properties.insert(field(number), variant);
        }
        let required: Vec<String> = properties.keys().cloned().collect();
        let discriminator = match self.discriminator {
            Discriminator::Property(path, values) => {
                let tokens = path.iter().map(|name| escape_pointer_token(name));
                let pointer: String = tokens.map(|token| format!("/{token}")).collect();
                json!({ "property": pointer, "values": values })
            }
            Discriminator::Kind(kinds) => json!({ "kinds": kinds }),
            Discriminator::Fit => json!({}),
        };
        let mut object = json!({
            "type": "object",
            "properties": properties,
            "required": required,
            UNION: discriminator,
        });
        if let Some(description) = self.schema.get("description") {
            object["description"] = description.clone();
        }
        if nullable {
            object["nullable"] = Value::Bool(true);
        }
        object
    }
}

/// Returns the name of the field for a variant. The names sort in the order of the variants.
fn field(number: usize) -> String {
    format!("v{number:05}")
}

/// Reads the `discriminator` of a union.
fn declared(discriminator: &Value, variants: &[&Value], domain: &Domain) -> Option<Discriminator> {
    let property = discriminator.get("propertyName")?.as_str()?;
    let mapping = discriminator.get("mapping").and_then(Value::as_object);
    let mut named: HashMap<String, Vec<String>> = HashMap::default();
    for (value, target) in mapping.into_iter().flatten() {
        let target = mapped(target.as_str().unwrap_or_default());
        named.entry(target).or_default().push(value.clone());
    }
    let mut values = Vec::new();
    let mut taken = HashSet::default();
    for variant in variants {
        let name = variant
            .get(VARIANT_OF)
            .and_then(Value::as_str)
            .map(str::to_owned)
            .or_else(|| referenced_schema(variant));
        let mut found = name
            .as_ref()
            .and_then(|name| named.get(name).cloned())
            .unwrap_or_default();
        if found.is_empty() {
            // Without a mapping, the name of the schema is the value, unless the property lists
            // others, which is what servers send. An inline schema has no name.
            let listed = listed(variant, property, domain, MAX_DEPTH);
            let is_inline = variant.get(VARIANT_OF).is_none() && variant.get(INLINE).is_some();
            let is_value = |name: &String| listed.is_empty() || listed.contains(name);
            match name.filter(|name| !is_inline && is_value(name)) {
                Some(name) => found.push(name),
                None => found = listed,
            }
        }
        // A value that two variants claim belongs to the first.
        found.retain(|value| taken.insert(value.clone()));
        if found.is_empty() {
            return None;
        }
        values.push(found);
    }
    Some(Discriminator::Property(vec![property.to_owned()], values))
}

/// Returns the listed values of a property, which may be in a union; empty if they are not known.
fn listed(schema: &Value, property: &str, domain: &Domain, depth: usize) -> Vec<String> {
    let schema = resolve(schema, domain);
    let texts = |values: &Value| -> Vec<String> {
        let values = values.as_array().into_iter().flatten();
        values
            .filter_map(|it| it.as_str().map(str::to_owned))
            .collect()
    };
    if let Some(union) = schema.get(UNION) {
        let member = format!("/{}", escape_pointer_token(property));
        let values = union.get("values").filter(|_| union["member"] == member);
        let values = values.and_then(Value::as_array).into_iter().flatten();
        return values.flat_map(texts).collect();
    }
    let variants = keyword(schema).and_then(|keyword| schema.get(keyword)?.as_array());
    let Some((variants, depth)) = variants.zip(depth.checked_sub(1)) else {
        return values_at(schema, &[property], domain).unwrap_or_default();
    };
    let mut all = Vec::new();
    for variant in variants {
        let values = listed(variant, property, domain, depth);
        if values.is_empty() {
            return values;
        }
        all.extend(values);
    }
    all
}

/// Finds a property that every variant requires and for which each lists other values.
fn implied(variants: &[&Value], domain: &Domain) -> Option<Discriminator> {
    let first = resolve(variants.first()?, domain);
    let mut paths: Vec<Vec<&str>> = Vec::new();
    let fields = first.get("properties")?.as_object()?;
    paths.extend(fields.keys().map(|name| vec![name.as_str()]));
    for (name, inner) in fields {
        let inner = resolve(inner, domain)
            .get("properties")
            .and_then(Value::as_object);
        let inner = inner.into_iter().flatten();
        paths.extend(inner.map(|(inner, _)| vec![name.as_str(), inner.as_str()]));
    }
    let distinguishes = |path: &Vec<&str>| {
        let mut taken = HashSet::default();
        let mut all = Vec::new();
        for variant in variants {
            let values = values_at(variant, path, domain)?;
            if !values.iter().all(|value| taken.insert(value.clone())) {
                return None;
            }
            all.push(values);
        }
        Some(Discriminator::Property(
            path.iter().map(|name| (*name).to_owned()).collect(),
            all,
        ))
    };
    paths.iter().find_map(distinguishes)
}

/// Returns the listed strings of a required property; `None` if there is no such property.
fn values_at(schema: &Value, path: &[&str], domain: &Domain) -> Option<Vec<String>> {
    let schema = resolve(schema, domain);
    let (name, rest) = path.split_first()?;
    let is_required = schema
        .get("required")?
        .as_array()?
        .iter()
        .any(|known| known.as_str() == Some(name));
    let field = schema
        .get("properties")?
        .get(name)
        .filter(|_| is_required)?;
    if !rest.is_empty() {
        return values_at(field, rest, domain);
    }
    let field = resolve(field, domain);
    let values = field.get("enum")?.as_array()?;
    values
        .iter()
        .map(|value| value.as_str().map(str::to_owned))
        .collect()
}

/// Returns the JSON types of the variants, if no two are the same.
fn kinds(variants: &[&Value], domain: &Domain) -> Option<Discriminator> {
    let kind = |variant: &&Value| {
        let schema = resolve(variant, domain);
        Some(match schema.get("type").and_then(Value::as_str) {
            Some("boolean") => "Boolean",
            Some("integer") => "Integer",
            Some("number") => "Number",
            Some("string") => "String",
            Some("array") => "Array",
            Some("object") => "Object",
            _ if schema.get("properties").is_some() => "Object",
            _ => return None,
        })
    };
    let kinds: Vec<&str> = variants.iter().map(kind).collect::<Option<_>>()?;
    let distinct: HashSet<&&str> = kinds.iter().collect();
    // A union of one variant may get further ones of the same type.
    (distinct.len() == kinds.len() && kinds.len() > 1).then_some(Discriminator::Kind(kinds))
}

/// Returns the schema, or the one that it refers to.
fn resolve<'a>(schema: &'a Value, domain: &'a Domain) -> &'a Value {
    let only = schema.get("allOf").and_then(|parts| parts.get(0));
    let target = referenced_schema(only.unwrap_or(schema));
    let target = target.and_then(|name| domain.schemas.get(&name));
    target.map_or(schema, |target| &target.value)
}

/// Returns the schema of a field without its description.
fn without_description(field: &Value) -> Value {
    let mut field = field.clone();
    if let Value::Object(properties) = &mut field {
        properties.remove("description");
    }
    field
}

/// Gives the discriminating property of each variant its one value, so that callers need not set
/// it.
fn fill_in(constants: Vec<Constant>, domain: &mut Domain) {
    let mut by_place: BTreeMap<(String, String), Vec<String>> = BTreeMap::new();
    for constant in constants {
        let values = by_place
            .entry((constant.schema, constant.property))
            .or_default();
        if !values.contains(&constant.value) {
            values.push(constant.value);
        }
    }
    for ((name, property), values) in by_place {
        // A union has no properties of its own, only a field for each variant.
        let is_union = |schema: &&Schema| schema.value.get(UNION).is_some();
        let Some(schema) = domain.schemas.get(&name).filter(|it| !is_union(it)) else {
            continue;
        };
        // A property with other values in another union is not a constant.
        let [value] = &values[..] else { continue };
        let field = schema
            .value
            .get("properties")
            .and_then(|all| all.get(&property));
        let listed =
            field.and_then(|field| resolve(field, domain).get("enum")?.as_array().cloned());
        if listed.is_some_and(|listed| listed.len() == 1) {
            continue;
        }
        let location = schema.location.clone();
        let path = schema.path.field(&property);
        let mut unique = format!("{name}{}", heck::AsPascalCase(&property));
        while domain.schemas.contains_key(&unique) {
            unique.push('_');
        }
        let mut constant = json!({ "type": "string", "enum": [value] });
        let description = field.map(|field| resolve(field, domain)["description"].clone());
        if let Some(text @ Value::String(_)) = description {
            constant["description"] = text;
        }
        if let Some(schema) = domain.schemas.get_mut(&name) {
            schema.value["properties"][&property] = reference_to(&unique);
            let required = &mut schema.value["required"];
            if let Value::Array(names) = required {
                if !names.iter().any(|known| known.as_str() == Some(&property)) {
                    names.push(json!(property));
                }
            } else {
                *required = json!([property]);
            }
        }
        domain.schemas.insert(
            unique,
            Schema {
                value: constant.into(),
                location,
                path,
            },
        );
    }
}
