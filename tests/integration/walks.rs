//! The steps of CONTRIBUTING for a new operation and a new domain, run as they are written.

use std::collections::BTreeSet;
use std::path::Path;

use scorekit_test_support::{cargo_with_built, copy_of_workspace, workspace, xtask};

/// Returns the commands in the section of CONTRIBUTING with this heading.
fn commands(heading: &str) -> Vec<String> {
    let path = workspace().join("CONTRIBUTING.md");
    let text = std::fs::read_to_string(path).expect("the page");
    let section = text.split("\n## ").find(|part| part.starts_with(heading));
    let section = section.unwrap_or_else(|| panic!("no section {heading}"));
    let lines = section.lines();
    let commands = lines.filter_map(|line| line.strip_prefix("$ cargo xtask "));
    let commands: Vec<_> = commands.map(str::to_owned).collect();
    assert!(commands.len() > 2, "{heading}: {commands:?}");
    commands
}

/// Runs the commands of a section in the workspace at `root`. Returns what they print.
fn walk(root: &Path, heading: &str) -> String {
    let directory = root.display().to_string();
    let mut printed = String::new();
    for command in commands(heading) {
        let words: Vec<&str> = command.split(' ').chain(["--root", &directory]).collect();
        let output = xtask(&words);
        let [out, err] = [&output.stdout, &output.stderr].map(|it| String::from_utf8_lossy(it));
        assert!(output.status.success(), "{command}: {out}{err}");
        printed += &out;
    }
    printed
}

fn read(root: &Path, path: &str) -> String {
    let file = root.join(path);
    std::fs::read_to_string(&file).unwrap_or_else(|error| panic!("{path}: {error}"))
}

#[test]
fn a_new_operation_takes_no_scope_from_its_neighbour() {
    let copy = copy_of_workspace();
    let directory = copy.path().display().to_string();
    let run = |line: &str| {
        let words: Vec<&str> = line.split(' ').chain(["--root", &directory]).collect();
        let output = xtask(&words);
        assert!(output.status.success(), "{line}: {output:?}");
        String::from_utf8_lossy(&output.stdout).into_owned()
    };
    run("new operation GetRuleOfTest --tag scorecards --path /api/v2/scorecard/tests/{rule_id}");
    let text = read(copy.path(), "spec/scorecards.yaml");
    let start = text
        .find("operationId: GetRuleOfTest")
        .expect("the operation");
    let skeleton = text[start..]
        .split("operationId")
        .nth(1)
        .expect("the operation");
    assert!(skeleton.contains("[TODO]"), "{skeleton}");
    assert!(!skeleton.contains("apm_service_catalog"), "{skeleton}");
    let findings = run("lint");
    assert!(
        findings.contains("a scope is still to be written"),
        "{findings}"
    );
}

/// Returns the names of the functions below a directory of tests.
fn functions(directory: &Path, found: &mut BTreeSet<String>) {
    for entry in std::fs::read_dir(directory).expect("a directory").flatten() {
        let path = entry.path();
        if path.is_dir() {
            functions(&path, found);
        } else if path.extension().is_some_and(|extension| extension == "rs") {
            let text = std::fs::read_to_string(&path).expect("a file");
            let names = text
                .lines()
                .filter_map(|line| line.trim_start().split_once("fn "));
            let names = names.filter_map(|(_, rest)| rest.split_once('('));
            found.extend(names.map(|(name, _)| name.to_owned()));
        }
    }
}

#[test]
fn the_tests_that_fail_after_a_skeleton_exist() {
    let page = read(&workspace(), "CONTRIBUTING.md");
    let table = page.split("| test | decision |").nth(1).expect("the table");
    let rows = table
        .lines()
        .skip(2)
        .take_while(|line| line.starts_with('|'));
    let cells = rows.filter_map(|row| row.split('|').nth(1));
    let names = cells.flat_map(|cell| cell.split('`').skip(1).step_by(2));
    let names: Vec<&str> = names.filter_map(|name| name.rsplit("::").next()).collect();
    assert_eq!(names.len(), 7, "{names:?}");
    let mut known = BTreeSet::new();
    for directory in [
        "tests/integration",
        "tests/calls/tests",
        "crates/sandbox/tests",
        "tests/cli",
        "tests/generator",
    ] {
        functions(&workspace().join(directory), &mut known);
    }
    let missing = names.iter().filter(|name| !known.contains(**name));
    assert_eq!(missing.collect::<Vec<_>>(), Vec::<&&str>::new());
}

