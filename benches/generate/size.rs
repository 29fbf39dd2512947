//! The size of a document, relative to the vendor's whole API.

/// The tags of a document of size 1.
const TAGS: usize = 108;
/// The resources of a document of size 1, five operations each.
const RESOURCES: usize = 200;
/// The schemas of a resource, by kind.
pub(crate) const ENUMS: usize = 4;
pub(crate) const READ_SCHEMAS: usize = 6;
pub(crate) const WRITE_SCHEMAS: usize = 6;
pub(crate) const RELATIONSHIP_SCHEMAS: usize = 4;
pub(crate) const SETTINGS_SCHEMAS: usize = 5;
/// The schemas of a resource.
const OWN_SCHEMAS: usize =
    ENUMS + READ_SCHEMAS + WRITE_SCHEMAS + RELATIONSHIP_SCHEMAS + SETTINGS_SCHEMAS;
/// The schemas that resources share, in a document of size 1.
const SHARED: usize = 200;

/// The size of a document.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Size {
    /// The number of copies of the vendor's tags.
    pub(crate) copies: usize,
    /// The factor by which each tag has more resources.
    pub(crate) per_tag: usize,
}

impl Size {
    /// The vendor's whole API.
    pub(crate) const ONE: Self = Self {
        copies: 1,
        per_tag: 1,
    };

    /// Returns the number of resources.
    pub(crate) fn resources(self) -> usize {
        RESOURCES * self.copies * self.per_tag
    }

    /// Returns the number of shared schemas.
    pub(crate) fn shared(self) -> usize {
        SHARED * self.copies * self.per_tag
    }

    /// Returns the number of operations.
    pub(crate) fn operations(self) -> usize {
        5 * self.resources()
    }

    /// Returns the number of named schemas.
    pub(crate) fn schemas(self) -> usize {
        OWN_SCHEMAS * self.resources() + self.shared()
    }

    /// Returns the number of tags with operations.
    pub(crate) fn tags(self) -> usize {
        TAGS * self.copies
    }

    /// Returns the tag of a resource. A few tags have many resources, and each has at least one.
    pub(crate) fn tag_of(self, resource: usize) -> usize {
        let resource = resource / self.per_tag;
        let (copy, number) = (resource / RESOURCES, resource % RESOURCES);
        let tag = match number.checked_sub(TAGS) {
            None => number,
            Some(further) => further % (1 + further / 8),
        };
        copy * TAGS + tag
    }
}
