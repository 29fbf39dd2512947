//! The messages of errors, which name the path parameters, the request id and the host.

use scorekit_core::{ErrorKind, StatusCode};

use crate::networks::proxies::dead;
use crate::script::{Script, status};
use crate::*;

#[tokio::test]
async fn failures_of_one_operation_on_two_things_read_differently() {
    let mut texts = Vec::new();
    for id in ["r-1", "r-2", &format!("{}\u{1b}[31m\n", "x".repeat(500))] {
        let server = Canned::new(http_response(
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
async fn sentence_of_a_server_is_joined_without_its_full_stop() {
    let server = Canned::json("403 Forbidden", r#"{"errors": ["Not allowed."]}"#).await;
    let error = get_rule(&server.client(keys())).send().await.unwrap_err();
    let text = error.to_string();
    assert!(
        text.contains("403 Forbidden: Not allowed; sent to "),
        "{text}"
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

/// Returns the message of a 403 to a scripted client with these settings.
async fn rejected(config: Config) -> String {
    let script = Script::new([status(403)]);
    let error = get_rule(&script.client(config)).send().await.unwrap_err();
    error.to_string()
}

#[tokio::test]
async fn rejected_credentials_name_the_host_and_the_source_of_the_site() {
    let variables = |name: &str, value: &str| {
        let (name, value) = (name.to_owned(), value.to_owned());
        let keys = Credentials::datadog_keys(API_KEY, APPLICATION_KEY);
        let read = Config::from_variables(|asked| (asked == name).then(|| value.clone()));
        read.unwrap().credentials(keys)
    };
    for (config, target) in [
        (
            keys(),
            "api.datadoghq.com (site datadoghq.com, the default: Config::site is not set)",
        ),
        (
            variables("", ""),
            "api.datadoghq.com (site datadoghq.com, the default: DD_SITE is not set)",
        ),
        (
            variables("DD_SITE", "us5.datadoghq.com"),
            "api.us5.datadoghq.com (site us5.datadoghq.com, from DD_SITE)",
        ),
        (
            variables("", "").site("datadoghq.eu"),
            "api.datadoghq.eu (site datadoghq.eu, from Config::site)",
        ),
        (
            keys().or(variables("DD_SITE", "datadoghq.eu")),
            "api.datadoghq.eu (site datadoghq.eu, from DD_SITE)",
        ),
        (
            keys().base_url("http://127.0.0.1:9/x"),
            "127.0.0.1:9 (the URL in Config::base_url)",
        ),
        (
            variables("SCOREKIT_BASE_URL", "http://127.0.0.1:9"),
            "127.0.0.1:9 (the URL in SCOREKIT_BASE_URL)",
        ),
        (
            keys().server_url(datadog::SERVER, "http://127.0.0.1:9"),
            "127.0.0.1:9 (the URL in Config::server_url)",
        ),
    ] {
        let text = rejected(config).await;
        let expected = format!(
            "GetRule (rule_id r-1): 403 Forbidden: sent to {target}; check DD_API_KEY and \
             DD_APP_KEY"
        );
        assert_eq!(text, expected);
    }
}

#[tokio::test]
async fn missing_permissions_name_the_scopes_of_the_operation() {
    static LIST_RULES: Operation = Operation::new("ListRules", Method::GET, "/rules", &DATADOG)
        .security(&[&[&AUTH_Z]])
        .scopes(&["rules_read", "rules_write"]);
    for (code, is_named) in [(403, true), (401, false)] {
        let script = Script::new([status(code)]);
        let client = script.client(Config::new().credentials(Credentials::datadog_bearer(TOKEN)));
        let error = client
            .request::<Value>(&LIST_RULES)
            .send()
            .await
            .unwrap_err();
        let text = error.to_string();
        let scopes = "; the operation needs the scopes rules_read, rules_write";
        assert_eq!(text.ends_with(scopes), is_named, "{text}");
        assert!(text.contains("sent to api.datadoghq.com (site "), "{text}");
    }
}

#[tokio::test]
async fn messages_repeat_nothing_and_name_the_remedy() {
    let body = r#"{"errors": [{"title": "Not Found", "detail": "rule \"x\"\nnot found"}]}"#;
    let error = failure("404 Not Found", body).await;
    assert_eq!(
        error.to_string(),
        "GetRule (rule_id r-1): 404 Not Found: rule \"x\" not found"
    );
    assert_eq!(error.kind(), ErrorKind::Api);
    assert_eq!(error.status(), Some(StatusCode::NOT_FOUND));

    let error = failure("403 Forbidden", r#"{"errors": ["Forbidden"]}"#).await;
    let text = error.to_string();
    let begins = "GetRule (rule_id r-1): 403 Forbidden: sent to 127.0.0.1:";
    assert!(text.starts_with(begins), "{text}");
    assert!(
        text.ends_with("; check DD_API_KEY and DD_APP_KEY"),
        "{text}"
    );

    let many = r#"{"errors": ["a", "b", "c", "d", "e"]}"#;
    let error = failure("400 Bad Request", many).await;
    assert_eq!(
        error.to_string(),
        "GetRule (rule_id r-1): 400 Bad Request: a; b; c; and 2 more"
    );
    assert_eq!(error.errors().len(), 5);
}

#[tokio::test]
async fn unreachable_server_is_a_connection_error() {
    let (_socket, address) = dead().await;
    let client = Client::new(once().base_url(&format!("http://{address}"))).unwrap();
    let error = get_rule(&client).send().await.unwrap_err();
    assert_eq!(error.kind(), ErrorKind::Connection);
    assert_eq!(error.status(), None);
    let text = error.to_string();
    assert!(
        text.starts_with(&format!(
            "GetRule (rule_id r-1): cannot connect to {address}: "
        )),
        "{text}"
    );
    assert_no_canary(&everything(&error));
}
