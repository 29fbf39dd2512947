// The frame of the page: tabs, messages, and the reference, which RapiDoc shows.

const keys = JSON.parse(document.body.dataset.keys);
const reference = document.querySelector("rapi-doc");
const message = document.getElementById("message");
const tabs = [...document.querySelectorAll("[role=tab]")];

export function say(text, isGood) {
  message.textContent = text;
  message.hidden = !text;
  message.classList.toggle("good", Boolean(isGood));
}

// Calls the control API. An error is shown, and is null for the caller.
export async function control(method, path, body) {
  const options = { method };
  if (body !== undefined) {
    options.body = JSON.stringify(body);
    options.headers = { "content-type": "application/json" };
  }
  try {
    const response = await fetch(`/_sandbox/${path}`, options);
    const text = await response.text();
    const json = text ? JSON.parse(text) : {};
    if (!response.ok) {
      say(json.errors.map((error) => error.detail).join("; "));
      return null;
    }
    say("");
    return json;
  } catch (error) {
    say(`The sandbox does not respond: ${error.message}`);
    return null;
  }
}

// All content is set as text, because a client chose it.
export function element(parent, name, className, text) {
  const made = document.createElement(name);
  made.className = className;
  made.textContent = text;
  parent.append(made);
  return made;
}

export function button(parent, text, action) {
  const made = element(parent, "button", "", text);
  made.type = "button";
  made.addEventListener("click", action);
  return made;
}

export function select(tab, isFocused) {
  for (const each of tabs) {
    const isSelected = each === tab;
    each.setAttribute("aria-selected", String(isSelected));
    each.tabIndex = isSelected ? 0 : -1;
    document.getElementById(each.getAttribute("aria-controls")).hidden = !isSelected;
  }
  const name = tab.getAttribute("aria-controls");
  history.replaceState(null, "", `#tab=${name}`);
  if (isFocused) tab.focus();
  document.dispatchEvent(new CustomEvent("tab", { detail: name }));
}

// The keys of the tab pattern of WAI-ARIA.
for (const [index, tab] of tabs.entries()) {
  tab.addEventListener("click", () => select(tab));
  tab.addEventListener("keydown", (event) => {
    const steps = { ArrowRight: index + 1, ArrowLeft: index - 1, Home: 0, End: -1 };
    if (event.key in steps) {
      event.preventDefault();
      select(tabs.at(steps[event.key] % tabs.length), true);
    }
  });
}

// RapiDoc moves the first line to the left, out of a narrow window, and breaks no long words.
function widen() {
  const style = document.createElement("style");
  style.textContent = "#api-info { margin-left: 0 !important; } * { overflow-wrap: anywhere; }";
  reference.shadowRoot.append(style);
}

async function showReference(address) {
  await customElements.whenDefined("rapi-doc");
  const response = await fetch(address);
  const description = await response.json();
  // Calls go to the server of this page.
  description.servers = [{ url: location.origin, description: "This sandbox" }];
  const schemes = description.components.securitySchemes ?? {};
  const isDark = matchMedia("(prefers-color-scheme: dark)").matches;
  reference.setAttribute("theme", isDark ? "dark" : "light");
  reference.setAttribute("render-style", innerWidth < 900 ? "view" : "read");
  await reference.loadSpec(description);
  widen();
  for (const [id, scheme] of Object.entries(schemes)) {
    if (scheme.type === "apiKey" && keys[scheme.name.toLowerCase()]) {
      reference.setApiKey(id, keys[scheme.name.toLowerCase()]);
    }
  }
  document.body.dataset.reference = "ready";
  return description;
}

function reload(address) {
  return showReference(address).catch((error) => {
    document.body.dataset.reference = `failed: ${error}`;
  });
}

const choice = document.getElementById("document");
choice.addEventListener("change", () => reload(choice.value));
export const description = reload("/openapi.json");

const named = new URLSearchParams(location.hash.slice(1)).get("tab");
// The other modules listen before the first event.
setTimeout(() => select(tabs.find((tab) => tab.id === `tab-${named}`) ?? tabs[0]));
