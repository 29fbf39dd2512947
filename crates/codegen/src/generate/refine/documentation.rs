//! Documents the types with the document's descriptions. progenitor's comments repeat each schema
//! as JSON and miss descriptions next to a `$ref`.
//!
//! Descriptions are Markdown. They are escaped so that rustdoc accepts them all without a warning.

use serde_json::Value;
use syn::{Attribute, Fields, Item, parse_quote};
use textwrap::{Options, WordSplitter};

use super::attributes::{is_flattened, wire_name};
use super::source::ProgenitorOutput;
use crate::generate::model::{Domain, referenced_schema};

const WIDTH: usize = 100;

pub(super) fn document_types(output: &mut ProgenitorOutput, domain: &Domain) {
    for (name, item) in &mut output.types {
        let Some(schema) = domain.schemas.get(name).map(|schema| &schema.value) else {
            continue;
        };
        let documentation = attributes(&or_else(description(schema), || {
            format!("The schema `{name}`.")
        }));
        match item {
            Item::Struct(item) => {
                item.attrs.splice(0..0, documentation);
                if let Fields::Named(fields) = &mut item.fields {
                    for field in &mut fields.named {
                        let text = if is_flattened(field) {
                            "All other properties.".to_owned()
                        } else {
                            let name = wire_name(field);
                            field_text(schema, &name, domain)
                        };
                        field.attrs.splice(0..0, attributes(&text));
                    }
                }
            }
            Item::Enum(item) => {
                item.attrs.splice(0..0, documentation);
                // A union was lowered to an object with a field for each variant.
                let variants = schema.get("properties").and_then(Value::as_object);
                let mut variants = variants.into_iter().flatten().map(|(_, variant)| variant);
                for variant in &mut item.variants {
                    let schema = variants.next();
                    let text = schema
                        .map(|schema| described(schema, domain))
                        .unwrap_or_default();
                    variant.attrs.splice(
                        0..0,
                        attributes(&or_else(text, || format!("`{}`", variant.ident))),
                    );
                }
            }
            _ => {}
        }
    }
}

fn field_text(schema: &Value, name: &str, domain: &Domain) -> String {
    let property = schema
        .get("properties")
        .and_then(|properties| properties.get(name));
    or_else(
        property
            .map(|property| described(property, domain))
            .unwrap_or_default(),
        || format!("The property `{name}`."),
    )
}

/// Returns the description of a schema, or of the schema it refers to.
fn described(schema: &Value, domain: &Domain) -> String {
    or_else(description(schema), || {
        // A reference with `nullable` is inside an `allOf`.
        let only = schema.get("allOf").and_then(|parts| parts.get(0));
        let target = referenced_schema(only.unwrap_or(schema));
        let target = target.and_then(|name| domain.schemas.get(&name));
        target
            .map(|target| description(&target.value))
            .unwrap_or_default()
    })
}

fn description(schema: &Value) -> String {
    schema
        .get("description")
        .and_then(Value::as_str)
        .unwrap_or_default()
        .trim()
        .to_owned()
}

fn or_else(text: String, otherwise: impl FnOnce() -> String) -> String {
    if text.is_empty() { otherwise() } else { text }
}

/// Returns `text` of the document as doc comments.
pub(super) fn attributes(text: &str) -> Vec<Attribute> {
    comments(lines(text))
}

/// Returns a line of the generator as a doc comment. It may link to an item.
pub(super) fn own_line(line: &str) -> Vec<Attribute> {
    comments(vec![line.to_owned()])
}

/// Returns sections as doc comments, with an empty line between two sections.
pub(super) fn sections(sections: Vec<Vec<String>>) -> Vec<Attribute> {
    comments(sections.join(&String::new()))
}

/// Returns `text` of the generator as the lines of a doc comment. It may link to items.
pub(super) fn own_lines(text: &str) -> Vec<String> {
    let mut lines = Vec::new();
    fill(text, &mut lines);
    lines
}

