//! Keywords and formats that OpenAPI does not have: most are misspelled, and all are ignored.

use self::Inner::{List, Map, One, Plain};
use super::{Error, Rule};
use crate::document::diagnostic::Location;
use crate::document::node::{Node, NodeValue};
use crate::lint::Findings;
use crate::lint::document::{Document, properties};

pub(super) static UNKNOWN: Rule = Rule {
    id: "unknown-keyword",
    severity: Error,
    summary: "a keyword that OpenAPI does not have, or a format with a typing mistake, which \
              would be ignored",
    help: "correct its name, remove it, or begin the name with `x-` if it is an extension",
    check: Some(unknown),
};

/// The similarity from which a name is a suggestion: one mistake in four letters.
const SIMILAR: f64 = 0.75;
/// The similarity from which a format is a mistake. Formats are open, so most others are not.
const SAME_FORMAT: f64 = 0.85;

/// A kind of object and its keywords
/// (<https://spec.openapis.org/oas/v3.0.4#schema-0>, <https://spec.openapis.org/oas/v3.1.1>).
struct Kind {
    /// The name with its article.
    name: &'static str,
    keywords: &'static [(&'static str, Inner)],
    /// The keywords that OpenAPI 3.1 adds.
    added: &'static [(&'static str, Inner)],
}

