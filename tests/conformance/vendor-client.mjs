// Drives Datadog's own TypeScript client through every operation of the sandbox.
//
// The calls are the scenarios of `crates/sandbox/tests/sandbox`: for each operation, a success whose
// values are read back, and errors. The client builds the requests and parses the responses.

import { readFileSync } from "node:fs";
import { createRequire } from "node:module";
import { Sandbox, datadogConfiguration } from "scorekit-sandbox";

const require = createRequire(import.meta.url);
const { client, logger, v2 } = require("@datadog/datadog-api-client");
const models = "@datadog/datadog-api-client/dist/packages/datadog-api-client-v2/models";
const { ObjectSerializer } = require(`${models}/ObjectSerializer`);

// It warns of every unstable operation.
logger.setLevel("error");

const root = process.argv[2];
const read = (path) => JSON.parse(readFileSync(`${root}/crates/sandbox/${path}`, "utf8"));
const scenario = (name) => read(`tests/sandbox/scenarios/${name}.json`);
const APIS = ["CaseManagementApi", "CaseManagementAttributeApi", "CaseManagementTypeApi",
  "ScorecardsApi"];

function fail(problem) {
  console.error(`error: ${problem}`);
  process.exit(1);
}

// The client has no way to send this request, such as one with an unknown parameter.
class Inexpressible extends Error {}

const lowered = (name) => name[0].toLowerCase() + name.slice(1);
const camel = (name) => name.replace(/[^a-zA-Z0-9]+(\w)?/g, (_, next) => (next ?? "").toUpperCase());

