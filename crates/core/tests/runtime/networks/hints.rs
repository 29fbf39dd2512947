//! Responses that come from the network instead of the API.

use super::server::Running;
use super::*;
use crate::script::{Script, ScriptedResponse};

#[tokio::test]
async fn page_of_html_is_told_from_json() {
    for page in [
        "<!DOCTYPE html><p>Log in</p>",
        "\n <html>",
        "\u{feff}<html>",
    ] {
        let response = ScriptedResponse::new(200).header("content-type", "text/html");
        let script = Script::new([response.piece(Duration::ZERO, page).step()]);
        let error = get_rule(&script.client(keys())).send().await.unwrap_err();
        assert_eq!((error.kind(), error.attempts()), (ErrorKind::Decode, 1));
        assert_says(
            &error,
            &[
                "it is a page of HTML or XML, not JSON",
                "open a page in a browser",
                "near `<",
            ],
        );
        assert_eq!(script.asked().len(), 1);
    }
    // The media type alone does not matter.
    let response = ScriptedResponse::new(200).header("content-type", "text/html");
    let script = Script::new([response.piece(Duration::ZERO, "{}").step()]);
    get_rule(&script.client(keys())).send().await.unwrap();

    let script = Script::new([ScriptedResponse::new(511).step()]);
    let error = get_rule(&script.client(keys())).send().await.unwrap_err();
    assert_eq!(error.attempts(), 1);
    assert_says(&error, &["this network requires a login"]);
}

#[tokio::test]
async fn redirects_name_what_to_change() {
    let server = Running::plain("302 Found\r\nlocation: /login?next=1", "").await;
    let config = quick().base_url(&format!("http://{}", server.address));
    let error = fails_once(config, ErrorKind::Api).await;
    assert_says(
        &error,
        &[
            "the server redirects to \"/login\" of the same host",
            "check the path",
        ],
    );

    let server = Running::plain(
        "308 Permanent Redirect\r\nlocation: https://127.0.0.1/x",
        "",
    )
    .await;
    let config = quick().base_url(&format!("http://{}", server.address));
    let error = fails_once(config, ErrorKind::Api).await;
    assert_says(
        &error,
        &[
            "redirects to 127.0.0.1 over https",
            "use https in the base URL",
        ],
    );
}
