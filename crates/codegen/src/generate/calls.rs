//! Calls of every operation through the facade, for the workspace tests that look at what goes over the wire: a file
//! per resource, so that a change to one touches no other.

use std::fmt::Write as _;
use std::path::{Path, PathBuf};

use heck::ToSnakeCase;
use indexmap::IndexMap;

use super::MARK;
use super::model::Domain;
use super::refine::Sources;
use super::refine::calls::{Calls, Extent};
use crate::document::diagnostic::Diagnostic;

/// The Rust files, by their paths below the folder that holds them.
pub fn files(crates: &[(Domain, Sources)]) -> Result<IndexMap<PathBuf, String>, Diagnostic> {
    let mut files = IndexMap::new();
    let mut modules = String::from("use crate::Calls;\n\n");
    let mut pushes = String::new();
    for (domain, sources) in crates {
        let facade_module = domain.tag.to_snake_case();
        let mut by_resource: IndexMap<&str, Vec<&Calls>> = IndexMap::new();
        for calls in &sources.calls {
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
         pub fn calls(client: &scorekit::Client) -> Vec<Calls> {{\nlet mut calls = Vec::new();\n{pushes}calls\n}}"
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
        let pair = |extent: &Extent| {
            format!(
                "[sent({}.send()), sent({}.send())]",
                extent.least, extent.most
            )
        };
        let by_resource = calls.by_resource.as_ref().map_or_else(
            || "None".to_owned(),
            |extent| format!("Some({})", pair(extent)),
        );
        let _ = writeln!(
            pushes,
            "calls.push(Calls {{ domain: {:?}, resource: {:?}, operation: {:?}, plain: {}, by_resource: {by_resource} }});",
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
            format!("the calls for the tests are no Rust source: {error}"),
            "this is a fault of the generator: report it with the document",
        )
    })?;
    Ok(format!(
        "{MARK}//! {about}\n\n{}",
        prettyplease::unparse(&file)
    ))
}
