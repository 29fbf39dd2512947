/** An error from starting or steering a sandbox. */
export class SandboxError extends Error {}

/** A request that arrived at a sandbox, with its response. The control API describes all fields. */
export interface RecordedRequest {
  number: number;
  method: string;
  path: string;
  query: string;
  operation_id: string | null;
  status: number;
  fault: string | null;
  body: string;
  response_body: string;
  [property: string]: unknown;
}

/** The settings of `Sandbox.start`. */
export interface StartOptions {
  /** The path of `scorekit-sandbox`; else that in `SCOREKIT_SANDBOX`, or the one on the `PATH`. */
  binary?: string;
  /** The arguments of the program, such as `["--seed", "realistic"]`. */
  arguments?: string[];
}

/** A running sandbox on a free port of this machine. It stops with this process. */
export class Sandbox {
  private constructor();
  /** Starts a sandbox. */
  static start(options?: StartOptions): Promise<Sandbox>;
  /** The base URL, such as `http://127.0.0.1:8080`. */
  readonly url: string;
  /** Datadog's API key. */
  readonly apiKey: string;
  /** Datadog's application key. */
  readonly applicationKey: string;
  /** The token that replaces both of Datadog's keys. */
  readonly bearerToken: string;
  /** Dcycle's key. */
  readonly dcycleApiKey: string;
  /** The environment variables that lead scorekit's clients to the sandbox. */
  readonly variables: Record<string, string>;
  /** Calls the control API at a path below `/_sandbox/`, and returns the body of the response. */
  control(method: string, path: string, body?: unknown): Promise<any>;
  /** Brings the sandbox back to its start: all of it, or parts such as `faults`. */
  reset(parts?: string[]): Promise<void>;
  /** Creates the resources of a seed, and returns their numbers. */
  seed(seed: unknown): Promise<{ created: Record<string, number> }>;
  /** Adds a fault, such as `ListScorecards:status=503,count=2`. */
  fault(fault: string): Promise<{ id: number; fault: string }>;
  /** Returns the requests that arrived, oldest first. */
  requests(): Promise<RecordedRequest[]>;
  /** Stops the sandbox. A second call does nothing. */
  stop(): Promise<void>;
  [Symbol.asyncDispose](): Promise<void>;
}

/** The parts of `@datadog/datadog-api-client` that `datadogConfiguration` uses. */
export interface DatadogClient<C> {
  createConfiguration(parameters: any): C;
  ServerConfiguration: new (url: string, variables: any) => any;
}

/**
 * Returns a configuration for the clients of `@datadog/datadog-api-client`, of which `client` is
 * the module's export `client`. `parameters` are those of `createConfiguration`.
 */
export function datadogConfiguration<C>(
  sandbox: Sandbox,
  client: DatadogClient<C>,
  parameters?: Record<string, unknown>,
): C;
