//! Downloads.

use scorekit_core::{Bytes, Download};

use super::*;

async fn download(response: ScriptedResponse, config: Config) -> Response<Download> {
    let script = Script::new([response.header("x-request-id", "r7").step()]);
    let call = script.client(config).request::<Bytes>(&REPORT);
    let response = call.stream_bytes().await.unwrap();
    assert_eq!(script.asked()[0].headers["accept"], "*/*");
    response
}

#[tokio::test(start_paused = true)]
async fn pieces_arrive_without_limits_of_time_and_size() {
    let mut response = ScriptedResponse::new(206);
    for _ in 0..20 {
        response = response.piece(SECOND * 29, vec![7; 1000]);
    }
    let options = CallOptions::new().max_response_size(10);
    let response = download(response, keys().options(options)).await;
    assert_eq!(
        (response.status().as_u16(), response.request_id()),
        (206, Some("r7"))
    );
    let mut download = response.into_inner();
    let mut size = 0;
    while let Some(piece) = download.next().await {
        size += piece.unwrap().len();
    }
    assert_eq!(size, 20_000);
    assert!(download.next().await.is_none());
}

#[tokio::test(start_paused = true)]
async fn download_that_breaks_off_is_an_error() {
    for (end, kind) in [
        (End::Broken, ErrorKind::Connection),
        (End::Silent, ErrorKind::Timeout),
    ] {
        let response = ScriptedResponse::new(200)
            .header("x-key", API_KEY)
            .piece(NOW, "abc")
            .end(end);
        let mut download = download(response, keys()).await.into_inner();
        assert_eq!(download.next().await.unwrap().unwrap(), "abc");
        let error = download.next().await.unwrap().unwrap_err();
        assert_eq!((error.kind(), error.operation()), (kind, Some("Report")));
        assert_eq!(
            (error.status().unwrap().as_u16(), error.request_id()),
            (200, Some("r7"))
        );
        assert_no_canary(&format!("{}{:?}", everything(&error), error.headers()));
        assert!(download.next().await.is_none());
    }
}

#[tokio::test]
async fn announced_length_is_sent_and_checked() {
    let server = Canned::new(http_response("200 OK", "", "0123456789")).await;
    let call = server.client(keys()).request::<Bytes>(&REPORT);
    let mut download = call.stream_bytes().await.unwrap().into_inner();
    assert_eq!(download.left(), Some(10));
    let mut body = Vec::new();
    while let Some(piece) = download.next().await {
        body.extend_from_slice(&piece.unwrap());
    }
    assert_eq!(
        (body.as_slice(), download.left()),
        (&b"0123456789"[..], Some(0))
    );

    let short = http_response("200 OK", "", "0123456789").replace("length: 10", "length: 11");
    let server = Canned::new(short).await;
    let call = server.client(keys()).request::<Bytes>(&REPORT);
    let mut download = call.stream_bytes().await.unwrap().into_inner();
    let mut size = 0;
    let error = loop {
        match download.next().await.unwrap() {
            Ok(piece) => size += piece.len(),
            Err(error) => break error,
        }
    };
    assert_eq!((size, error.kind()), (10, ErrorKind::Connection), "{error}");
    assert_eq!(download.left(), None);
}

#[cfg(feature = "gzip")]
#[tokio::test]
async fn corrupt_compression_is_named() {
    let head = "HTTP/1.1 200 OK\r\ncontent-encoding: gzip\r\ncontent-length: 5\r\n\r\nplain";
    let server = Canned::new(head).await;
    let call = server.client(keys()).request::<Bytes>(&REPORT);
    let mut download = call.stream_bytes().await.unwrap().into_inner();
    let error = download.next().await.unwrap().unwrap_err();
    assert_eq!(error.kind(), ErrorKind::Decode, "{error}");
    assert!(
        error.to_string().contains("cannot decompress the response"),
        "{error}"
    );
}
