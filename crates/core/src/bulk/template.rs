//! The body of a request around its list: what comes before the items, and what after.

use serde_json::{Map, Value};

/// A body without the items of its list.
#[derive(Default)]
pub(super) struct Template {
    pub(super) before: Vec<u8>,
    pub(super) after: Vec<u8>,
}

impl Template {
    /// Takes a body apart where `path` leads to its list. The list stands last in the objects on the
    /// way to it; an object that is missing on the way is put there.
    pub(super) fn new(body: &[u8], path: &[&str]) -> Result<Self, String> {
        let body = serde_json::from_slice(body)
            .map_err(|error| format!("the body around the items is no JSON: {error}"))?;
        let mut template = Self::default();
        template.take_apart(body, path, path)?;
        Ok(template)
    }

    fn take_apart(&mut self, value: Value, path: &[&str], whole: &[&str]) -> Result<(), String> {
        let [name, path @ ..] = path else {
            let is_empty = match &value {
                Value::Null => true,
                Value::Array(items) => items.is_empty(),
                _ => false,
            };
            if !is_empty {
                return Err(format!(
                    "{} of the body is not empty; leave it so, and hand in all items to be sent \
                     together",
                    whole.join(".")
                ));
            }
            self.before.push(b'[');
            self.after.push(b']');
            return Ok(());
        };
        let mut members = match value {
            Value::Null => Map::new(),
            Value::Object(members) => members,
            _ => {
                let path = whole.join(".");
                return Err(format!("the body has no place for {path}"));
            }
        };
        let next = members.remove(*name).unwrap_or_default();
        self.before.push(b'{');
        for (name, value) in members {
            self.before.extend(Value::String(name).to_string().bytes());
            self.before.push(b':');
            self.before.extend(value.to_string().bytes());
            self.before.push(b',');
        }
        self.before.extend(Value::from(*name).to_string().bytes());
        self.before.push(b':');
        self.take_apart(next, path, whole)?;
        self.after.push(b'}');
        Ok(())
    }

    /// How many bytes a body without items has.
    pub(super) fn len(&self) -> usize {
        self.before.len() + self.after.len()
    }
}

#[cfg(test)]
mod tests {
    use super::Template;

    fn split(body: &str, path: &[&str]) -> Result<String, String> {
        let template = Template::new(body.as_bytes(), path)?;
        let body = [&template.before[..], b"1,2", &template.after].concat();
        assert_eq!(template.len() + 3, body.len());
        String::from_utf8(body).map_err(|error| error.to_string())
    }

    #[test]
    fn the_items_go_where_the_path_leads() {
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
            assert_eq!(split(body, path).as_deref(), Ok(expected));
        }
    }

    #[test]
    fn a_body_that_has_items_or_no_place_for_them_is_refused() {
        for (body, path, expected) in [
            (r#"{"a": [1]}"#, &["a"][..], "a of the body is not empty"),
            (
                r#"{"a": {"b": 1}}"#,
                &["a", "b"],
                "a.b of the body is not empty",
            ),
            (r#"{"a": []}"#, &["a", "b"], "the body has no place for a.b"),
            ("{", &["a"], "the body around the items is no JSON"),
        ] {
            let problem = split(body, path).unwrap_err();
            assert!(problem.starts_with(expected), "{problem}");
        }
    }
}
