//! Pairs of operations whose bodies, streams, tags or servers differ.

use super::documents::{between, document, read};

/// A pair of operations: a name, both versions, and the kind and verdict of a change.
type Pair = (&'static str, [&'static str; 2], &'static str, bool);

const OBJECT: &str = "{type: object, properties: {value: ";
const DONE: &str = "responses: {\"200\": {description: Done.}}";

/// `@` is what differs between the two versions.
const REQUESTS: [Pair; 9] = [
    (
        "a text loses a value",
        [
            "text/plain: {schema: {type: string, enum: [a, b]}}",
            "text/plain: {schema: {type: string, enum: [a]}}",
        ],
        "enum-value-removed",
        true,
    ),
    (
        "a text gets shorter",
        [
            "text/plain: {schema: {type: string}}",
            "text/plain: {schema: {type: string, maxLength: 9}}",
        ],
        "bounds-changed",
        true,
    ),
    (
        "a file gets shorter",
        [
            "application/octet-stream: {schema: {type: string, format: binary, maxLength: 9}}",
            "application/octet-stream: {schema: {type: string, format: binary, maxLength: 5}}",
        ],
        "bounds-changed",
        true,
    ),
    (
        "a file gets longer",
        [
            "application/octet-stream: {schema: {type: string, format: binary, maxLength: 5}}",
            "application/octet-stream: {schema: {type: string, format: binary, maxLength: 9}}",
        ],
        "bounds-changed",
        false,
    ),
    (
        "a form gets fewer fields",
        [
            "application/x-www-form-urlencoded: {schema: {type: object, properties: {a: {type: string}, b: {type: string}}}}",
            "application/x-www-form-urlencoded: {schema: {type: object, maxProperties: 1, properties: {a: {type: string}, b: {type: string}}}}",
        ],
        "bounds-changed",
        true,
    ),
    (
        "a field of a form loses a value",
        [
            "application/x-www-form-urlencoded: {schema: {type: object, properties: {a: {type: string, enum: [a, b]}}}}",
            "application/x-www-form-urlencoded: {schema: {type: object, properties: {a: {type: string, enum: [a]}}}}",
        ],
        "enum-value-removed",
        true,
    ),
    (
        "a field of parts gets shorter",
        [
            "multipart/form-data: {schema: {type: object, properties: {a: {type: string}}}}",
            "multipart/form-data: {schema: {type: object, properties: {a: {type: string, maxLength: 9}}}}",
        ],
        "bounds-changed",
        true,
    ),
    (
        "a schema that is generated as any value gets narrower",
        [
            "application/json: {schema: {type: object, properties: {a: {type: file, maxLength: 9}}}}",
            "application/json: {schema: {type: object, properties: {a: {type: file, maxLength: 5}}}}",
        ],
        "bounds-changed",
        true,
    ),
    (
        "a text becomes a file",
        [
            "text/plain: {schema: {type: string}}",
            "application/octet-stream: {schema: {type: string, format: binary}}",
        ],
        "media-type-changed",
        true,
    ),
];

const RESPONSES: [Pair; 6] = [
    (
        "a text loses a value",
        [
            "text/plain: {schema: {type: string, enum: [a, b]}}",
            "text/plain: {schema: {type: string, enum: [a]}}",
        ],
        "enum-value-removed",
        false,
    ),
    (
        "the data of a stream changes",
        [
            "application/json: {schema: {type: string}}, text/event-stream: {schema: {type: object, properties: {a: {type: string}}}}",
            "application/json: {schema: {type: string}}, text/event-stream: {schema: {type: object, properties: {a: {type: integer}}}}",
        ],
        "type-changed",
        true,
    ),
    (
        "the data of a stream gets a property",
        [
            "application/json: {schema: {type: string}}, text/event-stream: {schema: {type: object, properties: {a: {type: string}}}}",
            "application/json: {schema: {type: string}}, text/event-stream: {schema: {type: object, properties: {a: {type: string}, b: {type: string}}}}",
        ],
        "optional-field-added",
        false,
    ),
    (
        "a stream is removed",
        [
            "application/json: {schema: {type: string}}, text/event-stream: {schema: {type: object, properties: {a: {type: string}}}}",
            "application/json: {schema: {type: string}}",
        ],
        "stream-removed",
        true,
    ),
    (
        "a stream is added",
        [
            "application/json: {schema: {type: string}}",
            "application/json: {schema: {type: string}}, text/event-stream: {schema: {type: object, properties: {a: {type: string}}}}",
        ],
        "stream-added",
        false,
    ),
    (
        "a schema that is generated as any value changes",
        [
            "application/json: {schema: {type: object, properties: {a: {type: file, maxLength: 9}}}}",
            "application/json: {schema: {type: object, properties: {a: {type: file, maxLength: 5}}}}",
        ],
        "bounds-changed",
        false,
    ),
];

