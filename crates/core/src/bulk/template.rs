//! The body of a request around its list: the text before the items, and the text after.

use serde_json::{Map, Value};

/// A body without the items of its list.
#[derive(Default)]
pub(super) struct Template {
    pub(super) before: Vec<u8>,
    pub(super) after: Vec<u8>,
}

impl Template {
    /// Splits a body at the list that `path` leads to. The list becomes the last property of the
    /// objects on the path, and missing objects on the path are added.
    pub(super) fn new(body: &[u8], path: &[&str]) -> Result<Self, String> {
        let body = serde_json::from_slice(body)
            .map_err(|error| format!("the body around the items is not JSON: {error}"))?;
        let mut template = Self::default();
        template.split(body, path, path)?;
        Ok(template)
    }

    fn split(&mut self, value: Value, path: &[&str], whole: &[&str]) -> Result<(), String> {
        let [name, path @ ..] = path else {
            let is_empty = match &value {
                Value::Null => true,
                Value::Array(items) => items.is_empty(),
                _ => false,
            };
            if !is_empty {
                return Err(format!(
                    "{} of the body must be empty; pass all items to the push instead",
                    whole.join(".")
                ));
            }
            self.before.push(b'[');
            self.after.push(b']');
            return Ok(());
        };
        let mut properties = match value {
            Value::Null => Map::new(),
            Value::Object(properties) => properties,
            _ => {
                let path = whole.join(".");
                return Err(format!(
                    "the body must have an object or nothing on the path to {path}"
                ));
            }
        };
        let next = properties.remove(*name).unwrap_or_default();
        self.before.push(b'{');
        for (name, value) in properties {
            self.before.extend(Value::String(name).to_string().bytes());
            self.before.push(b':');
            self.before.extend(value.to_string().bytes());
            self.before.push(b',');
        }
        self.before.extend(Value::from(*name).to_string().bytes());
        self.before.push(b':');
        self.split(next, path, whole)?;
        self.after.push(b'}');
        Ok(())
    }

    /// Returns the size of a body without items, in bytes.
    pub(super) fn len(&self) -> usize {
        self.before.len() + self.after.len()
    }
}

#[cfg(test)]
mod tests {
    use super::Template;

    fn around(body: &str, path: &[&str]) -> Result<String, String> {
        let template = Template::new(body.as_bytes(), path)?;
        let body = [&template.before[..], b"1,2", &template.after].concat();
        assert_eq!(template.len() + 3, body.len());
        String::from_utf8(body).map_err(|error| error.to_string())
    }

    #[test]
    fn items_are_inserted_at_the_path() {
        for (body, path, expected) in [
            ("[]", &[][..], "[1,2]"),
            ("null", &[], "[1,2]"),
            ("null", &["a", "b"], r#"{"a":{"b":[1,2]}}"#),
            (r#"{"a": null}"#, &["a"], r#"{"a":[1,2]}"#),
            (
                r#"{"a\"": {"x": [{}], "b": {"c": [], "d": 1.5}, "z": null}, "e": "\n"}"#,
                &["a\"", "b", "c"],
                r#"{"e":"\n","a\"":{"x":[{}],"z":null,"b":{"d":1.5,"c":[1,2]}}}"#,
            ),
        ] {
            assert_eq!(around(body, path).as_deref(), Ok(expected));
        }
    }

    #[test]
    fn a_body_with_items_or_without_a_place_for_them_is_rejected() {
        for (body, path, expected) in [
            (r#"{"a": [1]}"#, &["a"][..], "a of the body must be empty"),
            (
                r#"{"a": {"b": 1}}"#,
                &["a", "b"],
                "a.b of the body must be empty",
            ),
            (
                r#"{"a": []}"#,
                &["a", "b"],
                "the body must have an object or nothing on the path to a.b",
            ),
            ("{", &["a"], "the body around the items is not JSON"),
        ] {
            let problem = around(body, path).unwrap_err();
            assert!(problem.starts_with(expected), "{problem}");
        }
    }
}
