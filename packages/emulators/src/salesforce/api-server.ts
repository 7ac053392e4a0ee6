import { type ExchangeRecorder, type Faults, LostAnswer } from '../kit/index.ts';
import { ApiError, badRequest } from './api-error.ts';
import type { ApiUsage } from './api-usage.ts';
import { toHttpDate } from './datetime.ts';
import { identityUrlOf, type OauthOptions, readUserInfo, requestToken, revokeToken } from './oauth.ts';
import type { Org } from './org.ts';
import type { QueryCursors } from './query-cursors.ts';
import { type ApiCall, type Caller, empty, json, type Reply, toApiCall, toErrorReply } from './reply.ts';
import type { RestContext } from './rest-context.ts';
import { listVersions, NEWEST_VERSION } from './rest-describe.ts';
import { runResource, splitDataPath } from './rest-routes.ts';
import type { Session } from './sessions.ts';

export interface ApiServerOptions {
  readonly org: Org;
  readonly oauth: OauthOptions;
  readonly usage: ApiUsage;
  readonly cursors: QueryCursors;
  readonly faults: Faults;
  readonly log: ExchangeRecorder;
}

/** One request off the wire. */
interface Incoming {
  readonly request: Request;
  readonly origin: string;
  readonly call: ApiCall;
  readonly bodyText: string;
  readonly seq: number;
}

const LONGEST_URI = 16_384;

interface Execution {
  readonly faults: Faults;
  readonly call: ApiCall;
  readonly signal: AbortSignal | undefined;
  run(): Promise<Reply>;
}

/** Runs a request under the fault scripted for it, if any. Rejects with LostAnswer when the connection must drop. */
async function runUnderFaults(org: Org, { faults, call, signal, run }: Execution): Promise<Reply> {
  const fault = faults.take({ method: call.method, path: call.url });
  switch (fault?.kind) {
    case 'status':
      return { status: fault.status, headers: fault.headers ?? {}, body: fault.body };
    case 'lost':
      if (fault.applied) await run();
      throw new LostAnswer();
    case 'delay':
      await org.clock.sleep(fault.ms, signal);
      return await run();
    case 'held':
      await fault.until;
      return await run();
    case 'duplicate':
      await run();
      return await run();
    default:
      return await run();
  }
}

function bearerOf(call: ApiCall): string {
  return /^(?:Bearer|OAuth)\s+(\S+)$/i.exec(call.headers.authorization ?? '')?.[1] ?? '';
}

function sessionRefused(message = 'Session expired or invalid'): Reply {
  return json(401, [{ message, errorCode: 'INVALID_SESSION_ID' }], { 'www-authenticate': 'Token' });
}

function limitRefused(message: string): Reply {
  return json(403, [{ message, errorCode: 'REQUEST_LIMIT_EXCEEDED' }]);
}

async function runOrError(context: RestContext, call: ApiCall): Promise<Reply> {
  try {
    return await runResource(context, call);
  } catch (error) {
    if (error instanceof ApiError) return toErrorReply(error);
    throw error;
  }
}

function toContext(options: ApiServerOptions, incoming: Incoming, caller: Caller): RestContext {
  const { org, usage, cursors, faults, log } = options;
  const context: RestContext = {
    org,
    usage,
    cursors,
    caller,
    journal: undefined,
    async runInner(call, journal) {
      const inner: RestContext = { ...context, journal };
      const record = (status: number | 'lost', reply?: Reply): void =>
        log.record({ ...toExchange(org, call), status, inBatch: incoming.seq, ...toAnswer(reply) });
      try {
        const run = (): Promise<Reply> => runOrError(inner, call);
        const reply = await runUnderFaults(org, { faults, call, signal: incoming.request.signal, run });
        record(reply.status, reply);
        return reply;
      } catch (error) {
        record('lost');
        throw error;
      }
    },
  };
  return context;
}

function toExchange(org: Org, call: ApiCall) {
  return {
    at: org.clock.now(),
    method: call.method,
    url: call.url,
    path: call.path,
    requestHeaders: { ...call.headers },
    ...(call.body === undefined ? {} : { requestBody: call.body }),
  };
}

function toAnswer(reply: Reply | undefined) {
  if (reply === undefined) return { responseHeaders: {} };
  return {
    responseHeaders: { ...reply.headers },
    ...(reply.body === undefined ? {} : { responseBody: reply.body }),
  };
}

function requireBody(incoming: Incoming): ApiCall {
  const { call, bodyText } = incoming;
  if (bodyText === '') return call;
  if (!/^application\/json\b/i.test(call.headers['content-type'] ?? '')) {
    throw new ApiError(415, [
      { errorCode: 'UNSUPPORTED_MEDIA_TYPE', message: 'The content type is not supported' },
    ]);
  }
  try {
    return { ...call, body: JSON.parse(bodyText) as unknown };
  } catch {
    throw badRequest('JSON_PARSER_ERROR', 'The HTTP entity body is not valid JSON');
  }
}

