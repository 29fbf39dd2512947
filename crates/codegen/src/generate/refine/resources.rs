//! Adds one handle per resource. The document's `x-verb` names its methods:
//! `client.projects().create(…)` reads better than `client.create_project(…)`.
//!
//! A method calls the client's method of the operation, so that both send the same request. Only
//! the handle takes and returns JSON:API resources without their envelopes.
//!
//! The methods of a resource that has the name of its domain are also methods of the client:
//! `client.campaigns().create(…)` reads better than `client.campaigns().campaigns().create(…)`.

use proc_macro2::{Ident, TokenStream};
use quote::{format_ident, quote};
use syn::{Item, Type, parse_quote};

use super::arguments::{body_type, required_arguments};
use super::bulk;
use super::documentation::{self, lines, own_lines};
use super::envelopes::{self, Envelope, Inside};
use super::operation_text::{self, full_text, handle_name};
use super::source::{ProgenitorOutput, Signature};
use super::union_variants;
use crate::collections::{HashSet, IndexMap};
use crate::generate::identifiers::snake_case;
use crate::generate::lower::names::RESERVED_CLIENT_METHODS;
use crate::generate::model::{Domain, Operation, referenced_schema};

/// Creates the handle of each resource that has one, by the name of the resource's files.
pub(super) fn resources(
    output: &ProgenitorOutput,
    domain: &Domain,
    envelopes: &IndexMap<String, Envelope>,
) -> IndexMap<String, Vec<Item>> {
    let unions = union_variants::names(output);
    let sources = &Sources {
        output,
        envelopes,
        unions: &unions,
    };
    let own = names_of_client(domain);
    let domain_name = snake_case(&domain.tag, "domain");
    let mut by_resource: IndexMap<&str, Vec<&Operation>> = IndexMap::default();
    for operation in &domain.operations {
        if operation.verb.is_some() {
            by_resource
                .entry(&operation.resource)
                .or_default()
                .push(operation);
        }
    }
    by_resource
        .into_iter()
        .map(|(resource, operations)| {
            let mut items = handle(sources, &operations);
            if resource.trim_end_matches('_') == domain_name.trim_end_matches('_') {
                items.extend(client_methods(sources, &operations, &own));
            }
            (resource.to_owned(), items)
        })
        .collect()
}

/// Returns the names of all methods of the client.
fn names_of_client(domain: &Domain) -> HashSet<&str> {
    let operations = domain.operations.iter();
    let names = operations.flat_map(|operation| [&*operation.method_name, &*operation.accessor]);
    names.chain(RESERVED_CLIENT_METHODS).collect()
}

/// Creates the client's methods for the resource that has the name of the domain. A verb that is
/// the name of another method of the client gets none.
fn client_methods(
    sources: &Sources<'_>,
    operations: &[&Operation],
    own: &HashSet<&str>,
) -> Option<Item> {
    let methods = operations
        .iter()
        .filter_map(|operation| method(sources, operation))
        .filter(|method| !own.contains(&*method.verb.to_string()))
        .map(|method| method.on_client(own));
    let methods: Vec<TokenStream> = methods.collect();
    (!methods.is_empty()).then(|| parse_quote!(impl Client { #(#methods)* }))
}

/// Returns the table of resources for the crate's front page, as Markdown. Its links start at the
/// crate.
pub(super) fn overview(domain: &Domain) -> String {
    let mut by_resource: IndexMap<&str, Vec<&Operation>> = IndexMap::default();
    for operation in &domain.operations {
        by_resource
            .entry(operation.accessor.as_str())
            .or_default()
            .push(operation);
    }
    let plain = by_resource.shift_remove("").unwrap_or_default();
    let mut text = String::from("\n## Resources\n\n");
    if !by_resource.is_empty() {
        text.push_str("| Resource | Operations |\n| --- | --- |\n");
    }
    for (accessor, operations) in &by_resource {
        let methods: Vec<_> = operations
            .iter()
            .flat_map(|operation| {
                let handle = handle_name(operation);
                let verbs = operation.verb.iter().chain(bulk_verb(operation));
                verbs.map(move |verb| format!("[`{verb}`](resources::{handle}::{verb})"))
            })
            .collect();
        text.push_str(&format!(
            "| [`{accessor}()`](Client::{accessor}) | {} |\n",
            methods.join(", ")
        ));
    }
    if !plain.is_empty() {
        let methods: Vec<_> = plain
            .iter()
            .map(|operation| format!("[`{0}`](Client::{0})", operation.method_name))
            .collect();
        text.push_str(&format!(
            "\nOperations without a resource: {}.\n",
            methods.join(", ")
        ));
    }
    text
}

fn handle(sources: &Sources<'_>, operations: &[&Operation]) -> Vec<Item> {
    let Some(first) = operations.first() else {
        return Vec::new();
    };
    let name = format_ident!("{}", handle_name(first));
    let accessor = format_ident!("{}", first.accessor);
    let resource = first.resource.trim_end_matches('_');
    let about = format!("The resource `{resource}`");
    let list = operations.iter().flat_map(|operation| entry(operation));
    let handle_text = documentation::sections(vec![
        own_lines(&format!("{about}; [`Client::{accessor}`] returns it.")),
        list.collect(),
        own_lines("Clones share the configuration and the connections."),
    ]);
    let accessor_text =
        documentation::own_line(&format!("Returns a handle to the resource `{resource}`."));
    let methods = operations
        .iter()
        .filter_map(|operation| method(sources, operation))
        .map(|method| method.on_handle());
    vec![
        parse_quote! {
            #(#handle_text)*
            #[derive(Clone, Debug)]
            pub struct #name {
                client: Client,
            }
        },
        parse_quote! {
            impl Client {
                #(#accessor_text)*
                pub fn #accessor(&self) -> #name {
                    #name { client: self.clone() }
                }
            }
        },
        parse_quote! {
            impl #name {
                #(#methods)*
            }
        },
    ]
}