/// The value of a keyword.
#[derive(Clone, Copy)]
enum Inner {
    /// A value without keywords.
    Plain,
    One(&'static Kind),
    List(&'static Kind),
    /// A mapping from the document's own names.
    Map(&'static Kind),
    /// A mapping from names to mappings from names, as in `callbacks`.
    Maps(&'static Kind),
}

macro_rules! kinds {
    ($(
        $name:ident $text:literal
        [$($keyword:literal $inner:expr),* $(,)?]
        [$($added:literal $new:expr),* $(,)?]
    )*) => {
        $(static $name: Kind = Kind {
            name: $text,
            keywords: &[$(($keyword, $inner)),*],
            added: &[$(($added, $new)),*],
        };)*
    };
}

kinds! {
    ROOT "a document" [
        "openapi" Plain, "info" One(&INFO), "servers" List(&SERVER), "paths" Map(&PATH),
        "components" One(&COMPONENTS), "security" Plain, "tags" List(&TAG),
        "externalDocs" One(&LINKED),
    ] ["webhooks" Map(&PATH), "jsonSchemaDialect" Plain]
    INFO "`info`" [
        "title" Plain, "description" Plain, "termsOfService" Plain, "contact" One(&CONTACT),
        "license" One(&LICENSE), "version" Plain,
    ] ["summary" Plain]
    CONTACT "`contact`" ["name" Plain, "url" Plain, "email" Plain] []
    LICENSE "`license`" ["name" Plain, "url" Plain] ["identifier" Plain]
    SERVER "a server" ["url" Plain, "description" Plain, "variables" Map(&VARIABLE)] []
    VARIABLE "a server variable" ["enum" Plain, "default" Plain, "description" Plain] []
    TAG "a tag" ["name" Plain, "description" Plain, "externalDocs" One(&LINKED)] []
    LINKED "`externalDocs`" ["description" Plain, "url" Plain] []
    COMPONENTS "`components`" [
        "schemas" Map(&SCHEMA), "responses" Map(&RESPONSE), "parameters" Map(&PARAMETER),
        "examples" Map(&EXAMPLE), "requestBodies" Map(&REQUEST), "headers" Map(&HEADER),
        "securitySchemes" Map(&SCHEME), "links" Map(&LINK), "callbacks" Inner::Maps(&PATH),
    ] ["pathItems" Map(&PATH)]
    PATH "a path" [
        "$ref" Plain, "summary" Plain, "description" Plain, "get" One(&OPERATION),
        "put" One(&OPERATION), "post" One(&OPERATION), "delete" One(&OPERATION),
        "options" One(&OPERATION), "head" One(&OPERATION), "patch" One(&OPERATION),
        "trace" One(&OPERATION), "servers" List(&SERVER), "parameters" List(&PARAMETER),
    ] []
    OPERATION "an operation" [
        "tags" Plain, "summary" Plain, "description" Plain, "externalDocs" One(&LINKED),
        "operationId" Plain, "parameters" List(&PARAMETER), "requestBody" One(&REQUEST),
        "responses" Map(&RESPONSE), "callbacks" Inner::Maps(&PATH), "deprecated" Plain,
        "security" Plain, "servers" List(&SERVER),
    ] []
    PARAMETER "a parameter" [
        "name" Plain, "in" Plain, "description" Plain, "required" Plain, "deprecated" Plain,
        "allowEmptyValue" Plain, "style" Plain, "explode" Plain, "allowReserved" Plain,
        "schema" One(&SCHEMA), "example" Plain, "examples" Map(&EXAMPLE), "content" Map(&MEDIA),
    ] []
    HEADER "a header" [
        "description" Plain, "required" Plain, "deprecated" Plain, "allowEmptyValue" Plain,
        "style" Plain, "explode" Plain, "allowReserved" Plain, "schema" One(&SCHEMA),
        "example" Plain, "examples" Map(&EXAMPLE), "content" Map(&MEDIA),
    ] []
    REQUEST "a request body" ["description" Plain, "content" Map(&MEDIA), "required" Plain] []
    RESPONSE "a response" [
        "description" Plain, "headers" Map(&HEADER), "content" Map(&MEDIA), "links" Map(&LINK),
    ] []
    MEDIA "a media type" [
        "schema" One(&SCHEMA), "example" Plain, "examples" Map(&EXAMPLE),
        "encoding" Map(&ENCODING),
    ] []
    ENCODING "an encoding" [
        "contentType" Plain, "headers" Map(&HEADER), "style" Plain, "explode" Plain,
        "allowReserved" Plain,
    ] []
    EXAMPLE "an example" [
        "summary" Plain, "description" Plain, "value" Plain, "externalValue" Plain,
    ] []
    LINK "a link" [
        "operationRef" Plain, "operationId" Plain, "parameters" Plain, "requestBody" Plain,
        "description" Plain, "server" One(&SERVER),
    ] []
    SCHEME "a security scheme" [
        "type" Plain, "description" Plain, "name" Plain, "in" Plain, "scheme" Plain,
        "bearerFormat" Plain, "flows" One(&FLOWS), "openIdConnectUrl" Plain,
    ] []
    FLOWS "`flows`" [
        "implicit" One(&FLOW), "password" One(&FLOW), "clientCredentials" One(&FLOW),
        "authorizationCode" One(&FLOW),
    ] []
    FLOW "a flow" [
        "authorizationUrl" Plain, "tokenUrl" Plain, "refreshUrl" Plain, "scopes" Plain,
    ] []
    DISCRIMINATOR "a discriminator" ["propertyName" Plain, "mapping" Plain] []
    XML "`xml`" [
        "name" Plain, "namespace" Plain, "prefix" Plain, "attribute" Plain, "wrapped" Plain,
    ] []
    SCHEMA "a schema" [
        "title" Plain, "multipleOf" Plain, "maximum" Plain, "exclusiveMaximum" Plain,
        "minimum" Plain, "exclusiveMinimum" Plain, "maxLength" Plain, "minLength" Plain,
        "pattern" Plain, "maxItems" Plain, "minItems" Plain, "uniqueItems" Plain,
        "maxProperties" Plain, "minProperties" Plain, "required" Plain, "enum" Plain,
        "type" Plain, "allOf" List(&SCHEMA), "oneOf" List(&SCHEMA), "anyOf" List(&SCHEMA),
        "not" One(&SCHEMA), "items" One(&SCHEMA), "properties" Map(&SCHEMA),
        "additionalProperties" One(&SCHEMA), "description" Plain, "format" Plain,
        "default" Plain, "nullable" Plain, "discriminator" One(&DISCRIMINATOR),
        "readOnly" Plain, "writeOnly" Plain, "xml" One(&XML), "externalDocs" One(&LINKED),
        "example" Plain, "deprecated" Plain,
    ] [
        "const" Plain, "examples" Plain, "prefixItems" List(&SCHEMA), "contains" One(&SCHEMA),
        "minContains" Plain, "maxContains" Plain, "patternProperties" Map(&SCHEMA),
        "propertyNames" One(&SCHEMA), "dependentRequired" Plain,
        "dependentSchemas" Map(&SCHEMA), "unevaluatedItems" One(&SCHEMA),
        "unevaluatedProperties" One(&SCHEMA), "if" One(&SCHEMA), "then" One(&SCHEMA),
        "else" One(&SCHEMA), "contentEncoding" Plain, "contentMediaType" Plain,
        "contentSchema" One(&SCHEMA), "$defs" Map(&SCHEMA), "$id" Plain, "$schema" Plain,
        "$anchor" Plain, "$comment" Plain, "$dynamicRef" Plain, "$dynamicAnchor" Plain,
        "$vocabulary" Plain,
    ]
}

/// The formats of OpenAPI and JSON Schema (<https://spec.openapis.org/registry/format/>).
const FORMATS: [&str; 43] = [
    "base64url",
    "binary",
    "byte",
    "char",
    "commonmark",
    "date",
    "date-time",
    "date-time-local",
    "decimal",
    "decimal128",
    "double",
    "double-int",
    "duration",
    "email",
    "float",
    "hostname",
    "html",
    "http-date",
    "idn-email",
    "idn-hostname",
    "int16",
    "int32",
    "int64",
    "int8",
    "ipv4",
    "ipv6",
    "iri",
    "iri-reference",
    "json-pointer",
    "media-range",
    "password",
    "regex",
    "relative-json-pointer",
    "time",
    "time-local",
    "uint16",
    "uint32",
    "uint64",
    "uint8",
    "uri",
    "uri-reference",
    "uri-template",
    "uuid",
];

fn unknown(document: &Document<'_>, findings: &mut Findings) {
    let version = document.root.get("openapi").and_then(Node::as_str);
    let is_30 = version.is_none_or(|version| version.starts_with("3.0"));
    // A list instead of recursion, because a document may be deeper than the stack.
    let mut pending: Vec<(Inner, &Node)> = vec![(One(&ROOT), document.root)];
    while let Some((inner, node)) = pending.pop() {
        match (inner, &node.value) {
            (One(kind), NodeValue::Object(_)) if node.reference().is_none() => {
                for (name, property) in properties(Some(node)) {
                    let mut known = kind.keywords.iter();
                    let known = known.find(|(keyword, _)| *keyword == name);
                    let added = || kind.added.iter().find(|(keyword, _)| *keyword == name);
                    match known.or_else(|| added().filter(|_| !is_30)) {
                        Some((_, inner)) => pending.push((*inner, &property.node)),
                        None if name.starts_with("x-") => {}
                        None => {
                            let is_added = added().is_some();
                            keyword(kind, name, is_added, &property.key, findings);
                        }
                    }
                }
                if std::ptr::eq(kind, &raw const SCHEMA) {
                    format(node, findings);
                }
            }
            (List(kind), NodeValue::Array(items)) => {
                pending.extend(items.iter().map(|item| (One(kind), item)));
            }
            (Map(kind), NodeValue::Object(_)) => {
                // Paths and responses have extensions next to their names.
                let has_extensions = [&raw const PATH, &raw const RESPONSE]
                    .into_iter()
                    .any(|other| std::ptr::eq(kind, other));
                let named = properties(Some(node));
                let named = named.filter(|(name, _)| !(has_extensions && name.starts_with("x-")));
                pending.extend(named.map(|(_, property)| (One(kind), &property.node)));
            }
            (Inner::Maps(kind), NodeValue::Object(_)) if node.reference().is_none() => {
                let named = properties(Some(node));
                pending.extend(named.map(|(_, property)| (Map(kind), &property.node)));
            }
            _ => {}
        }
    }
}

/// Adds the finding for a keyword that a kind of object does not have.
fn keyword(kind: &Kind, name: &str, is_added: bool, key: &Location, findings: &mut Findings) {
    let message = format!("`{name}` is not a keyword of {}", kind.name);
    if is_added {
        let help = "write `openapi: 3.1.0`, whose keyword it is, or describe it in words";
        findings.add_with_help(key, message, help);
        return;
    }
    let own = kind.keywords.iter().map(|(keyword, _)| *keyword);
    if let Some(meant) = similar(name, own, SIMILAR) {
        findings.add_with_help(key, message, format!("did you mean `{meant}`?"));
        return;
    }
    let holds_schema = kind
        .keywords
        .iter()
        .any(|(keyword, _)| *keyword == "schema");
    match SCHEMA.keywords.iter().any(|(keyword, _)| *keyword == name) && holds_schema {
        true => findings.add_with_help(key, message, "move it into `schema`"),
        false => findings.add(key, message),
    }
}

/// Adds a finding for a format that differs little from a known one.
fn format(schema: &Node, findings: &mut Findings) {
    let Some((node, name)) = schema.get("format").and_then(|it| Some((it, it.as_str()?))) else {
        return;
    };
    if FORMATS.contains(&name) {
        return;
    }
    if let Some(meant) = similar(name, FORMATS.into_iter(), SAME_FORMAT) {
        let message = format!("`{name}` is not a known format");
        findings.add_with_help(&node.location, message, format!("did you mean `{meant}`?"));
    }
}

/// Returns the most similar of `known`. Case, hyphens and underscores do not count.
fn similar<'a>(name: &str, known: impl Iterator<Item = &'a str>, limit: f64) -> Option<&'a str> {
    let plain = |name: &str| name.replace(['-', '_'], "").to_ascii_lowercase();
    let wanted = plain(name);
    let similarity = |one: &str| strsim::normalized_damerau_levenshtein(&wanted, &plain(one));
    known
        .map(|one| (similarity(one), one))
        .filter(|(similarity, _)| *similarity >= limit)
        .max_by(|(left, _), (right, _)| left.total_cmp(right))
        .map(|(_, one)| one)
}
