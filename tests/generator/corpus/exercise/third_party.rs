//! Calls the clients of third-party documents.

use serde_json::json;

use crate::server::Server;

pub async fn third_party(server: &Server) {
    parameters(server).await;
    responses(server).await;
    schemas(server).await;
    version_3_1(server).await;
    references(server).await;
    syntax(server).await;
    formats(server).await;
    undescribed_bodies(server).await;
    println!("== no_operations");
    let _client = no_operations_default::Client::from_core(server.client());
    println!("no request\n");
}

async fn parameters(server: &Server) {
    println!("== third_party_parameters");
    use third_party_parameters_default::types::{
        FindFilter, FindFilterRange, FindFilterRowsItem, Name, Part,
    };
    let client = third_party_parameters_default::Client::from_core(server.client());
    server.json("[1]");
    let filter = FindFilter::new()
        .range(FindFilterRange::new().from(1))
        .rows([
            FindFilterRowsItem::new().id(7),
            FindFilterRowsItem::new().id(8),
        ]);
    let call = client.find().any(&json!("a b")).untyped(&json!({"a": [1]}));
    let call = call
        .expand(["x", "y"])
        .filter(&filter)
        .either(&"text".into())
        .odd("o");
    server.show(call.send()).await;
    server.respond_with("204 No Content", "text/plain", "");
    server.show(client.thing(3, "p/q").send()).await;
    server.show(client.remove_thing(&Name::from("n"), &Part::from("p")).send()).await;
    server.show(client.count_things().limit(2).send()).await;
    server.show(client.count_things().send()).await;
    server.show(client.rename("i").send()).await;
    server.show(client.move_("i").send()).await;
    let variables = json!({"name": "Ann & Bob"});
    server
        .show(client.send_form("me").variables(&variables).send())
        .await;
    server
        .show(client.send_form("me").variables(&json!("as it is")).send())
        .await;
}

async fn responses(server: &Server) {
    println!("== third_party_responses");
    let client = third_party_responses_default::Client::from_core(server.client());
    server.respond_with("204 No Content", "text/plain", "");
    server.show(client.none().send()).await;
    server.show(client.missing().send()).await;
    server.respond_with("302 Found\r\nlocation: /elsewhere", "text/plain", "");
    // The message names the port, which differs from run to run.
    let error = client.redirect().send().await.expect_err("a redirect");
    println!("-> {:?}\n", error.status());
    server.json(r#"{"any": [1, null]}"#);
    server
        .show(client.untyped().body(&json!({"a": 1})).send())
        .await;
    server.respond_with("200 OK", "application/octet-stream", [0, 1, 2]);
    server.show(client.download().send()).await;
    server.respond_with("202 Accepted", "application/json", r#"{"retry": 3}"#);
    server.show(client.download().send()).await;
    server.json(r#"{"plain": "text"}"#);
    server.show(client.kinds().send()).await;
    server.respond_with("204 No Content", "text/plain", "");
    server.show(client.put_xml().body("<a>1</a>").send()).await;
}

async fn schemas(server: &Server) {
    println!("== third_party_schemas");
    use third_party_schemas_default::types::{Dog, DogHome, Names};
    let client = third_party_schemas_default::Client::from_core(server.client());
    let dog = Dog::new("Rex")
        .size(1.5)
        .home(DogHome::new().town("T").street("S"));
    server.json(r#"{"kind": "dog", "name": "Rex", "size": 2}"#);
    server.show(client.create_animal(&dog).send()).await;
    server.json(
        r#"{"bounded": 0.5, "same": {"id": 1}, "nullable": null, "more": {"id": 2, "extra": "e"},
            "twice": "1", "anything": [1, "a"], "always": {}, "when": "2020-01-01T00:00:00Z",
            "day": "2020-01-01", "tuple": ["a", 1], "patterns": {"x1": 1}, "constant": "fixed",
            "both": {"a": "b"}, "日本": "j", "中国": "c", "script": "中国"}"#,
    );
    server.show(client.odds().send()).await;
    server.json(r#"{"type": "deleted", "by": "me"}"#);
    server.show(client.event().send()).await;
    server.json(r#"{"type": "gone"}"#);
    server.show(client.event().send()).await;
    server.json(r#"{"id": 1, "tree": [{"below": [{"below": []}]}]}"#);
    server
        .show(client.send_items(&Names::new(["a"])).send())
        .await;
}

async fn version_3_1(server: &Server) {
    println!("== version_3_1");
    let client = version_3_1_default::Client::from_core(server.client());
    server.json(
        r#"{"id": "a", "kind": "node", "name": null, "value": 7, "list": null,
            "parent": {"id": "b", "kind": "node", "value": "v"}, "level": 1, "point": [1, 2.5],
            "anything": [true], "picture": "p", "digest": "ZA==", "nothing": null,
            "free": {"x-a": "b"}, "conditional": "abc"}"#,
    );
    server.show(client.health().send()).await;
    server.json(r#"{"size": 3}"#);
    server.show(client.upload([1, 2, 3].to_vec()).send()).await;
}

async fn references(server: &Server) {
    println!("== loose_references");
    let client = loose_references_default::Client::from_core(server.client());
    server.json(r#"{"id": "a"}"#);
    server.show(client.list().send()).await;
    server.show(client.list_2().send()).await;
    server.json(r#"{"name": "b", "size": true}"#);
    server.show(client.get("s").x_trace(7).send()).await;
}

async fn syntax(server: &Server) {
    println!("== third_party_syntax");
    let client = third_party_syntax_default::Client::from_core(server.client());
    server.json("\"in\"");
    let call = client.sign_in("a/b c").reason("It's late");
    server.show(call.send()).await;
}

async fn formats(server: &Server) {
    println!("== third_party_formats");
    use third_party_formats_default::types::{Thing, ThingNumber, ThingSize, ThingSizes};
    let client = third_party_formats_default::Client::from_core(server.client());
    let time: scorekit_core::DateTime = "2020-01-01T00:00:00Z".parse().expect("a time");
    let thing = Thing::new()
        .at(time.clone())
        .count(1)
        .share(0.5)
        .mail("m@example.com")
        .odd(json!({"any": 1}))
        .prices([1.5])
        .done(true)
        .day(20_200_101)
        .size(u64::MAX)
        .sizes(ThingSizes::UnsignedIntegerList(vec![1]))
        .number(ThingNumber::UnsignedInteger(2));
    server.json(
        r#"{"at": "2020-01-01T00:00:00Z", "place": {"x": 1}, "level": "low", "parts": "2020-01-01",
            "size": 18446744073709551615, "sizes": ["a"], "number": 1.5}"#,
    );
    server
        .show(client.make(&thing).ids([1, 2]).since(&time).send())
        .await;
    assert_eq!(ThingSize::from(3_u64), ThingSize::UnsignedInteger(3));
}

async fn undescribed_bodies(server: &Server) {
    println!("== undescribed_bodies");
    let client = undescribed_bodies_default::Client::from_core(server.client());
    server.respond_with("204 No Content", "text/plain", "");
    server.show(client.send_form("a=b&c=d%20e").send()).await;
    server.show(client.send_untyped_form().body("a=b").send()).await;
    server.show(client.send_map("a=b").send()).await;
    let part = "content-disposition: form-data; name=\"a\"\r\n\r\n1\r\n";
    let parts = format!("--scorekit-part\r\n{part}--scorekit-part--\r\n");
    server.show(client.send_parts(parts.clone()).send()).await;
    server.show(client.send_mixed().body(parts).send()).await;
}
