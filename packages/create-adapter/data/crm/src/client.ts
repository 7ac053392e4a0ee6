import { type AdapterContext, AdapterError } from '@tidelock/core';
import { createHttp, createPacer, READ_RETRY, withRetry } from '@tidelock/kit';
import type { AcmeOptions } from './config.ts';
import { toCallError } from './errors.ts';

export interface Call {
  /** For logs and errors: `contacts.read`. */
  readonly operation: string;
  readonly method: 'GET' | 'POST';
  readonly path: string;
  readonly body?: unknown;
  /** It changes nothing, so it may be sent again. A write is never sent again by this layer: the engine decides. */
  readonly repeatable?: boolean;
  readonly signal?: AbortSignal | undefined;
}

export interface Client {
  /** The parsed body of a success. Throws `AdapterError` for everything else. */
  request(call: Call): Promise<unknown>;
}

/** Longest wait for an answer. `zombieSeconds` of the store must be longer. */
const TIMEOUT_MS = 20_000;
// TODO: the service's own limits.
const PACE = { concurrency: 4, tokens: 100, perMs: 10_000 };

export function requireRunning(signal: AbortSignal | undefined, operation: string): void {
  if (signal?.aborted) {
    throw new AdapterError('unavailable', `${operation}: aborted`, { operation, code: 'aborted' });
  }
}

function parseJson(text: string): unknown {
  try {
    return JSON.parse(text) as unknown;
  } catch {
    return undefined;
  }
}

export function createClient({ token, baseUrl }: AcmeOptions, context: AdapterContext): Client {
  const { fetch, clock, random } = context;
  const pacer = createPacer({ clock, ...PACE });
  // Redirects are refused, and no other host ever sees the token.
  const http = createHttp({
    fetch,
    clock,
    pacer,
    allowHosts: [new URL(baseUrl).host],
    timeoutMs: TIMEOUT_MS,
  });

  const sendOnce = async (call: Call): Promise<unknown> => {
    requireRunning(call.signal, call.operation);
    const response = await http.send({
      operation: call.operation,
      method: call.method,
      url: `${baseUrl}${call.path}`,
      headers: {
        authorization: `Bearer ${token}`,
        accept: 'application/json',
        ...(call.body === undefined ? {} : { 'content-type': 'application/json' }),
      },
      body: call.body === undefined ? undefined : JSON.stringify(call.body),
      signal: call.signal,
    });
    if (response.status < 200 || response.status > 299) {
      throw toCallError(response, { operation: call.operation, now: clock.now() });
    }
    return parseJson(response.text);
  };

  return {
    request: (call) =>
      call.repeatable === true
        ? withRetry(() => sendOnce(call), { clock, random, policy: READ_RETRY, signal: call.signal })
        : sendOnce(call),
  };
}
