//! Case Management by its resources: every operation succeeds, and later calls see its effect.

use scorekit::cases::types::*;
use scorekit::cases::{Client as Cases, types};

use super::*;

pub(super) async fn every_operation(cases: &Cases) {
    let project_id = projects(cases).await;
    let type_id = case_types(cases).await;
    single_case(cases, &project_id, &type_id).await;
    full_case(cases, &empty_project(cases).await, &type_id).await;
    many_cases(cases, &project_id, &type_id).await;
    conversation(cases, &type_id).await;
    integrations(cases, &type_id).await;
    rules(cases, &project_id).await;
    views(cases, &project_id).await;
    maintenance_windows(cases).await;
}

macro_rules! sent {
    ($request:expr) => {
        $request
            .send()
            .await
            .expect(stringify!($request))
            .into_inner()
    };
}

/// Calls projects and favorites. Returns the id of the project that is left.
async fn projects(cases: &Cases) -> String {
    let projects = cases.projects();
    let kept = sent!(projects.create(ProjectCreateAttributes::new(
        Key::from("OPS"),
        Name::from("Operations")
    )));
    let attributes =
        ProjectCreateAttributes::new(Key::from("SEC"), Name::from("Security")).team_uuid(OWNER);
    let made = sent!(projects.create(attributes));
    let change = ProjectUpdateAttributes::new().name("Safety");
    let changed = sent!(projects.update(&made.id, change));
    assert_eq!(changed.attributes.name.as_deref(), Some("Safety"));
    assert_eq!(changed.attributes.key.as_deref(), Some("SEC"));
    assert_eq!(sent!(projects.get(&made.id)), changed);
    assert_eq!(sent!(projects.list()).len(), 2);

    let favorites = cases.favorites();
    sent!(favorites.add(&made.id));
    assert_eq!(sent!(favorites.list())[0].id, made.id);
    sent!(favorites.remove(&made.id));
    assert!(sent!(favorites.list()).is_empty());

    sent!(projects.delete(&made.id));
    assert_eq!(sent!(projects.list()), std::slice::from_ref(&kept));
    kept.id
}

/// Calls types and their attributes. Returns the id of the type that is left, with an attribute
/// `impact`.
async fn case_types(cases: &Cases) -> String {
    let kinds = cases.types();
    let made = sent!(kinds.create(CaseTypeResourceAttributes::new("Incident")));
    let id = made.id.expect("an id");
    let change = CaseTypeResourceAttributes::new("Outage").emoji("🔥");
    let changed = sent!(kinds.update(&id, change));
    let name = changed.attributes.map(|attributes| attributes.name);
    assert_eq!(name.as_deref(), Some("Outage"));
    let unused = sent!(kinds.create(CaseTypeResourceAttributes::new("Unused")));
    sent!(kinds.delete(unused.id.as_deref().expect("an id")));
    let listed = sent!(kinds.list());
    let is_deleted = |kind: &CaseTypeResource| {
        let attributes = kind.attributes.as_ref();
        attributes.is_some_and(|attributes| attributes.deleted_at.is_some())
    };
    // Every organization has one more from the start, and a deleted type is still listed.
    assert_eq!(listed.len(), 3);
    let deleted = listed.iter().find(|kind| is_deleted(kind));
    assert_eq!(deleted.and_then(|kind| kind.id.clone()), unused.id);

    let attributes = cases.custom_attributes();
    let new = |key: &str| {
        CustomAttributeConfigAttributesCreate::new(
            DisplayName::from("Impact"),
            false,
            Key::from(key),
            CustomAttributeType::Number,
        )
    };
    let made = sent!(attributes.create(&id, new("impact")));
    let change = CustomAttributeConfigUpdateAttributes::new().display_name("Users hit");
    let changed = sent!(attributes.update(
        &CaseTypeId::from(&id),
        &CustomAttributeId::from(&made.id.expect("an id")),
        change
    ));
    let name = changed.attributes.map(|attributes| attributes.display_name);
    assert_eq!(name.as_deref(), Some("Users hit"));
    let other = sent!(attributes.create(&id, new("other")));
    sent!(attributes.delete(
        &CaseTypeId::from(&id),
        &CustomAttributeId::from(&other.id.expect("an id"))
    ));
    let of_type = sent!(attributes.list_by_case_type(&id));
    assert_eq!(of_type.len(), 1);
    assert_eq!(sent!(attributes.list()), of_type);
    id
}

