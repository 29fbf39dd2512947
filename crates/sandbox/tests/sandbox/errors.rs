//! The errors of rejected requests, in the vendors' shapes.

use scorekit_sandbox::{Credentials, Sandbox};
use serde_json::{Value, json};

use crate::fixture::*;
use crate::http::{call, encoded, keys, send};
use crate::operations::{document, operations};
use crate::scenarios::has_an_error;

/// Replaces every parameter of a path by an identifier that no resource has.
fn filled(path: &str) -> String {
    let segments = path.split('/').map(|segment| match segment {
        "{aggregation}" => "by-rule",
        parameter if parameter.starts_with('{') => UNKNOWN_ID,
        literal => literal,
    });
    segments.collect::<Vec<_>>().join("/")
}

/// Checks the shape of an error body against the documented one for the status code.
fn check_shape(document: &Value, operation: &Value, status: u16, body: &Value) {
    let response = &operation["responses"][status.to_string()];
    assert!(
        response.is_object(),
        "{} responds with {status}, which the document does not list",
        operation["operationId"]
    );
    let reference = response["$ref"].as_str().unwrap_or("#");
    let response = document
        .pointer(reference.trim_start_matches('#'))
        .expect("the response is there");
    let schema = response
        .pointer("/content/application~1json/schema/$ref")
        .and_then(Value::as_str)
        .unwrap_or_default();
    let fits = match schema.rsplit('/').next() {
        Some("JSONAPIErrorResponse") => {
            body["errors"][0]["detail"].is_string()
                && body["errors"][0]["status"].as_str() == Some(&status.to_string())
        }
        Some("DcycleError") => body["detail"].is_string(),
        _ => body["errors"][0].is_string(),
    };
    assert!(
        fits,
        "{} responds with {status} and {body}, which is not a {schema}",
        operation["operationId"]
    );
}

#[tokio::test]
async fn every_operation_requires_credentials() {
    let sandbox = Sandbox::start().await.expect("the sandbox starts");
    let document = document();
    let wrong: Vec<_> = keys()
        .into_iter()
        .map(|(name, _)| (name, "wrong".to_owned()))
        .collect();
    for (method, path, id, operation) in operations(&document) {
        let expected = if path.starts_with("/v1/") { 401 } else { 403 };
        for headers in [&[][..], &wrong[..], &wrong[..1], &keys()[..1]] {
            let response = send(&sandbox, &method, &filled(&path), headers, "").await;
            assert_eq!(response.status, expected, "{id} with {headers:?}");
            check_shape(&document, &operation, expected, &response.json());
        }
    }
}

#[tokio::test]
async fn a_compressed_body_is_rejected() {
    let sandbox = Sandbox::start().await.expect("the sandbox starts");
    let with = |encoding: &str| {
        let mut headers = keys();
        headers.push(("content-type".to_owned(), "application/json".to_owned()));
        headers.push(("content-encoding".to_owned(), encoding.to_owned()));
        headers
    };
    let body = rule("Ownership", "Readiness").to_string();
    let response = send(&sandbox, "POST", RULES, &with("gzip"), &body).await;
    assert_eq!(response.status, 415);
    assert!(
        response.headers.contains("accept-encoding: identity"),
        "{response:?}"
    );
    let detail = response.json()["errors"][0].to_string();
    assert!(detail.contains("send the body uncompressed"), "{detail}");
    send(&sandbox, "POST", RULES, &with("identity"), &body)
        .await
        .expect(201);
}

#[tokio::test]
async fn a_bearer_token_is_accepted_where_documented() {
    let sandbox = Sandbox::start().await.expect("the sandbox starts");
    let token = |token: &str| vec![("authorization".to_owned(), format!("Bearer {token}"))];
    let right = token(Credentials::SANDBOX.bearer_token);
    send(&sandbox, "GET", RULES, &right, "").await.expect(200);
    send(&sandbox, "GET", RULES, &token("wrong"), "")
        .await
        .expect(403);
    // Every operation lists OAuth or another bearer token.
    send(&sandbox, "GET", &format!("{SCORES}/by-rule"), &right, "")
        .await
        .expect(200);
    send(
        &sandbox,
        "GET",
        &format!("{SCORES}/by-rule"),
        &token(""),
        "",
    )
    .await
    .expect(403);
}

#[tokio::test]
async fn every_operation_rejects_undocumented_query_parameters() {
    let sandbox = documented().await;
    let document = document();
    for (method, path, id, operation) in operations(&document) {
        let response = call(
            &sandbox,
            &method,
            &format!("{}?page%5Bbanana%5D=1", filled(&path)),
            None,
        )
        .await;
        assert_eq!(
            response.status,
            if path.starts_with("/v1/") { 422 } else { 400 },
            "{id}"
        );
        assert!(response.text.contains("page[banana]"), "{response:?}");
        check_shape(&document, &operation, response.status, &response.json());
    }
}

