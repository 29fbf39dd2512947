//! Stage 6, workspace: which files the generated code belongs in, and what a new or a removed tag means for the
//! workspace around them.
//!
//! Three kinds of file: generated ones, which are rewritten; a domain crate's manifest, README and `lib.rs`, which
//! are written once and then edited by hand; and the manifests of the workspace and of the facade, in which only the
//! lines of the domains are touched.

use std::path::{Path, PathBuf};

use heck::{ToPascalCase, ToSnakeCase};
use toml_edit::{Array, DocumentMut, InlineTable, Item, Table, Value, value};

use super::model::{Domain, Operation};
use super::write::{Plan, collect_files};
use super::{Generated, MARK};
use crate::diagnostic::{Diagnostic, Diagnostics};

/// The files of a domain crate that are written once.
const SCAFFOLD: [&str; 3] = ["Cargo.toml", "README.md", "src/lib.rs"];

/// What a new crate's `lib.rs` says: nothing that is generated, and everything that its signatures need.
const LIBRARY: &str = r##"#![doc = include_str!("../README.md")]
#![doc = include_str!("generated/resources.md")]
#![forbid(unsafe_code)]

#[rustfmt::skip]
mod generated;

pub use generated::client::Client;
pub use generated::{requests, resources, types};
pub use scorekit_core::{
    ApiError, ApiErrorSource, BoxFuture, CallOptions, Config, CredentialProvider, Credentials,
    Date, DateTime, Error, ErrorKind, HeaderMap, Items, Occasion, Pages, RateLimit, Response,
    RetryPolicy, SecretString, Site, StatusCode,
};
"##;

/// Plans the workspace at `root`.
pub fn plan(root: &Path, generated: &Generated) -> Result<Plan, Diagnostics> {
    let mut plan = Plan::default();
    let known = domain_crates(root)?;
    for (domain, sources) in &generated.crates {
        let folder = Path::new("crates").join(&domain.tag);
        if root.join(&folder).exists() && !known.contains(&domain.tag) {
            return Err(Diagnostic::without_location(
                format!(
                    "the folder {} is there already and is no domain crate",
                    folder.display()
                ),
                "rename the tag, or move the folder away",
            )
            .into());
        }
        let generated_folder = folder.join("src/generated");
        for (path, content) in &sources.files {
            plan.files
                .insert(generated_folder.join(path), content.clone());
        }
        plan.owned_folders.push(generated_folder);
        for (path, content) in scaffold(domain) {
            if !root.join(&folder).join(path).exists() {
                plan.files.insert(folder.join(path), content);
            }
        }
    }
    let domains: Vec<&Domain> = generated.crates.iter().map(|(domain, _)| domain).collect();
    for tag in known
        .iter()
        .filter(|tag| !domains.iter().any(|domain| domain.tag == **tag))
    {
        let folder = Path::new("crates").join(tag);
        by_hand(root, &folder)?;
        plan.owned_folders.push(folder.join("src/generated"));
        plan.removed.extend(SCAFFOLD.map(|path| folder.join(path)));
    }
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
        PathBuf::from("crates/sandbox/openapi.json"),
        super::bundled(&generated.document)?,
    );
    let examples = super::examples::table(&generated.document, &generated.crates);
    plan.files
        .insert(PathBuf::from("tests/generated/examples.rs"), examples);
    let folder = Path::new("tests/generated/calls");
    for (path, content) in super::calls::files(&generated.crates)? {
        plan.files.insert(folder.join(path), content);
    }
    plan.owned_folders.push(folder.to_owned());
    Ok(plan)
}

/// A crate whose tag is gone takes its generated files along, but nobody's own work.
fn by_hand(root: &Path, folder: &Path) -> Result<(), Diagnostic> {
    let mut files = Vec::new();
    collect_files(root, folder, &mut files).map_err(|error| unreadable(folder, &error))?;
    let is_own = |path: &&PathBuf| {
        !path.starts_with(folder.join("src/generated"))
            && !SCAFFOLD.iter().any(|own| **path == folder.join(own))
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
            "the tag of {} is gone, but it holds files that were written by hand: {}",
            folder.display(),
            kept.join(", ")
        ),
        "move or delete them first, or bring the tag back",
    ))
}

/// The name of a domain's crate.
pub fn crate_name(tag: &str) -> String {
    format!("scorekit-{tag}")
}

