import type { Context, FetchOptions, Middleware } from '@microsoft/microsoft-graph-client';
import type { AdapterError, Clock, Logger, Random } from '@tidelock/core';
import { type Http, parseRetryAfter, type RetryPolicy, withRetry } from '@tidelock/kit';
import { readClaimsChallenge } from './challenge.ts';
import { type Answer, protocolError, toAdapterError, toGraphError } from './errors.ts';
import type { Lane } from './lane.ts';
import { toAddress } from './paths.ts';

export const IMMUTABLE_IDS = 'IdType="ImmutableId"';

/** One call on its way through the chain. */
export interface Call {
  readonly operation: string;
  readonly method: 'GET' | 'POST' | 'PATCH' | 'DELETE';
  readonly url: string;
  readonly headers: Readonly<Record<string, string>>;
  readonly body: string | undefined;
  readonly policy: RetryPolicy;
  readonly lane: Lane;
  /** Requests that the service counts, and whether they fill the lane: a batch. */
  readonly cost: number;
  readonly alone: boolean;
  readonly signal: AbortSignal | undefined;
  /** The client wraps what its middleware throws and loses it; here it is. */
  failure?: AdapterError;
  /** Set once anything went out. */
  sent: boolean;
  /** Body of the last answer. */
  text?: string;
  answer?: Answer;
}

export interface CarriedOptions extends FetchOptions {
  call: Call;
}

/** Where tokens come from. `claims`: a decoded challenge. */
export interface Credential {
  get(signal: AbortSignal | undefined): Promise<string>;
  renew(claims: string | undefined, signal: AbortSignal | undefined): Promise<string>;
}

export interface ChainParts {
  readonly origin: string;
  readonly clock: Clock;
  readonly random: Random;
  /** Refuses redirects and other hosts, and ends at the deadline. */
  readonly http: Http;
  readonly log: Logger;
  readonly credential: Credential;
}

interface Hop {
  readonly call: Call;
  readonly context: Context;
  next(): Promise<void>;
}
type Step = (hop: Hop) => Promise<void>;

function toMiddleware(step: Step): Middleware {
  let following: Middleware | undefined;
  return {
    setNext(middleware) {
      following = middleware;
    },
    execute(context) {
      const { call } = context.options as CarriedOptions;
      return step({ call, context, next: async () => following?.execute(context) });
    },
  };
}

/** Keeps the failure, and sets the exact address: the client would take links apart and put them together anew. */
const entrance =
  (origin: string): Step =>
  async ({ call, context, next }) => {
    try {
      context.request = toAddress(call, origin);
      await next();
    } catch (error) {
      call.failure = toAdapterError(error, call.operation, call.signal);
      throw call.failure;
    }
  };

const repeat =
  ({ clock, random, log }: ChainParts): Step =>
  ({ call, next }) =>
    withRetry(next, {
      clock,
      random,
      policy: call.policy,
      ...(call.signal ? { signal: call.signal } : {}),
      onWait: ({ operation, kind, status, code }, waitMs) =>
        log.info('graph.wait', { operation, kind, status, code, waitMs }),
    });

function readAnswer({ status, headers }: Response, { text = '', operation }: Call): Answer {
  if (text === '') return { status, headers, body: undefined };
  try {
    return { status, headers, body: JSON.parse(text) as unknown };
  } catch {
    if (status >= 400) return { status, headers, body: undefined };
    throw protocolError(operation, 'the answer is not JSON', 'not-json');
  }
}

/** Turns a refusal into an error by its kind. */
const judge =
  (clock: Clock): Step =>
  async ({ call, context, next }) => {
    await next();
    if (context.response === undefined) throw protocolError(call.operation, 'no answer', 'no-answer');
    const answer = readAnswer(context.response, call);
    if (answer.status >= 400) throw toGraphError(answer, call.operation, clock.now());
    call.answer = answer;
  };

/** The client hands on what it was given as a plain object. `Headers` at each step of the chain would be most of what it costs. */
const headersOf = (context: Context): Readonly<Record<string, string>> =>
  (context.options?.headers ?? {}) as Record<string, string>;

const withHeader = (context: Context, name: string, value: string): void => {
  context.options = { ...context.options, headers: { ...headersOf(context), [name]: value } };
};

/** A token on every request; a 401 is answered with one renewal. */
const authenticate =
  (credential: Credential): Step =>
  async ({ call, context, next }) => {
    withHeader(context, 'Authorization', `Bearer ${await credential.get(call.signal)}`);
    await next();
    if (context.response?.status !== 401) return;
    const claims = readClaimsChallenge(context.response.headers.get('www-authenticate'));
    withHeader(context, 'Authorization', `Bearer ${await credential.renew(claims, call.signal)}`);
    await next();
  };

/** Ids that survive moves between folders, asked for on every request; and an id that support can look for. */
const identify =
  (random: Random): Step =>
  async ({ call, context, next }) => {
    const prefer = [IMMUTABLE_IDS, call.headers.Prefer].filter((value) => value !== undefined);
    withHeader(context, 'Prefer', prefer.join(', '));
    withHeader(context, 'client-request-id', random.uuid());
    await next();
  };

const pace =
  (clock: Clock): Step =>
  ({ call, context, next }) => {
    const work = async (): Promise<void> => {
      await next();
      const { response } = context;
      if (response?.status !== 429 && response?.status !== 503) return;
      const wait = parseRetryAfter(response.headers.get('retry-after'), clock.now());
      if (wait !== undefined) call.lane.penalize(wait);
    };
    const options = { cost: call.cost, signal: call.signal };
    return call.alone ? call.lane.runAlone(work, options) : call.lane.run(work, options);
  };

const exit =
  (http: Http): Step =>
  async ({ call, context }) => {
    const { operation, method, body, signal } = call;
    call.sent = true;
    const url = String(context.request);
    const { status, headers, text } = await http.send({
      ...{ operation, method, url, body, signal },
      headers: headersOf(context),
    });
    call.text = text;
    // The client asks for nothing but this; the body is ours to read.
    context.response = new Response(null, { status, headers });
  };

export const createChain = (parts: ChainParts): Middleware[] =>
  [
    entrance(parts.origin),
    repeat(parts),
    judge(parts.clock),
    authenticate(parts.credential),
    identify(parts.random),
    pace(parts.clock),
    exit(parts.http),
  ].map(toMiddleware);
