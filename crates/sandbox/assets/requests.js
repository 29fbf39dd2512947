// The tab of the requests: live, with responses and retries, exported as HAR and curl.

import { button, control, element } from "./page.js";

const list = document.getElementById("request-list");
const state = document.getElementById("state");
const filter = document.getElementById("filter");
const maxRows = 500;
const rows = new Map();

function url(request) {
  return location.origin + request.path + (request.query ? `?${request.query}` : "");
}

// Quotes a word for a shell.
function quoted(word) {
  return `'${word.replaceAll("'", "'\\''")}'`;
}

function curl(request) {
  const skipped = ["host", "content-length", "connection", "accept-encoding"];
  const headers = request.headers
    .filter(({ name }) => !skipped.includes(name))
    .map(({ name, value }) => ` -H ${quoted(`${name}: ${value}`)}`);
  const body = request.body ? ` --data-raw ${quoted(request.body)}` : "";
  return `curl -X ${request.method} ${quoted(url(request))}${headers.join("")}${body}`;
}

// HAR 1.2, http://www.softwareishard.com/blog/har-12-spec/
function har(requests) {
  const entry = (request) => ({
    startedDateTime: request.time,
    time: request.duration_ms ?? 0,
    request: {
      method: request.method, url: url(request), httpVersion: "HTTP/1.1", cookies: [],
      headers: request.headers,
      queryString: [...new URLSearchParams(request.query)]
        .map(([name, value]) => ({ name, value })),
      headersSize: -1, bodySize: request.body.length,
      ...(request.body && { postData: { mimeType: "application/json", text: request.body } }),
    },
    response: {
      status: request.status, statusText: "", httpVersion: "HTTP/1.1", cookies: [],
      headers: request.response_headers,
      content: {
        size: request.response_body.length, mimeType: "application/json",
        text: request.response_body,
      },
      redirectURL: "", headersSize: -1, bodySize: request.response_body.length,
    },
    cache: {},
    timings: { send: 0, wait: request.duration_ms ?? 0, receive: 0 },
    comment: [request.operation_id, request.fault && `fault: ${request.fault}`]
      .filter(Boolean).join(", "),
  });
  const creator = { name: "scorekit sandbox", version: "1" };
  return { log: { version: "1.2", creator, entries: requests.map(entry) } };
}

function save(name, text) {
  const link = document.createElement("a");
  link.href = URL.createObjectURL(new Blob([text], { type: "application/json" }));
  link.download = name;
  link.click();
  URL.revokeObjectURL(link.href);
}

// Returns a body with line breaks if it is JSON.
function pretty(text) {
  try {
    return JSON.stringify(JSON.parse(text), null, 2);
  } catch {
    return text;
  }
}

function part(parent, title, headers, body) {
  element(parent, "h3", "", title);
  const lines = headers.map(({ name, value }) => `${name}: ${value}`);
  element(parent, "pre", "", [...lines, "", pretty(body)].join("\n").trim());
}

function row(request) {
  const item = document.createElement("li");
  item.dataset.text = `${request.method} ${request.path} ${request.operation_id} ${request.status}`
    .toLowerCase();
  item.hidden = !item.dataset.text.includes(filter.value.toLowerCase());
  const details = document.createElement("details");
  const summary = element(details, "summary", "", "");
  const kind = request.status === 0 ? "none" : request.status < 400 ? "good" : "bad";
  element(summary, "span", "method", request.method);
  element(summary, "span", "path", request.path + (request.query ? `?${request.query}` : ""));
  element(summary, "span", `status ${kind}`, request.status === 0 ? "–" : request.status);
  const time = request.duration_ms === null ? "" : `, ${request.duration_ms} ms`;
  const operation = request.operation_id ?? "no operation";
  element(summary, "span", "detail", `#${request.number} ${request.time} ${operation}${time}`);
  if (request.retry_of) {
    element(summary, "span", "detail retry", `retry of #${request.retry_of}`);
  }
  if (request.fault) {
    element(summary, "span", "detail fault", `fault: ${request.fault}`);
  }
  if (request.dropped.length > 0) {
    element(summary, "span", "detail", `ignored: ${request.dropped.join(", ")}`);
  }
  const inside = element(details, "div", "inside", "");
  // Most rows are never opened.
  details.addEventListener("toggle", () => {
    if (inside.childElementCount > 0) return;
    part(inside, "Request", request.headers, request.body);
    part(inside, "Response", request.response_headers, request.response_body);
    const command = button(inside, "Copy as curl", async () => {
      await navigator.clipboard.writeText(curl(request));
      command.textContent = "Copied";
    });
    command.dataset.curl = curl(request);
  });
  item.append(details);
  return item;
}

function count() {
  document.getElementById("count").textContent = rows.size;
}

function show(request) {
  const item = row(request);
  const known = rows.get(request.number);
  if (known) {
    item.firstChild.open = known.firstChild.open;
    known.replaceWith(item);
  } else {
    list.prepend(item);
  }
  rows.set(request.number, item);
  if (rows.size > maxRows) {
    const oldest = Math.min(...rows.keys());
    rows.get(oldest).remove();
    rows.delete(oldest);
  }
  count();
}

function clear() {
  list.replaceChildren();
  rows.clear();
  count();
}

const events = new EventSource("/_sandbox/events");
events.addEventListener("open", () => {
  clear();
  state.textContent = "live";
});
events.addEventListener("error", () => {
  state.textContent = "the sandbox does not respond";
});
events.addEventListener("message", (event) => show(JSON.parse(event.data)));
filter.addEventListener("input", () => {
  for (const item of rows.values()) {
    item.hidden = !item.dataset.text.includes(filter.value.toLowerCase());
  }
});
document.getElementById("clear").addEventListener("click", async () => {
  if (await control("DELETE", "requests")) clear();
});
document.getElementById("har").addEventListener("click", async () => {
  const recorded = await control("GET", "requests?limit=10000");
  if (recorded) save("sandbox.har", JSON.stringify(har(recorded.requests)));
});
