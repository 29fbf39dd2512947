//! Unlisted parts through the generated clients: bodies as received, unchecked parts of requests,
//! and programs that are generic over requests.

use std::sync::mpsc;

use scorekit::campaigns::requests::GetScorecardCampaign;
use scorekit::scorecards::types::{
    EntityReference, RuleId, State, UpdateOutcomesAsyncAttributes, UpdateOutcomesAsyncRequestItem,
};
use scorekit::{ApiRequest, CallOptions, Client, Error, Response, RetryPolicy};
use scorekit_sandbox::Sandbox;
use serde_json::{Value, json};
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::TcpListener;

/// Starts a server that responds to each request with a status line and a body. Returns its URL,
/// and the heads and bodies of the requests.
async fn server(status: &'static str, body: &'static str) -> (String, mpsc::Receiver<String>) {
    let listener = TcpListener::bind("127.0.0.1:0").await.expect("a port");
    let url = format!("http://{}", listener.local_addr().expect("an address"));
    let (send, seen) = mpsc::channel();
    tokio::spawn(async move {
        while let Ok((mut stream, _)) = listener.accept().await {
            let mut request = Vec::new();
            let mut buffer = [0; 4096];
            // The requests of these tests are short and end with a brace, or have no body.
            while !request.ends_with(b"}") && !request.ends_with(b"\r\n\r\n") {
                let count = stream.read(&mut buffer).await.expect("a request");
                request.extend_from_slice(&buffer[..count]);
            }
            let length = body.len();
            let answer = format!(
                "HTTP/1.1 {status}\r\nconnection: close\r\ncontent-length: {length}\r\n\r\n{body}"
            );
            stream
                .write_all(answer.as_bytes())
                .await
                .expect("an answer");
            let request = String::from_utf8_lossy(&request).into_owned();
            if send.send(request).is_err() {
                return;
            }
        }
    });
    (url, seen)
}

fn client(url: &str) -> Client {
    let client = Client::builder()
        .base_url(url)
        .api_key("key")
        .application_key("key");
    client.dcycle_api_key("key").build().expect("a client")
}

/// Sends any request once, and returns its method and path with the status of its response.
async fn sent<R: ApiRequest>(request: R) -> Result<(String, Response<R::Response>), Error> {
    let operation = request.operation();
    let text = format!("{} {} {}", operation.id, operation.method, request.path()?);
    let options = CallOptions::new().retry(RetryPolicy::none());
    let response = request
        .with(options)
        .header_unchecked("x-trace", "t-1")
        .send()
        .await?;
    Ok((text, response))
}

#[tokio::test]
async fn requests_of_all_kinds_share_a_trait() {
    let body = r#"{"data": {"id": "c-1", "type": "campaign", "attributes": {"new": [1]}}}"#;
    let (url, seen) = server("200 OK", body).await;
    let client = client(&url);
    let path = "GetScorecardCampaign GET /api/v2/scorecard/campaigns/a%2Fb";

    let whole: GetScorecardCampaign = client.campaigns().get_scorecard_campaign("a/b");
    let (text, response) = sent(whole.clone()).await.expect("a campaign");
    assert_eq!(text, path);
    assert_eq!(response.data.id, "c-1");
    let (text, response) = sent(whole.data_only()).await.expect("a campaign");
    assert_eq!(text, path);
    assert_eq!(response.id, "c-1");
    // The body as received has the envelope and the attribute that no document lists.
    let raw = response.raw().expect("a body");
    let new = raw
        .pointer("/data/attributes/new/0")
        .expect("the attribute");
    assert_eq!(new.json::<u64>().expect("a number"), 1);

    let (text, response) = sent(client.cases().delete_case_type("t-1"))
        .await
        .expect("no content");
    assert_eq!(text, "DeleteCaseType DELETE /api/v2/cases/types/t-1");
    assert_eq!(response.raw().expect("a body").bytes(), body);
    for request in seen.try_iter() {
        assert!(request.contains("\r\nx-trace: t-1\r\n"), "{request}");
    }
}

#[tokio::test]
async fn unlisted_parts_of_requests_are_sent() {
    let (url, seen) = server("200 OK", "{}").await;
    let client = client(&url);
    let list = client.scorecards().rules().list().page_size(5);
    list.query_unchecked("filter[new]", "a b")
        .send()
        .await
        .expect("a list");
    let request = seen.recv().expect("a request");
    let target = "GET /api/v2/scorecard/rules?page%5Bsize%5D=5&filter%5Bnew%5D=a%20b HTTP/1.1";
    assert!(request.starts_with(target), "{request}");

    let item = UpdateOutcomesAsyncRequestItem::new(
        EntityReference::from("service:web"),
        RuleId::from("r-1"),
        State::Pass,
    );
    let outcomes = client.scorecards().outcomes();
    let push = outcomes
        .push_all([item])
        .body_unchecked("/data/attributes/source", "ci");
    assert_eq!(push.finish().await.progress.sent, 1);
    let request = seen.recv().expect("a request");
    let (_, body) = request.split_once("\r\n\r\n").expect("a body");
    let body: Value = serde_json::from_str(body).expect("JSON");
    assert_eq!(body["data"]["attributes"]["source"], "ci");
    assert_eq!(body["data"]["attributes"]["results"][0]["rule_id"], "r-1");
}

#[tokio::test]
async fn the_202_of_outcomes_says_how_many_the_server_received() {
    let sandbox = Sandbox::start().await.expect("a sandbox");
    let keys = sandbox.credentials();
    let client = Client::builder()
        .base_url(&sandbox.url())
        .api_key(keys.api_key);
    let client = client
        .application_key(keys.application_key)
        .build()
        .expect("a client");
    let rule = scorekit::scorecards::types::RuleAttributesRequest::new()
        .name("Alerts")
        .scorecard_name("Observability");
    let rule = client
        .scorecards()
        .rules()
        .create(rule)
        .send()
        .await
        .expect("a rule");
    let rule = rule.into_inner().id.expect("an id");
    let items = ["service:web", "service:shop"].map(|entity| {
        UpdateOutcomesAsyncRequestItem::new(
            EntityReference::from(entity),
            RuleId::from(&rule),
            State::Pass,
        )
    });
    let attributes = UpdateOutcomesAsyncAttributes::new().results(items.to_vec());
    let response = client
        .scorecards()
        .outcomes()
        .update(attributes)
        .send()
        .await
        .expect("a 202");
    assert_eq!(response.status(), 202);
    let raw = response.raw().expect("a body");
    assert!(!raw.is_cut());
    let value: Value = raw.json().expect("JSON");
    assert_eq!(value["data"]["type"], "async-request");
    assert_eq!(value["meta"], json!({"total_received": 2}));
}

#[tokio::test]
async fn items_of_a_list_have_their_unlisted_properties() {
    let body = r#"{"data": [null, {"id": "r-1", "type": "rule", "new": {"a": 1}}],
                   "links": {"self": "x"}}"#;
    let (url, _seen) = server("200 OK", body).await;
    let mut rules = client(&url).scorecards().rules().list().items().with_raw();
    let rule = rules.next().await.expect("a rule").expect("a success");
    assert_eq!(rule.item.id.as_deref(), Some("r-1"));
    let new = rule.raw.as_ref().and_then(|raw| raw.pointer("/new/a"));
    assert_eq!(new.expect("the property").bytes(), "1");
}
