import type { Outcome, RecordStore, Write } from '@tidelock/core';
import { afterEach, describe, expect, it } from 'vitest';
import { BREAKER, DEFAULT_POLICY, isSystemic } from '../src/index.ts';
import { createWorld, LIKE_CRM, person, type TestWorld } from './world.ts';

let world: TestWorld | undefined;
const open = async (...args: Parameters<typeof createWorld>): Promise<TestWorld> => {
  world = await createWorld(...args);
  return world;
};
afterEach(async () => {
  await world?.close();
  world = undefined;
});

const policy = DEFAULT_POLICY.breaker;

describe('refused alike', () => {
  it.each([
    ['one of three', 3, 1, false, false],
    ['nine of nine', 9, 9, false, false],
    ['ten of ten', 10, 10, false, true],
    ['a fifth', 100, 20, false, false],
    ['more than a fifth', 100, 21, false, true],
    ['fifty of a thousand', 1_000, 50, false, false],
    ['more than fifty', 1_000, 51, false, true],
    ['two of a sample of ten', 10, 2, true, false],
    ['three of a sample of ten', 10, 3, true, true],
  ])('%s', (...row) => {
    const [, sent, alike, probing, expected] = row;
    expect(isSystemic({ sent, alike, probing, policy })).toBe(expected);
  });
});

const refusal: Outcome = {
  status: 'rejected',
  code: 'validation-rule',
  property: 'phone',
  message: 'phone: no',
};

/** A CRM that refuses what `no` says. */
const choosy =
  (on: { no: (write: Write) => boolean; asked: number }) =>
  (store: RecordStore): RecordStore => ({
    ...store,
    async write(batch) {
      on.asked += batch.length;
      const fine = batch.filter((write) => !on.no(write));
      const done = [...(await store.write(fine))];
      return batch.map((write) => (on.no(write) ? refusal : (done.shift() ?? refusal)));
    },
  });

describe('the circuit breaker', () => {
  it('closes a side that refuses everything alike, with one question, and tries a sample after an hour', async () => {
    const on = { no: (): boolean => true, asked: 0 };
    const { a, b, engine, advance, state } = await open({ throughB: choosy(on) });
    for (let n = 0; n < 300; n++) await a.oracle.userCreate(person(n));
    await engine.sync();
    expect(on.asked).toBe(BREAKER.window);
    expect(await state.sync.counts('lane-1', 0)).toMatchObject({ parked: 0, half: 300 });
    const reviews = await state.sync.reviews('lane-1', { open: true });
    expect(reviews).toHaveLength(1);
    expect(reviews[0]).toMatchObject({ kind: 'systemic' });
    expect(reviews[0]?.reasons[0]).toContain('refused 200 of 200 writes alike (validation-rule, phone)');
    await engine.sync();
    expect(on.asked).toBe(BREAKER.window);
    advance(BREAKER.retryMs);
    await engine.sync();
    expect(on.asked).toBe(BREAKER.window + BREAKER.sample);
    on.no = () => false;
    advance(BREAKER.retryMs);
    await engine.sync();
    expect(await b.oracle.all()).toHaveLength(300);
    expect(await state.sync.reviews('lane-1', { open: true })).toHaveLength(0);
  });

  it('tries one sample also where a pass goes on with what another one has left', async () => {
    const on = { no: (): boolean => true, asked: 0 };
    const stop = { aborted: false, onReading: false };
    const stopping = (store: RecordStore): RecordStore => ({
      ...store,
      async changes(feed, cursor, options) {
        stop.aborted = stop.onReading;
        return store.changes(feed, cursor, options);
      },
    });
    const policy = { maxLinks: 1_000 };
    const { a, restart, advance } = await open({ throughA: stopping, throughB: choosy(on), policy });
    for (let n = 0; n < 1_900; n++) await a.oracle.userCreate(person(n));
    const engine = await restart({ signal: stop as unknown as AbortSignal });
    await engine.round();
    advance(BREAKER.retryMs);
    stop.onReading = true;
    const [cut] = await engine.round();
    expect(cut?.backlog).toBe(true);
    expect(on.asked).toBe(BREAKER.window);
    Object.assign(stop, { onReading: false, aborted: false });
    await engine.round();
    expect(on.asked).toBe(BREAKER.window + BREAKER.sample);
  });

  it('leaves the other side alone', async () => {
    const on = { no: (write: Write): boolean => write.op === 'create', asked: 0 };
    const { a, b, engine } = await open({ throughB: choosy(on) });
    for (let n = 0; n < 20; n++) await a.oracle.userCreate(person(n));
    for (let n = 100; n < 105; n++) await b.oracle.userCreate(person(n));
    await engine.sync();
    expect(await a.oracle.all()).toHaveLength(25);
  });

  it('parks a few, as ever, and all of them once a person has said so', async () => {
    const on = { no: (write: Write): boolean => write.op === 'create', asked: 0 };
    const { a, engine, state, advance } = await open({ throughB: choosy(on) });
    for (let n = 0; n < 30; n++) await a.oracle.userCreate(person(n));
    await engine.sync();
    const [review] = await state.sync.reviews('lane-1', { open: true });
    await state.sync.decide(review?.id ?? '', 'dismiss', 1);
    advance(1_000);
    await engine.sync();
    expect((await state.sync.counts('lane-1', 0)).parked).toBe(30);
  });
});

describe('a business key that is taken', () => {
  it('sends the record that has it to matching', async () => {
    const taken = { no: (write: Write): boolean => write.op === 'create', asked: 0 };
    const refuse: Outcome = {
      status: 'rejected',
      code: 'duplicate-key',
      property: 'email',
      message: 'email: taken',
    };
    const hidden = new Set<string>();
    const { a, b, engine, state } = await open({
      capsB: LIKE_CRM,
      throughB: (store) => ({
        ...store,
        async changes(feed, cursor) {
          const page = await store.changes(feed, cursor);
          return { ...page, changes: page.changes.filter((change) => !hidden.has(change.id)) };
        },
        write: async (batch) =>
          batch[0]?.op === 'create' ? batch.map(() => refuse) : await store.write(batch),
      }),
    });
    hidden.add(await b.oracle.userCreate(person(1, { notes: 'from the CRM' })));
    await a.oracle.userCreate(person(1));
    await engine.sync();
    const [link] = await state.sync.links('lane-1', { by: 'page', after: '', limit: 1 });
    expect(link).toMatchObject({ status: 'live', quarantine: null });
    expect((await a.oracle.all())[0]?.fields.notes).toBe('from the CRM');
    expect(taken.asked).toBe(0);
  });
});

describe('a new mapping', () => {
  it('gives refused records another chance', async () => {
    const on = { no: (write: Write): boolean => write.op === 'create', asked: 0 };
    const { a, b, engine, restart, state } = await open({ throughB: choosy(on) });
    for (let n = 0; n < 3; n++) await a.oracle.userCreate(person(n));
    await engine.sync();
    expect((await state.sync.counts('lane-1', 0)).parked).toBe(3);
    on.no = () => false;
    await engine.sync();
    expect(await b.oracle.all()).toHaveLength(0);
    const other = await restart({}, { fields: 5 });
    await other.plan();
    await other.sync();
    expect(await b.oracle.all()).toHaveLength(3);
  });
});
