/**
 * What code outside `apps` and `host` gets instead of ambient globals. Everything that makes a run unrepeatable
 * comes in through here, so a simulator or a test can stand in for it.
 */
export interface Clock {
  /** Wall clock, milliseconds since 1970-01-01T00:00:00Z. For comparison with instants that people or servers wrote. */
  now(): number;
  /** Monotonic clock, milliseconds from an arbitrary start. For durations, deadlines and leases. */
  mono(): number;
  /** Resolves after `ms`; rejects with the signal's reason when aborted. */
  sleep(ms: number, signal?: AbortSignal): Promise<void>;
}

export interface Random {
  /** Uniform in [0, 1). */
  next(): number;
  /** RFC 9562 version 4, lower case. */
  uuid(): string;
}

/** Values a log line may hold. Never people's data, tokens, tenant ids or bodies. */
export type LogData = Readonly<Record<string, string | number | boolean | null | undefined>>;

export interface Logger {
  debug(event: string, data?: LogData): void;
  info(event: string, data?: LogData): void;
  warn(event: string, data?: LogData): void;
  error(event: string, data?: LogData): void;
}

/** The platform's `fetch`, with the operator's trust anchors, proxy and time-outs already applied. */
export type Fetch = (input: string | URL, init?: RequestInit) => Promise<Response>;

export interface AdapterContext {
  readonly fetch: Fetch;
  readonly clock: Clock;
  readonly random: Random;
  readonly log: Logger;
  /** Absolute path of the data directory. Only secrets-* and state-* adapters write there. */
  readonly dataDir: string;
}
