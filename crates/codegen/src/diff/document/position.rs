//! The position of a schema in both documents, and the items of the crates that depend on it.

use super::changes::Difference;
use crate::diff::change::AffectedItem;
use crate::document::diagnostic::Location;
use crate::generate::lower::name_table::NameTable;
use crate::generate::model::SchemaPath;

/// The names that lowering chose for both versions of a domain.
#[derive(Clone, Copy)]
pub(super) struct Names<'a> {
    pub(super) old: &'a NameTable<'a>,
    pub(super) new: &'a NameTable<'a>,
}

impl Names<'_> {
    /// Returns the types of a schema with all that belongs to them.
    pub(super) fn types(self, [old, new]: [&SchemaPath; 2]) -> Vec<AffectedItem> {
        let names = [self.old.type_name(old), self.new.type_name(new)];
        let paths = names.into_iter().flatten();
        paths
            .map(|name| AffectedItem::below(format!("types::{name}")))
            .collect()
    }
}

/// The position of a schema in the documents.
#[derive(Clone)]
pub(super) struct SchemaPosition {
    /// The kind of thing that has the schema: `field`.
    pub(super) noun: &'static str,
    /// Its name in the document: `KpiRequest.unit`.
    pub(super) subject: String,
    /// Its path in the old and in the new document.
    pub(super) paths: [SchemaPath; 2],
    /// Its location in the document.
    pub(super) location: Location,
    /// The items that depend on it.
    pub(super) affected: Vec<AffectedItem>,
    /// True if `null` there reads like a missing value.
    pub(super) optional: bool,
    /// True if every request has a value there, so that a default is not used.
    pub(super) always_set: bool,
}

impl SchemaPosition {
    pub(super) fn difference(&self, kind: &'static str, what: impl Into<String>) -> Difference {
        let subject = format!("{} `{}`", self.noun, self.subject);
        Difference::new(kind, subject, what, &self.location)
    }

    /// Returns the position of the field `name`.
    pub(super) fn field(&self, name: &str, names: Names<'_>) -> Self {
        let [old, new] = &self.paths;
        let paths = [old.field(name), new.field(name)];
        let mut affected = names.types([&paths[0], &paths[1]]);
        for (names, owner) in [(names.old, old), (names.new, new)] {
            let Some(owner_name) = names.type_name(owner) else {
                continue;
            };
            let owner_type = format!("types::{owner_name}");
            if let Some(field) = names.field_name(owner, name) {
                affected.push(AffectedItem::exactly(format!("{owner_type}.{field}")));
                affected.push(AffectedItem::exactly(format!("{owner_type}::{field}")));
                affected.push(AffectedItem::argument(format!("{owner_type}::new"), &field));
            }
            // The traits of a type depend on all its fields.
            affected.push(AffectedItem::below(format!("{owner_type}: ")));
        }
        let has_type = names.old.type_name(old).is_some() || names.new.type_name(new).is_some();
        if !has_type {
            affected.extend(self.affected.iter().cloned());
        }
        Self {
            noun: "field",
            subject: format!("{}.{name}", self.subject),
            paths,
            location: self.location.clone(),
            affected,
            optional: false,
            always_set: false,
        }
    }

    /// Returns the position of a schema inside this one: the items of a list, the values of a map
    /// or an alternative of a union.
    pub(super) fn inside(
        &self,
        noun: &'static str,
        paths: [SchemaPath; 2],
        names: Names<'_>,
    ) -> Self {
        let mut affected = self.affected.clone();
        affected.extend(names.types([&paths[0], &paths[1]]));
        Self {
            noun,
            paths,
            affected,
            optional: false,
            always_set: true,
            ..self.clone()
        }
    }
}
