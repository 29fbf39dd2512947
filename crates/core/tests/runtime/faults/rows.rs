//! The rows of the matrix about connections, bodies and redirects.

use scorekit_core::ErrorKind;
use scorekit_core::ErrorKind::{Api, Connection, Decode, Timeout, TooLarge};

use super::row::{Outcome, Row, SECOND};
use super::server::{Act, Body, End, RawResponse};

/// More bytes than the size limit of any response.
const MUCH: usize = 100 * 1024 * 1024;

pub(crate) const PAGE: &str = "<html><body><h1>Sorry</h1>{echo}</body></html>";

/// A rule, as the operations of the matrix return it.
pub(crate) const RULE: &str = r#"{"id": "r-1"}"#;

/// Creates a response that echoes the secrets wherever a server can write text.
pub(crate) fn raw_response(status: &'static str, body: Body) -> RawResponse {
    let headers = vec![
        ("x-request-id", "{echo}".to_owned()),
        ("x-ratelimit-name", "{echo}".to_owned()),
    ];
    RawResponse {
        status,
        headers,
        body,
        end: End::KeepAlive,
    }
}

pub(crate) fn text(status: &'static str, body: &str) -> RawResponse {
    raw_response(status, Body::Text(body.to_owned()))
}

impl RawResponse {
    pub(crate) fn header(mut self, name: &'static str, value: impl ToString) -> Self {
        self.headers.push((name, value.to_string()));
        self
    }

    pub(crate) fn end(mut self, end: End) -> Self {
        self.end = end;
        self
    }

    pub(crate) fn act(self) -> Act {
        Act::Respond(self)
    }
}

pub(crate) fn ok(status: u16) -> Outcome {
    Outcome::new(None, Some(status))
}

pub(crate) fn failed(kind: ErrorKind, status: u16) -> Outcome {
    Outcome::new(Some(kind), Some(status))
}

pub(crate) fn lost(kind: ErrorKind) -> Outcome {
    Outcome::new(Some(kind), None)
}

pub(crate) fn raw(bytes: &str, end: End) -> Act {
    Act::Raw(bytes.as_bytes().to_vec(), None, end)
}

/// Returns the rows of the connection itself.
pub(crate) fn connections() -> Vec<Row> {
    let row = |name: &str, act, outcome| Row::new("The connection", name, act, outcome);
    let rule = || text("200 OK", RULE).act();
    // The server may have acted, so only the POST is not retried.
    let broken = |name: &str, act| row(name, act, lost(Connection).tries(4)).post(lost(Connection));
    let silent = |name: &str, act| {
        row(name, act, lost(Timeout).tries(2).took(120)).post(lost(Timeout).took(60))
    };
    let drip = b"HTTP/1.1 200 OK\r\n".repeat(8);
    vec![
        row(
            "rejects the connection",
            Act::Closed,
            lost(Connection).tries(4),
        ),
        broken(
            "resets the connection before any header",
            Act::Nothing(End::Reset),
        ),
        broken(
            "closes the connection before any header",
            Act::Nothing(End::Close),
        ),
        broken(
            "resets the connection within the headers",
            raw("HTTP/1.1 200 OK\r\nx-", End::Reset),
        )
        .only_over_sockets(),
        silent("never responds", Act::Nothing(End::Silent)),
        silent(
            "goes silent within the headers",
            raw("HTTP/1.1 200 OK\r\nx-", End::Silent),
        )
        .only_over_sockets(),
        silent(
            "sends one byte of its headers a second",
            Act::Raw(drip, Some(SECOND), End::Silent),
        )
        .only_over_sockets(),
        row(
            "closes a connection that it kept alive, between two calls",
            text("200 OK", RULE).end(End::CloseAfter).act(),
            ok(200),
        )
        .then(rule())
        .calls(2),
        row(
            "closes a connection that it kept alive, on the second call",
            rule(),
            ok(200).tries(2),
        )
        .then(Act::Nothing(End::Close))
        .then(rule())
        .calls(2)
        .post(lost(Connection)),
        row(
            "breaks twice and then responds",
            Act::Nothing(End::Reset),
            ok(200).tries(3),
        )
        .then(Act::Nothing(End::Close))
        .then(rule())
        .post(lost(Connection)),
    ]
}

