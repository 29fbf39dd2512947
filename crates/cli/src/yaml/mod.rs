//! YAML: a reader that knows the position of each value, and a writer for people.

mod read;
mod write;

pub(crate) use self::read::{Content, Key, Node, Position, parse};
pub(crate) use self::write::write;
