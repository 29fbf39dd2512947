//! Replaces what no Rust type can express by any JSON value, in third-party documents only. What is
//! sent and received stays the same; only its type says less.

use super::{Reader, new_reader};
use crate::document::Unreadable;
use crate::document::diagnostic::Diagnostic;
use crate::document::edit::widen as widen_schema;
use crate::document::node::{Node, NodeValue};
use crate::generate::Options;
use crate::generate::adapt::{Keys, Next, every_schema};

/// The number of rounds. A replaced schema may leave another one without meaning.
const ROUNDS: usize = 4;

/// Widens every schema that partition would reject. Returns a note for each.
pub(in crate::generate) fn widen(document: &mut Node, options: &Options) -> Vec<Diagnostic> {
    let mut notes = Vec::new();
    for _ in 0..ROUNDS {
        let unreadable = Unreadable::default();
        let mut reader = new_reader(document, options, &unreadable);
        let rejected = reader.rejected();
        if rejected.is_empty() {
            break;
        }
        let mut rejected = rejected.into_iter().peekable();
        let mut number = 0;
        every_schema(document, &mut |schema| {
            if let Some((_, reason)) = rejected.next_if(|(rejected, _)| *rejected == number) {
                widen_schema(schema);
                let help = "it is read as any JSON value".to_owned();
                notes.push(Diagnostic { help, ..reason }.into_note());
            }
            number += 1;
        });
    }
    notes
}

impl<'a> Reader<'a> {
    /// Returns the numbers of the schemas that cannot be generated, in the order of
    /// [`every_schema`], with the first reason of each.
    fn rejected(&mut self) -> Vec<(usize, Diagnostic)> {
        let mut all = Vec::new();
        for part in ["components", "paths"] {
            if let Some(node) = self.document.get(part) {
                let keys = match part {
                    "components" => Keys::Kinds,
                    _ => Keys::Names,
                };
                outside(node, keys, &mut all);
            }
        }
        let mut rejected = Vec::new();
        for (number, (node, is_part)) in all.into_iter().enumerate() {
            self.schema_itself(node, is_part);
            let found = std::mem::take(&mut self.errors);
            rejected.extend(found.into_iter().next().map(|reason| (number, reason)));
        }
        rejected
    }
}

/// Collects the schemas in a value that is not one, in the order of [`every_schema`].
fn outside<'a>(node: &'a Node, keys: Keys, all: &mut Vec<(&'a Node, bool)>) {
    match &node.value {
        NodeValue::Array(items) => {
            items
                .iter()
                .for_each(|item| outside(item, Keys::Keywords, all));
        }
        NodeValue::Object(properties) => {
            for (name, property) in properties.iter() {
                match keys.next(name) {
                    Next::Schema => inside(&property.node, false, all),
                    Next::Schemas => {
                        for (_, schema) in property.node.properties().into_iter().flatten() {
                            inside(&schema.node, false, all);
                        }
                    }
                    Next::Nothing => {}
                    Next::Outside(keys) => outside(&property.node, keys, all),
                }
            }
        }
        _ => {}
    }
}

fn inside<'a>(node: &'a Node, is_part: bool, all: &mut Vec<(&'a Node, bool)>) {
    if node.reference().is_none() {
        for (name, property) in node.properties().into_iter().flatten() {
            match (name.as_str(), &property.node.value) {
                ("properties", NodeValue::Object(fields)) => {
                    fields
                        .values()
                        .for_each(|field| inside(&field.node, false, all));
                }
                ("items" | "additionalProperties", NodeValue::Bool(_)) => {}
                ("items" | "additionalProperties", _) => inside(&property.node, false, all),
                ("allOf" | "oneOf" | "anyOf", NodeValue::Array(parts)) => {
                    parts
                        .iter()
                        .for_each(|part| inside(part, name == "allOf", all));
                }
                _ => {}
            }
        }
    }
    all.push((node, is_part));
}