/// Returns the rows of faults before the body.
pub(crate) fn headers() -> Vec<Row> {
    let row = |name: &str, act, outcome| {
        Row::new("Before the body", name, act, outcome).only_over_sockets()
    };
    let broken = |name: &str, act| row(name, act, lost(Connection).tries(4)).post(lost(Connection));
    let rule = "HTTP/1.1 200 OK\r\ncontent-length: 13\r\n\r\n{\"id\": \"r-1\"}";
    let early = "HTTP/1.1 103 Early Hints\r\nlink: </a>\r\n\r\n";
    let twice = text("200 OK", RULE)
        .header("content-length", RULE.len())
        .header("content-type", "application/json")
        .header("content-type", "text/html")
        .header("x-request-id", "another");
    let many = (0..300).fold(String::from("HTTP/1.1 200 OK\r\n"), |head, number| {
        head + &format!("x-{number}: {}\r\n", "a".repeat(4000))
    });
    vec![
        row(
            "sends a 100 and a 103 before its response",
            raw(
                &format!("HTTP/1.1 100 Continue\r\n\r\n{early}{rule}"),
                End::KeepAlive,
            ),
            ok(200),
        ),
        row(
            "sends one 103 after the other",
            Act::Forever("", "HTTP/1.1 103 Early Hints\r\n\r\n", SECOND),
            lost(Timeout).tries(2).took(120),
        )
        .post(lost(Timeout).took(60)),
        row(
            "switches to a protocol that the client did not ask for",
            raw(
                "HTTP/1.1 101 Switching Protocols\r\nupgrade: x\r\nconnection: upgrade\r\n\r\n",
                End::CloseAfter,
            ),
            failed(Api, 101),
        ),
        row("sends headers twice", twice.act(), ok(200)),
        broken(
            "announces two lengths",
            text("200 OK", RULE).header("content-length", "7").act(),
        ),
        broken(
            "sends more headers than anybody reads",
            raw(&many, End::Close),
        ),
        row(
            "speaks another protocol",
            raw("SSH-2.0-OpenSSH_9.6\r\n", End::Close),
            lost(Connection),
        ),
    ]
}

