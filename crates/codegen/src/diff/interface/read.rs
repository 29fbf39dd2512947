//! Reads the items of a generated crate, file by file.

use std::path::Path;

use syn::{
    Attribute, Block, Expr, Fields, FnArg, Generics, Ident, ImplItem, ImplItemFn, Item, ItemImpl,
    Pat, ReceiverKind, ReturnType, Signature, Type, Visibility,
};

use super::declaration::{self, Declaration, OPEN_ENUM, Object};
use super::{ApiItem, Method, TypeItem, Variant, short};
use crate::collections::{HashMap, IndexMap};

/// A public item or a static, in the order of the code.
pub(super) struct Entry {
    /// The file below `src/generated`.
    pub(super) file: String,
    /// The path in the crate.
    pub(super) path: String,
    pub(super) content: Content,
    /// The name on the wire, or how a union selects a variant. Users do not write it.
    pub(super) note: String,
    pub(super) is_deprecated: bool,
    pub(super) is_derived: bool,
}

/// The content of an entry.
pub(super) enum Content {
    Item(ApiItem),
    Static(Static),
}

/// A static or a constant that the crate passes to the runtime, such as the description of an
/// operation.
pub(super) struct Static {
    pub(super) ty: String,
    pub(super) value: String,
    /// The calls of a builder: each name with its arguments.
    pub(super) settings: Vec<(String, String)>,
}

/// Returns the entries of all files.
pub(super) fn entries(files: &IndexMap<String, String>) -> Vec<Entry> {
    let mut entries = Vec::new();
    for (file, text) in files {
        let path = Path::new(file);
        if path.extension().is_none_or(|extension| extension != "rs") {
            continue;
        }
        let Ok(parsed) = syn::parse_file(text) else {
            continue;
        };
        // The modules are flat: users do not see the file of an item.
        let module = match path.parent().and_then(Path::to_str) {
            Some("") | None => String::new(),
            Some(directory) => format!("{}::", directory.replace('/', "::")),
        };
        let mut reader = Reader {
            file,
            module,
            objects: declaration::objects(&parsed.items),
            entries: &mut entries,
        };
        for item in &parsed.items {
            reader.item(item);
        }
    }
    entries
}

struct Reader<'a> {
    file: &'a str,
    module: String,
    /// The implementations of structures.
    objects: HashMap<String, Object>,
    entries: &'a mut Vec<Entry>,
}