/// Runs both walks in one copy, checks what they name, and compiles the skeletons with the features
/// that the sandbox selects alone. So all of its libraries are compiled again, and the test runs
/// before a release.
#[test]
#[ignore = "compiles the sandbox; `cargo xtask ci skeletons` runs it"]
fn skeletons_compile_and_name_what_is_left() {
    let copy = copy_of_workspace();
    let root = copy.path();
    let printed = walk(root, "Adding an operation");
    for left in [
        "write the handler in",
        "GetRuleOwner.json",
        "unwritten-text",
    ] {
        assert!(printed.contains(left), "{left}: {printed}");
    }
    let printed = walk(root, "Adding a domain");
    assert!(printed.contains("name crates/reports"), "{printed}");
    // Each place that names the domains has the new one.
    for (path, words) in [
        (
            "README.md",
            "[`scorekit-reports`](crates/reports) | 1 | reports |",
        ),
        (
            "crates/scorekit/Cargo.toml",
            "reports = [\"dep:scorekit-reports\"]",
        ),
        ("crates/scorekit/src/operations.md", "`client.reports()`"),
        ("crates/scorekit/src/generated.rs", "pub fn reports(&self)"),
        ("crates/cli/src/generated/mod.rs", "mod reports;"),
        (
            "crates/sandbox/src/handlers/mod.rs",
            "&[reports::HANDLERS],",
        ),
        ("crates/sandbox/openapi.json", "\"GetRuleOwner\""),
        (
            "tests/integration/end_to_end/stubs.rs",
            "\"ListReports\", \"GetRuleOwner\"",
        ),
    ] {
        assert!(read(root, path).contains(words), "{path} has no {words}");
    }
    let directory = root.display().to_string();
    let check = xtask(&["generate", "--check", "--root", &directory]);
    assert!(check.status.success(), "{check:?}");
    let packages = ["check", "-p", "scorekit-sandbox", "-p", "scorekit-reports"];
    let output = cargo_with_built(root, &packages);
    let errors = String::from_utf8_lossy(&output.stderr);
    assert!(output.status.success(), "{errors}");
    assert!(!errors.contains("warning"), "{errors}");
    // A page that lacks the domain is stale.
    let page = read(root, "README.md").replace("[`scorekit-reports`]", "[`scorekit-other`]");
    std::fs::write(root.join("README.md"), page).expect("the page");
    let check = xtask(&["generate", "--check", "--root", &directory]);
    assert_eq!(check.status.code(), Some(1), "{check:?}");
}

#[test]
fn what_cannot_be_added_is_an_error_that_names_the_way() {
    let root = workspace().display().to_string();
    let run = |words: &[&str]| xtask(&[&["new"], words, &["--root", &root]].concat());
    let path = "/api/v2/scorecard/rules";
    for (words, problem) in [
        (
            ["operation", "GetRule", "--tag", "rules", "--path", path].as_slice(),
            "cannot use the tag `rules`: it is not declared",
        ),
        (
            &[
                "operation",
                "ListScorecardRules",
                "--tag",
                "scorecards",
                "--path",
                "/rules",
            ],
            "cannot add `ListScorecardRules`: the document has this operation",
        ),
        (
            &[
                "operation",
                "ListOwners",
                "--tag",
                "scorecards",
                "--path",
                path,
            ],
            "cannot add `ListOwners`: ListScorecardRules has this method and path",
        ),
        (
            &[
                "operation",
                "List Owners",
                "--tag",
                "scorecards",
                "--path",
                path,
            ],
            "cannot use `List Owners`: it is not an operation id",
        ),
        (
            &[
                "operation",
                "ListOwners",
                "--tag",
                "scorecards",
                "--path",
                "rules",
            ],
            "cannot use `rules`: it is not a path",
        ),
        (
            &["domain", "cases"],
            "cannot use the tag `cases`: it is declared already",
        ),
        (
            &["domain", "My Domain"],
            "cannot use `My Domain`: it is not a tag",
        ),
    ] {
        let output = run(words);
        let errors = String::from_utf8_lossy(&output.stderr);
        assert_eq!(output.status.code(), Some(2), "{words:?}: {errors}");
        assert!(errors.contains(problem), "{words:?}: {errors}");
    }
}
