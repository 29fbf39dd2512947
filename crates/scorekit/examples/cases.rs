//! Opens a case, comments on it and closes it.
//!
//! Run it with `cargo run --example cases`. It starts a sandbox.

#![forbid(unsafe_code)]

mod support;

use std::error::Error;

use scorekit::cases::types::{
    CaseCommentAttributes, CaseCreate, CaseCreateAttributes, CaseCreateRelationships,
    CaseStatusGroup, CaseUpdateStatusAttributes, Key, Name, ProjectCreateAttributes,
    ProjectRelationship, Title, TypeId,
};

#[tokio::main]
async fn main() -> Result<(), Box<dyn Error>> {
    let (_sandbox, client) = support::sandbox().await?;
    let client = client.cases();
    let project = ProjectCreateAttributes::new(Key::from("SEC"), Name::from("Security"));
    let project = client.projects().create(project).send().await?;

    // The type says which statuses and attributes a case has.
    let types = client.types().list().send().await?;
    let type_id = types
        .iter()
        .find_map(|kind| kind.id.clone())
        .ok_or("there is no type")?;
    let attributes =
        CaseCreateAttributes::new(Title::from("A key is public"), TypeId::from(type_id));
    let project = ProjectRelationship::from(project.id.as_str());
    let case = CaseCreate::from(attributes).relationships(CaseCreateRelationships::new(project));
    let case = client.cases().create(case).send().await?;
    println!(
        "opened {}",
        case.attributes.key.as_deref().unwrap_or_default()
    );

    let comment = CaseCommentAttributes::new("The key is revoked.");
    client.comments().create(&case.id, comment).send().await?;
    let closed = CaseUpdateStatusAttributes::new().status_name("Closed");
    let closed = client
        .cases()
        .update_status(&case.id, closed)
        .send()
        .await?;
    assert_eq!(
        closed.attributes.status_group,
        Some(CaseStatusGroup::SgClosed)
    );
    Ok(())
}
