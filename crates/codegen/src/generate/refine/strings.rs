//! Gives string arguments types of their own where a method or a constructor takes several, so that
//! a swap does not compile.
//!
//! The wire name is the type's name, `case_id` becomes `CaseId`, and the same name is the same type
//! in the whole domain. Timestamps and dates are strings, too. A union, a file or a body that a
//! string converts into also counts, and keeps its type. Fields stay as they are: only arguments
//! have these types.

use std::collections::{BTreeMap, BTreeSet};

use proc_macro2::Ident;
use quote::{format_ident, quote};
use syn::{Field, Fields, Item, ItemEnum, ItemStruct, Type, parse_quote};

use super::attributes::{is_flattened, wire_name};
use super::constructors::{Constants, sent_types};
use super::envelopes::{Envelope, Inside};
use super::rust_type::{identifier, is_called, is_optional, last_segment, without_option};
use super::source::{ProgenitorOutput, Signature, TypeSource};
use crate::collections::{HashMap, HashSet, IndexMap};
use crate::generate::identifiers::pascal_case;
use crate::generate::lower::names::RESERVED_TYPES;
use crate::generate::model::{
    BodyFormat, Domain, Operation, ParameterPlace, PartFormat, referenced_schema,
};

/// The macro that declares the types.
pub(super) const MACRO: &str = "string_argument";

/// The types of the runtime that keep a string of a certain format.
const FORMATS: [&str; 2] = ["Date", "DateTime"];

/// The string types of a domain.
#[derive(Default)]
pub(in crate::generate) struct StringTypes {
    types: BTreeMap<String, StringType>,
    /// The types of the arguments of `new`, by structure and field.
    arguments: HashMap<String, HashMap<String, Ident>>,
    /// The types of the crate of shared types, and the formats that each converts into.
    shared: BTreeMap<String, BTreeSet<String>>,
    /// Names that no type may have.
    avoided: BTreeSet<String>,
}

/// A string type.
#[derive(Default)]
struct StringType {
    /// The names of the arguments in the document.
    wire_names: BTreeSet<String>,
    /// The types of [`FORMATS`] that it converts into.
    formats: BTreeSet<&'static str>,
    /// The resources of the operations that take it.
    resources: BTreeSet<String>,
    /// The structures whose constructors take it.
    structures: BTreeSet<String>,
}

/// A string argument of a method or a constructor.
struct Argument {
    /// The Rust identifier.
    name: String,
    wire_name: String,
    /// The type of [`FORMATS`], if it has one.
    format: Option<&'static str>,
}

impl StringTypes {
    /// Chooses the types of the arguments of constructors.
    pub(super) fn of_constructors(
        output: &ProgenitorOutput,
        domain: &Domain,
        constants: &Constants,
    ) -> Self {
        let mut strings = Self {
            shared: domain.shared.strings.clone(),
            avoided: domain.shared.avoided.clone(),
            ..Self::default()
        };
        for (name, fields) in &domain.shared.arguments {
            let fields = fields.iter();
            let fields = fields.map(|(field, ty)| (field.clone(), format_ident!("{ty}")));
            strings.arguments.insert(name.clone(), fields.collect());
        }
        let sent = sent_types(domain);
        let unions = unions_of_strings(output);
        for (name, item) in &output.types {
            let Item::Struct(item) = item else { continue };
            if !sent.contains(name) || domain.shared.names.contains(name) {
                continue;
            }
            let (arguments, others) = constructor_arguments(item, constants, &unions);
            for (argument, ty) in strings.choose(arguments, others, output) {
                if let Some(used) = strings.own(&ty) {
                    used.structures.insert(name.clone());
                }
                let arguments = strings.arguments.entry(name.clone()).or_default();
                arguments.insert(argument, format_ident!("{ty}"));
            }
        }
        strings
    }

