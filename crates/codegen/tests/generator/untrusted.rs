//! A document is untrusted input: whatever is in it, nothing panics, nothing is written or read
//! elsewhere, nothing takes memory or time without bound, and nothing of it becomes code. It ends
//! in an error with place and way out, or in code that parses and compiles.

mod circles;
mod properties;

use std::fmt::Write as _;
use std::path::{Component, Path, PathBuf};
use std::process::Output;

use proc_macro2::{TokenStream, TokenTree};

use scorekit_codegen::generate::{Generated, Options, generate_with};
use scorekit_test_support::{files, workspace, xtask};

/// What the tests below try to make code of. As a name it would be cased, as no name in Rust is
/// cased like this.
const INJECTED: &str = "injectedIt";

/// A document with one operation, whose answer is the schema `A`.
fn document(schemas: &str) -> String {
    format!(
        "openapi: 3.0.3\ninfo: {{title: untrusted, version: \"1\"}}\npaths:\n  /a:\n    get:\n      operationId: get\n      \
         responses:\n        \"200\":\n          description: Fine.\n          content: {{application/json: {{schema: \
         {{$ref: \"#/components/schemas/A\"}}}}}}\ncomponents:\n  schemas:\n{schemas}"
    )
}

/// `document` with something after it.
fn with(extension: &str) -> String {
    document("    A: {type: object}\n") + extension
}

/// Schemas in a row: `A` says something of `B0`, and so on.
fn chain(length: usize, schema: impl Fn(&str) -> String) -> String {
    let mut schemas = format!("    A: {}\n", schema("B0"));
    for number in 0..length {
        let next = schema(&format!("B{}", number + 1));
        let _ = writeln!(schemas, "    B{number}: {next}");
    }
    let _ = writeln!(
        schemas,
        "    B{length}: {{type: object, properties: {{x: {{type: string}}}}}}"
    );
    document(&schemas)
}

fn to(name: &str) -> String {
    format!("{{$ref: \"#/components/schemas/{name}\"}}")
}

/// Writes the document into a folder inside of `folder` and generates from it.
fn generate(folder: &Path, document: &str) -> Output {
    let inside = folder.join("inside");
    std::fs::create_dir_all(&inside).expect("a folder");
    std::fs::write(inside.join("openapi.yaml"), document).expect("a file");
    let (spec, out) = (inside.join("openapi.yaml"), folder.join("out"));
    let (spec, out) = (spec.display().to_string(), out.display().to_string());
    xtask(&["generate", "--spec", &spec, "--out", &out])
}

fn said(output: &Output) -> String {
    String::from_utf8_lossy(&output.stderr).into_owned()
}

/// That the document is refused with this message, with a place and a way out, and that nothing is
/// written.
fn refused(document: &str, message: &str) {
    let folder = tempfile::tempdir().expect("a folder");
    refused_in(folder.path(), document, message);
}

fn refused_in(folder: &Path, document: &str, message: &str) {
    let output = generate(folder, document);
    let said = said(&output);
    let shown: String = said.chars().take(2_000).collect();
    assert_eq!(output.status.code(), Some(2), "{message}: {shown}");
    assert!(said.contains(message), "{message}: {shown}");
    assert!(said.contains("--> openapi.yaml:"), "{message}: {shown}");
    assert!(said.contains("= help: "), "{message}: {shown}");
    assert!(
        !folder.join("out").exists(),
        "{message}: something is written"
    );
}

/// Checks that the document is generated, with a note that has this message.
fn bounded(document: &str, message: &str) {
    let folder = tempfile::tempdir().expect("a directory");
    let output = generate(folder.path(), document);
    let said = said(&output);
    let shown: String = said.chars().take(2_000).collect();
    assert_eq!(output.status.code(), Some(0), "{message}: {shown}");
    let is_note = |line: &str| line.starts_with("note: openapi.yaml:") && line.contains(message);
    assert!(said.lines().any(is_note), "{message}: {shown}");
    is_sound(&folder.path().join("out"));
}

/// Everything that was generated is Rust, stands below the folder, and holds nothing of the
/// document as code.
fn is_sound(out: &Path) {
    let files = files(out);
    for (path, content) in files {
        assert!(
            path.components()
                .all(|part| matches!(part, Component::Normal(_))),
            "{}",
            path.display()
        );
        if path.extension().is_some_and(|extension| extension == "rs") {
            is_harmless(&path.display().to_string(), &content);
        }
    }
}

/// The text is Rust in which what was injected is only in literals.
fn is_harmless(path: &str, text: &str) {
    let file = syn::parse_file(text).unwrap_or_else(|error| panic!("{path}: {error}\n{text}"));
    let mut pending: Vec<TokenStream> = vec![quote::ToTokens::to_token_stream(&file)];
    while let Some(tokens) = pending.pop() {
        for token in tokens {
            match token {
                TokenTree::Group(group) => pending.push(group.stream()),
                TokenTree::Ident(name) => assert_ne!(name, INJECTED, "{path}:\n{text}"),
                _ => {}
            }
        }
    }
}

