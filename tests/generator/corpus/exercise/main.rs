//! Calls the clients that are generated from the documents in the directory above. It prints the
//! requests and the decoded responses, a section for each document.

#![allow(deprecated)]

mod bodies;
mod names;
mod paging;
mod server;
mod shared_types;
mod streams;
mod third_party;

use serde_json::json;
use server::Server;

#[tokio::main(flavor = "current_thread")]
async fn main() {
    let server = Server::new().await;
    parameters(&server).await;
    bodies::bodies(&server).await;
    responses(&server).await;
    schemas(&server).await;
    names(&server).await;
    names::awkward(&server).await;
    documents(&server).await;
    paging::paging(&server).await;
    third_party::third_party(&server).await;
    streams::streams(&server).await;
    shared_types::shared_types(&server).await;
}

async fn parameters(server: &Server) {
    {
        println!("== query_arrays");
        let client = query_arrays_default::Client::from_core(server.client());
        server.json("{}");
        server.show(client.find(["a,b", "c d"]).send()).await;
        let all = client
            .find(["m"])
            .plain(["a&b", "ü"])
            .ids([1, 2])
            .commas(["a,b", "c"])
            .spaces(["a b", "c"])
            .pipes(["a|b", "c"]);
        server.show(all.send()).await;
        let none: [&str; 0] = [];
        server.show(client.find(none).commas(none).send()).await;
    }
    {
        println!("== query_objects");
        use query_objects_default::types::Range;
        let client = query_objects_default::Client::from_core(server.client());
        let range = Range::new(1).to(2).note("a&b");
        let all = client
            .find()
            .exploded(&range)
            .flat(&range)
            .filter(&range)
            .labels([("a b", "1"), ("c", "2")].map(|(name, value)| (name, value.to_owned())));
        server.show(all.send()).await;
    }
    {
        println!("== path_styles");
        use path_styles_default::types::Range;
        let client = path_styles_default::Client::from_core(server.client());
        let range = Range::new(1).note("a/b");
        server
            .show(client.simple(["a", "b/c"], &range).send())
            .await;
        server.show(client.label("x y", [1, 2]).send()).await;
        server.show(client.matrix(["a", "b"], &range).send()).await;
        let none: [&str; 0] = [];
        server.show(client.simple(none, &range).send()).await;
    }
    {
        println!("== headers");
        use headers_default::types::Range;
        let client = headers_default::Client::from_core(server.client());
        let all = client
            .find("t-1")
            .x_ids([1, 2])
            .x_range(&Range::new(1).to(2));
        server.show(all.send()).await;
        server.show(client.find("a\nb").send()).await;
    }
    {
        println!("== cookies");
        let client = cookies_default::Client::from_core(server.client());
        server
            .show(client.find("dark; x").size(3).tags(["a", "b"]).send())
            .await;
    }
    {
        println!("== json_parameters");
        use json_parameters_default::types::Range;
        let client = json_parameters_default::Client::from_core(server.client());
        let call = client.find(&Range::new(1)).x_filter(["a", "b"]);
        server.show(call.send()).await;
    }
}

