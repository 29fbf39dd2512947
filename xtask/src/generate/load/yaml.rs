//! One file of the document, YAML or JSON (which YAML 1.2 contains), read into a [`Node`] tree.

use std::sync::Arc;

use indexmap::IndexMap;
use saphyr::{LoadableYamlNode, MarkedYamlOwned, ScalarOwned, YamlDataOwned};
use serde_json::Number;

use super::node::{Member, Node, NodeValue};
use crate::diagnostic::{Diagnostic, Location, SourceFile};

/// Reads `file`; anchors are expanded up to the YAML library's limit, a key that stands twice is an error.
pub(crate) fn parse(file: &Arc<SourceFile>) -> Result<Node, Diagnostic> {
    let documents = MarkedYamlOwned::load_from_str(&file.text).map_err(|error| {
        let location = Location {
            file: Arc::clone(file),
            line: error.marker().line(),
            column: error.marker().col() + 1,
            length: 1,
        };
        Diagnostic::new(
            &location,
            format!("the file is not valid YAML: {}", error.info()),
            "mend the syntax here or on the line above; a wrong indentation and an unquoted `: ` or `#` are the usual causes",
        )
    })?;
    let start = Location {
        file: Arc::clone(file),
        line: 1,
        column: 1,
        length: 1,
    };
    let mut documents = documents.into_iter();
    let (Some(document), None) = (documents.next(), documents.next()) else {
        return Err(Diagnostic::new(
            &start,
            "the file does not hold exactly one YAML document",
            "put one document in a file, without further `---` lines",
        ));
    };
    convert(&document, file)
}

fn convert(yaml: &MarkedYamlOwned, file: &Arc<SourceFile>) -> Result<Node, Diagnostic> {
    let location = locate(yaml, file);
    let unsupported = |what: &str| {
        Diagnostic::new(
            &location,
            format!("{what} has no JSON counterpart"),
            "write it as a plain JSON or YAML value",
        )
    };
    let value = match &yaml.data {
        YamlDataOwned::Value(ScalarOwned::Null) => NodeValue::Null,
        YamlDataOwned::Value(ScalarOwned::Boolean(value)) => NodeValue::Bool(*value),
        YamlDataOwned::Value(ScalarOwned::Integer(value)) => {
            NodeValue::Number(Number::from(*value))
        }
        YamlDataOwned::Value(ScalarOwned::FloatingPoint(value)) => {
            NodeValue::Number(Number::from_f64(value.0).ok_or_else(|| unsupported("this number"))?)
        }
        YamlDataOwned::Value(ScalarOwned::String(value)) => NodeValue::String(value.clone()),
        YamlDataOwned::Sequence(items) => NodeValue::Array(
            items
                .iter()
                .map(|item| convert(item, file))
                .collect::<Result<_, _>>()?,
        ),
        YamlDataOwned::Mapping(entries) => {
            let mut members = IndexMap::with_capacity(entries.len());
            for (key, value) in entries {
                let name = match &key.data {
                    YamlDataOwned::Value(ScalarOwned::String(name)) => name.clone(),
                    // A status written without quotes.
                    YamlDataOwned::Value(ScalarOwned::Integer(number)) => number.to_string(),
                    YamlDataOwned::Value(ScalarOwned::Boolean(value)) => value.to_string(),
                    YamlDataOwned::Value(ScalarOwned::Null) => "null".to_owned(),
                    _ => return Err(unsupported("this key")),
                };
                let key = locate(key, file);
                if name == "<<" {
                    let help = "write the members out here, or use `$ref`";
                    return Err(Diagnostic::new(
                        &key,
                        "merge keys are not part of YAML 1.2",
                        help,
                    ));
                }
                let node = convert(value, file)?;
                if members
                    .insert(
                        name.clone(),
                        Member {
                            key: key.clone(),
                            node,
                        },
                    )
                    .is_some()
                {
                    // The YAML library tells `200` and `"200"` apart; JSON does not.
                    let message = format!("the key `{name}` stands twice");
                    return Err(Diagnostic::new(&key, message, "remove one of them"));
                }
            }
            NodeValue::Object(members)
        }
        _ => return Err(unsupported("this tag, alias or value")),
    };
    Ok(Node { location, value })
}

fn locate(yaml: &MarkedYamlOwned, file: &Arc<SourceFile>) -> Location {
    let (start, end) = (yaml.span.start, yaml.span.end);
    let one_line = start.line() == end.line() && end.col() > start.col();
    Location {
        file: Arc::clone(file),
        line: start.line(),
        column: start.col() + 1,
        length: if one_line { end.col() - start.col() } else { 1 },
    }
}
