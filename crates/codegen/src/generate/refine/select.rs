//! Keeps the types and the signatures of progenitor's output and drops the rest. The rest is unused
//! conversions, an error type, a client with its own transport, and method bodies that would send
//! an `api-version` header. It is most of the output, so it is dropped before anything is parsed.

use proc_macro2::{Delimiter, Group, TokenStream, TokenTree};
use syn::{FnArg, Item, Pat, ReturnType};

use super::rust_type::argument;
use super::source::{ProgenitorOutput, Signature};
use crate::collections::{HashMap, IndexMap};
use crate::document::diagnostic::Diagnostic;
use crate::generate::engine;
use crate::generate::model::Domain;

pub(super) fn select(tokens: TokenStream, domain: &Domain) -> Result<ProgenitorOutput, Diagnostic> {
    let failed = |error: syn::Error| engine::failed(domain, &error.to_string());
    let mut types = HashMap::default();
    let mut signatures = HashMap::default();
    for part in Parts::of(tokens) {
        if part.declares("mod", "types") {
            for part in part.inner() {
                if let Some((name, item)) = item(part).map_err(failed)? {
                    types.insert(name, item);
                }
            }
        } else if part.is("impl") && !part.has("for") {
            for part in part.inner().filter(|part| part.is("fn")) {
                let function: syn::Signature = syn::parse2(part.declaration()).map_err(failed)?;
                if let Some(signature) = signature(&function) {
                    signatures.insert(function.ident.to_string(), signature);
                }
            }
        }
    }
    let mut ordered = IndexMap::default();
    for (name, schema) in &domain.schemas {
        let Some(item) = types.remove(name) else {
            return Err(Diagnostic::new(
                &schema.location,
                format!("the schema `{name}` has no Rust type"),
                "rewrite it as an object with properties, a string enum or a `oneOf`",
            ));
        };
        ordered.insert(name.clone(), item);
    }
    let mut unknown: Vec<_> = types.into_keys().collect();
    unknown.sort();
    if let Some(name) = unknown.first() {
        let owner = domain
            .schemas
            .iter()
            .find(|(owner, _)| name.starts_with(owner.as_str()));
        let message = format!("a schema inside another became the unnamed type `{name}`");
        let help = "move it to `components/schemas` under a name of its own";
        return Err(owner.map_or_else(
            || Diagnostic::without_location(message.clone(), help),
            |(_, schema)| Diagnostic::new(&schema.location, message.clone(), help),
        ));
    }
    Ok(ProgenitorOutput {
        types: ordered,
        signatures,
    })
}

/// Returns a structure or enum and its name, and nothing for other items.
fn item(part: Part) -> syn::Result<Option<(String, Item)>> {
    if !part.is("struct") && !part.is("enum") {
        return Ok(None);
    }
    let item: Item = syn::parse2(part.tokens())?;
    Ok(match &item {
        Item::Struct(structure) => Some((structure.ident.to_string(), item)),
        Item::Enum(enumeration) => Some((enumeration.ident.to_string(), item)),
        _ => None,
    })
}

/// The items of a file, or of a module or `impl` in it.
struct Parts(proc_macro2::token_stream::IntoIter);

/// The tokens of an item.
struct Part {
    /// Those before the body: attributes, the visibility and the declaration.
    head: Vec<TokenTree>,
    /// The braces that end the item, if no semicolon does.
    body: Option<Group>,
}

impl Parts {
    fn of(tokens: TokenStream) -> Self {
        Self(tokens.into_iter())
    }
}

impl Iterator for Parts {
    type Item = Part;

    fn next(&mut self) -> Option<Part> {
        let mut head = Vec::new();
        for token in self.0.by_ref() {
            match token {
                TokenTree::Group(body) if body.delimiter() == Delimiter::Brace => {
                    let body = Some(body);
                    return Some(Part { head, body });
                }
                TokenTree::Punct(mark) if mark.as_char() == ';' => {
                    head.push(mark.into());
                    return Some(Part { head, body: None });
                }
                token => head.push(token),
            }
        }
        None
    }
}

impl Part {
    /// Returns the position after the attributes and the visibility.
    fn start(&self) -> usize {
        let mut at = 0;
        loop {
            at += match &self.head[at..] {
                [TokenTree::Punct(mark), TokenTree::Group(_), ..] if mark.as_char() == '#' => 2,
                [TokenTree::Ident(word), TokenTree::Group(_), ..] if word == "pub" => 2,
                [TokenTree::Ident(word), ..] if word == "pub" => 1,
                _ => return at,
            };
        }
    }

    /// Returns the words of the declaration.
    fn words(&self) -> impl Iterator<Item = &proc_macro2::Ident> {
        self.head[self.start()..].iter().filter_map(|it| match it {
            TokenTree::Ident(word) => Some(word),
            _ => None,
        })
    }

    /// Returns true if the declaration begins with a keyword, perhaps after `async`.
    fn is(&self, keyword: &str) -> bool {
        self.words()
            .find(|word| *word != "async")
            .is_some_and(|word| word == keyword)
    }

    /// Returns true if the declaration begins with a keyword and a name.
    fn declares(&self, keyword: &str, name: &str) -> bool {
        self.words().take(2).eq([keyword, name])
    }

    /// Returns true if the declaration has a keyword.
    fn has(&self, keyword: &str) -> bool {
        self.words().any(|word| word == keyword)
    }

    /// Returns the items in the body.
    fn inner(self) -> Parts {
        let stream = self.body.map(|body| body.stream());
        // The body is gone now, so its tokens are not copied.
        Parts::of(stream.unwrap_or_default())
    }

    /// Returns the declaration without attributes, visibility and body.
    fn declaration(mut self) -> TokenStream {
        self.head.drain(self.start()..).collect()
    }

    /// Returns all tokens.
    fn tokens(self) -> TokenStream {
        let body = self.body.map(TokenTree::Group);
        self.head.into_iter().chain(body).collect()
    }
}

/// Returns the signature of an operation's method; `None` for the constructors.
fn signature(signature: &syn::Signature) -> Option<Signature> {
    let ReturnType::Type(_, output) = &signature.output else {
        return None;
    };
    // Result<ResponseValue<T>, Error<E>>
    let response = argument(argument(output)?)?.clone();
    let arguments = signature.inputs.iter().filter_map(|input| {
        let FnArg::Typed(input) = input else {
            return None;
        };
        let Pat::Ident(name) = &*input.pat else {
            return None;
        };
        Some((name.ident.to_string(), (*input.ty).clone()))
    });
    Some(Signature {
        arguments: arguments.collect(),
        response,
    })
}
