//! Calls of all four domains: scorecards, campaigns, cases and KPIs.
//!
//! Run it with `cargo xtask demo`, or with `cargo run --example demo`. It starts a
//! sandbox, prints a line per call, and ends with an error if a response is not the expected one.

#![forbid(unsafe_code)]

use std::error::Error;
use std::process::ExitCode;

use scorekit::campaigns::types::{
    CampaignStatus, CreateCampaignRequestAttributes, UpdateCampaignRequestAttributes,
};
use scorekit::cases::types::{
    CaseCommentAttributes, CaseCreate, CaseCreateAttributes, CaseCreateRelationships, CasePriority,
    CaseStatusGroup, CaseUpdateStatusAttributes, ProjectCreateAttributes, ProjectRelationship,
};
use scorekit::kpi::types::{CampaignRequest, DatasetRequest, KpiRequest, KpiValueType};
use scorekit::scorecards::types::{
    EntityReference, OutcomesBatchAttributes, OutcomesBatchRequestItem, RuleAttributesRequest,
    RuleId, ScorecardScoresAggregation, ServiceName, State, UpdateOutcomesAsyncAttributes,
    UpdateOutcomesAsyncRequestItem,
};
use scorekit::{Client, Response};
use scorekit_sandbox::Sandbox;

const OWNER: &str = "550e8400-e29b-41d4-a716-446655440000";

#[tokio::main]
async fn main() -> ExitCode {
    match run().await {
        Ok(calls) => {
            println!("\n{calls} calls, every response as expected");
            ExitCode::SUCCESS
        }
        Err(error) => {
            eprintln!("error: {error}");
            ExitCode::FAILURE
        }
    }
}

async fn run() -> Result<usize, Box<dyn Error>> {
    let sandbox = Sandbox::start().await?;
    let keys = sandbox.credentials();
    let client = Client::builder()
        .base_url(&sandbox.url())
        .api_key(keys.api_key)
        .application_key(keys.application_key)
        .dcycle_api_key(keys.dcycle_api_key)
        .build()?;
    println!("sandbox at {}\n", sandbox.url());
    let mut demo = Demo {
        sandbox: &sandbox,
        calls: 0,
    };
    let rule_id = rules(&mut demo, &client).await?;
    outcomes(&mut demo, &client, &rule_id).await?;
    campaigns(&mut demo, &client, &rule_id).await?;
    cases(&mut demo, &client).await?;
    kpi(&mut demo, &client).await?;
    let rules = client.scorecards().rules();
    let deleted = rules.delete(&rule_id).send().await;
    demo.call(deleted, 204, |()| Ok("the rule is deleted".to_owned()))?;
    let left = rules.list().send().await;
    demo.call(left, 200, |rules| {
        expect(
            rules.data.as_ref().is_some_and(Vec::is_empty),
            "no rules are left",
        )
    })?;
    Ok(demo.calls)
}

/// Creates, changes and lists a rule. Returns its id.
async fn rules(demo: &mut Demo<'_>, client: &Client) -> Result<String, Box<dyn Error>> {
    let rules = client.scorecards().rules();
    let attributes = RuleAttributesRequest::new()
        .name("Has an on-call rotation")
        .scorecard_name("Production Readiness")
        .enabled(true);
    let created = rules.create(attributes.clone()).send().await;
    let created = demo.call(created, 201, |rule| {
        let id = rule.id.as_deref();
        id.map(|id| format!("rule {id}"))
            .ok_or_else(|| "the new rule has no id".to_owned())
    })?;
    let rule_id = created.into_inner().id.unwrap_or_default();

    let change = attributes
        .description("An engineer is on call at night.")
        .level(2);
    let updated = rules.update(&rule_id, change).send().await;
    demo.call(updated, 200, |rule| {
        let level = rule
            .attributes
            .as_ref()
            .and_then(|attributes| attributes.level);
        expect(level == Some(2), "the rule is of level 2")
    })?;
    let listed = rules
        .list()
        .filter_rule_id(&rule_id)
        .page_size(10)
        .send()
        .await;
    demo.call(listed, 200, |rules| count(rules.data.as_ref(), 1, "rule"))?;
    Ok(rule_id)
}

