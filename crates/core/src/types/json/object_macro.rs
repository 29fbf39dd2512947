//! The macro that implements the decoding and encoding of a structure.

/// Implements [`FromJson`](crate::FromJson) and serde's traits for a structure, with a line for
/// each field. The line has its name, the name of its property, and the rule for a missing
/// property.
///
/// - `optional`: it may be missing. The type is an `Option`, and `None` is not written.
/// - `required`: it must not be missing.
/// - `or_default`: it must not be missing, but servers leave it out or send `null` now and then.
///   Both read as the default of the type. A response reports it
///   ([`Response::deviations`](crate::Response::deviations)).
///
/// A line after the fields has the rule for other properties:
///
/// - `unknown properties in FIELD`: a field of the type [`UnknownMap`](crate::UnknownMap) keeps
///   them, for [`UnknownProperties`](crate::UnknownProperties).
/// - `unknown properties rejected`: they are an error; a response ignores and reports them.
/// - `additional properties in MAP, null in FIELD`: a map takes them, except those that are `null`
///   in place of a value.
///
/// ```
/// /// A rule.
/// #[derive(Clone, Debug, Default, PartialEq)]
/// pub struct Rule {
///     /// Its name.
///     pub name: String,
///     /// Its level, from 1.
///     pub level: Option<i64>,
///     unknown_properties: scorekit_core::UnknownMap,
/// }
///
/// scorekit_core::json_object! {
///     Rule {
///         name = "name" or_default,
///         level = "level" optional,
///     }
///     unknown properties in unknown_properties
/// }
///
/// let rule: Rule = serde_json::from_str(r#"{"level":3,"tier":"gold"}"#)?;
/// assert_eq!((rule.name.as_str(), rule.level), ("", Some(3)));
/// assert_eq!(serde_json::to_string(&rule)?, r#"{"name":"","level":3,"tier":"gold"}"#);
/// # Ok::<(), serde_json::Error>(())
/// ```
#[macro_export]
macro_rules! json_object {
    (
        $name:ident { $($field:ident = $wire:literal $mode:ident),* $(,)? }
        unknown properties in $unknown:ident
    ) => {
        $crate::__json_object! {
            $name { $($field = $wire $mode),* }
            { open, ($unknown: $crate::UnknownMap) }
            |object, map| {
                $crate::__private::open::write(Self::NAMES, map, &object.$unknown)?;
            }
        }
        $crate::__unknown_properties!($name, $unknown);
    };
    (
        $name:ident { $($field:ident = $wire:literal $mode:ident),* $(,)? }
        unknown properties rejected
    ) => {
        $crate::__json_object! {
            $name { $($field = $wire $mode),* }
            { closed, () }
            |_object, _map| {}
        }
    };
    (
        $name:ident { $($field:ident = $wire:literal $mode:ident),* $(,)? }
        additional properties in $rest:ident, null in $unknown:ident
    ) => {
        $crate::__json_object! {
            $name { $($field = $wire $mode),* }
            { mapped, ($rest, $unknown: $crate::UnknownMap) }
            |object, map| {
                $crate::__private::mapped::write(map, &object.$rest)?;
                $crate::__private::open::write(Self::NAMES, map, &object.$unknown)?;
            }
        }
        $crate::__unknown_properties!($name, $unknown);
    };
    (
        $name:ident { $($field:ident = $wire:literal $mode:ident),* $(,)? }
        additional properties in $rest:ident
    ) => {
        $crate::__json_object! {
            $name { $($field = $wire $mode),* }
            { free, ($rest) }
            |object, map| { $crate::__private::mapped::write(map, &object.$rest)?; }
        }
    };
}

/// Implements access to the unknown properties.
#[doc(hidden)]
#[macro_export]
macro_rules! __unknown_properties {
    ($name:ident, $unknown:ident) => {
        impl $crate::UnknownProperties for $name {
            #[inline]
            fn unknown_properties(
                &self,
            ) -> &$crate::__private::Map<::std::string::String, $crate::Value> {
                self.$unknown.get()
            }

            #[inline]
            fn unknown_properties_mut(
                &mut self,
            ) -> &mut $crate::__private::Map<::std::string::String, $crate::Value> {
                self.$unknown.get_mut()
            }
        }
    };
}

