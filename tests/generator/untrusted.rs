//! A document is untrusted input. Whatever it contains, the generator does not panic, reads and
//! writes no other files, and bounds its memory and time. No string of it becomes code. The result
//! is an error with place and solution, or code that parses and compiles.

mod circles;
mod hostile;
mod properties;

use std::fmt::Write as _;
use std::path::{Component, Path, PathBuf};
use std::process::Output;

use proc_macro2::{TokenStream, TokenTree};

use scorekit_codegen::generate::{Generated, Options, generate_with};
use scorekit_test_support::{files, workspace, xtask};

/// The code that the tests below try to inject. The generator changes the case of names, so it
/// never occurs as a name.
const INJECTED: &str = "injectedIt";

/// Returns a document with one operation, whose response is the schema `A`.
fn document(schemas: &str) -> String {
    format!(
        "openapi: 3.0.3\ninfo: {{title: untrusted, version: \"1\"}}\npaths:\n  /a:\n    get:\n      operationId: get\n      \
         responses:\n        \"200\":\n          description: Fine.\n          content: {{application/json: {{schema: \
         {{$ref: \"#/components/schemas/A\"}}}}}}\ncomponents:\n  schemas:\n{schemas}"
    )
}

/// Returns a document with `extension` at its end.
fn with(extension: &str) -> String {
    document("    A: {type: object}\n") + extension
}

/// Returns a chain of schemas: `A` refers to `B0`, and so on.
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

/// Writes the document into a directory inside `directory`, and generates from it.
fn generate(directory: &Path, document: &str) -> Output {
    let inside = directory.join("inside");
    std::fs::create_dir_all(&inside).expect("a directory");
    std::fs::write(inside.join("openapi.yaml"), document).expect("a file");
    let (spec, out) = (inside.join("openapi.yaml"), directory.join("out"));
    let (spec, out) = (spec.display().to_string(), out.display().to_string());
    xtask(&["generate", "--spec", &spec, "--out", &out])
}

fn said(output: &Output) -> String {
    String::from_utf8_lossy(&output.stderr).into_owned()
}

/// Checks that the document is rejected with this message, a place and a solution, and that no file
/// is written.
fn rejected(document: &str, message: &str) {
    let directory = tempfile::tempdir().expect("a directory");
    rejected_in(directory.path(), document, message);
}

fn rejected_in(directory: &Path, document: &str, message: &str) {
    let output = generate(directory, document);
    let said = said(&output);
    let shown: String = said.chars().take(2_000).collect();
    assert_eq!(output.status.code(), Some(2), "{message}: {shown}");
    assert!(said.contains(message), "{message}: {shown}");
    assert!(said.contains("--> openapi.yaml:"), "{message}: {shown}");
    assert!(said.contains("= help: "), "{message}: {shown}");
    assert!(
        !directory.join("out").exists(),
        "{message}: something is written"
    );
}

/// Checks that the document is generated, with a note that has this message.
fn bounded(document: &str, message: &str) {
    let directory = tempfile::tempdir().expect("a directory");
    let output = generate(directory.path(), document);
    let said = said(&output);
    let shown: String = said.chars().take(2_000).collect();
    assert_eq!(output.status.code(), Some(0), "{message}: {shown}");
    let is_note = |line: &str| line.starts_with("note: openapi.yaml:") && line.contains(message);
    assert!(said.lines().any(is_note), "{message}: {shown}");
    is_sound(&directory.path().join("out"));
}

/// Checks that every generated file is Rust, is below the directory, and has no injected code.
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

/// Checks that a file is Rust and that the injected code is only in literals.
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
fn endless_nesting_is_rejected() {
    let deep = "values nest more than 128 deep";
    let million = 1_000_000;
    rejected(
        &with(&format!("x-deep:\n  {}1\n", "- ".repeat(million))),
        deep,
    );
    rejected(
        &with(&format!("x-deep:\n  {}1\n", "? ".repeat(million))),
        deep,
    );
    let (open, close) = ("{items: ".repeat(million), "}".repeat(million));
    rejected(&document(&format!("    A: {open}{{}}{close}\n")), deep);
    let mut schema = "    A:\n".to_owned();
    for level in 0..1_000 {
        let indent = " ".repeat(6 + level);
        let _ = write!(schema, "{indent}type: array\n{indent}items:\n");
    }
    let _ = writeln!(schema, "{}type: string", " ".repeat(1_007));
    rejected(&document(&schema), deep);
}

