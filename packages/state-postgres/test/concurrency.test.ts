import { isAdapterError, type StatePort } from '@tidelock/core';
import { Client } from 'pg';
import { expect, it } from 'vitest';
import {
  FEED,
  historyRow,
  holdFeed,
  holdLane,
  LANE,
  laneSpec,
  OTHER,
  page,
  plainIntent,
  plainLink,
} from './batch.ts';
import { describeWithServer, emptySchema, openState, serverUrl, startServer } from './server.ts';

await startServer();

async function withTwo(
  work: (one: StatePort, two: StatePort, schema: string) => Promise<void>,
): Promise<void> {
  const schema = await emptySchema();
  const one = await openState(schema, { poolSize: 3 });
  const two = await openState(schema, { poolSize: 3 });
  try {
    await work(one, two, schema);
  } finally {
    await Promise.all([one.close(), two.close()]);
  }
}

/** Whether it was done; false for a refusal of an old fence. */
async function accepted(work: Promise<unknown>): Promise<boolean> {
  try {
    await work;
    return true;
  } catch (error) {
    if (isAdapterError(error) && error.code === 'old-fence') return false;
    throw error;
  }
}

describeWithServer('two workers and one lane', () => {
  it('of all that reach for a free lane at once, one gets it', async () => {
    await withTwo(async (one, two) => {
      await one.sync.saveLanes([laneSpec(LANE)], 1);
      const fences: number[] = [];
      for (let round = 0; round < 20; round++) {
        const now = 1 + round * 1_000;
        const ask = (state: StatePort, owner: string) =>
          state.sync.acquireLane({ laneId: LANE, owner, now, ttlMs: 1_000 });
        const leases = await Promise.all([ask(one, 'a'), ask(two, 'b'), ask(one, 'c'), ask(two, 'd')]);
        const won = leases.flatMap((lease) => (lease === null ? [] : [lease.fence]));
        expect(won.length, `round ${round}`).toBe(1);
        fences.push(...won);
      }
      expect(fences).toEqual(fences.toSorted((x, y) => x - y));
      expect(new Set(fences).size).toBe(20);
    });
  });

  it('never both commit under a current fence: what was written bears the fence that held the lane', async () => {
    await withTwo(async (one, two) => {
      await one.sync.saveLanes([laneSpec(LANE)], 1);
      let clock = 1;
      let refused = 0;
      // Each takes the lane over as soon as it can; the other one goes on as if it had been paused meanwhile.
      const writeTwice = async (state: StatePort, fence: number): Promise<void> => {
        const guard = { laneId: LANE, fence };
        for (let write = 0; write < 2; write++) {
          const links = [{ link: plainLink('x', { updatedAt: fence }) }];
          const history = [{ ...historyRow(0, fence), linkId: 'x' }];
          if (!(await accepted(state.sync.commitLane({ guard, now: 1, links, history })))) refused += 1;
        }
      };
      const work = async (state: StatePort, owner: string): Promise<void> => {
        for (let round = 0; round < 25; round++) {
          clock += 10;
          const lease = await state.sync.acquireLane({ laneId: LANE, owner, now: clock, ttlMs: 5 });
          if (lease !== null) await writeTwice(state, lease.fence);
        }
      };
      await Promise.all([work(one, 'a'), work(two, 'b')]);
      const rows = (await one.sync.history(LANE, { limit: 999 })).toReversed();
      const order = rows.map((row) => row.seq);
      expect(order).toEqual(order.toSorted((x, y) => x - y));
      const [link] = await one.sync.links(LANE, { by: 'id', ids: ['x'] });
      expect(link?.updatedAt).toBe(order.at(-1));
      expect(refused).toBeGreaterThan(0);
    });
  });

  it('an acquisition waits for a commit that has begun, and shuts out the next one', async () => {
    await withTwo(async (one, two) => {
      const guard = { laneId: LANE, fence: await holdLane(one, LANE, 'a') };
      const links = Array.from({ length: 300 }, (_, i) => ({ link: plainLink(String(i)) }));
      const commit = accepted(one.sync.commitLane({ guard, now: 1, links }));
      const lease = await two.sync.acquireLane({ laneId: LANE, owner: 'b', now: 5_000, ttlMs: 1_000 });
      expect(lease?.fence).toBe(guard.fence + 1);
      const counts = await two.sync.counts(LANE, 1);
      expect(counts.live).toBe((await commit) ? 300 : 0);
      expect(await accepted(one.sync.commitLane({ guard, now: 1, links }))).toBe(false);
      const intents = [plainIntent('late')];
      expect(await accepted(one.sync.openIntents({ guard, now: 1, intents, claims: [] }))).toBe(false);
      expect((await two.sync.counts(LANE, 1)).openIntents).toBe(0);
    });
  });
});

