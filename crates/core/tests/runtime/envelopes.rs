//! Responses with the one property `data`, without their envelope.

use scorekit_core::{ErrorKind, StatusCode};

use super::*;

#[derive(Debug, PartialEq)]
struct Rule {
    id: String,
}

scorekit_core::json_object! {
    Rule { id = "id" required }
    unknown properties rejected
}

/// Requests a rule from a server that responds with `body`, and decodes it as `T`.
async fn requested<T>(body: &str) -> Request<T> {
    let server = Canned::json("200 OK", body).await;
    get_rule(&server.client(keys())).decode_as()
}

#[tokio::test]
async fn resource_is_unwrapped_from_its_envelope() {
    let request = requested::<Rule>(r#"{"data": {"id": "r-1"}, "meta": {}}"#).await;
    let rule = request.send_data().await.unwrap();
    assert_eq!((rule.status(), rule.id.as_str()), (StatusCode::OK, "r-1"));
}

#[tokio::test]
async fn missing_resource_is_an_error_with_its_path() {
    for (body, path) in [
        ("{}", ""),
        (r#"{"data": null}"#, "data"),
        (r#"{"data": {"id": 1}}"#, "data.id"),
    ] {
        let error = requested::<Rule>(body).await.send_data().await.unwrap_err();
        assert_eq!(error.kind(), ErrorKind::Decode, "{error}");
        assert_eq!(error.status(), Some(StatusCode::OK));
        assert_eq!(
            error.json_path(),
            Some(path).filter(|path| !path.is_empty()),
            "{error}"
        );
    }
}

#[tokio::test]
async fn missing_list_is_empty() {
    for body in ["{}", r#"{"data": null}"#, r#"{"data": []}"#] {
        let rules = requested::<Vec<Rule>>(body).await.send_data_list().await;
        assert_eq!(rules.unwrap().into_inner(), [], "{body}");
    }
    let request = requested::<Vec<Rule>>(r#"{"data": [{"id": "r-1"}]}"#).await;
    let rules = request.send_data_list().await.unwrap();
    assert_eq!(
        rules.into_inner(),
        [Rule {
            id: "r-1".to_owned()
        }]
    );
}
