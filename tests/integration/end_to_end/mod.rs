//! Every operation through the facade against the sandbox, over HTTP on the loopback interface.
//!
//! This module has the request bodies and clients that the tests share.

mod bulk;
mod cases;
mod errors;
mod mock;
mod nullable;
mod pages;
mod stubs;
mod success;

use std::collections::{BTreeMap, BTreeSet};

use scorekit::campaigns::types::{
    CampaignStatus, CreateCampaignRequest, CreateCampaignRequestAttributes,
    CreateCampaignRequestData, UpdateCampaignRequest, UpdateCampaignRequestAttributes,
    UpdateCampaignRequestData,
};
use scorekit::cases::types::{ProjectCreate, ProjectCreateAttributes, ProjectCreateRequest};
use scorekit::kpi::types::{CampaignRequest, DatasetRequest, KpiRequest};
use scorekit::scorecards::types::{
    CreateRuleRequest, CreateRuleRequestData, OutcomesBatchAttributes, OutcomesBatchRequest,
    OutcomesBatchRequestData, OutcomesBatchRequestItem, RuleAttributesRequest,
    ScorecardScoresAggregation, State, UpdateOutcomesAsyncAttributes, UpdateOutcomesAsyncRequest,
    UpdateOutcomesAsyncRequestData, UpdateOutcomesAsyncRequestItem, UpdateRuleRequest,
    UpdateRuleRequestData,
};
use scorekit::{Client, Error, ErrorKind, Response, StatusCode};
use scorekit_sandbox::{Sandbox, SandboxBuilder};

use scorekit_test_support::{
    DocumentedOperation, assert_same_names, bundle, documented_operations,
};

use self::stubs::STUBS;

pub(super) const OWNER: &str = "550e8400-e29b-41d4-a716-446655440000";
pub(super) const UNKNOWN: &str = "00000000-0000-4000-8000-000000000000";

/// A proxy between the clients and the sandbox. `tests/conformance/prism` sets the variables.
struct Proxy {
    url: String,
    /// The port that it forwards to, on which each sandbox listens in turn.
    target: u16,
}

impl Proxy {
    fn from_environment() -> Option<Self> {
        let url = std::env::var("SCOREKIT_TEST_PROXY").ok()?;
        let target =
            std::env::var("SCOREKIT_TEST_PROXY_TARGET").expect("the port behind the proxy");
        let target = target.parse().expect("a port");
        Some(Self { url, target })
    }
}

pub(super) async fn sandbox() -> Sandbox {
    // The proxy checks responses against the document.
    start(Proxy::from_environment().is_some()).await
}

/// Starts a sandbox that does only what the document says.
pub(super) async fn documented_sandbox() -> Sandbox {
    start(true).await
}

async fn start(documented_only: bool) -> Sandbox {
    start_as(Sandbox::builder().documented_only(documented_only)).await
}

/// Starts a sandbox with other settings, where the proxy finds it.
pub(super) async fn start_as(builder: SandboxBuilder) -> Sandbox {
    let started = match Proxy::from_environment() {
        None => builder.start().await,
        Some(proxy) => {
            builder
                .port(proxy.target)
                .documented_only(true)
                .start()
                .await
        }
    };
    started.expect("a sandbox")
}

/// Returns the base URL of a client of the sandbox.
pub(super) fn url(sandbox: &Sandbox) -> String {
    Proxy::from_environment().map_or_else(|| sandbox.url(), |proxy| proxy.url)
}

pub(super) fn client(sandbox: &Sandbox) -> Client {
    client_at(sandbox, &url(sandbox))
}

fn client_at(sandbox: &Sandbox, url: &str) -> Client {
    let keys = sandbox.credentials();
    Client::builder()
        .base_url(url)
        .api_key(keys.api_key)
        .application_key(keys.application_key)
        .dcycle_api_key(keys.dcycle_api_key)
        .build()
        .expect("a client")
}

pub(super) fn rule(name: &str) -> CreateRuleRequest {
    let attributes = RuleAttributesRequest::new()
        .name(name)
        .scorecard_name("Production Readiness")
        .enabled(true);
    CreateRuleRequest::new().data(CreateRuleRequestData::new().attributes(attributes))
}

pub(super) fn rule_change(level: i32) -> UpdateRuleRequest {
    let attributes = RuleAttributesRequest::new()
        .name("Changed")
        .scorecard_name("Production Readiness")
        .owner("platform")
        .level(level);
    UpdateRuleRequest::new().data(UpdateRuleRequestData::new().attributes(attributes))
}

pub(super) fn batch(rule_id: &str, state: State) -> OutcomesBatchRequest {
    use scorekit::scorecards::types::{RuleId, ServiceName};

    let results = ["checkout", "search"].map(|service| {
        OutcomesBatchRequestItem::new(
            RuleId::from(rule_id),
            ServiceName::from(service),
            state.clone(),
        )
    });
    let attributes = OutcomesBatchAttributes::new().results(results);
    OutcomesBatchRequest::new().data(OutcomesBatchRequestData::new().attributes(attributes))
}