const ROUNDS = 25;

describeWithServer('two lanes and one store', () => {
  it('one open intent per remote record and one lane per key, whoever asks first and in whatever order', async () => {
    await withTwo(async (one, two) => {
      const mine = { laneId: LANE, fence: await holdLane(one, LANE) };
      const theirs = { laneId: OTHER, fence: await holdLane(two, OTHER) };
      const numbers = Array.from({ length: 30 }, (_, i) => i);
      for (let round = 0; round < 5; round++) {
        const ask = (guard: typeof mine, order: readonly number[]) => {
          const intents = order.map((i) =>
            plainIntent(`${guard.laneId}-${round}-${i}`, {
              ...{ laneId: guard.laneId, linkId: `l${round}-${i}` },
              targetId: i % 2 === 0 ? `shared${round}-${i}` : `${guard.laneId}${round}-${i}`,
            }),
          );
          const claims = intents.map(({ id }) => ({
            intentId: id,
            store: 'hub',
            key: id.replace(guard.laneId, 'key'),
          }));
          return { guard, now: 1, intents, claims };
        };
        const [x, y] = await Promise.all([
          one.sync.openIntents(ask(mine, numbers)),
          two.sync.openIntents(ask(theirs, numbers.toReversed())),
        ]);
        const opened = [...x.opened, ...y.opened].map((id) => id.replace(/^lane-./, ''));
        expect(new Set(opened).size).toBe(30);
        expect(opened.length).toBe(30);
        expect(x.refused.length + y.refused.length).toBe(30);
      }
    });
  });

  it('a page over many lanes and the commits of those lanes lose neither a mark nor a put', async () => {
    await withTwo(async (one, two) => {
      const mine = { laneId: LANE, fence: await holdLane(one, LANE) };
      const theirs = { laneId: OTHER, fence: await holdLane(one, OTHER) };
      const fence = await holdFeed(two);
      for (const guard of [mine, theirs]) {
        await one.sync.commitLane({
          guard,
          now: 1,
          links: [{ link: plainLink('1', { laneId: guard.laneId }) }],
        });
      }
      const settle = async (guard: typeof mine): Promise<void> => {
        for (let round = 0; round < ROUNDS; round++) {
          const [link] = await one.sync.links(guard.laneId, { by: 'id', ids: ['1'] });
          if (link?.b == null) throw new Error('the link is gone');
          const put = { ...link, cleanB: link.dirtyB, b: { ...link.b, version: `v${round}` } };
          await one.sync.commitLane({ guard, now: 1, links: [{ link: put, mark: ['a'] }] });
        }
      };
      const observe = async (): Promise<void> => {
        for (let round = 0; round < ROUNDS; round++) {
          const marks = [
            { side: 'b' as const, linkId: '1', kind: 'dirty' as const, mono: `m${100 + round}` },
          ];
          const ids = round % 2 === 0 ? [LANE, OTHER] : [OTHER, LANE];
          const lanes = ids.map((laneId) => ({ laneId, marks, suspects: [] }));
          await two.sync.commitObservations({ feed: FEED, fence, ...page, lanes, now: 1 });
        }
      };
      await Promise.all([settle(mine), settle(theirs), observe()]);
      for (const laneId of [LANE, OTHER]) {
        const [link] = await one.sync.links(laneId, { by: 'id', ids: ['1'] });
        expect([link?.b?.version, link?.seenB]).toEqual([`v${ROUNDS - 1}`, `m${100 + ROUNDS - 1}`]);
        // Every mark took a value of its own.
        expect(Math.max(link?.dirtyA ?? 0, link?.dirtyB ?? 0)).toBe(2 * ROUNDS);
        expect((await one.sync.lanes()).find((lane) => lane.id === laneId)?.dirtySeq).toBe(ROUNDS);
      }
    });
  });
});

const CLAIM_DUE = (schema: string): string =>
  `select id from "${schema}".lane where due_at <= 10 and lease_until <= 10 order by due_at limit 20
   for update skip locked`;

describeWithServer('claiming due lanes', () => {
  it('two connections claim different lanes without waiting', async () => {
    const schema = await emptySchema();
    const state = await openState(schema);
    const specs = Array.from({ length: 60 }, (_, i) => laneSpec(`lane-${i}`));
    await state.sync.saveLanes(specs, 5);
    const claimers = [1, 2].map(() => new Client({ connectionString: serverUrl() }));
    const claimed: string[] = [];
    for (const client of claimers) {
      await client.connect();
      await client.query('begin');
      claimed.push(...(await client.query<{ id: string }>(CLAIM_DUE(schema))).rows.map((row) => row.id));
    }
    await Promise.all(claimers.map((client) => client.end()));
    expect([claimed.length, new Set(claimed).size]).toEqual([40, 40]);
    await state.close();
  });
});
