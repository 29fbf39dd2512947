//! A headless Chromium, driven over a pipe in its debugging protocol: JSON messages that end with a
//! zero byte.

use std::process::Stdio;
use std::sync::Arc;
use std::time::Duration;

use serde_json::{Value, json};
use tokio::io::{AsyncBufReadExt, AsyncWriteExt, BufReader};
use tokio::process::{Child, ChildStdin, ChildStdout, Command};
use tokio::sync::{Mutex, OwnedMutexGuard};

/// The bound for each action of the browser. It ends a test that hangs, on the slowest machine.
const TIMEOUT: Duration = Duration::from_secs(600);

/// The bound for a condition, in milliseconds of the page's clock.
const CONDITION_MS: u64 = 300_000;

/// Held by the browser that runs, because several at once are slow.
static RUNS: std::sync::LazyLock<Arc<Mutex<()>>> = std::sync::LazyLock::new(Arc::default);

/// The network flags keep Chromium from looking for updates. The shell moves the pipe to the file
/// descriptors of the protocol: commands at 3, responses at 4.
const START: &str = "exec \"$0\" --headless --no-sandbox --disable-gpu --disable-quic \
    --no-first-run --disable-background-networking --disable-component-update --disable-sync \
    --window-size=1600,1000 --user-data-dir=\"$1\" --remote-debugging-pipe about:blank \
    3<&0 4>&1 </dev/null >/dev/null 2>&1";

/// A browser with one page.
pub(crate) struct Browser {
    commands: ChildStdin,
    responses: BufReader<ChildStdout>,
    session: Option<String>,
    number: u64,
    /// The events that the browser sent: method and parameters.
    pub(crate) events: Vec<(String, Value)>,
    // These drop last: the process is killed, its files are deleted, and the next one may start.
    _process: Child,
    _profile: tempfile::TempDir,
    _runs: OwnedMutexGuard<()>,
}

impl Browser {
    pub(crate) async fn start() -> Self {
        let runs = Arc::clone(&RUNS).lock_owned().await;
        let profile = tempfile::tempdir().expect("a directory");
        let mut process = Command::new("sh")
            .args(["-c", START, "chromium"])
            .arg(profile.path())
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .kill_on_drop(true)
            .spawn()
            .expect("a shell starts");
        let mut browser = Self {
            commands: process.stdin.take().expect("a pipe"),
            responses: BufReader::new(process.stdout.take().expect("a pipe")),
            session: None,
            number: 0,
            events: Vec::new(),
            _process: process,
            _profile: profile,
            _runs: runs,
        };
        let target = json!({ "url": "about:blank" });
        let target = browser.call("Target.createTarget", target).await;
        let attach = json!({ "targetId": target["targetId"], "flatten": true });
        let attached = browser.call("Target.attachToTarget", attach).await;
        browser.session = attached["sessionId"].as_str().map(str::to_owned);
        for domain in ["Page", "Network", "Runtime", "Log"] {
            browser.call(&format!("{domain}.enable"), json!({})).await;
        }
        browser
    }

    /// Sends a command, and returns its result.
    pub(crate) async fn call(&mut self, method: &str, parameters: Value) -> Value {
        self.number += 1;
        let mut command = json!({ "id": self.number, "method": method, "params": parameters });
        if let Some(session) = &self.session {
            command["sessionId"] = session.as_str().into();
        }
        let mut bytes = command.to_string().into_bytes();
        bytes.push(0);
        self.commands.write_all(&bytes).await.expect("it listens");
        let response = tokio::time::timeout(TIMEOUT, async {
            loop {
                let mut bytes = Vec::new();
                let count = self.responses.read_until(0, &mut bytes).await;
                assert_ne!(
                    count.expect("it responds"),
                    0,
                    "Chromium ended; is it installed?"
                );
                bytes.pop();
                let mut message: Value = serde_json::from_slice(&bytes).expect("JSON");
                if message["id"] == self.number {
                    assert_eq!(message["error"], Value::Null, "{method}");
                    break message["result"].take();
                }
                if let Some(event) = message["method"].as_str() {
                    let event = event.to_owned();
                    self.events.push((event, message["params"].take()));
                }
            }
        });
        response.await.expect("it responds in time")
    }

    /// Returns the value of an expression in the page.
    pub(crate) async fn evaluate(&mut self, expression: &str) -> Value {
        let parameters =
            json!({ "expression": expression, "awaitPromise": true, "returnByValue": true });
        let mut response = self.call("Runtime.evaluate", parameters).await;
        assert_eq!(response["exceptionDetails"], Value::Null, "{expression}");
        response["result"]["value"].take()
    }

    /// Waits until an expression in the page is true.
    pub(crate) async fn wait_until(&mut self, condition: &str) {
        let promise = format!(
            "new Promise((done) => {{ const end = Date.now() + {CONDITION_MS}; const look = () => {{
                if ({condition}) done(true);
                else if (Date.now() < end) setTimeout(look, 50);
                else done(false);
            }}; look(); }})"
        );
        let is_so = self.evaluate(&promise).await;
        let page = "document.body.outerHTML.slice(0, 5000)";
        assert!(is_so == true, "{condition}: {}", self.evaluate(page).await);
    }

    /// Returns a screenshot of the page (PNG).
    pub(crate) async fn screenshot(&mut self) -> Vec<u8> {
        let format = json!({ "format": "png" });
        let picture = self.call("Page.captureScreenshot", format).await;
        base64(picture["data"].as_str().expect("a picture"))
    }
}

/// Decodes base64.
fn base64(text: &str) -> Vec<u8> {
    const LETTERS: &[u8] = b"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
    let (mut bytes, mut bits, mut count) = (Vec::new(), 0_u32, 0);
    for letter in text.bytes().filter(|letter| *letter != b'=') {
        let value = LETTERS.iter().position(|known| *known == letter);
        let value = u32::try_from(value.expect("base64")).expect("six bits");
        bits = (bits << 6 | value) & 0xFFFF;
        count += 6;
        if count >= 8 {
            count -= 8;
            bytes.extend((bits >> count).to_le_bytes().first());
        }
    }
    bytes
}
