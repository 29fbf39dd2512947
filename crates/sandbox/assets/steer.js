// The tabs of data, faults and the clock, which call the control API.

import { button, control, description, element, say } from "./page.js";

const byId = (id) => document.getElementById(id);

// Data.

const kind = byId("kind");
const dataFilter = byId("data-filter");

async function loadKinds() {
  const listed = await control("GET", "resources");
  if (!listed) return;
  const chosen = kind.value;
  kind.replaceChildren();
  for (const { kind: name, count } of listed.kinds) {
    const option = element(kind, "option", "", `${name} (${count})`);
    option.value = name;
  }
  const filled = listed.kinds.find(({ count }) => count > 0);
  kind.value = chosen || filled?.kind || listed.kinds[0].kind;
  await loadResources();
}

async function loadResources() {
  const listed = await control("GET", `resources/${kind.value}`);
  byId("resources").replaceChildren(...(listed?.resources ?? []).map(resource));
  showMatching();
}

function showMatching() {
  const wanted = dataFilter.value.toLowerCase();
  for (const item of byId("resources").children) {
    item.hidden = !item.querySelector("summary").textContent.toLowerCase().includes(wanted);
  }
}

// The text by which people know a resource: its name, or what it belongs to.
function nameOf({ attributes, relations }) {
  const { name, title, key, state, cell_content: cell } = attributes;
  const owners = Object.values(relations ?? {}).flat().join(", ");
  const related = owners && state ? `${owners}: ${state}` : owners;
  return [name, title, key, cell?.message, related].find((it) => typeof it === "string") ?? "";
}

function resource(record) {
  const item = document.createElement("li");
  const details = element(item, "details", "", "");
  const summary = element(details, "summary", "record", "");
  element(summary, "span", "path", record.id);
  const name = element(summary, "span", "detail", nameOf(record));
  const inside = element(details, "div", "inside", "");
  details.addEventListener("toggle", () => {
    if (inside.childElementCount > 0) return;
    element(inside, "h3", "", "Attributes");
    const editor = element(inside, "textarea", "", "");
    const edit = (attributes) => {
      editor.value = JSON.stringify(attributes, null, 2);
      editor.rows = Math.min(24, editor.value.split("\n").length + 1);
    };
    edit(record.attributes);
    editor.setAttribute("aria-label", `Attributes of ${record.id}`);
    editor.spellcheck = false;
    element(inside, "h3", "", "Relations");
    element(inside, "pre", "", JSON.stringify(record.relations, null, 2));
    const path = `resources/${kind.value}/${encodeURIComponent(record.id)}`;
    button(inside, "Save", async () => {
      let attributes;
      try {
        attributes = JSON.parse(editor.value);
      } catch (error) {
        say(`The attributes are not JSON: ${error.message}`);
        return;
      }
      const saved = await control("PUT", path, { attributes });
      if (!saved) return;
      edit(saved.attributes);
      name.textContent = nameOf(saved);
      say(`${record.id} is saved.`, true);
    });
    button(inside, "Delete", async () => {
      if (!await control("DELETE", path)) return;
      await loadKinds();
      say(`${record.id} is deleted.`, true);
      kind.focus();
    }).classList.add("danger");
  });
  return item;
}

kind.addEventListener("change", loadResources);
dataFilter.addEventListener("input", showMatching);
byId("reload").addEventListener("click", loadKinds);
byId("seed").addEventListener("click", async () => {
  if (await control("POST", "seeds/realistic")) await loadKinds();
});
byId("reset").addEventListener("click", async () => {
  if (await control("POST", "reset")) {
    await loadKinds();
    say("The sandbox is as it was at its start.", true);
  }
});

// Faults.

const faultForm = byId("fault-form");

description.then((document) => {
  const paths = Object.values(document?.paths ?? {});
  const ids = paths.flatMap((item) => Object.values(item).map((it) => it.operationId));
  for (const id of ids.filter(Boolean).sort()) {
    element(faultForm.elements.operation, "option", "", id).value = id;
  }
});

async function loadFaults() {
  const [faults, latency] = [await control("GET", "faults"), await control("GET", "latency")];
  byId("fault-list").replaceChildren(...(faults?.faults ?? []).map(fault));
  byId("latency-form").elements.latency.value = latency?.latency ?? "";
}

function fault({ id, fault: text, applied, remaining }) {
  const item = document.createElement("li");
  const line = element(item, "div", "plain", "");
  element(line, "code", "", text);
  const left = remaining === null ? "" : `, ${remaining} left`;
  const times = applied === 1 ? "once" : `${applied} times`;
  element(line, "span", "none", `applied ${times}${left}`);
  button(line, "Switch off", async () => {
    await control("DELETE", `faults/${id}`);
    await loadFaults();
  });
  return item;
}

faultForm.addEventListener("submit", async (event) => {
  event.preventDefault();
  const { operation, effect, times, share } = faultForm.elements;
  let text = operation.value ? `${operation.value}:${effect.value}` : effect.value;
  if (times.value) text += `,count=${times.value}`;
  if (share.value) text += `,probability=${share.value}`;
  if (await control("POST", "faults", { fault: text })) await loadFaults();
});
byId("latency-form").addEventListener("submit", async (event) => {
  event.preventDefault();
  const latency = event.target.elements.latency.value;
  if (await control("PUT", "latency", { latency })) say("The latency is set.", true);
});

// The clock.

function showClock(clock) {
  if (!clock) return;
  byId("time").textContent = clock.time;
  byId("frozen").textContent = clock.frozen ? "(stopped)" : "(running)";
  byId("clock-form").elements.time.value = clock.time;
}

async function changeClock(method, path, body) {
  showClock(await control(method, path, body));
}

byId("clock-form").addEventListener("submit", (event) => {
  event.preventDefault();
  changeClock("PUT", "clock", { time: event.target.elements.time.value });
});
for (const step of document.querySelectorAll("[data-advance]")) {
  const duration = step.dataset.advance;
  step.addEventListener("click", () => changeClock("POST", "clock/advance", { duration }));
}
byId("freeze").addEventListener("click", () => changeClock("POST", "clock/freeze"));
byId("resume").addEventListener("click", () => changeClock("POST", "clock/resume"));

const loads = { data: loadKinds, faults: loadFaults, clock: () => changeClock("GET", "clock") };
document.addEventListener("tab", (event) => loads[event.detail]?.());
