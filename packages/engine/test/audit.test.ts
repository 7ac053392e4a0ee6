import { AdapterError, type RecordStore } from '@tidelock/core';
import { afterEach, describe, expect, it } from 'vitest';
import { LOOK_AGAIN_MS } from '../src/index.ts';
import { createWorld, person, type TestWorld } from './world.ts';

let world: TestWorld | undefined;
const open = async (...args: Parameters<typeof createWorld>): Promise<TestWorld> => {
  world = await createWorld(...args);
  return world;
};
afterEach(async () => {
  await world?.close();
  world = undefined;
});

const quiet = { created: 0, updated: 0, deleted: 0, linked: 0 };

/** A mailbox whose folder can be narrowed, and whose listing can be empty for no reason. */
function moody(on: { scope: string; hidden: Set<string>; empty: boolean }) {
  return (store: RecordStore): RecordStore => ({
    ...store,
    feeds: async () => (await store.feeds()).map((feed) => ({ ...feed, scopeHash: on.scope })),
    async changes(feed, cursor) {
      const page = await store.changes(feed, cursor);
      const changes = on.empty ? [] : page.changes.filter((change) => !on.hidden.has(change.id));
      return { ...page, changes };
    },
  });
}

describe('an audit', () => {
  it('finds what a feed missed, and writes nothing when there is nothing', async () => {
    const on = { scope: 's', hidden: new Set<string>(), empty: false };
    const { a, b, engine } = await open({ throughA: moody(on) });
    for (let n = 0; n < 12; n++) await a.oracle.userCreate(person(n));
    await engine.sync();
    const [one] = await a.oracle.all();
    on.hidden.add(one?.id ?? '');
    await a.oracle.userUpdate(one?.id ?? '', { notes: 'missed' });
    await engine.sync();
    on.hidden.clear();
    expect((await engine.sync()).lanes[0]?.counts).toMatchObject(quiet);
    expect((await engine.sync({ audit: true })).lanes[0]?.counts).toMatchObject({ ...quiet, updated: 1 });
    const found = (await b.oracle.all()).filter((record) => record.fields.notes === 'missed');
    expect(found).toHaveLength(1);
    expect((await engine.sync({ audit: true })).lanes[0]?.counts).toMatchObject(quiet);
  });

  it('comes by itself when it is due, also for what was deleted unseen', async () => {
    const on = { scope: 's', hidden: new Set<string>(), empty: false };
    const { a, b, engine, advance } = await open({ throughA: moody(on), policy: { auditMs: 3_600_000 } });
    for (let n = 0; n < 12; n++) await a.oracle.userCreate(person(n));
    await engine.sync();
    const [one] = await a.oracle.all();
    on.hidden.add(one?.id ?? '');
    await a.oracle.userDelete(one?.id ?? '');
    await engine.sync();
    expect(await b.oracle.all()).toHaveLength(12);
    advance(2 * 3_600_000);
    await engine.sync();
    expect(await b.oracle.all()).toHaveLength(11);
  });

  it('asks about a value that differs though neither side was seen to change, and keeps the answer', async () => {
    const { a, b, engine, state } = await open();
    for (let n = 0; n < 3; n++) await a.oracle.userCreate(person(n, { notes: `note ${n}` }));
    await engine.sync();
    const [link] = await state.sync.links('lane-1', { by: 'page', after: '', limit: 1 });
    const lease = await state.sync.acquireLane({ laneId: 'lane-1', owner: 'worker', now: 1, ttlMs: 1 });
    if (link === undefined || lease === null) throw new Error('no link');
    const guard = { laneId: 'lane-1', fence: lease.fence };
    await b.oracle.userUpdate(link.b?.id ?? '', { notes: 'another' });
    const now = (await b.store.read([link.b?.id ?? '']))[0];
    if (now?.state !== 'found' || link.b === null) throw new Error('no record');
    const met = { ...link.b, version: now.record.version, mono: now.record.mono };
    const shownB = { ...link.shownB, notes: 'another' };
    await state.sync.commitLane({ guard, now: 1, links: [{ link: { ...link, b: met, shownB } }] });
    await engine.sync({ audit: true });
    const open1 = await state.sync.reviews('lane-1', { open: true });
    expect(open1).toHaveLength(1);
    expect(open1[0]).toMatchObject({ kind: 'conflict', linkId: link.id });
    expect(open1[0]?.reasons[0]).toContain('"notes" differs');
    expect(
      new Set([...(await a.oracle.all()), ...(await b.oracle.all())].map((r) => r.fields.notes)).size,
    ).toBe(4);
    const [held] = await state.sync.links('lane-1', { by: 'id', ids: [link.id] });
    expect(held?.holds).toEqual(['notes']);
    await engine.sync({ audit: true });
    expect(await state.sync.reviews('lane-1', { open: true })).toHaveLength(1);
  });

  it.each([
    ['goes with its partner where only that one had the value', 'b', [0, 0]],
    ['keeps a value that its partner never had', 'a', [1, 1]],
  ] as const)('finds a blank, and the record %s', async (_, deleted, left) => {
    const { a, b, engine, state, restart } = await open();
    await a.oracle.userCreate(person(1));
    await engine.sync();
    const [link] = await state.sync.links('lane-1', { by: 'page', after: '', limit: 1 });
    const lease = await state.sync.acquireLane({ laneId: 'lane-1', owner: 'worker', now: 1, ttlMs: 1 });
    if (!link?.b || !link.a || lease === null) throw new Error('no link');
    await b.oracle.userUpdate(link.b.id, { notes: 'seen by nobody' });
    const [now] = await b.store.read([link.b.id]);
    if (now?.state !== 'found') throw new Error('no record');
    const met = { ...link.b, version: now.record.version, mono: now.record.mono };
    const apart = { ...link, b: met, shownB: { ...link.shownB, notes: 'seen by nobody' } };
    const guard = { laneId: 'lane-1', fence: lease.fence };
    await state.sync.commitLane({ guard, now: 1, links: [{ link: apart }] });
    // What the audit finds is still to be filled when the other record is deleted.
    const stopped = await restart({
      onEffect: (effect) => {
        if (effect.kind === 'state' && effect.method === 'finishRun') throw new Error('killed');
      },
    });
    await expect(stopped.sync({ audit: true })).rejects.toThrow('killed');
    await (deleted === 'a' ? a : b).oracle.userDelete((deleted === 'a' ? link.a : link.b).id);
    const next = await restart();
    for (let turn = 0; turn < 3; turn++) await next.sync();
    expect([(await a.oracle.all()).length, (await b.oracle.all()).length]).toEqual(left);
  });

  it('is made up for by the next look at a pair that was frozen when it compared', async () => {
    const { a, b, engine, state } = await open();
    for (let n = 0; n < 3; n++) await a.oracle.userCreate(person(n, { notes: `note ${n}` }));
    await engine.sync();
    const [link] = await state.sync.links('lane-1', { by: 'page', after: '', limit: 1 });
    const lease = await state.sync.acquireLane({ laneId: 'lane-1', owner: 'worker', now: 1, ttlMs: 1 });
    if (!link?.b || lease === null) throw new Error('no link');
    await b.oracle.userUpdate(link.b.id, { notes: 'another' });
    const now = (await b.store.read([link.b.id]))[0];
    if (now?.state !== 'found') throw new Error('no record');
    const apart = { ...link, status: 'out', shownB: { ...link.shownB, notes: 'another' } } as const;
    const guard = { laneId: 'lane-1', fence: lease.fence };
    await state.sync.commitLane({ guard, now: 1, links: [{ link: apart, mark: ['a', 'b'] }] });
    await engine.sync();
    const [held] = await state.sync.links('lane-1', { by: 'id', ids: [link.id] });
    expect(held).toMatchObject({ status: 'live', holds: ['notes'] });
    expect(await state.sync.reviews('lane-1', { open: true })).toHaveLength(1);
    await engine.sync();
    expect(await state.sync.reviews('lane-1', { open: true })).toHaveLength(1);
  });

  it('goes on from the row of its own lease: a reset that came just before is not lost', async () => {
    let reset = async (): Promise<void> => {};
    const { a, restart, state } = await open();
    const engine = await restart({
      state: {
        ...state.sync,
        async acquireFeed(request) {
          await reset();
          return state.sync.acquireFeed(request);
        },
      },
    });
    for (let n = 0; n < 3; n++) await a.oracle.userCreate(person(n));
    await engine.sync();
    const gens = async () => (await state.sync.feeds('mailbox:1')).map((feed) => feed.gen);
    const before = await gens();
    reset = async () => {
      reset = async () => {};
      await state.sync.resetFeeds('mailbox:1');
    };
    await engine.sync();
    expect(await gens()).toEqual(before.map((gen) => gen + 1));
  });

  it('starts again when its cursor expires in the middle of paging, and still sweeps', async () => {
    let pages = 0;
    const { a, b, engine } = await open({
      throughA: (store) => ({
        ...store,
        async changes(feed, cursor) {
          if (++pages === 2) a.faults.expireCursor?.();
          return store.changes(feed, cursor);
        },
      }),
    });
    const ids = [];
    for (let n = 0; n < 30; n++) ids.push(await a.oracle.userCreate(person(n)));
    await engine.sync();
    expect(await b.oracle.all()).toHaveLength(30);
    await a.oracle.userDelete(ids[7] ?? '');
    pages = 0;
    const report = await engine.sync({ audit: true });
    expect(pages).toBeGreaterThan(8);
    expect(report.lanes[0]?.counts).toMatchObject({ ...quiet, deleted: 1 });
    expect(await b.oracle.all()).toHaveLength(29);
  });
});

