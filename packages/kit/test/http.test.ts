import type { Fetch } from '@tidelock/core';
import { describe, expect, it } from 'vitest';
import { createGuardedFetch, createHttp, createPacer, type HttpOptions, withDeadline } from '../src/index.ts';
import { createManualClock } from './manual-clock.ts';

const SECRET_URL = 'https://api.example/people?email=jane%40example.com';

function setup(fetch: Fetch, options: Partial<HttpOptions> = {}) {
  const clock = createManualClock();
  const http = createHttp({ fetch, clock, ...options });
  const get = (url = SECRET_URL, more: { signal?: AbortSignal } = {}) =>
    http.send({ operation: 'people.list', method: 'GET', url, ...more });
  return { clock, http, get };
}

/** Never answers, and does not look at its signal either. */
const deaf: Fetch = () => new Promise(() => {});

describe('createHttp', () => {
  it('hands over status, headers and text, and never throws for a status', async () => {
    const seen: RequestInit[] = [];
    const { http, clock } = setup(async (_, init = {}) => {
      seen.push(init);
      return new Response('sehr schön', { status: 503, headers: { 'x-id': '7' } });
    });
    const response = await http.send({
      operation: 'people.add',
      method: 'POST',
      url: SECRET_URL,
      headers: { accept: 'text/plain' },
      body: new TextEncoder().encode('x'),
    });
    expect([response.status, response.headers.get('x-id'), response.text]).toEqual([503, '7', 'sehr schön']);
    expect(seen[0]).toMatchObject({ method: 'POST', redirect: 'manual', headers: { accept: 'text/plain' } });
    expect(clock.sleepers).toBe(0);
  });

  it.each([301, 302, 303, 307, 308])('refuses a redirect (%i)', async (status) => {
    let requests = 0;
    const { get } = setup(async () => {
      requests += 1;
      return new Response(null, { status, headers: { location: 'https://evil.example/' } });
    });
    await expect(get()).rejects.toMatchObject({ kind: 'protocol', code: 'redirect', status });
    expect(requests).toBe(1);
  });

  it('refuses an answer that came over a redirect somebody else followed', async () => {
    const { get } = setup(async () => {
      const response = new Response('ok');
      Object.defineProperty(response, 'redirected', { value: true });
      return response;
    });
    await expect(get()).rejects.toMatchObject({ kind: 'protocol', code: 'redirect' });
  });

  it('sends nothing to a host that is not allowed', async () => {
    let requests = 0;
    const fetch: Fetch = async () => {
      requests += 1;
      return new Response('ok');
    };
    const { get } = setup(fetch, { allowHosts: ['API.example', 'localhost:8443'] });
    for (const url of ['https://api.example.evil/', 'https://api.example:444/', 'https://a@evil.example/']) {
      await expect(get(url)).rejects.toMatchObject({ kind: 'forbidden', code: 'host' });
    }
    await expect(get('nonsense')).rejects.toMatchObject({ kind: 'invalid', code: 'url' });
    expect(requests).toBe(0);
    await get('https://api.example/x');
    await get('https://localhost:8443/x');
    expect(requests).toBe(2);
  });

  it('gives up on a server that never answers, and on one that never finishes its body', async () => {
    const endless: Fetch = async () => new Response(new ReadableStream({ start() {} }));
    for (const fetch of [deaf, endless]) {
      const { get, clock } = setup(fetch, { timeoutMs: 5000 });
      const outcome = expect(get()).rejects.toMatchObject({ kind: 'unavailable', code: 'timeout' });
      await clock.advance(5000);
      await outcome;
      expect(clock.sleepers).toBe(0);
    }
  });

  it('tells an abort from a network failure, and says neither URL nor cause', async () => {
    const controller = new AbortController();
    const waiting = setup(deaf).get(SECRET_URL, { signal: controller.signal });
    controller.abort();
    await expect(waiting).rejects.toMatchObject({ kind: 'unavailable', code: 'aborted' });
    const reset = Object.assign(new Error(`read ${SECRET_URL}`), { code: 'ECONNRESET' });
    const { get } = setup(() => Promise.reject(new TypeError('fetch failed', { cause: reset })));
    const error: unknown = await get().catch((reason: unknown) => reason);
    expect(error).toMatchObject({ kind: 'unavailable', code: 'network' });
    expect(error).not.toHaveProperty('cause');
    expect(String(error)).toContain('ECONNRESET');
    expect(String(error)).not.toContain('jane');
  });

  it('stops reading a body that is too large', async () => {
    let produced = 0;
    const flood: Fetch = async () =>
      new Response(
        new ReadableStream({
          pull(controller) {
            produced += 1;
            controller.enqueue(new Uint8Array(1000));
          },
        }),
      );
    const { get } = setup(flood, { maxBytes: 10_000 });
    await expect(get()).rejects.toMatchObject({ kind: 'protocol', code: 'too-large' });
    expect(produced).toBeLessThan(20);
  });

  it.each([429, 503])('a %i with Retry-After holds up everything that shares the pacer', async (status) => {
    const at: number[] = [];
    const clock = createManualClock();
    const pacer = createPacer({ clock, concurrency: 4, tokens: 100, perMs: 1000 });
    const fetch: Fetch = async () => {
      at.push(clock.mono());
      return new Response('', { status, headers: { 'retry-after': '8' } });
    };
    const http = createHttp({ fetch, clock, pacer });
    await http.send({ operation: 'a', method: 'GET', url: SECRET_URL });
    const second = http.send({ operation: 'a', method: 'GET', url: SECRET_URL });
    await clock.advance(8000);
    await second;
    expect(at).toEqual([0, 8000]);
  });

  it('time in the queue does not count as time-out', async () => {
    const clock = createManualClock();
    const pacer = createPacer({ clock, concurrency: 1, tokens: 100, perMs: 1000 });
    pacer.penalize(20_000);
    const http = createHttp({ fetch: async () => new Response('ok'), clock, pacer, timeoutMs: 1000 });
    const run = http.send({ operation: 'a', method: 'GET', url: SECRET_URL });
    await clock.advance(20_000);
    expect((await run).text).toBe('ok');
  });
});