pub(super) fn outcome(rule_id: &str, state: State) -> UpdateOutcomesAsyncRequest {
    use scorekit::scorecards::types::{EntityReference, RuleId};

    let item = UpdateOutcomesAsyncRequestItem::new(
        EntityReference::from("service:payments"),
        RuleId::from(rule_id),
        state,
    )
    .remarks("See the run book.");
    let attributes = UpdateOutcomesAsyncAttributes::new().results([item]);
    UpdateOutcomesAsyncRequest::new()
        .data(UpdateOutcomesAsyncRequestData::new().attributes(attributes))
}

pub(super) fn campaign(key: &str, rule_id: &str, status: CampaignStatus) -> CreateCampaignRequest {
    use scorekit::campaigns::types::{Key, Name, OwnerId, StartDate};

    let attributes = CreateCampaignRequestAttributes::new(
        Key::from(key),
        Name::from("A campaign"),
        OwnerId::from(OWNER),
        [rule_id],
        StartDate::from("2026-01-01T00:00:00Z"),
    )
    .status(status);
    CreateCampaignRequest::new(CreateCampaignRequestData::new(attributes))
}

pub(super) fn campaign_change(rule_id: &str) -> UpdateCampaignRequest {
    use scorekit::campaigns::types::{Name, OwnerId, StartDate, Status};

    let attributes = UpdateCampaignRequestAttributes::new(
        Name::from("A renamed campaign"),
        OwnerId::from(OWNER),
        [rule_id],
        StartDate::from("2026-01-01T00:00:00Z"),
        Status::from("completed"),
    );
    UpdateCampaignRequest::new(UpdateCampaignRequestData::new(attributes))
}

pub(super) fn project(key: &str) -> ProjectCreateRequest {
    use scorekit::cases::types::{Key, Name};

    ProjectCreateRequest::new(ProjectCreate::new(ProjectCreateAttributes::new(
        Key::from(key),
        Name::from("Security Investigation"),
    )))
}

pub(super) fn kpi_campaign(name: &str) -> CampaignRequest {
    use scorekit::kpi::types::{Deadline, Name, PeriodEnd, PeriodStart};

    CampaignRequest::new(
        Name::from(name),
        PeriodStart::from("2026-01-01"),
        PeriodEnd::from("2026-12-31"),
        Deadline::from("2027-01-31"),
    )
}

pub(super) async fn create_rule(client: &Client, name: &str) -> String {
    let created = client
        .scorecards()
        .create_scorecard_rule(&rule(name))
        .send()
        .await
        .expect("a rule");
    assert_eq!(created.status(), 201);
    let data = created.into_inner().data.expect("data");
    assert_eq!(
        data.attributes
            .and_then(|attributes| attributes.name)
            .as_deref(),
        Some(name)
    );
    data.id.expect("an id")
}

/// Returns the id of every operation of the document.
pub(super) fn operations() -> BTreeSet<String> {
    let operations = documented_operations(&bundle()).into_iter();
    operations.map(|operation| operation.id).collect()
}

/// The failing calls of a test.
pub(super) struct FailingCalls<'a> {
    sandbox: &'a Sandbox,
    /// The operations that were called.
    pub(super) operations: BTreeSet<String>,
}

impl<'a> FailingCalls<'a> {
    pub(super) fn new(sandbox: &'a Sandbox) -> Self {
        Self {
            sandbox,
            operations: BTreeSet::new(),
        }
    }

    /// Asserts that the last call failed with this status code, and returns its error.
    pub(super) fn rejected<T>(
        &mut self,
        response: Result<Response<T>, Error>,
        status: u16,
    ) -> Error {
        self.rejected_with(response.map(|response| response.status()), status)
    }

    /// Does the same for a call that returns its status code.
    pub(super) fn rejected_with(
        &mut self,
        response: Result<StatusCode, Error>,
        status: u16,
    ) -> Error {
        let requests = self.sandbox.requests();
        let last = requests.last().expect("a request");
        let operation = last.operation_id.clone().expect("an operation");
        self.operations.insert(operation.clone());
        let error = response.expect_err(&operation);
        assert_eq!(error.kind(), ErrorKind::Api, "{error}");
        let found = error.status().map(|status| status.as_u16());
        assert_eq!(found, Some(status), "{error}");
        assert_eq!(error.operation(), Some(operation.as_str()));
        assert!(
            !error.errors().is_empty(),
            "{error} has none of the server's errors"
        );
        let line = error.to_string();
        assert!(
            line.starts_with(&operation)
                && line.contains(&status.to_string())
                && !line.contains('\n'),
            "{line}"
        );
        error
    }
}
