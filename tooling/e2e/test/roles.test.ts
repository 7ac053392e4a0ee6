import type { Role } from '@tidelock/server';
import { afterAll, beforeAll, describe, expect, it, vi } from 'vitest';
import type { Answer } from '../src/access/browser.ts';
import { openWholeServer, ROLES, type WholeServer } from '../src/access/whole-server.ts';

vi.setConfig({ testTimeout: 120_000, hookTimeout: 120_000 });

// R14: who may call what, written down by people and not taken from the routes. A route that is missing here fails.

type Least = 'nobody' | Role;

/** `<least role> <method> <path below /api/v1>`; `nobody`: no one has to be signed in. */
const TABLE = `
nobody    get    /openapi.json
nobody    get    /session
nobody    post   /session
nobody    post   /session/provider
nobody    post   /session/password-link
nobody    post   /setup

viewer    post   /session/logout
viewer    post   /session/password
viewer    get    /tokens
viewer    post   /tokens
viewer    delete /tokens/{id}

viewer    get    /audit
viewer    get    /connections
viewer    get    /events
viewer    get    /health
viewer    get    /history
viewer    get    /items
viewer    get    /items/{id}
viewer    get    /jobs
viewer    get    /jobs/{id}
viewer    get    /keys
viewer    get    /keys/{name}/certificate
viewer    get    /mailboxes
viewer    get    /mapping/fields
viewer    get    /mapping/{profile}
viewer    get    /plans
viewer    get    /plans/{id}
viewer    get    /plans/{id}/steps
viewer    get    /profiles
viewer    get    /profiles/{name}
viewer    get    /reviews
viewer    get    /reviews/{id}
viewer    get    /runs
viewer    get    /settings
viewer    get    /settings/schema
viewer    get    /status

operator  post   /doctor
operator  post   /jobs/{id}/cancel
operator  post   /keys/check
operator  post   /mailboxes/match
operator  post   /mailboxes/pause
operator  post   /mailboxes/refresh
operator  post   /mailboxes/reset
operator  post   /mailboxes/resume
operator  post   /mapping/{profile}/preview
operator  post   /plans
operator  delete /plans/{id}
operator  post   /plans/{id}/apply
operator  post   /reach
operator  post   /reviews/decide
operator  post   /reviews/{id}/decide
operator  post   /sync
operator  post   /undo
operator  post   /undo/preview

setup     get    /audit.ndjson
setup     get    /connections/crm/{name}
setup     put    /connections/crm/{name}
setup     post   /connections/crm/{name}/check
setup     post   /connections/crm/{name}/provision
setup     post   /connections/disconnect
setup     put    /connections/secrets/{name}
setup     post   /keys/rewrap
setup     post   /keys/rotate
setup     post   /keys/{name}/retire
setup     post   /keys/{name}/revoke
setup     post   /mailboxes/assign
setup     put    /mapping/{profile}
setup     put    /profiles/{name}
setup     delete /profiles/{name}
setup     post   /profiles/{name}/check
setup     get    /reach/narrowing
setup     put    /settings
setup     get    /settings/file
setup     post   /settings/restore
setup     get    /settings/versions
setup     post   /tenant/reveal
setup     get    /users
setup     post   /users
setup     patch  /users/{id}
setup     post   /users/{id}/link
setup     post   /users/{id}/sign-out
`;

/** Beside the API: what has no page of the document, or stands outside of /api/v1. */
const OUTSIDE = `
nobody    get    /healthz
nobody    get    /readyz
nobody    get    /metrics
nobody    get    /auth/return
nobody    post   /hooks/mailbox/{path}
nobody    post   /hooks/mailbox/{path}/lifecycle
nobody    post   /hooks/crm/{crm}/{path}

setup     get    /connect
setup     get    /connect/style.css
setup     get    /connect/return
setup     post   /connect/start
`;

/** Only where somebody sits: a token that makes tokens would never end, and has no password and no session. */
const SESSION_ONLY: Readonly<Record<string, object>> = {
  'post /tokens': { name: 'another', role: 'viewer' },
  'post /session/password': { present: 'seven green bottles', next: 'seven purple bottles' },
  'post /session/logout': {},
};

