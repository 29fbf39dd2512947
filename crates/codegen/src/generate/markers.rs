//! Marks that an earlier stage leaves in a schema for a later one.
//!
//! Each mark is a key of the schema. A document cannot hold such a key, because the loader rejects
//! every key that begins with [`RESERVED_PREFIX`](crate::document::node::RESERVED_PREFIX).

use crate::document::node::reserved;

/// The name of the schema that a variant was copied from.
pub(crate) const VARIANT_OF: &str = reserved!("variant-of");

/// Present on a variant that lowering named.
pub(super) const INLINE: &str = reserved!("inline");

/// The discriminator of a union; present on an object that stands for a union.
pub(super) const UNION: &str = reserved!("union");

/// The successful responses of an operation: status code, variant, description and field of each.
/// Present on an object that stands for them.
pub(crate) const RESPONSES: &str = reserved!("responses");

/// Present on an enum with one value that is also the default. Constructors fill it in.
pub(super) const CONSTANT: &str = reserved!("constant");

/// The values of an enum. `enum` itself holds the names of the variants.
pub(crate) const ENUM_VALUES: &str = reserved!("enum-values");

/// The wire names of renamed fields.
pub(super) const WIRE_NAMES: &str = reserved!("wire-names");

/// The deprecated properties, each with the reason.
pub(super) const DEPRECATED_PROPERTIES: &str = reserved!("deprecated-properties");

/// Present on an object that forbids other properties.
pub(super) const CLOSED: &str = reserved!("closed");

/// The names of the properties that only the server sets, in a schema that a request reaches.
pub(super) const READ_ONLY: &str = reserved!("read-only");

/// The required properties of an object that declares no properties: other parts of an `allOf`
/// declare them.
pub(super) const REQUIRED_OF_OTHERS: &str = reserved!("required-of-others");
