import type { Fields, Intent, ReadResult, RecordStore } from '@tidelock/core';
import { afterEach, describe, expect, it } from 'vitest';
import { createWorld, person, type TestWorld } from './world.ts';

// Creates whose answers were lost, and that take effect when what became of their pair is settled already (5.3, 6.4).

let world: TestWorld;
afterEach(() => world?.close());

const all = (side: 'a' | 'b') => world[side].oracle.all();
const namesOn = async (side: 'a' | 'b'): Promise<unknown[]> =>
  (await all(side)).map(({ fields }) => fields.familyName).sort();

/** A mailbox that says when a record was created. */
function dated(store: RecordStore): RecordStore {
  const withDate = (read: ReadResult): ReadResult => {
    if (read.state !== 'found') return read;
    const { version, modifiedAt } = read.record;
    return { ...read, record: { ...read.record, createdAt: version === 'v1' ? (modifiedAt ?? 0) : 0 } };
  };
  return { ...store, read: async (ids, options) => (await store.read(ids, options)).map(withDate) };
}

/** Somebody new in the CRM; this many creates of the partner have no outcome, and none has taken effect. */
async function sentInVain(times: number): Promise<{ readonly id: string; readonly sent: readonly Intent[] }> {
  const { a, b, engine, state, advance } = world;
  const id = await b.oracle.userCreate(person(7));
  const sent: Intent[] = [];
  for (let turn = 0; turn < times; turn++) {
    await b.oracle.userUpdate(id, { notes: `draft ${turn}` });
    a.faults.loseAnswer(false);
    await engine.round();
    a.faults.clear();
    sent.push(...(await state.sync.openIntentsOf('lane-1')));
    advance(600_000);
  }
  return { id, sent };
}

/** Requests land that nobody waits for any more; the service itself does not look whether a stamp is taken. */
async function land(late: readonly Intent[]): Promise<void> {
  const { rows } = world.a.server;
  const landed: { id: string; stamp: string }[] = [];
  for (const { stamp, sent } of late) {
    const { firstName: city, lastName: familyName, email, phone, notes } = sent;
    const fields = { city, familyName, email, phone, notes } as Fields;
    const [made] = await world.a.store.write([{ op: 'create', stamp: stamp ?? '', fresh: true, fields }]);
    if (made?.status !== 'ok') throw new Error('it did not land');
    landed.push({ id: made.id, stamp: stamp ?? '' });
    Object.assign(rows.get(made.id) ?? {}, { stamp: null });
  }
  for (const { id, stamp } of landed) Object.assign(rows.get(id) ?? {}, { stamp });
}

async function settle(): Promise<void> {
  world.advance(600_000);
  await (await world.restart()).sync();
}

