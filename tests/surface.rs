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

fn print(sources: &Sources) -> String {
    let mut text = String::new();
    for (path, content) in &sources.files {
        let file = syn::parse_file(content).unwrap_or_else(|error| panic!("{path}: {error}"));
        let methods = methods(&file.items);
        let mut entries = String::new();
        for item in &file.items {
            entry(item, &methods, &mut entries);
        }
        if !entries.is_empty() {
            let _ = writeln!(text, "=== {path}\n{entries}");
        }
    }
    text
}

/// The signatures of the public methods of each type, those of `Client` left out: they stand with their requests.
fn methods(items: &[Item]) -> BTreeMap<String, Vec<String>> {
    let mut methods: BTreeMap<String, Vec<String>> = BTreeMap::new();
    for item in items {
        if let Item::Impl(item) = item
            && item.trait_.is_none()
        {
            let signatures = item.items.iter().filter_map(|item| match item {
                ImplItem::Fn(function) if matches!(function.vis, Visibility::Public(_)) => {
                    Some(signature(&function.sig))
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

fn entry(item: &Item, methods: &BTreeMap<String, Vec<String>>, text: &mut String) {
    match item {
        Item::Static(item) if item.ty.to_token_stream().to_string() == "Operation" => {
            let literal = |name: &str| match &*item.expr {
                syn::Expr::Struct(fields) => {
                    fields.fields.iter().find_map(|field| match &field.member {
                        syn::Member::Named(member) if member == name => Some(short(&field.expr)),
                        _ => None,
                    })
                }
                _ => None,
            };
            let method = literal("method")
                .unwrap_or_default()
                .replace("Method::", "");
            let path = literal("path").unwrap_or_default().replace('"', "");
            let _ = writeln!(text, "\n{method} {path}");
        }
        Item::Impl(item) if item.trait_.is_none() && short(&item.self_ty) == "Client" => {
            for item in &item.items {
                if let ImplItem::Fn(function) = item {
                    let _ = writeln!(text, "Client::{}", signature(&function.sig));
                }
            }
        }
        Item::Struct(item)
            if item.ident != "Client" && matches!(item.vis, Visibility::Public(_)) =>
        {
            let name = item.ident.to_string();
            match &item.fields {
                // A request: its methods say everything.
                Fields::Unnamed(_) => {}
                fields => {
                    let _ = writeln!(text, "\nstruct {name}");
                    for field in fields {
                        let field_name = field
                            .ident
                            .as_ref()
                            .map(ToString::to_string)
                            .unwrap_or_default();
                        let _ = writeln!(text, "    {field_name}: {}", short(&field.ty));
                    }
                }
            }
            for method in methods.get(&name).into_iter().flatten() {
                // A setter of a field repeats the field.
                if !method.ends_with("-> Self")
                    || method.starts_with("new(")
                    || matches!(item.fields, Fields::Unnamed(_))
                {
                    let _ = writeln!(text, "    {method}");
                }
            }
        }
        Item::Enum(item) => {
            let _ = writeln!(text, "\nenum {}", item.ident);
            for variant in &item.variants {
                let _ = writeln!(text, "    {}", short(variant));
            }
        }
        Item::Macro(item) => {
            let open: syn::Result<OpenEnum> = item.mac.parse_body();
            if let Ok(open) = open {
                let _ = writeln!(text, "\nopen enum {}", open.name);
                for (variant, value) in open.values {
                    let _ = writeln!(text, "    {variant} = {value:?}");
                }
            }
        }
        _ => {}
    }
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
fn short<T: ToTokens>(tokens: &T) -> String {
    let text = tokens.to_token_stream().to_string();
    let mut text = text
        .replace(" :: ", "::")
        .replace(" < ", "<")
        .replace(" >", ">")
        .replace("< ", "<");
    for (from, to) in [
        ("& ", "&"),
        (" ,", ","),
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