#[test]
fn what_nests_without_end_is_refused() {
    let deep = "values nest more than 128 deep";
    let million = 1_000_000;
    refused(
        &with(&format!("x-deep:\n  {}1\n", "- ".repeat(million))),
        deep,
    );
    refused(
        &with(&format!("x-deep:\n  {}1\n", "? ".repeat(million))),
        deep,
    );
    let (open, close) = ("{items: ".repeat(million), "}".repeat(million));
    refused(&document(&format!("    A: {open}{{}}{close}\n")), deep);
    let mut schema = "    A:\n".to_owned();
    for level in 0..1_000 {
        let indent = " ".repeat(6 + level);
        let _ = write!(schema, "{indent}type: array\n{indent}items:\n");
    }
    let _ = writeln!(schema, "{}type: string", " ".repeat(1_007));
    refused(&document(&schema), deep);
}

#[test]
fn aliases_that_grow_without_end_are_refused() {
    let mut bomb = "x-0: &a0 [ha, ha, ha, ha, ha, ha, ha, ha, ha, ha]\n".to_owned();
    for level in 1..12 {
        let items = vec![format!("*a{}", level - 1); 10].join(", ");
        let _ = writeln!(bomb, "x-{level}: &a{level} [{items}]");
    }
    refused(&with(&bomb), "stand for more than 100000 values");
    let inside = "    A: &a {type: object, properties: {b: *a}}\n";
    refused(&document(inside), "an alias inside of what it stands for");
    // Each anchor holds the one before: what is remembered of them must not grow with their number
    // squared.
    let nested = format!("x-nested: {}1{}\n", nested_anchors(120), "]".repeat(120));
    let output = generate(
        tempfile::tempdir().expect("a folder").path(),
        &with(&nested),
    );
    assert_eq!(output.status.code(), Some(0), "{}", said(&output));
    let mut deep = "x-0: &a0 [[[[[[[[[[1]]]]]]]]]]\n".to_owned();
    for level in 1..20 {
        let _ = writeln!(
            deep,
            "x-{level}: &a{level} [[[[[[[[[[*a{}]]]]]]]]]]",
            level - 1
        );
    }
    refused(&with(&deep), "values nest more than 128 deep");
}

fn nested_anchors(count: usize) -> String {
    (0..count).fold(String::new(), |mut text, number| {
        let _ = write!(text, "&n{number} [");
        text
    })
}

#[test]
fn references_without_end_are_refused() {
    let alone = chain(1_000, to);
    refused(&alone, "refers to another, and so on, more than 16 times");
    let lists = chain(1_000, |next| {
        format!("{{type: array, items: {}}}", to(next))
    });
    refused(&lists, "is too large: ");
    let maps = chain(1_000, |next| {
        format!("{{type: object, additionalProperties: {}}}", to(next))
    });
    refused(&maps, "is too large: ");
    let described = chain(1_000, |next| format!("{{allOf: [{}]}}", to(next)));
    refused(&described, "is too large: ");
    // Doubling 14 times is allowed by their number, and not by what comes of it.
    let doubling = chain(14, |next| {
        let next = to(next);
        format!("{{items: {next}, additionalProperties: {next}}}")
    });
    bounded(&doubling, "`additionalProperties` has no meaning");
    let heirs = chain(1_000, |next| {
        format!(
            "{{allOf: [{}, {{type: object, properties: {{{next}: {{type: string}}}}}}]}}",
            to(next)
        )
    });
    bounded(&heirs, "inherit from one another more than 32 levels deep");
    let circle = format!(
        "    A: {{allOf: [{}, {{type: object}}]}}\n    B: {{allOf: [{}, {{type: object}}]}}\n",
        to("B"),
        to("A")
    );
    bounded(&document(&circle), "contains itself in every value");
    refused(
        &document("    A: {$ref: \"#/components/schemas/A\"}\n"),
        "refers to itself",
    );
    let aliases = format!("    A: {{type: array, items: {}}}\n", to("A"));
    bounded(&document(&aliases), "contains itself in every value");
}

