//! The public interface of a generated crate as a flat list of promises, read from the code itself: what a user can
//! name, and what the compiler then expects of them.
//!
//! A promise has a path (`types::Kpi.name`, `requests::ListKpis::send`, `types::Kind: Default`) and a signature. Two
//! generations are compared promise by promise ([`super::api`]), so that no rule has to guess what a change of the
//! document does to the code.

use std::collections::BTreeMap;
use std::path::Path;

use proc_macro2::TokenTree;
use quote::ToTokens;
use syn::{
    Attribute, Fields, FnArg, Generics, ImplItem, Item, ItemImpl, Pat, ReceiverKind, ReturnType,
    Signature, Type, Visibility,
};

use crate::generate::refine::GeneratedCrate;

/// Everything that a crate promises, by path.
pub type Interface = BTreeMap<String, Promise>;

/// One thing that users may rely on.
#[derive(Clone, Debug, Eq, PartialEq)]
pub enum Promise {
    /// A type.
    Type {
        /// `struct`, `enum`, or what a macro of the runtime declares: `open enum`, `choice`, `answers`.
        kind: &'static str,
        /// Its parameters with their defaults; empty for almost all.
        generics: String,
        /// Whether users must expect more fields or variants than there are.
        non_exhaustive: bool,
    },
    /// A public field and its type.
    Field(String),
    /// A variant of an enum.
    Variant {
        /// What it holds.
        payload: String,
        /// Its text on the wire, for an open enum.
        text: Option<String>,
    },
    /// A method or an associated function.
    Method {
        /// What stands before the name and how `self` is taken.
        receiver: String,
        /// Its parameters and what they have to be; empty for almost all.
        generics: String,
        /// Each argument's name and type.
        arguments: Vec<(String, String)>,
        /// What it gives back.
        output: String,
    },
    /// A trait that a type implements, with its associated types.
    Trait(String),
    /// The value that `Default` gives where that is a choice of the document's: the one value of an open enum.
    DefaultValue(String),
}

/// Reads the interface of the crate that `sources` make. A file that does not parse promises nothing; the generator
/// printed it from a syntax tree, so there is none.
pub fn interface(sources: &GeneratedCrate) -> Interface {
    let mut interface = Interface::new();
    for (path, text) in &sources.files {
        let path = Path::new(path);
        if path.extension().is_none_or(|extension| extension != "rs") {
            continue;
        }
        let Ok(file) = syn::parse_file(text) else {
            continue;
        };
        // The modules are flat: in which file of one an item stands is nothing that users see.
        let module = match path.parent().and_then(Path::to_str) {
            Some("") | None => String::new(),
            Some(folder) => format!("{}::", folder.replace('/', "::")),
        };
        for item in &file.items {
            read(item, &module, &mut interface);
        }
    }
    interface
}

fn read(item: &Item, module: &str, interface: &mut Interface) {
    match item {
        Item::Struct(item) if is_public(&item.vis) => {
            let path = format!("{module}{}", item.ident);
            derives(&path, &item.attrs, interface);
            fields(&path, &item.fields, interface);
            let promise = named("struct", &item.generics, &item.attrs);
            interface.insert(path, promise);
        }
        Item::Enum(item) if is_public(&item.vis) => {
            let path = format!("{module}{}", item.ident);
            derives(&path, &item.attrs, interface);
            for variant in &item.variants {
                let promise = Promise::Variant {
                    payload: short(&variant.fields),
                    text: None,
                };
                interface.insert(format!("{path}::{}", variant.ident), promise);
            }
            let promise = named("enum", &item.generics, &item.attrs);
            interface.insert(path, promise);
        }
        Item::Macro(item) => {
            let macros = item.mac.path.segments.last();
            let kind = macros.and_then(|name| {
                let known = DECLARATIONS.iter();
                known.copied().find(|(macros, _)| name.ident == macros)
            });
            if let (Some((_, kind)), Ok(declared)) = (kind, item.mac.parse_body::<Declaration>()) {
                declaration(
                    kind,
                    &format!("{module}{}", declared.name),
                    &declared,
                    interface,
                );
            }
        }
        Item::Impl(item) => implementation(item, module, interface),
        _ => {}
    }
}

