//! The packages that are published: their manifests, and their files alone.

use std::collections::BTreeSet;
use std::path::{Component, Path, PathBuf};

use scorekit_test_support::{cargo, cargo_with_built, files, target, workspace, xtask};
use serde_json::Value;

/// The documentation of the command, which is the only package without a library.
const COMMAND: &str = "https://github.com/scorekit/scorekit/blob/main/docs/cli.md";

/// Returns the packages to publish, as cargo describes them.
fn packages() -> Vec<Value> {
    let arguments = [
        "metadata",
        "--no-deps",
        "--offline",
        "--format-version",
        "1",
    ];
    let output = cargo(&workspace(), &arguments);
    let metadata: Value = serde_json::from_slice(&output.stdout).expect("cargo writes JSON");
    let all = metadata["packages"].as_array().expect("packages").iter();
    all.filter(|package| package["publish"].is_null())
        .cloned()
        .collect()
}

fn directory(package: &Value) -> PathBuf {
    let manifest = Path::new(package["manifest_path"].as_str().expect("a path"));
    manifest.parent().expect("a directory").to_owned()
}

fn read(path: &Path) -> String {
    std::fs::read_to_string(path).unwrap_or_else(|error| panic!("{}: {error}", path.display()))
}

#[test]
fn manifests_are_complete() {
    let packages = packages();
    assert!(packages.len() >= 10, "{}", packages.len());
    let own: BTreeSet<&str> = packages
        .iter()
        .filter_map(|it| it["name"].as_str())
        .collect();
    let mut problems = Vec::new();
    for package in &packages {
        let name = package["name"].as_str().expect("a name");
        let mut check = |is_right: bool, problem: &str| {
            if !is_right {
                problems.push(format!("{name}: {problem}"));
            }
        };
        for field in [
            "description",
            "license",
            "repository",
            "homepage",
            "documentation",
        ] {
            check(package[field].is_string(), field);
        }
        let is_library = package["targets"].to_string().contains("\"lib\"");
        // docs.rs documents libraries only.
        let documentation = match is_library {
            true => format!("https://docs.rs/{name}"),
            false => COMMAND.to_owned(),
        };
        check(
            package["documentation"] == documentation.as_str(),
            "another documentation",
        );
        for (field, most) in [("keywords", 5), ("categories", 5)] {
            let count = package[field].as_array().map_or(0, Vec::len);
            check((1..=most).contains(&count), field);
        }
        for text in package["keywords"].as_array().into_iter().flatten() {
            check(
                text.as_str().is_some_and(|text| text.len() <= 20),
                "a long keyword",
            );
        }
        let features = package["features"].as_object().expect("features");
        let defaults = features.get("default").and_then(Value::as_array);
        let is_off = |name: &String| {
            let mut defaults = defaults.into_iter().flatten();
            name != "default" && !defaults.any(|default| default == name.as_str())
        };
        let shows_all = package["metadata"]["docs"]["rs"]["all-features"] == true;
        check(
            shows_all || !is_library || !features.keys().any(is_off),
            "features without docs",
        );
        for dependency in package["dependencies"].as_array().into_iter().flatten() {
            let is_own = dependency["name"]
                .as_str()
                .is_some_and(|it| own.contains(it));
            check(
                !is_own || dependency["req"] != "*",
                "a dependency without a version",
            );
        }
        for license in ["LICENSE-APACHE", "LICENSE-MIT"] {
            let copy = std::fs::read(directory(package).join(license)).unwrap_or_default();
            let text = std::fs::read(workspace().join(license)).expect("a licence");
            check(copy == text, "a licence is missing or another");
        }
    }
    assert!(problems.is_empty(), "{}", problems.join("\n"));
}

/// Checks that each README says how to get the package, libraries with their version.
#[test]
fn readmes_say_how_to_get_the_package() {
    let mut wrong = Vec::new();
    for package in &packages() {
        let name = package["name"].as_str().expect("a name");
        let version = package["version"].as_str().expect("a version");
        let (short, _) = version.rsplit_once('.').expect("three numbers");
        let page = read(&directory(package).join("README.md"));
        let (depends, requirement) = (format!("{name} = "), format!("\"{short}\""));
        let installs = format!("$ cargo install {name}");
        let mut lines = page.lines();
        let is_named = lines.any(|line| {
            line == installs || line.starts_with(&depends) && line.contains(&requirement)
        });
        if !is_named {
            wrong.push(name.to_owned());
        }
    }
    assert!(wrong.is_empty(), "{}", wrong.join(", "));
}

