//! Reads lists page by page.

use paging_default::Client;
use paging_default::types::Search;
use scorekit_core::Items;

use super::server::Server;

/// Reads an item of each page; prints the requests and the items.
async fn walk<T: std::fmt::Debug>(server: &Server, mut items: Items<T>, pages: &[&str]) {
    for page in pages {
        server.json(page);
        let item = items.next().await;
        println!("{}", server.seen());
        match item {
            Some(Ok(item)) => println!("-> {item:?}\n"),
            Some(Err(error)) => println!("-> {error}\n"),
            None => println!("-> the end\n"),
        }
    }
}

pub async fn paging(server: &Server) {
    println!("== paging");
    let client = Client::from_core(server.client());
    let empty = r#"{"data": []}"#;
    let first = r#"{"data": [{"id": "a"}], "meta": {"page": {"after": "x y"}}}"#;
    let last = r#"{"data": [{"id": "b"}], "meta": {"page": {}}}"#;
    walk(server, client.offset().items(), &[first, last, empty]).await;
    let numbered = [r#"[{"id": "a"}]"#, r#"[{"id": "b"}]"#, "[]"];
    walk(server, client.number().items(), &numbered).await;
    let search = Search::new().query("q");
    let items = client.cursor_in_body().body(&search).items();
    walk(server, items, &[first, last]).await;
    walk(
        server,
        client.cursor_in_query().page_size(3).items(),
        &[first, first, first],
    )
    .await;
    walk(server, client.styled().items(), &[first, last]).await;
    let others = [
        r#"{"other": ["a"], "data": null}"#,
        r#"{"other": ["b"]}"#,
        "{}",
    ];
    walk(server, client.speakeasy_offset().items(), &others).await;
    let counted = [
        r#"{"data": [{"id": "a"}], "pages": 2}"#,
        r#"{"data": [{"id": "b"}], "pages": 2}"#,
        "{}",
    ];
    walk(
        server,
        client.speakeasy_page().body(&search).items(),
        &counted[..2],
    )
    .await;
    let linked = [
        r#"{"data": [{"id": "a"}], "links": {"next": "https://evil.example/?after=1&to=2"}}"#,
        r#"{"data": [{"id": "b"}], "links": {}}"#,
    ];
    walk(server, client.speakeasy_url().items(), &linked).await;
    walk(server, client.fern_cursor().items(), &[first, last]).await;
    let flagged = [
        r#"{"data": [{"id": "a"}], "more": true}"#,
        r#"{"data": [{"id": "b"}], "more": false}"#,
    ];
    walk(server, client.fern_page().items(), &flagged).await;
}