async fn single_case(cases: &Cases, project_id: &str, type_id: &str) {
    let resource = cases.cases();
    let pointer = |id: &str| ProjectRelationship::from(id);
    let attributes = CaseCreateAttributes::new(Title::from("Disk full"), TypeId::from(type_id))
        .priority(CasePriority::P2);
    let data = CaseCreate::from(attributes)
        .relationships(CaseCreateRelationships::new(pointer(project_id)));
    let made = sent!(resource.create(data));
    assert_eq!(made.attributes.key.as_deref(), Some("OPS-1"));
    let id = made.id.as_str();
    assert_eq!(sent!(resource.get("OPS-1")), made);

    sent!(resource.update_title(id, CaseUpdateTitleAttributes::new("Disk nearly full")));
    sent!(resource.update_description(id, CaseUpdateDescriptionAttributes::new("91 %")));
    sent!(resource.update_priority(id, CaseUpdatePriorityAttributes::new(CasePriority::P1)));
    let status = CaseUpdateStatusAttributes::new().status_name("In Progress");
    sent!(resource.update_status(id, status));
    let due = CaseUpdateDueDateAttributes::new().due_date("2026-12-31");
    sent!(resource.update_due_date(id, due));
    let reason = CaseUpdateResolvedReasonAttributes::new("FALSE_POSITIVE");
    sent!(resource.update_resolved_reason(id, reason));
    let labels = [("env", vec!["prod".to_owned()])];
    sent!(
        cases
            .attributes()
            .update(id, CaseUpdateAttributesAttributes::new(labels))
    );
    let impact = CustomAttributeValue::new(false, CustomAttributeType::Number, 12.0);
    sent!(cases.attributes().update_custom(
        &CaseId::from(id),
        &CustomAttributeKey::from("impact"),
        impact.clone()
    ));
    let found = sent!(resource.get(id)).attributes;
    assert_eq!(
        (found.title.as_deref(), found.description.as_deref()),
        (Some("Disk nearly full"), Some("91 %"))
    );
    assert_eq!(found.priority, Some(CasePriority::P1));
    assert_eq!(found.status_group, Some(CaseStatusGroup::SgInProgress));
    let labels = found.attributes.expect("labels");
    assert_eq!(labels["env"], ["prod"]);
    let custom = found.custom_attributes.expect("custom attributes");
    assert_eq!(custom["impact"], impact);
    assert!(found.modified_at.is_some());

    // Responses do not show these values, so search for them.
    let finds = async |query: &str| {
        let found = sent!(resource.search().filter(query))
            .data
            .unwrap_or_default();
        found.iter().any(|case| case.id == id)
    };
    assert!(finds("due_date:2026-12-31 resolved_reason:FALSE_POSITIVE impact:12").await);
    sent!(
        cases
            .attributes()
            .delete_custom(&CaseId::from(id), &CustomAttributeKey::from("impact"))
    );
    assert!(!finds("impact:12").await);
    let found = sent!(resource.get(id)).attributes;
    assert!(found.custom_attributes.expect("a map").is_empty());
    assert!(finds("archived:false").await);
    states(cases, id).await;

    let elsewhere = sent!(cases.projects().create(ProjectCreateAttributes::new(
        Key::from("NEW"),
        Name::from("New")
    )));
    let moved = sent!(resource.move_to_project(&CaseId::from(id), elsewhere.id.as_str()));
    assert_eq!(moved.attributes.key.as_deref(), Some("NEW-1"));
    let project = moved.relationships.and_then(|relations| relations.project);
    assert_eq!(project.map(|project| project.data.id), Some(elsewhere.id));

    let insight = CaseInsight::new(
        Ref::from("/monitors/1"),
        ResourceId::from("1"),
        CaseInsightType::Monitor,
    );
    let insights = CaseInsightsAttributes::new([insight]);
    sent!(cases.insights().add(id, insights.clone()));
    sent!(cases.insights().remove(id, insights));
}

/// Returns the user that a relationship of a case refers to.
fn user(relationship: Option<NullableUserRelationship>) -> Option<String> {
    relationship?.data.map(|user| user.id)
}

