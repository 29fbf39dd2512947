//! Writes the documentation of an operation and of its parameters.

use proc_macro2::TokenStream;
use quote::quote;
use syn::Attribute;

use super::documentation::{self, lines, own_lines};
use crate::generate::identifiers::pascal_case;
use crate::generate::model::{Operation, Parameter, ParameterPlace};

/// Returns the documentation of a setter.
pub(super) fn parameter_text(parameter: &Parameter) -> String {
    let mut text = parameter.description.clone();
    if text.is_empty() {
        text = format!("The parameter `{}`.", parameter.name);
    }
    let place = match parameter.place {
        ParameterPlace::Path => "path",
        ParameterPlace::Query => "query",
        ParameterPlace::Header => "header",
        ParameterPlace::Cookie => "cookie",
        ParameterPlace::Field => "form",
        ParameterPlace::Part(_) => "body",
    };
    if parameter.deprecated {
        text.push_str("\n\nDeprecated: the vendor advises against it.");
    }
    text + &format!("\n\nSent as the {place} parameter `{}`.", parameter.name)
}

/// Returns the summary of an operation, its method and path, and a link to the vendor's page.
fn outline(operation: &Operation, with_description: bool) -> Vec<Vec<String>> {
    let mut sections = Vec::new();
    if !operation.summary.is_empty() {
        sections.push(lines(&format!(
            "{}.",
            operation.summary.trim_end_matches('.')
        )));
    }
    if with_description && !operation.description.is_empty() {
        sections.push(lines(&operation.description));
    }
    let page = operation
        .documentation
        .as_ref()
        .map(|url| format!(" ([documentation]({url}))"))
        .unwrap_or_default();
    sections.push(lines(&format!(
        "`{} {}`{page}",
        operation.method, operation.path
    )));
    if operation.preview {
        sections.push(lines(
            "**Preview**: the vendor may change or remove this operation without notice. The first \
             call of a client logs a warning.",
        ));
    }
    sections
}

/// Returns the full documentation of an operation. `body` describes the argument of that name.
pub(super) fn full_text(operation: &Operation, body: Option<&str>) -> Vec<Vec<String>> {
    let mut sections = outline(operation, true);
    let mut arguments = Vec::new();
    for parameter in operation
        .parameters
        .iter()
        .filter(|parameter| parameter.required)
    {
        let text = parameter.description.replace('\n', " ");
        let text = if text.is_empty() {
            format!("the parameter `{}`", parameter.name)
        } else {
            text
        };
        arguments.extend(lines(&format!("- `{}`: {text}", parameter.rust_name)));
    }
    if let Some(body) = body {
        arguments.extend(own_lines(&format!("- `body`: {body}")));
    }
    if !arguments.is_empty() {
        sections.push(lines("# Arguments"));
        sections.push(arguments);
    }
    let errors: Vec<_> = operation
        .statuses
        .iter()
        .map(|(status, _)| status.as_str())
        .filter(|status| !status.starts_with('2'))
        .collect();
    if !errors.is_empty() {
        sections.push(lines("# Errors"));
        sections.push(lines(&format!(
            "Documented status codes: {}.",
            errors.join(", ")
        )));
    }
    let scopes = scopes(operation);
    if !scopes.is_empty() {
        let scopes: Vec<_> = scopes.iter().map(|scope| format!("`{scope}`")).collect();
        sections.push(lines(&format!("OAuth scopes: {}.", scopes.join(", "))));
    }
    sections
}

/// Returns the OAuth scopes that the operation lists, each once.
pub(super) fn scopes(operation: &Operation) -> Vec<&str> {
    let mut scopes: Vec<&str> = Vec::new();
    for requirement in operation.security.iter().flatten() {
        for scope in &requirement.scopes {
            if !scopes.contains(&scope.as_str()) {
                scopes.push(scope);
            }
        }
    }
    scopes
}

/// Returns the documentation of the client's method. It is short if the method of a resource has
/// the full one.
pub(super) fn method_text(operation: &Operation) -> Vec<Attribute> {
    let Some(verb) = &operation.verb else {
        return documentation::sections(full_text(operation, None));
    };
    let mut sections = outline(operation, false);
    let handle = handle_name(operation);
    sections.push(own_lines(&format!(
        "See [`{handle}::{verb}`](crate::resources::{handle}::{verb}) for details."
    )));
    documentation::sections(sections)
}

/// Returns the name of the handle of an operation's resource.
pub(crate) fn handle_name(operation: &Operation) -> String {
    let name = pascal_case(&operation.accessor, "Resource");
    // The file imports only this name, so only it can collide.
    if name == "Client" {
        "ClientResource".to_owned()
    } else {
        name
    }
}

/// Returns the attribute of a deprecated operation.
pub(super) fn deprecated(operation: &Operation) -> Option<TokenStream> {
    operation
        .deprecated
        .then(|| quote!(#[deprecated = "the vendor advises against this operation"]))
}
