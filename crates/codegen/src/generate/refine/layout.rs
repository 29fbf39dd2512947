//! Puts items into files. Each resource has one for its requests, one for its handle and one for
//! the types that only it reaches. A change to a resource then changes only its own files.
//!
//! Users import from the flat modules `types` and `requests`, so an item may move to another file.

use std::collections::{BTreeMap, BTreeSet};

use proc_macro2::{Delimiter, Group, TokenStream, TokenTree};
use quote::{ToTokens, format_ident};
use serde_json::Value;
use syn::{Item, parse_quote};

use super::print::{print, unparse};
use super::source::{GeneratedCrate, RequestSource, TypeSource};
use super::strings::StringTypes;
use super::{bulk, objects, pages, resources};
use crate::collections::{HashMap, IndexMap};
use crate::generate::model::{Domain, Operation};

/// The file of types that several resources reach.
const SHARED: &str = "shared";

/// The names that a file of requests may need from `scorekit_core`, in addition to those of the
/// passes.
const REQUEST_IMPORTS: [&str; 16] = [
    "BodyKind",
    "Bytes",
    "CallOptions",
    "Date",
    "DateTime",
    "DocumentedResponse",
    "Error",
    "IntoOptional",
    "IntoOptionalList",
    "Method",
    "Operation",
    "ParameterStyle",
    "Part",
    "Request",
    "Response",
    "RetrySafety",
];

/// The names that a file of types may need from `scorekit_core`.
const TYPE_IMPORTS: [&str; 7] = [
    "Date",
    "DateTime",
    "IntoNullable",
    "IntoOptional",
    "IntoOptionalList",
    "IntoOptionalMap",
    "Nullable",
];

/// Prints the files of a crate.
pub(super) fn layout(
    domain: &Domain,
    types: IndexMap<String, TypeSource>,
    strings: &StringTypes,
    constructors: &IndexMap<String, Vec<Item>>,
    requests: &[RequestSource],
    resources: &IndexMap<String, Vec<Item>>,
    client: Vec<Item>,
) -> GeneratedCrate {
    let mut files = IndexMap::default();
    let about = format!("The generated client of the domain `{}`.", domain.tag);
    let modules: [Item; 4] = [
        parse_quote!(
            pub(crate) mod client;
        ),
        parse_quote!(
            pub mod requests;
        ),
        parse_quote!(
            pub mod resources;
        ),
        parse_quote!(
            pub mod types;
        ),
    ];
    files.insert("mod.rs".to_owned(), print(&about, &modules));
    let about = "The client, its servers and its security schemes.";
    files.insert("client.rs".to_owned(), print(about, &client));
    request_files(requests, &mut files);
    handles(resources, &mut files);
    files.insert("resources.md".to_owned(), resources::overview(domain));
    let count = types.len();
    let resources = resource_of_types(domain, strings);
    let (type_files, names) = type_files(&resources, types, constructors, about_resource);
    let names = names.iter().map(String::as_str);
    let index = type_index(names, domain);
    files.insert("types/mod.rs".to_owned(), index);
    let type_files = type_files.into_iter();
    files.extend(type_files.map(|(name, text)| (format!("types/{name}"), text)));
    let exports = domain.shared.exports().into_iter();
    GeneratedCrate {
        reexported: exports.map(str::to_owned).collect(),
        files,
        operations: domain.operations.len(),
        types: count,
        is_fresh: true,
    }
}

/// Prints the files of requests.
fn request_files(requests: &[RequestSource], files: &mut IndexMap<String, String>) {
    let mut by_resource: BTreeMap<&str, Vec<Item>> = BTreeMap::new();
    for request in requests {
        let items = by_resource.entry(&request.resource).or_default();
        items.extend(request.items.iter().cloned());
    }
    let about = "One request type per operation, created by the client's methods.";
    files.insert(
        "requests/mod.rs".to_owned(),
        index(about, by_resource.keys().copied()),
    );
    for (resource, items) in &by_resource {
        let uses = used(items.iter().map(ToTokens::to_token_stream));
        let mut core: Vec<_> = REQUEST_IMPORTS
            .into_iter()
            .chain(bulk::IMPORTS)
            .chain(pages::IMPORTS)
            .filter(|name| uses.contains(*name))
            .collect();
        core.sort_unstable();
        let mut imports = imports(&uses, core.into_iter());
        imports.push(parse_quote!(
            use crate::generated::client::{self, Client};
        ));
        if uses.contains("types") {
            imports.push(parse_quote!(
                use crate::generated::types;
            ));
        }
        imports.extend(items.iter().cloned());
        files.insert(
            format!("requests/{resource}.rs"),
            print(&format!("Requests of the resource `{resource}`."), &imports),
        );
    }
}

