//! Tests of what the messages of errors name: the path parameters, the request id, the host.

use crate::*;

#[tokio::test]
async fn failures_of_one_operation_on_two_things_read_differently() {
    let mut texts = Vec::new();
    for id in ["r-1", "r-2", &format!("{}\u{1b}[31m\n", "x".repeat(500))] {
        let server = Canned::new(answer(
            "404 Not Found",
            "x-request-id: q-7\r\n",
            r#"{"errors": ["no such rule"]}"#,
        ))
        .await;
        let client = server.client(keys());
        let request = client.request::<Value>(&GET_RULE).path("rule_id", &id);
        texts.push(request.send().await.unwrap_err().to_string());
    }
    assert_eq!(
        texts[0],
        "GetRule (rule_id r-1): 404 Not Found: no such rule; request id q-7"
    );
    assert_eq!(texts[1], texts[0].replace("r-1", "r-2"));
    // Long values are cut.
    assert!(
        texts[2].len() < 300 && texts[2].contains("xxx…): 404"),
        "{}",
        texts[2]
    );
}

#[tokio::test]
async fn arguments_in_errors_contain_no_secret() {
    for (status, body) in [("404 Not Found", "{}"), ("200 OK", "{")] {
        let server = Canned::json(status, body).await;
        let client = server.client(keys());
        let request = client.request::<Value>(&GET_RULE).path("rule_id", &API_KEY);
        let error = request.send().await.unwrap_err();
        assert_no_canary(&everything(&error));
        assert!(
            error.arguments().unwrap().starts_with("rule_id ***"),
            "{error}"
        );
    }
    let client = Client::new(once().base_url("http://127.0.0.1:9")).unwrap();
    let request = client.request::<Value>(&GET_RULE).path("rule_id", &API_KEY);
    let error = request.header("x", &"\n").send().await.unwrap_err();
    assert_no_canary(&everything(&error));
}
