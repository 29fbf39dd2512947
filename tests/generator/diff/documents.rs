//! Small documents of one operation, with a schema in every position that a document has.

use std::path::Path;

use scorekit_codegen::diff::Unreleased;
use scorekit_codegen::diff::change::Change;
use scorekit_codegen::diff::source::DocumentSource;

/// Credentials, and schemas that a pair may refer to.
const COMPONENTS: &str = "
  securitySchemes:
    key: {type: apiKey, in: header, name: X-Key}
    token: {type: http, scheme: bearer}
    login: {type: oauth2, flows: {clientCredentials: {tokenUrl: 'https://login', scopes: {read: '', write: ''}}}}
  schemas:
    Cat: {type: object, required: [kind], properties: {kind: {type: string}, lives: {type: integer}}}
    Dog: {type: object, required: [kind], properties: {kind: {type: string}, legs: {type: integer}}}
    Bird: {type: object, required: [kind], properties: {kind: {type: string}, wings: {type: integer}}}
";
const HEAD: &str = "openapi: 3.1.0
info: {title: pairs, version: 1.0.0}
servers: [{url: 'https://api.example.com'}]
";
const DONE: &str = "responses: {\"200\": {description: Done.}}";

/// Returns a document with `content` in a position.
pub(super) fn document(position: &str, content: &str) -> String {
    let operation = match position {
        "root" => {
            return format!(
                "{{openapi: 3.1.0, info: {{title: pairs, version: 1.0.0}}, servers: [{{url: \
                    'https://api.example.com'}}], {content}, components: {{{}}}}}",
                "securitySchemes: {key: {type: apiKey, in: header, name: X-Key}, token: {type: \
                    http, scheme: bearer}, login: {type: oauth2, flows: {clientCredentials: \
                    {tokenUrl: 'https://login', scopes: {read: '', write: ''}}}}}"
            );
        }
        "paths" => return format!("{HEAD}paths: {content}\ncomponents:{COMPONENTS}"),
        "operation" => content.to_owned(),
        position => operation(position, content),
    };
    format!("{HEAD}paths: {{/things: {{post: {operation}}}}}\ncomponents:{COMPONENTS}")
}

/// Returns a document with one operation for each number. `@` in an operation and in the schemas is
/// the number with a letter, which the subjects of the changes have, too.
pub(super) fn numbered(operations: &[(usize, String)], schemas: &str) -> String {
    let (mut paths, mut components) = (String::new(), COMPONENTS.to_owned());
    for (number, operation) in operations {
        let id = format!("{number}z");
        let operation = operation.replace("operationId: Act", &format!("operationId: Act{id}"));
        paths.push_str(&format!("  /things{id}: {{post: {operation}}}\n").replace('@', &id));
    }
    components.push_str(schemas);
    format!("{HEAD}paths:\n{paths}components:{components}")
}

/// Returns the number of the operation that a change is about.
pub(super) fn number_of(change: &Change) -> Option<usize> {
    let (before, _) = change.subject.split_once('z')?;
    let digits = before.rsplit(|c: char| !c.is_ascii_digit()).next()?;
    digits.parse().ok()
}

/// Returns an operation with a schema in a position.
pub(super) fn operation(position: &str, schema: &str) -> String {
    let property = format!("{{type: object, properties: {{value: {schema}}}}}");
    let request = |schema: &str| {
        format!(
            "{{operationId: Act, requestBody: {{required: true, content: {{application/json: \
             {{schema: {schema}}}}}}}, {DONE}}}"
        )
    };
    let response = |schema: &str| {
        format!(
            "{{operationId: Act, responses: {{\"200\": {{description: Done., content: \
             {{application/json: {{schema: {schema}}}}}}}}}}}"
        )
    };
    let parameter = |place: &str, schema: &str| {
        format!(
            "{{operationId: Act, parameters: [{{name: value, in: {place}, schema: {schema}}}], \
                {DONE}}}"
        )
    };
    match position {
        "request-body" => request(schema),
        "request-property" => request(&property),
        "response-body" => response(schema),
        "response-property" => response(&property),
        "parameter" => parameter("query", schema),
        "parameter-property" => parameter("query", &property),
        "header" => parameter("header", schema),
        "json-parameter" => format!(
            "{{operationId: Act, parameters: [{{name: value, in: query, content: \
             {{application/json: {{schema: {schema}}}}}}}], {DONE}}}"
        ),
        other => panic!("{other} is no position"),
    }
}

/// Returns the changes from one document to another.
pub(super) fn changes(directory: &Path, old: &str, new: &str) -> Vec<Change> {
    between(&read(directory, old), &read(directory, new))
}

/// Reads a document, for several comparisons.
pub(super) fn read(directory: &Path, text: &str) -> Unreleased {
    let path = directory.join("document.yaml");
    std::fs::write(&path, text).expect("a file");
    Unreleased::read(&DocumentSource::file(&path), true)
        .unwrap_or_else(|error| panic!("{error}\n{text}"))
}

pub(super) fn between(old: &Unreleased, new: &Unreleased) -> Vec<Change> {
    old.changes(new).into_values().flatten().collect()
}