describe('creates that land late', () => {
  it('are all taken away again where their pair has ended, also the second one with the same stamp', async () => {
    world = await createWorld({ throughA: dated });
    for (let n = 20; n < 40; n++) await world.a.oracle.userCreate(person(n));
    await world.engine.sync();
    const before = await namesOn('a');
    const { id, sent } = await sentInVain(2);
    expect(new Set(sent.map(({ stamp }) => stamp)).size).toBe(1);
    await world.b.oracle.userDelete(id);
    await settle();
    await land(sent);
    await settle();
    expect([await namesOn('a'), await namesOn('b')]).toEqual([before, before]);
  });

  it('are taken away where somebody made the partner meanwhile: one create makes one record, and that was not it', async () => {
    world = await createWorld({ throughA: dated });
    const { sent } = await sentInVain(1);
    await world.a.oracle.userCreate(person(7));
    await settle();
    await land(sent);
    await settle();
    expect([await namesOn('a'), await namesOn('b')]).toEqual([['Family7'], ['Family7']]);
    expect((await all('a'))[0]?.stamp).toBeNull();
  });

  it('bring back no record that went into another one: theirs stays, parted, and once', async () => {
    world = await createWorld({ throughA: dated });
    const { b, state } = world;
    const winner = await b.oracle.userCreate(person(1));
    await world.engine.sync();
    const { id, sent } = await sentInVain(2);
    await b.oracle.userMerge?.(winner, id);
    await settle();
    await land(sent);
    await settle();
    expect([await namesOn('a'), await namesOn('b')]).toEqual([['Family1', 'Family7'], ['Family1']]);
    const [late] = (await all('a')).filter(({ fields }) => fields.familyName === 'Family7');
    const links = await state.sync.links('lane-1', { by: 'native', side: 'a', ids: [late?.id ?? ''] });
    expect(links).toMatchObject([{ status: 'merged', b: null }]);
  });

  /** A record was deleted, and its edited partner went into another one before the record was created again, twice. */
  async function deletedAndMerged(): Promise<readonly Intent[]> {
    world = await createWorld({ throughA: dated });
    const { a, b, engine, state, advance } = world;
    const winner = await b.oracle.userCreate(person(1));
    const loser = await b.oracle.userCreate(person(7));
    await engine.sync();
    const [first] = (await all('a')).filter(({ fields }) => fields.familyName === 'Family7');
    advance(600_000);
    await a.oracle.userDelete(first?.id ?? '');
    const sent: Intent[] = [];
    for (let turn = 0; turn < 2; turn++) {
      await b.oracle.userUpdate(loser, { notes: `draft ${turn}` });
      a.faults.loseAnswer(false);
      await engine.round();
      a.faults.clear();
      sent.push(...(await state.sync.openIntentsOf('lane-1')));
      advance(600_000);
    }
    expect(sent).toMatchObject([{ incarnation: 1 }, { incarnation: 1 }]);
    await b.oracle.userMerge?.(winner, loser);
    await settle();
    return sent;
  }

  it('do so also where the record before them was deleted, and its edited partner went into another one', async () => {
    await land(await deletedAndMerged());
    await settle();
    expect([await namesOn('a'), await namesOn('b')]).toEqual([['Family1', 'Family7'], ['Family1']]);
  });

  it('are records of their own, under a stamp of their own, where somebody edits them', async () => {
    await land(await deletedAndMerged());
    const { a } = world;
    const [edited] = (await all('a')).filter(({ fields }) => fields.familyName === 'Family7');
    await a.oracle.userUpdate(edited?.id ?? '', { notes: 'mine' });
    await settle();
    expect([await namesOn('a'), await namesOn('b')]).toEqual([
      ['Family1', 'Family7', 'Family7'],
      ['Family1', 'Family7'],
    ]);
    expect((await all('b')).find(({ fields }) => fields.familyName === 'Family7')?.fields.notes).toBe('mine');
    const stamps = (await all('a')).map(({ stamp }) => stamp);
    expect(new Set(stamps).size).toBe(stamps.length);
  });

  it('do so also where the merge was known before their outcome', async () => {
    world = await createWorld({ throughA: dated, policy: { holdMs: 300_000 } });
    const { a, b, engine, state } = world;
    const winner = await b.oracle.userCreate(person(1));
    await engine.sync();
    const id = await b.oracle.userCreate(person(7));
    a.faults.loseAnswer(true);
    await engine.round();
    a.faults.clear();
    await b.oracle.userMerge?.(winner, id);
    await engine.round();
    const [open] = await state.sync.openIntentsOf('lane-1');
    const links = await state.sync.links('lane-1', { by: 'id', ids: [open?.linkId ?? ''] });
    expect(links).toMatchObject([{ status: 'merged', a: null, b: null }]);
    await settle();
    expect([await namesOn('a'), await namesOn('b')]).toEqual([['Family1', 'Family7'], ['Family1']]);
  });

  it('are taken away where their pair has followed a merge, and its partner was made again', async () => {
    world = await createWorld({ throughA: dated });
    const { a, b, state } = world;
    const { id, sent } = await sentInVain(1);
    await settle();
    const [first] = await all('a');
    const winner = await b.oracle.userCreate(person(8));
    await a.oracle.userDelete(first?.id ?? '');
    await b.oracle.userMerge?.(winner, id);
    await settle();
    const [again] = await all('a');
    const tombs = await state.sync.links('lane-1', { by: 'stamp', stamps: [sent[0]?.stamp ?? ''] });
    expect(tombs).toMatchObject([
      { status: 'tomb', b: { id } },
      { status: 'tomb', b: { id: winner } },
    ]);
    await land(sent);
    await settle();
    expect((await all('a')).map((record) => record.id)).toEqual([again?.id]);
    expect(await namesOn('b')).toEqual(['Family8']);
  });

  /** Of two creates the second one landed, and everybody agrees on it. */
  async function secondLanded(): Promise<{
    readonly id: string;
    readonly first: Intent;
    readonly made: string;
  }> {
    world = await createWorld({ throughA: dated });
    const { id, sent } = await sentInVain(2);
    const [first, second] = sent;
    if (first === undefined || second === undefined) throw new Error('two creates were to be sent');
    await land([second]);
    await settle();
    const [made] = await all('a');
    expect(made?.fields.notes).toBe('draft 1');
    return { id, first, made: made?.id ?? '' };
  }

  it('look edited to nobody where they come in the place of a record that showed something else', async () => {
    const { id, first, made } = await secondLanded();
    await world.a.oracle.userDelete(made);
    await world.b.oracle.userDelete(id);
    await land([first]);
    await settle();
    await settle();
    expect([await namesOn('a'), await namesOn('b')]).toEqual([[], []]);
  });

  it('write nothing of theirs over what a pair has agreed on since', async () => {
    const { id, first, made } = await secondLanded();
    await world.b.oracle.userUpdate(id, { notes: 'final' });
    await settle();
    await world.a.oracle.userDelete(made);
    await land([first]);
    await settle();
    const notes = async (side: 'a' | 'b'): Promise<unknown[]> =>
      (await all(side)).map(({ fields }) => fields.notes);
    expect([await notes('a'), await notes('b')]).toEqual([['final'], ['final']]);
  });

  it('stay where somebody has edited them in that place: an edit beats a delete', async () => {
    const { id, first, made } = await secondLanded();
    await world.a.oracle.userDelete(made);
    await world.b.oracle.userDelete(id);
    await land([first]);
    const [late] = await all('a');
    await world.a.oracle.userUpdate(late?.id ?? '', { notes: 'mine' });
    await settle();
    await settle();
    expect((await all('b')).map(({ fields }) => fields.notes)).toEqual(['mine']);
  });

  it('are waited for where the source went into a record that is new to us: the pair goes on with it, and nobody is made twice', async () => {
    world = await createWorld({ throughA: dated, policy: { holdMs: 300_000 } });
    const { a, b, engine, advance } = world;
    await engine.sync();
    const id = await b.oracle.userCreate(person(7));
    a.faults.loseAnswer(true);
    await engine.round();
    a.faults.clear();
    const winner = await b.oracle.userCreate(person(8));
    await b.oracle.userMerge?.(winner, id);
    await engine.round();
    expect(await namesOn('a')).toEqual(['Family7']);
    advance(600_000);
    await settle();
    expect([await namesOn('a'), await namesOn('b')]).toEqual([['Family8'], ['Family8']]);
  });
});