/// Returns an operation's entry in the list of its resource.
fn entry(operation: &Operation) -> Vec<String> {
    let verb = operation.verb.as_deref().unwrap_or_default();
    let summary = operation.summary.trim_end_matches('.');
    let summary = if summary.is_empty() {
        &operation.id
    } else {
        summary
    };
    // The summary comes from the document, so it is escaped. The link before it is not.
    let summary = lines(summary).join(" ");
    let mut lines = own_lines(&format!("- [`{verb}`](Self::{verb}): {summary}"));
    if let Some(many) = bulk_verb(operation) {
        let text = format!("- [`{many}`](Self::{many}): The same for any number of items");
        lines.extend(own_lines(&text));
    }
    lines
}

/// Returns the words by which rustdoc finds the method, besides its name: the id of the operation,
/// which the vendor's documentation has, and those of the document.
fn search_words(operation: &Operation) -> Vec<&str> {
    let is_plain = |id: &&str| {
        let mut characters = id.chars();
        // rustdoc rejects quotes, spaces and an empty word.
        !id.is_empty() && characters.all(|c| c.is_ascii_alphanumeric() || "-_./".contains(c))
    };
    let words = operation.search_words.iter().map(String::as_str);
    let id = Some(operation.id.as_str()).filter(is_plain);
    let mut words: Vec<_> = id.into_iter().chain(words).collect();
    words.dedup();
    // rustdoc rejects a word that is the name.
    words.retain(|word| Some(*word) != operation.verb.as_deref());
    words
}

/// Returns the name of the method that takes many items.
fn bulk_verb(operation: &Operation) -> Option<&String> {
    operation.bulk.as_ref()?.verb.as_ref()
}

/// The parts of the crate that methods are written from.
struct Sources<'a> {
    output: &'a ProgenitorOutput,
    envelopes: &'a IndexMap<String, Envelope>,
    /// The names of the unions.
    unions: &'a HashSet<String>,
}

/// The method of an operation on its resource.
struct ResourceMethod<'a> {
    operation: &'a Operation,
    verb: Ident,
    arguments: Vec<TokenStream>,
    /// The values that it passes to the client's method of the operation.
    passed: Vec<TokenStream>,
    /// The values that the client's method of the same name passes to it.
    names: Vec<TokenStream>,
    response: TokenStream,
    /// True if the response loses its envelope.
    is_opened: bool,
    /// The description of the argument for the body.
    body_text: Option<String>,
    /// The method for many items, if the operation takes a list.
    many: Option<TokenStream>,
}

