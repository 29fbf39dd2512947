//! Types for string arguments, so that two of them cannot be swapped.

/// Declares a type for one string argument of methods and constructors that take several.
///
/// `DELETE /cases/{case_id}/comments/{cell_id}` takes two strings. If both were `&str`, a swap
/// would compile and address another comment. The type is a string in every other way: it
/// implements `From<&str>`, `From<&String>`, `From<String>`, `FromStr`, `Display`, `AsRef<str>`,
/// `Deref<Target = str>`, comparison with `&str`, and serde's traits. It converts into `String`.
/// Because of `Deref`, `&case_id` is also accepted where a method takes `&str`.
///
/// The names in parentheses are [`DateTime`](crate::DateTime) and [`Date`](crate::Date). The type
/// converts from and into them.
///
/// ```
/// scorekit_core::string_argument! {
///     /// The argument `case_id`.
///     pub struct CaseId;
/// }
/// scorekit_core::string_argument! {
///     /// The argument `cell_id`.
///     pub struct CellId;
/// }
/// scorekit_core::string_argument! {
///     /// The argument `since`.
///     pub struct Since(Date);
/// }
///
/// fn path(case: &CaseId, comment: &CellId) -> String {
///     format!("/cases/{case}/comments/{comment}")
/// }
///
/// let (case, comment) = (CaseId::from("a"), CellId::from("b"));
/// assert_eq!(path(&case, &comment), "/cases/a/comments/b");
/// assert_eq!(case.len(), 1);
/// assert_eq!(serde_json::to_string(&comment)?, "\"b\"");
/// assert_eq!(serde_json::from_str::<CellId>("\"b\"")?, comment);
/// assert_eq!(Since::from(scorekit_core::Date::new("2026-01-31")), "2026-01-31");
/// # Ok::<(), serde_json::Error>(())
/// ```
///
/// A swap does not compile:
///
/// ```compile_fail,E0308
/// scorekit_core::string_argument! {
///     /// The argument `case_id`.
///     pub struct CaseId;
/// }
/// scorekit_core::string_argument! {
///     /// The argument `cell_id`.
///     pub struct CellId;
/// }
///
/// fn path(case: &CaseId, comment: &CellId) -> String {
///     format!("/cases/{case}/comments/{comment}")
/// }
///
/// let (case, comment) = (CaseId::from("a"), CellId::from("b"));
/// path(&comment, &case);
/// ```
#[macro_export]
macro_rules! string_argument {
    (
        $(#[$meta:meta])*
        $visibility:vis struct $name:ident $(($($text:ident),+ $(,)?))?;
    ) => {
        $(#[$meta])*
        #[derive(Clone, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
        $visibility struct $name(::std::string::String);

        impl ::core::convert::From<&str> for $name {
            #[inline]
            fn from(text: &str) -> Self {
                Self(::std::string::String::from(text))
            }
        }

        impl ::core::convert::From<&::std::string::String> for $name {
            #[inline]
            fn from(text: &::std::string::String) -> Self {
                Self(::core::clone::Clone::clone(text))
            }
        }

        impl ::core::convert::From<::std::string::String> for $name {
            #[inline]
            fn from(text: ::std::string::String) -> Self {
                Self(text)
            }
        }

        impl ::core::convert::From<$name> for ::std::string::String {
            #[inline]
            fn from(argument: $name) -> Self {
                argument.0
            }
        }

        impl ::core::str::FromStr for $name {
            type Err = ::core::convert::Infallible;

            #[inline]
            fn from_str(
                text: &str,
            ) -> ::core::result::Result<Self, ::core::convert::Infallible> {
                ::core::result::Result::Ok(Self::from(text))
            }
        }

        impl ::core::fmt::Display for $name {
            #[inline]
            fn fmt(&self, formatter: &mut ::core::fmt::Formatter<'_>) -> ::core::fmt::Result {
                formatter.pad(&self.0)
            }
        }

        impl ::core::convert::AsRef<str> for $name {
            #[inline]
            fn as_ref(&self) -> &str {
                &self.0
            }
        }

        impl ::core::ops::Deref for $name {
            type Target = str;

            #[inline]
            fn deref(&self) -> &str {
                &self.0
            }
        }

        impl ::core::cmp::PartialEq<str> for $name {
            #[inline]
            fn eq(&self, other: &str) -> bool {
                self.0 == other
            }
        }

        impl ::core::cmp::PartialEq<&str> for $name {
            #[inline]
            fn eq(&self, other: &&str) -> bool {
                self.0 == *other
            }
        }

        impl $crate::__private::Serialize for $name {
            fn serialize<S: $crate::__private::Serializer>(
                &self,
                serializer: S,
            ) -> ::core::result::Result<S::Ok, S::Error> {
                serializer.serialize_str(&self.0)
            }
        }

        impl<'de> $crate::__private::Deserialize<'de> for $name {
            fn deserialize<D: $crate::__private::Deserializer<'de>>(
                deserializer: D,
            ) -> ::core::result::Result<Self, D::Error> {
                let text: ::std::string::String =
                    $crate::__private::Deserialize::deserialize(deserializer)?;
                ::core::result::Result::Ok(Self(text))
            }
        }

        $($(
            impl ::core::convert::From<$crate::$text> for $name {
                #[inline]
                fn from(text: $crate::$text) -> Self {
                    Self(::core::convert::Into::into(text))
                }
            }

            impl ::core::convert::From<$name> for $crate::$text {
                #[inline]
                fn from(argument: $name) -> Self {
                    Self::from(argument.0)
                }
            }
        )+)?
    };
}
