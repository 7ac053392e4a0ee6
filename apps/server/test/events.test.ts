import { once } from 'node:events';
import { connect } from 'node:net';
import {
  createEventFeed,
  createTraffic,
  type EventFeed,
  type LivePlatform,
  type Runner,
  type RunnerHealth,
} from '@tidelock/host';
import type { FastifyInstance } from 'fastify';
import { afterEach, describe, expect, it } from 'vitest';
import { type Access, Refusal } from '../src/index.ts';
import { headerAccess, openServer } from './fixture.ts';

let app: FastifyInstance | undefined;
const cancels: AbortController[] = [];
afterEach(async () => {
  for (const cancel of cancels.splice(0)) cancel.abort();
  await app?.close();
  app = undefined;
});

const viewer = { 'x-test-role': 'viewer' };

async function open(parts: Parameters<typeof openServer>[0] = {}): Promise<string> {
  const opened = await openServer(parts);
  app = opened.app;
  return opened.origin;
}

interface Listening {
  /** Resolves with everything that came so far once `text` is part of it. */
  until(text: string): Promise<string>;
  readonly response: Response;
}

async function listen(origin: string, headers: Record<string, string> = {}, query = ''): Promise<Listening> {
  const cancel = new AbortController();
  cancels.push(cancel);
  const response = await fetch(`${origin}/api/v1/events${query}`, {
    headers: { ...viewer, ...headers },
    signal: cancel.signal,
  });
  const reader = response.body?.pipeThrough(new TextDecoderStream()).getReader();
  let heard = '';
  return {
    response,
    async until(text) {
      while (!heard.includes(text)) {
        const next = await reader?.read();
        if (next === undefined || next.done) return `${heard}(ended)`;
        heard += next.value;
      }
      return heard;
    },
  };
}

const late = (feed: EventFeed, count: number): void => feed.publish({ type: 'lag', late: count, worstMs: 1 });

describe('the stream of events', () => {
  it('sends what happens from now on, each with its id and name', async () => {
    const events = createEventFeed({ now: () => 1_000 });
    late(events, 1);
    const origin = await open({ runner: fakeRunner(events) });
    const stream = await listen(origin);
    expect(stream.response.headers.get('content-type')).toMatch(/^text\/event-stream/);
    expect(stream.response.headers.get('cache-control')).toBe('no-store');
    expect(stream.response.headers.get('x-content-type-options')).toBe('nosniff');
    await stream.until('retry');
    late(events, 2);
    const heard = await stream.until('"late":2');
    expect(heard).not.toContain('"late":1');
    expect(heard).toContain(
      `id: ${events.last}\nevent: lag\ndata: {"at":1000,"type":"lag","late":2,"worstMs":1}\n\n`,
    );
  });

  it('goes on behind the last id, from the header or the address, and says what was missed', async () => {
    const events = createEventFeed({ now: () => 1_000, kept: 3 });
    late(events, 1);
    const first = events.last;
    late(events, 2);
    const origin = await open({ runner: fakeRunner(events) });
    const header = await listen(origin, { 'last-event-id': String(first) }, '?after=0');
    const heard = await header.until('"late":2');
    expect(heard).not.toContain('"late":1');
    expect(heard).not.toContain('event: missed');
    for (const n of [3, 4, 5]) late(events, n);
    const address = await listen(origin, {}, `?after=${first}`);
    const after = await address.until('"late":5');
    expect(after).toContain('event: missed');
    expect(after).not.toContain('"late":2');
  });

  it('is for those who are signed in, and ends with the server', async () => {
    const origin = await open();
    expect((await fetch(`${origin}/api/v1/events`)).status).toBe(401);
    const bad = await fetch(`${origin}/api/v1/events?after=-1`, { headers: viewer });
    expect(bad.status).toBe(400);
    const stream = await listen(origin);
    await stream.until('retry');
    const closing = app?.close();
    expect(await stream.until('never')).toContain('(ended)');
    await closing;
    app = undefined;
  });

  it('does not keep a server open by a connection on which nobody has asked anything', async () => {
    const origin = await open();
    const silent = connect(Number(new URL(origin).port), '127.0.0.1');
    await once(silent, 'connect');
    const stream = await listen(origin);
    await stream.until('retry');
    const gone = once(silent, 'close');
    await Promise.all([app?.close(), gone]);
    app = undefined;
  });

  it('refuses more streams than there is room for, and has room again when one is closed', async () => {
    const origin = await open();
    const streams = await Promise.all(Array.from({ length: 200 }, () => listen(origin)));
    expect(streams.every(({ response }) => response.status === 200)).toBe(true);
    const refused = await fetch(`${origin}/api/v1/events`, { headers: viewer });
    expect(refused.status).toBe(503);
    expect(refused.headers.get('retry-after')).toBe('30');
    cancels[0]?.abort();
    await expect
      .poll(async () => {
        const cancel = new AbortController();
        const { status } = await fetch(`${origin}/api/v1/events`, { headers: viewer, signal: cancel.signal });
        cancel.abort();
        return status;
      })
      .toBe(200);
  });
});

