//! The parts of the synthetic schemas: words for names, and shared schemas.

use serde_json::{Value, json};

/// The number of shared schemas that refer to one another.
pub(crate) const SHARED_GROUP: usize = 8;

pub(crate) const ADJECTIVES: [&str; 12] = [
    "Active",
    "Archived",
    "Custom",
    "Daily",
    "External",
    "Global",
    "Internal",
    "Linked",
    "Managed",
    "Public",
    "Scheduled",
    "Synthetic",
];
pub(crate) const NOUNS: [&str; 17] = [
    "Alert",
    "Budget",
    "Catalog",
    "Dashboard",
    "Event",
    "Finding",
    "Gateway",
    "Host",
    "Incident",
    "Log",
    "Monitor",
    "Notebook",
    "Policy",
    "Query",
    "Role",
    "Suppression",
    "Team",
];

pub(crate) fn tag_name(number: usize) -> String {
    let (adjective, noun) = (
        number / NOUNS.len() % ADJECTIVES.len(),
        number % NOUNS.len(),
    );
    let name = format!("{}-{}", ADJECTIVES[adjective], NOUNS[noun]).to_lowercase();
    format!("{name}-{number}")
}

pub(crate) fn shared_name(number: usize) -> String {
    format!("Shared{}{number}", NOUNS[number % NOUNS.len()])
}

/// Returns a shared schema, which refers to the next one of its group.
pub(crate) fn shared(number: usize) -> Value {
    let mut fields = json!({
        "id": {"type": "string", "description": "What names it."},
        "handle": {"type": "string", "description": "What people call it.", "nullable": true},
        "kind": {
            "type": "string", "description": "What it is.", "enum": ["user", "team", "service"],
        },
        "created_at": {
            "type": "string", "format": "date-time", "description": "When it was made.",
        },
        "errors": {"type": "array", "description": "What went wrong.", "items": {"type": "string"}},
    });
    if let Value::Object(fields) = &mut fields
        && !(number + 1).is_multiple_of(SHARED_GROUP)
    {
        fields.insert("next".to_owned(), to(&shared_name(number + 1)));
    }
    object("What several resources have in common.", &["id"], fields)
}

pub(crate) fn object(description: &str, required: &[&str], fields: Value) -> Value {
    let mut schema = json!({"type": "object", "description": description, "properties": fields});
    if let (Value::Object(schema), false) = (&mut schema, required.is_empty()) {
        schema.insert("required".to_owned(), json!(required));
    }
    schema
}

pub(crate) fn to(name: &str) -> Value {
    json!({"$ref": format!("#/components/schemas/{name}")})
}
