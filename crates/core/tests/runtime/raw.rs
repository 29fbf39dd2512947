//! Tests of the bodies as servers sent them, over real HTTP.

use std::time::Duration;

use scorekit_core::{
    BodyKind, Client, DocumentedResponse, Error, ErrorKind, Method, Operation, PageParameter,
    PageStyle, Pagination, RawBody, Response, Value, response_enum,
};
use serde::Deserialize;
use serde_json::json;
use tokio::io::AsyncWriteExt;
use tokio::net::TcpListener;

use crate::script::{Script, ScriptedResponse, Step};
use crate::{
    API_KEY, Canned, DCYCLE, assert_no_canary, everything, get_rule, http_response, keys, once,
};

static PUSH: Operation =
    Operation::new("Push", Method::POST, "/push", &DCYCLE).response(BodyKind::Empty);
static TEXT: Operation =
    Operation::new("Text", Method::GET, "/text", &DCYCLE).response(BodyKind::Text);
static LINES: Operation =
    Operation::new("Lines", Method::GET, "/lines", &DCYCLE).response(BodyKind::JsonLines);
static EXPORT: Operation = Operation::new("Export", Method::GET, "/export", &DCYCLE)
    .response(BodyKind::ByStatus(EXPORT_RESPONSES));

const EXPORT_RESPONSES: &[DocumentedResponse] = &[
    DocumentedResponse::new("200", BodyKind::Json),
    DocumentedResponse::new("202", BodyKind::Empty),
];

response_enum! {
    /// The responses of an export.
    enum ExportResponse {
        /// 200: The rows.
        Ok(Vec<String>) = "200",
        /// 202: Not yet.
        Accepted = "202",
    }
}

#[derive(Clone, Debug, Deserialize)]
struct Named {
    name: String,
}

async fn pushed(response: impl Into<Vec<u8>>) -> Result<Response<()>, Error> {
    let server = Canned::new(response).await;
    let client: Client = server.client(once());
    client.request(&PUSH).send().await
}

fn bytes(raw: Option<&RawBody>) -> &[u8] {
    raw.map(AsRef::as_ref).unwrap_or_default()
}

#[tokio::test]
async fn properties_that_the_type_lacks_are_in_the_raw_body() {
    let body = r#"{"name": "a", "new": {"list": [1, {"x~/": 2.50}]}}"#;
    let server = Canned::json("200 OK", body).await;
    let response = get_rule(&server.client(once())).decode_as::<Named>();
    let response = response.send().await.unwrap().map(|named| named.name);
    assert_eq!(*response, "a");
    let raw = response.raw().unwrap();
    assert_eq!(raw.bytes(), body.as_bytes());
    assert!(!raw.is_cut());
    assert_eq!(raw.json::<Value>().unwrap()["new"]["list"][0], 1);
    let part = raw.pointer("/new/list/1").unwrap();
    assert_eq!(part.json::<Value>().unwrap(), json!({"x~/": 2.5}));
    let number = part.pointer("/x~0~1").unwrap();
    assert_eq!(number.bytes(), "2.50");
    // A part is a slice of the body.
    let offset = body.find("2.50").unwrap();
    assert_eq!(number.bytes().as_ptr(), raw.bytes()[offset..].as_ptr());
    assert!(raw.pointer("/new/list/2").is_none());
    assert!(raw.pointer("new").is_none());
    let clone = response.clone();
    assert_eq!(clone.raw().unwrap().bytes().as_ptr(), raw.bytes().as_ptr());
}

#[tokio::test]
async fn strings_and_lines_are_raw_before_their_conversion() {
    let server = Canned::json("200 OK", "say \"hi\"\n").await;
    let client = server.client(once());
    let response = client.request::<String>(&TEXT).send().await.unwrap();
    assert_eq!(bytes(response.raw()), b"say \"hi\"\n");
    assert!(response.raw().unwrap().json::<Value>().is_err());

    let lines = "{\"name\":\"a\"}\r\n\n{\"name\":\"b\",\"new\":1}\n";
    let server = Canned::json("200 OK", lines).await;
    let client = server.client(once());
    let response = client.request::<Vec<Named>>(&LINES).send().await.unwrap();
    let raw = response.raw().unwrap();
    assert_eq!(raw.bytes(), lines);
    assert_eq!(raw.json::<Vec<Value>>().unwrap().len(), 2);
    assert_eq!(raw.pointer("/1/new").unwrap().bytes(), "1");
}

