//! The arguments of setters: values, and `Option`s of them.

use std::collections::BTreeMap;

use crate::Nullable;

/// An argument of a setter whose property or parameter is optional: a value, or an `Option` of one.
/// `None` leaves it unset.
///
/// `Kind` distinguishes the two and is inferred. A bare `None` needs a type, `None::<&str>`.
///
/// ```
/// use scorekit_core::IntoOptional;
///
/// struct Search {
///     owner: Option<String>,
/// }
///
/// impl Search {
///     fn owner<Kind>(self, owner: impl IntoOptional<String, Kind>) -> Self {
///         Self { owner: owner.into_optional() }
///     }
/// }
///
/// let (text, set, unset) = ("a".to_owned(), Some("b"), None::<String>);
/// assert_eq!(Search { owner: None }.owner(&text).owner.as_deref(), Some("a"));
/// assert_eq!(Search { owner: None }.owner(set).owner.as_deref(), Some("b"));
/// assert_eq!(Search { owner: None }.owner(unset).owner, None);
/// ```
pub trait IntoOptional<T, Kind> {
    /// Converts into the value to set, if there is one.
    fn into_optional(self) -> Option<T>;
}

/// The kind of an argument that is a value.
#[derive(Debug)]
pub struct ValueKind;

/// The kind of an argument that is an `Option`.
#[derive(Debug)]
pub struct OptionKind;

/// The kind of an argument that is a [`Nullable`].
#[derive(Debug)]
pub struct NullableKind;

impl<T, V: Into<T>> IntoOptional<T, ValueKind> for V {
    fn into_optional(self) -> Option<T> {
        Some(self.into())
    }
}

impl<T, V: Into<T>> IntoOptional<T, OptionKind> for Option<V> {
    fn into_optional(self) -> Option<T> {
        self.map(Into::into)
    }
}

/// An argument of a setter whose property is a list: its items, or an `Option` of them. `None`
/// leaves it unset. See [`IntoOptional`].
pub trait IntoOptionalList<T, Kind> {
    /// Converts into the list to set, if there is one.
    fn into_optional_list(self) -> Option<Vec<T>>;
}

impl<T, I> IntoOptionalList<T, ValueKind> for I
where
    I: IntoIterator,
    I::Item: Into<T>,
{
    fn into_optional_list(self) -> Option<Vec<T>> {
        Some(self.into_iter().map(Into::into).collect())
    }
}

impl<T, I> IntoOptionalList<T, OptionKind> for Option<I>
where
    I: IntoIterator,
    I::Item: Into<T>,
{
    fn into_optional_list(self) -> Option<Vec<T>> {
        self.and_then(I::into_optional_list)
    }
}

/// An argument of a setter whose property takes `null`: a value, an `Option` of one, or a
/// [`Nullable`]. `None` leaves it unset; only [`Nullable::Null`] sends `null`.
///
/// ```
/// use scorekit_core::{IntoNullable, Nullable};
///
/// fn due<Kind>(date: impl IntoNullable<String, Kind>) -> Nullable<String> {
///     date.into_nullable()
/// }
///
/// assert_eq!(due("2026-12-31").as_deref(), Some("2026-12-31"));
/// assert!(due(None::<&str>).is_absent());
/// assert!(due(Nullable::<String>::Null).is_null());
/// ```
pub trait IntoNullable<T, Kind> {
    /// Converts into the state to set.
    fn into_nullable(self) -> Nullable<T>;
}

impl<T, V: Into<T>> IntoNullable<T, ValueKind> for V {
    fn into_nullable(self) -> Nullable<T> {
        Nullable::Value(self.into())
    }
}

impl<T, V: Into<T>> IntoNullable<T, OptionKind> for Option<V> {
    fn into_nullable(self) -> Nullable<T> {
        self.map(Into::into).into()
    }
}

impl<T, V: Into<T>> IntoNullable<T, NullableKind> for Nullable<V> {
    fn into_nullable(self) -> Nullable<T> {
        self.map(Into::into)
    }
}

/// An argument of a setter whose property is a map: its entries, or an `Option` of them. `None`
/// leaves it unset. See [`IntoOptional`].
pub trait IntoOptionalMap<V, Kind> {
    /// Converts into the map to set, if there is one.
    fn into_optional_map(self) -> Option<BTreeMap<String, V>>;
}

impl<V, K, I> IntoOptionalMap<V, ValueKind> for I
where
    K: Into<String>,
    I: IntoIterator<Item = (K, V)>,
{
    fn into_optional_map(self) -> Option<BTreeMap<String, V>> {
        Some(
            self.into_iter()
                .map(|(name, value)| (name.into(), value))
                .collect(),
        )
    }
}

impl<V, K, I> IntoOptionalMap<V, OptionKind> for Option<I>
where
    K: Into<String>,
    I: IntoIterator<Item = (K, V)>,
{
    fn into_optional_map(self) -> Option<BTreeMap<String, V>> {
        self.and_then(I::into_optional_map)
    }
}
