import type {
  Change,
  LaneCommit,
  LinkPut,
  ReadResult,
  RecordStore,
  StoreRecord,
  Suspect,
} from '@tidelock/core';
import { afterEach, describe, expect, it } from 'vitest';
import { placeable, seeksPartner } from '../src/gather.ts';
import type { Effect } from '../src/index.ts';
import type { Pass } from '../src/lane.ts';
import { newLink } from '../src/new-link.ts';
import { settleLinked } from '../src/unknown.ts';
import { createWorld, LIKE_CRM, LIKE_MAILBOX, person, type TestWorld, type WorldOptions } from './world.ts';

// What the simulator and the storms have found once, each by itself: their schedules change, these do not.

let world: TestWorld;
const open = async (options: WorldOptions = {}): Promise<TestWorld> => {
  world = await createWorld(options);
  return world;
};
afterEach(() => world?.close());

const all = (side: 'a' | 'b') => world[side].oracle.all();
const counted = async (): Promise<[number, number]> => [(await all('a')).length, (await all('b')).length];

/** A store whose reads can be replaced. */
function createReading() {
  const on: { answer: ((read: ReadResult) => ReadResult) | null } = { answer: null };
  const through = (store: RecordStore): RecordStore => ({
    ...store,
    read: async (ids, options) => (await store.read(ids, options)).map((read) => on.answer?.(read) ?? read),
  });
  return { on, through };
}

describe('a newcomer whose match cannot be read', () => {
  const suspect = (side: 'a' | 'b', at: number): Suspect => ({
    ...{ laneId: 'l', side, id: side, why: 'unknown', feed: 'f', mono: '', at, seq: 0 },
  });

  it('waits an hour at most, and only for the other side', () => {
    const both = [suspect('a', 0), suspect('b', 0)];
    const gathered = { records: { a: new Map(), b: new Map() }, unread: new Set(['b'] as const) };
    expect(placeable(both, gathered, 3_599_999)).toEqual([suspect('b', 0)]);
    expect(placeable(both, gathered, 3_600_000)).toEqual(both);
    expect(placeable(both, { ...gathered, unread: new Set() }, 0)).toEqual(both);
  });

  it('does not become a second record of the same person', async () => {
    const { on, through } = createReading();
    const { a, b, restart } = await open({ throughB: through });
    await b.oracle.userCreate(person(1));
    await a.oracle.userCreate(person(1));
    const dying = await restart({
      onEffect: (effect) => {
        if (effect.kind === 'state' && effect.method === 'candidates') throw new Error('killed');
      },
    });
    await expect(dying.sync()).rejects.toThrow('killed');
    on.answer = ({ id }) => ({ state: 'failed', id, kind: 'unavailable' });
    await (await restart()).sync();
    expect(await counted()).toEqual([1, 1]);
    on.answer = null;
    await (await restart()).sync();
    expect(await counted()).toEqual([1, 1]);
  });
});

it('a read of an unknown record that is older than its report tells nothing', async () => {
  const { on, through } = createReading();
  const bare = { ...LIKE_CRM, contentInFeed: false, stampInFeed: false };
  const { b, engine, advance } = await open({ capsB: bare, throughB: through });
  const id = await b.oracle.userCreate(person(1));
  const [before] = await b.store.read([id]);
  advance(1_000);
  await b.oracle.userUpdate(id, { notes: 'newer' });
  let stale = true;
  on.answer = (read) => {
    if (!stale || before === undefined) return read;
    stale = false;
    return before;
  };
  await engine.sync();
  expect(stale).toBe(false);
  // Nobody would report the rest again.
  expect(await all('a')).toMatchObject([{ fields: { notes: 'newer' } }]);
});