/// Implements the part of [`json_object!`] that does not depend on other properties. The braces
/// have the module of the function that reads the next name, and the fields that it fills.
#[doc(hidden)]
#[macro_export]
macro_rules! __json_object {
    (
        $name:ident { $($field:ident = $wire:literal $mode:ident),* }
        { $kind:ident, ($($other:ident $(: $ty:ty)?),*) }
        |$object:ident, $map:ident| $write:block
    ) => {
        #[allow(deprecated)]
        impl $crate::__private::JsonObject for $name {
            const NAME: &'static str = ::core::stringify!($name);
            const NAMES: &'static [&'static str] = &[$($wire),*];

            #[inline]
            fn find(name: &str) -> usize {
                #[allow(non_camel_case_types)]
                enum __Field { $($field),* }

                match name {
                    $($wire => __Field::$field as usize,)*
                    _ => $crate::__private::NO_INDEX,
                }
            }

            fn read<'de, __Map: $crate::__private::MapAccess<'de>>(
                place: &mut ::core::option::Option<Self>,
                mut map: __Map,
            ) -> ::core::result::Result<(), __Map::Error> {
                // Its name may not be that of a structure, as `$name` is named here.
                #[allow(non_camel_case_types)]
                enum __Field { $($field),* }

                let mut reader = $crate::__private::Reader::new(Self::NAMES, Self::find);
                $(let mut $field = ::core::option::Option::None;)*
                $(let mut $other = ::core::default::Default::default();)*
                while let ::core::option::Option::Some(_index) =
                    $crate::__private::$kind::next(&mut reader, &mut map $(, &mut $other)*)?
                {
                    $(
                        if _index == __Field::$field as usize {
                            $crate::__private::$mode::read(&reader, &mut map, &mut $field)?;
                            continue;
                        }
                    )*
                }
                *place = ::core::option::Option::Some(Self {
                    $($field: $crate::__private::$mode::finish::<_, __Map::Error>($field, $wire)?,)*
                    $($other,)*
                });
                ::core::result::Result::Ok(())
            }

            fn write<__Map: $crate::__private::SerializeMap>(
                &self,
                map: &mut __Map,
            ) -> ::core::result::Result<(), __Map::Error> {
                $($crate::__private::$mode::write(map, $wire, &self.$field)?;)*
                let ($object, $map) = (self, map);
                $write
                ::core::result::Result::Ok(())
            }
        }

        impl $crate::FromJson for $name {
            fn from_json<'de, __Deserializer: $crate::__private::Deserializer<'de>>(
                deserializer: __Deserializer,
            ) -> ::core::result::Result<Self, __Deserializer::Error> {
                $crate::__private::object_from_json(deserializer)
            }

            fn read_into<'de, __Deserializer: $crate::__private::Deserializer<'de>>(
                place: &mut ::core::option::Option<Self>,
                deserializer: __Deserializer,
            ) -> ::core::result::Result<(), __Deserializer::Error> {
                $crate::__private::object_read_into(place, deserializer)
            }
        }

        impl<'de> $crate::__private::Deserialize<'de> for $name {
            fn deserialize<__Deserializer: $crate::__private::Deserializer<'de>>(
                deserializer: __Deserializer,
            ) -> ::core::result::Result<Self, __Deserializer::Error> {
                $crate::__private::object_from_json(deserializer)
            }
        }

        impl $crate::__private::Serialize for $name {
            fn serialize<__Serializer: $crate::__private::Serializer>(
                &self,
                serializer: __Serializer,
            ) -> ::core::result::Result<__Serializer::Ok, __Serializer::Error> {
                $crate::__private::object_to_json(self, serializer)
            }
        }
    };
}

/// Implements [`FromJson`](crate::FromJson) and serde's traits for a structure around one value,
/// which is written like that value.
///
/// ```
/// use std::collections::BTreeMap;
///
/// /// Labels by name.
/// #[derive(Clone, Debug, PartialEq)]
/// pub struct Labels(pub BTreeMap<String, String>);
///
/// scorekit_core::json_newtype!(Labels, BTreeMap<String, String>);
///
/// let labels: Labels = serde_json::from_str(r#"{"team":"a"}"#)?;
/// assert_eq!(labels.0["team"], "a");
/// assert_eq!(serde_json::to_string(&labels)?, r#"{"team":"a"}"#);
/// # Ok::<(), serde_json::Error>(())
/// ```
#[macro_export]
macro_rules! json_newtype {
    ($name:ident, $ty:ty $(,)?) => {
        impl $crate::FromJson for $name {
            const TAKES_NULL: bool = <$ty as $crate::FromJson>::TAKES_NULL;
            const MAY_DEVIATE: bool = <$ty as $crate::FromJson>::MAY_DEVIATE;
            const IS_LIST: bool = <$ty as $crate::FromJson>::IS_LIST;

            fn from_json<'de, __Deserializer: $crate::__private::Deserializer<'de>>(
                deserializer: __Deserializer,
            ) -> ::core::result::Result<Self, __Deserializer::Error> {
                $crate::FromJson::from_json(deserializer).map(Self)
            }
        }

        impl<'de> $crate::__private::Deserialize<'de> for $name {
            fn deserialize<__Deserializer: $crate::__private::Deserializer<'de>>(
                deserializer: __Deserializer,
            ) -> ::core::result::Result<Self, __Deserializer::Error> {
                $crate::FromJson::from_json(deserializer)
            }
        }

        impl $crate::__private::Serialize for $name {
            fn serialize<__Serializer: $crate::__private::Serializer>(
                &self,
                serializer: __Serializer,
            ) -> ::core::result::Result<__Serializer::Ok, __Serializer::Error> {
                $crate::__private::Serialize::serialize(&self.0, serializer)
            }
        }
    };
}
