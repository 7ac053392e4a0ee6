import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { AdapterError, InputError, type Logger } from '@tidelock/core';
import type { FastifyInstance } from 'fastify';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import * as z from 'zod';
import { Refusal } from '../src/index.ts';
import { headerAccess, openServer, quiet } from './fixture.ts';

const failures: Readonly<Record<string, () => unknown>> = {
  input: () =>
    new InputError('two things', [
      { path: 'a', reason: 'is odd', remedy: 'Make it even.' },
      { path: 'b', reason: 'is odd', remedy: 'Make it even.' },
    ]),
  absent: () => new AdapterError('not_found', 'There is no such item.', { operation: 'x' }),
  busy: () =>
    new AdapterError('rate_limited', 'Too much.', { operation: 'x', retryAfterMs: 1_500, remedy: 'Wait.' }),
  upstream: () => new AdapterError('auth', 'The certificate was refused.', { operation: 'x', code: 'C1' }),
  refused: () => new Refusal(409, 'It is under way.', { code: 'busy', remedy: 'Wait for it.' }),
  bug: () => new TypeError('secret-canary in a stack'),
};

const logged: unknown[] = [];
const log: Logger = { ...quiet, error: (event, data) => void logged.push({ event, data }) };

const access = headerAccess();
const tried = {
  ...access,
  routes(app: FastifyInstance) {
    for (const role of ['viewer', 'operator', 'setup'] as const)
      app.get(`/api/v1/try/${role}`, { config: { role } }, async ({ principal }) => principal);
    app.get<{ Params: { kind: string } }>(
      '/api/v1/fail/:kind',
      { config: { role: 'public' } },
      ({ params }) => Promise.reject(failures[params.kind]?.()),
    );
    app.post(
      '/api/v1/number',
      { config: { role: 'public' }, schema: { body: z.strictObject({ count: z.int().max(3) }) } },
      async () => ({}),
    );
    app.get(
      '/api/v1/liar',
      { config: { role: 'public' }, schema: { response: { 200: z.strictObject({ a: z.string() }) } } },
      async () => ({ a: 1 }),
    );
  },
};

let page: string;
let app: FastifyInstance;
let origin: string;

beforeAll(async () => {
  page = mkdtempSync(join(tmpdir(), 'tidelock-page-'));
  mkdirSync(join(page, 'assets'));
  writeFileSync(join(page, 'index.html'), '<!doctype html><title>Tidelock</title>');
  writeFileSync(join(page, 'assets', 'app-1.js'), 'export {};');
  ({ app, origin } = await openServer({ page, access: tried, log, readiness: () => ['the first sync'] }));
});

afterAll(async () => {
  await app.close();
  rmSync(page, { recursive: true });
});

const ask = async (path: string, init: RequestInit = {}) => {
  const answer = await fetch(`${origin}${path}`, init);
  const text = await answer.text();
  const isJson = /json/.test(answer.headers.get('content-type') ?? '');
  return { status: answer.status, headers: answer.headers, text, body: isJson ? JSON.parse(text) : null };
};

describe('roles', () => {
  const may = (role: string, path: string) =>
    ask(`/api/v1/try/${path}`, { headers: { 'x-test-role': role } }).then(({ status }) => status);

  it('each role may do what the ones below it may, and nothing above', async () => {
    const roles = ['viewer', 'operator', 'setup'];
    const found = await Promise.all(roles.map((role) => Promise.all(roles.map((path) => may(role, path)))));
    expect(found).toEqual([
      [200, 403, 403],
      [200, 200, 403],
      [200, 200, 200],
    ]);
  });

  it('nobody is asked to sign in', async () => {
    const { status, body } = await ask('/api/v1/try/viewer');
    expect({ status, code: body.code }).toEqual({ status: 401, code: 'signed-out' });
  });

  it('a server with a route that has no role does not start', async () => {
    const careless = { ...access, routes: (one: FastifyInstance) => void one.get('/x', async () => '') };
    await expect(openServer({ access: careless })).rejects.toThrow('no role: GET /x');
  });
});

