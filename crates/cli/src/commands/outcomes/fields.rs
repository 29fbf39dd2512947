//! The fields of an outcome, and their places in a line.

use scorekit::scorecards::types::State;
use serde_json::Value;

use super::read::Format;
use crate::exit::Failure;

/// An outcome as a file has it: strings that are not checked yet.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(super) struct Record {
    pub(super) entity: String,
    pub(super) rule: String,
    pub(super) state: String,
    pub(super) remarks: Option<String>,
}

/// The names of a field in files, the most specific first.
const SERVICE: &[&str] = &["service", "entity", "entity_reference", "service_name"];
const RULE: &[&str] = &["rule", "rule_id", "rule_name"];
const STATE: &[&str] = &["state", "status", "result"];
const REMARKS: &[&str] = &["remarks", "remark", "message"];

/// The places of the fields in a line.
pub(super) struct Fields {
    service: Field,
    rule: Field,
    state: Field,
    remarks: Field,
}

/// The place of a field in a line.
enum Field {
    /// Every line has this value.
    Fixed(String),
    /// In a column or property of one of these names.
    Named(Vec<String>),
}

impl Field {
    fn known(names: &[&str]) -> Self {
        Self::Named(names.iter().map(|name| (*name).to_owned()).collect())
    }

    /// Returns the value that `get` finds.
    fn read(&self, get: &dyn Fn(&str) -> Option<String>) -> Option<String> {
        let text = match self {
            Self::Fixed(value) => Some(value.clone()),
            Self::Named(names) => names.iter().find_map(|name| get(name)),
        };
        let text = text.map(|text| text.trim().to_owned());
        text.filter(|text| !text.is_empty())
    }

    /// Returns the names for a message.
    fn names(&self) -> String {
        match self {
            Self::Fixed(_) => String::new(),
            Self::Named(names) => names.join(", "),
        }
    }
}

impl Fields {
    /// Reads `--map`, `--rule` and `--service`.
    pub(super) fn new(
        format: Format,
        maps: &[&str],
        rule: Option<String>,
        service: Option<String>,
    ) -> Result<Self, Failure> {
        // A report names its tests by suite. A finding belongs to no service.
        let (known_service, known_rule): (&[&str], &[&str]) = match format {
            Format::Junit => (&["suite"], &[]),
            Format::Sarif => (&[], &["rule"]),
            Format::Csv | Format::Json | Format::Jsonl => (SERVICE, RULE),
        };
        let mut fields = Self {
            service: Field::known(known_service),
            rule: Field::known(known_rule),
            state: Field::known(STATE),
            remarks: Field::known(REMARKS),
        };
        for map in maps {
            let wrong = |cause: &str| {
                Failure::usage(format!("cannot read --map {map:?}: {cause}"))
                    .with_help("write FIELD=COLUMN; the fields are service, rule, state, remarks")
            };
            let (field, column) = map
                .split_once('=')
                .ok_or_else(|| wrong("it has no equals sign"))?;
            let field = match field.trim() {
                "service" | "entity" => &mut fields.service,
                "rule" => &mut fields.rule,
                "state" => &mut fields.state,
                "remarks" => &mut fields.remarks,
                _ => return Err(wrong("it names no field")),
            };
            if column.trim().is_empty() {
                return Err(wrong("it names no column"));
            }
            *field = Field::Named(vec![column.trim().to_owned()]);
        }
        if let Some(rule) = rule {
            fields.rule = Field::Fixed(rule);
        }
        if let Some(service) = service {
            fields.service = Field::Fixed(service);
        }
        Ok(fields)
    }

    /// Returns the names of the columns or properties that a line may have.
    pub(super) fn columns(&self) -> impl Iterator<Item = &str> {
        let fields = [&self.service, &self.rule, &self.state, &self.remarks];
        let names = fields.map(|field| match field {
            Field::Named(names) => names.as_slice(),
            Field::Fixed(_) => &[],
        });
        names.into_iter().flatten().map(String::as_str)
    }

    /// Reads the fields of a line, of which `get` returns a column or property.
    pub(super) fn record(&self, get: &dyn Fn(&str) -> Option<String>) -> Result<Record, String> {
        let (entity, rule) = self.key(get)?;
        let state = self.state.read(get);
        Ok(Record {
            entity,
            rule,
            state: state.ok_or_else(|| missing("state", &self.state, ""))?,
            remarks: self.remarks.read(get),
        })
    }

    /// Reads the service and the rule of a line.
    pub(super) fn key(
        &self,
        get: &dyn Fn(&str) -> Option<String>,
    ) -> Result<(String, String), String> {
        let entity = self.service.read(get);
        let entity = entity.ok_or_else(|| missing("service", &self.service, ", or use --service"));
        let rule = self.rule.read(get);
        let rule = rule.ok_or_else(|| missing("rule", &self.rule, ", or use --rule"));
        Ok((entity_reference(&entity?), rule?))
    }
}

fn missing(field: &str, place: &Field, other: &str) -> String {
    match place.names().as_str() {
        "" => format!("it has no {field}; name its column with --map {field}=COLUMN{other}"),
        names => format!("it has no {field} ({names}); name its column with --map{other}"),
    }
}

/// Returns the reference of an entity: `checkout` is `service:checkout`.
fn entity_reference(name: &str) -> String {
    match name.contains(':') {
        true => name.to_owned(),
        false => format!("service:{name}"),
    }
}

/// Returns the state that a word means.
pub(super) fn state(word: &str) -> Option<State> {
    let word = word.to_ascii_lowercase();
    match word.as_str() {
        "pass" | "passed" | "success" | "ok" | "true" => Some(State::Pass),
        "fail" | "failed" | "failure" | "error" | "false" => Some(State::Fail),
        "skip" | "skipped" | "ignored" => Some(State::Skip),
        _ => None,
    }
}

/// Returns a property of a JSON object, or the value that a JSON pointer leads to, as a string.
pub(super) fn property(object: &Value, name: &str) -> Option<String> {
    let value = match name.starts_with('/') {
        true => object.pointer(name)?,
        false => object.get(name)?,
    };
    match value {
        Value::Null | Value::Array(_) | Value::Object(_) => None,
        Value::String(text) => Some(text.clone()),
        other => Some(other.to_string()),
    }
}
