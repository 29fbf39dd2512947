//! `cargo xtask generate --spec FILE --out DIRECTORY`: a workspace from a third-party document.

mod before_release;

use std::path::Path;
use std::process::Output;

use scorekit_test_support::{files, workspace, xtask};

fn generate(out: &Path, more: &[&str]) -> Output {
    let document = workspace().join("tests/generator/any_document/store.yaml");
    let (document, out) = (document.display().to_string(), out.display().to_string());
    let mut arguments = vec!["generate", "--spec", &document, "--out", &out];
    arguments.extend(more);
    xtask(&arguments)
}

fn said(output: &Output) -> String {
    String::from_utf8_lossy(&output.stderr).into_owned()
}

fn printed(output: &Output) -> String {
    String::from_utf8_lossy(&output.stdout).into_owned()
}

#[test]
fn unsupported_operations_are_rejected_or_left_out() {
    let directory = tempfile::tempdir().expect("a directory");
    let out = directory.path().join("new/store");
    let incomplete = generate(&out, &[]);
    assert_eq!(incomplete.status.code(), Some(1));
    assert!(
        out.join("crates/core-api/src/lib.rs").exists(),
        "the other operations are written"
    );
    insta::assert_snapshot!("any_document_rejected", said(&incomplete));

    let written = generate(&out, &["--skip-unsupported"]);
    assert_eq!(written.status.code(), Some(0), "{}", said(&written));
    let left_out: Vec<String> = said(&written)
        .lines()
        .filter(|line| line.starts_with("left out: "))
        .map(str::to_owned)
        .collect();
    assert_eq!(
        left_out,
        [
            "left out: PATCH /pets/{pet-id}",
            "left out: DELETE /pets/{pet-id}"
        ]
    );
    let message = said(&written);
    let notes: Vec<&str> = message
        .lines()
        .filter(|line| line.starts_with("note: "))
        .collect();
    assert_eq!(
        notes,
        [
            "note: store.yaml:30:48: the operation `get_pets_by_pet_id` also responds with `text/csv`; its method asks for `application/json`"
        ]
    );
    let names: Vec<String> = printed(&written)
        .lines()
        .filter_map(|line| line.split_whitespace().next().map(str::to_owned))
        .collect();
    assert_eq!(
        names,
        [
            "pet-store-v2-pets-friends",
            "pet-store-v2-core-api",
            "pet-store-v2-default",
            "pet-store-v2-types",
            "generated"
        ]
    );

    // Every file is up to date, and --check reports that.
    let before = files(&out);
    let again = generate(&out, &["--skip-unsupported"]);
    assert!(printed(&again).contains(" 0 other files changed"));
    assert_eq!(files(&out), before);
    let check = generate(&out, &["--skip-unsupported", "--check"]);
    assert_eq!(
        (check.status.code(), printed(&check)),
        (Some(0), String::new())
    );
    // If a tag is no longer requested, its crate is removed.
    let only = generate(&out, &["--only", "Pets & Friends,core-api"]);
    assert_eq!(only.status.code(), Some(0), "{}", said(&only));
    assert!(!out.join("crates/default").exists());
    assert!(out.join("crates/pets-friends/src/lib.rs").exists());
    assert!(out.join("crates/core-api/src/lib.rs").exists());
    let unknown = generate(&out, &["--only", "core-api,nobody"]);
    assert_eq!(unknown.status.code(), Some(2), "{unknown:?}");
    let said = said(&unknown);
    assert!(said.contains("no operation has the tag `nobody`"), "{said}");
    assert!(said.contains("`Pets & Friends`"), "{said}");
}

/// A note, an operation that refers to nothing, and one without a flaw.
const FLAWED: &str = "openapi: 3.0.3\ninfo: {title: flawed, version: '1'}\n\
    servers: [{url: 'https://api.example.com'}]\npaths:\n\
    \x20 /a/{id}: {get: {parameters: [{name: id, in: path, schema: {type: string}}], \
    responses: {'204': {description: Done.}}}}\n";
const DANGLING: &str = "  /b: {get: {responses: {'200': {$ref: '#/components/responses/No'}}}}\n";

