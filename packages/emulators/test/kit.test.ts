import { request } from 'node:https';
import { describe, expect, it } from 'vitest';
import {
  createExchangeLog,
  createFaults,
  createLoopbackTls,
  createManualClock,
  createRandom,
  createSystemClock,
  LostAnswer,
  renderPage,
  serve,
} from '../src/kit/index.ts';

const exchange = (method: string, path: string) => ({
  at: 0,
  method,
  url: `https://localhost${path}`,
  path,
  requestHeaders: {},
  status: 200,
  responseHeaders: {},
});

const getOverTls = (url: string, ca: string): Promise<{ status: number; body: string }> =>
  new Promise((resolve, reject) => {
    request(url, { ca }, (answer) => {
      let body = '';
      answer.setEncoding('utf8');
      answer.on('data', (chunk: string) => {
        body += chunk;
      });
      answer.on('end', () => resolve({ status: answer.statusCode ?? 0, body }));
    })
      .on('error', reject)
      .end();
  });

describe('clock', () => {
  it('wakes sleepers, earliest first, when advanced past them', async () => {
    const clock = createManualClock(1_000);
    const woken: string[] = [];
    const late = clock.sleep(200).then(() => woken.push('late'));
    const early = clock.sleep(100).then(() => woken.push('early'));
    clock.advance(99);
    await Promise.resolve();
    expect(woken).toEqual([]);
    clock.advance(101);
    await Promise.all([late, early]);
    expect(woken).toEqual(['early', 'late']);
    expect(clock.now()).toBe(1_200);
  });

  it('stops sleeping when aborted', async () => {
    const stop = new AbortController();
    const manual = createManualClock(0).sleep(10, stop.signal);
    const system = createSystemClock().sleep(60_000, stop.signal);
    stop.abort(new Error('enough'));
    await expect(manual).rejects.toThrow('enough');
    await expect(system).rejects.toThrow('enough');
    await expect(createManualClock(0).sleep(10, stop.signal)).rejects.toThrow('enough');
  });
});

describe('random', () => {
  it('repeats for a seed and differs between seeds', () => {
    const draw = (seed: number) => {
      const random = createRandom(seed);
      return [random.next(), random.int(1_000), random.hex(9), random.uuid()];
    };
    expect(draw(7)).toEqual(draw(7));
    expect(draw(7)).not.toEqual(draw(8));
    expect(createRandom(1).uuid()).toMatch(
      /^[0-9a-f]{8}-[0-9a-f]{4}-4[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}$/,
    );
    expect(createRandom(1).hex(5)).toMatch(/^[0-9a-f]{5}$/);
  });

  it('stays inside its bounds', () => {
    const random = createRandom(3);
    const seen = new Set(Array.from({ length: 500 }, () => random.int(4)));
    expect([...seen].sort()).toEqual([0, 1, 2, 3]);
  });
});

describe('faults', () => {
  it('matches method and path, lets some pass, hits as often as told', () => {
    const faults = createFaults();
    const rule = faults.inject({
      match: { method: 'patch', path: /contacts/ },
      skip: 1,
      times: 2,
      fault: { kind: 'status', status: 503 },
    });
    const req = { method: 'PATCH', path: '/v1.0/users/1/contacts/2' };
    expect(faults.take({ method: 'GET', path: req.path })).toBeUndefined();
    expect(faults.take({ method: 'PATCH', path: '/v1.0/users' })).toBeUndefined();
    expect(faults.take(req)).toBeUndefined();
    expect(faults.take(req)).toMatchObject({ status: 503 });
    expect(rule.remaining()).toBe(1);
    expect(faults.take(req)).toMatchObject({ status: 503 });
    expect(rule.remaining()).toBe(0);
    expect(faults.take(req)).toBeUndefined();
  });

  it('a regular expression with the g flag matches every time', () => {
    const faults = createFaults();
    faults.inject({ match: { path: /x/g }, times: 2, fault: { kind: 'delay', ms: 1 } });
    expect(faults.take({ method: 'GET', path: '/x' })).toBeDefined();
    expect(faults.take({ method: 'GET', path: '/x' })).toBeDefined();
  });

  it('hands named faults out by name only', () => {
    const faults = createFaults();
    faults.inject({ match: { path: /delta/ }, fault: { kind: 'named', name: 'expired', data: 3 } });
    expect(faults.take({ method: 'GET', path: '/delta' })).toBeUndefined();
    expect(faults.takeNamed('other')).toBeUndefined();
    expect(faults.takeNamed('expired', '/list')).toBeUndefined();
    expect(faults.takeNamed('expired', '/delta')).toEqual({ kind: 'named', name: 'expired', data: 3 });
    expect(faults.takeNamed('expired', '/delta')).toBeUndefined();
  });

  it('can be removed and cleared', () => {
    const faults = createFaults();
    faults.inject({ fault: { kind: 'lost', applied: true } }).remove();
    expect(faults.take({ method: 'GET', path: '/' })).toBeUndefined();
    faults.inject({ fault: { kind: 'duplicate' } });
    faults.clear();
    expect(faults.take({ method: 'GET', path: '/' })).toBeUndefined();
  });
});