/** A store that counts the versions of each record by itself: a new one is older than any before it. */
function agedIn(late: { readonly id: string }): (store: RecordStore) => RecordStore {
  const aged = (record: StoreRecord): StoreRecord =>
    record.id === late.id ? { ...record, mono: '000000000001' } : record;
  const agedChange = (change: Change): Change => {
    if (change.id !== late.id || change.kind !== 'changed') return change;
    const record = change.record === undefined ? {} : { record: aged(change.record) };
    return { ...change, mono: '000000000001', ...record };
  };
  return (store) => ({
    ...store,
    changes: async (feed, cursor, options) => {
      const page = await store.changes(feed, cursor, options);
      return { ...page, changes: page.changes.map(agedChange) };
    },
    read: async (ids, options) =>
      (await store.read(ids, options)).map((read) =>
        read.state === 'found' ? { ...read, record: aged(read.record) } : read,
      ),
  });
}

describe('a create that lands late, of a pair that has ended', () => {
  it('is taken away, also where the record before it was newer', async () => {
    const late = { id: '' };
    const { a, b, engine, state, advance, restart } = await open({ throughB: agedIn(late) });
    for (let n = 0; n < 20; n++) await a.oracle.userCreate(person(n));
    await engine.sync();
    const mine = async (side: 'a' | 'b') =>
      (await all(side)).find(({ fields }) => fields.email === person(3).email)?.id ?? '';
    const idA = await mine('a');
    const idB = await mine('b');
    for (let n = 0; n < 30; n++) await b.oracle.userUpdate(idB, { notes: `draft ${n}` });
    await engine.sync();
    await b.oracle.userDelete(idB);
    await a.oracle.userUpdate(idA, { notes: 'kept' });
    b.faults.loseAnswer(false);
    await engine.round();
    b.faults.clear();
    const [intent] = await state.sync.openIntentsOf('lane-1');
    expect(intent).toMatchObject({ op: 'create', side: 'b' });
    await a.oracle.userDelete(idA);
    advance(600_000);
    await engine.sync();
    expect(await counted()).toEqual([19, 19]);
    // The request that nobody got an answer to takes effect only now.
    const sent = { ...person(3), notes: 'kept' };
    const [landed] = await b.store.write([{ op: 'create', stamp: intent?.stamp ?? '', fields: sent }]);
    late.id = landed?.status === 'ok' ? landed.id : '';
    advance(600_000);
    await (await restart()).sync();
    expect(await counted()).toEqual([19, 19]);
  });
});

it('a mailbox filled again is linked to what is left of its pairs, while their deletes are held', async () => {
  const { a, engine, advance } = await open();
  for (let n = 0; n < 40; n++) await a.oracle.userCreate(person(n));
  await engine.sync();
  for (const { id } of await all('a')) await a.oracle.userDelete(id);
  const [held] = (await engine.sync()).lanes;
  expect(held?.held).toMatchObject({ count: 40 });
  for (let n = 0; n < 40; n++) await a.oracle.userCreate(person(n));
  advance(60_000);
  const [lane] = (await engine.sync()).lanes;
  expect(lane).toMatchObject({ held: null, counts: { created: 0, deleted: 0, linked: 40 } });
  expect(await counted()).toEqual([40, 40]);
});

it('a pair seeks another partner for the record that is left, and for none where nothing is', () => {
  const ref = { id: 'x', inc: 0, version: '', mono: '', stamp: null, gen: 0 };
  const link = { ...newLink('l', 'k', 0), status: 'live' as const, a: ref, b: ref };
  expect(seeksPartner(link, 'a')).toBe(false);
  expect(seeksPartner({ ...link, goneB: true }, 'a')).toBe(true);
  expect(seeksPartner({ ...link, goneB: true }, 'b')).toBe(false);
  expect(seeksPartner({ ...link, goneA: true, goneB: true }, 'a')).toBe(false);
});

