//! The nodes of the document that decided the items of a crate.
//!
//! The lowered domain keeps the node of each type, field and operation, and the passes record the
//! nodes that made them choose another name ([`Decision`](crate::generate::model::Decision)). The
//! rest follows from how the generator reads a domain: what a type is made of, which requests hold
//! it, and which envelopes are opened.

mod decided;
mod operations;
mod reach;
mod records;
mod types;
mod unions;

pub(in crate::diff) use self::decided::Decided;
use self::records::Records;
use super::DomainVersion;
use crate::diff::api::ApiChange;
use crate::diff::interface::{ApiItem, Interface, Method, STRING_ARGUMENT};
use crate::diff::nodes::Facet;

/// The existence of a node.
const EXISTS: &[Facet] = &[Facet::Added, Facet::Removed];
/// Everything that decides the Rust type of a value.
const TYPE: &[Facet] = &[
    Facet::Added,
    Facet::Removed,
    Facet::Name,
    Facet::Type,
    Facet::Nullable,
];
/// Everything that decides a field or a parameter.
const VALUE: &[Facet] = &[
    Facet::Access,
    Facet::Added,
    Facet::Name,
    Facet::Nullable,
    Facet::Removed,
    Facet::Required,
    Facet::Type,
];

/// Both versions of a domain and of its crate.
pub(in crate::diff) struct Provenance<'a> {
    versions: [Option<Records<'a>>; 2],
    interfaces: [&'a Interface; 2],
}

/// A changed item with both versions of its signature.
pub(super) struct Changed<'a> {
    pub(super) change: &'a ApiChange,
    pub(super) methods: [Option<&'a Method>; 2],
    /// True if a string argument has a type of its own before or after.
    pub(super) takes_typed_strings: bool,
    /// True if requests hold the type of the item in one version only.
    pub(super) has_turned: bool,
    /// True if the item is the type of a string argument in the version at hand.
    pub(super) is_typed_string: bool,
}

impl<'a> Provenance<'a> {
    pub(in crate::diff) fn new(
        [old, new]: [Option<&'a DomainVersion<'a>>; 2],
        interfaces: [&'a Interface; 2],
    ) -> Self {
        let versions = [old.map(Records::new), new.map(Records::new)];
        Self {
            versions,
            interfaces,
        }
    }

    /// Returns the nodes that decided an item in both versions.
    pub(in crate::diff) fn decided(&self, change: &ApiChange) -> Decided {
        let items = self.interfaces.map(|interface| interface.get(&change.path));
        let methods = items.map(|item| match item {
            Some(ApiItem::Method(method)) => Some(method),
            _ => None,
        });
        let mut decided = Decided::default();
        let path = ItemPath::of(&change.path);
        let sent = self
            .versions
            .each_ref()
            .map(|records| records.as_ref().is_some_and(|it| it.is_sent(path.name)));
        let mut item = Changed {
            change,
            methods,
            takes_typed_strings: self.takes_typed_strings(change, methods),
            has_turned: sent[0] != sent[1],
            is_typed_string: false,
        };
        for (records, shown) in self.versions.iter().zip([&change.before, &change.after]) {
            item.is_typed_string = shown.as_deref() == Some(STRING_ARGUMENT);
            if let Some(records) = records {
                records.collect(&path, &item, &mut decided);
            }
        }
        decided
    }

    /// Returns true if one of the arguments that differ is a string with a type of its own.
    fn takes_typed_strings(&self, change: &ApiChange, methods: [Option<&Method>; 2]) -> bool {
        let mut versions = methods.into_iter().zip(self.interfaces);
        versions.any(|(method, interface)| {
            let arguments = method
                .map(|method| &method.arguments[..])
                .unwrap_or_default();
            let mut differing = arguments
                .iter()
                .filter(|(name, _)| change.arguments.contains(name));
            differing.any(|(_, ty)| {
                let name = ty.trim_start_matches('&').trim_start_matches("types::");
                let item = interface.get(&format!("types::{name}"));
                matches!(item, Some(ApiItem::Type(item)) if item.kind == STRING_ARGUMENT)
            })
        })
    }
}

/// The path of an item in its parts: `types::Order.count` is the field `count` of `Order`.
pub(super) struct ItemPath<'a> {
    pub(super) module: Module,
    pub(super) name: &'a str,
    pub(super) member: Member<'a>,
}

/// The module of an item.
#[derive(Clone, Copy, Eq, PartialEq)]
pub(super) enum Module {
    Client,
    Types,
    Requests,
    Resources,
}

/// The part of an item inside its type.
#[derive(Clone, Copy, Eq, PartialEq)]
pub(super) enum Member<'a> {
    /// The type itself.
    Itself,
    Field(&'a str),
    /// A method or a variant.
    Associated(&'a str),
    Trait(&'a str),
}

impl<'a> ItemPath<'a> {
    fn of(path: &'a str) -> Self {
        let (module, rest) = match path.split_once("::") {
            Some(("types", rest)) => (Module::Types, rest),
            Some(("requests", rest)) => (Module::Requests, rest),
            Some(("resources", rest)) => (Module::Resources, rest),
            _ => (Module::Client, path),
        };
        let end = rest.find(|c: char| !c.is_alphanumeric() && c != '_');
        let (name, rest) = rest.split_at(end.unwrap_or(rest.len()));
        // `Request<types::Data>::send`
        let inside = rest.starts_with('<').then(|| rest.rfind('>')).flatten();
        let rest = match inside.and_then(|end| rest.get(end + 1..)) {
            Some(rest) if !rest.is_empty() => rest,
            _ => rest,
        };
        let member = if let Some(name) = rest.strip_prefix("::") {
            Member::Associated(name.trim_end_matches("()"))
        } else if let Some(name) = rest.strip_prefix(": ") {
            Member::Trait(name)
        } else if let Some(name) = rest.strip_prefix('.') {
            Member::Field(name)
        } else {
            Member::Itself
        };
        Self {
            module,
            name,
            member,
        }
    }
}

impl Changed<'_> {
    /// Returns true if both versions have the method, with another result.
    pub(super) fn returns_other(&self) -> bool {
        match self.methods {
            [Some(old), Some(new)] => old.output != new.output || old.generics != new.generics,
            _ => true,
        }
    }

    /// Returns true if both versions have the method, and list its common arguments in another
    /// order.
    pub(super) fn reorders(&self) -> bool {
        let [Some(old), Some(new)] = self.methods else {
            return false;
        };
        let common = |method: &Method, other: &Method| -> Vec<String> {
            let names = method.arguments.iter().map(|(name, _)| name);
            let known = |name: &&String| other.arguments.iter().any(|(known, _)| known == *name);
            names.filter(known).cloned().collect()
        };
        common(old, new) != common(new, old)
    }

    /// Returns the arguments that decide the difference: those that differ, or all of a method that
    /// only one version has.
    pub(super) fn arguments(&self) -> Vec<String> {
        self.change.arguments.iter().cloned().collect()
    }

    /// Returns true if only one version of the method has an argument.
    pub(super) fn loses(&self, argument: &str) -> bool {
        let [old, new] = self.methods.map(|method| {
            let mut arguments = method.into_iter().flat_map(|method| &method.arguments);
            arguments.any(|(name, _)| name == argument)
        });
        old != new
    }

    /// Returns true if only one version has the item.
    pub(super) fn is_in_one(&self) -> bool {
        self.change.before.is_none() || self.change.after.is_none()
    }
}