#[test]
fn aliases_that_grow_without_bound_are_rejected() {
    let mut bomb = "x-0: &a0 [ha, ha, ha, ha, ha, ha, ha, ha, ha, ha]\n".to_owned();
    for level in 1..12 {
        let items = vec![format!("*a{}", level - 1); 10].join(", ");
        let _ = writeln!(bomb, "x-{level}: &a{level} [{items}]");
    }
    rejected(&with(&bomb), "stand for more than 100000 values");
    let inside = "    A: &a {type: object, properties: {b: *a}}\n";
    rejected(&document(inside), "an alias inside its own value");
    // Each anchor contains the one before. The memory for them must not grow with the square of
    // their number.
    let nested = format!("x-nested: {}1{}\n", nested_anchors(120), "]".repeat(120));
    let output = generate(
        tempfile::tempdir().expect("a directory").path(),
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
    rejected(&with(&deep), "values nest more than 128 deep");
}

fn nested_anchors(count: usize) -> String {
    (0..count).fold(String::new(), |mut text, number| {
        let _ = write!(text, "&n{number} [");
        text
    })
}

#[test]
fn endless_references_are_rejected() {
    let alone = chain(200, to);
    rejected(&alone, "refers to another, and so on, more than 16 times");
    let lists = chain(200, |next| format!("{{type: array, items: {}}}", to(next)));
    rejected(&lists, "is too large: ");
    let maps = chain(200, |next| {
        format!("{{type: object, additionalProperties: {}}}", to(next))
    });
    rejected(&maps, "is too large: ");
    let described = chain(200, |next| format!("{{allOf: [{}]}}", to(next)));
    rejected(&described, "is too large: ");
    // The number of 14 aliases is allowed, but not their size after 14 doublings.
    let doubling = chain(14, |next| {
        let next = to(next);
        format!("{{items: {next}, additionalProperties: {next}}}")
    });
    bounded(&doubling, "`additionalProperties` has no meaning");
    let heirs = chain(200, |next| {
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
    rejected(
        &document("    A: {$ref: \"#/components/schemas/A\"}\n"),
        "refers to itself",
    );
    let aliases = format!("    A: {{type: array, items: {}}}\n", to("A"));
    bounded(&document(&aliases), "contains itself in every value");
}

/// Generates large schemas, and schemas that are reached in many ways, once each.
#[test]
fn large_documents_are_generated() {
    let diamonds = chain(30, |next| {
        let own = format!("{{type: object, properties: {{of_{next}: {{type: string}}}}}}");
        format!("{{allOf: [{0}, {0}, {own}, {0}]}}", to(next))
    });
    let choices = chain(30, |next| {
        let list = format!("{{type: array, items: {}}}", to(next));
        format!("{{oneOf: [{}, {list}, {{type: string}}]}}", to(next))
    });
    let objects = chain(1_000, |next| {
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
        let directory = tempfile::tempdir().expect("a directory");
        let output = generate(directory.path(), &document);
        let start: String = document.chars().skip(330).take(200).collect();
        assert_eq!(output.status.code(), Some(0), "{start}: {}", said(&output));
        is_sound(&directory.path().join("out"));
    }
}

#[test]
fn files_outside_the_document_are_not_read() {
    let directory = tempfile::tempdir().expect("a directory");
    let secret = "components: {schemas: {A: {type: object, description: secret}}}\n";
    std::fs::write(directory.path().join("secret.yaml"), secret).expect("a file");
    std::fs::create_dir_all(directory.path().join("inside/directory")).expect("a directory");
    let absolute = directory.path().join("secret.yaml").display().to_string();
    let leads_out = "leads out of the document's directory";
    for reference in [
        "../secret.yaml",
        "directory/../../secret.yaml",
        &absolute,
        "/dev/zero",
    ] {
        let text = document("    A: {}\n").replace("\"#/", &format!("\"{reference}#/"));
        rejected_in(directory.path(), &text, leads_out);
        let item = format!(
            "openapi: 3.0.3\ninfo: {{title: t, version: \"1\"}}\npaths:\n  /a: {{$ref: \"{reference}#/paths/a\"}}\n"
        );
        rejected_in(directory.path(), &item, leads_out);
    }
    for (reference, message) in [
        ("directory", "something that is not a file"),
        ("http://127.0.0.1:1/secret.yaml", "nothing is downloaded"),
        (r"..\\secret.yaml", "cannot read"),
        ("nul\\0l.yaml", "cannot read"),
    ] {
        let text = document("    A: {}\n").replace("\"#/", &format!("\"{reference}#/"));
        rejected_in(directory.path(), &text, message);
    }
    #[cfg(unix)]
    {
        let link = directory.path().join("inside/link.yaml");
        std::os::unix::fs::symlink(directory.path().join("secret.yaml"), link).expect("a link");
        let text = document("    A: {}\n").replace("\"#/", "\"link.yaml#/");
        rejected_in(directory.path(), &text, leads_out);
    }
}

/// Returns a document whose every name and string tries to become code, or a path.
fn malicious() -> String {
    std::fs::read_to_string(malicious_path()).expect("a document")
}

fn malicious_path() -> PathBuf {
    workspace().join("tests/generator/untrusted/malicious.yaml")
}

#[test]
fn no_text_of_a_document_becomes_code_or_a_path() {
    let directory = tempfile::tempdir().expect("a directory");
    let output = generate(directory.path(), &malicious());
    assert_eq!(output.status.code(), Some(0), "{}", said(&output));
    let there = std::fs::read_dir(directory.path()).expect("the directory");
    let mut there: Vec<_> = there
        .map(|entry| entry.expect("an entry").file_name())
        .collect();
    there.sort();
    assert_eq!(there, ["inside", "out"]);
    is_sound(&directory.path().join("out"));
}

/// The prefix of the names of random documents that are compiled.
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
    let samples = hostile::samples().into_iter().enumerate();
    all.extend(samples.map(|(number, sample)| (format!("{SAMPLE}-hostile{number}"), sample)));
    all
}
