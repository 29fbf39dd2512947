//! One small document per pass, with everything that is generated from it: a change to a pass shows up here as a
//! change to the output a reviewer can read.

use std::fmt::Write as _;
use std::path::Path;

use crate::support::workspace;

/// Everything generated from `tests/passes/<name>.yaml`, file by file.
fn generated(name: &str) -> String {
    let folder = workspace().join("tests/passes");
    let generated =
        xtask::generate::generate(&folder.join(format!("{name}.yaml")), Path::new(&folder))
            .unwrap_or_else(|diagnostics| panic!("{diagnostics}"));
    let mut text = String::new();
    for (domain, sources) in &generated.crates {
        for (path, content) in &sources.files {
            let _ = write!(text, "======== {}/{path}\n{content}\n", domain.tag);
        }
    }
    text
}

macro_rules! snapshots {
    ($($name:ident)*) => {
        $(
            #[test]
            fn $name() {
                insta::assert_snapshot!(generated(stringify!($name)));
            }
        )*

        #[test]
        fn every_document_has_a_test() {
            let tested = [$(stringify!($name)),*];
            for entry in std::fs::read_dir(workspace().join("tests/passes")).expect("the documents") {
                let path = entry.expect("an entry").path();
                let name = path.file_stem().expect("a name").to_string_lossy().into_owned();
                assert!(tested.contains(&name.as_str()), "tests/passes/{name}.yaml has no test");
            }
        }

        #[test]
        fn every_lowering_pass_has_a_document() {
            let tested = [$(stringify!($name)),*];
            for pass in xtask::generate::lower::PASSES {
                assert!(tested.contains(&pass.name), "no document shows what the pass `{}` does", pass.name);
            }
        }
    };
}

// The lowering passes, then the refining ones.
snapshots! {
    single_all_of
    any_values
    aliases
    bounds
    inline_types
    names
    select
    shorten
    fields
    leniency
    documentation
    open_enums
    constructors
    requests
    client
    layout
}

#[test]
fn the_same_document_gives_the_same_bytes() {
    for name in ["layout", "requests"] {
        assert_eq!(generated(name), generated(name));
    }
}
