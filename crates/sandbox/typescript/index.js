// Starts the sandbox, and hands over its address and keys.

import { spawn } from "node:child_process";
import { createInterface } from "node:readline";

// The longest wait for the address of a new sandbox, in milliseconds.
const START_TIMEOUT = 60_000;

export class SandboxError extends Error {
  name = "SandboxError";
}

// The programs that are killed when this process ends.
const running = new Set();
process.on("exit", () => running.forEach((program) => program.kill()));

// Reads the line that the program prints when it listens.
function readConfig(program) {
  return new Promise((resolve, reject) => {
    const fail = (problem) => reject(new SandboxError(`cannot start the sandbox: ${problem}`));
    const late = () => fail(`it printed no address in ${START_TIMEOUT / 1000} seconds`);
    const timer = setTimeout(late, START_TIMEOUT);
    let problem = "";
    program.stderr.on("data", (text) => (problem += text));
    program.once("error", (error) => {
      clearTimeout(timer);
      fail(`${error.message}; install scorekit-sandbox, or set SCOREKIT_SANDBOX to its path`);
    });
    program.once("close", () => {
      clearTimeout(timer);
      fail(problem.trim() || "it ended without a message");
    });
    createInterface(program.stdout).once("line", (line) => {
      clearTimeout(timer);
      resolve(JSON.parse(line));
    });
  });
}

export class Sandbox {
  #program;

  constructor(program, config) {
    this.#program = program;
    this.url = config.url;
    this.apiKey = config.api_key;
    this.applicationKey = config.application_key;
    this.bearerToken = config.bearer_token;
    this.dcycleApiKey = config.dcycle_api_key;
    this.variables = config.variables;
  }

  static async start(options = {}) {
    const binary = options.binary ?? process.env.SCOREKIT_SANDBOX ?? "scorekit-sandbox";
    const all = ["--port", "0", "--json", ...(options.arguments ?? [])];
    const program = spawn(binary, all, { stdio: ["ignore", "pipe", "pipe"] });
    running.add(program);
    program.once("close", () => running.delete(program));
    try {
      const config = await readConfig(program);
      // The program alone does not keep the test runner alive.
      for (const handle of [program, program.stdout, program.stderr]) handle.unref();
      return new Sandbox(program, config);
    } catch (error) {
      program.kill();
      throw error;
    }
  }

  async control(method, path, body) {
    const options = { method };
    if (body !== undefined) {
      options.body = JSON.stringify(body);
      options.headers = { "content-type": "application/json" };
    }
    const response = await fetch(`${this.url}/_sandbox/${path}`, options);
    const text = await response.text();
    if (!response.ok) {
      const problem = `the sandbox returned ${response.status}: ${text}`;
      throw new SandboxError(`cannot ${method} ${path}: ${problem}`);
    }
    return text ? JSON.parse(text) : undefined;
  }

  async reset(parts) {
    await this.control("POST", "reset", parts && { parts });
  }

  seed(seed) {
    return this.control("POST", "seeds", seed);
  }

  fault(fault) {
    return this.control("POST", "faults", { fault });
  }

  async requests() {
    return (await this.control("GET", "requests?limit=10000")).requests;
  }

  async stop() {
    const program = this.#program;
    if (program.exitCode !== null || program.signalCode !== null) return;
    program.ref();
    const closed = new Promise((resolve) => program.once("exit", resolve));
    program.kill("SIGTERM");
    await closed;
  }

  async [Symbol.asyncDispose ?? Symbol.for("Symbol.asyncDispose")]() {
    await this.stop();
  }
}

export function datadogConfiguration(sandbox, client, parameters = {}) {
  const keys = { apiKeyAuth: sandbox.apiKey, appKeyAuth: sandbox.applicationKey };
  const configuration = client.createConfiguration({
    ...parameters,
    authMethods: { apiKeyAuth: sandbox.apiKey, appKeyAuth: sandbox.applicationKey },
    // One server for all operations, in place of the vendor's sites.
    baseServer: new client.ServerConfiguration(sandbox.url, {}),
  });
  for (const operation of Object.keys(configuration.unstableOperations)) {
    configuration.unstableOperations[operation] = true;
  }
  return configuration;
}