/// Creates outcomes of a rule, and lists them with the scorecards and scores that result.
#[allow(deprecated, reason = "a deprecated operation still works")]
async fn outcomes(
    demo: &mut Demo<'_>,
    client: &Client,
    rule_id: &str,
) -> Result<(), Box<dyn Error>> {
    let scorecards = client.scorecards();
    let outcomes = scorecards.outcomes();
    let outcome = |service: &str, state| {
        OutcomesBatchRequestItem::new(RuleId::from(rule_id), ServiceName::from(service), state)
    };
    let results = [
        outcome("checkout", State::Pass),
        outcome("search", State::Fail).remarks("No engineer is on call."),
    ];
    let batch = OutcomesBatchAttributes::new().results(results);
    let batched = outcomes.create_batch(batch).send().await;
    demo.call(batched, 200, |batch| count(Some(&batch.data), 2, "outcome"))?;

    let item = UpdateOutcomesAsyncRequestItem::new(
        EntityReference::from("service:payments"),
        RuleId::from(rule_id),
        State::Pass,
    );
    let attributes = UpdateOutcomesAsyncAttributes::new().results([item]);
    let accepted = outcomes.update(attributes).send().await;
    demo.call(accepted, 202, |()| Ok("one outcome accepted".to_owned()))?;

    let listed = outcomes.list().include("rule").send().await;
    demo.call(listed, 200, |outcomes| {
        count(outcomes.data.as_ref(), 3, "outcome")
    })?;
    let named = scorecards
        .scorecards()
        .list()
        .filter_scorecard_name("Production")
        .send()
        .await;
    demo.call(named, 200, |scorecards| {
        count(Some(&scorecards.data), 1, "scorecard")
    })?;
    let scores = scorecards
        .scores()
        .list(ScorecardScoresAggregation::ByRule)
        .send()
        .await;
    demo.call(scores, 200, |scores| {
        let score = scores
            .data
            .as_ref()
            .and_then(|data| data.first()?.attributes.as_ref()?.score);
        let score = score.ok_or_else(|| "the rule has no score".to_owned())?;
        expect(
            (score - 2.0 / 3.0).abs() < 1e-3,
            &format!("the rule's score is {score:.2}"),
        )
    })?;
    Ok(())
}

async fn campaigns(
    demo: &mut Demo<'_>,
    client: &Client,
    rule_id: &str,
) -> Result<(), Box<dyn Error>> {
    use scorekit::campaigns::types::{Key, Name, OwnerId, StartDate, Status};

    let campaigns = client.campaigns();
    let attributes = CreateCampaignRequestAttributes::new(
        Key::from("on-call-2026"),
        Name::from("On-call rotations"),
        OwnerId::from(OWNER),
        [rule_id],
        StartDate::from("2026-12-01T00:00:00Z"),
    );
    let attributes = attributes
        .entity_scope("kind:service")
        .status(CampaignStatus::NotStarted);
    let created = campaigns.create(attributes).send().await;
    let created = demo.call(created, 201, |campaign| {
        Ok(format!("campaign {}", campaign.id))
    })?;
    let id = &created.id;

    let found = campaigns
        .get("on-call-2026")
        .include_meta(true)
        .send()
        .await;
    demo.call(found, 200, |campaign| {
        expect(campaign.id == *id, "found by its key")
    })?;
    let listed = campaigns.list().page_limit(10).send().await;
    demo.call(listed, 200, |page| {
        expect(page.meta.total == 1, "one campaign in all")
    })?;
    let attributes = UpdateCampaignRequestAttributes::new(
        Name::from("On-call rotations"),
        OwnerId::from(OWNER),
        [rule_id],
        StartDate::from("2026-12-01T00:00:00Z"),
        Status::from("in_progress"),
    );
    let updated = campaigns.update(id, attributes).send().await;
    demo.call(updated, 200, |campaign| {
        expect(
            campaign.attributes.status == "in_progress",
            "the campaign is in progress",
        )
    })?;
    let deleted = campaigns.delete(id).send().await;
    demo.call(deleted, 204, |()| Ok("the campaign is deleted".to_owned()))?;
    Ok(())
}

async fn cases(demo: &mut Demo<'_>, client: &Client) -> Result<(), Box<dyn Error>> {
    use scorekit::cases::types::{Key, Name};

    let projects = client.cases().projects();
    let attributes =
        ProjectCreateAttributes::new(Key::from("SEC"), Name::from("Security Investigation"));
    let created = projects.create(attributes).send().await;
    let created = demo.call(created, 201, |project| {
        Ok(format!("project {}", project.id))
    })?;
    let id = &created.id;
    let listed = projects.list().send().await;
    demo.call(listed, 200, |projects| count(Some(projects), 1, "project"))?;
    let found = projects.get(id).send().await;
    demo.call(found, 200, |project| {
        let key = project.attributes.key.as_deref();
        expect(key == Some("SEC"), "its key is SEC")
    })?;
    one_case(demo, client, id).await?;
    let deleted = projects.delete(id).send().await;
    demo.call(deleted, 204, |()| Ok("the project is deleted".to_owned()))?;
    Ok(())
}

