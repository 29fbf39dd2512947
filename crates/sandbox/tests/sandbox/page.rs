//! The page at `/`, with and without a browser.

use scorekit_sandbox::{Fault, Sandbox};
use serde_json::{Value, json};
use tokio::io::{AsyncBufReadExt, AsyncWriteExt, BufReader};
use tokio::net::TcpStream;

use crate::browser::Browser;
use crate::fixture::*;
use crate::http::{call, get, post, send};

const FILES: [&str; 4] = [
    "/",
    "/_sandbox/page.css",
    "/_sandbox/page.js",
    "/openapi.json",
];

async fn sandbox() -> Sandbox {
    Sandbox::start().await.expect("the sandbox starts")
}

#[tokio::test]
async fn the_sandbox_serves_the_page_and_its_files() {
    let sandbox = sandbox().await;
    for file in FILES {
        let response = send(&sandbox, "GET", file, &[], "").await;
        assert_eq!(response.status, 200, "{file}");
        let policy = "content-security-policy: default-src 'none'; script-src 'self'; \
                      style-src 'self' 'unsafe-inline'; img-src 'self' data:; connect-src 'self';";
        assert!(
            response.headers.contains(policy),
            "{file}: {}",
            response.headers
        );
        // The sandbox serves all files that the page loads.
        for (before, quote) in [
            ("src=\"", '"'),
            ("href=\"", '"'),
            ("fetch(\"", '"'),
            ("EventSource(\"", '"'),
        ] {
            if file.ends_with("json") {
                break;
            }
            for rest in response.text.split(before).skip(1) {
                let address = rest.split(quote).next().unwrap_or_default();
                let is_ours = ["data:,", "/openapi.json"].contains(&address)
                    || address.starts_with("/_sandbox/");
                assert!(is_ours, "{file} loads {address}");
                if address.starts_with('/') && address != "/_sandbox/events" {
                    assert_eq!(status(&sandbox, address).await, 200, "{address}");
                }
            }
        }
    }
    // Requests for the page are not recorded.
    assert_eq!(sandbox.requests(), []);
}

/// Returns the status code of a response with any body.
async fn status(sandbox: &Sandbox, target: &str) -> u16 {
    let mut lines = lines(sandbox, target).await;
    let line = lines.next_line().await.expect("it responses");
    let line = line.expect("a status line");
    let status = line
        .split(' ')
        .nth(1)
        .and_then(|status| status.parse().ok());
    status.expect("a status")
}

type Lines = tokio::io::Lines<BufReader<TcpStream>>;

async fn lines(sandbox: &Sandbox, target: &str) -> Lines {
    let mut stream = TcpStream::connect(sandbox.address())
        .await
        .expect("the sandbox listens");
    let request = format!("GET {target} HTTP/1.1\r\nhost: localhost\r\n\r\n");
    stream
        .write_all(request.as_bytes())
        .await
        .expect("the request is sent");
    BufReader::new(stream).lines()
}

#[tokio::test]
async fn the_documents_only_server_is_the_sandbox() {
    let sandbox = sandbox().await;
    let document = get(&sandbox, "/openapi.json").await;
    assert_eq!(document["servers"][0]["url"], "/");
    fn servers(value: &Value) -> usize {
        let inner = match value {
            Value::Object(members) => members.values().map(servers).sum(),
            Value::Array(items) => items.iter().map(servers).sum(),
            _ => 0,
        };
        inner + usize::from(value["servers"].is_array())
    }
    assert_eq!(servers(&document), 1);
    let operations = document["paths"].as_object().map(|paths| paths.len());
    assert!(operations.is_some_and(|count| count > 50), "{operations:?}");
}

/// Returns the next event of the stream.
async fn event(lines: &mut Lines) -> Value {
    loop {
        let line = lines.next_line().await.expect("the stream continues");
        let line = line.expect("the stream has another event");
        if let Some(data) = line.strip_prefix("data: ") {
            return serde_json::from_str(data).expect("JSON");
        }
    }
}