/// Returns the rows of bodies that break off.
pub(crate) fn bodies() -> Vec<Row> {
    let row = |name: &str, act, outcome| {
        // The response body of the DELETE is unused, so the client does not wait for it.
        Row::new("The body", name, act, outcome).delete(ok(200))
    };
    let half = |end| text("200 OK", r#"{"id": "{echo}"#).end(end).act();
    let chunks = "HTTP/1.1 200 OK\r\ntransfer-encoding: chunked\r\n\r\n5\r\n{\"id\"\r\n";
    let broken = failed(Connection, 200);
    vec![
        row(
            "resets the connection within the body",
            half(End::Reset),
            broken.clone().tries(4),
        )
        .post(broken.clone()),
        row(
            "closes the connection within the body",
            half(End::Close),
            broken.clone().tries(4),
        )
        .post(broken.clone()),
        row(
            "leaves out the last chunk",
            raw(chunks, End::Close),
            broken.clone().tries(4),
        )
        .only_over_sockets()
        .post(broken),
        row(
            "goes silent within the body",
            half(End::Silent),
            failed(Timeout, 200).tries(4).took(120),
        )
        .post(failed(Timeout, 200).took(30)),
        row(
            "sends one byte of its body a second",
            raw_response("200 OK", Body::Drip(300, SECOND)).act(),
            failed(Timeout, 200).tries(2).took(120),
        )
        .post(failed(Timeout, 200).took(60)),
        row(
            "sends 100 MB, announced",
            raw_response("200 OK", Body::Announced(MUCH)).act(),
            failed(TooLarge, 200),
        )
        .only_over_sockets(),
        row(
            "sends 100 MB, unannounced",
            raw_response("200 OK", Body::Chunked(MUCH)).act(),
            failed(TooLarge, 200),
        )
        .only_over_sockets(),
    ]
}

/// Returns the rows of complete bodies that are not what the document describes.
pub(crate) fn contents() -> Vec<Row> {
    let row = |name: &str, act, outcome| {
        // The response body of the DELETE is unused, so the client does not look at it.
        Row::new("The body", name, act, outcome).delete(ok(200))
    };
    let undecodable = |name: &str, body| {
        row(
            name,
            raw_response("200 OK", body).act(),
            failed(Decode, 200),
        )
    };
    let bytes = |bytes: &[u8]| Body::Bytes(bytes.to_vec());
    vec![
        undecodable(
            "sends truncated JSON",
            Body::Text(r#"{"id": "{echo}"#.into()),
        ),
        undecodable(
            "sends a value of another type",
            Body::Text(r#"{"id": ["{echo}"]}"#.into()),
        ),
        undecodable(
            "sends another value within a member of an unknown name",
            Body::Text(r#"{"{echo}": {"a": [1, nil]}}"#.into()),
        ),
        undecodable("sends invalid UTF-8", bytes(b"{\"id\": \"\xff\xfe\"}")),
        undecodable("sends HTML", Body::Text(PAGE.into())),
        // Both are deviations that the response reports, and errors of strict decoding.
        row(
            "sends nothing",
            raw_response("200 OK", Body::Empty).act(),
            ok(200),
        ),
        row(
            "sends an object without a required property",
            text("200 OK", r#"{"{echo}": "{echo}"}"#).act(),
            ok(200),
        ),
        undecodable(
            "sends an object as an array",
            Body::Text(r#"["{echo}"]"#.into()),
        ),
        row(
            "sends JSON as text/html",
            text("200 OK", RULE)
                .header("content-type", "text/html")
                .act(),
            ok(200),
        ),
        row(
            "sends JSON as application/vnd.api+json",
            text("200 OK", RULE)
                .header("content-type", "application/vnd.api+json")
                .act(),
            ok(200),
        ),
    ]
}

/// Returns the rows of successes without a body.
pub(crate) fn successes() -> Vec<Row> {
    let row = |name: &str, act, status| Row::new("Other successes", name, act, ok(status));
    let late = "HTTP/1.1 204 No Content\r\ncontent-length: 13\r\n\r\n{\"id\": \"r-1\"}";
    vec![
        row("responds with 201", text("201 Created", RULE).act(), 201),
        row(
            "responds with 202 without a body",
            raw_response("202 Accepted", Body::Empty).act(),
            202,
        ),
        row(
            "responds with 202 with a body",
            text("202 Accepted", RULE).act(),
            202,
        ),
        row(
            "responds with 204",
            raw_response("204 No Content", Body::Unsaid).act(),
            204,
        ),
        row(
            "responds with 204 with a body",
            raw(late, End::KeepAlive),
            204,
        )
        .only_over_sockets(),
        row(
            "responds with 204 with a body, before another call",
            raw(late, End::KeepAlive),
            200,
        )
        .then(text("200 OK", RULE).act())
        .calls(2),
        row(
            "responds with 205 without a body",
            raw_response("205 Reset Content", Body::Empty).act(),
            205,
        ),
    ]
}

/// Returns the rows of redirects. `elsewhere` is an address that must receive no request.
pub(crate) fn redirects(elsewhere: &str) -> Vec<Row> {
    let row = |name: String, status, code, location: &str| {
        let act = text(status, PAGE).header("location", location).act();
        Row::new("Redirects", name, act, failed(Api, code))
    };
    let mut rows = Vec::new();
    for (status, code) in [
        ("301 Moved Permanently", 301),
        ("302 Found", 302),
        ("303 See Other", 303),
        ("307 Temporary Redirect", 307),
        ("308 Permanent Redirect", 308),
    ] {
        let to = format!("{elsewhere}/{{echo}}");
        rows.push(row(
            format!("redirects to another host with {code}"),
            status,
            code,
            &to,
        ));
    }
    rows.push(row(
        "redirects to itself for ever".into(),
        "302 Found",
        302,
        "/api/v2/rules/r-1",
    ));
    rows.push(row(
        "redirects to a host that is named like a key".into(),
        "302 Found",
        302,
        "https://{key}.example/",
    ));
    rows.push(row(
        "redirects to no address".into(),
        "302 Found",
        302,
        "http://[",
    ));
    rows.push(Row::new(
        "Redirects",
        "responds with 304",
        raw_response("304 Not Modified", Body::Unsaid).act(),
        failed(Api, 304),
    ));
    rows
}
