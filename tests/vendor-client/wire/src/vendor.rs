//! The vendor's client: a call for every operation, built from the request of this workspace's
//! client.

use std::future::Future;
use std::pin::Pin;
use std::sync::Arc;

use datadog_api_client::datadog::{APIKey, Configuration};
use datadog_api_client::datadogV2::api_case_management::CaseManagementAPI;
use datadog_api_client::datadogV2::api_case_management::{
    CountCasesOptionalParams, ListCaseLinksOptionalParams, ListCaseTimelineOptionalParams,
    SearchCasesOptionalParams,
};
use datadog_api_client::datadogV2::api_case_management_attribute::CaseManagementAttributeAPI;
use datadog_api_client::datadogV2::api_case_management_type::CaseManagementTypeAPI;
use datadog_api_client::datadogV2::api_scorecards::ScorecardsAPI;
use datadog_api_client::datadogV2::api_scorecards::{
    GetScorecardCampaignOptionalParams, ListScorecardCampaignsOptionalParams,
    ListScorecardOutcomesOptionalParams, ListScorecardRulesOptionalParams,
    ListScorecardScoresOptionalParams, ListScorecardsOptionalParams,
};
use scorekit_sandbox::Sandbox;

use crate::input::{Input, Unusable};

/// The version of the vendor's client, which `Cargo.toml` asks for.
pub(crate) const VERSION: &str = "0.38.0";

/// The parts of the vendor's client with this workspace's operations.
pub(crate) struct Vendor {
    scorecards: ScorecardsAPI,
    cases: CaseManagementAPI,
    attributes: CaseManagementAttributeAPI,
    types: CaseManagementTypeAPI,
}

impl Vendor {
    /// Creates a vendor's client of a sandbox.
    pub(crate) fn new(sandbox: &Sandbox) -> Self {
        let keys = sandbox.credentials();
        let address = sandbox.address().to_string();
        let mut configuration = Configuration::new();
        // The address of its second server can be set.
        configuration.server_index = 1;
        let variables = &mut configuration.server_variables;
        variables.insert("protocol".to_owned(), "http".to_owned());
        variables.insert("name".to_owned(), address);
        for (scheme, key) in [
            ("apiKeyAuth", keys.api_key),
            ("appKeyAuth", keys.application_key),
        ] {
            let key = APIKey {
                key: key.to_owned(),
                prefix: String::new(),
            };
            configuration.set_auth_key(scheme, key);
        }
        for operation in OPERATIONS {
            // Preview operations fail unless they are enabled.
            if configuration.is_unstable_operation(operation) {
                configuration.set_unstable_operation_enabled(operation, true);
            }
        }
        Self {
            scorecards: ScorecardsAPI::with_config(configuration.clone()),
            cases: CaseManagementAPI::with_config(configuration.clone()),
            attributes: CaseManagementAttributeAPI::with_config(configuration.clone()),
            types: CaseManagementTypeAPI::with_config(configuration),
        }
    }
}

/// The result of a call. A response with an error is not a failure here.
type CallResult = Pin<Box<dyn Future<Output = Result<(), Unusable>>>>;

/// A call of the vendor's client with the given input.
pub(crate) type Call = fn(Arc<Vendor>, Input) -> CallResult;

macro_rules! calls {
    ($($id:literal => $api:ident.$method:ident($($part:ident($($name:tt)?)),*);)*) => {
        /// The calls by `operationId`.
        pub(crate) const CALLS: &[(&str, Call)] = &[$(
            ($id, |vendor, input| Box::pin(async move {
                let _ = &input;
                let call = vendor.$api.$method($(input.$part($($name)?)?),*);
                // The request has arrived, even if the response is an error.
                let _ = call.await;
                Ok(())
            })),
        )*];

        /// The names of the operations in the vendor's client.
        const OPERATIONS: &[&str] = &[$(concat!("v2.", stringify!($method))),*];
    };
}

