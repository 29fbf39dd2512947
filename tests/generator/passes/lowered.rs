//! The effect of one lowering pass on the lowered document.

use std::fmt::Write as _;
use std::path::Path;

use scorekit_codegen::document;
use scorekit_codegen::generate::{Options, desugar, lower, partition};
use serde_json::Value;

/// Values that fit into a line are compared as a whole; longer ones are written on several lines.
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

/// Writes the differences below a pointer.
fn compare(pointer: &str, before: Option<&Value>, after: Option<&Value>, text: &mut String) {
    match (before, after) {
        (Some(before), Some(after)) if before == after && !is_ordered(pointer) => {}
        (Some(Value::Object(old)), Some(Value::Object(new))) if !fit(before, after) => {
            for (name, value) in old {
                let pointer = format!("{pointer}/{name}");
                compare(&pointer, Some(value), new.get(name), text);
            }
            for (name, value) in new.iter().filter(|(name, _)| !old.contains_key(*name)) {
                compare(&format!("{pointer}/{name}"), None, Some(value), text);
            }
            let kept = |name: &&String| old.contains_key(*name) && new.contains_key(*name);
            let order: Vec<_> = new.keys().filter(kept).collect();
            if is_ordered(pointer) && !order.iter().copied().eq(old.keys().filter(kept)) {
                let _ = writeln!(text, "{pointer}\n+ order: {order:?}");
            }
        }
        (Some(Value::Array(old)), Some(Value::Array(new)))
            if old.len() == new.len() && !fit(before, after) =>
        {
            for (at, (old, new)) in old.iter().zip(new).enumerate() {
                compare(&format!("{pointer}/{at}"), Some(old), Some(new), text);
            }
        }
        (before, after) => {
            let write = |value: Option<&Value>| value.map(written).unwrap_or_default();
            let (before, after) = (write(before), write(after));
            if before != after {
                let _ = writeln!(text, "{pointer}");
                for (sign, value) in [('-', before), ('+', after)] {
                    value.lines().for_each(|line| {
                        let _ = writeln!(text, "{sign} {line}");
                    });
                }
            }
        }
    }
}

/// Returns true if the code follows the order of the names in the object.
fn is_ordered(pointer: &str) -> bool {
    pointer.ends_with("/properties") || pointer.ends_with("/schemas")
}

/// Returns true if both values fit into a line each.
fn fit(before: Option<&Value>, after: Option<&Value>) -> bool {
    let fits = |value: &Value| value.to_string().len() <= WIDTH;
    before.is_none_or(fits) && after.is_none_or(fits)
}

fn written(value: &Value) -> String {
    let line = value.to_string();
    if line.len() <= WIDTH {
        return line;
    }
    serde_json::to_string_pretty(value).expect("JSON")
}
