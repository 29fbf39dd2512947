//! Plans the workspace: the files of the generated code, and the changes for a new or a removed
//! tag.
//!
//! There are three kinds of file. Generated files are rewritten. A domain crate's manifest, README
//! and `lib.rs` are written once and then edited by hand (`scaffold`). In the manifests of the
//! workspace and of the facade, only the lines of the domains change.

use std::path::{Path, PathBuf};

use heck::ToSnakeCase;
use toml_edit::{Array, DocumentMut, InlineTable, Item, Table, Value, value};

use super::model::Domain;
use super::scaffold::{SCAFFOLD, scaffold};
use super::write::{Plan, collect_files};
use super::{Generated, MARK, PREFIX, commands, features, readme, shared, workspace_tests};
use crate::document::diagnostic::{Diagnostic, Diagnostics};

/// Plans the workspace at `root`.
pub fn plan(root: &Path, generated: &Generated) -> Result<Plan, Diagnostics> {
    let mut plan = Plan::default();
    let known = domain_crates(root)?;
    domain_files(root, generated, &known, &mut plan)?;
    let domains: Vec<&Domain> = generated.crates.iter().map(|(domain, _)| domain).collect();
    let manifest = PathBuf::from("Cargo.toml");
    plan.files.insert(
        manifest.clone(),
        workspace_manifest(
            &read_manifest(root, &manifest)?,
            &known,
            &domains,
            &manifest,
        )?,
    );
    let manifest = PathBuf::from("crates/scorekit/Cargo.toml");
    plan.files.insert(
        manifest.clone(),
        facade_manifest(
            &read_manifest(root, &manifest)?,
            &known,
            &domains,
            &manifest,
        )?,
    );
    plan.files.insert(
        PathBuf::from("crates/scorekit/src/generated.rs"),
        facade_source(&domains),
    );
    plan.files.insert(
        PathBuf::from("crates/scorekit/src/operations.md"),
        facade_overview(generated),
    );
    plan.files.insert(
        PathBuf::from("crates/sandbox/openapi.json"),
        super::bundled(&generated.document)?,
    );
    readme::plan(root, generated, &mut plan)?;
    workspace_tests::plan(generated, &mut plan)?;
    // Without the crate, cargo would find a member without a manifest.
    if root.join(commands::MANIFEST).exists() {
        commands::plan(generated, &mut plan)?;
    }
    Ok(plan)
}

/// Plans the files of each domain's crate, and the removal of the crates whose tag is gone. `known`
/// holds the existing domains.
pub(super) fn domain_files(
    root: &Path,
    generated: &Generated,
    known: &[String],
    plan: &mut Plan,
) -> Result<(), Diagnostics> {
    for (domain, sources) in &generated.crates {
        let directory = Path::new("crates").join(&domain.tag);
        if root.join(&directory).exists() && !known.contains(&domain.tag) {
            return Err(Diagnostic::without_location(
                format!(
                    "the directory {} exists already and is not a domain crate",
                    directory.display()
                ),
                "rename the tag, or move the directory away",
            )
            .into());
        }
        let generated_directory = directory.join("src/generated");
        for (path, content) in &sources.files {
            plan.files
                .insert(generated_directory.join(path), content.clone());
        }
        plan.owned_directories.push(generated_directory);
        let types = shared::package::dependency(generated, &domain.tag);
        let name = generated.crate_name(&domain.tag);
        for (path, content) in scaffold(domain, &name, generated.is_own, types.as_deref()) {
            if !root.join(&directory).join(path).exists() {
                plan.files.insert(directory.join(path), content);
            }
        }
        let manifest = directory.join("Cargo.toml");
        if root.join(&manifest).exists() {
            let text = read_manifest(root, &manifest)?;
            let mut parsed = parse(&text, &manifest)?;
            features::pass_on(&mut parsed, &manifest)?;
            plan.files.insert(manifest, parsed.to_string());
        }
    }
    let is_gone = |tag: &&String| {
        let mut domains = generated.crates.iter();
        !domains.any(|(domain, _)| domain.tag == **tag)
    };
    for tag in known.iter().filter(is_gone) {
        let directory = Path::new("crates").join(tag);
        by_hand(root, &directory, "the tag")?;
        plan.owned_directories.push(directory.join("src/generated"));
        plan.removed
            .extend(SCAFFOLD.map(|path| directory.join(path)));
    }
    Ok(())
}

