/** One request off the wire. */
export interface ApiCall {
  readonly method: string;
  /** Path with its query string, as called. */
  readonly url: string;
  /** Decoded parts of the path below the generation prefix: `objects`, `contacts`, `batch`, `read`. */
  readonly segments: readonly string[];
  readonly query: URLSearchParams;
  /** Parsed JSON; undefined when there was none. */
  readonly body: unknown;
}

/** An answer before it is put on the wire. `undefined` body means none. */
export interface Reply {
  readonly status: number;
  readonly headers: Readonly<Record<string, string>>;
  readonly body?: unknown;
}

export const json = (status: number, body: unknown): Reply => ({ status, headers: {}, body });

export const empty = (status: number): Reply => ({ status, headers: {} });
