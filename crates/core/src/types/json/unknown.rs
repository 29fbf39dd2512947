//! Properties that the document does not list.

use std::fmt;
use std::sync::LazyLock;

use serde_json::{Map, Value};

/// The map of every object without unknown properties.
static NONE: LazyLock<Map<String, Value>> = LazyLock::new(Map::new);

/// An object that keeps the properties that the document does not list, and writes them back.
///
/// Every generated structure implements it, except those whose schema forbids other properties and
/// those with a public map for them. The properties count in comparisons.
///
/// ```
/// use scorekit_core::UnknownProperties;
///
/// # #[derive(Clone, Debug, Default, PartialEq)]
/// # pub struct Rule {
/// #     pub name: String,
/// #     unknown_properties: scorekit_core::UnknownMap,
/// # }
/// # scorekit_core::json_object! {
/// #     Rule { name = "name" or_default }
/// #     unknown properties in unknown_properties
/// # }
/// let text = r#"{"name":"a","tier":3}"#;
/// let mut rule: Rule = serde_json::from_str(text)?;
/// assert_eq!(rule.unknown_properties()["tier"], 3);
/// assert_eq!(serde_json::to_string(&rule)?, text);
///
/// rule.unknown_properties_mut().insert("beta".to_owned(), true.into());
/// # Ok::<(), serde_json::Error>(())
/// ```
///
/// A property may have the name of a method. `UnknownProperties::unknown_properties(&rule)` is
/// always the method of this trait.
pub trait UnknownProperties {
    /// Returns the unknown properties.
    fn unknown_properties(&self) -> &Map<String, Value>;

    /// Returns the unknown properties for changes in place. Those with the name of a property of
    /// the document are not written.
    fn unknown_properties_mut(&mut self) -> &mut Map<String, Value>;
}

/// The unknown properties of an object, as a field of a generated structure. It allocates only if
/// there are some.
#[derive(Clone, Default)]
pub struct UnknownMap(Option<Box<Map<String, Value>>>);

impl UnknownMap {
    #[doc(hidden)]
    pub fn get(&self) -> &Map<String, Value> {
        self.0.as_deref().unwrap_or(&NONE)
    }

    #[doc(hidden)]
    pub fn get_mut(&mut self) -> &mut Map<String, Value> {
        self.0.get_or_insert_default()
    }
}

/// An empty map equals none.
impl PartialEq for UnknownMap {
    fn eq(&self, other: &Self) -> bool {
        match (&self.0, &other.0) {
            (None, None) => true,
            _ => self.get() == other.get(),
        }
    }
}

impl fmt::Debug for UnknownMap {
    /// Shows the number of properties. A server may have echoed a credential in them.
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.get().len().fmt(formatter)
    }
}
