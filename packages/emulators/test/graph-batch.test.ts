import { describe, expect, it } from 'vitest';
import { type Answer, createTestWorld, type TestWorld } from './microsoft365-fixture.ts';

interface Item {
  id: string;
  status: number;
  headers: Record<string, string>;
  body: Answer['body'];
}

const json = { 'Content-Type': 'application/json' };
const creates = (world: TestWorld, count: number) =>
  Array.from({ length: count }, (_, i) => ({
    id: String(i + 1),
    method: 'POST',
    url: `/users/${world.ann}/contacts`,
    headers: json,
    body: { givenName: `P${i + 1}` },
  }));

const statuses = (items: Item[]) => Object.fromEntries(items.map((item) => [item.id, item.status]));

describe('batch', () => {
  it('answers twenty steps in any order, without tripping the limit of the mailbox', async () => {
    const world = await createTestWorld();
    const { status, body } = await world.batch(creates(world, 20));
    expect(status).toBe(200);
    const items: Item[] = body.responses;
    expect(items.every((item) => item.status === 201)).toBe(true);
    const ids = items.map((item) => Number(item.id));
    expect(ids).not.toEqual(ids.toSorted((a, b) => a - b));
    for (const item of items) expect(item.body.givenName).toBe(`P${item.id}`);
    expect(world.emulator.oracle.counts(world.ann).contacts).toBe(20);
    const { entries } = world.emulator.log;
    const outer = entries.find((entry) => entry.path === '/v1.0/$batch');
    expect(entries.filter((entry) => entry.inBatch === outer?.seq)).toHaveLength(20);
  });

  it('throttles single steps when there is other traffic', async () => {
    const world = await createTestWorld();
    const alone = Array.from({ length: 3 }, () => world.graph('GET', `/users/${world.ann}/contacts`));
    const [{ status, body }] = await Promise.all([world.batch(creates(world, 4)), ...alone]);
    const items: Item[] = body.responses;
    expect(status).toBe(200);
    const refused = items.filter((item) => item.status === 429);
    expect(refused.length).toBeGreaterThan(0);
    expect(refused[0]?.headers['Retry-After']).toBe('1');
    expect(refused[0]?.body.error.code).toBe('ApplicationThrottled');
    expect(world.emulator.oracle.counts(world.ann).contacts).toBe(4 - refused.length);
  });

  it('gives each step its own headers and status', async () => {
    const world = await createTestWorld();
    const made = world.emulator.admin.createContact(world.ann, { givenName: 'A' });
    const contact = `/users/${world.ann}/contacts/${made.id}`;
    const { body } = await world.batch([
      { id: 'a', method: 'GET', url: `${contact}?$select=id`, headers: { Prefer: 'IdType="ImmutableId"' } },
      { id: 'b', method: 'GET', url: contact.slice(1) },
      { id: 'c', method: 'PATCH', url: contact, headers: { ...json, 'If-Match': 'W/"old"' }, body: {} },
      { id: 'd', method: 'GET', url: '/users/nobody/contacts' },
      { id: 'e', method: 'GET', url: '/$batch' },
      {
        id: 'f',
        method: 'POST',
        url: `/users/${world.ann}/contacts`,
        headers: json,
        body: Buffer.from('{"givenName":"B"}').toString('base64url'),
      },
    ]);
    const items: Item[] = body.responses;
    expect(statuses(items)).toEqual({ a: 200, b: 200, c: 412, d: 404, e: 400, f: 201 });
    expect(items.find((item) => item.id === 'a')?.body.id).toBe(made.immutableId);
    expect(items.find((item) => item.id === 'b')?.body.id).toBe(made.id);
    expect(items.find((item) => item.id === 'f')?.body.givenName).toBe('B');
  });

  it('refuses what cannot be a batch', async () => {
    const world = await createTestWorld();
    const { graph, batch, ann } = world;
    const get = (id: string, dependsOn?: string[]) => ({
      id,
      method: 'GET',
      url: `/users/${ann}/contacts`,
      dependsOn,
    });
    const tooMany = await batch(creates(world, 21));
    expect([tooMany.status, tooMany.body.error.code]).toEqual([400, 'MaximumValueExceeded']);
    const bad: unknown[][] = [
      [],
      [get('a'), get('A')],
      [{ method: 'GET', url: '/users' }],
      [{ id: '1', method: 'POST', url: '/users', body: {} }],
      [{ id: '1', method: 'GET', url: 'https://graph.microsoft.com/v1.0/users' }],
      [get('1'), get('2', ['9'])],
      [get('1'), get('2'), get('3', ['1'])],
      [get('1'), get('2', ['1']), get('3', ['1']), get('4', ['2'])],
    ];
    for (const requests of bad) expect([(await batch(requests)).status, requests]).toEqual([400, requests]);
    expect((await graph('POST', '/$batch', { body: 'nonsense' })).status).toBe(400);
    expect((await graph('GET', '/$batch')).status).toBe(405);
    expect((await graph('POST', '/$batch', { body: { requests: [get('1')] }, token: 'x' })).status).toBe(401);
  });

  it('fails the steps that depend on a failed one', async () => {
    const world = await createTestWorld();
    const path = `/users/${world.ann}/contacts`;
    const write = (id: string, url: string, dependsOn?: string[]) => ({
      id,
      method: 'PATCH',
      url,
      headers: json,
      body: { jobTitle: id },
      dependsOn,
    });
    const made = world.emulator.admin.createContact(world.ann, { givenName: 'A' });
    const good = `${path}/${made.id}`;
    const missing = `${path}/x`;
    const chain = await world.batch([write('1', good), write('2', missing, ['1']), write('3', good, ['2'])]);
    expect(statuses(chain.body.responses)).toEqual({ 1: 200, 2: 400, 3: 424 });
    expect(chain.body.responses.map((item: Item) => item.id)).toEqual(['1', '2', '3']);
    expect(chain.body.responses[2].body.error.code).toBe('FailedDependency');
    const fan = await world.batch([write('1', missing), write('2', good, ['1']), write('3', good, ['1'])]);
    expect(statuses(fan.body.responses)).toEqual({ 1: 400, 2: 424, 3: 424 });
    const fine = await world.batch([write('1', good), write('2', good, ['1']), write('3', good, ['1'])]);
    expect(statuses(fine.body.responses)).toEqual({ 1: 200, 2: 200, 3: 200 });
  });

  it('can lose one answer of a batch', async () => {
    const world = await createTestWorld();
    world.emulator.faults.inject({ fault: { kind: 'named', name: 'partial-batch' } });
    const { body } = await world.batch(creates(world, 3));
    expect(body.responses).toHaveLength(2);
    expect(world.emulator.oracle.counts(world.ann).contacts).toBe(3);
  });
});

