//! Reads answers as they come, which is not always as the document says.

use serde::{Deserialize, Deserializer};

/// Decodes `null` as the default of the type: empty, zero, or `false`.
///
/// Generated types carry it, together with serde's `default`, on the required fields of answers:
/// servers leave those out or send `null` now and then, and one such field must not cost the whole
/// answer.
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
/// Whatever keeps anything but `null` from being decoded.
pub fn null_as_default<'de, D, T>(deserializer: D) -> Result<T, D::Error>
where
    D: Deserializer<'de>,
    T: Deserialize<'de> + Default,
{
    Option::<T>::deserialize(deserializer).map(Option::unwrap_or_default)
}
