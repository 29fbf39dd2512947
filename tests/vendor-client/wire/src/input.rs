//! The input of one client's request, for a request of the other client.

use std::cell::RefCell;
use std::collections::BTreeMap;
use std::fmt;
use std::rc::Rc;

use percent_encoding::percent_decode_str;
use scorekit_sandbox::RequestRecord;
use serde::de::DeserializeOwned;
use serde_json::Value;

/// An input that the vendor's client cannot take.
#[derive(Debug)]
pub(crate) struct Unusable(pub(crate) String);

impl fmt::Display for Unusable {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str(&self.0)
    }
}

/// The values for which only one side has a field.
#[derive(Debug, Default)]
pub(crate) struct Notes {
    /// Properties and values that the vendor's types do not know.
    pub(crate) strangers: Vec<String>,
    /// Properties and parameters of the vendor's types that were not set.
    pub(crate) unset: Vec<String>,
}

/// A request as the values that were given to the client that sent it.
pub(crate) struct Input {
    path: BTreeMap<String, String>,
    query: Vec<(String, String)>,
    body: Vec<u8>,
    notes: Rc<RefCell<Notes>>,
}

impl Input {
    /// Reads a request by the path of its operation, such as `/api/v2/cases/{case_id}`.
    pub(crate) fn new(template: &str, request: &RequestRecord) -> Self {
        let path = template.split('/').zip(request.path.split('/'));
        let path = path.filter_map(|(name, value)| {
            let name = name.strip_prefix('{')?.strip_suffix('}')?;
            Some((name.to_owned(), decoded(value)))
        });
        Self {
            path: path.collect(),
            query: pairs(&request.query),
            body: request.body.to_vec(),
            notes: Rc::default(),
        }
    }

    /// Returns the notes about values for which only one side has a field.
    pub(crate) fn notes(&self) -> Rc<RefCell<Notes>> {
        Rc::clone(&self.notes)
    }

    /// Returns a parameter of the path.
    pub(crate) fn path<T: DeserializeOwned>(&self, name: &str) -> Result<T, Unusable> {
        let text = self.path.get(name);
        let text = text.ok_or_else(|| Unusable(format!("there is no `{name}` in the path")))?;
        let unusable = |error| Unusable(format!("`{name}` does not take {text:?}: {error}"));
        serde_json::from_value(Value::from(text.as_str())).map_err(unusable)
    }

    /// Returns a required parameter of the query.
    pub(crate) fn query<T: DeserializeOwned>(&self, name: &str) -> Result<T, Unusable> {
        let value = self.optional(name)?;
        value.ok_or_else(|| Unusable(format!("there is no `{name}` in the query")))
    }

    /// Returns an optional parameter of the query.
    pub(crate) fn optional<T: DeserializeOwned>(&self, name: &str) -> Result<Option<T>, Unusable> {
        let Some((_, text)) = self.query.iter().find(|(known, _)| known == name) else {
            return Ok(None);
        };
        // A string, or else a number or a boolean.
        let read = serde_json::from_value(Value::from(text.as_str()));
        let read = read.or_else(|_| serde_json::from_str(text));
        let unusable = |error| Unusable(format!("`{name}` does not take {text:?}: {error}"));
        read.map(Some).map_err(unusable)
    }

    /// Returns all optional parameters of the query.
    pub(crate) fn options<T: fmt::Debug>(
        &self,
        read: fn(&Self) -> Result<T, Unusable>,
    ) -> Result<T, Unusable> {
        let options = read(self)?;
        self.note(&options);
        Ok(options)
    }

    /// Returns the body.
    pub(crate) fn body<T: DeserializeOwned + fmt::Debug>(&self) -> Result<T, Unusable> {
        let read = serde_json::from_slice(&self.body);
        let read = read.map_err(|error| Unusable(format!("the body does not fit: {error}")))?;
        self.note(&read);
        Ok(read)
    }

    /// Notes the values for which only one side has a field. The vendor's types keep unknown values
    /// aside, and only their `Debug` shows all of them.
    fn note(&self, value: &impl fmt::Debug) {
        let shown = format!("{value:?}");
        let mut notes = self.notes.borrow_mut();
        notes.strangers.extend(strangers(&shown));
        notes.unset.extend(unset(&shown));
    }
}

/// Returns the properties and values that a type of the vendor does not know.
fn strangers(shown: &str) -> Vec<String> {
    let properties = shown.split("additional_properties: {\"").skip(1);
    let properties = properties.filter_map(|rest| rest.split('"').next());
    let properties = properties.map(|name| format!("property `{name}`"));
    let values = shown.split("UnparsedObject { value: ").skip(1);
    let values = values.filter_map(|rest| rest.split(" }").next());
    let values = values.map(|value| format!("value `{value}`"));
    properties.chain(values).collect()
}

/// Returns the unset properties of a type of the vendor.
fn unset(shown: &str) -> Vec<String> {
    let mut before: Vec<&str> = shown.split(": None").collect();
    before.pop();
    let is_letter = |letter: char| letter.is_ascii_alphanumeric() || letter == '_';
    let names = before
        .iter()
        .filter_map(|text| text.rsplit(|letter| !is_letter(letter)).next());
    names.map(|name| format!("`{name}`")).collect()
}

/// Returns the parameters of a query in their order.
pub(crate) fn pairs(query: &str) -> Vec<(String, String)> {
    let parameters = query.split('&').filter(|parameter| !parameter.is_empty());
    let pairs = parameters.map(|parameter| parameter.split_once('=').unwrap_or((parameter, "")));
    // In a query, a plus is a space.
    let text = |text: &str| decoded(&text.replace('+', " "));
    pairs
        .map(|(name, value)| (text(name), text(value)))
        .collect()
}

pub(crate) fn decoded(text: &str) -> String {
    percent_decode_str(text).decode_utf8_lossy().into_owned()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn values_that_only_one_side_knows_are_noted() {
        use datadog_api_client::datadogV2::model::OutcomesBatchRequestItem;

        let body = r#"{"rule_id": "r", "service_name": "s", "state": "odd", "extra": 1}"#;
        let item: OutcomesBatchRequestItem = serde_json::from_str(body).expect("an item");
        let shown = format!("{item:?}");
        assert_eq!(
            strangers(&shown),
            ["property `extra`", "value `String(\"odd\")`"]
        );
        assert_eq!(unset(&shown), ["`remarks`"]);
    }

    #[test]
    fn a_query_is_read_as_servers_read_it() {
        let read = pairs("page%5Bsize%5D=7&include=a+b%2Bc");
        let expected = [("page[size]", "7"), ("include", "a b+c")];
        assert_eq!(
            read,
            expected.map(|(name, value)| (name.to_owned(), value.to_owned()))
        );
    }
}
