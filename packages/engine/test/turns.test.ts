import { createReferenceFixture } from '@tidelock/conformance';
import { AdapterError, type LaneSpec, type RecordStore, type Side } from '@tidelock/core';
import { createSqliteState } from '@tidelock/state-sqlite';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import {
  createEngine,
  DEFAULT_POLICY,
  type EngineOptions,
  inTurn,
  type LaneConfig,
  quantumOf,
  type TurnCandidate,
  turnOf,
} from '../src/index.ts';
import { LIKE_CRM, LIKE_MAILBOX, MAPPING, person, silent } from './world.ts';

const lane = (laneId: string, tenantId: string, turn: TurnCandidate['turn']): TurnCandidate => ({
  ...{ laneId, tenantId, turn },
});

describe('turns', () => {
  it('take what people did first, then what is due, then loads; one lane of each tenant in turn', () => {
    const order = inTurn([
      lane('load', 't', 'loading'),
      lane('t1', 't', 'regular'),
      lane('t2', 't', 'regular'),
      lane('t3', 't', 'regular'),
      lane('u1', 'u', 'regular'),
      lane('edit', 'u', 'interactive'),
    ]);
    expect(order).toEqual(['edit', 't1', 'u1', 't2', 't3', 'load']);
  });

  it('leave nobody out and put a small tenant behind no more lanes than there are tenants', () => {
    fc.assert(
      fc.property(
        fc.array(fc.constantFrom('big', 'big', 'big', 'small', 'other'), { maxLength: 40 }),
        (tenants) => {
          const lanes = tenants.map((tenant, n) => lane(String(n), tenant, 'regular'));
          const order = inTurn(lanes);
          expect(order.toSorted()).toEqual(lanes.map(({ laneId }) => laneId).toSorted());
          const first = order.findIndex((id) => lanes.find((one) => one.laneId === id)?.tenantId === 'small');
          expect(first).toBeLessThan(3);
        },
      ),
    );
  });

  it.each([
    ['never done', { dirtySeq: 0, doneSeq: 0, lastOkAt: null }, false, 'loading'],
    ['cut', { dirtySeq: 3, doneSeq: 0, lastOkAt: 1 }, true, 'loading'],
    ['hinted', { dirtySeq: 3, doneSeq: 2, lastOkAt: 1 }, false, 'interactive'],
    ['idle', { dirtySeq: 3, doneSeq: 3, lastOkAt: 1 }, false, 'regular'],
  ] as const)('%s', (...of) => {
    const [, row, cut, expected] = of;
    expect(turnOf(row, cut)).toBe(expected);
  });

  it('have no end for a lane that is alone, and half of it for a load', () => {
    expect(quantumOf('loading', 0)).toBeNull();
    expect(quantumOf('regular', 1)).toEqual({ writes: 200, ms: 30_000, links: 2_500 });
    expect(quantumOf('loading', 1)).toEqual({ writes: 100, ms: 15_000, links: 2_500 });
  });
});

/** Several mailboxes, each with a CRM of its own, in one process; the order of writes is noted. */
async function createOffice(through: Readonly<Record<string, (store: RecordStore) => RecordStore>>) {
  const state = await createSqliteState({ file: ':memory:' }, { dataDir: '.', log: silent });
  let wall = 1_767_225_600_000;
  let ids = 0;
  const written: { lane: string; side: Side; count: number }[] = [];
  const later = async (ms: number): Promise<void> => {
    wall += ms;
  };
  const clock = { now: () => wall, mono: () => wall, sleep: (ms: number) => later(ms) };
  const uuid = () => `00000000-0000-4000-8000-${String(ids++).padStart(12, '0')}`;
  const offices = ['big', 'small', 'third'].map((name) => {
    const [a, b] = [createReferenceFixture(LIKE_MAILBOX), createReferenceFixture(LIKE_CRM)];
    const noting = (side: Side, store: RecordStore): RecordStore => ({
      ...store,
      write(batch, options) {
        wall += 1_000;
        written.push({ lane: name, side, count: batch.length });
        return store.write(batch, options);
      },
    });
    const spec: LaneSpec = { id: name, tenantId: 't', storeA: `a:${name}`, storeB: `b:${name}`, label: name };
    const stores = { a: noting('a', a.store), b: noting('b', through[name]?.(b.store) ?? b.store) };
    const config: LaneConfig = { spec, stores, mapping: MAPPING, policy: { ...DEFAULT_POLICY, holdMs: 0 } };
    return { name, a, b, config };
  });
  const options: EngineOptions = {
    ...{ state: state.sync, clock, random: { next: () => 0.5, uuid }, log: silent, owner: 'w' },
    lanes: offices.map(({ config }) => config),
  };
  const [big, small, third] = offices;
  if (big === undefined || small === undefined || third === undefined) throw new Error('no office');
  return { state, written, engine: createEngine(options), big, small, third, options };
}