describe('scripted faults', () => {
  it('hit inner requests of a batch', async () => {
    const world = await createTestWorld();
    const { faults } = world.emulator;
    const match = { method: 'POST', path: /\/contacts$/ };
    faults.inject({
      match,
      skip: 1,
      fault: { kind: 'status', status: 429, headers: { 'Retry-After': '120' } },
    });
    const throttled = await world.batch(creates(world, 3));
    const inner: Item[] = throttled.body.responses.filter((item: Item) => item.status === 429);
    expect(inner).toHaveLength(1);
    expect(inner[0]?.headers['Retry-After']).toBe('120');
    faults.inject({ match, fault: { kind: 'duplicate' } });
    await world.batch(creates(world, 1));
    expect(world.emulator.oracle.counts(world.ann).contacts).toBe(4);
    faults.inject({ match, fault: { kind: 'lost', applied: true } });
    await expect(world.batch(creates(world, 1))).rejects.toThrow('dropped');
    expect(world.emulator.oracle.counts(world.ann).contacts).toBe(5);
    expect(world.emulator.log.entries.at(-1)).toMatchObject({ status: 'lost', path: '/v1.0/$batch' });
  });

  it('hit single requests: lost before or after, delayed, doubled, any status', async () => {
    const world = await createTestWorld();
    const { faults, oracle } = world.emulator;
    const path = `/users/${world.ann}/contacts`;
    const create = () => world.graph('POST', path, { body: { givenName: 'A' } });
    faults.inject({ fault: { kind: 'lost', applied: false } });
    await expect(create()).rejects.toThrow('dropped');
    expect(oracle.counts(world.ann).contacts).toBe(0);
    faults.inject({ fault: { kind: 'lost', applied: true } });
    await expect(create()).rejects.toThrow('dropped');
    expect(oracle.counts(world.ann).contacts).toBe(1);
    faults.inject({ fault: { kind: 'duplicate' } });
    expect((await create()).status).toBe(201);
    expect(oracle.counts(world.ann).contacts).toBe(3);
    faults.inject({ fault: { kind: 'status', status: 503 } });
    expect((await create()).status).toBe(503);
    faults.inject({ match: { method: 'POST' }, fault: { kind: 'delay', ms: 5_000 } });
    let isDone = false;
    const slow = create().then(() => {
      isDone = true;
    });
    await world.graph('GET', path);
    expect(isDone).toBe(false);
    world.clock.advance(5_000);
    await slow;
    expect(oracle.counts(world.ann).contacts).toBe(4);
  });

  it('a caller can hang up while it waits', async () => {
    const world = await createTestWorld();
    world.emulator.faults.inject({ fault: { kind: 'delay', ms: 3_600_000 } });
    const stop = new AbortController();
    const waiting = world.emulator.fetch(`https://localhost/v1.0/users/${world.ann}/contacts`, {
      headers: { authorization: `Bearer ${world.token}` },
      signal: stop.signal,
    });
    setImmediate(() => stop.abort());
    await expect(waiting).rejects.toThrow('abort');
    const four = [1, 2, 3, 4].map(() => world.graph('GET', `/users/${world.ann}/contacts`));
    expect((await Promise.all(four)).map((answer) => answer.status)).toEqual([200, 200, 200, 200]);
  });
});