#[test]
fn notes_are_errors_if_strict_and_json_for_programs() {
    let directory = tempfile::tempdir().expect("a directory");
    let (file, out) = (
        directory.path().join("flawed.yaml"),
        directory.path().join("out"),
    );
    let core = directory.path().join("core");
    let run = |text: &str, more: &[&str]| {
        std::fs::write(&file, text).expect("a file");
        let (file, out) = (file.display().to_string(), out.display().to_string());
        xtask(&[&["generate", "--spec", &file, "--out", &out][..], more].concat())
    };
    let json = |output: &Output| -> serde_json::Value {
        serde_json::from_str(&said(output)).unwrap_or_else(|_| panic!("{}", said(output)))
    };

    let strict = run(FLAWED, &["--strict"]);
    assert_eq!(strict.status.code(), Some(1), "{}", said(&strict));
    let expected = "error[assumption]: the path parameter `id` is not required";
    assert!(said(&strict).contains(expected), "{}", said(&strict));
    assert!(!out.exists());
    let strict = run(FLAWED, &["--strict", "--format", "json"]);
    assert_eq!(strict.status.code(), Some(1));
    let error = &json(&strict)["errors"][0];
    assert_eq!(
        (&error["line"], &error["file"]),
        (&5.into(), &"flawed.yaml".into())
    );
    // An operation that cannot be generated makes a strict document unusable.
    let strict = run(&[FLAWED, DANGLING].concat(), &["--strict"]);
    assert_eq!(strict.status.code(), Some(2), "{}", said(&strict));

    let core = core.display().to_string();
    let arguments = ["--format", "json", "--core-path", &core];
    let written = run(&[FLAWED, DANGLING].concat(), &arguments);
    assert_eq!(written.status.code(), Some(1), "{}", said(&written));
    let report = json(&written);
    assert_eq!(report["left_out"][0]["operation"], "GET /b");
    assert_eq!(report["left_out"][0]["reasons"][0]["line"], 6);
    assert_eq!(report["notes"].as_array().map(Vec::len), Some(2));
    let manifest = std::fs::read_to_string(out.join("Cargo.toml")).expect("the manifest");
    assert!(
        manifest.contains("scorekit-core = { path = \"../core\", default-features = false }"),
        "{manifest}"
    );
    // A document of today has no notes, so it is generated.
    let fine = FLAWED.replace("in: path,", "in: path, required: true,");
    let strict = run(&fine, &["--strict"]);
    assert_eq!(strict.status.code(), Some(0), "{}", said(&strict));
}

#[test]
fn references_may_name_files_below_the_spec_root() {
    let directory = tempfile::tempdir().expect("a directory");
    let write = |path: &str, text: &str| {
        let path = directory.path().join(path);
        std::fs::create_dir_all(path.parent().expect("a directory")).expect("a directory");
        std::fs::write(path, text).expect("a file");
    };
    let shared = "Thing: {type: object, properties: {id: {$ref: 'more/id.yaml'}}}\n";
    write("spec/common/types.yaml", shared);
    write("spec/common/more/id.yaml", "type: string\n");
    write("secret.yaml", "Thing: {type: object}\n");
    let run = |target: &str, more: &[&str]| {
        let content = format!("{{application/json: {{schema: {{$ref: '{target}#/Thing'}}}}}}");
        let operation = format!(
            "  /b: {{get: {{responses: {{'200': {{description: Done., content: {content}}}}}}}}}\n"
        );
        write("spec/apis/a.yaml", &[FLAWED, &operation].concat());
        let path = |name: &str| directory.path().join(name).display().to_string();
        let (file, out) = (path("spec/apis/a.yaml"), path("out"));
        xtask(&[&["generate", "--spec", &file, "--out", &out][..], more].concat())
    };
    let spec = directory.path().join("spec").display().to_string();
    let root = ["--spec-root", spec.as_str()];

    let rejected = run("../common/types.yaml", &[]);
    assert_eq!(rejected.status.code(), Some(1), "{}", said(&rejected));
    let message = said(&rejected);
    assert!(
        message.contains("leads out of the document's directory")
            && message.contains("--spec-root"),
        "{message}"
    );
    let generated = run("../common/types.yaml", &root);
    assert_eq!(generated.status.code(), Some(0), "{}", said(&generated));
    // `lint` and `diff` take the directory, too.
    let file = directory.path().join("spec/apis/a.yaml");
    let file = file.display().to_string();
    let lint = ["lint", "--spec", &file];
    let rejected = xtask(&lint);
    assert_eq!(rejected.status.code(), Some(2), "{}", said(&rejected));
    assert!(
        said(&rejected).contains("--spec-root"),
        "{}",
        said(&rejected)
    );
    let read = xtask(&[&lint[..], &root].concat());
    assert_ne!(read.status.code(), Some(2), "{}", said(&read));
    let text = std::fs::read_to_string(&file).expect("the document");
    write("spec/new/a.yaml", &text.replace("types.yaml", "new.yaml"));
    write(
        "spec/common/new.yaml",
        "Thing: {type: object, properties: {id: {type: integer}}}\n",
    );
    let new = directory
        .path()
        .join("spec/new/a.yaml")
        .display()
        .to_string();
    let diff = xtask(&[&["diff", "--base", &file, "--spec", &new][..], &root].concat());
    let report = String::from_utf8_lossy(&diff.stdout);
    assert!(
        report.contains("was string and is integer") && diff.status.code() == Some(1),
        "{report}"
    );
    for target in ["../../secret.yaml", "../common/../../secret.yaml"] {
        let rejected = run(target, &root);
        assert_eq!(rejected.status.code(), Some(1), "{}", said(&rejected));
        let message = said(&rejected);
        assert!(
            message.contains("leads out of the document's directory"),
            "{message}"
        );
    }
}