calls! {
    "ListScorecardRules" => scorecards.list_scorecard_rules(options(list_scorecard_rules_options));
    "CreateScorecardRule" => scorecards.create_scorecard_rule(body());
    "UpdateScorecardRule" => scorecards.update_scorecard_rule(path("rule_id"), body());
    "DeleteScorecardRule" => scorecards.delete_scorecard_rule(path("rule_id"));
    "ListScorecardOutcomes" =>
        scorecards.list_scorecard_outcomes(options(list_scorecard_outcomes_options));
    "UpdateScorecardOutcomes" => scorecards.update_scorecard_outcomes(body());
    "CreateScorecardOutcomesBatch" => scorecards.create_scorecard_outcomes_batch(body());
    "ListScorecards" => scorecards.list_scorecards(options(list_scorecards_options));
    "ListScorecardScores" =>
        scorecards.list_scorecard_scores(
            path("aggregation"), options(list_scorecard_scores_options)
        );
    "ListScorecardCampaigns" =>
        scorecards.list_scorecard_campaigns(options(list_scorecard_campaigns_options));
    "CreateScorecardCampaign" => scorecards.create_scorecard_campaign(body());
    "GetScorecardCampaign" =>
        scorecards.get_scorecard_campaign(
            path("campaign_id"), options(get_scorecard_campaign_options)
        );
    "UpdateScorecardCampaign" => scorecards.update_scorecard_campaign(path("campaign_id"), body());
    "DeleteScorecardCampaign" => scorecards.delete_scorecard_campaign(path("campaign_id"));
    "SearchCases" => cases.search_cases(options(search_cases_options));
    "CreateCase" => cases.create_case(body());
    "AggregateCases" => cases.aggregate_cases(body());
    "BulkUpdateCases" => cases.bulk_update_cases(body());
    "CountCases" => cases.count_cases(options(count_cases_options));
    "GetCase" => cases.get_case(path("case_id"));
    "ArchiveCase" => cases.archive_case(path("case_id"), body());
    "UnarchiveCase" => cases.unarchive_case(path("case_id"), body());
    "AssignCase" => cases.assign_case(path("case_id"), body());
    "UnassignCase" => cases.unassign_case(path("case_id"), body());
    "UpdateCaseDescription" => cases.update_case_description(path("case_id"), body());
    "UpdateCaseDueDate" => cases.update_case_due_date(path("case_id"), body());
    "UpdatePriority" => cases.update_priority(path("case_id"), body());
    "MoveCaseToProject" => cases.move_case_to_project(path("case_id"), body());
    "UpdateCaseResolvedReason" => cases.update_case_resolved_reason(path("case_id"), body());
    "UpdateStatus" => cases.update_status(path("case_id"), body());
    "UpdateCaseTitle" => cases.update_case_title(path("case_id"), body());
    "UpdateAttributes" => cases.update_attributes(path("case_id"), body());
    "UpdateCaseCustomAttribute" =>
        cases.update_case_custom_attribute(path("case_id"), path("custom_attribute_key"), body());
    "DeleteCaseCustomAttribute" =>
        cases.delete_case_custom_attribute(path("case_id"), path("custom_attribute_key"));
    "CommentCase" => cases.comment_case(path("case_id"), body());
    "UpdateCaseComment" => cases.update_case_comment(path("case_id"), path("cell_id"), body());
    "DeleteCaseComment" => cases.delete_case_comment(path("case_id"), path("cell_id"));
    "ListCaseTimeline" =>
        cases.list_case_timeline(path("case_id"), options(list_case_timeline_options));
    "ListCaseWatchers" => cases.list_case_watchers(path("case_id"));
    "WatchCase" => cases.watch_case(path("case_id"), path("user_uuid"));
    "UnwatchCase" => cases.unwatch_case(path("case_id"), path("user_uuid"));
    "ListCaseLinks" =>
        cases.list_case_links(
            query("entity_type"), query("entity_id"), options(list_case_links_options)
        );
    "CreateCaseLink" => cases.create_case_link(body());
    "DeleteCaseLink" => cases.delete_case_link(path("link_id"));
    "AddCaseInsights" => cases.add_case_insights(path("case_id"), body());
    "RemoveCaseInsights" => cases.remove_case_insights(path("case_id"), body());
    "LinkIncident" => cases.link_incident(path("case_id"), body());
    "LinkJiraIssueToCase" => cases.link_jira_issue_to_case(path("case_id"), body());
    "CreateCaseJiraIssue" => cases.create_case_jira_issue(path("case_id"), body());
    "UnlinkJiraIssue" => cases.unlink_jira_issue(path("case_id"));
    "CreateCaseNotebook" => cases.create_case_notebook(path("case_id"), body());
    "CreateCaseServiceNowTicket" => cases.create_case_service_now_ticket(path("case_id"), body());
    "GetProjects" => cases.get_projects();
    "CreateProject" => cases.create_project(body());
    "GetProject" => cases.get_project(path("project_id"));
    "DeleteProject" => cases.delete_project(path("project_id"));
    "UpdateProject" => cases.update_project(path("project_id"), body());
    "ListUserCaseProjectFavorites" => cases.list_user_case_project_favorites();
    "FavoriteCaseProject" => cases.favorite_case_project(path("project_id"));
    "UnfavoriteCaseProject" => cases.unfavorite_case_project(path("project_id"));
    "GetProjectNotificationRules" => cases.get_project_notification_rules(path("project_id"));
    "CreateProjectNotificationRule" =>
        cases.create_project_notification_rule(path("project_id"), body());
    "UpdateProjectNotificationRule" =>
        cases.update_project_notification_rule(
            path("project_id"), path("notification_rule_id"), body()
        );
    "DeleteProjectNotificationRule" =>
        cases.delete_project_notification_rule(path("project_id"), path("notification_rule_id"));
    "ListCaseAutomationRules" => cases.list_case_automation_rules(path("project_id"));
    "CreateCaseAutomationRule" => cases.create_case_automation_rule(path("project_id"), body());
    "GetCaseAutomationRule" => cases.get_case_automation_rule(path("project_id"), path("rule_id"));
    "UpdateCaseAutomationRule" =>
        cases.update_case_automation_rule(path("project_id"), path("rule_id"), body());
    "DeleteCaseAutomationRule" =>
        cases.delete_case_automation_rule(path("project_id"), path("rule_id"));
    "DisableCaseAutomationRule" =>
        cases.disable_case_automation_rule(path("project_id"), path("rule_id"));
    "EnableCaseAutomationRule" =>
        cases.enable_case_automation_rule(path("project_id"), path("rule_id"));
    "GetAllCaseTypes" => types.get_all_case_types();
    "CreateCaseType" => types.create_case_type(body());
    "UpdateCaseType" => types.update_case_type(path("case_type_id"), body());
    "DeleteCaseType" => types.delete_case_type(path("case_type_id"));
    "GetAllCustomAttributes" => attributes.get_all_custom_attributes();
    "GetAllCustomAttributeConfigsByCaseType" =>
        attributes.get_all_custom_attribute_configs_by_case_type(path("case_type_id"));
    "CreateCustomAttributeConfig" =>
        attributes.create_custom_attribute_config(path("case_type_id"), body());
    "UpdateCustomAttributeConfig" =>
        attributes.update_custom_attribute_config(
            path("case_type_id"), path("custom_attribute_id"), body()
        );
    "DeleteCustomAttributeConfig" =>
        attributes.delete_custom_attribute_config(
            path("case_type_id"), path("custom_attribute_id")
        );
    "ListCaseViews" => cases.list_case_views(query("project_id"));
    "CreateCaseView" => cases.create_case_view(body());
    "GetCaseView" => cases.get_case_view(path("view_id"));
    "UpdateCaseView" => cases.update_case_view(path("view_id"), body());
    "DeleteCaseView" => cases.delete_case_view(path("view_id"));
    "ListMaintenanceWindows" => cases.list_maintenance_windows();
    "CreateMaintenanceWindow" => cases.create_maintenance_window(body());
    "UpdateMaintenanceWindow" =>
        cases.update_maintenance_window(path("maintenance_window_id"), body());
    "DeleteMaintenanceWindow" => cases.delete_maintenance_window(path("maintenance_window_id"));
}

