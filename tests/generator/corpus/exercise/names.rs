//! Names that could collide with other generated names.

use crate::server::Server;

pub(crate) async fn awkward(server: &Server) {
    println!("== awkward_names");
    let client = awkward_names_default::Client::from_core(server.client());
    server.json(r#"{"a": "x"}"#);
    server.show(client.find().send()).await;
    server.json(
        r#"{"kind": true, "fit": {"d": "x"}, "member": {"kind": "long", "long": "x"}, "unknown": 1}"#,
    );
    server.show(client.choose().send()).await;
    server.json(r#"{"kind": {"kind": "k"}, "fit": {"a": "x"}, "member": {"kind": "short"}}"#);
    server.show(client.choose().send()).await;
}
