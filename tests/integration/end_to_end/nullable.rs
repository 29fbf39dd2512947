//! Properties that are absent, `null` or set in a request, and their values in later responses.

use scorekit::Nullable;
use scorekit::cases::types::*;
use serde_json::{Value, json};

use super::*;

/// Returns the JSON of the last request's body.
fn last_body(sandbox: &Sandbox) -> Value {
    let requests = sandbox.requests();
    let last = requests.last().expect("a request");
    serde_json::from_slice(&last.body).expect("JSON")
}

/// Creates a project, and returns its id with that of a case type.
async fn project_and_type(client: &Client) -> (String, String) {
    let cases = client.cases();
    let attributes = ProjectCreateAttributes::new(Key::from("OPS"), Name::from("Operations"));
    let project = cases.projects().create(attributes).send().await;
    let types = cases.types().list().send().await.expect("types");
    let type_id = types.into_inner()[0].id.clone().expect("an id");
    (project.expect("a project").into_inner().id, type_id)
}

#[tokio::test]
async fn assignee_is_absent_null_or_a_user() {
    let sandbox = sandbox().await;
    let client = client(&sandbox);
    let cases = client.cases();
    let (project, type_id) = project_and_type(&client).await;
    let user = NullableUserRelationship::new().data(NullableUserRelationshipData::new(OWNER));
    let sent = json!({"data": {"id": OWNER, "type": "user"}});
    for (assignee, written, is_assigned) in [
        (Nullable::Absent, None, false),
        (Nullable::Null, Some(Value::Null), false),
        (Nullable::Value(user.clone()), Some(sent.clone()), true),
        (Nullable::from(Some(user)), Some(sent), true),
        (Nullable::from(None), None, false),
    ] {
        let relationships = CaseCreateRelationships::new(ProjectRelationship::from(&*project));
        let attributes =
            CaseCreateAttributes::new(Title::from("Disk full"), TypeId::from(type_id.as_str()));
        let data = CaseCreate::new(attributes).relationships(relationships.assignee(assignee));
        let created = cases
            .cases()
            .create(data)
            .send()
            .await
            .expect("a case")
            .into_inner();
        let body = last_body(&sandbox);
        assert_eq!(
            body["data"]["relationships"].get("assignee").cloned(),
            written
        );
        let found = cases
            .cases()
            .get(&created.id)
            .send()
            .await
            .expect("the case");
        let relationships = found.into_inner().relationships.expect("relationships");
        let assigned = relationships.assignee.and_then(|assignee| assignee.data);
        assert_eq!(
            assigned.map(|user| user.id).as_deref(),
            is_assigned.then_some(OWNER)
        );
    }
}

#[tokio::test]
async fn due_date_is_set_and_cleared() {
    let sandbox = sandbox().await;
    let client = client(&sandbox);
    let cases = client.cases();
    let (project, type_id) = project_and_type(&client).await;
    let relationships = CaseCreateRelationships::new(ProjectRelationship::from(&*project));
    let attributes =
        CaseCreateAttributes::new(Title::from("Disk full"), TypeId::from(type_id.as_str()));
    let data = CaseCreate::new(attributes).relationships(relationships);
    let id = cases
        .cases()
        .create(data)
        .send()
        .await
        .expect("a case")
        .into_inner()
        .id;
    for (date, written) in [
        (Some("2026-12-31"), json!("2026-12-31")),
        (None, Value::Null),
    ] {
        let change = CaseUpdateDueDateAttributes::new().due_date(date);
        let changed = cases.cases().update_due_date(&id, change).send().await;
        changed.expect("a change");
        let body = last_body(&sandbox);
        assert_eq!(body["data"]["attributes"]["due_date"], written);
    }
}