describe('a narrower scope', () => {
  it('freezes what it leaves out, deletes nothing, and goes on from the base when it is widened', async () => {
    const on = { scope: 's', hidden: new Set<string>(), empty: false };
    const { a, b, engine, restart, state } = await open({ throughA: moody(on) });
    for (let n = 0; n < 40; n++) await a.oracle.userCreate(person(n));
    await engine.sync();
    const left = (await a.oracle.all()).slice(0, 30);
    on.scope = 'narrow';
    for (const { id } of left) on.hidden.add(id);
    const narrow = await restart();
    expect((await narrow.sync()).lanes[0]).toMatchObject({ held: null, counts: quiet });
    expect((await state.sync.counts('lane-1', 0)).out).toBe(30);
    const partner = (await b.oracle.all()).find((r) => r.fields.email === left[0]?.fields.email);
    await b.oracle.userUpdate(partner?.id ?? '', { notes: 'while frozen' });
    expect((await narrow.sync({ audit: true })).lanes[0]?.counts).toMatchObject(quiet);
    expect([(await a.oracle.all()).length, (await b.oracle.all()).length]).toEqual([40, 40]);
    on.scope = 's';
    on.hidden.clear();
    const wide = await restart();
    expect((await wide.sync()).lanes[0]?.counts).toMatchObject({ ...quiet, updated: 1 });
    expect((await state.sync.counts('lane-1', 0)).out).toBe(0);
    expect((await a.oracle.all()).find((r) => r.id === left[0]?.id)?.fields.notes).toBe('while frozen');
  });
});