async fn responses(server: &Server) {
    {
        println!("== default_response");
        let client = default_response_default::Client::from_core(server.client());
        server.json(r#"{"from": 1}"#);
        server.show(client.only_default().send()).await;
        server.respond_with("201 Created", "application/json", r#"{"from": 2}"#);
        server.show(client.beside().send()).await;
        server.respond_with(
            "418 I'm a teapot",
            "application/json",
            r#"{"errors": ["short and stout"]}"#,
        );
        server.show(client.beside().send()).await;
    }
    {
        println!("== lists");
        use lists_default::types::Thing;
        let client = lists_default::Client::from_core(server.client());
        server.json(r#"[{"id": "a"}, {"id": "b"}]"#);
        server.show(client.list(&[Thing::new("c")]).send()).await;
        server.json(r#"{"x": {"id": "a"}}"#);
        server.show(client.map().send()).await;
        server.json("17");
        server.show(client.number().send()).await;
        server.show(client.set_level(3).send()).await;
    }
}

async fn schemas(server: &Server) {
    {
        println!("== inheritance");
        use inheritance_default::types::Cat;
        let client = inheritance_default::Client::from_core(server.client());
        server.json(r#"{"name": "Tom", "age": 3, "indoors": true, "tail": 1}"#);
        server
            .show(client.add(&Cat::new("Tom", 3, true)).send())
            .await;
    }
    {
        println!("== integer_enums");
        use integer_enums_default::types::{Level, Thing};
        let client = integer_enums_default::Client::from_core(server.client());
        server.json(r#"{"level": 9}"#);
        let thing = Thing::new(Level::Minus1);
        server.show(client.make(Level::N2, &thing).send()).await;
    }
    {
        println!("== nullable");
        use nullable_default::types::{Part as Piece, Thing, ThingD};
        let client = nullable_default::Client::from_core(server.client());
        server.json(r#"{"a": null, "b": null, "c": {"a": "x"}, "d": "x", "e": ["y", null]}"#);
        let thing = Thing::new().c(Piece::new()).d(ThingD::X);
        server.show(client.make(&thing).send()).await;
    }
    {
        println!("== recursive");
        use recursive_default::types::Tree;
        let client = recursive_default::Client::from_core(server.client());
        server.json(r#"{"name": "a", "parent": {"name": "b"}, "children": [{"name": "c"}], "named": {"d": {"name": "d"}}}"#);
        let tree = Tree::new("oak")
            .parent(Tree::new("acorn"))
            .children([Tree::new("twig")]);
        server.show(client.plant(&tree).send()).await;
    }
    {
        println!("== free_form");
        use free_form_default::types::Thing;
        let client = free_form_default::Client::from_core(server.client());
        server.json(r#"[1, {"a": null}]"#);
        let thing = Thing::new()
            .any(json!([1, null]))
            .numbers([("pi", 3.25)])
            .extra(serde_json::Map::from_iter([(
                "more".to_owned(),
                json!({"a": 1}),
            )]));
        server.show(client.make(&thing).send()).await;
        server.json(r#"{"total": 3, "a": 1, "b": null}"#);
        server.show(client.count().send()).await;
    }
    {
        println!("== unions");
        use unions_default::types::Thing;
        let client = unions_default::Client::from_core(server.client());
        for response in ["\"text\"", "1.5", "[\"a\"]", "{\"x\": 1}", "true"] {
            server.json(&format!("{{\"value\": {response}}}"));
            server.show(client.make(&Thing::new("text")).send()).await;
        }
    }
    {
        println!("== discriminators");
        use discriminators_default::types::{
            Card, Circle, Rule, RuleData, Square, Thing, ThingWrittenHereVariant1, Transfer,
        };
        let client = discriminators_default::Client::from_core(server.client());
        for response in [
            json!({"mapped": {"method": "debit_card", "number": "1"}, "named": {"kind": "Square", "side": 1.5}}),
            json!({"implied": {"data": {"type": "case", "title": "t"}}, "written_here": {"on": "month", "first": true}}),
            json!({"mapped": {"method": "cash"}, "named": {"radius": 1}, "implied": {"data": {"type": "x"}}, "written_here": 1}),
            json!({"mapped": {"method": "card", "number": [1]}}),
        ] {
            server.json(&response.to_string());
            let thing = Thing::new()
                .mapped(Transfer::new("DE1"))
                .named(Circle::new().radius(0.5))
                .implied(Rule::new(RuleData::new("r")))
                .written_here(ThingWrittenHereVariant1::new().day(3));
            server.show(client.make(&thing).send()).await;
        }
        server.json("{}");
        let thing = Thing::new().mapped(Card::new("card")).named(Square::new());
        server.show(client.make(&thing).send()).await;
    }
    {
        println!("== heirs");
        use heirs_default::types::{Cat, Dog, Kitten};
        let client = heirs_default::Client::from_core(server.client());
        server.json(
            r#"[{"petType": "Cat", "name": "c", "lives": 7}, {"petType": "dog", "name": "d"},
                {"petType": "Kitten", "name": "k", "mother": {"petType": "Cat", "name": "m", "lives": 9}},
                {"petType": "Pet", "name": "p"}, {"petType": "Fish", "name": "f", "fins": 3}]"#,
        );
        let cat = Cat::new("m", 9);
        let kitten = Kitten::new("k", 9).mother(heirs_default::types::Pet::from(cat.clone()));
        server.show(client.keep(&kitten.into()).send()).await;
        server
            .show(client.keep(&Dog::new("d").tricks(["sit"]).into()).send())
            .await;
        server.show(client.feed(&cat).send()).await;
    }
    {
        println!("== any_of");
        use any_of_default::types::{
            AddOrder, Contact, ContactEither, ContactReach, ContactRestVariant2, Mail, MailArgument,
            Owner,
        };
        let client = any_of_default::Client::from_core(server.client());
        for response in [
            json!({
                "reach": {"owner": "o", "mail": "m", "phone": "p"}, "state": "ajar",
                "label": "2026-01-31", "level": 3, "amount": 3, "rest": {"mail": ["a", "b"]},
                "gone": null,
            }),
            json!({
                "state": "open", "level": "high", "amount": 3.5,
                "rest": {"owner": "o", "mail": "m"}, "gone": {"owner": "o", "mail": "m"},
            }),
            json!({"level": [1], "amount": "3", "rest": {"fax": "f"}, "either": {"id": "i"}}),
        ] {
            server.json(&response.to_string());
            let contact = Contact::new()
                .reach(ContactReach::new("o").mail("m").phone("p"))
                .state(any_of_default::types::ContactState::from("closed"))
                .label("l")
                .level("low")
                .amount(4)
                .rest(ContactRestVariant2::new(["a"]))
                .gone(Mail::new(Owner::from("o"), MailArgument::from("m")))
                .either(ContactEither::new().name("n"));
            server.show(client.add(&contact).send()).await;
        }
        server.json("{}");
        let plain = client.add(&Contact::new()).order(AddOrder::Up);
        server.show(plain.near(&3.into()).send()).await;
        let list = vec!["a b".to_owned(), "c".to_owned()];
        let other = client
            .add(&Contact::new())
            .order(AddOrder::from("sideways"));
        server.show(other.near(&list.into()).send()).await;
    }
    {
        println!("== shared_fields");
        use shared_fields_default::types::{At, EventLogin, EventOrder, User};
        let client = shared_fields_default::Client::from_core(server.client());
        let login = EventLogin::new(At::from("2026-01-31T10:00:00Z"), User::from("u")).note("n");
        let order = EventOrder::new("2026-01-31T10:00:00Z", ["a", "b"]);
        server.json(r#"{"id": 1, "at": "2026-01-31T10:00:00Z", "items": ["a"]}"#);
        server.show(client.report(&login.into()).send()).await;
        server.json(
            r#"{"id": 2, "at": "2026-01-31T10:00:00Z", "user": "u", "note": "n", "since": 1}"#,
        );
        server.show(client.report(&order.into()).send()).await;
    }
    {
        println!("== several_responses");
        let client = several_responses_default::Client::from_core(server.client());
        for (status, response) in [
            (200, r#"{"id": "a", "rows": [{"cells": ["x"]}]}"#),
            (200, r#"{"id": "a", "rows": [{"cells": "x"}]}"#),
            (202, r#"{"job": 7}"#),
            (202, ""),
            (204, ""),
            (204, "whatever"),
            (207, "a\nb \"c\""),
            (226, r#"{"a": [1]}"#),
            (299, "no JSON"),
        ] {
            server.respond_with(&format!("{status} Whatever"), "application/json", response);
            server.show(client.export().send()).await;
        }
        for (status, response) in [
            (200, "{\"n\": 1}\n{\"n\": 2}\n"),
            (201, "7"),
            (203, "[true]"),
        ] {
            server.respond_with(&format!("{status} Whatever"), "application/json", response);
            server.show(client.import("text".to_owned()).send()).await;
        }
    }
    {
        println!("== formats");
        use formats_default::types::Thing;
        let client = formats_default::Client::from_core(server.client());
        server.json(r#"{"small": 1, "large": 9007199254740993, "unsigned": 18446744073709551615, "counter": 18446744073709551615, "most": -1, "single": 0.1, "double": 0.1, "at": "soon", "day": "2026-02-30", "id": "x", "bytes": "AA=="}"#);
        let thing = Thing::new()
            .large(i64::MAX)
            .unsigned(u64::MAX)
            .counter(u64::MAX)
            .most(i64::MAX)
            .at("2026-01-31T10:00:00Z")
            .day("2026-01-31");
        let call = client
            .make(&thing)
            .since(&"2026-01-31T10:00:00+01:00".into());
        server
            .show(
                call.day(&"2026-01-31".into())
                    .after(u64::MAX)
                    .ids([u64::MAX])
                    .send(),
            )
            .await;
    }
    {
        println!("== inline_types");
        use inline_types_default::types::{
            MakeBody, MakeBodyOwner, MakeBodyOwnerRole, MakeBodyRowsItem, MakeOrder,
        };
        let client = inline_types_default::Client::from_core(server.client());
        server.json(r#"{"state": "old"}"#);
        let owner = MakeBodyOwner::new("me").role(MakeBodyOwnerRole::Admin);
        let body = MakeBody::new(owner).rows([MakeBodyRowsItem::new().n(1)]);
        server
            .show(client.make(&body).order(MakeOrder::Desc).send())
            .await;
    }
}

async fn names(server: &Server) {
    {
        println!("== keywords");
        use keywords_default::types::{Self_, SelfType};
        let client = keywords_default::Client::from_core(server.client());
        server.json(r#"{"Box": {"String": "s"}}"#);
        let body = Self_::new(SelfType::from("self"), "s")
            .crate_("c")
            .ref_("r");
        let call = client.fn_("m", &body).self_("1").body2("2").async_("3");
        server.show(call.send()).await;
    }
    {
        println!("== colliding_names");
        let client = colliding_names_default::Client::from_core(server.client());
        server.json(r#"{"id": "1", "ID": "2", "Id": "3"}"#);
        server
            .show(
                client
                    .get_thing()
                    .page_size(1)
                    .page_size2(2)
                    .page_size3(3)
                    .send(),
            )
            .await;
        server.json(r#"{"state": "o-n"}"#);
        server.show(client.get_thing2().send()).await;
    }
    {
        println!("== missing_ids");
        let client = missing_ids_default::Client::from_core(server.client());
        server.json("{}");
        server.show(client.get_things().send()).await;
        server.show(client.post_things().send()).await;
        server
            .show(
                client
                    .delete_things_by_thing_id_parts_by_part("a", 1)
                    .send(),
            )
            .await;
        server.show(client.get().send()).await;
    }
}

async fn documents(server: &Server) {
    {
        println!("== tags");
        server.json("{}");
        let client = tags_first_tag::Client::from_core(server.client());
        server.show(client.several().send()).await;
        let client = tags_second::Client::from_core(server.client());
        server.show(client.second().send()).await;
        let client = tags_default::Client::from_core(server.client());
        server.show(client.none().send()).await;
    }
    {
        println!("== path_level");
        let client = path_level_default::Client::from_core(server.client());
        server.show(client.get("a b", 3).send()).await;
        server.show(client.delete("c").limit("x").send()).await;
    }
    {
        println!("== several_files");
        use several_files_default::types::{Card, Order, Payment};
        let client = several_files_default::Client::from_core(server.client());
        server.json(r#"[{"item": "tea", "follows": {"item": "milk"}}]"#);
        server.show(client.list().limit(2).send()).await;
        server.json(r#"{"item": "tea", "note": {"text": "hot"}}"#);
        server
            .show(client.change("a/b", &Order::new("tea")).send())
            .await;
        server.json(r#""tea""#);
        server.show(client.get("a").send()).await;
        let card = Payment::from(Card::new("4242"));
        server.show(client.pay(&card).send()).await;
    }
    {
        println!("== deprecated");
        use deprecated_default::types::Thing;
        let client = deprecated_default::Client::from_core(server.client());
        server
            .show(client.make(&Thing::new().old("o")).old("p").send())
            .await;
    }
    {
        println!("== security");
        let client = security_default::Client::from_core(server.client());
        server.show(client.open().send()).await;
        server.show(client.basic().send()).await;
        server.show(client.either().send()).await;
        server.show(client.in_query().send()).await;
        server.show(client.optional().send()).await;
    }
}
