import { afterAll, beforeAll, expect, it, vi } from 'vitest';
import { createServerWorld, type ServerWorld } from '../src/server-world.ts';

vi.setConfig({ testTimeout: 120_000 });

let world: ServerWorld;
beforeAll(async () => {
  world = await createServerWorld();
}, 60_000);
afterAll(() => world[Symbol.asyncDispose]());

type Paths = Readonly<Record<string, Readonly<Record<string, unknown>>>>;

async function routes(): Promise<readonly { readonly method: string; readonly path: string }[]> {
  const { body } = await world.get('/openapi.json', 'setup');
  return Object.entries(body.paths as Paths).flatMap(([path, operations]) =>
    Object.keys(operations).map((method) => ({ method: method.toUpperCase(), path })),
  );
}

const MARK = 'mark-of-somebody-else';

/** One row of everything that the tenant store keeps, of an organisation that is not this one. */
async function plant(): Promise<void> {
  const { tenants } = world.live().foundation.state;
  const [tenantId, at] = ['other', world.clock.now()];
  await tenants.putTenant({
    ...{ id: tenantId, name: MARK, sealedTenantId: new Uint8Array([1]), tenantIndex: MARK, createdAt: at },
  });
  const connection = { id: MARK, tenantId, contract: 'mailbox', adapter: MARK } as const;
  await tenants.putConnection({ ...connection, lastOkAt: at, state: 'connected' });
  await tenants.putKey({ tenantId, keyName: MARK, sha256: 'ab'.repeat(32), notAfter: at });
  await tenants.putProfile({ tenantId, name: MARK, document: '{}', at });
  await tenants.putAssignments([
    {
      ...{ tenantId, mailboxId: MARK, address: `${MARK}@x.example`, laneId: MARK, profile: MARK, rule: MARK },
      ...{ crmUser: null, matchedBy: null, decided: null, blocked: null, removedAt: null, at },
    },
  ]);
  const act = { id: MARK, tenantId, at, who: MARK, act: MARK, subject: MARK, laneId: null };
  await tenants.appendAudit([{ ...act, before: null, after: null }]);
}

/** Two that are nobody's, and one that is nobody's with what is somebody else's: of the same form each. */
const PAIRS = [
  ['00000000-0000-4000-8000-000000000001', '00000000-0000-4000-8000-000000000002'],
  ['mark-of-nobody-at-all', MARK],
] as const;
/** Streams never end, and what is no data has no tenant. */
const SKIPPED = /events$|openapi/;

it('what belongs to another organisation looks like what is not there, at every route that names something', async () => {
  await plant();
  const named = (await routes()).filter(({ path }) => path.includes('{') && path.startsWith('/api/'));
  expect(named.length).toBeGreaterThan(12);
  for (const { method, path } of named) {
    const ask = async (id: string): Promise<string> => {
      const at = path.replace(/\{[^}]+\}/g, id);
      const { status, text } = await (method === 'GET'
        ? world.get(at, 'setup')
        : world.send(method as 'POST', at, { body: {}, role: 'setup' }));
      // An edit that changes nothing makes a new version all the same.
      return `${status} ${text.replaceAll(id, 'ID').replace(/"version":"[^"]*"/, '"version":""')}`;
    };
    for (const [nobody, other] of PAIRS)
      expect([path, method, await ask(other)]).toEqual([path, method, await ask(nobody)]);
  }
  const { tenants } = world.live().foundation.state;
  const left = [
    await tenants.profiles('other'),
    await tenants.keys('other'),
    await tenants.assignments('other'),
  ];
  expect(left.map(({ length }) => length)).toEqual([1, 1, 1]);
});

it('nothing of another organisation is in any list', async () => {
  await plant();
  const lists = (await routes()).filter(
    ({ method, path }) =>
      method === 'GET' && path.startsWith('/api/') && !path.includes('{') && !SKIPPED.test(path),
  );
  expect(lists.length).toBeGreaterThan(12);
  let answered = 0;
  for (const { path } of lists) {
    const { status, text } = await world.get(path, 'setup');
    if (status === 200) answered += 1;
    expect([path, text.includes(MARK)]).toEqual([path, false]);
  }
  expect(answered).toBeGreaterThan(8);
});