impl Reader<'_> {
    fn entry(&self, path: String, content: Content) -> Entry {
        Entry {
            file: self.file.to_owned(),
            path,
            content,
            note: String::new(),
            is_deprecated: false,
            is_derived: false,
        }
    }

    fn add(&mut self, path: String, item: ApiItem, note: String) {
        let entry = self.entry(path, Content::Item(item));
        self.entries.push(Entry { note, ..entry });
    }

    fn item(&mut self, item: &Item) {
        match item {
            Item::Struct(item) if is_public(&item.vis) => {
                let path = format!("{}{}", self.module, item.ident);
                self.declared(&path, "struct", &item.generics, &item.attrs);
                let object = self.objects.remove(&item.ident.to_string());
                let (traits, wire_names) = object
                    .map(|object| (object.traits, object.wire_names))
                    .unwrap_or_default();
                for name in traits {
                    self.derived(&path, name);
                }
                self.fields(&path, &item.fields, &wire_names);
            }
            Item::Enum(item) if is_public(&item.vis) => {
                let path = format!("{}{}", self.module, item.ident);
                self.declared(&path, "enum", &item.generics, &item.attrs);
                for variant in &item.variants {
                    let item = Variant {
                        payload: short(&variant.fields),
                        value: None,
                    };
                    let path = format!("{path}::{}", variant.ident);
                    self.add(path, ApiItem::Variant(item), String::new());
                }
            }
            Item::Macro(item) => {
                let name = item.mac.path.segments.last();
                let kind = name.and_then(|name| declaration::kind(&name.ident));
                if let (Some(kind), Ok(declared)) = (kind, item.mac.parse_body::<Declaration>()) {
                    self.declaration(kind, &declared);
                }
            }
            Item::Impl(item) => self.implementation(item),
            Item::Static(item) => self.constant(&item.ident, &item.ty, &item.expr),
            Item::Const(item) => self.constant(&item.ident, &item.ty, &item.expr),
            _ => {}
        }
    }

    fn declared(
        &mut self,
        path: &str,
        kind: &'static str,
        generics: &Generics,
        attributes: &[Attribute],
    ) {
        let item = TypeItem {
            kind,
            generics: short(&generics.params),
            non_exhaustive: has(attributes, "non_exhaustive"),
        };
        self.add(path.to_owned(), ApiItem::Type(item), String::new());
        let derives = attributes.iter();
        for attribute in derives.filter(|attribute| attribute.path().is_ident("derive")) {
            // An attribute that does not parse derives nothing.
            let _ = attribute.parse_nested_meta(|meta| {
                self.derived(path, &short(&meta.path));
                Ok(())
            });
        }
    }

    fn derived(&mut self, path: &str, name: &str) {
        let item = Content::Item(ApiItem::Trait(String::new()));
        let mut entry = self.entry(format!("{path}: {name}"), item);
        entry.is_derived = true;
        self.entries.push(entry);
    }

    fn declaration(&mut self, kind: &'static str, declared: &Declaration) {
        let path = format!("{}{}", self.module, declared.name);
        let item = TypeItem {
            kind,
            generics: String::new(),
            non_exhaustive: true,
        };
        self.add(
            path.clone(),
            ApiItem::Type(item),
            declared.selection.clone(),
        );
        for variant in &declared.variants {
            // The strings of a union only select a variant.
            let is_value = kind == OPEN_ENUM;
            let item = Variant {
                payload: variant.payload.clone(),
                value: variant.text.clone().filter(|_| is_value),
            };
            let path = format!("{path}::{}", variant.name);
            self.add(path, ApiItem::Variant(item), variant.value.clone());
        }
        // Other kinds have the same default for every type.
        if let ([only], OPEN_ENUM) = (&declared.variants[..], kind) {
            let item = ApiItem::DefaultValue(only.name.to_string());
            self.add(format!("{path}::default()"), item, String::new());
        }
    }

    /// Reads the public fields. `wire_names` are the names of their properties.
    fn fields(&mut self, path: &str, fields: &Fields, wire_names: &HashMap<String, String>) {
        for (position, field) in fields.iter().enumerate() {
            if is_public(&field.vis) {
                let name = field
                    .ident
                    .as_ref()
                    .map_or_else(|| position.to_string(), ToString::to_string);
                let item = Content::Item(ApiItem::Field(short(&field.ty)));
                let mut entry = self.entry(format!("{path}.{name}"), item);
                let wire_name = wire_names.get(&name).filter(|wire| **wire != name);
                entry.note = wire_name.map_or_else(String::new, |wire| format!("wire {wire}"));
                entry.is_deprecated = has(&field.attrs, "deprecated");
                self.entries.push(entry);
            }
        }
    }

    fn implementation(&mut self, item: &ItemImpl) {
        let target = match short(&item.self_ty) {
            // A schema may have that name, too.
            name if name == "Client" && self.module != "types::" => name,
            name if name.starts_with("types::") => name,
            name => format!("{}{name}", self.module),
        };
        if let Some((path, _)) = &item.trait_ {
            let types = item.items.iter().filter_map(|item| match item {
                ImplItem::Type(ty) => Some(format!("{} = {}", ty.ident, short(&ty.ty))),
                _ => None,
            });
            let types = types.collect::<Vec<_>>().join(", ");
            let path = format!("{target}: {}", short(path));
            self.add(path, ApiItem::Trait(types), String::new());
            return;
        }
        // `impl<T> Request<T>` has the methods of every `Request`.
        let parameters = short(&item.generics.params);
        let target = match target.strip_suffix(&format!("<{parameters}>")) {
            Some(target) if !parameters.is_empty() => target,
            _ => &target,
        };
        for item in &item.items {
            if let ImplItem::Fn(function) = item
                && is_public(&function.vis)
            {
                self.method(target, function);
            }
        }
    }

    fn method(&mut self, target: &str, function: &ImplItemFn) {
        let path = format!("{target}::{}", function.sig.ident);
        let item = Content::Item(ApiItem::Method(method(&function.sig)));
        let mut entry = self.entry(path, item);
        entry.note = sent_parameter(&function.block);
        entry.is_deprecated = has(&function.attrs, "deprecated");
        self.entries.push(entry);
    }

    fn constant(&mut self, name: &Ident, ty: &Type, value: &Expr) {
        let content = Static {
            ty: short(ty),
            value: short(value),
            settings: settings(value),
        };
        let entry = self.entry(name.to_string(), Content::Static(content));
        self.entries.push(entry);
    }
}

fn is_public(visibility: &Visibility) -> bool {
    matches!(visibility, Visibility::Public(_))
}

fn has(attributes: &[Attribute], name: &str) -> bool {
    attributes
        .iter()
        .any(|attribute| attribute.path().is_ident(name))
}

fn method(signature: &Signature) -> Method {
    let mut receiver = String::new();
    if signature.asyncness.is_some() {
        receiver.push_str("async ");
    }
    let mut arguments = Vec::new();
    for input in &signature.inputs {
        match input {
            FnArg::Receiver(own) if matches!(own.kind, ReceiverKind::Reference(..)) => {
                receiver.push_str("&self");
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
    Method {
        receiver,
        generics,
        arguments,
        output,
    }
}

/// Returns the parameter that the body of a setter sends: `.query_if("page[size]", …)`.
fn sent_parameter(block: &Block) -> String {
    let code = short(block);
    let sent = ["query", "header", "cookie"].iter().find_map(|place| {
        let name = |kind: &str| {
            let (_, rest) = code.split_once(&format!(".{place}{kind}("))?;
            let (name, _) = rest.strip_prefix('"')?.split_once('"')?;
            Some(format!("{place} {name}"))
        };
        ["", "_if", "_value"].into_iter().find_map(name)
    });
    sent.unwrap_or_default()
}

/// Returns the calls of a builder: first the arguments of its constructor without names, then each
/// call with its arguments.
fn settings(value: &Expr) -> Vec<(String, String)> {
    match value {
        Expr::MethodCall(call) => {
            let mut calls = settings(&call.receiver);
            calls.push((call.method.to_string(), short(&call.args)));
            calls
        }
        Expr::Call(call) => {
            let arguments = call.args.iter();
            arguments
                .map(|argument| (String::new(), short(argument)))
                .collect()
        }
        _ => Vec::new(),
    }
}
