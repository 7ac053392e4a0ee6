import type { EmulatorClock } from '../kit/clock.ts';
import { createSystemClock } from '../kit/clock.ts';
import type { ExchangeLog } from '../kit/exchange-log.ts';
import { createExchangeLog } from '../kit/exchange-log.ts';
import type { Faults } from '../kit/faults.ts';
import { createFaults } from '../kit/faults.ts';
import { type MailRequest, watchMail } from '../kit/mail-watch.ts';
import { renderPage } from '../kit/page.ts';
import { createRandom } from '../kit/random.ts';
import type { Served } from '../kit/serve.ts';
import { LostAnswer, serve } from '../kit/serve.ts';
import { createLoopbackTls } from '../kit/tls.ts';
import { createCalendarAdmin } from './calendar/calendar-admin.ts';
import { createCalendarOracle } from './calendar/calendar-oracle.ts';
import { calendarPageBody, viewSwitch } from './calendar/calendar-page-body.ts';
import { calendarPageScript } from './calendar/calendar-page-script.ts';
import { createDirectoryAdmin } from './directory-admin.ts';
import { answerEntra } from './entra.ts';
import { answerGraph, toStatusAnswer } from './graph.ts';
import type { GraphAnswer } from './graph-call.ts';
import { badBody, toFaultPath } from './graph-call.ts';
import { createOracle } from './oracle.ts';
import type { SettingsChange } from './outlook-admin.ts';
import { createOutlookAdmin } from './outlook-admin.ts';
import { answerPage } from './page-api.ts';
import { pageBody } from './page-body.ts';
import { pageScript } from './page-script.ts';
import { createPushAdmin, createPushOracle, type PushChange } from './push/push-admin.ts';
import { createPushWorld, type PushWorld } from './push/push-world.ts';
import type { World } from './world.ts';

export interface Microsoft365Options extends SettingsChange {
  /** Default: the machine's. */
  clock?: EmulatorClock;
  /** Default 1. */
  seed?: number;
  /** How notifications are delivered. */
  push?: PushChange;
  /** Carries notifications to apps. Default: the machine's `fetch`. */
  send?: PushWorld['send'];
  /** How many exchanges the log keeps. Default 10,000. */
  keepExchanges?: number;
}

export type Microsoft365Admin = ReturnType<typeof createDirectoryAdmin> &
  ReturnType<typeof createOutlookAdmin> &
  ReturnType<typeof createCalendarAdmin> &
  ReturnType<typeof createPushAdmin>;
export type Microsoft365Oracle = ReturnType<typeof createOracle> &
  ReturnType<typeof createCalendarOracle> &
  ReturnType<typeof createPushOracle> & {
    /** Requests past calendars that could have made the service send e-mail; also those refused. For calendars see `mails`. */
    mailRequests(): readonly MailRequest[];
  };

export interface ListenOptions {
  /** Default: any free port. */
  port?: number;
  /** Default true, under a fresh authority whose certificate is `caPem`. */
  tls?: boolean;
}

/**
 * Entra and Microsoft Graph on one origin. `fetch` answers in process whatever the host of the URL is, and rejects
 * with LostAnswer where a socket would be dropped.
 */
export interface Microsoft365Emulator {
  fetch(input: Request | URL | string, init?: RequestInit): Promise<Response>;
  listen(options?: ListenOptions): Promise<Served & { caPem?: string }>;
  readonly faults: Faults;
  /** `path` is the URL's path without the query. */
  readonly log: ExchangeLog;
  readonly oracle: Microsoft365Oracle;
  readonly admin: Microsoft365Admin;
  readonly clock: EmulatorClock;
}

