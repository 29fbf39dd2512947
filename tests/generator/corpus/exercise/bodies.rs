//! Request bodies, with their contents and media types.

use scorekit_core::Part;

use crate::server::Server;

pub(crate) async fn bodies(server: &Server) {
    {
        println!("== form_body");
        use form_body_default::types::Claims;
        let client = form_body_default::Client::from_core(server.client());
        let call = client
            .make_token("client credentials")
            .scope(["read", "a&b"])
            .lifetime(60)
            .audience(["x", "y"]);
        server.show(call.send()).await;
        server.show(client.make_token("none").send()).await;
        let claims = Claims::new().roles(["a&b"]);
        let call = client.make_token("none").claims(&claims).label("l");
        server.show(call.send()).await;
        server.show(client.search().send()).await;
        server.show(client.search().text("a b").send()).await;
        server.show(client.search_as_form_data().send()).await;
        server
            .show(client.search_as_form_data().text("a").send())
            .await;
        server.show(client.hint().send()).await;
    }
    {
        println!("== multipart_body");
        use multipart_body_default::types::{Range, Title};
        let client = multipart_body_default::Client::from_core(server.client());
        let picture = Part::new("PNG")
            .file_name("a \"b\".png")
            .media_type("image/png");
        let call = client
            .upload(&Title::from("A title"), picture)
            .more(["one", "--scorekit-part\r\n"])
            .size(3)
            .range(&Range::new(1));
        server.show(call.send()).await;
        let call = client
            .upload(&Title::from("A title"), "PNG")
            .tags(["a", "b,c"])
            .numbers([1, 2])
            .ranges([Range::new(1), Range::new(2)])
            .thumbnail(vec![1])
            .table("a,b")
            .pages(3)
            .patch(&Range::new(1))
            .whole([1, 2]);
        server.show(call.send()).await;
    }
    {
        println!("== text_body");
        let client = text_body_default::Client::from_core(server.client());
        server.respond_with("200 OK", "text/plain", "written: \"ü\"");
        server.show(client.write("a,b\n1,2").send()).await;
    }
    {
        println!("== binary_body");
        let client = binary_body_default::Client::from_core(server.client());
        server.respond_with("200 OK", "image/png", [0, 159, 146, 150]);
        server.show(client.store(vec![1, 2, 3]).send()).await;
        server.respond_with(
            "404 Not Found",
            "application/json",
            r#"{"errors": ["gone"]}"#,
        );
        server.show(client.store("text").send()).await;
    }
    {
        println!("== lines_body");
        use lines_body_default::types::Range;
        let client = lines_body_default::Client::from_core(server.client());
        server.respond_with(
            "200 OK",
            "application/x-ndjson",
            "{\"from\": 1}\n\n{\"from\": 2, \"to\": 3}\r\n",
        );
        server
            .show(client.send_all([Range::new(1), Range::new(2)]).send())
            .await;
        server.respond_with(
            "200 OK",
            "application/x-ndjson",
            "{\"from\": 1}\n{\"from\": \"x\"}\n",
        );
        server.show(client.send_all([]).send()).await;
    }
    {
        println!("== several_media_types");
        use several_media_types_default::types::Range;
        let client = several_media_types_default::Client::from_core(server.client());
        server.json(r#"{"from": 7}"#);
        server.show(client.make(&Range::new(1)).send()).await;
        server.show(client.make_as_plain("text").send()).await;
        server
            .show(client.make_as_vnd_api_json(&Range::new(1)).send())
            .await;
        server
            .show(client.make_as_x_www_form_urlencoded(1).note("n").send())
            .await;
    }
    {
        println!("== optional_body");
        use optional_body_default::types::Range;
        let client = optional_body_default::Client::from_core(server.client());
        server.show(client.make().send()).await;
        server.show(client.make().body(&Range::new(1)).send()).await;
    }
    {
        println!("== json_media_types");
        use json_media_types_default::types::{Change, Op, Operation, Path, Thing};
        let client = json_media_types_default::Client::from_core(server.client());
        server.json(r#"{"name": "n"}"#);
        let thing = Thing::new().name("n");
        server.show(client.replace(&thing).send()).await;
        server.show(client.merge(&thing).send()).await;
        let operation = Operation::new(Op::from("remove"), Path::from("/name"));
        server
            .show(client.merge_as_json_patch_json(&[operation]).send())
            .await;
        server.show(client.add(Some(&Change::new())).send()).await;
        server.show(client.any(&thing).send()).await;
        server.show(client.get().send()).await;
    }
    {
        println!("== media_type_ranges");
        use media_type_ranges_default::types::{SwitchBody, Thing};
        let client = media_type_ranges_default::Client::from_core(server.client());
        server.respond_with("200 OK", "image/png", [0, 159, 146, 150]);
        server.show(client.store(vec![1, 2, 3]).send()).await;
        server.show(client.draw("PNG").send()).await;
        server.respond_with("200 OK", "text/plain", "written");
        server.show(client.write("a").send()).await;
        server.show(client.append("b").send()).await;
        server.json(r#"{"name": "n"}"#);
        server
            .show(client.set(&Thing::new().name("m")).send())
            .await;
        server.json(r#""2026-01-31""#);
        server.show(client.switch(SwitchBody::On).send()).await;
    }
}
