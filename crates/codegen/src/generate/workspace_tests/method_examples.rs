//! Adds an example to the documentation of each method: the call with only the required values.
//!
//! The tests of the workspace send the same calls to the sandbox, so an example that does not work
//! fails there. Doctests compile the examples.

use std::path::Path;

use crate::document::diagnostic::Diagnostic;
use crate::generate::model::{Domain, Operation};
use crate::generate::workspace_tests::calls::Calls;
use crate::generate::write::Plan;

/// Adds the examples of a domain to the planned files in the directory `generated` of its crate,
/// whose name is `package`.
pub(super) fn add(
    plan: &mut Plan,
    domain: &Domain,
    calls: &[Calls],
    generated: &Path,
    package: &str,
) -> Result<(), Diagnostic> {
    let library = package.replace('-', "_");
    for calls in calls {
        let mut operations = domain.operations.iter();
        let Some(operation) = operations.find(|operation| operation.id == calls.operation) else {
            continue;
        };
        let of_resource = calls.by_resource.as_ref().zip(operation.verb.as_ref());
        let of_resource =
            of_resource.map(|(calls, verb)| ("resources", verb, sent(&calls.minimal)));
        let of_client = (
            "requests",
            &operation.method_name,
            sent(&calls.plain.minimal),
        );
        let bulk = calls.bulk.as_ref();
        let bulk = bulk.map(|bulk| ("resources", &bulk.method, finished(&bulk.call)));
        for (directory, method, body) in of_resource.into_iter().chain([of_client]).chain(bulk) {
            let path = generated.join(directory).join(file_name(operation));
            let example = example(&library, &body)?;
            if let Some(text) = plan.files.get_mut(&path) {
                *text = with_example(text, method, &example);
            }
        }
    }
    Ok(())
}

fn file_name(operation: &Operation) -> String {
    format!("{}.rs", operation.resource)
}

/// Returns the text with the example at the end of the documentation of each such method, before
/// its attributes.
fn with_example(text: &str, method: &str, example: &[String]) -> String {
    let start = format!("    pub fn {method}");
    let mut written = String::with_capacity(text.len() + 512);
    // The end of the last line that is not an attribute.
    let mut end = 0;
    for line in text.lines() {
        let rest = line.strip_prefix(&start);
        if rest.is_some_and(|rest| rest.starts_with(['(', '<'])) {
            let mut documentation = "    ///\n".to_owned();
            for line in example {
                documentation.push_str(format!("    /// {line}").trim_end());
                documentation.push('\n');
            }
            written.insert_str(end, &documentation);
        }
        written.push_str(line);
        written.push('\n');
        if !line.starts_with("    #[") {
            end = written.len();
        }
    }
    written
}

/// Returns the statements of an example that sends a call.
fn sent(call: &str) -> String {
    format!("let response = {call}.send().await?; println!(\"{{}}\", response.status());")
}

/// Returns the statements of an example that sends the items of a call.
fn finished(call: &str) -> String {
    format!(
        "let report = {call}.finish().await; \
         println!(\"{{}} failed\", report.failures.len());"
    )
}

/// Returns the lines of an example with these statements.
fn example(library: &str, statements: &str) -> Result<Vec<String>, Diagnostic> {
    // The values of the tests show where they go, and need escaping.
    let statements = statements.replace(" ü/1\"", "\"").replace(" value\"", "\"");
    let source = format!("fn example() {{ {statements} }}");
    let file = syn::parse_file(&source).map_err(|error| {
        Diagnostic::without_location(
            format!("cannot write the example of a method: it is not valid Rust: {error}"),
            "this is a bug in the generator: report it with the document",
        )
    })?;
    let printed = prettyplease::unparse(&file);
    let body = printed.lines().skip(1).filter(|line| *line != "}");
    let body = body.map(|line| line.strip_prefix("    ").unwrap_or(line).to_owned());
    let mut lines = vec![
        "# Example".to_owned(),
        String::new(),
        "```no_run".to_owned(),
    ];
    lines.push(format!("# use {library}::{{Client, Error, types}};"));
    lines.push("# async fn example(client: Client) -> Result<(), Error> {".to_owned());
    lines.extend(body);
    lines.extend(["# Ok(())", "# }", "```"].map(str::to_owned));
    Ok(lines)
}
