//! New operations and domains: the skeleton in the document, and the stubs of the code and the
//! tests that each operation needs (`cargo xtask new`).
//!
//! A skeleton has the form of the vendor's operations, with `TODO` for every text; the lint rule
//! `unwritten-text` reports each. Until its handler is written, the sandbox responds with the
//! example of the document.

use std::fmt::Write as _;
use std::path::{Path, PathBuf};

use heck::{ToKebabCase, ToSnakeCase};
use serde_json::{Value, json};

use crate::document::diagnostic::{Diagnostic, Diagnostics};
use crate::generate::write::collect_files;
use crate::vendor::skeleton;

/// The directory of the sandbox's handlers.
const HANDLERS: &str = "crates/sandbox/src/handlers";

/// The directory of the expected responses of each operation.
const SCENARIOS: &str = "crates/sandbox/tests/sandbox/scenarios";

/// The list of the operations that no test of their own calls yet.
const STUBS: &str = "tests/integration/end_to_end/stubs.rs";

/// The value of a path parameter in a stub.
const UNKNOWN: &str = "11111111-2222-4333-8444-555555555555";

/// A new operation.
#[derive(Clone, Debug, Eq, PartialEq)]
pub struct NewOperation {
    /// The `operationId`, such as `GetRuleOwner`.
    pub id: String,
    /// The method, in lower case.
    pub method: String,
    /// The path with its parameters in braces.
    pub path: String,
    /// The tag, which names the domain.
    pub tag: String,
}

impl NewOperation {
    /// Creates an operation. Without a method, the first word of the id decides: `List` and `Get`
    /// read, `Update` is a `patch`, `Delete` and `Remove` delete, and others are a `post`.
    ///
    /// ```
    /// use scorekit_codegen::new::NewOperation;
    ///
    /// let new = NewOperation::new("ListOwners", None, "/owners", "shop")?;
    /// assert_eq!(new.method, "get");
    /// # Ok::<(), scorekit_codegen::Diagnostics>(())
    /// ```
    ///
    /// # Errors
    /// Returns an error if the id is not a word that begins with a letter, if the tag has
    /// characters other than small letters, digits and `-`, if the method is unknown, or if the
    /// path is not absolute.
    pub fn new(id: &str, method: Option<&str>, path: &str, tag: &str) -> Result<Self, Diagnostics> {
        let words = id.to_snake_case();
        let usual = match words.split('_').next().unwrap_or_default() {
            "get" | "list" => "get",
            "update" => "patch",
            "replace" | "set" => "put",
            "delete" | "remove" => "delete",
            _ => "post",
        };
        let method = method.unwrap_or(usual).to_lowercase();
        let starts = |text: &str| text.starts_with(|first: char| first.is_ascii_alphabetic());
        let is_word = starts(id) && id.chars().all(|it| it.is_ascii_alphanumeric());
        let is_tag = starts(tag) && tag == tag.to_kebab_case() && tag.is_ascii();
        let is_method = ["get", "put", "post", "delete", "patch"].contains(&method.as_str());
        let is_path = path.starts_with('/') && !path.contains(char::is_whitespace);
        for (is_valid, what, form) in [
            (is_word, id, "an operation id such as `GetRuleOwner`"),
            (is_tag, tag, "a tag in small letters such as `campaigns`"),
            (
                is_method,
                method.as_str(),
                "one of get, put, post, delete and patch",
            ),
            (is_path, path, "a path such as `/api/v2/rules/{rule_id}`"),
        ] {
            if !is_valid {
                let message = format!("cannot use `{what}`: it is not {form}");
                return Err(Diagnostic::without_location(message, format!("pass {form}")).into());
            }
        }
        Ok(Self {
            id: id.to_owned(),
            method,
            path: path.to_owned(),
            tag: tag.to_owned(),
        })
    }

    /// Creates the first operation of a domain: the list at `/api/v2/TAG`, unless another id or
    /// path is given.
    ///
    /// # Errors
    /// Returns the errors of [`NewOperation::new`].
    pub fn first(
        tag: &str,
        id: Option<&str>,
        method: Option<&str>,
        path: Option<&str>,
    ) -> Result<Self, Diagnostics> {
        let list = format!("List{}", heck::ToPascalCase::to_pascal_case(tag));
        let usual = format!("/api/v2/{tag}");
        Self::new(id.unwrap_or(&list), method, path.unwrap_or(&usual), tag)
    }
}

/// The files that were written, and what is left to do.
#[derive(Clone, Debug, Default)]
pub struct Created {
    /// The changed and new files, relative to the workspace.
    pub files: Vec<PathBuf>,
    /// The steps that are left, in their order.
    pub left: Vec<String>,
}