/// Assigns, closes and archives a case, and reads each effect back.
async fn states(cases: &Cases, id: &str) {
    let resource = cases.cases();
    let read = async || sent!(resource.get(id));
    let relationships = async || read().await.relationships.expect("relationships");
    sent!(resource.assign(id, CaseAssignAttributes::new(OWNER)));
    assert_eq!(user(relationships().await.assignee).as_deref(), Some(OWNER));
    sent!(resource.unassign(id));
    assert_eq!(user(relationships().await.assignee), None);
    let assign = CaseBulkUpdateRequestAttributes::new([id], CaseBulkActionType::Assign)
        .payload([("assignee_id", OWNER.to_owned())]);
    sent!(resource.bulk_update(assign));
    let found = relationships().await;
    assert_eq!(user(found.assignee).as_deref(), Some(OWNER));
    assert!(user(found.created_by).is_some() && user(found.modified_by).is_some());

    let status = |name: &str| CaseUpdateStatusAttributes::new().status_name(name);
    sent!(resource.update_status(id, status("Closed")));
    assert!(read().await.attributes.closed_at.is_some());
    sent!(resource.update_status(id, status("Open")));
    assert!(read().await.attributes.closed_at.is_none());
    sent!(resource.archive(id));
    assert!(read().await.attributes.archived_at.is_some());
    sent!(resource.unarchive(id));
    assert!(read().await.attributes.archived_at.is_none());
}

/// Creates a project, and returns its id.
async fn empty_project(cases: &Cases) -> String {
    let attributes = ProjectCreateAttributes::new(Key::from("FULL"), Name::from("Full"));
    sent!(cases.projects().create(attributes)).id
}

/// Creates a case with everything that a request can set, and reads it back.
async fn full_case(cases: &Cases, project_id: &str, type_id: &str) {
    let impact = CustomAttributeValue::new(false, CustomAttributeType::Number, 3.0);
    let attributes = CaseCreateAttributes::new(Title::from("Disk slow"), TypeId::from(type_id))
        .description("Writes take seconds.")
        .custom_attributes([("impact", impact.clone())]);
    let owner = NullableUserRelationship::new().data(NullableUserRelationshipData::new(OWNER));
    let relationships =
        CaseCreateRelationships::new(ProjectRelationship::from(project_id)).assignee(owner);
    let data = CaseCreate::from(attributes).relationships(relationships);
    let made = sent!(cases.cases().create(data));
    let found = sent!(cases.cases().get(&made.id));
    assert_eq!(found, made);
    let custom = found.attributes.custom_attributes.expect("a map");
    assert_eq!(custom["impact"], impact);
    let relationships = found.relationships.expect("relationships");
    assert_eq!(user(relationships.assignee).as_deref(), Some(OWNER));
    let project = relationships.project.map(|project| project.data.id);
    assert_eq!(project.as_deref(), Some(project_id));
}

async fn many_cases(cases: &Cases, project_id: &str, type_id: &str) {
    let resource = cases.cases();
    let mut ids = Vec::new();
    for number in 1..=5 {
        let attributes =
            CaseCreateAttributes::new(Title::from(format!("Case {number}")), TypeId::from(type_id));
        let relationships = CaseCreateRelationships::new(ProjectRelationship::from(project_id));
        let data = CaseCreate::new(attributes).relationships(relationships);
        ids.push(sent!(resource.create(data)).id);
    }
    let priority = CaseBulkUpdateRequestAttributes::new(&ids[..2], CaseBulkActionType::Priority)
        .payload([("priority", "P1".to_owned())]);
    sent!(resource.bulk_update(priority));

    let search = resource
        .search()
        .filter("project:OPS")
        .sort_field(CaseSortableField::Priority);
    let page = sent!(search.clone().page_size(2));
    let pages = page.meta.and_then(|meta| meta.page).expect("a page");
    assert_eq!((pages.current, pages.total), (Some(1), Some(3)));
    let mut found = Vec::new();
    let mut items = search.page_size(2).items();
    while let Some(case) = items.next().await {
        found.push(case.expect("a case"));
    }
    assert_eq!(found.len(), 5);
    assert_eq!(found[0].attributes.priority, Some(CasePriority::P1));
    assert_eq!(found[4].attributes.priority, Some(CasePriority::NotDefined));

    let count = resource
        .count()
        .query_filter("project:OPS")
        .group_bys("priority");
    let groups = sent!(count).attributes.groups;
    let counts: Vec<_> = groups[0]
        .group_values
        .iter()
        .map(|value| (value.value.as_str(), value.count))
        .collect();
    assert_eq!(counts, [("NOT_DEFINED", 3), ("P1", 2)]);
    let group_by = CaseAggregateGroupBy::new(["priority"], 1);
    let query = CaseAggregateRequestAttributes::new(group_by, "project:OPS");
    let aggregated = sent!(resource.aggregate(query)).attributes;
    assert_eq!(aggregated.groups[0].value, [3.0]);
    assert!((aggregated.total - 5.0).abs() < f64::EPSILON);
}

async fn create_case(cases: &Cases, type_id: &str) -> String {
    sent!(cases.cases().create(CaseCreateAttributes::new(
        Title::from("A case"),
        TypeId::from(type_id)
    )))
    .id
}

