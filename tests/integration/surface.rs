//! The public interface of each domain crate, read from its generated code: what a change to the document means for
//! those who use it. One snapshot per resource, so that a change to one shows there and nowhere else.

use std::collections::BTreeMap;
use std::fmt::Write as _;
use std::path::Path;

use proc_macro2::{TokenStream, TokenTree};
use quote::ToTokens;
use scorekit_codegen::Generator;
use scorekit_codegen::generate::refine::GeneratedCrate;
use syn::{Attribute, Fields, FnArg, ImplItem, Item, Pat, ReturnType, Signature, Type, Visibility};

use scorekit_test_support::{assert_snapshots, copy_of_workspace, files, workspace, xtask};

/// The interface of one crate by resource; what belongs to none has the name `client`.
fn surfaces(sources: &GeneratedCrate) -> BTreeMap<String, String> {
    let mut surfaces: BTreeMap<String, String> = BTreeMap::new();
    for folder in ["", "resources", "requests", "types"] {
        for (path, content) in &sources.files {
            let path = Path::new(path);
            let stem = path.file_stem().unwrap_or_default().to_string_lossy();
            let name = stem.trim_end_matches('_').to_owned();
            let is_source = path.extension().is_some_and(|extension| extension == "rs");
            if path.parent() != Some(Path::new(folder)) || name == "mod" || !is_source {
                continue;
            }
            let file = syn::parse_file(content)
                .unwrap_or_else(|error| panic!("{}: {error}", path.display()));
            let text = match folder {
                "types" => types(&file.items),
                "resources" => handles(&file.items),
                _ => operations(&file.items),
            };
            let surface = surfaces.entry(name).or_default();
            if !text.is_empty() {
                let heading = if folder.is_empty() { "client" } else { folder };
                let _ = writeln!(surface, "=== {heading}\n\n{}\n", text.trim());
            }
        }
    }
    surfaces
}

fn operations(items: &[Item]) -> String {
    let methods = methods(items);
    let mut text = String::new();
    for item in items {
        operation(item, &methods, &mut text);
    }
    text
}

/// The ways to a resource and what can be done there.
fn handles(items: &[Item]) -> String {
    let mut text = String::new();
    for (name, methods) in methods(items) {
        for method in methods {
            let _ = writeln!(text, "{name}::{method}");
        }
    }
    text
}

/// Types by name: in which order they stand is no part of the interface.
fn types(items: &[Item]) -> String {
    let methods = methods(items);
    let mut conversions: BTreeMap<String, String> = BTreeMap::new();
    for item in items {
        if let Item::Impl(item) = item
            && let Some((from, _)) = &item.trait_
            && short(from) != "Default"
        {
            let _ = writeln!(
                conversions.entry(short(&item.self_ty)).or_default(),
                "    {}",
                short(from)
            );
        }
    }
    let entries: BTreeMap<_, _> = items
        .iter()
        .filter_map(|item| type_entry(item, &methods))
        .map(|(name, text)| {
            let conversions = conversions.get(&name).cloned().unwrap_or_default();
            (name, text + &conversions)
        })
        .collect();
    entries.into_values().collect::<Vec<_>>().join("\n")
}

/// The signatures of the public methods of each type, with what they send on the wire. What a request can do once it
/// is asked for the data alone is told apart by its answer.
fn methods(items: &[Item]) -> BTreeMap<String, Vec<String>> {
    let mut methods: BTreeMap<String, Vec<String>> = BTreeMap::new();
    for item in items {
        if let Item::Impl(item) = item
            && item.trait_.is_none()
        {
            let signatures = item.items.iter().filter_map(|item| match item {
                ImplItem::Fn(function) if matches!(function.vis, Visibility::Public(_)) => Some(
                    signature(&function.sig) + &wire(&function.block) + deprecated(&function.attrs),
                ),
                _ => None,
            });
            methods
                .entry(name(&item.self_ty))
                .or_default()
                .extend(signatures);
        }
    }
    methods
}

/// The name of a type without its arguments.
fn name(ty: &Type) -> String {
    match ty {
        Type::Path(path) => path
            .path
            .segments
            .last()
            .map(|segment| segment.ident.to_string())
            .unwrap_or_default(),
        other => short(other),
    }
}

fn deprecated(attributes: &[Attribute]) -> &'static str {
    let is_deprecated = |attribute: &Attribute| attribute.path().is_ident("deprecated");
    if attributes.iter().any(is_deprecated) {
        "    deprecated"
    } else {
        ""
    }
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

/// The arguments of `Operation::new` and the setters that follow it, sorted by name.
fn builder(mut expression: &syn::Expr) -> (Vec<String>, BTreeMap<String, String>) {
    let joined = |arguments: Vec<String>| arguments.join(", ");
    let mut settings = BTreeMap::new();
    loop {
        match expression {
            syn::Expr::MethodCall(call) => {
                let arguments = call.args.iter().map(value).collect();
                settings.insert(call.method.to_string(), joined(arguments));
                expression = &call.receiver;
            }
            syn::Expr::Call(call) => return (call.args.iter().map(value).collect(), settings),
            _ => return (Vec::new(), settings),
        }
    }
}

/// An argument without the module that it stands in.
fn value(expression: &syn::Expr) -> String {
    short(expression).replace("client::", "")
}

