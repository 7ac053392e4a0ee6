import { type ExchangeRecorder, type Faults, LostAnswer } from '../kit/index.ts';
import { ApiError, invalid, notFound } from './api-error.ts';
import type { Portal } from './portal.ts';
import type { PrivateApp, PrivateApps } from './private-apps.ts';
import type { Policy, RateLimits } from './rate-limits.ts';
import type { ApiCall, Reply } from './reply.ts';
import { type Route, routeOf, run, segmentsOf } from './routes.ts';

export interface ApiServerOptions {
  readonly portal: Portal;
  readonly apps: PrivateApps;
  readonly limits: RateLimits;
  readonly faults: Faults;
  readonly log: ExchangeRecorder;
}

/** One request off the wire. */
interface Incoming {
  readonly request: Request;
  readonly url: string;
  readonly pathname: string;
  readonly query: URLSearchParams;
  readonly bodyText: string;
}

function toErrorReply(portal: Portal, error: ApiError): Reply {
  const body = {
    status: 'error',
    message: error.message,
    ...(error.errors.length === 0 ? {} : { errors: error.errors }),
    ...(Object.keys(error.context).length === 0 ? {} : { context: error.context }),
    correlationId: portal.random.uuid(),
    ...(error.category === undefined ? {} : { category: error.category }),
    ...(error.subCategory === undefined ? {} : { subCategory: error.subCategory }),
    ...error.more,
    ...(error.status === 429 ? { requestId: portal.random.uuid() } : {}),
  };
  return { status: error.status, headers: error.headers, body };
}

function requireApp(options: ApiServerOptions, incoming: Incoming): PrivateApp {
  const header = incoming.request.headers.get('authorization') ?? '';
  const token = /^Bearer\s+(\S+)$/i.exec(header)?.[1];
  const expired = options.faults.takeNamed('expired-token', incoming.url) !== undefined;
  const app = token === undefined || expired ? undefined : options.apps.byToken(token);
  if (app !== undefined) return app;
  const message = 'Authentication credentials not found. This API supports OAuth 2.0 authentication.';
  throw new ApiError(401, message, { category: 'INVALID_AUTHENTICATION' });
}

function bodyOf({ request, bodyText }: Incoming): unknown {
  if (bodyText === '') return undefined;
  if (!/^application\/json\b/i.test(request.headers.get('content-type') ?? ''))
    throw new ApiError(415, 'Unsupported Media Type');
  try {
    return JSON.parse(bodyText) as unknown;
  } catch {
    throw invalid('Invalid input JSON');
  }
}

interface Charged {
  readonly reply: Reply;
  readonly charged: { readonly app: PrivateApp; readonly policy: Policy } | null;
}

function runCharged(options: ApiServerOptions, incoming: Incoming): Charged {
  const { portal, limits } = options;
  let charged: Charged['charged'] = null;
  try {
    const segments = segmentsOf(incoming.pathname);
    if (segments === undefined) throw notFound();
    const app = requireApp(options, incoming);
    const route: Route = routeOf({ method: incoming.request.method, segments });
    charged = { app, policy: route.policy };
    limits.charge({ ...charged, now: portal.settle() });
    const { url, query } = incoming;
    const call: ApiCall = {
      method: incoming.request.method,
      url,
      segments,
      query,
      body: bodyOf(incoming),
    };
    return { reply: run({ portal, app }, route, call), charged };
  } catch (error) {
    if (!(error instanceof ApiError)) throw error;
    return { reply: toErrorReply(portal, error), charged };
  }
}

/** Runs a request under the fault scripted for it, if any. Rejects with LostAnswer when the connection must drop. */
async function runUnderFaults(options: ApiServerOptions, incoming: Incoming): Promise<Charged> {
  const { portal, faults } = options;
  const fault = faults.take({ method: incoming.request.method, path: incoming.url });
  const perform = (): Charged => runCharged(options, incoming);
  switch (fault?.kind) {
    case 'status':
      return {
        reply: { status: fault.status, headers: fault.headers ?? {}, body: fault.body },
        charged: null,
      };
    case 'lost':
      if (fault.applied) perform();
      throw new LostAnswer();
    case 'delay':
      await portal.clock.sleep(fault.ms, incoming.request.signal);
      return perform();
    case 'held':
      await fault.until;
      return perform();
    case 'duplicate':
      perform();
      return perform();
    default:
      return perform();
  }
}

function toResponse(options: ApiServerOptions, { reply, charged }: Charged): Response {
  const now = options.portal.clock.now();
  const rate = charged === null ? {} : options.limits.headersOf({ ...charged, now });
  const headers = new Headers({ date: new Date(now).toUTCString(), ...rate, ...reply.headers });
  if (reply.body === undefined) return new Response(null, { status: reply.status, headers });
  if (typeof reply.body === 'string') return new Response(reply.body, { status: reply.status, headers });
  headers.set('content-type', 'application/json;charset=utf-8');
  return new Response(JSON.stringify(reply.body), { status: reply.status, headers });
}

function loggedBody(text: string): unknown {
  if (text === '') return undefined;
  try {
    return JSON.parse(text) as unknown;
  } catch {
    return text;
  }
}

/** Everything below `/crm`. Rejects with LostAnswer when the connection must drop. */
export function createApiServer(options: ApiServerOptions): (request: Request) => Promise<Response> {
  const { portal, log } = options;
  return async (request) => {
    const { pathname, search, searchParams } = new URL(request.url);
    const bodyText = await request.text();
    const incoming = { request, url: pathname + search, pathname, query: searchParams, bodyText };
    const requestBody = loggedBody(bodyText);
    const seen = {
      at: portal.clock.now(),
      method: request.method,
      url: incoming.url,
      path: pathname,
      requestHeaders: Object.fromEntries(request.headers),
      ...(requestBody === undefined ? {} : { requestBody }),
    };
    const seq = log.reserve();
    try {
      const charged = await runUnderFaults(options, incoming);
      const response = toResponse(options, charged);
      const { body } = charged.reply;
      const answer = body === undefined ? {} : { responseBody: body };
      const responseHeaders = Object.fromEntries(response.headers);
      log.record({ ...seen, status: response.status, responseHeaders, ...answer }, seq);
      return response;
    } catch (error) {
      log.record({ ...seen, status: 'lost', responseHeaders: {} }, seq);
      throw error;
    }
  };
}
