import { expect, test, vi } from 'vitest';
import { said } from '../src/access/attack.ts';
import type { Browser } from '../src/access/browser.ts';
import { type AccessWorld, createAccessWorld, setUp } from '../src/access/world.ts';

vi.setConfig({ testTimeout: 120_000 });

interface Route {
  readonly method: string;
  readonly path: string;
  /** Undefined: nobody has to be signed in. */
  readonly role: string | undefined;
}

type Operations = Readonly<Record<string, Readonly<Record<string, { readonly 'x-role'?: string }>>>>;

/** Every route of the API document, with something in the place of each parameter. */
async function routesOf(browser: Browser): Promise<readonly Route[]> {
  const { body } = await browser.ask('/api/v1/openapi.json');
  const paths = Object.entries((body?.paths ?? {}) as Operations);
  return paths.flatMap(([path, operations]) =>
    Object.entries(operations).map(([method, operation]) => ({
      method: method.toUpperCase(),
      path: path.replace(/\{[^}]+\}/g, '00000000-0000-4000-8000-000000000000'),
      role: operation['x-role'],
    })),
  );
}

const isUnsafe = ({ method }: Route): boolean => !['GET', 'HEAD', 'OPTIONS'].includes(method);

async function signedInWorld(): Promise<{ world: AccessWorld; root: Browser } & AsyncDisposable> {
  const world = await createAccessWorld();
  const root = world.browser();
  await setUp(world, root);
  return { world, root, [Symbol.asyncDispose]: () => world[Symbol.asyncDispose]() };
}

test('no route that changes something takes a request that the page did not make', async () => {
  await using at = await signedInWorld();
  const { world, root } = at;
  const routes = (await routesOf(root)).filter((route) => isUnsafe(route) && route.path.startsWith('/api/'));
  expect(routes.length).toBeGreaterThan(12);
  const token = { 'x-tidelock-csrf': root.csrf };
  const foreign = { ...token, 'sec-fetch-site': undefined, origin: 'https://evil.example' };
  const before = await world.counts();
  for (const { method, path, role } of routes) {
    const ask = async (headers: Record<string, string | undefined>, raw?: string): Promise<string> =>
      said(await root.ask(path, { method, headers, ...(raw === undefined ? { body: {} } : { raw }) }));
    const name = `${method} ${path}`;
    expect([name, await ask({ ...token, 'sec-fetch-site': 'cross-site' })]).toEqual([
      name,
      '403 foreign-request',
    ]);
    expect([name, await ask(foreign)]).toEqual([name, '403 foreign-request']);
    expect([name, await ask({ ...token, 'content-type': 'text/plain' }, '{}')]).toEqual([
      name,
      '415 not-json',
    ]);
    if (role !== undefined) expect([name, await ask({})]).toEqual([name, '403 csrf-token']);
  }
  expect(await world.counts()).toEqual(before);
});

test('no GET at the door changes anything, and each answer carries the headers', async () => {
  await using at = await signedInWorld();
  const { world, root } = at;
  const before = await world.counts();
  const paths = ['/api/v1/session', '/api/v1/users', '/api/v1/tokens', '/api/v1/nothing', '/healthz'];
  const answers = await Promise.all(paths.map((path) => root.ask(path)));
  const back = await root.ask('/auth/return?code=x&state=y');
  expect([...answers, back].map(({ status }) => status)).toEqual([200, 200, 200, 404, 200, 400]);
  for (const { headers } of [...answers, back]) {
    expect(headers['content-security-policy']).toMatch(/^default-src 'none'; .*frame-ancestors 'none'/);
    expect(headers['strict-transport-security']).toMatch(/^max-age=31536000; includeSubDomains/);
    expect(headers['x-content-type-options']).toBe('nosniff');
    expect(headers['referrer-policy']).toBe('no-referrer');
    expect(headers['cross-origin-opener-policy']).toBe('same-origin');
  }
  for (const { headers } of [...answers.slice(0, 4), back]) expect(headers['cache-control']).toBe('no-store');
  // The refused return was written down.
  expect(await world.counts()).toEqual({ ...before, audit: Number(before.audit) + 1 });
});

test('a session cookie is of this host alone, over TLS, and no script’s; over plain HTTP on this machine it says so', async () => {
  await using at = await signedInWorld();
  const { world } = at;
  const answer = await world
    .browser()
    .post('/api/v1/session', { name: 'root', password: 'seven green bottles' });
  const line = answer.cookies.find((cookie) => cookie.startsWith('__Host-sid='));
  expect(line).toMatch(/^__Host-sid=[\w-]{43}; Path=\/; HttpOnly; SameSite=Lax; Secure$/);
  await using plain = await createAccessWorld({ origin: 'http://localhost:8080' });
  const first = await setUp(plain, plain.browser());
  expect(first.cookies[0]).toMatch(/^tidelock-sid=[\w-]{43}; Path=\/; HttpOnly; SameSite=Lax$/);
  await expect(createAccessWorld({ origin: 'http://tidelock.example' })).rejects.toThrow();
});
