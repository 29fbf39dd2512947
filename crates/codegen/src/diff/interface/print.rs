//! Writes the public interface of a crate for a review, one text per resource.

use std::collections::BTreeMap;
use std::fmt::Write as _;
use std::path::Path;

use super::read::{Content, Entry, Static, entries};
use super::{ApiItem, Method};
use crate::generate::refine::GeneratedCrate;

/// Returns the interface of each resource by its name. The interface without a resource has the
/// name `client`.
///
/// The texts also have what the crate tells the runtime: the descriptions of operations, and the
/// names on the wire. A setter of a field is left out, because it repeats the field.
pub fn print(sources: &GeneratedCrate) -> BTreeMap<String, String> {
    let mut files: BTreeMap<(usize, String), Vec<Entry>> = BTreeMap::new();
    for entry in entries(&sources.files) {
        let path = Path::new(&entry.file);
        let directory = path.parent().and_then(Path::to_str).unwrap_or_default();
        let stem = path.file_stem().unwrap_or_default().to_string_lossy();
        let section = SECTIONS.iter().position(|(name, _)| *name == directory);
        if let (Some(section), true) = (section, stem != "mod") {
            let resource = stem.trim_end_matches('_').to_owned();
            files.entry((section, resource)).or_default().push(entry);
        }
    }
    let mut texts: BTreeMap<String, String> = BTreeMap::new();
    for ((section, resource), entries) in files {
        let (directory, heading) = SECTIONS.get(section).copied().unwrap_or_default();
        let text = match directory {
            "types" => types(&entries),
            "resources" => handles(&entries),
            _ => operations(&entries),
        };
        let all = texts.entry(resource).or_default();
        if !text.trim().is_empty() {
            let _ = writeln!(all, "=== {heading}\n\n{}\n", text.trim());
        }
    }
    texts
}

/// The directories of generated code and the headings of their sections, in the order of the text.
const SECTIONS: [(&str, &str); 4] = [
    ("", "client"),
    ("resources", "resources"),
    ("requests", "requests"),
    ("types", "types"),
];

/// Prints the statics, the client's methods and the methods of requests in the order of the code.
fn operations(entries: &[Entry]) -> String {
    let mut text = String::new();
    for entry in entries {
        match &entry.content {
            Content::Static(item) if item.ty == "Operation" => operation(item, &mut text),
            Content::Static(item) => {
                let _ = writeln!(text, "{}: {}", entry.path, item.value);
            }
            Content::Item(ApiItem::Method(method)) => {
                let indent = match owner_and_name(&entry.path) {
                    ("Client", _) => "Client::",
                    _ => "    ",
                };
                let _ = writeln!(text, "{indent}{}", signature(entry, method));
            }
            Content::Item(_) => {}
        }
    }
    text
}

/// Prints the description of an operation: method and path, then every setting.
fn operation(item: &Static, text: &mut String) {
    let [mut method, mut path] = [String::new(), String::new()];
    let mut settings = Vec::new();
    for (name, value) in &item.settings {
        let value = value.replace("client::", "");
        match name.as_str() {
            "" if value.starts_with("Method::") => method = value.replace("Method::", ""),
            "" if value.starts_with("\"/") => path = value.replace('"', ""),
            // The id of the operation.
            "" if value.starts_with('"') => {}
            "" => settings.push(format!("server: {value}")),
            name if value.is_empty() => settings.push(name.to_owned()),
            name => settings.push(format!("{name}: {value}")),
        }
    }
    settings.sort();
    let _ = writeln!(text, "\n{method} {path}");
    for setting in settings {
        let _ = writeln!(text, "    {setting}");
    }
}

/// Prints the methods that lead to a resource and those of its handle.
fn handles(entries: &[Entry]) -> String {
    let mut lines: Vec<(&str, String)> = Vec::new();
    for entry in entries {
        if let Content::Item(ApiItem::Method(method)) = &entry.content {
            let (owner, _) = owner_and_name(&entry.path);
            let name = owner.rsplit("::").next().unwrap_or(owner);
            lines.push((owner, format!("{name}::{}\n", signature(entry, method))));
        }
    }
    lines.sort_by_key(|(owner, _)| *owner);
    lines.into_iter().map(|(_, line)| line).collect()
}

/// Prints types by name, because their order in a file is not part of the interface.
fn types(entries: &[Entry]) -> String {
    let mut types: BTreeMap<&str, [String; 3]> = BTreeMap::new();
    for entry in entries {
        let Content::Item(item) = &entry.content else {
            continue;
        };
        let path = entry.path.trim_start_matches("types::");
        let (owner, name) = match item {
            ApiItem::Type(_) => (path, path),
            ApiItem::Trait(_) => path.split_once(": ").unwrap_or((path, "")),
            ApiItem::Field(_) => path.split_once('.').unwrap_or((path, "")),
            _ => owner_and_name(path),
        };
        let [heading, properties, traits] = types.entry(owner).or_default();
        match item {
            ApiItem::Type(item) => {
                let _ = writeln!(heading, "{} {path}{}", item.kind, spaced(" ", &entry.note));
            }
            ApiItem::Field(ty) => {
                let _ = writeln!(properties, "    {name}: {ty}{}", notes(entry));
            }
            ApiItem::Variant(item) => {
                let value = spaced(" = ", &entry.note);
                let _ = writeln!(properties, "    {name}{}{value}", item.payload);
            }
            ApiItem::Method(method) if name == "new" => {
                let _ = writeln!(properties, "    {}", signature(entry, method));
            }
            ApiItem::Trait(_) if !entry.is_derived && name != "Default" => {
                let _ = writeln!(traits, "    {name}");
            }
            ApiItem::Method(_) | ApiItem::Trait(_) | ApiItem::DefaultValue(_) => {}
        }
    }
    let texts = types.into_values().map(|parts| parts.concat());
    texts.collect::<Vec<_>>().join("\n")
}

/// Splits the path of a method or a variant.
fn owner_and_name(path: &str) -> (&str, &str) {
    path.rsplit_once("::").unwrap_or(("", path))
}

fn signature(entry: &Entry, method: &Method) -> String {
    let (_, name) = owner_and_name(&entry.path);
    let receiver = if method.receiver.starts_with("async") {
        "async "
    } else {
        ""
    };
    let (generics, clause) = match method.generics.split_once("where ") {
        Some((generics, clause)) => (generics.trim(), clause.trim_end_matches([',', ' '])),
        None => (method.generics.as_str(), ""),
    };
    let generics = match generics {
        "" => String::new(),
        generics => format!("<{generics}>"),
    };
    let arguments: Vec<_> = method
        .arguments
        .iter()
        .map(|(name, ty)| format!("{name}: {ty}"))
        .collect();
    format!(
        "{receiver}{name}{generics}({}) -> {}{}{}",
        arguments.join(", "),
        method.output,
        spaced(" where ", clause),
        notes(entry)
    )
}

fn notes(entry: &Entry) -> String {
    let deprecated = if entry.is_deprecated {
        "    deprecated"
    } else {
        ""
    };
    format!("{}{deprecated}", spaced("    ", &entry.note))
}

/// Returns `text` after `prefix`, or an empty string if `text` is empty.
fn spaced(prefix: &str, text: &str) -> String {
    match text {
        "" => String::new(),
        text => format!("{prefix}{text}"),
    }
}
