//! The kinds of things that files declare: their properties, and the operations that read and
//! change them.

use super::table::DEFINITIONS;

/// A kind of thing, in the order in which files list them.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub(super) enum Kind {
    /// The group of rules. It has no operations of its own.
    Scorecard,
    Rule,
    Campaign,
    CaseType,
    CustomAttribute,
    Project,
    NotificationRule,
    AutomationRule,
    View,
    MaintenanceWindow,
}

/// The properties and operations of a kind.
pub(super) struct Definition {
    pub(super) kind: Kind,
    /// The word for one thing in messages.
    pub(super) noun: &'static str,
    /// The name of the list in a file.
    pub(super) list: &'static str,
    pub(super) about: &'static str,
    /// The kind of the thing that the list is in.
    pub(super) parent: Option<Kind>,
    pub(super) identity: Identity,
    pub(super) properties: &'static [Property],
    pub(super) operations: Operations,
    /// True if an update replaces all properties, so that each must be sent.
    pub(super) is_replaced: bool,
}

/// The property by which a thing is found.
pub(super) struct Identity {
    pub(super) name: &'static str,
    /// The name on the wire. Without it, the server does not store the property.
    pub(super) wire: Option<&'static str>,
    /// True if an update can change it.
    pub(super) can_change: bool,
    pub(super) help: &'static str,
}

/// The operations of a kind, and their path parameters.
pub(super) struct Operations {
    pub(super) list: &'static str,
    pub(super) create: &'static str,
    pub(super) update: &'static str,
    /// The path parameter with the id.
    pub(super) id: &'static str,
    /// The path parameter with the id of the parent.
    pub(super) parent: Option<&'static str>,
    /// The type in the request body.
    pub(super) resource: &'static str,
}

/// A property of a thing.
pub(super) struct Property {
    /// The name in a file.
    pub(super) name: &'static str,
    pub(super) shape: Shape,
    /// The name in the request that creates a thing, if it can be set there.
    pub(super) create: Option<&'static str>,
    /// The name in the request that changes a thing, if it can be changed.
    pub(super) update: Option<&'static str>,
    /// The name in a response. `None` if the server does not report it.
    pub(super) read: Option<&'static str>,
    /// True if a new thing needs it.
    pub(super) is_required: bool,
    /// True if `null` removes it.
    pub(super) can_be_null: bool,
    pub(super) help: &'static str,
}

/// The values of a property.
#[derive(Clone, Copy)]
pub(super) enum Shape {
    Text,
    Integer(i64, i64),
    Boolean,
    /// A boolean that the API calls `ENABLED` or `DISABLED`.
    State,
    /// A time or a date.
    Time,
    OneOf(&'static [&'static str]),
    /// The options of a custom attribute.
    Options,
    /// A thing, by name or id.
    Reference(Kind),
    /// Things, by name or id, in any order.
    References(Kind),
    /// An object, as in the API. The pointers lead to references in it.
    Object(&'static [(&'static str, Kind)]),
    /// A list of objects, as in the API.
    Objects,
}

impl Property {
    /// Returns a property with the same name in files, requests and responses.
    pub(super) const fn new(name: &'static str, shape: Shape, help: &'static str) -> Self {
        Self {
            name,
            shape,
            create: Some(name),
            update: Some(name),
            read: Some(name),
            is_required: false,
            can_be_null: false,
            help,
        }
    }

    pub(super) const fn wire(mut self, name: &'static str) -> Self {
        self.create = Some(name);
        self.update = Some(name);
        self.read = Some(name);
        self
    }

    pub(super) const fn read(mut self, name: &'static str) -> Self {
        self.read = Some(name);
        self
    }

    pub(super) const fn unreported(mut self) -> Self {
        self.read = None;
        self
    }

    pub(super) const fn only_updated(mut self) -> Self {
        self.create = None;
        self
    }

    pub(super) const fn fixed(mut self) -> Self {
        self.update = None;
        self
    }

    pub(super) const fn required(mut self) -> Self {
        self.is_required = true;
        self
    }

    pub(super) const fn nullable(mut self) -> Self {
        self.can_be_null = true;
        self
    }
}

impl Kind {
    /// The kinds whose lists are at the top of a file.
    pub(super) const TOP: [Self; 5] = [
        Self::Scorecard,
        Self::Campaign,
        Self::CaseType,
        Self::Project,
        Self::MaintenanceWindow,
    ];

    /// Returns the row of the table.
    pub(super) fn definition(self) -> &'static Definition {
        // Every kind has a row, which a test checks.
        let found = DEFINITIONS.iter().find(|it| it.kind == self);
        found.unwrap_or(&DEFINITIONS[0])
    }

    /// Returns the kinds whose lists are in a thing of this kind.
    pub(super) fn children(self) -> impl Iterator<Item = &'static Definition> {
        let rows = DEFINITIONS.iter();
        rows.filter(move |it| it.parent == Some(self))
    }

    /// Returns the word for one thing.
    pub(super) fn noun(self) -> &'static str {
        self.definition().noun
    }

    /// Returns the number of the step in which things of this kind are created and changed. A step
    /// needs the things of earlier ones.
    pub(super) fn step(self) -> usize {
        match self {
            Self::Scorecard | Self::Rule | Self::CaseType | Self::MaintenanceWindow => 0,
            Self::CustomAttribute | Self::Project | Self::Campaign => 1,
            Self::NotificationRule | Self::AutomationRule => 2,
            Self::View => 3,
        }
    }
}

impl Definition {
    /// Returns the property of a file with this name.
    pub(super) fn property(&self, name: &str) -> Option<&'static Property> {
        self.properties.iter().find(|it| it.name == name)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_kind_has_a_row() {
        let kinds = [
            Kind::Scorecard,
            Kind::Rule,
            Kind::Campaign,
            Kind::CaseType,
            Kind::CustomAttribute,
            Kind::Project,
            Kind::NotificationRule,
            Kind::AutomationRule,
            Kind::View,
            Kind::MaintenanceWindow,
        ];
        for kind in kinds {
            assert_eq!(kind.definition().kind, kind);
        }
    }
}