/// Returns the features of a package, each with what it enables.
fn features_of<'a>(packages: &'a [Value], name: &str) -> &'a serde_json::Map<String, Value> {
    let package = packages.iter().find(|package| package["name"] == name);
    package.expect("a package")["features"]
        .as_object()
        .expect("features")
}

/// A program selects features of the runtime at the client that it uses.
#[test]
fn clients_pass_on_every_feature_of_the_runtime() {
    let packages = packages();
    let depends = |package: &&Value| {
        let mut dependencies = package["dependencies"].as_array().into_iter().flatten();
        dependencies.any(|dependency| dependency["name"] == "scorekit-core")
    };
    let clients: Vec<_> = packages.iter().filter(depends).collect();
    assert!(clients.len() >= 6, "{}", clients.len());
    let runtime = features_of(&packages, "scorekit-core");
    let by_default = |features: &serde_json::Map<String, Value>, feature: &str| {
        let mut defaults = features["default"].as_array().into_iter().flatten();
        defaults.any(|default| default == feature)
    };
    for client in clients {
        let name = client["name"].as_str().expect("a name");
        let own = features_of(&packages, name);
        for feature in runtime.keys().filter(|feature| *feature != "default") {
            let passed = serde_json::json!([format!("scorekit-core/{feature}")]);
            assert_eq!(own.get(feature), Some(&passed), "{name}: {feature}");
            let is_default = by_default(runtime, feature);
            assert_eq!(
                by_default(own, feature),
                is_default,
                "{name}: {feature} by default"
            );
        }
    }
}

/// Checks that no source or README of a package names a file outside of it.
#[test]
fn packages_need_no_file_from_outside() {
    let mut problems = Vec::new();
    let mut count = 0;
    for package in packages() {
        let root = directory(&package);
        for part in ["src", "examples", "README.md"] {
            let path = root.join(part);
            let texts = match path.is_dir() {
                true => files(&path)
                    .into_iter()
                    .map(|(it, text)| (path.join(it), text))
                    .collect(),
                false if path.exists() => vec![(path.clone(), read(&path))],
                false => Vec::new(),
            };
            for (path, text) in texts {
                let is_page = path.extension().is_some_and(|it| it == "md");
                for name in named(&text, is_page) {
                    count += 1;
                    if leaves(&root, &path, &name) {
                        problems.push(format!("{}: {name}", path.display()));
                    }
                }
            }
        }
    }
    assert!(count > 20, "{count}");
    assert!(problems.is_empty(), "{}", problems.join("\n"));
}

/// Returns the paths that a source includes, or that a page links.
fn named(text: &str, is_page: bool) -> Vec<String> {
    let (starts, end): (&[&str], char) = match is_page {
        true => (&["]("], ')'),
        false => (&["include_str!(\"", "include_bytes!(\""], '"'),
    };
    let found = starts.iter().flat_map(|start| text.split(start).skip(1));
    let found = found.filter_map(|rest| rest.split_once(end));
    found
        .map(|(name, _)| name.to_owned())
        .filter(|name| !name.contains("://") && !name.contains("::") && !name.starts_with('#'))
        .collect()
}

/// Returns true if `name`, relative to the file `path`, is not in the directory `root`.
fn leaves(root: &Path, path: &Path, name: &str) -> bool {
    let mut target = path.parent().expect("a directory").to_owned();
    for part in Path::new(name).components() {
        match part {
            Component::ParentDir => drop(target.pop()),
            Component::Normal(part) => target.push(part),
            _ => {}
        }
    }
    !target.starts_with(root)
}

