import { AdapterError } from '@tidelock/core';
import { describe, expect, it } from 'vitest';
import { createEngine, type LaneConfig, nextPollMs, retryMs } from '../src/index.ts';
import { createOffice, NAMES, pace } from './office.ts';
import { person } from './world.ts';

describe('a round over named lanes', () => {
  it('costs the delta of that mailbox and the write, and asks the CRM for nothing else', async () => {
    const office = await createOffice();
    const { engine, calls } = office;
    const id = await office.mailbox('one').oracle.userCreate(person(1));
    await engine.prepare();
    await engine.sync();
    await engine.readShared({ pace });
    await office.mailbox('one').oracle.userUpdate(id, { notes: 'changed' });
    calls.length = 0;
    const reports = await engine.round({ only: ['one'], shared: false });
    expect(reports.map(({ laneId, counts }) => [laneId, counts.updated])).toEqual([['one', 1]]);
    expect([...new Set(calls.filter((call) => call.endsWith('.changes')))]).toEqual(['one.changes']);
    expect(calls.filter((call) => call === 'crm.write')).toHaveLength(1);
    expect(calls.filter((call) => call.startsWith('two') || call.startsWith('three'))).toEqual([]);
    expect((await office.crm.oracle.all())[0]?.fields.notes).toBe('changed');
    await office.close();
  });

  it('does nothing for a lane that the shared feed has not told everything yet', async () => {
    const office = await createOffice();
    const { engine } = office;
    await office.mailbox('one').oracle.userCreate(person(1));
    const found = await engine.prepare({ only: ['one'] });
    expect(found.map(({ laneId }) => laneId)).toEqual(['one']);
    const [before] = await engine.round({ only: ['one'], shared: false });
    expect(before?.status).toBe('untold');
    expect(await office.crm.oracle.all()).toEqual([]);
    await engine.readShared({ pace });
    const [after] = await engine.round({ only: ['one'], shared: false });
    expect(after).toMatchObject({ status: 'done', counts: { created: 1 } });
    await office.close();
  });

  it('goes on over other lanes meanwhile', async () => {
    const office = await createOffice();
    const { engine } = office;
    await engine.prepare();
    await engine.sync();
    for (const [index, name] of NAMES.entries())
      for (let n = 0; n < 30; n++) await office.mailbox(name).oracle.userCreate(person(n + index * 100));
    const rounds = await Promise.all(
      NAMES.map((name) => engine.round({ only: [name], shared: false, others: 2 })),
    );
    expect(rounds.flat().map(({ laneId, counts }) => [laneId, counts.created])).toEqual(
      NAMES.map((name) => [name, 30]),
    );
    await office.close();
  });
});

describe('a lane that nothing happens to', () => {
  /** So many mailboxes, and the lanes that the engine looked at, with each look. */
  async function watched(count: number) {
    const names = Array.from({ length: count }, (_, n) => `lane-${n}`);
    const office = await createOffice({}, names);
    const looks: string[] = [];
    const lanes = office.lanes.map((lane) => {
      const get = (spec: LaneConfig['spec'], key: string | symbol): unknown => {
        looks.push(spec.id);
        return Reflect.get(spec, key);
      };
      return { ...lane, spec: new Proxy(lane.spec, { get }) };
    });
    const engine = createEngine({ ...office.options, lanes });
    await engine.prepare();
    await engine.readShared({ pace });
    await engine.round({ only: ['lane-1'], shared: false });
    await engine.readShared({ due: true, pace });
    engine.ready();
    looks.length = 0;
    return { office, engine, lanes, looks };
  }

  it.each([3, 60])(
    'is not even looked at, beside one that has its turn and feeds that rest, of %d',
    async (count) => {
      const { office, engine, looks } = await watched(count);
      expect(await engine.readShared({ due: true, pace })).toEqual([]);
      expect(engine.ready()).toHaveLength(count);
      expect(looks).toEqual([]);
      const [report] = await engine.round({ only: ['lane-1'], shared: false });
      expect(report?.status).toBe('done');
      expect(new Set(looks)).toEqual(new Set(['lane-1']));
      await office.close();
    },
  );

  it('costs a few looks when the roster is read again, however many others there are', async () => {
    const of = async (count: number): Promise<number> => {
      const { office, engine, lanes, looks } = await watched(count);
      expect(await engine.replace(lanes)).toEqual({ removed: [], changed: [] });
      await office.close();
      return looks.length / count;
    };
    expect(await of(60)).toBe(await of(3));
  });
});

describe('a store that lanes share', () => {
  it('is asked once what it can do for all of them, and again later, or after a failure', async () => {
    const names = Array.from({ length: 40 }, (_, n) => `lane-${n}`);
    const office = await createOffice({}, names);
    const probes = (): number => office.calls.filter((call) => call === 'crm.probe').length;
    for (let n = 0; n < 40; n += 16) await office.engine.prepare({ only: names.slice(n, n + 16) });
    expect(office.engine.ready()).toHaveLength(40);
    expect(probes()).toBe(1);
    expect(office.calls.filter((call) => call.endsWith('.probe'))).toHaveLength(41);
    office.advance(10_000);
    await office.engine.prepare({ only: ['lane-3'] });
    expect(probes()).toBe(2);
    await office.close();
  });
});

