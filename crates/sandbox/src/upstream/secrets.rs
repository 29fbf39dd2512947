//! The credentials of a request, and their removal from what is recorded or logged.

use bytes::Bytes;
use http::HeaderMap;
use percent_encoding::{NON_ALPHANUMERIC, utf8_percent_encode};
use serde_json::Value;

use crate::request::SECRET_HEADERS;

/// The text in place of a secret.
const HIDDEN: &str = "[hidden]";

/// The shortest credential that is looked for in texts. Shorter ones are parts of common words.
const MIN_LENGTH: usize = 8;

/// Names of properties and query parameters whose values are secrets: letters and digits in lower
/// case.
const NAMES: [&str; 14] = [
    "accesstoken",
    "apikey",
    "appkey",
    "applicationkey",
    "authorization",
    "clientsecret",
    "ddapikey",
    "ddapplicationkey",
    "password",
    "privatekey",
    "refreshtoken",
    "secret",
    "token",
    "xapikey",
];

/// The credentials of a request in all the forms in which a text can have them.
#[derive(Debug, Default)]
pub(crate) struct Secrets {
    /// False if nothing is hidden.
    is_active: bool,
    texts: Vec<String>,
}

impl Secrets {
    /// Collects the credentials of a request: headers, and query parameters with the name of one.
    pub(crate) fn of(headers: &HeaderMap, query: &str) -> Self {
        let mut texts = Vec::new();
        for name in SECRET_HEADERS {
            for value in headers.get_all(name) {
                let value = String::from_utf8_lossy(value.as_bytes());
                // `Bearer` is no secret, the word after it is.
                texts.extend(value.split_whitespace().map(str::to_owned));
            }
        }
        for pair in query.split('&') {
            if let Some((name, value)) = pair.split_once('=')
                && is_secret(name)
            {
                let value = percent_encoding::percent_decode_str(value);
                texts.push(value.decode_utf8_lossy().into_owned());
            }
        }
        let forms = texts.into_iter().filter(|text| text.len() >= MIN_LENGTH);
        let forms = forms.flat_map(|text| {
            let json = Value::from(text.as_str()).to_string();
            let json = json.trim_matches('"').to_owned();
            let encoded = utf8_percent_encode(&text, NON_ALPHANUMERIC).to_string();
            [text, json, encoded]
        });
        let mut texts: Vec<_> = forms.map(|text| text.to_ascii_lowercase()).collect();
        // A secret that contains another one comes first.
        texts.sort_by_key(|text| std::cmp::Reverse(text.len()));
        texts.dedup();
        let is_active = true;
        Self { is_active, texts }
    }

    /// Removes the credentials from a text.
    pub(crate) fn hide(&self, text: &str) -> String {
        let mut text = text.to_owned();
        for secret in &self.texts {
            let mut from = 0;
            // The positions in lower case are those of the text, because only ASCII changes.
            while let Some(at) = text[from..].to_ascii_lowercase().find(secret) {
                let at = from + at;
                text.replace_range(at..at + secret.len(), HIDDEN);
                from = at + HIDDEN.len();
            }
        }
        text
    }

    /// Removes the credentials from a query, with the values of parameters that have the name of
    /// one.
    pub(crate) fn hide_query(&self, query: &str) -> String {
        if !self.is_active {
            return query.to_owned();
        }
        let pairs = query.split('&').map(|pair| match pair.split_once('=') {
            Some((name, _)) if is_secret(name) => format!("{name}={HIDDEN}"),
            _ => self.hide(pair),
        });
        pairs.collect::<Vec<_>>().join("&")
    }

    /// Removes the credentials from a body, with the values of properties that have the name of
    /// one. A body that is not JSON stays a text.
    pub(crate) fn hide_body(&self, body: &[u8]) -> Value {
        match serde_json::from_slice(body) {
            Ok(mut value) => {
                self.hide_value(&mut value);
                value
            }
            Err(_) => self.hide(&String::from_utf8_lossy(body)).into(),
        }
    }

    /// Removes the credentials from the bytes of a body.
    pub(crate) fn hide_bytes(&self, body: &Bytes) -> Bytes {
        if !self.is_active || body.is_empty() {
            return body.clone();
        }
        match serde_json::from_slice::<Value>(body) {
            Ok(_) => self.hide_body(body).to_string().into(),
            Err(_) => self.hide(&String::from_utf8_lossy(body)).into(),
        }
    }

    fn hide_value(&self, value: &mut Value) {
        match value {
            Value::String(text) => *text = self.hide(text),
            Value::Array(items) => items.iter_mut().for_each(|item| self.hide_value(item)),
            Value::Object(properties) => {
                let old = std::mem::take(properties);
                for (name, mut value) in old {
                    if is_secret(&name) && value.is_string() {
                        value = HIDDEN.into();
                    }
                    self.hide_value(&mut value);
                    properties.insert(self.hide(&name), value);
                }
            }
            _ => {}
        }
    }
}

/// Returns true if a property or parameter has the name of a credential.
fn is_secret(name: &str) -> bool {
    let plain = name.chars().filter(char::is_ascii_alphanumeric);
    let plain: String = plain.map(|it| it.to_ascii_lowercase()).collect();
    NAMES.contains(&plain.as_str())
}

#[cfg(test)]
mod tests {
    use http::HeaderValue;
    use serde_json::json;

    use super::*;

    #[test]
    fn a_credential_is_removed_in_every_form() {
        let mut headers = HeaderMap::new();
        let key = "ab\"c/0123456789";
        headers.insert("dd-api-key", HeaderValue::from_static("ab\"c/0123456789"));
        let token = HeaderValue::from_static("Bearer tok-0123456789");
        headers.insert("authorization", token);
        let secrets = Secrets::of(&headers, "api_key=quer%79-secret&page=1");
        let texts = [
            key,
            "AB\"C/0123456789",
            "ab%22c%2F0123456789",
            "ab\\\"c/0123456789",
            "tok-0123456789",
            "query-secret",
        ];
        for text in texts {
            let shown = secrets.hide(&format!("ä {text} {text}!"));
            assert_eq!(shown, "ä [hidden] [hidden]!", "{text}");
        }
        assert_eq!(secrets.hide("bearer and page"), "bearer and page");
        let query = secrets.hide_query("api_key=quer%79-secret&page=1");
        assert_eq!(query, "api_key=[hidden]&page=1");
        let body = json!({ "data": [{ "apiKey": "short", "note": format!("<{key}>"), key: 1 }] });
        let hidden = secrets.hide_body(body.to_string().as_bytes());
        let wanted = json!({ "data": [{ "apiKey": HIDDEN, "note": "<[hidden]>", HIDDEN: 1 }] });
        assert_eq!(hidden, wanted);
    }
}
