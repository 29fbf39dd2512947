//! The position of a schema in both documents.

use super::changes::Difference;
use crate::document::diagnostic::Location;
use crate::generate::model::SchemaPath;

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
    /// True if `null` there reads like a missing value.
    pub(super) optional: bool,
    /// True if every request has a value there, so that a default is not used.
    pub(super) always_set: bool,
}

impl SchemaPosition {
    pub(super) fn difference(&self, kind: &'static str, what: impl Into<String>) -> Difference {
        let subject = format!("{} `{}`", self.noun, self.subject);
        Difference::new(kind, subject, what, &self.location).of(&self.paths)
    }

    /// Creates a difference of the nodes inside `group`, such as the values of an enum.
    pub(super) fn difference_in(
        &self,
        [group, node]: [&str; 2],
        kind: &'static str,
        what: impl Into<String>,
    ) -> Difference {
        let inside = |path: &SchemaPath| path.child(group).child(node);
        let [old, new] = &self.paths;
        self.difference(kind, what).of(&[inside(old), inside(new)])
    }

    /// Returns the position of the field `name`.
    pub(super) fn field(&self, name: &str) -> Self {
        let [old, new] = &self.paths;
        Self {
            noun: "field",
            subject: format!("{}.{name}", self.subject),
            paths: [old.field(name), new.field(name)],
            location: self.location.clone(),
            optional: false,
            always_set: false,
        }
    }

    /// Returns the position of a schema inside this one: the items of a list, the values of a map
    /// or an alternative of a union.
    pub(super) fn inside(&self, noun: &'static str, paths: [SchemaPath; 2]) -> Self {
        Self {
            noun,
            paths,
            optional: false,
            always_set: true,
            ..self.clone()
        }
    }
}