fn get_scorecard_campaign_options(
    input: &Input,
) -> Result<GetScorecardCampaignOptionalParams, Unusable> {
    let mut options = GetScorecardCampaignOptionalParams::default();
    options.include = input.optional("include")?;
    options.include_meta = input.optional("include_meta")?;
    Ok(options)
}

fn list_scorecard_campaigns_options(
    input: &Input,
) -> Result<ListScorecardCampaignsOptionalParams, Unusable> {
    let mut options = ListScorecardCampaignsOptionalParams::default();
    options.page_limit = input.optional("page[limit]")?;
    options.page_offset = input.optional("page[offset]")?;
    options.filter_campaign_name = input.optional("filter[campaign][name]")?;
    options.filter_campaign_status = input.optional("filter[campaign][status]")?;
    options.filter_campaign_owner = input.optional("filter[campaign][owner]")?;
    Ok(options)
}

fn list_scorecard_outcomes_options(
    input: &Input,
) -> Result<ListScorecardOutcomesOptionalParams, Unusable> {
    let mut options = ListScorecardOutcomesOptionalParams::default();
    options.page_size = input.optional("page[size]")?;
    options.page_offset = input.optional("page[offset]")?;
    options.include = input.optional("include")?;
    options.fields_outcome = input.optional("fields[outcome]")?;
    options.fields_rule = input.optional("fields[rule]")?;
    options.filter_outcome_service_name = input.optional("filter[outcome][service_name]")?;
    options.filter_outcome_state = input.optional("filter[outcome][state]")?;
    options.filter_rule_enabled = input.optional("filter[rule][enabled]")?;
    options.filter_rule_id = input.optional("filter[rule][id]")?;
    options.filter_rule_name = input.optional("filter[rule][name]")?;
    Ok(options)
}

