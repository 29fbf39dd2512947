//! Maps and sets whose hashes are cheap, because reading a document hashes every key many times.
//!
//! The seed is random, so the keys of a hostile document do not collide.

use foldhash::fast::RandomState;

pub(crate) type HashMap<K, V> = std::collections::HashMap<K, V, RandomState>;
pub(crate) type HashSet<T> = std::collections::HashSet<T, RandomState>;
pub(crate) type IndexSet<T> = indexmap::IndexSet<T, RandomState>;

/// A map in the order of insertion.
pub type IndexMap<K, V> = indexmap::IndexMap<K, V, RandomState>;
