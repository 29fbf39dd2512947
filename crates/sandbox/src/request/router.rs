//! The router: it finds the operation of a request by the document's path templates.

use http::Method;
use percent_encoding::percent_decode_str;

use crate::document::{Operation, segments};

/// The result of routing a method and a path.
pub(crate) enum Route<'d> {
    /// An operation, with the values of its path parameters.
    Found(&'d Operation, Vec<(String, String)>),
    /// A path of the document that does not have this method.
    WrongMethod {
        /// An operation on the path, whose vendor shapes the error.
        neighbor: &'d Operation,
        /// The methods that the path has.
        allowed: Vec<&'d Method>,
    },
    /// No path of the document.
    Unknown {
        /// The operation with the most similar path, whose vendor shapes the error.
        neighbor: Option<&'d Operation>,
    },
}

/// Finds the operation for a method and a path.
pub(crate) fn route<'d>(operations: &'d [Operation], method: &Method, path: &str) -> Route<'d> {
    let path: Vec<String> = segments(path)
        .map(|segment| percent_decode_str(segment).decode_utf8_lossy().into_owned())
        .collect();
    let mut matching: Vec<_> = operations
        .iter()
        .filter_map(|operation| Some((operation, operation.path.values(&path)?)))
        .collect();
    let most_literal = matching
        .iter()
        .map(|(operation, _)| operation.path.literals())
        .max();
    matching.retain(|(operation, _)| Some(operation.path.literals()) == most_literal);
    let allowed: Vec<&Method> = matching
        .iter()
        .map(|(operation, _)| &operation.method)
        .collect();
    let neighbor = matching.first().map(|(operation, _)| *operation);
    match (
        matching
            .into_iter()
            .find(|(operation, _)| operation.method == *method),
        neighbor,
    ) {
        (Some((operation, values)), _) => Route::Found(operation, values),
        (None, Some(neighbor)) => Route::WrongMethod { neighbor, allowed },
        (None, None) => {
            let neighbor = operations
                .iter()
                .rev()
                .max_by_key(|operation| operation.path.likeness(&path));
            Route::Unknown { neighbor }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::document::Document;

    /// Returns the operation and path values, else the allowed methods, else `unknown`.
    fn found(method: &Method, path: &str) -> String {
        let text = r#"{ "paths": {
            "/things/{id}": { "get": { "operationId": "Get" }, "put": { "operationId": "Update" } },
            "/things/{id}/parts": { "get": { "operationId": "ListParts" } },
            "/things/newest": { "get": { "operationId": "GetNewest" } }
        } }"#;
        let document = Document::parse(text).expect("the document is usable");
        match route(&document.operations, method, path) {
            Route::Found(operation, values) => {
                let values = values
                    .iter()
                    .map(|(name, value)| format!(" {name}={value}"));
                operation.id.clone() + &values.collect::<String>()
            }
            Route::WrongMethod { allowed, .. } => format!("{allowed:?}"),
            Route::Unknown { .. } => "unknown".to_owned(),
        }
    }

    #[test]
    fn literal_segments_take_precedence_over_parameters() {
        assert_eq!(found(&Method::GET, "/things/newest"), "GetNewest");
        assert_eq!(found(&Method::GET, "/things/newes"), "Get id=newes");
        assert_eq!(
            found(&Method::GET, "/things/newest/parts"),
            "ListParts id=newest"
        );
        assert_eq!(found(&Method::PUT, "/things/newest"), "[GET]");
    }

    #[test]
    fn segments_are_decoded_one_by_one() {
        assert_eq!(found(&Method::PUT, "/things/a%2Fb%20c"), "Update id=a/b c");
        for unknown in [
            "/things",
            "/things/",
            "/things//parts",
            "/things/a/",
            "things",
            "",
            "/",
        ] {
            assert_eq!(found(&Method::GET, unknown), "unknown", "{unknown:?}");
        }
    }
}
