//! The files of a domain crate that are written once. Afterwards its maintainers edit them.

use heck::{ToPascalCase, ToSnakeCase};
use toml_edit::Value;

use super::features;
use super::model::{Domain, Operation};

/// The files of a domain crate that are written once.
pub(super) const SCAFFOLD: [&str; 5] = [
    "Cargo.toml",
    "README.md",
    "src/lib.rs",
    "LICENSE-APACHE",
    "LICENSE-MIT",
];

/// The licences of the workspace, of which each package has a copy.
const LICENSES: [(&str, &str); 2] = [
    ("LICENSE-APACHE", include_str!("../../LICENSE-APACHE")),
    ("LICENSE-MIT", include_str!("../../LICENSE-MIT")),
];

/// The settings of docs.rs for a crate of this workspace.
const DOCUMENTATION: &str = "\
# All features add items, so the documentation shows them all.
[package.metadata.docs.rs]
all-features = true
rustdoc-args = [\"--cfg\", \"docsrs\"]

";

/// No test or benchmark of the library itself, for a crate of this workspace.
const TESTS: &str = "\
# All tests are in `tests/` or in documentation, so the crate is not compiled again for its own.
[lib]
test = false
bench = false

";

/// A new crate's `lib.rs`: exports of the generated modules and of the types that their signatures
/// need.
const LIBRARY: &str = r##"#![doc = include_str!("../README.md")]
#![doc = include_str!("generated/resources.md")]
#![forbid(unsafe_code)]

#[rustfmt::skip]
mod generated;

pub use generated::client::Client;
pub use generated::{requests, resources, types};
pub use scorekit_core::{CallOptions, Config, Error, Push, Response, RetryPolicy};
// Otherwise they would be most of what a search of the documentation finds.
#[doc(no_inline)]
pub use scorekit_core::{
    ApiError, ApiErrorSource, ApiRequest, Attempt, AttemptHook, AttemptResult, AttributeValue,
    BoxFuture, CredentialProvider, Credentials, Date, DateTime, Delivery, Download, ErrorKind,
    Event, EventStream, HeaderMap, IntoItems, ItemResult, Items, Journal, LineStream, Nullable,
    Pages, Progress, PushError, PushReport, RateLimit, RawBody, RawItem, RawItems, RefreshReason,
    SecretString, Site, StatusCode, TraceContext, UnknownProperties, UnlistedValue, Upload,
};
"##;

/// Returns the files of a new domain crate. It re-exports shared types if it depends on the crate
/// `types`.
pub(super) fn scaffold(
    domain: &Domain,
    name: &str,
    is_own: bool,
    types: Option<&str>,
) -> Vec<(&'static str, String)> {
    let module = name.to_snake_case();
    let title = domain.tag.to_pascal_case();
    let description = domain.description.replace('\n', " ");
    let summary = if description.is_empty() {
        format!("Client of the domain {title}.")
    } else {
        description
    };
    // The publisher of a third-party document's client chooses its licence.
    let license = match is_own {
        true => format!(
            "license.workspace = true\nrepository.workspace = true\nhomepage.workspace = true\n\
             documentation = \"https://docs.rs/{name}\"\nkeywords = [\"api\", \"client\"]\n\
             categories = [\"api-bindings\"]\n"
        ),
        false => "publish = false\n".to_owned(),
    };
    let types = types.map_or_else(String::new, |types| {
        let tag = &domain.tag;
        format!("{types} = {{ workspace = true, features = [\"{tag}\"] }}\n")
    });
    let (documentation, tests) = if is_own {
        (DOCUMENTATION, TESTS)
    } else {
        ("", "")
    };
    let manifest = format!(
        "[package]\nname = \"{name}\"\ndescription = {}\n\
         version.workspace = true\nedition.workspace = true\n\
         rust-version.workspace = true\n{license}\n{tests}\
         # Marks the crate as a domain: without its tag in the document, `cargo xtask generate` \
         removes it.\n\
         [package.metadata.scorekit]\ndomain = \"{}\"\n\n\
         {documentation}{}\n[dependencies]\n{types}scorekit-core.workspace = true\n\
         serde_json.workspace = true\n\n\
         [dev-dependencies]\ntokio.workspace = true\n\n[lints]\nworkspace = true\n",
        Value::from(summary.trim_end_matches('.')),
        domain.tag,
        features::section(),
    );
    let library = LIBRARY.to_owned();
    // The README is also the crate's documentation, so rustdoc must accept it.
    let about = super::refine::documentation::lines(&summary).join("\n");
    // All crates of this workspace have the generator's version.
    let (version, _) = env!("CARGO_PKG_VERSION")
        .rsplit_once('.')
        .unwrap_or_default();
    let dependencies = match is_own {
        true => format!(
            "```toml\n[dependencies]\n{name} = \"{version}\"\ntokio = {{ version = \"1\", \
             features = [\"macros\", \"rt-multi-thread\"] }}\n```\n\n"
        ),
        false => String::new(),
    };
    let readme = format!(
        "# {name}\n\n{about}\n\nThis crate works alone: it needs no other domain crate.\n\n\
         {dependencies}```rust,no_run\nuse {module}::{{Client, Config}};\n\n#[tokio::main]\n\
         async fn main() -> Result<(), {module}::Error> {{\n    \
         let client = Client::new(Config::from_env()?)?;\n{}    Ok(())\n}}\n```\n\n\
         Every operation of the document is a method of its resource, and of `Client` under its \
         operation id. The\n\
         types of requests and responses are in `types`.\n",
        example_call(domain),
    );
    let mut files = vec![
        ("Cargo.toml", manifest),
        ("src/lib.rs", library),
        ("README.md", readme),
    ];
    if is_own {
        files.extend(LICENSES.map(|(path, text)| (path, text.to_owned())));
    }
    files
}

/// Returns a call that needs no arguments, if the domain has one.
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
                "    let response = client.{method}().send().await?;\n    \
                 println!(\"{{:?}}\", response.into_inner());\n"
            )
        }
        None => "    println!(\"{client:?}\");\n".to_owned(),
    }
}
