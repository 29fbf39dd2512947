//! One small document per pass.
//!
//! The snapshot of a lowering pass begins with the effect of that pass alone. It has each changed
//! value of the lowered document, by its JSON pointer, before and after. The passes before it have
//! run, those after it have not. The rest of every snapshot is the code generated from the
//! document, without the parts that the [`baseline`] asserts for all documents. A change in a later
//! pass or in refining therefore appears, even if only this document has the construct.

mod lowered;

use std::path::{Path, PathBuf};

use scorekit_codegen::generate::{Generated, generate, lower};
use scorekit_test_support::workspace;

use crate::baseline;

fn directory() -> PathBuf {
    workspace().join("tests/generator/passes")
}

fn document(name: &str) -> PathBuf {
    directory().join(name).with_extension("yaml")
}

fn generated(name: &str) -> Generated {
    generate(&document(name), Path::new(&directory()))
        .unwrap_or_else(|diagnostics| panic!("{diagnostics}"))
}

/// Returns the code generated from each document, by name.
pub(crate) fn all() -> impl Iterator<Item = (&'static str, Generated)> {
    let names = LOWERING.iter().chain(REFINING);
    names.map(|name| (*name, generated(name)))
}

macro_rules! snapshots {
    ($(#[doc = $documentation:literal])* $names:ident $text:ident: $($name:ident)*) => {
        $(#[doc = $documentation])*
        const $names: &[&str] = &[$(stringify!($name)),*];

        $(
            #[test]
            fn $name() {
                insta::assert_snapshot!($text(stringify!($name)));
            }
        )*
    };
}

/// Returns the snapshot of a lowering pass.
fn lowering(name: &str) -> String {
    lowered::change(&document(name), name) + &refining(name)
}

/// Returns the snapshot of a refining pass.
fn refining(name: &str) -> String {
    baseline::condensed(&generated(name))
}

snapshots! {
    /// The documents of the lowering passes.
    LOWERING lowering:
        responses
        deprecations
        plain_enums
        single_all_of
        any_values
        string_unions
        read_only
        free_form
        aliases
        bounds
        inline_types
        merged_all_of
        unions
        renamed_fields
        nullable
        names
}

snapshots! {
    /// The documents of the refining passes, and of the whole way through the generator.
    REFINING refining:
        select
        shorten
        fields
        leniency
        objects
        documentation
        open_enums
        union_variants
        constructors
        envelopes
        requests
        resources
        pages
        bulk
        client
        layout
        hostile_texts
}

#[test]
fn every_document_has_a_test() {
    let tested = [LOWERING, REFINING].concat();
    for entry in std::fs::read_dir(directory()).expect("the documents") {
        let path = entry.expect("an entry").path();
        let name = path
            .file_stem()
            .expect("a name")
            .to_string_lossy()
            .into_owned();
        let is_document = path
            .extension()
            .is_some_and(|extension| extension == "yaml");
        assert!(
            !is_document || tested.contains(&name.as_str()),
            "passes/{name}.yaml has no test"
        );
    }
}

#[test]
fn every_lowering_pass_has_a_document() {
    let passes = lower::PASSES.map(|pass| pass.name);
    assert_eq!(passes, LOWERING);
}

#[test]
fn the_same_document_gives_the_same_bytes() {
    for name in ["layout", "requests"] {
        let all = |generated: Generated| -> Vec<_> {
            let crates = generated.crates.into_iter();
            crates
                .map(|(domain, sources)| (domain.tag, sources.files))
                .collect()
        };
        assert_eq!(all(generated(name)), all(generated(name)));
    }
}
