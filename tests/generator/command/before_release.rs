//! A new tag adds a crate, and a removed tag removes it.

use std::path::Path;

use scorekit_test_support::{cargo, cargo_with_built, files, workspace};
use toml_edit::{Array, DocumentMut, Item, Table, value};

use super::{document, generate, text};
use crate::compiled::workspace::{FEATURES, Workspace, Written};

const WIDGETS: &str = r##"
paths:
  /api/v2/widgets/{widget_id}:
    get:
      operationId: GetWidget
      summary: Get a widget
      description: Reads one widget.
      tags: [widgets]
      parameters:
        - {name: widget_id, in: path, required: true, description: The widget., schema: {type: string}}
      responses:
        "200":
          description: The widget.
          content:
            application/json:
              schema: {$ref: "#/components/schemas/Widget"}
              example: {name: lamp}
components:
  schemas:
    Widget: {type: object, description: A widget., properties: {name: {type: string, description: Its name.}}}
"##;

/// A program that uses the new crate alone and through the facade.
const PROGRAM: &str = r#"//! A program.
fn main() {
    let client: fn(&scorekit::Client) -> scorekit_widgets::Client = scorekit::Client::widgets;
    let call = |client: scorekit_widgets::Client| client.get_widget("lamp");
    let _ = (client, call);
}
"#;

/// Removes the files of the domains of this workspace's own document.
fn without_domains(table: &mut Table) {
    table.retain(|name, _| !name.starts_with("scorekit-") || name == "scorekit-core");
}

/// Returns a workspace with this one's facade and runtime, and no domain.
fn workspace_without_domains() -> Workspace {
    let read = |path: &str| {
        let path = workspace().join(path);
        std::fs::read_to_string(&path).unwrap_or_else(|error| panic!("{path:?}: {error}"))
    };
    let parsed = |path: &str| -> DocumentMut { read(path).parse().expect("a manifest") };
    let mut root = parsed("Cargo.toml");
    root["workspace"]["members"] = value(Array::from_iter(["crates/*"]));
    // The generator writes the sandbox's document. The sandbox has no other file here.
    root["workspace"]["exclude"] = value(Array::from_iter(["crates/sandbox"]));
    root["workspace"]
        .as_table_mut()
        .expect("a table")
        .remove("default-members");
    let dependencies = root["workspace"]["dependencies"]
        .as_table_mut()
        .expect("dependencies");
    without_domains(dependencies);
    let core = workspace().join("crates/core").display().to_string();
    dependencies["scorekit-core"]["path"] = value(core);
    let mut facade = parsed("crates/scorekit/Cargo.toml");
    without_domains(facade["dependencies"].as_table_mut().expect("dependencies"));
    facade.remove("dev-dependencies");
    facade.remove("example");
    let features = facade["features"].as_table_mut().expect("features");
    // The names stay, because the facade's documentation refers to them. The generator adds what
    // the facade passes on to the runtime.
    let passes_on = |feature: &Item| feature.to_string().contains("scorekit-core/");
    features.retain(|name, feature| name != "default" && !passes_on(feature));
    for (_, feature) in features.iter_mut() {
        *feature = value(Array::new());
    }

    let mut new = Workspace::default();
    new.add("Cargo.toml", root.to_string());
    new.add("crates/scorekit/Cargo.toml", facade.to_string());
    new.add(
        "crates/scorekit/README.md",
        read("crates/scorekit/README.md"),
    );
    for (path, content) in files(&workspace().join("crates/scorekit/src")) {
        if path != Path::new("generated.rs") {
            new.add(Path::new("crates/scorekit/src").join(path), content);
        }
    }
    new.add("spec/openapi.yaml", document());
    new.add_features();
    new
}

fn generate_all(written: &Written) {
    let output = generate(&written.directory, &[]);
    assert!(output.status.success(), "{}", text(&output.stderr));
}

#[test]
#[ignore = "compiles generated code; `cargo xtask ci compiled-all` runs it"]
fn a_new_tag_adds_a_crate_and_a_removed_tag_removes_it() {
    let written = workspace_without_domains().write("new_tag");
    generate_all(&written);
    let own = |path: &str| written.directory.join(path);
    let sources = || {
        let mut sources = files(&written.directory);
        // The files that cargo writes.
        sources.retain(|path, _| !path.starts_with("target") && path != Path::new("Cargo.lock"));
        sources
    };
    let before = sources();
    let with_widgets = document()
        .replace(
            "tags:\n",
            "tags:\n  - name: widgets\n    description: Things on a screen.\n",
        )
        .replace(
            "\npaths:\n",
            "\npaths:\n  /api/v2/widgets/{widget_id}:\n    \
             $ref: \"widgets.yaml#/paths/~1api~1v2~1widgets~1{widget_id}\"\n",
        );
    std::fs::write(own("spec/openapi.yaml"), with_widgets).expect("a file");
    std::fs::write(own("spec/widgets.yaml"), WIDGETS).expect("a file");

    generate_all(&written);

    for path in [
        "Cargo.toml",
        "README.md",
        "src/lib.rs",
        "src/generated/requests/widgets.rs",
    ] {
        let path = Path::new("crates/widgets").join(path);
        assert!(
            written.directory.join(&path).exists(),
            "{} is missing",
            path.display()
        );
    }
    let formatted = cargo(
        &written.directory,
        &["fmt", "--check", "-p", "scorekit-widgets", "-p", "scorekit"],
    );
    assert!(formatted.status.success(), "{formatted:?}");
    let program = own("crates/scorekit/examples/widgets.rs");
    std::fs::create_dir_all(program.parent().expect("a directory")).expect("a directory");
    std::fs::write(&program, PROGRAM).expect("a file");
    let packages = [
        "check",
        "-p",
        "scorekit-widgets",
        "-p",
        "scorekit",
        "-p",
        FEATURES,
    ];
    let checked = cargo_with_built(
        &written.directory,
        &[&packages[..], &["--example", "widgets", "--lib"]].concat(),
    );
    let errors = text(&checked.stderr);
    assert!(
        checked.status.success() && !errors.contains("warning"),
        "{errors}"
    );

    std::fs::remove_dir_all(program.parent().expect("a directory")).expect("the program");
    std::fs::remove_file(own("spec/widgets.yaml")).expect("the file");
    std::fs::write(own("spec/openapi.yaml"), document()).expect("a file");
    generate_all(&written);

    assert!(!own("crates/widgets").exists());
    assert_eq!(sources(), before);
}
