//! Conversions from names of the document to Rust identifiers.

use heck::{ToPascalCase, ToShoutySnakeCase, ToSnakeCase};

/// Keywords since edition 2024, which the parser that checks for keywords does not know.
const LATER_KEYWORDS: [&str; 1] = ["gen"];

/// Returns true if `name` is a valid identifier.
pub(super) fn is_identifier(name: &str) -> bool {
    syn::parse_str::<syn::Ident>(name).is_ok() && !LATER_KEYWORDS.contains(&name)
}

/// Converts `name` to the name of a type or variant.
pub(crate) fn pascal_case(name: &str, fallback: &str) -> String {
    // `a.b` becomes `AB`, which in turn becomes `Ab`. Repeat until the name is stable, because
    // every later stage must read it the same way.
    let mut cased = ascii(name).to_pascal_case();
    loop {
        let again = cased.to_pascal_case();
        if again == cased {
            break;
        }
        cased = again;
    }
    identifier(cased, fallback)
}

/// Converts `name` to the name of a method, an argument or a module.
pub(crate) fn snake_case(name: &str, fallback: &str) -> String {
    identifier(ascii(name).to_snake_case(), fallback)
}

/// Converts `name` to the name of a static.
pub(super) fn shouty_snake_case(name: &str) -> String {
    identifier(ascii(name).to_shouty_snake_case(), "NAME")
}

/// Replaces characters that an identifier cannot contain with underscores, which separate words.
fn ascii(name: &str) -> String {
    name.chars()
        .map(|c| if c.is_ascii_alphanumeric() { c } else { '_' })
        .collect()
}

/// Appends an underscore to a keyword, and puts a letter before a leading digit.
fn identifier(mut name: String, fallback: &str) -> String {
    if name.is_empty() {
        name = fallback.to_owned();
    }
    if name.starts_with(|first: char| first.is_ascii_digit()) {
        name.insert(
            0,
            if fallback.starts_with(char::is_uppercase) {
                'N'
            } else {
                'n'
            },
        );
    }
    if !is_identifier(&name) {
        name.push('_');
    }
    name
}