/// The files that make a new domain crate; afterwards they belong to whoever maintains it.
fn scaffold(domain: &Domain) -> [(&'static str, String); 3] {
    let name = crate_name(&domain.tag);
    let module = name.to_snake_case();
    let title = domain.tag.to_pascal_case();
    let description = domain.description.replace('\n', " ");
    let summary = if description.is_empty() {
        format!("Client of the domain {title}.")
    } else {
        description
    };
    let manifest = format!(
        "[package]\nname = \"{name}\"\ndescription = {}\nversion.workspace = true\nedition.workspace = true\n\
         rust-version.workspace = true\nlicense.workspace = true\n\n\
         # Marks the crate as a domain: without its tag in the document, `cargo xtask generate` removes it.\n\
         [package.metadata.scorekit]\ndomain = \"{}\"\n\n\
         [dependencies]\nscorekit-core.workspace = true\nserde.workspace = true\nserde_json.workspace = true\n\n\
         [dev-dependencies]\ntokio.workspace = true\n\n[lints]\nworkspace = true\n",
        Value::from(summary.trim_end_matches('.')),
        domain.tag,
    );
    let library = LIBRARY.to_owned();
    // The README is the crate's documentation, too, and must not trip rustdoc.
    let about = super::refine::documentation::lines(&summary).join("\n");
    let readme = format!(
        "# {name}\n\n{about}\n\nThis crate stands alone: it needs neither the `scorekit` facade nor another domain.\n\n\
         ```rust,no_run\nuse {module}::{{Client, Config}};\n\n#[tokio::main]\n\
         async fn main() -> Result<(), {module}::Error> {{\n    let client = Client::new(Config::from_env()?)?;\n{}    Ok(())\n}}\n```\n\n\
         Every operation of the document is a method of its resource, and of `Client` under its operation id; what\n\
         requests and answers hold is in `types`.\n",
        example_call(domain),
    );
    [
        ("Cargo.toml", manifest),
        ("src/lib.rs", library),
        ("README.md", readme),
    ]
}

/// A call that needs no arguments, if the domain has one.
fn example_call(domain: &Domain) -> String {
    let needs_nothing = |operation: &&Operation| {
        operation.request_body.is_none()
            && operation
                .parameters
                .iter()
                .all(|parameter| !parameter.required)
    };
    match domain.operations.iter().find(needs_nothing) {
        Some(operation) => {
            let method = match &operation.verb {
                Some(verb) => format!("{}().{verb}", operation.accessor),
                None => operation.method_name.clone(),
            };
            format!(
                "    let answer = client.{method}().send().await?;\n    println!(\"{{:?}}\", answer.into_inner());\n"
            )
        }
        None => "    println!(\"{client:?}\");\n".to_owned(),
    }
}

/// The tags of the domain crates that are there.
fn domain_crates(root: &Path) -> Result<Vec<String>, Diagnostic> {
    let folder = root.join("crates");
    let entries =
        std::fs::read_dir(&folder).map_err(|error| unreadable(Path::new("crates"), &error))?;
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
        [("path", path), ("version", version.as_str().into())]
    });
    Ok(manifest.to_string())
}

/// Removes the dependencies on domains that are gone and adds those on new ones; what is there may have been edited.
fn depend_on_domains(
    dependencies: &mut Table,
    known: &[String],
    domains: &[&Domain],
    dependency: impl Fn(&Domain) -> [(&'static str, Value); 2],
) {
    for tag in known {
        if !domains.iter().any(|domain| domain.tag == *tag) {
            dependencies.remove(&crate_name(tag));
        }
    }
    for domain in domains {
        let name = crate_name(&domain.tag);
        if !dependencies.contains_key(&name) {
            let members: InlineTable = dependency(domain).into_iter().collect();
            dependencies.insert(&name, value(members));
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
        [("workspace", true.into()), ("optional", true.into())]
    });
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
    // A feature that was added to the defaults by hand stays; the domains stand before it in the document's order.
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

/// The accessors of the facade.
fn facade_source(domains: &[&Domain]) -> String {
    let mut text = format!("{MARK}//! One accessor per domain, behind the feature of its name.\n");
    for domain in domains {
        let (tag, krate) = (&domain.tag, crate_name(&domain.tag).to_snake_case());
        let module = tag.to_snake_case();
        let about: String = super::refine::documentation::lines(&domain.description)
            .iter()
            .map(|line| format!("    /// {line}").trim_end().to_owned() + "\n")
            .collect();
        text.push_str(&format!(
            "\n#[cfg(feature = \"{tag}\")]\npub use {krate} as {module};\n\n#[cfg(feature = \"{tag}\")]\nimpl crate::Client {{\n\
             {about}    ///\n    /// The client shares this one's configuration and connections.\n    \
             pub fn {module}(&self) -> {krate}::Client {{\n        {krate}::Client::from_core(self.core.clone())\n    }}\n}}\n"
        ));
    }
    text
}

fn read_manifest(root: &Path, path: &Path) -> Result<String, Diagnostic> {
    std::fs::read_to_string(root.join(path)).map_err(|error| unreadable(path, &error))
}

fn unreadable(path: &Path, error: &std::io::Error) -> Diagnostic {
    Diagnostic::without_location(
        format!("cannot read {}: {error}", path.display()),
        "run the command in a scorekit workspace, or name one with `--root`",
    )
}

fn parse(text: &str, path: &Path) -> Result<DocumentMut, Diagnostic> {
    text.parse().map_err(|error| {
        Diagnostic::without_location(
            format!("{} is not valid TOML: {error}", path.display()),
            "mend the manifest",
        )
    })
}

fn table<'a>(
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