const OPERATIONS: [Pair; 5] = [
    (
        "a moved operation takes another body",
        [
            "tags: [one], requestBody: {content: {application/json: {schema: @{type: string}}}}}}, &",
            "tags: [two], requestBody: {content: {application/json: {schema: @{type: integer}}}}}}, &",
        ],
        "type-changed",
        true,
    ),
    (
        "a moved operation takes a text with fewer values",
        [
            "tags: [one], requestBody: {content: {text/plain: {schema: {type: string, enum: [a, b]}}}}, &",
            "tags: [two], requestBody: {content: {text/plain: {schema: {type: string, enum: [a]}}}}, &",
        ],
        "enum-value-removed",
        true,
    ),
    (
        "a moved operation is only moved",
        ["tags: [one], &", "tags: [two], &"],
        "operation-moved",
        false,
    ),
    (
        "a variable of a server loses a value",
        [
            "servers: [{url: 'https://{place}.example.com', variables: {place: {default: eu, enum: [eu, us]}}}], &",
            "servers: [{url: 'https://{place}.example.com', variables: {place: {default: eu, enum: [eu]}}}], &",
        ],
        "server-variable-value-removed",
        true,
    ),
    (
        "a variable of a server gets a value",
        [
            "servers: [{url: 'https://{place}.example.com', variables: {place: {default: eu, enum: [eu]}}}], &",
            "servers: [{url: 'https://{place}.example.com', variables: {place: {default: eu, enum: [eu, us]}}}], &",
        ],
        "server-variable-value-added",
        false,
    ),
];

/// Unions and parameters, whose values are sent in the same way or not.
const SENT: [Pair; 14] = [
    (
        "another alternative matches values that are sent",
        [
            "requestBody: {content: {application/json: {schema: {oneOf: [{$ref: '#/components/schemas/Cat'}, {type: string}]}}}}, &",
            "requestBody: {content: {application/json: {schema: {oneOf: [{$ref: '#/components/schemas/Cat'}, {type: string}, {$ref: '#/components/schemas/Dog'}]}}}}, &",
        ],
        "alternative-added",
        true,
    ),
    (
        "another alternative needs a property that is not sent",
        [
            "requestBody: {content: {application/json: {schema: {oneOf: [{$ref: '#/components/schemas/Cat'}, {type: string}]}}}}, &",
            "requestBody: {content: {application/json: {schema: {oneOf: [{$ref: '#/components/schemas/Cat'}, {type: string}, {type: object, required: [wings], properties: {kind: {type: string}, wings: {type: integer}}}]}}}}, &",
        ],
        "alternative-added",
        false,
    ),
    (
        "another alternative has another value of a property",
        [
            "requestBody: {content: {application/json: {schema: {oneOf: [{type: object, required: [kind], properties: {kind: {type: string, enum: [cat]}}}, {type: string}]}}}}, &",
            "requestBody: {content: {application/json: {schema: {oneOf: [{type: object, required: [kind], properties: {kind: {type: string, enum: [cat]}}}, {type: string}, {type: object, required: [kind], properties: {kind: {type: string, enum: [dog]}}}]}}}}, &",
        ],
        "alternative-added",
        false,
    ),
    (
        "another alternative has integers that are numbers, too",
        [
            "requestBody: {content: {application/json: {schema: {oneOf: [{type: number}, {type: string}]}}}}, &",
            "requestBody: {content: {application/json: {schema: {oneOf: [{type: number}, {type: string}, {type: integer, maximum: 9}]}}}}, &",
        ],
        "alternative-added",
        true,
    ),
    (
        "a discriminator chooses the new alternative",
        [
            "requestBody: {content: {application/json: {schema: {oneOf: [{$ref: '#/components/schemas/Cat'}, {$ref: '#/components/schemas/Dog'}], discriminator: {propertyName: kind}, x-none: []}}}}, &",
            "requestBody: {content: {application/json: {schema: {oneOf: [{$ref: '#/components/schemas/Cat'}, {$ref: '#/components/schemas/Dog'}, {$ref: '#/components/schemas/Bird'}], discriminator: {propertyName: kind}, x-none: []}}}}, &",
        ],
        "alternative-added",
        false,
    ),
    (
        "a parameter may contain reserved characters",
        [
            "parameters: [{name: v, in: query, schema: {type: string}}], &",
            "parameters: [{name: v, in: query, allowReserved: true, schema: {type: string}}], &",
        ],
        "style-changed",
        false,
    ),
    (
        "an object becomes two alternatives that it both matches",
        [
            BOTH,
            "requestBody: {content: {application/json: {schema: {oneOf: [{type: object, required: [a], properties: {a: {type: string}, b: {type: string}}}, {type: object, required: [b], properties: {a: {type: string}, b: {type: string}}}]}}}}, &",
        ],
        "type-changed",
        true,
    ),
    (
        "an object becomes two alternatives that it may both match",
        [
            BOTH,
            "requestBody: {content: {application/json: {schema: {anyOf: [{type: object, required: [a], properties: {a: {type: string}, b: {type: string}}}, {type: object, required: [b], properties: {a: {type: string}, b: {type: string}}}]}}}}, &",
        ],
        "type-changed",
        false,
    ),
    (
        "only one alternative may match",
        [
            "requestBody: {content: {application/json: {schema: {anyOf: [{$ref: '#/components/schemas/Cat'}, {$ref: '#/components/schemas/Dog'}]}}}}, &",
            "requestBody: {content: {application/json: {schema: {oneOf: [{$ref: '#/components/schemas/Cat'}, {$ref: '#/components/schemas/Dog'}]}}}}, &",
        ],
        "alternatives-changed",
        true,
    ),
    (
        "one of two types",
        [
            "requestBody: {content: {application/json: {schema: {anyOf: [{type: string}, {type: boolean}]}}}}, &",
            "requestBody: {content: {application/json: {schema: {oneOf: [{type: string}, {type: boolean}]}}}}, &",
        ],
        "alternatives-changed",
        false,
    ),
    (
        "a parameter becomes a list",
        [
            "parameters: [{name: v, in: query, schema: {type: string}}], &",
            "parameters: [{name: v, in: query, schema: {type: array, items: {type: string}}}], &",
        ],
        "type-changed",
        false,
    ),
    (
        "a parameter becomes a list of two or more",
        [
            "parameters: [{name: v, in: query, schema: {type: string}}], &",
            "parameters: [{name: v, in: query, schema: {type: array, minItems: 2, items: {type: string}}}], &",
        ],
        "style-changed",
        true,
    ),
    (
        "a parameter becomes a list of integers",
        [
            "parameters: [{name: v, in: query, schema: {type: string}}], &",
            "parameters: [{name: v, in: query, schema: {type: array, items: {type: integer}}}], &",
        ],
        "type-changed",
        true,
    ),
    (
        "a parameter may no longer be empty",
        [
            "parameters: [{name: v, in: query, allowEmptyValue: true, schema: {type: string}}], &",
            "parameters: [{name: v, in: query, schema: {type: string}}], &",
        ],
        "bounds-changed",
        true,
    ),
];
const BOTH: &str = "requestBody: {content: {application/json: {schema: {type: object, required: [a, b], properties: {a: {type: string}, b: {type: string}}}}}}, &";

