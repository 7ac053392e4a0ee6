import { AdapterError } from '@tidelock/core';
import { describe, expect, it } from 'vitest';
import { createEngine, type LaneConfig } from '../src/index.ts';
import { createOffice, FAR, pace } from './office.ts';
import { person } from './world.ts';

describe('feeds that lanes share, at their own pace', () => {
  it('are read when they are due, for all lanes, and make those due that were told something', async () => {
    const office = await createOffice();
    const { engine, calls, sync } = office;
    await engine.prepare();
    await engine.sync();
    const [first] = await engine.readShared({ pace });
    expect(first).toMatchObject({ store: 'crm', lanes: 3, more: false, error: null });
    calls.length = 0;
    expect(await engine.readShared({ due: true, pace })).toEqual([]);
    expect(calls).toEqual([]);
    await office.crm.oracle.userCreate({ ...person(7), owner: 'two' });
    const due = async () =>
      (await sync.dueLanes({ now: office.now(), owner: 'w', limit: 9 })).map(({ id }) => id);
    expect(await due()).toEqual([]);
    await sync.hintFeeds('crm', office.now());
    const [second] = await engine.readShared({ due: true, pace });
    expect(second?.changes).toBeGreaterThan(0);
    expect(calls.filter((call) => call === 'crm.changes').length).toBeLessThanOrEqual(2);
    expect((await due()).length).toBeGreaterThan(0);
    await office.close();
  });

  it('keep their pace while others read them besides: a plan, a sync by hand, a job', async () => {
    const office = await createOffice();
    const { engine, options, sync } = office;
    await engine.prepare();
    await engine.readShared({ pace: () => 30_000 });
    const dueAt = async () => (await sync.feeds('crm')).map((feed) => feed.dueAt);
    const due = [office.now() + 30_000];
    const other = async (lanes: readonly LaneConfig[]) => {
      const job = createEngine({ ...options, hub: false, owner: 'job', lanes });
      await job.prepare();
      return job;
    };
    // Over one lane the feed is its own, over several it is shared: both read it beside the pace.
    for (const lanes of [office.lanes.slice(0, 1), office.lanes]) {
      const job = await other(lanes);
      await job.plan();
      expect(await dueAt()).toEqual(due);
      await job.sync();
      expect(await dueAt()).toEqual(due);
    }
    await office.close();
  });

  it('are due at once when somebody was reading them as another reader came', async () => {
    const office = await createOffice();
    const { options, sync } = office;
    await office.engine.prepare();
    const gate = Promise.withResolvers<void>();
    const reached = Promise.withResolvers<void>();
    const held: typeof sync = {
      ...sync,
      async acquireFeed(request) {
        if (request.feed.startsWith('crm')) {
          reached.resolve();
          await gate.promise;
        }
        return sync.acquireFeed(request);
      },
    };
    const [feed] = await sync.feeds('crm');
    const lease = await sync.acquireFeed({ feed: feed?.id ?? '', owner: 'w', now: office.now(), ttlMs: FAR });
    const job = createEngine({ ...options, state: held, hub: false, owner: 'job' });
    await job.prepare();
    const planned = job.plan();
    await reached.promise;
    await sync.releaseFeed({ feed: feed?.id ?? '', fence: lease?.fence ?? 0, dueAt: office.now() + 1_000 });
    gate.resolve();
    await planned;
    expect((await sync.feeds('crm'))[0]?.dueAt).toBeLessThanOrEqual(office.now() + 1_000);
    await office.close();
  });

  it('answer the trouble of one store with its reading', async () => {
    const office = await createOffice();
    const { engine, lanes } = office;
    await engine.prepare();
    const [one] = lanes;
    const broken = new AdapterError('unavailable', 'down', { operation: 'x' });
    const changes = (): Promise<never> => Promise.reject(broken);
    await engine.replace(
      lanes.map((lane) =>
        lane === one
          ? {
              ...lane,
              spec: { ...lane.spec, storeB: 'crm-2' },
              stores: { ...lane.stores, b: { ...lane.stores.b, changes } },
              revision: 'x',
            }
          : lane,
      ),
    );
    await engine.prepare({ only: ['one'] });
    const readings = await engine.readShared({ pace });
    expect(readings.map(({ store, error }) => [store, error?.kind ?? null]).sort()).toEqual([
      ['crm', null],
      ['crm-2', 'unavailable'],
    ]);
    await office.close();
  });

  it.each([3, 60])('cost what changed, and the same for %d lanes', async (count) => {
    const names = Array.from({ length: count }, (_, n) => `lane-${n}`);
    const office = await createOffice({}, names);
    const asked: string[] = [];
    const state = new Proxy(office.sync, {
      get: (target, name) => {
        const method: unknown = Reflect.get(target, name);
        if (typeof method !== 'function') return method;
        return (...args: readonly unknown[]) => {
          asked.push(String(name));
          return method.apply(target, args) as unknown;
        };
      },
    });
    const engine = createEngine({ ...office.options, state });
    await engine.prepare();
    const made = await office.crm.oracle.userCreate({ ...person(1), email: 'lane-1@owner.example' });
    await engine.readShared({ pace });
    await engine.round({ only: ['lane-1'], shared: false });
    await engine.readShared({ pace });
    await office.crm.oracle.userUpdate(made, { notes: 'changed' });
    await office.crm.oracle.userCreate({ ...person(2), email: 'lane-2@owner.example' });
    await office.crm.oracle.userCreate({ ...person(3), email: 'nobody@owner.example' });
    asked.length = 0;
    const [reading] = await engine.readShared({ pace });
    expect(reading).toMatchObject({ lanes: count, error: null });
    const steps = ['acquireFeed', 'feeds', 'knownRecords', 'commitObservations', 'releaseFeed'];
    expect(asked).toEqual(['feeds', ...steps]);
    const due = await office.sync.dueLanes({ now: office.now(), owner: 'w', limit: 99 });
    expect(due.filter(({ dirtySeq, doneSeq }) => dirtySeq > doneSeq).map(({ id }) => id)).toEqual([
      'lane-1',
      'lane-2',
    ]);
    await office.close();
  });
});
