//! Carries out the actions, a few at once.

use std::time::Duration;

use scorekit::cases::types::{
    CaseAssignAttributes, CaseCommentAttributes, CaseCreate, CaseCreateAttributes,
    CaseCreateRelationships, CasePriority, CaseUpdateDescriptionAttributes,
    CaseUpdateStatusAttributes, NullableUserRelationship, NullableUserRelationshipData,
    ProjectRelationship, Title, TypeId,
};
use scorekit::{Client, Error};
use tokio::task::JoinSet;

use super::plan::{Action, Step};
use crate::interrupt;

/// The number of actions at once.
const CONCURRENCY: usize = 4;

/// The properties of new cases, and the names of statuses.
#[derive(Clone)]
pub(super) struct Target {
    pub(super) project_id: String,
    pub(super) type_id: String,
    pub(super) priority: Option<CasePriority>,
    pub(super) open: String,
    pub(super) closed: String,
}

/// The result of an action: the name of its case, or the error.
pub(super) type Done = Result<String, Error>;

/// Carries out the actions. An action without a result was not begun before Ctrl-C.
pub(super) async fn apply(
    client: &Client,
    target: &Target,
    actions: &[Action],
    mut on_result: impl FnMut(),
) -> Vec<Option<Done>> {
    let mut results: Vec<Option<Done>> = actions.iter().map(|_| None).collect();
    let mut waiting = actions.iter().enumerate();
    let mut running: JoinSet<(usize, Done)> = JoinSet::new();
    loop {
        let is_stopped = is_interrupted().await;
        while !is_stopped && running.len() < CONCURRENCY {
            let Some((index, action)) = waiting.next() else {
                break;
            };
            let (client, target) = (client.clone(), target.clone());
            let case = action.case.as_ref();
            let case = case.map(|case| (case.id.clone(), case.name.clone()));
            let (steps, user) = (action.steps.clone(), action.user.clone());
            running.spawn(async move { (index, run(&client, &target, case, steps, user).await) });
        }
        // What has begun is finished, also after Ctrl-C.
        match running.join_next().await {
            Some(Ok((index, result))) => {
                results[index] = Some(result);
                on_result();
            }
            Some(Err(_)) => {}
            None => return results,
        }
    }
}

async fn is_interrupted() -> bool {
    let wait = tokio::time::timeout(Duration::ZERO, interrupt::interrupted());
    wait.await.is_ok()
}

async fn run(
    client: &Client,
    target: &Target,
    case: Option<(String, String)>,
    steps: Vec<Step>,
    user: Option<String>,
) -> Done {
    let (mut id, mut name) = case.unwrap_or_default();
    let cases = client.cases().cases();
    let status = |name: &String| CaseUpdateStatusAttributes::new().status_name(name.as_str());
    for step in steps {
        match step {
            Step::Create { title, description } => {
                let attributes =
                    CaseCreateAttributes::new(Title::from(title), TypeId::from(&*target.type_id))
                        .description(description)
                        .priority(target.priority.clone());
                let project = ProjectRelationship::from(&*target.project_id);
                let mut relationships = CaseCreateRelationships::new(project);
                if let Some(user) = &user {
                    let data = NullableUserRelationshipData::new(user.as_str());
                    let user = NullableUserRelationship::new().data(data);
                    relationships = relationships.assignee(user);
                }
                let case = CaseCreate::new(attributes).relationships(relationships);
                let created = cases.create(case).send().await?.into_inner();
                name = created.attributes.key.unwrap_or(created.id.clone());
                id = created.id;
            }
            Step::Comment(text) => {
                let comment = CaseCommentAttributes::new(text);
                client
                    .cases()
                    .comments()
                    .create(&id, comment)
                    .send()
                    .await?;
            }
            Step::Describe(text) => {
                let description = CaseUpdateDescriptionAttributes::new(text);
                cases.update_description(&id, description).send().await?;
            }
            Step::Open => drop(
                cases
                    .update_status(&id, status(&target.open))
                    .send()
                    .await?,
            ),
            Step::Close => drop(
                cases
                    .update_status(&id, status(&target.closed))
                    .send()
                    .await?,
            ),
            Step::Assign(user) => {
                let assign = CaseAssignAttributes::new(user);
                cases.assign(&id, assign).send().await?;
            }
        }
    }
    Ok(name)
}