interface Route {
  readonly least: Least;
  readonly method: string;
  readonly path: string;
}

const rowsOf = (table: string): readonly Route[] =>
  table
    .split('\n')
    .filter((line) => line !== '')
    .map((line) => {
      const [least = '', method = '', path = ''] = line.split(/\s+/);
      return { least: least as Least, method, path };
    });

const API_ROUTES = rowsOf(TABLE);
const nameOf = ({ method, path }: Route): string => `${method} ${path}`;
const ORDER: readonly Least[] = ['nobody', ...ROLES];
const mayCall = (role: Least, { least }: Route): boolean => ORDER.indexOf(role) >= ORDER.indexOf(least);

let server: WholeServer;
beforeAll(async () => {
  server = await openWholeServer();
});
afterAll(async () => server?.[Symbol.asyncDispose]());

/** Something that is nobody's in the place of each parameter: what may be called is then not found, or refused as it is. */
const addressOf = ({ path }: Route, prefix: string): string =>
  prefix + path.replace(/\{[^}]+\}/g, '00000000-0000-4000-8000-000000000000');

/** A stream has no end: it is asked to begin at no number, which is judged after who asks. */
const queryOf = ({ path }: Route): string => (path === '/events' ? '?after=x' : '');

async function askAs(role: Least, route: Route, prefix = '/api/v1'): Promise<Answer> {
  const path = addressOf(route, prefix) + queryOf(route);
  const browser = role === 'nobody' ? server.stranger() : server.sessions[role];
  const method = route.method.toUpperCase();
  const isUnsafe = method !== 'GET';
  const headers = isUnsafe && browser.csrf !== '' ? { 'x-tidelock-csrf': browser.csrf } : {};
  const answer = await browser.ask(path, { method, headers, ...(isUnsafe ? { body: {} } : {}) });
  // Some routes end the session that asks.
  if (role !== 'nobody' && answer.status < 300 && /logout|password/.test(path)) await server.signIn(role);
  return answer;
}

/** How far somebody came, in one word. */
function outcomeOf({ status, body }: Answer): string {
  if (status === 401) return 'nobody is signed in';
  if (status === 403 && body?.code === 'role') return 'the role is too low';
  return 'let in';
}

const expectedOf = (role: Least, route: Route): string =>
  mayCall(role, route) ? 'let in' : role === 'nobody' ? 'nobody is signed in' : 'the role is too low';

describe('the table of roles', () => {
  it('has every route of the API document, and no other', async () => {
    const { body } = await server.sessions.viewer.ask('/api/v1/openapi.json');
    const paths = Object.entries(body?.paths as Readonly<Record<string, object>>);
    const routes = paths.flatMap(([path, operations]) =>
      Object.keys(operations).map((method) => `${method} ${path.replace(/^\/api\/v1/, '')}`),
    );
    const known = [...API_ROUTES, ...rowsOf(OUTSIDE)].map(nameOf);
    expect(routes.filter((name) => !known.includes(name))).toEqual([]);
    const own = API_ROUTES.map(nameOf).filter((name) => name !== 'get /openapi.json');
    expect(own.filter((name) => !routes.includes(name))).toEqual([]);
    expect(routes.length).toBeGreaterThan(75);
  });

  it('is what the document says of each route', async () => {
    const { body } = await server.sessions.viewer.ask('/api/v1/openapi.json');
    const paths = body?.paths as Readonly<Record<string, Record<string, { readonly 'x-role'?: string }>>>;
    for (const route of API_ROUTES.filter(({ path }) => path !== '/openapi.json'))
      expect([nameOf(route), paths[`/api/v1${route.path}`]?.[route.method]?.['x-role'] ?? 'nobody']).toEqual([
        nameOf(route),
        route.least,
      ]);
  });
});

describe.each(['nobody', ...ROLES] as const)('%s, in a browser', (role) => {
  it.each(API_ROUTES.map((route) => [nameOf(route), route] as const))('%s', async (_name, route) => {
    expect(outcomeOf(await askAs(role, route))).toBe(expectedOf(role, route));
  });

  it.each(rowsOf(OUTSIDE).map((route) => [nameOf(route), route] as const))('%s', async (_name, route) => {
    expect(outcomeOf(await askAs(role, route, ''))).toBe(expectedOf(role, route));
  });
});

