//! The types that generated code is made of: open enums, unions, timestamps, dates, and
//! the arguments of setters and methods.

pub(crate) mod date_time;
pub(crate) mod json;
pub(crate) mod nullable;
pub(crate) mod open_enum;
mod open_integer_enum;
pub(crate) mod optional;
mod short_string;
mod string_argument;
pub(crate) mod union;