#[test]
fn tags_that_are_alike_have_crates_of_their_own() {
    let directory = tempfile::tempdir().expect("a directory");
    let (file, out) = (
        directory.path().join("tags.yaml"),
        directory.path().join("out"),
    );
    let tags = ["a-2", "a", "A", "a 2"];
    let paths = tags.iter().enumerate().map(|(number, tag)| {
        let responses = "{'204': {description: Done.}}";
        format!("  /{number}: {{get: {{tags: [{tag}], responses: {responses}}}}}\n")
    });
    let text = format!(
        "openapi: 3.0.3\ninfo: {{title: tags, version: '1'}}\nservers: [{{url: 'https://api.example.com'}}]\npaths:\n{}",
        paths.collect::<String>()
    );
    std::fs::write(&file, text).expect("a file");
    let (file, out_path) = (file.display().to_string(), out.display().to_string());
    let output = xtask(&["generate", "--spec", &file, "--out", &out_path]);
    assert_eq!(output.status.code(), Some(0), "{}", said(&output));
    let crates = std::fs::read_dir(out.join("crates")).expect("a directory");
    let mut names: Vec<_> = crates
        .map(|entry| entry.expect("an entry").file_name())
        .collect();
    names.sort();
    assert_eq!(names, ["a", "a-2", "a-2-2", "a-3"]);
}

#[test]
fn a_directory_of_another_project_stays_unchanged() {
    let directory = tempfile::tempdir().expect("a directory");
    let manifest = directory.path().join("Cargo.toml");
    std::fs::write(&manifest, "[package]\nname = \"mine\"\n").expect("a file");
    let before = files(directory.path());
    let output = generate(directory.path(), &["--skip-unsupported"]);
    assert_eq!(output.status.code(), Some(2));
    assert!(
        said(&output).contains("was not generated"),
        "{}",
        said(&output)
    );
    assert_eq!(files(directory.path()), before);

    let output = xtask(&["generate", "--spec", "nowhere.yaml"]);
    assert_eq!(output.status.code(), Some(2));
    assert!(said(&output).contains("--out"), "{}", said(&output));
}

#[test]
fn files_that_the_generator_did_not_write_are_named_and_stay() {
    let directory = tempfile::tempdir().expect("a directory");
    let out = directory.path().join("store");
    generate(&out, &["--skip-unsupported"]);
    let generated = out.join("crates/core-api/src/generated");
    let before = files(&out);
    for (path, action) in [("mine.rs", "removed"), ("mod.rs", "replaced")] {
        let file = generated.join(path);
        let original = std::fs::read(&file).ok();
        std::fs::write(&file, "// By hand.\n").expect("a file");
        for more in [
            &["--skip-unsupported"][..],
            &["--skip-unsupported", "--check"],
        ] {
            let rejected = generate(&out, more);
            assert_eq!(rejected.status.code(), Some(2), "{}", said(&rejected));
            let message = said(&rejected);
            let expected = format!(
                "crates/core-api/src/generated/{path} would be {action}, but the generator did not \
                 write it"
            );
            assert!(message.contains(&expected), "{message}");
            assert!(message.contains("move it out"), "{message}");
        }
        assert_eq!(std::fs::read(&file).expect("the file"), b"// By hand.\n");
        match original {
            Some(original) => std::fs::write(&file, original).expect("the file"),
            None => std::fs::remove_file(&file).expect("the file"),
        }
    }
    assert_eq!(files(&out), before);
    // A file that a later version no longer writes is removed as before.
    std::fs::write(
        generated.join("old.rs"),
        "// @generated by an earlier version\n",
    )
    .expect("a file");
    assert_eq!(
        generate(&out, &["--skip-unsupported"]).status.code(),
        Some(0)
    );
    assert_eq!(files(&out), before);
}

#[cfg(unix)]
#[test]
fn links_are_named() {
    let directory = tempfile::tempdir().expect("a directory");
    let (out, link) = (
        directory.path().join("store"),
        directory.path().join("link"),
    );
    std::fs::create_dir(&out).expect("a directory");
    std::os::unix::fs::symlink(&out, &link).expect("a link");
    for path in [link.clone(), link.join("")] {
        let written = generate(&path, &["--skip-unsupported"]);
        assert_eq!(written.status.code(), Some(0), "{}", said(&written));
        let target = out.canonicalize().expect("the directory");
        let expected = format!("is a link; the files are in {}", target.display());
        assert!(said(&written).contains(&expected), "{}", said(&written));
    }
    let direct = generate(&out, &["--skip-unsupported"]);
    assert!(!said(&direct).contains("is a link"), "{}", said(&direct));

    // A link inside leads out of the directory.
    let (inside, outside) = (
        out.join("crates/core-api/src"),
        directory.path().join("outside"),
    );
    std::fs::rename(&inside, &outside).expect("it is moved");
    std::os::unix::fs::symlink(&outside, &inside).expect("a link");
    let before = files(&outside);
    let rejected = generate(&out, &["--skip-unsupported"]);
    assert_eq!(rejected.status.code(), Some(2), "{}", said(&rejected));
    let expected = "crates/core-api/src is a link to ";
    assert!(said(&rejected).contains(expected), "{}", said(&rejected));
    assert_eq!(files(&outside), before);
}
