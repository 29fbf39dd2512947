//! Integer enums that keep values that the document does not list.

/// Declares an integer enum that keeps values that the document does not list.
///
/// It is the [`open_enum!`](crate::open_enum) for integers. It has a unit variant for each listed
/// value, and `Unrecognized(i64)`, which keeps any other value and writes it back unchanged. It has
/// `value` and `VALUES`, and implements `Display`, `From<i64>`, comparison with `i64`, and serde's
/// traits. It is `#[non_exhaustive]`, and its values are ordered as in the document.
///
/// `Default` is the only value of an enum with one. For others it is the unrecognized 0, which
/// stands for a value that a server left out.
///
/// ```
/// scorekit_core::open_integer_enum! {
///     /// How urgent something is.
///     pub enum Urgency {
///         /// It can wait.
///         Low = 1,
///         /// It cannot.
///         High = 2,
///     }
/// }
///
/// assert_eq!(Urgency::from(2), Urgency::High);
/// assert_eq!(Urgency::from(3), Urgency::Unrecognized(3));
/// assert_eq!(serde_json::to_string(&Urgency::from(3))?, "3");
/// assert!(serde_json::from_str::<Urgency>("2.5").is_err());
/// # Ok::<(), serde_json::Error>(())
/// ```
#[macro_export]
macro_rules! open_integer_enum {
    (
        $(#[$meta:meta])*
        $visibility:vis enum $name:ident {
            $(
                $(#[$variant_meta:meta])*
                $variant:ident = $number:literal
            ),+ $(,)?
        }
    ) => {
        $(#[$meta])*
        #[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
        #[non_exhaustive]
        $visibility enum $name {
            $(
                $(#[$variant_meta])*
                $variant,
            )+
            /// A value that the API document does not list, unchanged.
            Unrecognized(i64),
        }

        impl $name {
            /// The values that the API document lists, in its order.
            pub const VALUES: &'static [i64] = &[$($number),+];

            /// Returns the value as in JSON.
            #[inline]
            pub fn value(self) -> i64 {
                match self {
                    $(Self::$variant => $number,)+
                    Self::Unrecognized(number) => number,
                }
            }
        }

        impl ::core::default::Default for $name {
            /// Returns the only listed value, or the unrecognized 0 for one that a server left out.
            #[inline]
            fn default() -> Self {
                match Self::VALUES {
                    [only] => Self::from(*only),
                    _ => Self::Unrecognized(0),
                }
            }
        }

        impl ::core::fmt::Display for $name {
            #[inline]
            fn fmt(&self, formatter: &mut ::core::fmt::Formatter<'_>) -> ::core::fmt::Result {
                ::core::fmt::Display::fmt(&self.value(), formatter)
            }
        }

        impl ::core::convert::From<i64> for $name {
            #[inline]
            fn from(number: i64) -> Self {
                match number {
                    $($number => Self::$variant,)+
                    other => Self::Unrecognized(other),
                }
            }
        }

        impl ::core::cmp::PartialEq<i64> for $name {
            #[inline]
            fn eq(&self, other: &i64) -> bool {
                self.value() == *other
            }
        }

        impl $crate::__private::Serialize for $name {
            fn serialize<S: $crate::__private::Serializer>(
                &self,
                serializer: S,
            ) -> ::core::result::Result<S::Ok, S::Error> {
                serializer.serialize_i64(self.value())
            }
        }

        impl<'de> $crate::__private::Deserialize<'de> for $name {
            fn deserialize<D: $crate::__private::Deserializer<'de>>(
                deserializer: D,
            ) -> ::core::result::Result<Self, D::Error> {
                <Self as $crate::FromJson>::from_json(deserializer)
            }
        }

        impl $crate::FromJson for $name {
            fn from_json<'de, D: $crate::__private::Deserializer<'de>>(
                deserializer: D,
            ) -> ::core::result::Result<Self, D::Error> {
                let number = <i64 as $crate::FromJson>::from_json(deserializer)?;
                ::core::result::Result::Ok(match Self::from(number) {
                    Self::Unrecognized(number) => {
                        $crate::__private::note_unrecognized();
                        Self::Unrecognized(number)
                    }
                    listed => listed,
                })
            }
        }
    };
}