/** Messages tell their recipients, invitations the guest. What calendars send is modelled, and counted by `mails`. */
const SENDS_MAIL = /\/(sendMail|messages|mailFolders|invitations)(\/|\(|$)/i;

const maxBodyLength = 4 * 1024 * 1024;

const createWorld = (options: Microsoft365Options): World => {
  const random = createRandom(options.seed ?? 1);
  return {
    clock: options.clock ?? createSystemClock(),
    random,
    faults: createFaults(),
    log: createExchangeLog(options.keepExchanges),
    push: createPushWorld(options.seed ?? 1, options.send),
    settings: {
      latencyMs: 0,
      churn: { share: 0.3, minMs: 2_000, maxMs: 5_000 },
      delta: { visibilityDelayMs: 0, replay: 0, tokenLifetimeMs: Number.POSITIVE_INFINITY, shuffle: true },
      throttle: { concurrent: 4, requests: 10_000, windowMs: 600_000, retryAfterSeconds: 1 },
    },
    tenants: new Map(),
    apps: new Map(),
    users: new Map(),
    tokens: new Map(),
    writes: [],
    mails: [],
    addresses: new Map(),
    lanes: new Map(),
    codes: new Map(),
    browsers: new Map(),
    seal: random.hex(32),
    tokensIssued: 0,
  };
};

const parseBody = (text: string, type: string | null): unknown => {
  if (text === '') return undefined;
  if (type?.includes('x-www-form-urlencoded')) return Object.fromEntries(new URLSearchParams(text));
  try {
    return JSON.parse(text);
  } catch {
    return badBody;
  }
};

interface Inbound {
  request: Request;
  url: URL;
  text: string;
  body: unknown;
}

const tooLarge = (): GraphAnswer => ({
  status: 413,
  headers: { 'Content-Type': 'application/json' },
  body: { error: { code: 'RequestEntityTooLarge', message: 'The request body is larger than 4 MB.' } },
});

const notFound = (): GraphAnswer => ({
  status: 404,
  headers: { 'Content-Type': 'application/json' },
  body: { error: { code: 'ResourceNotFound', message: 'The emulator has nothing at this address.' } },
});

/** Entra's paths, with the scripted fault for them. */
const answerSignIn = async (world: World, { request, url, text }: Inbound): Promise<GraphAnswer> => {
  const fault = world.faults.take({ method: request.method, path: toFaultPath(url) });
  if (fault?.kind === 'status') return toStatusAnswer(fault);
  if (fault?.kind === 'lost' && !fault.applied) throw new LostAnswer();
  if (fault?.kind === 'delay') await world.clock.sleep(fault.ms, request.signal);
  const entraRequest = { method: request.method, url, headers: request.headers, body: text };
  if (fault?.kind === 'duplicate') answerEntra(world, entraRequest);
  const answer = answerEntra(world, entraRequest);
  if (fault?.kind === 'lost') throw new LostAnswer();
  if (answer === undefined) return notFound();
  const headers = {
    'Content-Type': 'application/json; charset=utf-8',
    'Cache-Control': 'no-store, no-cache',
  };
  return { status: answer.status, headers: { ...headers, ...answer.headers }, body: answer.body };
};

const dispatch = (world: World, inbound: Inbound, seq: number): Promise<GraphAnswer> => {
  const { request, url, text, body } = inbound;
  if (!/^\/v1\.0(\/|$)/i.test(url.pathname)) return answerSignIn(world, inbound);
  if (text.length > maxBodyLength) return Promise.resolve(tooLarge());
  const { method, headers, signal } = request;
  return answerGraph(world, { method, url, headers, body, signal }, seq);
};

const toResponse = (world: World, request: Request, answer: GraphAnswer): Response => {
  const headers = new Headers(answer.headers);
  const requestId = headers.get('request-id') ?? world.random.uuid();
  headers.set('request-id', requestId);
  headers.set('client-request-id', request.headers.get('client-request-id') ?? requestId);
  headers.set('Date', new Date(world.clock.now()).toUTCString());
  if (!headers.has('Cache-Control')) headers.set('Cache-Control', 'private');
  headers.set('Strict-Transport-Security', 'max-age=31536000');
  headers.set('x-ms-ags-diagnostic', '{"ServerInfo":{"DataCenter":"Emulator","Slice":"E","Ring":"1"}}');
  const { body } = answer;
  const text = body === undefined || typeof body === 'string' ? body : JSON.stringify(body);
  const hasBody = text !== undefined && ![204, 205, 304].includes(answer.status);
  return new Response(hasBody ? text : null, { status: answer.status, headers });
};

const logExchange = (
  world: World,
  inbound: Inbound,
  result: { seq: number; answer?: GraphAnswer; response?: Response },
) => {
  const { request, url, body } = inbound;
  world.log.record(
    {
      at: world.clock.now(),
      method: request.method,
      url: url.href,
      path: url.pathname,
      requestHeaders: Object.fromEntries(request.headers),
      requestBody: body === badBody ? inbound.text : body,
      status: result.answer?.status ?? 'lost',
      responseHeaders: Object.fromEntries(result.response?.headers ?? []),
      responseBody: result.answer?.body,
    },
    result.seq,
  );
};

const renderHome = (): Response => {
  const title = 'Microsoft 365';
  const subtitle = 'address books and calendars, as Outlook would show them';
  const html = renderPage({
    title,
    subtitle,
    bodyHtml: `${viewSwitch}${pageBody}${calendarPageBody}`,
    script: `${pageScript}${calendarPageScript}`,
  });
  return new Response(html, { headers: { 'content-type': 'text/html; charset=utf-8' } });
};

const answer = async (world: World, request: Request): Promise<Response> => {
  request.signal.throwIfAborted();
  const url = new URL(request.url);
  const text = await request.text();
  if (url.pathname === '/' && request.method === 'GET') return renderHome();
  if (url.pathname.startsWith('/_emulator/')) {
    return answerPage(world, { method: request.method, url, headers: request.headers, body: text });
  }
  const inbound = { request, url, text, body: parseBody(text, request.headers.get('content-type')) };
  const seq = world.log.reserve();
  try {
    const result = await dispatch(world, inbound, seq);
    const response = toResponse(world, request, result);
    logExchange(world, inbound, { seq, answer: result, response });
    return response;
  } catch (error) {
    if (error instanceof LostAnswer) logExchange(world, inbound, { seq });
    throw error;
  }
};

export function createMicrosoft365(options: Microsoft365Options = {}): Microsoft365Emulator {
  const world = createWorld(options);
  const mailRequests = watchMail(world.log, SENDS_MAIL);
  const admin = {
    ...createDirectoryAdmin(world),
    ...createOutlookAdmin(world),
    ...createCalendarAdmin(world),
    ...createPushAdmin(world),
  };
  admin.configure(options);
  admin.configurePush(options.push ?? {});
  const handle = (request: Request): Promise<Response> => answer(world, request);
  return {
    fetch: (input, init) => handle(new Request(input, init)),
    async listen({ port, tls = true } = {}) {
      // Certificates are checked against the machine's clock, not the emulator's.
      const material = tls ? await createLoopbackTls({ now: Date.now() }) : undefined;
      const served = await serve(handle, {
        ...(port === undefined ? {} : { port }),
        ...(material === undefined ? {} : { tls: material }),
      });
      const close = async (): Promise<void> => {
        admin.stopPush();
        await served.close();
      };
      const ended = { ...served, close };
      return material === undefined ? ended : { ...ended, caPem: material.caPem };
    },
    faults: world.faults,
    log: world.log,
    oracle: {
      ...createOracle(world),
      ...createCalendarOracle(world),
      ...createPushOracle(world),
      mailRequests,
    },
    admin,
    clock: world.clock,
  };
}