async fn conversation(cases: &Cases, type_id: &str) {
    let id = create_case(cases, type_id).await;
    let comments = cases.comments();
    let first = sent!(comments.create(&id, CaseCommentAttributes::new("first")));
    let second = sent!(comments.create(&id, CaseCommentAttributes::new("second")));
    let change = CaseUpdateCommentAttributes::new("changed");
    sent!(comments.update(&CaseId::from(&id), &CellId::from(&first[0].id), change));
    sent!(comments.delete(&CaseId::from(&id), &CellId::from(&second[0].id)));
    let mut cells = cases.timeline().list(&id).page_size(1).items();
    let cell = cells.next().await.expect("a cell").expect("a cell");
    let TimelineCellContent::Comment(comment) = cell.attributes.cell_content.expect("content")
    else {
        panic!("the entry is not a comment");
    };
    assert_eq!(comment.message.as_deref(), Some("changed"));
    assert!(cells.next().await.is_none());

    let watchers = cases.watchers();
    sent!(watchers.add(&CaseId::from(&id), &UserUuid::from(OWNER)));
    assert_eq!(
        sent!(watchers.list(&id))[0].relationships.user.data.id,
        OWNER
    );
    sent!(watchers.remove(&CaseId::from(&id), &UserUuid::from(OWNER)));
    assert!(sent!(watchers.list(&id)).is_empty());

    let links = cases.links();
    let made = sent!(links.create(CaseLinkAttributes::new(
        ChildEntityId::from("314"),
        ChildEntityType::from("INCIDENT"),
        ParentEntityId::from(&id),
        ParentEntityType::from("CASE"),
        Relationship::from("BLOCKS")
    )));
    assert_eq!(
        sent!(
            links
                .list(&EntityType::from("CASE"), &EntityId::from(&id))
                .relationship("BLOCKS")
        ),
        std::slice::from_ref(&made)
    );
    sent!(links.delete(&made.id));
    assert!(sent!(links.list(&EntityType::from("CASE"), &EntityId::from(&id))).is_empty());
}

async fn integrations(cases: &Cases, type_id: &str) {
    let id = create_case(cases, type_id).await;
    let integrations = cases.integrations();
    let read = async || sent!(cases.cases().get(&id)).attributes;
    assert_eq!(
        sent!(integrations.link_incident(&CaseId::from(&id), UNKNOWN)).id,
        id
    );
    let issue = JiraIssueLinkAttributes::new("https://example.com/browse/A-1");
    sent!(integrations.link_jira_issue(&id, issue.clone()));
    let linked = read().await.jira_issue.and_then(|issue| issue.result);
    let key = linked.and_then(|issue| issue.issue_key);
    assert_eq!(key.as_deref(), Some("A-1"));
    let error = integrations.link_jira_issue(&id, issue).send().await;
    let error = error.expect_err("the case has an issue already");
    assert_eq!(error.status().map(|status| status.as_u16()), Some(409));
    sent!(integrations.unlink_jira_issue(&id));
    assert!(read().await.jira_issue.is_none());
    let issue = JiraIssueCreateAttributes::new(
        IssueTypeId::from("1"),
        JiraAccountId::from("2"),
        ProjectId::from("3"),
    );
    sent!(integrations.create_jira_issue(&id, issue));
    sent!(integrations.create_notebook(&id));
    let ticket = ServiceNowTicketCreateAttributes::new("shop");
    sent!(integrations.create_service_now_ticket(&id, ticket));
    let ticket = read().await.service_now_ticket.expect("a ticket");
    assert_eq!(ticket.status, Some(Case3rdPartyTicketStatus::Completed));
    assert!(read().await.jira_issue.is_some());
}

