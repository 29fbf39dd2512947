//! The public interface of each domain crate, read from its generated code: what a change to the document means for
//! those who use it, on one page.

use std::collections::BTreeMap;
use std::fmt::Write as _;

use quote::ToTokens;
use syn::{Fields, FnArg, ImplItem, Item, Pat, ReturnType, Signature, Type, Visibility};
use xtask::generate::refine::Sources;

use crate::support::workspace;

fn surface(tag: &str) -> String {
    let (generated, _) =
        xtask::generate::plan(&workspace()).unwrap_or_else(|diagnostics| panic!("{diagnostics}"));
    let found = generated
        .crates
        .iter()
        .find(|(domain, _)| domain.tag == tag);
    let (_, sources) = found.unwrap_or_else(|| panic!("no domain `{tag}`"));
    print(sources)
}

/// Operations by resource, then types by name: where a type stands is no part of the interface.
fn print(sources: &Sources) -> String {
    let mut text = String::new();
    let mut types = BTreeMap::new();
    for (path, content) in &sources.files {
        let file = syn::parse_file(content).unwrap_or_else(|error| panic!("{path}: {error}"));
        let methods = methods(&file.items);
        let mut operations = String::new();
        for item in &file.items {
            operation(item, &methods, &mut operations);
            types.extend(type_entry(item, &methods));
        }
        if !operations.is_empty() {
            let _ = writeln!(text, "=== {path}\n{operations}");
        }
    }
    let _ = write!(
        text,
        "=== types\n\n{}",
        types.into_values().collect::<Vec<_>>().join("\n")
    );
    text
}

/// The signatures of the public methods of each type, with what they send on the wire; those of `Client` left out.
fn methods(items: &[Item]) -> BTreeMap<String, Vec<String>> {
    let mut methods: BTreeMap<String, Vec<String>> = BTreeMap::new();
    for item in items {
        if let Item::Impl(item) = item
            && item.trait_.is_none()
        {
            let signatures = item.items.iter().filter_map(|item| match item {
                ImplItem::Fn(function) if matches!(function.vis, Visibility::Public(_)) => {
                    Some(signature(&function.sig) + &wire(&function.block))
                }
                _ => None,
            });
            methods
                .entry(short(&item.self_ty))
                .or_default()
                .extend(signatures);
        }
    }
    methods
}

/// The parameter that a setter's body sends: `.query("page[size]", …)`.
fn wire(block: &syn::Block) -> String {
    let code = short(block);
    let sent = ["query", "header"].iter().find_map(|place| {
        let (_, rest) = code.split_once(&format!(".{place}("))?;
        let (name, _) = rest.strip_prefix('"')?.split_once('"')?;
        Some(format!("    {place} {name}"))
    });
    sent.unwrap_or_default()
}

/// An operation's descriptor, its method, or the methods of its request.
fn operation(item: &Item, methods: &BTreeMap<String, Vec<String>>, text: &mut String) {
    match item {
        Item::Static(item) if short(&item.ty) == "Operation" => {
            let fields: BTreeMap<String, String> = match &*item.expr {
                syn::Expr::Struct(fields) => fields
                    .fields
                    .iter()
                    .map(|field| {
                        (
                            short(&field.member),
                            short(&field.expr).replace("client::", ""),
                        )
                    })
                    .collect(),
                _ => BTreeMap::new(),
            };
            let field = |name: &str| fields.get(name).cloned().unwrap_or_default();
            let (method, path) = (
                field("method").replace("Method::", ""),
                field("path").replace('"', ""),
            );
            let _ = writeln!(text, "\n{method} {path}");
            // Everything else the runtime is told, so that a change to any of it shows.
            for (name, value) in &fields {
                if !["id", "method", "path"].contains(&name.as_str())
                    && value != "&[]"
                    && value != "None"
                {
                    let _ = writeln!(text, "    {name}: {value}");
                }
            }
        }
        Item::Static(item) => {
            let _ = writeln!(text, "{}: {}", item.ident, short(&item.expr));
        }
        Item::Impl(item) if item.trait_.is_none() && short(&item.self_ty) == "Client" => {
            for item in &item.items {
                if let ImplItem::Fn(function) = item {
                    let _ = writeln!(text, "Client::{}", signature(&function.sig));
                }
            }
        }
        Item::Struct(item) if matches!(item.fields, Fields::Unnamed(_)) => {
            for method in methods.get(&item.ident.to_string()).into_iter().flatten() {
                let _ = writeln!(text, "    {method}");
            }
        }
        _ => {}
    }
}

