//! Lenient decoding, because responses do not always match the document.

use std::collections::BTreeMap;
use std::fmt;
use std::marker::PhantomData;

use serde::de::{MapAccess, Visitor};
use serde::{Deserialize, Deserializer};

/// Decodes `null` as the default of the type: empty, zero, or `false`.
///
/// Generated types use it, together with serde's `default`, for the required fields of responses.
/// Servers leave them out or send `null` now and then, which must not fail the whole response.
///
/// ```
/// #[derive(serde::Deserialize)]
/// struct Rule {
///     #[serde(default, deserialize_with = "scorekit_core::null_as_default")]
///     name: String,
/// }
///
/// for text in [r#"{"name": null}"#, "{}"] {
///     assert_eq!(serde_json::from_str::<Rule>(text)?.name, "");
/// }
/// # Ok::<(), serde_json::Error>(())
/// ```
///
/// # Errors
///
/// Returns the error of decoding a value other than `null`.
pub fn null_as_default<'de, D, T>(deserializer: D) -> Result<T, D::Error>
where
    D: Deserializer<'de>,
    T: Deserialize<'de> + Default,
{
    Option::<T>::deserialize(deserializer).map(Option::unwrap_or_default)
}

/// Decodes a map, and each `null` among its values as the default of their type. A `null` map is
/// empty.
///
/// ```
/// # use std::collections::BTreeMap;
/// #[derive(serde::Deserialize)]
/// struct Case {
///     #[serde(default, deserialize_with = "scorekit_core::null_values_as_default")]
///     attributes: BTreeMap<String, Vec<String>>,
/// }
///
/// let case: Case = serde_json::from_str(r#"{"attributes": {"env": null}}"#)?;
/// assert!(case.attributes["env"].is_empty());
/// # Ok::<(), serde_json::Error>(())
/// ```
///
/// # Errors
///
/// Returns the error of decoding another value.
pub fn null_values_as_default<'de, D, T>(deserializer: D) -> Result<BTreeMap<String, T>, D::Error>
where
    D: Deserializer<'de>,
    T: Deserialize<'de> + Default,
{
    optional_null_values_as_default(deserializer).map(Option::unwrap_or_default)
}

/// Decodes a flattened map (`#[serde(flatten)]`) in the way of [`null_values_as_default`].
///
/// # Errors
///
/// Returns the error of decoding another value.
pub fn flattened_null_values_as_default<'de, D, T>(
    deserializer: D,
) -> Result<BTreeMap<String, T>, D::Error>
where
    D: Deserializer<'de>,
    T: Deserialize<'de> + Default,
{
    let map = deserializer.deserialize_map(OptionalMap(PhantomData))?;
    Ok(map.unwrap_or_default())
}

/// Decodes an optional map in the way of [`null_values_as_default`].
///
/// # Errors
///
/// Returns the error of decoding another value.
pub fn optional_null_values_as_default<'de, D, T>(
    deserializer: D,
) -> Result<Option<BTreeMap<String, T>>, D::Error>
where
    D: Deserializer<'de>,
    T: Deserialize<'de> + Default,
{
    deserializer.deserialize_option(OptionalMap(PhantomData))
}

/// A visitor that builds the map once. Decoding `Option` values first would build it twice.
struct OptionalMap<T>(PhantomData<T>);

impl<'de, T: Deserialize<'de> + Default> Visitor<'de> for OptionalMap<T> {
    type Value = Option<BTreeMap<String, T>>;

    fn expecting(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str("a map")
    }

    fn visit_none<E>(self) -> Result<Self::Value, E> {
        Ok(None)
    }

    fn visit_unit<E>(self) -> Result<Self::Value, E> {
        Ok(None)
    }

    fn visit_some<D: Deserializer<'de>>(self, deserializer: D) -> Result<Self::Value, D::Error> {
        deserializer.deserialize_map(self)
    }

    fn visit_map<A: MapAccess<'de>>(self, mut entries: A) -> Result<Self::Value, A::Error> {
        let mut map = BTreeMap::new();
        while let Some((key, value)) = entries.next_entry::<String, Option<T>>()? {
            map.insert(key, value.unwrap_or_default());
        }
        Ok(Some(map))
    }
}
