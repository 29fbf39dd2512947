//! Finding the operation of a request by the document's path templates.

use http::Method;
use percent_encoding::percent_decode_str;

use crate::document::Operation;

/// A path of the document, such as `/api/v2/scorecard/rules/{rule_id}`.
pub(crate) struct PathTemplate {
    segments: Vec<Segment>,
}

enum Segment {
    Literal(String),
    Parameter(String),
}

/// What a method and a path lead to.
pub(crate) enum Route<'d> {
    /// An operation, with the values of its path parameters.
    Found(&'d Operation, Vec<(String, String)>),
    /// A path of the document that does not have this method.
    WrongMethod {
        /// Any operation on the path, whose vendor answers.
        neighbour: &'d Operation,
        /// The methods that the path has.
        allowed: Vec<&'d Method>,
    },
    /// No path of the document.
    Unknown {
        /// The operation whose path is most alike, whose vendor answers.
        neighbour: Option<&'d Operation>,
    },
}

impl PathTemplate {
    pub(crate) fn new(template: &str) -> Self {
        let segments = split(template).map(|segment| {
            match segment
                .strip_prefix('{')
                .and_then(|rest| rest.strip_suffix('}'))
            {
                Some(name) => Segment::Parameter(name.to_owned()),
                None => Segment::Literal(segment.to_owned()),
            }
        });
        Self {
            segments: segments.collect(),
        }
    }

    /// The values of the parameters if a path matches.
    fn values(&self, path: &[String]) -> Option<Vec<(String, String)>> {
        if path.len() != self.segments.len() {
            return None;
        }
        let mut values = Vec::new();
        for (segment, text) in self.segments.iter().zip(path) {
            match segment {
                Segment::Literal(literal) if literal == text => {}
                Segment::Parameter(name) if !text.is_empty() => {
                    values.push((name.clone(), text.clone()))
                }
                _ => return None,
            }
        }
        Some(values)
    }

    /// Which segments are literal; of two templates that match, the one that is literal earlier wins.
    fn literals(&self) -> Vec<bool> {
        self.segments
            .iter()
            .map(|segment| matches!(segment, Segment::Literal(_)))
            .collect()
    }

    /// How many leading segments agree with a path.
    fn likeness(&self, path: &[String]) -> usize {
        let pairs = self.segments.iter().zip(path);
        pairs
            .take_while(
                |(segment, text)| matches!(segment, Segment::Literal(literal) if literal == *text),
            )
            .count()
    }
}

/// Finds what a request is for.
pub(crate) fn route<'d>(operations: &'d [Operation], method: &Method, path: &str) -> Route<'d> {
    let path: Vec<String> = split(path)
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
    let neighbour = matching.first().map(|(operation, _)| *operation);
    match (
        matching
            .into_iter()
            .find(|(operation, _)| operation.method == *method),
        neighbour,
    ) {
        (Some((operation, values)), _) => Route::Found(operation, values),
        (None, Some(neighbour)) => Route::WrongMethod { neighbour, allowed },
        (None, None) => {
            let neighbour = operations
                .iter()
                .rev()
                .max_by_key(|operation| operation.path.likeness(&path));
            Route::Unknown { neighbour }
        }
    }
}

fn split(path: &str) -> impl Iterator<Item = &str> {
    path.strip_prefix('/').unwrap_or(path).split('/')
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::document::Document;

    /// The operation that a path leads to, or the methods that it has, or nothing.
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
    fn literal_segments_win_over_parameters() {
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