fn comments(lines: Vec<String>) -> Vec<Attribute> {
    lines
        .into_iter()
        .map(|line| {
            let line = if line.is_empty() {
                line
            } else {
                format!(" {line}")
            };
            parse_quote!(#[doc = #line])
        })
        .collect()
}

/// Returns `text` as the lines of a doc comment. They are wrapped, and escaped where rustdoc would
/// read a link, HTML or an example to run.
pub fn lines(text: &str) -> Vec<String> {
    let mut lines = Vec::new();
    let mut paragraph = String::new();
    let mut in_fence = false;
    let text = printable(text);
    for whole in text.lines().chain([""]) {
        let line = whole.trim();
        let is_fence = line.starts_with("```") || line.starts_with("~~~");
        let starts_block = ["- ", "* ", "+ ", "#", "|"]
            .iter()
            .any(|start| line.starts_with(start))
            || line.split_once(". ").is_some_and(|(number, _)| {
                !number.is_empty() && number.bytes().all(|b| b.is_ascii_digit())
            });
        if (line.is_empty() || is_fence || in_fence || starts_block) && !paragraph.is_empty() {
            wrap(&std::mem::take(&mut paragraph), &mut lines);
        }
        if is_fence {
            // rustdoc must not compile the block in any language.
            lines.push(if in_fence {
                "```".to_owned()
            } else {
                "```text".to_owned()
            });
            in_fence = !in_fence;
        } else if in_fence {
            lines.push(whole.trim_end().to_owned());
        } else if line.is_empty() {
            if lines.last().is_some_and(|last| !last.is_empty()) {
                lines.push(String::new());
            }
        } else {
            if !paragraph.is_empty() {
                paragraph.push(' ');
            }
            paragraph.push_str(line);
        }
    }
    while lines.last().is_some_and(String::is_empty) {
        lines.pop();
    }
    if in_fence {
        lines.push("```".to_owned());
    }
    lines
}

fn wrap(paragraph: &str, lines: &mut Vec<String>) {
    fill(&escape(paragraph), lines);
}

fn fill(paragraph: &str, lines: &mut Vec<String>) {
    let mut options = Options::new(WIDTH)
        .break_words(false)
        .word_splitter(WordSplitter::NoHyphenation);
    if paragraph.starts_with("- ") || paragraph.starts_with("* ") || paragraph.starts_with("+ ") {
        options = options.subsequent_indent("  ");
    }
    lines.extend(
        textwrap::wrap(paragraph, options)
            .into_iter()
            .map(|line| line.trim_end().to_owned()),
    );
}

/// Replaces characters that a doc comment cannot hold with spaces: control characters, and those
/// that change the direction of text.
fn printable(text: &str) -> String {
    let is_direction = |c: char| {
        matches!(
            c,
            '\u{200e}' | '\u{200f}' | '\u{202a}'..='\u{202e}' | '\u{2066}'..='\u{2069}'
        )
    };
    let text = text.replace("\r\n", "\n");
    text.chars()
        .map(|c| {
            if c != '\n' && (c.is_control() || is_direction(c)) {
                ' '
            } else {
                c
            }
        })
        .collect()
}

/// Escapes brackets outside of code and puts bare URLs in angle brackets. Markdown links stay.
fn escape(text: &str) -> String {
    let mut escaped = String::with_capacity(text.len());
    let mut rest = text;
    while let Some(next) = rest.chars().next() {
        let (part, taken) = if next == '`' {
            // A code span ends with as many backticks as it starts with. It is written with one
            // backtick, or two around one, because three at the start of a wrapped line would be a
            // fence.
            let ticks = rest.len() - rest.trim_start_matches('`').len();
            match rest.get(ticks..).and_then(|tail| tail.find(&rest[..ticks])) {
                Some(end) => {
                    let code = rest[ticks..ticks + end].trim_matches('`');
                    let mark = if code.contains('`') { "``" } else { "`" };
                    (
                        format!("{mark}{}{mark}", code.replace("```", "` ` `")),
                        ticks + end + ticks,
                    )
                }
                None => ("\\`".repeat(ticks), ticks),
            }
        } else if next == '[' && link_length(rest).is_some() {
            let length = link_length(rest).unwrap_or(1);
            (rest[..length].to_owned(), length)
        } else if rest.starts_with("https://") || rest.starts_with("http://") {
            let length = rest
                .find(|c: char| c.is_whitespace() || "<>\"`)".contains(c))
                .unwrap_or(rest.len());
            let length = rest[..length]
                .trim_end_matches(['.', ',', ';', ':', '!', '?'])
                .len();
            (format!("<{}>", &rest[..length]), length)
        } else if matches!(next, '[' | ']' | '<' | '>' | '\\' | '~') {
            (format!("\\{next}"), 1)
        } else {
            (next.to_string(), next.len_utf8())
        };
        escaped.push_str(&part);
        rest = &rest[taken..];
    }
    escaped
}

/// Returns the length of a Markdown link to a web page at the start of `text`.
fn link_length(text: &str) -> Option<usize> {
    let label = text.find("](")?;
    let target = &text[label + 2..];
    let end = target.find(')')?;
    let is_plain = !text[1..label].contains(['[', ']', '<', '>'])
        && !target[..end].contains(char::is_whitespace);
    (is_plain && (target.starts_with("https://") || target.starts_with("http://")))
        .then_some(label + 2 + end + 1)
}