// The argument that the client sends as a query parameter, the type of the body, and the type of a
// successful response are in the code of the client alone.
function described(api, method) {
  const source = api.requestFactory[method].toString();
  const query = {};
  const pattern =
    /setQueryParam\("([^"]+)",\s*ObjectSerializer_1\.ObjectSerializer\.serialize\((\w+), "([^"]+)"/g;
  for (const [, name, argument, type] of source.matchAll(pattern)) query[name] = { argument, type };
  const body = /serialize\(body, "([^"]+)"/.exec(source)?.[1];
  const required = [...source.matchAll(/RequiredError\("(\w+)"/g)].map((it) => it[1]);
  const response = /parse\([^;]*?"(\w+)"/s.exec(api.responseProcessor[method].toString())?.[1];
  return { query, body, required, response };
}

function isParsed(value) {
  if (Array.isArray(value)) return value.every(isParsed);
  if (value === null || typeof value !== "object" || value instanceof Date) return true;
  if (value._unparsed || value.constructor.name === "UnparsedObject") return false;
  return Object.values(value).every(isParsed);
}

function pointed(value, pointer) {
  return pointer.split("/").slice(1).reduce((part, name) => part?.[name], value);
}

function isSame(found, wanted) {
  if (wanted === "<string>") return typeof found === "string";
  if (wanted === "<number>") return typeof found === "number";
  if (JSON.stringify(found) === JSON.stringify(wanted)) return true;
  // The client reads times, and writes them in another form.
  const times = [found, wanted].map((it) => typeof it === "string" && /^\d{4}-/.test(it) && Date.parse(it));
  return Boolean(times[0]) && times[0] === times[1];
}

class Run {
  constructor(sandbox, operations) {
    this.configuration = datadogConfiguration(sandbox, client);
    this.apis = APIS.map((name) => new v2[name](this.configuration));
    this.operations = operations;
    this.saved = {};
    this.inexpressible = 0;
  }

  filled(value) {
    if (typeof value === "string") return value.replace(/{(\w+)}/g, (it, name) => this.saved[name] ?? it);
    if (Array.isArray(value)) return value.map((each) => this.filled(each));
    if (value === null || typeof value !== "object") return value;
    return Object.fromEntries(Object.entries(value).map(([name, each]) => [name, this.filled(each)]));
  }

  find(method, path) {
    const fitting = this.operations.filter((it) => it.method === method && it.pattern.test(path));
    // A path without parameters comes before one that also fits.
    fitting.sort((one, other) => one.names.length - other.names.length);
    return fitting[0] ?? fail(`the document has no operation for ${method} ${path}`);
  }

  arguments({ query, body, required }, operation, address, sent) {
    const values = operation.pattern.exec(address.pathname).slice(1).map(decodeURIComponent);
    const result = Object.fromEntries(operation.names.map((name, index) => [camel(name), values[index]]));
    for (const [name, text] of address.searchParams) {
      if (!query[name]) throw new Inexpressible();
      const { argument, type } = query[name];
      const typed = { number: Number(text), boolean: text === "true" }[type];
      result[argument] = Number.isNaN(typed) ? text : (typed ?? text);
    }
    if (sent !== undefined) {
      if (!body) throw new Inexpressible();
      result.body = ObjectSerializer.deserialize(sent, body, "");
    }
    if (required.some((name) => result[name] === undefined)) throw new Inexpressible();
    return result;
  }

  async call(method, target, sent) {
    const address = new URL(target, "http://localhost");
    const operation = this.find(method, address.pathname);
    const name = lowered(operation.id);
    const api = this.apis.find((each) => name in each) ?? fail(`the client has no ${name}`);
    const description = described(api, name);
    let status;
    const send = this.configuration.httpApi.constructor.prototype.send;
    this.configuration.httpApi.send = async function (request) {
      const response = await send.call(this, request);
      status = response.httpStatusCode;
      return response;
    };
    try {
      const argument = this.arguments(description, operation, address, sent);
      // Methods without parameters take the options first.
      const result = await (api[name].length === 1 ? api[name]() : api[name](argument));
      if (!isParsed(result)) fail(`the client cannot read the response to ${method} ${target}`);
      const { response } = description;
      return [status, response && ObjectSerializer.serialize(result, response, "")];
    } catch (error) {
      if (error instanceof Inexpressible) throw error;
      if (error.code === undefined) {
        // The client checks arguments itself before it sends anything.
        if (status === undefined) throw new Inexpressible();
        throw error;
      }
      // The client quotes the body of an error that its document does not list.
      const quoted = typeof error.body === "string" && /Body: "(.*)"$/s.exec(error.body);
      return [error.code, quoted ? JSON.parse(quoted[1]) : error.body];
    }
  }

  async step(step) {
    const [method, target] = this.filled(step.call).split(/ (.*)/);
    let status, body;
    try {
      [status, body] = await this.call(method, target, this.filled(step.body));
    } catch (error) {
      if (!(error instanceof Inexpressible)) throw error;
      this.inexpressible += 1;
      return undefined;
    }
    const shown = () => `${method} ${target} returned ${status}: ${JSON.stringify(body)}`;
    if (status !== step.status) fail(`${shown()}; wanted ${step.status}`);
    if (body !== undefined) {
      for (const [pointer, wanted] of Object.entries(step.has ?? {})) {
        const found = pointed(body, pointer);
        if (!isSame(found, this.filled(wanted))) {
          fail(`${shown()} with ${JSON.stringify(found)} at ${pointer}; wanted ${JSON.stringify(wanted)}`);
        }
      }
    }
    for (const [name, pointer] of Object.entries(step.save ?? {})) {
      this.saved[name] = pointed(body, pointer);
    }
    return status;
  }

  // Makes the call of a step without a valid key, which must be rejected.
  async forbidden(step) {
    const keys = { apiKeyAuth: "wrong", appKeyAuth: "wrong" };
    this.configuration.authMethods = client.configureAuthMethods(keys);
    const [method, target] = this.filled(step.call).split(/ (.*)/);
    const [status] = await this.call(method, target, this.filled(step.body));
    if (status !== 403) fail(`${method} ${target} returned ${status} for a wrong key`);
  }
}

const operations = [];
for (const [path, item] of Object.entries(read("openapi.json").paths)) {
  for (const [method, { operationId }] of Object.entries(item)) {
    if (!operationId || !path.startsWith("/api/v2/")) continue;
    const names = [...path.matchAll(/{(\w+)}/g)].map((it) => it[1]);
    const pattern = new RegExp(`^${path.replace(/{\w+}/g, "([^/]+)")}$`);
    operations.push({ id: operationId, method: method.toUpperCase(), names, pattern });
  }
}

const given = scenario("given");
const sandbox = await Sandbox.start();
let [calls, successes, errors, values, inexpressible] = [0, 0, 0, 0, 0];
for (const operation of operations) {
  await sandbox.reset();
  const { given: first = [], steps } = scenario(operation.id);
  const run = new Run(sandbox, operations);
  for (const name of first) await run.step(given[name]);
  const own = [];
  for (const step of steps) {
    const status = await run.step(step);
    if (status === undefined) continue;
    values += Object.keys(step.has ?? {}).length;
    const [method, target] = run.filled(step.call).split(/ (.*)/);
    const found = run.find(method, new URL(target, "http://localhost").pathname);
    if (found === operation) own.push([status, step]);
  }
  const succeeded = own.filter(([status]) => status < 300);
  if (succeeded.length === 0) fail(`${operation.id} did not succeed`);
  await run.forbidden(succeeded[0][1]);
  calls += first.length + steps.length + 1 - run.inexpressible;
  successes += succeeded.length;
  errors += own.length - succeeded.length + 1;
  inexpressible += run.inexpressible;
}
await sandbox.stop();
console.log(
  `TypeScript: ${operations.length} operations, ${calls} calls, of their own ${successes} ` +
    `successes and ${errors} errors, ${values} values as expected; ${inexpressible} calls that ` +
    "the client cannot express",
);
