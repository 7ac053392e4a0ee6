import { Client, type GraphRequest, ResponseType } from '@microsoft/microsoft-graph-client';
import type { ContextOf } from '@tidelock/core';
import { createHttp, READ_RETRY, type RetryPolicy } from '@tidelock/kit';
import { type ExchangeOptions, toEndpoint } from './config.ts';
import { type Answer, requireLive, toAdapterError } from './errors.ts';
import { createLanes, type Lane, type Lanes } from './lane.ts';
import { type Call, type CarriedOptions, type Credential, createChain } from './middleware.ts';

/** A thousand contacts with long notes fit. */
const MAX_BYTES = 64 * 1024 * 1024;

export interface GraphCall {
  /** In our own words, without ids: `contacts.delta`. */
  readonly operation: string;
  /** Default GET. */
  readonly method?: Call['method'];
  /** Path under the version root, with its query, or a link of the service, which is used as it is. */
  readonly url: string;
  readonly headers?: Readonly<Record<string, string>>;
  readonly body?: unknown;
  /** Default: repeats a read. */
  readonly policy?: RetryPolicy;
  readonly lane: Lane;
  readonly cost?: number;
  /** Fills its lane: a batch. */
  readonly alone?: boolean;
  readonly signal?: AbortSignal | undefined;
  /** Told, at the end, whether anything went out: a failed write that did not was certainly not executed. */
  readonly trace?: { sent: boolean };
}

/** One tenant's Microsoft Graph. */
export interface Graph {
  readonly lanes: Lanes;
  /** Answers below 400. Everything else throws AdapterError: `forbidden` code `host` or `path` before sending. */
  send(call: GraphCall): Promise<Answer>;
  readonly credential: Credential;
}

function createCredential(options: ExchangeOptions, context: ContextOf['mailbox']): Credential {
  const request = { tenant: options.tenant, scope: toEndpoint(options, context.token).scope };
  return {
    get: async (signal) => (await context.token.getToken({ ...request, signal })).token,
    renew: async (claims, signal) => (await context.token.renewToken({ ...request, claims, signal })).token,
  };
}

function dispatch(request: GraphRequest, call: Call): Promise<unknown> {
  if (call.method === 'GET') return request.get();
  if (call.method === 'DELETE') return request.delete();
  return call.method === 'POST' ? request.post(call.body) : request.patch(call.body);
}

function toCall(given: GraphCall): Call {
  const { operation, method = 'GET', url, headers = {}, body, policy = READ_RETRY, lane, signal } = given;
  return {
    operation,
    method,
    url,
    headers,
    body: body === undefined ? undefined : JSON.stringify(body),
    policy,
    lane,
    cost: given.cost ?? 1,
    alone: given.alone ?? false,
    signal,
    sent: false,
  };
}

export function createGraph(options: ExchangeOptions, context: ContextOf['mailbox']): Graph {
  const { clock, random, log } = context;
  const { origin, host } = toEndpoint(options, context.token);
  const credential = createCredential(options, context);
  const http = createHttp({ fetch: context.fetch, clock, allowHosts: [host], maxBytes: MAX_BYTES });
  const middleware = createChain({ origin, clock, random, log, http, credential });
  const client = Client.initWithMiddleware({ middleware, baseUrl: origin, defaultVersion: 'v1.0' });
  return {
    lanes: createLanes(clock),
    credential,
    async send(given) {
      const call = toCall(given);
      requireLive(given.signal, given.operation);
      const carried: CarriedOptions = { call };
      // The path is a placeholder: the chain sets the address, because the client rewrites what it is given.
      const request = client.api('/').options(carried).headers(call.headers).responseType(ResponseType.RAW);
      try {
        await dispatch(request, call);
      } catch (error) {
        throw call.failure ?? toAdapterError(error, call.operation, call.signal);
      } finally {
        if (given.trace) given.trace.sent = call.sent;
      }
      return call.answer ?? { status: 204, headers: new Headers(), body: undefined };
    },
  };
}