impl Created {
    /// Returns the files and the steps as text.
    pub fn summary(&self) -> String {
        let mut text = String::new();
        for file in &self.files {
            let _ = writeln!(text, "wrote {}", file.display());
        }
        text.push_str("left to do:\n");
        for (step, number) in self.left.iter().zip(1..) {
            let _ = writeln!(text, "{number:>3}. {step}");
        }
        text
    }
}

/// Adds an operation to a domain of the workspace at `root`: its skeleton in the document, a
/// handler and a scenario of the sandbox, and a line in the end-to-end tests. Generates no code.
///
/// # Errors
/// Returns an error if the operation or its route exists, if the tag is not declared, or if a file
/// cannot be read or written.
pub fn operation(root: &Path, new: &NewOperation) -> Result<Created, Diagnostics> {
    let added = skeleton::add(root, new, false)?;
    let mut created = Created {
        files: added.files,
        left: Vec::new(),
    };
    let handler = match added.sibling {
        Some(sibling) => handler_next_to(root, new, &sibling)?,
        None => None,
    };
    let place = handler.as_ref().map(|file| file.display().to_string());
    created.files.extend(handler);
    tests(root, new, &mut created)?;
    created.left = left(root, new, place.as_deref());
    Ok(created)
}

/// Adds a domain with its first operation to the workspace at `root`. `cargo xtask generate` then
/// writes its crate, the facade's feature and the tables.
///
/// # Errors
/// Returns an error if the tag is declared already, and those of [`operation`].
pub fn domain(root: &Path, new: &NewOperation) -> Result<Created, Diagnostics> {
    let added = skeleton::add(root, new, true)?;
    let mut created = Created {
        files: added.files,
        left: Vec::new(),
    };
    let handlers = handlers_of_domain(root, new)?;
    let place = handlers.first().map(|file| file.display().to_string());
    created.files.extend(handlers);
    tests(root, new, &mut created)?;
    created.left = left(root, new, place.as_deref());
    let tag = &new.tag;
    created.left.extend([
        format!("describe the tag `{tag}` in spec/openapi.yaml, and generate again"),
        format!("review crates/{tag}/Cargo.toml and crates/{tag}/README.md, which are yours now"),
        format!("name crates/{tag} and scorekit-{tag} in ARCHITECTURE.md"),
        format!("add the check of the feature `{tag}` to the step `minimum-rust` of xtask/ci.toml"),
    ]);
    Ok(created)
}

/// Returns the steps that are left after the skeleton of an operation.
fn left(root: &Path, new: &NewOperation, handler: Option<&str>) -> Vec<String> {
    let id = &new.id;
    let mut steps = vec![
        format!(
            "correct the skeleton of {id}: schemas, status codes and examples as the vendor has \
             them, and a text for each `TODO`; `cargo xtask lint` lists them"
        ),
        "run `cargo xtask generate`".to_owned(),
        format!("write the vendor's facts about {id} into tests/integration/facts"),
    ];
    if let Some(file) = handler {
        steps.push(format!("write the handler in {file}"));
    }
    if root.join(SCENARIOS).is_dir() {
        steps.push(format!("add its errors to {SCENARIOS}/{id}.json"));
    }
    if root.join(STUBS).exists() {
        steps.push(format!(
            "call it in tests/integration/end_to_end, and remove it from {STUBS}"
        ));
    }
    steps.push("run `cargo xtask review` and accept the intended snapshots".to_owned());
    steps
}

/// Returns the function of a handler.
fn handler(new: &NewOperation) -> String {
    format!(
        "/// TODO: read and change the state as the vendor's server does. Until then, the response \
         is the\n/// example of the document.\nfn {}(\n    _state: &mut crate::state::State,\n    \
         call: &crate::request::Call<'_>,\n) -> crate::handlers::HandlerResult {{\n    \
         Ok(call.operation.example().cloned())\n}}\n",
        new.id.to_snake_case()
    )
}

/// Adds a handler to the file that has the one of the operation `sibling`. Returns the file, or
/// `None` if there is none.
fn handler_next_to(
    root: &Path,
    new: &NewOperation,
    sibling: &str,
) -> Result<Option<PathBuf>, Diagnostics> {
    let row = format!("(\"{sibling}\",");
    let mut files = Vec::new();
    collect_files(root, Path::new(HANDLERS), &mut files)
        .map_err(|error| unwritable(Path::new(HANDLERS), &error.to_string()))?;
    files.sort();
    for file in files {
        let path = root.join(&file);
        let text = read(&path)?;
        let Some(at) = text.find(&row) else { continue };
        let function = new.id.to_snake_case();
        // The row may have several lines; the next row or the end of the table follows it.
        let end = text[at..].find("),").map(|end| at + end + 2);
        let end = end.unwrap_or(at);
        let row = match text[at..].find(')').map(|end| &text[at..at + end]) {
            Some(row) if row.contains('\n') => {
                format!(
                    "\n    (\n        \"{}\",\n        {function},\n    ),",
                    new.id
                )
            }
            _ => format!("\n    (\"{}\", {function}),", new.id),
        };
        let (table, rest) = text.split_at(end);
        let (code, tests) = match rest.find("\n#[cfg(test)]") {
            Some(at) => rest.split_at(at),
            None => (rest, ""),
        };
        let function = handler(new);
        write(&path, &format!("{table}{row}{code}\n{function}{tests}"))?;
        return Ok(Some(file));
    }
    Ok(None)
}