describe('lanes that come and go', () => {
  it('are prepared one by one, and those with the same revision stay as they are', async () => {
    const office = await createOffice();
    const { engine, lanes, calls } = office;
    const [one, two, three] = lanes;
    if (one === undefined || two === undefined || three === undefined) throw new Error('no lanes');
    await engine.replace([one, two]);
    await engine.prepare({ only: ['one', 'two'] });
    expect(engine.ready()).toEqual(['one', 'two']);
    calls.length = 0;
    const again = (lane: LaneConfig): LaneConfig => ({ ...lane });
    const came = await engine.replace([again(two), again(three)]);
    expect(came).toEqual({ removed: ['one'], changed: ['three'] });
    expect(engine.ready()).toEqual(['two']);
    await engine.prepare({ only: came.changed });
    expect(engine.ready()).toEqual(['two', 'three']);
    expect(calls.some((call) => call.startsWith('two'))).toBe(false);
    const changed = await engine.replace([{ ...again(two), revision: 'second' }, again(three)]);
    expect(changed).toEqual({ removed: [], changed: ['two'] });
    await office.close();
  });

  it('fail alone: the failure stands on that lane, with a later time, and the others go on', async () => {
    const probe = (): Promise<never> =>
      Promise.reject(new AdapterError('forbidden', 'no access', { operation: 'x' }));
    const office = await createOffice({ two: (store) => ({ ...store, probe }) });
    const { engine } = office;
    const found = await engine.prepare({ only: NAMES });
    expect(
      found.filter(({ findings }) => findings.some(({ severity }) => severity === 'block')),
    ).toHaveLength(1);
    expect(engine.ready()).toEqual(['one', 'three']);
    const row = await office.row('two');
    expect([row.errorKind, row.errorCount]).toEqual(['forbidden', 1]);
    expect(row.dueAt).toBeGreaterThan(office.now() + 200_000);
    await office.close();
  });

  it('bring what a lane that goes had under way to its end', async () => {
    const office = await createOffice();
    const { engine, lanes } = office;
    await engine.prepare();
    await engine.sync();
    for (let n = 0; n < 300; n++) await office.mailbox('one').oracle.userCreate(person(n));
    const [cut] = await engine.round({ only: ['one'], shared: false, others: 1 });
    expect(cut).toMatchObject({ cut: true });
    await engine.replace(lanes.slice(1));
    expect((await office.crm.oracle.all()).length).toBe(300);
    expect((await office.row('one')).leaseOwner).toBeNull();
    await office.close();
  });
});

describe('when a lane is looked at again', () => {
  const poll = { floorMs: 60_000, ceilingMs: 3_600_000 };
  const row = (waited: number | null) => ({
    ...{ id: 'lane', lastOkAt: waited === null ? null : 1_000, dueAt: 1_000 + (waited ?? 0) },
  });

  it.each([
    ['never looked at', null, false, 60_000],
    ['quiet', 100_000, false, 150_000],
    ['quiet for long', 3_600_000, false, 3_600_000],
    ['busy', 3_600_000, true, 60_000],
    ['hinted at', -500, false, 60_000],
  ] as const)('%s', (...of) => {
    const [, waited, moved, expected] = of;
    const next = nextPollMs({ row: row(waited), moved, now: 5_000_000, poll });
    expect(next).toBeGreaterThanOrEqual(expected * 0.9);
    expect(next).toBeLessThanOrEqual(expected * 1.1);
  });

  it('spreads lanes, and is every five minutes where nothing is configured', () => {
    const at = (id: string) => nextPollMs({ row: { ...row(3_600_000), id }, moved: false, now: 7, poll });
    expect(new Set(Array.from({ length: 50 }, (_, n) => at(`lane-${n}`))).size).toBeGreaterThan(40);
    expect(nextPollMs({ row: row(99), moved: true, now: 7 })).toBe(300_000);
  });

  it.each([
    ['unavailable', 0, 0, 5_000],
    ['unavailable', 3, 0, 40_000],
    ['unavailable', 50, 0, 300_000],
    ['rate_limited', 0, 90_000, 90_000],
    ['auth', 0, 0, 300_000],
    ['auth', 9, 0, 3_600_000],
  ] as const)('after %s, %d failures before and a wait of %d', (...of) => {
    const [kind, failures, waitMs, expected] = of;
    const next = retryMs({ laneId: 'lane', kind, failures, waitMs, now: 1 });
    expect(next).toBeGreaterThanOrEqual(expected * 0.9);
    expect(next).toBeLessThanOrEqual(expected * 1.1);
  });

  it('is written down by the pass, and a quiet lane is asked less and less', async () => {
    const office = await createOffice();
    const { engine } = office;
    await engine.prepare();
    await engine.readShared({ pace });
    const waits: number[] = [];
    for (let n = 0; n < 9; n++) {
      await engine.round({ only: ['one'], shared: false, poll });
      const { dueAt } = await office.row('one');
      waits.push(dueAt - office.now());
      office.advance(dueAt - office.now());
    }
    expect(waits[0]).toBeLessThan(70_000);
    expect(waits.at(-1)).toBeGreaterThan(600_000);
    await office.mailbox('one').oracle.userCreate(person(1));
    await engine.round({ only: ['one'], shared: false, poll });
    expect((await office.row('one')).dueAt - office.now()).toBeLessThan(70_000);
    await office.close();
  });
});