describe('a create that was sent once and delivered twice', () => {
  /** What nobody has edited since says so. */
  const dated = (read: ReadResult): ReadResult =>
    read.state === 'found'
      ? { ...read, record: { ...read.record, createdAt: read.record.modifiedAt ?? 0 } }
      : read;
  /** Gives each create to the store twice, as a network may: neither has been applied when the other one is looked at. */
  const twice = (store: RecordStore): RecordStore => ({
    ...store,
    read: async (ids, options) => (await store.read(ids, options)).map(dated),
    write: async (writes, options) => {
      const creates = writes.filter(({ op }) => op === 'create');
      const again = creates.length > 0 ? store.write(creates, options) : [];
      const [outcomes] = await Promise.all([store.write(writes, options), again]);
      return outcomes;
    },
  });

  it('leaves one record: the other one was made before the answer, so nobody can have copied it', async () => {
    const { b, engine, advance } = await open({ throughA: twice });
    await b.oracle.userCreate(person(1));
    await engine.round();
    expect((await all('a')).length).toBe(2);
    for (let pass = 0; pass < 3; pass++) {
      advance(600_000);
      await engine.sync();
    }
    expect(await counted()).toEqual([1, 1]);
  });
});

it('people whom neither feed describes are matched all the same when both are met in one pass', async () => {
  const bare = { contentInFeed: false, stampInFeed: false };
  await open({ capsA: { ...LIKE_MAILBOX, ...bare }, capsB: { ...LIKE_CRM, ...bare } });
  await world.a.oracle.userCreate(person(1));
  await world.b.oracle.userCreate(person(1));
  await world.engine.sync();
  expect(await counted()).toEqual([1, 1]);
});

it('a record that was moved is not seen as a process remembers it from before its last report', async () => {
  let until: ((effect: Effect) => boolean) | null = null;
  const onEffect = (effect: Effect): void => {
    if (until?.(effect) !== true) return;
    until = null;
    throw new Error('killed');
  };
  const { a, b, state, restart } = await open();
  await a.oracle.userCreate(person(1));
  const [one, two] = [await restart({ onEffect }), await restart({ onEffect })];
  await one.sync();
  const [link] = await state.sync.links('lane-1', { by: 'page', after: '', limit: 1 });
  await b.oracle.userDelete(link?.b?.id ?? '');
  const [moved] = await b.store.write([{ op: 'create', stamp: link?.b?.stamp ?? '', fields: person(1) }]);
  if (moved?.status !== 'ok') throw new Error('it was not moved');
  // The first process has read what the feed carried of it, and no more.
  until = (effect) =>
    effect.kind === 'state' &&
    effect.method === 'suspects' &&
    JSON.stringify(effect.args).includes('removed');
  await expect(one.sync()).rejects.toThrow('killed');
  await b.oracle.userUpdate(moved.id, { notes: 'edited' });
  until = (effect) =>
    effect.kind === 'state' && effect.method === 'links' && JSON.stringify(effect.args).includes('"work"');
  await expect(two.sync()).rejects.toThrow('killed');
  await one.sync();
  expect(await all('a')).toMatchObject([{ fields: { notes: 'edited' } }]);
});

it('a pair that names a record which a feed has reported is not planned on anything older', () => {
  const suspect: Suspect = {
    ...{ laneId: 'l', side: 'b', id: 'b1', why: 'unknown', feed: 'f', mono: '0007', at: 0, seq: 0 },
  };
  const ref = (id: string, mono: string) => ({ id, inc: 0, version: '', mono, stamp: null, gen: 0 });
  const link = { ...newLink('l', 'k', 0), status: 'live' as const, a: ref('a1', '0003'), b: ref('b1', '') };
  const pass = {
    lane: { spec: { id: 'l' } },
    guard: { laneId: 'l', fence: 1 },
    sketch: null,
  } as unknown as Pass;
  const core = settleLinked(pass, {
    ...{ unknown: { a: new Map(), b: new Map([['b1', suspect]]) }, waiting: new Map(), learned: 0 },
  });
  const puts: LinkPut[] = [];
  for (let step = core.next(); !step.done; ) {
    const effect = step.value;
    const asked = effect.kind === 'state' ? effect.method : '';
    if (effect.kind === 'state' && effect.method === 'commitLane')
      puts.push(...((effect.args[0] as LaneCommit).links ?? []));
    step = core.next(asked === 'links' ? [link] : 0);
  }
  expect(puts).toEqual([{ link: { ...link, b: ref('b1', '0007') }, mark: ['b'] }]);
});