fn named(kind: &'static str, generics: &Generics, attributes: &[Attribute]) -> Promise {
    let is_open = |attribute: &Attribute| attribute.path().is_ident("non_exhaustive");
    Promise::Type {
        kind,
        generics: short(&generics.params),
        non_exhaustive: attributes.iter().any(is_open),
    }
}

/// What the runtime's macros declare; all of it is non-exhaustive.
const DECLARATIONS: [(&str, &str); 3] = [
    ("open_enum", OPEN_ENUM),
    ("open_union", "union"),
    ("response_enum", "responses"),
];
const OPEN_ENUM: &str = "open enum";

fn declaration(kind: &'static str, path: &str, declared: &Declaration, interface: &mut Interface) {
    for variant in &declared.variants {
        let promise = Promise::Variant {
            payload: variant.payload.clone(),
            // The texts of a choice say which variant a value is, and are written with the value.
            text: variant.text.clone().filter(|_| kind == OPEN_ENUM),
        };
        interface.insert(format!("{path}::{}", variant.name), promise);
    }
    // The default of the others is the same for all.
    if let ([only], OPEN_ENUM) = (&declared.variants[..], kind) {
        let value = Promise::DefaultValue(only.name.to_string());
        interface.insert(format!("{path}::default()"), value);
    }
    let promise = Promise::Type {
        kind,
        generics: String::new(),
        non_exhaustive: true,
    };
    interface.insert(path.to_owned(), promise);
}

fn fields(path: &str, fields: &Fields, interface: &mut Interface) {
    for (position, field) in fields.iter().enumerate() {
        if is_public(&field.vis) {
            let name = field
                .ident
                .as_ref()
                .map_or_else(|| position.to_string(), ToString::to_string);
            interface.insert(format!("{path}.{name}"), Promise::Field(short(&field.ty)));
        }
    }
}

fn derives(path: &str, attributes: &[Attribute], interface: &mut Interface) {
    for attribute in attributes
        .iter()
        .filter(|attribute| attribute.path().is_ident("derive"))
    {
        // What cannot be read is no derive.
        let _ = attribute.parse_nested_meta(|meta| {
            let name = short(&meta.path);
            interface.insert(format!("{path}: {name}"), Promise::Trait(String::new()));
            Ok(())
        });
    }
}

fn implementation(item: &ItemImpl, module: &str, interface: &mut Interface) {
    let target = match short(&item.self_ty) {
        // A schema may have that name, too.
        name if name == "Client" && module != "types::" => name,
        name if name.starts_with("types::") => name,
        name => format!("{module}{name}"),
    };
    if let Some((path, _)) = &item.trait_ {
        let types = item.items.iter().filter_map(|item| match item {
            ImplItem::Type(ty) => Some(format!("{} = {}", ty.ident, short(&ty.ty))),
            _ => None,
        });
        let promise = Promise::Trait(types.collect::<Vec<_>>().join(", "));
        interface.insert(format!("{target}: {}", short(path)), promise);
        return;
    }
    // `impl<T> Request<T>` holds what every `Request` has.
    let parameters = short(&item.generics.params);
    let target = match target.strip_suffix(&format!("<{parameters}>")) {
        Some(target) if !parameters.is_empty() => target,
        _ => &target,
    };
    for item in &item.items {
        if let ImplItem::Fn(function) = item
            && is_public(&function.vis)
        {
            let path = format!("{target}::{}", function.sig.ident);
            interface.insert(path, method(&function.sig));
        }
    }
}

