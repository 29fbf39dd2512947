//! The memory of a document, for each byte of its text.

use std::path::Path;

use scorekit_codegen::document::load_with_files;

/// A document with references and without anything to rewrite.
fn document() -> String {
    let mut text = String::from(
        "openapi: 3.0.3\ninfo: {title: Shop, version: '1'}\n\
         servers: [{url: 'https://api.example.com'}]\npaths: {}\ncomponents:\n  schemas:\n",
    );
    for number in 0..1_000 {
        text.push_str(&format!(
            "    Order{number}:\n      type: object\n      description: An order.\n      \
             required: [id, lines]\n      properties:\n        id:\n          type: string\n          \
             description: What names it.\n          example: o-1\n        lines:\n          \
             type: array\n          items: {{$ref: '#/components/schemas/Order0'}}\n"
        ));
    }
    text
}

#[test]
fn a_loaded_document_shares_its_tree_with_the_file() {
    let directory = tempfile::tempdir().expect("a directory");
    let path = directory.path().join("openapi.yaml");
    let text = document();
    std::fs::write(&path, &text).expect("a file");
    let mut loaded = None;
    let cost = allocation_counter::measure(|| {
        loaded = load_with_files(&path, Path::new("")).ok();
    });
    assert!(loaded.is_some());
    let per_byte = cost.bytes_current as f64 / text.len() as f64;
    // It is 10, and was 36 when the document was a copy and texts had more memory than they need.
    assert!(per_byte < 14.0, "{per_byte:.1} bytes for each of the text");
}
