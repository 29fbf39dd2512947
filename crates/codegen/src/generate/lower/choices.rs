//! `oneOf` and `anyOf` become an enum that `scorekit_core::open_union!` declares. This pass finds out how its variants are
//! told apart, and writes the choice as an object with a field for each: progenitor then says which Rust type each
//! variant has, and the refining stage turns the object into the enum.
//!
//! In this order: by the discriminator; by a member whose listed values no two variants share, at the top or one level
//! below, as `type` in the `data` of JSON:API; by what the variants are in JSON; by what becomes of the value in each.
//!
//! A value of an `anyOf` may be of several variants at once. Where all are objects that agree about the fields they
//! share, and no member tells them apart, it is one object with the fields of all.

use std::collections::{BTreeMap, HashMap, HashSet};

use serde_json::{Map, Value, json};

use super::merged_all_of::drop_unreached;
use crate::generate::desugar::CHOICES;
use crate::generate::markers::{CHOICE, INLINE, VARIANT_OF};
use crate::generate::model::{Domain, Schema, reference_to, referenced_schema};
use crate::generate::partition::mapped;

pub(super) fn tell_variants_apart(domain: &mut Domain) {
    let names: Vec<String> = domain
        .schemas
        .iter()
        .filter(|(_, schema)| keyword(&schema.value).is_some())
        .map(|(name, _)| name.clone())
        .collect();
    if names.is_empty() {
        return;
    }
    let mut tags: Vec<Tag> = Vec::new();
    for name in &names {
        let Some(schema) = domain.schemas.get(name) else {
            continue;
        };
        let found = Choice::of(&schema.value, domain);
        let value = match found.united(domain) {
            Some(object) => object,
            None => {
                tags.extend(found.constants());
                found.into_object(domain)
            }
        };
        if let Some(schema) = domain.schemas.get_mut(name) {
            schema.value = value;
        }
    }
    fill_in(tags, domain);
    drop_unreached(domain);
}

fn keyword(schema: &Value) -> Option<&'static str> {
    CHOICES
        .into_iter()
        .find(|keyword| schema.get(keyword).is_some())
}

/// What tells the variants of a choice apart.
enum By {
    /// The texts at a place: the way there, member by member, and the texts of each variant.
    Member(Vec<String>, Vec<Vec<String>>),
    /// What each is in JSON.
    Kind(Vec<&'static str>),
    /// Nothing but what becomes of a value.
    Fit,
}

struct Choice<'a> {
    schema: &'a Value,
    keyword: &'static str,
    variants: Vec<&'a Value>,
    by: By,
    has_discriminator: bool,
}

/// A variant whose member has one value alone.
struct Tag {
    schema: String,
    property: String,
    value: String,
}

impl<'a> Choice<'a> {
    fn of(schema: &'a Value, domain: &Domain) -> Self {
        let keyword = keyword(schema).unwrap_or(CHOICES[0]);
        let variants: Vec<&Value> = schema
            .get(keyword)
            .and_then(Value::as_array)
            .into_iter()
            .flatten()
            .collect();
        let discriminator = schema
            .get("discriminator")
            .and_then(|discriminator| declared(discriminator, &variants, domain));
        let has_discriminator = discriminator.is_some();
        let by = discriminator
            .or_else(|| implied(&variants, domain))
            .or_else(|| kinds(&variants, domain))
            .unwrap_or(By::Fit);
        Self {
            schema,
            keyword,
            variants,
            by,
            has_discriminator,
        }
    }