describe.each(ROLES)('an API token of %s', (role) => {
  it.each(API_ROUTES.map((route) => [nameOf(route), route] as const))('%s', async (name, route) => {
    const method = route.method.toUpperCase();
    const path = addressOf(route, '/api/v1') + queryOf(route);
    const answer = await server.withToken(server.tokens[role], path, {
      method,
      ...(method === 'GET' ? {} : { body: SESSION_ONLY[name] ?? {} }),
    });
    if (name in SESSION_ONLY) expect([401, 403]).toContain(answer.status);
    else if (route.least !== 'nobody') expect(outcomeOf(answer)).toBe(expectedOf(role, route));
  });
});

/** Security requirements, 2.4. */
function expectHeaders(name: string, { headers }: Answer): void {
  expect([name, headers['content-security-policy']]).toEqual([
    name,
    expect.stringMatching(/^default-src 'none'; .*frame-ancestors 'none'/),
  ]);
  expect([name, headers['x-content-type-options'], headers['referrer-policy']]).toEqual([
    ...[name, 'nosniff', 'no-referrer'],
  ]);
  expect([name, headers['cross-origin-opener-policy']]).toEqual([name, 'same-origin']);
}

describe('every answer (R12)', () => {
  it.each([
    ...API_ROUTES.map((route) => [nameOf(route), route, '/api/v1'] as const),
    ...rowsOf(OUTSIDE).map((route) => [nameOf(route), route, ''] as const),
  ])('%s carries the headers, whoever asks', async (name, route, prefix) => {
    for (const role of ['nobody', 'viewer'] as const) {
      const answer = await askAs(role, route, prefix);
      expectHeaders(name, answer);
      if (prefix !== '') expect(answer.headers['cache-control']).toBe('no-store');
    }
  });

  it('also those that say what went wrong', async () => {
    const { setup } = server.sessions;
    const headers = { 'x-tidelock-csrf': setup.csrf, 'content-type': 'application/json' };
    const post = (raw: string, more = {}) =>
      setup.ask('/api/v1/plans', { method: 'POST', raw, headers: { ...headers, ...more } });
    const answers = [
      await setup.ask('/api/v1/nothing'),
      await setup.ask('/nothing', { method: 'PUT', headers, body: {} }),
      await post('{"mailboxes":'),
      await post('{}', { 'content-type': 'text/plain' }),
      await post(JSON.stringify({ mailboxes: ['x'.repeat(300 * 1024)] })),
    ];
    expect(answers.map(({ status }) => status)).toEqual([404, 404, 400, 415, 413]);
    for (const answer of answers) expectHeaders(String(answer.status), answer);
  });
});

describe('what belongs to somebody else (R15)', () => {
  it('looks as what is not there: tokens', async () => {
    const { viewer, setup } = server.sessions;
    const { body } = await setup.ask('/api/v1/tokens');
    const [theirs] = (body?.tokens ?? []) as readonly { readonly id: string }[];
    const headers = { 'x-tidelock-csrf': viewer.csrf };
    const end = (id: string) => viewer.ask(`/api/v1/tokens/${id}`, { method: 'DELETE', headers });
    const [one, none] = [await end(theirs?.id ?? ''), await end('0123456789abcdef')];
    expect([one.status, one.text]).toEqual([404, none.text]);
    expect((await viewer.ask('/api/v1/tokens')).body).toEqual({ tokens: [] });
  });
});

describe('a token that is none', () => {
  it.each(
    API_ROUTES.filter(({ least }) => least !== 'nobody').map((route) => [nameOf(route), route] as const),
  )('%s', async (_name, route) => {
    const token = `tdlk_${'0'.repeat(16)}_${'a'.repeat(43)}`;
    const answer = await server.withToken(token, addressOf(route, '/api/v1') + queryOf(route), {
      method: route.method.toUpperCase(),
      ...(route.method === 'get' ? {} : { body: {} }),
    });
    expect([401, 429]).toContain(answer.status);
  });
});
