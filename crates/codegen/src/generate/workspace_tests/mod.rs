//! Generates code for the workspace's own tests: calls of every operation, and a table of the
//! document's examples. The calls are also examples in the documentation of the methods.
//!
//! It is not generated for third-party documents; the client of the sandbox's control API has only
//! the examples. It starts again from the lowered domains, so that the rest of the generator does
//! not depend on it.

mod calls;
mod examples;
mod method_examples;

use std::fmt::Write as _;
use std::path::{Path, PathBuf};

use heck::ToSnakeCase;

use self::calls::{CallVariants, Calls};
pub(super) use self::examples::request_example;
use super::model::Domain;
use super::parallel::parallel;
use super::write::Plan;
use super::{Generated, MARK, engine, refine};
use crate::collections::IndexMap;
use crate::document::diagnostic::Diagnostic;

/// The directory of the calls. It holds nothing else.
const CALLS: &str = "tests/calls/src/generated";

/// The file of the examples.
const EXAMPLES: &str = "tests/integration/generated/examples.rs";

/// Plans the files.
pub(super) fn plan(generated: &Generated, plan: &mut Plan) -> Result<(), Diagnostic> {
    let domains = generated.crates.iter().map(|(domain, _)| domain);
    let domains: Vec<&Domain> = domains.collect();
    let examples = examples::table(&generated.document, &domains);
    plan.files.insert(PathBuf::from(EXAMPLES), examples);
    let calls = parallel(domains, |domain| {
        Ok::<_, Diagnostic>((domain, calls_of(domain)?))
    });
    let calls = calls.into_iter().collect::<Result<Vec<_>, _>>()?;
    for (domain, calls) in &calls {
        let package = generated.crate_name(&domain.tag);
        let directory = Path::new("crates").join(&domain.tag).join("src/generated");
        method_examples::add(plan, domain, calls, &directory, &package)?;
    }
    for (path, content) in files(&calls)? {
        plan.files.insert(Path::new(CALLS).join(path), content);
    }
    plan.owned_directories.push(PathBuf::from(CALLS));
    Ok(())
}

/// Adds an example to each method of another client, whose planned files are in `directory`.
pub(super) fn add_examples(
    domain: &Domain,
    directory: &Path,
    package: &str,
    plan: &mut Plan,
) -> Result<(), Diagnostic> {
    method_examples::add(plan, domain, &calls_of(domain)?, directory, package)
}

fn calls_of(domain: &Domain) -> Result<Vec<Calls>, Diagnostic> {
    let refined = engine::run(domain).and_then(|tokens| refine::run_passes(tokens, domain))?;
    Ok(calls::calls(&refined, domain))
}

/// Creates the Rust files, one per resource, so that a change to a resource touches no other file.
fn files(crates: &[(&Domain, Vec<Calls>)]) -> Result<IndexMap<PathBuf, String>, Diagnostic> {
    let mut files = IndexMap::default();
    let mut modules = String::from("use crate::Calls;\n\n");
    let mut pushes = String::new();
    for (domain, all_calls) in crates {
        let facade_module = domain.tag.to_snake_case();
        let mut by_resource: IndexMap<&str, Vec<&Calls>> = IndexMap::default();
        for calls in all_calls {
            by_resource.entry(&calls.resource).or_default().push(calls);
        }
        for (resource, calls) in by_resource {
            let module = format!("{facade_module}_{resource}");
            let _ = writeln!(modules, "mod {module};");
            let _ = writeln!(
                pushes,
                "{module}::calls(&client.{facade_module}(), &mut calls);"
            );
            let about = format!("Calls of the resource `{resource}` of `{}`.", domain.tag);
            files.insert(
                Path::new(&module).with_extension("rs"),
                print(&about, &resource_file(domain, &facade_module, &calls))?,
            );
        }
    }
    let index = format!(
        "{modules}\n/// Every operation of every domain.\n\
         pub fn calls(client: &scorekit::Client) -> Vec<Calls> {{\n\
         let mut calls = Vec::new();\n{pushes}calls\n}}"
    );
    files.insert(
        PathBuf::from("mod.rs"),
        print("Calls of every operation of the document.", &index)?,
    );
    Ok(files)
}

fn resource_file(domain: &Domain, facade_module: &str, operations: &[&Calls]) -> String {
    let mut pushes = String::new();
    for calls in operations {
        let pair = |variants: &CallVariants| {
            format!(
                "[sent({}.send()), sent({}.send())]",
                variants.minimal, variants.maximal
            )
        };
        let by_resource = calls.by_resource.as_ref().map_or_else(
            || "None".to_owned(),
            |variants| format!("Some({})", pair(variants)),
        );
        let _ = writeln!(
            pushes,
            "calls.push(Calls {{ domain: {:?}, resource: {:?}, operation: {:?}, plain: {}, \
             by_resource: {by_resource} }});",
            domain.tag,
            calls.resource,
            calls.operation,
            pair(&calls.plain),
        );
    }
    let types = if pushes.contains("types ::") {
        format!("use scorekit::{facade_module}::types;\n")
    } else {
        String::new()
    };
    format!(
        "use scorekit::{facade_module}::Client;\n{types}\n\
         use crate::{{Calls, sent}};\n\n\
         pub(super) fn calls(client: &Client, calls: &mut Vec<Calls>) {{\n{pushes}}}"
    )
}

fn print(about: &str, source: &str) -> Result<String, Diagnostic> {
    let file = syn::parse_file(source).map_err(|error| {
        Diagnostic::without_location(
            format!("cannot write the calls for the tests: they are not valid Rust: {error}"),
            "this is a bug in the generator: report it with the document",
        )
    })?;
    Ok(format!(
        "{MARK}//! {about}\n\n{}",
        prettyplease::unparse(&file)
    ))
}