describe('fairness (L6)', () => {
  it('serves a small change within one turn of a lane that loads for long', async () => {
    const office = await createOffice({});
    const { engine, big, small, written } = office;
    await engine.prepare();
    const id = await small.a.oracle.userCreate(person(1));
    await engine.sync();
    for (let n = 0; n < 1_500; n++) await big.a.oracle.userCreate(person(n + 10));
    await engine.round();
    await small.a.oracle.userUpdate(id, { notes: 'at once' });
    written.length = 0;
    await engine.round();
    const before = written.findIndex((write) => write.lane === 'small');
    const ahead = written.slice(0, before).reduce((sum, write) => sum + write.count, 0);
    expect(before).toBeGreaterThanOrEqual(0);
    expect(ahead).toBeLessThanOrEqual(200);
    expect((await small.b.oracle.all())[0]?.fields.notes).toBe('at once');
    const report = await engine.sync();
    expect(report.settled).toBe(true);
    expect(await big.b.oracle.all()).toHaveLength(1_500);
    expect(report.lanes.find((one) => one.laneId === 'big')?.counts.created).toBe(1_500);
    await office.state.close();
  });

  it('serves the others while one lane fails for ever', async () => {
    const down = (store: RecordStore): RecordStore => ({
      ...store,
      write: () => Promise.reject(new AdapterError('unavailable', 'down', { operation: 'x' })),
    });
    const office = await createOffice({ big: down });
    const { engine, big, small, third } = office;
    await engine.prepare();
    for (let n = 0; n < 50; n++) await big.a.oracle.userCreate(person(n));
    for (let n = 0; n < 5; n++) await small.a.oracle.userCreate(person(n));
    for (let n = 0; n < 5; n++) await third.b.oracle.userCreate(person(n));
    await engine.round();
    expect(await small.b.oracle.all()).toHaveLength(5);
    expect(await third.a.oracle.all()).toHaveLength(5);
    await office.state.close();
  });

  it('does not cut a lane that is alone', async () => {
    const office = await createOffice({});
    const { big, options } = office;
    const alone = createEngine({ ...options, lanes: [big.config] });
    await alone.prepare();
    for (let n = 0; n < 700; n++) await big.a.oracle.userCreate(person(n));
    const [report] = await alone.round();
    expect(report).toMatchObject({ cut: false, counts: { created: 700 } });
    await office.state.close();
  });

  it('ends a pass that stands still when it is asked to stop, and loses nothing', async () => {
    const stop = new AbortController();
    const office = await createOffice({});
    const { big, options } = office;
    const engine = createEngine({ ...options, signal: stop.signal });
    await engine.prepare();
    for (let n = 0; n < 1_000; n++) await big.a.oracle.userCreate(person(n));
    let rounds = 0;
    const first = await engine.sync({ onRound: () => void (++rounds === 3 && stop.abort()) });
    expect(first.settled).toBe(false);
    expect((await office.state.sync.lanes()).every((row) => row.leaseOwner === null)).toBe(true);
    const next = createEngine(options);
    await next.prepare();
    expect((await next.sync()).settled).toBe(true);
    expect(await big.b.oracle.all()).toHaveLength(1_000);
    await office.state.close();
  });
});
