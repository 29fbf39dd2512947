//! Generates the commands of the command line tool: a table of every operation, with its flags,
//! its help and an example. The tool interprets the table, so a new operation needs no code there.
//!
//! It is not generated for third-party documents. Names on the wire come from the domains before
//! lowering, and the descriptions for the runtime from the lowered ones.

mod example;
mod flags;
mod object;

use std::path::{Path, PathBuf};

use heck::ToSnakeCase;
use proc_macro2::TokenStream;
use quote::{ToTokens, format_ident, quote};
use syn::{Item, parse_quote};

use self::flags::Flags;
use super::model::{BodyFormat, Domain, Operation};
use super::write::Plan;
use super::{Generated, refine};
use crate::collections::{HashSet, IndexMap};
use crate::document::diagnostic::Diagnostics;
use crate::document::node::Node;

/// The directory of the tables. It holds nothing else.
const DIRECTORY: &str = "crates/cli/src/generated";

/// The manifest of the command line tool. A workspace without it gets no tables.
pub(super) const MANIFEST: &str = "crates/cli/Cargo.toml";

/// The names that a table may need from the runtime.
const RUNTIME: [&str; 9] = [
    "BodyKind",
    "DocumentedResponse",
    "Method",
    "Operation",
    "PageParameter",
    "PageStyle",
    "Pagination",
    "ParameterStyle",
    "RetrySafety",
];

/// The names that the statics of servers and security schemes may need from the runtime.
const CLIENT_RUNTIME: [&str; 4] = [
    "SecurityLocation",
    "SecurityScheme",
    "Server",
    "ServerVariable",
];

/// The names that a table may need from the tool's catalog.
const CATALOG: [&str; 6] = ["Body", "Command", "Constant", "Flag", "Kind", "Resource"];

