//! What goes over the wire, byte by byte.

use super::*;

#[tokio::test]
async fn only_what_the_document_says_goes_on_the_wire() {
    use tokio::io::{AsyncReadExt, AsyncWriteExt};

    let listener = tokio::net::TcpListener::bind("127.0.0.1:0")
        .await
        .expect("a port");
    let url = format!("http://{}", listener.local_addr().expect("an address"));
    let server = tokio::spawn(async move {
        let (mut socket, _) = listener.accept().await.expect("a connection");
        let mut request = Vec::new();
        // The head and the body arrive together or in parts; the body ends with this.
        while !request.ends_with(b"}}") && !request.ends_with(b"\r\n\r\n") {
            assert_ne!(
                socket.read_buf(&mut request).await.expect("bytes"),
                0,
                "the connection ended"
            );
        }
        socket
            .write_all(b"HTTP/1.1 204 No Content\r\nconnection: close\r\n\r\n")
            .await
            .expect("an answer");
        String::from_utf8(request).expect("text")
    });
    let client = Client::builder()
        .base_url(&url)
        .api_key("key")
        .application_key("other")
        .build()
        .expect("a client");
    let call = client.scorecards().delete_scorecard_rule("a b/ü").send();
    call.await.expect("an answer");
    let request = server.await.expect("a request");
    let mut lines = request.lines();
    assert_eq!(
        lines.next(),
        Some("DELETE /api/v2/scorecard/rules/a%20b%2F%C3%BC HTTP/1.1")
    );
    let names: BTreeSet<_> = lines
        .filter_map(|line| line.split_once(':'))
        .map(|(name, _)| name.to_lowercase())
        .collect();
    let expected = [
        "accept",
        "accept-encoding",
        "dd-api-key",
        "dd-application-key",
        "host",
        "user-agent",
    ];
    assert_eq!(names, expected.map(str::to_owned).into());
}