    /// Chooses the types of the required parameters of operations, and changes their signatures.
    pub(super) fn add_parameters(
        &mut self,
        output: &mut ProgenitorOutput,
        domain: &Domain,
        envelopes: &IndexMap<String, Envelope>,
    ) {
        let unions = unions_of_strings(output);
        for operation in &domain.operations {
            let Some(signature) = output.signatures.get(&operation.method_name) else {
                continue;
            };
            let body = usize::from(takes_string_body(operation, signature, envelopes, &unions));
            let (arguments, files) = required_parameters(operation, signature);
            for (argument, ty) in self.choose(arguments, body + files, output) {
                if let Some(used) = self.own(&ty) {
                    used.resources.insert(operation.resource.clone());
                }
                let ty = format_ident!("{ty}");
                if let Some(signature) = output.signatures.get_mut(&operation.method_name) {
                    let ty = parse_quote!(&types::#ty);
                    signature.arguments.insert(argument, ty);
                }
            }
        }
    }

    /// Chooses a type for each string argument if `others`, which also take strings, make it more
    /// than one. Returns each argument's identifier and type.
    fn choose(
        &mut self,
        arguments: Vec<Argument>,
        others: usize,
        output: &ProgenitorOutput,
    ) -> Vec<(String, String)> {
        if arguments.len() + others < 2 {
            return Vec::new();
        }
        let mut here = HashSet::default();
        let typed = arguments.into_iter().map(|argument| {
            let ty = self.type_name(&argument, &mut here, output);
            if let Some(used) = self.own(&ty) {
                used.wire_names.insert(argument.wire_name);
                used.formats.extend(argument.format);
            }
            (argument.name, ty)
        });
        typed.collect()
    }

    /// Returns the type `name`, which is created if it is new; `None` if it is a shared one.
    fn own(&mut self, name: &str) -> Option<&mut StringType> {
        match self.shared.contains_key(name) {
            true => None,
            false => Some(self.types.entry(name.to_owned()).or_default()),
        }
    }

    /// Returns the name of the type for a string argument. No other argument of the same method or
    /// constructor (`here`) has it, nor a schema. A shared type must have the argument's format.
    fn type_name(
        &self,
        argument: &Argument,
        here: &mut HashSet<String>,
        output: &ProgenitorOutput,
    ) -> String {
        let wanted = pascal_case(&argument.wire_name, "Argument");
        let wanted = wanted.trim_end_matches('_');
        let is_other = |formats: &BTreeSet<String>| {
            argument
                .format
                .is_some_and(|format| !formats.contains(format))
        };
        let is_taken = |name: &str| {
            output.types.contains_key(name)
                || RESERVED_TYPES.contains(&name)
                || self.avoided.contains(name)
                || self.shared.get(name).is_some_and(is_other)
        };
        let mut name = wanted.to_owned();
        if is_taken(&name) {
            name = format!("{wanted}Argument");
        }
        let first = name.clone();
        let mut count = 2;
        while is_taken(&name) || !here.insert(name.clone()) {
            name = format!("{first}{count}");
            count += 1;
        }
        name
    }

    /// Returns the types of the arguments of `new`, by structure and field.
    pub(super) fn arguments_of_new(&self) -> BTreeMap<String, BTreeMap<String, String>> {
        let structures = self.arguments.iter().map(|(name, fields)| {
            let fields = fields.iter();
            let fields = fields.map(|(field, ty)| (field.clone(), ty.to_string()));
            (name.clone(), fields.collect())
        });
        structures.collect()
    }

    /// Returns the formats that each type converts into.
    pub(super) fn formats(&self) -> BTreeMap<String, BTreeSet<String>> {
        let types = self.types.iter().map(|(name, ty)| {
            let formats = ty.formats.iter().map(|format| (*format).to_owned());
            (name.clone(), formats.collect())
        });
        types.collect()
    }

    /// Returns the type that `new` of a structure takes for a field.
    pub(in crate::generate) fn argument(&self, structure: &Ident, field: &Ident) -> Option<&Ident> {
        let arguments = self.arguments.get(&structure.to_string())?;
        arguments.get(&field.to_string())
    }

    /// Returns true if a parameter has one of these types.
    pub(in crate::generate) fn contains(&self, ty: &Type) -> bool {
        last_segment(ty)
            .is_some_and(|name| self.types.contains_key(&name) || self.shared.contains_key(&name))
    }

    /// Returns each type with the resources and the structures that use it.
    pub(super) fn uses(
        &self,
    ) -> impl Iterator<Item = (&String, &BTreeSet<String>, &BTreeSet<String>)> {
        let types = self.types.iter();
        types.map(|(name, ty)| (name, &ty.resources, &ty.structures))
    }

    /// Returns the declarations, by name.
    pub(super) fn declarations(&self) -> impl Iterator<Item = (String, TypeSource)> {
        self.types.iter().map(|(name, ty)| {
            let formats: Vec<&str> = ty.formats.iter().copied().collect();
            let formats = match &formats[..] {
                [] => String::new(),
                formats => format!("({})", formats.join(", ")),
            };
            let wire_names: Vec<_> = ty.wire_names.iter().map(|it| format!("`{it}`")).collect();
            let mut text = format!("{MACRO}! {{\n");
            let about = format!("The string argument {}.", wire_names.join(" or "));
            super::print::comment(&mut text, "    ", &about);
            text.push_str(&format!("    pub struct {name}{formats};\n}}\n"));
            let source = TypeSource::Macro {
                name: MACRO,
                text,
                tokens: quote!(),
            };
            (name.clone(), source)
        })
    }
}

/// Returns the string arguments of `new`, and the number of its other arguments that a string
/// converts into.
fn constructor_arguments(
    item: &ItemStruct,
    constants: &Constants,
    unions: &HashSet<String>,
) -> (Vec<Argument>, usize) {
    let Fields::Named(fields) = &item.fields else {
        return (Vec::new(), 0);
    };
    let is_argument = |field: &&Field| {
        !is_optional(&field.ty) && !is_flattened(field) && !constants.fills(&field.ty, false)
    };
    let (mut arguments, mut others) = (Vec::new(), 0);
    for field in fields.named.iter().filter(is_argument) {
        let Some(identifier) = &field.ident else {
            continue;
        };
        if let Some(format) = string_format(&field.ty) {
            arguments.push(Argument {
                name: identifier.to_string(),
                wire_name: wire_name(field),
                format,
            });
        } else if last_segment(&field.ty).is_some_and(|name| unions.contains(&name)) {
            others += 1;
        }
    }
    (arguments, others)
}

/// Returns the required string parameters of an operation, and the number of its required files.
fn required_parameters(operation: &Operation, signature: &Signature) -> (Vec<Argument>, usize) {
    let (mut arguments, mut files) = (Vec::new(), 0);
    let required = operation.parameters.iter();
    for parameter in required.filter(|parameter| parameter.required) {
        if parameter.place == ParameterPlace::Part(PartFormat::File) {
            files += 1;
            continue;
        }
        let ty = signature.arguments.get(&parameter.rust_name);
        let format = ty.and_then(|ty| string_format(without_option(ty)));
        arguments.extend(format.map(|format| Argument {
            name: parameter.rust_name.clone(),
            wire_name: parameter.name.clone(),
            format,
        }));
    }
    (arguments, files)
}

/// Returns true if a string converts into the argument for the body.
fn takes_string_body(
    operation: &Operation,
    signature: &Signature,
    envelopes: &IndexMap<String, Envelope>,
    unions: &HashSet<String>,
) -> bool {
    let Some(schema) = operation
        .request_body
        .as_ref()
        .filter(|_| operation.body_required)
    else {
        return false;
    };
    match operation.request_format {
        BodyFormat::Text | BodyFormat::Bytes | BodyFormat::Events => true,
        BodyFormat::JsonLines => false,
        BodyFormat::Json => {
            let body = signature.arguments.get("body");
            let is_string = body.is_some_and(|ty| string_format(ty).is_some());
            let converts = referenced_schema(schema).is_some_and(|name| {
                let envelope = envelopes.get(&name);
                unions.contains(&name)
                    || envelope.is_some_and(|it| matches!(it.inside, Inside::Identifier))
            });
            is_string || converts
        }
    }
}

/// Returns the format of a string type, or `Some(None)` for a string without one.
fn string_format(ty: &Type) -> Option<Option<&'static str>> {
    let ty = match ty {
        Type::Reference(reference) => &*reference.elem,
        ty => ty,
    };
    let name = identifier(ty)?;
    let format = FORMATS.into_iter().find(|format| name == format);
    (format.is_some() || name == "str" || name == "String").then_some(format)
}

/// Returns the names of the unions that a string converts into.
fn unions_of_strings(output: &ProgenitorOutput) -> HashSet<String> {
    let holds_string = |item: &ItemEnum| {
        let mut fields = item.variants.iter().flat_map(|variant| &variant.fields);
        fields.any(|field| is_called(&field.ty, "String"))
    };
    let unions = output.types.iter();
    let unions = unions.filter(|(_, item)| matches!(item, Item::Enum(item) if holds_string(item)));
    unions.map(|(name, _)| name.clone()).collect()
}
