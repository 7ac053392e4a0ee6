import { expect, it } from 'vitest';
import { FEED, LANE, laneSpec } from './batch.ts';
import { describeWithServer, emptySchema, openState, startServer } from './server.ts';

await startServer();

const HOUR = 3_600_000;

describeWithServer('leases by the clock of the server', () => {
  it('hold against a worker whose own clock is an hour ahead, and end for one that is an hour behind', async () => {
    const schema = await emptySchema();
    const [one, two] = await Promise.all([
      openState(schema, { leaseClock: 'database' }),
      openState(schema, { leaseClock: 'database' }),
    ]);
    const now = Date.now();
    await one.sync.saveLanes([laneSpec(LANE)], now);
    const take = (state: typeof one, at: number, ttlMs: number) =>
      state.sync.acquireLane({ laneId: LANE, owner: state === one ? 'one' : 'two', now: at, ttlMs });
    const first = await take(one, now, 60_000);
    expect(first).toEqual({ fence: 1, until: now + 60_000 });
    expect(await take(two, now + HOUR, 60_000)).toBeNull();
    const guard = { laneId: LANE, fence: 1 };
    // Renewed into the past: ended.
    expect(await one.sync.renewLane({ guard, now: now + HOUR, ttlMs: -1 })).toBe(true);
    expect(await take(two, now - HOUR, 60_000)).toEqual({ fence: 2, until: now - HOUR + 60_000 });
    expect(await one.sync.renewLane({ guard, now, ttlMs: 60_000 })).toBe(false);
    await Promise.all([one.close(), two.close()]);
  });

  it('so do those of feeds', async () => {
    const schema = await emptySchema();
    const state = await openState(schema, { leaseClock: 'database' });
    await state.sync.saveFeeds([{ id: FEED, store: 'hub', side: 'b', key: 'contacts' }]);
    const take = (owner: string, now: number) =>
      state.sync.acquireFeed({ feed: FEED, owner, now, ttlMs: 60_000 });
    expect((await take('one', Date.now()))?.fence).toBe(1);
    expect(await take('two', Date.now() + HOUR)).toBeNull();
    await state.close();
  });
});