/// Reads events before the delay ends, under a paused clock.
#[tokio::test(start_paused = true)]
async fn the_stream_has_earlier_and_new_requests() {
    let sandbox = sandbox().await;
    create_rule(&sandbox, "On call", "Production").await;
    let mut events = lines(&sandbox, "/_sandbox/events").await;
    let before = event(&mut events).await;
    assert_eq!(before["operation_id"], "CreateScorecardRule");
    assert_eq!(
        (&before["number"], &before["status"]),
        (&json!(1), &json!(201))
    );
    assert!(
        before["body"]
            .as_str()
            .is_some_and(|body| body.contains("On call"))
    );
    // A request is sent on arrival, and again with its response.
    let slow = Fault::delay(std::time::Duration::from_millis(300));
    sandbox.add_fault(slow).expect("the fault is set");
    let response = async { call(&sandbox, "GET", RULES, None).await.expect(200) };
    let seen = async {
        let waiting = event(&mut events).await;
        assert_eq!(
            (&waiting["number"], &waiting["status"]),
            (&json!(2), &json!(0))
        );
        let mut last = waiting;
        while last["status"] == 0 {
            last = event(&mut events).await;
        }
        last
    };
    let (_, last) = tokio::join!(response, seen);
    assert_eq!((&last["number"], &last["status"]), (&json!(2), &json!(200)));
    assert_eq!(last["fault"], "delay=300ms");

    let listed = get(&sandbox, "/_sandbox/requests").await;
    assert_eq!(listed["total"], 2);
    assert_eq!(listed["requests"][1], last);
}

#[tokio::test]
async fn other_methods_and_paths_are_not_the_pages() {
    let sandbox = sandbox().await;
    for (method, target, is_recorded) in [
        ("POST", "/", true),
        ("POST", "/openapi.json", true),
        // The control API responds.
        ("GET", "/_sandbox/", false),
        ("POST", "/_sandbox/page.js", false),
    ] {
        let response = call(&sandbox, method, target, None).await;
        assert_eq!(response.status, 404, "{target}");
        assert_eq!(
            sandbox.requests().len(),
            usize::from(is_recorded),
            "{target}"
        );
        sandbox.clear_requests();
    }
}

/// Writes a screenshot to the build's directory for temporary files.
#[tokio::test]
#[ignore = "needs Chromium"]
async fn a_browser_shows_the_reference_and_the_requests() {
    let sandbox = sandbox().await;
    let outage = Fault::status(503).on(["ListScorecards"]);
    sandbox.add_fault(outage).expect("the fault is set");
    let marked = rule("<img src=x onerror=alert(1)>", "Production");
    post(&sandbox, RULES, &marked, 201).await;
    call(&sandbox, "GET", SCORECARDS, None).await.expect(503);

    let mut browser = Browser::start().await;
    let address = json!({ "url": sandbox.url() });
    browser.call("Page.navigate", address).await;
    browser.wait_until("document.body?.dataset.reference").await;
    let state = browser.evaluate("document.body.dataset.reference").await;
    assert_eq!(state, "ready");
    browser
        .wait_until("document.querySelectorAll('#request-list li').length === 2")
        .await;
    browser
        .evaluate("document.querySelectorAll('#requests details').forEach((it) => it.open = true)")
        .await;
    browser
        .wait_until("document.querySelectorAll('#requests pre').length === 4")
        .await;
    let list = browser
        .evaluate("document.getElementById('requests').textContent")
        .await;
    let list = list.as_str().unwrap_or_default().to_owned();
    assert!(list.contains("<img src=x onerror=alert(1)>"), "{list}");
    assert!(list.contains("fault: ListScorecards:status=503"), "{list}");

    // Send the call that lists the rules, as a reader would.
    let operation = "get-/api/v2/scorecard/rules";
    browser
        .evaluate(&format!(
            "document.querySelector('rapi-doc').scrollToPath('{operation}')"
        ))
        .await;
    let request = format!(
        "document.querySelector('rapi-doc').shadowRoot\
         .querySelector('[id=\"{operation}\"] api-request')?.shadowRoot"
    );
    browser
        .wait_until(&format!("{request}?.querySelector('[part~=\"btn-try\"]')"))
        .await;
    browser
        .evaluate(&format!(
            "{request}.querySelector('[part~=\"btn-try\"]').click()"
        ))
        .await;
    browser
        .wait_until("document.querySelectorAll('#request-list .good').length === 2")
        .await;
    let tried = sandbox.requests();
    let tried = tried.last().expect("a request");
    assert_eq!(tried.operation_id.as_deref(), Some("ListScorecardRules"));
    assert_eq!(tried.status, 200, "{tried:?}");

    let screenshot = browser.screenshot().await;
    // A blank page takes a tenth of that.
    assert!(screenshot.len() > 40_000, "{} bytes", screenshot.len());
    let file = std::path::Path::new(env!("CARGO_TARGET_TMPDIR")).join("sandbox-page.png");
    std::fs::write(&file, screenshot).expect("the screenshot is written");

    check_events(&sandbox, &browser);
}

