//! The operations and components that are removed from a vendor's document before it is read.

use std::sync::Arc;

use scorekit_codegen::SourceFile;
use scorekit_codegen::document::node::Node;
use scorekit_codegen::document::parse;
use scorekit_codegen::vendor::needless::remove;

#[test]
fn components_that_the_rest_uses_stay() {
    let text = "paths:\n  /a:\n    get: {$ref: '#/components/schemas/A'}\n    post: {}\n  /b: \
                {get: {x: {$ref: '#/components/schemas/C'}}}\ncomponents:\n  schemas: {A: \
                {items: {$ref: '#/components/schemas/B'}, discriminator: {mapping: {d: D}}}, B: \
                {}, C: {}, D: {}}\n  securitySchemes: {key: {}}\n";
    let read = |text: &str| {
        let file = SourceFile::new("a.yaml".into(), text.to_owned());
        parse(&Arc::new(file)).expect("a document")
    };
    let is_needed = |path: &str, method: &str, _: &Node| (path, method) == ("/a", "get");
    let mut root = read(text);
    assert_eq!(remove(&mut root, is_needed), 2);
    let expected = serde_json::json!({
        "paths": {"/a": {"get": {"$ref": "#/components/schemas/A"}}, "/b": {}},
        "components": {
            "schemas": {
                "A": {
                    "items": {"$ref": "#/components/schemas/B"},
                    "discriminator": {"mapping": {"d": "D"}},
                },
                "B": {},
                "D": {},
            },
            "securitySchemes": {"key": {}},
        },
    });
    assert_eq!(root.to_value(), expected);
    // A reference by another way may lead to any component.
    let mut root = read(&text.replace("items: {$ref: '#", "items: {$ref: 'a.yaml#"));
    assert_eq!(remove(&mut root, is_needed), 2);
    assert!(root.pointer("/components/schemas/C").is_some());
}