describe('exchange log', () => {
  it('keeps a ring, counts everything, tells listeners', () => {
    const log = createExchangeLog(2);
    const heard: number[] = [];
    const stop = log.on((entry) => heard.push(entry.seq));
    for (const path of ['/a', '/b', '/b']) log.record(exchange('GET', path));
    stop();
    log.record(exchange('POST', '/b'));
    expect(log.entries.map((entry) => entry.seq)).toEqual([3, 4]);
    expect(heard).toEqual([1, 2, 3]);
    expect(log.count()).toBe(4);
    expect(log.count({ path: /b/ })).toBe(3);
    expect(log.count({ method: 'get', path: /b/ })).toBe(2);
    log.keep = 0;
    log.record(exchange('GET', '/c'));
    expect(log.entries).toEqual([]);
    expect(log.count()).toBe(5);
    log.clear();
    expect(log.count()).toBe(0);
  });
});

describe('serve', () => {
  it('hands requests through and answers', async () => {
    const served = await serve(
      async (req) =>
        Response.json({ url: new URL(req.url).pathname, body: await req.text() }, { status: 201 }),
      {},
    );
    try {
      const answer = await fetch(`${served.origin}/x?y=1`, { method: 'POST', body: 'hello' });
      expect(answer.status).toBe(201);
      expect(await answer.json()).toEqual({ url: '/x', body: 'hello' });
    } finally {
      await served.close();
    }
    await expect(fetch(served.origin)).rejects.toThrow();
  });

  it('drops the connection on a LostAnswer', async () => {
    const served = await serve(() => Promise.reject(new LostAnswer()), {});
    try {
      await expect(fetch(served.origin)).rejects.toThrow();
    } finally {
      await served.close();
    }
  });

  it('refuses host names that are not loopback', async () => {
    const served = await serve(async () => new Response('secret'), {});
    try {
      const { get } = await import('node:http');
      const status = await new Promise((resolve, reject) => {
        get({ port: served.port, host: '127.0.0.1', headers: { host: 'evil.example' } }, (answer) => {
          answer.resume();
          resolve(answer.statusCode);
        }).on('error', reject);
      });
      expect(status).toBe(421);
    } finally {
      await served.close();
    }
  });

  it('speaks TLS with a certificate for localhost and 127.0.0.1 that its authority vouches for', async () => {
    const tls = await createLoopbackTls({ now: Date.now() });
    const served = await serve(async () => new Response('over tls'), { tls });
    try {
      expect(served.origin).toBe(`https://localhost:${served.port}`);
      expect(await getOverTls(served.origin, tls.caPem)).toEqual({ status: 200, body: 'over tls' });
      expect((await getOverTls(`https://127.0.0.1:${served.port}`, tls.caPem)).status).toBe(200);
      const other = await createLoopbackTls({ now: Date.now() });
      await expect(getOverTls(served.origin, other.caPem)).rejects.toThrow();
    } finally {
      await served.close();
    }
  });
});

describe('page', () => {
  it('is one document without external resources and escapes its title', () => {
    const html = renderPage({
      title: '<b>',
      subtitle: 'a & b',
      bodyHtml: '<p id="x">',
      script: 'const a = "</script>"',
    });
    expect(html).toContain('<title>&#60;b&#62;</title>');
    expect(html).toContain('a &#38; b');
    expect(html).toContain('<p id="x">');
    expect(html.match(/<\/script>/g)).toHaveLength(1);
    expect(html).not.toMatch(/(src|href)="(https?:)?\/\//);
  });
});