describe('a record that comes with the stamp of a pair that has ended', () => {
  /** Somebody of the mailbox is in the CRM as well; others are, too, so that a single delete is no mass of them. */
  async function inStep(): Promise<{ a: string; b: string; stamp: string; others: unknown[] }> {
    world = await createWorld();
    for (let n = 20; n < 40; n++) await world.a.oracle.userCreate(person(n));
    await world.engine.sync();
    const others = await namesOn('b');
    const a = await world.a.oracle.userCreate(person(7));
    await settle();
    const [made] = (await all('b')).filter(({ fields }) => fields.familyName === 'Family7');
    return { a, b: made?.id ?? '', stamp: made?.stamp ?? '', others };
  }

  async function comes(stamp: string): Promise<void> {
    const [made] = await world.b.store.write([{ op: 'create', stamp, fresh: true, fields: person(7) }]);
    if (made?.status !== 'ok') throw new Error('it did not come');
    await settle();
    await settle();
  }

  it('is back where it was moved, and its partner was deleted because only its old id had been told', async () => {
    const { b, stamp, others } = await inStep();
    await world.b.oracle.userDelete(b);
    await settle();
    expect(await namesOn('a')).toEqual(others);
    await comes(stamp);
    expect(await namesOn('b')).toContain('Family7');
    expect(await namesOn('a')).toContain('Family7');
  });

  it('is late where it was its partner that somebody deleted, and goes', async () => {
    const { a, stamp, others } = await inStep();
    await world.a.oracle.userDelete(a);
    await settle();
    await settle();
    expect(await namesOn('b')).toEqual(others);
    await comes(stamp);
    expect([await namesOn('a'), await namesOn('b')]).toEqual([others, others]);
  });
});