describe('failures', () => {
  it.each([
    ['input', 422, { problems: [{ path: 'a' }, { path: 'b' }] }],
    ['absent', 404, { detail: 'There is no such item.' }],
    ['busy', 503, { remedy: 'Wait.' }],
    ['upstream', 502, { code: 'C1' }],
    ['refused', 409, { code: 'busy', remedy: 'Wait for it.' }],
  ])('%s is a problem document', async (kind, status, part) => {
    const found = await ask(`/api/v1/fail/${kind}`);
    expect(found.status).toBe(status);
    expect(found.headers.get('content-type')).toContain('application/problem+json');
    expect(found.body).toMatchObject({ ...part, status });
  });

  it('says when to come back', async () => {
    const { headers } = await ask('/api/v1/fail/busy');
    expect(headers.get('retry-after')).toBe('2');
  });

  it('what nobody expected is logged and not told', async () => {
    const { status, text } = await ask('/api/v1/fail/bug');
    expect(status).toBe(500);
    expect(text).not.toContain('canary');
    expect(JSON.stringify(logged)).toContain('secret-canary');
  });

  it('an answer that breaks its own schema is no answer', async () => {
    const { status, text } = await ask('/api/v1/liar');
    expect(status).toBe(500);
    expect(text).not.toContain('"a"');
  });

  it('names every field that is wrong, and none of the values', async () => {
    const init = { method: 'POST', headers: { 'content-type': 'application/json' } };
    const { status, body, text } = await ask('/api/v1/number', { ...init, body: '{"count":7777,"more":1}' });
    expect(status).toBe(400);
    expect(body.problems).toHaveLength(2);
    expect(text).not.toContain('7777');
  });

  it.each([
    ['application/json', '{', 400],
    ['text/csv', 'a', 415],
    ['application/json', JSON.stringify({ count: 'x'.repeat(300_000) }), 413],
  ])('a body of %s that is none, or too much, is refused', async (type, body, status) => {
    const init = { method: 'POST', headers: { 'content-type': type }, body };
    const found = await ask('/api/v1/number', init);
    expect({ status: found.status, inside: found.body?.status }).toEqual({ status, inside: status });
  });
});

describe('operations and page', () => {
  it('is alive, and says what it is not ready for', async () => {
    expect((await ask('/healthz')).body).toEqual({ status: 'ok' });
    const { status, body } = await ask('/readyz');
    expect({ status, body }).toEqual({ status: 503, body: { ready: false, waitsFor: ['the first sync'] } });
  });

  it("the page's addresses are the page, files are kept, and the API's are not the page's", async () => {
    for (const path of ['/mailboxes/somebody', '/connections', '/metrics-of-ours'])
      expect((await ask(path)).text).toContain('<title>Tidelock');
    for (const path of ['/connect/nothing', '/hooks/nothing', '/auth'])
      expect((await ask(path)).status).toBe(404);
    const file = await ask('/assets/app-1.js');
    expect(file.headers.get('cache-control')).toContain('immutable');
    expect((await ask('/assets/other.js')).status).toBe(404);
    expect((await ask('/api/v1/nothing')).body).toMatchObject({ status: 404, code: 'no-route' });
  });

  it('every answer carries the headers that keep a browser safe', async () => {
    for (const path of ['/', '/healthz', '/api/v1/nothing', '/assets/app-1.js']) {
      const { headers } = await ask(path);
      expect(headers.get('content-security-policy')).toContain("default-src 'none'");
      expect(headers.get('x-content-type-options')).toBe('nosniff');
      expect(headers.get('referrer-policy')).toBe('no-referrer');
      expect(headers.get('strict-transport-security')).toContain('max-age=31536000');
    }
    expect((await ask('/api/v1/nothing')).headers.get('cache-control')).toBe('no-store');
  });

  it('describes itself', async () => {
    const { body } = await ask('/api/v1/openapi.json');
    expect(body.openapi).toBe('3.1.0');
    expect(Object.keys(body.paths)).toContain('/healthz');
    expect(Object.keys(body.paths)).not.toContain('/assets/*');
  });
});