/// A type by its name, with its fields or values and how it is made.
fn type_entry(item: &Item, methods: &BTreeMap<String, Vec<String>>) -> Option<(String, String)> {
    let mut text = String::new();
    let name = match item {
        Item::Struct(item) if item.ident != "Client" && matches!(item.fields, Fields::Named(_)) => {
            let name = item.ident.to_string();
            let _ = writeln!(text, "struct {name}");
            for field in &item.fields {
                let field_name = field
                    .ident
                    .as_ref()
                    .map(ToString::to_string)
                    .unwrap_or_default();
                let _ = writeln!(
                    text,
                    "    {field_name}: {}{}",
                    short(&field.ty),
                    renamed(&field.attrs)
                );
            }
            let constructors = methods.get(&name).into_iter().flatten();
            // A setter of a field repeats the field.
            for method in constructors.filter(|method| method.starts_with("new(")) {
                let _ = writeln!(text, "    {method}");
            }
            name
        }
        Item::Enum(item) => {
            let _ = writeln!(text, "enum {}", item.ident);
            for variant in &item.variants {
                let _ = writeln!(text, "    {}", short(variant));
            }
            item.ident.to_string()
        }
        Item::Macro(item) => {
            let open: OpenEnum = item.mac.parse_body().ok()?;
            let _ = writeln!(text, "open enum {}", open.name);
            for (variant, value) in open.values {
                let _ = writeln!(text, "    {variant} = {value:?}");
            }
            open.name.to_string()
        }
        _ => return None,
    };
    Some((name, text))
}

/// The name on the wire where it is not the field's.
fn renamed(attributes: &[syn::Attribute]) -> String {
    let code: String = attributes.iter().map(short).collect();
    let name = code
        .split_once("rename = \"")
        .and_then(|(_, rest)| rest.split_once('"'));
    name.map(|(name, _)| format!("    wire {name}"))
        .unwrap_or_default()
}

fn signature(signature: &Signature) -> String {
    let arguments: Vec<_> = signature
        .inputs
        .iter()
        .filter_map(|input| match input {
            FnArg::Typed(input) => match &*input.pat {
                Pat::Ident(name) => Some(format!("{}: {}", name.ident, short(&input.ty))),
                _ => None,
            },
            FnArg::Receiver(_) => None,
        })
        .collect();
    let output = match &signature.output {
        ReturnType::Type(_, ty) => short::<Type>(ty),
        ReturnType::Default => "()".to_owned(),
    };
    let is_async = if signature.asyncness.is_some() {
        "async "
    } else {
        ""
    };
    format!(
        "{is_async}{}({}) -> {output}",
        signature.ident,
        arguments.join(", ")
    )
}

/// Tokens with the spaces a person would write.
fn short<T: ToTokens + ?Sized>(tokens: &T) -> String {
    let text = tokens.to_token_stream().to_string();
    let mut text = text
        .replace(" :: ", "::")
        .replace(" < ", "<")
        .replace(" >", ">")
        .replace("< ", "<");
    for (from, to) in [
        ("& ", "&"),
        (" ,", ","),
        (" . ", "."),
        (" : ", ": "),
        (" (", "("),
        ("( ", "("),
        (" )", ")"),
        ("> >", ">>"),
        (" ;", ";"),
    ] {
        text = text.replace(from, to);
    }
    text
}

/// What stands inside `open_enum! { … }`.
struct OpenEnum {
    name: syn::Ident,
    values: Vec<(syn::Ident, String)>,
}

impl syn::parse::Parse for OpenEnum {
    fn parse(input: syn::parse::ParseStream<'_>) -> syn::Result<Self> {
        input.call(syn::Attribute::parse_outer)?;
        input.parse::<Visibility>()?;
        input.parse::<syn::Token![enum]>()?;
        let name = input.parse()?;
        let body;
        syn::braced!(body in input);
        let mut values = Vec::new();
        while !body.is_empty() {
            body.call(syn::Attribute::parse_outer)?;
            let variant = body.parse()?;
            body.parse::<syn::Token![=]>()?;
            values.push((variant, body.parse::<syn::LitStr>()?.value()));
            body.parse::<Option<syn::Token![,]>>()?;
        }
        Ok(Self { name, values })
    }
}

#[test]
fn scorecards() {
    insta::assert_snapshot!(surface("scorecards"));
}

#[test]
fn campaigns() {
    insta::assert_snapshot!(surface("campaigns"));
}

#[test]
fn cases() {
    insta::assert_snapshot!(surface("cases"));
}

#[test]
fn kpi() {
    insta::assert_snapshot!(surface("kpi"));
}

#[test]
fn every_domain_has_a_snapshot() {
    let (generated, _) =
        xtask::generate::plan(&workspace()).unwrap_or_else(|diagnostics| panic!("{diagnostics}"));
    let tags: Vec<_> = generated
        .crates
        .iter()
        .map(|(domain, _)| domain.tag.as_str())
        .collect();
    assert_eq!(
        tags,
        ["scorecards", "campaigns", "cases", "kpi"],
        "a new domain needs a surface snapshot here"
    );
}