/// The browser sent no request to another host, and reported no error.
fn check_events(sandbox: &Sandbox, browser: &Browser) {
    let mut count = 0;
    for (event, parameters) in &browser.events {
        if event == "Network.requestWillBeSent" {
            let address = parameters["request"]["url"].as_str().unwrap_or_default();
            let is_ours = address.starts_with(&sandbox.url()) || address.starts_with("data:");
            assert!(is_ours, "{address}");
            count += 1;
        }
        let is_error = event == "Runtime.exceptionThrown" || event == "Log.entryAdded";
        assert!(!is_error, "{parameters}");
    }
    assert!(count > 5, "{count}");
}

/// Returns the elements whose text is cut off or leaves the window.
const CUT_OFF: &str = "[...document.querySelectorAll('main *, header *')].filter((it) => {
    const box = it.getBoundingClientRect();
    if (box.width === 0 || it.closest('rapi-doc')) return false;
    const isCut = it.scrollWidth > it.clientWidth + 1 && it.clientWidth > 0
        && getComputedStyle(it).overflowX !== 'visible' && !it.matches('input, select, textarea');
    return isCut || box.left < 0 || box.right > innerWidth + 1;
}).map((it) => it.outerHTML.slice(0, 200)).concat(
    document.documentElement.scrollWidth > innerWidth ? ['the page'] : [],
    [...document.querySelector('rapi-doc').shadowRoot.querySelectorAll('#api-info *')]
        .filter((it) => it.getBoundingClientRect().left < 0)
        .map((it) => it.outerHTML.slice(0, 200)))";

/// Every tab in a wide and a narrow window, light and dark. Screenshots are for a look.
#[tokio::test]
#[ignore = "needs Chromium"]
async fn a_browser_shows_every_part_without_cutting_text_off() {
    let builder = Sandbox::builder().seed(scorekit_sandbox::realistic_seed());
    let sandbox = builder.start().await.expect("the sandbox starts");
    let faults = ["ListScorecards:status=503,count=1", "GetProjects:delay=1ms"];
    for fault in faults {
        let fault = fault.parse().expect("a fault");
        sandbox.add_fault(fault).expect("the fault is set");
    }
    for status in [503, 200] {
        call(&sandbox, "GET", SCORECARDS, None).await.expect(status);
    }
    post(&sandbox, RULES, &rule("On call", "Production"), 201).await;
    let mut browser = Browser::start().await;
    for (width, theme) in [(1280, "light"), (360, "dark")] {
        let size = json!({ "width": width, "height": 800, "deviceScaleFactor": 1,
            "mobile": false });
        browser
            .call("Emulation.setDeviceMetricsOverride", size)
            .await;
        let scheme = json!({ "name": "prefers-color-scheme", "value": theme });
        let media = json!({ "features": [scheme] });
        browser.call("Emulation.setEmulatedMedia", media).await;
        for tab in ["reference", "data", "requests", "faults", "clock"] {
            let address = format!("{}/?{width}-{tab}#tab={tab}", sandbox.url());
            let address = json!({ "url": address });
            browser.call("Page.navigate", address).await;
            browser
                .wait_until("document.body?.dataset.reference === 'ready'")
                .await;
            browser
                .wait_until("document.getElementById('count').textContent === '3'")
                .await;
            let open = format!(
                "document.querySelectorAll('#{tab} li:nth-child(-n+3) details')
                    .forEach((it) => it.open = true)"
            );
            browser
                .wait_until("document.querySelectorAll('#kind, #resources').length")
                .await;
            tokio::time::sleep(std::time::Duration::from_millis(300)).await;
            browser.evaluate(&open).await;
            tokio::time::sleep(std::time::Duration::from_millis(100)).await;
            let cut_off = browser.evaluate(CUT_OFF).await;
            assert_eq!(cut_off, json!([]), "{tab}, {width}");
            let screenshot = browser.screenshot().await;
            let name = format!("sandbox-{tab}-{theme}.png");
            let file = std::path::Path::new(env!("CARGO_TARGET_TMPDIR")).join(name);
            std::fs::write(&file, screenshot).expect("the screenshot is written");
        }
    }
    check_events(&sandbox, &browser);
}