describe('createGuardedFetch', () => {
  const guarded = (fetch: Fetch, options: Partial<HttpOptions> = {}) =>
    createGuardedFetch({ fetch, clock: createManualClock(), operation: 'sdk', ...options });

  it('is a fetch with the same guards', async () => {
    const fetch = guarded(async () => Response.json({ ok: true }), { allowHosts: ['api.example'] });
    expect(await (await fetch(new URL(SECRET_URL))).json()).toEqual({ ok: true });
    await expect(fetch('https://evil.example/')).rejects.toMatchObject({ code: 'host' });
    const redirecting = guarded(async () => new Response(null, { status: 307 }));
    await expect(redirecting(SECRET_URL, { redirect: 'follow' })).rejects.toMatchObject({ code: 'redirect' });
  });

  it('answers without a body where the status has none, and drops headers that describe the wire', async () => {
    const empty = guarded(async () => new Response(null, { status: 204 }));
    expect((await empty(SECRET_URL)).body).toBeNull();
    const headers = { 'content-encoding': 'gzip', 'content-length': '3', etag: 'W/"1"' };
    const packed = guarded(async () => new Response('plain text', { headers }));
    const response = await packed(SECRET_URL);
    expect([...response.headers.keys()].sort()).toEqual(['content-type', 'etag']);
    expect(await response.text()).toBe('plain text');
  });
});

describe('withDeadline', () => {
  it('tells the work to stop and leaves no timer', async () => {
    const clock = createManualClock();
    let inner: AbortSignal | undefined;
    const run = withDeadline(
      (signal) => {
        inner = signal;
        return new Promise(() => {});
      },
      { clock, ms: 100, operation: 'probe' },
    );
    const outcome = expect(run).rejects.toMatchObject({ kind: 'unavailable', code: 'timeout' });
    await clock.advance(99);
    expect(inner?.aborted).toBe(false);
    await clock.advance(1);
    await outcome;
    expect([inner?.aborted, clock.sleepers]).toEqual([true, 0]);
    expect(await withDeadline(async () => 7, { clock, ms: 100, operation: 'probe' })).toBe(7);
    expect(clock.sleepers).toBe(0);
  });

  it('rejects with the reason of the caller’s signal and does not begin when it is already aborted', async () => {
    const clock = createManualClock();
    const controller = new AbortController();
    const options = { clock, ms: 100, operation: 'probe', signal: controller.signal };
    const run = withDeadline(() => new Promise(() => {}), options);
    controller.abort(new Error('stop'));
    await expect(run).rejects.toThrow('stop');
    let begun = false;
    const late = withDeadline(async () => {
      begun = true;
    }, options);
    await expect(late).rejects.toThrow('stop');
    expect([begun, clock.sleepers]).toEqual([false, 0]);
  });
});
