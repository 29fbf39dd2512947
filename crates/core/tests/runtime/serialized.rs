//! Tests of the JSON that responses, errors and results of pushes serialize as.

use scorekit_core::Delivery;
use serde_json::{json, to_value};

use crate::push::order_server::{OrderServer, orders};
use crate::*;

#[tokio::test]
async fn errors_serialize_as_their_parts_without_headers() {
    let body = r#"{"errors": [{"title": "Bad", "detail": "no name", "meta": {"n": 1},
                  "source": {"pointer": "/data/name"}}, "plain"]}"#;
    let server = Canned::new(http_response(
        "422 Unprocessable Entity",
        "x-request-id: r-7\r\nset-cookie: session=1\r\n",
        body,
    ))
    .await;
    let call = get_rule(&server.client(once())).send();
    let error = call.await.unwrap_err();
    assert_eq!(
        to_value(&error).unwrap(),
        json!({
            "kind": "api",
            "operation": "GetRule",
            "status": 422,
            "request_id": "r-7",
            "message": error.to_string(),
            "errors": [
                {
                    "title": "Bad",
                    "detail": "no name",
                    "meta": {"n": 1},
                    "source": {"pointer": "/data/name"},
                },
                {"detail": "plain"},
            ],
        })
    );
}

#[tokio::test]
async fn errors_without_a_response_serialize_with_nulls() {
    let client = Client::new(once().base_url("http://127.0.0.1:9")).unwrap();
    let error = client.request::<Value>(&GET_RULE).send().await.unwrap_err();
    assert_eq!(
        to_value(&error).unwrap(),
        json!({
            "kind": "invalid_request",
            "operation": "GetRule",
            "status": null,
            "request_id": null,
            "message": error.to_string(),
            "errors": [],
        })
    );
    let error = Client::new(Config::new().base_url("x")).unwrap_err();
    assert_eq!(to_value(&error).unwrap()["operation"], Value::Null);
}

#[tokio::test]
async fn serialized_errors_contain_no_echoed_secret() {
    for status in ["400 Bad Request", "200 OK"] {
        let echo = format!(r#"{{"errors": [{{"detail": "{API_KEY}", "meta": "{API_KEY}"}}]}}"#);
        let headers = format!("x-request-id: {APPLICATION_KEY}\r\n");
        let server = Canned::new(http_response(status, &headers, &echo)).await;
        let call = get_rule(&server.client(keys()))
            .decode_as::<Vec<u8>>()
            .send();
        let error = call.await.unwrap_err();
        assert_no_canary(&to_value(&error).unwrap().to_string());
    }
}

#[tokio::test(start_paused = true)]
async fn results_of_pushes_serialize_with_the_names_of_failed_items() {
    let picky = |number| number == 1;
    let server = OrderServer::picky(true, picky);
    let report = server.push(orders(3)).finish().await;
    let value = to_value(&report).unwrap();
    assert_eq!(value["progress"]["read"], 3);
    assert_eq!(value["progress"]["sent"], 2);
    assert_eq!(value["failures"].as_array().unwrap().len(), 1);
    let failure = &value["failures"][0];
    assert_eq!(failure["index"], 1);
    assert_eq!(failure["error"]["name"], "number: 1");
    assert_eq!(failure["error"]["error"]["kind"], "api");
    assert_eq!(failure["error"]["error"]["status"], 400);

    let server = OrderServer::picky(true, picky);
    let mut push = server.push(orders(2));
    let mut results = Vec::new();
    while let Some(result) = push.next().await {
        results.push(to_value(&result).unwrap());
    }
    results.sort_by_key(|result| result["index"].as_u64());
    assert_eq!(results[0], json!({"index": 0, "delivery": "sent"}));
    assert_eq!(results[1]["error"]["name"], "number: 1");
    assert_eq!(to_value(Delivery::AlreadySent).unwrap(), "already_sent");
}
