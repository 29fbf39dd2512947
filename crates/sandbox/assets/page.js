// The page of the sandbox: it gives the document to RapiDoc, and lists the requests as they arrive.

const keys = JSON.parse(document.body.dataset.keys);
const reference = document.querySelector("rapi-doc");

async function showReference() {
  await customElements.whenDefined("rapi-doc");
  const response = await fetch("/openapi.json");
  const description = await response.json();
  // Calls go to the server of this page.
  description.servers = [{ url: location.origin, description: "This sandbox" }];
  const schemes = description.components.securitySchemes;
  await reference.loadSpec(description);
  for (const [id, scheme] of Object.entries(schemes)) {
    if (scheme.type === "apiKey" && keys[scheme.name.toLowerCase()]) {
      reference.setApiKey(id, keys[scheme.name.toLowerCase()]);
    }
  }
  document.body.dataset.reference = "ready";
}

const list = document.getElementById("requests");
const state = document.getElementById("state");
const maxRows = 500;
const rows = new Map();

// All content is set as text, because a client chose it.
function part(parent, name, text) {
  const element = document.createElement("span");
  element.className = name;
  element.textContent = text;
  parent.append(element);
}

function row(request) {
  const item = document.createElement("li");
  const details = document.createElement("details");
  const summary = document.createElement("summary");
  const query = request.query ? `?${request.query}` : "";
  part(summary, "method", request.method);
  part(summary, "path", request.path + query);
  const kind = request.status === 0 ? "none" : request.status < 400 ? "good" : "bad";
  part(summary, `status ${kind}`, request.status === 0 ? "–" : String(request.status));
  const operation = request.operation_id ?? "no operation";
  part(summary, "detail", `#${request.number} ${request.time} ${operation}`);
  if (request.fault) {
    part(summary, "detail fault", `fault: ${request.fault}`);
  }
  if (request.dropped.length > 0) {
    part(summary, "detail", `ignored: ${request.dropped.join(", ")}`);
  }
  const content = document.createElement("pre");
  const headers = request.headers.map(({ name, value }) => `${name}: ${value}`);
  content.textContent = [...headers, "", request.body].join("\n").trimEnd();
  details.append(summary, content);
  item.append(details);
  return item;
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
}

function clear() {
  list.replaceChildren();
  rows.clear();
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
document.getElementById("clear").addEventListener("click", clear);

showReference().catch((error) => {
  document.body.dataset.reference = `failed: ${error}`;
});