/// Returns an error if a crate holds files written by hand and its `reason`, such as its tag, is
/// gone. Only the generator's files are removed.
pub(super) fn by_hand(root: &Path, directory: &Path, reason: &str) -> Result<(), Diagnostic> {
    let mut files = Vec::new();
    collect_files(root, directory, &mut files).map_err(|error| unreadable(directory, &error))?;
    let is_own = |path: &&PathBuf| {
        !path.starts_with(directory.join("src/generated"))
            && !SCAFFOLD.iter().any(|own| **path == directory.join(own))
    };
    let kept: Vec<String> = files
        .iter()
        .filter(is_own)
        .map(|path| path.display().to_string())
        .collect();
    if kept.is_empty() {
        return Ok(());
    }
    Err(Diagnostic::without_location(
        format!(
            "{reason} of {} is gone, but it holds files that were written by hand: {}",
            directory.display(),
            kept.join(", ")
        ),
        format!("move or delete them first, or bring {reason} back"),
    ))
}

/// Returns the tags of the existing domain crates.
pub(super) fn domain_crates(root: &Path) -> Result<Vec<String>, Diagnostic> {
    let directory = root.join("crates");
    let entries =
        std::fs::read_dir(&directory).map_err(|error| unreadable(Path::new("crates"), &error))?;
    let mut tags = Vec::new();
    for entry in entries {
        let entry = entry.map_err(|error| unreadable(Path::new("crates"), &error))?;
        let name = entry.file_name().to_string_lossy().into_owned();
        let path = Path::new("crates").join(&name).join("Cargo.toml");
        if root.join(&path).exists() {
            let manifest = parse(&read_manifest(root, &path)?, &path)?;
            let metadata = manifest
                .get("package")
                .and_then(|package| package.get("metadata"));
            let domain =
                metadata.and_then(|metadata| metadata.get("scorekit")?.get("domain")?.as_str());
            tags.extend(domain.map(str::to_owned));
        }
    }
    tags.sort();
    Ok(tags)
}

fn workspace_manifest(
    text: &str,
    known: &[String],
    domains: &[&Domain],
    path: &Path,
) -> Result<String, Diagnostic> {
    let mut manifest = parse(text, path)?;
    let package = manifest
        .get("workspace")
        .and_then(|workspace| workspace.get("package"));
    let version = package
        .and_then(|package| package.get("version")?.as_str())
        .unwrap_or("0.1.0")
        .to_owned();
    let dependencies = table(&mut manifest, &["workspace", "dependencies"], path)?;
    depend_on_domains(dependencies, known, domains, |domain| {
        let path = format!("crates/{}", domain.tag).into();
        // The facade selects the features.
        vec![
            ("path", path),
            ("version", version.as_str().into()),
            ("default-features", false.into()),
        ]
    });
    Ok(manifest.to_string())
}

