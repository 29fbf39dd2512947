//! Rules of Datadog's server that the document does not state. They apply to valid requests.

use serde_json::Value;

use crate::document::Location;
use crate::request::{ApiError, Call, Problem, Reason, Source};
use crate::state::State;

/// The form that a value must have.
#[derive(Clone, Copy)]
enum Form {
    /// More than white space.
    NotBlank,
    /// A day, such as 2026-12-31.
    Date,
    /// An emoji.
    Emoji,
    /// A UUID, or the identifier of a seeded record.
    Uuid,
    /// The same, or the key of a case.
    UuidOrKey,
}

/// The values of request bodies with a form: operations, a JSON pointer in which `*` stands for all
/// items, and the form. Values that are not sent have every form.
const BODIES: &[(&[&str], &str, Form)] = &[
    (
        &["CreateCase", "UpdateCaseTitle"],
        "/data/attributes/title",
        Form::NotBlank,
    ),
    (
        &[
            "CreateCaseAutomationRule",
            "CreateCaseType",
            "CreateCaseView",
            "CreateMaintenanceWindow",
            "CreateProject",
            "CreateScorecardCampaign",
            "UpdateCaseAutomationRule",
            "UpdateCaseType",
            "UpdateCaseView",
            "UpdateMaintenanceWindow",
            "UpdateProject",
            "UpdateScorecardCampaign",
            "UpdateScorecardRule",
        ],
        "/data/attributes/name",
        Form::NotBlank,
    ),
    (
        &["UpdateScorecardRule"],
        "/data/attributes/scorecard_name",
        Form::NotBlank,
    ),
    (
        &[
            "CreateCustomAttributeConfig",
            "CreateProject",
            "CreateScorecardCampaign",
        ],
        "/data/attributes/key",
        Form::NotBlank,
    ),
    (
        &["CreateCustomAttributeConfig", "UpdateCustomAttributeConfig"],
        "/data/attributes/display_name",
        Form::NotBlank,
    ),
    (
        &["CreateProject", "UpdateProject"],
        "/data/attributes/team_uuid",
        Form::Uuid,
    ),
    (
        &["CommentCase", "UpdateCaseComment"],
        "/data/attributes/comment",
        Form::NotBlank,
    ),
    (
        &["CreateScorecardOutcomesBatch"],
        "/data/attributes/results/*/service_name",
        Form::NotBlank,
    ),
    (
        &[
            "CreateProjectNotificationRule",
            "UpdateProjectNotificationRule",
        ],
        "/data/attributes/recipients/*/data/service_name",
        Form::NotBlank,
    ),
    (
        &["CreateCaseServiceNowTicket"],
        "/data/attributes/instance_name",
        Form::NotBlank,
    ),
    (
        &["UpdateCaseDueDate"],
        "/data/attributes/due_date",
        Form::Date,
    ),
    (
        &["CreateCaseType", "UpdateCaseType"],
        "/data/attributes/emoji",
        Form::Emoji,
    ),
    (&["CreateCase"], "/data/attributes/type_id", Form::Uuid),
    (
        &["CreateCase"],
        "/data/relationships/assignee/data/id",
        Form::Uuid,
    ),
    (
        &["CreateCase"],
        "/data/relationships/project/data/id",
        Form::Uuid,
    ),
    (&["AssignCase"], "/data/attributes/assignee_id", Form::Uuid),
    (
        &["MoveCaseToProject", "LinkIncident"],
        "/data/id",
        Form::Uuid,
    ),
    (
        &["CreateCaseView"],
        "/data/attributes/project_id",
        Form::Uuid,
    ),
    (
        &["BulkUpdateCases"],
        "/data/attributes/case_ids/*",
        Form::UuidOrKey,
    ),
];

/// The start of the paths whose parameters are UUIDs, and the parameters that are not.
const UUID_PATHS: [&str; 2] = ["/api/v2/cases", "/api/v2/maintenance_windows"];
const CASE_ID: &str = "case_id";
const NAMES: [&str; 1] = ["custom_attribute_key"];

