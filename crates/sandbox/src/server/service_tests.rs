//! Tests of the service with a document of their own.

use std::sync::{Arc, Mutex};
use std::time::Duration;

use http::Request;

use super::body::Body;
use super::hosts::AllowedHosts;
use super::parts::{Server, Start};
use super::read_body::{MAX_BODY, read_body};
use super::request_log::RequestLog;
use crate::clock::Clock;
use crate::document::Document;
use crate::state::State;

/// A document with constructs that the bundled document does not have. They are an operation
/// without a handler, one whose handler breaks its schema, lists as parameters, and nullable
/// values.
const TEXT: &str = r##"{
    "paths": {
        "/later": { "post": {
            "operationId": "Later",
            "parameters": [
                { "name": "each", "in": "query",
                  "schema": { "type": "array", "items": { "type": "integer" } } },
                { "name": "joined", "in": "query", "explode": false,
                  "schema": { "type": "array", "items": { "type": "string", "enum": ["a", "b"] } } }
            ],
            "requestBody": { "content": { "application/json": {
                "schema": { "$ref": "#/components/schemas/Later" },
                "example": { "schema": { "$ref": "#/nowhere" } }
            } } },
            "responses": {
                "200": { "content": { "application/json": {
                    "schema": { "$ref": "#/components/schemas/Later" },
                    "example": { "level": 7 }
                } } },
                "400": { "content": { "application/json": { "schema": {} } } }
            }
        } },
        "/projects": { "get": {
            "operationId": "GetProjects",
            "responses": { "200": { "content": { "application/json": {
                "schema": { "required": ["nothing"] }
            } } } }
        } }
    },
    "components": { "schemas": { "Later": {
        "type": "object",
        "properties": {
            "example": { "type": "string", "nullable": true },
            "level": {
                "type": "integer", "minimum": 1, "exclusiveMinimum": true, "example": "none"
            }
        }
    } } }
}"##;

async fn respond(check_responses: bool, request: Request<Body>) -> (u16, String) {
    let document: &'static Document = Box::leak(Box::new(
        Document::parse(TEXT).expect("the document is usable"),
    ));
    let server = Server {
        document,
        check_responses,
        documented_only: true,
        max_page_size: usize::MAX,
        clock: Clock::system(),
        allowed_hosts: AllowedHosts::default(),
        latency: Mutex::default(),
        limiter: Mutex::default(),
        faults: Mutex::default(),
        state: Mutex::new(State::default()),
        #[cfg(feature = "database")]
        database: None,
        log: Arc::new(Mutex::new(RequestLog::new(10, usize::MAX))),
        snapshots: Mutex::default(),
        upstream: None,
        recorder: None,
        start: Start {
            seeds: Vec::new(),
            faults: Vec::new(),
            fault_seed: 0,
            rate_limits: Vec::new(),
            latency: Duration::ZERO,
            clock: Clock::system().mode(),
        },
    };
    let response = server.respond(request).await.expect("no fault is set");
    let status = response.status().as_u16();
    let body = read_body(response.into_body())
        .await
        .expect("the body is read");
    (status, String::from_utf8_lossy(&body).into_owned())
}

fn post(target: &str) -> http::request::Builder {
    Request::post(target)
        .header("host", "localhost")
        .header("content-type", "application/json")
}

async fn later(query: &str, body: &'static str) -> (u16, String) {
    let request = post(&format!("/later?{query}"));
    respond(true, request.body(Body::whole(body)).expect("a request")).await
}

#[tokio::test]
async fn an_operation_without_a_handler_has_the_example_of_the_document() {
    assert_eq!(later("", "").await, (200, r#"{"level":7}"#.to_owned()));
    // Its requests are checked as those of any other operation.
    assert_eq!(later("", "[]").await.0, 400);
}

#[tokio::test]
async fn lists_are_checked_item_by_item() {
    for good in ["each=1&each=2", "joined=a,b", "joined=a&each=3"] {
        assert_eq!(later(good, "").await.0, 200, "{good}");
    }
    for bad in [
        "each=1&each=x",
        "each=1,2",
        "joined=a,c",
        "joined=a&joined=b",
    ] {
        assert_eq!(later(bad, "").await.0, 400, "{bad}");
    }
}

#[tokio::test]
async fn schemas_keep_their_openapi_semantics() {
    for good in [r#"{"example": null}"#, r#"{"example": "text", "level": 2}"#] {
        assert_eq!(later("", good).await.0, 200, "{good}");
    }
    for bad in [r#"{"example": 1}"#, r#"{"level": 1}"#, r#"{"level": null}"#] {
        assert_eq!(later("", bad).await.0, 400, "{bad}");
    }
}

#[tokio::test]
async fn a_response_that_breaks_the_document_is_reported() {
    let projects = || {
        Request::get("/projects")
            .header("host", "localhost")
            .body(Body::empty())
            .expect("a request")
    };
    let (status, body) = respond(true, projects()).await;
    assert_eq!(status, 500);
    assert!(
        body.contains("GetProjects") && body.contains("nothing"),
        "{body}"
    );
    assert_eq!(
        respond(false, projects()).await,
        (200, r#"{"data":[]}"#.to_owned())
    );
}

#[tokio::test]
async fn a_body_over_the_limit_is_rejected() {
    let request = post("/later");
    let body = Body::whole(vec![b' '; MAX_BODY + 1]);
    let (status, _) = respond(true, request.body(body).expect("a request")).await;
    assert_eq!(status, 413);
}