async function runCharged(options: ApiServerOptions, incoming: Incoming, session: Session): Promise<Reply> {
  const { org, usage } = options;
  const now = org.clock.now();
  const end = usage.begin(now);
  if (end === undefined) return limitRefused('ConcurrentRequests (Concurrent API Requests) Limit exceeded.');
  try {
    if (!usage.charge(now, session.app)) return limitRefused('TotalRequests Limit exceeded.');
    const version = splitDataPath(incoming.call.path)?.version ?? `v${NEWEST_VERSION}.0`;
    const identityUrl = identityUrlOf(options.oauth, session.userId, incoming.origin);
    const caller: Caller = { session, version, identityUrl };
    const writesBefore = org.writes.length;
    const run = (): Promise<Reply> => runOrError(toContext(options, incoming, caller), requireBody(incoming));
    const { faults } = options;
    const reply = await runUnderFaults(org, {
      faults,
      call: incoming.call,
      signal: incoming.request.signal,
      run,
    });
    // The reply of a write comes with its commit.
    const lag = org.settings.apiCommitLagMs;
    if (lag > 0 && org.writes.length > writesBefore) await org.clock.sleep(lag);
    return reply;
  } finally {
    end();
  }
}

async function runDataCall(options: ApiServerOptions, incoming: Incoming): Promise<Reply> {
  const { org, oauth, usage } = options;
  if (incoming.call.path === '/services/data') return listVersions();
  if (Buffer.byteLength(incoming.call.url) > LONGEST_URI) {
    return json(414, [{ errorCode: 'URI_TOO_LONG', message: 'The URI is longer than 16,384 bytes' }]);
  }
  const expired = options.faults.takeNamed('expired-session', incoming.call.url);
  if (expired !== undefined) oauth.sessions.end(bearerOf(incoming.call));
  const session = expired === undefined ? oauth.sessions.use(bearerOf(incoming.call)) : undefined;
  const message = typeof expired?.data === 'string' ? expired.data : undefined;
  const reply =
    session === undefined
      ? sessionRefused(message)
      : await runCharged(options, incoming, session).catch((error: unknown) => {
          if (error instanceof ApiError) return toErrorReply(error);
          throw error;
        });
  const refused = reply.status === 403 && usage.used(org.clock.now()) >= org.settings.dailyApiRequests;
  return {
    ...reply,
    headers: { ...reply.headers, 'sforce-limit-info': usage.limitInfo(org.clock.now(), refused) },
  };
}

async function runOauthCall(options: ApiServerOptions, incoming: Incoming): Promise<Reply> {
  const { call, origin } = incoming;
  const form = new URLSearchParams(incoming.bodyText);
  const run = async (): Promise<Reply> => {
    if (call.path === '/services/oauth2/token' && call.method === 'POST') {
      return await requestToken(options.oauth, {
        form,
        authorization: call.headers.authorization,
        origin,
      });
    }
    if (call.path === '/services/oauth2/revoke') {
      return revokeToken(options.oauth, form.get('token') ?? call.query.get('token') ?? '');
    }
    if (call.path === '/services/oauth2/userinfo' || call.path.startsWith(`/id/${options.org.id}/`)) {
      return readUserInfo(options.oauth, call.query.get('oauth_token') ?? bearerOf(call), origin);
    }
    return empty(404);
  };
  return await runUnderFaults(options.org, {
    faults: options.faults,
    call,
    signal: incoming.request.signal,
    run,
  });
}

function toResponse(org: Org, reply: Reply): Response {
  const headers = new Headers({ date: toHttpDate(org.clock.now()), ...reply.headers });
  if (reply.body === undefined) return new Response(null, { status: reply.status, headers });
  if (typeof reply.body === 'string') {
    if (!headers.has('content-type')) headers.set('content-type', 'text/html;charset=UTF-8');
    return new Response(reply.body, { status: reply.status, headers });
  }
  headers.set('content-type', 'application/json;charset=UTF-8');
  return new Response(JSON.stringify(reply.body), { status: reply.status, headers });
}

async function toIncoming(log: ExchangeRecorder, request: Request): Promise<Incoming> {
  const { origin, pathname, search } = new URL(request.url);
  const bodyText = await request.text();
  const headers = Object.fromEntries(request.headers);
  const call = toApiCall(request.method, pathname + search, { headers, body: undefined });
  return { request, origin, call, bodyText, seq: log.reserve() };
}

function toLoggedBody(bodyText: string): unknown {
  try {
    return JSON.parse(bodyText) as unknown;
  } catch {
    return bodyText;
  }
}

/** Everything below `/services`. Rejects with LostAnswer when the connection must drop. */
export function createApiServer(options: ApiServerOptions): (request: Request) => Promise<Response> {
  return async (request) => {
    const incoming = await toIncoming(options.log, request);
    const body = incoming.bodyText === '' ? {} : { requestBody: toLoggedBody(incoming.bodyText) };
    const record = (status: number | 'lost', reply?: Reply): void =>
      options.log.record(
        { ...toExchange(options.org, incoming.call), ...body, status, ...toAnswer(reply) },
        incoming.seq,
      );
    try {
      const isData = incoming.call.path.startsWith('/services/data');
      const reply = await (isData ? runDataCall(options, incoming) : runOauthCall(options, incoming));
      record(reply.status, reply);
      return toResponse(options.org, reply);
    } catch (error) {
      record('lost');
      throw error;
    }
  };
}