#[test]
fn release_is_planned() {
    let output = xtask(&["release", "--dry-run"]);
    let plan = String::from_utf8_lossy(&output.stdout);
    assert!(
        plan.contains("1. date the entries, commit, and tag v"),
        "{plan}"
    );
    let order = plan.split("in this order: ").nth(1).expect("an order");
    let order: Vec<&str> = order.lines().next().expect("a line").split(", ").collect();
    let packages = packages();
    assert_eq!(order.len(), packages.len(), "{plan}");
    let place = |name: &str| order.iter().position(|it| *it == name);
    for package in &packages {
        let own = place(package["name"].as_str().expect("a name"));
        for dependency in package["dependencies"].as_array().into_iter().flatten() {
            let other = place(dependency["name"].as_str().expect("a name"));
            let is_needed = dependency["kind"] != "dev" && other.is_some();
            assert!(!is_needed || other < own, "{dependency} comes later");
        }
    }
    // Without a change since the release there is nothing to publish.
    let has_problem = plan.contains("\nproblem ");
    assert_eq!(output.status.code(), Some(i32::from(has_problem)), "{plan}");
}

/// Tests of packed crates; `cargo xtask ci packages` runs them by this name.
mod packed {
    use super::*;

    /// Returns the size of a package in the table of sizes, in bytes.
    fn stated_size(page: &str, name: &str) -> Option<u64> {
        let (_, cells) = page.split_once(&format!("| `{name}` | "))?;
        let (size, _) = cells.split_once(' ')?;
        size.parse::<u64>().ok().map(|size| size * 1_000)
    }

    /// Packs every crate, unpacks them in another directory, and tests them there. Only crates from
    /// outside the workspace come from elsewhere.
    #[test]
    #[ignore = "compiles all crates; `cargo xtask ci packages` runs it"]
    fn crates_are_whole_without_the_workspace() {
        let names: Vec<String> = packages()
            .iter()
            .map(|package| package["name"].as_str().expect("a name").to_owned())
            .collect();
        let mut arguments = vec!["package", "--no-verify", "--allow-dirty", "--offline"];
        arguments.extend(names.iter().flat_map(|name| ["-p", name.as_str()]));
        let output = cargo(&workspace(), &arguments);
        let messages = String::from_utf8_lossy(&output.stderr);
        assert!(output.status.success(), "{messages}");
        let warnings: Vec<&str> = messages
            .lines()
            .filter(|line| line.starts_with("warning:"))
            .collect();
        assert!(warnings.is_empty(), "{}", warnings.join("\n"));

        let packed = target().join("packed");
        if packed.exists() {
            std::fs::remove_dir_all(&packed).expect("the last run is removed");
        }
        std::fs::create_dir_all(&packed).expect("a directory");
        let version = env!("CARGO_PKG_VERSION");
        let sizes = read(&workspace().join("docs/policy.md"));
        let mut manifest = "[workspace]\nresolver = \"3\"\nmembers = [\"scorekit*\"]\n\n\
                            [patch.crates-io]\n"
            .to_owned();
        for name in &names {
            let archive = target().join(format!("package/{name}-{version}.crate"));
            let size = archive.metadata().expect("an archive").len();
            println!("{size:>8} bytes  {name}");
            assert!(size < 1_000_000, "{name} has {size} bytes");
            let stated = stated_size(&sizes, name).unwrap_or_default();
            assert!(
                stated.abs_diff(size) <= size / 10,
                "docs/policy.md: {name} has {} KB",
                size / 1_000
            );
            let unpacked = std::process::Command::new("tar")
                .arg("-xzf")
                .arg(&archive)
                .current_dir(&packed)
                .status();
            assert!(unpacked.expect("tar runs").success(), "{name}");
            manifest.push_str(&format!("{name} = {{ path = \"{name}-{version}\" }}\n"));
        }
        std::fs::write(packed.join("Cargo.toml"), manifest).expect("a manifest");
        std::fs::copy(workspace().join("Cargo.lock"), packed.join("Cargo.lock"))
            .expect("a lock file");
        // Each alone, because another one may select a feature that it needs.
        for name in &names {
            let output = cargo_with_built(&packed, &["check", "-p", name]);
            let log = String::from_utf8_lossy(&output.stderr);
            assert!(output.status.success(), "{name}: {log}");
        }
        let output = cargo_with_built(&packed, &["test", "--workspace"]);
        let log = String::from_utf8_lossy(&output.stderr);
        let results = String::from_utf8_lossy(&output.stdout);
        assert!(output.status.success(), "{log}\n{results}");
        assert!(results.contains("passed"), "{results}");
    }
}
