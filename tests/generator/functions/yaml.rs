//! YAML and JSON that other parsers read.

use std::sync::Arc;

use scorekit_codegen::SourceFile;
use scorekit_codegen::document::node::Node;
use scorekit_codegen::document::parse;

fn read(text: &str) -> Result<Node, String> {
    let file = SourceFile::new("a.yaml".into(), text.to_owned());
    parse(&Arc::new(file)).map_err(|problem| problem.to_string())
}

#[test]
fn brackets_may_close_at_the_indentation_of_their_key() {
    let text = "a:\n  b: {\n    \"c\": [\n    1\n    ]\n  }\n  d: |\n    }\n  - e: {\n  }\n";
    let text = text.replace("  - e: {\n  }\n", "  e:\n  - f: {\n\"g\": 2\n  }\n");
    let node = read(&text).expect("a document");
    let expected = serde_json::json!({"a": {
        "b": {"c": [1]}, "d": "}\n", "e": [{"f": {"g": 2}}],
    }});
    let mut found = node.to_value();
    // A line of a string that begins with a bracket may be indented, too.
    let text = found["a"]["d"]
        .as_str()
        .map(|text| text.trim_start().to_owned());
    found["a"]["d"] = text.into();
    assert_eq!(found, expected);
    let place = node.pointer("/a/e/0/f/g").map(|node| &node.location);
    assert_eq!(place.map(|it| (it.line(), it.column())), Some((11, 6)));
    // Text that no parser takes stays an error, at its place.
    let problem = read("a: [\n]]\nb: 1\n").expect_err("an error");
    assert!(problem.starts_with("a.yaml:2:"), "{problem}");
}

#[test]
fn quoted_strings_may_continue_at_any_indentation() {
    let text = "a:\n  b: \"one \\\" ü\n\n# two\n---\"\n  c: {d: 'it''s\nmore', e: 1}\n  f: 'x'# y\n  g: 2\n";
    let text = text.replace("---", "-- -");
    let node = read(&text).expect("a document");
    let expected = serde_json::json!({"a": {
        "b": "one \" ü\n# two -- -", "c": {"d": "it's more", "e": 1}, "f": "x", "g": 2,
    }});
    assert_eq!(node.to_value(), expected);
    let place = node.pointer("/a/c/e").map(|node| &node.location);
    assert_eq!(place.map(|it| (it.line(), it.column())), Some((7, 11)));
    let problem = read("a:\n  b: \"one\ntwo\n").expect_err("an error");
    assert!(problem.starts_with("a.yaml:2:"), "{problem}");
    // A file that is wrong everywhere costs a bounded number of runs.
    let many = "  b: \"one\ntwo\"\n".replace('b', "b1");
    let many: String = (0..100)
        .map(|number| many.replace("b1", &format!("b{number}")))
        .collect();
    let problem = read(&format!("a:\n{many}")).expect_err("an error");
    assert!(problem.contains("quoted scalar"), "{problem}");
}
