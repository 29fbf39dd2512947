//! How large a document is, beside the vendor's whole API.

/// The tags of a document of size 1.
const TAGS: usize = 108;
/// The resources of a document of size 1, five operations each.
const RESOURCES: usize = 200;
/// How many schemas a resource has of its own.
pub(crate) const OWN_SCHEMAS: usize = 25;
/// The schemas that resources share, in a document of size 1.
const SHARED: usize = 200;

/// How large a document is.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Size {
    /// How often the tags of the vendor's API stand in it.
    pub(crate) copies: usize,
    /// How many times as many resources each tag has.
    pub(crate) per_tag: usize,
}

impl Size {
    /// The vendor's whole API.
    pub(crate) const ONE: Self = Self {
        copies: 1,
        per_tag: 1,
    };

    /// How many resources it has.
    pub(crate) fn resources(self) -> usize {
        RESOURCES * self.copies * self.per_tag
    }

    /// How many schemas several resources share.
    pub(crate) fn shared(self) -> usize {
        SHARED * self.copies * self.per_tag
    }

    /// How many operations the document has.
    pub(crate) fn operations(self) -> usize {
        5 * self.resources()
    }

    /// How many schemas have a name.
    pub(crate) fn schemas(self) -> usize {
        OWN_SCHEMAS * self.resources() + self.shared()
    }

    /// How many tags have operations.
    pub(crate) fn tags(self) -> usize {
        TAGS * self.copies
    }

    /// The tag of a resource: a few tags have many resources, and each has one at least.
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
