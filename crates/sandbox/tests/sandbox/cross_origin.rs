//! Requests of pages (CORS), and `HEAD`.

use scorekit_sandbox::Sandbox;

use crate::fixture::*;
use crate::http::{call, send};

#[tokio::test]
async fn pages_of_this_machine_may_send_requests() {
    let sandbox = Sandbox::start().await.expect("the sandbox starts");
    let header = |name: &str, value: &str| (name.to_owned(), value.to_owned());
    let origin = header("origin", "http://localhost:3000");
    let ask = [
        origin.clone(),
        header("access-control-request-method", "PUT"),
        header("access-control-request-headers", "dd-api-key,content-type"),
        header("access-control-request-private-network", "true"),
    ];
    for path in ["/_sandbox/latency", RULES] {
        let allowed = send(&sandbox, "OPTIONS", path, &ask, "").await;
        assert_eq!(allowed.status, 204, "{allowed:?}");
        for line in [
            "access-control-allow-origin: http://localhost:3000",
            "access-control-allow-methods: get, head, post, put, patch, delete",
            "access-control-allow-headers: dd-api-key,content-type",
            "access-control-allow-private-network: true",
            "vary: origin",
        ] {
            assert!(allowed.headers.contains(line), "{line}: {allowed:?}");
        }
        // The response itself can be read, and so can an error.
        for credentials in [crate::http::keys(), Vec::new()] {
            let headers = [&credentials[..], std::slice::from_ref(&origin)].concat();
            let response = send(&sandbox, "GET", path, &headers, "").await;
            let origin = "access-control-allow-origin: http://localhost:3000";
            assert!(response.headers.contains(origin), "{response:?}");
            assert!(
                response
                    .headers
                    .contains("access-control-expose-headers: *")
            );
        }
    }
    let foreign = [header("origin", "http://attacker.example"), ask[1].clone()];
    for path in ["/_sandbox/latency", RULES] {
        let refused = send(&sandbox, "OPTIONS", path, &foreign, "").await;
        assert_eq!(refused.status, 403, "{refused:?}");
        assert!(
            !refused.headers.contains("access-control-allow"),
            "{refused:?}"
        );
    }
    // Without a page, nothing is allowed to one.
    let plain = send(&sandbox, "GET", "/_sandbox/health", &[], "").await;
    assert!(!plain.headers.contains("access-control-allow"), "{plain:?}");
    assert!(plain.headers.contains("vary: origin"), "{plain:?}");
}

#[tokio::test]
async fn head_is_answered_like_get() {
    let sandbox = Sandbox::start().await.expect("the sandbox starts");
    for path in ["/_sandbox/health", "/_sandbox/openapi.json", RULES] {
        let whole = call(&sandbox, "GET", path, None).await;
        let head = call(&sandbox, "HEAD", path, None).await;
        assert_eq!((head.status, head.text.as_str()), (200, ""), "{path}");
        let length = format!("content-length: {}", whole.text.len());
        assert!(head.headers.contains(&length), "{path}: {head:?}");
    }
}