describe('an empty listing', () => {
  it('is not believed until it was empty twice, some time apart', async () => {
    const on = { scope: 's', hidden: new Set<string>(), empty: false };
    const { a, b, engine, advance, state } = await open({ throughA: moody(on) });
    const id = await a.oracle.userCreate(person(1));
    await engine.sync();
    on.empty = true;
    await a.oracle.userDelete(id);
    expect((await engine.sync({ audit: true })).lanes[0]?.counts).toMatchObject(quiet);
    expect((await engine.sync()).lanes[0]?.counts).toMatchObject(quiet);
    expect((await state.sync.feeds('mailbox:1'))[0]?.pageHash).toContain('empty:');
    expect(await b.oracle.all()).toHaveLength(1);
    advance(LOOK_AGAIN_MS + 1);
    expect((await engine.sync()).lanes[0]?.counts).toMatchObject({ deleted: 1 });
    expect(await b.oracle.all()).toHaveLength(0);
  });

  it('is one of its own where something was met since, in an enumeration whose cursor expired', async () => {
    const on = { scope: 's', hidden: new Set<string>(), empty: false };
    let expires = false;
    const through = moody(on);
    const { a, b, engine, state, advance } = await open({
      throughA: (store) => ({
        ...through(store),
        async changes(feed, cursor) {
          if (expires && cursor !== null) {
            Object.assign(on, { empty: true });
            expires = false;
            throw new AdapterError('cursor_expired', 'It is too old.', { operation: 'test.changes' });
          }
          const page = await through(store).changes(feed, cursor);
          return expires ? { ...page, more: true } : page;
        },
      }),
    });
    await a.oracle.userCreate(person(1));
    await engine.sync();
    on.empty = true;
    await engine.sync({ audit: true });
    const [before] = await state.sync.feeds('mailbox:1');
    advance(LOOK_AGAIN_MS + 1);
    Object.assign(on, { empty: false });
    await a.oracle.userDelete((await a.oracle.all())[0]?.id ?? '');
    await a.oracle.userCreate(person(2));
    expires = true;
    await engine.sync();
    const [after] = await state.sync.feeds('mailbox:1');
    expect(after).toMatchObject({ cursor: null, pageHash: expect.stringContaining('empty:') });
    expect(after?.pageHash).not.toBe(before?.pageHash);
    advance(LOOK_AGAIN_MS + 1);
    Object.assign(on, { empty: false });
    for (let turn = 0; turn < 2; turn++) await engine.sync();
    // What is gone is found by the enumeration that follows, whatever the one before had met of it.
    expect((await b.oracle.all()).map(({ fields }) => fields.email)).toEqual([person(2).email]);
  });
});