#[test]
fn bodies_streams_and_servers_are_compared() {
    let request = |content: &str| format!("requestBody: {{content: {{{content}}}}}, {DONE}");
    let response = |content: &str| {
        format!("responses: {{\"200\": {{description: Done., content: {{{content}}}}}}}")
    };
    let whole = |text: &str| text.replace('@', OBJECT).replace('&', DONE);
    let requests =
        REQUESTS.map(|(name, texts, kind, breaks)| (name, texts.map(request), kind, breaks));
    let responses =
        RESPONSES.map(|(name, texts, kind, breaks)| (name, texts.map(response), kind, breaks));
    let operations =
        OPERATIONS.map(|(name, texts, kind, breaks)| (name, texts.map(whole), kind, breaks));
    let sent = SENT.map(|(name, texts, kind, breaks)| (name, texts.map(whole), kind, breaks));
    let files = tempfile::tempdir().expect("a directory");
    let mut faults = Vec::new();
    for (name, texts, kind, breaks) in requests
        .into_iter()
        .chain(responses)
        .chain(operations)
        .chain(sent)
    {
        let [old, new] =
            texts.map(|text| document("operation", &format!("{{operationId: Act, {text}}}")));
        let [old, new] = [old, new].map(|text| read(files.path(), &text));
        let found = between(&old, &new);
        let has_kind = found.iter().any(|change| change.kind == kind);
        let found_break = found.iter().any(|change| change.wire.breaks);
        if !has_kind || found_break != breaks {
            let kinds: Vec<_> = found.iter().map(|it| (it.kind, it.wire.breaks)).collect();
            faults.push(format!("{name}: {kinds:?}, not {kind} {breaks}"));
        }
        let itself = between(&old, &old);
        assert!(itself.is_empty(), "{name}: {itself:?}");
    }
    assert!(faults.is_empty(), "{}", faults.join("\n"));
}