/// Prints the files of types. Returns them by name, and the names of their modules.
pub(super) fn type_files(
    modules: &HashMap<String, String>,
    types: IndexMap<String, TypeSource>,
    constructors: &IndexMap<String, Vec<Item>>,
    about: impl Fn(&str) -> String,
) -> (IndexMap<String, String>, Vec<String>) {
    let mut by_module: BTreeMap<String, Vec<(String, TypeSource)>> = BTreeMap::new();
    for (name, source) in types {
        let module = modules
            .get(&name)
            .cloned()
            .unwrap_or_else(|| SHARED.to_owned());
        by_module.entry(module).or_default().push((name, source));
    }
    let file = |(module, types): (&String, &Vec<(String, TypeSource)>)| {
        let text = types_file(&about(module), types, constructors, modules);
        (format!("{module}.rs"), text)
    };
    let files = by_module.iter().map(file).collect();
    (files, by_module.into_keys().collect())
}

/// Prints the index of the types, which also exports the shared types.
fn type_index<'a>(modules: impl Iterator<Item = &'a str>, domain: &Domain) -> String {
    let about = "The types in requests and responses.";
    let mut items = index_items(modules);
    if !domain.shared.is_empty() {
        let krate = format_ident!("{}", domain.shared.krate);
        let exports = domain.shared.exports().into_iter();
        let exports = exports.map(|name| format_ident!("{name}"));
        items.push(parse_quote!(pub use ::#krate::{#(#exports),*};));
    }
    print(about, &items)
}

fn about_resource(resource: &str) -> String {
    if resource == SHARED {
        "Types that several resources share.".to_owned()
    } else {
        format!("Types of the resource `{resource}`.")
    }
}

/// Prints the files of the resources' handles.
fn handles(resources: &IndexMap<String, Vec<Item>>, files: &mut IndexMap<String, String>) {
    let about = "One handle per resource, created by the client's methods.";
    files.insert(
        "resources/mod.rs".to_owned(),
        index(about, resources.keys().map(String::as_str)),
    );
    for (resource, items) in resources {
        let uses = used(items.iter().map(ToTokens::to_token_stream));
        // An item may have the same name as one of the modules.
        let paths: Vec<_> = items
            .iter()
            .map(|item| item.to_token_stream().to_string())
            .collect();
        let core = ["Date", "DateTime"]
            .into_iter()
            .filter(|name| uses.contains(*name));
        let mut file = imports(&uses, core);
        file.push(parse_quote!(
            use crate::generated::client::Client;
        ));
        let modules: Vec<_> = ["requests", "types"]
            .into_iter()
            .filter(|name| {
                let path = format!("{name} ::");
                paths.iter().any(|text| text.contains(&path))
            })
            .map(|name| format_ident!("{name}"))
            .collect();
        file.push(match &modules[..] {
            [module] => parse_quote!(use crate::generated::#module;),
            modules => parse_quote!(use crate::generated::{#(#modules),*};),
        });
        file.extend(items.iter().cloned());
        files.insert(
            format!("resources/{resource}.rs"),
            print(
                &format!("The resource `{}`.", resource.trim_end_matches('_')),
                &file,
            ),
        );
    }
}

/// Returns the resource of each type that only one resource reaches. All others are shared.
fn resource_of_types(domain: &Domain, strings: &StringTypes) -> HashMap<String, String> {
    let mut resources: HashMap<String, BTreeSet<&str>> = HashMap::default();
    for operation in &domain.operations {
        for name in domain.reached_from(schemas(operation)) {
            resources
                .entry(name)
                .or_default()
                .insert(&operation.resource);
        }
    }
    for (name, operations, structures) in strings.uses() {
        let of_structures = structures.iter().filter_map(|name| resources.get(name));
        let mut users: BTreeSet<&str> = of_structures.flatten().copied().collect();
        users.extend(operations.iter().map(String::as_str));
        resources.insert(name.clone(), users);
    }
    for name in domain.shared.strings.keys() {
        resources.insert(name.clone(), BTreeSet::new());
    }
    let only = |(name, resources): (String, BTreeSet<&str>)| {
        let resource = if resources.len() == 1 {
            resources.first().copied().unwrap_or(SHARED)
        } else {
            SHARED
        };
        (name, resource.to_owned())
    };
    resources.into_iter().map(only).collect()
}

fn schemas(operation: &Operation) -> impl Iterator<Item = &Value> {
    let parameters = operation
        .parameters
        .iter()
        .map(|parameter| &parameter.schema);
    parameters
        .chain(&operation.request_body)
        .chain(operation.response_schemas())
}

/// Prints a `mod.rs` that exports the items of every resource.
fn index<'a>(about: &str, resources: impl Iterator<Item = &'a str>) -> String {
    print(about, &index_items(resources))
}

/// Returns the items of a `mod.rs` that exports the items of every module.
fn index_items<'a>(names: impl Iterator<Item = &'a str>) -> Vec<Item> {
    let (mut modules, mut exports) = (Vec::<Item>::new(), Vec::<Item>::new());
    for name in names {
        let module = format_ident!("{name}");
        modules.push(parse_quote!(mod #module;));
        exports.push(parse_quote!(pub use #module::*;));
    }
    modules.append(&mut exports);
    modules
}

fn types_file(
    about: &str,
    types: &[(String, TypeSource)],
    constructors: &IndexMap<String, Vec<Item>>,
    modules: &HashMap<String, String>,
) -> String {
    let items = types.iter().flat_map(|(name, source)| {
        let constructors = constructors
            .get(name)
            .into_iter()
            .flatten()
            .map(ToTokens::to_token_stream);
        let tokens = source.tokens();
        let tokens = match source {
            TypeSource::Macro { .. } => without_variant_names(tokens),
            _ => tokens,
        };
        std::iter::once(tokens).chain(constructors)
    });
    let uses = used(items);
    let macros = types.iter().filter_map(|(_, source)| match source {
        TypeSource::Macro { name, .. } => Some(*name),
        TypeSource::Object { .. } => Some(objects::MACRO),
        TypeSource::Item(_) => None,
    });
    let macros: BTreeSet<&str> = macros.collect();
    let core = TYPE_IMPORTS.into_iter().filter(|name| uses.contains(*name));
    let mut imports = imports(&uses, core.chain(macros));
    let here: BTreeSet<&str> = types.iter().map(|(name, _)| name.as_str()).collect();
    let elsewhere: Vec<_> = uses
        .iter()
        .filter(|name| modules.contains_key(*name) && !here.contains(name.as_str()))
        .map(|name| format_ident!("{name}"))
        .collect();
    if !elsewhere.is_empty() {
        imports.push(parse_quote!(use super::{#(#elsewhere),*};));
    }
    let mut text = print(about, &imports);
    for (name, source) in types {
        text.push('\n');
        match source {
            TypeSource::Item(item) => text.push_str(&unparse(item)),
            TypeSource::Object {
                item,
                implementation,
            } => {
                text.push_str(&unparse(&Item::Struct((**item).clone())));
                text.push('\n');
                text.push_str(implementation);
            }
            TypeSource::Macro { text: printed, .. } => text.push_str(printed),
        }
        for item in constructors.get(name).into_iter().flatten() {
            text.push('\n');
            text.push_str(&unparse(item));
        }
    }
    text
}

/// Creates the imports from the standard library and from the runtime.
fn imports<'a>(uses: &BTreeSet<String>, core: impl Iterator<Item = &'a str>) -> Vec<Item> {
    let mut imports = Vec::<Item>::new();
    if uses.contains("BTreeMap") {
        imports.push(parse_quote!(
            use std::collections::BTreeMap;
        ));
    }
    let core: Vec<_> = core.map(|name| format_ident!("{name}")).collect();
    if !core.is_empty() {
        imports.push(parse_quote!(use scorekit_core::{#(#core),*};));
    }
    imports
}

/// Returns the tokens of a macro that declares an enum, without the names of variants that hold a
/// value. A variant may have the name of a type that it does not hold.
fn without_variant_names(tokens: TokenStream) -> TokenStream {
    let mut kept = Vec::new();
    let mut tokens = tokens.into_iter().peekable();
    while let Some(token) = tokens.next() {
        let is_name = matches!(token, TokenTree::Ident(_))
            && matches!(
                tokens.peek(),
                Some(TokenTree::Group(group)) if group.delimiter() == Delimiter::Parenthesis
            );
        match token {
            _ if is_name => {}
            TokenTree::Group(group) => {
                let inner = without_variant_names(group.stream());
                kept.push(TokenTree::Group(Group::new(group.delimiter(), inner)));
            }
            token => kept.push(token),
        }
    }
    kept.into_iter().collect()
}

/// Returns every identifier in `tokens` that is not qualified, unlike `Variant` in `Enum::Variant`,
/// and not followed by `=`, unlike `Item` in `IntoIterator<Item = String>`.
pub(in crate::generate) fn used(tokens: impl Iterator<Item = TokenStream>) -> BTreeSet<String> {
    let mut names = BTreeSet::new();
    let mut pending: Vec<TokenStream> = tokens.collect();
    while let Some(stream) = pending.pop() {
        let mut colons = 0;
        let mut tokens = stream.into_iter().peekable();
        while let Some(token) = tokens.next() {
            let is_bound =
                matches!(tokens.peek(), Some(TokenTree::Punct(next)) if next.as_char() == '=');
            let behind_colons = std::mem::take(&mut colons);
            match token {
                TokenTree::Ident(name) if behind_colons < 2 && !is_bound => {
                    names.insert(name.to_string());
                }
                TokenTree::Group(group) => pending.push(group.stream()),
                TokenTree::Punct(punct) if punct.as_char() == ':' => colons = behind_colons + 1,
                _ => {}
            }
        }
    }
    names
}
