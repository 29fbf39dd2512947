//! The effect of one lowering pass on the lowered document.

use std::fmt::Write as _;
use std::path::Path;

use scorekit_codegen::document;
use scorekit_codegen::generate::{Options, desugar, lower, partition};
use serde_json::Value;

/// Longer values are written on several lines.
const WIDTH: usize = 100;

/// Runs the passes up to `name` on a document and returns the values that this one changes.
pub(super) fn change(path: &Path, name: &str) -> String {
    let base = path.parent().expect("a directory");
    let loaded = document::load(path, base).unwrap_or_else(|error| panic!("{error}"));
    let partition = partition::partition(&desugar::desugar(&loaded), &Options::default());
    let mut text = String::new();
    for mut domain in partition.unwrap_or_else(|error| panic!("{error}")).domains {
        let tag = domain.tag.clone();
        for pass in lower::PASSES {
            let before = serde_json::to_value(&domain).expect("JSON");
            (pass.run)(&mut domain);
            if pass.name == name {
                let after = serde_json::to_value(&domain).expect("JSON");
                compare(&tag, Some(&before), Some(&after), &mut text);
                break;
            }
        }
    }
    assert!(
        !text.is_empty(),
        "the pass `{name}` changes nothing in its document"
    );
    text
}

/// Writes what differs below a pointer.
fn compare(pointer: &str, before: Option<&Value>, after: Option<&Value>, text: &mut String) {
    match (before, after) {
        (Some(Value::Object(before)), Some(Value::Object(after))) => {
            for (name, value) in before {
                compare(
                    &format!("{pointer}/{name}"),
                    Some(value),
                    after.get(name),
                    text,
                );
            }
            for (name, value) in after.iter().filter(|(name, _)| !before.contains_key(*name)) {
                compare(&format!("{pointer}/{name}"), None, Some(value), text);
            }
            // The order of the fields in the code follows the order of the properties.
            let common = before.keys().filter(|name| after.contains_key(*name));
            let kept = after.keys().filter(|name| before.contains_key(*name));
            if !common.eq(kept) {
                let _ = writeln!(text, "======== {pointer}\n+ order: {:?}", after.keys());
            }
        }
        (Some(Value::Array(before)), Some(Value::Array(after))) if before.len() == after.len() => {
            for (at, (before, after)) in before.iter().zip(after).enumerate() {
                compare(&format!("{pointer}/{at}"), Some(before), Some(after), text);
            }
        }
        (before, after) if before != after => {
            let _ = writeln!(text, "======== {pointer}");
            for (sign, value) in [('-', before), ('+', after)] {
                let lines = value.map(written).unwrap_or_default();
                lines.lines().for_each(|line| {
                    let _ = writeln!(text, "{sign} {line}");
                });
            }
        }
        _ => {}
    }
}

fn written(value: &Value) -> String {
    let line = value.to_string();
    if line.len() <= WIDTH {
        return line;
    }
    serde_json::to_string_pretty(value).expect("JSON")
}