async fn rules(cases: &Cases, project_id: &str) {
    let rules = cases.notification_rules();
    let recipient = CaseNotificationRuleRecipient::new()
        .type_("EMAIL")
        .data(CaseNotificationRuleRecipientData::new().email("a@example.com"));
    let trigger = CaseNotificationRuleTrigger::new().type_("CASE_CREATED");
    let attributes = CaseNotificationRuleCreateAttributes::new([recipient], [trigger]);
    let made = sent!(rules.create(project_id, attributes));
    let change = CaseNotificationRuleAttributes::new().is_enabled(false);
    sent!(rules.update(
        &ProjectId::from(project_id),
        &NotificationRuleId::from(&made.id),
        change
    ));
    let listed = sent!(rules.list(project_id));
    assert_eq!(listed[0].attributes.is_enabled, Some(false));
    sent!(rules.delete(
        &ProjectId::from(project_id),
        &NotificationRuleId::from(&made.id)
    ));
    assert!(sent!(rules.list(project_id)).is_empty());

    let rules = cases.automation_rules();
    let attributes = |name: &str| {
        let data = AutomationRuleActionData::new().handle("flow");
        let action = AutomationRuleAction::new(data, AutomationRuleActionType::ExecuteWorkflow);
        let trigger = AutomationRuleTrigger::new(AutomationRuleTriggerType::CaseCreated);
        AutomationRuleCreateAttributes::new(action, name, trigger)
    };
    let made = sent!(rules.create(project_id, attributes("Run")));
    let enabled = sent!(rules.enable(&ProjectId::from(project_id), &RuleId::from(&made.id)));
    assert_eq!(enabled.attributes.state, CaseAutomationRuleState::Enabled);
    let disabled = sent!(rules.disable(&ProjectId::from(project_id), &RuleId::from(&made.id)));
    assert_eq!(disabled.attributes.state, CaseAutomationRuleState::Disabled);
    let authors = made.relationships.expect("relationships");
    assert!(user(authors.created_by).is_some() && authors.modified_by.is_none());
    let changed = sent!(rules.update(
        &ProjectId::from(project_id),
        &RuleId::from(&made.id),
        attributes("Run again")
    ));
    let authors = changed.relationships.clone().expect("relationships");
    assert!(user(authors.modified_by).is_some());
    assert_eq!(
        sent!(rules.get(&ProjectId::from(project_id), &RuleId::from(&made.id))),
        changed
    );
    assert_eq!(sent!(rules.list(project_id)), [changed]);
    sent!(rules.delete(&ProjectId::from(project_id), &RuleId::from(&made.id)));
}

async fn views(cases: &Cases, project_id: &str) {
    let views = cases.views();
    let made = sent!(views.create(CaseViewCreateAttributes::new(
        Name::from("Urgent"),
        ProjectId::from(project_id),
        Query::from("priority:P1")
    )));
    let changed = sent!(views.update(&made.id, CaseViewUpdateAttributes::new().name("Pressing")));
    assert_eq!(changed.attributes.query, "priority:P1");
    let authors = made.relationships.expect("relationships");
    assert!(user(authors.created_by).is_some() && authors.modified_by.is_none());
    let authors = changed.relationships.clone().expect("relationships");
    assert!(user(authors.modified_by).is_some());
    assert_eq!(sent!(views.get(&made.id)), changed);
    assert_eq!(sent!(views.list(project_id)), [changed]);
    sent!(views.delete(&made.id));
    assert!(sent!(views.list(project_id)).is_empty());
}

async fn maintenance_windows(cases: &Cases) {
    let windows = cases.maintenance_windows();
    let attributes = MaintenanceWindowCreateAttributes::new(
        EndAt::from("2026-01-02T00:00:00Z"),
        Name::from("Night"),
        Query::from("*"),
        StartAt::from("2026-01-01T00:00:00Z"),
    );
    let made = sent!(windows.create(attributes));
    let change = types::MaintenanceWindowUpdateAttributes::new().name("Long night");
    let changed = sent!(windows.update(&made.id, change));
    assert_eq!(sent!(windows.list()), [changed]);
    sent!(windows.delete(&made.id));
    assert!(sent!(windows.list()).is_empty());
}

#[tokio::test]
async fn invalid_case_values_are_rejected() {
    let sandbox = sandbox().await;
    let cases = client(&sandbox).cases();
    let mut calls = FailingCalls::new(&sandbox);
    let resource = cases.cases();
    let unknown_type = CaseCreateAttributes::new(Title::from("A case"), TypeId::from(UNKNOWN));
    let error = calls.rejected(resource.create(unknown_type).send().await, 404);
    assert!(error.to_string().contains(UNKNOWN), "{error}");
    let kind = sent!(cases.types().list())[0].id.clone().expect("an id");
    let id = create_case(&cases, &kind).await;
    let status = CaseUpdateStatusAttributes::new().status_name("Asleep");
    calls.rejected(resource.update_status(&id, status).send().await, 400);
    let priority = CaseUpdatePriorityAttributes::new(CasePriority::from("P9"));
    calls.rejected(resource.update_priority(&id, priority).send().await, 400);
    let action = CaseBulkUpdateRequestAttributes::new([&id], CaseBulkActionType::Assign);
    calls.rejected(resource.bulk_update(action).send().await, 400);
    assert_eq!(calls.operations.len(), 4);
}