/// Plans the files: one for each domain, and a module with the list of them.
pub(super) fn plan(generated: &Generated, plan: &mut Plan) -> Result<(), Diagnostics> {
    let documented = super::domains(generated)?;
    let nested = nested(&documented);
    let mut index: Vec<Item> = Vec::new();
    let mut domains = TokenStream::new();
    for documented in &documented {
        let mut lowered = generated.crates.iter().map(|(domain, _)| domain);
        let Some(lowered) = lowered.find(|it| it.tag == documented.tag) else {
            continue;
        };
        let module = documented.tag.to_snake_case();
        let is_nested = nested.contains(&documented.tag.as_str());
        let group = is_nested.then(|| kebab(&documented.tag));
        let file = table(&generated.document, documented, lowered, group.as_deref());
        plan.files
            .insert(Path::new(DIRECTORY).join(format!("{module}.rs")), file);
        let (ident, tag) = (format_ident!("{module}"), &documented.tag);
        let about = plain(&documented.description);
        index.push(parse_quote!(mod #ident;));
        let group = group.map(|name| quote!(.group(#name)));
        domains.extend(quote!(Domain::new(#tag, #about, #ident::RESOURCES) #group,));
    }
    index.push(parse_quote!(
        use crate::catalog::Domain;
    ));
    index.push(parse_quote! {
        /// Every domain of the document, in its order.
        pub(crate) static DOMAINS: &[Domain] = &[#domains];
    });
    let path = PathBuf::from(DIRECTORY).join("mod.rs");
    plan.files.insert(
        path,
        refine::print_file("The commands of the document.", &index),
    );
    plan.owned_directories.push(PathBuf::from(DIRECTORY));
    Ok(())
}

/// Returns the tags of the domains whose resources need a command around them, because a domain
/// before has a resource of the same name.
fn nested(domains: &[Domain]) -> Vec<&str> {
    let mut taken: HashSet<&str> = HashSet::default();
    let mut nested = Vec::new();
    for domain in domains {
        let resources = domain.operations.iter().map(|it| it.resource.as_str());
        let resources: HashSet<&str> = resources.collect();
        if resources.is_disjoint(&taken) {
            taken.extend(resources);
        } else {
            taken.insert(&domain.tag);
            nested.push(domain.tag.as_str());
        }
    }
    nested
}

/// Returns the file of a domain. `group` is the command around its resources.
fn table(document: &Node, documented: &Domain, lowered: &Domain, group: Option<&str>) -> String {
    let mut resources: IndexMap<&str, Vec<TokenStream>> = IndexMap::default();
    let mut described = Domain::without_operations(&lowered.tag);
    for operation in &documented.operations {
        let same = lowered.operations.iter().find(|it| it.id == operation.id);
        let Some(same) = same else { continue };
        let Some(command) = command(document, documented, operation, same, group) else {
            continue;
        };
        described.operations.push(same.clone());
        resources
            .entry(&operation.resource)
            .or_default()
            .push(command);
    }
    let resources = resources.iter().map(|(resource, commands)| {
        let name = kebab(resource);
        quote!(Resource::new(#name, &[#(#commands),*]))
    });
    let statics = refine::descriptors(&described);
    let table: Item = parse_quote! {
        /// The resources of the domain, in the order of the document.
        pub(super) static RESOURCES: &[Resource] = &[#(#resources),*];
    };
    let operations = statics.operations;
    let client = statics.client;
    let client_imports = imports("scorekit::runtime", &CLIENT_RUNTIME, &client);
    let module: Item = parse_quote! {
        mod client {
            #client_imports
            #(#client)*
        }
    };
    let mut body = operations;
    body.push(table);
    let catalog = imports("crate::catalog", &CATALOG, &body);
    let runtime = imports("scorekit::runtime", &RUNTIME, &body);
    let mut items: Vec<Item> = vec![parse_quote!(#runtime), parse_quote!(#catalog), module];
    items.extend(body);
    let about = format!("The commands of the domain `{}`.", documented.tag);
    refine::print_file(&about, &items)
}

/// Creates the `use` of those names that `items` contain.
fn imports(module: &str, names: &[&str], items: &[Item]) -> TokenStream {
    let used = refine::used_names(items.iter().map(ToTokens::to_token_stream));
    let names = names.iter().filter(|name| used.contains(**name));
    let names = names.map(|name| format_ident!("{name}"));
    let path: TokenStream = module.parse().unwrap_or_default();
    quote!(use #path::{#(#names),*};)
}

/// Creates the entry of an operation. `None` if its body or a parameter is of a kind that the
/// workspace's own document does not have, such as a form, a file or a cookie.
fn command(
    document: &Node,
    domain: &Domain,
    operation: &Operation,
    lowered: &Operation,
    group: Option<&str>,
) -> Option<TokenStream> {
    if operation.request_format != BodyFormat::Json {
        return None;
    }
    let name = kebab(operation.verb.as_deref().unwrap_or(&operation.id));
    let descriptor = refine::descriptor_name(lowered);
    let summary = plain(&operation.summary);
    let flags = Flags::of(domain, operation, lowered)?;
    let resource = kebab(&operation.resource);
    let path: Vec<&str> = group.into_iter().chain([&*resource, &*name]).collect();
    let example = example::example(document, operation, &path, &flags);
    let mut command = quote!(Command::new(#name, &#descriptor, #summary));
    if !operation.description.is_empty() {
        let about = plain(&operation.description);
        command.extend(quote!(.about(#about)));
    }
    if let Some(page) = &operation.documentation {
        command.extend(quote!(.documentation(#page)));
    }
    if operation.deprecated {
        command.extend(quote!(.deprecated()));
    }
    if !flags.flags.is_empty() {
        let flags = &flags.flags;
        command.extend(quote!(.flags(&[#(#flags),*])));
    }
    if operation.request_body.is_some() {
        let required = operation.body_required;
        let constants = &flags.constants;
        command.extend(quote!(.body(Body::new(#required, &[#(#constants),*]))));
    }
    command.extend(quote!(.example(#example)));
    Some(command)
}

/// Returns a name in the form of commands and flags.
fn kebab(name: &str) -> String {
    name.trim_matches('_').to_snake_case().replace('_', "-")
}

/// Returns a description as plain text: a line for each paragraph.
fn plain(text: &str) -> String {
    let paragraphs = text.split("\n\n").map(|paragraph| {
        let words: Vec<&str> = paragraph.split_whitespace().collect();
        words.join(" ")
    });
    let paragraphs: Vec<String> = paragraphs.filter(|it| !it.is_empty()).collect();
    paragraphs.join("\n\n")
}
