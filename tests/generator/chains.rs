//! Documents with long chains and circles of references, and the cost of what reads them.

use std::fmt::Write as _;
use std::path::Path;

use scorekit_codegen::document::load_with_files;
use scorekit_codegen::lint;

/// Returns a document whose operation reads `first`, with the schemas `schemas`.
pub(crate) fn reading(first: &str, schemas: &str) -> String {
    format!(
        "openapi: 3.0.3\ninfo: {{title: chains, version: 1.0.0}}\nservers: [{{url: \
         'https://api.example.com'}}]\npaths:\n  /things:\n    post:\n      operationId: Act\n      \
         requestBody: {{content: {{application/json: {{schema: {{$ref: '#/components/schemas/{first}'}}}}}}}}\n      \
         responses:\n        \"200\": {{description: Done., content: {{application/json: {{schema: {{$ref: \
         '#/components/schemas/{first}'}}}}}}}}\ncomponents:\n  schemas:\n{schemas}"
    )
}

/// Returns a circle of objects, each of which holds the next one.
pub(crate) fn circle(prefix: &str, length: usize, forms: [&str; 2]) -> String {
    let mut text = String::new();
    for number in 0..length {
        let next = (number + 1) % length;
        let form = forms[number % 2];
        let next = format!("{{$ref: '#/components/schemas/{prefix}{next}'}}");
        let _ = writeln!(text, "    {prefix}{number}: {}", form.replace('@', &next));
    }
    text
}

pub(crate) const OBJECT: &str = "{type: object, properties: {next: @, own: {type: string}}}";
pub(crate) const PARTS: &str = "{allOf: [{type: object, properties: {next: @}}, {type: object, properties: \
    {own: {type: string}}}]}";
pub(crate) const LIST: &str = "{type: object, properties: {next: {type: array, items: @}}}";
pub(crate) const MAP: &str =
    "{type: object, properties: {next: {type: object, additionalProperties: @}}}";
pub(crate) const UNION: &str = "{type: object, properties: {next: {oneOf: [{type: string}, @]}}}";

pub(crate) const DISCRIMINATED: &str = "{allOf: [@, {type: object, properties: {own: {type: string}}}], \
    discriminator: {propertyName: own}}";
pub(crate) const HEIR: &str = "{allOf: [@, {type: object, properties: {more: {type: string}}}]}";

/// Returns two versions of a chain of schemas, which differ at its end.
pub(crate) fn chain(form: &str, length: usize) -> [String; 2] {
    let last = format!("    A{}:", length - 1);
    let mut schemas = circle("A", length, [form, form]);
    schemas.truncate(schemas.find(&last).expect("the last schema"));
    ["string", "integer"].map(|kind| {
        let end = format!("{{type: object, properties: {{own: {{type: {kind}}}}}}}");
        reading("A0", &format!("{schemas}{last} {end}\n"))
    })
}

/// Enough for a square to outweigh what a document costs however short its chains are.
pub(crate) const LINKS: usize = 100;

/// Adds a fault if twice the size costs much more than twice the allocations.
pub(crate) fn grows(
    form: &str,
    size: usize,
    faults: &mut Vec<String>,
    work: impl Fn(usize) + Sync,
) {
    let [once, twice] = [size, 2 * size].map(|size| allocations(|| work(size)));
    if 2 * twice > 5 * once {
        faults.push(format!(
            "{form}: {size} cost {once} allocations, twice as many {twice}"
        ));
    }
}

/// Returns the number of allocations of `work`.
fn allocations(work: impl Fn() + Sync) -> u64 {
    on_a_small_stack(|| allocation_counter::measure(&work).count_total)
}

/// Runs `work` on a stack that is too small to follow a chain of references by recursion, so that a
/// chain of some hundred links shows what one of ten thousand would do on a large stack.
pub(crate) fn on_a_small_stack<R: Send>(work: impl Fn() -> R + Sync) -> R {
    std::thread::scope(|scope| {
        let thread = std::thread::Builder::new().stack_size(SMALL_STACK);
        let result = thread.spawn_scoped(scope, &work).expect("a thread");
        result.join().expect("no panic")
    })
}

/// A stack for documents without deep nesting.
const SMALL_STACK: usize = 256 * 1024;

/// Schemas that refer to the next one.
pub(crate) const FORMS: [&str; 13] = [
    "@",
    "{allOf: [@]}",
    "{allOf: [@, {type: object, properties: {own: {type: string}}}]}",
    "{type: array, items: @}",
    "{type: object, additionalProperties: @}",
    "{oneOf: [{type: string}, @]}",
    "{anyOf: [@, {type: object, properties: {own: {type: string}}}]}",
    DISCRIMINATED,
    OBJECT,
    PARTS,
    LIST,
    MAP,
    UNION,
];

/// Lints a document.
fn check(text: &str) {
    let directory = tempfile::tempdir().expect("a directory");
    let path = directory.path().join("openapi.yaml");
    std::fs::write(&path, text).expect("a file");
    if let Ok(loaded) = load_with_files(&path, Path::new("")) {
        lint::lint(&loaded);
    }
}

#[test]
fn lint_of_a_chain_costs_as_much_as_it_is_long() {
    let mut faults = Vec::new();
    for form in FORMS {
        grows(form, LINKS, &mut faults, |length| {
            check(&chain(form, length)[0])
        });
    }
    assert!(faults.is_empty(), "{}", faults.join("\n"));
}

#[test]
fn lint_of_a_circle_costs_as_much_as_it_is_long() {
    let mut faults = Vec::new();
    for form in FORMS {
        grows(form, LINKS, &mut faults, |length| {
            check(&reading("A0", &circle("A", length, [form, form])));
        });
    }
    assert!(faults.is_empty(), "{}", faults.join("\n"));
}
