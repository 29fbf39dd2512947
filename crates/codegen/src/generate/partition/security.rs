//! Reads the security requirements of an operation: its own `security`, or the document's.

use super::Reader;
use crate::document::node::Node;
use crate::generate::identifiers::shouty_snake_case;
use crate::generate::model::{SecurityLocation, SecurityRequirement, SecurityScheme};

impl<'a> Reader<'a> {
    /// Returns the alternatives in the order of the document. An empty one (`{}`) needs no
    /// credentials.
    pub(super) fn security(&mut self, operation: &'a Node) -> Vec<Vec<SecurityRequirement>> {
        let level = if operation.get("security").is_some() {
            operation
        } else {
            self.document
        };
        let mut alternatives = Vec::new();
        for alternative in self.list(level, "security") {
            if alternative.properties().is_none() {
                let help = "write `- schemeName: []`";
                self.error(
                    &alternative.location,
                    "this security requirement is not a mapping",
                    help,
                );
            }
            let mut requirements = Vec::new();
            for (name, property) in alternative.properties().into_iter().flatten() {
                let scopes = property
                    .node
                    .items()
                    .iter()
                    .filter_map(Node::as_str)
                    .map(str::to_owned)
                    .collect();
                match self.security_scheme(name) {
                    Ok(scheme) => requirements.push(SecurityRequirement { scheme, scopes }),
                    Err((message, help)) => self.error(&property.key.clone(), message, help),
                }
            }
            alternatives.push(requirements);
        }
        alternatives
    }

    fn security_scheme(&mut self, name: &str) -> Result<SecurityScheme, (String, String)> {
        let schemes = self.document.pointer("/components/securitySchemes");
        let Some(node) = schemes.and_then(|schemes| schemes.get(name)) else {
            return Err((
                format!("the security scheme `{name}` is not declared"),
                format!("declare it under `components.securitySchemes.{name}`"),
            ));
        };
        let text = |property: &str| {
            node.get(property)
                .and_then(Node::as_str)
                .unwrap_or_default()
        };
        let location = match (
            text("type"),
            text("in"),
            text("scheme").to_ascii_lowercase().as_str(),
        ) {
            ("apiKey", _, _) if text("name").is_empty() => {
                return Err((
                    format!("the security scheme `{name}` has no `name`"),
                    "add `name` with the name of the header, query parameter or cookie".to_owned(),
                ));
            }
            ("apiKey", "header", _) => SecurityLocation::Header(text("name").to_owned()),
            ("apiKey", "query", _) => SecurityLocation::Query(text("name").to_owned()),
            ("apiKey", "cookie", _) => SecurityLocation::Cookie(text("name").to_owned()),
            ("oauth2" | "openIdConnect", _, _) | ("http", _, "bearer") => SecurityLocation::Bearer,
            ("http", _, "basic") => SecurityLocation::Basic,
            (kind, _, scheme) => {
                return Err((
                    format!(
                        "the security scheme `{name}` is not supported: type `{kind}`, scheme `{scheme}`"
                    ),
                    "use `apiKey`, `oauth2`, `openIdConnect`, or `http` with `scheme: bearer` or \
                     `scheme: basic`"
                        .to_owned(),
                ));
            }
        };
        let scheme = SecurityScheme {
            name: name.to_owned(),
            location,
        };
        let known = self
            .schemes
            .entry(shouty_snake_case(name))
            .or_insert_with(|| scheme.clone());
        if *known != scheme {
            return Err((
                format!(
                    "the security schemes `{name}` and `{}` have the same Rust name",
                    known.name
                ),
                "rename one of them so that they differ in more than case and punctuation"
                    .to_owned(),
            ));
        }
        Ok(scheme)
    }
}