/// Writes the handlers of a new domain. Returns the files: none if the workspace has no sandbox.
fn handlers_of_domain(root: &Path, new: &NewOperation) -> Result<Vec<PathBuf>, Diagnostics> {
    let index = Path::new(HANDLERS).join("mod.rs");
    if !root.join(&index).exists() {
        return Ok(Vec::new());
    }
    let module = new.tag.to_snake_case();
    let text = read(&root.join(&index))?;
    let (declaration, table) = (
        format!("mod {module};\n"),
        format!("    &[{module}::HANDLERS],\n"),
    );
    let rows = "const DOMAINS: &[&[&[Entry]]] = &[\n";
    let first = text.find("\nmod ").map(|at| at + 1);
    let (Some(first), Some(at)) = (first, text.find(rows)) else {
        return Err(unwritable(
            &index,
            "it has no modules, or no table `DOMAINS`",
        ));
    };
    // Modules stand in alphabetical order.
    let modules = text[first..].split_inclusive('\n');
    let before =
        modules.take_while(|line| line.starts_with("mod ") && *line < declaration.as_str());
    let place = first + before.map(str::len).sum::<usize>();
    let at = at + rows.len();
    let text = format!("{}{table}{}", &text[..at], &text[at..]);
    let text = format!("{}{declaration}{}", &text[..place], &text[place..]);
    write(&root.join(&index), &text)?;
    let file = Path::new(HANDLERS).join(format!("{module}.rs"));
    let text = format!(
        "//! TODO: the domain `{}` in one sentence.\n\nuse super::handler::Entry;\n\n\
         pub(super) const HANDLERS: &[Entry] = &[(\"{}\", {})];\n\n{}",
        new.tag,
        new.id,
        new.id.to_snake_case(),
        handler(new)
    );
    write(&root.join(&file), &text)?;
    Ok(vec![file, index])
}

/// Writes the scenario and the line of the end-to-end tests, where the workspace has such tests.
fn tests(root: &Path, new: &NewOperation, created: &mut Created) -> Result<(), Diagnostics> {
    if root.join(SCENARIOS).is_dir() {
        let file = Path::new(SCENARIOS).join(format!("{}.json", new.id));
        let scenario = format!("{:#}\n", scenario(new));
        write(&root.join(&file), &scenario)?;
        created.files.push(file);
    }
    let path = root.join(STUBS);
    if path.exists() {
        let text = read(&path)?;
        let Some(at) = text.find("= &[").map(|at| at + "= &[".len()) else {
            return Err(unwritable(Path::new(STUBS), "it has no list `= &[`"));
        };
        let (before, after) = text.split_at(at);
        let separator = match after.starts_with(']') {
            true => "",
            false => ", ",
        };
        write(&path, &format!("{before}\"{}\"{separator}{after}", new.id))?;
        created.files.push(STUBS.into());
    }
    Ok(())
}

/// Returns a scenario with a success. Its errors are left to write.
fn scenario(new: &NewOperation) -> Value {
    let path: Vec<_> = new.path.split('/').collect();
    let path = path.iter().map(|segment| match segment.starts_with('{') {
        true => UNKNOWN,
        false => segment,
    });
    let path = path.collect::<Vec<_>>().join("/");
    let status = match new.method.as_str() {
        "post" => 201,
        "delete" => 204,
        _ => 200,
    };
    let mut step = json!({"call": format!("{} {path}", new.method.to_uppercase())});
    if matches!(new.method.as_str(), "post" | "put" | "patch") {
        step["body"] = json!({"name": "TODO"});
    }
    step["status"] = status.into();
    json!({"steps": [step]})
}

fn read(path: &Path) -> Result<String, Diagnostics> {
    std::fs::read_to_string(path).map_err(|error| unwritable(path, &error.to_string()))
}

fn write(path: &Path, text: &str) -> Result<(), Diagnostics> {
    std::fs::write(path, text).map_err(|error| unwritable(path, &error.to_string()))
}

fn unwritable(path: &Path, reason: &str) -> Diagnostics {
    Diagnostic::without_location(
        format!("cannot change {}: {reason}", path.display()),
        "write what is left by hand, as CONTRIBUTING.md describes",
    )
    .into()
}