/// An operation's descriptor, its method, or the methods of its request.
fn operation(item: &Item, methods: &BTreeMap<String, Vec<String>>, text: &mut String) {
    match item {
        Item::Static(item) if short(&item.ty) == "Operation" => {
            let (arguments, settings) = builder(&item.expr);
            let argument = |index: usize| arguments.get(index).cloned().unwrap_or_default();
            let (method, path) = (
                argument(1).replace("Method::", ""),
                argument(2).replace('"', ""),
            );
            let _ = writeln!(text, "\n{method} {path}");
            // Everything else that the runtime is told, so that a change of any of it shows.
            let _ = writeln!(text, "    server: {}", argument(3));
            for (name, value) in settings {
                let line = format!("    {name}: {value}");
                let _ = writeln!(text, "{}", line.trim_end_matches(": "));
            }
        }
        Item::Static(item) => {
            let _ = writeln!(text, "{}: {}", item.ident, short(&item.expr));
        }
        Item::Const(item) => {
            let _ = writeln!(text, "{}: {}", item.ident, short(&item.expr));
        }
        Item::Impl(item) if item.trait_.is_none() && short(&item.self_ty) == "Client" => {
            for item in &item.items {
                if let ImplItem::Fn(function) = item {
                    let deprecated = deprecated(&function.attrs);
                    let _ = writeln!(text, "Client::{}{deprecated}", signature(&function.sig));
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
                    "    {field_name}: {}{}{}",
                    short(&field.ty),
                    renamed(&field.attrs),
                    deprecated(&field.attrs)
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
                let mut variant = variant.clone();
                variant.attrs.clear();
                let _ = writeln!(text, "    {}", short(&variant));
            }
            item.ident.to_string()
        }
        Item::Macro(item) => {
            let declared: Declaration = item.mac.parse_body().expect("a declaration");
            let kind = short(&item.mac.path).replace('_', " ");
            let _ = writeln!(text, "{kind} {}{}", declared.name, declared.by);
            for variant in declared.variants {
                let _ = writeln!(text, "    {variant}");
            }
            declared.name.to_string()
        }
        _ => return None,
    };
    Some((name, text))
}

/// The name on the wire where it is not the field's.
fn renamed(attributes: &[Attribute]) -> String {
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

/// What stands inside `open_enum! { … }` and `open_union! { … }`.
struct Declaration {
    name: syn::Ident,
    /// How a choice tells its variants apart.
    by: String,
    variants: Vec<String>,
}

impl syn::parse::Parse for Declaration {
    fn parse(input: syn::parse::ParseStream<'_>) -> syn::Result<Self> {
        input.call(syn::Attribute::parse_outer)?;
        input.parse::<Visibility>()?;
        input.parse::<syn::Token![enum]>()?;
        let name = input.parse()?;
        let mut by = String::new();
        while !input.peek(syn::token::Brace) {
            let _ = write!(by, " {}", input.parse::<TokenTree>()?);
        }
        let body;
        syn::braced!(body in input);
        let mut variants = Vec::new();
        while !body.is_empty() {
            body.call(syn::Attribute::parse_outer)?;
            let mut tokens = Vec::new();
            while !body.is_empty() && !body.peek(syn::Token![,]) {
                tokens.push(body.parse::<TokenTree>()?);
            }
            let tokens: TokenStream = tokens.into_iter().collect();
            // A variant of a choice is written as the others are, without a space before its type.
            variants.push(short(&tokens));
            body.parse::<Option<syn::Token![,]>>()?;
        }
        Ok(Self { name, by, variants })
    }
}

/// The interface of every resource of the workspace at `root`, by the name of its snapshot.
fn all_surfaces(root: &Path) -> Vec<(String, String)> {
    let generation = Generator::for_workspace(root)
        .generate()
        .unwrap_or_else(|diagnostics| panic!("{diagnostics}"));
    let crates = generation.domains().iter();
    crates
        .flat_map(|(domain, sources)| {
            surfaces(sources)
                .into_iter()
                .map(|(resource, text)| (format!("{}.{resource}", domain.tag), text))
        })
        .collect()
}

#[test]
fn every_resource() {
    assert_snapshots(
        &workspace().join("tests/integration/snapshots/surface"),
        &all_surfaces(&workspace()),
    );
}

/// One resource, one file, one snapshot: what a reviewer has to read is what has changed.
#[test]
fn a_renamed_field_touches_its_resource_alone() {
    let copy = copy_of_workspace();
    let document = copy.path().join("spec/kpi.yaml");
    let generate = || {
        let root = copy.path().display().to_string();
        let output = xtask(&["generate", "--root", &root]);
        assert!(output.status.success(), "{output:?}");
    };
    // Whatever is stale in the workspace is no matter of this test.
    generate();
    let (before, surfaces) = (files(copy.path()), all_surfaces(copy.path()));
    let text = std::fs::read_to_string(&document).expect("the document");
    assert!(text.contains("        assignment_ids:"));
    std::fs::write(&document, text.replace("assignment_ids:", "recipient_ids:"))
        .expect("the document");

    generate();

    let after = files(copy.path());
    let changed: Vec<_> = after
        .iter()
        .filter(|(path, text)| before.get(*path) != Some(text))
        .map(|(path, _)| path.display().to_string())
        .collect();
    assert_eq!(before.len(), after.len());
    assert_eq!(
        changed,
        [
            "crates/kpi/src/generated/types/campaigns.rs",
            // The document itself, as the sandbox has it.
            "crates/sandbox/openapi.json",
            "spec/kpi.yaml",
            "tests/calls/src/generated/kpi_campaigns.rs",
        ]
    );
    let differing: Vec<_> = all_surfaces(copy.path())
        .into_iter()
        .filter(|surface| !surfaces.contains(surface))
        .map(|(name, _)| name)
        .collect();
    assert_eq!(differing, ["kpi.campaigns"]);
}