#[tokio::test]
async fn every_operation_rejects_a_body_that_breaks_its_schema() {
    let sandbox = documented().await;
    let document = document();
    let with_body = operations(&document)
        .into_iter()
        .filter(|(_, _, _, operation)| operation.get("requestBody").is_some());
    for (method, path, id, operation) in with_body {
        let status = if path.starts_with("/v1/") { 422 } else { 400 };
        let response = call(&sandbox, &method, &filled(&path), Some(&json!([]))).await;
        assert_eq!(response.status, status, "{id}");
        check_shape(&document, &operation, status, &response.json());
        let mut headers = keys();
        send(&sandbox, &method, &filled(&path), &headers, "")
            .await
            .expect(status);
        headers.push((
            "content-type".to_owned(),
            "application/json; charset=utf-8".to_owned(),
        ));
        let cut_off = send(&sandbox, &method, &filled(&path), &headers, "{\"data\": ").await;
        assert!(
            cut_off.status == status && cut_off.text.contains("not JSON"),
            "{cut_off:?}"
        );
        headers.push(("content-type".to_owned(), "text/plain".to_owned()));
        headers.swap_remove(keys().len());
        let plain = send(&sandbox, &method, &filled(&path), &headers, "{}").await;
        assert!(
            plain.status == status && plain.text.contains("Content-Type"),
            "{plain:?}"
        );
    }
}

#[tokio::test]
async fn paths_of_missing_resources_are_not_found() {
    let sandbox = documented().await;
    let document = document();
    let rule_id = create_rule(&sandbox, "On call", "Production").await;
    let bodies = [
        ("UpdateScorecardRule", rule("a", "b")),
        ("UpdateScorecardCampaign", campaign("q1", &rule_id)),
        ("CreateKpi", json!({ "name": "Used" })),
        ("CreateCampaign", dataset_campaign()),
    ];
    let named = operations(&document)
        .into_iter()
        .filter(|(_, path, _, _)| path.contains("_id}"))
        .filter(|(_, _, id, _)| has_an_error(id));
    for (method, path, id, operation) in named {
        let body = bodies
            .iter()
            .find(|(known, _)| *known == id)
            .map(|(_, body)| body.clone())
            .or_else(|| example(&operation));
        let response = call(&sandbox, &method, &filled(&path), body.as_ref()).await;
        assert_eq!(response.status, 404, "{id}: {response:?}");
        check_shape(&document, &operation, 404, &response.json());
        assert!(response.text.contains(UNKNOWN_ID), "{response:?}");
    }
}

#[tokio::test]
async fn unknown_paths_and_methods_get_the_vendors_errors() {
    let sandbox = Sandbox::start().await.expect("the sandbox starts");
    let datadog = call(&sandbox, "GET", "/api/v2/scorecard/nothing", None)
        .await
        .expect(404);
    assert!(datadog["errors"][0].is_string(), "{datadog}");
    let dcycle = call(&sandbox, "GET", "/v1/nothing", None).await.expect(404);
    assert!(dcycle["detail"].is_string(), "{dcycle}");
    let method = call(&sandbox, "PATCH", RULES, None).await;
    assert!(method.expect(405)["errors"][0].is_string());
    assert!(method.headers.contains("allow: get, post"), "{method:?}");
    assert!(call(&sandbox, "GET", DATASETS, None).await.expect(405)["detail"].is_string());
    call(&sandbox, "GET", &format!("{RULES}/"), None)
        .await
        .expect(404);
}

#[tokio::test]
async fn errors_have_a_source() {
    let sandbox = documented().await;
    let rule_id = create_rule(&sandbox, "On call", "Production").await;

    let mut body = campaign("q1", &rule_id);
    body["data"]["attributes"]["status"] = json!("asleep");
    body["data"]["attributes"]
        .as_object_mut()
        .expect("an object")
        .remove("name");
    let response = call(&sandbox, "POST", CAMPAIGNS, Some(&body))
        .await
        .expect(400);
    let pointers: Vec<_> = response["errors"]
        .as_array()
        .into_iter()
        .flatten()
        .map(|error| &error["source"]["pointer"])
        .collect();
    assert_eq!(pointers.len(), 2, "{response}");
    assert!(
        pointers.contains(&&json!("/data/attributes/name")),
        "{response}"
    );
    assert!(
        pointers.contains(&&json!("/data/attributes/status")),
        "{response}"
    );
    assert_eq!(response["errors"][0]["title"], "Bad Request");

    let response = call(
        &sandbox,
        "POST",
        OUTCOMES,
        Some(&outcomes(&rule_id, &[("service:a", "maybe")])),
    )
    .await
    .expect(400);
    let message = response["errors"][0].as_str().unwrap_or_default();
    assert!(
        message.starts_with("body at /data/attributes/results/0/state: \"maybe\" is not one of"),
        "{message}"
    );

    let response = call(
        &sandbox,
        "GET",
        &format!("{CAMPAIGNS}?{}=x", encoded("page[limit]")),
        None,
    )
    .await
    .expect(400);
    assert_eq!(response["errors"][0]["source"]["parameter"], "page[limit]");

    let response = call(&sandbox, "POST", DATASETS, Some(&json!({ "name": "" })))
        .await
        .expect(422);
    assert!(
        response["detail"]
            .as_str()
            .unwrap_or_default()
            .starts_with("body at /name:"),
        "{response}"
    );
}