    /// The one object that an `anyOf` of objects is, if it is.
    fn united(&self, domain: &Domain) -> Option<Value> {
        if self.keyword != "anyOf" || self.variants.len() < 2 || matches!(self.by, By::Member(..)) {
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
                if meaning(known) != meaning(field) {
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

    /// The members that are constants, because the discriminator says so.
    fn constants(&self) -> Vec<Tag> {
        let By::Member(path, values) = &self.by else {
            return Vec::new();
        };
        let ([property], true) = (&path[..], self.has_discriminator) else {
            return Vec::new();
        };
        let variants = self.variants.iter().zip(values);
        variants
            .filter_map(|(variant, values)| {
                let ([value], Some(schema)) = (&values[..], referenced_schema(variant)) else {
                    return None;
                };
                Some(Tag {
                    schema,
                    property: property.clone(),
                    value: value.clone(),
                })
            })
            .collect()
    }

    /// An object with a field for each variant, in order.
    fn into_object(self, domain: &Domain) -> Value {
        let mut properties = Map::new();
        let mut nullable = self.schema.get("nullable") == Some(&Value::Bool(true));
        for (number, variant) in self.variants.iter().enumerate() {
            let mut variant = (*variant).clone();
            if let Value::Object(members) = &mut variant {
                nullable |= members.remove("nullable") == Some(Value::Bool(true));
                members.remove(VARIANT_OF);
                members.remove(INLINE);
            }
            let target = referenced_schema(&variant).and_then(|name| domain.schemas.get(&name));
            nullable |= target.is_some_and(|target| target.value["nullable"] == true);
            properties.insert(field(number), variant);
        }
        let required: Vec<String> = properties.keys().cloned().collect();
        let by = match self.by {
            By::Member(path, values) => {
                let pointer = path
                    .iter()
                    .map(|name| format!("/{}", name.replace('~', "~0").replace('/', "~1")));
                json!({ "member": pointer.collect::<String>(), "values": values })
            }
            By::Kind(kinds) => json!({ "kinds": kinds }),
            By::Fit => json!({}),
        };
        let mut object = json!({
            "type": "object",
            "properties": properties,
            "required": required,
            CHOICE: by,
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

/// The name of the field that stands for a variant: those of all sort in the order of the variants.
fn field(number: usize) -> String {
    format!("v{number:05}")
}

/// What the discriminator says.
fn declared(discriminator: &Value, variants: &[&Value], domain: &Domain) -> Option<By> {
    let property = discriminator.get("propertyName")?.as_str()?;
    let mapping = discriminator.get("mapping").and_then(Value::as_object);
    let mut named: HashMap<String, Vec<String>> = HashMap::new();
    for (value, target) in mapping.into_iter().flatten() {
        let target = mapped(target.as_str().unwrap_or_default());
        named.entry(target).or_default().push(value.clone());
    }
    let mut values = Vec::new();
    let mut taken = HashSet::new();
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
            // Without a line in the mapping the name stands for the schema. One written in place has none.
            let listed = values_at(variant, &[property], domain).unwrap_or_default();
            let is_inline = variant.get(VARIANT_OF).is_none() && variant.get(INLINE).is_some();
            match name.filter(|_| !is_inline) {
                Some(name) => found.push(name),
                None => found = listed,
            }
        }
        // The first of two that claim a value has it.
        found.retain(|value| taken.insert(value.clone()));
        if found.is_empty() {
            return None;
        }
        values.push(found);
    }
    Some(By::Member(vec![property.to_owned()], values))
}

/// A member that every variant requires and for which each lists other values.
fn implied(variants: &[&Value], domain: &Domain) -> Option<By> {
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
    let tells_apart = |path: &Vec<&str>| {
        let mut taken = HashSet::new();
        let mut all = Vec::new();
        for variant in variants {
            let values = values_at(variant, path, domain)?;
            if !values.iter().all(|value| taken.insert(value.clone())) {
                return None;
            }
            all.push(values);
        }
        Some(By::Member(
            path.iter().map(|name| (*name).to_owned()).collect(),
            all,
        ))
    };
    paths.iter().find_map(tells_apart)
}

/// The listed texts of a required member; `None` if it is none.
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

/// What each variant is in JSON, if no two are the same.
fn kinds(variants: &[&Value], domain: &Domain) -> Option<By> {
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
    // What comes beside the only one is likely to be of the same kind.
    (distinct.len() == kinds.len() && kinds.len() > 1).then_some(By::Kind(kinds))
}

/// The schema, or the one it refers to.
fn resolve<'a>(schema: &'a Value, domain: &'a Domain) -> &'a Value {
    let only = schema.get("allOf").and_then(|parts| parts.get(0));
    let target = referenced_schema(only.unwrap_or(schema));
    let target = target.and_then(|name| domain.schemas.get(&name));
    target.map_or(schema, |target| &target.value)
}

/// What a field says, but for how it is described.
fn meaning(field: &Value) -> Value {
    let mut field = field.clone();
    if let Value::Object(members) = &mut field {
        members.remove("description");
    }
    field
}

/// Gives each variant the one value that its discriminator has, so that nobody has to write it.
fn fill_in(tags: Vec<Tag>, domain: &mut Domain) {
    let mut by_place: BTreeMap<(String, String), Vec<String>> = BTreeMap::new();
    for tag in tags {
        let values = by_place.entry((tag.schema, tag.property)).or_default();
        if !values.contains(&tag.value) {
            values.push(tag.value);
        }
    }
    for ((name, property), values) in by_place {
        let Some(schema) = domain.schemas.get(&name) else {
            continue;
        };
        // One that has other values in another choice is no constant.
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
                value: constant,
                location,
            },
        );
    }
}