#[tokio::test]
async fn bodies_by_status_are_raw_without_the_status() {
    for (status, body, expected) in [
        (
            "200 OK",
            r#"["a"]"#,
            ExportResponse::Ok(vec!["a".to_owned()]),
        ),
        ("202 Accepted", r#"{"job":"j-1"}"#, ExportResponse::Accepted),
        ("203 Else", "[1]", ExportResponse::Unrecognized(json!([1]))),
    ] {
        let server = Canned::json(status, body).await;
        let client = server.client(once());
        let response = client.request::<ExportResponse>(&EXPORT).send().await;
        let response = response.unwrap();
        assert_eq!(*response, expected);
        assert_eq!(bytes(response.raw()), body.as_bytes());
    }
}

#[tokio::test]
async fn an_unlisted_body_is_raw() {
    let body = r#"{"data":{"id":"r-1","type":"async-request"},"meta":{"total_received":2}}"#;
    let chunked = format!(
        "HTTP/1.1 202 Accepted\r\ntransfer-encoding: chunked\r\n\r\n{:x}\r\n{body}\r\n0\r\n\r\n",
        body.len()
    );
    for response in [http_response("202 Accepted", "", body), chunked] {
        let response = pushed(response).await.unwrap();
        let raw = response.raw().unwrap();
        assert_eq!(raw.bytes(), body);
        assert!(!raw.is_cut());
        let received = raw.pointer("/meta/total_received").unwrap();
        assert_eq!(received.json::<u64>().unwrap(), 2);
    }
    for response in [
        http_response("202 Accepted", "", ""),
        "HTTP/1.1 204 No Content\r\n\r\n".to_owned(),
    ] {
        assert!(pushed(response).await.unwrap().raw().is_none());
    }
}

#[tokio::test]
async fn a_long_unlisted_body_is_cut() {
    for length in [64 * 1024, 64 * 1024 + 1, 10_000_000] {
        let body = vec![b'x'; length];
        let mut response =
            http_response("202 Accepted", "", "").replace(": 0", &format!(": {length}"));
        response.push_str(&String::from_utf8(body).unwrap());
        let raw = pushed(response).await.unwrap().raw().cloned().unwrap();
        assert!(raw.bytes().iter().all(|byte| *byte == b'x'));
        assert!(raw.bytes().len() <= 64 * 1024);
        if length > 64 * 1024 {
            assert!(raw.is_cut());
        }
    }
}

#[tokio::test]
async fn a_broken_unlisted_body_is_cut_without_a_failure() {
    let head = "HTTP/1.1 202 Accepted\r\n";
    for rest in [
        "content-length: 100\r\n\r\n{\"id\":12,\"more",
        "transfer-encoding: chunked\r\n\r\n0f\r\n{\"id\":12,\"more",
        "transfer-encoding: chunked\r\n\r\n0f\r\n{\"id\":12,\"more\"\r\nnot a length",
        "content-encoding: gzip\r\ncontent-length: 100\r\n\r\nnot gzip",
    ] {
        let response = pushed(format!("{head}{rest}")).await.unwrap();
        assert_eq!(response.attempts(), 1);
        let Some(raw) = response.raw() else {
            assert!(rest.contains("gzip"));
            continue;
        };
        if rest.contains("gzip") {
            // Without the feature, nothing is decompressed.
            assert_eq!(&raw.bytes()[..], b"not gzip");
            continue;
        }
        assert!(raw.is_cut());
        assert_eq!(raw.pointer("/id").unwrap().bytes(), "12");
        assert!(raw.pointer("/more").is_none());
        let error = raw.json::<Value>().unwrap_err();
        assert_eq!(error.kind(), ErrorKind::Decode);
        assert!(error.to_string().contains("its end is missing"), "{error}");
    }
}

#[tokio::test]
async fn a_body_that_never_ends_is_not_waited_for() {
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let url = format!("http://{}", listener.local_addr().unwrap());
    let client = Client::new(once().base_url(&url)).unwrap();
    let call = tokio::spawn(async move { client.request::<()>(&PUSH).send().await });
    let (mut stream, _) = listener.accept().await.unwrap();
    crate::read_request(&mut stream).await;
    let head = b"HTTP/1.1 202 Accepted\r\ncontent-length: 100\r\n\r\n{\"id\":12,";
    stream.write_all(head).await.unwrap();
    // The server keeps the connection open and sends nothing more until the call has ended.
    let response = call.await.unwrap().unwrap();
    drop(stream);
    let raw = response.raw().unwrap();
    assert!(raw.is_cut());
    assert_eq!(raw.bytes(), r#"{"id":12,"#);
}

#[tokio::test]
async fn raw_bodies_and_their_errors_show_no_secret() {
    let body = format!(r#"{{"name": "a", "{API_KEY}": "{API_KEY}"}}"#);
    let server = Canned::json("200 OK", &body).await;
    let response = get_rule(&server.client(keys())).send().await.unwrap();
    let raw = response.raw().unwrap();
    assert_no_canary(&format!("{raw:?} {raw:#?}"));
    let key = raw.pointer(&format!("/{API_KEY}")).unwrap();
    assert_no_canary(&everything(&key.json::<u64>().unwrap_err()));
    assert_no_canary(&everything(&raw.json::<Vec<u64>>().unwrap_err()));
}

#[tokio::test]
async fn responses_serialize_as_their_body() {
    let server = Canned::json("200 OK", r#"{"b": 1, "a": [null]}"#).await;
    let response = get_rule(&server.client(once())).send().await.unwrap();
    let value = serde_json::to_value(&response).unwrap();
    assert_eq!(value, json!({"a": [null], "b": 1}));
}

static ITEM_PAGES: Pagination = Pagination::new(
    PageStyle::Offset(PageParameter::Query("offset")),
    &["page", "data"],
)
.size(PageParameter::Query("size"))
.max_size(3)
.total(&["total"]);
static LIST: Operation =
    Operation::new("List", Method::GET, "/list", &DCYCLE).pagination(&ITEM_PAGES);

#[derive(Deserialize)]
struct Listed {
    page: ListedPage,
}

#[derive(Deserialize)]
struct ListedPage {
    #[serde(deserialize_with = "without_nulls")]
    data: Vec<Named>,
}

/// Decodes a list in the way of generated types, which leave out `null`.
fn without_nulls<'de, D: serde::Deserializer<'de>>(list: D) -> Result<Vec<Named>, D::Error> {
    let items = Vec::<Option<Named>>::deserialize(list)?;
    Ok(items.into_iter().flatten().collect())
}

/// Returns the page at an offset of a list of ten elements, of which every fourth is `null`. The
/// last page repeats an item of the one before.
fn listed(request: &reqwest::Request) -> Step {
    let pairs = request.url().query_pairs();
    let offset = pairs.into_iter().find(|(name, _)| name == "offset");
    let offset: u64 = offset.map_or(0, |(_, offset)| offset.parse().unwrap());
    let element = |number: u64| match number {
        number if number % 4 == 1 => " null".to_owned(),
        9 => r#" {"id":"8","type":"t","name":"n8","new":[8]}"#.to_owned(),
        number => format!(r#" {{"id":"{number}","type":"t","name":"n{number}","new":[{number}]}}"#),
    };
    let elements: Vec<_> = (offset..u64::min(offset + 3, 10)).map(element).collect();
    let body = format!(
        r#"{{"data":[0],"page":{{"data":[{}]}},"total":10}}"#,
        elements.join(",")
    );
    ScriptedResponse::new(200)
        .piece(Duration::ZERO, body)
        .step()
}

#[tokio::test(start_paused = true)]
async fn items_have_their_own_json_past_nulls_and_repeated_items() {
    for prefetch in [0, 1, 5] {
        for limit in [2, 4, 100] {
            let script = Script::by(listed);
            let request = script
                .client(once().base_url("http://127.0.0.1:9"))
                .request::<Listed>(&LIST);
            let items = request.items(|listed| listed.page.data);
            let mut items = items.prefetch(prefetch).limit(limit).with_raw();
            let mut names = Vec::new();
            while let Some(item) = items.next().await {
                let item = item.unwrap();
                let raw = item.raw.unwrap();
                let value: Value = raw.json().unwrap();
                assert_eq!(value["name"], *item.item.name);
                let number = raw.pointer("/new/0").unwrap();
                assert_eq!(
                    format!("n{}", number.json::<u64>().unwrap()),
                    item.item.name
                );
                assert!(raw.bytes().starts_with(b"{") && raw.bytes().ends_with(b"}"));
                names.push(item.item.name);
            }
            let all = ["n0", "n2", "n3", "n4", "n6", "n7", "n8"];
            assert_eq!(names, all[..all.len().min(limit)], "{prefetch} {limit}");
        }
    }
}

#[tokio::test(start_paused = true)]
async fn items_from_another_place_have_no_json() {
    let script = Script::by(listed);
    let request = script
        .client(once().base_url("http://127.0.0.1:9"))
        .request::<Value>(&LIST);
    let items = request.items(|page| page["data"].as_array().cloned().unwrap_or_default());
    let mut items = items.with_raw();
    let first = items.next().await.unwrap().unwrap();
    assert_eq!(first.item, 0);
    assert!(first.raw.is_none());
}