#[tokio::test]
async fn parameters_are_checked_by_type_and_bounds() {
    let sandbox = documented().await;
    let bad = [
        "page[size]=x",
        "page[size]=101",
        "page[size]=0",
        "page[offset]=-1",
        "filter[rule][enabled]=yes",
    ];
    for query in bad.iter().chain(&["page[size]=1&page[size]=2"]) {
        let response = call(
            &sandbox,
            "GET",
            &format!("{RULES}?{}", encoded(query)),
            None,
        )
        .await;
        assert_eq!(response.status, 400, "{query}");
        assert!(
            response.text.contains('`'),
            "{query} is not reported: {response:?}"
        );
    }
    call(
        &sandbox,
        "GET",
        &format!("{RULES}?{}", encoded("page[size]=100")),
        None,
    )
    .await
    .expect(200);
    let unknown = call(&sandbox, "GET", &format!("{SCORES}/by-moon"), None)
        .await
        .expect(400);
    assert!(
        unknown["errors"][0]
            .as_str()
            .unwrap_or_default()
            .contains("aggregation"),
        "{unknown}"
    );
    let path = format!("{DATASETS}/no-uuid/kpis");
    let uuid = call(&sandbox, "POST", &path, Some(&json!({ "name": "Used" })))
        .await
        .expect(422);
    assert!(
        uuid["detail"]
            .as_str()
            .unwrap_or_default()
            .contains("dataset_id"),
        "{uuid}"
    );
    let mut headers = keys();
    headers.push(("content-type".to_owned(), "application/json".to_owned()));
    headers.push(("x-organization-id".to_owned(), "mine".to_owned()));
    send(&sandbox, "POST", DATASETS, &headers, r#"{"name": "Water"}"#)
        .await
        .expect(422);
}

/// Returns the document's example of a request body.
fn example(operation: &Value) -> Option<Value> {
    let content = &operation["requestBody"]["content"]["application/json"];
    let named = content["examples"].as_object();
    let named = named.and_then(|examples| examples.values().next()?.get("value"));
    content.get("example").or(named).cloned()
}

#[tokio::test]
async fn numbers_fit_the_bits_that_the_document_gives_them() {
    let sandbox = Sandbox::start().await.expect("the sandbox starts");
    let count = |limit: &str| {
        format!(
            r#"{{"data": {{"type": "aggregate", "attributes": {{
                "group_by": {{"groups": [], "limit": {limit}}}, "query_filter": ""
            }}}}}}"#
        )
    };
    let mut headers = keys();
    headers.push(("content-type".to_owned(), "application/json".to_owned()));
    for (limit, status) in [
        ("1000", 200),
        ("1001", 400),
        ("-2147483648", 200),
        ("-2147483649", 400),
    ] {
        send(
            &sandbox,
            "POST",
            "/api/v2/cases/aggregate",
            &headers,
            &count(limit),
        )
        .await
        .expect(status);
    }
    // As a double, the number below the smallest of 64 bits equals it.
    for (offset, status) in [
        ("9223372036854775807", 200),
        ("9223372036854775808", 400),
        ("-9223372036854775809", 400),
        ("1e3", 400),
    ] {
        let path = format!("{RULES}?{}={offset}", encoded("page[offset]"));
        call(&sandbox, "GET", &path, None).await.expect(status);
    }
    let project = |seconds: &str| {
        format!(
            r#"{{"data": {{"type": "project", "attributes": {{"settings": {{
                "auto_close_inactive_cases": {{"max_inactive_time_in_secs": {seconds}}}
            }}}}}}}}"#
        )
    };
    let made = call(
        &sandbox,
        "POST",
        PROJECTS,
        Some(&crate::fixture::project("SEC")),
    )
    .await
    .expect(201);
    let path = format!("{PROJECTS}/{}", made["data"]["id"].as_str().expect("an id"));
    for (seconds, status) in [("-9223372036854775808", 200), ("-9223372036854775809", 400)] {
        send(&sandbox, "PATCH", &path, &headers, &project(seconds))
            .await
            .expect(status);
    }
}