/// Checks a request, unless the sandbox does only what the document says.
///
/// # Errors
///
/// Returns an error if a value does not have its form; the error names all of them.
pub(super) fn check(state: &State, call: &Call<'_>) -> Result<(), ApiError> {
    let operation = call.operation;
    if call.documented_only || operation.response(400).is_none() {
        return Ok(());
    }
    let mut problems = Vec::new();
    let has_uuids = UUID_PATHS.iter().any(|start| call.path.starts_with(start));
    for (location, name, value) in &call.values {
        if *location != Location::Path || !has_uuids || NAMES.contains(&name.as_str()) {
            continue;
        }
        let form = if name == CASE_ID {
            Form::UuidOrKey
        } else {
            Form::Uuid
        };
        if let Some(problem) = form.problem(state, value) {
            let source = Source::Parameter(name.clone());
            problems.push(Problem::at(problem, source));
        }
    }
    for (operations, pointer, form) in BODIES {
        if !operations.contains(&operation.id.as_str()) {
            continue;
        }
        let segments: Vec<_> = pointer.split('/').skip(1).collect();
        let mut found = Vec::new();
        collect(&call.body, &segments, String::new(), &mut found);
        for (place, value) in found {
            if let Some(problem) = form.problem(state, value) {
                problems.push(Problem::in_body(place, problem));
            }
        }
    }
    if problems.is_empty() {
        Ok(())
    } else {
        Err(ApiError::with(Reason::Invalid, problems))
    }
}

/// Collects the values at a pointer, with their places.
fn collect<'v>(
    value: &'v Value,
    segments: &[&str],
    place: String,
    found: &mut Vec<(String, &'v Value)>,
) {
    match segments {
        [] => found.push((place, value)),
        ["*", rest @ ..] => {
            for (index, item) in value.as_array().into_iter().flatten().enumerate() {
                collect(item, rest, format!("{place}/{index}"), found);
            }
        }
        [name, rest @ ..] => {
            if let Some(inner) = value.get(name) {
                collect(inner, rest, format!("{place}/{name}"), found);
            }
        }
    }
}

impl Form {
    /// Returns the problem with a value, if it does not have this form.
    fn problem(self, state: &State, value: &Value) -> Option<String> {
        let text = value.as_str()?;
        let is_id = || uuid::Uuid::try_parse(text).is_ok() || state.has_id(text);
        let (fits, wanted) = match self {
            Self::NotBlank => (!text.trim().is_empty(), "text that is not blank"),
            Self::Date => (is_date(text), "a date such as 2026-12-31"),
            Self::Emoji => (is_emoji(text), "an emoji"),
            Self::Uuid => (is_id(), "a UUID"),
            Self::UuidOrKey => (
                is_id() || is_key(text),
                "a UUID, or the key of a case such as SEC-42",
            ),
        };
        (!fits).then(|| format!("`{text}` is not valid; send {wanted}"))
    }
}

/// Returns true if a string is a day, as year, month and day.
fn is_date(text: &str) -> bool {
    text.len() == "2026-12-31".len() && text.parse::<jiff::civil::Date>().is_ok()
}

/// Returns true if a string may be an emoji: symbols beyond ASCII, with their modifiers.
fn is_emoji(text: &str) -> bool {
    const MAX_CHARACTERS: usize = 16;
    let is_symbol = |c: char| !c.is_ascii() && !c.is_alphanumeric() && !c.is_whitespace();
    (1..=MAX_CHARACTERS).contains(&text.chars().count()) && text.chars().all(is_symbol)
}

/// Returns true if a string has the form of a case's key.
fn is_key(text: &str) -> bool {
    let Some((project, number)) = text.rsplit_once('-') else {
        return false;
    };
    let is_number = !number.is_empty() && number.chars().all(|c| c.is_ascii_digit());
    is_number && !project.is_empty() && !project.contains(char::is_whitespace)
}