/// What is large, or reached in many ways, is generated, each thing once.
#[test]
fn what_is_large_is_generated() {
    let diamonds = chain(30, |next| {
        let own = format!("{{type: object, properties: {{of_{next}: {{type: string}}}}}}");
        format!("{{allOf: [{0}, {0}, {own}, {0}]}}", to(next))
    });
    let choices = chain(30, |next| {
        let list = format!("{{type: array, items: {}}}", to(next));
        format!("{{oneOf: [{}, {list}, {{type: string}}]}}", to(next))
    });
    let objects = chain(2_000, |next| {
        format!("{{type: object, properties: {{next: {}}}}}", to(next))
    });
    let values: Vec<String> = (0..5_000).map(|number| format!("v{number}")).collect();
    let values = document(&format!(
        "    A: {{type: string, enum: [{}]}}\n",
        values.join(", ")
    ));
    let fields: Vec<String> = (0..1_000)
        .map(|number| format!("f{number}: {{type: string}}"))
        .collect();
    let fields = document(&format!(
        "    A: {{type: object, properties: {{{}}}}}\n",
        fields.join(", ")
    ));
    let itself = format!(
        "    A: {{type: object, required: [a], properties: {{a: {}}}}}\n",
        to("A")
    );
    for document in [
        diamonds,
        choices,
        objects,
        values,
        fields,
        self::document(&itself),
    ] {
        let folder = tempfile::tempdir().expect("a folder");
        let output = generate(folder.path(), &document);
        let start: String = document.chars().skip(330).take(200).collect();
        assert_eq!(output.status.code(), Some(0), "{start}: {}", said(&output));
        is_sound(&folder.path().join("out"));
    }
}

#[test]
fn no_file_is_read_that_is_not_the_documents() {
    let folder = tempfile::tempdir().expect("a folder");
    let secret = "components: {schemas: {A: {type: object, description: secret}}}\n";
    std::fs::write(folder.path().join("secret.yaml"), secret).expect("a file");
    std::fs::create_dir_all(folder.path().join("inside/folder")).expect("a folder");
    let absolute = folder.path().join("secret.yaml").display().to_string();
    let leads_out = "leads out of the document's folder";
    for reference in [
        "../secret.yaml",
        "folder/../../secret.yaml",
        &absolute,
        "/dev/zero",
    ] {
        let text = document("    A: {}\n").replace("\"#/", &format!("\"{reference}#/"));
        refused_in(folder.path(), &text, leads_out);
        let item = format!(
            "openapi: 3.0.3\ninfo: {{title: t, version: \"1\"}}\npaths:\n  /a: {{$ref: \"{reference}#/paths/a\"}}\n"
        );
        refused_in(folder.path(), &item, leads_out);
    }
    for (reference, message) in [
        ("folder", "something that is no file"),
        ("http://127.0.0.1:1/secret.yaml", "nothing is downloaded"),
        (r"..\\secret.yaml", "cannot read"),
        ("nul\\0l.yaml", "cannot read"),
    ] {
        let text = document("    A: {}\n").replace("\"#/", &format!("\"{reference}#/"));
        refused_in(folder.path(), &text, message);
    }
    #[cfg(unix)]
    {
        let link = folder.path().join("inside/link.yaml");
        std::os::unix::fs::symlink(folder.path().join("secret.yaml"), link).expect("a link");
        let text = document("    A: {}\n").replace("\"#/", "\"link.yaml#/");
        refused_in(folder.path(), &text, leads_out);
    }
}

/// A document whose every name and text tries to become code, or a path.
fn malicious() -> String {
    std::fs::read_to_string(malicious_path()).expect("a document")
}

fn malicious_path() -> PathBuf {
    workspace().join("crates/codegen/tests/generator/untrusted/malicious.yaml")
}

#[test]
fn nothing_of_a_document_becomes_code_or_a_path() {
    let folder = tempfile::tempdir().expect("a directory");
    let output = generate(folder.path(), &malicious());
    assert_eq!(output.status.code(), Some(0), "{}", said(&output));
    let there = std::fs::read_dir(folder.path()).expect("the directory");
    let mut there: Vec<_> = there
        .map(|entry| entry.expect("an entry").file_name())
        .collect();
    there.sort();
    assert_eq!(there, ["inside", "out"]);
    is_sound(&folder.path().join("out"));
}

/// What the names of random documents that are compiled begin with.
pub(crate) const SAMPLE: &str = "sample";

/// Returns the code generated from the malicious document and from random ones, to be compiled.
pub(crate) fn compiled_documents() -> Vec<(String, Generated)> {
    let path = malicious_path();
    let options = Options {
        uses_defaults: true,
        ..Options::default()
    };
    let base = path.parent().expect("a directory");
    let generated = generate_with(&path, base, &options);
    let generated = generated.unwrap_or_else(|diagnostics| panic!("{diagnostics}"));
    let mut all = vec![("malicious".to_owned(), generated)];
    let path = path.with_file_name("hostile_names.yaml");
    let generated = generate_with(&path, base, &options);
    let generated = generated.unwrap_or_else(|diagnostics| panic!("{diagnostics}"));
    all.push(("hostile_names".to_owned(), generated));
    let samples = properties::samples().into_iter().enumerate();
    all.extend(samples.map(|(number, sample)| (format!("{SAMPLE}{number}"), sample)));
    all
}
