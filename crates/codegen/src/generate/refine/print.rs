//! Prints items of the syntax tree: files, and the macro declarations, which the formatter leaves
//! unchanged.

use proc_macro2::Ident;
use syn::punctuated::Punctuated;
use syn::{
    Attribute, Fields, File, FnArg, ImplItem, Item, ItemEnum, ItemImpl, ItemMacro, Token, Type,
    parse_quote,
};

use super::documentation;
use crate::generate::MARK;

/// The longest line of a macro call.
const MAX_WIDTH: usize = 100;

/// Prints a file: its description, its imports and modules together, and a blank line between
/// items.
pub(in crate::generate) fn print(about: &str, items: &[Item]) -> String {
    let mut text = format!("{MARK}//! {about}\n");
    let mut last = None;
    for item in items {
        let kind = std::mem::discriminant(item);
        let together = matches!(item, Item::Use(_) | Item::Mod(_)) && last == Some(kind);
        if !together {
            text.push('\n');
        }
        text.push_str(&unparse(item));
        last = Some(kind);
    }
    text
}

pub(super) fn unparse(item: &Item) -> String {
    if let Item::Macro(call) = item
        && let Some(text) = call_with_types(call)
    {
        return text;
    }
    let mut item = item.clone();
    if let Item::Impl(implementation) = &mut item {
        inline_functions(implementation);
    }
    let text = prettyplease::unparse(&File {
        frontmatter: None,
        shebang: None,
        attrs: Vec::new(),
        items: vec![item],
    });
    separate_methods(&text)
}

/// Marks the functions that are not generic, so that only programs that call one compile it. A
/// program calls a few of the thousands. Generic functions are compiled where they are called.
fn inline_functions(implementation: &mut ItemImpl) {
    for item in &mut implementation.items {
        let ImplItem::Fn(function) = item else {
            continue;
        };
        let signature = &function.sig;
        let is_generic = signature.generics.type_params().next().is_some()
            || signature.inputs.iter().any(
                |input| matches!(input, FnArg::Typed(it) if matches!(*it.ty, Type::ImplTrait(_))),
            );
        let is_marked = function.attrs.iter().any(|it| it.path().is_ident("inline"));
        if !is_generic && !is_marked {
            function.attrs.push(parse_quote!(#[inline]));
        }
    }
}

/// Returns the lines of a macro call whose arguments are all types, because prettyplease puts
/// spaces between their tokens.
fn call_with_types(call: &ItemMacro) -> Option<String> {
    let types = Punctuated::<Type, Token![,]>::parse_terminated;
    let types = call.mac.parse_body_with(types).ok()?;
    let arguments: Vec<String> = types.iter().map(type_text).collect::<Option<_>>()?;
    let path = &call.mac.path;
    let name = type_text(&parse_quote!(#path))?;
    let line = format!("{name}!({});\n", arguments.join(", "));
    // The line break does not count.
    if line.len() <= MAX_WIDTH + 1 {
        return Some(line);
    }
    Some(format!(
        "{name}!(\n    {},\n);\n",
        arguments.join(",\n    ")
    ))
}

/// Returns the text of a type on one line.
fn type_text(ty: &Type) -> Option<String> {
    let text = unparse(&parse_quote!(type Any = #ty;));
    let words: Vec<&str> = text.split_whitespace().collect();
    let text = words.join(" ");
    let text = text.strip_prefix("type Any = ")?.strip_suffix(';')?;
    Some(text.to_owned())
}

/// Adds a blank line between the methods of an `impl`, because prettyplease does not.
fn separate_methods(text: &str) -> String {
    let mut separated = String::with_capacity(text.len());
    let mut lines = text.lines().peekable();
    while let Some(line) = lines.next() {
        separated.push_str(line);
        separated.push('\n');
        if line == "    }" && lines.peek().is_some_and(|next| *next != "}") {
            separated.push('\n');
        }
    }
    separated
}

/// Returns the lines of an enum, without the attributes that the macro adds.
pub(super) fn enum_lines(mut item: ItemEnum) -> Vec<String> {
    let is_kept = |attribute: &Attribute| {
        ["doc", "deprecated"]
            .iter()
            .any(|name| attribute.path().is_ident(name))
    };
    item.attrs.retain(is_kept);
    for variant in &mut item.variants {
        variant.attrs.retain(is_kept);
    }
    let text = unparse(&Item::Enum(item));
    text.lines().map(str::to_owned).collect()
}

/// Returns the lines of a variant as they are printed in an enum.
pub(super) fn variant_lines(name: &Ident, fields: &Fields) -> Vec<String> {
    let mut lines = enum_lines(parse_quote!(enum Any { #name #fields }));
    lines.pop();
    lines.split_off(1.min(lines.len()))
}

/// Adds `description` as a doc comment.
pub(super) fn comment(text: &mut String, indent: &str, description: &str) {
    for line in documentation::lines(description) {
        text.push_str(format!("{indent}/// {line}").trim_end());
        text.push('\n');
    }
}