fn list_scorecard_rules_options(
    input: &Input,
) -> Result<ListScorecardRulesOptionalParams, Unusable> {
    let mut options = ListScorecardRulesOptionalParams::default();
    options.page_size = input.optional("page[size]")?;
    options.page_offset = input.optional("page[offset]")?;
    options.include = input.optional("include")?;
    options.filter_rule_id = input.optional("filter[rule][id]")?;
    options.filter_rule_enabled = input.optional("filter[rule][enabled]")?;
    options.filter_rule_custom = input.optional("filter[rule][custom]")?;
    options.filter_rule_name = input.optional("filter[rule][name]")?;
    options.filter_rule_description = input.optional("filter[rule][description]")?;
    options.fields_rule = input.optional("fields[rule]")?;
    options.fields_scorecard = input.optional("fields[scorecard]")?;
    Ok(options)
}

fn list_scorecard_scores_options(
    input: &Input,
) -> Result<ListScorecardScoresOptionalParams, Unusable> {
    let mut options = ListScorecardScoresOptionalParams::default();
    options.filter_rule_id = input.optional("filter[rule][id]")?;
    options.filter_rule_name = input.optional("filter[rule][name]")?;
    options.filter_rule_level = input.optional("filter[rule][level]")?;
    options.filter_rule_scorecard_id = input.optional("filter[rule][scorecard_id]")?;
    options.filter_rule_is_custom = input.optional("filter[rule][is_custom]")?;
    options.filter_rule_is_enabled = input.optional("filter[rule][is_enabled]")?;
    options.sort = input.optional("sort")?;
    options.page_offset = input.optional("page[offset]")?;
    options.page_limit = input.optional("page[limit]")?;
    Ok(options)
}

fn list_scorecards_options(input: &Input) -> Result<ListScorecardsOptionalParams, Unusable> {
    let mut options = ListScorecardsOptionalParams::default();
    options.page_offset = input.optional("page[offset]")?;
    options.page_size = input.optional("page[size]")?;
    options.filter_scorecard_id = input.optional("filter[scorecard][id]")?;
    options.filter_scorecard_name = input.optional("filter[scorecard][name]")?;
    options.filter_scorecard_description = input.optional("filter[scorecard][description]")?;
    Ok(options)
}

fn count_cases_options(input: &Input) -> Result<CountCasesOptionalParams, Unusable> {
    let mut options = CountCasesOptionalParams::default();
    options.query_filter = input.optional("query_filter")?;
    options.group_bys = input.optional("group_bys")?;
    options.limit = input.optional("limit")?;
    Ok(options)
}

fn list_case_links_options(input: &Input) -> Result<ListCaseLinksOptionalParams, Unusable> {
    let mut options = ListCaseLinksOptionalParams::default();
    options.relationship = input.optional("relationship")?;
    Ok(options)
}

fn list_case_timeline_options(input: &Input) -> Result<ListCaseTimelineOptionalParams, Unusable> {
    let mut options = ListCaseTimelineOptionalParams::default();
    options.page_size = input.optional("page[size]")?;
    options.page_number = input.optional("page[number]")?;
    options.sort_ascending = input.optional("sort[ascending]")?;
    Ok(options)
}

fn search_cases_options(input: &Input) -> Result<SearchCasesOptionalParams, Unusable> {
    let mut options = SearchCasesOptionalParams::default();
    options.page_size = input.optional("page[size]")?;
    options.page_number = input.optional("page[number]")?;
    options.sort_field = input.optional("sort[field]")?;
    options.filter = input.optional("filter")?;
    options.sort_asc = input.optional("sort[asc]")?;
    Ok(options)
}
