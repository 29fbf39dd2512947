//! Which secrets an operation asks for: its own `security`, or the document's.

use super::Reader;
use crate::generate::load::node::Node;
use crate::generate::model::{SecurityLocation, SecurityRequirement, SecurityScheme};

impl<'a> Reader<'a> {
    /// The alternatives, in the document's order. An empty one (`{}`) means that nothing is needed.
    pub(super) fn security(&mut self, operation: &'a Node) -> Vec<Vec<SecurityRequirement>> {
        let node = operation
            .get("security")
            .or_else(|| self.document.get("security"));
        let mut alternatives = Vec::new();
        for alternative in node.map(Node::items).unwrap_or_default() {
            let mut requirements = Vec::new();
            for (name, member) in alternative.members().into_iter().flatten() {
                let scopes = member
                    .node
                    .items()
                    .iter()
                    .filter_map(Node::as_str)
                    .map(str::to_owned)
                    .collect();
                match self.security_scheme(name) {
                    Ok(scheme) => requirements.push(SecurityRequirement { scheme, scopes }),
                    Err((message, help)) => self.error(&member.key.clone(), message, help),
                }
            }
            alternatives.push(requirements);
        }
        alternatives
    }

    fn security_scheme(&self, name: &str) -> Result<SecurityScheme, (String, String)> {
        let schemes = self.document.pointer("/components/securitySchemes");
        let Some(node) = schemes.and_then(|schemes| schemes.get(name)) else {
            return Err((
                format!("the security scheme `{name}` is not declared"),
                format!("declare it under `components.securitySchemes.{name}`"),
            ));
        };
        let text = |member: &str| node.get(member).and_then(Node::as_str).unwrap_or_default();
        let location = match (
            text("type"),
            text("in"),
            text("scheme").to_ascii_lowercase().as_str(),
        ) {
            ("apiKey", "header", _) => SecurityLocation::Header(text("name").to_owned()),
            ("apiKey", "query", _) => SecurityLocation::Query(text("name").to_owned()),
            ("apiKey", "cookie", _) => SecurityLocation::Cookie(text("name").to_owned()),
            ("oauth2" | "openIdConnect", _, _) | ("http", _, "bearer") => SecurityLocation::Bearer,
            (kind, _, scheme) => {
                return Err((
                    format!(
                        "the security scheme `{name}` is of an unsupported kind (type `{kind}`, scheme `{scheme}`)"
                    ),
                    "use `apiKey`, `oauth2`, `openIdConnect`, or `http` with `scheme: bearer`"
                        .to_owned(),
                ));
            }
        };
        Ok(SecurityScheme {
            name: name.to_owned(),
            location,
        })
    }
}