fn method(signature: &Signature) -> Promise {
    let mut receiver = String::new();
    if signature.asyncness.is_some() {
        receiver.push_str("async ");
    }
    let mut arguments = Vec::new();
    for input in &signature.inputs {
        match input {
            FnArg::Receiver(own) if matches!(own.kind, ReceiverKind::Reference(..)) => {
                receiver.push_str("&self")
            }
            FnArg::Receiver(_) => receiver.push_str("self"),
            FnArg::Typed(argument) => {
                let name = match &*argument.pat {
                    Pat::Ident(name) => name.ident.to_string(),
                    other => short(other),
                };
                arguments.push((name, short(&argument.ty)));
            }
        }
    }
    let output = match &signature.output {
        ReturnType::Type(_, ty) => short::<Type>(ty),
        ReturnType::Default => "()".to_owned(),
    };
    let mut generics = short(&signature.generics.params);
    if let Some(clause) = &signature.generics.where_clause {
        generics.push(' ');
        generics.push_str(&short(clause));
    }
    Promise::Method {
        receiver,
        generics,
        arguments,
        output,
    }
}

fn is_public(visibility: &Visibility) -> bool {
    matches!(visibility, Visibility::Public(_))
}

/// Tokens with the spaces a person would write.
fn short<T: ToTokens + ?Sized>(tokens: &T) -> String {
    let mut text = tokens.to_token_stream().to_string();
    for (from, to) in [
        (" :: ", "::"),
        (" < ", "<"),
        (" >", ">"),
        ("< ", "<"),
        ("& ", "&"),
        (" ,", ","),
        (" (", "("),
        ("( ", "("),
        (" )", ")"),
    ] {
        text = text.replace(from, to);
    }
    text
}

impl std::fmt::Display for Promise {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        match self {
            Self::Type { kind, .. } => f.write_str(kind),
            Self::Field(ty) => f.write_str(ty),
            Self::Variant {
                payload,
                text: None,
            } => f.write_str(payload),
            Self::Variant {
                text: Some(text), ..
            } => write!(f, "{text:?}"),
            Self::Method {
                receiver,
                generics,
                arguments,
                output,
            } => {
                let mut shown = Vec::new();
                shown.extend((!receiver.is_empty()).then(|| receiver.clone()));
                shown.extend(arguments.iter().map(|(name, ty)| format!("{name}: {ty}")));
                write!(f, "({}) -> {output}", shown.join(", "))?;
                match generics.split_once("where ") {
                    Some((_, clause)) => {
                        write!(f, " where {}", clause.trim_end_matches([',', ' ']))
                    }
                    None => Ok(()),
                }
            }
            Self::Trait(types) => f.write_str(types),
            Self::DefaultValue(value) => f.write_str(value),
        }
    }
}

/// What stands inside `open_enum! { … }` and its kin.
struct Declaration {
    name: syn::Ident,
    variants: Vec<DeclaredVariant>,
}

struct DeclaredVariant {
    name: syn::Ident,
    payload: String,
    /// What stands behind `=`, if that is one text.
    text: Option<String>,
}

impl syn::parse::Parse for Declaration {
    fn parse(input: syn::parse::ParseStream<'_>) -> syn::Result<Self> {
        input.call(Attribute::parse_outer)?;
        input.parse::<Visibility>()?;
        input.parse::<syn::Token![enum]>()?;
        let name = input.parse()?;
        // How a choice tells its variants apart is nothing that users write.
        while !input.peek(syn::token::Brace) {
            input.parse::<TokenTree>()?;
        }
        let body;
        syn::braced!(body in input);
        let mut variants = Vec::new();
        while !body.is_empty() {
            variants.push(body.parse()?);
            body.parse::<Option<syn::Token![,]>>()?;
        }
        Ok(Self { name, variants })
    }
}

impl syn::parse::Parse for DeclaredVariant {
    fn parse(input: syn::parse::ParseStream<'_>) -> syn::Result<Self> {
        input.call(Attribute::parse_outer)?;
        let name = input.parse()?;
        let mut payload = String::new();
        if input.peek(syn::token::Paren) {
            let held;
            syn::parenthesized!(held in input);
            payload = format!("({})", short(&held.parse::<Type>()?));
        }
        let mut text = None;
        if input.parse::<Option<syn::Token![=]>>()?.is_some() {
            if input.peek(syn::LitStr) {
                text = Some(input.parse::<syn::LitStr>()?.value());
            } else {
                input.parse::<TokenTree>()?;
            }
        }
        Ok(Self {
            name,
            payload,
            text,
        })
    }
}