const HEALTH: RunnerHealth = {
  state: 'running',
  lanes: { total: 3, ready: 2, blocked: 1, untold: 0 },
  lag: { late: 1, worstMs: 90_500, failing: 1, paused: 0, fresh: 0, held: 2 },
  queue: { waiting: 4, working: 2, loading: 1 },
  reading: false,
  circuitOpenUntil: null,
  keys: [
    { keyName: 'one', days: 40, stage: 'notice' },
    { keyName: 'two', days: 400, stage: 'ok' },
  ],
  counts: {
    ...{ passes: [{ labels: ['done'], count: 7 }], writes: [{ labels: ['b', 'create'], count: 5 }] },
    ...{ errors: [{ labels: ['unavailable'], count: 2 }], readings: [], reviews: [{ labels: [], count: 1 }] },
    ...{ held: [], conflicts: [], refreshes: [] },
  },
};

const fakeRunner = (events = createEventFeed({ now: () => 0 })): Runner => ({
  events,
  tally: { add() {}, read: (name) => HEALTH.counts[name] },
  ...{ start() {}, hint() {}, refresh: async () => {}, complete: async () => {}, stop: async () => true },
  health: () => HEALTH,
});

describe('the numbers', () => {
  it('are there for the page', async () => {
    const origin = await open({ runner: fakeRunner() });
    const answer = await fetch(`${origin}/api/v1/health`, { headers: viewer });
    expect(answer.status).toBe(200);
    expect(await answer.json()).toMatchObject({ ...HEALTH, role: 'all', lastEvent: expect.any(Number) });
    expect((await fetch(`${origin}/api/v1/health`)).status).toBe(401);
  });

  it('say so where this process works on nothing', async () => {
    const origin = await open();
    const answer = await fetch(`${origin}/api/v1/health`, { headers: viewer });
    expect(await answer.json()).toMatchObject({ role: 'api', state: 'idle', lanes: { total: 0 } });
  });

  it('are there for Prometheus, under labels of closed lists', async () => {
    const traffic = createTraffic();
    await traffic.through('crm', async () => new Response(null, { status: 429 }))('https://crm.example/');
    const live = { foundation: { context: { traffic } } } as unknown as LivePlatform;
    const origin = await open({ runner: fakeRunner(), live });
    const answer = await fetch(`${origin}/metrics`);
    expect(answer.headers.get('content-type')).toMatch(/^text\/plain/);
    const lines = (await answer.text()).split('\n');
    expect(lines).toContain('tidelock_passes_total{outcome="done"} 7');
    expect(lines).toContain('tidelock_writes_total{side="b",effect="create"} 5');
    expect(lines).toContain('tidelock_errors_total{kind="unavailable"} 2');
    expect(lines).toContain('tidelock_reviews_opened_total 1');
    expect(lines).toContain('tidelock_requests_total{connection="crm",outcome="throttled"} 1');
    expect(lines).toContain('tidelock_lag_seconds 90.5');
    expect(lines).toContain('tidelock_lanes_holding 2');
    expect(lines).toContain('tidelock_certificate_days 40');
    expect(lines.some((line) => line.startsWith('tidelock_nodejs_eventloop_lag_seconds '))).toBe(true);
    const again = await (await fetch(`${origin}/metrics`)).text();
    expect(again).toContain('tidelock_passes_total{outcome="done"} 7');
  });
});

describe('somebody who may not listen any more', () => {
  it('hears nothing of a failed sign-in check at the start', async () => {
    const access: Access = {
      ...headerAccess(),
      authenticate: async () => {
        throw new Refusal(401, 'The token has ended.', { code: 'ended' });
      },
    };
    const origin = await open({ access });
    expect((await fetch(`${origin}/api/v1/events`, { headers: viewer })).status).toBe(401);
  });
});