fn method<'a>(sources: &Sources<'_>, operation: &'a Operation) -> Option<ResourceMethod<'a>> {
    let Sources {
        output, envelopes, ..
    } = *sources;
    let signature = output.signatures.get(&operation.method_name)?;
    let request = format_ident!("{}", operation.type_name);
    let mut arguments = Vec::<TokenStream>::new();
    let mut names = Vec::new();
    for (name, ty) in required_arguments(operation, signature, sources.unions)? {
        arguments.push(quote!(#name: #ty));
        names.push(name);
    }
    let many = bulk::resource_method(operation, signature, output, envelopes, &arguments, &names);
    let mut names: Vec<TokenStream> = names.iter().map(|name| quote!(#name)).collect();
    let mut passed = names.clone();
    let body = body(operation, signature, envelopes)?;
    names.extend(body.argument.as_ref().map(|_| quote!(body)));
    arguments.extend(body.argument);
    passed.extend(body.passed);
    let opened = envelopes::opened_response(operation, signature, output);
    let response = match &opened {
        Some(data) => quote!(requests::#request<#data>),
        None => quote!(requests::#request),
    };
    Some(ResourceMethod {
        operation,
        verb: format_ident!("{}", operation.verb.as_deref()?),
        arguments,
        passed,
        names,
        response,
        is_opened: opened.is_some(),
        body_text: body.text,
        many,
    })
}

impl ResourceMethod<'_> {
    /// Writes the method of the handle, and the one for many items.
    fn on_handle(&self) -> TokenStream {
        let Self {
            verb,
            arguments,
            passed,
            response,
            many,
            ..
        } = self;
        let plain = format_ident!("{}", self.operation.method_name);
        let open = self.is_opened.then(|| quote!(.data_only()));
        let mut sections = full_text(self.operation, self.body_text.as_deref());
        let difference = if self.is_opened {
            " and removes the envelope from the response"
        } else {
            ""
        };
        sections.push(own_lines(&format!(
            "Calls [`Client::{plain}`]{difference}."
        )));
        let text = documentation::sections(sections);
        let (deprecated, allowed) = self.deprecation();
        let aliases = search_words(self.operation);
        quote! {
            #(#text)*
            #(#[doc(alias = #aliases)])*
            #deprecated
            #allowed
            pub fn #verb(&self, #(#arguments),*) -> #response {
                self.client.#plain(#(#passed),*) #open
            }

            #many
        }
    }

    /// Writes the method of the client, and the one for many items unless the client has a method
    /// of that name.
    fn on_client(&self, own: &HashSet<&str>) -> TokenStream {
        let Self {
            verb,
            arguments,
            names,
            response,
            ..
        } = self;
        let accessor = format_ident!("{}", self.operation.accessor);
        let handle = handle_name(self.operation);
        let text = documentation::own_line(&format!("Calls [`{handle}::{verb}`]."));
        let (deprecated, allowed) = self.deprecation();
        let has_many = bulk_verb(self.operation).is_some_and(|verb| !own.contains(verb.as_str()));
        let many = self.many.as_ref().filter(|_| has_many);
        quote! {
            #(#text)*
            #deprecated
            #allowed
            pub fn #verb(&self, #(#arguments),*) -> #response {
                self.#accessor().#verb(#(#names),*)
            }

            #many
        }
    }

    fn deprecation(&self) -> (Option<TokenStream>, Option<TokenStream>) {
        let deprecated = operation_text::deprecated(self.operation);
        let is_deprecated = self.operation.deprecated;
        (
            deprecated,
            is_deprecated.then(|| quote!(#[allow(deprecated)])),
        )
    }
}

/// The argument for a body, and the code that passes it on.
#[derive(Default)]
struct Body {
    argument: Option<TokenStream>,
    passed: Option<TokenStream>,
    text: Option<String>,
}

fn body(
    operation: &Operation,
    signature: &Signature,
    envelopes: &IndexMap<String, Envelope>,
) -> Option<Body> {
    // An optional body is set on the request.
    let required = operation.request_body.as_ref();
    let Some(schema) = required.filter(|_| operation.body_required) else {
        return Some(Body::default());
    };
    let ty = body_type(signature.arguments.get("body")?);
    let name = referenced_schema(schema);
    let (Type::Reference(_), Some(name)) = (&ty, name) else {
        // Lists, strings and nullable bodies are passed unchanged.
        return Some(Body {
            argument: Some(quote!(body: #ty)),
            passed: Some(quote!(body)),
            text: Some("the request body".to_owned()),
        });
    };
    let whole = format_ident!("{name}");
    let Some(Envelope { data, inside }) = envelopes.get(&name) else {
        return Some(Body {
            argument: Some(quote!(body: impl Into<types::#whole>)),
            passed: Some(quote!(&body.into())),
            text: Some("the request body".to_owned()),
        });
    };
    if let Inside::Nothing = inside {
        return Some(Body {
            passed: Some(quote!(&types::#data::new().into())),
            ..Body::default()
        });
    }
    let text = match inside {
        Inside::Attributes(ty, more) => {
            let attributes = match &**ty {
                Type::Path(path) => path.path.get_ident(),
                _ => None,
            };
            let attributes = attributes.map_or_else(
                || "the attributes".to_owned(),
                |name| format!("[`types::{name}`]"),
            );
            let more = if *more {
                format!(", [`types::{data}`]")
            } else {
                String::new()
            };
            format!("{attributes}{more} or the whole [`types::{whole}`]")
        }
        Inside::Identifier => format!("the identifier or the whole [`types::{whole}`]"),
        Inside::Nothing | Inside::More => {
            format!("[`types::{data}`] or the whole [`types::{whole}`]")
        }
    };
    Some(Body {
        argument: Some(quote!(body: impl Into<types::#whole>)),
        passed: Some(quote!(&body.into())),
        text: Some(text),
    })
}
