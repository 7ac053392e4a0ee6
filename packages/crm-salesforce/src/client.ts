import type { AdapterContext, Secrets } from '@tidelock/core';
import {
  createHttp,
  createPacer,
  type Http,
  type RetryPolicy,
  requireRunning,
  withRetry,
} from '@tidelock/kit';
import { type Budget, createBudget, type OrgUsage } from './client-budget.ts';
import type { SalesforceOptions } from './config.ts';
import { isSessionExpired, toCallError, toEntries } from './errors.ts';
import { createSessions, parseJson, type Session } from './session.ts';

export interface Call {
  readonly operation: string;
  readonly method: 'GET' | 'POST' | 'PATCH' | 'DELETE';
  /** Below `/services/data/v66.0`. */
  readonly path: string;
  readonly query?: Readonly<Record<string, string>>;
  readonly body?: unknown;
  readonly headers?: Readonly<Record<string, string>>;
  readonly signal?: AbortSignal | undefined;
  /** A POST that only asks: it may be repeated like a GET. */
  readonly asks?: boolean;
}

export interface Answer {
  readonly status: number;
  readonly headers: Headers;
  /** Parsed JSON; undefined for no body and for anything else. */
  readonly body: unknown;
}

/**
 * One connection to one org: sign-in, pacing (5 at once, 100 a second), deadline, our share of the daily requests.
 * A 401 leads to one new sign-in and one repetition, which is safe for writes too: nothing was executed.
 */
export interface Client {
  /** `/services/data/v66.0`, for requests inside requests. */
  readonly root: string;
  /** Signs in where that has not happened, and tells who we are. */
  userId(): Promise<string>;
  /** Any status is an answer; a 401 is one that a new sign-in did not mend. */
  exchange(call: Call): Promise<Answer>;
  /** Throws for every status but 2xx. What only asks is repeated after `unavailable`. */
  request(call: Call): Promise<Answer>;
  usage(): OrgUsage | null;
  close(): void;
}

const CONCURRENCY = 5;
/** The service limits no rate; requests at once and requests a day bind long before this. */
const PER_SECOND = 100;
const READ_TIMEOUT_MS = 60_000;
/** Shorter than `zombieSeconds`, with room for the wait before it is sent. */
const WRITE_TIMEOUT_MS = 90_000;
/** 2,000 rows with notes of 32,000 characters. */
const MAX_BYTES = 128 * 1024 * 1024;

const RETRY: RetryPolicy = { attempts: 3, baseMs: 250, maxMs: 5000, kinds: ['unavailable'] };

function toUrl(session: Session, version: string, call: Call): string {
  const query = new URLSearchParams(call.query).toString();
  return `${session.origin}/services/data/v${version}${call.path}${query === '' ? '' : `?${query}`}`;
}

function toHeaders(session: Session, call: Call): Record<string, string> {
  return {
    authorization: `Bearer ${session.token}`,
    accept: 'application/json',
    ...(call.body === undefined ? {} : { 'content-type': 'application/json' }),
    ...call.headers,
  };
}

interface Wiring {
  readonly version: string;
  readonly budget: Budget;
  httpFor(session: Session): Http;
}

async function sendOnce({ version, budget, httpFor }: Wiring, session: Session, call: Call): Promise<Answer> {
  budget.charge(call.operation);
  const response = await httpFor(session).send({
    operation: call.operation,
    method: call.method,
    url: toUrl(session, version, call),
    headers: toHeaders(session, call),
    body: call.body === undefined ? undefined : JSON.stringify(call.body),
    timeoutMs: call.method === 'GET' || call.asks === true ? READ_TIMEOUT_MS : WRITE_TIMEOUT_MS,
    signal: call.signal,
  });
  budget.note(response.headers);
  return { status: response.status, headers: response.headers, body: parseJson(response.text) };
}

export function createClient(
  options: SalesforceOptions,
  context: AdapterContext & { readonly secrets: Secrets },
): Client {
  const { fetch, clock, random, log } = context;
  const sessions = createSessions(options, context);
  const pacer = createPacer({ clock, concurrency: CONCURRENCY, tokens: PER_SECOND, perMs: 1000 });
  const https = new Map<string, Http>();
  const wiring: Wiring = {
    version: options.apiVersion,
    budget: createBudget(clock, options.dailyShare),
    httpFor(session) {
      const { host } = new URL(session.origin);
      const present = https.get(host);
      if (present) return present;
      const http = createHttp({ fetch, clock, pacer, allowHosts: [host], maxBytes: MAX_BYTES });
      https.set(host, http);
      return http;
    },
  };

  const exchange = async (call: Call): Promise<Answer> => {
    requireRunning(call.signal, call.operation);
    const session = await sessions.current();
    requireRunning(call.signal, call.operation);
    const answer = await sendOnce(wiring, session, call);
    if (!isSessionExpired(answer.status, toEntries(answer.body))) return answer;
    log.info('salesforce.session.renewed', { operation: call.operation });
    const renewed = await sessions.renew(session);
    requireRunning(call.signal, call.operation);
    return sendOnce(wiring, renewed, call);
  };

  const requestOnce = async (call: Call): Promise<Answer> => {
    const answer = await exchange(call);
    if (answer.status >= 200 && answer.status < 300) return answer;
    throw toCallError(answer, { operation: call.operation, now: clock.now() });
  };

  return {
    root: `/services/data/v${options.apiVersion}`,
    userId: async () => (await sessions.current()).userId,
    exchange,
    request: (call) =>
      call.method === 'GET' || call.asks === true
        ? withRetry(() => requestOnce(call), { clock, random, policy: RETRY, signal: call.signal })
        : requestOnce(call),
    usage: () => wiring.budget.usage(),
    close: () => sessions.forget(),
  };
}
