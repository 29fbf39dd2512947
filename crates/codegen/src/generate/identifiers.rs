//! Names of the document as Rust identifiers.

use heck::{ToPascalCase, ToShoutySnakeCase, ToSnakeCase};

/// Reserved since edition 2024, which the parser that checks for keywords does not know.
const LATER_KEYWORDS: [&str; 1] = ["gen"];

/// Whether `name` can stand where an identifier is expected.
pub(super) fn is_identifier(name: &str) -> bool {
    syn::parse_str::<syn::Ident>(name).is_ok() && !LATER_KEYWORDS.contains(&name)
}

/// `name` for a type or variant.
pub(crate) fn pascal_case(name: &str, fallback: &str) -> String {
    // `a.b` becomes `AB` and that `Ab`: only a name that stays as it is means the same to every
    // later stage.
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

/// `name` for a method, an argument or a module.
pub(crate) fn snake_case(name: &str, fallback: &str) -> String {
    identifier(ascii(name).to_snake_case(), fallback)
}

/// `name` for a static.
pub(super) fn shouty_snake_case(name: &str) -> String {
    identifier(ascii(name).to_shouty_snake_case(), "NAME")
}

/// Characters that an identifier may not hold separate its words.
fn ascii(name: &str) -> String {
    name.chars()
        .map(|c| if c.is_ascii_alphanumeric() { c } else { '_' })
        .collect()
}

/// A keyword has an underscore behind it, a digit a letter before it.
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