/// Waits for what a click changes, by keyboard where a reader would.
#[tokio::test]
#[ignore = "needs Chromium"]
async fn a_browser_shows_how_the_sandbox_is_steered() {
    let sandbox = sandbox().await;
    create_rule(&sandbox, "On call", "Production").await;
    let mut browser = Browser::start().await;
    let address = json!({ "url": format!("{}/#tab=clock", sandbox.url()) });
    browser.call("Page.navigate", address).await;
    browser
        .wait_until("document.body?.dataset.reference === 'ready'")
        .await;

    browser
        .evaluate("document.getElementById('freeze').click()")
        .await;
    browser
        .wait_until("document.getElementById('frozen').textContent === '(stopped)'")
        .await;
    assert!(sandbox.clock().is_frozen());
    // The arrow keys move between tabs.
    browser
        .evaluate("document.getElementById('tab-clock').focus()")
        .await;
    for kind in ["rawKeyDown", "keyUp"] {
        let key = json!({ "type": kind, "key": "ArrowLeft", "windowsVirtualKeyCode": 37 });
        browser.call("Input.dispatchKeyEvent", key).await;
    }
    browser
        .wait_until("document.activeElement.id === 'tab-faults'")
        .await;
    browser
        .wait_until("!document.getElementById('faults').hidden")
        .await;
    browser
        .evaluate(
            "document.querySelector('#fault-form [name=operation]').value = 'ListScorecards';
             document.querySelector('#fault-form [name=times]').value = '1';
             document.querySelector('#fault-form button').click()",
        )
        .await;
    browser
        .wait_until("document.querySelectorAll('#fault-list li').length === 1")
        .await;
    call(&sandbox, "GET", SCORECARDS, None).await.expect(503);
    browser
        .evaluate("document.querySelector('#fault-list button').click()")
        .await;
    browser
        .wait_until("document.querySelectorAll('#fault-list li').length === 0")
        .await;

    copy_a_request(&sandbox, &mut browser).await;
    edit_a_rule(&sandbox, &mut browser).await;
    check_events(&sandbox, &browser);
}

/// A request is copied as a command.
async fn copy_a_request(sandbox: &Sandbox, browser: &mut Browser) {
    browser
        .evaluate("document.getElementById('tab-requests').click()")
        .await;
    browser
        .evaluate("document.querySelectorAll('#requests details').forEach((it) => it.open = true)")
        .await;
    browser
        .wait_until("document.querySelector('[data-curl]')")
        .await;
    let curl = "document.querySelector('[data-curl]').dataset.curl";
    let curl = browser.evaluate(curl).await;
    let curl = curl.as_str().unwrap_or_default().to_owned();
    let start = format!(
        "curl -X GET '{}{SCORECARDS}' -H 'dd-api-key: ",
        sandbox.url()
    );
    assert!(curl.starts_with(&start), "{curl}");
}

/// A rule is changed, and deleted.
async fn edit_a_rule(sandbox: &Sandbox, browser: &mut Browser) {
    browser
        .evaluate("document.getElementById('tab-data').click()")
        .await;
    browser
        .wait_until("document.querySelector('#kind option[value=rule]')")
        .await;
    browser
        .evaluate(
            "const kind = document.getElementById('kind'); kind.value = 'rule';
             kind.dispatchEvent(new Event('change'))",
        )
        .await;
    browser
        .wait_until("document.querySelector('#resources .detail')?.textContent === 'On call'")
        .await;
    browser
        .evaluate("document.querySelector('#resources details').open = true")
        .await;
    browser
        .wait_until("document.querySelector('#resources textarea')")
        .await;
    browser
        .evaluate(
            "const text = document.querySelector('#resources textarea');
             text.value = text.value.replace('On call', 'Renamed');
             document.querySelector('#resources button').click()",
        )
        .await;
    browser
        .wait_until("document.getElementById('message').textContent.endsWith('is saved.')")
        .await;
    assert_eq!(
        each(&get(sandbox, RULES).await, "/attributes/name"),
        ["Renamed"]
    );
    // The list shows the new name at once, and only what matches the filter.
    let shown = "document.querySelector('#resources .detail').textContent";
    assert_eq!(browser.evaluate(shown).await, "Renamed");
    for (filter, is_hidden) in [("other", true), ("rENAm", false)] {
        let script = format!(
            "document.getElementById('data-filter').value = '{filter}';
             document.getElementById('data-filter').dispatchEvent(new Event('input'));
             document.querySelector('#resources li').hidden"
        );
        assert_eq!(browser.evaluate(&script).await, is_hidden, "{filter}");
    }
    browser
        .evaluate("document.querySelector('#resources .danger').click()")
        .await;
    browser
        .wait_until("document.querySelectorAll('#resources li').length === 0")
        .await;
    assert_eq!(get(sandbox, RULES).await["data"], json!([]));
}