/// Removes the dependencies on removed domains and adds those on new ones. The other lines may have
/// been edited by hand, so they stay.
fn depend_on_domains(
    dependencies: &mut Table,
    known: &[String],
    domains: &[&Domain],
    dependency: impl Fn(&Domain) -> Vec<(&'static str, Value)>,
) {
    for tag in known {
        if !domains.iter().any(|domain| domain.tag == *tag) {
            dependencies.remove(&crate_name(tag));
        }
    }
    for domain in domains {
        let name = crate_name(&domain.tag);
        if !dependencies.contains_key(&name) {
            let properties: InlineTable = dependency(domain).into_iter().collect();
            dependencies.insert(&name, value(properties));
        }
    }
}

fn facade_manifest(
    text: &str,
    known: &[String],
    domains: &[&Domain],
    path: &Path,
) -> Result<String, Diagnostic> {
    let mut manifest = parse(text, path)?;
    let is_gone = |tag: &String| !domains.iter().any(|domain| domain.tag == **tag);
    let dependencies = table(&mut manifest, &["dependencies"], path)?;
    depend_on_domains(dependencies, known, domains, |_| {
        vec![("workspace", true.into()), ("optional", true.into())]
    });
    features::pass_on(&mut manifest, path)?;
    let features = table(&mut manifest, &["features"], path)?;
    for tag in known.iter().filter(|tag| is_gone(tag)) {
        features.remove(tag);
    }
    for domain in domains {
        if !features.contains_key(&domain.tag) {
            let enables: Array = [format!("dep:{}", crate_name(&domain.tag))]
                .into_iter()
                .collect();
            features.insert(&domain.tag, value(enables));
        }
    }
    // A feature that was added to the defaults by hand stays. The domains precede it in the
    // document's order.
    let by_hand = features
        .get("default")
        .and_then(Item::as_array)
        .into_iter()
        .flatten();
    let by_hand = by_hand.filter_map(|feature| Some(feature.as_str()?.to_owned()));
    let by_hand = by_hand
        .filter(|name| !known.contains(name) && !domains.iter().any(|domain| domain.tag == *name));
    let default: Array = domains
        .iter()
        .map(|domain| domain.tag.clone())
        .chain(by_hand)
        .collect();
    features.insert("default", value(default));
    Ok(manifest.to_string())
}

/// Returns the source of the facade's accessors.
fn facade_source(domains: &[&Domain]) -> String {
    let mut text = format!("{MARK}//! One method per domain, behind a feature of the same name.\n");
    for domain in domains {
        let (tag, krate) = (&domain.tag, crate_name(&domain.tag).to_snake_case());
        let module = tag.to_snake_case();
        let about: String = super::refine::documentation::lines(&domain.description)
            .iter()
            .map(|line| format!("    /// {line}").trim_end().to_owned() + "\n")
            .collect();
        text.push_str(&format!(
            "\n#[cfg(feature = \"{tag}\")]\n#[doc(inline)]\npub use {krate} as {module};\n\n\
             #[cfg(feature = \"{tag}\")]\nimpl crate::Client {{\n\
             {about}    ///\n    \
             /// It shares the configuration and the connections of this client.\n    \
             pub fn {module}(&self) -> {krate}::Client {{\n        \
             {krate}::Client::from_core(self.core.clone())\n    }}\n}}\n"
        ));
    }
    text
}

/// Returns the tables of all resources for the facade's front page, as Markdown. Its links start at
/// the facade.
fn facade_overview(generated: &Generated) -> String {
    let mut text = String::from("\n# Operations\n");
    for (domain, sources) in &generated.crates {
        let module = domain.tag.to_snake_case();
        let table = sources.files.get("resources.md");
        let table = table.map(String::as_str).unwrap_or_default();
        let title = format!("## [`client.{module}()`](Client::{module})");
        text.push_str(
            &table
                .replace("](Client::", &format!("]({module}::Client::"))
                .replace("](resources::", &format!("]({module}::resources::"))
                .replacen("## Resources", &title, 1),
        );
    }
    text
}

fn crate_name(tag: &str) -> String {
    format!("{PREFIX}-{tag}")
}

pub(super) fn read_manifest(root: &Path, path: &Path) -> Result<String, Diagnostic> {
    std::fs::read_to_string(root.join(path)).map_err(|error| unreadable(path, &error))
}

pub(super) fn unreadable(path: &Path, error: &std::io::Error) -> Diagnostic {
    Diagnostic::without_location(
        format!("cannot read {}: {error}", path.display()),
        "run the command in a scorekit workspace, or name one with `--root`",
    )
}

pub(super) fn parse(text: &str, path: &Path) -> Result<DocumentMut, Diagnostic> {
    text.parse().map_err(|error| {
        Diagnostic::without_location(
            format!("{} is not valid TOML: {error}", path.display()),
            "correct the manifest",
        )
    })
}

pub(super) fn table<'a>(
    manifest: &'a mut DocumentMut,
    names: &[&str],
    path: &Path,
) -> Result<&'a mut Table, Diagnostic> {
    let mut table = manifest.as_table_mut();
    for name in names {
        let item = table
            .entry(name)
            .or_insert_with(|| Item::Table(Table::new()));
        table = item.as_table_mut().ok_or_else(|| {
            let message = format!("`{}` in {} is not a table", names.join("."), path.display());
            Diagnostic::without_location(message, "write it as a `[table]` of its own")
        })?;
    }
    Ok(table)
}
