//! The types that generated code is made of: open enums, unions, timestamps and dates.

pub(crate) mod date_time;
pub(crate) mod json;
pub(crate) mod nullable;
pub(crate) mod open_enum;
mod open_integer_enum;
pub(crate) mod optional;
pub(crate) mod union;