/// Creates a case, comments on it and closes it.
async fn one_case(
    demo: &mut Demo<'_>,
    client: &Client,
    project_id: &str,
) -> Result<(), Box<dyn Error>> {
    use scorekit::cases::types::{Title, TypeId};

    let client = client.cases();
    let types = client.types().list().send().await;
    let types = demo.call(types, 200, |types| count(Some(types), 1, "type"))?;
    let type_id = types.iter().find_map(|kind| kind.id.clone());
    let attributes = CaseCreateAttributes::new(
        Title::from("A key is public"),
        TypeId::from(type_id.unwrap_or_default()),
    )
    .priority(CasePriority::P1);
    let project = ProjectRelationship::from(project_id);
    let case = CaseCreate::from(attributes).relationships(CaseCreateRelationships::new(project));
    let created = client.cases().create(case).send().await;
    let created = demo.call(created, 201, |case| {
        let key = case.attributes.key.as_deref();
        expect(key == Some("SEC-1"), "the case is SEC-1")
    })?;
    let id = &created.id;
    let comment = CaseCommentAttributes::new("The key is revoked.");
    let commented = client.comments().create(id, comment).send().await;
    demo.call(commented, 200, |cells| count(Some(cells), 1, "comment"))?;
    let closed = CaseUpdateStatusAttributes::new().status_name("Closed");
    let closed = client.cases().update_status(id, closed).send().await;
    demo.call(closed, 200, |case| {
        let group = case.attributes.status_group.as_ref();
        expect(group == Some(&CaseStatusGroup::SgClosed), "it is closed")
    })?;
    let open = client
        .cases()
        .search()
        .filter("status:open priority:P1")
        .send()
        .await;
    demo.call(open, 200, |cases| {
        count(cases.data.as_ref(), 0, "open case")
    })?;
    Ok(())
}

async fn kpi(demo: &mut Demo<'_>, client: &Client) -> Result<(), Box<dyn Error>> {
    use scorekit::kpi::types::{Deadline, Name, PeriodEnd, PeriodStart};

    let kpi = client.kpi();
    let body = DatasetRequest::new("Office energy").description("What the offices use.");
    let dataset = kpi.datasets().create(body).send().await;
    let dataset = demo.call(dataset, 201, |dataset| {
        Ok(format!("dataset {}", dataset.id))
    })?;
    let body = KpiRequest::new("Electricity")
        .unit("kWh")
        .value_type(KpiValueType::Number);
    let created = kpi.kpis().create(&dataset.id, body).send().await;
    demo.call(created, 201, |kpi| {
        expect(kpi.dataset_id == dataset.id, "a KPI of that dataset")
    })?;
    let body = CampaignRequest::new(
        Name::from("Year 2026"),
        PeriodStart::from("2026-01-01"),
        PeriodEnd::from("2026-12-31"),
        Deadline::from("2027-01-31"),
    );
    let campaign = kpi.campaigns().create(&dataset.id, body).send().await;
    demo.call(campaign, 201, |campaign| {
        expect(
            campaign.deadline.as_str() == "2027-01-31",
            "due by 2027-01-31",
        )
    })?;
    Ok(())
}

/// Prints each call and checks its response.
struct Demo<'a> {
    sandbox: &'a Sandbox,
    calls: usize,
}

impl Demo<'_> {
    /// Prints a line for the last call: the request that the server received, and the result of
    /// `check`.
    fn call<T>(
        &mut self,
        response: Result<Response<T>, scorekit::Error>,
        status: u16,
        check: impl FnOnce(&T) -> Result<String, String>,
    ) -> Result<Response<T>, Box<dyn Error>> {
        let response = response?;
        let requests = self.sandbox.requests();
        let request = requests.last().ok_or("the server received no request")?;
        self.calls += 1;
        let message = check(response.value())?;
        println!(
            "{:<6} {:<60} {} {message}",
            request.method,
            request.path,
            response.status().as_u16()
        );
        if response.status().as_u16() != status {
            return Err(format!("expected the status {status}").into());
        }
        Ok(response)
    }
}

fn expect(holds: bool, what: &str) -> Result<String, String> {
    if holds {
        Ok(what.to_owned())
    } else {
        Err(format!("expected that {what}"))
    }
}

fn count<T>(items: Option<&Vec<T>>, expected: usize, name: &str) -> Result<String, String> {
    let count = items.map_or(0, Vec::len);
    let text = format!("{count} {name}{}", if count == 1 { "" } else { "s" });
    if count == expected {
        Ok(text)
    } else {
        Err(format!("expected {expected}, but got {text}"))
    }
}
